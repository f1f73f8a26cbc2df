package device

import (
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/smtpwire"
)

func address(t *testing.T, s string) mailaddr.Address {
	t.Helper()
	a, err := mailaddr.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPatternsMeanWhomTheySay(t *testing.T) {
	for _, tc := range []struct{ pattern, yes, no string }{
		{"user@example.com", "user@example.com USER@EXAMPLE.COM", "user2@example.com user@sub.example.com user@badexample.com"},
		{"example.com", "a@example.com a@Example.Com", "a@sub.example.com a@badexample.com a@example.com.evil.example"},
		{"*@example.com", "a@example.com", "a@sub.example.com"},
		{".example.com", "a@sub.example.com a@x.y.example.com", "a@example.com a@badexample.com a@example.com.evil"},
		{`"a b"@example.com`, `"a b"@example.com`, "ab@example.com"},
		{`"*"@example.com`, "*@example.com", "a@example.com"},
		{"münchen.example", "a@MÜNCHEN.example", "a@munchen.example"},
		{"bank.example", "a@BANK.example", "a@ban\u212a.example"},
		{"kim@example.com", "KIM@example.com", "\u212aim@example.com"},
		{"[192.0.2.1]", "a@[192.0.2.1]", "a@192.0.2.1"},
	} {
		p, err := ParsePattern(tc.pattern)
		if err != nil {
			t.Errorf("ParsePattern(%q): %v", tc.pattern, err)
			continue
		}
		if again, err := ParsePattern(p.String()); err != nil || again.Domain != p.Domain {
			t.Errorf("%q: its String %q parses to %+v, %v", tc.pattern, p, again, err)
		}
		for _, s := range strings.SplitAfter(tc.yes, ".com ") {
			if a := address(t, strings.TrimSpace(s)); !p.Matches(a) {
				t.Errorf("%q doesn't match %v", tc.pattern, a)
			}
		}
		for s := range strings.FieldsSeq(tc.no) {
			if a := address(t, s); p.Matches(a) {
				t.Errorf("%q matches %v", tc.pattern, a)
			}
		}
		if p.Matches(mailaddr.Address{}) {
			t.Errorf("%q matches the null sender", tc.pattern)
		}
	}
	if (Pattern{}).Matches(address(t, "a@b")) {
		t.Error("the zero pattern matches")
	}
}

func TestPatternsThatAreNone(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"", "user@example.com, example.com or .example.com"},
		{"*", "leave the list empty"},
		{"*.example.com", `".example.com"`},
		{"*@.example.com", `".example.com"`},
		{"user@", "nothing after the @"},
		{"@example.com", "nothing before the @"},
		{"a@b@c", "can't stand in a domain"},
		{"two words", "isn't a domain"},
		{".", "isn't a domain"},
		{"..example.com", "isn't a domain"},
		{"example.com\r\n", "isn't a domain"},
		{".[192.0.2.1]", "nothing below"},
	} {
		if p, err := ParsePattern(tc.in); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("ParsePattern(%q): got %+v, %v; want %q", tc.in, p, err, tc.want)
		}
	}
}

func TestARefusalNamesTheRuleAndWhatToDo(t *testing.T) {
	rule, err := ParsePattern("example.com")
	if err != nil {
		t.Fatal(err)
	}
	d := &Device{Name: "line-4-plc", MayBe: []Pattern{rule}, MayTo: []Pattern{rule}}
	good, bad := address(t, "a@example.com"), address(t, "x@y")
	var j Judge

	if r := j.Sender(d, good); r != nil {
		t.Errorf("a good sender: got %v", r)
	}
	if r := j.Sender(d, mailaddr.Address{}); r != nil {
		t.Errorf("the null sender: got %v", r)
	}
	want := "553 5.7.1 line-4-plc may not send as x@y: the plant file's may_be says whom it may be\r\n"
	if got := string(smtpwire.AppendReply(nil, *j.Sender(d, bad))); got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	if r := j.Recipient(d, good, good); r != nil {
		t.Errorf("a good recipient: got %v", r)
	}
	want = "550 5.7.1 line-4-plc may not write to x@y: the plant file's may_to says whom it may write to\r\n"
	if got := string(smtpwire.AppendReply(nil, *j.Recipient(d, good, bad))); got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	free := &Device{Name: "free"}
	if j.Sender(free, bad) != nil || j.Recipient(free, bad, bad) != nil {
		t.Error("a device without rules is refused")
	}
}

func FuzzParsePattern(f *testing.F) {
	for _, s := range []string{"a@b", "example.com", ".example.com", "*@b", "", `"a\"b"@c`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePattern(s)
		if err != nil {
			return
		}
		again, err := ParsePattern(p.String())
		if err != nil || again != p {
			t.Fatalf("%q: %+v, its String %q gives %+v, %v", s, p, p, again, err)
		}
	})
}

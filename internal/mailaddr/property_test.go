package mailaddr

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	domains = rapid.OneOf(
		rapid.StringMatching(`[a-zA-Z0-9]([a-z0-9-]{0,10}[a-z0-9])?(\.[a-z0-9äößж]{1,12}){0,4}`),
		rapid.Just("[192.0.2.1]"),
		rapid.Just("[IPv6:2001:db8::1]"),
	)
	// Any text without control and formatting characters can be a local part.
	locals = rapid.StringOfN(rapid.RuneFrom([]rune(`ab09.. "\@,;<>()[]:!#~äж用`+"\u00a0")), 1, 20, 31)
)

// quote writes a local part with every character that may have a backslash
// having one, or none but the needed.
func quote(local string, all bool) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range local {
		if r == '"' || r == '\\' || all && r < 0x7f {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

func addresses(t *rapid.T) Address {
	local, domain := locals.Draw(t, "local"), domains.Draw(t, "domain")
	in := quote(local, rapid.Bool().Draw(t, "all")) + "@" + domain
	a, err := Parse(in)
	if err != nil {
		t.Fatalf("Parse(%q): %v", in, err)
	}
	if a.Local() != local || a.Domain() != domain {
		t.Fatalf("Parse(%q): got %q at %q; want %q at %q", in, a.Local(), a.Domain(), local, domain)
	}
	return a
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := addresses(t)
		got, err := Parse(a.String())
		if err != nil || got != a {
			t.Fatalf("Parse(%q): got %+v, %v; want %+v", a.String(), got, err, a)
		}
	})
}

func TestListRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(addresses), 0, 8).Draw(t, "list")
		got, err := ParseList(Join(want))
		if err != nil {
			t.Fatalf("ParseList(%q): %v", Join(want), err)
		}
		if len(got) != len(want) || len(want) > 0 && !cmp.Equal(got, want, cmp.AllowUnexported(Address{})) {
			t.Fatalf("ParseList(%q): got %v; want %v", Join(want), got, want)
		}
	})
}

var seeds = []string{
	"", "a@b", "a.b@c.d", `"a b"@c`, `"\\\""@c`, "a@[192.0.2.1]", "a@[IPv6:::1]", "a@b,c@d", `"a,b"@c, d@e`,
	"ä@ö", "a@b\r\n", "\"\r\"@b", "\xff@b", "a\x00@b", "<a@b>", "@a:b@c", "a@\u3002", `"a`, `"a\`, ",", " , ",
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			if !a.IsZero() {
				t.Errorf("an error and an address: %+v", a)
			}
			return
		}
		checkParsed(t, a)
		if len(a.String()) > len(s) {
			t.Errorf("String is longer than what was parsed: %q, %q", a.String(), s)
		}
	})
}

func FuzzParseList(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, err := ParseList(s)
		if err != nil {
			return
		}
		for _, a := range list {
			checkParsed(t, a)
		}
		again, err := ParseList(Join(list))
		if err != nil || !cmp.Equal(again, list, cmp.AllowUnexported(Address{})) {
			t.Errorf("ParseList(%q): got %v, %v; want %v", Join(list), again, err, list)
		}
	})
}

// checkParsed holds whatever was parsed: it is harmless, within bounds, and
// parses to itself.
func checkParsed(t *testing.T, a Address) {
	t.Helper()
	for _, c := range []byte(a.String()) {
		if c < 0x20 || c == 0x7f {
			t.Errorf("byte %#x in %q", c, a.String())
		}
	}
	if len(a.String()) > MaxPath {
		t.Errorf("%q is too long", a.String())
	}
	again, err := Parse(a.String())
	if err != nil || again != a {
		t.Errorf("Parse(%q): got %+v, %v; want %+v", a.String(), again, err, a)
	}
	if keyed, err := Parse("a@" + a.DomainKey()); err == nil && keyed.DomainKey() != a.DomainKey() {
		t.Errorf("the key of %q isn't its own key", a.DomainKey())
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse("supervisor.line-4@plant.example.com"); err != nil {
			b.Fatal(err)
		}
	}
}

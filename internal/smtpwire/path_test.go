package smtpwire

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/mailaddr"
)

// said is an Envelope in words: the address, "<>" or "postmaster".
func said(e Envelope) string {
	switch {
	case e.Null:
		return "<>"
	case e.Postmaster:
		return "postmaster"
	}
	return e.Address.String()
}

func TestParseMail(t *testing.T) {
	brackets, blank := Strictness{MissingBrackets: true}, Strictness{BlankAfterColon: true}
	for _, tc := range []struct {
		strict Strictness
		arg    string
		want   string
		params []Param
	}{
		{arg: "FROM:<a@b>", want: "a@b"},
		{arg: "from:<a@b>", want: "a@b"},
		{arg: "FROM:<>", want: "<>"},
		{arg: "FROM:<> SIZE=0", want: "<>", params: []Param{{"SIZE", "0"}}},
		{arg: "FROM:<a@b> SIZE=100 BODY=8BITMIME", want: "a@b", params: []Param{{"SIZE", "100"}, {"BODY", "8BITMIME"}}},
		{arg: "FROM:<a@b>  size=100 \t smtputf8  ", want: "a@b", params: []Param{{"SIZE", "100"}, {"SMTPUTF8", ""}}},
		{arg: "FROM:<a@b> AUTH=<>", want: "a@b", params: []Param{{"AUTH", "<>"}}},
		{arg: `FROM:<"a> b"@c> SIZE=1`, want: `"a> b"@c`, params: []Param{{"SIZE", "1"}}},
		{arg: `FROM:<"a\">b"@c>`, want: `"a\">b"@c`},
		{arg: "FROM:<ü@[192.0.2.1]>", want: "ü@[192.0.2.1]"},
		{arg: "FROM:<postmaster@b>", want: "postmaster@b"},
		{strict: blank, arg: "FROM: \t<a@b> SIZE=1", want: "a@b", params: []Param{{"SIZE", "1"}}},
		{strict: blank, arg: "FROM:<a@b>", want: "a@b"},
		{strict: brackets, arg: "FROM:a@b", want: "a@b"},
		{strict: brackets, arg: "FROM: a@b SIZE=1", want: "a@b", params: []Param{{"SIZE", "1"}}},
		{strict: brackets, arg: "FROM: <a@b>", want: "a@b"},
		{strict: brackets, arg: "FROM:<>", want: "<>"},
		{strict: brackets, arg: `FROM:"a b"@c SIZE=1`, want: `"a b"@c`, params: []Param{{"SIZE", "1"}}},
	} {
		e, err := ParseMail(tc.arg, tc.strict)
		if err != nil {
			t.Errorf("%q: %v", tc.arg, err)
			continue
		}
		if said(e) != tc.want {
			t.Errorf("%q: got %s; want %s", tc.arg, said(e), tc.want)
		}
		if diff := cmp.Diff(tc.params, e.Params); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", tc.arg, diff)
		}
	}
}

func TestParseMailRefuses(t *testing.T) {
	brackets, blank := Strictness{MissingBrackets: true}, Strictness{BlankAfterColon: true}
	for _, tc := range []struct {
		strict Strictness
		arg    string
		want   error
	}{
		{arg: "", want: ErrPath},
		{arg: "FROM", want: ErrPath},
		{arg: "FROM:", want: ErrPath},
		{arg: "TO:<a@b>", want: ErrPath},
		{arg: "FROM :<a@b>", want: ErrPath},
		{arg: "FROM: <a@b>", want: ErrPath},
		{arg: "FROM:a@b", want: ErrPath},
		{arg: "FROM:<a@b", want: ErrPath},
		{arg: "FROM:<a@b>>", want: ErrPath},
		{arg: "FROM:<a@b>SIZE=1", want: ErrPath},
		{arg: "FROM:<<a@b>>", want: ErrPath},
		{arg: "FROM:< >", want: ErrPath},
		{arg: "FROM:<a@b >", want: ErrPath},
		{arg: "FROM:<a>", want: ErrPath},
		{arg: "FROM:<postmaster>", want: ErrPath},
		{arg: "FROM:<@c,@d:a@b>", want: ErrPath},
		{arg: `FROM:<"a@b>`, want: ErrPath},
		{arg: "FROM:<a@b\r\nRCPT TO:<c@d>", want: ErrPath},
		{arg: "FROM:<a@\x1b[2J>", want: ErrPath},
		{arg: "FROM:Mark <a@b>", want: ErrPath},
		{arg: "FROM:<a@b> =1", want: ErrParam},
		{arg: "FROM:<a@b> SIZE=", want: ErrParam},
		{arg: "FROM:<a@b> SIZE=1=2", want: ErrParam},
		{arg: "FROM:<a@b> SIZE=1 size=2", want: ErrParam},
		{arg: "FROM:<a@b> -X=1", want: ErrParam},
		{arg: "FROM:<a@b> X_Y=1", want: ErrParam},
		{arg: "FROM:<a@b> X=\x1b[2J", want: ErrParam},
		{arg: "FROM:<a@b> X=ä", want: ErrParam},
		{arg: "FROM:<a@b> \u017fIZE=1", want: ErrParam},
		{arg: "FROM:<a@b> <c@d>", want: ErrParam},
		{arg: "FROM:<a@b>" + manyParams(21), want: ErrParam},
		{strict: blank, arg: "FROM: a@b", want: ErrPath},
		{strict: blank, arg: "FROM :<a@b>", want: ErrPath},
		{strict: brackets, arg: "FROM:", want: ErrPath},
		{strict: brackets, arg: "FROM: ", want: ErrPath},
		{strict: brackets, arg: "FROM:<a@b", want: ErrPath},
		{strict: brackets, arg: "FROM:a@b>", want: ErrPath},
		{strict: brackets, arg: `FROM:"a b@c`, want: ErrPath},
	} {
		e, err := ParseMail(tc.arg, tc.strict)
		if err == nil {
			t.Errorf("%q: got %+v; want an error", tc.arg, e)
		}
		wantError(t, err, tc.want)
	}
	if e, err := ParseMail("FROM:<a@b>"+manyParams(20), Strictness{}); err != nil || len(e.Params) != 20 {
		t.Errorf("20 parameters: got %v, %v", e, err)
	}
}

func manyParams(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" P")
		b.WriteByte(byte('A' + i))
	}
	return b.String()
}

func TestParseRcpt(t *testing.T) {
	brackets := Strictness{MissingBrackets: true}
	for _, tc := range []struct {
		strict Strictness
		arg    string
		want   string
	}{
		{arg: "TO:<a@b>", want: "a@b"},
		{arg: "to:<a@b> NOTIFY=NEVER", want: "a@b"},
		{arg: "TO:<postmaster>", want: "postmaster"},
		{arg: "TO:<PostMaster>", want: "postmaster"},
		{arg: "TO:<postmaster@b>", want: "postmaster@b"},
		{strict: brackets, arg: "TO: postmaster", want: "postmaster"},
		{strict: brackets, arg: "TO:a@b", want: "a@b"},
	} {
		e, err := ParseRcpt(tc.arg, tc.strict)
		if err != nil || said(e) != tc.want || e.Postmaster != e.Address.IsZero() {
			t.Errorf("%q: got %+v, %v; want %s", tc.arg, e, err, tc.want)
		}
	}
	for _, arg := range []string{"", "TO:", "TO:<>", "TO: <a@b>", "TO:a@b", "TO:postmaster", `TO:<"postmaster">`, "TO:<po\u017ftmaster>", "FROM:<a@b>", "TO:<a@b> X="} {
		if e, err := ParseRcpt(arg, Strictness{}); err == nil || e.Postmaster || !e.Address.IsZero() {
			t.Errorf("%q: got %+v, %v; want an error", arg, e, err)
		}
	}
	if e, err := ParseRcpt("TO:<>", brackets); err == nil {
		t.Errorf("a recipient of nobody: got %+v", e)
	}
}

func TestPathErrorSaysWhere(t *testing.T) {
	_, err := ParseMail("FROM:<a@b c>", Strictness{})
	var pe *mailaddr.ParseError
	if !errors.As(err, &pe) || pe.Offset != 3 {
		t.Errorf("got %v; want a *mailaddr.ParseError at 3", err)
	}
}

func TestParamByKey(t *testing.T) {
	e, err := ParseMail("FROM:<a@b> size=12 SMTPUTF8", Strictness{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		key, want string
		ok        bool
	}{{"SIZE", "12", true}, {"SMTPUTF8", "", true}, {"BODY", "", false}} {
		if got, ok := e.Param(tc.key); got != tc.want || ok != tc.ok {
			t.Errorf("Param(%s): got %q, %v; want %q, %v", tc.key, got, ok, tc.want, tc.ok)
		}
	}
}

func TestParseHello(t *testing.T) {
	lenient := Strictness{EmptyHello: true}
	for _, tc := range []struct {
		strict Strictness
		arg    string
		err    error
	}{
		{arg: "plc.example.com"},
		{arg: "[192.0.2.1]"},
		{arg: "[IPv6:2001:db8::1]"},
		{arg: "192.168.12.86"},
		{arg: "PRINTER_2ND#FLOOR"},
		{arg: "küche"},
		{arg: strings.Repeat("x", 255)},
		{arg: "", err: ErrHello},
		{arg: "two words", err: ErrHello},
		{arg: "tab\there", err: ErrHello},
		{arg: "k\xfcche", err: ErrHello},
		{arg: "\x1b[2J", err: ErrHello},
		{arg: "x\u202e", err: ErrHello},
		{arg: strings.Repeat("x", 256), err: ErrHello},
		{strict: lenient, arg: ""},
		{strict: lenient, arg: "x y", err: ErrHello},
	} {
		got, err := ParseHello(tc.arg, tc.strict)
		if tc.err == nil && got != tc.arg || tc.err != nil && got != "" {
			t.Errorf("%.40q: got %.40q", tc.arg, got)
		}
		wantError(t, err, tc.err)
	}
}

func TestPathRoundTrip(t *testing.T) {
	local := rapid.StringOfN(rapid.RuneFrom([]rune(`ab.. "\@,;<>()=ä`)), 1, 16, 30)
	rapid.Check(t, func(t *rapid.T) {
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local.Draw(t, "local"))
		a, err := mailaddr.Parse(`"` + quoted + `"@example.com`)
		if err != nil {
			t.Fatal(err)
		}
		s := Strictness{MissingBrackets: rapid.Bool().Draw(t, "missing")}
		for _, path := range []string{"<" + a.String() + ">", a.String()} {
			e, err := ParseMail("FROM:"+path+" SIZE=1", s)
			if path[0] != '<' && !s.MissingBrackets {
				if err == nil {
					t.Fatalf("%q: got %v; want an error", path, e)
				}
				continue
			}
			if err != nil || e.Address != a || len(e.Params) != 1 {
				t.Fatalf("%q: got %+v, %v; want %v", path, e, err, a)
			}
		}
	})
}

func FuzzParsePath(f *testing.F) {
	for _, s := range []string{
		"FROM:<a@b> SIZE=1", "TO:<a@b>", "FROM:<>", "TO:<postmaster>", "FROM: a@b X", `TO:<"a>\"b"@c> A=B`,
		"FROM:<a@b", `FROM:"a b"@c`, "TO:<@a:b@c>", "FROM:<a@b> X=\x00", "to:\t<\xff@b>",
	} {
		f.Add(s, false, false)
		f.Add(s, true, true)
	}
	f.Fuzz(func(t *testing.T, arg string, missing, blank bool) {
		s := Strictness{MissingBrackets: missing, BlankAfterColon: blank}
		if e, err := ParseMail(arg, s); err == nil {
			checkEnvelope(t, e, "FROM:", ParseMail)
			if e.Postmaster {
				t.Errorf("MAIL from %+v", e)
			}
		}
		if e, err := ParseRcpt(arg, s); err == nil {
			checkEnvelope(t, e, "TO:", ParseRcpt)
			if e.Null {
				t.Errorf("RCPT to %+v", e)
			}
		}
	})
}

// checkEnvelope holds that an envelope written strictly is read as itself.
func checkEnvelope(t *testing.T, e Envelope, keyword string, parse func(string, Strictness) (Envelope, error)) {
	t.Helper()
	arg := keyword + "<" + strings.Trim(said(e), "<>") + ">"
	if !e.Null && !e.Postmaster {
		arg = keyword + "<" + e.Address.String() + ">"
	}
	for _, p := range e.Params {
		arg += " " + p.Key
		if p.Value != "" {
			arg += "=" + p.Value
		}
	}
	if Printable(arg) != arg {
		t.Errorf("unprintable: %q", arg)
	}
	again, err := parse(arg, Strictness{})
	if diff := cmp.Diff(e, again, cmp.AllowUnexported(mailaddr.Address{})); err != nil || diff != "" {
		t.Errorf("%q: got error %v; (-want +got)\n%s", arg, err, diff)
	}
}

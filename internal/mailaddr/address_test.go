package mailaddr

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustParse(t *testing.T, s string) Address {
	t.Helper()
	a, err := Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q): %v", s, err)
	}
	return a
}

func TestParseAccepts(t *testing.T) {
	l64, l63 := strings.Repeat("l", 64), strings.Repeat("d", 63)
	for _, tc := range []struct{ in, local, domain, str string }{
		{"mark@example.com", "mark", "example.com", ""},
		{"Mark@Example.COM", "Mark", "Example.COM", ""},
		{"root@localhost", "root", "localhost", ""},
		{"a.b+c=d/e@x-1.example", "a.b+c=d/e", "x-1.example", ""},
		{"!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~", "example.com", ""},
		{"plc@192.0.2.1", "plc", "192.0.2.1", ""},
		{"plc@[192.0.2.1]", "plc", "[192.0.2.1]", ""},
		{"plc@[IPv6:2001:db8::1]", "plc", "[IPv6:2001:db8::1]", ""},
		{"plc@[ipv6:::ffff:192.0.2.1]", "plc", "[ipv6:::ffff:192.0.2.1]", ""},
		{`"two words"@example.com`, "two words", "example.com", ""},
		{`"a@b, c"@example.com`, "a@b, c", "example.com", ""},
		{`"quote \" and \\"@example.com`, `quote " and \`, "example.com", ""},
		{`"two..dots"@example.com`, "two..dots", "example.com", ""},
		{`".dot"@example.com`, ".dot", "example.com", ""},
		{`"dot."@example.com`, "dot.", "example.com", ""},
		{`"needless"@example.com`, "needless", "example.com", "needless@example.com"},
		{`"\n\e\e\d"@example.com`, "need", "example.com", "need@example.com"},
		{"größe@münchen.example", "größe", "münchen.example", ""},
		{"用户@例え.テスト", "用户", "例え.テスト", ""},
		{"\"a\u00a0b\"@example.com", "a\u00a0b", "example.com", ""},
		{l64 + "@example.com", l64, "example.com", ""},
		{"a@" + l63 + ".example", "a", l63 + ".example", ""},
		{"a@" + strings.Repeat("d.", 125) + "dd", "a", strings.Repeat("d.", 125) + "dd", ""}, // 254 octets
	} {
		a := mustParse(t, tc.in)
		want := tc.str
		if want == "" {
			want = tc.in
		}
		if a.Local() != tc.local || a.Domain() != tc.domain || a.String() != want {
			t.Errorf("Parse(%q): got %q, %q, %q; want %q, %q, %q", tc.in, a.Local(), a.Domain(), a.String(), tc.local, tc.domain, want)
		}
		if again := mustParse(t, a.String()); again != a {
			t.Errorf("Parse(%q): got %+v; want %+v", a.String(), again, a)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct {
		in     string
		offset int
		reason string // part of it
	}{
		{"", 0, "empty"},
		{"mark", 4, "no @"},
		{"@example.com", 0, "nothing before the @"},
		{"mark@", 5, "nothing after the @"},
		{`""@example.com`, 2, "nothing before the @"},
		{" mark@example.com", 0, "' ' before the @ needs quotes"},
		{"mark@example.com ", 16, "' ' can't stand in a domain"},
		{"two words@example.com", 3, "quotes"},
		{"mark@@example.com", 5, "'@' can't stand in a domain"},
		{"a@b@c", 3, "'@' can't stand in a domain"},
		{".mark@example.com", 0, "a dot with nothing before it"},
		{"ma..rk@example.com", 3, "a dot with nothing before it"},
		{"mark.@example.com", 5, "a dot just before the @"},
		{"Mark <mark@example.com>", 4, "quotes"},
		{"<mark@example.com>", 0, "angle bracket"},
		{"mark(boss)@example.com", 4, "comments"},
		{"@relay.example:mark@example.com", 0, "nothing before the @"},
		{"a@b,c@d", 3, "',' can't stand in a domain"},
		{"a;b@c", 1, "one address"},
		{"a,b@c", 1, "one address"},
		{`ma"rk@example.com`, 2, "quotes"},
		{`ma\rk@example.com`, 2, "quotes"},
		{"mark@example.com\r\nRCPT TO:<eve@example.com>", 16, `control character '\r'`},
		{"mark\r\n@example.com", 4, `control character '\r'`},
		{"mark\n@example.com", 4, `control character '\n'`},
		{"ma\x00rk@example.com", 2, `control character '\x00'`},
		{"mark@exam\x00ple.com", 9, `control character '\x00'`},
		{"ma\x7frk@example.com", 2, `control character '\x7f'`},
		{"ma\trk@example.com", 2, `control character '\t'`},
		{"ma\u0085rk@example.com", 2, `control character '\u0085'`},
		{"\"ma\r\nrk\"@example.com", 3, `control character '\r'`},
		{"\"ma\\\nrk\"@example.com", 3, "backslash"},
		{"\"ma\\\x00rk\"@example.com", 3, "backslash"},
		{"\"ma\\ärk\"@example.com", 3, "backslash"},
		{`"ma\`, 3, "backslash"},
		{`"mark@example.com`, 17, "no closing double quote"},
		{`"mark"`, 6, "no @"},
		{`"mark"er@example.com`, 6, "between the closing quote and the @"},
		{`"mark".er@example.com`, 6, "between the closing quote and the @"},
		{"ma\xffrk@example.com", 2, "UTF-8"},
		{"mark@ex\xc3", 7, "UTF-8"},
		{"ma\u202erk@example.com", 2, `invisible formatting character '\u202e'`},
		{"mark@ex\u2028ample.com", 7, `invisible formatting character '\u2028'`},
		{"ma\u00a0rk@example.com", 2, "quotes"},
		{"mark@ex\u3002ample", 7, "can't stand in a domain"},
		{"mark@exam\u00adple.com", 9, "can't stand in a domain"},
		{"mark@exam\u00a0ple.com", 9, "can't stand in a domain"},
		{"mark@.example.com", 5, "empty part"},
		{"mark@example..com", 13, "empty part"},
		{"mark@example.com.", 17, "empty part"},
		{"mark@-example.com", 5, "begins with a hyphen"},
		{"mark@example-.com", 12, "ends with a hyphen"},
		{"mark@under_score.example", 10, "can't stand in a domain"},
		{"mark@[192.0.2.1", 15, "no closing bracket"},
		{"mark@[192.0.2.1]x", 16, "after the closing bracket"},
		{"mark@[192.0.2.256]", 6, "in brackets"},
		{"mark@[192.0.2.01]", 6, "in brackets"},
		{"mark@[2001:db8::1]", 6, "in brackets"},
		{"mark@[IPv6:192.0.2.1]", 6, "in brackets"},
		{"mark@[IPv6:fe80::1%eth0]", 6, "in brackets"},
		{"mark@[]", 6, "in brackets"},
		{"mark@[\r\n]", 6, "in brackets"},
		{strings.Repeat("l", 65) + "@example.com", 64, "more than 64 octets"},
		{`"` + strings.Repeat("l", 63) + `"@example.com`, 64, "more than 64 octets"},
		{"a@" + strings.Repeat("d", 64) + ".example", 65, "longer than 63 octets"},
		{"a@" + strings.Repeat("d.", 126) + "d", 254, "longer than 254 octets"},
		{"a@" + strings.Repeat("d.", 128) + "d", 257, "more than 255 octets"},
	} {
		_, err := Parse(tc.in)
		var pe *ParseError
		if !errors.As(err, &pe) {
			t.Errorf("Parse(%q): got %v; want a *ParseError", tc.in, err)
			continue
		}
		if pe.Offset != tc.offset || !strings.Contains(pe.Reason, tc.reason) || pe.Element != 0 {
			t.Errorf("Parse(%q): got offset %d, %q; want %d, %q", tc.in, pe.Offset, pe.Reason, tc.offset, tc.reason)
		}
	}
}

func TestParseErrorIsOneLineOfASCII(t *testing.T) {
	for _, in := range []string{"\r\n", "ä ö", "a@\x1b[2J", "a@\u202e", "\xff", "a\u00a0@b"} {
		_, err := Parse(in)
		if err == nil {
			t.Errorf("Parse(%q): got no error", in)
			continue
		}
		for _, c := range []byte(err.Error()) {
			if c < ' ' || c > '~' {
				t.Errorf("Parse(%q): got byte %#x in %q", in, c, err.Error())
			}
		}
	}
}

func TestDomainKey(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"a@Example.COM", "example.com"},
		{"a@MÜNCHEN.example", "münchen.example"},
		{"a@example.com.evil.example", "example.com.evil.example"},
		{"a@[192.0.2.1]", "[192.0.2.1]"},
		{"a@[IPv6:2001:DB8:0:0::1]", "[ipv6:2001:db8::1]"},
		{"a@ban\u212a.example", "ban\u212a.example"}, // the Kelvin sign isn't a k
		{"a@b\u0130g.example", "b\u0130g.example"},   // nor the dotted capital I an i
	} {
		if got := mustParse(t, tc.in).DomainKey(); got != tc.want {
			t.Errorf("DomainKey of %q: got %q; want %q", tc.in, got, tc.want)
		}
	}
}

func TestAddressesCompare(t *testing.T) {
	if mustParse(t, `"mark"@example.com`) != mustParse(t, "mark@example.com") {
		t.Error("needless quotes make another address")
	}
	if mustParse(t, "Mark@example.com") == mustParse(t, "mark@example.com") {
		t.Error("the local part's case is lost")
	}
	var zero Address
	if !zero.IsZero() || zero.String() != "" || !zero.IsASCII() || zero.DomainKey() != "" {
		t.Errorf("zero Address: got %+v", zero)
	}
	if mustParse(t, "a@b").IsZero() {
		t.Error("a@b is zero")
	}
}

func TestIsASCII(t *testing.T) {
	for in, want := range map[string]bool{"a@b": true, "ä@b": false, "a@ö": false} {
		if got := mustParse(t, in).IsASCII(); got != want {
			t.Errorf("IsASCII of %q: got %v; want %v", in, got, want)
		}
	}
}

func TestAddressInJSON(t *testing.T) {
	type record struct {
		From Address
		To   []Address
	}
	want := record{To: []Address{mustParse(t, `"a, b"@c`), mustParse(t, "d@[192.0.2.1]")}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got record
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Address{})); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", text, diff)
	}

	a := mustParse(t, "a@b")
	if err := json.Unmarshal([]byte(`"a@b\r\n"`), &a); err == nil || a != mustParse(t, "a@b") {
		t.Errorf("a bad address: got %v, %v; want an error and the old address", a, err)
	}
}

package vprint

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

func TestEscapes(t *testing.T) {
	for src, want := range map[string]string{
		``: "", `""`: "", `"A"`: "A", `" "`: " ", `"$""`: `"`, `"$R$L"`: "\r\n", `"$0D$0A"`: "\r\n", `"$$"`: "$",
		`"$l$L$n$N$p$P$r$R$t$T"`: "\n\n\r\n\r\n\f\f\r\r\t\t", `"$00$ff$Fe$aB"`: "\x00\xff\xfe\xab",
		`"$$0D"`: "$0D", `"$$$""`: `$"`, `"é € ÿ"`: "\xe9 \x80 \xff", `"20°C"`: "20\xb0C", `"V2000 % 3 _Date:us"`: "V2000 % 3 _Date:us",
		`"a""b"`: "ab", `"$50"`: "P", `"$$50"`: "$50",
	} {
		text, err := Parse(src)
		if err != nil {
			t.Errorf("Parse(%s): %v", src, err)
			continue
		}
		if got := string(text.Literal()); got != want {
			t.Errorf("%s is %q, want %q", src, got, want)
		}
		if got := string(text.Append(nil, nil, afternoon, Options{})); got != want || text.Longest(Options{}) != len(want) {
			t.Errorf("%s prints %q, at most %d bytes; want %q", src, got, text.Longest(Options{}), want)
		}
	}
}

func TestSubjects(t *testing.T) {
	for src, want := range map[string]string{
		"": "", "Widget Report": "Widget Report", ` two `: " two ", `50$$ off`: "50$ off", `the $"A$" line`: `the "A" line`,
		`V3000 % 2`: "V3000 % 2", `$n`: "\r\n", `$00`: "\x00", `für 5 €`: "f\xfcr 5 \x80",
	} {
		text, err := ParseSubject(src)
		if err != nil {
			t.Errorf("ParseSubject(%s): %v", src, err)
			continue
		}
		if got := string(text.Append(nil, nil, afternoon, Options{})); got != want || string(text.Literal()) != want {
			t.Errorf("%s prints %q, want %q", src, got, want)
		}
	}
}

// wantError checks where an error is and what it says.
func wantError(t *testing.T, src string, err error, offset int, reason string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Offset != offset || !strings.Contains(e.Reason, reason) {
		t.Errorf("%q: got %v, want %q at byte %d", src, err, reason, offset)
	}
}

func TestParseSaysWhatIsWrongAndWhere(t *testing.T) {
	for _, r := range []struct {
		src    string
		offset int
		reason string
	}{
		{`"abc`, 0, "CPU error code 499"},
		{`V2000 "abc`, 6, "no closing quote"},
		{`"a" "b$"`, 4, "no closing quote"},
		{`"`, 0, "no closing quote"},
		{`"a$x"`, 2, "begins no escape"},
		{`"é$5"`, 3, "begins no escape"},
		{`"$G0"`, 1, "begins no escape"},
		{`"abc$`, 4, "begins no escape"},
		{`"5 Ω"`, 3, `'Ω' (U+03A9) is not in Windows-1252`},
		{"\"a\xff\"", 2, "0xFF is not UTF-8"},
		{"\"a\tb\"", 2, "write it as $T"},
		{"\"a\nb\"", 2, "write it as $L"},
		{"\"a\x00b\"", 2, "write it as $00"},
		{"\"a\x7fb\"", 2, "write it as $7F"},
		{"\"a\u0081b\"", 2, "(U+0081) is not in Windows-1252"},
		{"V2000 \xff", 6, "0xFF is not UTF-8"},
		{"V2000 “a”", 6, "'“' doesn't belong outside quotes"},
		{"V2000, V2001", 5, "',' doesn't belong"},
		{"V2000\nV2001", 5, `'\n' doesn't belong`},
		{":B", 0, "':' doesn't belong"},
		{"V2000:B:S", 7, "':' doesn't belong"},
		{"V2000:B % 4", 8, "'%' doesn't belong"},
		{"  Shift", 2, `"Shift" is not an address`},
		{"Shift", 0, "text goes in double quotes"},
		{`"a" V1480`, 4, "octal"},
		{"V2000V2001", 0, "not an octal number"},
		{"V2000.16", 0, "no such bit"},
		{"C10.1", 0, "numbered bits"},
		{"B2000", 0, "no bit number"},
		{"V2000:", 6, "no format of a number"},
		{"V2000 : ", 8, "no format of a number"},
		{"V2000:X", 6, `"X" is no format of a number`},
		{"V2000:SB", 6, "no format of a number"},
		{"V2000:BC", 6, "no format of a number"},
		{"V2000:B00", 6, "no format of a number"},
		{"V2000:bool", 6, "V2000 is a word, and :BOOL is for bits"},
		{"V2000:ONOFF", 6, "write V2000.0 to V2000.15"},
		{"C10:B", 4, "no format of a bit"},
		{"C10:", 4, "no format of a bit"},
		{"C10 % 4", 0, "C10 is a bit and holds no characters: before % write"},
		{"V2000.1%4", 0, "B2000.1 is a bit"},
		{"V2000 % 0", 8, "no number of characters"},
		{"V2000 % 129", 8, "write 1 to 128"},
		{"V2000 % 99999999999999999999", 8, "write 1 to 128"},
		{"V2000 % 1_0", 8, "no number of characters"},
		{"V2000 % 16V2001", 8, "no number of characters"},
		{"V2000 %", 7, "no number of characters"},
		{"V2000 % -1", 8, "no number of characters"},
		{"V2000 % K16", 8, "not an address"},
		{"V2000 % V2090", 8, "octal"},
		{"V2000 % C10", 8, "C10 is a bit, not a number of characters"},
		{"_Date", 0, `"_Date" is no date or time`},
		{`_Date "a"`, 0, `"_Date" is no date or time`},
		{`"a" _Date:de`, 4, `"_Date:de" is no date or time: write _Date:us`},
		{"_Time:12:S", 8, "':' doesn't belong"},
		{"_Time:", 0, "no date or time"},
		{"_", 0, "no date or time"},
	} {
		_, err := Parse(r.src)
		wantError(t, r.src, err, r.offset, r.reason)
	}
}

func TestParseSubjectSaysWhatIsWrongAndWhere(t *testing.T) {
	for _, r := range []struct {
		src    string
		offset int
		reason string
	}{
		{`"Report"`, 0, "no quotes around it"},
		{`the "A" line`, 4, `write it as $"`},
		{`cost $ 5`, 5, "write $$ for a dollar sign"},
		{`cost 5 $`, 7, "begins no escape"},
		{`5 Ω`, 2, "Windows-1252"},
		{"a\rb", 1, "write it as $R"},
		{"a\xc3", 1, "not UTF-8"},
	} {
		_, err := ParseSubject(r.src)
		wantError(t, r.src, err, r.offset, r.reason)
	}
	_, err := ParseSubject("a\rb")
	if got, want := err.Error(), "at byte 1: U+000D is a control character: write it as $R"; got != want {
		t.Errorf("the error reads %q, want %q", got, want)
	}
}

func TestSpellings(t *testing.T) {
	for src, want := range map[string]string{
		"v2000:bc0":                         "V2000:BC0",
		"V2000 : B":                         "V2000:B",
		"V2000:dbs":                         "V2000:DBS",
		"V2000 V2001":                       "V2000 V2001",
		"\t V2000\tC0 ":                     "V2000 C0",
		`"a"V2000"b"V2001:D"c"`:             `"a" V2000 "b" V2001:D "c"`,
		`V2000%16"b"`:                       "V2000 % 16 \"b\"",
		"V2000 %V2010":                      "V2000 % V2010",
		"V2000% 016":                        "V2000 % 16",
		"v2000.7:onoff":                     "B2000.7:ONOFF",
		"c10 : Bool":                        "C10:BOOL",
		"_DATE : A _time:24":                "_Date:a _Time:24",
		`"" V2000 ""`:                       `"" V2000 ""`,
		`"$0D$0A$0d$0a$0C$09$01"`:           `"$N$N$P$T$01"`,
		`"$24$22$41$E9$80$81$a0"`:           "\"$$$\"Aé€$81\u00a0\"",
		`"a" "b"`:                           `"a" "b"`,
		"V2000:S V2000:C0 V2000:0 V2000:E0": "V2000:S V2000:C0 V2000:0 V2000:E0",
	} {
		text, err := Parse(src)
		if err != nil {
			t.Errorf("Parse(%s): %v", src, err)
			continue
		}
		if got := text.String(); got != want {
			t.Errorf("%s is printed as %s, want %s", src, got, want)
		}
	}
}

func TestASubjectIsPrintedSoThatTrimmingIsHarmless(t *testing.T) {
	for src, want := range map[string]string{
		"Report": "Report", " a b  ": "$20a b$20$20", "  ": "$20$20", "\u00a0x": "$A0x", `$24 $22`: `$$ $"`, "$0A": "$L", "": "",
	} {
		text, err := ParseSubject(src)
		if err != nil {
			t.Errorf("ParseSubject(%s): %v", src, err)
			continue
		}
		got := text.String()
		if got != want {
			t.Errorf("%q is printed as %q, want %q", src, got, want)
		}
		if back, err := ParseSubject(strings.TrimSpace(got)); err != nil || !back.Equal(text) {
			t.Errorf("%q reads back as %q, %v", got, back, err)
		}
	}
}

func TestASubjectIsNoBody(t *testing.T) {
	subject, err1 := ParseSubject("a")
	body, err2 := Parse(`"a"`)
	if err1 != nil || err2 != nil || subject.Equal(body) || !body.Equal(body) {
		t.Errorf("a subject equals a body: %v, %v, %v, %v", subject, body, err1, err2)
	}
}

func TestLongestAndVariable(t *testing.T) {
	for _, r := range []struct {
		src            string
		narrow, wide   int
		variable, time bool
	}{
		{``, 0, 0, false, false},
		{`"Shift # " V3000 " made " V3001 " widgets"`, 32, 34, false, false},
		{"V2000:S V2000:C0 V2000:0", 15, 18, false, false},
		{"V2000:D V2000:DS", 20, 22, false, false},
		{"V2000:B V2000:BS V2000:DB V2000:R V2000:E", 42, 42, false, false},
		{"V2000 % 16 V2000 % 128", 144, 144, false, false},
		{"V2000 % V2010", 0, 0, true, false},
		{`"ab" V2000 % V2010 "$N"`, 4, 4, true, false},
		{"C0 C0:BOOL C0:ONOFF", 9, 9, false, false},
		{"_Date:us _Date:e _Date:a", 24, 24, false, true},
		{"_Time:12 _Time:24", 12, 12, false, true},
	} {
		text, err := Parse(r.src)
		if err != nil {
			t.Fatal(err)
		}
		if n, w := text.Longest(Options{}), text.Longest(Options{NumberWidth: 6}); n != r.narrow || w != r.wide {
			t.Errorf("%s takes %d or %d, want %d or %d", r.src, n, w, r.narrow, r.wide)
		}
		if text.Variable() != r.variable || text.NeedsClock() != r.time {
			t.Errorf("%s: Variable %v, NeedsClock %v", r.src, text.Variable(), text.NeedsClock())
		}
	}
}

func TestReads(t *testing.T) {
	text, err := Parse(`"x" V2000 V2000:B V2001:D V2003:DBS V2005:R V2007:E V2020 % 16 V2030 % 15 V2040 % V2010 V2050.15 C100:BOOL TA3 CTA4 _Date:us`)
	if err != nil {
		t.Fatal(err)
	}
	addr := func(s string) memory.Addr {
		a, err := memory.ParseAddr(s)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	want := []Ref{
		{Addr: addr("V2000"), Words: 1},
		{Addr: addr("V2000"), Words: 1},
		{Addr: addr("V2001"), Words: 2},
		{Addr: addr("V2003"), Words: 2},
		{Addr: addr("V2005"), Words: 2},
		{Addr: addr("V2007"), Words: 2},
		{Addr: addr("V2020"), Words: 8},
		{Addr: addr("V2030"), Words: 8},
		{Addr: addr("V2040"), Variable: true},
		{Addr: addr("V2010"), Words: 1},
		{Addr: addr("V2050.15")},
		{Addr: addr("C100")},
		{Addr: addr("TA3"), Words: 1},
		{Addr: addr("CTA4"), Words: 1},
	}
	if diff := cmp.Diff(want, text.Reads()); diff != "" {
		t.Error(diff)
	}
}

func TestTheZeroText(t *testing.T) {
	var text Text
	if text.Longest(Options{}) != 0 || text.Variable() || text.NeedsClock() || text.String() != "" ||
		len(text.Reads())+len(text.Literal())+len(text.Append(nil, nil, afternoon, Options{})) != 0 {
		t.Error("the zero text isn't empty")
	}
	if parsed, err := Parse(""); err != nil || !parsed.Equal(text) {
		t.Errorf("empty source is %v, %v", parsed, err)
	}
}

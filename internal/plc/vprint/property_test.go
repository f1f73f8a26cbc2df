package vprint

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"pgregory.net/rapid"
)

// spelling is one element in canonical source, and the same as somebody may have
// typed it.
type spelling struct{ canonical, typed string }

// same is text in which case doesn't count, in a case of its own.
func same(t *rapid.T, canonical string) spelling {
	typed := []byte(canonical)
	for i, up := range rapid.SliceOfN(rapid.Bool(), len(typed), len(typed)).Draw(t, "case") {
		if up {
			typed[i] = strings.ToUpper(canonical)[i]
		} else {
			typed[i] = strings.ToLower(canonical)[i]
		}
	}
	return spelling{canonical, string(typed)}
}

// blank is optional blanks.
func blank(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", " ", "\t", "  "}).Draw(t, "blank")
}

// word draws an address of a word; the highest are beyond every CPU.
func word(t *rapid.T) string {
	area := rapid.SampledFrom([]string{"V", "V", "V", "TA", "CTA"}).Draw(t, "area")
	return fmt.Sprintf("%s%o", area, rapid.Uint16Range(0, 0o77777).Draw(t, "num"))
}

// bitAddr draws an address of a bit.
func bitAddr(t *rapid.T) string {
	if rapid.Bool().Draw(t, "of word") {
		return fmt.Sprintf("B%o.%d", rapid.Uint16Range(0, 0o77777).Draw(t, "num"), rapid.IntRange(0, 15).Draw(t, "n"))
	}
	area := rapid.SampledFrom([]string{"X", "Y", "C", "S", "T", "CT", "SP", "GX", "GY"}).Draw(t, "area")
	return fmt.Sprintf("%s%o", area, rapid.Uint16Range(0, 0o77777).Draw(t, "num"))
}

// drawQuoted draws a text in quotes: any bytes, as characters or as hex escapes.
func drawQuoted(t *rapid.T) spelling {
	data := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
	var w, typed strings.Builder
	writeEscaped(&w, string(data))
	for _, b := range data {
		fmt.Fprintf(&typed, "$%02x", b)
	}
	return spelling{`"` + w.String() + `"`, `"` + typed.String() + `"`}
}

// suffixed draws an address with a format, or without one if suffix is empty.
func suffixed(t *rapid.T, addr, suffix string) spelling {
	a, f := same(t, addr), same(t, suffix)
	if suffix == "" {
		return a
	}
	return spelling{a.canonical + ":" + f.canonical, a.typed + blank(t) + ":" + blank(t) + f.typed}
}

// drawElement draws an element of any kind.
func drawElement(t *rapid.T) spelling {
	switch rapid.SampledFrom([]kind{literal, number, chars, charsFrom, bit, clock}).Draw(t, "kind") {
	case literal:
		return drawQuoted(t)
	case number:
		f := rapid.SampledFrom([]string{"", "B", "D", "DB", "R", "E"}).Draw(t, "format")
		return suffixed(t, word(t), f+rapid.SampledFrom([]string{"", "S", "C0", "0"}).Draw(t, "modifier"))
	case chars:
		a, n := same(t, word(t)), fmt.Sprint(rapid.IntRange(1, 128).Draw(t, "count"))
		return spelling{a.canonical + " % " + n, a.typed + blank(t) + "%" + blank(t) + n}
	case charsFrom:
		a, n := same(t, word(t)), same(t, word(t))
		return spelling{a.canonical + " % " + n.canonical, a.typed + blank(t) + "%" + blank(t) + n.typed}
	case bit:
		return suffixed(t, bitAddr(t), rapid.SampledFrom([]string{"", "BOOL", "ONOFF"}).Draw(t, "form"))
	default:
		return same(t, rapid.SampledFrom([]string{"_Date:us", "_Date:e", "_Date:a", "_Time:12", "_Time:24"}).Draw(t, "clock"))
	}
}

// drawMemory draws memory in which every word is likely to be of use: no two
// neighbours are alike, and a few are drawn with care.
func drawMemory(t *rapid.T) *memory.Image {
	m := new(memory.Image)
	seed := rapid.Uint32().Draw(t, "memory")
	shift := rapid.IntRange(0, 31).Draw(t, "shift") // makes small numbers likely too
	for i := range 1 << 15 {
		seed = seed*1664525 + 1013904223
		m.SetWord(memory.Word(i), uint16(seed>>shift))
	}
	return m
}

// checkBound checks that nothing is printed beyond what [Text.Longest] says.
func checkBound(t interface{ Fatalf(string, ...any) }, text Text, m *memory.Image, now time.Time) {
	bound := 0
	for _, ref := range text.Reads() {
		if ref.Variable {
			bound += MaxChars
		}
	}
	for _, width := range []int{0, 5, 6} {
		o := Options{NumberWidth: width}
		if got := text.Append(nil, m, now, o); len(got) > bound+text.Longest(o) {
			t.Fatalf("%s prints %d bytes at width %d, more than %d+%d: %q", text, len(got), width, bound, text.Longest(o), got)
		}
	}
}

func TestEveryTextReadsBackAndKeepsItsBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var canonical []string
		typed := blank(t)
		for _, s := range rapid.SliceOfN(rapid.Custom(drawElement), 0, 8).Draw(t, "elements") {
			canonical = append(canonical, s.canonical)
			typed += s.typed + " " + blank(t)
		}
		text, err := Parse(typed)
		if err != nil {
			t.Fatalf("Parse(%q): %v", typed, err)
		}
		if diff := cmp.Diff(strings.Join(canonical, " "), text.String()); diff != "" {
			t.Fatalf("%q: %s", typed, diff)
		}
		if back, err := Parse(text.String()); err != nil || !back.Equal(text) {
			t.Fatalf("%s reads back as %s, %v", text, back, err)
		}
		at := time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "time"), 0).UTC()
		checkBound(t, text, drawMemory(t), at)
	})
}

func TestEverySubjectReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOf(rapid.SampledFrom([]byte("\r\n $\"aZ9\x00\x81\xa0\xe9\xff"))).Draw(t, "bytes")
		var typed strings.Builder
		for _, b := range want {
			fmt.Fprintf(&typed, "$%02x", b)
		}
		text, err := ParseSubject(typed.String())
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseSubject(strings.TrimSpace(text.String()))
		if err != nil || !back.Equal(text) || string(back.Literal()) != string(want) {
			t.Fatalf("%q is printed as %q and reads back as %q, %v", want, text, back.Literal(), err)
		}
	})
}

// checkError checks what holds for every error of the parsers.
func checkError(t *testing.T, src string, err error) {
	var e *Error
	if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(src) || e.Reason == "" {
		t.Fatalf("%q: %#v", src, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`"Shift # " V3000 " made " V3001:BS " widgets$N"`, `V2000:DBC0 V2000 % 16 V2000%V2010`, `C100:ONOFF V2000.15:BOOL`, `_Date:us _Time:12`,
		`"$0D$$$"é€`, "V2000:R\tV2000:E0", `"a$`, "V2000 % ", "\xff", "_", "“",
	} {
		f.Add(s, uint32(0x7F800000))
	}
	f.Fuzz(func(t *testing.T, src string, fill uint32) {
		text, err := Parse(src)
		if err != nil {
			checkError(t, src, err)
			return
		}
		if back, err := Parse(text.String()); err != nil || !back.Equal(text) {
			t.Fatalf("%q is %s, which reads back as %s, %v", src, text, back, err)
		}
		var m memory.Image
		for _, ref := range text.Reads() {
			m.SetDouble(ref.Addr.Word(), fill)
		}
		checkBound(t, text, &m, afternoon)
	})
}

func FuzzParseSubject(f *testing.F) {
	for _, s := range []string{"Widget Report", `50$$ $"off$" $0D$n`, " é ", `"`, "$", "\u00a0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		text, err := ParseSubject(src)
		if err != nil {
			checkError(t, src, err)
			return
		}
		if back, err := ParseSubject(strings.TrimSpace(text.String())); err != nil || !back.Equal(text) {
			t.Fatalf("%q is %q, which reads back as %q, %v", src, text, back, err)
		}
		if got := text.Append(nil, nil, afternoon, Options{}); len(got) != text.Longest(Options{}) || string(got) != string(text.Literal()) {
			t.Fatalf("%q prints %q", src, got)
		}
	})
}

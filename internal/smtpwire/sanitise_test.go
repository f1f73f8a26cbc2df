package smtpwire

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestPrintable(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"", ""},
		{"2.0.0 OK <x@y> 100%", "2.0.0 OK <x@y> 100%"},
		{"Größe, 用户, 🙂", "Größe, 用户, 🙂"},
		{"a\tb", "a b"},
		{"a\r\nb\x00c\x7f", "a??b?c?"},
		{"\x1b[2J\x1b]0;title\x07", "?[2J?]0;title?"},
		{"\xff\xfe caf\xe9", "\ufffd\ufffd caf\ufffd"},
		{"cut \xe2\x82", "cut \ufffd\ufffd"},
		{"c1 \u009b2J \u0080\u0085\u009f", "c1 \ufffd2J \ufffd\ufffd\ufffd"},
		{"raw c1 \x9b2J", "raw c1 \ufffd2J"},
		{"bidi \u202eevil\u202c \u2066x\u2069 \u200e\u200f\u061c", "bidi \ufffdevil\ufffd \ufffdx\ufffd \ufffd\ufffd\ufffd"},
		{"lines \u2028\u2029", "lines \ufffd\ufffd"},
		{"overlong \xc0\x8a, surrogate \xed\xa0\x80", "overlong \ufffd\ufffd, surrogate \ufffd\ufffd\ufffd"},
		{"kept \ufffd", "kept \ufffd"},
	} {
		if got := Printable(tc.in); got != tc.want {
			t.Errorf("Printable(%q): got %q; want %q", tc.in, got, tc.want)
		}
	}
}

func TestPrintableIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOf(rapid.Byte()).Draw(t, "in"))
		got := Printable(in)
		if again := Printable(got); again != got {
			t.Fatalf("Printable twice: got %q, then %q", got, again)
		}
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || 0x7f <= r && r <= 0x9f }) {
			t.Fatalf("Printable(%q): got %q", in, got)
		}
		if utf8.RuneCountInString(got) != utf8.RuneCountInString(in) {
			t.Fatalf("Printable(%q): got %q, of another length", in, got)
		}
	})
}

func TestPrintableDoesNotCopyWhatIsHarmless(t *testing.T) {
	text := strings.Repeat("harmless ü ", 50)
	if n := testing.AllocsPerRun(100, func() { Printable(text) }); n != 0 {
		t.Errorf("got %v allocations; want none", n)
	}
}

package message

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/mailaddr"
)

// The first five are samples of RFC 3492 section 7.1, capitals aside.
func TestPunycode(t *testing.T) {
	for in, want := range map[string]string{
		"ليهمابتكلموشعربي؟":            "egbpdaj6bu4bxfgehfvwxn",
		"他们为什么不说中文":                    "ihqwcrb4cv8a8dqg056pqjye",
		"pročprostěnemluvíčesky":       "proprostnemluvesky-uyb24dma41a",
		"почемужеонинеговорятпорусски": "b1abfaaepdrnnbgefbadotcwatmq2g4l",
		"3年b組金八先生":                     "3b-ww4c5e180e575a65lsy2b",
		"bücher":                       "bcher-kva",
		"münchen":                      "mnchen-3ya",
	} {
		if got, ok := punycode(in); !ok || got != want {
			t.Errorf("%s: got %q; want %q", in, got, want)
		}
	}
}

func TestAnAddressInASCII(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"a@example.com", "a@example.com"},
		{`"a b"@MÜNCHEN.example`, `"a b"@xn--mnchen-3ya.example`},
		{"a@mu\u0308nchen.Example", "a@xn--mnchen-3ya.Example"},
		{"a@straße.example", "a@xn--strae-oqa.example"},
		{"a@例え.テスト", "a@xn--r8jz45g.xn--zckzah"},
		{"jörg@example.com", ""},
		{"a@ban\u212a.example", ""}, // the Kelvin sign
		{"a@\uff45xample.com", ""},  // a full-width letter
		{"a@ab--ü.example", ""},     // looks like an A-label
		{"a@☃.example", ""},         // a snowman is no letter
	} {
		a, err := mailaddr.Parse(tc.in)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := ASCII(a)
		if got.String() != tc.want || ok != (tc.want != "") {
			t.Errorf("%s: got %v, %v; want %q", tc.in, got, ok, tc.want)
		}
	}
}

func TestASCIIIsASCII(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, err := mailaddr.Parse("x@" + rapid.StringMatching(`[a-zäöüßàéñα-ωа-я.\x{300}-\x{310}-]{1,70}`).Draw(t, "domain"))
		if err != nil {
			return
		}
		got, ok := ASCII(a)
		if !ok {
			return
		}
		if !got.IsASCII() {
			t.Fatalf("%v: got %v", a, got)
		}
		if again, ok := ASCII(got); !ok || again != got {
			t.Fatalf("%v: got %v, then %v", a, got, again)
		}
	})
}

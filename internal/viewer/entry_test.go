package viewer

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/smtpwire"
)

func TestLinesAsTheyAreWritten(t *testing.T) {
	at := time.Date(2006, 3, 1, 10, 48, 26, 0, time.UTC)
	for line, want := range map[string]Entry{
		"Wed Mar 01 10:48:26 2006 192.168.12.86: EMail Trace On":         {at, "192.168.12.86", "EMail Trace On"},
		"Wed Mar  1 10:48:26 2006 192.168.12.86: EMail Trace On\r\n":     {at, "192.168.12.86", "EMail Trace On"},
		"  Wed Mar 01 10:48:26 2006 192.168.12.86: Success!":             {at, "192.168.12.86", "Success!"},
		"\tWed Mar 01 10:48:26 2006 10.0.0.1: Subject: a: b":             {at, "10.0.0.1", "Subject: a: b"},
		"Wed Mar 01 10:48:26 2006 10.0.0.1:":                             {at, "10.0.0.1", ""},
		"Sending HELO msg":                                               {Text: "Sending HELO msg"},
		"  State: 0x2 Received data: 220 x":                              {Text: "State: 0x2 Received data: 220 x"},
		"":                                                               {},
		"Wed Mar 01 10:48:26 2006":                                       {Text: "Wed Mar 01 10:48:26 2006"},
		"Wed Mar 41 10:48:26 2006 10.0.0.1: x":                           {Text: "Wed Mar 41 10:48:26 2006 10.0.0.1: x"},
		"Wed Mar 01 10:48:26 2006 no module: x":                          {Text: "Wed Mar 01 10:48:26 2006 no module: x"},
		"Subject: \x1b[31mred\x07":                                       {Text: "Subject: ?[31mred?"},
		"Wed Mar 01 10:48:26 200\u20ac 10.0.0.1: not cut through a rune": {Text: "Wed Mar 01 10:48:26 200\u20ac 10.0.0.1: not cut through a rune"},
	} {
		if got := Parse(line); got != want {
			t.Errorf("%q is %+v, want %+v", line, got, want)
		}
	}
}

func TestALineIsBounded(t *testing.T) {
	if got := Parse(strings.Repeat("\x00", 2*MaxText)); len(got.Text) != MaxText {
		t.Errorf("%d bytes, want %d", len(got.Text), MaxText)
	}
}

// TestAStampedLineComesBack is the codec's property.
func TestAStampedLineComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Entry{
			Time:   time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "seconds"), 0).UTC(),
			Module: rapid.SampledFrom([]string{"192.168.12.86", "10.0.0.1", "127.0.0.1"}).Draw(t, "module"),
			Text:   strings.TrimSpace(smtpwire.Printable(rapid.StringN(0, 200, 500).Draw(t, "text"))),
		}
		if got := Parse(want.String()); got != want {
			t.Fatalf("%q is %+v, want %+v", want.String(), got, want)
		}
	})
}

// FuzzParse: whatever a line is, its entry is harmless, and reads as itself.
func FuzzParse(f *testing.F) {
	f.Add("Wed Mar 01 10:48:26 2006 192.168.12.86: EMail Trace On")
	f.Add("  Wed Mar  1 10:48:26 2006 x:")
	f.Add("State: 0x2 Received data: 220 x")
	f.Fuzz(func(t *testing.T, line string) {
		e := Parse(line)
		if smtpwire.Printable(e.Text) != e.Text || smtpwire.Printable(e.Module) != e.Module {
			t.Fatalf("%q gives %+v, which isn't printable", line, e)
		}
		if again := Parse(e.String()); len(e.String()) <= MaxText && again != e {
			t.Fatalf("%+v reads back as %+v", e, again)
		}
	})
}

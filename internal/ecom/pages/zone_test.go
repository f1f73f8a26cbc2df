package pages

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/ecom/settings"
)

func TestParseZone(t *testing.T) {
	for text, want := range map[string]settings.Zone{
		"": {}, "-0000": {}, "-00:00": {},
		"+0000": {Known: true}, "+00:00": {Known: true},
		"+01:00": {Known: true, Minutes: 60}, "-0500": {Known: true, Minutes: -300}, "+1": {Known: true, Minutes: 60},
		"-3:30": {Known: true, Minutes: -210}, "+530": {Known: true, Minutes: 330}, "+14:00": {Known: true, Minutes: 840}, "-14": {Known: true, Minutes: -840},
	} {
		if got, err := parseZone(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"+", "-", "0100", "CET", "+1:", "+:30", "+01:5", "+01:60", "+14:01", "+99", "+010000", "+ 1", "+-1", "++1", "+0x1", "+1\u0661", "Z"} {
		if got, err := parseZone(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

func TestEveryZoneReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := settings.Zone{}
		if rapid.Bool().Draw(t, "known") {
			want = settings.Zone{Known: true, Minutes: rapid.IntRange(-settings.MaxZone, settings.MaxZone).Draw(t, "minutes")}
		}
		if got, err := parseZone(zoneText(want)); err != nil || got != want {
			t.Fatalf("%q is %+v, %v; want %+v", zoneText(want), got, err, want)
		}
	})
}

// FuzzParseZone: what is taken is a zone that a set-up may have, and reads back.
func FuzzParseZone(f *testing.F) {
	for _, seed := range []string{"", "+01:00", "-0530", "+1", "-14:00", "+:", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		z, err := parseZone(text)
		if err != nil {
			return
		}
		e := settings.Default()
		e.Zone = z
		if err := e.Validate(); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if again, err := parseZone(zoneText(z)); err != nil || again != z {
			t.Fatalf("%q: %+v, then %+v, %v", text, z, again, err)
		}
	})
}

package pages

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/mailaddr"
)

func TestEveryBadAddressIsQuotedWithWhatToDo(t *testing.T) {
	const semicolons = "Put commas between addresses, not semicolons."
	for _, r := range []struct {
		text string
		want []string
	}{
		{"supervisor@example.com; joe@example.com", []string{semicolons}},
		{"a@example.com; joe; b c", []string{semicolons, `"joe": no @`, `"b c": ' ' before the @`}},
		{"a@example.com;", []string{semicolons}},
		{"Fred <fred@example.com>", []string{`"Fred <fred@example.com>": write the address alone: fred@example.com.`}},
		{`"Fred, the boss" <fred@example.com>, joe`, []string{`: write the address alone: fred@example.com.`, `"joe": no @`}},
		{"Fred <fred>", []string{`"Fred <fred>": `}},
		{"one@example.com\r\ntwo@example.com", []string{`: put commas between addresses.`}},
		{"\u00e7@example.com, nobody@, a@b", []string{"\"\u00e7@example.com\": it must be ASCII", `"nobody@": nothing after the @`}},
		{"a@b,,c@d", []string{`There is a comma too many after "a@b": take it out.`}},
		{",a@b", []string{`There is a comma before the first address: take it out.`}},
		{"x\x1b[31m\u202e", []string{`"x?[31m` + "\ufffd" + `": `}},
		{strings.Repeat("x", 100), []string{`"` + strings.Repeat("x", 60) + `...": no @`}},
		{strings.Repeat("x,", 12) + "x", append(slices.Repeat([]string{`"x": no @`}, 10), "And 3 more.")},
	} {
		list, err := addresses(r.text)
		if err == nil {
			t.Errorf("%q is taken: %v", r.text, list)
			continue
		}
		got := strings.Split(sentence(err), "\n")
		if len(got) != len(r.want) {
			t.Errorf("%q: %q, want %q", r.text, got, r.want)
			continue
		}
		for i, want := range r.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%q: %q, want %q", r.text, got[i], want)
			}
		}
	}
}

// TestListsAreReadAsTheModuleReadsThem: what is taken here is what a list elsewhere
// in the house is.
func TestListsAreReadAsTheModuleReadsThem(t *testing.T) {
	element := rapid.SampledFrom([]string{"a@b", `"x, y; z"@b`, `"q\"uote"@b`, " ", "\t", ",", ";", "\n", "<a@b>", `"`, "c@[192.0.2.1]", "\\"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(element, 0, 12).Draw(t, "elements"), "")
		got, err := addresses(text)
		want, fault := mailaddr.ParseList(strings.ReplaceAll(text, "\n", " "))
		if (err == nil) != (fault == nil) || err == nil && mailaddr.Join(got) != mailaddr.Join(want) {
			t.Fatalf("%q: %v, %v; elsewhere %v, %v", text, got, err, want, fault)
		}
	})
}

func FuzzAddresses(f *testing.F) {
	f.Add("a@b, c@d; Fred <e@f>\n\"g, h\"@i,,")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := addresses(text)
		if err == nil {
			again, err := addresses(mailaddr.Join(list))
			if err != nil || mailaddr.Join(again) != mailaddr.Join(list) {
				t.Errorf("%q reads back as %v, %v", text, again, err)
			}
			return
		}
		if got := sentence(err); len(got) > 4096 || strings.Count(got, "\n") > maxBad+1 {
			t.Errorf("%q: %q", text, got)
		}
	})
}

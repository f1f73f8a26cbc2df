package check

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// TestElementsAreFoundWhereTheyStand holds elements, which finds places only,
// against the parser of PRINT text, which knows none.
func TestElementsAreFoundWhereTheyStand(t *testing.T) {
	pieces := []string{
		"V2000", "v17", "V2000:B", "V2000 : DS", "V2000:BC0", "TA0", "CTA7:D", "V2000 % 16", "V2000 % 9", "V2000 % 08", `"x"V2000`, `V2001"x"C5`, "V2000%V2010", "V1 % v2", "C0", "c17:BOOL", "V2000.15", "B2000.3:onoff",
		"_Date:us", "_time : 24", `"V9 % V8 _Date:us"`, `"$"V7$""`, `"$$"`, `""`, `"$22"`, `"ü:"`, ":", "%", "x", " ", "\t",
	}
	rapid.Check(t, func(t *rapid.T) {
		src := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), " ")
		text, err := vprint.Parse(src)
		if err != nil {
			t.Skip(err)
		}
		addresses, clocks := elements(src)
		refs := text.Reads()
		if len(addresses) != len(refs) || (len(clocks) > 0) != text.NeedsClock() {
			t.Fatalf("%q: addresses at %v for %v, clocks at %v", src, addresses, refs, clocks)
		}
		for i, at := range addresses {
			end := at
			for end < len(src) && isWord(src[end]) {
				end++
			}
			if got, err := memory.ParseAddr(src[at:end]); err != nil || got != refs[i].Addr {
				t.Errorf("%q: %q at %d, want %v", src, src[at:end], at, refs[i].Addr)
			}
		}
	})
}

// TestInstructionsWriteMoreThanTheyName: timers and counters write a current value
// with their done bit. No box can own one, but a rule that asks must be told.
func TestInstructionsWriteMoreThanTheyName(t *testing.T) {
	for _, r := range []struct {
		instruction string
		word        memory.Word
		mask        uint16
		want        bool
	}{
		{"TMR T21 K5", 0o41101, 1 << 1, true}, // the done bit
		{"TMR T21 K5", 0o41101, 1 << 2, false},
		{"TMR T21 K5", 0o21, wholeWord, true}, // the current value
		{"TMR T21 K5", 0o22, wholeWord, false},
		{"TMRF T0 V2000", 0, wholeWord, true},
		{"TMRF T0 V2000", 0o2000, wholeWord, false},
		{"CNT CT3 K5", 0o41140, 1 << 3, true},
		{"CNT CT3 K5", 0o1003, wholeWord, true},
		{"CNT CT3 K5", 3, wholeWord, false},
		{"RST T5", 5, wholeWord, true},
		{"RST T5 T12", 0o41100, 1 << 10, true},
		{"RST T5 T12", 0o12, wholeWord, true},
		{"RST T5 T12", 0o13, wholeWord, false},
		{"RST CT5 CT30", 0o1030, wholeWord, true},
		{"RST CT5 CT30", 0o41141, 1 << 8, true},
		{"RST CT5 CT30", 0o41141, 1 << 9, false},
		{"RST CT30 CT5", 0o41141, 1 << 9, false},
		{"SET C17 C60", 0o40600, 1 << 15, true},
		{"SET C17 C60", 0o40600, 1 << 14, false},
		{"SET C17 C60", 0o40602, 1, true},
		{"SET C17 C60", 0o40603, 1, true},
		{"SET C17 C60", 0o40603, 2, false},
		{"OUTD V2000", 0o2001, wholeWord, true},
		{"OUTD V2000", 0o2002, wholeWord, false},
		{"STR T21", 0o41101, 1 << 1, false}, // reads
	} {
		tree, err := ladder.Parse("p.rll", []byte("PLC 06\n"+r.instruction+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		got := false
		for _, touch := range touches(&tree.Nodes[1]) {
			for _, p := range touch.places {
				got = got || touch.writes && p.word == r.word && p.mask&r.mask != 0
			}
		}
		if got != r.want {
			t.Errorf("%s writes %s in %016b: %v, want %v", r.instruction, r.word, r.mask, got, r.want)
		}
	}
}

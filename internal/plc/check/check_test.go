package check_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rungmail/rungmail/internal/plc/check"
)

// widget is the example program of DESIGN.md.
func widget(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/widget.rll")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheWidgetReportIsFine(t *testing.T) {
	for name, target := range map[string]*check.Target{"alone": nil, "in a rack": dl06()} {
		t.Run(name, func(t *testing.T) {
			r := judge(t, widget(t), target)
			none(t, r)
			// mark@example.com, Widget Report, and three texts with two numbers of 5
			want := check.Result{Rungs: 5, Boxes: 4, Mails: []check.Mail{{Line: 26, Used: 16 + 13 + 8 + 5 + 6 + 5 + 8, Limit: 103}}}
			if diff := cmp.Diff(want, r, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(check.Result{}, "Program")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheBaseProgramIsFineOnEveryCPU(t *testing.T) {
	whole := program(config(), "STRN SP0", setup(), "STR C10", email(), "STR C11", restore(), "STR C12", second())
	for _, plc := range []string{"05", "06", "250-1", "260", "450"} {
		t.Run(plc, func(t *testing.T) { none(t, judge(t, on(plc, whole), nil)) })
	}
}

func TestAProgramIsOnlyHandedOutWithoutErrors(t *testing.T) {
	if r := judge(t, mails("Success: X0"), nil); r.Program != nil {
		t.Error("a refused program can be downloaded")
	}
	tree := parse(t, rungs("STRE V1401 K24", "OUT Y0"))
	r := check.Check(tree, nil)
	if len(r.Warnings) != 1 || r.Program == nil || r.Program.Tree() != tree {
		t.Errorf("a program with a warning can't be downloaded:%s", list(r))
	}
}

// sorry is a program with faults and doubts all over it, and two modules.
func sorry() string {
	return program(
		config("Status: V7600", "Workspace: V1500"),
		box("ECOM100", nil, "ECOM#: K1", "Slot: K1", "Status: V1410", "Workspace: V1412", "Msg Buffer: V1600 - V1677"),
		"STR SP1", email("Success: X0", "Error: C77777", "To: mark", "Subject: $", `Body: "Shift`),
		"STR C1", second("ECOM#: K1", "Success: C7", "To:"), setup("Timeout: 5", "Cc: boss@example.com", "Port Number: 0"),
		"OUT V1420", "OUT V1400", "SET C7 C0", "TMR T0 KA", "STRE V1401 K24", "LD V1411")
}

func TestFindingsComeInTheOrderOfTheText(t *testing.T) {
	first := judge(t, sorry(), dl06())
	if len(first.Errors) < 12 || len(first.Warnings) < 3 {
		t.Fatalf("got too few findings:%s", list(first))
	}
	for _, findings := range [][]check.Finding{first.Errors, first.Warnings} {
		for i := 1; i < len(findings); i++ {
			a, b := findings[i-1].Pos, findings[i].Pos
			if a.Line > b.Line || a.Line == b.Line && a.Col > b.Col {
				t.Errorf("%v comes before %v", a, b)
			}
		}
	}
	for range 50 {
		again := judge(t, sorry(), dl06())
		if diff := cmp.Diff(first, again, cmpopts.IgnoreFields(check.Result{}, "Program")); diff != "" {
			t.Fatal(diff)
		}
	}
}

// TestMessagesSayWhatAndWhatToDo holds the house's form: one line, no full stop
// at its end, and lower case unless it begins with a name.
func TestMessagesSayWhatAndWhatToDo(t *testing.T) {
	for _, b := range breaches() {
		text, _ := unmark(t, b.text)
		tree := parse(t, text)
		if b.edit != nil {
			b.edit(tree)
		}
		r := check.Check(tree, b.rack)
		for _, f := range append(r.Errors, r.Warnings...) {
			head, _, _ := strings.Cut(f.Text, " ")
			if strings.ContainsAny(f.Text, "\r\n") || strings.HasSuffix(f.Text, ".") || strings.Contains(f.Text, "%!") {
				t.Errorf("%s: not one line without a full stop: %q", f.Rule, f.Text)
			}
			if strings.ToLower(head) != head && !isName(head) {
				t.Errorf("%s: begins in capitals: %q", f.Rule, f.Text)
			}
		}
	}
}

// isName tells whether a message may begin with a word: labels, mnemonics and
// addresses are written in capitals.
func isName(word string) bool {
	word = strings.TrimRight(word, ":,")
	for _, name := range strings.Fields("To Cc Subject Body Sender Port Timeout Status Workspace Error Success Msg DIP Module Num Gateway Subnet") {
		if word == name {
			return true
		}
	}
	return strings.ToUpper(word) == word
}

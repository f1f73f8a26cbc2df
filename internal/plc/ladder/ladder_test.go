package ladder

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/plc/isa"
)

// sameTree compares trees without their places in the text.
var sameTree = cmp.Options{
	cmpopts.IgnoreTypes(Pos{}),
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b *isa.Instruction) bool { return a == b }),
	cmp.Comparer(func(a, b *isa.Box) bool { return a == b }),
	cmp.Comparer(func(a, b *isa.Field) bool { return a == b }),
}

func widget(t testing.TB) []byte {
	text, err := os.ReadFile("testdata/widget.rll")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestPrintGivesTheTextBack(t *testing.T) {
	text := widget(t)
	p, err := Parse("widget.rll", text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(Print(p))); diff != "" {
		t.Error(diff)
	}
}

func TestRungs(t *testing.T) {
	p, err := Parse("widget.rll", widget(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range p.Rungs() {
		s := fmt.Sprint(r.Number)
		for _, n := range r.Nodes {
			s += " " + n.Name
		}
		got = append(got, s)
	}
	want := []string{
		"1 ECOM100", "2 STRN ECEMSUP", "3 STR ECEMAIL", "4 STR AND STRE ANDSTR OUT OUTD", "5 STR STR CNT", "6 NOP", "7 END",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsSayWhereAndWhatToDo(t *testing.T) {
	for _, r := range []struct{ name, text, want string }{
		{"no PLC line", "END\n", `p.rll:1:1: no PLC line: begin the program with PLC 05, 06, 250-1, 260 or 450`},
		{"unknown controller", "PLC 07\n", `p.rll:1:5: no controller is called 07: write PLC 05, 06, 250-1, 260 or 450`},
		{"late PLC", "END\nPLC 06\n", `p.rll:2:1: the PLC line comes too late: write it before the first instruction`},
		{"two PLC lines", "PLC 06\nPLC 06\n", `p.rll:2:1: a second PLC line: a program is for one controller`},
		{"near miss", "PLC 06\nSTRR C0\n", `p.rll:2:1: unknown instruction "STRR": did you mean STR?`},
		{"far miss", "PLC 06\nFROBNICATE\n", `p.rll:2:1: unknown instruction "FROBNICATE": docs/program-text.md lists the instructions`},
		{"octal", "PLC 06\nSTR C8\n", `p.rll:2:5: "C8" is not an address: addresses are octal, so a digit is 0 to 7`},
		{"wrong kind", "PLC 06\nOUT X0\n", `p.rll:2:5: OUT can't take X0: write OUT Y|C|GY, or OUT V|TA|CTA`},
		{"bit of word", "PLC 06\nSTRN B2000.1\n", `p.rll:2:6: STRN can't take a bit of a word: write STRNB B2000.1`},
		{"no operand", "PLC 06\nTMR T0\n", `p.rll:2:1: TMR has 1 operand(s): write TMR T V|TA|CTA|K`},
		{"range of two kinds", "PLC 06\nSET C0 Y5\n", `p.rll:2:8: SET can't take Y5: write SET Y|C|S|GY, or SET Y|C|S|GY Y|C|S|GY`},
		{"constant", "PLC 06\nLD KXY\n", `p.rll:2:4: "KXY" is not a constant: write K and up to 8 hex digits, such as K10`},
		{"UTF-8", "PLC 06\n// \xff\n", `p.rll:2:4: this byte is not UTF-8: save the program as UTF-8`},
		{"control", "PLC 06\nSTR\x01 C0\n", `p.rll:2:4: control character U+0001: take it out, or write it as $01 inside PRINT text`},
		{"label", "PLC 06\nECEMAIL\n    Tu: a@b\n", `p.rll:3:5: ECEMAIL has no label "Tu": its labels are ECOM#, Workspace, Success, Error, Error Code, To, Subject, Body`},
		{"no colon", "PLC 06\nECEMAIL\n    To a@b\n", `p.rll:3:5: inside ECEMAIL a line is Label: value; its labels are ECOM#, Workspace, Success, Error, Error Code, To, Subject, Body`},
		{"missing label", "PLC 06\nECEMAIL\n", `p.rll:2:1: ECEMAIL has no ECOM#: add the line ECOM#: K0`},
		{"after the mnemonic", "PLC 06\nECEMRDS K0\n", `p.rll:2:9: ECEMRDS stands alone on its line: write its fields below it, indented, as Label: value`},
		{"number in a box", "PLC 06\nECOM100\n    Slot: 1\n", `p.rll:3:11: Slot: "1" is not a number: write it as K25, in decimal`},
		{"where to", "PLC 06\nECRDNAM\n    Module Name: V2000 - C7 8\n", `p.rll:3:18: Module Name: "C7 8" is not an address: addresses are octal`},
		{"an address for a constant", "PLC 06\nECWRMID\n    Module ID: V2000\n", `p.rll:3:16: Module ID: "V2000" is not a number: write it as K25, in decimal`},
		{"no text", "PLC 06\nECWRNAM\n    ECOM#: K0\n    Workspace: V1400\n    Success: C0\n    Error: C1\n    Error Code: V1401\n", `p.rll:2:1: ECWRNAM has no Module Name: add the line Module Name: Pump station 3`},
		{"a buffer beyond the end", "PLC 06\nECOM100\n    Msg Buffer: V77700\n", `p.rll:3:17: Msg Buffer: V77700: no CPU has 65 words from there`},
		{"column in characters", "PLC 06\nECEMAIL\n    To: ü\n    Subject: é\n    Success: Q\n", `p.rll:5:14: Success: "Q" is not an address`},
	} {
		t.Run(r.name, func(t *testing.T) {
			_, err := Parse("p.rll", []byte(r.text))
			if err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("got  %v\nwant %s", err, r.want)
			}
		})
	}
}

func TestSeveralErrorsAtOnce(t *testing.T) {
	_, err := Parse("p.rll", []byte("PLC 06\nSTR C8\nFOO\n    Label: x\nOUT\nEND\n"))
	errs, ok := err.(Errors)
	if !ok || len(errs) != 3 || errs[0].Pos.Line != 2 || errs[1].Pos.Line != 3 || errs[2].Pos.Line != 5 {
		t.Errorf("got %v", err)
	}
	_, err = Parse("p.rll", []byte(strings.Repeat("FOO\n", 10000)))
	if errs, ok := err.(Errors); !ok || len(errs) > maxErrors+1 {
		t.Errorf("%d errors are reported", len(errs))
	}
}

func TestWindowsText(t *testing.T) {
	unix, err := Parse("p.rll", widget(t))
	if err != nil {
		t.Fatal(err)
	}
	dos, err := Parse("p.rll", append([]byte("\xef\xbb\xbf"), strings.ReplaceAll(string(widget(t)), "\n", "\r\n")...))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(unix, dos, sameTree); diff != "" {
		t.Error(diff)
	}
}

func TestOlderNamesAndSpellings(t *testing.T) {
	p, err := Parse("p.rll", []byte("plc 06\nemlcfg\n  ecom#:K0\n\tworkspace: v1402\n  Success:C2\n  error :C3\n  ErrorCode: V1403\n  // a note\n"))
	if err != nil {
		t.Fatal(err)
	}
	n := p.Nodes[1]
	if n.Box.Mnemonic != isa.SetupBox || n.Name != "EMLCFG" || n.Number(isa.LabelECOM) != 0 || n.Number(isa.LabelPort) != -1 || len(n.Tail) != 1 {
		t.Errorf("got %+v", n)
	}
}

func roundTrip(t testing.TB, text []byte) {
	p, err := Parse("p.rll", text)
	if err != nil {
		return
	}
	printed := Print(p)
	back, err := Parse("p.rll", printed)
	if err != nil {
		t.Fatalf("%v\nin what was printed:\n%s", err, printed)
	}
	if diff := cmp.Diff(p, back, sameTree); diff != "" {
		t.Fatalf("%s\nprinted:\n%s", diff, printed)
	}
	if again := Print(back); string(again) != string(printed) {
		t.Fatalf("printing twice differs:\n%s\n---\n%s", printed, again)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(widget(f))
	f.Add([]byte("PLC 06\nSTR V2000 K10\nOR B7.3 // x\nSET C0 C7\n"))
	f.Add([]byte("PLC 06\nECEMRDS\n    ECOM#: K0\n    Workspace: V1402\n//x\n    Success: C2\n    Error: C3\n    Error Code: V1403\n    //y\n// behind\n"))
	f.Add([]byte("PLC 06\nECRDNAM\n  ECOM#: K0\n  Workspace: V1\n  Success: C2\n  Error: C3\n  Name: V2000-7\n  Num Chars: k5\n"))
	f.Add([]byte("PLC 450\nECOM100\n  Msg Buffer: V402\n  //\n//\n"))
	f.Fuzz(func(t *testing.T, text []byte) { roundTrip(t, text) })
}

// TestEveryProgramReadsBack builds programs out of the instruction table.
func TestEveryProgramReadsBack(t *testing.T) {
	forms := isa.All()
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		text.WriteString("PLC 260\n")
		for range rapid.IntRange(0, 20).Draw(t, "lines") {
			form := forms[rapid.IntRange(0, len(forms)-1).Draw(t, "form")]
			text.WriteString(form.Mnemonic)
			for _, place := range form.Operands {
				text.WriteString(" " + operandFor(t, place))
			}
			text.WriteString(rapid.SampledFrom([]string{"\n", " // why\n", "\n// alone\n", "\n\n"}).Draw(t, "end"))
		}
		if _, err := Parse("p.rll", []byte(text.String())); err != nil {
			t.Fatalf("%v in\n%s", err, text.String())
		}
		p, _ := Parse("p.rll", []byte(text.String()))
		back, err := Parse("p.rll", Print(p))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, back, sameTree); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestEveryBoxReadsBack builds boxes out of the table, with all their fields or
// with those that a box must have.
func TestEveryBoxReadsBack(t *testing.T) {
	for _, box := range isa.Boxes() {
		for _, whole := range []bool{true, false} {
			var text strings.Builder
			text.WriteString("PLC 260\n\n")
			if !box.Config {
				text.WriteString("STR C10\n")
			}
			text.WriteString(box.Mnemonic + "\n")
			for _, f := range box.Fields {
				if whole || f.Required {
					fmt.Fprintf(&text, "    %s: %s\n", f.Label, example(f.Kind))
				}
			}
			p, err := Parse("p.rll", []byte(text.String()))
			if err != nil {
				t.Fatalf("%v\nin\n%s", err, &text)
			}
			if diff := cmp.Diff(text.String(), string(Print(p))); diff != "" {
				t.Errorf("%s: %s", box.Mnemonic, diff)
			}
			roundTrip(t, []byte(text.String()))
		}
	}
}

// TestWhereABoxPutsWhatItReads: alone or as a range, and as many words as the
// field's kind or the number of characters needs.
func TestWhereABoxPutsWhatItReads(t *testing.T) {
	const common = "    ECOM#: K0\n    Workspace: V1400\n    Success: C0\n    Error: C1\n"
	for _, r := range []struct{ box, value, printed, last string }{
		{"ECRDIP\n    IP Address(4 Words): ", "v2000", "v2000", "V2003"},
		{"ECRDSNM\n    Subnet  mask: ", "V2000-V2003", "V2000 - V2003", "V2003"},
		{"ECRDGWA\n    Gateway IP Address: ", "V2000 - 2003", "V2000 - V2003", "V2003"},
		{"ECRDMID\n    module id: ", "V2000", "V2000", "V2000"},
		{"ECRDNAM\n    Num Chars: K1\n    Name: ", "V2000", "V2000", "V2000"},
		{"ECRDNAM\n    Num Chars: K17\n    Module Name: ", "V2000", "V2000", "V2010"},
		{"ECRDDES\n    Num Chars: K128\n    Module Description: ", "V2000", "V2000", "V2077"},
		{"ECRDDES\n    Num Chars: K9999\n    Module Desc: ", "V2000", "V2000", "V2077"},
	} {
		p, err := Parse("p.rll", []byte("PLC 06\n"+r.box+r.value+"\n"+common))
		if err != nil {
			t.Fatal(err)
		}
		n := &p.Nodes[1]
		for i := range n.Fields {
			f := &n.Fields[i]
			if !f.Spec.Kind.Reads() {
				continue
			}
			last := f.Addr
			last.Num += uint16(n.Words(f)) - 1
			if f.Value != r.printed || last.String() != r.last || f.Ranged != strings.Contains(r.printed, "-") || f.Ranged && f.Last != last {
				t.Errorf("%s: got %q, %v to %v", n.Name, f.Value, f.Addr, last)
			}
		}
	}
}

func operandFor(t *rapid.T, place isa.Operand) string {
	choices := strings.Split(place.Takes.String(), ", ")
	area := choices[0] // ranges need two operands of one area
	if !place.To && place.Access == isa.Reads {
		area = rapid.SampledFrom(choices).Draw(t, "area")
	}
	num := rapid.IntRange(0, 0o777).Draw(t, "num")
	switch area {
	case "K":
		return fmt.Sprintf("K%04X", num)
	case "B":
		return fmt.Sprintf("B%o.%d", num, num%16)
	}
	return fmt.Sprintf("%s%o", area, num)
}

func TestACommentAtTheMarginInsideABox(t *testing.T) {
	text := "PLC 06\nECEMRDS\n    ECOM#: K0\n    Workspace: V1402\n//    Success: C1\n    Success: C2\n    Error: C3\n    Error Code: V1403\n// behind it\n\nEND\n"
	p, err := Parse("p.rll", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	box, behind := p.Nodes[1], p.Nodes[2]
	if f, _ := box.Field(isa.LabelSuccess); len(f.Comments) != 1 || f.Comments[0] != "Success: C1" {
		t.Errorf("the comment inside is %+v", box.Fields)
	}
	if behind.Kind != Comment || behind.Comment != "behind it" || len(box.Tail) != 0 {
		t.Errorf("the comment behind is %+v", behind)
	}
	roundTrip(t, []byte(text))
}

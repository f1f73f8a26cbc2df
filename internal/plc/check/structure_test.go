package check_test

import (
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
)

// branches is a rung of n branches, the joins that make one of them, and a coil.
func branches(n, joins int) string {
	return strings.Repeat("STR C100\n", n) + strings.Repeat("ANDSTR\n", joins) + "OUT Y0"
}

func structureBreaches() []breach {
	return []breach{
		{name: "none", rule: "no-end", text: "PLC 06\nSTR X0\n" + mark + "OUT Y0\n", says: "no END: write END as its last line", near: "PLC 06\nSTR X0\nOUT Y0\nEND\n"},
		{name: "empty program", rule: "no-end", text: "// nothing\n" + mark + "PLC 06\n", says: "no END", near: "PLC 06\nEND\n"},
		{name: "box last", rule: "no-end", text: "PLC 06\n" + config() + "\nSTR C10\n" + mark + email() + "\n", says: "no END"},
		{name: "a rung", rule: "after-end", text: "PLC 06\nEND\n\n" + mark + "STR X0\nOUT Y0\nSTR X1\nOUT Y1\n", says: "nothing after END is solved", near: "PLC 06\nSTR X0\nOUT Y0\nEND\n// that's all\n"},
		{name: "a second END", rule: "after-end", text: "PLC 06\nEND\n" + mark + "END\n", says: "after END"},
		{name: "coil", rule: "no-power", text: "PLC 06\n" + mark + "OUT Y0\nEND\n", says: "OUT has no power flow: begin each branch with STR", near: "PLC 06\nSTR X0\nOUT Y0\nOUT Y1\nEND\n"},
		{name: "contact", rule: "no-power", text: "PLC 06\n" + mark + "AND X0\nOUT Y0\nEND\n", says: "AND has no power flow"},
		{name: "box", rule: "no-power", text: program(config(), mark+email()), says: "ECEMAIL has no power flow", near: mails()},
		{name: "coil behind NOP", rule: "no-power", text: "PLC 06\nSTR X0\nOUT Y0\nNOP\n" + mark + "OUT Y1\nEND\n", says: "OUT has no power flow"},
		{name: "coil behind END", rule: "no-power", text: "PLC 06\nEND\n" + mark + "OUT Y0\n", says: "OUT has no power flow"},
		{name: "one branch to join", rule: "no-power", text: "PLC 06\nSTR X0\n" + mark + "ANDSTR\nOUT Y0\nEND\n", says: "ANDSTR joins two branches and 1 is open", near: "PLC 06\n" + branches(2, 1) + "\nEND\n"},
		{name: "no branch to join", rule: "no-power", text: "PLC 06\n" + mark + "ORSTR\nEND\n", says: "ORSTR joins two branches and 0 are open"},
		{name: "counter with one leg", rule: "no-power", text: "PLC 06\nSTR X0\n" + mark + "CNT CT0 K5\nEND\n", says: "CNT takes two branches, one to count and one to reset, and 1 is open", near: "PLC 06\nSTR X0\nSTR X1\nCNT CT0 K5\nEND\n"},
		{name: "behind NOP", rule: "no-output", text: "PLC 06\n" + mark + "STR X0\nNOP\nOUT Y0\nEND\n", says: "the rung ends at STR, without an output", near: "PLC 06\nSTR X0\nOUT Y0\nNOP\nEND\n"},
		{name: "behind two NOPs", rule: "no-output", text: "PLC 06\n" + mark + "STR X0\nNOP\nNOP\nOUT Y0\nEND\n", says: "without an output"},
		{name: "at END", rule: "no-output", text: "PLC 06\nSTR X0\n" + mark + "AND X1\nEND\n", says: "the rung ends at AND"},
		{name: "behind a coil", rule: "no-output", text: "PLC 06\nSTR X0\nOUT Y0\n" + mark + "AND X1\nEND\n", says: "add a coil, an instruction or a box", near: "PLC 06\nSTR X0\nOUT Y0\nAND X1\nOUT Y1\nEND\n"},
		{name: "dead code", rule: "after-end", text: "PLC 06\nEND\n" + mark + "STR X0\nOUT Y0\n", says: "nothing after END"},
		{name: "one left over", rule: "open-branch", text: "PLC 06\nSTR X0\nSTR X1\n" + mark + "OUT Y0\nEND\n", says: "1 branch of this rung is joined to nothing: write ANDSTR or ORSTR before OUT", near: "PLC 06\nSTR X0\nSTR X1\nORSTR\nOUT Y0\nEND\n"},
		{name: "two left over", rule: "open-branch", text: "PLC 06\n" + strings.Replace(branches(4, 1), "OUT", mark+"OUT", 1) + "\nEND\n", says: "2 branches of this rung are joined"},
		{name: "before a counter", rule: "open-branch", text: "PLC 06\nSTR X0\nSTR X1\nSTR X2\n" + mark + "CNT CT0 K5\nEND\n", says: "1 branch…before CNT"},
		{name: "before a box", rule: "open-branch", text: program(config(), "STR C10\nSTR C11", mark+email()), says: "before ECEMAIL"},
		{name: "nine", rule: "too-deep", text: "PLC 06\n" + strings.Repeat("STR C100\n", 8) + mark + branches(1, 8) + "\nEND\n", says: "over 8 branches are open at once: join some", near: "PLC 06\n" + branches(8, 7) + "\nEND\n"},
		{
			name: "on another CPU only", rule: "not-on-cpu", text: "PLC 06\nSTR X0\n" + mark + "TMRF T0 K5\nEND\n", near: "PLC 06\nSTR X0\nTMRF T0 K5\nEND\n",
			says: "a DL06 has no TMRF", edit: func(p *ladder.Program) {
				form := *p.Nodes[2].Form // every instruction of the table is on every CPU so far
				form.CPUs = isa.AllCPUs &^ isa.DL06
				p.Nodes[2].Form = &form
			},
		},
	}
}

func TestStructure(t *testing.T) { runBreaches(t, structureBreaches()) }

// TestDeadCodeMustBeWhole: what stands after END is downloaded as well.
func TestDeadCodeMustBeWhole(t *testing.T) {
	r := judge(t, "PLC 06\nEND\nSTR X0\nSTR X1\nOUT Y0\n", nil)
	if len(r.Errors) != 1 || r.Errors[0].Rule != "open-branch" || len(r.Warnings) != 1 {
		t.Errorf("got%s", list(r))
	}
}

func TestSeveralRungsSeveralFaults(t *testing.T) {
	r := judge(t, "PLC 06\nOUT Y0\nNOP\nOUT Y2\nSTR X0\nSTR X1\nOUT Y1\nNOP\nOUT Y3\nSTR X2\nEND\n", nil)
	var got []string
	for _, f := range r.Errors {
		got = append(got, f.Rule)
	}
	if want := "no-power no-power open-branch no-power no-output"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func instructionBreaches() []breach {
	rung := func(output string) string { return "PLC 06\nSTR X0\n" + output + "\nEND\n" }
	contact := func(contact string) string { return "PLC 06\n" + contact + "\nOUT Y0\nEND\n" }
	return []breach{
		{name: "bit", rule: "no-such-address", text: contact("STR " + mark + "C2000"), says: "C2000: a DL06 has no such address", near: contact("STR C1777")},
		{name: "GX of a DL05", rule: "no-such-address", text: on("05", contact("STR "+mark+"GX0")), says: "GX0: a DL05", near: contact("STR GX0")},
		{name: "word", rule: "no-such-address", text: rung("LD " + mark + "V20000"), says: "V20000", near: rung("LD V17777")},
		{name: "second word", rule: "no-such-address", text: rung("LDD " + mark + "V17777"), says: "V20000: a DL06", near: rung("LDD V17776")},
		{name: "timer's current value", rule: "no-such-address", text: on("05", rung("LD "+mark+"TA200")), says: "TA200: a DL05", near: on("05", rung("LD TA177"))},
		{name: "end of a range", rule: "no-such-address", text: rung("SET C1700 " + mark + "C2000"), says: "C2000", near: rung("SET C1700 C1777")},
		{name: "second of a comparison", rule: "no-such-address", text: contact("STRE V2000 " + mark + "V20000"), says: "V20000", near: contact("STRE V2000 V2001")},
		{name: "system word", rule: "read-only", text: rung("OUT " + mark + "V7600"), says: "V7600: system memory of the DL06 can't be written", near: rung("OUT V7577")},
		{name: "reading a system word", rule: "read-only", text: rung("INC " + mark + "V7765"), says: "V7765", near: rung("LD V7765")},
		{name: "second word", rule: "read-only", text: rung("OUTD " + mark + "V7577"), says: "V7600", near: rung("OUTD V7576")},
		{name: "special relays as a word", rule: "read-only", text: rung("OUT " + mark + "V41200"), says: "V41200: a special relay", near: rung("LD V41200")},
		{name: "special relay as a bit of word", rule: "read-only", text: rung("OUTB " + mark + "B41200.3"), says: "B41200.3: a special relay", near: rung("OUTB B2000.3")},
		{name: "downwards", rule: "range-order", text: rung("SET C5 " + mark + "C2"), says: "the range ends at C2, before it begins", near: rung("SET C2 C5")},
		{name: "downwards", rule: "range-order", text: rung("RST T17 " + mark + "T0"), says: "T0", near: rung("RST T17 T17")},
		{name: "from nowhere", rule: "no-such-address", text: rung("SET " + mark + "C2000 C5"), says: "C2000"},
		{name: "word", rule: "constant-range", text: rung("LD " + mark + "K10000"), says: "LD takes one word and K10000 is over KFFFF", near: rung("LD KFFFF")},
		{name: "double word", rule: "constant-range", text: rung("ADD " + mark + "K1FFFF"), says: "ADD takes one word", near: rung("LDD KFFFFFFFF")},
		{name: "comparison", rule: "constant-range", text: contact("STRE V2000 " + mark + "K12345"), says: "STRE", near: contact("STRE V2000 K1234")},
		{name: "preset", rule: "not-bcd", text: rung("TMR T0 " + mark + "K1A"), says: "TMR counts in BCD and K1A is no BCD number", near: rung("TMR T0 K19")},
		{name: "addition", rule: "not-bcd", text: rung("ADD " + mark + "KF000"), says: "ADD counts in BCD", near: rung("ADDB KF000")},
		{name: "counter", rule: "not-bcd", text: "PLC 06\nSTR X0\nSTR X1\nCNT CT0 " + mark + "K0B\nEND\n", says: "K0B", near: "PLC 06\nSTR X0\nSTR X1\nCNT CT0 K09\nEND\n"},
	}
}

func TestInstructions(t *testing.T) { runBreaches(t, instructionBreaches()) }

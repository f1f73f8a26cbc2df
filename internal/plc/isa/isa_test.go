package isa

import (
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/plc/memory"
)

// The list of the spine's instructions, written out by hand: the table must
// have each, and nothing else.
const spine = "STR STRN AND ANDN OR ORN STRB STRNB ANDB ANDNB ORB ORNB STRPD STRND ANDPD ANDND ORPD ORND STRE STRNE ANDE ANDNE ORE ORNE " +
	"ANDSTR ORSTR NOT PD OUT OROUT SET RST OUTB SETB RSTB TMR TMRF CNT LD LDD OUTD ADD SUB INC DEC ADDB SUBB INCB DECB BIN BCD NOP END"

func TestTheTableHasTheSpine(t *testing.T) {
	left := map[string]bool{}
	for _, ins := range All() {
		left[ins.Mnemonic] = true
	}
	for _, m := range strings.Fields(spine) {
		if len(Lookup(m)) == 0 {
			t.Errorf("no %s in the table", m)
		}
		delete(left, m)
	}
	for m := range left {
		t.Errorf("%s is in the table and not in the list", m)
	}
}

func TestEveryRowIsWhole(t *testing.T) {
	for _, ins := range All() {
		if ins.Title == "" || ins.CPUs == 0 {
			t.Errorf("%s has no title or no CPU", ins.Mnemonic)
		}
		for _, o := range ins.Operands {
			if o.Takes == 0 || o.Access == 0 {
				t.Errorf("%s has an operand that takes or does nothing", ins.Mnemonic)
			}
		}
		if (ins.Role == Output) != (ins.Legs > 0) {
			t.Errorf("%s: role %d with %d legs", ins.Mnemonic, ins.Role, ins.Legs)
		}
	}
}

func TestCoilsDontWriteInputs(t *testing.T) {
	for _, ins := range All() {
		for _, o := range ins.Operands {
			if o.Access&Writes != 0 && (o.Takes.Has(memory.X) || o.Takes.Has(memory.SP) || o.Takes.Has(memory.GX)) {
				t.Errorf("%s may write %s", ins.Mnemonic, o.Takes)
			}
		}
	}
}

func TestBoxesByAnyName(t *testing.T) {
	for name, want := range map[string]string{"ECEMSUP": SetupBox, "EMLCFG": SetupBox, "ECEMAIL": EmailBox} {
		if b, ok := LookupBox(name); !ok || b.Mnemonic != want {
			t.Errorf("%s is not found", name)
		}
	}
	b, _ := LookupBox(ConfigBox)
	for _, label := range []string{"Msg Buffer", "message buffer", "MSGBUFFER", "Message  Buffer"} {
		if f, ok := b.Field(label); !ok || f.Label != LabelBuffer {
			t.Errorf("label %q is not found", label)
		}
	}
	if _, ok := b.Field("To"); ok {
		t.Error("ECOM100 has a To")
	}
}

func TestControllers(t *testing.T) {
	if c, ok := ByPLC("250-1"); !ok || c.Name != "DL250-1" || c.Bit == 0 {
		t.Errorf("PLC 250-1 is %+v", c)
	}
	if c, ok := ByName("DL240"); !ok || c.Bit != 0 || c.Firmware != "" {
		t.Errorf("DL240 is %+v", c)
	}
	for _, c := range Controllers() {
		if _, ok := memory.LayoutOf(c.Name); ok != (c.Bit != 0) {
			t.Errorf("%s: a layout must go with a CPU that runs programs", c.Name)
		}
	}
}

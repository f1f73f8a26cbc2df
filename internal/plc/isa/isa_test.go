package isa

import (
	"strconv"
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

// boxList is facts/plc.md section 1.1, written out by hand.
const boxList = "710 ECOM100 711 ECEMAIL 712 ECEMSUP 713 ECEMRDS 717 ECIPSUP 720 ECRDMID 721 ECWRMID 722 ECRDIP 723 ECWRIP 724 ECRDNAM 725 ECWRNAM " +
	"726 ECRDDES 727 ECWRDES 730 ECRDGWA 731 ECWRGWA 732 ECRDSNM 733 ECWRSNM 734 ECDHCPQ 735 ECDHCPE 736 ECDHCPD"

func TestTheTableHasTheBoxes(t *testing.T) {
	numbers := map[string]int{}
	for _, b := range Boxes() {
		numbers[b.Mnemonic] = b.IB
	}
	list := strings.Fields(boxList)
	for i := 0; i < len(list); i += 2 {
		if strconv.Itoa(numbers[list[i+1]]) != list[i] {
			t.Errorf("%s is IB-%d, want %s", list[i+1], numbers[list[i+1]], list[i])
		}
	}
	if len(numbers) != len(list)/2 {
		t.Errorf("%d boxes, want %d", len(numbers), len(list)/2)
	}
}

// TestABoxReadsOrWrites: what reads a module's set-up fills memory and may lack an
// Error Code; what writes it is known by its ROM.
func TestABoxReadsOrWrites(t *testing.T) {
	for _, b := range Boxes() {
		reads := false
		for _, f := range b.Fields {
			reads = reads || f.Kind.Reads()
			if f.Kind == FieldConstant && f.Max <= f.Min {
				t.Errorf("%s: %s has no range", b.Mnemonic, f.Label)
			}
		}
		if b.Config {
			continue
		}
		code, _ := b.Field(LabelErrorCode)
		if code.Required == reads || reads && b.ROM || b.IB >= 717 && reads == b.ROM {
			t.Errorf("%s reads: %v, writes: %v, needs an Error Code: %v", b.Mnemonic, reads, b.ROM, code.Required)
		}
	}
}

// TestLabelsAreTheirOwn: no spelling of one field is a spelling of another.
func TestLabelsAreTheirOwn(t *testing.T) {
	for _, b := range Boxes() {
		for _, f := range b.Fields {
			for _, label := range append([]string{f.Label}, f.Aliases...) {
				if got, ok := b.Field(label); !ok || got.Label != f.Label {
					t.Errorf("%s: %q is %v", b.Mnemonic, label, got)
				}
			}
		}
	}
}

func TestWordsOfCharacters(t *testing.T) {
	for chars, want := range map[int]int{-1: 1, 0: 1, 1: 1, 2: 1, 3: 2, 127: 64, 128: 64, 9999: 64} {
		if got := FieldChars.Words(chars); got != want {
			t.Errorf("%d characters need %d words, want %d", chars, got, want)
		}
	}
	if FieldOctets.Words(-1) != 4 || FieldResult.Words(-1) != 1 || FieldResultBit.Words(-1) != 0 {
		t.Error("an address has 4 words, an ID 1 and a bit none")
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

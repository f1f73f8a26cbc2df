package code

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// bench is a program with its memory, as a test uses them.
type bench struct {
	t     testing.TB
	p     *Program
	m     memory.Image
	s     State
	boxes []*recorder
}

// recorder is a box that notes the power it gets.
type recorder struct{ flow []bool }

func (r *recorder) Exec(power bool) { r.flow = append(r.flow, power) }

func parse(t testing.TB, text string) *ladder.Program {
	t.Helper()
	tree, err := ladder.Parse("p.rll", []byte("PLC 06\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func compile(t testing.TB, text string) *bench {
	t.Helper()
	b := &bench{t: t}
	b.p = Compile(parse(t, text), func(*ladder.Node) Box {
		r := &recorder{}
		b.boxes = append(b.boxes, r)
		return r
	})
	return b
}

// scan sets what is given ("X0=1 V2000=18"), then solves the program once.
func (b *bench) scan(set ...string) *bench {
	b.t.Helper()
	for _, s := range strings.Fields(strings.Join(set, " ")) {
		addr, value, _ := strings.Cut(s, "=")
		v, err := parseHex(value)
		if err != nil {
			b.t.Fatal(err)
		}
		b.m.Write(b.addr(addr), v)
	}
	b.p.Scan(&b.m, &b.s)
	return b
}

func parseHex(s string) (uint16, error) {
	var v uint16
	for _, c := range s {
		v = v<<4 | uint16(strings.IndexRune("0123456789ABCDEF", c))
	}
	return v, nil
}

func (b *bench) addr(s string) memory.Addr {
	b.t.Helper()
	a, err := memory.ParseAddr(s)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// want compares memory with what is listed, words in hex.
func (b *bench) want(list string) *bench {
	b.t.Helper()
	for _, s := range strings.Fields(list) {
		addr, value, _ := strings.Cut(s, "=")
		v, _ := parseHex(value)
		if got := b.m.Read(b.addr(addr)); got != v {
			b.t.Errorf("%s is %X, want %s", addr, got, value)
		}
	}
	return b
}

func TestContacts(t *testing.T) {
	b := compile(t, "STR X0\nANDN X1\nOR X2\nOUT Y0\nSTRN X0\nORN X1\nAND X2\nOUT Y1\nSTRB B2000.3\nANDNB B2000.4\nOUTB B2001.15\n")
	for _, r := range []struct{ set, want string }{
		{"X0=0 X1=0 X2=0 V2000=0", "Y0=0 Y1=0 V2001=0"},
		{"X0=1 V2000=8", "Y0=1 Y1=0 V2001=8000"},
		{"X1=1 V2000=18", "Y0=0 Y1=0 V2001=0"},
		{"X2=1", "Y0=1 Y1=0"},
		{"X0=0", "Y0=1 Y1=1"},
	} {
		b.scan(r.set).want(r.want)
	}
}

func TestBranches(t *testing.T) {
	b := compile(t, "STR X0\nSTR X1\nOR X2\nANDSTR\nSTR X3\nANDN X4\nORSTR\nNOT\nOUT Y0\n")
	for i := range 32 {
		x := func(n int) bool { return i>>n&1 != 0 }
		for n := range 5 {
			b.m.Write(memory.Addr{Area: memory.X, Num: uint16(n)}, uint16(i>>n&1))
		}
		want := !(x(0) && (x(1) || x(2)) || x(3) && !x(4))
		if b.scan(); (b.m.Read(b.addr("Y0")) == 1) != want {
			t.Errorf("inputs %05b give Y0 = %v", i, !want)
		}
	}
}

// TestJumpsDontChangeTheResult compares chains, which jump, with their truth.
func TestJumpsDontChangeTheResult(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		text.WriteString("STR X0\n")
		inputs := rapid.Uint64().Draw(t, "inputs")
		want := inputs&1 != 0
		for i := range rapid.IntRange(1, 30).Draw(t, "length") {
			on := inputs>>(i+1)&1 != 0
			switch rapid.SampledFrom([]string{"AND", "ANDN", "OR", "ORN"}).Draw(t, "contact") {
			case "AND":
				want = want && on
				text.WriteString("AND X" + octal(i+1))
			case "ANDN":
				want = want && !on
				text.WriteString("ANDN X" + octal(i+1))
			case "OR":
				want = want || on
				text.WriteString("OR X" + octal(i+1))
			case "ORN":
				want = want || !on
				text.WriteString("ORN X" + octal(i+1))
			}
			text.WriteString("\n")
		}
		text.WriteString("OUT Y0\n")
		tree, err := ladder.Parse("p", []byte("PLC 06\n"+text.String()))
		if err != nil {
			t.Fatal(err)
		}
		p := Compile(tree, nil)
		var m memory.Image
		var s State
		for i := range 4 {
			m.SetWord(0o40400+memory.Word(i), uint16(inputs>>(16*i)))
		}
		p.Scan(&m, &s)
		if m.Bit(memory.Bit{Word: 0o40500}) != want {
			t.Fatalf("inputs %b: want %v from\n%s", inputs, want, text.String())
		}
	})
}

func octal(n int) string { return memory.Addr{Area: memory.X, Num: uint16(n)}.String()[1:] }

func TestCompareContacts(t *testing.T) {
	b := compile(t, "STRE V2000 K18\nOUT C0\nSTRNE V2000 K18\nOUT C1\nSTR V2000 V2001\nOUT C2\nSTRN V2000 V2001\nOUT C3\n"+
		"STR X0\nANDE V2000 K18\nOR V2000 K20\nOUT C4\n")
	b.scan("V2000=18 V2001=18 X0=1").want("C0=1 C1=0 C2=1 C3=0 C4=1")
	b.scan("V2000=17").want("C0=0 C1=1 C2=0 C3=1 C4=0")
	b.scan("V2000=FFFF").want("C0=0 C1=1 C2=1 C3=0 C4=1")
}

func TestEdges(t *testing.T) {
	b := compile(t, "STRPD X0\nOUT C0\nSTRND X0\nOUT C1\nSTR X0\nPD C2\n")
	b.scan("X0=1").want("C0=0 C1=0 C2=0") // on from the beginning is no edge
	b.scan("X0=0").want("C0=0 C1=1 C2=0")
	b.scan("X0=0").want("C0=0 C1=0 C2=0")
	b.scan("X0=1").want("C0=1 C1=0 C2=1")
	b.scan("X0=1").want("C0=0 C1=0 C2=0")
}

func TestEdgeContactsSeeEveryScan(t *testing.T) {
	b := compile(t, "STR X1\nANDPD X0\nOUT C0\n")
	b.scan("X0=0 X1=0")
	b.scan("X0=1").want("C0=0") // the edge passes while X1 is off
	b.scan("X1=1").want("C0=0")
}

func TestCoils(t *testing.T) {
	b := compile(t, "STR X0\nOROUT Y0\nSTR X1\nOROUT Y0\nSTR X2\nSET C0 C3\nSTR X3\nRST C1 C2\nSTR X4\nSETB B2000.7\nSTR X5\nRSTB B2000.7\nSTR X6\nOUT C20\nSTR X7\nOUT C20\n")
	b.scan("X0=1").want("Y0=1")
	b.scan("X0=0 X1=1").want("Y0=1")
	b.scan("X1=0").want("Y0=0")
	b.scan("X2=1").want("C0=1 C1=1 C2=1 C3=1 C4=0")
	b.scan("X2=0 X3=1").want("C0=1 C1=0 C2=0 C3=1")
	b.scan("X4=1").want("V2000=80")
	b.scan("X4=0 X5=1").want("V2000=0")
	b.scan("X6=1 X7=0").want("C20=0") // the last rung wins
}

func TestTimer(t *testing.T) {
	b := compile(t, "STR X0\nTMR T0 K15\nSTR X0\nTMRF T1 V2000\nSTR X1\nRST T0\n")
	b.s.Elapsed = 250 * time.Millisecond
	b.scan("X0=1 V2000=100").want("T0=0 TA0=0") // begins with this scan
	b.scan().want("T0=0 TA0=2 TA1=25")
	b.scan().want("TA0=5 TA1=50") // 50 ms are not lost
	for range 4 {
		b.scan()
	}
	b.want("TA0=15 T0=1 T1=1")
	b.scan("X0=0").want("T0=0 TA0=0 T1=0")
	b.scan("X0=1").scan().scan("X1=1").want("TA0=0 T0=0")
	b.s.Elapsed = time.Hour
	b.scan("X1=0").scan().want("TA0=9999")
}

func TestCounter(t *testing.T) {
	b := compile(t, "STR X0\nSTR X1\nCNT CT0 K3\n")
	b.scan("X0=1").want("CTA0=0") // on from the beginning is no count
	for range 3 {
		b.scan("X0=0").scan("X0=1")
	}
	b.want("CTA0=3 CT0=1")
	b.scan("X1=1").want("CTA0=0 CT0=0")
}

func TestArithmetic(t *testing.T) {
	for _, r := range []struct{ name, text, set, want string }{
		{"load and store", "LD K1234\nOUT V2001", "", "V2001=1234 SP76=0"},
		{"load zero", "LD V2000\nOUT V2001", "", "V2001=0 SP76=1"},
		{"double", "LDD V2000\nOUTD V2010", "V2000=5678 V2001=1234", "V2010=5678 V2011=1234"},
		{"double constant", "LDD K12345678\nOUTD V2010", "", "V2010=5678 V2011=1234"},
		{"add", "LD V2000\nADD K0275\nOUT V2001", "V2000=0725", "V2001=1000 SP66=0 SP63=0"},
		{"add over four digits", "LD K9999\nADD K1\nOUTD V2001", "", "V2001=0 V2002=1 SP66=1 SP67=0"},
		{"add over eight digits", "LDD K99999999\nADD K1\nOUTD V2001", "", "V2001=0 V2002=0 SP67=1 SP63=1"},
		{"add what is not BCD", "LD K12\nADD V2000\nOUT V2001", "V2000=A", "V2001=12 SP75=1"},
		{"subtract", "LD K1000\nSUB K1\nOUT V2001", "", "V2001=0999 SP65=0 SP64=0"},
		{"subtract below zero", "LD K1\nSUB K2\nOUTD V2001", "", "V2001=9999 V2002=9999 SP65=1 SP70=1"},
		{"add binary", "LD KFFFF\nADDB K1\nOUTD V2001", "", "V2001=0 V2002=1 SP66=1 SP67=0"},
		{"subtract binary", "LD K1\nSUBB K2\nOUTD V2001", "", "V2001=FFFF V2002=FFFF SP65=1 SP70=1"},
		{"increment", "INC V2000", "V2000=0099", "V2000=100"},
		{"increment turns over", "INC V2000", "V2000=9999", "V2000=0 SP63=1"},
		{"increment what is not BCD", "INC V2000", "V2000=9A", "V2000=9A SP75=1"},
		{"decrement turns over", "DEC V2000", "V2000=0", "V2000=9999 SP63=0"},
		{"binary steps", "INCB V2000\nDECB V2001", "V2000=FFFF V2001=0", "V2000=0 V2001=FFFF"},
		{"to binary", "LD K0018\nBIN\nOUT V2001", "", "V2001=12"},
		{"to BCD", "LD K12\nBCD\nOUT V2001", "", "V2001=18"},
		{"too large for BCD", "LDD KFFFFFFFF\nBCD\nOUTD V2001", "", "V2001=FFFF V2002=FFFF SP75=1"},
		{"not BCD to binary", "LD KAB\nBIN\nOUT V2001", "", "V2001=AB SP75=1"},
	} {
		t.Run(r.name, func(t *testing.T) {
			b := compile(t, "STR SP1\n"+r.text+"\n")
			b.scan("V41200=2 " + r.set).want(r.want)
		})
	}
}

func TestWithoutPowerWordsStay(t *testing.T) {
	compile(t, "STR C0\nLD K5\nOUT V2000\nINC V2001\n").scan("V2000=7 V2001=7").want("V2000=7 V2001=7")
}

func TestEndEndsTheScan(t *testing.T) {
	compile(t, "STRN C0\nOUT C1\nEND\nSTRN C0\nOUT C2\n").scan().want("C1=1 C2=0")
}

func TestBoxesGetThePower(t *testing.T) {
	b := compile(t, "STR X0\nECEMRDS\n ECOM#:K0\n Workspace:V1400\n Success:C0\n Error:C1\n Error Code:V1401\n")
	b.scan("X0=0").scan("X0=1")
	if got := b.boxes[0].flow; len(got) != 2 || got[0] || !got[1] {
		t.Errorf("the box got %v", got)
	}
}

func TestANewProgramTakesOverEdges(t *testing.T) {
	b := compile(t, "STRPD X0\nOUT C0\n")
	b.scan("X0=0")
	next := compile(t, "STRPD X1\nOUT C1\nSTRPD X0\nOUT C0\n")
	next.p.Adopt(b.p)
	next.m = b.m
	next.scan("X0=1 X1=1").want("C0=1 C1=0") // the new contact fires nothing by itself
}

func TestBCDIsItsOwnInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint32Range(0, maxBCD).Draw(t, "n")
		if v := toBCD(n); !isBCD(v) || fromBCD(v) != n {
			t.Fatalf("%d is %X in BCD, which is %d", n, v, fromBCD(v))
		}
	})
}

func TestTheScanAllocatesNothing(t *testing.T) {
	var text strings.Builder
	for _, ins := range isa.All() {
		if ins.Role != isa.Output || len(ins.Operands) != 1 {
			continue
		}
		text.WriteString("STR SP1\n" + ins.Mnemonic)
		switch {
		case ins.Operands[0].Takes.Has(memory.V):
			text.WriteString(" V2000\n")
		case ins.Operands[0].Takes.Has(memory.B):
			text.WriteString(" B2001.1\n")
		default:
			text.WriteString(" C7\n")
		}
	}
	b := compile(t, text.String()+"STR X0\nSTR X1\nCNT CT0 K3\nSTR X0\nTMR T0 K5\nSTR V2000 K5\nANDPD X0\nOUT C0\n")
	b.m.SetWord(0o41200, 2)
	if n := testing.AllocsPerRun(100, func() { b.p.Scan(&b.m, &b.s) }); n != 0 {
		t.Errorf("a scan allocates %v times", n)
	}
}

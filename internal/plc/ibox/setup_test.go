package ibox

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// rom is a module whose set-up fields hold what a test says, and which notes what
// it is asked.
type rom struct {
	fields map[backplane.FieldID][]byte
	asked  []backplane.Command
	status uint16
	answer backplane.Answer
	slow   bool // it stays busy
}

func (m *rom) Write(_ time.Time, _ byte, frame []byte) error {
	c, err := backplane.ParseCommand(append([]byte(nil), frame...))
	if err != nil {
		return err
	}
	m.asked = append(m.asked, c)
	m.answer = backplane.Answer{Op: c.Op, Tag: c.Tag, Status: m.status}
	if c.Op == backplane.ReadSetup {
		data := m.fields[c.Fields[0].ID]
		data = data[min(len(data), int(c.Fields[0].Data[0])):]
		m.answer.Data = data[:min(len(data), backplane.MaxRead)]
	}
	return nil
}

func (m *rom) Read(_ time.Time, _ byte, dst []byte) ([]byte, error) {
	a := m.answer
	if m.slow {
		a.Status, a.Data = backplane.Busy, nil
	}
	return backplane.AppendAnswer(dst, a), nil
}

// bench is the boxes of one program, each scanned with the same power.
type bench struct {
	t     testing.TB
	env   *Env
	base  backplane.Base
	rom   *rom
	set   *Set
	nodes []*ladder.Node
}

const config = "PLC 06\nECOM100\n ECOM#: K0\n Slot: K1\n Status: V400\n Workspace: V401\n Msg Buffer: V402\n"

// box is a box with its common fields, less the Error Code.
func box(mnemonic string, fields ...string) string {
	return "STR C10\n" + mnemonic + "\n ECOM#: K0\n Workspace: V1400\n Success: C0\n Error: C1\n " + strings.Join(fields, "\n ") + "\n"
}

const coded = "Error Code: V1401"

func newBench(t testing.TB, boxes ...string) *bench {
	b := &bench{t: t, rom: &rom{fields: map[backplane.FieldID][]byte{}}}
	b.base.Plug(1, b.rom)
	b.env = NewEnv(&memory.Image{}, &b.base, vprint.Options{}, nil)
	b.load(boxes...)
	return b
}

func (b *bench) load(boxes ...string) {
	b.t.Helper()
	p, err := ladder.Parse("p.rll", []byte(config+strings.Join(boxes, "")))
	if err != nil {
		b.t.Fatal(err)
	}
	set, err := Build(b.env, p)
	if err != nil {
		b.t.Fatal(err)
	}
	if b.set != nil {
		set.Adopt(b.set)
	}
	b.set, b.nodes = set, nil
	for i := range p.Nodes {
		if n := &p.Nodes[i]; n.Kind == ladder.Box {
			b.nodes = append(b.nodes, n)
		}
	}
}

func (b *bench) scan(power bool) {
	for _, n := range b.nodes {
		b.set.Box(n).Exec(power)
	}
	b.set.Tend()
	b.base.Service(time.Time{})
}

// edge gives a leading edge and scans until all is done.
func (b *bench) edge() *bench {
	b.t.Helper()
	b.scan(false)
	for range 50 {
		if b.scan(true); b.set.Idle() {
			return b
		}
	}
	b.t.Fatal("a box never ends")
	return b
}

// ended asserts how the box ended.
func (b *bench) ended(success bool, code uint16) {
	b.t.Helper()
	m := b.env.Memory
	c0, c1 := m.Bit(addr("C0").Bit()), m.Bit(addr("C1").Bit())
	if c0 != success || c1 == success || m.Word(0o1401) != code {
		b.t.Errorf("Success %v, Error %v, code %d; want %v and %d", c0, c1, m.Word(0o1401), success, code)
	}
}

func addr(s string) memory.Addr {
	a, _ := memory.ParseAddr(s)
	return a
}

func (b *bench) words(n int) []uint16 {
	list := make([]uint16, n)
	for i := range list {
		list[i] = b.env.Memory.Word(0o2000 + memory.Word(i))
	}
	return list
}

func TestWhatIsReadComesIntoMemory(t *testing.T) {
	for _, r := range []struct {
		name, box, into string
		id              backplane.FieldID
		data            string
		want            []uint16 // from V2000 on; what isn't filled keeps 7777
	}{
		{"address", "ECRDIP", "IP Address: V2000", backplane.FieldIP, "\xc0\xa8\x0c\x56", []uint16{192, 168, 12, 86, 7777}},
		{"mask", "ECRDSNM", "Subnet Mask: V2000", backplane.FieldSubnet, "\xff\xff\x80\x00", []uint16{255, 255, 128, 0, 7777}},
		{"gateway", "ECRDGWA", "Gateway Address: V2000 - V2003", backplane.FieldGateway, "\x00\x00\x00\x00", []uint16{0, 0, 0, 0, 7777}},
		{"ID", "ECRDMID", "Module ID: V2000", backplane.FieldModuleID, "\x34\x12", []uint16{0x1234, 7777}},
		{"name", "ECRDNAM", "Module Name: V2000\n Num Chars: K4", backplane.FieldModuleName, "Pump 3", []uint16{'P' | 'u'<<8, 'm' | 'p'<<8, 7777}},
		{"an odd number", "ECRDNAM", "Module Name: V2000\n Num Chars: K3", backplane.FieldModuleName, "Pump 3", []uint16{'P' | 'u'<<8, 'm', 7777}},
		{"a shorter text", "ECRDDES", "Module Desc: V2000\n Num Chars: K7", backplane.FieldDescription, "Pum", []uint16{'P' | 'u'<<8, 'm', 0, 0, 7777}},
		{"no text", "ECRDDES", "Module Desc: V2000\n Num Chars: K2", backplane.FieldDescription, "", []uint16{0, 7777}},
		{"DHCP on", "ECDHCPQ", "DHCP Enabled: B2000.15", backplane.FieldDHCP, "\x01", []uint16{7777 | 1<<15, 7777}},
		{"DHCP off", "ECDHCPQ", "DHCP Enabled: B2000.0", backplane.FieldDHCP, "\x00", []uint16{7777 &^ 1, 7777}},
	} {
		t.Run(r.name, func(t *testing.T) {
			b := newBench(t, box(r.box, r.into, coded))
			b.rom.fields[r.id] = []byte(r.data)
			for i := range memory.Word(8) {
				b.env.Memory.SetWord(0o2000+i, 7777)
			}
			b.edge().ended(true, CodeSuccess)
			if diff := cmp.Diff(r.want, b.words(len(r.want))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestALongTextComesInTwoAnswers: over 100 characters the box goes on by itself,
// before anyone else has the module; the program sees one request.
func TestALongTextComesInTwoAnswers(t *testing.T) {
	long := strings.Repeat("0123456789", 13)
	for length, want := range map[int]struct{ commands, chars int }{
		99: {1, 99}, 100: {2, 100}, 101: {2, 101}, 127: {2, 127}, 128: {2, 128}, 130: {2, 128},
	} {
		b := newBench(t, box("ECRDNAM", "Module Name: V2000", "Num Chars: K128", coded))
		b.rom.fields[backplane.FieldModuleName] = []byte(long[:length])
		b.edge().ended(true, CodeSuccess)
		text := make([]byte, 130)
		b.env.Memory.Bytes(text, 0o2000)
		if got := strings.TrimRight(string(text), "\x00"); got != long[:want.chars] || len(b.rom.asked) != want.commands {
			t.Errorf("of %d characters %d came, in %d commands", length, len(got), len(b.rom.asked))
		}
		if n := len(b.rom.asked); n == 2 && (b.rom.asked[0].Tag == b.rom.asked[1].Tag || b.rom.asked[1].Fields[0].Data[0] != 100) {
			t.Errorf("it asks %+v", b.rom.asked)
		}
	}
}

// TestAShorterTextLeavesNothingOfALongerOne reads twice.
func TestAShorterTextLeavesNothingOfALongerOne(t *testing.T) {
	b := newBench(t, box("ECRDNAM", "Module Name: V2000", "Num Chars: K6", coded))
	b.rom.fields[backplane.FieldModuleName] = []byte("Pump 3")
	b.edge()
	b.rom.fields[backplane.FieldModuleName] = []byte("Pu")
	b.edge().ended(true, CodeSuccess)
	if diff := cmp.Diff([]uint16{'P' | 'u'<<8, 0, 0}, b.words(3)); diff != "" {
		t.Error(diff)
	}
}

// TestAReloadInTheMiddleOfALongText goes on behind what the older program had got.
func TestAReloadInTheMiddleOfALongText(t *testing.T) {
	program := box("ECRDNAM", "Module Name: V2000", "Num Chars: K128", coded)
	b := newBench(t, program)
	text := strings.Repeat("abcd", 32)
	b.rom.fields[backplane.FieldModuleName] = []byte(text)
	b.scan(false)
	for len(b.rom.asked) < 2 {
		b.scan(true)
	}
	b.load(program)
	for !b.set.Idle() {
		b.scan(true)
	}
	b.ended(true, CodeSuccess)
	got := make([]byte, 128)
	if b.env.Memory.Bytes(got, 0o2000); string(got) != text {
		t.Errorf("got %q", got)
	}
}

// TestABoxThatLeavesWhileItReads puts nothing anywhere.
func TestABoxThatLeavesWhileItReads(t *testing.T) {
	b := newBench(t, box("ECRDIP", "IP Address: V2000", coded))
	b.rom.fields[backplane.FieldIP], b.rom.slow = []byte{1, 2, 3, 4}, true
	b.scan(false)
	for range 5 {
		b.scan(true)
	}
	b.load()
	b.rom.slow = false
	for range 5 {
		b.scan(true)
	}
	if got := b.words(4); !b.set.Idle() || got[0] != 0 || got[3] != 0 {
		t.Errorf("idle %v, memory %v", b.set.Idle(), got)
	}
}

func TestAnAnswerThatIsTooShortIs23(t *testing.T) {
	b := newBench(t, box("ECRDIP", "IP Address: V2000", coded))
	b.rom.fields[backplane.FieldIP] = []byte{1, 2, 3}
	b.edge().ended(false, CodeInvalidData)
	if got := b.words(1); got[0] != 0 {
		t.Errorf("memory has %v", got)
	}
}

func TestARefusedReadFillsNothing(t *testing.T) {
	b := newBench(t, box("ECRDIP", "IP Address: V2000", coded))
	b.rom.fields[backplane.FieldIP], b.rom.status = []byte{1, 2, 3, 4}, 24
	b.edge().ended(false, 24)
	if got := b.words(1); got[0] != 0 {
		t.Errorf("memory has %v", got)
	}
}

// TestWithoutAnErrorCode no word is written, and none tells of a request that was
// cut off: V0, where the word would be, is busy from the start.
func TestWithoutAnErrorCode(t *testing.T) {
	b := newBench(t, box("ECRDIP", "IP Address: V2000"))
	b.env.Memory.SetWord(0, CodeBusy)
	b.rom.fields[backplane.FieldIP] = []byte{1, 2, 3, 4}
	if b.scan(false); b.env.Memory.Bit(addr("C1").Bit()) {
		t.Error("it ends in Error before it begins")
	}
	b.edge().ended(true, 0)
	if got := b.env.Memory.Word(0); got != CodeBusy || b.words(1)[0] != 1 {
		t.Errorf("V0 is %d, V2000 %v", got, b.words(1))
	}
}

func TestWhatIsWritten(t *testing.T) {
	field := func(id backplane.FieldID, data string) backplane.Field {
		return backplane.Field{ID: id, Data: []byte(data)}
	}
	const ip, mask, gateway = "\xc0\xa8\x0c\x56", "\xff\xff\x00\x00", "\xc0\xa8\x00\x01"
	for _, r := range []struct {
		box, fields string
		want        []backplane.Field
	}{
		{"ECIPSUP", "IP Address: 192.168.12.86\n Subnet Mask: 255.255.0.0\n Gateway Address: 192.168.0.1", []backplane.Field{
			field(backplane.FieldIP, ip), field(backplane.FieldSubnet, mask), field(backplane.FieldGateway, gateway),
		}},
		{"ECIPSUP", "IP Address: 192.168.12.86\n Subnet Mask: 255.255.0.0", []backplane.Field{
			field(backplane.FieldIP, ip), field(backplane.FieldSubnet, mask), field(backplane.FieldGateway, "\x00\x00\x00\x00"),
		}},
		{"ECWRIP", "IP Address: 192.168.12.86", []backplane.Field{field(backplane.FieldIP, ip)}},
		{"ECWRSNM", "Subnet Mask: 255.255.0.0", []backplane.Field{field(backplane.FieldSubnet, mask)}},
		{"ECWRGWA", "Gateway Address: 192.168.0.1", []backplane.Field{field(backplane.FieldGateway, gateway)}},
		{"ECWRMID", "Module ID: K4660", []backplane.Field{field(backplane.FieldModuleID, "\x34\x12")}},
		{"ECWRNAM", "Module Name: Füller 3", []backplane.Field{field(backplane.FieldModuleName, "F\xfcller 3")}},
		{"ECWRDES", "Module Desc: Line 4: pumps", []backplane.Field{field(backplane.FieldDescription, "Line 4: pumps")}},
		{isa.EnableDHCPBox, "// on", []backplane.Field{field(backplane.FieldDHCP, "\x01")}},
		{isa.DisableDHCPBox, "// off", []backplane.Field{field(backplane.FieldDHCP, "\x00")}},
	} {
		t.Run(r.box, func(t *testing.T) {
			b := newBench(t, box(r.box, r.fields, coded))
			b.edge().ended(true, CodeSuccess)
			if len(b.rom.asked) != 1 || b.rom.asked[0].Op != backplane.WriteSetup {
				t.Fatalf("it asks %+v", b.rom.asked)
			}
			if diff := cmp.Diff(r.want, b.rom.asked[0].Fields); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEveryFieldOfASetupBoxIsSent: a label that fieldOf doesn't know would be left
// out without a word.
func TestEveryFieldOfASetupBoxIsSent(t *testing.T) {
	for _, b := range isa.Boxes() {
		for _, f := range b.Fields {
			sent := f.Kind.Reads() || f.Kind >= isa.FieldServer && f.Label != isa.LabelChars || b.Mnemonic == isa.SetupBox && f.Kind == isa.FieldRecipient
			if (fieldOf(f.Label) != 0) != sent {
				t.Errorf("%s: %s is field %d", b.Mnemonic, f.Label, fieldOf(f.Label))
			}
		}
	}
}

// quiet is a module that says a text of 128 characters without taking memory.
type quiet struct {
	text  [128]byte
	frame []byte
	asked int
}

func (q *quiet) Write(_ time.Time, _ byte, frame []byte) error {
	q.asked++
	tag, from := uint16(frame[1])|uint16(frame[2])<<8, int(frame[6])
	data := q.text[from:min(from+backplane.MaxRead, len(q.text))]
	q.frame = backplane.AppendAnswer(q.frame[:0], backplane.Answer{Op: backplane.ReadSetup, Tag: tag, Data: data})
	return nil
}

func (q *quiet) Read(_ time.Time, _ byte, dst []byte) ([]byte, error) {
	return append(dst, q.frame...), nil
}

func TestAScanThatReadsAllocatesNothing(t *testing.T) {
	second := strings.NewReplacer("V1400", "V1402", "C0", "C2", "C1\n", "C3\n").Replace(box("ECRDIP", "IP Address: V2200", "Error Code: V1403"))
	b := newBench(t, box("ECRDNAM", "Module Name: V2000", "Num Chars: K128", coded), second)
	module := &quiet{frame: make([]byte, 0, backplane.MaxFrame)}
	b.base.Plug(1, module)
	b.edge()
	module.asked = 0
	n := testing.AllocsPerRun(50, func() {
		b.scan(false)
		for range 12 {
			b.scan(true)
		}
	})
	if n != 0 || module.asked != 3*51 || !b.set.Idle() {
		t.Errorf("%v allocations in 13 scans, %d commands", n, module.asked)
	}
}

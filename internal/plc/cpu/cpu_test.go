package cpu

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/ibox"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// module is a scripted ECOM100: it takes commands, and answers when it is told.
type module struct {
	commands []backplane.Command
	frames   [][]byte
	answer   []byte
	fail     error
}

func (m *module) Write(_ time.Time, slave byte, data []byte) error {
	if m.fail != nil || slave != backplane.CommandSlave {
		return errors.Join(m.fail, backplane.ErrNoSlave)
	}
	frame := append([]byte(nil), data...)
	c, err := backplane.ParseCommand(frame)
	if err != nil {
		return err
	}
	m.commands, m.frames = append(m.commands, c), append(m.frames, frame)
	m.answer = backplane.AppendAnswer(nil, backplane.Answer{Op: c.Op, Tag: c.Tag, Status: backplane.Busy})
	return nil
}

func (m *module) Read(_ time.Time, _ byte, dst []byte) ([]byte, error) {
	return append(dst, m.answer...), m.fail
}

// end lets the command that is under way end with a status.
func (m *module) end(status uint16) {
	c := m.commands[len(m.commands)-1]
	m.answer = backplane.AppendAnswer(nil, backplane.Answer{Op: c.Op, Tag: c.Tag, Status: status})
}

// bench is a CPU with a scripted module in slot 1.
type bench struct {
	t      testing.TB
	cpu    *CPU
	base   backplane.Base
	module *module
	now    time.Time
	ended  []ibox.Outcome
}

func newBench(t testing.TB, program string) *bench {
	t.Helper()
	b := &bench{t: t, module: &module{}, now: time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)}
	b.base.Plug(1, b.module)
	c, err := New("DL06", &b.base, vprint.Options{}, func(o ibox.Outcome) { b.ended = append(b.ended, o) })
	if err != nil {
		t.Fatal(err)
	}
	b.cpu = c
	b.load(program)
	return b
}

func checked(t testing.TB, text string) *check.Program {
	t.Helper()
	tree, err := ladder.Parse("p.rll", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r := check.Check(tree, nil)
	if r.Program == nil {
		t.Fatalf("%v", r.Errors)
	}
	return r.Program
}

func (b *bench) load(program string) {
	b.t.Helper()
	if err := b.cpu.Load(checked(b.t, program)); err != nil {
		b.t.Fatal(err)
	}
}

// scan runs n scans, 10 ms apart, with the backplane between them.
func (b *bench) scan(n int) *bench {
	for range n {
		b.cpu.Scan(b.now)
		b.base.Service(b.now)
		b.now = b.now.Add(10 * time.Millisecond)
	}
	return b
}

func (b *bench) set(addr string, v uint16) *bench {
	b.t.Helper()
	a, err := memory.ParseAddr(addr)
	if err != nil {
		b.t.Fatal(err)
	}
	b.cpu.Memory.Write(a, v)
	return b
}

// want compares memory, in decimal: "C0=1 V1401=24".
func (b *bench) want(list string) *bench {
	b.t.Helper()
	for _, s := range strings.Fields(list) {
		name, value, _ := strings.Cut(s, "=")
		a, err := memory.ParseAddr(name)
		if err != nil {
			b.t.Fatal(err)
		}
		if got := fmt.Sprint(b.cpu.Memory.Read(a)); got != value {
			b.t.Errorf("%s is %s, want %s", name, got, value)
		}
	}
	return b
}

func (b *bench) sent(n int) *bench {
	b.t.Helper()
	if len(b.module.commands) != n {
		b.t.Errorf("%d commands went to the module, want %d", len(b.module.commands), n)
	}
	return b
}

const config = "PLC 06\nECOM100\n ECOM#: K0\n Slot: K1\n Status: V400\n Workspace: V401\n Msg Buffer: V402 - V502\n"

// email is an ECEMAIL box with outputs of its own, counted from n.
func email(n int, body string) string {
	return fmt.Sprintf("ECEMAIL\n ECOM#: K0\n Workspace: V14%d0\n Success: C%d0\n Error: C%d1\n Error Code: V14%d1\n To: a@example.com\n Subject: S%d\n Body: %s\n", n, n, n, n, n, body)
}

func one() string { return config + "STR X0\n" + email(0, `"n=" V2000`) + "END\n" }

func TestAnEdgeSendsOneMail(t *testing.T) {
	b := newBench(t, one()).set("V2000", 7)
	b.scan(3).sent(0).want("C0=0 C1=0 V1401=0")
	b.set("X0", 1).scan(5).sent(1).want("C0=0 C1=0 V1401=1")
	body, _ := b.module.commands[0].Field(backplane.FieldBody)
	if string(body) != "n=    7" {
		t.Errorf("the body is %q", body)
	}
	b.module.end(0)
	b.scan(3).want("C00=1 C1=0 V1401=0 V400=0 V1400=0")
	b.scan(20).sent(1) // a contact that stays on sends nothing more
	if len(b.ended) != 1 || b.ended[0].Code != 0 || b.ended[0].Box != "ECEMAIL" {
		t.Errorf("ended: %+v", b.ended)
	}
}

func TestOutputsAreResetWhenANewRequestBegins(t *testing.T) {
	b := newBench(t, one()).scan(1)
	b.set("X0", 1).scan(5)
	b.module.end(550)
	b.scan(3).want("C0=0 C1=1 V1401=550 V400=550")
	b.set("X0", 0).scan(1).want("C1=1 V1401=550")
	b.set("X0", 1).scan(1).want("C0=0 C1=0 V1401=1")
	b.scan(4)
	b.module.end(0)
	b.scan(3).want("C0=1 C1=0 V1401=0 V400=0")
}

func TestOnFromPowerUpNeverSends(t *testing.T) {
	newBench(t, one()).set("X0", 1).scan(50).sent(0).want("C0=0 C1=0 V1401=0")
}

func TestAlwaysOnNeverSends(t *testing.T) {
	newBench(t, config+"STR SP1\n"+email(0, `"x"`)+"END\n").scan(50).sent(0)
}

func TestNotFirstScanIsAnEdge(t *testing.T) {
	newBench(t, config+"STRN SP0\n"+email(0, `"x"`)+"END\n").scan(1).sent(0).scan(10).sent(1)
}

func TestAnEdgeWhileBusySendsNothingMore(t *testing.T) {
	b := newBench(t, one()).scan(1)
	b.set("X0", 1).scan(5).set("X0", 0).scan(1).set("X0", 1).scan(5).sent(1)
	b.module.end(0)
	b.scan(10).sent(1).want("C0=1")
}

func TestFirstComeFirstServed(t *testing.T) {
	b := newBench(t, config+"STR X0\n"+email(0, `V2000`)+"STR X1\n"+email(1, `V2000`)+"STR X2\n"+email(2, `V2000`)+"END\n")
	b.scan(1).set("X2", 1).scan(1).set("X0", 1).scan(1).set("X1", 1).scan(5).sent(1)
	b.want("V1400=1 V1410=1 V1420=3 V1401=1 V1411=1 V1421=1")
	for i, want := range []string{"S2", "S0", "S1"} {
		b.set("V2000", uint16(i)) // text is formatted when its turn comes
		b.module.end(0)
		b.scan(6)
		subject, _ := b.module.commands[i].Field(backplane.FieldSubject)
		if string(subject) != want {
			t.Errorf("mail %d is %s, want %s", i, subject, want)
		}
	}
	body, _ := b.module.commands[2].Field(backplane.FieldBody)
	if string(body) != "    1" {
		t.Errorf("the last mail says %q", body)
	}
}

func TestTheMessageBufferHoldsTheFrame(t *testing.T) {
	b := newBench(t, one()).scan(1).set("X0", 1).scan(2)
	frame := b.module.frames[0]
	got := make([]byte, len(frame))
	b.cpu.Memory.Bytes(got, 0o403)
	if n := b.cpu.Memory.Word(0o402); int(n) != len(frame) || string(got) != string(frame) {
		t.Errorf("the buffer holds %d bytes %q, the module got %d %q", n, got, len(frame), frame)
	}
}

func TestSlotErrorIs1001(t *testing.T) {
	b := newBench(t, one()).scan(1)
	b.module.fail = backplane.ErrNoSlave
	b.set("X0", 1).scan(4).want("C0=0 C1=1 V1401=1001 V400=1001 SP121=1")
}

func TestAnEmptySlotIs1001(t *testing.T) {
	b := newBench(t, strings.Replace(one(), "Slot: K1", "Slot: K2", 1)).scan(1)
	b.set("X0", 1).scan(4).want("C1=1 V1401=1001 SP123=1 SP121=0")
}

func TestTextOverTheBudgetIs23(t *testing.T) {
	b := newBench(t, config+"STR X0\n"+email(0, `V2000 % V2100`)+"END\n").scan(1)
	for i := range memory.Word(64) {
		b.cpu.Memory.SetWord(0o2000+i, 'a'<<8|'a')
	}
	b.set("V2100", 120).set("X0", 1).scan(4).sent(0).want("C1=1 V1401=23")
}

func TestAMalformedAnswerIs23(t *testing.T) {
	b := newBench(t, one()).scan(1).set("X0", 1).scan(3)
	b.module.answer = []byte("?")
	b.scan(3).want("C1=1 V1401=23")
}

func TestAnAnswerWithAnOldTagIsDropped(t *testing.T) {
	b := newBench(t, one()).scan(1).set("X0", 1).scan(5)
	b.module.answer = backplane.AppendAnswer(nil, backplane.Answer{Op: backplane.SendEmail, Tag: b.module.commands[0].Tag - 1})
	b.scan(5).want("C0=0 C1=0 V1401=1")
	b.module.end(0)
	b.scan(3).want("C0=1")
}

func TestABoxFoundBusyAtStartIs22(t *testing.T) {
	newBench(t, one()).set("V1401", 1).scan(1).sent(0).want("C0=0 C1=1 V1401=22")
}

func TestTheSlotsBusyBit(t *testing.T) {
	b := newBench(t, one()).scan(1).set("X0", 1)
	b.cpu.Scan(b.now) // the WX is under way, the backplane hasn't moved it yet
	b.cpu.Scan(b.now)
	b.want("SP120=1")
	b.base.Service(b.now)
	b.module.end(0)
	b.scan(4).want("SP120=0")
}

func TestANewProgramGoesOnWithWhatIsUnderWay(t *testing.T) {
	b := newBench(t, one()).scan(1).set("X0", 1).scan(5).sent(1)
	b.load(config + "STR X0\n" + email(0, `"n=" V2000`) + "STR X0\n" + email(1, `"new"`) + "END\n")
	b.scan(10).sent(1).want("V1401=1 V1411=0") // the new box fires nothing by itself
	b.module.end(0)
	b.scan(5).sent(1).want("C0=1 V1401=0")
	b.set("X0", 0).scan(1).set("X0", 1).scan(10).sent(2)
}

func TestABoxThatLeavesWhileBusyIsWaitedFor(t *testing.T) {
	b := newBench(t, one()).scan(1).set("X0", 1).scan(5).sent(1)
	b.load(config + "STR X1\n" + email(1, `"other"`) + "END\n")
	b.scan(2).set("X1", 1).scan(10).sent(1).want("V1411=1")
	b.module.end(550)
	b.scan(6).sent(2).want("V1411=1 C0=0 C1=0 V1401=1") // nobody's outputs are touched
	b.module.end(0)
	b.scan(5).want("C10=1 V1411=0")
}

func TestABoxWhoseModuleMovedEndsIn22(t *testing.T) {
	b := newBench(t, one()).scan(1).set("X0", 1).scan(5).sent(1)
	b.load(strings.Replace(one(), "Slot: K1", "Slot: K2", 1))
	b.scan(3).want("C1=1 V1401=22")
}

func TestAProgramForAnotherCPUIsRefused(t *testing.T) {
	b := newBench(t, one())
	if err := b.cpu.Load(checked(t, "PLC 260\nEND\n")); err == nil || !strings.Contains(err.Error(), "for a DL260") {
		t.Errorf("loading says %v", err)
	}
	b.scan(1).set("X0", 1).scan(5).sent(1)
}

func TestClockRelays(t *testing.T) {
	b := newBench(t, "PLC 06\nEND\n")
	b.scan(1).want("SP0=1 SP1=1 SP2=0 SP3=0 SP4=0 SP5=0 SP6=0 SP7=0")
	b.scan(1).want("SP0=0 SP7=1")
	at := func(d time.Duration, want string) {
		t.Helper()
		b.cpu.Scan(b.cpu.started.Add(d))
		b.want(want)
	}
	at(30*time.Millisecond, "SP3=0 SP4=0 SP5=0 SP6=1")
	at(60*time.Millisecond, "SP5=1 SP6=0")
	at(510*time.Millisecond, "SP4=1 SP3=0")
	at(31*time.Second, "SP3=1 SP4=0")
	at(61*time.Second, "SP3=0")
}

func TestSlotBitsOfA205(t *testing.T) {
	var base backplane.Base
	c, err := New("DL260", &base, vprint.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Load(checked(t, "PLC 260\nEND\n")); err != nil {
		t.Fatal(err)
	}
	base.WX(2, backplane.CommandSlave, nil) // an empty slot
	c.Scan(time.Time{})
	busy, failed := memory.Addr{Area: memory.SP, Num: 0o124}, memory.Addr{Area: memory.SP, Num: 0o125}
	if c.Memory.Read(busy) != 1 {
		t.Error("SP124 is not the busy bit of slot 2")
	}
	base.Service(time.Time{})
	c.Scan(time.Time{})
	if c.Memory.Read(failed) != 1 || c.Memory.Read(busy) != 0 {
		t.Error("SP125 is not the error bit of slot 2")
	}
}

func TestWithoutAProgram(t *testing.T) {
	var base backplane.Base
	c, err := New("DL05", &base, vprint.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Scan(time.Time{})
	if c.Mode() != backplane.Program || c.Scans() != 0 || !c.Idle() {
		t.Errorf("mode %s after %d scans", c.Mode(), c.Scans())
	}
	if _, err := New("DL240", &base, vprint.Options{}, nil); err == nil {
		t.Error("a DL240 runs programs")
	}
}

func TestMailScansAllocateNothing(t *testing.T) {
	b := newBench(t, one()).scan(3)
	n := testing.AllocsPerRun(200, func() { b.cpu.Scan(b.now) })
	if n != 0 {
		t.Errorf("a scan with an idle box allocates %v times", n)
	}
}

func TestABoxThatIsDrivenByAnotherBitNowFiresNothing(t *testing.T) {
	b := newBench(t, one()).scan(1).set("X1", 1).scan(5).sent(0)
	b.load(strings.Replace(one(), "STR X0", "STR X1", 1))
	b.scan(5).sent(0)
	b.set("X1", 0).scan(1).set("X1", 1).scan(5).sent(1)
}

func TestAOneShotThatIsDrivenByAnotherBitNowFiresNothing(t *testing.T) {
	program := func(x string) string {
		return config + "STR " + x + "\nPD C100\nSTR C100\n" + email(0, `"x"`) + "END\n"
	}
	b := newBench(t, program("X0")).scan(1).set("X1", 1).scan(5)
	b.load(program("X1"))
	b.scan(5).sent(0)
	b.set("X1", 0).scan(2).set("X1", 1).scan(5).sent(1)
}

func TestARequestWhoseECOM100BoxIsGoneIsWaitedFor(t *testing.T) {
	b := newBench(t, one()).scan(1).set("X0", 1).scan(5).sent(1)
	first := b.module.commands[0].Tag
	b.load("PLC 06\nSTR X0\nOUT Y0\nEND\n")
	b.set("V402", 7).scan(5)
	b.load(one())
	b.set("X0", 0).scan(2).set("X0", 1).scan(5).sent(1) // the module is still busy
	b.module.end(550)
	b.scan(6).sent(2)
	if got := b.module.commands[1].Tag; got == first {
		t.Error("the next request has the tag of the old one")
	}
	b.module.end(0)
	b.scan(4).want("C0=1 V1401=0")
}

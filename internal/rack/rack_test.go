package rack_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/catcher"
	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/ibox"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/rack"
)

const scan = 10 * time.Millisecond

// bench is a rack in virtual time: a DL06 with an ECOM100 whose every server is
// the catcher.
type bench struct {
	t       testing.TB
	config  rack.Config
	rack    *rack.Rack
	network *catcher.Network
	now     time.Time
	got     []catcher.Received
	lines   []string
	ended   []ibox.Outcome
}

// newBench is a rack that isn't powered yet, with its module in slot 1.
func newBench(t testing.TB, script ...string) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)}
	b.network = &catcher.Network{Host: "mail.example.com", Took: func(r catcher.Received) { b.got = append(b.got, r) }}
	for _, s := range script {
		f, err := catcher.ParseFailure(s)
		if err != nil {
			t.Fatal(err)
		}
		b.network.Script = append(b.network.Script, f)
	}
	b.config = rack.Config{
		CPU: "DL06", Scan: scan, Modules: map[int]module.Config{1: b.ecom100(settings.Default())},
		Ended: func(o ibox.Outcome) { b.ended = append(b.ended, o) },
	}
	return b
}

func (b *bench) ecom100(initial settings.Email) module.Config {
	conversations := 0
	store, err := settings.OpenStore(&durable.Memory{}, "slot-1", initial, settings.At(netip.MustParseAddr("192.168.12.86"), netip.MustParseAddr("255.255.0.0")))
	if err != nil {
		b.t.Fatal(err)
	}
	return module.Config{
		DIP: 1 << 7, Store: store, Network: b.network,
		Sink: func(e conv.Event) {
			if line, ok := trace.Line(e); ok {
				b.lines = append(b.lines, line)
			}
		},
		NewID: func() string { conversations++; return fmt.Sprint("c", conversations) },
	}
}

// setup is a set-up with which mails can be sent.
func setup() settings.Email {
	e := settings.Default()
	e.Server = netip.MustParseAddr("192.168.0.1")
	if err := e.Sender.UnmarshalText([]byte("plc@example.com")); err != nil {
		panic(err)
	}
	return e
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

// power turns the rack on with a program.
func (b *bench) power(program string) *bench {
	b.t.Helper()
	r, err := rack.New(b.config)
	if err != nil {
		b.t.Fatal(err)
	}
	b.rack = r
	if err := r.Load(checked(b.t, program)); err != nil {
		b.t.Fatal(err)
	}
	return b
}

// run lets time go by, and holds the rack to its word on when it wants to be
// called.
func (b *bench) run(d time.Duration) *bench {
	b.t.Helper()
	for end := b.now.Add(d); b.now.Before(end); {
		wake := b.rack.Step(b.now)
		if !wake.After(b.now) || wake.After(b.now.Add(b.config.Scan)) {
			b.t.Fatalf("at %v it wants to be called at %v", b.now, wake)
		}
		b.now = wake
	}
	return b
}

// settle runs until no box has a request under way.
func (b *bench) settle() *bench {
	b.t.Helper()
	for range 1000 {
		if b.run(time.Second); b.rack.Idle() {
			return b
		}
	}
	b.t.Fatal("a box never ends")
	return b
}

func addr(t testing.TB, s string) memory.Addr {
	t.Helper()
	a, err := memory.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (b *bench) set(name string, v uint16) *bench {
	b.t.Helper()
	if err := b.rack.Write(addr(b.t, name), v); err != nil {
		b.t.Fatal(err)
	}
	return b
}

// pulse is a leading edge.
func (b *bench) pulse(name string) *bench {
	b.t.Helper()
	return b.set(name, 1).run(2*scan).set(name, 0)
}

// want compares memory, in decimal: "C0=1 V1401=24".
func (b *bench) want(list string) *bench {
	b.t.Helper()
	for _, s := range strings.Fields(list) {
		name, want, _ := strings.Cut(s, "=")
		got, err := b.rack.Read(addr(b.t, name))
		if err != nil || fmt.Sprint(got) != want {
			b.t.Errorf("%s is %d, %v; want %s", name, got, err, want)
		}
	}
	return b
}

// widget is the program of DESIGN.md: the Widget Report of seeds/000 section 8.
func widget(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/widget.rll")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTheWidgetReport is the main job: a rung goes true, a mail arrives, the
// controller knows.
func TestTheWidgetReport(t *testing.T) {
	b := newBench(t).power(widget(t)).run(time.Second)
	b.want("C0=0 C1=0 V1401=0 C2=1 C3=0 V1403=0") // set up on the second scan
	b.set("V3000", 2).set("V3001", 57555).pulse("C10").settle()
	b.want("C0=1 C1=0 V1401=0 V400=0")
	if len(b.got) != 1 {
		t.Fatalf("%d mails\n%s", len(b.got), strings.Join(b.lines, "\n"))
	}
	got := b.got[0]
	head, body, _ := strings.Cut(string(got.Data), "\r\n\r\n")
	if want := "Shift #     2 made 57555 widgets\r\n"; body != want {
		t.Errorf("the body is %q, want %q", body, want)
	}
	wantHead := strings.Join([]string{
		"Date: Sat, 21 Nov 2026 06:00:01 -0000",
		`From: "Machine A-42F" <plc@example.com>`,
		"To: mark@example.com",
		"Cc: supervisor@example.com,", " joe@example.com",
		"Subject: Widget Report",
	}, "\r\n")
	if diff := cmp.Diff(wantHead, head); diff != "" {
		t.Error(diff)
	}
	wantTo := []string{"mark@example.com", "supervisor@example.com", "joe@example.com"}
	if diff := cmp.Diff(wantTo, got.To); diff != "" || got.From != "plc@example.com" || got.Helo != "192.168.12.86" {
		t.Errorf("from %q, HELO %q, %s", got.From, got.Helo, diff)
	}
	b.run(time.Minute)
	if len(b.got) != 1 {
		t.Errorf("%d mails from one edge", len(b.got))
	}
	o, ok := b.rack.Last("ECEMAIL")
	if !ok || o.Code != 0 || o.Ended.Sub(o.Begun) > 10*scan || len(b.ended) != 2 {
		t.Errorf("it ended as %+v; all: %+v", o, b.ended)
	}
	if _, ok := b.rack.Last("ECEMRDS"); ok {
		t.Error("an ECEMRDS has ended that never began")
	}
}

// TestEveryStatusCodeReachesTheLadder has each code of the appendix for its own
// reason, as the program sees it in V1401. 25 isn't among them: no frame of 128
// bytes and no Cc of 50 reaches the mailer's bounds (the module's test says why).
func TestEveryStatusCodeReachesTheLadder(t *testing.T) {
	type row struct {
		name    string
		script  string
		program func(string) string
		rack    func(*bench)
		want    int
	}
	rows := []row{
		{name: "no To and no Cc", want: 21, program: func(p string) string {
			return without(without(p, "    To:"), "    Cc:")
		}},
		{name: "text over the budget", want: 23, program: func(p string) string {
			return strings.Replace(p, `"Shift # " V3000`, "V3000 % V3100", 1)
		}},
		{name: "no server", want: 24, program: func(p string) string { return without(p, "    SMTP Server IP:") }},
		{name: "no sender", want: 24, program: func(p string) string { return without(p, "    Sender EMail:") }},
		{name: "DIP switch 7 off", want: 1001, rack: func(b *bench) {
			m := b.config.Modules[1]
			m.DIP = 0
			b.config.Modules[1] = m
		}},
		{name: "an empty slot", want: 1001, rack: func(b *bench) { b.config.Modules = nil }},
		{name: "the module is in another slot", want: 1001, rack: func(b *bench) {
			b.config.Modules = map[int]module.Config{2: b.config.Modules[1]}
		}},
	}
	for script, want := range map[string]int{
		"connect=stall": 11, "connect=drop": 11, "greeting=stall": 12, "helo=stall": 12, "mail=stall": 13, "rcpt=stall": 14,
		"rcpt:3=stall": 14, "data=stall": 15, "subject=stall": 16, "body=stall": 17, "end=stall": 18,
		"greeting=drop": 20, "mail=reset": 20, "body=drop": 20, "end=reset": 20,
		"data=250 what": 22, "mail=354 go on": 22, "greeting=hello": 23, "end=25": 23,
		"greeting=421 busy": 421, "mail=450 later": 450, "rcpt=550 5.1.1 no such user": 550, "rcpt:2=550 no": 550, "end=554 spam": 554,
		"greeting=220 hi": 0, "end=252 perhaps": 0,
	} {
		rows = append(rows, row{name: script, script: script, want: want})
	}
	for _, r := range rows {
		t.Run(strings.ReplaceAll(r.name, " ", "_"), func(t *testing.T) {
			b := newBench(t)
			if r.script != "" {
				b = newBench(t, r.script)
			}
			program := widget(t)
			if r.program != nil {
				program = r.program(program)
			}
			if r.rack != nil {
				r.rack(b)
			}
			b.power(program).run(time.Second).set("V3100", 120)
			if err := b.rack.WriteMemory(0o3000, bytes.Repeat([]byte("a"), 120)); err != nil {
				t.Fatal(err)
			}
			began := b.now
			b.set("C10", 1).settle()
			success, fault := 0, 1
			if r.want == 0 {
				success, fault = 1, 0
			}
			b.want(fmt.Sprintf("C0=%d C1=%d V1401=%d V400=%d", success, fault, r.want, r.want))
			o, _ := b.rack.Last("ECEMAIL")
			took := o.Ended.Sub(began)
			if timeout := r.want >= 10 && r.want < 20; timeout && (took < 90*time.Second || took > 90*time.Second+10*scan) || !timeout && took > 10*scan {
				t.Errorf("it took %v", took)
			}
			if r.want == 1001 {
				b.want("SP121=1 SP120=0")
			}
		})
	}
}

// without is a program less the lines that begin so.
func without(program, prefix string) string {
	var w strings.Builder
	for line := range strings.Lines(program) {
		if !strings.HasPrefix(line, prefix) {
			w.WriteString(line)
		}
	}
	return w.String()
}

// TestTheWorkingCopyIsTheLaddersAndROMIsnt drives ECEMSUP and ECEMRDS by rungs.
func TestTheWorkingCopyIsTheLaddersAndROMIsnt(t *testing.T) {
	b := newBench(t)
	b.config.Modules[1] = b.ecom100(setup())
	b.power(widget(t)).run(time.Second).want("C2=1")
	copies := func() (working, rom settings.Email) {
		b.rack.Module(1, func(m *module.Module) { working, rom = m.Working(), m.Store().Email() })
		return working, rom
	}
	working, rom := copies()
	if working.Name != "Machine A-42F" || working.Timeout != 90*time.Second || len(working.Cc) != 2 || !rom.Equal(setup()) {
		t.Errorf("after ECEMSUP: working copy %+v, ROM %+v", working, rom)
	}
	b.pulse("C11").settle().want("C4=1 C5=0 V1405=0")
	if working, rom = copies(); !working.Equal(setup()) || !rom.Equal(setup()) {
		t.Errorf("after ECEMRDS: working copy %+v, ROM %+v", working, rom)
	}
	b.pulse("C10").settle().want("C0=1")
	if got := b.got[0].To; len(got) != 1 {
		t.Errorf("the mail goes to %v", got)
	}
}

// TestAnHour sends a mail a minute for an hour of virtual time.
func TestAnHour(t *testing.T) {
	b := newBench(t).power(widget(t)).run(time.Second)
	for i := range 60 {
		b.set("V3000", uint16(i)).pulse("C10").run(time.Minute - 2*scan)
		b.want("C0=1 C1=0 V1401=0")
	}
	if len(b.got) != 60 {
		t.Fatalf("%d mails", len(b.got))
	}
	for i, m := range b.got {
		if want := fmt.Sprintf("Shift # %5d made", i); !strings.Contains(string(m.Data), want) {
			t.Errorf("mail %d is %q", i, m.Data)
		}
	}
	if n := b.rack.Scans(); n != 360_100 {
		t.Errorf("%d scans of 10 ms in an hour and a second", n)
	}
	var sent, failed uint64
	b.rack.Module(1, func(m *module.Module) { sent, failed = m.Counts() })
	if sent != 60 || failed != 0 {
		t.Errorf("the module counts %d sent and %d failed", sent, failed)
	}
}

func TestANewProgramWhileAMailIsUnderWay(t *testing.T) {
	second := `STR C20
ECEMAIL
    ECOM#: K0
    Workspace: V1500
    Success: C6
    Error: C7
    Error Code: V1501
    To: second@example.com
    Subject: Second

END
`
	grown := func(p string) string { return strings.Replace(p, "END\n", second, 1) }
	for _, r := range []struct {
		name    string
		program func(string) string
		want    string // at the end
	}{
		{"the same", func(p string) string { return p }, "C1=1 V1401=13"},
		{"with a box more", grown, "C1=1 V1401=13 C6=0 C7=0 V1501=0"},
		{"without the box", func(p string) string {
			from, to := strings.Index(p, "STR C10"), strings.Index(p, "STR C11")
			return grown(p[:from] + p[to:])
		}, "C0=0 C1=0 V1401=1 C6=0 C7=0"}, // nobody's outputs are touched
	} {
		t.Run(r.name, func(t *testing.T) {
			b := newBench(t, "mail=stall").power(widget(t)).run(time.Second)
			b.set("C10", 1).run(time.Second).want("V1401=1")
			next := r.program(widget(t))
			if err := b.rack.Load(checked(t, next)); err != nil {
				t.Fatal(err)
			}
			b.run(time.Second).want("V1401=1")
			b.settle().want(r.want)
			if n := strings.Count(strings.Join(b.lines, "\n"), "Sending HELO"); n != 1 {
				t.Errorf("%d conversations", n)
			}
			b.network.Script = nil
			if strings.Contains(next, "C20") {
				b.pulse("C20").settle().want("C6=1 C7=0 V1501=0")
			}
		})
	}
}

func TestAProgramForAnotherCPULeavesTheOldOneRunning(t *testing.T) {
	b := newBench(t).power(widget(t)).run(time.Second)
	if err := b.rack.Load(checked(t, "PLC 260\nEND\n")); err == nil || !strings.Contains(err.Error(), "for a DL260") {
		t.Errorf("loading says %v", err)
	}
	b.pulse("C10").settle().want("C0=1")
}

func TestARackWithoutAProgram(t *testing.T) {
	b := newBench(t)
	r, err := rack.New(b.config)
	if err != nil {
		t.Fatal(err)
	}
	b.rack = r
	b.run(time.Second)
	if r.Mode() != backplane.Program || r.Scans() != 0 || !r.Idle() {
		t.Errorf("mode %s after %d scans", r.Mode(), r.Scans())
	}
	if err := r.Load(checked(t, widget(t))); err != nil {
		t.Fatal(err)
	}
	if b.run(time.Second); r.Mode() != backplane.Run || r.Scans() != 100 {
		t.Errorf("mode %s after %d scans", r.Mode(), r.Scans())
	}
}

func TestARackThatCantBeBuilt(t *testing.T) {
	for want, change := range map[string]func(*rack.Config){
		`no program can run on a "DL240"`: func(c *rack.Config) { c.CPU = "DL240" },
		"slot 8: a base has slots 0 to 7": func(c *rack.Config) { c.Modules[8] = c.Modules[1] },
		"slot -1: a base has slots":       func(c *rack.Config) { c.Modules[-1] = c.Modules[1] },
	} {
		b := newBench(t)
		change(&b.config)
		if r, err := rack.New(b.config); r != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestModule(t *testing.T) {
	b := newBench(t).power(widget(t))
	for slot := -1; slot <= backplane.Slots; slot++ {
		called := false
		if got := b.rack.Module(slot, func(m *module.Module) { called = m != nil }); got != (slot == 1) || called != got {
			t.Errorf("slot %d: %v, called %v", slot, got, called)
		}
	}
}

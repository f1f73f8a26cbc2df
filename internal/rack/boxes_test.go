package rack_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/examples"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/settings"
)

// ecom100 is the ECOM100 box of these tests' programs.
const ecom100 = "PLC 06\nECOM100\n    ECOM#: K0\n    Slot: K1\n    Status: V400\n    Workspace: V401\n    Msg Buffer: V402 - V502\n\n"

// onRung is a box on a rung of its own: number n has Success C0 and up, Error C1,
// Workspace V1400 and Error Code V1401, each two further on for the next.
func onRung(n int, contact, mnemonic string, fields ...string) string {
	common := fmt.Sprintf("    ECOM#: K0\n    Workspace: V%o\n    Success: C%o\n    Error: C%o\n    Error Code: V%o\n", 0o1400+2*n, 2*n, 2*n+1, 0o1401+2*n)
	text := contact + "\n" + mnemonic + "\n" + common
	for _, f := range fields {
		text += "    " + f + "\n"
	}
	return text + "\n"
}

func ladderOf(rungs ...string) string { return ecom100 + strings.Join(rungs, "") + "END\n" }

// own is the module's own set-up as it is now.
func (b *bench) own() (s settings.Setup) {
	b.t.Helper()
	if !b.rack.Module(1, func(m *module.Module) { s = m.Store().Setup() }) {
		b.t.Fatal("no module in slot 1")
	}
	return s
}

// keep changes what the module keeps before it is powered.
func (b *bench) keep(change func(*settings.Setup)) *bench {
	b.t.Helper()
	err := b.config.Modules[1].Store.ChangeSetup(func(s *settings.Setup) error { change(s); return nil })
	if err != nil {
		b.t.Fatal(err)
	}
	return b
}

// TestEachBoxThatWrites ends well after the half second that ROM takes, and the
// module keeps what it said.
func TestEachBoxThatWrites(t *testing.T) {
	for _, r := range []struct {
		box, fields string
		change      func(*settings.Setup)
	}{
		{"ECIPSUP", "IP Address: 10.1.2.3|Subnet Mask: 255.0.0.0|Gateway Address: 10.0.0.1", func(s *settings.Setup) {
			s.IP, s.Subnet, s.Gateway = netip.MustParseAddr("10.1.2.3"), netip.MustParseAddr("255.0.0.0"), netip.MustParseAddr("10.0.0.1")
		}},
		{"ECWRIP", "IP Address: 10.1.2.3", func(s *settings.Setup) { s.IP = netip.MustParseAddr("10.1.2.3") }},
		{"ECWRSNM", "Subnet Mask: 255.255.255.128", func(s *settings.Setup) { s.Subnet = netip.MustParseAddr("255.255.255.128") }},
		{"ECWRGWA", "Gateway Address: 192.168.0.1", func(s *settings.Setup) { s.Gateway = netip.MustParseAddr("192.168.0.1") }},
		{"ECWRMID", "Module ID: K65535", func(s *settings.Setup) { s.ID = 65535 }},
		{"ECWRNAM", "Module Name: Füller 3", func(s *settings.Setup) { s.Name = "Füller 3" }},
		{"ECWRDES", "Module Desc: fills, caps", func(s *settings.Setup) { s.Description = "fills, caps" }},
		{"ECDHCPE", "// on", func(s *settings.Setup) { s.DHCP = true }},
		{"ECDHCPD", "// off", func(s *settings.Setup) { s.DHCP = false }},
	} {
		t.Run(r.box, func(t *testing.T) {
			b := newBench(t)
			if r.box == "ECDHCPD" {
				b.keep(func(s *settings.Setup) { s.DHCP = true })
			}
			b.power(ladderOf(onRung(0, "STR C10", r.box, strings.Split(r.fields, "|")...))).run(time.Second)
			want := b.own()
			r.change(&want)
			b.pulse("C10").run(400 * time.Millisecond).want("C0=0 C1=0 V1401=1")
			b.settle().want("C0=1 C1=0 V1401=0 V400=0")
			if diff := cmp.Diff(want, b.own(), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEachBoxThatReads ends within some scans, with what it read in memory.
func TestEachBoxThatReads(t *testing.T) {
	for _, r := range []struct{ box, fields, want string }{
		{"ECRDIP", "IP Address: V2000", "V2000=192 V2001=168 V2002=12 V2003=86"},
		{"ECRDSNM", "Subnet Mask: V2000 - V2003", "V2000=255 V2001=255 V2002=0 V2003=0"},
		{"ECRDGWA", "Gateway Address: V2000", "V2000=192 V2001=168 V2002=0 V2003=1"},
		{"ECRDMID", "Module ID: V2000", "V2000=4711"},
		{"ECRDNAM", "Module Name: V2000|Num Chars: K6", "V2000=30032 V2001=28781 V2002=0"}, // "Pu", "mp"
		{"ECRDDES", "Module Desc: V2000|Num Chars: K2", "V2000=26988"},                     // "li"
		{"ECDHCPQ", "DHCP Enabled: C50", "C50=1"},
	} {
		t.Run(r.box, func(t *testing.T) {
			b := newBench(t).keep(func(s *settings.Setup) {
				s.Gateway, s.ID, s.Name, s.Description, s.DHCP = netip.MustParseAddr("192.168.0.1"), 4711, "Pump", "line 4", true
			})
			b.power(ladderOf(onRung(0, "STR C10", r.box, strings.Split(r.fields, "|")...))).run(time.Second)
			b.set("V2002", 7).pulse("C10").run(10 * scan).want("C0=1 C1=0 V1401=0 V400=0 " + r.want)
		})
	}
}

// TestTheIDOfTheSwitches is what ECRDMID reads while one of them says it, and
// ECWRMID can't change it.
func TestTheIDOfTheSwitches(t *testing.T) {
	b := newBench(t).keep(func(s *settings.Setup) { s.ID = 9 })
	m := b.config.Modules[1]
	m.DIP = 1<<7 | 5
	b.config.Modules[1] = m
	b.power(ladderOf(onRung(0, "STR C10", "ECWRMID", "Module ID: K77"), onRung(1, "STR C11", "ECRDMID", "Module ID: V2000"))).run(time.Second)
	b.pulse("C10").settle().want("C0=0 C1=1 V1401=22 V400=22")
	b.pulse("C11").settle().want("C2=1 V1403=0 V2000=5")
	if got := b.own().ID; got != 9 {
		t.Errorf("the ID that is kept is %d", got)
	}
}

// TestANameOf128CharactersIsReadWhole: it needs two commands, and the program sees
// one request; a mail prints it as it is, since what is behind it is NUL.
func TestANameOf128CharactersIsReadWhole(t *testing.T) {
	name := strings.Repeat("Line 4, ", 16)
	b := newBench(t).keep(func(s *settings.Setup) { s.Name = name })
	b.power(ladderOf(onRung(0, "STR C10", "ECRDNAM", "Module Name: V2000", "Num Chars: K128"))).run(time.Second)
	b.pulse("C10").run(10 * scan).want("C0=1 C1=0 V1401=0")
	got := make([]byte, 130)
	if err := b.rack.ReadMemory(0o2000, got); err != nil || string(got[:128]) != name || got[128] != 0 {
		t.Errorf("got %q, %v", got, err)
	}
	if len(b.ended) != 1 {
		t.Errorf("the program sees %+v", b.ended)
	}
}

func TestAlwaysOnFiresNoBox(t *testing.T) {
	b := newBench(t).power(ladderOf(
		onRung(0, "STR SP1", "ECWRNAM", "Module Name: never"),
		onRung(1, "STR SP1", "ECRDIP", "IP Address: V2000"),
		onRung(2, "STR SP1", "ECDHCPE"),
	))
	b.run(time.Minute).want("C0=0 C1=0 C2=0 C3=0 V2000=0 C4=0 C5=0")
	if s := b.own(); s.Name != "" || s.DHCP || len(b.ended) > 0 {
		t.Errorf("it is called %q, DHCP %v, and %+v ended", s.Name, s.DHCP, b.ended)
	}
}

func TestWithoutTheMockSlavesABoxEndsIn1001(t *testing.T) {
	b := newBench(t)
	m := b.config.Modules[1]
	m.DIP = 1
	b.config.Modules[1] = m
	b.power(ladderOf(onRung(0, "STR C10", "ECRDIP", "IP Address: V2000"), onRung(1, "STR C11", "ECWRNAM", "Module Name: x"))).run(time.Second)
	b.pulse("C10").settle().want("C0=0 C1=1 V1401=1001 V400=1001 V2000=0 SP121=1")
	b.pulse("C11").settle().want("C2=0 C3=1 V1403=1001")
}

// TestMailsUseTheAddressThatALadderSets: the HELO after an ECIPSUP is the new one.
func TestMailsUseTheAddressThatALadderSets(t *testing.T) {
	b := newBench(t)
	b.config.Modules[1] = b.ecom100(setup())
	b.power(ladderOf(
		onRung(0, "STRN SP0", "ECIPSUP", "IP Address: 192.168.7.7", "Subnet Mask: 255.255.0.0"),
		onRung(1, "STR C0", "ECEMAIL", "To: mark@example.com", "Subject: up"),
	)).run(time.Second).settle().want("C0=1 V1401=0 C2=1 V1403=0")
	if len(b.got) != 1 || b.got[0].Helo != "192.168.7.7" {
		t.Errorf("got %+v", b.got)
	}
}

// TestBoxesOfOneModuleTakeTurns: on one edge, first come, first served.
func TestBoxesOfOneModuleTakeTurns(t *testing.T) {
	b := newBench(t).power(ladderOf(
		onRung(0, "STR C10", "ECWRNAM", "Module Name: first"),
		onRung(1, "STR C10", "ECRDNAM", "Module Name: V2000", "Num Chars: K2"),
		onRung(2, "STR C10", "ECWRNAM", "Module Name: second"),
	)).run(time.Second)
	b.pulse("C10").run(400 * time.Millisecond).want("V1401=1 V1403=1 V1405=1 C2=0")
	b.run(400 * time.Millisecond).want("C0=1 V1401=0 C2=1 V1403=0 V2000=26982 V1405=1") // "fi"
	b.settle().want("C4=1 V1405=0")
	if got := b.own().Name; got != "second" {
		t.Errorf("it is called %q", got)
	}
	if took := b.ended[2].Ended.Sub(b.ended[0].Begun); len(b.ended) != 3 || took < time.Second || took > 1200*time.Millisecond {
		t.Errorf("two writes and a read took %v", took)
	}
}

// TestAReloadKeepsABusyBox, and one without it is waited for.
func TestAReloadKeepsABusyBox(t *testing.T) {
	write := onRung(0, "STR C10", "ECWRNAM", "Module Name: kept")
	read := onRung(1, "STR C11", "ECRDNAM", "Module Name: V2000", "Num Chars: K4")
	for name, r := range map[string]struct{ next, want string }{
		"with the box":    {ladderOf(write, read), "C0=1 C1=0 V1401=0 V400=0"},
		"without the box": {ladderOf(read), "C0=0 C1=0 V1401=1"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t).power(ladderOf(write)).run(time.Second).pulse("C10").want("V1401=1")
			if err := b.rack.Load(checked(t, r.next)); err != nil {
				t.Fatal(err)
			}
			b.run(100 * time.Millisecond).want("V1401=1")
			b.settle().want(r.want)
			b.pulse("C11").settle().want("C2=1 V2000=25963") // "ke"
		})
	}
}

// TestROMThatTheDiskDoesntTake is 25, and nothing has changed.
func TestROMThatTheDiskDoesntTake(t *testing.T) {
	b := newBench(t)
	m := b.config.Modules[1]
	m.Flash = func(func() error) func() (bool, error) {
		return func() (bool, error) { return true, errors.New("disk full") }
	}
	b.config.Modules[1] = m
	b.power(ladderOf(onRung(0, "STR C10", "ECWRNAM", "Module Name: lost"))).run(time.Second)
	b.pulse("C10").settle().want("C0=0 C1=1 V1401=25")
	if got := b.own().Name; got != "" {
		t.Errorf("it is called %q", got)
	}
}

// TestTheModuleSetupExample: its boxes follow one another, and its lamp tells an
// address that isn't the one it sets.
func TestTheModuleSetupExample(t *testing.T) {
	text, err := examples.Files.ReadFile("module-setup.rll")
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t).keep(func(s *settings.Setup) { s.IP = netip.MustParseAddr("10.9.9.9") }).power(string(text)).run(3 * time.Second)
	b.want("C0=1 C2=1 C4=1 V1401=0 V1403=0 V1405=0 V2000=192 V2003=86 Y0=0 Y1=0")
	if s := b.own(); s.IP != netip.MustParseAddr("192.168.12.86") || s.Name != "Machine A-42F" || !s.Reachable() {
		t.Errorf("the module is %+v", s)
	}
	b.set("V2003", 87).run(scan).want("Y0=1")
	b.set("C3", 1).run(scan).want("Y1=1")
	if b.run(time.Minute); len(b.ended) != 3 {
		t.Errorf("it writes more than once a RUN: %+v", b.ended)
	}
}

package module_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// asked reads one field of the module's own set-up from a byte on.
func (b *bench) asked(id backplane.FieldID, from byte) string {
	b.t.Helper()
	b.wx(backplane.ReadSetup, 9, id, string([]byte{from}))
	a := b.rx()
	if a.Status != 0 || a.Tag != 9 || a.Op != backplane.ReadSetup {
		b.t.Fatalf("answer %+v", a)
	}
	return string(a.Data)
}

func TestLadderReadsTheModulesSetUp(t *testing.T) {
	b := newBench(t, setup())
	b.factory.Name, b.factory.ID = strings.Repeat("0123456789", 12)+"é€", 5
	b.factory.Gateway = netip.MustParseAddr("192.168.0.1")
	b.power()
	for id, want := range map[backplane.FieldID]string{
		backplane.FieldIP: "\xc0\xa8\x0c\x56", backplane.FieldSubnet: "\xff\xff\x00\x00", backplane.FieldGateway: "\xc0\xa8\x00\x01",
		backplane.FieldModuleID: "\x05\x00", backplane.FieldDHCP: "\x00", backplane.FieldDescription: "",
	} {
		if got := b.asked(id, 0); got != want {
			t.Errorf("field %d is %q, want %q", id, got, want)
		}
	}
	if got := b.asked(backplane.FieldModuleName, 0) + b.asked(backplane.FieldModuleName, 100); got != strings.Repeat("0123456789", 12)+"\xe9\x80" {
		t.Errorf("the name in two parts is %q", got)
	}
	if got := b.asked(backplane.FieldModuleName, 255); got != "" {
		t.Errorf("behind its end the name is %q", got)
	}
}

func TestLadderAsksForNothingElse(t *testing.T) {
	b := newBench(t, setup())
	for _, fields := range [][]any{{}, {backplane.FieldIP, ""}, {backplane.FieldTo, "\x00"}, {backplane.FieldIP, "\x00", backplane.FieldSubnet, "\x00"}} {
		b.wx(backplane.ReadSetup, 1, fields...)
		b.want(backplane.ReadSetup, 1, 23)
	}
}

// TestALaddersWriteToROMTakesHalfASecond: as long the original is away while its
// flash is written.
func TestALaddersWriteToROMTakesHalfASecond(t *testing.T) {
	b := newBench(t, setup())
	b.wx(backplane.WriteSetup, 1, backplane.FieldIP, "\x0a\x00\x00\x07", backplane.FieldSubnet, "\xff\x00\x00\x00", backplane.FieldDHCP, "\x01")
	b.want(backplane.WriteSetup, 1, backplane.Busy)
	if got, took := b.settle(); got != 0 || took != 500*time.Millisecond {
		t.Errorf("status %d after %v", got, took)
	}
	if s := b.m.Store().Setup(); s.IP.String() != "10.0.0.7" || s.Subnet.String() != "255.0.0.0" || !s.DHCP {
		t.Errorf("%+v", s)
	}
	b.power()
	b.mail(2, "a@example.com", "s", "b")
	if b.wantStatus(0); b.got[0].Helo != "10.0.0.7" {
		t.Errorf("HELO %s", b.got[0].Helo)
	}
}

func TestADiskThatIsSlowKeepsTheModuleBusy(t *testing.T) {
	b := newBench(t, setup())
	done := false
	b.config.Flash = func(work func() error) func() (bool, error) {
		return func() (bool, error) {
			if !done {
				return false, nil
			}
			return true, work()
		}
	}
	b.power().wx(backplane.WriteSetup, 1, backplane.FieldModuleName, "Stig")
	b.now = b.now.Add(time.Minute)
	b.m.Step(b.now)
	b.want(backplane.WriteSetup, 1, backplane.Busy)
	b.mail(2, "a@example.com", "s", "b") // nothing else goes meanwhile
	b.want(backplane.SendEmail, 2, 22)
	done = true
	b.m.Step(b.now)
	b.want(backplane.WriteSetup, 1, 0)
}

func TestADiskThatFailsIs25(t *testing.T) {
	b := newBench(t, setup())
	b.config.Flash = func(func() error) func() (bool, error) {
		return func() (bool, error) { return true, errors.New("input/output error") }
	}
	b.power().wx(backplane.WriteSetup, 1, backplane.FieldModuleName, "Stig")
	b.wantStatus(25)
}

func TestAValueThatNoModuleHasIs24(t *testing.T) {
	b := newBench(t, setup())
	for _, fields := range [][]any{
		{backplane.FieldIP, "\xff\xff\xff\xff"},
		{backplane.FieldIP, "\x01"},
		{backplane.FieldSubnet, "\xff\x00\xff\x00"},
		{backplane.FieldModuleID, "\x01"},
		{backplane.FieldModuleName, "a\nb"},
		{backplane.FieldTo, "a"},
	} {
		b.wx(backplane.WriteSetup, 1, fields...)
		b.want(backplane.WriteSetup, 1, 24)
	}
	if b.m.Store().Setup() != b.factory {
		t.Errorf("%+v", b.m.Store().Setup())
	}
}

// TestTheModuleIDIsTheSwitchesUnlessItIsSet: the original's page shows 128 with
// switch 7 alone.
func TestTheModuleIDIsTheSwitchesUnlessItIsSet(t *testing.T) {
	for _, r := range []struct {
		dip      byte
		set, id  uint32
		switches bool
	}{{0x80, 0, 128, true}, {0x80, 5, 5, false}, {0x81, 5, 1, true}, {0xBF, 0, 63, true}, {0, 0, 0, false}, {0, 65535, 65535, false}} {
		if id, switches := module.ID(r.dip, r.set); id != r.id || switches != r.switches {
			t.Errorf("switches %#x, set %d: %d, %v", r.dip, r.set, id, switches)
		}
	}
	b := newBench(t, setup())
	b.config.DIP = 0x81
	b.power().wx(backplane.WriteSetup, 1, backplane.FieldModuleID, "\x07\x00")
	b.want(backplane.WriteSetup, 1, 22)
	b.config.DIP = 0x80
	b.power().wx(backplane.WriteSetup, 2, backplane.FieldModuleID, "\x07\x00")
	if b.wantStatus(0); b.asked(backplane.FieldModuleID, 0) != "\x07\x00" {
		t.Error("the ID wasn't set")
	}
}

func TestATestMailGoesBesideTheLadders(t *testing.T) {
	b := newBench(t, setup(), "greeting=stall")
	b.mail(1, "a@example.com", "from the ladder", "")
	to, err := mailaddr.ParseList("me@example.com")
	if err != nil {
		t.Fatal(err)
	}
	b.network.Script = nil
	if err := b.m.SendTest(b.now, to, "Test", "it works"); err != nil {
		t.Fatal(err)
	}
	if err := b.m.SendTest(b.now, to, "Test", "again"); !errors.Is(err, module.ErrTesting) {
		t.Errorf("a second one: %v", err)
	}
	b.m.Step(b.now)
	test := b.m.Test()
	if !test.Done || test.Result.Status != 0 || len(test.Events) == 0 || !test.Begun.Equal(b.now) {
		t.Errorf("%+v", test)
	}
	for _, e := range test.Events {
		if e.Conversation != test.Result.Conversation {
			t.Errorf("an event of another conversation: %+v", e)
		}
	}
	b.want(backplane.SendEmail, 1, backplane.Busy)
	if b.wantStatus(12); len(b.got) != 1 || !strings.Contains(string(b.got[0].Data), "Subject: Test\r\n") {
		t.Errorf("got %+v", b.got)
	}
	b.wantCounts(0, 1) // only the ladder's are counted
}

func TestATestMailWithoutSettingsSaysSo(t *testing.T) {
	b := newBench(t, settings.Default())
	if b.m.Test().Done {
		t.Error("there was none yet")
	}
	if err := b.m.SendTest(b.now, nil, "Test", ""); err != nil {
		t.Fatal(err)
	}
	b.m.Step(b.now)
	if test := b.m.Test(); !test.Done || test.Result.Status != 24 {
		t.Errorf("%+v", test)
	}
}

func TestTheWorkingCopyCanBeSet(t *testing.T) {
	b := newBench(t, setup())
	e := setup()
	e.Port = 2525
	if err := b.m.SetWorking(e); err != nil || b.m.Working().Port != 2525 || b.m.Store().Email().Port != 25 {
		t.Errorf("%v: %+v", err, b.m.Working())
	}
	e.Port = 0
	if err := b.m.SetWorking(e); !errors.Is(err, settings.ErrInvalid) || b.m.Working().Port != 2525 {
		t.Errorf("%v: %+v", err, b.m.Working())
	}
}

func TestTheZoneStandsInTheDate(t *testing.T) {
	e := setup()
	e.Zone = settings.Zone{Known: true, Minutes: -300}
	b := newBench(t, e)
	b.mail(1, "a@example.com", "s", "b")
	if b.wantStatus(0); !strings.HasPrefix(string(b.got[0].Data), "Date: Wed, 01 Mar 2006 05:48:30 -0500\r\n") {
		t.Errorf("%s", b.got[0].Data)
	}
}

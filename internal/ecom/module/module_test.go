package module_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/catcher"
	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// bench is a module as the backplane sees it, with the catcher for a network and
// a clock in the test's hands.
type bench struct {
	t       *testing.T
	config  module.Config
	initial settings.Email
	factory settings.Setup
	disk    *durable.Memory
	m       *module.Module
	network *catcher.Network
	now     time.Time
	got     []catcher.Received
	lines   []string
}

func addr(s string) mailaddr.Address {
	a, err := mailaddr.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

// setup is a set-up with which mails can be sent.
func setup() settings.Email {
	return settings.Email{
		Server: netip.MustParseAddr("192.168.0.1"), Port: 25, Name: "Machine A-42F", Sender: addr("plc@example.com"),
		Timeout: 60 * time.Second,
	}
}

func newBench(t *testing.T, initial settings.Email, script ...string) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2006, 3, 1, 10, 48, 30, 0, time.UTC)}
	b.network = &catcher.Network{Host: "mail.example.com", Took: func(r catcher.Received) { b.got = append(b.got, r) }}
	for _, s := range script {
		f, err := catcher.ParseFailure(s)
		if err != nil {
			t.Fatal(err)
		}
		b.network.Script = append(b.network.Script, f)
	}
	conversations := 0
	b.initial, b.disk = initial, &durable.Memory{}
	b.factory = settings.At(netip.MustParseAddr("192.168.12.86"), netip.MustParseAddr("255.255.0.0"))
	b.config = module.Config{
		DIP: 1 << 7, Network: b.network,
		Sink: func(e conv.Event) {
			if line, ok := trace.Line(e); ok {
				b.lines = append(b.lines, line)
			}
		},
		NewID: func() string { conversations++; return fmt.Sprint("c", conversations) },
	}
	return b.power()
}

// power turns the module off, if it was on, and on again.
func (b *bench) power() *bench {
	b.t.Helper()
	store, err := settings.OpenStore(b.disk, "slot-1", b.initial, b.factory)
	if err != nil {
		b.t.Fatal(err)
	}
	b.config.Store = store
	b.m = module.New(b.config)
	return b
}

// wx writes a command with a tag; fields are ids and texts.
func (b *bench) wx(op backplane.Op, tag uint16, fields ...any) {
	b.t.Helper()
	c := backplane.Command{Op: op, Tag: tag}
	for i := 0; i < len(fields); i += 2 {
		c.Fields = append(c.Fields, backplane.Field{ID: fields[i].(backplane.FieldID), Data: []byte(fields[i+1].(string))})
	}
	frame, err := backplane.AppendCommand(nil, c)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.m.Write(b.now, backplane.CommandSlave, frame); err != nil {
		b.t.Fatal(err)
	}
	clear(frame) // the slot's buffer is used again
}

func (b *bench) mail(tag uint16, to, subject, body string) {
	b.t.Helper()
	b.wx(backplane.SendEmail, tag, backplane.FieldTo, to, backplane.FieldSubject, subject, backplane.FieldBody, body)
}

// rx reads an answer.
func (b *bench) rx() backplane.Answer {
	b.t.Helper()
	frame, err := b.m.Read(b.now, backplane.CommandSlave, []byte("before"))
	if err != nil || !strings.HasPrefix(string(frame), "before") {
		b.t.Fatalf("RX: %q, %v", frame, err)
	}
	a, err := backplane.ParseAnswer(frame[len("before"):])
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

func (b *bench) want(op backplane.Op, tag, status uint16) {
	b.t.Helper()
	if got, want := b.rx(), (backplane.Answer{Op: op, Tag: tag, Status: status}); !cmp.Equal(got, want, cmpopts.EquateEmpty()) {
		b.t.Errorf("answer %+v, want %+v", got, want)
	}
}

// settle steps the module until its command has ended, and returns the status and
// the time that it took.
func (b *bench) settle() (uint16, time.Duration) {
	b.t.Helper()
	began := b.now
	for range 1000 {
		wake := b.m.Step(b.now)
		if a := b.rx(); a.Status != backplane.Busy {
			return a.Status, b.now.Sub(began)
		}
		if !wake.After(b.now) {
			b.t.Fatalf("busy, and wants to be called at %v", wake)
		}
		b.now = wake
	}
	b.t.Fatal("the command never ends")
	return 0, 0
}

func (b *bench) wantStatus(want uint16) {
	b.t.Helper()
	if got, _ := b.settle(); got != want {
		b.t.Errorf("status %d, want %d\n%s", got, want, strings.Join(b.lines, "\n"))
	}
}

func (b *bench) wantCounts(sent, failed uint64) {
	b.t.Helper()
	if s, f := b.m.Counts(); s != sent || f != failed {
		b.t.Errorf("%d sent and %d failed, want %d and %d", s, f, sent, failed)
	}
}

func TestAMail(t *testing.T) {
	b := newBench(t, setup())
	b.mail(7, "mark@example.com, joe@example.com", "Widget Report", "made 57555")
	b.want(backplane.SendEmail, 7, backplane.Busy)
	b.wantStatus(0)
	b.want(backplane.SendEmail, 7, 0)
	b.want(backplane.SendEmail, 7, 0) // it can be read again
	if len(b.got) != 1 {
		t.Fatalf("%d mails", len(b.got))
	}
	got := b.got[0]
	want := catcher.Received{Helo: "192.168.12.86", From: "plc@example.com", To: []string{"mark@example.com", "joe@example.com"}, Data: got.Data}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, part := range []string{"From: \"Machine A-42F\" <plc@example.com>\r\n", "Subject: Widget Report\r\n", "\r\n\r\nmade 57555\r\n"} {
		if !strings.Contains(string(got.Data), part) {
			t.Errorf("no %q in %q", part, got.Data)
		}
	}
	if r, _ := b.m.Last(); r.Conversation != "c1" || r.Status != 0 || r.Reply.Code != 250 {
		t.Errorf("the last mail: %+v", r)
	}
	b.wantCounts(1, 0)
}

func TestWithoutDIPSwitch7ThereIsNoSlave(t *testing.T) {
	b := newBench(t, setup())
	for _, r := range []struct {
		dip7  bool
		slave byte
	}{{false, backplane.CommandSlave}, {false, backplane.MessageSlave}, {true, 88}, {true, 0}} {
		b.config.DIP = 0
		if r.dip7 {
			b.config.DIP = 1 << 7
		}
		b.power()
		if err := b.m.Write(b.now, r.slave, []byte("anything")); err != backplane.ErrNoSlave {
			t.Errorf("switch 7 %v: WX to slave %d says %v", r.dip7, r.slave, err)
		}
		if got, err := b.m.Read(b.now, r.slave, []byte("x")); err != backplane.ErrNoSlave || string(got) != "x" {
			t.Errorf("switch 7 %v: RX from slave %d says %q, %v", r.dip7, r.slave, got, err)
		}
	}
}

func TestAMalformedFrameIs23(t *testing.T) {
	for name, frame := range map[string][]byte{
		"empty": {}, "short": {1, 7, 0}, "no such command": {9, 7, 0, 0}, "cut off": {1, 7, 0, 1, 1, 200, 'x'},
		"too many bytes": {3, 7, 0, 0, 0}, "an unknown field": {2, 7, 0, 1, 99, 0}, "too long": make([]byte, 200),
	} {
		b := newBench(t, setup())
		if err := b.m.Write(b.now, backplane.CommandSlave, frame); err != nil {
			t.Errorf("%s: the slot gets %v", name, err)
		}
		a := b.rx()
		if a.Status != 23 || len(frame) > 3 && len(frame) < 128 && a.Tag != 7 {
			t.Errorf("%s: answer %+v", name, a)
		}
		b.mail(8, "a@example.com", "", "") // and the next command is served
		b.wantStatus(0)
	}
}

func TestACommandWhileBusyIs22(t *testing.T) {
	b := newBench(t, setup(), "mail=stall")
	b.mail(1, "a@example.com", "first", "")
	b.m.Step(b.now)
	b.mail(2, "b@example.com", "second", "")
	b.wx(backplane.RestoreEmail, 3)
	if err := b.m.Write(b.now, backplane.CommandSlave, []byte{2, 4, 0, 99}); err != nil { // malformed, too
		t.Fatal(err)
	}
	b.want(backplane.SendEmail, 2, 22)
	b.want(backplane.RestoreEmail, 3, 22)
	b.want(backplane.SetupEmail, 4, 22)
	b.want(backplane.SendEmail, 1, backplane.Busy)
	if got := strings.Join(b.lines, "\n"); strings.Contains(got, "second") {
		t.Errorf("the intruder is in the trace:\n%s", got)
	}
	b.wantStatus(13)
	b.wantCounts(0, 1)
}

func TestTheFirstMailGoesOnWhileOthersIntrude(t *testing.T) {
	b := newBench(t, setup())
	b.mail(1, "a@example.com", "first", "")
	b.mail(2, "b@example.com", "second", "")
	b.want(backplane.SendEmail, 2, 22)
	b.wantStatus(0)
	if len(b.got) != 1 || !strings.Contains(string(b.got[0].Data), "Subject: first\r\n") {
		t.Errorf("got %+v", b.got)
	}
}

// TestIntrudersAreBounded: answers that nobody fetches don't pile up.
func TestIntrudersAreBounded(t *testing.T) {
	b := newBench(t, setup(), "greeting=stall")
	b.mail(1, "a@example.com", "", "")
	for tag := range uint16(1000) {
		b.wx(backplane.RestoreEmail, 100+tag)
	}
	answers := 0
	for b.rx().Tag != 1 {
		answers++
	}
	if answers == 0 || answers > 16 {
		t.Errorf("%d answers are held for intruders", answers)
	}
}

func TestRXBeforeAnyWXIs22(t *testing.T) {
	b := newBench(t, setup())
	if a := b.rx(); a.Status != 22 {
		t.Errorf("answer %+v", a)
	}
	b.mail(1, "a@example.com", "", "")
	b.wantStatus(0)
}

// TestECEMSUPAccumulates: each command changes what it gives and nothing else.
func TestECEMSUPAccumulates(t *testing.T) {
	b := newBench(t, settings.Default())
	want := settings.Default()
	step := func(change func(*settings.Email), fields ...any) {
		t.Helper()
		b.wx(backplane.SetupEmail, 5, fields...)
		b.want(backplane.SetupEmail, 5, 0)
		if change(&want); !b.m.Working().Equal(want) {
			t.Errorf("working copy %+v, want %+v", b.m.Working(), want)
		}
	}
	step(func(e *settings.Email) { e.Server = setup().Server }, backplane.FieldServer, "192.168.0.1")
	step(func(e *settings.Email) { e.Sender = setup().Sender }, backplane.FieldSender, "plc@example.com")
	step(func(e *settings.Email) { e.Port, e.Timeout = 2525, 5*time.Second }, backplane.FieldPort, "2525", backplane.FieldTimeout, "5")
	step(func(e *settings.Email) { e.Cc = []mailaddr.Address{addr("c@example.com")} }, backplane.FieldCc, "c@example.com")
	step(func(e *settings.Email) { e.Name = "Förderband" }, backplane.FieldName, "F\xf6rderband")
	step(func(*settings.Email) {})
	if !b.m.Store().Email().Equal(settings.Default()) {
		t.Errorf("ROM is now %+v", b.m.Store().Email())
	}
	b.mail(6, "", "s", "b")
	b.wantStatus(0)
	if diff := cmp.Diff([]string{"192.168.0.1:2525"}, dialled(b)); diff != "" {
		t.Error(diff)
	}
	b.wantCounts(1, 0) // set-up commands aren't mails
}

func dialled(b *bench) []string {
	var list []string
	for _, a := range b.network.Dialed {
		list = append(list, a.String())
	}
	return list
}

func TestABadECEMSUPIs24AndChangesNothing(t *testing.T) {
	b := newBench(t, setup())
	for i, fields := range [][]any{
		{backplane.FieldPort, "26", backplane.FieldTimeout, "0"},
		{backplane.FieldPort, "0"},
		{backplane.FieldServer, "mail.example.com"},
		{backplane.FieldSender, "nobody"},
		{backplane.FieldName, "a\r\nb"},
		{backplane.FieldName, "Press", backplane.FieldCc, "a@example.com,"},
		{backplane.FieldPort, "26", backplane.FieldBody, "a field of a mail"},
	} {
		b.wx(backplane.SetupEmail, uint16(i), fields...)
		b.want(backplane.SetupEmail, uint16(i), 24)
		if !b.m.Working().Equal(setup()) {
			t.Errorf("%v changed the working copy to %+v", fields, b.m.Working())
		}
	}
}

func TestECEMRDSRestores(t *testing.T) {
	b := newBench(t, setup())
	b.wx(backplane.SetupEmail, 1, backplane.FieldPort, "2525", backplane.FieldCc, "c@example.com")
	b.want(backplane.SetupEmail, 1, 0)
	b.wx(backplane.RestoreEmail, 2)
	b.want(backplane.RestoreEmail, 2, 0)
	if !b.m.Working().Equal(setup()) {
		t.Errorf("working copy %+v", b.m.Working())
	}
}

func TestROMSurvivesThePowerAndTheWorkingCopyDoesnt(t *testing.T) {
	b := newBench(t, settings.Default())
	b.wx(backplane.SetupEmail, 1, backplane.FieldPort, "2525")
	if err := b.m.Store().WriteEmail(setup()); err != nil {
		t.Fatal(err)
	}
	if got := b.m.Working(); got.Port != 2525 || !got.Server.IsUnspecified() {
		t.Errorf("writing ROM changed the working copy: %+v", got)
	}
	if !b.m.Store().Email().Equal(setup()) {
		t.Errorf("ROM %+v", b.m.Store().Email())
	}
	b.wx(backplane.SetupEmail, 2, backplane.FieldCc, "c@example.com")
	b.initial.Port = 99 // a changed plant file is ignored once there is a ROM file
	b.power()
	if !b.m.Store().Email().Equal(setup()) || !b.m.Working().Equal(setup()) {
		t.Errorf("after a power cycle: ROM %+v, working copy %+v", b.m.Store().Email(), b.m.Working())
	}
	if a := b.rx(); a.Status != 22 {
		t.Errorf("an answer from before the power cycle: %+v", a)
	}
}

func TestRestoreTakesWhatWasWrittenLast(t *testing.T) {
	b := newBench(t, settings.Default())
	if err := b.m.Store().WriteEmail(setup()); err != nil {
		t.Fatal(err)
	}
	if b.m.Restore(); !b.m.Working().Equal(setup()) {
		t.Errorf("working copy %+v", b.m.Working())
	}
}

func TestABadSetUpDoesntReachROM(t *testing.T) {
	b := newBench(t, setup())
	bad := setup()
	bad.Timeout = 0
	if err := b.m.Store().WriteEmail(bad); err == nil || !b.m.Store().Email().Equal(setup()) {
		t.Errorf("%v; ROM %+v", err, b.m.Store().Email())
	}
	if b.power(); !b.m.Store().Email().Equal(setup()) {
		t.Errorf("after a power cycle: %+v", b.m.Store().Email())
	}
}

func TestTheWorkingCopysCcGoesToEveryMail(t *testing.T) {
	b := newBench(t, setup())
	b.wx(backplane.SetupEmail, 1, backplane.FieldCc, "c@example.com, d@example.com")
	for tag, to := range []string{"a@example.com", "", "b@example.com"} {
		b.mail(uint16(tag), to, "s", "")
		b.wantStatus(0)
	}
	var got []string
	for _, m := range b.got {
		got = append(got, strings.Join(m.To, " "))
		if !strings.Contains(string(m.Data), "\r\nCc: c@example.com,\r\n d@example.com\r\n") {
			t.Errorf("no Cc in the head: %q", m.Data)
		}
	}
	want := []string{"a@example.com c@example.com d@example.com", "c@example.com d@example.com", "b@example.com c@example.com d@example.com"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	b.wantCounts(3, 0)
}

func TestMailsThatCantBegin(t *testing.T) {
	without := func(change func(*settings.Email)) settings.Email {
		e := setup()
		change(&e)
		return e
	}
	for _, r := range []struct {
		name    string
		initial settings.Email
		to      string
		want    uint16
	}{
		{"no To and no Cc", setup(), "", 21},
		{"blanks in To", setup(), "  ", 21},
		{"no server", without(func(e *settings.Email) { e.Server = netip.Addr{} }), "a@example.com", 24},
		{"server 0.0.0.0", without(func(e *settings.Email) { e.Server = netip.IPv4Unspecified() }), "a@example.com", 24},
		{"no sender", without(func(e *settings.Email) { e.Sender = mailaddr.Address{} }), "a@example.com", 24},
		{"nobody has set it up", settings.Default(), "", 24},
		{"To isn't an address", setup(), "mark", 23},
		{"To has a comma too many", setup(), "a@example.com,", 23},
		{"To has a line end", setup(), "a@example.com\r\nRCPT TO:<b@example.com>", 23},
		{"To isn't ASCII", setup(), "bj\xc3\xb8rn@example.com", 23},
		{"To isn't text", setup(), "\xff@example.com", 23},
	} {
		b := newBench(t, r.initial)
		b.mail(1, r.to, "s", "b")
		b.want(backplane.SendEmail, 1, r.want) // at once
		if len(b.network.Dialed) > 0 || len(b.got) > 0 {
			t.Errorf("%s: it dialled %v", r.name, b.network.Dialed)
		}
		if last := b.lines[len(b.lines)-1]; last != fmt.Sprintf("Error: %d", r.want) {
			t.Errorf("%s: the trace ends in %q", r.name, last)
		}
		b.wantCounts(0, 1)
	}
}

func TestALineEndInTheSubjectIs23(t *testing.T) {
	b := newBench(t, setup())
	b.mail(1, "a@example.com", "s\r\nBcc: x@example.com", "")
	b.want(backplane.SendEmail, 1, 23)
}

// TestMostRecipients is as near as ladder comes to 25: MaxCc of 50 and what a
// frame's 103 bytes of text hold stay below the mailer's 100 recipients, its 512
// bytes of subject and its 64 KiB of body. Only a caller with another frame gets
// 25; the mailer's own test has it.
func TestMostRecipients(t *testing.T) {
	e := setup()
	for i := range settings.MaxCc {
		e.Cc = append(e.Cc, addr(fmt.Sprintf("u%d@example.com", i)))
	}
	to := strings.TrimSuffix(strings.Repeat("a@b,", 26), ",")
	if len(to) != backplane.MaxText {
		t.Fatalf("%d bytes", len(to))
	}
	b := newBench(t, e)
	b.mail(1, to, "", "")
	b.wantStatus(0)
	if n := len(b.got[0].To); n != 76 {
		t.Errorf("%d recipients", n)
	}
}

func TestTheServersCodesPassThrough(t *testing.T) {
	for script, want := range map[string]uint16{
		"greeting=421 busy": 421, "mail=450 later": 450, "rcpt=550 5.1.1 no such user": 550, "end=554 spam": 554, "data=599 odd": 599,
		"end=451 4.3.0 trouble": 451, "helo=500 what": 500, "end=252 perhaps": 0, "data=250 ok": 22, "mail=hello": 23, "rcpt=drop": 20,
	} {
		b := newBench(t, setup(), script)
		b.mail(9, "a@example.com", "s", "b")
		if got, took := b.settle(); got != want || took > 0 {
			t.Errorf("%s: status %d after %v, want %d", script, got, took, want)
		}
		if want == 0 {
			b.wantCounts(1, 0)
		} else {
			b.wantCounts(0, 1)
		}
		if last, _ := b.m.Last(); last.Status != int(want) {
			t.Errorf("%s: the last mail: %+v", script, last)
		}
	}
}

func TestARefusedRecipientShows(t *testing.T) {
	b := newBench(t, setup(), "rcpt:2=550 no")
	b.mail(1, "a@example.com,b@example.com,c@example.com", "s", "b")
	b.wantStatus(550)
	if len(b.got) != 1 || strings.Join(b.got[0].To, " ") != "a@example.com c@example.com" {
		t.Errorf("got %+v", b.got)
	}
	b.wantCounts(0, 1)
}

func TestAMailThatStallsEndsAtItsTimeout(t *testing.T) {
	for script, want := range map[string]uint16{
		"connect=stall": 11, "connect=drop": 11, "greeting=stall": 12, "helo=stall": 12, "mail=stall": 13, "rcpt=stall": 14,
		"data=stall": 15, "subject=stall": 16, "body=stall": 17, "end=stall": 18,
	} {
		b := newBench(t, setup(), script)
		b.wx(backplane.SetupEmail, 1, backplane.FieldTimeout, "90")
		b.mail(2, "a@example.com", "s", "b")
		if got, took := b.settle(); got != want || took != 90*time.Second {
			t.Errorf("%s: status %d after %v, want %d after 90 s", script, got, took, want)
		}
		b.wantCounts(0, 1)
		b.network.Script = nil // the server is back; the next mail isn't held up by a farewell
		b.mail(3, "a@example.com", "s", "b")
		b.wantStatus(0)
		b.wantCounts(1, 1)
	}
}

// TestAnotherSetUpDoesntReachAMailUnderWay: the working copy counts as it is when
// the module takes the command.
func TestAnotherSetUpDoesntReachAMailUnderWay(t *testing.T) {
	b := newBench(t, setup(), "greeting=stall")
	b.mail(1, "a@example.com", "s", "b")
	e := setup()
	e.Timeout = time.Second
	if err := b.m.Store().WriteEmail(e); err != nil {
		t.Fatal(err)
	}
	b.m.Restore()
	if got, took := b.settle(); got != 12 || took != time.Minute {
		t.Errorf("status %d after %v", got, took)
	}
}

func TestWithoutAnIPAddressOrAMaskItNeverConnects(t *testing.T) {
	for name, change := range map[string]func(*settings.Setup){
		"ip 0.0.0.0": func(c *settings.Setup) { c.IP = netip.IPv4Unspecified() }, "no ip": func(c *settings.Setup) { c.IP = netip.Addr{} },
		"mask 0.0.0.0": func(c *settings.Setup) { c.Subnet = netip.IPv4Unspecified() }, "no mask": func(c *settings.Setup) { c.Subnet = netip.Addr{} },
	} {
		b := newBench(t, setup())
		change(&b.factory)
		b.power().mail(1, "a@example.com", "s", "b")
		if got, took := b.settle(); got != 11 || took != time.Minute || len(b.network.Dialed) > 0 {
			t.Errorf("%s: status %d after %v, dialled %v", name, got, took, b.network.Dialed)
		}
		b.wx(backplane.SetupEmail, 2, backplane.FieldPort, "26") // the backplane works all the same
		b.want(backplane.SetupEmail, 2, 0)
	}
}

func TestAnIdleModuleSleeps(t *testing.T) {
	b := newBench(t, setup())
	if wake := b.m.Step(b.now); !wake.IsZero() {
		t.Errorf("idle, and wants to be called at %v", wake)
	}
	b.mail(1, "a@example.com", "s", "b")
	if wake := b.m.Step(b.now); !wake.IsZero() { // the mail and its farewell are over
		t.Errorf("done, and wants to be called at %v", wake)
	}
	b.want(backplane.SendEmail, 1, 0)
}

func TestWithoutASink(t *testing.T) {
	b := newBench(t, setup())
	b.config.Sink = nil
	b.power().mail(1, "a@example.com", "s", "b")
	b.wantStatus(0)
}

func TestSlave90TakesWhatIsWritten(t *testing.T) {
	b := newBench(t, settings.Default())
	if err := b.m.Write(b.now, backplane.MessageSlave, []byte("a message")); err != nil {
		t.Errorf("WX to slave 90 says %v", err)
	}
	if got, err := b.m.Read(b.now, backplane.CommandSlave, nil); err != nil || len(got) == 0 {
		t.Errorf("slave 89 says %q, %v", got, err)
	}
}

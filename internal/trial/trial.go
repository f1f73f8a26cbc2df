// Package trial runs a ladder program on a soft rack for as long as its mails
// take, and reports what a person would look at: the trace, the mail, the bits
// and the code. `rungmail try` and `rungmail demo` are made of it.
package trial

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/internal/link"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/ibox"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
	"github.com/rungmail/rungmail/internal/rack"
)

// Clock is the time of a trial.
type Clock interface {
	// Now is the time.
	Now() time.Time
	// Wait returns at the time, or earlier when a link has an event.
	Wait(until time.Time)
}

// Virtual is a clock that jumps: a trial of an hour takes a moment.
type Virtual struct{ now time.Time }

// NewVirtual is a virtual clock that begins at a time.
func NewVirtual(start time.Time) *Virtual { return &Virtual{now: start} }

// Now is the virtual time.
func (v *Virtual) Now() time.Time { return v.now }

// Wait jumps to the time.
func (v *Virtual) Wait(until time.Time) {
	if until.After(v.now) {
		v.now = until
	}
}

// Wall is the clock on the wall; Wake is the link's wake-up call.
type Wall struct{ wake chan struct{} }

// NewWall is a clock on the wall.
func NewWall() *Wall { return &Wall{wake: make(chan struct{}, 1)} }

// Now is the time.
func (*Wall) Now() time.Time { return time.Now() }

// Wake ends the present Wait; any goroutine may call it.
func (w *Wall) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Wait returns at the time, or at the next Wake.
func (w *Wall) Wait(until time.Time) {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.wake:
	}
}

// Module is one ECOM100 of a trial.
type Module struct {
	Slot  int
	DIP   byte // the switches that are on, switch 0 the lowest bit
	Email settings.Email
	Setup settings.Setup
}

// DefaultModule is a module as the manuals' examples have it, ready to send.
func DefaultModule(slot int) Module {
	m := Module{
		Slot: slot, DIP: 1 << 7, Email: settings.Default(),
		Setup: settings.At(netip.MustParseAddr("192.168.12.86"), netip.MustParseAddr("255.255.0.0")),
	}
	m.Email.Server = netip.MustParseAddr("192.168.0.1")
	if err := m.Email.Sender.UnmarshalText([]byte("plc@example.com")); err != nil {
		panic(err) // a constant
	}
	return m
}

// Layout is the memory map of the controller that a trial runs on.
func (c Config) Layout() *memory.Layout {
	l, _ := memory.LayoutOf(c.CPU) // the checker has seen that it runs programs
	return l
}

// Setting is a word or bit that the trial sets before the first scan.
type Setting struct {
	Addr  memory.Addr
	Value uint16
}

// Config is what a trial is made of.
type Config struct {
	Program *check.Program
	CPU     string
	Print   vprint.Options
	Modules []Module
	Network link.Network
	Clock   Clock
	Set     []Setting
	Pulse   []memory.Addr
	For     time.Duration // how long the program runs on after the last pulse
	// Line gets each line of the trace as it comes; it may be nil.
	Line func(string)
}

// scan is the scan time of a trial, and most its longest time for one pulse.
const (
	scan = 10 * time.Millisecond
	most = 2 * time.Hour
)

// Trial is a rack that has been run.
type Trial struct {
	ctx    context.Context
	config Config
	rack   *rack.Rack
	ended  []ibox.Outcome
	lines  []string
	told   int // of the lines
}

// Run runs a trial: it sets what is to be set, lets the program begin, and pulses
// one bit after the other, each until every box has ended. It ends early, with an
// error, when the context does.
func Run(ctx context.Context, config Config) (*Trial, error) {
	t := &Trial{ctx: ctx, config: config}
	modules := map[int]module.Config{}
	disk := &durable.Memory{}
	for _, m := range config.Modules {
		store, err := settings.OpenStore(disk, fmt.Sprintf("slot-%d", m.Slot), m.Email, m.Setup)
		if err != nil {
			return nil, fmt.Errorf("slot %d: the module can't start: %w", m.Slot, err)
		}
		modules[m.Slot] = module.Config{
			DIP: m.DIP, Store: store,
			Network: config.Network, Sink: t.sink(store), NewID: func() string { return uuid.Must(uuid.NewV7()).String() },
		}
	}
	r, err := rack.New(rack.Config{
		CPU: config.CPU, Scan: scan, Print: config.Print, Modules: modules,
		Ended: func(o ibox.Outcome) { t.ended = append(t.ended, o) },
	})
	if err != nil {
		return nil, err
	}
	t.rack = r
	if err := r.Load(config.Program); err != nil {
		return nil, err
	}
	return t, t.run()
}

func (t *Trial) run() error {
	for _, s := range t.config.Set {
		if err := t.rack.Write(s.Addr, s.Value); err != nil {
			return err
		}
	}
	if err := t.settle(); err != nil {
		return err
	}
	for _, bit := range t.config.Pulse {
		for _, v := range []uint16{1, 0} {
			if err := t.rack.Write(bit, v); err != nil {
				return err
			}
			if err := t.settle(); err != nil {
				return err
			}
		}
	}
	for end := t.config.Clock.Now().Add(t.config.For); t.config.Clock.Now().Before(end); {
		if err := t.step(); err != nil {
			return err
		}
	}
	return t.settle()
}

// step runs what is due and waits for what comes next.
func (t *Trial) step() error {
	if err := t.ctx.Err(); err != nil {
		return fmt.Errorf("stopped before every box had ended: %w", err)
	}
	wake := t.rack.Step(t.config.Clock.Now())
	t.tell() // not from inside the step: a slow reader must not hold up a scan
	t.config.Clock.Wait(wake)
	return nil
}

// settle runs a few scans, and on until no box has anything under way.
func (t *Trial) settle() error {
	clock := t.config.Clock
	end := clock.Now().Add(most)
	from := t.rack.Scans()
	for t.rack.Scans() < from+5 || !t.rack.Idle() {
		if clock.Now().After(end) {
			return fmt.Errorf("a box is still busy after %s", most)
		}
		if err := t.step(); err != nil {
			return err
		}
	}
	return nil
}

// sink turns a module's events into stamped lines.
func (t *Trial) sink(store *settings.Store) conv.Sink {
	return func(e conv.Event) {
		text, ok := trace.Line(e)
		if !ok {
			return
		}
		t.lines = append(t.lines, trace.Stamped(e.Time, store.Setup().IP.String(), text))
	}
}

// tell hands on the lines that are new.
func (t *Trial) tell() {
	for ; t.told < len(t.lines); t.told++ {
		if t.config.Line != nil {
			t.config.Line(t.lines[t.told])
		}
	}
}

// Trace is the lines of the trace, as the viewer shows them.
func (t *Trial) Trace() []string { return t.lines }

// Ended is the requests of all boxes, in the order in which they ended.
func (t *Trial) Ended() []ibox.Outcome { return t.ended }

// Last is how the latest ECEMAIL ended.
func (t *Trial) Last(mnemonic string) (ibox.Outcome, bool) { return t.rack.Last(mnemonic) }

// LastResult is how the latest mail of a slot's module ended, with the server's
// words.
func (t *Trial) LastResult(slot int) (r mailer.Result) {
	t.rack.Module(slot, func(m *module.Module) { r, _ = m.Last() })
	return r
}

// Read reads an address of the rack.
func (t *Trial) Read(a memory.Addr) (uint16, error) { return t.rack.Read(a) }

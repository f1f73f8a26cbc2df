package app

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/link"
	"github.com/rungmail/rungmail/internal/plant"
	"github.com/rungmail/rungmail/internal/plc/ibox"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/vprint"
	"github.com/rungmail/rungmail/internal/rack"
	"github.com/rungmail/rungmail/reply"
)

// runner drives one rack by the clock on the wall.
type runner struct {
	name  string
	plant *plant.Rack // as the rack was built, but for what Reload has taken
	text  string      // of the program that runs
	rack  *rack.Rack
	later *link.Later
	wake  chan struct{}     // something is due before the loop would look
	next  atomic.Int64      // when the loop will look, in nanoseconds of Unix time
	stage atomic.Int32      // running, finishing or over
	ended chan ibox.Outcome // for the log; what finds no room is not logged
	ecoms []*ecom
	slog  *slog.Logger
	flash sync.WaitGroup // writes to ROM that are under way
}

// newRunner builds a rack and loads its program.
func (a *App) newRunner(r *plant.Rack, program Loaded) (*runner, error) {
	run := &runner{name: r.Name, plant: r, text: program.text, later: &link.Later{}, wake: make(chan struct{}, 1), ended: make(chan ibox.Outcome, 256), slog: a.options.Log}
	modules := map[int]module.Config{}
	for _, m := range r.Modules {
		e, err := a.newECOM(run, m)
		if err != nil {
			return nil, fmt.Errorf("slot %d: the module can't start: %w", m.Slot, err)
		}
		run.ecoms = append(run.ecoms, e)
		modules[m.Slot] = module.Config{
			DIP: DIP(m), Store: e.store, Network: link.TCP{Bind: m.Bind, Wake: run.event, Later: run.later},
			Sink: func(event conv.Event) { e.hub.Publish(event); a.hub.Publish(event) }, NewID: newID, Flash: run.store,
		}
	}
	var err error
	run.rack, err = rack.New(rack.Config{
		CPU: r.CPU, Scan: r.Scan, Print: vprint.Options{NumberWidth: r.NumberWidth}, Modules: modules, Ended: run.note,
	})
	if err != nil {
		return nil, err
	}
	if program.program != nil {
		err = run.rack.Load(program.program)
	}
	return run, err
}

// store carries out a write to ROM on a goroutine of its own, and steps the rack
// when it is done.
func (r *runner) store(work func() error) (done func() (bool, error)) {
	var end atomic.Pointer[error]
	r.flash.Go(func() {
		err := work()
		if err != nil {
			r.slog.Error("a module's ROM couldn't be written", "rack", r.name, "error", err.Error())
		}
		end.Store(&err)
		r.event()
	})
	return func() (bool, error) {
		if err := end.Load(); err != nil {
			return true, *err
		}
		return false, nil
	}
}

// kick wakes the runner; any goroutine may call it.
func (r *runner) kick() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// note takes an outcome out of the scan.
func (r *runner) note(o ibox.Outcome) {
	select {
	case r.ended <- o:
	default:
	}
}

// Stages of a runner.
const (
	running   int32 = iota
	finishing       // no more scans: only mails that are under way go on
	over
)

// step runs what is due and writes what came of it, outside the rack's lock, until
// nothing more follows.
func (r *runner) step() (wake time.Time, busy bool) {
	for {
		switch r.stage.Load() {
		case running:
			wake = r.rack.Step(time.Now())
		case finishing:
			wake, busy = r.rack.Finish(time.Now())
		}
		if !r.later.Flush() {
			return wake, busy
		}
	}
}

// event is called where a link has an event, on the link's own goroutine, and
// steps the rack right there: no change of goroutine stands between a server's
// reply and the next command.
func (r *runner) event() {
	if r.stage.Load() == over {
		return
	}
	if wake, _ := r.step(); wake.UnixNano() < r.next.Load() {
		r.kick()
	}
}

// look steps the rack and returns when to look again; from then on an event that
// makes something due earlier kicks the loop.
func (r *runner) look() (wake time.Time, busy bool) {
	r.next.Store(math.MaxInt64) // while it isn't known, every event kicks
	wake, busy = r.step()
	r.next.Store(wake.UnixNano())
	return wake, busy
}

// run steps the rack until the context ends, and then lets a mail that is under
// way go on for a while. A panic in a scan ends the process: memory that a broken
// scan has left can't be trusted.
func (r *runner) run(ctx context.Context, o Options) {
	for wake, _ := r.look(); r.wait(ctx.Done(), wake); {
		wake, _ = r.look()
	}
	r.stage.Store(finishing)
	end := time.Now().Add(o.Finish)
	for wake, busy := r.look(); busy && time.Now().Before(end); wake, busy = r.look() {
		r.wait(nil, earlier(wake, end))
	}
	r.stage.Store(over)
	r.flash.Wait()
	for _, cut := range r.rack.Close(time.Now()) {
		text := "mail cut off before the server had it"
		if cut.State == mailer.End {
			text = "mail cut off after its last byte: the server may have it"
		}
		o.Log.Warn(text, "rack", r.name, "slot", cut.Slot, "state", cut.State.String())
	}
}

// wait waits until a time, an event of a link, or done, and tells whether it isn't
// done.
func (r *runner) wait(done <-chan struct{}, until time.Time) bool {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-done:
		return false
	case <-timer.C:
	case <-r.wake:
	}
	return true
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// log writes a line for each request of a box that ends, without any text of the
// mail. What had ended when the context did is logged too.
func (r *runner) log(ctx context.Context, log *slog.Logger) {
	for {
		select {
		case o := <-r.ended:
			r.logOne(ctx, log, o)
			continue
		default:
		}
		select {
		case <-ctx.Done():
			return
		case o := <-r.ended:
			r.logOne(ctx, log, o)
		}
	}
}

func (r *runner) logOne(ctx context.Context, log *slog.Logger, o ibox.Outcome) {
	level, text := slog.LevelInfo, "box ended well"
	if o.Code != ibox.CodeSuccess {
		level, text = slog.LevelWarn, "box ended in error"
	}
	args := []any{
		"rack", r.name, "box", o.Box, "line", o.Line, "ecom", o.ECOM,
		"code", o.Code, "meaning", reply.Status(o.Code), "took", o.Ended.Sub(o.Begun).String(),
	}
	if why := r.why(o); why != "" {
		args = append(args, "why", why)
	}
	log.Log(ctx, level, text, args...)
}

// why is what the server or the network said when a mail failed; empty where the
// module has ended another one since.
func (r *runner) why(o ibox.Outcome) (text string) {
	if o.Code == ibox.CodeSuccess || o.Box != isa.EmailBox {
		return ""
	}
	r.rack.Module(o.Slot, func(m *module.Module) {
		if last, tag := m.Last(); tag == o.Tag {
			text = last.Cause()
		}
	})
	return text
}

// lastMail is how the rack's latest ECEMAIL ended.
func (r *runner) lastMail() (ibox.Outcome, bool) { return r.rack.Last(isa.EmailBox) }

// Package delivery gets messages from the outbox to the upstreams: it claims what is
// due, finds the route of each recipient, tries the route's upstreams in their order,
// and writes down what became of each recipient before anybody is told.
//
// A permanent refusal of a message is final at the first upstream that gives it; only
// an upstream's own failure lets the next one be tried. What nobody was told in time
// becomes an alarm.
//
// It speaks no SMTP and opens no file; upstreams and the store are handed to it, and
// so is the clock.
//
// Source: DESIGN.md, "The gateway".
package delivery

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/ticket"
	"github.com/rungmail/rungmail/internal/gateway/upstream"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// Config is what delivery works with.
type Config struct {
	Store     outbox.Store
	Upstreams []upstream.Sender
	Routes    []Route       // the first that fits a recipient counts; the last should fit all
	Workers   int           // messages under way at once, at least 1
	Owner     string        // of leases: this process
	Lease     time.Duration // how long a message is this process's; 0 is DefaultLease
	Backoff   Backoff       // zero is DefaultBackoff
	Now       func() time.Time
	Rand      func() float64 // 0 to 1, for jitter
	Alarms    *alarm.Book
	Log       *slog.Logger
	// Built is when the program was built. A clock before it is wrong, and so is an
	// expiry that was worked out by such a clock: neither lets a message expire. Zero
	// for not known.
	Built time.Time
	// Failed is told of a message that has come to its end and of which something was
	// refused, given up or lost, when the device was told otherwise; it may be nil. It
	// is called on a worker, and so by several goroutines at once.
	Failed func(context.Context, outbox.Record)
	// Recode makes 7-bit text of a content; nil where upstreams without 8BITMIME get
	// what there is.
	Recode func(io.Reader) io.Reader
}

// DefaultLease is longer than any one try may take.
const DefaultLease = 30 * time.Minute

// Engine delivers. It is safe for use by several goroutines at once.
type Engine struct {
	config   Config
	senders  map[string]upstream.Sender
	breakers map[string]*breaker
	used     []*breaker // of upstreams that a route has
	ledger   ledger
	jobs     chan job
	kick     chan struct{}
	hungry   atomic.Bool // more may be due than there was room for
	stopped  atomic.Bool
	purging  chan struct{} // room for purges under way
	work     sync.WaitGroup
}

// job is a message that is leased to this engine.
type job struct {
	claimed outbox.Claimed
	until   time.Time // the lease's end
	wait    *Wait     // nil where nobody waits
}

// Wait is somebody's wait for what becomes of a message in its first try.
type Wait struct {
	*ticket.Ticket
	delivered bool
}

// NewWait begins a wait.
func NewWait() *Wait { return &Wait{Ticket: ticket.New()} }

// Delivered tells whether every recipient has the message. It counts once Done is
// closed.
func (w *Wait) Delivered() bool { return w.delivered }

// maxPurging bounds the purges under way.
const maxPurging = 256

// New is an engine that hasn't begun. Live are the messages that the store has from
// before, unless they are counted one by one with [Engine.Found]: what comes now
// doesn't overtake them.
func New(config Config, live []outbox.Record) (*Engine, error) {
	config.Workers = max(1, config.Workers)
	if config.Lease <= 0 {
		config.Lease = DefaultLease
	}
	if config.Backoff == (Backoff{}) {
		config.Backoff = DefaultBackoff()
	}
	e := &Engine{
		config: config, senders: map[string]upstream.Sender{}, breakers: map[string]*breaker{}, jobs: make(chan job, config.Workers),
		kick: make(chan struct{}, 1), purging: make(chan struct{}, maxPurging), ledger: newLedger(config.Routes),
	}
	for _, s := range config.Upstreams {
		e.senders[s.Name()], e.breakers[s.Name()] = s, &breaker{}
	}
	for _, r := range config.Routes {
		for _, name := range r.Upstreams {
			if e.senders[name] == nil {
				return nil, fmt.Errorf("route %s: no upstream is named %s", r.Name, name)
			}
			if b := e.breakers[name]; !slices.Contains(e.used, b) {
				e.used = append(e.used, b)
			}
		}
	}
	for _, r := range live {
		e.Found(r)
	}
	return e, nil
}

// Found counts a live message that the store has from before.
func (e *Engine) Found(r outbox.Record) { e.ledger.add(r) }

// Submit hands a new message to delivery. With a wait it is leased to this engine, and
// somebody waits for its verdict; false where no worker is free, so that nobody
// should: it is to be given back then. Without one it is in the store like any other,
// and this only says so; that is also how a message comes back that had ended.
func (e *Engine) Submit(c outbox.Claimed, w *Wait) bool {
	if w == nil {
		e.ledger.add(c.Record)
		e.Kick()
		return true
	}
	if e.stopped.Load() || !e.ledger.begin(c.Record, false) {
		return false
	}
	select {
	case e.jobs <- job{c, e.config.Now().Add(e.config.Lease), w}:
		return true
	default:
		e.ledger.forget(c.Record.ID)
		return false
	}
}

// GiveBack ends the lease of a message that was put for somebody's wait and found no
// worker. It goes out like any other.
func (e *Engine) GiveBack(c outbox.Claimed) {
	if _, err := e.putOff(context.Background(), c, c.Record.Next); err != nil {
		e.config.Log.Warn("a message goes out when its lease is over", "message", string(c.Record.ID), "error", err.Error())
	}
	e.Submit(outbox.Claimed{Record: c.Record}, nil)
}

// Late tells that nobody waits any more for a message that was submitted with a wait.
func (e *Engine) Late(id outbox.ID) { e.ledger.late(id) }

// Gone tells that a message is no longer live, by a person's hand: its record as it
// was before.
func (e *Engine) Gone(before outbox.Record) { e.ledger.drop(before) }

// Owner is who leases messages to this engine, and for how long.
func (e *Engine) Owner() outbox.Lease {
	return outbox.Lease{Owner: e.config.Owner, Until: e.config.Now().Add(e.config.Lease)}
}

// Ready tells whether somebody may wait for a message's verdict: not where its route
// is held or none of its upstreams is well, nor where older mail waits.
func (e *Engine) Ready(r outbox.Record) bool {
	if len(e.jobs) == cap(e.jobs) || e.stopped.Load() {
		return false
	}
	now := e.config.Now()
	for _, to := range r.To {
		route := route(e.config.Routes, &r, to.Address)
		if route == nil || route.Hold || !e.anyWell(route, now) || e.ledger.older(route) > 0 {
			return false
		}
	}
	return true
}

func (e *Engine) anyWell(r *Route, now time.Time) bool {
	for _, name := range r.Upstreams {
		if e.breakers[name].well(now) {
			return true
		}
	}
	return false
}

// Older is how many live messages wait on a route with nobody waiting for them.
func (e *Engine) Older(name string) int {
	for i := range e.config.Routes {
		if r := &e.config.Routes[i]; r.Name == name {
			return e.ledger.older(r)
		}
	}
	return 0
}

// UTF8 tells whether a recipient of a message whose address isn't ASCII can have it:
// an upstream of its route takes such addresses, or hasn't been asked yet.
func (e *Engine) UTF8(r outbox.Record, to mailaddr.Address) bool {
	found := route(e.config.Routes, &r, to)
	if found == nil {
		return true // that is another trouble
	}
	for _, name := range found.Upstreams {
		if yes, known := e.senders[name].UTF8(); yes || !known {
			return true
		}
	}
	return false
}

// Release lets an upstream be tried again at once, after a person has mended it; with
// an empty name all of them.
func (e *Engine) Release(name string) {
	for n, b := range e.breakers {
		if name == "" || n == name {
			b.reset()
		}
	}
	e.Kick()
}

// Health is how an upstream does.
type Health struct {
	Name  string    `json:"name"`
	Well  bool      `json:"well"`
	Login bool      `json:"login_refused"`
	Until time.Time `json:"until"` // while it isn't well: when it is tried again
	Why   string    `json:"why"`
}

// Health lists the upstreams, in the order in which they are configured.
func (e *Engine) Health() []Health {
	list := make([]Health, 0, len(e.config.Upstreams))
	for _, s := range e.config.Upstreams {
		list = append(list, e.breakers[s.Name()].health(s.Name()))
	}
	return list
}

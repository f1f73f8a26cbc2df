// Package ticket is the promise between the intake that holds a device on the line
// and the delivery that works on its message: exactly one of them decides what the
// device hears. Either delivery resolves the ticket in time, and the device hears the
// upstream's verdict, or intake lets it expire, and the device hears that the message
// is queued; what comes of it then is a late result.
//
// It has no clock: whoever waits brings a timer of its own.
package ticket

import (
	"sync"

	"github.com/rungmail/rungmail/reply"
)

// Verdict is what has become of a message in time.
type Verdict struct {
	// Refused tells that every recipient was refused for good; Reply is what the device
	// hears then: the first one's.
	Refused bool
	Reply   reply.Reply
}

// Ticket is one message's.
type Ticket struct {
	mu      sync.Mutex
	decided bool
	done    chan struct{}
	verdict Verdict
}

// New is a ticket that nobody has decided.
func New() *Ticket { return &Ticket{done: make(chan struct{})} }

// Resolve is delivery's: it tells the device's side the verdict, unless that has gone
// on without it. It returns whether the verdict was in time. What it says must be
// durable before.
func (t *Ticket) Resolve(v Verdict) (inTime bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.decided {
		return false
	}
	t.decided, t.verdict = true, v
	close(t.done)
	return true
}

// Expire is intake's: it goes on without a verdict, unless there is one. With false
// there is, and it counts.
func (t *Ticket) Expire() (expired bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.decided {
		return false
	}
	t.decided = true
	return true
}

// Done is closed when the ticket has been resolved in time.
func (t *Ticket) Done() <-chan struct{} { return t.done }

// Verdict is what Resolve said; it counts once Done is closed.
func (t *Ticket) Verdict() Verdict {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.verdict
}

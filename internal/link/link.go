// Package link is a connection as the protocol cores see it: events come out,
// bytes go in, nothing blocks. [TCP] is the one on real sockets; the mail catcher
// has one in memory, on which a conversation runs in one goroutine and on any
// clock.
package link

import "net/netip"

// Kind is what happened on a link.
type Kind uint8

// The kinds of events.
const (
	Connected Kind = iota // the connection stands
	Received              // Data came
	Written               // one Write is wholly with this system, or held for the next
	Closed                // refused, unreachable, closed, reset, or a write failed
)

// Event is something that happened on a link.
type Event struct {
	Kind Kind
	Data []byte // of Received; valid until the next call of Next
	Err  error  // of Closed; nil when the peer closed in order
}

// Link is one connection. None of its methods blocks.
type Link interface {
	// Next is the next event, if one has happened. Each Write gives one Written.
	Next() (Event, bool)
	// Write queues bytes, which it copies. With more another Write follows as soon
	// as this one is Written, and the link may hold these bytes, up to 16 KiB, to
	// make one packet of both.
	Write(p []byte, more bool)
	// Close ends the connection and drops what isn't written yet; no event comes
	// after it. It may be called again, and must be called when Closed came too.
	Close()
}

// Nowhere is a network without a way out: what is dialled never answers.
type Nowhere struct{}

var _ Network = Nowhere{}

// Dial gives a link that has no events.
func (Nowhere) Dial(netip.AddrPort) Link { return silent{} }

type silent struct{}

func (silent) Next() (Event, bool) { return Event{}, false }
func (silent) Write([]byte, bool)  {}
func (silent) Close()              {}

// Network opens links.
type Network interface {
	// Dial begins to connect; Connected or Closed tells how it went.
	Dial(server netip.AddrPort) Link
}

package catcher

import (
	"net/netip"
	"syscall"

	"github.com/rungmail/rungmail/internal/link"
)

// Network is a network in memory in which the catcher stands at every address.
// It has no goroutine and no clock: a stalled server simply has no more events.
type Network struct {
	Host   string
	Script Script
	Took   func(Received) // gets each mail; may be nil
	Dialed []netip.AddrPort

	used map[int]bool // lines of the script that came into play
}

var _ link.Network = (*Network)(nil)

// Unused is the lines of the script that never came into play.
func (n *Network) Unused() Script {
	var left Script
	for i, f := range n.Script {
		if !n.used[i] {
			left = append(left, f)
		}
	}
	return left
}

func (n *Network) noteUse() map[int]bool {
	if n.used == nil {
		n.used = map[int]bool{}
	}
	return n.used
}

// Dial connects to the catcher, unless its script refuses.
func (n *Network) Dial(server netip.AddrPort) link.Link {
	n.Dialed = append(n.Dialed, server)
	l := &memoryLink{session: NewSession(n.Host, n.Script, n.Took)}
	l.session.used = n.noteUse()
	f, fails := n.Script.at(Connect, 0, n.noteUse())
	l.deaf = fails
	switch {
	case !fails:
		l.push(link.Event{Kind: link.Connected})
		l.act(l.session.Begin())
	case f.Manner != Stall:
		l.push(link.Event{Kind: link.Closed, Err: syscall.ECONNREFUSED})
	}
	return l
}

// memoryLink is one connection to a session in memory.
type memoryLink struct {
	session *Session
	events  []link.Event
	deaf    bool // the server takes nothing more: it has stalled or hung up
	closed  bool
}

func (l *memoryLink) push(e link.Event) { l.events = append(l.events, e) }

// act turns what the server does into events.
func (l *memoryLink) act(o Outcome) {
	if len(o.Out) > 0 {
		l.push(link.Event{Kind: link.Received, Data: o.Out})
	}
	switch {
	case o.Manner == Stall:
		l.deaf = true
	case o.Manner == Reset:
		l.deaf = true
		l.push(link.Event{Kind: link.Closed, Err: syscall.ECONNRESET})
	case o.Manner == Drop, o.Over:
		l.deaf = true
		l.push(link.Event{Kind: link.Closed})
	}
}

// Next is the next event.
func (l *memoryLink) Next() (link.Event, bool) {
	if l.closed || len(l.events) == 0 {
		return link.Event{}, false
	}
	e := l.events[0]
	l.events = l.events[1:]
	return e, true
}

// Write hands bytes to the server, unless it takes nothing more.
func (l *memoryLink) Write(p []byte, _ bool) {
	if l.closed || l.deaf {
		return
	}
	o := l.session.Feed(p)
	if o.Manner != Stall {
		l.push(link.Event{Kind: link.Written})
	}
	l.act(o)
}

// Close ends the connection.
func (l *memoryLink) Close() { l.closed = true }

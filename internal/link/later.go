package link

import (
	"net"
	"sync"
	"sync/atomic"
)

// Later holds back what links are to write while a lock is held, so that nothing
// is written under it, and lets the goroutine that held the lock write it itself.
// The zero value is ready; it is safe for use by several goroutines.
type Later struct {
	ready atomic.Bool // there are links, so that Flush needs no lock to find none
	mu    sync.Mutex
	links []*conn
}

func (w *Later) add(l *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.links = append(w.links, l)
	w.ready.Store(true)
}

// Flush writes what waits, as far as that doesn't block; the links' own goroutines
// do the rest. It tells whether any link has a Written for it, which no Wake
// announces.
func (w *Later) Flush() (wrote bool) {
	if !w.ready.Load() {
		return false
	}
	w.mu.Lock()
	links := w.links
	w.links = nil
	w.ready.Store(false)
	w.mu.Unlock()
	for _, l := range links {
		wrote = l.flush() || wrote
	}
	return wrote
}

// maxHeld is how much of pieces that more follows is held, to make one packet.
const maxHeld = 16 << 10

// flush writes what waits on one link. What can't be written at once, or not
// without an error, is left to the link's own goroutine.
func (l *conn) flush() (wrote bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits = false
	for len(l.writes) > 0 && l.socket != nil && !l.writing && !l.over() && len(l.events) < maxEvents {
		l.held = append(l.held, l.writes[0].data...)
		if !l.writes[0].more || len(l.held) > maxHeld {
			n := tryWrite(l.socket, l.held)
			if n < len(l.held) {
				l.writes[0].data, l.held = nil, l.held[n:]
				break
			}
			l.held = l.held[:0]
		}
		l.writes = l.writes[1:]
		l.events = append(l.events, Event{Kind: Written})
		l.ready.Add(1)
		wrote = true
	}
	if len(l.writes) > 0 {
		l.writes[0].data, l.held = append(l.held, l.writes[0].data...), nil // what is held comes first
		l.startWriter()
	}
	return wrote
}

// tryWrite writes as much as the socket takes at once, which may be nothing.
func tryWrite(c net.Conn, p []byte) int {
	raw, ok := c.(*net.TCPConn)
	if !ok {
		return 0
	}
	control, err := raw.SyscallConn()
	if err != nil {
		return 0
	}
	n := 0
	if err := control.Write(func(fd uintptr) bool {
		n = send(fd, p)
		return true // whatever came of it: the link's goroutine waits, not this one
	}); err != nil {
		return 0
	}
	return n
}

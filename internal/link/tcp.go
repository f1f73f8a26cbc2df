package link

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of what a link holds for a reader that is slow to take it.
const (
	readSize  = 4096
	maxEvents = 64
)

// lastWords is how long a link reads on when a write has failed: what the peer
// said before it hung up may be the reason why, and comes before Closed.
const lastWords = time.Second

// TCP is the real network.
type TCP struct {
	// Bind is the address that links come from; the zero value lets the system
	// choose.
	Bind netip.Addr
	// Wake is called, from any goroutine, when a link has an event; it must not
	// block. It may be nil.
	Wake func()
	// Instead, when valid, is dialled in the place of every server.
	Instead netip.AddrPort
	// Later, when set, holds what links are to write until [Later.Flush]. Without
	// it a goroutine of each link writes, which costs a change of goroutine.
	Later *Later
}

var _ Network = TCP{}

// Dial begins to connect.
func (t TCP) Dial(server netip.AddrPort) Link {
	if t.Instead.IsValid() {
		server = t.Instead
	}
	dialer := &net.Dialer{KeepAlive: -1} // no conversation is so long
	var from netip.AddrPort
	if t.Bind.IsValid() && !t.Bind.IsUnspecified() {
		from = netip.AddrPortFrom(t.Bind, 0)
	}
	ctx, cancel := context.WithCancel(context.Background())
	l := newConn(t.Wake, cancel)
	l.later = t.Later
	go func() {
		conn, err := dialer.DialTCP(ctx, "tcp", from, server)
		if err != nil {
			l.push(Event{Kind: Closed, Err: err})
			return
		}
		l.run(conn)
	}()
	return l
}

// Over makes a link of a connection that stands already.
func Over(conn net.Conn, wake func()) Link {
	l := newConn(wake, func() {})
	go l.run(conn)
	return l
}

// conn is a link on a socket. One goroutine dials and reads; another one writes
// what can't be written at once.
type conn struct {
	wake   func()
	cancel context.CancelFunc
	later  *Later // where writes wait for Flush; may be nil

	ready atomic.Int32 // number of events, so that Next needs no lock to find none

	mu      sync.Mutex
	room    *sync.Cond // there is room for events again, or the link is closed
	events  []Event
	writes  []piece
	held    []byte   // of writes that more follows, by Flush
	socket  net.Conn // once the connection stands
	writing bool     // the writing goroutine runs
	waits   bool     // among the later's links
	failed  error    // of a write; the reader reports it
	ended   bool     // Closed is among the events, or was taken: nothing comes after it
	closed  bool     // by Close
}

// piece is what one Write is to write.
type piece struct {
	data []byte
	more bool // another one follows at once
}

func newConn(wake func(), cancel context.CancelFunc) *conn {
	l := &conn{wake: wake, cancel: cancel}
	l.room = sync.NewCond(&l.mu)
	return l
}

// run serves a connection until it ends or the link is closed.
func (l *conn) run(c net.Conn) {
	l.mu.Lock()
	l.socket = c
	closed := l.closed
	l.mu.Unlock()
	if !closed {
		l.push(Event{Kind: Connected})
		l.startWriting()
		l.read(c)
	}
	_ = c.Close() // nothing more is expected of it
}

// read turns what comes into events, and the end of it into the last one.
func (l *conn) read(c net.Conn) {
	buf := make([]byte, readSize)
	for {
		n, err := c.Read(buf)
		if n > 0 && !l.push(Event{Kind: Received, Data: append([]byte(nil), buf[:n]...)}) {
			return
		}
		if err != nil {
			l.push(Event{Kind: Closed, Err: l.cause(err)})
			return
		}
	}
}

// cause is why a link is closed, from the error with which reading ended.
func (l *conn) cause(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	orderly := errors.Is(err, io.EOF)
	switch {
	case l.failed != nil && (orderly || errors.Is(err, os.ErrDeadlineExceeded)):
		return l.failed
	case orderly:
		return nil
	}
	return err
}

// startWriting lets a goroutine write what waits, unless Flush is to do it.
func (l *conn) startWriting() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.writes) > 0 && !l.waits {
		l.startWriter()
	}
}

// startWriter starts the writing goroutine, unless it runs. The caller holds mu.
func (l *conn) startWriter() {
	if !l.writing && l.socket != nil && !l.over() {
		l.writing = true
		go l.write(l.socket)
	}
}

// write writes until nothing waits any more.
func (l *conn) write(c net.Conn) {
	for {
		p, ok := l.nextWrite()
		if !ok {
			return
		}
		if _, err := c.Write(p); err != nil {
			l.mu.Lock()
			l.failed = err
			if !l.closed {
				_ = c.SetReadDeadline(time.Now().Add(lastWords)) // a dead socket fails at once anyway
			}
			l.mu.Unlock()
			return // and writing stays true: nothing is written after a failure
		}
		l.push(Event{Kind: Written})
	}
}

func (l *conn) nextWrite() ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.writes) == 0 || l.over() {
		l.writing = false
		return nil, false
	}
	p := l.writes[0].data
	l.writes = l.writes[1:]
	return p, true
}

// over tells whether nothing more can happen. The caller holds mu.
func (l *conn) over() bool { return l.ended || l.closed }

// push queues an event; it waits while the queue is full, and returns false once
// nothing more can happen.
func (l *conn) push(e Event) bool {
	l.mu.Lock()
	for len(l.events) >= maxEvents && !l.over() {
		l.room.Wait()
	}
	open := !l.over()
	if open {
		l.events = append(l.events, e)
		l.ready.Add(1)
		if e.Kind == Closed {
			l.end()
		}
	}
	l.mu.Unlock()
	if open && l.wake != nil {
		l.wake()
	}
	return open
}

// end lets go of what was still to be written. The caller holds mu.
func (l *conn) end() {
	l.ended, l.writes = true, nil
	l.room.Broadcast()
}

// Next is the next event, if one has happened.
func (l *conn) Next() (Event, bool) {
	if l.ready.Load() == 0 {
		return Event{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.events) == 0 {
		return Event{}, false // closed meanwhile
	}
	e := l.events[0]
	l.events = l.events[1:]
	l.ready.Add(-1)
	l.room.Signal()
	return e, true
}

// Write queues bytes.
func (l *conn) Write(p []byte, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over() {
		return
	}
	l.writes = append(l.writes, piece{append([]byte(nil), p...), more})
	switch {
	case l.later == nil:
		l.startWriter()
	case !l.waits:
		l.waits = true
		l.later.add(l)
	}
}

// Close ends the connection; what isn't written yet is dropped. The link's own
// goroutine closes the socket.
func (l *conn) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed, l.events = true, nil
	l.ready.Store(0)
	l.cancel()
	l.end()
	if l.socket != nil {
		_ = l.socket.SetReadDeadline(time.Unix(1, 0)) // the reader gives up at once
	}
}

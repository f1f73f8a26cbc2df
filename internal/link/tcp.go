package link

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
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
}

var _ Network = TCP{}

// Dial begins to connect.
func (t TCP) Dial(server netip.AddrPort) Link {
	if t.Instead.IsValid() {
		server = t.Instead
	}
	dialer := &net.Dialer{}
	if t.Bind.IsValid() && !t.Bind.IsUnspecified() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(t.Bind, 0))
	}
	ctx, cancel := context.WithCancel(context.Background())
	l := newConn(t.Wake, cancel)
	go func() {
		conn, err := dialer.DialContext(ctx, "tcp", server.String())
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

// conn is a link on a socket: one goroutine reads, one writes.
type conn struct {
	wake   func()
	cancel context.CancelFunc
	done   chan struct{} // closed by Close

	mu     sync.Mutex
	room   *sync.Cond // there is room for events again, or the link is closed
	work   *sync.Cond // there is something to write, or the link is closed
	events []Event
	writes [][]byte
	failed error // of a write; the reader reports it
	ended  bool  // Closed is among the events, or was taken: nothing comes after it
	closed bool  // by Close
}

func newConn(wake func(), cancel context.CancelFunc) *conn {
	l := &conn{wake: wake, cancel: cancel, done: make(chan struct{})}
	l.room, l.work = sync.NewCond(&l.mu), sync.NewCond(&l.mu)
	return l
}

// run serves a connection until it ends or the link is closed.
func (l *conn) run(c net.Conn) {
	var wg sync.WaitGroup
	l.push(Event{Kind: Connected})
	wg.Go(func() { l.read(c) })
	wg.Go(func() { l.write(c) })
	<-l.done
	_ = c.Close() // nothing more is expected of it
	wg.Wait()
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

func (l *conn) write(c net.Conn) {
	for {
		p, ok := l.nextWrite()
		if !ok {
			return
		}
		if _, err := c.Write(p); err != nil {
			l.mu.Lock()
			l.failed = err
			l.mu.Unlock()
			_ = c.SetReadDeadline(time.Now().Add(lastWords)) // a dead socket fails at once anyway
			return
		}
		l.push(Event{Kind: Written})
	}
}

func (l *conn) nextWrite() ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.writes) == 0 && !l.over() {
		l.work.Wait()
	}
	if l.over() {
		return nil, false
	}
	p := l.writes[0]
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
	l.work.Broadcast()
}

// Next is the next event, if one has happened.
func (l *conn) Next() (Event, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.events) == 0 {
		return Event{}, false
	}
	e := l.events[0]
	l.events = l.events[1:]
	l.room.Signal()
	return e, true
}

// Write queues bytes.
func (l *conn) Write(p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over() {
		l.writes = append(l.writes, append([]byte(nil), p...))
		l.work.Signal()
	}
}

// Close ends the connection; what isn't written yet is dropped.
func (l *conn) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed, l.events = true, nil
	l.cancel()
	close(l.done)
	l.end()
}

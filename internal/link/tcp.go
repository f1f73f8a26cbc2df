package link

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
)

// Bounds of what a link holds for a reader that is slow to take it.
const (
	readSize  = 4096
	maxEvents = 64
)

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
	closed bool
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

func (l *conn) read(c net.Conn) {
	buf := make([]byte, readSize)
	for {
		n, err := c.Read(buf)
		if n > 0 && !l.push(Event{Kind: Received, Data: append([]byte(nil), buf[:n]...)}) {
			return
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			l.push(Event{Kind: Closed, Err: err})
			return
		}
	}
}

func (l *conn) write(c net.Conn) {
	for {
		p, ok := l.nextWrite()
		if !ok {
			return
		}
		if _, err := c.Write(p); err != nil {
			l.push(Event{Kind: Closed, Err: err})
			return
		}
		l.push(Event{Kind: Written})
	}
}

func (l *conn) nextWrite() ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.writes) == 0 && !l.closed {
		l.work.Wait()
	}
	if l.closed {
		return nil, false
	}
	p := l.writes[0]
	l.writes = l.writes[1:]
	return p, true
}

// push queues an event; it waits while the queue is full, and returns false once
// the link is closed.
func (l *conn) push(e Event) bool {
	l.mu.Lock()
	for len(l.events) >= maxEvents && !l.closed {
		l.room.Wait()
	}
	open := !l.closed
	if open {
		l.events = append(l.events, e)
	}
	l.mu.Unlock()
	if open && l.wake != nil {
		l.wake()
	}
	return open
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
	if !l.closed {
		l.writes = append(l.writes, append([]byte(nil), p...))
		l.work.Signal()
	}
}

// Close ends the connection.
func (l *conn) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed, l.events, l.writes = true, nil, nil
	l.cancel()
	close(l.done)
	l.room.Broadcast()
	l.work.Broadcast()
}

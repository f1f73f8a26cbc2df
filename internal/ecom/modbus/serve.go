package modbus

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/rungmail/rungmail/internal/modbuswire"
)

// Bounds of what clients may take.
const (
	maxConnections = 16
	spareAfter     = 10 * time.Second       // idle for longer, a connection makes room for a new one
	idleTimeout    = 5 * time.Minute        // between two requests
	requestTimeout = 10 * time.Second       // from the first byte of a request to its last
	writeTimeout   = 5 * time.Second        // of one reply
	acceptPause    = 100 * time.Millisecond // after the system had no socket to give
)

// Config says whom a server serves.
type Config struct {
	// Allow says what a client at an address may do; it is asked at each connection
	// and again at each request, so that a reload takes effect at once. A client that
	// may not read is cut off without a byte. Nil allows loopback, to read and write.
	// It is called by several goroutines at once.
	Allow func(netip.Addr) (read, write bool)

	// Fault, unless nil, is told of a fault of ours, which ends the connection; several
	// goroutines may call it at once.
	Fault func(recovered any)
}

// Serve answers the clients of a listener, which it closes, until the context ends.
// It returns nil when every connection is closed and its goroutines are gone; an
// error is that of a listener that someone else closed.
func Serve(ctx context.Context, listener net.Listener, server *Server, config Config) error {
	if config.Allow == nil {
		config.Allow = func(a netip.Addr) (read, write bool) { return a.IsLoopback(), a.IsLoopback() }
	}
	d := &door{server: server, allow: config.Allow, fault: config.Fault, open: map[*session]struct{}{}}
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer func() {
		stop()
		_ = listener.Close()
		d.closeAll()
		d.wg.Wait()
	}()
	for {
		conn, err := listener.Accept()
		switch {
		case err == nil:
			d.enter(conn)
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case !pause(ctx):
			return nil
		}
	}
}

// pause waits until the system may have a socket again; false where the context ends.
func pause(ctx context.Context) bool {
	timer := time.NewTimer(acceptPause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// door lets connections in, and knows those that are inside.
type door struct {
	server *Server
	allow  func(netip.Addr) (read, write bool)
	fault  func(recovered any)
	wg     sync.WaitGroup

	mu   sync.Mutex
	open map[*session]struct{}
}

// session is one connection.
type session struct {
	conn  net.Conn
	peer  netip.Addr
	since time.Time // when it last had an answer, or came; the door's mutex guards it
}

// enter lets a connection in or closes it.
func (d *door) enter(conn net.Conn) {
	s := &session{conn: conn, peer: addrOf(conn), since: time.Now()}
	if read, _ := d.allow(s.peer); !read || !d.admit(s) {
		d.server.counts.refused.Add(1)
		_ = conn.Close()
		return
	}
	d.wg.Go(func() {
		defer d.leave(s)
		d.serve(s)
	})
}

// admit finds room for a session: where there is none, that of the one that has been
// idle longest, if it has been for long enough.
func (d *door) admit(s *session) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.open) >= maxConnections {
		longest := s
		for other := range d.open {
			if other.since.Before(longest.since) {
				longest = other
			}
		}
		if s.since.Sub(longest.since) <= spareAfter {
			return false
		}
		d.server.counts.refused.Add(1)
		_ = longest.conn.Close()
		delete(d.open, longest)
	}
	d.open[s] = struct{}{}
	return true
}

// leave ends a session. A fault of ours ends no other one.
func (d *door) leave(s *session) {
	if fault := recover(); fault != nil {
		d.server.counts.failed.Add(1)
		if d.fault != nil {
			d.fault(fault)
		}
	}
	_ = s.conn.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, s)
}

func (d *door) closeAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for s := range d.open {
		_ = s.conn.Close()
	}
}

// serve answers the requests of one connection, one at a time. A slow client costs
// the others nothing: a request is whole before the server's mutex is taken, and the
// mutex is free again before the reply is written.
func (d *door) serve(s *session) {
	reader := modbuswire.NewReader(s.conn)
	var room [modbuswire.MaxFrame]byte
	for {
		_ = s.conn.SetReadDeadline(time.Now().Add(idleTimeout)) // closed meanwhile, it says so in Wait
		if reader.Wait() != nil {
			return
		}
		_ = s.conn.SetReadDeadline(time.Now().Add(requestTimeout))
		frame, err := reader.Next()
		if err != nil {
			return
		}
		read, write := d.allow(s.peer)
		if !read {
			return
		}
		reply := d.server.Answer(room[:0], frame, write)
		if len(reply) == 0 {
			continue
		}
		_ = s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, err := s.conn.Write(reply); err != nil {
			return
		}
		d.answered(s)
	}
}

// answered notes that a session isn't idle.
func (d *door) answered(s *session) {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	s.since = now
}

// addrOf is the peer's address, without a zone and never IPv4 in IPv6's clothes, as
// lists of prefixes want it; the zero Addr where the connection has none.
func addrOf(conn net.Conn) netip.Addr {
	at, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return at.AddrPort().Addr().Unmap().WithZone("")
}

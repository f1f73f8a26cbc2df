package intake

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// acceptPause is the wait after the system had no socket to give.
const acceptPause = 100 * time.Millisecond

// Server runs sessions. Its limits are those of all its listeners together. It is safe
// for use by several goroutines at once.
type Server struct {
	config *Config
	counts counters

	mu        sync.Mutex
	open      map[*conn]struct{}
	from      map[netip.Addr]int // connections
	strangers int                // connections
	said      map[netip.Addr]time.Time
}

// New is a server, or says what is wrong with its configuration.
func New(config Config) (*Server, error) {
	c, err := config.checked()
	if err != nil {
		return nil, err
	}
	return &Server{config: c, open: map[*conn]struct{}{}, from: map[netip.Addr]int{}, said: map[netip.Addr]time.Time{}}, nil
}

// Listener is where devices connect to.
type Listener struct {
	net.Listener
	TLS TLS
	// Certificates holds the server's certificates, with StartTLS and Implicit. Versions
	// and suites are chosen for each connection by its device; old ones need an RSA
	// certificate.
	Certificates *tls.Config

	security security
}

// Serve answers the clients of a listener, which it closes, until the context ends. Then
// sessions between two messages hear 421, a message under way may end within
// Timeouts.Stop, and Serve returns nil when every connection is closed. An error is that
// of the listener's certificates, or of a listener that someone else closed.
func (s *Server) Serve(ctx context.Context, l Listener) error {
	var err error
	if l.security, err = newSecurity(l.TLS, l.Certificates); err != nil {
		_ = l.Close()
		return err
	}
	run := &run{server: s, listener: &l, open: map[*conn]struct{}{}}
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer func() {
		stop()
		_ = l.Close()
		timer := time.AfterFunc(s.config.Timeouts.Stop, run.closeAll)
		run.wg.Wait()
		timer.Stop()
	}()
	sessions, cancel := context.WithCancel(ctx)
	defer cancel() // a listener that failed ends its sessions too
	for {
		accepted, err := l.Accept()
		switch {
		case err == nil:
			run.enter(sessions, accepted)
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case !pause(ctx, acceptPause):
			return nil
		}
	}
}

// pause waits; false where the context ends meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// run is one Serve.
type run struct {
	server   *Server
	listener *Listener
	wg       sync.WaitGroup

	mu   sync.Mutex
	open map[*conn]struct{}
}

// enter lets a connection in, or turns it away.
func (r *run) enter(ctx context.Context, accepted net.Conn) {
	s := r.server
	s.counts.connections.Add(1)
	peer := addrOf(accepted)
	device, known := s.config.Find(peer)
	known = known && device != nil
	c := &conn{server: s, listener: r.listener, net: accepted, raw: accepted, peer: peer, device: device, stranger: !known}
	if why := s.admit(c); why != "" {
		s.turnAway(c, why)
		return
	}
	r.note(c, true)
	r.wg.Go(func() {
		defer func() {
			s.leave(c)
			r.note(c, false)
		}()
		c.serve(ctx)
	})
}

func (r *run) note(c *conn, in bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if in {
		r.open[c] = struct{}{}
	} else {
		delete(r.open, c)
	}
}

func (r *run) closeAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.open {
		_ = c.raw.Close()
	}
}

// admit finds room for a connection, or says why there is none. Strangers have a share
// of their own, so that they take no device's place.
func (s *Server) admit(c *conn) (why string) {
	l := &s.config.Limits
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.open) >= l.MaxConnections:
		return "too many connections"
	case s.from[c.peer] >= l.PerAddress:
		return "too many connections from your address"
	case c.stranger && s.strangers >= l.MaxStrangers:
		return "too many connections from addresses of no device"
	}
	s.open[c] = struct{}{}
	s.from[c.peer]++
	if c.stranger {
		s.strangers++
	}
	return ""
}

// leave makes room.
func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	if s.from[c.peer]--; s.from[c.peer] <= 0 {
		delete(s.from, c.peer)
	}
	if c.stranger {
		s.strangers--
	}
}

// crowded tells whether three quarters of the room is taken.
func (s *Server) crowded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)*4 >= s.config.Limits.MaxConnections*3
}

// turnAway says why, where that can be said without waiting, and closes.
func (s *Server) turnAway(c *conn, why string) {
	s.counts.end(Crowded)
	if s.seldom(c.peer) {
		s.config.Log.Warn(why, "peer", c.peer)
	}
	if c.listener.TLS != Implicit {
		const moment = 50 * time.Millisecond // a new connection has room for a line
		c.deadline(moment)
		_, _ = c.net.Write(smtpwire.AppendReply(nil, say(reply.ServiceNotAvailable, "4.7.0", why+": try again later")))
	}
	_ = c.net.Close()
}

// seldom tells whether an address may be logged again: once a minute, so that no one can
// fill the log.
func (s *Server) seldom(peer netip.Addr) bool {
	const most, often = 1000, time.Minute
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.said[peer]; ok && now.Sub(last) < often {
		return false
	}
	if len(s.said) >= most {
		for a, last := range s.said {
			if now.Sub(last) >= often {
				delete(s.said, a)
			}
		}
		if len(s.said) >= most {
			return false
		}
	}
	s.said[peer] = now
	return true
}

// addrOf is the peer's address, without a zone and never IPv4 in IPv6's clothes, as
// lists of prefixes want it; the zero Addr where the connection has none.
func addrOf(c net.Conn) netip.Addr {
	at, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return at.AddrPort().Addr().Unmap().WithZone("")
}

// Counts is what a server has seen since it was made.
type Counts struct {
	Connections uint64 // that came, those turned away included
	Open        int    // now
	Knocks      uint64 // sessions of strangers that greeted
	Taken       uint64 // messages answered with 2yz
	Refused     uint64 // messages that came to their final dot and were answered otherwise
	Ends        map[End]uint64
}

// counters are Counts while they grow.
type counters struct {
	connections, knocks, taken, refused atomic.Uint64

	mu   sync.Mutex
	ends map[End]uint64
}

func (c *counters) end(e End) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ends == nil {
		c.ends = map[End]uint64{}
	}
	c.ends[e]++
}

// Counts is what was counted. Ends has every end, 0 too.
func (s *Server) Counts() Counts {
	c := Counts{
		Connections: s.counts.connections.Load(), Knocks: s.counts.knocks.Load(),
		Taken: s.counts.taken.Load(), Refused: s.counts.refused.Load(), Ends: map[End]uint64{},
	}
	s.counts.mu.Lock()
	for _, e := range ends() {
		c.Ends[e] = s.counts.ends[e]
	}
	s.counts.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Open = len(s.open)
	return c
}

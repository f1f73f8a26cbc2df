package trace

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/smtpwire"
)

// MaxLine bounds the text of a datagram in bytes, so that it fits into one frame
// of Ethernet; a longer line is cut and ends in three dots.
const MaxLine = 1400

// writeWithin bounds the wait for room in the socket's own queue.
const writeWithin = time.Second

// Config is what a trace server is given.
type Config struct {
	Allow     func(netip.Addr) bool // who may ask; nil is loopback only. The others hear nothing
	Events    *conv.Subscription    // the module's conversations; whoever made it closes it
	ReplyPort uint16                // see Viewers
	Now       func() time.Time      // the wall's clock
	Watching  func(viewers int)     // is told of their number when it changes; may be nil
}

// Serve answers viewers and sends them the lines of events until ctx is done or
// the subscription is closed; it closes conn. Each datagram carries one line's
// text alone, without a line end. A slow network costs lines, never a mail.
func Serve(ctx context.Context, conn *net.UDPConn, c Config) error {
	if c.Allow == nil {
		c.Allow = netip.Addr.IsLoopback
	}
	s := &server{conn: conn, Config: c, viewers: Viewers{ReplyPort: c.ReplyPort}}
	if err := HearUnreachable(conn); err != nil {
		_ = conn.Close()
		return fmt.Errorf("asking for reports of unreachable viewers: %w", err)
	}
	var reader sync.WaitGroup
	defer reader.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	asks := make(chan ask)
	reader.Go(func() { s.read(ctx, asks) })
	return s.loop(ctx, asks)
}

// ask is a datagram that came in, or a report that one didn't arrive.
type ask struct {
	from     netip.AddrPort
	datagram string
	failed   bool
}

type server struct {
	Config
	conn    *net.UDPConn
	viewers Viewers
	told    uint64 // of the events that were lost, how many the viewers know of
	count   int    // of viewers, as Watching knows it
}

func (s *server) loop(ctx context.Context, asks <-chan ask) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case a, open := <-asks:
			if !open {
				return nil
			}
			s.asked(a)
		case e, open := <-s.Events.Events():
			if !open {
				return nil
			}
			s.event(e)
		}
		s.counted()
	}
}

// counted tells how many viewers there are, where that has changed.
func (s *server) counted() {
	if n := s.viewers.Count(s.Now()); n != s.count && s.Watching != nil {
		s.count = n
		s.Watching(n)
	}
}

// read hands on what comes from those who may ask.
func (s *server) read(ctx context.Context, asks chan<- ask) {
	defer close(asks)
	// Windows makes an error of a datagram that doesn't fit, so any fits.
	buffer := make([]byte, 64<<10)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil && (n > maxCommand || !s.Allow(from.Addr().Unmap())) {
			continue
		}
		select {
		case asks <- ask{from, string(buffer[:n]), err != nil}:
		case <-ctx.Done():
			return
		}
	}
}

func (s *server) asked(a ask) {
	if a.failed {
		s.forget()
		return
	}
	if d, ok := s.viewers.Ask(s.Now(), a.from, []byte(a.datagram)); ok {
		s.send(d)
	}
}

// event sends an event's line to all. What was lost came behind all that waits, so
// it is told when nothing waits any more.
func (s *server) event(e conv.Event) {
	if line, shown := Line(e); shown {
		s.broadcast(line)
	}
	if len(s.Events.Events()) > 0 {
		return
	}
	lost := s.Events.Lost()
	if lost > s.told {
		s.broadcast(fmt.Sprintf("(%d lines lost)", lost-s.told))
	}
	s.told = lost
}

func (s *server) broadcast(line string) {
	line = cut(smtpwire.Printable(line))
	for _, to := range s.viewers.At(s.Now()) {
		if !s.Allow(to.Addr()) { // any more
			s.viewers.Gone(to)
			continue
		}
		s.send(Datagram{to, line})
	}
}

// send sends a datagram. The error of a send may be the report of an earlier one,
// of any viewer; where this one is still there it is sent again.
func (s *server) send(d Datagram) {
	for range 2 {
		_ = s.conn.SetWriteDeadline(s.Now().Add(writeWithin))
		_, err := s.conn.WriteToUDPAddrPort([]byte(d.Text), d.To)
		if err == nil || slices.Contains(s.forget(), d.To) {
			return
		}
	}
}

// forget drops the viewers that were reported unreachable, and names them.
func (s *server) forget() []netip.AddrPort {
	gone := Unreachable(s.conn)
	for _, at := range gone {
		s.viewers.Gone(at)
	}
	return gone
}

// cut cuts a line to MaxLine bytes.
func cut(line string) string {
	if len(line) <= MaxLine {
		return line
	}
	end := MaxLine - len("...")
	for !utf8.RuneStart(line[end]) {
		end--
	}
	return line[:end] + "..."
}

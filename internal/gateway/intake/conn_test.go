package intake

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/reply"
)

// pipes is a listener whose connections are pipes, so that synctest's clock drives
// them; they come from the addresses that the test gives.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// from is a pipe's end with an address.
type from struct {
	net.Conn
	peer netip.AddrPort
}

func (f from) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(f.peer) }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// client is a device at its end of a connection.
type client struct {
	net.Conn
	t *testing.T
	r *bufio.Reader
}

func (p *pipes) dial(t *testing.T, addr string) *client {
	ours, theirs := net.Pipe()
	p.conns <- from{theirs, netip.AddrPortFrom(netip.MustParseAddr(addr), 40000)}
	return &client{ours, t, bufio.NewReader(ours)}
}

// say sends lines, and wants a reply a line.
func (c *client) say(lines string, want ...string) {
	c.t.Helper()
	if lines != "" {
		if _, err := c.Write([]byte(crlf(lines) + "\r\n")); err != nil {
			c.t.Errorf("%q: %v", lines, err)
			return
		}
	}
	for _, w := range want {
		line, err := c.r.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, w) {
			c.t.Errorf("to %.100q: got %q, %v, want %q", lines, line, err, w)
		}
	}
}

// text brings the conversation to where text is due.
func (c *client) text() {
	c.t.Helper()
	c.say("", "220 ")
	c.say("HELO plc\nMAIL FROM:<plc@example.com>\nRCPT TO:<mark@example.com>\nDATA", "250 ", "250 ", "250 ", "354 ")
}

// raw sends bytes that the server may no longer want.
func (c *client) raw(bytes string) { _, _ = c.Write([]byte(bytes)) }

// ignore reads what the server says, until it closes.
func (c *client) ignore() { _, _ = io.Copy(io.Discard, c.r) }

// shut wants the server to have closed.
func (c *client) shut() {
	c.t.Helper()
	if line, err := c.r.ReadString('\n'); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
		c.t.Errorf("it isn't closed: %q, %v", line, err)
	}
}

// served runs a story with a server on synctest's clock, and then stops the server.
func served(t *testing.T, h *house, set func(*Config), f func(t *testing.T, s *Server, p *pipes, stop func())) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		config := h.config()
		if set != nil {
			set(&config)
		}
		s, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		over := make(chan error)
		go func() { over <- s.Serve(ctx, Listener{Listener: p, TLS: Off}) }()
		f(t, s, p, cancel)
		cancel()
		if err := <-over; err != nil { // synctest finds any goroutine that is left
			t.Error(err)
		}
		if got := s.Counts().Open; got != 0 || len(s.from) != 0 || s.strangers != 0 {
			t.Errorf("%d are open: %v, %d strangers", got, s.from, s.strangers)
		}
		if h.leftover() != 0 {
			t.Errorf("%d bodies are left", h.leftover())
		}
	})
}

func TestAMessageOverAConnection(t *testing.T) {
	h := newHouse()
	served(t, h, nil, func(t *testing.T, s *Server, p *pipes, _ func()) {
		wrote := make(chan error, 1)
		h.answer = func(context.Context, Mail) Answer {
			return Answer{Reply: say(reply.OK, "2.0.0", "queued as 7"), Wrote: func(err error) { wrote <- err }}
		}
		c := p.dial(t, plc)
		c.text()
		c.say("Subject: x\n\nbody\n.", "250 2.0.0 queued as 7")
		if err := <-wrote; err != nil {
			t.Error(err)
		}
		c.say("QUIT", "221")
		c.shut()
		synctest.Wait()
		if got := s.Counts(); got.Connections != 1 || got.Taken != 1 || got.Ends[Quit] != 1 || len(got.Ends) != len(ends()) {
			t.Errorf("%+v", got)
		}
	})
}

// TestWroteHearsThatNobodyReads: the answer wasn't heard.
func TestWroteHearsThatNobodyReads(t *testing.T) {
	h := newHouse()
	served(t, h, nil, func(t *testing.T, s *Server, p *pipes, _ func()) {
		wrote := make(chan error, 1)
		h.answer = func(context.Context, Mail) Answer {
			return Answer{Reply: say(reply.OK, "2.0.0", "queued"), Wrote: func(err error) { wrote <- err }}
		}
		c := p.dial(t, plc)
		c.text()
		began := time.Now()
		c.say("Subject: x\n\nbody\n.")
		if err := <-wrote; err == nil || time.Since(began) != 30*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		synctest.Wait()
		if got := s.Counts().Ends[NoReader]; got != 1 {
			t.Errorf("%+v", s.Counts().Ends)
		}
		c.Close()
	})
}

// TestADeviceThatHangsUpEndsTheWait: nobody waits for a verdict that nobody will hear.
func TestADeviceThatHangsUpEndsTheWait(t *testing.T) {
	h := newHouse()
	served(t, h, nil, func(t *testing.T, _ *Server, p *pipes, _ func()) {
		waited := make(chan time.Duration, 1)
		wrote := make(chan error, 1)
		h.answer = func(ctx context.Context, _ Mail) Answer {
			began := time.Now()
			<-ctx.Done()
			waited <- time.Since(began)
			return Answer{Reply: say(reply.OK, "2.0.0", "queued"), Wrote: func(err error) { wrote <- err }}
		}
		c := p.dial(t, plc)
		c.text()
		c.say("Subject: x\n\nbody\n.")
		synctest.Wait()
		time.Sleep(7 * time.Second)
		c.Close()
		if got := <-waited; got != 7*time.Second {
			t.Errorf("it waited for %s", got)
		}
		if <-wrote == nil {
			t.Error("it was written to nobody")
		}
	})
}

// TestWhatComesDuringTheWaitIsAnsweredAfterIt: a client that pipelines behind the dot.
func TestWhatComesDuringTheWaitIsAnsweredAfterIt(t *testing.T) {
	for _, wrote := range []func(error){nil, func(error) {}} {
		h := newHouse()
		h.answer = func(ctx context.Context, _ Mail) Answer {
			select {
			case <-ctx.Done():
				t.Error("it was cut short")
			case <-time.After(10 * time.Second):
			}
			return Answer{Reply: say(reply.OK, "2.0.0", "queued"), Wrote: wrote}
		}
		served(t, h, nil, func(t *testing.T, _ *Server, p *pipes, _ func()) {
			c := p.dial(t, plc)
			c.text()
			c.say("Subject: x\n\nbody\n.")
			time.Sleep(time.Second)
			go c.say("NOOP\nRSET")
			c.say("", "250 2.0.0 queued", "250 2.0.0 ok", "250 2.0.0 forgotten")
			c.say("QUIT", "221")
			c.shut()
		})
	}
}

// TestStoppingTheServer: sessions between messages hear 421, one under way may finish.
func TestStoppingTheServer(t *testing.T) {
	h := newHouse()
	served(t, h, nil, func(t *testing.T, s *Server, p *pipes, stop func()) {
		idle, busy := p.dial(t, plc), p.dial(t, plc)
		idle.say("", "220")
		idle.say("HELO plc", "250")
		busy.text()
		busy.say("Subject: x\n\nhalf")
		synctest.Wait()
		stop()
		idle.say("", "421 4.3.2")
		idle.shut()
		time.Sleep(3 * time.Second)
		busy.say(".", "250 2.0.0 queued", "421 4.3.2")
		busy.shut()
		synctest.Wait()
		if got := s.Counts().Ends[Stopped]; got != 2 {
			t.Errorf("%+v", s.Counts().Ends)
		}
	})
}

// TestStoppingIsBounded: a message that doesn't come to its end is left.
func TestStoppingIsBounded(t *testing.T) {
	h := newHouse()
	began := time.Time{}
	served(t, h, nil, func(t *testing.T, _ *Server, p *pipes, stop func()) {
		c := p.dial(t, plc)
		c.text()
		c.say("Subject: x\n\nhalf")
		synctest.Wait()
		began = time.Now()
		stop()
		c.shut()
		if got := time.Since(began); got != 10*time.Second {
			t.Errorf("it took %s", got)
		}
	})
}

// TestStoppingEndsTheWait: who waits for a verdict is told to answer.
func TestStoppingEndsTheWait(t *testing.T) {
	h := newHouse()
	h.answer = func(ctx context.Context, _ Mail) Answer {
		<-ctx.Done()
		return Answer{Reply: say(reply.OK, "2.0.0", "queued")}
	}
	served(t, h, nil, func(t *testing.T, _ *Server, p *pipes, stop func()) {
		c := p.dial(t, plc)
		c.text()
		c.say("Subject: x\n\nbody\n.")
		time.Sleep(time.Second)
		stop()
		c.say("", "250 2.0.0 queued", "421 4.3.2")
		c.shut()
	})
}

// TestASlowClient: bytes that trickle in don't keep a connection.
func TestASlowClient(t *testing.T) {
	trickle := func(c *client, text string) time.Duration {
		began := time.Now()
		for i := 0; ; i++ {
			if _, err := c.Write([]byte{text[i%len(text)]}); err != nil {
				return time.Since(began)
			}
			time.Sleep(20 * time.Second)
		}
	}
	h := newHouse()
	served(t, h, nil, func(t *testing.T, s *Server, p *pipes, _ func()) {
		c := p.dial(t, plc) // a command
		c.say("", "220")
		go c.ignore()
		if got := trickle(c, "x"); got < 5*time.Minute || got > 6*time.Minute {
			t.Errorf("a command may take %s", got)
		}
		c = p.dial(t, plc) // a text
		c.text()
		go c.ignore()
		if got := trickle(c, "x"); got < 30*time.Minute || got > 31*time.Minute {
			t.Errorf("a text may take %s", got)
		}
		c = p.dial(t, plc) // a session
		c.say("", "220")
		go c.ignore()
		if got := trickle(c, "NOOP\r\n"); got < time.Hour || got > time.Hour+2*time.Minute {
			t.Errorf("a session may take %s", got)
		}
		c = p.dial(t, stranger)
		c.say("", "220")
		c.say("HELO", "554")
		began := time.Now()
		c.say("", "421 4.4.2")
		if got := time.Since(began); got != 30*time.Second {
			t.Errorf("a stranger may take %s", got)
		}
		synctest.Wait()
		if got := s.Counts(); got.Ends[TimedOut] != 4 || got.Knocks != 1 {
			t.Errorf("%+v", got)
		}
	})
}

// TestCrowded: with three quarters of the room taken, who is silent makes room sooner.
func TestCrowded(t *testing.T) {
	served(t, newHouse(), func(c *Config) { c.Limits.MaxConnections = 4 }, func(t *testing.T, _ *Server, p *pipes, _ func()) {
		var cs []*client
		began := time.Now()
		for range 3 {
			c := p.dial(t, plc)
			c.say("", "220")
			cs = append(cs, c)
			time.Sleep(10 * time.Second)
		}
		cs[0].say("", "421 4.4.2")
		if got := time.Since(began); got != 30*time.Second {
			t.Errorf("it took %s", got)
		}
		time.Sleep(4 * time.Minute) // now there is room again
		cs[1].say("HELO plc", "250")
		cs[2].say("HELO plc", "250")
		for _, c := range cs {
			c.Close()
		}
	})
}

func TestConnectionLimits(t *testing.T) {
	h := newHouse()
	var log bytes.Buffer
	limits := Limits{MaxConnections: 6, PerAddress: 2, MaxStrangers: 1}
	served(t, h, func(c *Config) { c.Limits = limits; c.Log = slog.New(slog.NewTextHandler(&log, nil)) }, func(t *testing.T, s *Server, p *pipes, _ func()) {
		var in []*client
		enter := func(addr, want string) {
			t.Helper()
			c := p.dial(t, addr)
			c.say("", want)
			if want == "220" {
				in = append(in, c)
			} else {
				c.shut()
			}
		}
		enter(plc, "220")
		enter(plc, "220")
		enter(plc, "421 4.7.0 too many connections from your address")
		enter("::ffff:"+plc, "421 4.7.0 too many connections from your address") // the same in other clothes
		enter(stranger, "220")
		enter("192.168.12.100", "421 4.7.0 too many connections from addresses of no device")
		enter("127.0.0.1", "220")
		enter("127.0.0.1", "220")
		h.devices["192.168.12.50"] = h.plc()
		enter("192.168.12.50", "220")
		enter("192.168.12.50", "421 4.7.0 too many connections:")
		in[0].say("QUIT", "221")
		in[0].shut()
		synctest.Wait()
		enter(plc, "220")
		if got := s.Counts(); got.Open != 6 || got.Ends[Crowded] != 4 {
			t.Errorf("%+v", got)
		}
		if n := strings.Count(log.String(), "too many"); n != 3 { // once a minute an address
			t.Errorf("%d lines in the log:\n%s", n, log.String())
		}
		for _, c := range in {
			c.Close()
		}
	})
}

// TestAFaultOfOursEndsNoOtherSession.
func TestAFaultOfOursEndsNoOtherSession(t *testing.T) {
	h := newHouse()
	h.answer = func(_ context.Context, m Mail) Answer {
		if m.Helo == "plc" {
			panic("a fault of ours")
		}
		return Answer{Reply: say(reply.OK, "2.0.0", "queued")}
	}
	served(t, h, nil, func(t *testing.T, s *Server, p *pipes, _ func()) {
		c := p.dial(t, plc)
		c.text()
		c.say("Subject: x\n\nbody\n.")
		c.shut()
		c = p.dial(t, plc)
		c.say("", "220")
		c.say("HELO other\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA", "250", "250", "250", "354")
		c.say(".", "250")
		c.say("QUIT", "221")
		c.shut()
		synctest.Wait()
		if got := s.Counts().Ends; got[Failed] != 1 || got[Quit] != 1 {
			t.Errorf("%+v", got)
		}
	})
}

// TestTheEndOfAConversationIsTold.
func TestTheEndOfAConversationIsTold(t *testing.T) {
	h := newHouse()
	served(t, h, func(c *Config) { *c = h.traced() }, func(t *testing.T, _ *Server, p *pipes, _ func()) {
		c := p.dial(t, plc)
		c.say("", "220")
		c.say("GET / HTTP/1.1")
		c.shut()
		synctest.Wait()
		if last := h.events[len(h.events)-1]; last.Kind != conv.Ended || last.Text != "http" {
			t.Errorf("%+v", last)
		}
	})
}

func TestWhatAnIntakeNeeds(t *testing.T) {
	whole := newHouse().traced()
	for name, breakIt := range map[string]func(*Config){
		"name":     func(c *Config) { c.Name = "two words" },
		"find":     func(c *Config) { c.Find = nil },
		"begin":    func(c *Config) { c.Begin = nil },
		"take":     func(c *Config) { c.Take = nil },
		"its name": func(c *Config) { c.NewID = nil },
	} {
		c := whole
		breakIt(&c)
		if _, err := New(c); err == nil {
			t.Errorf("without %s it is made", name)
		}
	}
	if _, err := New(whole); err != nil {
		t.Error(err)
	}
}

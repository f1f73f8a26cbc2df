package modbus

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungmail/rungmail/internal/modbuswire"
)

// pipes is a listener whose connections are pipes, so that synctest's clock drives
// them; they come from the addresses that the test gives.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

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

func (p *pipes) dial(addr string) net.Conn {
	ours, theirs := net.Pipe()
	p.conns <- from{theirs, netip.AddrPortFrom(netip.MustParseAddr(addr), 40000)}
	return ours
}

// served runs a story with a server on synctest's clock, and then stops the server.
func served(t *testing.T, config Config, f func(t *testing.T, s *Server, p *pipes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p, s := newPipes(), New(&host{}, Identity{})
		over := make(chan error)
		go func() { over <- Serve(ctx, p, s, config) }()
		f(t, s, p)
		cancel()
		if err := <-over; err != nil { // synctest finds any goroutine that is left
			t.Error(err)
		}
	})
}

// talk has one word read, and tells whether it was answered.
func talk(conn net.Conn) bool {
	conn.SetDeadline(time.Now().Add(time.Second))
	defer conn.SetDeadline(time.Time{})
	if _, err := conn.Write(modbuswire.AppendFrame(nil, modbuswire.Frame{Transaction: 9, Unit: 255, PDU: unhex("03 0400 0001")})); err != nil {
		return false
	}
	f, err := modbuswire.NewReader(conn).Next()
	return err == nil && f.Transaction == 9
}

// isShut tells whether the server has closed a connection without a word.
func isShut(conn net.Conn) bool {
	synctest.Wait()
	conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	n, err := conn.Read(make([]byte, 1))
	return n == 0 && errors.Is(err, io.EOF)
}

func TestAStrangerIsCutOffWithoutAByte(t *testing.T) {
	served(t, Config{}, func(t *testing.T, s *Server, p *pipes) {
		for addr, want := range map[string]bool{"127.0.0.1": true, "::1": true, "::ffff:127.0.0.1": true, "192.168.12.1": false, "fe80::1%eth0": false} {
			c := p.dial(addr)
			if isShut(c) == want || talk(c) != want {
				t.Errorf("%s: want in=%v", addr, want)
			}
			c.Close()
		}
		if got := s.Counts().Refused; got != 2 {
			t.Errorf("%d were refused, want 2", got)
		}
	})
}

// TestAllowIsAskedForPlainAddresses: a prefix contains no address with a zone, and no
// IPv4 one in IPv6's clothes.
func TestAllowIsAskedForPlainAddresses(t *testing.T) {
	asked := make(chan netip.Addr, 1)
	config := Config{Allow: func(a netip.Addr) (bool, bool) {
		asked <- a
		return false, false
	}}
	served(t, config, func(t *testing.T, _ *Server, p *pipes) {
		for addr, want := range map[string]string{"192.168.12.1": "192.168.12.1", "::ffff:10.0.0.1": "10.0.0.1", "fe80::1%eth0": "fe80::1"} {
			p.dial(addr).Close()
			if got := (<-asked).String(); got != want {
				t.Errorf("%s: asked for %s, want %s", addr, got, want)
			}
		}
	})
}

// TestARightThatIsTakenAwayIsGoneAtOnce: a reload needs no new connection.
func TestARightThatIsTakenAwayIsGoneAtOnce(t *testing.T) {
	var read, write atomic.Bool
	read.Store(true)
	write.Store(true)
	config := Config{Allow: func(netip.Addr) (bool, bool) { return read.Load(), write.Load() }}
	served(t, config, func(t *testing.T, _ *Server, p *pipes) {
		conn := p.dial("10.0.0.1")
		c := modbuswire.NewClient(conn, modbuswire.Options{Unit: 255})
		defer c.Close()
		if err := c.WriteRegister(t.Context(), 0o2000, 7); err != nil {
			t.Error(err)
		}
		write.Store(false)
		if err := c.WriteRegister(t.Context(), 0o2000, 8); !errors.Is(err, modbuswire.IllegalFunction) {
			t.Errorf("without the right to write: %v", err)
		}
		if got, err := c.ReadHolding(t.Context(), 0o2000, 1); err != nil || got[0] != 7 {
			t.Errorf("it reads %v, %v", got, err)
		}
		read.Store(false)
		if _, err := c.ReadHolding(t.Context(), 0o2000, 1); !errors.Is(err, io.EOF) {
			t.Errorf("without the right to read: %v", err)
		}
	})
}

func TestTheSeventeenthClient(t *testing.T) {
	served(t, Config{}, func(t *testing.T, s *Server, p *pipes) {
		var conns [maxConnections]net.Conn
		for i := range conns {
			conns[i] = p.dial("127.0.0.1")
			defer conns[i].Close()
		}
		for i, c := range conns {
			if !talk(c) {
				t.Fatalf("client %d isn't answered", i)
			}
		}
		time.Sleep(spareAfter)
		if !isShut(p.dial("127.0.0.1")) {
			t.Error("a 17th got in, though none was idle for more than 10 s")
		}
		for i, c := range conns {
			if i != 5 && !talk(c) {
				t.Errorf("client %d isn't answered", i)
			}
		}
		time.Sleep(time.Second)
		late := p.dial("127.0.0.1")
		defer late.Close()
		if !talk(late) || !isShut(conns[5]) {
			t.Error("the 17th didn't get the place of the one that had been idle longest")
		}
		for i, c := range conns {
			if i != 5 && !talk(c) {
				t.Errorf("client %d isn't answered", i)
			}
		}
		if got := s.Counts().Refused; got != 2 {
			t.Errorf("%d were refused, want 2", got)
		}
	})
}

// TestADribblerLosesHisPlace: bytes that make no request don't keep a place.
func TestADribblerLosesHisPlace(t *testing.T) {
	served(t, Config{}, func(t *testing.T, _ *Server, p *pipes) {
		c := p.dial("127.0.0.1")
		defer c.Close()
		began := time.Now()
		for {
			if _, err := c.Write([]byte{0}); err != nil {
				break
			}
			time.Sleep(3 * time.Second)
		}
		if took := time.Since(began); took > requestTimeout+3*time.Second {
			t.Errorf("he was cut off after %v", took)
		}
	})
}

func TestAnIdleConnectionIsClosed(t *testing.T) {
	served(t, Config{}, func(t *testing.T, _ *Server, p *pipes) {
		c := p.dial("127.0.0.1")
		defer c.Close()
		began := time.Now()
		if !talk(c) {
			t.Fatal("no answer")
		}
		_, err := c.Read(make([]byte, 1))
		if took := time.Since(began); !errors.Is(err, io.EOF) || took != idleTimeout {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

func TestOneWhoDoesNotReadIsCutOff(t *testing.T) {
	served(t, Config{}, func(t *testing.T, _ *Server, p *pipes) {
		c, other := p.dial("127.0.0.1"), p.dial("127.0.0.1")
		defer c.Close()
		defer other.Close()
		ask := modbuswire.AppendFrame(nil, modbuswire.Frame{Unit: 255, PDU: unhex("03 0400 0001")})
		if _, err := c.Write(ask); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // the server writes, and nobody reads
		if !talk(other) {
			t.Error("the other one isn't answered meanwhile")
		}
		time.Sleep(writeTimeout)
		if !isShut(c) {
			t.Error("the connection is still there")
		}
	})
}

func TestAFramingErrorEndsTheConnection(t *testing.T) {
	served(t, Config{}, func(t *testing.T, _ *Server, p *pipes) {
		for _, stream := range []string{"0001 0001 0006 FF 03", "0001 0000 0001 FF", "0001 0000 00FF FF", "4745 5420 2F20 48"} {
			c := p.dial("127.0.0.1")
			if _, err := c.Write(unhex(stream)); err != nil || !isShut(c) {
				t.Errorf("%s: the connection is still there, %v", stream, err)
			}
			c.Close()
		}
	})
}

// TestAFaultEndsOneConnectionOnly: even one inside an access to memory.
func TestAFaultEndsOneConnectionOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		p, h := newPipes(), &host{}
		s := New(h, Identity{})
		over := make(chan error)
		var told any
		go func() { over <- Serve(ctx, p, s, Config{Fault: func(fault any) { told = fault }}) }()
		h.hook = func() {
			h.hook = nil
			panic("a fault")
		}
		c := p.dial("127.0.0.1")
		if talk(c) || !isShut(c) {
			t.Error("the connection survived")
		}
		c = p.dial("127.0.0.1")
		if !talk(c) || s.Counts().Failed != 1 {
			t.Errorf("the next one: %+v", s.Counts())
		}
		c.Close()
		cancel()
		if err := <-over; err != nil || told != "a fault" {
			t.Error(err, told)
		}
	})
}

// TestOnlyOneRequestAtATime: however many clients read as fast as they can, memory
// sees one access at a time, so that a scan waits for one at most.
func TestOnlyOneRequestAtATime(t *testing.T) {
	h := &host{}
	addr := listen(t, New(h, Identity{}))
	var wg sync.WaitGroup
	for range maxConnections {
		wg.Go(func() {
			c, err := modbuswire.Dial(t.Context(), addr, modbuswire.Options{Unit: 255})
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for range 100 {
				if _, err := c.ReadHolding(t.Context(), 0o2000, 125); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if got := h.most.Load(); got != 1 {
		t.Errorf("%d accesses at a time, want 1", got)
	}
}

// listen serves on a port of its own until the test ends, and returns its address.
func listen(t testing.TB, s *Server) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- Serve(ctx, l, s, Config{}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func TestAListenerThatSomeoneElseClosed(t *testing.T) {
	p := newPipes()
	p.Close()
	if err := Serve(t.Context(), p, New(&host{}, Identity{}), Config{}); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// short is a listener that the system has no socket for at first.
type short struct {
	*pipes
	failures int
}

func (s *short) Accept() (net.Conn, error) {
	if s.failures > 0 {
		s.failures--
		return nil, errors.New("too many open files")
	}
	return s.pipes.Accept()
}

func TestAShortageOfSocketsPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := &short{newPipes(), 3}
		over := make(chan error)
		go func() { over <- Serve(ctx, p, New(&host{}, Identity{}), Config{}) }()
		c := p.dial("127.0.0.1")
		if !talk(c) {
			t.Error("no answer after the shortage")
		}
		c.Close()
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
}

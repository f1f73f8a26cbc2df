package trace_test

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/trace"
)

// station is a trace server on loopback.
type station struct {
	*testing.T
	hub *conv.Hub
	at  netip.AddrPort
}

func serve(t *testing.T, room int, change func(*trace.Config)) station {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s := station{t, &conv.Hub{}, conn.LocalAddr().(*net.UDPAddr).AddrPort()}
	c := trace.Config{Events: s.hub.Subscribe(room), Now: time.Now}
	if change != nil {
		change(&c)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- trace.Serve(ctx, conn, c) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve ended with %v", err)
		}
		if err := conn.SetDeadline(time.Now()); err == nil {
			t.Error("the socket is open after Serve")
		}
	})
	return s
}

// viewer is a raw UDP socket.
type viewer struct {
	*testing.T
	*net.UDPConn
	module netip.AddrPort
}

func (s station) viewer() viewer {
	s.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = conn.Close() })
	return viewer{s.T, conn, s.at}
}

func (v viewer) ask(what string) {
	v.Helper()
	if _, err := v.WriteToUDPAddrPort([]byte(what), v.module); err != nil {
		v.Fatal(err)
	}
}

// hears wants the next datagrams.
func (v viewer) hears(want ...string) {
	v.Helper()
	buffer := make([]byte, 64<<10)
	for _, w := range want {
		_ = v.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, from, err := v.ReadFromUDPAddrPort(buffer)
		if err != nil {
			v.Fatalf("waiting for %q: %v", w, err)
		}
		if got := string(buffer[:n]); got != w || from != v.module {
			v.Errorf("heard %q from %s, want %q", got, from, w)
		}
	}
}

func note(text string) conv.Event { return conv.Event{Side: conv.Self, Kind: conv.Note, Text: text} }

func TestAViewerHearsAMail(t *testing.T) {
	s := serve(t, 100, nil)
	v, other := s.viewer(), s.viewer()
	v.ask("emailtrace\r\n")
	v.hears(trace.On)
	s.hub.Publish(note("Recipient: franji1@yahoo.com"))
	s.hub.Publish(conv.Event{Kind: conv.Opened, Text: "192.168.0.1:25"}) // shown by none
	s.hub.Publish(conv.Event{Side: conv.Server, Kind: conv.Received, State: 2, Code: 220, Text: "220 hosteng.com"})
	s.hub.Publish(conv.Event{Side: conv.Self, Kind: conv.Ended, State: 8})
	v.hears("Recipient: franji1@yahoo.com", "State: 0x2 Received data: 220 hosteng.com", "Success!")
	other.ask("what is this")
	other.ask("emailtrace on")
	other.hears(trace.On) // and nothing for what is no command
	v.ask("emailtrace")
	v.hears(trace.Off)
	s.hub.Publish(note("Subject: x"))
	other.hears("Subject: x")
	v.ask("emailtrace on")
	v.hears(trace.On) // it didn't get the line in between
}

func TestLinesAreHarmlessAndFitAFrame(t *testing.T) {
	s := serve(t, 100, nil)
	v := s.viewer()
	v.ask("emailtrace")
	v.hears(trace.On)
	s.hub.Publish(note("Subject: \x1b[2J"))
	v.hears("Subject: ?[2J")
	s.hub.Publish(note(strings.Repeat("x", trace.MaxLine-4) + strings.Repeat("\u20ac", 100)))
	v.hears(strings.Repeat("x", trace.MaxLine-4) + "...")
}

func TestWhoMayNotAskHearsNothing(t *testing.T) {
	asked := 0
	s := serve(t, 100, func(c *trace.Config) {
		c.Allow = func(netip.Addr) bool { asked++; return asked > 1 }
	})
	v := s.viewer()
	v.ask("emailtrace on")
	v.ask("emailtrace off")
	v.hears(trace.Off) // and not On before it
}

// TestAViewerThatIsShutOutHearsNoMore: a reload takes the right away, and its place
// with it.
func TestAViewerThatIsShutOutHearsNoMore(t *testing.T) {
	var shut atomic.Bool
	gone := make(chan struct{})
	s := serve(t, 100, func(c *trace.Config) {
		c.Allow = func(netip.Addr) bool { return !shut.Load() }
		c.Watching = func(n int) {
			if n == 0 {
				close(gone)
			}
		}
	})
	v := s.viewer()
	v.ask("emailtrace on")
	v.hears(trace.On)
	shut.Store(true)
	s.hub.Publish(note("Recipient: somebody@example.com"))
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Fatal("it keeps its place")
	}
	shut.Store(false)
	v.ask("emailtrace on")
	v.hears(trace.On) // and nothing before it
}

func TestAClosedViewerIsDropped(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems don't say which viewer is gone")
	}
	s := serve(t, 1000, nil)
	stays, leaves := s.viewer(), []viewer{}
	stays.ask("emailtrace")
	stays.hears(trace.On)
	for range trace.MaxViewers - 1 {
		v := s.viewer()
		v.ask("emailtrace")
		v.hears(trace.On)
		leaves = append(leaves, v)
	}
	late := s.viewer()
	late.ask("emailtrace on")
	late.hears("EMail Trace Off: 8 viewers are on already")
	for _, v := range leaves {
		_ = v.Close()
	}
	// Every line reaches the one that stays, whatever comes back from the others.
	for _, line := range []string{"one", "two", "three", "four"} {
		s.hub.Publish(note(line))
		stays.hears(line)
	}
	for range leaves {
		v := s.viewer()
		v.ask("emailtrace on")
		v.hears(trace.On)
	}
}

func TestAFloodOfTogglesStaysAtEight(t *testing.T) {
	s := serve(t, 100, nil)
	on := 0
	var watching []viewer
	for range 60 {
		v := s.viewer()
		v.ask("emailtrace")
		_ = v.SetReadDeadline(time.Now().Add(10 * time.Second))
		buffer := make([]byte, 100)
		n, _, err := v.ReadFromUDPAddrPort(buffer)
		if err != nil {
			t.Fatal(err)
		}
		if string(buffer[:n]) == trace.On {
			on++
			watching = append(watching, v)
		}
	}
	if on != trace.MaxViewers {
		t.Errorf("%d of 60 are on, want %d", on, trace.MaxViewers)
	}
	s.hub.Publish(note("a line"))
	for _, v := range watching {
		v.hears("a line")
	}
}

func TestLostLinesAreTold(t *testing.T) {
	held, enter := make(chan struct{}), make(chan struct{}, 100)
	s := serve(t, 2, func(c *trace.Config) {
		c.Allow = func(netip.Addr) bool { return true }
		c.Now = func() time.Time { enter <- struct{}{}; <-held; return time.Now() }
	})
	v := s.viewer()
	v.ask("emailtrace")
	<-enter // the server is held in the middle of its work
	for _, line := range []string{"one", "two", "three", "four", "five"} {
		s.hub.Publish(note(line))
	}
	close(held)
	v.hears(trace.On, "one", "two", "(3 lines lost)")
	s.hub.Publish(note("six"))
	v.hears("six")
}

func TestServeEndsWithItsSubscription(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	events := (&conv.Hub{}).Subscribe(1)
	events.Close()
	if err := trace.Serve(context.Background(), conn, trace.Config{Events: events, Now: time.Now}); err != nil {
		t.Errorf("Serve ended with %v", err)
	}
}

func TestTheReplyPort(t *testing.T) {
	listener, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	s := serve(t, 10, func(c *trace.Config) { c.ReplyPort = port })
	s.viewer().ask("emailtrace")
	viewer{t, listener, s.at}.hears(trace.On)
	s.hub.Publish(note("a line"))
	viewer{t, listener, s.at}.hears("a line")
}

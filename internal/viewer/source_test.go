package viewer

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/trace"
)

// reads wants the next texts of a source.
func reads(t *testing.T, s Source, want ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var got []string
	for len(got) < len(want) {
		entries, err := s.Next(ctx)
		for _, e := range entries {
			got = append(got, e.Text)
		}
		if err != nil {
			t.Fatalf("%v behind %q; want %q", err, got, want)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

func fails(t *testing.T, s Source, want error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		_, err := s.Next(ctx)
		if err == nil {
			continue
		}
		if !errors.Is(err, want) {
			t.Errorf("it ends with %v, want %v", err, want)
		}
		return
	}
}

func listen(t *testing.T) (*net.UDPConn, netip.AddrPort) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn, conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// ours is our own trace server.
func ours(t *testing.T) (*conv.Hub, netip.AddrPort) {
	t.Helper()
	conn, at := listen(t)
	hub := &conv.Hub{}
	events := hub.Subscribe(100)
	ended := make(chan error, 1)
	go func() { ended <- trace.Serve(context.Background(), conn, trace.Config{Events: events, Now: time.Now}) }()
	t.Cleanup(func() {
		events.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return hub, at
}

// original is a module that knows the toggle only.
func original(t *testing.T, on bool) (toggled chan bool, at netip.AddrPort) {
	t.Helper()
	conn, at := listen(t)
	toggled = make(chan bool, 100)
	go func() {
		buffer := make([]byte, 100)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			if string(buffer[:n]) != trace.Toggle {
				continue
			}
			on = !on
			toggled <- on
			answer := map[bool]string{true: trace.On, false: trace.Off}[on]
			_, _ = conn.WriteToUDPAddrPort([]byte(answer), from)
		}
	}()
	return toggled, at
}

func watch(t *testing.T, at netip.AddrPort) *Module {
	t.Helper()
	m, err := Watch(context.Background(), at, 0, Known{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func TestWatchingOurModule(t *testing.T) {
	hub, at := ours(t)
	m := watch(t, at)
	reads(t, m, trace.On)
	hub.Publish(conv.Event{Kind: conv.Note, Text: "Subject: x"})
	reads(t, m, "Subject: x")
	if err := m.Send(trace.Toggle); err != nil {
		t.Error(err)
	}
	reads(t, m, trace.Off)
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	fails(t, m, io.EOF)
	if err := m.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

// due has a module's next renewal be due now.
func (m *Module) due() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opening.wake = time.Now()
}

// TestAModuleThatIsRestartedIsWatchedOn: its viewer says that it was away, and is a
// viewer of it again.
func TestAModuleThatIsRestartedIsWatchedOn(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux reports at once that nobody listens")
	}
	conn, at := listen(t)
	serve := func(conn *net.UDPConn, hub *conv.Hub) (stop func()) {
		ended := make(chan error, 1)
		events := hub.Subscribe(100)
		go func() {
			ended <- trace.Serve(context.Background(), conn, trace.Config{Events: events, Now: time.Now})
		}()
		return func() {
			events.Close()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
	stop := serve(conn, &conv.Hub{})
	m := watch(t, at)
	reads(t, m, trace.On)
	stop()
	m.due()
	reads(t, m, Lost)
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	hub := &conv.Hub{}
	defer serve(conn, hub)()
	m.due()
	reads(t, m, Back)
	hub.Publish(conv.Event{Kind: conv.Note, Text: "Subject: x"})
	reads(t, m, "Subject: x")
}

func TestTheStampIsWhatTheModuleSaysOfItself(t *testing.T) {
	_, at := ours(t)
	m, err := Watch(context.Background(), at, 0, Known{IP: netip.MustParseAddr("192.168.12.86"), Name: "Barry"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	entries, err := m.Next(t.Context())
	if err != nil || len(entries) != 1 || entries[0].Module != "192.168.12.86" {
		t.Errorf("%+v, %v", entries, err)
	}
	if !strings.HasSuffix(m.Name(), "Command Device: 127.0.0.1 (Barry)") {
		t.Errorf("its title: %s", m.Name())
	}
	entries, err = watch(t, at).Next(t.Context())
	if err != nil || len(entries) != 1 || entries[0].Module != "127.0.0.1" {
		t.Errorf("where nothing is known: %+v, %v", entries, err)
	}
}

func TestAViewerThatEndsLeavesItsPlace(t *testing.T) {
	_, at := ours(t)
	for range trace.MaxViewers + 1 {
		m := watch(t, at)
		reads(t, m, trace.On)
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTheNinthViewerIsTold(t *testing.T) {
	_, at := ours(t)
	for range trace.MaxViewers {
		reads(t, watch(t, at), trace.On)
	}
	fails(t, watch(t, at), ErrFull)
}

func TestWatchingAnOriginal(t *testing.T) {
	for _, was := range []bool{false, true} {
		toggled, at := original(t, was)
		m := watch(t, at)
		if was {
			reads(t, m, trace.Off, trace.On)
			<-toggled
		} else {
			reads(t, m, trace.On)
		}
		<-toggled
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		if on := <-toggled; on {
			t.Error("the trace is on behind its end")
		}
	}
}

func TestNobodyAnswers(t *testing.T) {
	_, at := listen(t)
	fails(t, watch(t, at), ErrSilent)
}

func TestWhatOthersSendIsLeftAside(t *testing.T) {
	_, at := ours(t)
	m := watch(t, at)
	stranger, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2)})
	if err != nil {
		t.Skip("this system has one loopback address only")
	}
	defer stranger.Close()
	port := m.conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	reads(t, m, trace.On)
	if _, err := stranger.WriteToUDPAddrPort([]byte("Success!"), netip.AddrPortFrom(at.Addr(), port)); err != nil {
		t.Fatal(err)
	}
	if err := m.Send(trace.Toggle); err != nil {
		t.Fatal(err)
	}
	reads(t, m, trace.Off)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if entries, err := m.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("behind the end came %v, %v", entries, err)
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	for _, at := range []string{"[::1]:29298", "10.0.0.1:0"} {
		if m, err := Watch(context.Background(), netip.MustParseAddrPort(at), 0, Known{}); err == nil {
			t.Errorf("%s is watched", at)
			_ = m.Close()
		}
	}
}

func TestTheTitleIsTheOriginals(t *testing.T) {
	want := "Monitoring UDP port: 29298 (0x7272). Command Device: 192.168.12.86"
	at := netip.MustParseAddrPort("192.168.12.86:29298")
	if got := title(at, ""); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := title(at, "Barry"); got != want+" (Barry)" {
		t.Errorf("a module with a name: %q", got)
	}
}

func TestAStreamIsReadToItsEnd(t *testing.T) {
	s := NewStream("standard input", strings.NewReader("trace\n\n  Wed Mar 01 10:48:26 2006 10.0.0.1: Success!\r\nno end"))
	defer s.Close()
	reads(t, s, "trace", "Success!", "no end")
	fails(t, s, io.EOF)
	fails(t, s, io.EOF)
	if err := s.Send("emailtrace"); !errors.Is(err, ErrNoModule) {
		t.Errorf("a stream is sent a command: %v", err)
	}
}

func TestALineWithoutEndIsBounded(t *testing.T) {
	s := NewStream("x", strings.NewReader(strings.Repeat("x", 1<<20)))
	defer s.Close()
	n := 0
	for {
		entries, err := s.Next(context.Background())
		for _, e := range entries {
			n += len(e.Text)
			if len(e.Text) > MaxText {
				t.Fatalf("a line of %d bytes", len(e.Text))
			}
		}
		if err != nil {
			break
		}
	}
	if n == 0 {
		t.Error("nothing came")
	}
}

func TestAFileIsFollowed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	write := func(text string, how int) {
		t.Helper()
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|how, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("one\ntw", 0)
	f, err := Follow(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	reads(t, f, "one")
	write("o\nthree\n", os.O_APPEND)
	reads(t, f, "two", "three")
	write("new\n", os.O_TRUNC)
	reads(t, f, "(the file was cut short: it is read from its beginning)", "new")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	write("another without an end", 0)
	reads(t, f, "(there is a new file of this name: it is read from its beginning)", "another without an end")
}

func TestSavingNeverOverwrites(t *testing.T) {
	t.Chdir(t.TempDir())
	now := time.Date(2006, 3, 1, 10, 48, 26, 0, time.UTC)
	for _, want := range []string{"rungmail-trace-20060301-104826.log", "rungmail-trace-20060301-104826-2.log"} {
		got, err := Save("", now, []string{"one", "two"})
		if got != want || err != nil {
			t.Errorf("saved to %q, %v; want %q", got, err, want)
		}
		if text, err := os.ReadFile(want); string(text) != "one\ntwo\n" {
			t.Errorf("%q, %v", text, err)
		}
	}
	if _, err := Save("rungmail-trace-20060301-104826.log", now, nil); !errors.Is(err, os.ErrExist) {
		t.Errorf("a file was overwritten: %v", err)
	}
}

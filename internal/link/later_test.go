package link_test

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/link"
)

// dialLater connects a link that writes by Flush to a peer of the test's.
func dialLater(t *testing.T) (link.Link, *link.Later, *net.TCPConn, chan struct{}) {
	t.Helper()
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	later, woken := &link.Later{}, make(chan struct{}, 100)
	l := link.TCP{Later: later, Wake: func() {
		select {
		case woken <- struct{}{}:
		default:
		}
	}}.Dial(listener.Addr().(*net.TCPAddr).AddrPort())
	t.Cleanup(l.Close)
	peer, err := listener.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = peer.Close() })
	if e := next(t, l, woken); e.Kind != link.Connected {
		t.Fatalf("the first event is %+v", e)
	}
	return l, later, peer, woken
}

// next waits for an event.
func next(t *testing.T, l link.Link, woken chan struct{}) link.Event {
	t.Helper()
	patience := time.After(20 * time.Second)
	for {
		if e, ok := l.Next(); ok {
			return e
		}
		select {
		case <-woken:
		case <-patience:
			t.Fatal("no event comes")
		}
	}
}

func TestFlushWritesWhatWaited(t *testing.T) {
	l, later, peer, woken := dialLater(t)
	if later.Flush() {
		t.Error("Flush wrote what nobody gave it")
	}
	l.Write([]byte("head, "), true)
	if !later.Flush() {
		t.Error("what may be held isn't Written")
	}
	l.Write([]byte("body"), false)
	if !later.Flush() {
		t.Error("Flush wrote nothing")
	}
	for range 2 {
		if e := next(t, l, woken); e.Kind != link.Written {
			t.Errorf("%+v, want Written", e)
		}
	}
	got := make([]byte, 10)
	if _, err := io.ReadFull(peer, got); err != nil || string(got) != "head, body" {
		t.Errorf("the peer got %q, %v", got, err)
	}
}

func TestFlushLeavesTheRestToTheLink(t *testing.T) {
	l, later, peer, woken := dialLater(t)
	want := bytes.Repeat([]byte("0123456789abcdef"), 1<<20) // more than the system takes at once
	l.Write(want, false)
	if later.Flush() {
		t.Fatal("the system took 16 MiB at once: this test needs more")
	}
	l.Write([]byte("end"), false)
	later.Flush()
	read := make(chan []byte)
	go func() {
		got := make([]byte, len(want)+3)
		_, _ = io.ReadFull(peer, got)
		read <- got
	}()
	for range 2 {
		for e := next(t, l, woken); e.Kind != link.Written; e = next(t, l, woken) {
			t.Fatalf("%+v, want Written", e)
		}
		later.Flush()
	}
	if got := <-read; !bytes.Equal(got, append(want, "end"...)) {
		t.Error("the peer got something else, or in another order")
	}
}

func TestFlushAfterClose(t *testing.T) {
	l, later, peer, _ := dialLater(t)
	l.Write([]byte("never sent"), false)
	l.Close()
	if later.Flush() {
		t.Error("Flush wrote on a closed link")
	}
	if got, _ := io.ReadAll(peer); len(got) != 0 {
		t.Errorf("the peer got %q", got)
	}
}

func TestAWriteThatFailsInFlushEndsTheLink(t *testing.T) {
	l, later, peer, woken := dialLater(t)
	if err := peer.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	_ = peer.Close()
	for {
		l.Write([]byte("into the void"), false)
		later.Flush()
		if e := next(t, l, woken); e.Kind == link.Closed {
			return
		}
	}
}

// TestHeldBytesGoFirstWhenEventsWait: the queue of events was full when a piece
// behind held ones was flushed, and it went out before them.
func TestHeldBytesGoFirstWhenEventsWait(t *testing.T) {
	l, later, peer, woken := dialLater(t)
	l.Write([]byte("HEAD "), true)
	later.Flush()
	if err := peer.SetNoDelay(true); err != nil {
		t.Fatal(err)
	}
	for range 70 { // fill the queue of events, as far as the segments stay apart
		if _, err := peer.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	<-woken
	l.Write([]byte("BODY "), true)
	later.Flush()
	l.Write([]byte("END"), false)
	later.Flush()
	got := make([]byte, len("HEAD BODY END"))
	done := make(chan error, 1)
	go func() { _, err := io.ReadFull(peer, got); done <- err }()
	for {
		select {
		case err := <-done:
			if err != nil || string(got) != "HEAD BODY END" {
				t.Errorf("the peer got %q, %v", got, err)
			}
			return
		default:
			l.Next()
			later.Flush()
		}
	}
}

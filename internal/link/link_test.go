package link_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/rungmail/rungmail/internal/link"
)

const patience = 20 * time.Second // only a failing test waits so long

// watched is a link whose events a test waits for; it sleeps until Wake is called,
// so every wait is a test of Wake too.
type watched struct {
	t    testing.TB
	wake chan struct{}
	link.Link
}

func watch(t testing.TB) *watched { return &watched{t: t, wake: make(chan struct{}, 1)} }

func (w *watched) kick() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *watched) event() link.Event {
	w.t.Helper()
	for {
		if e, ok := w.Next(); ok {
			return e
		}
		select {
		case <-w.wake:
		case <-time.After(patience):
			w.t.Fatal("no event comes")
		}
	}
}

func (w *watched) want(kind link.Kind) link.Event {
	w.t.Helper()
	e := w.event()
	if e.Kind != kind {
		w.t.Fatalf("event %d (%q, %v), want %d", e.Kind, e.Data, e.Err, kind)
	}
	return e
}

// text gathers what is received until it is as long as want.
func (w *watched) text(want string) {
	w.t.Helper()
	var got []byte
	for len(got) < len(want) {
		got = append(got, w.want(link.Received).Data...)
	}
	if string(got) != want {
		w.t.Errorf("received %q, want %q", got, want)
	}
}

func (w *watched) nothing() {
	w.t.Helper()
	if e, ok := w.Next(); ok {
		w.t.Errorf("event %d (%q, %v), want none", e.Kind, e.Data, e.Err)
	}
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func port(l net.Listener) netip.AddrPort { return l.Addr().(*net.TCPAddr).AddrPort() }

func accept(t testing.TB, l net.Listener) *net.TCPConn {
	t.Helper()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

// connected is a link over loopback, and its peer.
func connected(t testing.TB) (*watched, *net.TCPConn) {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	l := listen(t)
	w := watch(t)
	w.Link = link.TCP{Wake: w.kick}.Dial(port(l))
	t.Cleanup(w.Close)
	peer := accept(t, l)
	w.want(link.Connected)
	return w, peer
}

// piped is a link over a pipe, and its peer.
func piped(t testing.TB) (*watched, net.Conn) {
	w := watch(t)
	ours, peer := net.Pipe()
	w.Link = link.Over(ours, w.kick)
	t.Cleanup(func() { w.Close(); peer.Close() })
	w.want(link.Connected)
	return w, peer
}

// both runs a story over a socket and over a pipe.
func both(t *testing.T, story func(*testing.T, *watched, net.Conn)) {
	t.Run("socket", func(t *testing.T) {
		w, peer := connected(t)
		story(t, w, peer)
	})
	t.Run("pipe", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, peer := piped(t)
			story(t, w, peer)
		})
	})
}

func TestWhatIsWrittenComesBack(t *testing.T) {
	both(t, func(t *testing.T, w *watched, peer net.Conn) {
		go func() { _, _ = io.Copy(peer, peer) }()
		for _, s := range []string{"HELO 192.168.12.86\r\n", "QUIT\r\n"} {
			w.Write([]byte(s), false)
			var got []byte
			for written := false; !written || len(got) < len(s); {
				switch e := w.event(); e.Kind {
				case link.Written:
					written = true
				case link.Received:
					got = append(got, e.Data...)
				default:
					t.Fatalf("event %d: %v", e.Kind, e.Err)
				}
			}
			if string(got) != s {
				t.Errorf("got %q, want %q", got, s)
			}
		}
		w.nothing()
	})
}

func TestEachWriteIsCopiedSentInOrderAndReported(t *testing.T) {
	both(t, func(t *testing.T, w *watched, peer net.Conn) {
		var want []byte
		line := make([]byte, 0, 16)
		for i := range 50 {
			line = append(strconv.AppendInt(line[:0], int64(i), 10), '\n') // over the one before
			want = append(want, line...)
			w.Write(line, false)
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(peer, got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("the peer got %q", got)
		}
		for range 50 {
			w.want(link.Written)
		}
		w.nothing()
	})
}

func TestAnOrderlyCloseHasNoError(t *testing.T) {
	both(t, func(t *testing.T, w *watched, peer net.Conn) {
		go func() {
			_, _ = peer.Write([]byte("221 bye\r\n"))
			peer.Close()
		}()
		w.text("221 bye\r\n")
		if e := w.want(link.Closed); e.Err != nil {
			t.Errorf("Closed says %v", e.Err)
		}
		w.nothing()
	})
}

func TestAResetHasAnError(t *testing.T) {
	w, peer := connected(t)
	_ = peer.SetLinger(0) // closing then resets
	peer.Close()
	if e := w.want(link.Closed); e.Err == nil {
		t.Error("Closed has no error")
	}
	w.nothing()
}

func TestARefusedConnection(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := listen(t)
	l.Close()
	w := watch(t)
	w.Link = link.TCP{Wake: w.kick}.Dial(port(l))
	if e := w.want(link.Closed); !errors.Is(e.Err, syscall.ECONNREFUSED) {
		t.Errorf("Closed says %v", e.Err)
	}
	w.Write([]byte("into the void"), false)
	w.nothing()
	w.Close()
}

func TestAServerWithoutAnAddressIsRefused(t *testing.T) {
	defer goleak.VerifyNone(t)
	w := watch(t)
	w.Link = link.TCP{Wake: w.kick}.Dial(netip.AddrPort{})
	defer w.Close()
	if w.want(link.Closed).Err == nil {
		t.Error("Closed has no error")
	}
}

func TestNowhereHasNoEvents(t *testing.T) {
	l := link.Nowhere{}.Dial(netip.MustParseAddrPort("127.0.0.1:25"))
	l.Write([]byte("HELO x\r\n"), false)
	if e, ok := l.Next(); ok {
		t.Errorf("event %d", e.Kind)
	}
	l.Close()
	l.Close()
}

func TestAnAddressThatIsntOursCantBeBound(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := listen(t)
	w := watch(t)
	w.Link = link.TCP{Wake: w.kick, Bind: netip.MustParseAddr("192.0.2.7")}.Dial(port(l))
	defer w.Close()
	if w.want(link.Closed).Err == nil {
		t.Error("Closed has no error")
	}
}

func TestInsteadIsDialled(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := listen(t)
	w := watch(t)
	w.Link = link.TCP{Wake: w.kick, Bind: netip.IPv4Unspecified(), Instead: port(l)}.Dial(netip.MustParseAddrPort("192.0.2.1:25"))
	defer w.Close()
	accept(t, l)
	w.want(link.Connected)
}

func TestAPeerThatDoesntReadStallsWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, peer := piped(t)
		w.Write([]byte("one"), false)
		w.Write([]byte("two"), false)
		synctest.Wait()
		w.nothing()
		got := make([]byte, 3)
		if _, err := io.ReadFull(peer, got); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		w.want(link.Written)
		w.nothing()
	})
	t.Run("socket", func(t *testing.T) {
		w, peer := connected(t)
		const much = 32 << 20 // more than any socket's buffers
		w.Write(make([]byte, much), false)
		if _, err := peer.Write([]byte("hm")); err != nil {
			t.Fatal(err)
		}
		w.text("hm") // and no Written before
		w.nothing()
		if n, err := io.CopyN(io.Discard, peer, much); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		w.want(link.Written)
	})
}

func TestAReaderThatWaitsHoldsThePeerUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, peer := piped(t)
		const chunks = 1000
		var sent atomic.Int32
		go func() {
			for i := range chunks {
				if _, err := peer.Write(bytes.Repeat([]byte{byte(i)}, 4096)); err != nil {
					return
				}
				sent.Add(1)
			}
			peer.Close()
		}()
		synctest.Wait()
		if n := sent.Load(); n > 80 {
			t.Fatalf("%d chunks are held for a reader that takes none", n)
		}
		var got []byte
		for {
			synctest.Wait()
			e := w.event()
			if e.Kind == link.Closed {
				break
			}
			got = append(got, e.Data...)
		}
		for i := range chunks {
			if len(got) != chunks*4096 || got[i*4096] != byte(i) {
				t.Fatalf("%d bytes came; those of chunk %d are out of place", len(got), i)
			}
		}
	})
}

// TestNothingComesAfterClosed holds that a write which fails later, or ends
// later, says nothing more.
func TestNothingComesAfterClosed(t *testing.T) {
	both(t, func(t *testing.T, w *watched, peer net.Conn) {
		peer.Close()
		w.want(link.Closed)
		for range 100 {
			w.Write([]byte("anyone there?"), false)
		}
		w.nothing()
	})
	synctest.Test(t, func(t *testing.T) {
		w, peer := piped(t)
		w.Write([]byte("one"), false) // it hangs
		synctest.Wait()
		peer.Close()
		synctest.Wait()
		w.want(link.Closed)
		w.nothing()
	})
	synctest.Test(t, func(t *testing.T) { // the queue is full of Written, and Closed waits for room too
		w, peer := piped(t)
		for range 200 {
			w.Write([]byte("x"), false)
		}
		_, _ = io.ReadFull(peer, make([]byte, 64)) // its Written waits for room
		synctest.Wait()
		peer.Close()
		synctest.Wait()
		closed := false
		for {
			synctest.Wait()
			e, ok := w.Next()
			if !ok {
				break
			}
			if closed {
				t.Errorf("event %d after Closed", e.Kind)
			}
			closed = closed || e.Kind == link.Closed
		}
		if !closed {
			t.Error("no Closed")
		}
	})
}

// halfClosed is a connection whose peer says nothing more but reads on.
type halfClosed struct{ net.Conn }

func (halfClosed) Read([]byte) (int, error)    { return 0, io.EOF }
func (halfClosed) Write(p []byte) (int, error) { return len(p), nil }

func TestNoWrittenComesAfterClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, peer := net.Pipe()
		defer peer.Close()
		w := watch(t)
		w.Link = link.Over(halfClosed{ours}, w.kick)
		defer w.Close()
		w.want(link.Connected)
		w.want(link.Closed)
		w.Write([]byte("anyone there?"), false)
		synctest.Wait()
		w.nothing()
	})
}

// broken is a connection on which nothing can be written any more.
type broken struct{ net.Conn }

func (broken) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// TestWhatThePeerSaidComesBeforeAFailedWrite: a server that refuses a mail half
// way and hangs up must not have its 552 lost to the write that fails.
func TestWhatThePeerSaidComesBeforeAFailedWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, peer := net.Pipe()
		w := watch(t)
		w.Link = link.Over(broken{ours}, w.kick)
		defer w.Close()
		w.want(link.Connected)
		w.Write([]byte("body"), false)
		synctest.Wait() // the write has failed
		w.nothing()
		if _, err := peer.Write([]byte("552 too big\r\n")); err != nil {
			t.Fatal(err)
		}
		peer.Close()
		w.text("552 too big\r\n")
		if e := w.want(link.Closed); !errors.Is(e.Err, syscall.EPIPE) {
			t.Errorf("Closed says %v", e.Err)
		}
	})
}

func TestAFailedWriteEndsTheLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, peer := net.Pipe()
		defer peer.Close()
		w := watch(t)
		w.Link = link.Over(broken{ours}, w.kick)
		defer w.Close()
		w.want(link.Connected)
		began := time.Now()
		w.Write([]byte("body"), false)
		e := w.want(link.Closed)
		if !errors.Is(e.Err, syscall.EPIPE) || errors.Is(e.Err, os.ErrDeadlineExceeded) {
			t.Errorf("Closed says %v", e.Err)
		}
		if d := time.Since(began); d > 2*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

func TestCloseEndsEverythingFromAnyState(t *testing.T) {
	states := map[string]func(*testing.T, *watched, net.Conn){
		"idle":           func(*testing.T, *watched, net.Conn) {},
		"a write hangs":  func(_ *testing.T, w *watched, _ net.Conn) { w.Write([]byte("x"), false); w.Write([]byte("y"), false) },
		"events waiting": func(_ *testing.T, _ *watched, peer net.Conn) { _, _ = peer.Write([]byte("hello")) },
		"no room for events": func(_ *testing.T, _ *watched, peer net.Conn) {
			go func() {
				for err := error(nil); err == nil; {
					_, err = peer.Write([]byte("hello"))
				}
			}()
		},
		"the peer has closed": func(_ *testing.T, w *watched, peer net.Conn) { peer.Close(); w.want(link.Closed) },
		"Closed not taken":    func(_ *testing.T, _ *watched, peer net.Conn) { peer.Close() },
	}
	for name, enter := range states {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // it fails when a goroutine is left
				w, peer := piped(t)
				enter(t, w, peer)
				synctest.Wait()
				w.Close()
				w.nothing() // events that waited are gone
				synctest.Wait()
				if _, err := peer.Read(make([]byte, 1)); err == nil {
					t.Error("the connection stands")
				}
				w.Write([]byte("too late"), false)
				w.Close()
				synctest.Wait()
				w.nothing()
			})
		})
	}
}

func TestCloseBeforeTheFirstEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, peer := net.Pipe()
		l := link.Over(ours, nil)
		l.Close()
		synctest.Wait()
		if _, err := peer.Read(make([]byte, 1)); err == nil {
			t.Error("the connection stands")
		}
		if e, ok := l.Next(); ok {
			t.Errorf("event %d after Close", e.Kind)
		}
	})
}

// TestCloseAtAnyMoment closes sockets in the midst of reading, writing and
// connecting.
func TestCloseAtAnyMoment(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := listen(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); c.Close() }()
		}
	}()
	var open []*watched
	for i := range 120 {
		w := watch(t)
		w.Link = link.TCP{Wake: w.kick}.Dial(port(l))
		w.Write(bytes.Repeat([]byte("x"), 100*i), false)
		for range i % 6 {
			w.event() // some of Connected, Written and Received
			w.Write([]byte("y"), false)
		}
		if i%3 == 0 {
			go w.Close() // from another goroutine
		}
		open = append(open, w)
	}
	slices.Reverse(open)
	for _, w := range open {
		w.Close()
	}
	l.Close()
}

package link_test

import (
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rungmail/rungmail/internal/link"
)

// TestBindIsWhereLinksComeFrom needs Linux, where all of 127.0.0.0/8 is there.
func TestBindIsWhereLinksComeFrom(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := listen(t)
	w := watch(t)
	w.Link = link.TCP{Wake: w.kick, Bind: netip.MustParseAddr("127.0.0.77")}.Dial(port(l))
	defer w.Close()
	peer := accept(t, l)
	w.want(link.Connected)
	if got := peer.RemoteAddr().(*net.TCPAddr).IP.String(); got != "127.0.0.77" {
		t.Errorf("it comes from %s", got)
	}
}

// TestCloseWhileDialling dials a listener whose queue is full, which on Linux
// answers nothing at all.
func TestCloseWhileDialling(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := listen(t)
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var shrunk error
	if err := raw.Control(func(fd uintptr) { shrunk = syscall.Listen(int(fd), 0) }); err != nil || shrunk != nil {
		t.Fatal(err, shrunk)
	}
	var full bool
	for range 8 { // until one isn't answered
		c, err := net.DialTimeout("tcp", port(l).String(), 200*time.Millisecond)
		if err != nil {
			full = true
			break
		}
		defer c.Close()
	}
	if !full {
		t.Skip("the listener's queue can't be filled here")
	}
	w := watch(t)
	w.Link = link.TCP{Wake: w.kick}.Dial(port(l))
	w.Write([]byte("early"), false)
	w.nothing()
	w.Close()
	w.Close()
	w.nothing()
}

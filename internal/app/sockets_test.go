package app

import (
	"net"
	"testing"
)

// TestAReadySocketServesItsAddress: also where the plant file names all addresses in
// the other family's way.
func TestAReadySocketServesItsAddress(t *testing.T) {
	one, other := loopback(t), loopback(t)
	s := sockets{ready: []net.Listener{one, other}}
	got, err := s.listen(t.Context(), other.Addr().String())
	if err != nil || got != other {
		t.Fatalf("listen at %s: %v, %v", other.Addr(), got, err)
	}
	if _, err := s.listen(t.Context(), other.Addr().String()); err == nil {
		t.Error("one socket served two")
	}
	fresh, err := s.listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if fresh == one {
		t.Error("a socket with a port of its own served a free one")
	}
	_ = fresh.Close()
	if left, err := s.close(); err != nil || len(left) != 1 || left[0] != one.Addr().String() {
		t.Errorf("left are %v, %v; want %s", left, err, one.Addr())
	}
	if _, err := one.Accept(); err == nil {
		t.Error("what nobody took is open")
	}
}

func TestAllAddressesAreOneInBothFamilies(t *testing.T) {
	all, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = all.Close() })
	_, port, err := net.SplitHostPort(all.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := sockets{ready: []net.Listener{all}}
	if l := s.take("127.0.0.1:" + port); l != nil {
		t.Error("a socket at all addresses served one of them")
	}
	if l := s.take("0.0.0.0:" + port); l != all {
		t.Error("0.0.0.0 isn't all addresses")
	}
}

func loopback(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

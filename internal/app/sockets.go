package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
)

// sockets are the TCP listeners that somebody opened for the service before it
// started, as systemd does, so that it needs no right to ports below 1024.
type sockets struct {
	mu    sync.Mutex
	ready []net.Listener // that nobody has taken yet
}

// listen is the ready listener at an address, or a new one.
func (s *sockets) listen(ctx context.Context, address string) (net.Listener, error) {
	if l := s.take(address); l != nil {
		return l, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w: give another port, or stop who has it", err)
	}
	return l, nil
}

func (s *sockets) take(address string) net.Listener {
	want, err := netip.ParseAddrPort(address)
	if err != nil || want.Port() == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.ready, func(l net.Listener) bool {
		have, err := netip.ParseAddrPort(l.Addr().String())
		return err == nil && samePlace(have, want)
	})
	if i < 0 {
		return nil
	}
	l := s.ready[i]
	s.ready = slices.Delete(s.ready, i, i+1)
	return l
}

// samePlace tells whether two addresses are one. All addresses may be written as IPv4
// or as IPv6, and systemd writes them as IPv6.
func samePlace(a, b netip.AddrPort) bool {
	if a.Port() != b.Port() {
		return false
	}
	x, y := a.Addr().Unmap(), b.Addr().Unmap()
	return x == y || x.IsUnspecified() && y.IsUnspecified()
}

// close closes what nobody took, and names it.
func (s *sockets) close() (left []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.ready {
		left = append(left, l.Addr().String())
		err = errors.Join(err, l.Close())
	}
	s.ready = nil
	return left, err
}

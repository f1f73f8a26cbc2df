package hapserver_test

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"github.com/rungmail/rungmail/internal/ecom/hapserver"
)

// TestAModuleOfAllAddressesAnswersFromTheOneThatWasAsked: a client takes an answer
// from no other.
func TestAModuleOfAllAddressesAnswersFromTheOneThatWasAsked(t *testing.T) {
	conn, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	b.power()
	running(t, func(ctx context.Context) error { return hapserver.Serve(ctx, conn, b.server) })
	port := conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	for _, at := range []string{"127.0.0.1", "127.0.0.7"} {
		client := dial(t, netip.AddrPortFrom(netip.MustParseAddr(at), port))
		if _, err := client.Versions(t.Context()); err != nil {
			t.Errorf("at %s: %v", at, err)
		}
	}
}

package hap_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/hap"
)

// found searches until want modules were found, or the window ends.
func found(t *testing.T, s hap.Search) []hap.Found {
	t.Helper()
	if s.Window == 0 {
		s.Window = 400 * time.Millisecond
	}
	got, err := hap.Discover(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestDiscoveryFindsEachModuleOnceAndSorts(t *testing.T) {
	other := hap.Poll{MAC: hap.MAC{0, 0xE0, 0x62, 1}, NoIP: true}
	twice := listen(t, func(_ int, f hap.Frame) [][]byte {
		return [][]byte{
			answer(f.ID, poll.Append(nil)), answer(f.ID, hap.Poll{MAC: poll.MAC}.Append(nil)), answer(f.ID, other.Append(nil)),
			answer(f.ID+1, hap.Poll{}.Append(nil)), []byte("garbage"), answer(f.ID, []byte{1, 2, 3}),
		}
	})
	once := listen(t, func(_ int, f hap.Frame) [][]byte { return [][]byte{answer(f.ID, poll.Append(nil))} })
	want := []hap.Found{{twice.addr, other}, {twice.addr, poll}, {once.addr, poll}}
	slices.SortStableFunc(want, func(a, b hap.Found) int { return a.Addr.Compare(b.Addr) })
	got := found(t, hap.Search{Broadcast: []netip.AddrPort{once.addr, twice.addr}})
	if diff := cmp.Diff(want, got, addrs, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestAModuleIsFoundByItsName(t *testing.T) {
	name, err := hap.AppendText(nil, "Barry", 256)
	if err != nil {
		t.Fatal(err)
	}
	p := listen(t, func(_ int, f hap.Frame) [][]byte {
		r, err := hap.ParseRequest(f.Body)
		if err != nil || r.Function != hap.FuncQuerySetup || r.Type != hap.SetupName || !bytes.Equal(r.Data, name) {
			return nil
		}
		return [][]byte{answer(f.ID, poll.Append(nil))}
	})
	at := []netip.AddrPort{p.addr}
	if got := found(t, hap.Search{Broadcast: at, Datum: &hap.Datum{Type: hap.SetupName, Data: name}}); len(got) != 1 {
		t.Errorf("found %v", got)
	}
	if got := found(t, hap.Search{Broadcast: at, Datum: &hap.Datum{Type: hap.SetupName, Data: []byte("Ringo")}, Window: 50 * time.Millisecond}); len(got) != 0 {
		t.Errorf("found %v by another name", got)
	}
	if _, err := hap.Discover(t.Context(), hap.Search{Broadcast: at, Datum: &hap.Datum{Data: make([]byte, 513)}}); !errors.Is(err, hap.ErrTooLarge) {
		t.Errorf("too large a datum: %v", err)
	}
}

// TestABroadcastOnThisMachineReachesAModule: Go's sockets may broadcast, and a
// socket on every address gets it.
func TestABroadcastOnThisMachineReachesAModule(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		(&peer{}).serve(conn, func(_ int, f hap.Frame) [][]byte { return [][]byte{answer(f.ID, poll.Append(nil))} })
	}()
	defer func() {
		conn.Close()
		<-done
	}()
	port := conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	local := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 255, 255, 255}), port)
	got, err := hap.Discover(t.Context(), hap.Search{Broadcast: []netip.AddrPort{local}, Window: 400 * time.Millisecond})
	if err != nil {
		t.Skipf("this system has no broadcast on loopback: %v", err)
	}
	if len(got) != 1 || got[0].Addr.Port() != port || got[0].Poll != poll {
		t.Errorf("found %v", got)
	}
}

func TestDiscoveryGoesOnWhereANetworkCannotBeReached(t *testing.T) {
	p := listen(t, func(_ int, f hap.Frame) [][]byte { return [][]byte{answer(f.ID, poll.Append(nil))} })
	nowhere := netip.AddrPortFrom(netip.IPv6Loopback(), hap.Port) // not by a socket for IPv4
	if got := found(t, hap.Search{Broadcast: []netip.AddrPort{nowhere, p.addr}}); len(got) != 1 {
		t.Errorf("found %v", got)
	}
	if got, err := hap.Discover(t.Context(), hap.Search{Broadcast: []netip.AddrPort{nowhere}}); err == nil {
		t.Errorf("found %v where nobody could be asked", got)
	}
}

func TestDiscoveryEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := listen(t, func(int, hap.Frame) [][]byte { cancel(); return nil })
	got, err := hap.Discover(ctx, hap.Search{Broadcast: []netip.AddrPort{p.addr}, Window: time.Hour})
	if !errors.Is(err, context.Canceled) || len(got) != 0 {
		t.Errorf("found %v, %v", got, err)
	}
}

func TestBroadcastsReachAllNetworksOnce(t *testing.T) {
	got, err := hap.Broadcasts()
	if err != nil || len(got) < 2 || got[0].String() != "255.255.255.255:28784" || got[1].String() != "127.255.255.255:28784" {
		t.Fatalf("%v, %v", got, err)
	}
	seen := map[netip.AddrPort]bool{}
	for _, a := range got {
		if seen[a] || !a.Addr().Is4() || a.Port() != hap.Port {
			t.Errorf("%s is asked twice, or can't be asked", a)
		}
		seen[a] = true
	}
}

// TestDiscoveryIsBounded: a peer that claims to be any number of modules fills no
// memory, and ends the search.
func TestDiscoveryIsBounded(t *testing.T) {
	p := listen(t, func(_ int, f hap.Frame) (datagrams [][]byte) {
		for i := range 3 * hap.MaxFound {
			datagrams = append(datagrams, answer(f.ID, hap.Poll{MAC: hap.MAC{byte(i), byte(i >> 8)}}.Append(nil)))
		}
		return datagrams
	})
	got := found(t, hap.Search{Broadcast: []netip.AddrPort{p.addr}, Window: time.Second})
	if len(got) == 0 || len(got) > hap.MaxFound {
		t.Errorf("found %d", len(got))
	}
}

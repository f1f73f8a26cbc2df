package main

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/ecom/hapserver"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/viewer"
)

var said = netip.MustParseAddr("192.168.12.86")

func onLoopback(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

// serveUDP has a function answer what comes to a socket on loopback.
func serveUDP(t *testing.T, serve func(context.Context, *net.UDPConn) error) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(onLoopback(0)))
	if err != nil {
		t.Fatal(err)
	}
	at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, conn) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return at
}

// ours is one of our modules, whose trace is on a port; found is what a search finds
// of it.
func ours(t *testing.T, name string, mac byte, port uint16) (found hap.Found) {
	t.Helper()
	setup := settings.At(said, netip.MustParseAddr("255.255.0.0"))
	setup.Name = name
	store, err := settings.OpenStore(&durable.Memory{}, "slot-1", settings.Default(), setup)
	if err != nil {
		t.Fatal(err)
	}
	server := hapserver.New(hapserver.Config{
		Type: "H0-ECOM100", Firmware: "4.0.2148", Booter: "4.0.165", MAC: hap.MAC{5: mac}, Store: store, TracePort: port,
		Allow: func(netip.Addr) (read, write bool) { return true, false },
	})
	at := serveUDP(t, func(ctx context.Context, conn *net.UDPConn) error { return hapserver.Serve(ctx, conn, server) })
	return hap.Found{Addr: at, Poll: hap.Poll{MAC: hap.MAC{5: mac}, IP: said}}
}

// original is a module that knows no set-up data of ours: it refuses all that but
// polls are.
func original(t *testing.T, mac byte) hap.Found {
	t.Helper()
	poll := hap.Poll{MAC: hap.MAC{5: mac}, IP: said}
	at := serveUDP(t, func(ctx context.Context, conn *net.UDPConn) error {
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		defer stop()
		buffer := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return nil // the end of the test
			}
			f, err := hap.ParseFrame(buffer[:n])
			if err != nil {
				continue
			}
			body := hap.SetupReply{Code: hap.ErrNotFound}.Append(nil)
			if r, err := hap.ParseRequest(f.Body); err == nil && r.Function == hap.FuncPollAll {
				body = poll.Append(nil)
			}
			answer, _ := hap.AppendFrame(nil, hap.Frame{ID: f.ID, Body: body})
			_, _ = conn.WriteToUDPAddrPort(answer, from)
		}
	})
	return hap.Found{Addr: at, Poll: poll}
}

var comparable = cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})

// TestTheListHasEachModulesOwnTrace: two of ours at one address are two, and one
// without a trace is none.
func TestTheListHasEachModulesOwnTrace(t *testing.T) {
	noIP := ours(t, "new", 9, 29301)
	noIP.Poll.NoIP = true
	got := traces(t.Context(), []hap.Found{ours(t, "Barry", 1, 29298), ours(t, "Stig", 2, 29299), ours(t, "Ron", 3, 0), noIP, original(t, 4)})
	want := []viewer.Device{
		{Address: onLoopback(29298), Name: "Barry", Type: "H0-ECOM100", MAC: "00:00:00:00:00:01", IP: said},
		{Address: onLoopback(29299), Name: "Stig", Type: "H0-ECOM100", MAC: "00:00:00:00:00:02", IP: said},
		{Address: onLoopback(29298), MAC: "00:00:00:00:00:04", IP: said, Unsure: true},
	}
	if diff := cmp.Diff(want, got, comparable); diff != "" {
		t.Errorf("the list (-want +got):\n%s", diff)
	}
	if alone := traces(t.Context(), []hap.Found{original(t, 4)}); len(alone) != 1 || alone[0].Unsure || alone[0].Address != onLoopback(29298) {
		t.Errorf("an original alone: %+v", alone)
	}
}

// TestAModuleIsKnownByItsOwnTraceOnly: at the address of one there may be another.
func TestAModuleIsKnownByItsOwnTraceOnly(t *testing.T) {
	barry, old := ours(t, "Barry", 1, 29299), original(t, 2)
	nobody, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(onLoopback(0)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = nobody.Close() }()
	for _, r := range []struct {
		name string
		at   netip.AddrPort
		port uint16
		want viewer.Known
	}{
		{"its own", barry.Addr, 29299, viewer.Known{IP: said, Name: "Barry"}},
		{"another's", barry.Addr, 29298, viewer.Known{}},
		{"an original's", old.Addr, 29298, viewer.Known{IP: said}},
		{"not an original's", old.Addr, 29299, viewer.Known{}},
		{"nobody answers", nobody.LocalAddr().(*net.UDPAddr).AddrPort(), 29298, viewer.Known{}},
	} {
		if diff := cmp.Diff(r.want, identify(t.Context(), r.at, r.port), comparable); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.name, diff)
		}
	}
}

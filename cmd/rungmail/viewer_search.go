package main

import (
	"context"
	"net/netip"
	"time"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/internal/viewer"
)

// searchFor is how long modules have to answer: the viewer's person can wait a
// little for a slow one.
const searchFor = time.Second

// quick is how a module is asked before its trace is watched, which mustn't wait
// long for one that doesn't answer.
func quick() hap.Options { return hap.Options{Timeout: 150 * time.Millisecond, Retries: 1} }

// search finds the modules on the networks of this machine for the viewer's
// device list.
func search(ctx context.Context) ([]viewer.Device, error) {
	found, err := hap.Discover(ctx, hap.Search{Window: searchFor})
	return traces(ctx, found), err
}

// traces are the modules that have a trace, with where it is. Those that don't say
// are taken to have it on the usual port.
func traces(ctx context.Context, found []hap.Found) []viewer.Device {
	var list []viewer.Device
	guessed := map[int]bool{}
	for _, f := range found {
		if f.Poll.NoIP { // such a one has no trace yet
			continue
		}
		port, said := tracePort(ctx, f.Addr)
		if port == 0 {
			continue
		}
		d := deviceListCmd{Wait: searchFor}.ask(ctx, f)
		guessed[len(list)] = !said
		list = append(list, viewer.Device{
			Address: netip.AddrPortFrom(f.Addr.Addr(), port), Name: d.Name, Type: d.Type, MAC: d.MAC, IP: f.Poll.IP,
		})
	}
	times := map[netip.AddrPort]int{}
	for _, d := range list {
		times[d.Address]++
	}
	for i, d := range list {
		list[i].Unsure = guessed[i] && times[d.Address] > 1
	}
	return list
}

// tracePort asks the module that answers at an address for its trace's port.
func tracePort(ctx context.Context, at netip.AddrPort) (port uint16, said bool) {
	client, err := hap.Dial(ctx, at.String(), quick())
	if err != nil {
		return trace.Port, false
	}
	defer func() { _ = client.Close() }()
	if port, err = client.TracePort(ctx); err != nil {
		return trace.Port, false
	}
	return port, true
}

// identify is what the module says of itself that answers there, if the trace on
// this port is its own; else nothing.
func identify(ctx context.Context, at netip.AddrPort, port uint16) (known viewer.Known) {
	client, err := hap.Dial(ctx, at.String(), quick())
	if err != nil {
		return known
	}
	defer func() { _ = client.Close() }()
	poll, err := client.Poll(ctx)
	if err != nil {
		return known
	}
	if its, _ := tracePort(ctx, at); its != port {
		return known
	}
	if !poll.NoIP {
		known.IP = poll.IP
	}
	known.Name, _ = client.Name(ctx)
	return known
}

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

// search finds the modules on the networks of this machine for the viewer's
// device list. Their traces are taken to be on the usual port, which a search
// doesn't tell.
func search(ctx context.Context) ([]viewer.Device, error) {
	found, err := hap.Discover(ctx, hap.Search{Window: searchFor})
	var list []viewer.Device
	for _, f := range found {
		if f.Poll.NoIP { // such a one has no trace yet
			continue
		}
		d := deviceListCmd{Wait: searchFor}.ask(ctx, f)
		if d.Name == "" {
			d.Name = d.MAC
		}
		list = append(list, viewer.Device{Address: netip.AddrPortFrom(f.Addr.Addr(), trace.Port), Name: d.Name, Type: d.Type})
	}
	return list, err
}

//go:build !linux

package hapserver

import (
	"net"
	"net/netip"
)

// sayDestination does nothing here: a socket of all addresses can't tell a broadcast.
func sayDestination(*net.UDPConn) error { return nil }

func destination([]byte) (netip.Addr, bool) { return netip.Addr{}, false }

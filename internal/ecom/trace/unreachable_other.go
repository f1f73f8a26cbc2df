//go:build !linux

package trace

import (
	"net"
	"net/netip"
)

// hearUnreachable does nothing: here a viewer that is gone stays until its time is
// over.
func hearUnreachable(*net.UDPConn) error { return nil }

// unreachable knows of none.
func unreachable(*net.UDPConn) []netip.AddrPort { return nil }

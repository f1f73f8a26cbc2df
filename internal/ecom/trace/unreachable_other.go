//go:build !linux

package trace

import (
	"net"
	"net/netip"
)

// HearUnreachable does nothing: here a viewer that is gone stays until its time is
// over.
func HearUnreachable(*net.UDPConn) error { return nil }

// Unreachable knows of none.
func Unreachable(*net.UDPConn) []netip.AddrPort { return nil }

//go:build !linux

package hapserver

import (
	"net"
	"net/netip"
)

// sayDestination does nothing here: a socket of all addresses can't tell a broadcast.
func sayDestination(*net.UDPConn) error { return nil }

func destination([]byte) (netip.Addr, bool) { return netip.Addr{}, false }

// source leaves it to the system from which address a datagram is sent.
func source(netip.Addr) []byte { return nil }

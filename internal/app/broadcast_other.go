//go:build !linux

package app

import (
	"net"

	"github.com/rungmail/rungmail/hap"
)

// listenBroadcast opens one socket for all broadcasts; only where modules are met
// from other machines, since elsewhere it would take their own port.
func listenBroadcast(near bool) ([]*net.UDPConn, error) {
	if near {
		return nil, nil
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{Port: hap.Port})
	if err != nil {
		return nil, err
	}
	return []*net.UDPConn{conn}, nil
}

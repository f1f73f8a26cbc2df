//go:build unix

package app

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// shareAddress lets sockets of narrower addresses stand beside one of all.
func shareAddress(conn *net.UDPConn) error { return set(conn, unix.SO_REUSEADDR, 1) }

// noBroadcast takes from a socket the right to broadcast, which Go gives to each: an
// answer to a forged source must not reach a whole network.
func noBroadcast(conn *net.UDPConn) error { return set(conn, unix.SO_BROADCAST, 0) }

// set sets one option of a socket.
func set(conn *net.UDPConn, option, value int) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, option, value) })
	return errors.Join(err, failed)
}

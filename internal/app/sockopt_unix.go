//go:build unix

package app

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// noBroadcast takes from a socket the right to broadcast, which Go gives to each: an
// answer to a forged source must not reach a whole network.
func noBroadcast(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_BROADCAST, 0) })
	return errors.Join(err, failed)
}

package app

import (
	"errors"
	"net"

	"golang.org/x/sys/windows"
)

// shareAddress isn't needed here: there are no sockets of narrower addresses.
func shareAddress(*net.UDPConn) error { return nil }

// noBroadcast takes from a socket the right to broadcast, which Go gives to each: an
// answer to a forged source must not reach a whole network.
func noBroadcast(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_BROADCAST, 0)
	})
	return errors.Join(err, failed)
}

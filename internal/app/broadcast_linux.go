package app

import (
	"context"
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/rungmail/rungmail/hap"
)

// listenBroadcast opens a socket at each broadcast address of this machine, so that
// the modules' own ports stay theirs alone. Several services may have them: each
// hears every broadcast. With near it is the one of this machine alone. It fails
// only where none could be opened.
func listenBroadcast(near bool) ([]*net.UDPConn, error) {
	listen := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) { failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) })
		return errors.Join(err, failed)
	}}
	addresses, err := hap.Broadcasts()
	if err != nil {
		return nil, err
	}
	var conns []*net.UDPConn
	var errs []error
	for _, a := range addresses {
		if near && !a.Addr().IsLoopback() {
			continue
		}
		conn, err := listen.ListenPacket(context.Background(), "udp4", a.String())
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if udp, ok := conn.(*net.UDPConn); ok {
			conns = append(conns, udp)
		}
	}
	if len(conns) > 0 {
		return conns, nil
	}
	return nil, errors.Join(errs...)
}

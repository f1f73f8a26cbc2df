package hapserver

import (
	"errors"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// sayDestination has a socket say of each datagram where it was sent to, which a
// socket of all addresses needs to tell a broadcast.
func sayDestination(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_PKTINFO, 1) })
	return errors.Join(err, failed)
}

// source is the control message that has a datagram sent from an address; nil leaves
// it to the system.
func source(at netip.Addr) []byte {
	if at = at.Unmap(); !at.Is4() {
		return nil
	}
	return unix.PktInfo4(&unix.Inet4Pktinfo{Spec_dst: at.As4()})
}

// destination is where a datagram was sent to, from its control message; false where
// that isn't said.
func destination(oob []byte) (netip.Addr, bool) {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return netip.Addr{}, false
	}
	for _, m := range messages {
		// struct in_pktinfo: the interface, the local address, the header's destination.
		if m.Header.Level == unix.IPPROTO_IP && m.Header.Type == unix.IP_PKTINFO && len(m.Data) >= 12 {
			return netip.AddrFrom4([4]byte(m.Data[8:12])), true
		}
	}
	return netip.Addr{}, false
}

package trace

import (
	"encoding/binary"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// maxReports bounds how many reports are read in one go.
const maxReports = 64

// HearUnreachable has the kernel keep the ICMP errors of a socket with the address
// that each is about (ip(7), IP_RECVERR).
func HearUnreachable(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_IP, unix.IP_RECVERR, 1)
		// Refused on a socket of IPv4 only, which needs no such thing.
		_ = unix.SetsockoptInt(int(fd), unix.SOL_IPV6, unix.IPV6_RECVERR, 1)
	})
	if err != nil {
		return err
	}
	return failed
}

// Unreachable is where nobody listens, by the reports that have come since the
// last call.
func Unreachable(conn *net.UDPConn) []netip.AddrPort {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil
	}
	var gone []netip.AddrPort
	_ = raw.Control(func(fd uintptr) { // fails on a closed socket only, which has no reports
		var data, control [512]byte
		for range maxReports {
			_, n, _, to, err := unix.Recvmsg(int(fd), data[:], control[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
			if err != nil {
				return
			}
			if at := addrPort(to); at.IsValid() && refused(control[:n]) {
				gone = append(gone, at)
			}
		}
	})
	return gone
}

// refused tells whether a report is of a closed port. A host or a network out of
// reach may come back.
func refused(control []byte) bool {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return false
	}
	for _, m := range messages {
		ours := m.Header.Level == unix.SOL_IP && m.Header.Type == unix.IP_RECVERR ||
			m.Header.Level == unix.SOL_IPV6 && m.Header.Type == unix.IPV6_RECVERR
		// A sock_extended_err begins with the error number.
		if ours && len(m.Data) >= 4 && unix.Errno(binary.NativeEndian.Uint32(m.Data)) == unix.ECONNREFUSED {
			return true
		}
	}
	return false
}

func addrPort(to unix.Sockaddr) netip.AddrPort {
	switch to := to.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(to.Addr), uint16(to.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(to.Addr).Unmap(), uint16(to.Port))
	}
	return netip.AddrPort{}
}

package intake

import (
	"net"

	"golang.org/x/sys/unix"
)

// quickAck gives what has the system acknowledge at once what it has received. A client
// that writes line by line holds its next line back until then (Nagle's algorithm, RFC
// 1122 section 4.2.3.4), and the system would wait some 40 ms.
//
// It is for after a read that leaves us nothing to answer: an answer carries the
// acknowledgement itself.
func quickAck(c net.Conn) func() {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return func() {}
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return func() {}
	}
	set := func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) // that it is slower otherwise is all
	}
	return func() { _ = raw.Control(set) }
}

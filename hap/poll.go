package hap

import (
	"fmt"
	"net/netip"
)

// MAC is an Ethernet address. The module maker's begin with 00:E0:62.
type MAC [6]byte

// String is the address as it stands on the module's label.
func (m MAC) String() string {
	return fmt.Sprintf("%02X:%02X:%02X:%02X:%02X:%02X", m[0], m[1], m[2], m[3], m[4], m[5])
}

// Poll is a module's answer to a poll, and to a query when it is the one that the
// query asks for.
type Poll struct {
	MAC MAC
	// NoIP tells that the module has no IP address yet.
	NoIP bool
	IP   netip.Addr // invalid where the module doesn't say it
}

// pollSize is the size of a poll reply with its flag, without an address.
const pollSize = 9

// ParsePoll reads the body of a poll reply: 55 AA, the Ethernet address, a flag,
// and, as some modules add, 01, the IP address and 00.
func ParsePoll(body []byte) (Poll, error) {
	if len(body) < pollSize || Function(body[0]) != FuncQueryResponse || body[1] != 0xAA {
		return Poll{}, fmt.Errorf("%w: not a poll reply", ErrMalformed)
	}
	p := Poll{MAC: MAC(body[2:8]), NoIP: body[8] == 1}
	if len(body) >= pollSize+5 && body[9] == 1 {
		p.IP = netip.AddrFrom4([4]byte(body[10:14]))
	}
	return p, nil
}

// Append appends the body of the reply. An IP that isn't IPv4 is left out.
func (p Poll) Append(dst []byte) []byte {
	dst = append(append(dst, byte(FuncQueryResponse), 0xAA), p.MAC[:]...)
	dst = append(dst, flag(p.NoIP))
	if p.IP.Is4() {
		ip := p.IP.As4()
		dst = append(append(append(dst, 1), ip[:]...), 0)
	}
	return dst
}

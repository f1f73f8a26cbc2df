package main

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/settings"
)

// ipv4 is a flag that takes an IPv4 address.
type ipv4 struct{ netip.Addr }

// UnmarshalText reads an address.
func (a *ipv4) UnmarshalText(text []byte) (err error) {
	a.Addr, err = netip.ParseAddr(string(text))
	if err != nil || !a.Is4() {
		return errors.New("write an IPv4 address, such as 192.168.0.1; a module looks up no names")
	}
	return nil
}

// onOff is a flag that takes on or off.
type onOff bool

// UnmarshalText reads on or off.
func (o *onOff) UnmarshalText(text []byte) error {
	switch string(text) {
	case "on":
		*o = true
	case "off":
		*o = false
	default:
		return errors.New("write on or off")
	}
	return nil
}

// String is on or off.
func (o onOff) String() string {
	if o {
		return "on"
	}
	return "off"
}

// number is a flag that takes a whole number; its bounds are judged elsewhere, so that
// one far outside is told them too.
type number int

// maxNumber is above every bound.
const maxNumber = 1 << 30

// UnmarshalText reads a number.
func (n *number) UnmarshalText(text []byte) error {
	v, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return errors.New("write a whole number")
	}
	*n = number(min(max(v, -1), maxNumber))
	return nil
}

// duration is a flag that takes a time.
type duration struct{ time.Duration }

// UnmarshalText reads a time with its unit.
func (d *duration) UnmarshalText(text []byte) (err error) {
	if d.Duration, err = time.ParseDuration(string(text)); err != nil {
		return errors.New("write a time with its unit, such as 50ms")
	}
	return nil
}

// judgeAddress finds what is no address of a module.
func judgeAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = address, strconv.Itoa(hap.Port)
	}
	switch {
	case strings.Contains(address, "://"):
		return usage("%q is no module's address: leave what stands before its // away, as in 192.168.12.86", address)
	case host == "" || strings.ContainsAny(address, " /?"):
		return usage("%q is no module's address: write one such as 192.168.12.86, or 192.168.12.86:%d", address, hap.Port)
	}
	if _, err := parsePort(port); err != nil {
		return usage("%q is no module's address: %s", address, err)
	}
	return nil
}

// parsePort reads a UDP or TCP port.
func parsePort(text string) (uint16, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return 0, errors.New("a port is 1 to 65535")
	}
	return uint16(n), nil
}

// outOfBounds is the usage error of a flag whose value a module can't have, in the
// words in which its page says it; nil where err is nil.
func outOfBounds(flag string, err error) error {
	if err == nil {
		return nil
	}
	return usage("--%s: %s", flag, strings.TrimPrefix(err.Error(), settings.ErrInvalid.Error()+": "))
}

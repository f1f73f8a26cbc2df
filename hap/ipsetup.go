package hap

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"
)

// IPFlags are the switches of an [IPSetup].
type IPFlags uint32

// The flags.
const (
	IPBatteryRAM    IPFlags = 1 // the addresses are kept in battery-backed RAM
	IPZeroBroadcast IPFlags = 2 // broadcasts have zeros for ones
	IPDHCP          IPFlags = 4
	IPDNS           IPFlags = 8
	IPWINS          IPFlags = 16
)

// IPSetup is the set-up data 0036: addresses as text, and DHCP.
type IPSetup struct {
	Flags                          IPFlags
	Gateway, IP, Subnet, DNS, WINS netip.Addr // IPv4; invalid where it isn't set
}

// ipTextSize is the size of an address as text, with its NULs.
const ipTextSize = 16

// Append appends the 256 bytes of it. It fails with ErrValue on IPv6.
func (s IPSetup) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(s.Flags))
	for _, ip := range [...]netip.Addr{s.Gateway, s.IP, s.Subnet, s.DNS, s.WINS} {
		text := ""
		if ip.IsValid() {
			text = ip.String()
		}
		if ip.IsValid() && !ip.Is4() {
			return dst[:start], fmt.Errorf("%w: %s isn't IPv4", ErrValue, ip)
		}
		var b [ipTextSize]byte
		copy(b[:], text)
		dst = append(dst, b[:]...)
	}
	return append(dst, make([]byte, start+SetupIPSetup.Size()-len(dst))...), nil
}

// ParseIPSetup reads it. It fails on text that is no IPv4 address.
func ParseIPSetup(data []byte) (IPSetup, error) {
	if len(data) < 4+5*ipTextSize {
		return IPSetup{}, fmt.Errorf("%w: %d bytes of IP set-up", ErrMalformed, len(data))
	}
	s := IPSetup{Flags: IPFlags(binary.LittleEndian.Uint32(data))}
	for i, ip := range [...]*netip.Addr{&s.Gateway, &s.IP, &s.Subnet, &s.DNS, &s.WINS} {
		text := ParseText(data[4+i*ipTextSize:][:ipTextSize])
		if text == "" {
			continue
		}
		parsed, err := netip.ParseAddr(text)
		if err != nil || !parsed.Is4() {
			return IPSetup{}, fmt.Errorf("%w: %q isn't an IPv4 address", ErrMalformed, text)
		}
		*ip = parsed
	}
	return s, nil
}

// Transfers is the set-up data 0015: how long RX and WX wait for another module,
// and how often they try.
type Transfers struct {
	AckTimeout, ResponseTimeout time.Duration // whole milliseconds, at most 65535
	MaxRetries                  uint16
}

// Append appends the 128 bytes of it; what stands behind these three is zero. It
// fails with ErrValue on durations out of range.
func (t Transfers) Append(dst []byte) ([]byte, error) {
	var b [128]byte
	if err := t.put(b[:]); err != nil {
		return dst, err
	}
	return append(dst, b[:]...), nil
}

// put puts them in their places of data, and leaves the rest as it is.
func (t Transfers) put(data []byte) error {
	ack, err := units(t.AckTimeout, time.Millisecond)
	if err != nil {
		return err
	}
	response, err := units(t.ResponseTimeout, time.Millisecond)
	if err != nil {
		return err
	}
	binary.LittleEndian.PutUint16(data, ack)
	binary.LittleEndian.PutUint16(data[2:], response)
	binary.LittleEndian.PutUint16(data[4:], t.MaxRetries)
	return nil
}

// ParseTransfers reads it.
func ParseTransfers(data []byte) (Transfers, error) {
	if len(data) < 6 {
		return Transfers{}, fmt.Errorf("%w: %d bytes of RX and WX settings", ErrMalformed, len(data))
	}
	ms := func(i int) time.Duration {
		return time.Duration(binary.LittleEndian.Uint16(data[i:])) * time.Millisecond
	}
	return Transfers{ms(0), ms(2), binary.LittleEndian.Uint16(data[4:])}, nil
}

package hap

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// SetupType names one piece of a module's set-up data.
type SetupType uint16

// MaxSetup is the most bytes of set-up data that any type has.
const MaxSetup = 512

// The types of set-up data (facts/protocols.md section 4.4).
const (
	SetupIP          SetupType = 0x0010
	SetupNode        SetupType = 0x0020 // the module ID
	SetupSubnet      SetupType = 0x0030
	SetupGateway     SetupType = 0x0040
	SetupEraseCount  SetupType = 0x0050 // of the flash
	SetupSerial      SetupType = 0x0011
	SetupStartup     SetupType = 0x0013
	SetupBootOS      SetupType = 0x0023
	SetupTypeString  SetupType = 0x0033 // "H2-ECOM100"
	SetupKey         SetupType = 0x0014 // for encryption, in flash
	SetupModule      SetupType = 0x0024
	SetupTransfers   SetupType = 0x0015 // time-outs and retries of RX and WX
	SetupDrive       SetupType = 0x0025
	SetupName        SetupType = 0x0016
	SetupDescription SetupType = 0x0026
	SetupIPSetup     SetupType = 0x0036 // flags, among them DHCP
	SetupWinPLC      SetupType = 0x0046
	SetupERM         SetupType = 0x0056
	SetupBase        SetupType = 0x0017
	SetupPeers0      SetupType = 0x0027 // peers 0-31
	SetupPeers32     SetupType = 0x0037 // peers 32-63
	SetupPeers64     SetupType = 0x0047 // peers 64-95
	SetupLinkMonitor SetupType = 0x8006
	SetupReset       SetupType = 0x8010
	SetupParameter   SetupType = 0x8011
	SetupBlink       SetupType = 0x8012 // the error light, to find a module by
	SetupTimeOfDay   SetupType = 0x8013
	SetupKeyInUse    SetupType = 0x8014
	SetupTracePort   SetupType = 0x7E50 // ours: the ports of the trace and of the pages; read only
	SetupEmail       SetupType = 0x7E57 // ours: the e-mail set-up in ROM
	SetupEmailInUse  SetupType = 0xFE57 // ours: its working copy; deleting it takes ROM's again
)

// The rule of the numbers: it holds for every type whose size the sources give.
const (
	volatileBit  = 0x8000
	smallestSize = 4
)

// Size is how many bytes the type has at most: 4, doubled as often as the low
// digit of its number says. Types above 7 there aren't known and give 0.
func (t SetupType) Size() int {
	if t&0xF > 7 {
		return 0
	}
	return smallestSize << (t & 0xF)
}

// Volatile reports whether the data is lost with the power.
func (t SetupType) Volatile() bool { return t&volatileBit != 0 }

// String is what the type is, or its number.
func (t SetupType) String() string {
	if name := setupName(t); name != "" {
		return name
	}
	return fmt.Sprintf("set-up type %#04x", uint16(t))
}

func setupName(t SetupType) string {
	switch t {
	case SetupIP:
		return "IP address"
	case SetupNode:
		return "module ID"
	case SetupSubnet:
		return "subnet mask"
	case SetupGateway:
		return "gateway"
	case SetupTypeString:
		return "type string"
	case SetupTransfers:
		return "RX and WX settings"
	case SetupName:
		return "name"
	case SetupDescription:
		return "description"
	case SetupIPSetup:
		return "IP set-up"
	case SetupPeers0, SetupPeers32, SetupPeers64:
		return fmt.Sprintf("peers from %d", PeersPerTable*int(t-SetupPeers0)/0x10)
	case SetupBlink:
		return "error light"
	case SetupTracePort:
		return "server ports"
	case SetupEmail:
		return "e-mail set-up"
	case SetupEmailInUse:
		return "e-mail set-up in use"
	}
	return ""
}

// AppendText appends text as set-up data has it: Latin-1, one byte a character,
// filled up with NULs to size, of which the last stays NUL. It fails with
// ErrValue on text that doesn't fit, on a character beyond Latin-1 and on a
// control character.
func AppendText(dst []byte, text string, size int) ([]byte, error) {
	start := len(dst)
	for _, r := range text {
		if r > 0xFF || control(r) {
			return dst[:start], fmt.Errorf("%w: %q has a character that set-up text can't hold", ErrValue, text)
		}
		dst = append(dst, byte(r))
	}
	if n := len(dst) - start; n >= size {
		return dst[:start], fmt.Errorf("%w: a text of %d characters, at most %d", ErrValue, n, size-1)
	}
	return append(dst, make([]byte, size-(len(dst)-start))...), nil
}

// ParseText reads text up to the first NUL, or all of it where there is none.
// Control characters become question marks, so the text can be shown as it is.
func ParseText(data []byte) string {
	var text strings.Builder
	for _, c := range data {
		if c == 0 {
			break
		}
		if control(rune(c)) {
			c = '?'
		}
		text.WriteRune(rune(c))
	}
	return text.String()
}

func control(r rune) bool { return r < 0x20 || r >= 0x7F && r < 0xA0 }

// AppendAddr appends an IPv4 address, four bytes in the order in which it is
// written. The zero Addr is 0.0.0.0. It fails with ErrValue on IPv6.
func AppendAddr(dst []byte, ip netip.Addr) ([]byte, error) {
	if !ip.IsValid() {
		return append(dst, 0, 0, 0, 0), nil
	}
	if !ip.Is4() {
		return dst, fmt.Errorf("%w: %s isn't IPv4", ErrValue, ip)
	}
	b := ip.As4()
	return append(dst, b[:]...), nil
}

// ParseAddr reads an IPv4 address.
func ParseAddr(data []byte) (netip.Addr, error) {
	if len(data) < 4 {
		return netip.Addr{}, fmt.Errorf("%w: %d bytes of an IP address", ErrMalformed, len(data))
	}
	return netip.AddrFrom4([4]byte(data)), nil
}

// AppendNode appends a module ID.
func AppendNode(dst []byte, id uint32) []byte { return binary.LittleEndian.AppendUint32(dst, id) }

// ParseNode reads a module ID.
func ParseNode(data []byte) (uint32, error) {
	if len(data) < 4 {
		return 0, fmt.Errorf("%w: %d bytes of a module ID", ErrMalformed, len(data))
	}
	return binary.LittleEndian.Uint32(data), nil
}

// AppendBlink appends how long the error light is to blink, in whole seconds; 0
// ends it. That the seconds stand first, in two bytes, is ours. It fails with
// ErrValue on a part of a second and outside 0 to 65535 s.
func AppendBlink(dst []byte, d time.Duration) ([]byte, error) {
	s, err := units(d, time.Second)
	if err != nil {
		return dst, err
	}
	dst = binary.LittleEndian.AppendUint16(dst, s)
	return append(dst, make([]byte, SetupBlink.Size()-2)...), nil
}

// ParseBlink reads how long the error light is to blink.
func ParseBlink(data []byte) (time.Duration, error) {
	if len(data) < 2 {
		return 0, fmt.Errorf("%w: %d bytes of blinking", ErrMalformed, len(data))
	}
	return time.Duration(binary.LittleEndian.Uint16(data)) * time.Second, nil
}

// ServerPorts are where a module's other servers answer: the UDP port of its trace
// and the TCP port of its pages, 0 where it has none. The type is ours, for several
// modules at one address.
type ServerPorts struct{ Trace, Web uint16 }

// Append appends the ports.
func (p ServerPorts) Append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, p.Trace)
	return binary.LittleEndian.AppendUint16(dst, p.Web)
}

// ParseServerPorts reads the ports.
func ParseServerPorts(data []byte) (ServerPorts, error) {
	if len(data) < 4 {
		return ServerPorts{}, fmt.Errorf("%w: %d bytes of ports", ErrMalformed, len(data))
	}
	return ServerPorts{binary.LittleEndian.Uint16(data), binary.LittleEndian.Uint16(data[2:])}, nil
}

// units is a duration as a number of units in 16 bits.
func units(d, unit time.Duration) (uint16, error) {
	if d < 0 || d%unit != 0 || d/unit > 0xFFFF {
		return 0, fmt.Errorf("%w: %s isn't a whole number of %s from 0 to 65535", ErrValue, d, unit)
	}
	return uint16(d / unit), nil
}

package settings

import (
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of the module's own set-up.
const (
	MaxText  = 255 // characters of a name or a description
	MaxID    = 65535
	Peers    = 96 // entries of the peer table; the module's pages show 1 to 87
	LastPeer = 87
)

// Setup is what a module is called and how it is met: its module ID, its texts,
// its address, and the peers that it exchanges data with (seeds/000 sections 4 and
// 6, facts/protocols.md section 4.4).
type Setup struct {
	ID          uint32 // module ID, 0 for none; DIP switches come before it
	Name        string
	Description string
	IP          netip.Addr // IPv4, 0.0.0.0 for none
	Subnet      netip.Addr // its mask
	Gateway     netip.Addr // 0.0.0.0 for none
	DHCP        bool       // noted and shown; a virtual module asks no DHCP server
	Peers       [Peers]Peer
	Transfers   Transfers
}

// At is the set-up of a module at an address, with all else as it comes new.
func At(ip, subnet netip.Addr) Setup {
	return Setup{IP: ip, Subnet: subnet, Gateway: netip.IPv4Unspecified(), Transfers: DefaultTransfers()}
}

// Protocol is how a peer is spoken to.
type Protocol uint8

// The protocols of peers.
const (
	NoPeer Protocol = iota
	ECOM            // the Host Ethernet protocol
	Modbus          // Modbus TCP
)

// String is the name as pages show it.
func (p Protocol) String() string {
	switch p {
	case ECOM:
		return "ECOM"
	case Modbus:
		return "Modbus TCP"
	}
	return "none"
}

// Peer is one line of the peer table. The zero value is an empty one.
type Peer struct {
	Protocol Protocol
	IP       netip.Addr // IPv4
	Port     uint16     // of Modbus TCP
	Unit     byte       // of Modbus TCP
}

// Defaults of a Modbus TCP peer (facts/protocols.md section 5).
const (
	DefaultModbusPort = 502
	DefaultUnit       = 255
)

// Transfers is how RX and WX to peers wait and try again.
type Transfers struct {
	AckTimeout      time.Duration // whole milliseconds, 1 to 65535
	ResponseTimeout time.Duration // the same
	Retries         int           // 0 to 255
}

// DefaultTransfers is how a new module waits. (An assumption.)
func DefaultTransfers() Transfers {
	return Transfers{AckTimeout: 50 * time.Millisecond, ResponseTimeout: 1500 * time.Millisecond, Retries: 3}
}

// Validate reports values that are out of bounds, each by itself: a tool writes
// address, mask and gateway one after the other, so that between two writes they
// needn't agree.
func (s Setup) Validate() error {
	if s.ID > MaxID {
		return invalid("a module ID is 0 to %d", MaxID)
	}
	if err := ValidText("name", s.Name); err != nil {
		return err
	}
	if err := ValidText("description", s.Description); err != nil {
		return err
	}
	if err := s.validAddresses(); err != nil {
		return err
	}
	for i, p := range s.Peers {
		if err := p.validate(); err != nil {
			return fmt.Errorf("peer %d: %w", i, err)
		}
	}
	return s.Transfers.validate()
}

// ValidText reports a name or description that a module can't hold; what is its
// name in the message.
func ValidText(what, text string) error {
	if utf8.RuneCountInString(text) > MaxText || !utf8.ValidString(text) {
		return invalid("the %s is over %d characters, or not text", what, MaxText)
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return invalid("the %s has a line end or another control character in it", what)
	}
	return nil
}

func (s Setup) validAddresses() error {
	if err := ValidIP(s.IP); err != nil {
		return err
	}
	if !ValidMask(s.Subnet) {
		return invalid("%s is no subnet mask: write ones and then zeros, such as 255.255.255.0", s.Subnet)
	}
	if s.Gateway.IsValid() && (!s.Gateway.Is4() || host(s.Gateway) != nil) {
		return invalid("no gateway has the address %s", s.Gateway)
	}
	return nil
}

// ValidIP reports an address that no module can have; unset and 0.0.0.0 are none,
// which it may.
func ValidIP(a netip.Addr) error {
	if !a.IsValid() || a == netip.IPv4Unspecified() {
		return nil
	}
	if !a.Is4() {
		return invalid("%s is no IPv4 address", a)
	}
	return host(a)
}

func host(a netip.Addr) error {
	if a.IsMulticast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return invalid("no module can have the address %s", a)
	}
	return nil
}

// ValidMask tells whether an address is a mask: ones and then zeros; unset and
// 0.0.0.0 are none, which a module may have.
func ValidMask(mask netip.Addr) bool {
	if !mask.IsValid() || mask == netip.IPv4Unspecified() {
		return true
	}
	if !mask.Is4() {
		return false
	}
	o := mask.As4()
	word := uint32(o[0])<<24 | uint32(o[1])<<16 | uint32(o[2])<<8 | uint32(o[3])
	return word<<bits.LeadingZeros32(^word) == 0
}

func (p Peer) validate() error {
	switch {
	case p.Protocol > Modbus:
		return invalid("protocol %d is not known", p.Protocol)
	case p.Protocol == NoPeer:
		return nil
	case !p.IP.Is4() || p.IP.IsUnspecified() || host(p.IP) != nil:
		return invalid("no peer has the address %s", p.IP)
	case p.Protocol == Modbus && p.Port == 0:
		return invalid("a port is 1 to 65535; %d is the usual one", DefaultModbusPort)
	}
	return nil
}

func (t Transfers) validate() error {
	for _, d := range []time.Duration{t.AckTimeout, t.ResponseTimeout} {
		if d < time.Millisecond || d > 65535*time.Millisecond || d%time.Millisecond != 0 {
			return invalid("a timeout of RX and WX is 1 to 65535 milliseconds")
		}
	}
	if t.Retries < 0 || t.Retries > 255 {
		return invalid("RX and WX are tried again 0 to 255 times")
	}
	return nil
}

// tidy is the set-up as it reads back: an address that isn't set is 0.0.0.0, a peer
// without a protocol is empty.
func (s Setup) tidy() Setup {
	s.IP, s.Subnet, s.Gateway = given(s.IP), given(s.Subnet), given(s.Gateway)
	for i, p := range s.Peers {
		if p.Protocol == NoPeer {
			s.Peers[i] = Peer{}
		}
	}
	return s
}

// Reachable tells whether a module can reach anything: without an address or a
// mask it never connects.
func (s Setup) Reachable() bool {
	return s.IP.Is4() && !s.IP.IsUnspecified() && s.Subnet.Is4() && !s.Subnet.IsUnspecified()
}

// Strays tells whether the gateway is set and outside the network of address and
// mask, where nothing reaches it.
func (s Setup) Strays() bool {
	if !s.Reachable() || !s.Gateway.Is4() || s.Gateway.IsUnspecified() {
		return false
	}
	ip, mask, gateway := s.IP.As4(), s.Subnet.As4(), s.Gateway.As4()
	return slices.ContainsFunc([]int{0, 1, 2, 3}, func(i int) bool { return ip[i]&mask[i] != gateway[i]&mask[i] })
}

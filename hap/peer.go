package hap

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// PeerProtocol is what a module speaks with a peer.
type PeerProtocol byte

// The protocols.
const (
	PeerNone   PeerProtocol = 0 // there is no such peer
	PeerECOM   PeerProtocol = 1
	PeerModbus PeerProtocol = 2 // Modbus TCP
)

// String is the protocol's name.
func (p PeerProtocol) String() string {
	switch p {
	case PeerNone:
		return "none"
	case PeerECOM:
		return "ECOM"
	case PeerModbus:
		return "Modbus TCP"
	}
	return fmt.Sprintf("peer protocol %d", byte(p))
}

// Numbers of peers.
const (
	PeersPerTable = 32 // in each of SetupPeers0, SetupPeers32 and SetupPeers64
	MaxPeers      = 3 * PeersPerTable
	peerSize      = 16
)

// Peer is another module or a Modbus server that RX and WX reach by its number in
// the table. The sources give the table's size and 16 bytes a peer; the form
// within them is ours.
type Peer struct {
	IP       netip.Addr // IPv4
	Protocol PeerProtocol
	Port     uint16 // of Modbus; 502 as a rule
	Unit     byte   // of Modbus; 255 as a rule
}

// ModbusPeer is a Modbus server on the usual port and unit.
func ModbusPeer(ip netip.Addr) Peer {
	return Peer{IP: ip, Protocol: PeerModbus, Port: 502, Unit: 255}
}

// Append appends the 16 bytes of a peer. It fails with ErrValue on a peer without
// an IPv4 address and on a protocol that isn't one. Of PeerNone nothing is kept.
func (p Peer) Append(dst []byte) ([]byte, error) {
	var b [peerSize]byte
	switch {
	case p.Protocol == PeerNone:
		return append(dst, b[:]...), nil
	case p.Protocol > PeerModbus:
		return dst, fmt.Errorf("%w: %s", ErrValue, p.Protocol)
	case !p.IP.Is4():
		return dst, fmt.Errorf("%w: a peer needs an IPv4 address", ErrValue)
	}
	ip := p.IP.As4()
	copy(b[:], ip[:])
	b[4], b[5] = byte(p.Protocol), p.Unit
	binary.LittleEndian.PutUint16(b[6:], p.Port)
	return append(dst, b[:]...), nil
}

// ParsePeer reads a peer.
func ParsePeer(data []byte) (Peer, error) {
	if len(data) < peerSize {
		return Peer{}, fmt.Errorf("%w: %d bytes of a peer", ErrMalformed, len(data))
	}
	p := Peer{netip.AddrFrom4([4]byte(data)), PeerProtocol(data[4]), binary.LittleEndian.Uint16(data[6:]), data[5]}
	switch {
	case p.Protocol == PeerNone:
		return Peer{}, nil
	case p.Protocol > PeerModbus:
		return Peer{}, fmt.Errorf("%w: %s", ErrMalformed, p.Protocol)
	}
	return p, nil
}

// PeerTable is one of the three tables.
type PeerTable [PeersPerTable]Peer

// Append appends the 512 bytes of the table; it fails as [Peer.Append] does.
func (t PeerTable) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	for i, p := range t {
		var err error
		if dst, err = p.Append(dst); err != nil {
			return dst[:start], fmt.Errorf("peer %d of the table: %w", i, err)
		}
	}
	return dst, nil
}

// ParsePeerTable reads a table. One that ends early has no peers there.
func ParsePeerTable(data []byte) (PeerTable, error) {
	var t PeerTable
	for i := range t {
		if len(data) < (i+1)*peerSize {
			break
		}
		var err error
		if t[i], err = ParsePeer(data[i*peerSize:]); err != nil {
			return PeerTable{}, fmt.Errorf("peer %d of the table: %w", i, err)
		}
	}
	return t, nil
}

// peerTable is the type of the table that peer n is in.
func peerTable(n int) SetupType { return SetupPeers0 + SetupType(n/PeersPerTable)*0x10 }

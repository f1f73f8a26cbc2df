package hap

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// Function is the first byte of a body.
type Function byte

// The functions (facts/protocols.md section 4.2).
const (
	PollOne            Function = 0x00
	VersionInfo        Function = 0x01
	SupportInfo        Function = 0x02
	DeviceInfo         Function = 0x04
	PollAll            Function = 0x05
	QuerySetup         Function = 0x09
	EnumSetup          Function = 0x0A
	ReadSetup          Function = 0x0B
	WriteSetup         Function = 0x0C
	DeleteSetup        Function = 0x0D
	EthernetStats      Function = 0x0E
	AddressedBroadcast Function = 0x15
	CCM                Function = 0x19
	KSequence          Function = 0x1A
	ACK                Function = 0x20
	NAK                Function = 0x21
	Response           Function = 0x22
	ReadMemory         Function = 0x25
	QueryResponse      Function = 0x55
)

// SetupType names one piece of a module's set-up data.
type SetupType uint16

// The set-up types (facts/protocols.md section 4.4).
const (
	SetupIP          SetupType = 0x0010
	SetupNode        SetupType = 0x0020 // the module ID
	SetupSubnet      SetupType = 0x0030
	SetupGateway     SetupType = 0x0040
	SetupTypeString  SetupType = 0x0033 // "H2-ECOM100"
	SetupName        SetupType = 0x0016
	SetupDescription SetupType = 0x0026
	SetupIPSetup     SetupType = 0x0036 // flags, among them DHCP
	SetupSettings    SetupType = 0x0015 // time-outs and retries of RX and WX
	SetupPeers0      SetupType = 0x0027 // peers 0-31
	SetupPeers32     SetupType = 0x0037 // peers 32-63
	SetupPeers64     SetupType = 0x0047 // peers 64-95
	SetupBlink       SetupType = 0x8012 // the error light, to find a module by
)

// ErrMalformed is what a body that can't be read gives.
var ErrMalformed = errors.New("malformed body")

// PollAllBody asks every module to say that it is there.
func PollAllBody() []byte { return []byte{byte(PollAll)} }

// DeviceInfoBody asks what a module is.
func DeviceInfoBody() []byte { return []byte{byte(DeviceInfo)} }

// EnumSetupBody asks which set-up data a module has.
func EnumSetupBody() []byte { return []byte{byte(EnumSetup)} }

// ReadSetupBody asks for one piece of set-up data.
func ReadSetupBody(t SetupType) []byte { return setup(ReadSetup, t) }

// DeleteSetupBody asks a module to forget one piece of set-up data.
func DeleteSetupBody(t SetupType) []byte { return setup(DeleteSetup, t) }

// WriteSetupBody asks a module to store set-up data. It answers twice: at once, and
// when the data are stored.
func WriteSetupBody(t SetupType, data []byte) []byte { return append(setup(WriteSetup, t), data...) }

// QuerySetupBody asks the modules whose set-up data are these to say so.
func QuerySetupBody(t SetupType, data []byte) []byte {
	b := binary.LittleEndian.AppendUint16(setup(QuerySetup, t), uint16(len(data)))
	return append(b, data...)
}

func setup(f Function, t SetupType) []byte {
	return binary.LittleEndian.AppendUint16([]byte{byte(f), 0}, uint16(t))
}

// To addresses a body to one module by its Ethernet address, for a broadcast: so a
// module without an IP address can be spoken to.
func To(mac [6]byte, body []byte) []byte {
	return append(append([]byte{byte(AddressedBroadcast)}, mac[:]...), body...)
}

// ReadVBody asks for bytes of V-memory by CCM, at most 256 and on newer firmware
// 128. On the wire the address is the V number and 1.
func ReadVBody(v uint16, bytes byte) []byte {
	b := []byte{byte(CCM), 0, 1, 0x1E, bytes}
	return append(binary.LittleEndian.AppendUint16(b, v+1), 0x31)
}

// ReadVKSequence asks for bytes of V-memory by K-sequence, whose addresses are high
// byte first and without the 1.
func ReadVKSequence(v uint16, bytes byte) []byte {
	telegram := binary.BigEndian.AppendUint16([]byte{0x01, 0x40, 0x01}, v)
	telegram = append(telegram, bytes, 0x17)
	telegram = append(telegram, lrc(telegram[1:len(telegram)-1]))
	return append([]byte{byte(KSequence), 0, byte(len(telegram)), 0}, telegram...)
}

// lrc is the checksum of a K-sequence telegram.
func lrc(b []byte) byte {
	var sum byte
	for _, c := range b {
		sum ^= c
	}
	return sum
}

// Poll is a module's answer to a poll.
type Poll struct {
	MAC [6]byte
	// NoIP tells that the module has no IP address yet.
	NoIP bool
	IP   netip.Addr // invalid where the module doesn't say it
}

// pollSize is the size of a poll reply with its flag, without an address.
const pollSize = 9

// ParsePoll reads the body of a poll reply: 55 AA, the Ethernet address, a flag,
// and, as some modules add, 01, the IP address and 00.
func ParsePoll(body []byte) (Poll, error) {
	if len(body) < pollSize || Function(body[0]) != QueryResponse || body[1] != 0xAA {
		return Poll{}, fmt.Errorf("%w: not a poll reply", ErrMalformed)
	}
	p := Poll{MAC: [6]byte(body[2:8]), NoIP: body[8] == 1}
	if len(body) >= pollSize+5 && body[9] == 1 {
		p.IP = netip.AddrFrom4([4]byte(body[10:14]))
	}
	return p, nil
}

// Append appends the body of the reply.
func (p Poll) Append(dst []byte) []byte {
	dst = append(append(dst, byte(QueryResponse), 0xAA), p.MAC[:]...)
	flag := byte(0)
	if p.NoIP {
		flag = 1
	}
	dst = append(dst, flag)
	if p.IP.Is4() {
		ip := p.IP.As4()
		dst = append(append(append(dst, 1), ip[:]...), 0)
	}
	return dst
}

// ParseSetup reads the reply to a read of set-up data: an error number, 0 for none,
// and the data.
func ParseSetup(body []byte) (data []byte, code uint16, err error) {
	if len(body) < 2 {
		return nil, 0, fmt.Errorf("%w: %d bytes of a set-up reply", ErrMalformed, len(body))
	}
	return body[2:], binary.LittleEndian.Uint16(body), nil
}

package hap

import (
	"encoding/binary"
	"fmt"
)

// Family is the family of controllers that a module is made for.
type Family byte

// The families.
const (
	FamilyDL05       Family = 0 // and DL06
	FamilyDL205      Family = 2
	FamilyDL305      Family = 3
	FamilyDL405      Family = 4
	FamilyTerminator Family = 10
)

// String is the family's name, or its number.
func (f Family) String() string {
	switch f {
	case FamilyDL05:
		return "DL05/06"
	case FamilyDL205:
		return "DL205"
	case FamilyDL305:
		return "DL305"
	case FamilyDL405:
		return "DL405"
	case FamilyTerminator:
		return "Terminator"
	}
	return fmt.Sprintf("family %d", byte(f))
}

// ModuleType is the kind of a module. The bit 0x80 means fibre.
type ModuleType byte

// The kinds of modules.
const (
	ModuleEBC    ModuleType = 0
	ModuleECOM   ModuleType = 1
	ModuleWinPLC ModuleType = 2
	ModuleDrive  ModuleType = 3
	ModuleERM    ModuleType = 4
	ModuleCTRIO  ModuleType = 5
	ModuleAVG    ModuleType = 6
	ModulePBC    ModuleType = 7
	ModulePBCC   ModuleType = 8
	ModuleFibre  ModuleType = 0x80
)

// String is the kind's name, or its number.
func (m ModuleType) String() string {
	names := [...]string{"EBC", "ECOM", "WinPLC", "drive", "ERM", "CTRIO", "AVG", "PBC", "PBCC"}
	kind := m &^ ModuleFibre
	name := fmt.Sprintf("module type %d", byte(kind))
	if int(kind) < len(names) {
		name = names[kind]
	}
	if m&ModuleFibre != 0 {
		name += ", fibre"
	}
	return name
}

// DIP is a module's eight DIP switches, bit 0 for switch 0 (facts/plc.md section
// 6).
type DIP byte

// ModuleID is the ID that switches 0 to 5 set, 1 to 63; ok is false where they
// are all off and the ID is set by software.
func (d DIP) ModuleID() (id byte, ok bool) {
	id = byte(d) & 0x3F
	return id, id != 0
}

// IBoxes reports whether switch 7 is on, without which a ladder program's IBoxes
// don't reach the module.
func (d DIP) IBoxes() bool { return d&0x80 != 0 }

// Device is the answer to FuncDevice: what a module is.
type Device struct {
	Family     Family
	PLC        byte // the controller's number; no longer used
	Type       ModuleType
	Status     byte
	MAC        MAC
	RAM        uint16 // KB
	Flash      uint16 // KB
	DIP        DIP
	Media      byte // 0 twisted pair, 1 fibre
	EPF        uint32
	RunRelay   bool
	BatteryLow bool
	BatteryRAM uint16 // KB
	ExtraDIP   byte
	Model      byte
	Speed      byte // 0 for 10 Mbit/s, 1 for 100
	PLD        [2]byte
}

const deviceSize = 42

// Append appends the body of the reply, 42 bytes.
func (d Device) Append(dst []byte) []byte {
	var b [deviceSize]byte
	b[0], b[1], b[2], b[3] = byte(d.Family), d.PLC, byte(d.Type), d.Status
	copy(b[4:], d.MAC[:])
	binary.LittleEndian.PutUint16(b[10:], d.RAM)
	binary.LittleEndian.PutUint16(b[12:], d.Flash)
	b[14], b[15] = byte(d.DIP), d.Media
	binary.LittleEndian.PutUint32(b[16:], d.EPF)
	b[20] = flag(d.RunRelay) | flag(d.BatteryLow)<<1
	binary.LittleEndian.PutUint16(b[21:], d.BatteryRAM)
	b[23], b[24], b[25] = d.ExtraDIP, d.Model, d.Speed
	copy(b[26:], d.PLD[:])
	return append(dst, b[:]...)
}

// ParseDevice reads the body of the reply. The last 14 bytes say nothing, and may
// be missing.
func ParseDevice(body []byte) (Device, error) {
	if len(body) < deviceSize-14 {
		return Device{}, fmt.Errorf("%w: %d bytes of device info", ErrMalformed, len(body))
	}
	return Device{
		Family: Family(body[0]), PLC: body[1], Type: ModuleType(body[2]), Status: body[3],
		MAC: MAC(body[4:10]),
		RAM: binary.LittleEndian.Uint16(body[10:]), Flash: binary.LittleEndian.Uint16(body[12:]),
		DIP: DIP(body[14]), Media: body[15],
		EPF:      binary.LittleEndian.Uint32(body[16:]),
		RunRelay: body[20]&1 != 0, BatteryLow: body[20]&2 != 0,
		BatteryRAM: binary.LittleEndian.Uint16(body[21:]),
		ExtraDIP:   body[23], Model: body[24], Speed: body[25],
		PLD: [2]byte(body[26:28]),
	}, nil
}

// Stats is the answer to FuncEthernetStats: what went wrong since the counts were
// last cleared.
type Stats struct {
	Missed, Collisions, Discarded, BadCRC, UnknownType, SendErrors uint32
}

const statsSize = 2 + 6*4

// Append appends the body of the reply.
func (s Stats) Append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, statsSize)
	for _, n := range [...]uint32{s.Missed, s.Collisions, s.Discarded, s.BadCRC, s.UnknownType, s.SendErrors} {
		dst = binary.LittleEndian.AppendUint32(dst, n)
	}
	return dst
}

// ParseStats reads the body of the reply.
func ParseStats(body []byte) (Stats, error) {
	if len(body) < statsSize {
		return Stats{}, fmt.Errorf("%w: %d bytes of statistics", ErrMalformed, len(body))
	}
	n := func(i int) uint32 { return binary.LittleEndian.Uint32(body[2+4*i:]) }
	return Stats{n(0), n(1), n(2), n(3), n(4), n(5)}, nil
}

package modbus

import (
	"encoding/binary"

	"github.com/rungmail/rungmail/internal/modbuswire"
)

// Version is the version of a piece of firmware: 4.0.2148.
type Version struct{ Major, Minor, Build uint16 }

// Identity is what a module says of itself in its own registers. Numbers without a
// remark are coded as in the module's HAP device information (facts/protocols.md
// section 4.3).
type Identity struct {
	OS, Booter Version

	Device     uint16 // version of the device
	Family     uint16 // of the PLC: 0 DL05 and DL06, 2 DL205, 4 DL405
	Processor  uint16
	ModuleType uint16 // 1 is an ECOM
	Status     uint16 // 0 is no trouble
	MAC        [6]byte
	RAM        uint16 // kilobytes, as the next two
	Flash      uint16
	BatteryRAM uint16
	DIP        byte // bit 0 is switch 0
	Media      uint16
	EPF        uint32 // a count that some modules keep
	RunRelay   bool
	BatteryLow bool
	Model      uint16
	Speed      uint16 // 0 is 10, 1 is 100 Mbit/s

	Reboots uint32 // how often the module has been powered up
}

// Wire addresses of the module's registers, in both register tables: 317501, 317511
// and 418001 as people write them. The manual counts the words of each block from 1.
const (
	versionsAt    = 17500
	deviceAt      = 17510
	dynamicAt     = 18000
	flagsRegister = dynamicAt + 3 // word 4
)

// rebooted is the flag that the module has been powered up since someone cleared it,
// by writing a 1 to it.
const rebooted = 1 << 0

// registers are the module's own.
type registers struct {
	versions [6]uint16
	device   [90]uint16
	dynamic  [20]uint16
}

// registers lays the identity out (ECOM manual page 5-30). The MAC address reads in
// its natural order on the wire; the EPF count has its low word first, as the reboot
// count has (assumptions).
func (id Identity) registers() registers {
	mac := id.MAC[:]
	r := registers{versions: [6]uint16{
		id.OS.Major, id.OS.Minor, id.OS.Build,
		id.Booter.Major, id.Booter.Minor, id.Booter.Build,
	}}
	copy(r.device[:], []uint16{
		id.Device, id.Family, id.Processor, id.ModuleType, id.Status,
		binary.BigEndian.Uint16(mac), binary.BigEndian.Uint16(mac[2:]), binary.BigEndian.Uint16(mac[4:]),
		id.RAM, id.Flash, id.BatteryRAM, uint16(id.DIP), id.Media,
		uint16(id.EPF), uint16(id.EPF >> 16),
		truth(id.RunRelay), truth(id.BatteryLow), id.Model, id.Speed,
	})
	copy(r.dynamic[3:], []uint16{rebooted, uint16(id.Reboots), uint16(id.Reboots >> 16)})
	return r
}

func truth(on bool) uint16 {
	if on {
		return 1
	}
	return 0
}

// at is the registers of a request that lies wholly in one of the three blocks. What
// lies partly in one is left to the CPU, which has no memory there.
func (r *registers) at(q modbuswire.Request) ([]uint16, bool) {
	for _, b := range [...]struct {
		first int
		words []uint16
	}{{versionsAt, r.versions[:]}, {deviceAt, r.device[:]}, {dynamicAt, r.dynamic[:]}} {
		if i := int(q.Address) - b.first; i >= 0 && i+q.Count <= len(b.words) {
			return b.words[i : i+q.Count], true
		}
	}
	return nil, false
}

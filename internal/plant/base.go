package plant

import "fmt"

// base is what a controller's family says of its slots and modules.
type base struct {
	family   string // for messages
	module   string // the ECOM100 that fits
	first    int    // the lowest slot that takes an ECOM100
	last     int    // the highest
	firmware string // the lowest at which the controller has IBoxes
}

// cpus lists the controllers that a rack may name, as they are written.
func cpus() []string {
	return []string{"DL05", "DL06", "DL240", "DL250", "DL250-1", "DL260", "DL450"}
}

// baseOf returns the base of a controller. Firmware and the first slots are
// from sections 1 and 3 of the theory of operation; the last slots are those
// of the largest local base. The DL240 and the old DL250 have no IBoxes at any
// firmware, so theirs is 0.0: the checker says why they can't.
func baseOf(cpu string) (base, bool) {
	small := base{family: cpu, module: "H0-ECOM100", first: 1}
	b205 := base{family: "205", module: "H2-ECOM100", first: 1, last: 7, firmware: "0.0"}
	switch cpu {
	case "DL05":
		small.last, small.firmware = 1, "5.10"
		return small, true
	case "DL06":
		small.last, small.firmware = 4, "2.10"
		return small, true
	case "DL240", "DL250":
		return b205, true
	case "DL250-1":
		b205.firmware = "4.60"
		return b205, true
	case "DL260":
		b205.firmware = "2.40"
		return b205, true
	case "DL450":
		return base{family: "405", module: "H4-ECOM100", last: 7, firmware: "3.30"}, true
	}
	return base{}, false
}

// refuses says why a slot can't hold an ECOM100; empty if it can.
func (b base) refuses(slot int) string {
	switch {
	case slot >= b.first && slot <= b.last:
		return ""
	case b.family == "205" && slot == 0:
		return "the first slot, K0, is invalid on 205: use slots 1 to 7"
	case b.first == b.last:
		return fmt.Sprintf("a %s has one slot, %d", b.family, b.first)
	default:
		return fmt.Sprintf("on %s an ECOM100 goes into slots %d to %d", b.family, b.first, b.last)
	}
}

// moduleTypes lists the modules that a slot may hold.
func moduleTypes() []string { return []string{"H0-ECOM100", "H2-ECOM100", "H4-ECOM100"} }

// moduleFirmware is the module firmware that is taken unless the file says
// otherwise: the last of the 4.x boards (March 2020).
func moduleFirmware(kind string) string {
	if kind == "H0-ECOM100" {
		return "4.1.113"
	}
	return "4.0.2148"
}

package check

import (
	"net/netip"
	"strings"

	"github.com/rungmail/rungmail/internal/firmware"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
)

// modules judges each ECOM100 box against the module in its slot, and then the
// settings that its mails will meet.
func (c *checker) modules() {
	c.boxes(func(n *ladder.Node) {
		number := n.Number(isa.LabelECOM)
		if c.configs[number] != n {
			return // no ECOM100 box, or one whose number is refused
		}
		m := c.module(n)
		if m != nil {
			m = c.addressed(number, *m)
			c.fits(n, m)
			c.ids(number, m)
		}
		c.mails(number, c.settings(number, n, m))
	})
}

// module is the rack's module in the slot of an ECOM100 box, or nil.
func (c *checker) module(config *ladder.Node) *Module {
	f, ok := config.Field(isa.LabelSlot)
	if c.target == nil || !ok {
		return nil
	}
	for i := range c.target.Modules {
		if m := &c.target.Modules[i]; m.Slot == f.Number {
			return m
		}
	}
	if ctrl := c.program.Controller; f.Number >= ctrl.FirstSlot && f.Number <= ctrl.LastSlot { // else the slot is the fault
		c.warnf("module-missing", f.ValuePos, "the rack has no module in slot K%d: every box of this ECOM100 will end in error 1001", f.Number)
	}
	return nil
}

// addressed is the module as the program leaves it: where a box sets its address,
// what the rack says of that says little.
func (c *checker) addressed(number int, m Module) *Module {
	c.fields(number, func(_ *ladder.Node, f *ladder.Field) {
		switch f.Spec.Kind {
		case isa.FieldIP, isa.FieldMask, isa.FieldGateway:
			m.IP, m.Subnet, m.Gateway = netip.Addr{}, netip.Addr{}, netip.Addr{}
		}
	})
	return &m
}

// ids warns of a box that sets the ID of a module whose switches say it
// (seeds/000 section 6).
func (c *checker) ids(number int, m *Module) {
	c.fields(number, func(n *ladder.Node, f *ladder.Field) {
		if m.IDSwitches && n.Box.ROM && f.Spec.Label == isa.LabelModuleID {
			c.warnf("id-switches", f.ValuePos, "DIP switches 0 to 5 of the module in slot K%d say its ID: %s will end in error 22 until they are off", m.Slot, n.Name)
		}
	})
}

// fields calls f for every field of the boxes that use an ECOM100.
func (c *checker) fields(number int, f func(*ladder.Node, *ladder.Field)) {
	c.boxes(func(n *ladder.Node) {
		if n.Number(isa.LabelECOM) != number {
			return
		}
		for i := range n.Fields {
			f(n, &n.Fields[i])
		}
	})
}

// fits judges type, firmware and DIP switch 7 of a module (seeds/000 sections 2
// and 5).
func (c *checker) fits(config *ladder.Node, m *Module) {
	f, _ := config.Field(isa.LabelSlot)
	ctrl := c.program.Controller
	if !strings.EqualFold(m.Type, ctrl.ModuleType) {
		c.errorf("module-type", f.ValuePos, "the module in slot K%d is an %s, which doesn't fit the base of a %s: use an %s", m.Slot, m.Type, ctrl.Name, ctrl.ModuleType)
		return
	}
	if order, err := firmware.Compare(m.Firmware, ctrl.ModuleFirmware()); err != nil {
		c.errorf("module-firmware", f.ValuePos, "the firmware of the module in slot K%d: %s", m.Slot, err)
	} else if order < 0 {
		c.errorf("module-firmware", f.ValuePos, "the module in slot K%d has firmware %s, which can't send e-mail: load %s or later into an %s", m.Slot, m.Firmware, ctrl.ModuleFirmware(), ctrl.ModuleType)
	}
	if m.IP.IsValid() && !set(m.IP) || m.Subnet.IsValid() && !set(m.Subnet) {
		c.warnf("no-address", f.ValuePos, "the module in slot K%d has no IP address or no subnet mask, so it never connects: every mail will end in error 11", m.Slot)
	}
	if !m.DIP7 {
		c.warnf("dip-7", f.ValuePos, "DIP switch 7 of the module in slot K%d is off: every box of this ECOM100 will end in error 1001 until it is on", m.Slot)
	}
}

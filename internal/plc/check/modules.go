package check

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
)

// modules judges each ECOM100 box against the module in its slot, and then the
// settings that its mails will meet.
func (c *checker) modules() {
	for number, config := range c.configs {
		module, known := c.module(config)
		if known {
			c.module100(config, module)
		}
		c.settings(number, module, known)
	}
}

// module is the rack's module in the slot of an ECOM100 box.
func (c *checker) module(config *ladder.Node) (Module, bool) {
	if c.target == nil {
		return Module{}, false
	}
	f, ok := config.Field(isa.LabelSlot)
	if !ok {
		return Module{}, false
	}
	for _, m := range c.target.Modules {
		if m.Slot == f.Number {
			return m, true
		}
	}
	c.warnf("module-missing", f.ValuePos, "the rack has no module in slot K%d: every box of this ECOM100 will end in error 1001", f.Number)
	return Module{}, false
}

// module100 judges type, firmware and DIP switch 7 of a module.
func (c *checker) module100(config *ladder.Node, m Module) {
	f, _ := config.Field(isa.LabelSlot)
	ctrl := c.program.Controller
	if !strings.EqualFold(m.Type, ctrl.ModuleType) {
		c.errorf("module-type", f.ValuePos, "the module in slot K%d is a %s, which doesn't fit the base of a %s: use an %s", m.Slot, m.Type, ctrl.Name, ctrl.ModuleType)
		return
	}
	if order, err := isa.CompareVersions(m.Firmware, ctrl.ModuleFirmware); err != nil {
		c.errorf("module-firmware", f.ValuePos, "firmware of the module in slot K%d: %s", m.Slot, err)
	} else if order < 0 {
		c.errorf("module-firmware", f.ValuePos, "the module in slot K%d has firmware %s, which can't send e-mail: an %s can from %s on", m.Slot, m.Firmware, m.Type, ctrl.ModuleFirmware)
	}
	if !m.DIP7 {
		c.warnf("dip-7", f.ValuePos, "DIP switch 7 of the module in slot K%d is off: every box of this ECOM100 will end in error 1001", m.Slot)
	}
}

// known is what is known of a module's settings while the program runs: what
// the rack has, and what the program's own set-up boxes put in their place.
type known struct {
	servers []server
	timeout time.Duration
	sure    bool // the rack's settings are known
	sender  bool
	cc      int
}

// server is an address that mails may go to, and where that is said.
type server struct {
	addr netip.Addr
	pos  ladder.Pos
}

// settings warns of mails that the settings won't carry.
func (c *checker) settings(number int, m Module, sure bool) {
	k := known{sure: sure, sender: m.Sender != "", cc: len(m.Cc), timeout: m.Timeout}
	if config := c.configs[number]; sure && m.Server.IsValid() && !m.Server.IsUnspecified() {
		k.servers = append(k.servers, server{m.Server, config.Pos})
	}
	c.boxes(func(n *ladder.Node) {
		if n.Box.Mnemonic == isa.SetupBox && n.Number(isa.LabelECOM) == number {
			k.change(n)
		}
	})
	for _, s := range k.servers {
		c.reachable(s, m, sure)
	}
	c.boxes(func(n *ladder.Node) {
		if n.Box.Mnemonic == isa.EmailBox && n.Number(isa.LabelECOM) == number {
			c.mail(n, k)
		}
	})
}

// change takes in what a set-up box sets.
func (k *known) change(n *ladder.Node) {
	if f, ok := n.Field(isa.LabelServer); ok {
		if addr, err := netip.ParseAddr(f.Value); err == nil {
			k.servers = append(k.servers, server{addr, f.ValuePos})
		}
	}
	if _, ok := n.Field(isa.LabelSender); ok {
		k.sender = true
	}
	if f, ok := n.Field(isa.LabelCc); ok {
		list, _ := mailaddr.ParseList(f.Value)
		k.cc = max(k.cc, len(list))
	}
	if f, ok := n.Field(isa.LabelTimeout); ok {
		k.timeout = time.Duration(f.Number) * time.Second
	}
}

// reachable warns of a server in another network with no way to get there.
func (c *checker) reachable(s server, m Module, sure bool) {
	if !sure || !m.IP.Is4() || !m.Subnet.Is4() || m.IP.IsUnspecified() || s.addr.IsUnspecified() || !s.addr.Is4() {
		return
	}
	if m.Gateway.IsValid() && !m.Gateway.IsUnspecified() {
		return
	}
	ip, mask, addr := m.IP.As4(), m.Subnet.As4(), s.addr.As4()
	for i := range ip {
		if ip[i]&mask[i] != addr[i]&mask[i] {
			c.warnf("no-gateway", s.pos, "the server %s is outside the module's network (%s, subnet %s) and the module in slot K%d has no gateway: it can't get there", s.addr, m.IP, m.Subnet, m.Slot)
			return
		}
	}
}

// mail warns of what one ECEMAIL box will meet.
func (c *checker) mail(n *ladder.Node, k known) {
	if missing := k.missing(); k.sure && missing != "" {
		c.warnf("settings-missing", n.Pos, "the module has no %s and no ECEMSUP sets it: the box will end in error 24", missing)
	}
	to, at := n.Value(isa.LabelTo)
	list, err := mailaddr.ParseList(to)
	if err != nil {
		return
	}
	if len(list)+k.cc == 0 {
		tail := "the box will end in error 21"
		if !k.sure {
			tail = "unless the module's settings hold a Cc, the box will end in error 21"
		}
		c.warnf("no-recipient", at, "To is empty and so is Cc: %s", tail)
		return
	}
	if need := enough(len(list) + k.cc); k.timeout > 0 && k.timeout < need {
		c.warnf("short-timeout", n.Pos, "a timeout of %s is short for %d recipient(s), since it covers the whole conversation: use %s or more", seconds(k.timeout), len(list)+k.cc, seconds(need))
	}
}

func (k known) missing() string {
	switch {
	case len(k.servers) == 0:
		return "server address"
	case !k.sender:
		return "sender address"
	}
	return ""
}

// enough is a timeout that a busy server can keep: 10 seconds, and 5 more for
// each recipient.
func enough(recipients int) time.Duration {
	return 10*time.Second + time.Duration(recipients)*5*time.Second
}

func seconds(d time.Duration) string { return fmt.Sprintf("%d s", int(d.Seconds())) }

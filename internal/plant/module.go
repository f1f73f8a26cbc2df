package plant

import (
	"crypto/sha256"
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"strings"
)

func moduleFields() []field[Module] {
	return []field[Module]{
		{name: "slot", read: readSlot},
		{name: "type", read: readType},
		{name: "firmware", read: func(d *decoder, m *Module, e entry) { m.Firmware = d.firmware(e) }},
		{name: "dip", read: readDIP},
		{name: "bind", read: func(d *decoder, m *Module, e entry) { m.Bind, _ = d.addr(e) }},
		{name: "servers", read: readServers},
		{name: "http", read: func(d *decoder, m *Module, e entry) { m.Servers.HTTP, _ = d.integer(e, 0, 65535) }},
		{name: "hap", read: func(d *decoder, m *Module, e entry) { m.Servers.HAP, _ = d.integer(e, 0, 65535) }},
		{name: "trace", read: func(d *decoder, m *Module, e entry) { m.Servers.Trace, _ = d.integer(e, 0, 65535) }},
		{name: "trace_reply_port", read: func(d *decoder, m *Module, e entry) { m.Servers.TraceReplyPort, _ = d.integer(e, 1, 65535) }},
		{name: "modbus", read: func(d *decoder, m *Module, e entry) { m.Servers.Modbus, _ = d.integer(e, 0, 65535) }},
		{name: "allow", read: func(d *decoder, m *Module, e entry) { m.Servers.Allow = d.prefixes(e) }},
		{name: "write_allow", read: func(d *decoder, m *Module, e entry) { m.Servers.WriteAllow = d.prefixes(e) }},
		{name: "hosts", read: readHosts},
		{name: "password_file", read: func(d *decoder, m *Module, e entry) { m.Servers.PasswordFile, _ = d.filePath(e) }},
		{name: "cert", read: func(d *decoder, m *Module, e entry) { m.Servers.Cert, _ = d.filePath(e) }},
		{name: "key", read: func(d *decoder, m *Module, e entry) { m.Servers.Key, _ = d.filePath(e) }},
		{name: "name", read: func(d *decoder, m *Module, e entry) { m.Name, _ = d.printable(e, 255) }},
		{name: "description", read: func(d *decoder, m *Module, e entry) { m.Description, _ = d.printable(e, 255) }},
		{name: "mac", read: func(d *decoder, m *Module, e entry) { m.MAC, _ = d.mac(e) }},
		{name: "ip", read: readIP},
		{name: "subnet", read: readSubnet},
		{name: "gateway", read: readGateway},
		{name: "email", read: readEmail},
	}
}

// modules reads the [[rack.module]] tables of a rack whose own keys are read.
func (d *decoder) modules(r *Rack, e entry, macs map[MAC]macUse) {
	slots := make(map[int]position)
	for _, table := range d.tables(e, "[[rack.module]]") {
		m := d.module(r, table)
		d.fits(r, m, table)
		if first, taken := slots[m.Slot]; taken && m.Slot >= 0 {
			d.fail(table.get("slot").at, "slot: slot %d is taken by the module of line %d", m.Slot, first.line)
		} else {
			slots[m.Slot] = table.at
		}
		d.uniqueMAC(m, table, macs)
		r.Modules = append(r.Modules, m)
	}
}

// module reads one [[rack.module]] and fills in what it leaves out.
func (d *decoder) module(r *Rack, table *node) Module {
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	m := Module{
		Slot:    -1,
		DIP:     []int{7},
		Bind:    loopback,
		Servers: defaultServers(),
		IP:      loopback,
		Subnet:  netip.AddrFrom4([4]byte{255, 255, 255, 0}),
		Gateway: netip.IPv4Unspecified(),
		Email:   defaultEmail(),
	}
	walk(d, moduleFields(), table, &m)
	d.require(table, "[[rack.module]]", "slot", "the number of its place in the base")
	d.require(table, "[[rack.module]]", "type", "one of "+strings.Join(moduleTypes(), ", "))
	if m.Firmware == "" {
		m.Firmware = moduleFirmware(m.Type)
	}
	if table.get("mac") == nil {
		m.MAC = derivedMAC(r.Name, m.Slot)
	}
	d.gatewayInSubnet(m, table)
	d.judgeServers(m, table)
	return m
}

// fits holds a module against the base that it sits in.
func (d *decoder) fits(r *Rack, m Module, table *node) {
	b, ok := baseOf(r.CPU)
	if !ok {
		return // the cpu's own fault stands already
	}
	if m.Type != "" && m.Type != b.module {
		d.fail(table.get("type").at, "type: an %s doesn't fit a rack with a %s: that takes an %s", m.Type, r.CPU, b.module)
	}
	if m.Slot < 0 {
		return
	}
	if why := b.refuses(m.Slot); why != "" {
		d.fail(table.get("slot").at, "slot: slot %d can't hold an ECOM100: %s", m.Slot, why)
	}
}

// macUse is who has an Ethernet address.
type macUse struct {
	at    position // the module's header
	given bool     // the file says so; else it is derived
}

// uniqueMAC refuses an Ethernet address that another module of the file has:
// tools that find modules tell them apart by it. Two derived ones are alike
// only for one name and slot, and that is a fault already.
func (d *decoder) uniqueMAC(m Module, table *node, macs map[MAC]macUse) {
	if m.MAC == (MAC{}) {
		return // its own fault stands already
	}
	use, at := macUse{at: table.at}, table.at
	if v := table.get("mac"); v != nil {
		use.given, at = true, v.at
	}
	first, taken := macs[m.MAC]
	if !taken {
		macs[m.MAC] = use
		return
	}
	if use.given || first.given {
		d.fail(at, "mac: %s is the address of the module of line %d too: give each its own", m.MAC, first.at.line)
	}
}

// derivedMAC makes an address under the vendor's prefix that stays the same
// for the same rack and slot.
func derivedMAC(rack string, slot int) MAC {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", rack, slot))
	return MAC{0x00, 0xE0, 0x62, sum[0], sum[1], sum[2]}
}

func readSlot(d *decoder, m *Module, e entry) {
	if slot, ok := d.integer(e, 0, 7); ok {
		m.Slot = slot
	}
}

func readType(d *decoder, m *Module, e entry) { m.Type, _ = d.oneOf(e, moduleTypes()) }

func readDIP(d *decoder, m *Module, e entry) {
	m.DIP = []int{}
	if e.value.kind != kindArray {
		d.wrongType(e, "a list of switches that are on, such as [7]")
		return
	}
	for _, item := range e.value.items {
		n, ok := d.integer(entry{name: "dip", value: item}, 0, 7)
		if !ok {
			continue
		}
		if slices.Contains(m.DIP, n) {
			d.fail(item.at, "dip: switch %d stands twice: once is enough", n)
			continue
		}
		m.DIP = append(m.DIP, n)
	}
	slices.Sort(m.DIP)
}

func readIP(d *decoder, m *Module, e entry) {
	a, ok := d.ipv4(e, "the module needs one of its own, such as 192.168.12.86")
	if ok && a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		d.fail(e.value.at, "ip: %s is no module's address: want up to 255.255.255.254, or 0.0.0.0 for none", a)
		a = netip.Addr{}
	}
	m.IP = a
}

func readSubnet(d *decoder, m *Module, e entry) {
	a, ok := d.ipv4(e, "want a mask such as 255.255.255.0")
	if _, contiguous := prefixBits(a); ok && !contiguous && !a.IsUnspecified() {
		d.fail(e.value.at, "subnet: %s isn't a mask: want ones and then zeros, such as 255.255.255.0", a)
		a = netip.Addr{}
	}
	m.Subnet = a
}

func readGateway(d *decoder, m *Module, e entry) {
	m.Gateway, _ = d.ipv4(e, "give the router's, or 0.0.0.0 for none")
}

// prefixBits returns how many ones a mask starts with, and whether it is a
// mask: ones, at least one of them, and then zeros alone.
func prefixBits(mask netip.Addr) (int, bool) {
	if !mask.Is4() {
		return 0, false
	}
	var word uint32
	for _, octet := range mask.As4() {
		word = word<<8 | uint32(octet)
	}
	ones := bits.LeadingZeros32(^word)
	return ones, ones > 0 && word<<ones == 0
}

// gatewayInSubnet holds the gateway against ip and subnet, where all three
// are good and a gateway is set.
func (d *decoder) gatewayInSubnet(m Module, table *node) {
	ones, ok := prefixBits(m.Subnet)
	if !ok || !m.IP.IsValid() || m.IP.IsUnspecified() || !m.Gateway.IsValid() || m.Gateway.IsUnspecified() {
		return
	}
	if netip.PrefixFrom(m.IP, ones).Contains(m.Gateway) {
		return
	}
	d.fail(table.get("gateway").at, "gateway: %s isn't in the subnet of ip %s with mask %s: correct one of the three",
		m.Gateway, m.IP, m.Subnet)
}

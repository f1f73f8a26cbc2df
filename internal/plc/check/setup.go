package check

import (
	"math/bits"
	"net/netip"
	"strings"
	"unicode"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// moduleSetup judges what a box says of the module's own set-up (facts/plc.md
// section 1.1).
func (c *checker) moduleSetup(n *ladder.Node) {
	for i := range n.Fields {
		f := &n.Fields[i]
		switch f.Spec.Kind {
		case isa.FieldConstant:
			if f.Number < f.Spec.Min || f.Number > f.Spec.Max {
				c.errorf("box-constant", f.ValuePos, "%s K%d is out of range: write K%d to K%d, in decimal", f.Spec.Label, f.Number, f.Spec.Min, f.Spec.Max)
			}
		case isa.FieldIP:
			c.moduleAddress(f, "192.168.0.10")
		case isa.FieldGateway:
			if f.Value != "0.0.0.0" {
				c.moduleAddress(f, "192.168.0.1, or 0.0.0.0 for none")
			}
		case isa.FieldMask:
			if addr, err := netip.ParseAddr(f.Value); err != nil || !isMask(addr) {
				c.errorf("subnet-mask", f.ValuePos, "%q is no subnet mask: write ones and then zeros, such as 255.255.255.0", f.Value)
			}
		}
	}
	c.gatewayNear(n)
}

// moduleAddress judges an address: 0.0.0.1 to 255.255.255.254, and none that
// belongs to a group.
func (c *checker) moduleAddress(f *ladder.Field, example string) {
	addr, err := netip.ParseAddr(f.Value)
	switch {
	case err != nil || !addr.Is4():
		c.errorf("module-address", f.ValuePos, "%s: %q is no IPv4 address: write one such as %s", f.Spec.Label, f.Value, example)
	case !isHost(addr):
		c.errorf("module-address", f.ValuePos, "%s: nothing can have the address %s: write one such as %s", f.Spec.Label, addr, example)
	}
}

// isHost tells whether a host can have an IPv4 address.
func isHost(a netip.Addr) bool {
	return a.Is4() && !a.IsUnspecified() && !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// isMask tells whether an address is ones and then zeros. None at all is no mask:
// a module without one never connects.
func isMask(a netip.Addr) bool {
	if !a.Is4() || a.IsUnspecified() {
		return false
	}
	word := ipv4(a)
	return word<<bits.LeadingZeros32(^word) == 0
}

// ipv4 is an address as a number, of which mask and network are parts.
func ipv4(a netip.Addr) uint32 {
	o := a.As4()
	return uint32(o[0])<<24 | uint32(o[1])<<16 | uint32(o[2])<<8 | uint32(o[3])
}

// gatewayNear warns of a gateway that a module with this address and mask never
// reaches.
func (c *checker) gatewayNear(n *ladder.Node) {
	ip, okIP := address(n, isa.LabelIP)
	mask, okMask := address(n, isa.LabelSubnet)
	gateway, ok := address(n, isa.LabelGateway)
	if !okIP || !okMask || !ok || !isMask(mask) || (ipv4(ip)^ipv4(gateway))&ipv4(mask) == 0 {
		return
	}
	f, _ := n.Field(isa.LabelGateway)
	c.warnf("gateway-outside", f.ValuePos, "the gateway %s is outside the network of %s with subnet %s, so the module never reaches it", gateway, ip, mask)
}

// address is an IPv4 address that a box gives, if a host can have it or it is a
// mask; 0.0.0.0 is none.
func address(n *ladder.Node, label string) (netip.Addr, bool) {
	text, _ := n.Value(label)
	addr, err := netip.ParseAddr(text)
	return addr, err == nil && (isHost(addr) || isMask(addr))
}

// moduleText judges a name or a description for the module's ROM.
func (c *checker) moduleText(f *ladder.Field) {
	if at := strings.IndexFunc(f.Value, unicode.IsControl); at >= 0 {
		c.errorf("module-text", within(f, at), "%s has a tab or another control character in it: write a blank", f.Spec.Label)
		return
	}
	if _, err := vprint.Windows1252(f.Value); err != nil {
		c.textError("characters", f, err)
	}
}

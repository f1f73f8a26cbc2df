package device

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// MaxName bounds a device's name, in bytes.
const MaxName = 32

// Registry finds a device by the address that it connects from. It never changes, so
// it is safe for use by several goroutines at once.
type Registry struct {
	devices []Device
	v4, v6  table
}

// table has the prefixes of one family. Each length that occurs costs one look-up, so
// thousands of devices cost no more than a few.
type table struct {
	lengths []int // that occur, the longest first
	devices map[netip.Prefix]*Device
}

// NewRegistry takes the devices of a plant file. The most specific address wins; what
// leaves open who someone is, is an error: a name or a prefix that two devices have.
// So is what would let in more than was meant: bits of a host after a prefix, and a
// prefix that holds every address. All errors come joined.
func NewRegistry(devices []Device) (*Registry, error) {
	r := &Registry{devices: slices.Clone(devices)}
	names := make(map[string]bool, len(devices))
	var errs []error
	for i := range r.devices {
		d := &r.devices[i]
		switch {
		case !validName(d.Name):
			errs = append(errs, fmt.Errorf("device name %q: use 1 to %d of a-z, 0-9 and hyphens", d.Name, MaxName))
		case names[d.Name]:
			errs = append(errs, fmt.Errorf("two devices are named %s: give one of them another name", d.Name))
		case len(d.Addresses) == 0:
			errs = append(errs, fmt.Errorf("%s has no address: say where it connects from", d.Name))
		}
		names[d.Name] = true
		for _, p := range d.Addresses {
			if err := r.add(p, d); err != nil {
				errs = append(errs, err)
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	r.v4.sort()
	r.v6.sort()
	return r, nil
}

// add gives a device one of its prefixes.
func (r *Registry) add(given netip.Prefix, d *Device) error {
	p, ok := unmap(given)
	switch {
	case !ok:
		return fmt.Errorf("%s: %v isn't an address or a network that can be looked up", d.Name, given)
	case p.Bits() == 0:
		return fmt.Errorf("%s: %v is everybody's address: name the plant's networks", d.Name, given)
	case p != p.Masked():
		return fmt.Errorf("%s: %v has bits of a host: write %v for the network, or %v for the one address", d.Name, given, p.Masked(), p.Addr())
	}
	t := &r.v6
	if p.Addr().Is4() {
		t = &r.v4
	}
	if other := t.devices[p]; other != nil && other != d {
		return fmt.Errorf("%s and %s both have the address %v: give it to one of them", other.Name, d.Name, given)
	}
	if t.devices == nil {
		t.devices = make(map[netip.Prefix]*Device)
	}
	t.devices[p] = d
	return nil
}

// sort notes the lengths that occur.
func (t *table) sort() {
	for p := range t.devices {
		if !slices.Contains(t.lengths, p.Bits()) {
			t.lengths = append(t.lengths, p.Bits())
		}
	}
	slices.SortFunc(t.lengths, func(a, b int) int { return cmp.Compare(b, a) })
}

// Find gives the device that an address belongs to, and whether there is one. An IPv4
// address that came mapped into IPv6 is the IPv4 address. The device must not be
// changed.
func (r *Registry) Find(from netip.Addr) (*Device, bool) {
	from = from.Unmap().WithZone("")
	t := &r.v6
	if from.Is4() {
		t = &r.v4
	}
	for _, bits := range t.lengths {
		p, err := from.Prefix(bits)
		if err != nil {
			return nil, false
		}
		if d := t.devices[p]; d != nil {
			return d, true
		}
	}
	return nil, false
}

// Devices are all of them, in the order in which they were given.
func (r *Registry) Devices() []Device { return slices.Clone(r.devices) }

// unmap brings a prefix of mapped IPv4 addresses to IPv4.
func unmap(p netip.Prefix) (netip.Prefix, bool) {
	if !p.IsValid() {
		return p, false
	}
	if !p.Addr().Is4In6() {
		return p, true
	}
	const mapped = 96 // bits before the IPv4 address
	if p.Bits() < mapped {
		return p, false
	}
	return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped), true
}

// validName tells whether a name can be a path and a label.
func validName(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= MaxName
}

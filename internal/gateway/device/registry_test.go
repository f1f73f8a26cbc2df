package device

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func at(name string, prefixes ...string) Device {
	d := Device{Name: name}
	for _, p := range prefixes {
		if !strings.Contains(p, "/") {
			a := netip.MustParseAddr(p)
			d.Addresses = append(d.Addresses, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		d.Addresses = append(d.Addresses, netip.MustParsePrefix(p))
	}
	return d
}

func registry(t *testing.T, devices ...Device) *Registry {
	t.Helper()
	r, err := NewRegistry(devices)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheMostSpecificAddressWins(t *testing.T) {
	r := registry(t,
		at("plant", "10.0.0.0/8"), at("line", "10.1.2.0/24", "2001:db8::/64"), at("plc", "10.1.2.3", "2001:db8::1"),
		at("mapped", "::ffff:192.0.2.0/120"))
	for _, tc := range []struct{ from, want string }{
		{"10.1.2.3", "plc"},
		{"::ffff:10.1.2.3", "plc"},
		{"10.1.2.4", "line"},
		{"10.9.9.9", "plant"},
		{"2001:db8::1", "plc"},
		{"2001:db8::2%eth0", "line"},
		{"192.0.2.7", "mapped"},
		{"11.0.0.1", ""},
		{"2001:db9::1", ""},
		{"::1", ""},
	} {
		got := ""
		if d, ok := r.Find(netip.MustParseAddr(tc.from)); ok {
			got = d.Name
		}
		if got != tc.want {
			t.Errorf("Find(%s): got %q; want %q", tc.from, got, tc.want)
		}
	}
	if d, ok := r.Find(netip.Addr{}); ok {
		t.Errorf("no address at all: got %v", d.Name)
	}
}

func TestWhatLeavesOpenWhoSomeoneIs(t *testing.T) {
	for _, tc := range []struct {
		name    string
		devices []Device
		want    []string // parts of the error
	}{
		{"one prefix twice", []Device{at("a", "10.0.0.1"), at("b", "10.0.0.1/32")}, []string{"a and b both", "10.0.0.1/32"}},
		{"mapped and not", []Device{at("a", "10.0.0.1"), at("b", "::ffff:10.0.0.1")}, []string{"a and b both"}},
		{"bits of a host", []Device{at("a", "10.0.0.5/24")}, []string{"a: 10.0.0.5/24", "10.0.0.0/24", "10.0.0.5 for the one"}},
		{"everybody", []Device{at("a", "0.0.0.0/0")}, []string{"a: 0.0.0.0/0 is everybody's"}},
		{"everybody of IPv6", []Device{at("a", "::/0")}, []string{"everybody's"}},
		{"all mapped", []Device{at("a", "::ffff:0:0/90")}, []string{"can be looked up"}},
		{"no prefix", []Device{{Name: "a", Addresses: []netip.Prefix{{}}}}, []string{"can be looked up"}},
		{"no address", []Device{{Name: "a"}}, []string{"a has no address"}},
		{"a name twice", []Device{at("a", "10.0.0.1"), at("a", "10.0.0.2")}, []string{"two devices are named a"}},
		{"names", []Device{at("Line 4", "10.0.0.1"), at("", "10.0.0.2"), at(strings.Repeat("x", 33), "10.0.0.3")}, []string{`"Line 4"`, `""`, `"xxx`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := NewRegistry(tc.devices)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, part := range tc.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("got %q; want %q in it", err, part)
				}
			}
		})
	}
}

func TestADeviceMayListAnAddressTwice(t *testing.T) {
	registry(t, at("a", "10.0.0.1", "10.0.0.1/32"))
}

// The table finds what a walk over all prefixes finds.
func TestFindIsTheLongestPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		taken := make(map[netip.Prefix]string)
		var devices []Device
		for i := range rapid.IntRange(1, 20).Draw(t, "devices") {
			raw := rapid.SliceOfN(rapid.ByteRange(0, 3), 4, 4).Draw(t, "address")
			p := netip.PrefixFrom(netip.AddrFrom4([4]byte(raw)), rapid.IntRange(1, 32).Draw(t, "bits")).Masked()
			if taken[p] == "" {
				taken[p] = fmt.Sprintf("d%d", i)
				devices = append(devices, Device{Name: taken[p], Addresses: []netip.Prefix{p}})
			}
		}
		r, err := NewRegistry(devices)
		if err != nil {
			t.Fatal(err)
		}
		from := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.ByteRange(0, 3), 4, 4).Draw(t, "from")))
		want, bits := "", 0
		for p, name := range taken {
			if p.Contains(from) && p.Bits() > bits {
				want, bits = name, p.Bits()
			}
		}
		got := ""
		if d, ok := r.Find(from); ok {
			got = d.Name
		}
		if got != want {
			t.Fatalf("Find(%v): got %q; want %q", from, got, want)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	var devices []Device
	for i := range 4000 {
		devices = append(devices, at(fmt.Sprintf("d%d", i), fmt.Sprintf("10.0.%d.%d", i/250, i%250)))
	}
	devices = append(devices, at("net", "10.0.0.0/8"), at("hall", "10.0.0.0/16"))
	r, err := NewRegistry(devices)
	if err != nil {
		b.Fatal(err)
	}
	from := netip.MustParseAddr("10.200.1.1")
	for b.Loop() {
		if _, ok := r.Find(from); !ok {
			b.Fatal("not found")
		}
	}
}

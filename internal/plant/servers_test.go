package plant

import (
	"net/netip"
	"testing"
)

func TestServersAreOffUnlessNamed(t *testing.T) {
	if m := goodModule(t, ""); len(m.Servers.On) != 0 || m.Servers.Has(HTTP) {
		t.Errorf("on: %v", m.Servers.On)
	}
	m := goodModule(t, `servers = ["modbus", "http"]`)
	if !m.Servers.Has(Modbus) || !m.Servers.Has(HTTP) || m.Servers.Has(HAP) {
		t.Errorf("on: %v", m.Servers.On)
	}
	for name, want := range map[string]int{HTTP: 80, HAP: 28784, Trace: 29298, Modbus: 502} {
		if got := m.Servers.Port(name); got != want {
			t.Errorf("%s: port %d, want %d", name, got, want)
		}
	}
}

func TestWhoMayIsAddressesAndNetworks(t *testing.T) {
	m := goodModule(t, `allow = ["192.168.12.0/24", "10.0.0.7", "2001:db8::/32"]
write_allow = ["192.168.12.86"]`)
	check(t, m.Servers.Allow, []netip.Prefix{
		netip.MustParsePrefix("192.168.12.0/24"), netip.MustParsePrefix("10.0.0.7/32"), netip.MustParsePrefix("2001:db8::/32"),
	})
	check(t, m.Servers.WriteAllow, []netip.Prefix{netip.MustParsePrefix("192.168.12.86/32")})
	check(t, goodModule(t, "allow = []\nwrite_allow = []").Servers.Allow, []netip.Prefix{})
}

func TestFaultsOfServers(t *testing.T) {
	checkRows(t, []row{
		{"servers = 'http'", `7:11: servers: want a list of servers, such as ["http", "hap"], found a string`},
		{"servers = ['htp']", `7:12: servers: "htp" isn't known: want one of http, hap, trace, modbus`},
		{"servers = ['hap', 'hap']", `7:19: servers: hap stands twice: once is enough`},
		{"http = 65536", `7:8: http: 65536 is out of range: want 0 to 65535`},
		{"trace_reply_port = 0", `7:20: trace_reply_port: 0 is out of range: want 1 to 65535`},
		{"allow = '10.0.0.0/8'", `7:9: allow: want a list of addresses and networks, such as ["192.168.12.0/24"], found a string`},
		{"allow = ['plant']", `7:10: allow: "plant" is neither an address nor a network: write one such as "192.168.12.86" or "192.168.12.0/24"`},
		{"allow = ['10.1.2.3/8']", `7:10: allow: "10.1.2.3/8" has bits behind its mask: write "10.0.0.0/8"`},
		{"write_allow = ['10.0.0.0/8']", `7:15: write_allow: 10.0.0.0/8 isn't within allow: whoever may write may ask too, so put it into allow`},
		{"hosts = ['http://x']", `7:10: hosts: "http://x" isn't a host name: write one such as "ecom4.plant.example", without a port`},
		{"bind = '::1'\nservers = ['trace']", `7:8: bind: hap and trace speak IPv4 only, and ::1 is IPv6: bind to an IPv4 address, or leave them out of servers`},
		{"bind = '224.0.0.1'", `7:8: bind: 224.0.0.1 is no computer's address`},
		{"cert = 'c.pem'", `7:8: cert and key belong together: give both, or neither`},
		{"bind = '0.0.0.0'\nservers = ['http']\npassword_file = 'p'", `9:17: password_file: a password would cross the network in clear text: give cert and key too, or bind to a loopback address`},
	}, func(s string) string { return minimal + s })
}

func TestTwoServersCantHaveOnePort(t *testing.T) {
	second := func(s string) string {
		return minimal + "servers = ['http', 'hap', 'modbus']\nhttp = 8081\n[[rack.module]]\nslot = 3\ntype = 'H0-ECOM100'\n" + s
	}
	checkRows(t, []row{
		{"servers = ['http']\nhttp = 8081", `13:8: http: tcp port 8081 at 127.0.0.1 is the http server of the module in line 4 already: give each its own port or bind`},
		{"servers = ['modbus']\nmodbus = 8081", `13:10: modbus: tcp port 8081 at 127.0.0.1 is the http server of the module in line 4 already: give each its own port or bind`},
		{"servers = ['hap']", `9:1: hap: udp port 28784 at 127.0.0.1 is the hap server of the module in line 4 already: give each its own port or bind`},
	}, second)
	checkRows(t, []row{
		{"bind = '0.0.0.0'\nservers = ['hap']", `9:1: hap: udp port 28784 at 0.0.0.0 is the hap server of the module in line 4 already: give each its own port or bind`},
	}, second)
	checkRows(t, []row{
		{"slot = 3\ntype = 'H0-ECOM100'\nservers = ['hap']", `9:1: hap: udp port 28784 at 127.0.0.1 is the hap server of the module in line 4 already: give each its own port or bind`},
	}, func(s string) string { return minimal + "bind = '0.0.0.0'\nservers = ['hap']\n[[rack.module]]\n" + s })
	for _, good := range []string{
		"servers = ['http', 'hap']\nhttp = 8082\nhap = 8081", // UDP ports are others
		"servers = ['http', 'hap', 'modbus']\nhttp = 8081\nbind = '127.0.0.2'",
		"servers = ['http', 'hap', 'modbus']\nhttp = 0\nhap = 0\nmodbus = 0",
		"http = 8081",
	} {
		mustParse(t, second(good))
	}
}

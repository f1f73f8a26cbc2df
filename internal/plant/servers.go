package plant

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// The servers that a module may have.
const (
	HTTP   = "http"   // its web pages
	HAP    = "hap"    // the Host Ethernet protocol
	Trace  = "trace"  // the trace for the SMTP Viewer
	Modbus = "modbus" // Modbus TCP
)

func serverNames() []string { return []string{HTTP, HAP, Trace, Modbus} }

// Servers is how a module is met over the network.
type Servers struct {
	On             []string // of http, hap, trace and modbus; none unless the file says so
	HTTP           int      // TCP port of the web pages, 0 for any free one
	HAP            int      // UDP port of the Host Ethernet protocol
	Trace          int      // UDP port of the trace
	TraceReplyPort int      // where the trace goes on a viewer's host; 0: the port that it asks from
	Modbus         int      // TCP port of Modbus
	Allow          []netip.Prefix
	WriteAllow     []netip.Prefix // who may change memory and settings too
	Hosts          []string       // names under which browsers may ask for the pages, beside addresses
	PasswordFile   string         // of the pages, for changes; empty for none
	Cert, Key      string         // PEM files for TLS of the pages; both or neither
}

// Has tells whether a server is on.
func (s Servers) Has(name string) bool { return slices.Contains(s.On, name) }

// Port is the port of a server.
func (s Servers) Port(name string) int {
	switch name {
	case HTTP:
		return s.HTTP
	case HAP:
		return s.HAP
	case Trace:
		return s.Trace
	default:
		return s.Modbus
	}
}

// defaultServers has the ports of the original, and nothing on.
func defaultServers() Servers {
	return Servers{HTTP: 80, HAP: 28784, Trace: 29298, Modbus: 502, Allow: loopbacks(), WriteAllow: loopbacks()}
}

func loopbacks() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

func readServers(d *decoder, m *Module, e entry) {
	m.Servers.On = nil
	if e.value.kind != kindArray {
		d.wrongType(e, `a list of servers, such as ["http", "hap"]`)
		return
	}
	for _, item := range e.value.items {
		name, ok := d.oneOf(entry{name: "servers", value: item}, serverNames())
		switch {
		case !ok:
		case m.Servers.Has(name):
			d.fail(item.at, "servers: %s stands twice: once is enough", name)
		default:
			m.Servers.On = append(m.Servers.On, name)
		}
	}
}

// prefixes reads a list of addresses and networks.
func (d *decoder) prefixes(e entry) []netip.Prefix {
	list := []netip.Prefix{}
	if e.value.kind != kindArray {
		d.wrongType(e, `a list of addresses and networks, such as ["192.168.12.0/24"]`)
		return list
	}
	for _, item := range e.value.items {
		s, ok := d.text(entry{name: e.name, value: item}, `a network in quotes, such as "192.168.12.0/24"`)
		if !ok {
			continue
		}
		prefix, err := netip.ParsePrefix(s)
		if addr, bad := netip.ParseAddr(s); err != nil && bad == nil && addr.Zone() == "" {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			d.fail(item.at, "%s: %s is neither an address nor a network: write one such as \"192.168.12.86\" or \"192.168.12.0/24\"", e.name, quote(s))
			continue
		}
		if prefix != prefix.Masked() {
			d.fail(item.at, "%s: %s has bits behind its mask: write %q", e.name, quote(s), prefix.Masked().String())
			continue
		}
		list = append(list, prefix)
	}
	return list
}

func readHosts(d *decoder, m *Module, e entry) {
	if e.value.kind != kindArray {
		d.wrongType(e, `a list of host names, such as ["ecom4.plant.example"]`)
		return
	}
	for _, item := range e.value.items {
		s, ok := d.printable(entry{name: "hosts", value: item}, 253)
		if !ok {
			continue
		}
		if !regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-.]*[A-Za-z0-9])?$`).MatchString(s) {
			d.fail(item.at, "hosts: %s isn't a host name: write one such as \"ecom4.plant.example\", without a port", quote(s))
			continue
		}
		m.Servers.Hosts = append(m.Servers.Hosts, strings.ToLower(s))
	}
}

// judgeServers holds the keys of a module's servers against each other.
func (d *decoder) judgeServers(m Module, table *node) {
	s := m.Servers
	at := func(key string) position {
		if v := table.get(key); v != nil {
			return v.at
		}
		return table.at
	}
	if (s.Cert == "") != (s.Key == "") {
		d.fail(at("cert"), "cert and key belong together: give both, or neither")
	}
	if (s.Has(HAP) || s.Has(Trace)) && m.Bind.Is6() {
		d.fail(at("bind"), "bind: hap and trace speak IPv4 only, and %s is IPv6: bind to an IPv4 address, or leave them out of servers", m.Bind)
	}
	if m.Bind.IsMulticast() || m.Bind == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		d.fail(at("bind"), "bind: %s is no computer's address", m.Bind)
	}
	if s.PasswordFile != "" && s.Cert == "" && s.Has(HTTP) && !m.Bind.IsLoopback() {
		d.fail(at("password_file"), "password_file: a password would cross the network in clear text: give cert and key too, or bind to a loopback address")
	}
	for _, wider := range s.WriteAllow {
		if !slices.ContainsFunc(s.Allow, func(p netip.Prefix) bool { return p.Bits() <= wider.Bits() && p.Contains(wider.Addr()) }) &&
			table.get("write_allow") != nil {
			d.fail(at("write_allow"), "write_allow: %s isn't within allow: whoever may write may ask too, so put it into allow", wider)
		}
	}
}

// portUse is who has a port.
type portUse struct {
	server string
	line   int  // of the module's header
	all    bool // at all addresses
}

// portKey is a port at an address, or with none anywhere.
func portKey(network string, at netip.Addr, port int) string {
	return fmt.Sprintf("%s %s %d", network, at, port)
}

// uniquePorts refuses a port that another module has at the same address.
func (d *decoder) uniquePorts(r *Rack, table *node, ports map[string]portUse) {
	e := table.get("module")
	if e == nil || e.kind != kindArray || len(e.items) != len(r.Modules) {
		return
	}
	for i, m := range r.Modules {
		at := e.items[i]
		for _, name := range m.Servers.On {
			port := m.Servers.Port(name)
			if port == 0 || !m.Bind.IsValid() {
				continue
			}
			network := "tcp"
			if name == HAP || name == Trace {
				network = "udp"
			}
			key, all := portKey(network, m.Bind, port), portKey(network, netip.Addr{}, port)
			first, taken := ports[key]
			if wide := ports[all]; !taken && (wide.all || m.Bind.IsUnspecified() && wide.line > 0) {
				first, taken = wide, true
			}
			if taken {
				where := at.at
				if v := at.get(name); v != nil {
					where = v.at
				}
				d.fail(where, "%s: %s port %d at %s is the %s server of the module in line %d already: give each its own port or bind", name, network, port, m.Bind, first.server, first.line)
				continue
			}
			use := portUse{name, at.at.line, m.Bind.IsUnspecified()}
			ports[key] = use
			if ports[all].line == 0 || use.all {
				ports[all] = use
			}
		}
	}
}

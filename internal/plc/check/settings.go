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

// settings is what the mails of one ECOM100 will find in the module's working
// copy, as far as that is known: what the rack's module has, and in its place
// what the program's ECEMSUP boxes set. With an ECEMRDS in the program, both.
type settings struct {
	rack     bool // the module's own are known
	restores bool // an ECEMRDS brings them back
	server   bool
	sender   bool
	setsCc   bool
	cc       int           // the most recipients
	timeout  time.Duration // the shortest; 0 when it isn't known
}

// settings works out the settings of an ECOM100, whose module may be nil, and
// judges the servers among them.
func (c *checker) settings(number int, config *ladder.Node, m *Module) settings {
	s := settings{rack: m != nil}
	c.boxes(func(n *ladder.Node) {
		if n.Number(isa.LabelECOM) != number {
			return
		}
		s.change(n)
		if f, ok := n.Field(isa.LabelServer); ok {
			if addr, err := netip.ParseAddr(f.Value); err == nil {
				c.reachable(addr, f.ValuePos, m)
			}
		}
	})
	if m == nil {
		return s
	}
	if !s.server || s.restores {
		c.reachable(m.Server, config.Pos, m)
	}
	s.start(m)
	return s
}

// change takes in what a box of the program sets.
func (s *settings) change(n *ladder.Node) {
	s.restores = s.restores || n.Box.Mnemonic == isa.RestoreBox
	if _, ok := n.Field(isa.LabelServer); ok {
		s.server = true
	}
	if _, ok := n.Field(isa.LabelSender); ok {
		s.sender = true
	}
	if f, ok := n.Field(isa.LabelCc); ok {
		list, err := mailaddr.ParseList(f.Value)
		s.setsCc, s.cc = true, max(s.cc, len(list))
		if err != nil {
			s.cc = max(s.cc, 1) // refused elsewhere, but not empty
		}
	}
	if f, ok := n.Field(isa.LabelTimeout); ok {
		s.limit(time.Duration(f.Number) * time.Second)
	}
}

// start takes in what the module has at power-up, where no box has set it or one
// restores it.
func (s *settings) start(m *Module) {
	s.server = s.server || set(m.Server)
	s.sender = s.sender || m.Sender != ""
	if !s.setsCc || s.restores {
		s.cc = max(s.cc, len(m.Cc))
	}
	if s.timeout == 0 || s.restores {
		s.limit(m.Timeout)
	}
}

// limit takes in a timeout.
func (s *settings) limit(t time.Duration) {
	if t > 0 && (s.timeout == 0 || t < s.timeout) {
		s.timeout = t
	}
}

// set tells whether an IPv4 address is given: 0.0.0.0 is none.
func set(a netip.Addr) bool { return a.Is4() && !a.IsUnspecified() }

// reachable warns of a server in another network with no way to get there
// (seeds/000 section 4).
func (c *checker) reachable(server netip.Addr, at ladder.Pos, m *Module) {
	if m == nil || !set(server) || !set(m.IP) || !set(m.Subnet) || set(m.Gateway) {
		return
	}
	ip, mask, addr := m.IP.As4(), m.Subnet.As4(), server.As4()
	for i := range ip {
		if ip[i]&mask[i] != addr[i]&mask[i] {
			c.warnf("no-gateway", at, "the server %s is outside the network of the module in slot K%d, %s with subnet %s, and that has no gateway: give it one", server, m.Slot, m.IP, m.Subnet)
			return
		}
	}
}

// mails warns of what the mails of an ECOM100 will meet.
func (c *checker) mails(number int, s settings) {
	c.boxes(func(n *ladder.Node) {
		if n.Box.Mnemonic == isa.EmailBox && n.Number(isa.LabelECOM) == number {
			c.mail(n, s)
		}
	})
}

// mail warns of what one ECEMAIL box will meet.
func (c *checker) mail(n *ladder.Node, s settings) {
	if missing := s.missing(); missing != "" {
		c.warnf("settings-missing", n.Pos, "the module has no %s and no ECEMSUP sets it: the box will end in error 24", missing)
	}
	to, at := n.Value(isa.LabelTo)
	list, err := mailaddr.ParseList(to)
	if err != nil {
		return // reported elsewhere
	}
	recipients := len(list) + s.cc
	switch need := enough(recipients); {
	case recipients == 0 && s.rack:
		c.warnf("no-recipient", at, "To is empty and so is the module's Cc: the box will end in error 21")
	case recipients == 0:
		c.warnf("no-recipient", at, "To is empty and no ECEMSUP sets a Cc: unless the module has one, the box will end in error 21")
	case s.timeout > 0 && s.timeout < need:
		c.warnf("short-timeout", n.Pos, "a timeout of %s is short for %s, since it covers the whole conversation: use %s or more", seconds(s.timeout), plural(recipients, "recipient", "recipients"), seconds(need))
	}
}

// missing is what a mail needs and nobody sets (seeds/000 section 6).
func (s settings) missing() string {
	var names []string
	if s.rack && !s.server {
		names = append(names, "server address")
	}
	if s.rack && !s.sender {
		names = append(names, "sender address")
	}
	return strings.Join(names, " and no ")
}

// enough is a timeout that a busy server can keep: 10 seconds, and 5 more for
// each recipient. (An assumption: seeds/000 section 6f says only that the time
// grows with the recipients.)
func enough(recipients int) time.Duration {
	return 10*time.Second + time.Duration(recipients)*5*time.Second
}

func seconds(d time.Duration) string { return fmt.Sprintf("%g s", d.Seconds()) }

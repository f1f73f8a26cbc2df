package pages

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"

	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/settings"
)

// edits is the route of a page that edits the module's own set-up. The editor is
// made for each request; errNotFound is a page that there isn't.
func (p *pages) edits(make func(*http.Request) (*editor[settings.Setup], error)) route {
	with := func(do func(*editor[settings.Setup], *pages, http.ResponseWriter, *http.Request)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			e, err := make(r)
			if err != nil {
				p.refuse(w, r, http.StatusNotFound, "There is no such page", "The peer table has pages from peer 1, 8, 16 and so on to 80.")
				return
			}
			e.read, e.write = p.Store.Setup, p.Store.ChangeSetup
			e.done = func() string { return "rom" }
			do(e, p, w, r)
		}
	}
	return route{get: with((*editor[settings.Setup]).get), post: with((*editor[settings.Setup]).post)}
}

// edit is an editor of the module's own set-up with one group of fields.
func (p *pages) edit(title, id, action string, list ...setting[settings.Setup]) *editor[settings.Setup] {
	return &editor[settings.Setup]{
		title: title,
		form:  form{ID: id, Action: action, Submit: "Send", Back: "/", Reset: true},
		rows:  []row[settings.Setup]{{settings: list}},
		show: func(w http.ResponseWriter, r *http.Request, status int, f form, v view) {
			v.Content = sheet{Form: f}
			p.show(w, r, status, "edit", v)
		},
	}
}

// sheet is the content of a page with one form.
type sheet struct {
	Form   form
	Blocks []link // of the peer table
}

func (p *pages) idEditor(*http.Request) (*editor[settings.Setup], error) {
	e := p.edit("Module ID", "id", "/setupid.html", setting[settings.Setup]{
		field{
			Name: "id", Label: "Module ID", Kind: line, Numeric: true,
			Help: fmt.Sprintf("A whole number, 0 to %d; other modules meet this one by it, and 0 is none.", settings.MaxID),
		},
		func(s settings.Setup) string { return strconv.FormatUint(uint64(s.ID), 10) },
		checked(func(s *settings.Setup, text string) error {
			n, err := strconv.ParseUint(text, 10, 32)
			if err != nil {
				n = settings.MaxID + 1 // Validate says the bounds
			}
			s.ID = uint32(n)
			return nil
		}),
	})
	now, switches := module.ID(p.Identity.DIP, p.Store.Setup().ID)
	set := "as set here"
	if switches {
		set = "from the DIP switches"
	}
	e.form.Intro = []string{fmt.Sprintf("Now %d, %s; a value here counts while switches 0 to 5 are off.", now, set)}
	if !module.CanSetID(p.Identity.DIP) {
		e.form.Intro = nil
		e.form.Locked = fmt.Sprintf("The DIP switches set the Module ID, which is %s now. It can be set here once switches 0 to 5 are all off: dip in the plant file.", number(now))
	}
	return e, nil
}

func (p *pages) nameEditor(*http.Request) (*editor[settings.Setup], error) {
	return p.edit("Module Name", "name", "/setupname.html", text("name", "Module Name", "What people and tools call the module, in at most %d characters.",
		func(s *settings.Setup) *string { return &s.Name })), nil
}

func (p *pages) descriptionEditor(*http.Request) (*editor[settings.Setup], error) {
	return p.edit("Module Description", "description", "/setupdescription.html", text("description", "Module Description", "What the module is for, or where it is, in at most %d characters.",
		func(s *settings.Setup) *string { return &s.Description })), nil
}

// text is a field of text that may be empty.
func text(name, label, help string, place func(*settings.Setup) *string) setting[settings.Setup] {
	return setting[settings.Setup]{
		field{Name: name, Label: label, Kind: line, Help: fmt.Sprintf(help, settings.MaxText)},
		func(s settings.Setup) string { return *place(&s) },
		checked(func(s *settings.Setup, text string) error { *place(s) = text; return nil }),
	}
}

func (p *pages) ipEditor(*http.Request) (*editor[settings.Setup], error) {
	e := p.edit("IP Setup", "ip", "/setupip.html",
		address(field{
			Name: "ip", Label: "IP Address", Required: true,
			Help: "What the module says of itself, and its name in HELO. Where its servers listen is bind in the plant file.",
		}, func(s *settings.Setup) *netip.Addr { return &s.IP }),
		address(field{Name: "subnet", Label: "Subnet Mask", Required: true, Help: "Such as 255.255.255.0."}, func(s *settings.Setup) *netip.Addr { return &s.Subnet }),
		address(field{Name: "gateway", Label: "Gateway", Help: "The router out of this subnet; 0.0.0.0 or nothing is none."}, func(s *settings.Setup) *netip.Addr { return &s.Gateway }),
		setting[settings.Setup]{
			field{Name: "dhcp", Label: "Use DHCP", Kind: tick, Help: "Noted and shown only: a virtual module asks no DHCP server, and the values above stay in force."},
			func(s settings.Setup) string {
				if s.DHCP {
					return "on"
				}
				return ""
			},
			func(s *settings.Setup, text string) error { s.DHCP = text == "on"; return nil },
		})
	e.warn = ipWarnings
	return e, nil
}

// address is a field of an IPv4 address.
func address(f field, place func(*settings.Setup) *netip.Addr) setting[settings.Setup] {
	f.Kind, f.Numeric = line, true
	return setting[settings.Setup]{
		f,
		func(s settings.Setup) string { return dotted(*place(&s)) },
		checked(func(s *settings.Setup, text string) (err error) {
			if text == "" && !f.Required {
				text = "0.0.0.0"
			}
			*place(s), err = ipv4(text)
			return err
		}),
	}
}

// ipv4 reads an address as people write it.
func ipv4(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || !a.Is4() {
		return netip.Addr{}, errors.New("write an IPv4 address, four numbers from 0 to 255 with dots, such as 192.168.0.1")
	}
	return a, nil
}

// dotted is an address, 0.0.0.0 where there is none.
func dotted(a netip.Addr) string {
	if !a.IsValid() {
		return "0.0.0.0"
	}
	return a.String()
}

// ipWarnings is what is allowed and won't work.
func ipWarnings(s settings.Setup) []notice {
	switch {
	case !s.Reachable():
		return []notice{{Text: "Without an IP address and a subnet mask the module reaches nothing, and every mail ends in a timeout."}}
	case s.Strays():
		return []notice{{Text: fmt.Sprintf("The gateway %s is outside the subnet of %s with the mask %s, so nothing reaches it.", s.Gateway, s.IP, s.Subnet)}}
	}
	return nil
}

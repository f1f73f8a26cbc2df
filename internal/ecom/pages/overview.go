package pages

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/settings"
)

// What the module of the source says of its board (seeds/000 section 6).
const (
	cpuRev   = "1.0.1"
	boardRev = "2A / 1A"
)

// item is one row of the main page's table.
type item struct {
	Label string
	Facts []fact
	Links []link // of the peer table
	Away  bool   // the one fact is a link out of the module
}

// fact is a value with its name, and the page that edits it.
type fact struct{ Name, Value, Edit string }

// moduleSheet is the content of the main page.
type moduleSheet struct {
	Items   []item
	Differs bool // the e-mail set-up in ROM, which is shown, from the values in use
}

// showModule shows the main page.
func (p *pages) showModule(w http.ResponseWriter, r *http.Request) {
	setup, rom := p.Store.Setup(), p.Store.Email()
	one := func(label, value, edit string) item {
		return item{Label: label, Facts: []fact{{"", value, edit}}}
	}
	items := []item{
		one("Module ID", moduleID(p.Identity.DIP, setup.ID), "/setupid.html"),
		one("Module Name", shown(setup.Name), "/setupname.html"),
		one("Module Description", shown(setup.Description), "/setupdescription.html"),
		one("Ethernet Address", strings.ToUpper(fmt.Sprintf("% x", p.Identity.MAC[:])), ""),
		{Label: "IP Setup", Facts: ipFacts(setup)},
		one("Booter Version", p.Identity.Booter, ""),
		one("OS Version", p.Identity.Firmware, ""),
	}
	if p.email {
		items = append(items, item{Label: "EMail Setup", Facts: p.emailFacts(rom)})
	}
	items = append(items,
		item{Label: "Peer to Peer", Links: blockLinks(0)},
		one("CPU Rev", cpuRev, ""),
		one("PWB/PLD Rev", boardRev, ""),
		item{Label: "Firmware Updates", Facts: []fact{{"", "Hosteng.com", "https://hosteng.com/"}}, Away: true},
	)
	warnings := ipWarnings(setup)
	if p.email {
		warnings = append(warnings, p.emailWarnings()...)
	}
	p.show(w, r, http.StatusOK, "module", view{
		Warnings: warnings,
		Content:  moduleSheet{Items: items, Differs: p.email && !rom.Equal(p.Module.Working())},
	})
}

// moduleID is the ID and who set it.
func moduleID(dip byte, set uint32) string {
	id, switches := module.ID(dip, set)
	if switches {
		return number(id) + " Set By Dip Switches"
	}
	return number(id) + " Set By Software"
}

// number is an ID as the original writes it.
func number(id uint32) string { return fmt.Sprintf("%d (0x%02X)", id, id) }

func ipFacts(s settings.Setup) []fact {
	return []fact{
		{"Address", dotted(s.IP), "/setupip.html"},
		{"Subnet", dotted(s.Subnet), "/setupip.html"},
		{"Gateway", dotted(s.Gateway), "/setupip.html"},
	}
}

// emailFacts is the e-mail set-up by the names that the main page has for it.
func (p *pages) emailFacts(e settings.Email) []fact {
	names := map[string]string{
		"server": "Server Address", "name": "Sender Name", "sender": "Sender Address", "cc": "Cc",
		"port": "Port", "timeout": "Timeout", "zone": "Time Zone Offset",
	}
	var list []fact
	for _, s := range p.emailSettings() {
		value := shown(s.get(e))
		switch s.Name {
		case "timeout":
			value += " seconds"
		case "cc":
			value = ccFact(e.Cc)
		}
		list = append(list, fact{names[s.Name], value, "/setupsmtp.html#email-" + s.Name})
	}
	return list
}

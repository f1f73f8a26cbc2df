package pages

import (
	"bytes"
	"net/http"

	"github.com/rungmail/rungmail/internal/smtpwire"
)

// view is what the layout of a page is given.
type view struct {
	Title    string // of the page; empty on the main page
	Type     string // of the module
	Which    string // module it is, of all that a browser has open
	Nav      []link
	Refresh  bool // reload the page in a second
	Refused  bool // what was asked for didn't come to be
	Note     notice
	Warnings []notice
	Nothing  string // what didn't happen because of the faults
	Faults   []fault
	Content  any
}

// link leads to another page.
type link struct {
	Text, To string
	Here     bool // it is the page that is shown
}

// notice is a text, and a link at its end that says where to go; its address may be
// empty for none.
type notice struct {
	Text string
	Link link
}

// then is two notices as one.
func (n notice) then(next notice) notice {
	return notice{n.Text + " " + next.Text, next.Link}
}

// maxWhich bounds the module's name in titles, in characters.
const maxWhich = 40

// which says which module this is: its name and its address.
func (p *pages) which() string {
	setup := p.Store.Setup()
	name := []rune(smtpwire.Printable(setup.Name))
	if len(name) > maxWhich {
		name = append(name[:maxWhich:maxWhich], []rune("...")...)
	}
	if len(name) == 0 {
		return dotted(setup.IP)
	}
	return string(name) + ", " + dotted(setup.IP)
}

// nav is the links that every page has.
func (p *pages) nav(here string) []link {
	list := []link{{Text: "Module", To: "/"}}
	if p.email {
		list = append(list, link{Text: "EMail Setup", To: "/setupsmtp.html"}, link{Text: "Test mail", To: "/testmail.html"})
	}
	list = append(list, link{Text: "IP Setup", To: "/setupip.html"}, link{Text: "Peer to Peer", To: "/peers.html?from=1"})
	for i := range list {
		list[i].Here = list[i].To == here || here == "/peers.html" && i == len(list)-1
	}
	return list
}

// show answers with a page.
func (p *pages) show(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	v.Type, v.Which, v.Nav, v.Refused = p.Identity.Type, p.which(), p.nav(r.URL.Path), status >= http.StatusBadRequest
	var page bytes.Buffer
	if err := p.Views.templates[name].ExecuteTemplate(&page, "layout", v); err != nil {
		p.Log.Error("page not shown", "page", name, "error", err)
		http.Error(w, "The page could not be made; the log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	w.WriteHeader(status)
	w.Write(page.Bytes())
}

// refuse answers with a page that says why not.
func (p *pages) refuse(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	p.show(w, r, status, "refused", view{Title: title, Content: text})
}

// notes are the sentences that a page shows after a redirect; what the address says
// otherwise is not shown.
var notes = map[string]string{
	"rom":  "Written to ROM, and in use from now on.",
	"same": "Written to ROM. The values in use are the same.",
	"only": "Written to ROM. The values in use have not changed: use them now, or at the next power-up.",
	"used": "The values in use are now those in ROM.",
}

func (p *pages) note(r *http.Request) notice {
	name := r.URL.Query().Get("note")
	n := notice{Text: notes[name]}
	if rom, use := p.Store.Email(), p.Module.Working(); name == "only" && rom.Complete() && !use.Complete() {
		n = notice{Text: "Written to ROM. The values in use have not changed, and mails still end in error 24: some are missing."}.then(romHas)
	}
	return n
}

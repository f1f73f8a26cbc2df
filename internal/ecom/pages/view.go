package pages

import (
	"bytes"
	"net/http"
)

// view is what the layout of a page is given.
type view struct {
	Title    string // of the page; empty on the main page
	Type     string // of the module
	Nav      []link
	Refresh  bool // reload the page in a second
	Note     string
	Warnings []string
	Faults   []fault
	Content  any
}

// link leads to another page.
type link struct {
	Text, To string
	Here     bool // it is the page that is shown
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
	v.Type, v.Nav = p.Identity.Type, p.nav(r.URL.Path)
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

func note(r *http.Request) string { return notes[r.URL.Query().Get("note")] }

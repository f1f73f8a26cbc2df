// Package pages is the module's own web pages: what it is and how it is set up,
// with forms that write ROM, a comparison of ROM with the values in use, and a test
// mail with its trace.
//
// It is not the operator's console. It owns no socket and no clock: it is a handler
// for the server that the wiring opens, and asks the module through [Module]. The
// pages work without scripts, and have none.
//
// Source: seeds/000 section 6, whose labels the pages have word for word;
// facts/plc.md sections 1.3 and 6. What is ours is listed in docs/compatibility.md.
package pages

import (
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/firmware"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// Identity is what a module says of itself that nobody can change on a page.
type Identity struct {
	Type     string // such as "H2-ECOM100"
	Firmware string // the OS version, such as "4.0.2148"
	Booter   string // the booter's version; empty is the one of the source's module
	MAC      [6]byte
	DIP      byte // the switches that are on, switch 0 the lowest bit
}

// Module is what the pages ask of a module. It is called by several goroutines at
// once; the rack's lock is its maker's business.
type Module interface {
	// Working is the set-up that mails use now.
	Working() settings.Email
	// Restore takes the values in use from ROM, as ECEMRDS does.
	Restore()
	// SendTest begins to send a mail with the values in use. Subject and body are
	// Windows-1252, as ladder's are. It fails with [module.ErrTesting].
	SendTest(to []mailaddr.Address, subject, body string) error
	// Test is the latest test mail.
	Test() module.Test
}

// Password is what a change of a setting asks for.
type Password interface {
	// Right tells whether a person wrote the password. It isn't called by two
	// goroutines at once.
	Right(typed string) bool
}

// Config is what the pages are made of.
type Config struct {
	Identity  Identity
	Store     *settings.Store
	Module    Module
	MayWrite  func(netip.Addr) bool // who may change settings; nil is loopback only
	Password  Password              // nil for none
	Hosts     []string              // names that Host may have besides addresses and localhost
	Now       func() time.Time      // the clock; not nil
	Explainer reply.Explainer       // one whose Now is zero explains as of Now()
	Location  *time.Location        // of the stamps in the trace; nil is UTC
	Views     *Views                // nil parses its own
	Log       *slog.Logger          // gets who changed what, wrong passwords and how test mails ended; it names rack and slot; nil drops them
}

//go:embed templates/*.html style.css
var files embed.FS

// pages is the handler.
type pages struct {
	Config
	tries   tries
	last    lastTyped
	outcome latest // test mail whose end has been logged
	email   bool   // the firmware sends e-mail
	routes  map[string]route
}

// route is what a path answers; either may be nil.
type route struct{ get, post http.HandlerFunc }

// New is the pages of one module.
func New(c Config) http.Handler {
	if c.MayWrite == nil {
		c.MayWrite = netip.Addr.IsLoopback
	}
	if c.Location == nil {
		c.Location = time.UTC
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Identity.Booter == "" {
		c.Identity.Booter = "4.0.165"
	}
	if c.Views == nil {
		c.Views = Parse()
	}
	p := &pages{Config: c, email: firmware.HasEmail(c.Identity.Type, c.Identity.Firmware)}
	p.route()
	return p.guarded(http.HandlerFunc(p.serve))
}

// Views are the templates of the pages, which modules may share.
type Views struct {
	templates map[string]*template.Template
	style     []byte
}

// Parse reads the templates, which are part of the program.
func Parse() *Views {
	v := &Views{templates: map[string]*template.Template{}}
	for _, name := range []string{"module", "edit", "email", "test", "refused"} {
		v.templates[name] = template.Must(template.ParseFS(files, "templates/layout.html", "templates/form.html", "templates/"+name+".html"))
	}
	v.style, _ = files.ReadFile("style.css") // it is there, or this wouldn't build
	return v
}

// route says what is where. Each path is whole: nothing lies under another.
func (p *pages) route() {
	p.routes = map[string]route{
		"/":                      {get: p.showModule},
		"/style.css":             {get: p.showStyle},
		"/setupid.html":          p.edits(p.idEditor),
		"/setupname.html":        p.edits(p.nameEditor),
		"/setupdescription.html": p.edits(p.descriptionEditor),
		"/setupip.html":          p.edits(p.ipEditor),
		"/peers.html":            p.edits(p.peersEditor),
	}
	if p.email {
		p.routes["/setupsmtp.html"] = p.editsEmail()
		p.routes["/usenow.html"] = route{post: p.useNow}
		p.routes["/testmail.html"] = route{get: p.showTest, post: p.sendTest}
	}
}

// serve finds the route of a request.
func (p *pages) serve(w http.ResponseWriter, r *http.Request) {
	at, ok := p.routes[r.URL.Path]
	if !ok {
		p.refuse(w, r, http.StatusNotFound, "There is no such page", "The module has no page at this address. Its main page leads to all that it has.")
		return
	}
	serve, allow := at.get, allowed(at)
	if r.Method == http.MethodPost {
		serve = at.post
	}
	if serve == nil || r.Method != http.MethodPost && r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", allow)
		p.refuse(w, r, http.StatusMethodNotAllowed, "That can't be done here", "This address takes "+allow+" only.")
		return
	}
	serve(w, r)
}

func allowed(at route) string {
	var list []string
	if at.get != nil {
		list = append(list, http.MethodGet, http.MethodHead)
	}
	if at.post != nil {
		list = append(list, http.MethodPost)
	}
	return strings.Join(list, ", ")
}

func (p *pages) showStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Write(p.Views.style)
}

// explainer is the knowledge base as of today.
func (p *pages) explainer() reply.Explainer {
	if p.Explainer.Now.IsZero() {
		return reply.Explainer{Now: p.Now()}
	}
	return p.Explainer
}

// errNotFound is what an editor says of a page that there isn't.
var errNotFound = errors.New("no such page")

package pages

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/firmware"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// emailSheet is the content of the EMail Setup page.
type emailSheet struct {
	Form    form
	Rows    []comparison
	Differs bool // ROM and the values in use
	UseNow  form
	Test    form
	Sending bool // a test mail is under way
}

// comparison is one field in ROM and in use, in lines.
type comparison struct {
	Label      string
	ROM, InUse []string
	Differs    bool
}

// editsEmail is the route of the EMail Setup page.
func (p *pages) editsEmail() route {
	e := p.emailEditor()
	return route{
		get:  func(w http.ResponseWriter, r *http.Request) { e.get(p, w, r) },
		post: func(w http.ResponseWriter, r *http.Request) { e.post(p, w, r) },
	}
}

func (p *pages) emailEditor() *editor[settings.Email] {
	return &editor[settings.Email]{
		title: "EMail Setup",
		form:  form{ID: "email", Action: "/setupsmtp.html", Submit: "Send", Back: "/", Reset: true},
		rows:  []row[settings.Email]{{settings: p.emailSettings()}},
		read:  p.Store.Email,
		write: p.Store.ChangeEmail,
		warn:  func(settings.Email) []notice { return p.emailWarnings() },
		done: func() string {
			if p.Store.Email().Equal(p.Module.Working()) {
				return "same"
			}
			return "only"
		},
		show: func(w http.ResponseWriter, r *http.Request, status int, f form, v view) {
			p.showEmail(w, r, status, f, p.useNowForm(r), v)
		},
	}
}

// emailSettings are the fields of the EMail Setup (seeds/000 section 6).
func (p *pages) emailSettings() []setting[settings.Email] {
	list := []setting[settings.Email]{
		serverSetting, nameSetting, senderSetting, ccSetting, portSetting, timeoutSetting,
	}
	if firmware.HasZone(p.Identity.Firmware) {
		list = append(list, zoneSetting)
	}
	return list
}

var serverSetting = setting[settings.Email]{
	field{Name: "server", Label: "Server IP Address", Kind: line, Numeric: true, Required: true, Help: "The mail server's IPv4 address; 0.0.0.0 is none, and every mail then ends in error 24."},
	func(e settings.Email) string { return dotted(e.Server) },
	checked(func(e *settings.Email, text string) (err error) { e.Server, err = ipv4(text); return err }),
}

var nameSetting = setting[settings.Email]{
	field{Name: "name", Label: "Sender Name", Kind: line, Help: fmt.Sprintf("Whom recipients see as the sender, in at most %d characters.", settings.MaxName)},
	func(e settings.Email) string { return e.Name },
	checked(func(e *settings.Email, text string) error { e.Name = text; return nil }),
}

var senderSetting = setting[settings.Email]{
	field{Name: "sender", Label: "Sender EMail Address", Kind: line, Required: true, Help: "Nearly every mail server wants this to be an account of its own."},
	func(e settings.Email) string { return e.Sender.String() },
	checked(func(e *settings.Email, text string) (err error) {
		if text == "" {
			return errors.New("write the address that mails come from, such as plc@example.com")
		}
		e.Sender, err = oneAddress(text)
		return err
	}),
}

var ccSetting = setting[settings.Email]{
	field{Name: "cc", Label: "Cc", Kind: area, Help: fmt.Sprintf("Addresses with commas between them, at most %d; every mail goes to all of them too.", settings.MaxCc)},
	func(e settings.Email) string { return mailaddr.Join(e.Cc) },
	checked(func(e *settings.Email, text string) (err error) { e.Cc, err = addresses(text); return err }),
}

var portSetting = setting[settings.Email]{
	field{Name: "port", Label: "Port (default=25)", Kind: line, Numeric: true, Required: true, Help: "The mail server's TCP port, 1 to 65535."},
	func(e settings.Email) string { return strconv.Itoa(int(e.Port)) },
	checked(func(e *settings.Email, text string) error {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			n = 0 // Validate says the bounds
		}
		e.Port = uint16(n)
		return nil
	}),
}

var timeoutSetting = setting[settings.Email]{
	field{
		Name: "timeout", Label: "Timeout (default=60 sec)", Kind: line, Numeric: true, Required: true,
		Help: "Seconds for a whole mail, 1 to 3600; take twice what a long mail to many recipients needs.",
	},
	func(e settings.Email) string { return strconv.Itoa(int(e.Timeout / time.Second)) },
	checked(func(e *settings.Email, text string) error {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			n = 0 // Validate says the bounds
		}
		e.Timeout = time.Duration(n) * time.Second
		return nil
	}),
}

var zoneSetting = setting[settings.Email]{
	field{Name: "zone", Label: "Time Zone Offset", Kind: line, Help: "From UTC, for the date of each mail, such as +01:00 or -0500; nothing where it is unknown."},
	func(e settings.Email) string { return zoneText(e.Zone) },
	checked(func(e *settings.Email, text string) (err error) { e.Zone, err = parseZone(text); return err }),
}

// romHas sends people to the button that they forget after Send.
var romHas = notice{"ROM has them: press", link{Text: "Use now", To: "/setupsmtp.html#usenow"}}

// emailWarnings is what is allowed and won't send.
func (p *pages) emailWarnings() []notice {
	use := p.Module.Working()
	var missing []string
	if !use.Server.Is4() || use.Server == netip.IPv4Unspecified() {
		missing = append(missing, "a server address")
	}
	if use.Sender.IsZero() {
		missing = append(missing, "a sender address")
	}
	if missing == nil {
		return nil
	}
	n := notice{Text: "Missing from the values in use: " + strings.Join(missing, ", ") + ". Every mail ends in error 24 until that is set."}
	if p.Store.Email().Complete() {
		n = n.then(romHas)
	}
	return []notice{n}
}

// compare sets ROM and the values in use side by side.
func (p *pages) compare(rom, use settings.Email) []comparison {
	var list []comparison
	for _, s := range p.emailSettings() {
		a, b := s.get(rom), s.get(use)
		c := comparison{s.Label, []string{shown(a)}, []string{shown(b)}, a != b}
		if s.Name == ccSetting.Name {
			c.ROM, c.InUse = ccLines(rom.Cc), ccLines(use.Cc)
		}
		list = append(list, c)
	}
	return list
}

// Bounds of a list of addresses where it is only shown, in bytes.
const (
	maxCcFact  = 200  // on the main page
	maxCcLines = 4200 // in ROM, and the same in use, so that the page stays under 30 KB
)

// ccLines is a list of addresses, one a line. Fifty of a usual length are all there.
func ccLines(list []mailaddr.Address) []string {
	some, more := fitting(list, maxCcLines)
	if more != "" {
		some = append(some, more)
	}
	if some == nil {
		return []string{shown("")}
	}
	return some
}

// ccFact is a list of addresses in a line, cut between two of them.
func ccFact(list []mailaddr.Address) string {
	some, more := fitting(list, maxCcFact)
	return shown(strings.Trim(strings.Join(some, ", ")+" "+more, " "))
}

// fitting is as many addresses as a length in bytes has room for, and a few words
// about the others.
func fitting(list []mailaddr.Address, most int) (some []string, more string) {
	for i, a := range list {
		text := a.String()
		if most -= len(html.EscapeString(text)) + len("<br>"); most < 0 && i > 0 {
			return some, fmt.Sprintf("and %d more", len(list)-i)
		}
		some = append(some, text)
	}
	return some, ""
}

// maxShown bounds a value where it is only shown, in bytes.
const maxShown = 600

// shown is a value as the original shows one.
func shown(text string) string {
	if text == "" {
		return "-- undefined --"
	}
	return short(text, maxShown)
}

func (p *pages) useNowForm(r *http.Request) form {
	f := form{ID: "usenow", Action: "/usenow.html", Submit: "Use now"}
	p.finish(&f, r)
	return f
}

func (p *pages) showEmail(w http.ResponseWriter, r *http.Request, status int, f, useNow form, v view) {
	rom, use := p.Store.Email(), p.Module.Working()
	v.Content = emailSheet{
		Form: f, Rows: p.compare(rom, use), Differs: !rom.Equal(use), UseNow: useNow,
		Test: p.testForm(r), Sending: p.sending(),
	}
	p.show(w, r, status, "email", v)
}

// useNow takes the values in use from ROM.
func (p *pages) useNow(w http.ResponseWriter, r *http.Request) {
	if !p.takesForm(w, r) {
		return
	}
	f := p.useNowForm(r)
	p.unlock(&f, r)
	if len(f.faults()) > 0 {
		e := p.emailEditor()
		p.showEmail(w, r, f.status(), e.filled(r, p), f, view{Title: e.title, Nothing: "Nothing has changed", Faults: f.faults(), Warnings: p.emailWarnings()})
		return
	}
	p.Module.Restore()
	p.Log.Info("values in use restored from ROM", "from", from(r))
	http.Redirect(w, r, "/setupsmtp.html?note=used", http.StatusSeeOther)
}

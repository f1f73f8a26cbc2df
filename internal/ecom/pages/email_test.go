package pages_test

import (
	"io/fs"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/internal/ecom/pages"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// example is what seeds/000 section 6 writes into the EMail Setup page.
var example = []string{
	"server", "192.168.0.1", "name", "Machine A-42F", "sender", "PLC@acme.com",
	"cc", "supervisor@acme.com, maintenance@acme.com,\r\njoe@acme.com, joe@yahoo.com", "port", "25", "timeout", "90",
}

// TestTheEMailSetupOfTheSource: Send writes ROM, and the values in use stay until
// somebody uses them.
func TestTheEMailSetupOfTheSource(t *testing.T) {
	email, setup := blank()
	b := newBench(t, email, setup, nil)
	b.get("/setupsmtp.html").shows(t, http.StatusOK,
		"Server IP Address: required", "Sender Name: optional", "Sender EMail Address: required", "Cc: optional",
		"Port (default=25): required", "Timeout (default=60 sec): required", "Back", "Send", "Reset",
		"Missing from the values in use: a server address, a sender address. Every mail ends in error 24", "The values in use are those in ROM.", "!Time Zone",
	)
	b.post("/setupsmtp.html", example...).goes(t, "/setupsmtp.html?note=only")
	want := settings.Email{
		Server: netip.MustParseAddr("192.168.0.1"), Port: 25, Name: "Machine A-42F", Sender: addr("PLC@acme.com"), Timeout: 90 * time.Second,
		Cc: []mailaddr.Address{addr("supervisor@acme.com"), addr("maintenance@acme.com"), addr("joe@acme.com"), addr("joe@yahoo.com")},
	}
	if got := b.config.Store.Email(); !got.Equal(want) {
		t.Errorf("ROM has %+v, want %+v", got, want)
	}
	if got := b.Working(); !got.Equal(email) {
		t.Errorf("the values in use are %+v", got)
	}
	b.get("/setupsmtp.html?note=only").shows(t, http.StatusOK,
		"Written to ROM. The values in use have not changed: use them now, or at the next power-up.",
		"Server IP Address 192.168.0.1 0.0.0.0 differs", "Sender EMail Address PLC@acme.com -- undefined -- differs", "Port (default=25) 25 25 same", "Use now",
	)
	b.get("/").shows(t, http.StatusOK, "The values in use differ", "Timeout: 90 seconds")

	b.post("/usenow.html").goes(t, "/setupsmtp.html?note=used")
	if got := b.Working(); !got.Equal(want) {
		t.Errorf("after Use now the values in use are %+v", got)
	}
	b.get("/setupsmtp.html?note=used").shows(t, http.StatusOK, "The values in use are now those in ROM.", "!Missing", "!differs")
	b.post("/setupsmtp.html", example...).goes(t, "/setupsmtp.html?note=same")
}

// TestFaultsStandBesideTheirFields, all at once, and nothing typed is lost.
func TestFaultsStandBesideTheirFields(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, func(c *pages.Config) { c.Identity.Firmware = "4.0.2148" })
	a := b.post("/setupsmtp.html", "server", "mail.example.com", "name", "Press <4>", "sender", "nobody", "cc", "a@b, c d", "port", "65536", "timeout", "0", "zone", "CET")
	a.shows(t, http.StatusUnprocessableEntity, "Nothing has changed")
	a.has(t, `value="mail.example.com"`, `value="Press &lt;4&gt;"`, `value="nobody"`, "a@b, c d</textarea>", `value="65536"`, `value="0"`, `value="CET"`,
		`role="alert" tabindex="-1" autofocus`, `<a href="#email-server">`, `aria-invalid="true" aria-describedby="email-server-error email-server-help"`)
	for id, want := range map[string]string{
		"email-server": "Write an IPv4 address", "email-name": "", "email-sender": "@", "email-cc": "address 2",
		"email-port": "A port is 1 to 65535", "email-timeout": "The timeout is 1 to 3600 seconds", "email-zone": "such as &#43;01:00",
	} {
		if got := a.beside(id); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("beside %s stands %q, want %q", id, got, want)
		}
	}
	if !b.config.Store.Email().Equal(email) {
		t.Error("ROM has changed")
	}
}

func TestOneWrongField(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	for _, r := range [][3]string{
		{"server", "", "Write an IPv4"},
		{"server", "::1", "Write an IPv4"},
		{"server", "192.168.000.001", "Write an IPv4"},
		{"name", strings.Repeat("x", settings.MaxName+1), "over 64 characters"},
		{"name", "a\x00b", "control character"},
		{"sender", "", "Write the address that mails come from"},
		{"sender", "pl\u00e7@example.com", "must be ASCII"},
		{"cc", "a@example.com,,b@example.com", "2"},
		{"cc", strings.Repeat("a@example.com,", settings.MaxCc) + "a@example.com", "over the limit of 50"},
		{"port", "-1", "1 to 65535"},
		{"port", "", "1 to 65535"},
		{"timeout", "3601", "1 to 3600"},
		{"timeout", "60s", "1 to 3600"},
	} {
		a := b.post("/setupsmtp.html", r[0], r[1])
		if got := a.beside("email-" + r[0]); a.Code != http.StatusUnprocessableEntity || !strings.Contains(got, r[2]) {
			t.Errorf("%s %q: %d, %q; want %q", r[0], r[1], a.Code, got, r[2])
		}
		if strings.Contains(a.body, "invalid set-up") {
			t.Errorf("%s: the words of an error value are on the page", r[0])
		}
	}
}

// TestAFieldThatWasntSentStaysAsItIs, as with ECEMSUP.
func TestAFieldThatWasntSentStaysAsItIs(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	b.post("/setupsmtp.html", "timeout", "120").goes(t, "/setupsmtp.html?note=only")
	want := email
	want.Timeout = 2 * time.Minute
	if got := b.config.Store.Email(); !got.Equal(want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestADiskThatFails(t *testing.T) {
	for _, r := range []struct {
		err  error
		want string
	}{
		{&fs.PathError{Op: "open", Path: "/var/secret-place/email.json", Err: syscall.ENOSPC}, syscall.ENOSPC.Error()},
		{fs.ErrClosed, "the log of the server says why"},
	} {
		email, setup := ready()
		b := newBench(t, email, setup, nil)
		b.disk.fail(r.err)
		a := b.post("/setupsmtp.html", "name", "Ringo", "timeout", "120")
		a.shows(t, http.StatusInternalServerError, "ROM could not be written: "+r.want, "See to the disk of the server", "!secret-place")
		a.has(t, `value="Ringo"`, `value="120"`)
		if !b.config.Store.Email().Equal(email) {
			t.Error("ROM has changed")
		}
		a = b.post("/setupname.html", "name", "Ringo")
		a.shows(t, http.StatusInternalServerError, "ROM could not be written")
		b.disk.fail(nil)
		b.post("/setupname.html", "name", "Ringo").goes(t, "/setupname.html?note=rom")
	}
}

func TestTheTimeZoneOffset(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, func(c *pages.Config) { c.Identity.Firmware = "4.0.2128" })
	b.post("/setupsmtp.html", "zone", "-0530").goes(t, "/setupsmtp.html?note=only")
	if diff := cmp.Diff(settings.Zone{Known: true, Minutes: -330}, b.config.Store.Email().Zone); diff != "" {
		t.Error(diff)
	}
	b.get("/setupsmtp.html").has(t, `value="-05:30"`)
	b.post("/setupsmtp.html", "zone", "").goes(t, "/setupsmtp.html?note=same")
	if got := b.config.Store.Email().Zone; got != (settings.Zone{}) {
		t.Errorf("%+v", got)
	}
}

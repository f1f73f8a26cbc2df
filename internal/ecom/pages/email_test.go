package pages_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/netip"
	"regexp"
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
		"Written to ROM. The values in use have not changed, and mails still end in error 24: some are missing.",
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
	a.shows(t, http.StatusUnprocessableEntity, "Nothing was written: please see to this first")
	a.has(t, `value="mail.example.com"`, `value="Press &lt;4&gt;"`, `value="nobody"`, "a@b, c d</textarea>", `value="65536"`, `value="0"`, `value="CET"`,
		`role="alert" tabindex="-1" autofocus`, `<a href="#email-server">`, `aria-invalid="true" aria-describedby="email-server-error email-server-help"`)
	for id, want := range map[string]string{
		"email-server": "Write an IPv4 address", "email-name": "", "email-sender": "@", "email-cc": "&#34;c d&#34;: ",
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
		{"cc", "a@example.com,,b@example.com", "a comma too many after &#34;a@example.com&#34;: take it out"},
		{"cc", ",a@example.com", "a comma before the first address"},
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
	b.get("/setupsmtp.html?note=only").shows(t, http.StatusOK, "Written to ROM. The values in use have not changed: use them now, or at the next power-up.", "!ROM has them")
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

// useNow is the sentence that leads out of error 24, as the source of a page has it.
const useNow = `ROM has them: press <a href="/setupsmtp.html#usenow">Use now</a>.`

// TestNobodyStaysAtError24: people press Send and forget Use now.
func TestNobodyStaysAtError24(t *testing.T) {
	email, setup := blank()
	b := newBench(t, email, setup, nil)
	b.get("/setupsmtp.html").shows(t, http.StatusOK, "Every mail ends in error 24 until that is set.", "!ROM has them")
	b.post("/testmail.html")
	b.get("/testmail.html").shows(t, http.StatusOK, "Error Code 24 (K18)", "Missing from the values in use: a server address, a sender address.", "!ROM has them")

	b.post("/setupsmtp.html", example...).goes(t, "/setupsmtp.html?note=only")
	a := b.get("/setupsmtp.html?note=only")
	a.has(t, `id="usenow"`, "The values in use have not changed, and mails still end in error 24: some are missing. "+useNow+"</p>", "error 24 until that is set. "+useNow+"</p>")
	b.get("/").has(t, useNow)
	b.post("/testmail.html")
	a = b.get("/testmail.html")
	a.has(t, useNow)
	if strings.Index(a.body, useNow) > strings.Index(a.body, "Causes, the likeliest first") {
		t.Error("what to do comes after what it may be")
	}
	b.post("/usenow.html")
	b.get("/setupsmtp.html?note=only").shows(t, http.StatusOK, "!ROM has them")
	b.get("/testmail.html").shows(t, http.StatusOK, "Error Code 24", "!ROM has them")
}

func TestALongCcIsShownWhole(t *testing.T) {
	email, setup := ready()
	email.Cc = nil
	for i := range settings.MaxCc {
		email.Cc = append(email.Cc, addr(fmt.Sprintf("somebody.%02d@maintenance.example.com", i)))
	}
	b := newBench(t, email, setup, nil)
	a := b.get("/setupsmtp.html")
	a.has(t, "somebody.00@maintenance.example.com<br>somebody.01@maintenance.example.com<br>", "<br>somebody.49@maintenance.example.com</td>")
	if got := strings.Count(a.body, "somebody.49@"); got != 3 { // the form, ROM and in use
		t.Errorf("the last address is there %d times", got)
	}
	// On the main page the list is cut, between two addresses.
	b.get("/").shows(t, http.StatusOK, "somebody.00@maintenance.example.com, ", "somebody.04@maintenance.example.com and 45 more", "!somebody.05")

	// What only the last address tells apart is told apart.
	other := email
	other.Cc = append(other.Cc[:49:49], addr("x@example.com"))
	if err := b.config.Store.WriteEmail(other); err != nil {
		t.Fatal(err)
	}
	if got := regexp.MustCompile(`<tr class="differs"><th scope="row">([^<]*)`).FindAllString(b.get("/setupsmtp.html").body, -1); len(got) != 1 || !strings.HasSuffix(got[0], ">Cc") {
		t.Errorf("%q differ", got)
	}
}

// TestTheLongestCcMakesNoBigPage: 50 addresses of 254 bytes.
func TestTheLongestCcMakesNoBigPage(t *testing.T) {
	email, setup := ready()
	email.Cc = nil
	for range settings.MaxCc {
		email.Cc = append(email.Cc, addr(strings.Repeat("a", 64)+"@"+strings.Repeat(strings.Repeat("b", 47)+".", 3)+strings.Repeat("c", 45)))
	}
	b := newBench(t, email, setup, func(c *pages.Config) { c.Identity.Firmware, c.Password = "4.0.2148", right("x") })
	b.post("/testmail.html", "password", "x", "body", strings.Repeat("<", 580)).goes(t, "/testmail.html") // and stays in the form
	a := b.get("/setupsmtp.html")
	a.has(t, strings.Repeat("&lt;", 580))
	a.shows(t, http.StatusOK, "and 34 more")
	if len(a.body) > 30<<10 {
		t.Errorf("the page has %d bytes", len(a.body))
	}
}

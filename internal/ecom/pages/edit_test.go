package pages_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/ecom/pages"
)

// TestResetAfterARefusedSendIsROM: in the source Reset restores "the initial values
// before you did any editing".
func TestResetAfterARefusedSendIsROM(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	for _, page := range []string{"/setupsmtp.html", "/peers.html?from=8", "/setupname.html"} {
		const button, link = `<button type="reset">Reset</button>`, `<a class="button" href="%s">Reset</a>`
		b.get(page).has(t, button)
		a := b.post(page, "server", "x", "peer8-protocol", "x", "name", "a\nb")
		a.has(t, fmt.Sprintf(link, page))
		if a.Code != http.StatusUnprocessableEntity || strings.Contains(a.body, button) {
			t.Errorf("%s: %d: %s", page, a.Code, a.body)
		}
	}
}

// made is the fingerprint in a page's form.
func made(t *testing.T, a answer) string {
	t.Helper()
	m := regexp.MustCompile(`name="made" value="([0-9a-f]{16})"`).FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no fingerprint in %s", a.body)
	}
	return m[1]
}

// TestTwoTabs: what one wrote the other doesn't overwrite unseen.
func TestTwoTabs(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	for page, field := range map[string]string{"/setupname.html": "name", "/setupsmtp.html": "name", "/peers.html?from=8": "peer8-unit"} {
		more := []string{"peer8-protocol", "Modbus TCP", "peer8-ip", "10.0.0.8"}
		opened := made(t, b.get(page))
		for range 2 { // the button is pressed twice
			if a := b.post(page, append(more, "made", opened, field, "1")...); a.Code != http.StatusSeeOther {
				t.Errorf("%s: %d: %s", page, a.Code, a.words())
			}
		}
		a := b.post(page, append(more, "made", opened, field, "2")...)
		a.shows(t, http.StatusConflict, "Nothing was written", "ROM has changed since this page was opened; Send again to overwrite it.")
		a.has(t, `value="2"`, `>Reset</a>`, "<title>Error: ")
		if again := b.get(page); strings.Contains(again.body, `value="2"`) || !strings.Contains(again.body, `value="1"`) {
			t.Errorf("%s: ROM was overwritten", page)
		}
		if a = b.post(page, append(more, "made", made(t, a), field, "2")...); a.Code != http.StatusSeeOther {
			t.Errorf("%s: sent again it is answered %d: %s", page, a.Code, a.words())
		}
		b.get(page).has(t, `value="2"`)
	}
}

// TestARefusedFormKeepsItsFingerprint: mending a typing error is no look at ROM.
func TestARefusedFormKeepsItsFingerprint(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	opened := made(t, b.get("/setupname.html"))
	b.post("/setupname.html", "name", "Paul").goes(t, "/setupname.html?note=rom") // a script has no fingerprint
	a := b.post("/setupname.html", "made", opened, "name", "a\nb")
	if got := made(t, a); got != opened {
		t.Errorf("%s, want %s", got, opened)
	}
	b.post("/setupname.html", "made", opened, "name", "Ringo").shows(t, http.StatusConflict)
	b.post("/setupname.html", "made", strings.Repeat("x", 1000), "name", "Ringo").shows(t, http.StatusConflict)
	// Another page's values are no business of this one.
	opened = made(t, b.get("/setupname.html"))
	b.post("/setupdescription.html", "description", "Bass").goes(t, "/setupdescription.html?note=rom")
	b.post("/setupname.html", "made", opened, "name", "Ringo").goes(t, "/setupname.html?note=rom")
}

// TestTheLogSaysWhoDidWhat in short lines, without a password, a subject or a body.
func TestTheLogSaysWhoDidWhat(t *testing.T) {
	email, setup := ready()
	var log bytes.Buffer
	b := newBench(t, email, setup, func(c *pages.Config) {
		c.Password, c.MayWrite = right("s3cret"), func(netip.Addr) bool { return true }
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
	}, "rcpt=550 5.7.1 relaying denied")
	lines := func(want ...string) {
		t.Helper()
		if got := strings.TrimSpace(log.String()); got != strings.Join(want, "\n") {
			t.Errorf("the log has\n%s\nwant\n%s", got, strings.Join(want, "\n"))
		}
		log.Reset()
	}
	b.post("/setupsmtp.html", "name", "Ringo", "timeout", "60", "password", "s3cret")
	lines(`level=INFO msg="ROM written" page=/setupsmtp.html from=127.0.0.1 changed=name,timeout`)
	b.post("/usenow.html", "password", "s3cret")
	lines(`level=INFO msg="values in use restored from ROM" from=127.0.0.1`)
	b.post("/testmail.html", "subject", "s3cret subject", "password", "s3cret")
	b.get("/testmail.html")
	b.get("/testmail.html")
	lines(`level=INFO msg="test mail begun" from=127.0.0.1`, `level=INFO msg="test mail ended" conversation=c1 status=550 said="550 5.7.1 relaying denied"`)
	opened := made(t, b.get("/setupname.html"))
	b.post("/setupname.html", "name", "Paul", "password", "s3cret")
	b.post("/setupname.html", "name", "Ringo", "made", opened, "password", "s3cret")
	lines(`level=INFO msg="ROM written" page=/setupname.html from=127.0.0.1 changed=name`,
		`level=INFO msg="ROM not written: it has changed since the page was opened" page=/setupname.html from=127.0.0.1`)
	for range 8 {
		b.post("/setupname.html", "password", "guess-17")
	}
	b.post("/setupname.html", "password", "")
	wrong := `level=WARN msg="wrong password" page=/setupname.html from=127.0.0.1`
	lines(wrong, wrong, wrong, wrong, wrong, `level=WARN msg="too many wrong passwords: none is judged for up to a minute" from=127.0.0.1`)
	b.pass(time.Minute)
	b.post("/setupname.html", "password", "s3cret")
	lines(`level=INFO msg="ROM written" page=/setupname.html from=127.0.0.1 changed=""`)
}

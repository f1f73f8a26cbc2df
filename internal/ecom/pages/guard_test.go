package pages_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/ecom/pages"
)

func TestHostIsAnAddressOrOneOfOurNames(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, func(c *pages.Config) { c.Hosts = []string{"press-4.plant.example"} })
	for host, want := range map[string]int{
		"192.168.12.86": 200, "192.168.12.86:8081": 200, "[::1]:80": 200, "[::1]": 200, "localhost": 200, "LOCALHOST:8081": 200,
		"Press-4.plant.example:80": 200, "evil.example": 421, "press-4.plant.example.evil.example": 421, "": 421, "127.0.0.1.evil.example:80": 421,
	} {
		a := b.ask(http.MethodGet, "/", "", func(r *http.Request) { r.Host = host })
		if a.Code != want {
			t.Errorf("%q is answered %d, want %d", host, a.Code, want)
		}
		if want == http.StatusMisdirectedRequest && (strings.Contains(a.body, "Barry") || !strings.Contains(a.body, "use the IP address instead, or add the name to hosts in this module's [[rack.module]] of the plant file.")) {
			t.Errorf("%q hears %q", host, a.body)
		}
	}
}

func TestEveryAnswerTellsTheBrowserWhatItMayDo(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	for _, page := range []string{"/", "/style.css", "/setupsmtp.html", "/nowhere"} {
		h := b.get(page).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Content-Type-Options":  "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", page, name, got, want)
			}
		}
	}
}

func TestMethods(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	for _, r := range []struct {
		method, page string
		want         int
		allow        string
	}{
		{"HEAD", "/", 200, ""},
		{"POST", "/", 405, "GET, HEAD"},
		{"GET", "/usenow.html", 405, "POST"},
		{"PUT", "/setupsmtp.html", 405, "GET, HEAD, POST"},
		{"OPTIONS", "/", 405, "GET, HEAD"},
		{"DELETE", "/testmail.html", 405, "GET, HEAD, POST"},
		{"GET", "/setupsmtp.html/", 404, ""},
	} {
		a := b.ask(r.method, r.page, "")
		if a.Code != r.want || a.Header().Get("Allow") != r.allow {
			t.Errorf("%s %s: %d, allow %q; want %d, %q", r.method, r.page, a.Code, a.Header().Get("Allow"), r.want, r.allow)
		}
	}
}

func TestAFormOfAnotherSiteChangesNothing(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"} {
		b.ask(http.MethodPost, "/setupname.html", "name=Mallory", func(r *http.Request) { r.Header.Set(name, value) }).
			shows(t, http.StatusForbidden, "This came from another site")
	}
	if got := b.config.Store.Setup().Name; got != "Barry" {
		t.Errorf("the name is %q", got)
	}
	b.ask(http.MethodPost, "/setupname.html", "name=Ringo", func(r *http.Request) {
		r.Header.Set("Origin", "http://192.168.12.86")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}).goes(t, "/setupname.html?note=rom")
}

func TestWhoMayOnlyLook(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, func(c *pages.Config) {
		c.MayWrite = func(a netip.Addr) bool { return a == netip.MustParseAddr("10.0.0.7") }
	})
	for _, page := range []string{"/setupsmtp.html", "/usenow.html", "/testmail.html", "/setupname.html", "/setupid.html", "/setupip.html", "/peers.html?from=8"} {
		b.post(page, "name", "Mallory").shows(t, http.StatusForbidden, "You may not change this", "write_allow in the plant file")
	}
	if b.config.Store.Setup().Name != "Barry" || !b.Test().Begun.IsZero() {
		t.Error("something changed")
	}
	b.ask(http.MethodPost, "/setupname.html", "name=Ringo", func(r *http.Request) {
		r.RemoteAddr = "[::ffff:10.0.0.7]:99"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}).goes(t, "/setupname.html?note=rom")
}

func TestOnlyLoopbackWritesUnlessToldOtherwise(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	for from, want := range map[string]int{"127.0.0.1:1": 303, "[::1]:1": 303, "192.168.1.1:1": 403, "garbage": 403, "": 403} {
		if a := b.ask(http.MethodPost, "/setupname.html", "", func(r *http.Request) { r.RemoteAddr = from }); a.Code != want {
			t.Errorf("%q: %d, want %d", from, a.Code, want)
		}
	}
}

func TestFormsAreBounded(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	b.post("/setupname.html", "name", strings.Repeat("a", 64<<10)).shows(t, http.StatusRequestEntityTooLarge, "64 KiB")
	b.ask(http.MethodPost, "/setupname.html", "name=%zz", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }).
		shows(t, http.StatusBadRequest, "couldn&#39;t read")
	if got := b.config.Store.Setup().Name; got != "Barry" {
		t.Errorf("the name is %q", got)
	}
}

// right is a password.
type right string

func (p right) Right(typed string) bool { return typed == string(p) }

func TestAWrongPasswordCostsNothingThatWasTyped(t *testing.T) {
	email, setup := ready()
	var log bytes.Buffer
	b := newBench(t, email, setup, func(c *pages.Config) {
		c.Password = right("s3cret")
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	b.get("/setupname.html").has(t, `type="password" id="name-password" name="password" autocomplete="current-password"`)
	a := b.post("/setupname.html", "name", "Ringo", "password", "guess-17")
	a.shows(t, http.StatusUnprocessableEntity)
	a.has(t, `value="Ringo"`)
	if got, want := a.beside("name-password"), "That is not the password."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if b.config.Store.Setup().Name != "Barry" {
		t.Error("the name changed")
	}
	a2 := b.post("/setupname.html", "name", "Ringo", "password", "s3cret")
	a2.goes(t, "/setupname.html?note=rom")
	for _, secret := range []string{"guess-17", "s3cret"} {
		if strings.Contains(a.body+a2.body+log.String(), secret) {
			t.Errorf("%q was echoed or logged: %s", secret, log.String())
		}
	}
}

func TestEveryChangeAsksForThePassword(t *testing.T) {
	email, setup := ready()
	for _, page := range []string{"/setupsmtp.html", "/usenow.html", "/testmail.html", "/setupname.html", "/setupdescription.html", "/setupid.html", "/setupip.html", "/peers.html?from=8"} {
		b := newBench(t, email, setup, func(c *pages.Config) { c.Password = right("s3cret") })
		b.post(page, "password", "guess").shows(t, http.StatusUnprocessableEntity, "That is not the password.")
		if !b.Test().Begun.IsZero() {
			t.Error("a test mail was sent")
		}
	}
}

// TestAtMostFiveWrongPasswordsAMinute: whoever has to wait doesn't hear whether it
// was right.
func TestAtMostFiveWrongPasswordsAMinute(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, func(c *pages.Config) { c.Password = right("s3cret") })
	for range 5 {
		b.post("/setupname.html", "name", "Ringo", "password", "guess").shows(t, http.StatusUnprocessableEntity, "That is not the password.")
		b.pass(10 * time.Second)
	}
	wrong, correct := b.post("/setupname.html", "name", "Ringo", "password", "guess"), b.post("/setupname.html", "name", "Ringo", "password", "s3cret")
	wrong.shows(t, http.StatusTooManyRequests, "Wait a minute", "!not the password")
	if wrong.body != correct.body || wrong.Code != correct.Code || wrong.Header().Get("Retry-After") != "60" {
		t.Error("the two answers differ, or don't say when to come back")
	}
	b.pass(10 * time.Second) // the first is a minute old
	b.post("/setupname.html", "name", "Ringo", "password", "s3cret").goes(t, "/setupname.html?note=rom")
	b.post("/setupname.html", "name", "Ringo", "password", "guess").shows(t, http.StatusUnprocessableEntity)
	b.post("/setupname.html", "name", "Ringo", "password", "guess").shows(t, http.StatusTooManyRequests)
}

func TestOnlyFormsArePosted(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	for _, kind := range []string{"", "text/plain", "application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; =", "garbage"} {
		for _, page := range []string{"/setupname.html", "/usenow.html", "/testmail.html"} {
			a := b.ask(http.MethodPost, page, "name=Mallory", func(r *http.Request) { r.Header.Set("Content-Type", kind) })
			a.shows(t, http.StatusUnsupportedMediaType, "application/x-www-form-urlencoded only")
		}
	}
	if b.config.Store.Setup().Name != "Barry" || !b.Test().Begun.IsZero() {
		t.Error("something changed")
	}
	b.ask(http.MethodPost, "/setupname.html", "name=Ringo", func(r *http.Request) {
		r.Header.Set("Content-Type", "Application/X-WWW-Form-urlencoded; charset=UTF-8")
	}).goes(t, "/setupname.html?note=rom")
}

func TestNoPasswordIsNoWrongOne(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, func(c *pages.Config) { c.Password = right("s3cret") })
	for range 10 {
		a := b.post("/setupname.html", "name", "Ringo", "password", "")
		if got := a.beside("name-password"); a.Code != http.StatusUnprocessableEntity || got != "Type the password." {
			t.Errorf("%d: %q", a.Code, got)
		}
	}
	b.post("/setupname.html", "name", "Ringo", "password", "s3cret").goes(t, "/setupname.html?note=rom")
}

package pages

import (
	"errors"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxForm bounds the body of a POST in bytes.
const maxForm = 64 << 10

// formType is the one type of body that a POST may have.
const formType = "application/x-www-form-urlencoded"

// policy is what every answer says to the browser. Referrer-Policy isn't
// no-referrer: with that a browser sends "Origin: null" with a form, and on plain
// HTTP, where it sends no Sec-Fetch-Site either, a form of our own would look like
// a stranger's.
var policy = map[string]string{
	"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	"X-Content-Type-Options":  "nosniff",
	"Referrer-Policy":         "same-origin",
	"Cache-Control":           "no-store",
}

// guarded is a handler that only requests meant for this module reach: by one of
// its names, and no form of another site's.
func (p *pages) guarded(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.refuse(w, r, http.StatusForbidden, "This came from another site", "A page of another site sent this form. Open the module's own page and send it from there.")
	}))
	next = cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range policy {
			w.Header().Set(name, value)
		}
		if !p.answersTo(r.Host) {
			// Another site's name may point here (DNS rebinding), so it hears nothing of
			// the module.
			http.Error(w, "Nothing answers to this name here: use the IP address instead, or add the name to hosts in this module's [[rack.module]] of the plant file.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// answersTo tells whether the Host of a request is an address or one of our names.
func (p *pages) answersTo(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return slices.ContainsFunc(append([]string{"localhost"}, p.Hosts...), func(own string) bool { return strings.EqualFold(own, name) })
}

// mayWrite tells whether who asks may change settings.
func (p *pages) mayWrite(r *http.Request) bool {
	asks, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && p.MayWrite(asks.Addr().Unmap())
}

// from is the address that a request came from, for the log.
func from(r *http.Request) string {
	if asks, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return asks.Addr().Unmap().String()
	}
	return r.RemoteAddr
}

// notYours is why buttons are off, and why a POST is refused.
const notYours = "Your address may look but not change anything: write_allow in the plant file, in this module's [[rack.module]], lists who may."

// takesForm reads the form of a POST. Where it doesn't come to that it has answered.
func (p *pages) takesForm(w http.ResponseWriter, r *http.Request) bool {
	if !p.mayWrite(r) {
		p.refuse(w, r, http.StatusForbidden, "You may not change this", notYours)
		return false
	}
	// Else the fields would all be missing, and a form without fields changes nothing
	// and says "Written".
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != formType {
		w.Header().Set("Accept", formType)
		p.refuse(w, r, http.StatusUnsupportedMediaType, "That is no form of this page", "The module takes "+formType+" only, as its own pages send it.")
		return false
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		p.refuse(w, r, http.StatusRequestEntityTooLarge, "That is too much", "A form may have 64 KiB. Go back and make it shorter.")
	case err != nil:
		p.refuse(w, r, http.StatusBadRequest, "That is no form", "The module couldn't read what the browser sent. Go back and send it again.")
	}
	return err == nil
}

// maxTries is how many wrong passwords a module takes in a minute, whoever sends
// them.
const maxTries = 5

// tries holds the latest wrong passwords, so that in no minute there are more than
// maxTries.
type tries struct {
	mu    sync.Mutex
	wrong [maxTries]time.Time // a ring
	next  int                 // the oldest
}

// The faults of a password.
const (
	noPassword    = "Type the password."
	wrongPassword = "That is not the password."
	waitPassword  = "There were too many wrong passwords. Wait a minute, then send again."
)

// fault judges a password; an empty fault is none, and last tells that nobody is
// heard for a while after this one. Who has to wait doesn't hear whether it was
// right; who typed nothing has guessed nothing.
func (t *tries) fault(now time.Time, password Password, typed string) (fault string, last bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.waiting(now):
		return waitPassword, false
	case typed == "":
		return noPassword, false
	case password.Right(typed):
		return "", false
	}
	t.wrong[t.next] = now
	t.next = (t.next + 1) % maxTries
	return wrongPassword, t.waiting(now)
}

// waiting tells whether the oldest of the latest wrong passwords is under a minute
// old.
func (t *tries) waiting(now time.Time) bool {
	oldest := t.wrong[t.next]
	return !oldest.IsZero() && now.Sub(oldest) < time.Minute
}

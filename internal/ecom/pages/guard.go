package pages

import (
	"errors"
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
			http.Error(w, "Nothing answers to this name here: use the IP address instead, or have the name added to those of the server.", http.StatusMisdirectedRequest)
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
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && p.MayWrite(from.Addr().Unmap())
}

// notYours is why buttons are off, and why a POST is refused.
const notYours = "Your address may look but not change anything: write_allow in the plant file, in this module's [[rack.module]], lists who may."

// takesForm reads the form of a POST. Where it doesn't come to that it has answered.
func (p *pages) takesForm(w http.ResponseWriter, r *http.Request) bool {
	if !p.mayWrite(r) {
		p.refuse(w, r, http.StatusForbidden, "You may not change this", notYours)
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
	wrongPassword = "That is not the password."
	waitPassword  = "There were too many wrong passwords. Wait a minute, then send again."
)

// fault judges a password; empty is none. Who has to wait doesn't hear whether it
// was right.
func (t *tries) fault(now time.Time, password Password, typed string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	oldest := t.wrong[t.next]
	if !oldest.IsZero() && now.Sub(oldest) < time.Minute {
		return waitPassword
	}
	if password.Right(typed) {
		return ""
	}
	t.wrong[t.next] = now
	t.next = (t.next + 1) % maxTries
	return wrongPassword
}

package hapserver

import (
	"net/netip"
	"time"

	"github.com/rungmail/rungmail/hap"
)

// Bounds of logins.
const (
	maxLogins  = 16
	loginStays = 10 * time.Minute // after the last request
	loginEvery = time.Second      // after a wrong one, from one address: a password is seven or eight digits
	maxWrong   = 256              // addresses that wait
)

// lock is the controller's password and who has given it. HAP knows no sessions, so
// a login holds for the address and port that it came from.
type lock struct {
	password hap.Password
	logins   map[netip.AddrPort]time.Time // until when
	wrong    map[netip.Addr]time.Time     // until when no try from there is looked at
}

// closed tells whether the controller is locked for someone's program.
func (l *lock) closed(now time.Time, from netip.AddrPort) bool {
	if l.password.IsZero() {
		return false
	}
	until, ok := l.logins[from]
	if !ok || now.After(until) {
		return true
	}
	l.logins[from] = now.Add(loginStays)
	return false
}

// locked tells whether memory is locked too: a password that begins with A locks
// the program alone.
func (l *lock) locked(now time.Time, from netip.AddrPort) bool {
	return !l.password.MultiLevel() && l.closed(now, from)
}

// open tries a password; a try that comes too soon after a wrong one from the same
// address is not looked at.
func (l *lock) open(now time.Time, from netip.AddrPort, p hap.Password) bool {
	switch {
	case l.password.IsZero():
		return true
	case now.Before(l.wrong[from.Addr()]):
		return false
	case !p.Equal(l.password):
		l.slow(now, from.Addr())
		return false
	}
	if l.logins == nil {
		l.logins = map[netip.AddrPort]time.Time{}
	}
	if _, again := l.logins[from]; !again {
		l.forget(now)
	}
	l.logins[from] = now.Add(loginStays)
	return true
}

// slow has an address wait after a wrong password, as far as there is room to
// remember it: those who may ask are few.
func (l *lock) slow(now time.Time, from netip.Addr) {
	for a, until := range l.wrong {
		if now.After(until) {
			delete(l.wrong, a)
		}
	}
	if l.wrong == nil {
		l.wrong = map[netip.Addr]time.Time{}
	}
	if len(l.wrong) < maxWrong {
		l.wrong[from] = now.Add(loginEvery)
	}
}

// forget makes room for a login: those that are over go, and else the oldest.
func (l *lock) forget(now time.Time) {
	var oldest netip.AddrPort
	for from, until := range l.logins {
		if now.After(until) {
			delete(l.logins, from)
		} else if !oldest.IsValid() || until.Before(l.logins[oldest]) {
			oldest = from
		}
	}
	if len(l.logins) >= maxLogins {
		delete(l.logins, oldest)
	}
}

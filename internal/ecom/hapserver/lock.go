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
	loginEvery = time.Second      // one try a second, whoever makes it: a password is seven or eight digits
)

// lock is the controller's password and who has given it. HAP knows no sessions, so
// a login holds for the address and port that it came from.
type lock struct {
	password hap.Password
	logins   map[netip.AddrPort]time.Time // until when
	next     time.Time                    // when the next try is looked at
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

// open tries a password; a try that comes too soon after another is not looked at.
func (l *lock) open(now time.Time, from netip.AddrPort, p hap.Password) bool {
	switch {
	case l.password.IsZero():
		return true
	case now.Before(l.next):
		return false
	}
	l.next = now.Add(loginEvery)
	if !p.Equal(l.password) {
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

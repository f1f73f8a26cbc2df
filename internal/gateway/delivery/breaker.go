package delivery

import (
	"sync"
	"time"
)

// Waits of a breaker.
const (
	breakFirst = 15 * time.Second
	breakMost  = 10 * time.Minute
	breakLogin = time.Hour // a refused login, tried often, may lock an account
)

// breaker keeps an upstream that fails from being tried by every message. After each
// wait one message tries it out.
type breaker struct {
	mu     sync.Mutex
	fails  int // one after the other; what failed together counts once
	until  time.Time
	trying bool
	login  bool
	why    string
}

// pass is the right of a message to try an upstream. Whoever has one must tell how it
// went, by worked, failed or gaveUp.
type pass struct{ trial bool }

// allow gives a pass, if the upstream may be tried now.
func (b *breaker) allow(now time.Time) (pass, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails == 0 {
		return pass{}, true
	}
	if now.Before(b.until) || b.trying {
		return pass{}, false
	}
	b.trying = true
	return pass{trial: true}, true
}

// well tells whether the upstream worked the last time, or may be tried out now.
func (b *breaker) well(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fails == 0 || !now.Before(b.until) && !b.trying
}

// opens tells whether the upstream worked the last time, and if not, how long it takes
// until it may be tried out.
func (b *breaker) opens(now time.Time) (well bool, wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.fails == 0:
		return true, 0
	case b.trying:
		return false, idleLook // whoever tries it says so
	}
	return false, max(0, b.until.Sub(now))
}

// worked notes that the upstream serves; it returns whether it didn't before.
func (b *breaker) worked() (again bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	again = b.fails > 0
	b.fails, b.trying, b.login, b.why, b.until = 0, false, false, "", time.Time{}
	return again
}

// failed notes that it doesn't, and why. Of messages that were under way together when
// it began to fail, the first counts.
func (b *breaker) failed(p pass, now time.Time, login bool, why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails > 0 && !p.trial && (b.login || !login) {
		return
	}
	wait := min(breakFirst<<min(b.fails, 10), breakMost)
	if login {
		wait = breakLogin
	}
	b.fails++
	b.login, b.why, b.until = login, why, now.Add(wait)
	if p.trial {
		b.trying = false
	}
}

// gaveUp notes that a message found out nothing about it.
func (b *breaker) gaveUp(p pass) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.trial {
		b.trying = false
	}
}

// reset lets it be tried at once.
func (b *breaker) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until = time.Time{}
}

// state is why it fails, and until when it isn't tried.
func (b *breaker) state() (why string, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.why, b.until
}

func (b *breaker) health(name string) Health {
	b.mu.Lock()
	defer b.mu.Unlock()
	return Health{Name: name, Well: b.fails == 0, Login: b.login, Until: b.until, Why: b.why}
}

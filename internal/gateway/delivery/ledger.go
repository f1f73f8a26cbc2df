package delivery

import (
	"slices"
	"sync"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// ledger counts, for each route, the older mail: live messages with a recipient on it
// that nobody waits for. It knows the messages under way, so that none is begun twice.
//
// Each change of a message is told once, in whatever order the tellers come; in
// between a count may be off by what wasn't told yet.
type ledger struct {
	routes []Route
	mu     sync.Mutex
	count  map[string]int // by route
	flying map[outbox.ID]*flight
}

// flight is a message under way.
type flight struct {
	routes  []string // of the recipients that wait
	counted bool     // on them; not while somebody waits for it
	dropped bool     // by a person, and told
}

func newLedger(routes []Route) ledger {
	return ledger{routes: routes, count: map[string]int{}, flying: map[outbox.ID]*flight{}}
}

func (l *ledger) older(r *Route) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count[r.Name]
}

// sum adds to, or takes from, the counts of routes.
func (l *ledger) sum(names []string, by int) {
	for _, name := range names {
		l.count[name] += by
	}
}

// names are the routes of a record's recipients that wait, each once.
func (l *ledger) names(r *outbox.Record) []string {
	if !r.State.Live() {
		return nil
	}
	var names []string
	for i := range r.To {
		if r.To[i].Fate != outbox.Waiting {
			continue
		}
		if route := route(l.routes, r, r.To[i].Address); route != nil && !slices.Contains(names, route.Name) {
			names = append(names, route.Name)
		}
	}
	return names
}

// add counts a message that has become live.
func (l *ledger) add(r outbox.Record) {
	names := l.names(&r)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sum(names, 1)
	if f := l.flying[r.ID]; f != nil && !f.counted {
		*f = flight{routes: names, counted: true}
	}
}

// begin notes that a message is under way. One that was claimed counts already; one
// that somebody waits for doesn't yet. False where it is under way.
func (l *ledger) begin(r outbox.Record, claimed bool) bool {
	f := &flight{routes: l.names(&r), counted: claimed}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.flying[r.ID] != nil {
		return false
	}
	l.flying[r.ID] = f
	return true
}

// forget takes begin back.
func (l *ledger) forget(id outbox.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.flying, id)
}

// late tells that nobody waits any more for a message under way.
func (l *ledger) late(id outbox.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.flying[id]; f != nil && !f.counted && !f.dropped {
		f.counted = true
		l.sum(f.routes, 1)
	}
}

// drop tells that a person has taken a message out, which was as given before.
func (l *ledger) drop(before outbox.Record) {
	names := l.names(&before)
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.flying[before.ID]
	if f == nil {
		l.sum(names, -1)
		return
	}
	if f.counted {
		l.sum(f.routes, -1)
	}
	f.counted, f.dropped = false, true
}

// finish tells that a message is no longer under way, and how it is now. That it was
// dropped is counted by whoever did it.
func (l *ledger) finish(r outbox.Record) {
	names := l.names(&r)
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.flying[r.ID]
	if f == nil {
		return
	}
	delete(l.flying, r.ID)
	if f.counted && r.State != outbox.Dropped {
		l.sum(f.routes, -1)
	}
	switch {
	case f.dropped:
	case r.State != outbox.Dropped:
		l.sum(names, 1)
	case !f.counted:
		l.sum(f.routes, 1) // which whoever dropped it takes off
	}
}

package gateway

import (
	"sync"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// joinWithin is how long after a message that wasn't answered a resend of it joins it.
const joinWithin = 10 * time.Minute

// maxTwins bounds the messages that are remembered.
const maxTwins = 10000

// twins remembers the messages of the last minutes of which nobody knows what the
// device has heard: those whose reply couldn't be written, and those of before a
// start. A message that is just being answered isn't one: another that is the same is
// another then.
type twins struct {
	mu   sync.Mutex
	list map[[32]byte]twin
}

type twin struct {
	id outbox.ID
	at time.Time
}

func newTwins() *twins { return &twins{list: map[[32]byte]twin{}} }

func (t *twins) add(key [32]byte, id outbox.ID, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.list) >= maxTwins {
		for k, one := range t.list {
			if at.Sub(one.at) > joinWithin {
				delete(t.list, k)
			}
		}
	}
	if _, known := t.list[key]; known || len(t.list) < maxTwins {
		t.list[key] = twin{id, at}
	}
}

func (t *twins) find(key [32]byte, now time.Time) (outbox.ID, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one, ok := t.list[key]
	return one.id, ok && now.Sub(one.at) <= joinWithin
}

func (t *twins) remove(key [32]byte, id outbox.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.list[key].id == id {
		delete(t.list, key)
	}
}

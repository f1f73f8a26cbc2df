package delivery

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// books is a ledger beside what is really in a store. What was done to the store may be
// told later, and in any order.
type books struct {
	*rapid.T
	ledger   ledger
	messages []*entry
	untold   []func()
}

// entry is one message as it really is.
type entry struct {
	outbox.Record
	flying  bool // a worker has it
	noted   bool // its outcome is, and wasn't told yet
	waited  bool // somebody waits for it
	dropped bool // which wasn't told yet
}

func (b *books) routes() []Route {
	return []Route{{Name: "a", Recipients: []device.Pattern{{Domain: "a.example"}}}, {Name: "b", Recipients: []device.Pattern{{Domain: "b.example"}}}}
}

// pick draws a message that fits; nil where none does.
func (b *books) pick(fits func(*entry) bool) *entry {
	var list []*entry
	for _, m := range b.messages {
		if fits(m) {
			list = append(list, m)
		}
	}
	if len(list) == 0 {
		b.Skip("there is none")
	}
	return rapid.SampledFrom(list).Draw(b.T, "message")
}

func (b *books) later(tell func()) { b.untold = append(b.untold, tell) }

// now is a copy of a record as it stands.
func (m *entry) now() outbox.Record {
	r := m.Record
	r.To = slices.Clone(r.To)
	return r
}

func (b *books) put(waited bool) {
	m := &entry{Record: outbox.Record{ID: outbox.ID(fmt.Sprint(len(b.messages))), State: outbox.Queued}, waited: waited}
	for _, to := range rapid.SampledFrom([][]string{{"x@a.example"}, {"x@b.example", "x@a.example"}, {"x@a.example", "y@a.example"}, {"x@stranded.example"}}).Draw(b.T, "to") {
		m.To = append(m.To, outbox.Recipient{Address: mustParse(to), Fate: outbox.Waiting})
	}
	b.messages = append(b.messages, m)
	if !waited {
		r := m.now()
		b.later(func() { b.ledger.add(r) })
		return
	}
	m.flying = b.ledger.begin(m.now(), false)
}

func (b *books) claim() {
	m := b.pick(func(m *entry) bool { return m.State == outbox.Queued && !m.noted })
	if got := b.ledger.begin(m.now(), true); got == m.flying {
		b.Fatalf("under way %v, and begun %v", m.flying, got)
	}
	m.flying = true
}

func (b *books) late() {
	m := b.pick(func(m *entry) bool { return m.waited })
	m.waited = false
	b.ledger.late(m.ID)
}

func (b *books) hold() {
	m := b.pick(func(m *entry) bool { return m.State.Live() })
	m.State = rapid.SampledFrom([]outbox.State{outbox.Held, outbox.Queued}).Draw(b.T, "state")
}

func (b *books) drop() {
	m := b.pick(func(m *entry) bool { return m.State.Live() && !m.noted })
	before := m.now()
	m.State, m.dropped = outbox.Dropped, true
	b.later(func() { b.ledger.drop(before); m.dropped = false })
}

func (b *books) revive() {
	m := b.pick(func(m *entry) bool { return !m.State.Live() && !m.dropped && !m.noted })
	m.State, m.waited = outbox.Queued, false
	waits := false
	for i := range m.To {
		if m.To[i].Fate != outbox.Delivered {
			m.To[i].Fate, waits = outbox.Waiting, true
		}
	}
	if m.end(); !waits {
		b.Skip("everybody has it")
	}
	r := m.now()
	b.ledger.add(r)
}

func (b *books) outcome() {
	m := b.pick(func(m *entry) bool { return m.flying && !m.noted })
	m.noted = true
	if m.State != outbox.Dropped {
		for i := range m.To {
			if m.To[i].Fate == outbox.Waiting {
				m.To[i].Fate = rapid.SampledFrom([]outbox.Fate{outbox.Waiting, outbox.Delivered, outbox.Refused}).Draw(b.T, "fate")
			}
		}
		m.end()
	}
	r := m.now()
	b.later(func() {
		b.ledger.finish(r)
		m.flying, m.noted, m.waited = false, false, false
	})
}

// end makes a message done whose recipients all have it.
func (m *entry) end() {
	if !slices.ContainsFunc(m.To, func(to outbox.Recipient) bool { return to.Fate == outbox.Waiting }) {
		m.State = outbox.Done
	}
}

func (b *books) tell() {
	if len(b.untold) == 0 {
		b.Skip("all is told")
	}
	i := rapid.IntRange(0, len(b.untold)-1).Draw(b.T, "what")
	b.untold[i]()
	b.untold = slices.Delete(b.untold, i, i+1)
}

// compare tells everything, and compares.
func (b *books) compare() {
	for len(b.untold) > 0 {
		b.tell()
	}
	for _, route := range b.routes() {
		want := 0
		for _, m := range b.messages {
			if m.waited || !m.State.Live() {
				continue
			}
			if slices.Contains(b.ledger.names(&m.Record), route.Name) {
				want++
			}
		}
		if got := b.ledger.older(&route); got != want {
			b.Fatalf("route %s has %d older messages, want %d", route.Name, got, want)
		}
	}
}

// TestTheLedgerIsRightInEveryOrder: whatever is done to messages, and in whatever order
// it is told, in the end the count is that of the live messages that nobody waits for.
func TestTheLedgerIsRightInEveryOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &books{T: t}
		b.ledger = newLedger(b.routes())
		with := func(f func()) func(*rapid.T) {
			return func(t *rapid.T) {
				b.T = t
				f()
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"put": with(func() { b.put(false) }), "put and wait": with(func() { b.put(true) }), "claim": with(b.claim), "late": with(b.late),
			"hold": with(b.hold), "drop": with(b.drop), "revive": with(b.revive), "outcome": with(b.outcome), "tell": with(b.tell),
		})
		b.T = t
		b.compare()
	})
}

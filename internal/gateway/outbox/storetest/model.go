package storetest

import (
	"errors"
	"io"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/reply"
)

// entry is what the model knows of a message.
type entry struct {
	record outbox.Record
	rev    outbox.Rev
	until  time.Time // of its lease; zero without
	text   string
	purged bool // its content
}

// due is when it may be claimed; false where it isn't queued.
func (e *entry) due() (time.Time, bool) {
	if e.until.After(e.record.Next) {
		return e.until, e.record.State == outbox.Queued
	}
	return e.record.Next, e.record.State == outbox.Queued
}

// model is a store as simple as can be, beside the one under test.
type model struct {
	engine *Engine
	now    time.Time
	all    map[outbox.ID]*entry
	gone   map[outbox.ID]bool
	cursor outbox.Cursor
	seen   map[outbox.ID]outbox.Rev // by a reader that follows the changes
}

// checkModel does random things to an engine and to the model.
func checkModel(t *testing.T, open func(*testing.T) *Engine) {
	engine := open(t) // one for all runs, since opening flushes a lot
	defer engine.Close()
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{engine: engine, now: start, all: map[outbox.ID]*entry{}, gone: map[outbox.ID]bool{}, seen: map[outbox.ID]outbox.Rev{}}
		m.clear(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"":              m.check,
			"put":           m.put,
			"put again":     m.putAgain,
			"update":        m.update,
			"stale update":  m.staleUpdate,
			"outcome":       m.outcome,
			"answered":      m.answered,
			"claim":         m.claim,
			"purge content": m.purgeContent,
			"purge":         m.purge,
			"time passes":   m.pass,
			"reopen":        m.reopen,
			"follow":        m.follow,
		})
	})
}

func (m *model) store() outbox.Store { return m.engine.Store }

// clear takes out what an earlier run has left.
func (m *model) clear(t *rapid.T) {
	for {
		got, next, err := m.store().Changes(t.Context(), m.cursor, 100)
		must(t, err)
		for _, c := range got {
			if !c.Purged {
				must(t, m.store().Purge(t.Context(), c.ID, true))
			}
		}
		if next == m.cursor {
			return
		}
		m.cursor = next
	}
}

// any picks a message.
func (m *model) any(t *rapid.T) (outbox.ID, *entry) {
	if len(m.all) == 0 {
		t.Skip("nothing there")
	}
	id := rapid.SampledFrom(slices.Sorted(maps.Keys(m.all))).Draw(t, "id")
	return id, m.all[id]
}

func (m *model) write(t *rapid.T, text string) outbox.Content {
	c, err := m.store().NewContent()
	must(t, err)
	_, err = io.WriteString(c, text)
	must(t, err)
	return c
}

func must(t *rapid.T, err error) {
	if err != nil {
		t.Fatalf("%+v", err)
	}
}

func (m *model) put(t *rapid.T) {
	r := NewRecord(NewID())
	r.Next = m.now.Add(-time.Duration(rapid.IntRange(0, 100).Draw(t, "ago")) * time.Second)
	r.State = rapid.SampledFrom([]outbox.State{outbox.Queued, outbox.Queued, outbox.Held, outbox.Done}).Draw(t, "state")
	text := rapid.SampledFrom([]string{"", "short", string(make([]byte, outbox.SpoolOver+1))}).Draw(t, "text")
	var l outbox.Lease
	if rapid.Bool().Draw(t, "leased") {
		l = outbox.Lease{Owner: "intake", Until: m.now.Add(30 * time.Second)}
	}
	c := m.write(t, text)
	r.Size, r.Sum = c.Size(), c.Sum()
	rev, err := m.store().Put(t.Context(), r, c, l)
	must(t, err)
	m.all[r.ID] = &entry{record: r, rev: rev, until: l.Until, text: text}
}

func (m *model) putAgain(t *rapid.T) {
	id, e := m.any(t)
	rev, err := m.store().Put(t.Context(), NewRecord(id), m.write(t, "other"), outbox.Lease{})
	must(t, err)
	if rev != e.rev {
		t.Fatalf("put again gave revision %d, want %d", rev, e.rev)
	}
}

func (m *model) update(t *rapid.T) {
	id, e := m.any(t)
	r := e.record
	r.State = rapid.SampledFrom([]outbox.State{outbox.Queued, outbox.Held, outbox.Dropped, outbox.Expired}).Draw(t, "state")
	r.Next = m.now.Add(time.Duration(rapid.IntRange(-50, 50).Draw(t, "next")) * time.Second)
	rev, err := m.store().Update(t.Context(), id, e.rev, r)
	must(t, err)
	m.changed(t, e, r, rev)
}

// changed takes in a change that ended a lease.
func (m *model) changed(t *rapid.T, e *entry, r outbox.Record, rev outbox.Rev) {
	if rev <= e.rev {
		t.Fatalf("revision %d comes after %d", rev, e.rev)
	}
	e.record, e.rev, e.until = r, rev, time.Time{}
}

func (m *model) staleUpdate(t *rapid.T) {
	id, e := m.any(t)
	if _, err := m.store().Update(t.Context(), id, e.rev-1, NewRecord(id)); !errors.Is(err, outbox.ErrConflict) {
		t.Fatalf("an update with an old revision gives %v", err)
	}
}

func (m *model) outcome(t *rapid.T) {
	id, e := m.any(t)
	a := NewAttempt(m.now.Add(time.Minute))
	if rapid.Bool().Draw(t, "done") {
		a.State, a.Recipients[1].Fate = outbox.Done, outbox.Refused
	}
	got, rev, err := m.store().Outcome(t.Context(), id, a)
	must(t, err)
	r := e.record
	r.Take(a, m.now)
	if diff := Diff(r, got); diff != "" {
		t.Fatalf("the outcome (-want +got):\n%s", diff)
	}
	m.changed(t, e, r, rev)
}

func (m *model) answered(t *rapid.T) {
	id, e := m.any(t)
	if e.record.Answer != outbox.NotAnswered {
		t.Skip("it was answered")
	}
	code := reply.Reply{Code: 250, Lines: []string{"queued"}}
	must(t, m.store().Answered(t.Context(), id, outbox.AnsweredQueued, code))
	e.record.Answer, e.record.Code = outbox.AnsweredQueued, code
	deadline, tick := time.After(10*time.Second), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		r, rev, err := m.store().Get(t.Context(), id)
		must(t, err)
		if r.Answer == outbox.AnsweredQueued {
			e.rev = rev
			return
		}
		select {
		case <-deadline:
			t.Fatal("the answer is never noted")
		case <-tick.C:
		}
	}
}

func (m *model) claim(t *rapid.T) {
	m.claims(t, rapid.IntRange(0, 4).Draw(t, "n"), true)
}

// claims claims n messages, in order unless leases may have ended early.
func (m *model) claims(t *rapid.T, n int, ordered bool) {
	var want []time.Time
	for _, e := range m.all {
		if due, ok := e.due(); ok && !due.After(m.now) {
			want = append(want, due)
		}
	}
	slices.SortFunc(want, time.Time.Compare)
	want = want[:min(n, len(want))]
	claimed, err := m.store().Claim(t.Context(), "worker", m.now, time.Minute, n)
	must(t, err)
	if len(claimed) != len(want) {
		t.Fatalf("%d messages were claimed, want %d", len(claimed), len(want))
	}
	for i, c := range claimed {
		e := m.all[c.Record.ID]
		if e == nil {
			t.Fatalf("%s was claimed, which isn't there", c.Record.ID)
		}
		due, _ := e.due()
		if due.After(m.now) || ordered && !due.Equal(want[i]) {
			t.Fatalf("claim %d was due at %v, want %v", i, due, want[i])
		}
		if diff := Diff(e.record, c.Record); diff != "" || c.Rev <= e.rev {
			t.Fatalf("claimed with revision %d after %d (-want +got):\n%s", c.Rev, e.rev, diff)
		}
		e.rev, e.until = c.Rev, m.now.Add(time.Minute)
	}
}

func (m *model) purgeContent(t *rapid.T) {
	id, e := m.any(t)
	must(t, m.store().Purge(t.Context(), id, false))
	e.purged = true
}

func (m *model) purge(t *rapid.T) {
	id, _ := m.any(t)
	must(t, m.store().Purge(t.Context(), id, true))
	delete(m.all, id)
	m.gone[id] = true
}

func (m *model) pass(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "seconds")) * time.Second)
}

// reopen lets all leases end, since a store may end those of a service that is gone.
func (m *model) reopen(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "seldom") > 0 {
		t.Skip("it takes long")
	}
	m.engine.Store = m.engine.Reopen()
	m.now = m.now.Add(2 * time.Minute)
	m.claims(t, len(m.all), false)
}

// follow reads the changes as the index does.
func (m *model) follow(t *rapid.T) {
	for {
		got, next, err := m.store().Changes(t.Context(), m.cursor, 3)
		must(t, err)
		for _, c := range got {
			if c.Rev < m.seen[c.ID] {
				t.Fatalf("revision %d of %s comes after %d", c.Rev, c.ID, m.seen[c.ID])
			}
			m.seen[c.ID] = c.Rev
			if c.Purged {
				delete(m.seen, c.ID)
			}
		}
		if next == m.cursor {
			break
		}
		m.cursor = next
	}
	for id, e := range m.all {
		if m.seen[id] != e.rev {
			t.Fatalf("the changes came to revision %d of %s, which has %d", m.seen[id], id, e.rev)
		}
	}
	if len(m.seen) != len(m.all) {
		t.Fatalf("the changes leave %d messages, and there are %d", len(m.seen), len(m.all))
	}
}

// check compares all that can be read.
func (m *model) check(t *rapid.T) {
	var first time.Time
	some := false
	for _, e := range m.all {
		if due, ok := e.due(); ok && (!some || due.Before(first)) {
			first, some = due, true
		}
	}
	if len(m.all) > 0 {
		m.checkOne(t)
	}
	for id := range m.gone {
		if _, _, err := m.store().Get(t.Context(), id); !errors.Is(err, outbox.ErrNotFound) {
			t.Fatalf("a purged message gives %v", err)
		}
	}
	due, ok, err := m.store().Due(t.Context())
	must(t, err)
	if ok != some || some && !due.Equal(first) {
		t.Fatalf("due is %v, %v; want %v, %v", due, ok, first, some)
	}
}

// checkOne compares one message; over a run all have their turn.
func (m *model) checkOne(t *rapid.T) {
	id, e := m.any(t)
	r, rev, err := m.store().Get(t.Context(), id)
	must(t, err)
	if diff := Diff(e.record, r); diff != "" || rev != e.rev {
		t.Fatalf("it has revision %d, want %d (-want +got):\n%s", rev, e.rev, diff)
	}
	c, err := m.store().Content(t.Context(), id)
	if e.purged {
		if !errors.Is(err, outbox.ErrNotFound) {
			t.Fatalf("a purged content gives %v", err)
		}
		return
	}
	must(t, err)
	defer c.Close()
	if text, err := io.ReadAll(c); err != nil || string(text) != e.text {
		t.Fatalf("the content reads back as %d bytes, want %d; %v", len(text), len(e.text), err)
	}
}

// Package storetest is what any engine of the outbox must pass: a story for each
// sentence of [outbox.Store], and a property that compares an engine with a model over
// random operations, with the engine closed and opened again in between.
//
// It leaves to each engine's own tests what only that engine can suffer: a disk that
// is full or fails, and a service that is killed.
package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// Engine is a store under test.
type Engine struct {
	Store outbox.Store
	// Reopen closes the store and opens what it kept. Leases of before may be gone or
	// stand until their time is over.
	Reopen func() outbox.Store
	// Damage flips a bit of a message's content where the engine keeps it. The store
	// may be closed and opened again for that; nil where there is no way.
	Damage func(id outbox.ID) outbox.Store
	// Close closes it for good.
	Close func()
}

// Run puts an engine through everything. Each call of open gives an empty store.
func Run(t *testing.T, open func(t *testing.T) *Engine) {
	for _, story := range []struct {
		name string
		tell func(*scene)
	}{
		{"what is put is there whole", putIsThere},
		{"a large content goes in and out in pieces", largeContent},
		{"an empty content is one too", emptyContent},
		{"a put is idempotent", putTwice},
		{"a put can be cancelled before the store has it", putCancelled},
		{"a discarded content leaves nothing", discarded},
		{"what isn't there isn't found", notFound},
		{"an update needs the latest revision", updateCAS},
		{"an update ends a lease", updateEndsLease},
		{"an answer is noted whatever else has changed", answered},
		{"a message is born leased", bornLeased},
		{"a claim takes what is due, first what is due first", claimOrder},
		{"a claim leaves alone what isn't queued", claimQueuedOnly},
		{"a lease that is over is given to the next", leaseOver},
		{"an outcome ends an attempt", outcome},
		{"an outcome is accepted after its lease was lost", lateOutcome},
		{"an outcome takes back nothing that has ended", outcomeAfterEnd},
		{"a hold stays through an outcome", outcomeOfHeld},
		{"due is when a claim would find something", dueTimes},
		{"changes come in order, and the newest state of each", changesInOrder},
		{"changes go on where a cursor left off", changesGoOn},
		{"a purged content is gone and its record is kept", purgeContent},
		{"a purged message is gone, and the changes say so", purgeWhole},
		{"a damaged content is noticed before its first byte", damaged},
		{"everything is there after a restart", restart},
		{"a closed store says so", closed},
		{"each message is claimed by one worker", oneWorkerEach},
	} {
		t.Run(story.name, func(t *testing.T) {
			e := open(t)
			s := &scene{TB: t, Engine: e, ctx: t.Context()}
			story.tell(s)
			e.Close()
		})
	}
	t.Run("it does what a model does", func(t *testing.T) { checkModel(t, open) })
}

// scene is one store in one story.
type scene struct {
	testing.TB
	*Engine
	ctx context.Context
}

// Start is when stories begin.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// NewID is a fresh id.
func NewID() outbox.ID { return outbox.ID(uuid.Must(uuid.NewV7()).String()) }

func address(text string) mailaddr.Address {
	a, err := mailaddr.Parse(text)
	if err != nil {
		panic(err)
	}
	return a
}

// NewRecord is a record with something in each field, queued and due at start, to
// ann and bob.
func NewRecord(id outbox.ID) outbox.Record {
	return outbox.Record{
		ID: id, Received: start.Add(-time.Second), Device: "line-4", Peer: netip.MustParseAddr("192.0.2.4"), Helo: "192.168.12.86",
		From: address("plc@example.com"), Subject: "Schicht 3: \u00fcber Soll", MessageID: "<1@example.com>", UTF8: true, EightBit: true,
		To:      []outbox.Recipient{{Address: address("ann@example.com"), Fate: outbox.Waiting}, {Address: address(`"b o b"@example.org`), Fate: outbox.Waiting}},
		Repairs: []string{"a Date was added"}, Original: []byte("Subject: \xfcber\r\n"),
		Twin: sha256.Sum256([]byte(id)), State: outbox.Queued, Next: start, Expires: start.Add(72 * time.Hour),
	}
}

// NewAttempt is an attempt with a conversation, after which ann has her mail and bob
// waits until next.
func NewAttempt(next time.Time) outbox.Attempt {
	ok, later := reply.Reply{Code: 250, Enhanced: "2.0.0", Lines: []string{"2.0.0 Ok"}}, reply.Reply{Code: 450, Lines: []string{"mailbox", "busy \xff"}}
	to := NewRecord("").To
	to[0] = outbox.Recipient{Address: to[0].Address, Fate: outbox.Delivered, Reply: ok, By: "office", At: start}
	to[1].Reply, to[1].By, to[1].At = later, "office", start
	return outbox.Attempt{
		Upstream: "office", Began: start, Ended: start.Add(time.Second), Result: "delivered to 1 of 2", Reply: later, Recipients: to,
		Events: []conv.Event{
			{Conversation: "c1", Time: start, Side: conv.Self, Kind: conv.Opened, Text: "192.0.2.25:587"},
			{Conversation: "c1", Time: start.Add(time.Millisecond), Side: conv.Server, Kind: conv.Received, State: 2, Text: "220 hi", Code: 220},
			{Conversation: "c2", Time: start.Add(time.Second), Kind: conv.Ended, Code: -1},
		},
		State: outbox.Queued, Next: next,
	}
}

// must ends a story that can't go on.
func (s *scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// wants checks an error's kind.
func (s *scene) wants(err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("got the error %v, want %v", err, want)
	}
}

// content writes a content in pieces of a size.
func (s *scene) content(text []byte, piece int) outbox.Content {
	s.Helper()
	c, err := s.Store.NewContent()
	s.must(err)
	for chunk := range slices.Chunk(text, piece) {
		n, err := c.Write(chunk)
		s.must(err)
		if n != len(chunk) {
			s.Fatalf("wrote %d of %d bytes", n, len(chunk))
		}
	}
	return c
}

// put puts a record with a text as its content.
func (s *scene) put(r outbox.Record, text string, l outbox.Lease) outbox.Rev {
	s.Helper()
	rev, err := s.Store.Put(s.ctx, r, s.content([]byte(text), 1000), l)
	s.must(err)
	return rev
}

// queued puts a message that is due at next.
func (s *scene) queued(next time.Time) outbox.Record {
	s.Helper()
	r := NewRecord(NewID())
	r.Next = next
	s.put(r, "text of "+string(r.ID), outbox.Lease{})
	return s.get(r.ID)
}

func (s *scene) get(id outbox.ID) outbox.Record {
	s.Helper()
	r, _, err := s.Store.Get(s.ctx, id)
	s.must(err)
	return r
}

func (s *scene) rev(id outbox.ID) outbox.Rev {
	s.Helper()
	_, rev, err := s.Store.Get(s.ctx, id)
	s.must(err)
	return rev
}

func (s *scene) read(id outbox.ID) []byte {
	s.Helper()
	r, err := s.Store.Content(s.ctx, id)
	s.must(err)
	text, err := io.ReadAll(r)
	s.must(errors.Join(err, r.Close()))
	return text
}

func (s *scene) claim(owner string, now time.Time, n int) []outbox.Claimed {
	s.Helper()
	got, err := s.Store.Claim(s.ctx, owner, now, time.Minute, n)
	s.must(err)
	return got
}

// claims checks whom a claim gives.
func (s *scene) claims(now time.Time, n int, want ...outbox.ID) []outbox.Claimed {
	s.Helper()
	got := s.claim("worker", now, n)
	s.same("claimed", want, ids(got))
	return got
}

func ids(claimed []outbox.Claimed) []outbox.ID {
	var all []outbox.ID
	for _, c := range claimed {
		all = append(all, c.Record.ID)
	}
	return all
}

// same compares what a store gives with what is wanted. When a record was changed is
// the engine's clock's business.
func (s *scene) same(what string, want, got any) {
	s.Helper()
	if diff := Diff(want, got); diff != "" {
		s.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Diff compares records, but for when they were changed: a store may round a time to
// UTC, and give nil for an empty slice.
func Diff(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(outbox.Record{}, "Changed"),
		cmp.Comparer(func(a, b mailaddr.Address) bool { return a == b }), cmp.Comparer(func(a, b netip.Addr) bool { return a == b }))
}

// soon waits for something that a store may do after it has returned.
func (s *scene) soon(what string, ok func() bool) {
	s.Helper()
	deadline, tick := time.After(10*time.Second), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			s.Fatalf("never: %s", what)
		case <-tick.C:
		}
	}
}

package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/reply"
)

func putIsThere(s *scene) {
	r := NewRecord(NewID())
	text := strings.Repeat("0123456789\r\n", 90)
	rev := s.put(r, text, outbox.Lease{})
	got, gotRev, err := s.Store.Get(s.ctx, r.ID)
	s.must(err)
	r.Size, r.Sum = int64(len(text)), sha256.Sum256([]byte(text))
	s.same("the record", r, got)
	if gotRev != rev || rev == 0 {
		s.Errorf("put gave revision %d, and get %d", rev, gotRev)
	}
	if got.Changed.IsZero() {
		s.Error("nobody knows when it was changed")
	}
	s.same("the content", text, string(s.read(r.ID)))
}

func largeContent(s *scene) {
	text := bytes.Repeat([]byte("a line of a large mail\r\n"), 3*outbox.SpoolOver/24)
	for _, size := range []int{outbox.SpoolOver - 1, outbox.SpoolOver, outbox.SpoolOver + 1, len(text)} {
		r := NewRecord(NewID())
		c := s.content(text[:size], 4099)
		if c.Size() != int64(size) || c.Sum() != sha256.Sum256(text[:size]) {
			s.Errorf("size %d: the content has size %d, or another sum", size, c.Size())
		}
		_, err := s.Store.Put(s.ctx, r, c, outbox.Lease{})
		s.must(err)
		c.Discard() // which does nothing any more
		if got := s.read(r.ID); !bytes.Equal(got, text[:size]) {
			s.Errorf("size %d: it reads back as %d other bytes", size, len(got))
		}
		if got := s.get(r.ID); got.Size != int64(size) {
			s.Errorf("size %d: its record has %d", size, got.Size)
		}
	}
}

func emptyContent(s *scene) {
	r := NewRecord(NewID())
	s.put(r, "", outbox.Lease{})
	if got := s.read(r.ID); len(got) != 0 {
		s.Errorf("it reads back as %q", got)
	}
}

func putTwice(s *scene) {
	for name, text := range map[string]string{"small": "first", "large": strings.Repeat("first", outbox.SpoolOver)} {
		r := NewRecord(NewID())
		rev := s.put(r, text, outbox.Lease{})
		again := r
		again.Subject = "second"
		if got := s.put(again, "second "+text, outbox.Lease{}); got != rev {
			s.Errorf("%s: the second put gave revision %d, want %d", name, got, rev)
		}
		if got := s.get(r.ID).Subject; got != r.Subject {
			s.Errorf("%s: the second put changed the subject to %q", name, got)
		}
		if got := s.read(r.ID); string(got) != text {
			s.Errorf("%s: the second put changed the content to %.20q", name, got)
		}
	}
}

func putCancelled(s *scene) {
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	r := NewRecord(NewID())
	c := s.content([]byte("text"), 10)
	_, err := s.Store.Put(ctx, r, c, outbox.Lease{})
	s.wants(err, context.Canceled)
	c.Discard()
	_, _, err = s.Store.Get(s.ctx, r.ID)
	s.wants(err, outbox.ErrNotFound)
	s.queued(start) // the store is none the worse
}

func discarded(s *scene) {
	for _, size := range []int{10, 3 * outbox.SpoolOver} {
		c := s.content(make([]byte, size), 1000)
		c.Discard()
		c.Discard()
		if _, err := s.Store.Put(s.ctx, NewRecord(NewID()), c, outbox.Lease{}); err == nil {
			s.Errorf("size %d: it could be put all the same", size)
		}
	}
	s.queued(start)
}

func notFound(s *scene) {
	id := NewID()
	_, _, err := s.Store.Get(s.ctx, id)
	s.wants(err, outbox.ErrNotFound)
	_, err = s.Store.Content(s.ctx, id)
	s.wants(err, outbox.ErrNotFound)
	_, err = s.Store.Update(s.ctx, id, 1, NewRecord(id))
	s.wants(err, outbox.ErrNotFound)
	_, _, err = s.Store.Outcome(s.ctx, id, NewAttempt(start))
	s.wants(err, outbox.ErrNotFound)
	s.wants(s.Store.Purge(s.ctx, id, false), outbox.ErrNotFound)
	s.wants(s.Store.Purge(s.ctx, id, true), outbox.ErrNotFound)
	s.queued(start) // none of it is a failure
}

func updateCAS(s *scene) {
	r := s.queued(start)
	first := s.rev(r.ID)
	r.State, r.Why = outbox.Held, "the line is down"
	second, err := s.Store.Update(s.ctx, r.ID, first, r)
	s.must(err)
	if second <= first {
		s.Errorf("revision %d comes after %d", second, first)
	}
	got, rev, err := s.Store.Get(s.ctx, r.ID)
	s.must(err)
	s.same("the record", r, got)
	if rev != second {
		s.Errorf("it has revision %d, want %d", rev, second)
	}
	r.Why = "by someone who came too late"
	_, err = s.Store.Update(s.ctx, r.ID, first, r)
	s.wants(err, outbox.ErrConflict)
	s.same("why it is held", "the line is down", s.get(r.ID).Why)
}

func updateEndsLease(s *scene) {
	r := s.queued(start)
	held := s.claims(start, 1, r.ID)[0]
	if _, err := s.Store.Update(s.ctx, r.ID, held.Rev, held.Record); err != nil {
		s.Fatal(err)
	}
	s.claims(start, 1, r.ID)
}

func answered(s *scene) {
	r := s.queued(start)
	rev := s.rev(r.ID)
	s.must2(s.Store.Outcome(s.ctx, r.ID, NewAttempt(start)))
	code := reply.Reply{Code: 250, Enhanced: "2.0.0", Lines: []string{"2.0.0 queued as 1"}}
	s.must(s.Store.Answered(s.ctx, r.ID, outbox.AnsweredQueued, code))
	s.soon("the answer is noted", func() bool { return s.get(r.ID).Answer == outbox.AnsweredQueued })
	got := s.get(r.ID)
	s.same("the answer", code, got.Code)
	if len(got.Attempts) != 1 {
		s.Errorf("it has %d attempts", len(got.Attempts))
	}
	if s.rev(r.ID) <= rev {
		s.Error("the change gave no new revision")
	}
	s.must2(s.Store.Outcome(s.ctx, r.ID, NewAttempt(start)))
	s.same("the answer after an outcome", code, s.get(r.ID).Code)
}

func (s *scene) must2(_ outbox.Record, _ outbox.Rev, err error) {
	s.Helper()
	s.must(err)
}

// changes reads all changes since a cursor, n at a time.
func (s *scene) changes(after outbox.Cursor, n int) (all []outbox.Change, next outbox.Cursor) {
	s.Helper()
	for {
		got, to, err := s.Store.Changes(s.ctx, after, n)
		s.must(err)
		if len(got) > n || to < after {
			s.Fatalf("%d changes, to %d after %d", len(got), to, after)
		}
		all = append(all, got...)
		if to == after {
			return all, to
		}
		after = to
	}
}

func changesInOrder(s *scene) {
	a, b := s.queued(start), s.queued(start)
	a.Why = "changed"
	s.must1(s.Store.Update(s.ctx, a.ID, s.rev(a.ID), a))
	for _, n := range []int{1, 2, 100} {
		got, _ := s.changes(0, n)
		last := map[outbox.ID]outbox.Change{}
		for _, c := range got {
			if c.Rev < last[c.ID].Rev {
				s.Errorf("%d at a time: revision %d of %s comes after %d", n, c.Rev, c.ID, last[c.ID].Rev)
			}
			last[c.ID] = c
		}
		want := map[outbox.ID]outbox.Change{
			a.ID: {ID: a.ID, Rev: s.rev(a.ID), Record: s.get(a.ID)},
			b.ID: {ID: b.ID, Rev: s.rev(b.ID), Record: s.get(b.ID)},
		}
		s.same(fmt.Sprintf("the newest, %d at a time", n), want, last)
	}
}

func changesGoOn(s *scene) {
	s.queued(start)
	_, cursor := s.changes(0, 10)
	if got, again := s.changes(cursor, 10); len(got) != 0 || again != cursor {
		s.Errorf("%d changes since the last, and the cursor %d after %d", len(got), again, cursor)
	}
	r := s.queued(start)
	s.must(s.Store.Answered(s.ctx, r.ID, outbox.AnsweredQueued, reply.Reply{Code: 250}))
	s.soon("the answer shows in the changes", func() bool {
		got, _ := s.changes(cursor, 10)
		return len(got) > 0 && got[len(got)-1].Record.Answer == outbox.AnsweredQueued
	})
}

func purgeContent(s *scene) {
	for _, text := range []string{"small", strings.Repeat("large", outbox.SpoolOver)} {
		r := NewRecord(NewID())
		r.State = outbox.Done
		s.put(r, text, outbox.Lease{})
		s.must(s.Store.Purge(s.ctx, r.ID, false))
		_, err := s.Store.Content(s.ctx, r.ID)
		s.wants(err, outbox.ErrNotFound)
		s.same("the subject", r.Subject, s.get(r.ID).Subject)
		s.must(s.Store.Purge(s.ctx, r.ID, false)) // again
	}
}

func purgeWhole(s *scene) {
	r := s.queued(start)
	_, cursor := s.changes(0, 10)
	rev := s.rev(r.ID)
	s.must(s.Store.Purge(s.ctx, r.ID, true))
	_, _, err := s.Store.Get(s.ctx, r.ID)
	s.wants(err, outbox.ErrNotFound)
	_, err = s.Store.Content(s.ctx, r.ID)
	s.wants(err, outbox.ErrNotFound)
	s.claims(start, 9)
	for _, from := range []outbox.Cursor{0, cursor} {
		got, _ := s.changes(from, 10)
		if len(got) == 0 || !got[len(got)-1].Purged || got[len(got)-1].ID != r.ID || got[len(got)-1].Rev <= rev {
			s.Errorf("the changes since %d are %v", from, got)
		}
	}
}

func damaged(s *scene) {
	if s.Damage == nil {
		s.Skip("this engine has no way to damage a content")
	}
	for _, text := range []string{"small", strings.Repeat("large", outbox.SpoolOver)} {
		r, whole := NewRecord(NewID()), s.queued(start)
		s.put(r, text, outbox.Lease{})
		s.Store = s.Damage(r.ID)
		if got, err := s.Store.Content(s.ctx, r.ID); err == nil {
			s.Error("it can be read all the same")
			_ = got.Close()
		} else {
			s.wants(err, outbox.ErrCorrupt)
		}
		s.same("the subject", r.Subject, s.get(r.ID).Subject)
		s.same("another's content", "text of "+string(whole.ID), string(s.read(whole.ID)))
		s.queued(start) // one damaged message doesn't stop the store
	}
}

func restart(s *scene) {
	large := strings.Repeat("large", outbox.SpoolOver)
	a, b, c := s.queued(start), NewRecord(NewID()), s.queued(start)
	s.put(b, large, outbox.Lease{})
	s.must2(s.Store.Outcome(s.ctx, a.ID, NewAttempt(start)))
	s.must(s.Store.Answered(s.ctx, a.ID, outbox.AnsweredQueued, reply.Reply{Code: 250}))
	s.must(s.Store.Purge(s.ctx, c.ID, true))
	s.soon("the answer is noted", func() bool { return s.get(a.ID).Answer != "" })
	want, wantRev := s.get(a.ID), s.rev(a.ID)
	all, cursor := s.changes(0, 10)
	claimed := s.claim("a service that ends", start, 9)
	if len(claimed) != 2 {
		s.Fatalf("claimed %v", ids(claimed))
	}

	s.Store = s.Reopen()
	s.same("the record", want, s.get(a.ID))
	if s.rev(a.ID) < wantRev {
		s.Error("the revision went back")
	}
	s.same("the large content", large, string(s.read(b.ID)))
	if again, _ := s.changes(0, 10); len(again) < len(all) {
		s.Errorf("%d changes, where there were %d", len(again), len(all))
	}
	if got := s.claim("the next", start.Add(time.Minute), 9); len(got) != 2 {
		s.Errorf("the leases of before end with their time: claimed %v", ids(got))
	}
	d := s.queued(start)
	got, _ := s.changes(cursor, 10)
	if !slices.ContainsFunc(got, func(c outbox.Change) bool { return c.ID == d.ID }) {
		s.Error("a new change lies before an old cursor")
	}
}

func closed(s *scene) {
	r := s.queued(start)
	c, err := s.Store.NewContent()
	s.must(err)
	s.must(s.Store.Close())
	_, err = s.Store.Put(s.ctx, NewRecord(NewID()), c, outbox.Lease{})
	s.wants(err, outbox.ErrClosed)
	_, err = s.Store.NewContent()
	s.wants(err, outbox.ErrClosed)
	_, _, err = s.Store.Get(s.ctx, r.ID)
	s.wants(err, outbox.ErrClosed)
	_, err = s.Store.Content(s.ctx, r.ID)
	s.wants(err, outbox.ErrClosed)
	_, err = s.Store.Claim(s.ctx, "worker", start, time.Minute, 1)
	s.wants(err, outbox.ErrClosed)
	_, _, err = s.Store.Due(s.ctx)
	s.wants(err, outbox.ErrClosed)
	_, _, err = s.Store.Changes(s.ctx, 0, 1)
	s.wants(err, outbox.ErrClosed)
	s.wants(s.Store.Answered(s.ctx, r.ID, outbox.AnsweredQueued, reply.Reply{}), outbox.ErrClosed)
}

func oneWorkerEach(s *scene) {
	const messages, workers = 60, 6
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range messages / workers {
				s.queued(start)
			}
		})
	}
	wg.Wait()
	var mu sync.Mutex
	times := map[outbox.ID]int{}
	for i := range workers {
		wg.Go(func() {
			for {
				got, err := s.Store.Claim(s.ctx, fmt.Sprint(i), start, time.Hour, 7)
				if err != nil || len(got) == 0 {
					return
				}
				for _, c := range got {
					mu.Lock()
					times[c.Record.ID]++
					mu.Unlock()
					a := NewAttempt(start.Add(time.Hour))
					if _, _, err := s.Store.Outcome(s.ctx, c.Record.ID, a); err != nil {
						s.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	if len(times) != messages {
		s.Errorf("%d of %d messages were claimed", len(times), messages)
	}
	for id, n := range times {
		if n != 1 {
			s.Errorf("%s was claimed %d times", id, n)
		}
	}
}

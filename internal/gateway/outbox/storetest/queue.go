package storetest

import (
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

func bornLeased(s *scene) {
	r := NewRecord(NewID())
	rev := s.put(r, "text", outbox.Lease{Owner: "intake", Until: start.Add(10 * time.Second)})
	s.claims(start.Add(9*time.Second), 1)
	got := s.get(r.ID)
	got.Why = "by its holder"
	s.must1(s.Store.Update(s.ctx, r.ID, rev, got)) // who holds it may change it
	s.claims(start.Add(9*time.Second), 1, r.ID)
}

func (s *scene) must1(_ outbox.Rev, err error) {
	s.Helper()
	s.must(err)
}

func claimOrder(s *scene) {
	third, first := s.queued(start.Add(-time.Second)), s.queued(start.Add(-time.Hour))
	second, future := s.queued(start.Add(-time.Minute)), s.queued(start.Add(time.Nanosecond))
	s.claims(start, 2, first.ID, second.ID)
	got := s.claims(start, 9, third.ID)
	s.same("the record", third, got[0].Record)
	if rev := s.rev(third.ID); rev != got[0].Rev {
		s.Errorf("the claim gave revision %d, and it has %d", got[0].Rev, rev)
	}
	s.claims(start, 9)
	s.claims(start.Add(time.Nanosecond), 9, future.ID)
	s.claims(start, 0)
}

func claimQueuedOnly(s *scene) {
	for _, state := range []outbox.State{outbox.Held, outbox.Done, outbox.Dropped, outbox.Expired} {
		r := s.queued(start)
		r.State = state
		s.must1(s.Store.Update(s.ctx, r.ID, s.rev(r.ID), r))
	}
	s.claims(start.Add(time.Hour), 9)
	r := NewRecord(NewID())
	r.State = outbox.Held
	rev := s.put(r, "held from the beginning", outbox.Lease{})
	s.claims(start.Add(time.Hour), 9)
	r = s.get(r.ID)
	r.State = outbox.Queued
	s.must1(s.Store.Update(s.ctx, r.ID, rev, r))
	s.claims(start.Add(time.Hour), 9, r.ID)
}

func leaseOver(s *scene) {
	r := s.queued(start)
	first := s.claims(start, 1, r.ID)[0]
	s.claims(start.Add(time.Minute-time.Nanosecond), 1)
	second := s.claims(start.Add(time.Minute), 1, r.ID)[0]
	_, err := s.Store.Update(s.ctx, r.ID, first.Rev, first.Record)
	s.wants(err, outbox.ErrConflict)
	s.must1(s.Store.Update(s.ctx, r.ID, second.Rev, second.Record))
}

func outcome(s *scene) {
	r := s.queued(start)
	s.claims(start, 1, r.ID)
	a := NewAttempt(start.Add(time.Minute))
	got, rev, err := s.Store.Outcome(s.ctx, r.ID, a)
	s.must(err)
	want := r
	want.Take(a, start)
	s.same("the record it gives", want, got)
	stored, storedRev, err := s.Store.Get(s.ctx, r.ID)
	s.must(err)
	s.same("the record", want, stored)
	if rev != storedRev {
		s.Errorf("it gave revision %d, and get %d", rev, storedRev)
	}
	s.claims(start.Add(59*time.Second), 1)
	s.claims(start.Add(time.Minute), 1, r.ID)
}

func lateOutcome(s *scene) {
	r := s.queued(start)
	s.claims(start, 1, r.ID)
	s.claims(start.Add(time.Minute), 1, r.ID)
	got, _, err := s.Store.Outcome(s.ctx, r.ID, NewAttempt(start.Add(time.Hour)))
	s.must(err)
	if got.To[0].Fate != outbox.Delivered || got.Tries != 1 {
		s.Errorf("ann's fate is %q after %d tries", got.To[0].Fate, got.Tries)
	}
}

func outcomeAfterEnd(s *scene) {
	r := s.queued(start)
	s.claims(start, 1, r.ID)
	r.State, r.Why = outbox.Dropped, "by a person"
	for i := range r.To {
		r.To[i].Fate = outbox.GivenUp
	}
	s.must1(s.Store.Update(s.ctx, r.ID, s.rev(r.ID), r))
	got, _, err := s.Store.Outcome(s.ctx, r.ID, NewAttempt(start))
	s.must(err)
	if got.State != outbox.Dropped || got.To[0].Fate != outbox.GivenUp || len(got.Attempts) != 1 {
		s.Errorf("it is %q, ann's fate is %q, with %d attempts", got.State, got.To[0].Fate, len(got.Attempts))
	}
	s.claims(start.Add(time.Hour), 1)
}

func outcomeOfHeld(s *scene) {
	r := s.queued(start)
	s.claims(start, 1, r.ID)
	r.State = outbox.Held
	s.must1(s.Store.Update(s.ctx, r.ID, s.rev(r.ID), r))
	s.must2(s.Store.Outcome(s.ctx, r.ID, NewAttempt(start)))
	s.claims(start.Add(time.Hour), 1)
	s.same("the state", outbox.Held, s.get(r.ID).State)
}

func dueTimes(s *scene) {
	due := func(want time.Time, wantOK bool) {
		s.Helper()
		got, ok, err := s.Store.Due(s.ctx)
		s.must(err)
		if ok != wantOK || ok && !got.Equal(want) {
			s.Errorf("due is %v, %v; want %v, %v", got, ok, want, wantOK)
		}
	}
	due(time.Time{}, false)
	late := s.queued(start.Add(time.Hour))
	due(start.Add(time.Hour), true)
	soon := s.queued(start)
	due(start, true)
	s.claims(start, 1, soon.ID)
	due(start.Add(time.Minute), true) // the lease's end
	s.must2(s.Store.Outcome(s.ctx, soon.ID, NewAttempt(start.Add(2*time.Hour))))
	due(start.Add(time.Hour), true)
	late.State = outbox.Held
	s.must1(s.Store.Update(s.ctx, late.ID, s.rev(late.ID), late))
	due(start.Add(2*time.Hour), true)
	s.must(s.Store.Purge(s.ctx, soon.ID, true))
	due(time.Time{}, false)
}

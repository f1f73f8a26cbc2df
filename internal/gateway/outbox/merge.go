package outbox

import (
	"slices"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
)

// Take adds an attempt to a record, with its recipients' fates, its state and its
// next time: what [Store.Outcome] does, here so that every engine does the same.
//
// What has come to an end stays: a fate that is no longer Waiting, and a state that
// isn't live. So does a hold, since a person's word counts more than an attempt that
// was under way when it was given. A record none of whose recipients waits is Done,
// and one with a recipient that still waits isn't, whatever the attempt says. The
// record's own slices are left as they are, since others may share them.
func (r *Record) Take(a Attempt, now time.Time) {
	r.To = slices.Clone(r.To)
	for i := range r.To {
		if r.To[i].Fate != Waiting {
			continue
		}
		if at := slices.IndexFunc(a.Recipients, func(got Recipient) bool { return got.Address == r.To[i].Address }); at >= 0 {
			r.To[i] = a.Recipients[at]
		}
	}
	r.State, r.Next = r.after(a)
	r.Tries++
	r.Attempts = append(slices.Clone(r.Attempts), bounded(a))
	if len(r.Attempts) > MaxAttempts {
		r.Attempts = slices.Delete(r.Attempts, 1, len(r.Attempts)-MaxAttempts+1)
	}
	r.Changed = now
}

// after is the state and the next time of a record after an attempt whose fates it
// has.
func (r *Record) after(a Attempt) (State, time.Time) {
	waits := slices.ContainsFunc(r.To, func(to Recipient) bool { return to.Fate == Waiting })
	switch {
	case !r.State.Live():
		return r.State, r.Next
	case !waits && a.State.Live():
		return Done, r.Next
	case a.State == Done && waits:
		return r.State, a.Next
	case r.State == Held && a.State == Queued:
		return Held, a.Next
	}
	return a.State, a.Next
}

// bounded is an attempt with at most MaxEvents events: the first and the latest.
func bounded(a Attempt) Attempt {
	const half = MaxEvents / 2
	if len(a.Events) > MaxEvents {
		events := make([]conv.Event, 0, MaxEvents)
		events = append(events, a.Events[:half]...)
		a.Events = append(events, a.Events[len(a.Events)-half:]...)
	}
	return a
}

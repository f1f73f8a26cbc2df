package memory

import (
	"container/heap"
	"context"
	"slices"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// line puts a message among those that may be claimed, or takes it out.
func (s *Store) line(id outbox.ID, r *row) {
	if r.record.State != outbox.Queued || r.purged {
		delete(s.queued, id)
		return
	}
	s.queued[id] = r
	heap.Push(&s.dues, due{r.due(), id, r.seq})
	const some = 1000
	if len(s.dues) > some && len(s.dues) > 4*len(s.queued) {
		s.dues = slices.DeleteFunc(s.dues, s.isStale)
		heap.Init(&s.dues)
	}
}

// isStale tells whether a message has changed since.
func (s *Store) isStale(d due) bool {
	r := s.queued[d.id]
	return r == nil || r.seq != d.seq
}

// first is the message that is due first; false where there is none.
func (s *Store) first() (due, bool) {
	for len(s.dues) > 0 && s.isStale(s.dues[0]) {
		heap.Pop(&s.dues)
	}
	if len(s.dues) == 0 {
		return due{}, false
	}
	return s.dues[0], true
}

// Claim leases out messages that are due.
func (s *Store) Claim(ctx context.Context, owner string, now time.Time, ttl time.Duration, n int) ([]outbox.Claimed, error) {
	if err := s.begin(ctx, Claim, ""); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return nil, s.over
	}
	var rows []*row
	for len(rows) < n {
		first, ok := s.first()
		if !ok || first.at.After(now) {
			break
		}
		heap.Pop(&s.dues)
		rows = append(rows, s.queued[first.id])
	}
	list := make([]outbox.Claimed, 0, len(rows))
	for _, r := range rows {
		r.lease = outbox.Lease{Owner: owner, Until: now.Add(ttl)}
		rev := s.changed(r)
		list = append(list, outbox.Claimed{Record: own(r.record), Rev: rev})
	}
	return list, nil
}

// Due is when the next message may be claimed.
func (s *Store) Due(ctx context.Context) (time.Time, bool, error) {
	if err := s.begin(ctx, Due, ""); err != nil {
		return time.Time{}, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return time.Time{}, false, s.over
	}
	first, ok := s.first()
	return first.at, ok, nil
}

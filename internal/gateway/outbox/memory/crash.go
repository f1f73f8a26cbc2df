package memory

import (
	"maps"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// Crash ends the store as a power failure does, and gives what is found at the next
// start: everything that a durable call had returned, without leases, since their
// owner is gone. Answers that were only noted are lost. The old store gives ErrClosed.
func (s *Store) Crash() *Store { return s.again(false) }

// Reopen is Close and another start: nothing is lost.
func (s *Store) Reopen() *Store { return s.again(true) }

func (s *Store) again(whole bool) *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	if whole {
		s.settle()
	}
	next := New(s.options)
	next.seq, next.log, next.stale = s.seq, s.log, s.stale
	for id, r := range s.rows {
		copied := *r
		copied.record = own(r.record)
		copied.record.Answer, copied.record.Code = r.answer, r.code
		copied.lease = outbox.Lease{}
		next.rows[id] = &copied
		next.line(id, &copied)
	}
	s.over = outbox.ErrClosed
	s.rows, s.queued, s.dues, s.log, s.noted = map[outbox.ID]*row{}, map[outbox.ID]*row{}, nil, nil, nil
	return next
}

// Damage flips a bit of a content, as a bad disk does; false where there is none.
func (s *Store) Damage(id outbox.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rows[id]
	if r == nil || len(r.content) == 0 {
		return false
	}
	r.content = append([]byte(nil), r.content...)
	r.content[len(r.content)/2] ^= 1
	return true
}

// Live are the messages that are queued or held, in no order.
func (s *Store) Live() []outbox.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []outbox.Record
	for r := range maps.Values(s.rows) {
		if !r.purged && r.record.State.Live() {
			list = append(list, own(r.record))
		}
	}
	return list
}

// Unanswered are the messages whose device has heard nothing, as far as anyone knows,
// in no order.
func (s *Store) Unanswered() []outbox.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []outbox.Record
	for r := range maps.Values(s.rows) {
		if !r.purged && r.record.Answer == outbox.NotAnswered {
			list = append(list, own(r.record))
		}
	}
	return list
}

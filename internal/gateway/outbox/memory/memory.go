// Package memory is an engine of the outbox that keeps everything in memory: for
// tests, and for what needs no durability, such as a trial run.
//
// It promises what [outbox.Store] says, of a disk that is a map. [Store.Crash] ends it
// as a power failure would: what a durable call has returned is there afterwards, an
// answer that was only noted may be gone. [Options.Fail] has any call fail.
//
// It isn't for a service: nothing survives the process.
package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/reply"
)

// Call is a method of the store.
type Call string

// The calls that can be made to fail.
const (
	NewContent Call = "NewContent"
	Put        Call = "Put"
	Get        Call = "Get"
	Content    Call = "Content"
	Update     Call = "Update"
	Answered   Call = "Answered"
	Claim      Call = "Claim"
	Outcome    Call = "Outcome"
	Due        Call = "Due"
	Changes    Call = "Changes"
	Purge      Call = "Purge"
)

// Options are what a store may be told. The zero value is ready.
type Options struct {
	Now func() time.Time // of Record.Changed; nil for the wall's
	// Fail, unless nil, is asked before each call, with nothing locked; an error is what
	// the call gives. One that isn't of the caller's making, of the content's or a full
	// disk makes the store fail, as a disk's does. The id is empty where the call has
	// none.
	Fail func(c Call, id outbox.ID) error
}

// Store is an outbox in memory. It is safe for use by several goroutines at once.
type Store struct {
	options Options

	mu     sync.Mutex
	rows   map[outbox.ID]*row
	queued map[outbox.ID]*row // those that may be claimed now or later
	dues   dues               // of those
	log    []logged           // in the order of seq; entries that aren't a row's newest are stale
	stale  int
	seq    uint64
	noted  []outbox.ID // answers that a crash would lose
	over   error       // closed or failed
}

var _ outbox.Store = (*Store)(nil)

// row is a message.
type row struct {
	record  outbox.Record
	seq     uint64 // of its latest change: its revision
	lease   outbox.Lease
	content []byte
	kept    bool // the content is
	purged  bool

	// what a crash leaves of an answer that was only noted
	answer outbox.Answer
	code   reply.Reply
}

// due is when a message may be claimed.
func (r *row) due() time.Time {
	if r.lease.Until.After(r.record.Next) {
		return r.lease.Until
	}
	return r.record.Next
}

type logged struct {
	seq uint64
	id  outbox.ID
}

// New is an empty store.
func New(o Options) *Store {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Store{options: o, rows: map[outbox.ID]*row{}, queued: map[outbox.ID]*row{}}
}

// begin is asked before each call.
func (s *Store) begin(ctx context.Context, c Call, id outbox.ID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.options.Fail == nil {
		return nil
	}
	err := s.options.Fail(c, id)
	if err == nil || callers(err) || errors.Is(err, outbox.ErrFull) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over == nil {
		s.over = errors.Join(outbox.ErrFailed, err)
	}
	return s.over
}

// callers tells whether an error is of the call or of one message, and not of the
// store.
func callers(err error) bool {
	for _, one := range []error{outbox.ErrNotFound, outbox.ErrConflict, outbox.ErrCorrupt, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}

// changed gives a row its next revision. It makes durable what was only noted before,
// as a commit does.
func (s *Store) changed(r *row) outbox.Rev {
	s.settle()
	return s.number(r)
}

// number gives a row its next revision.
func (s *Store) number(r *row) outbox.Rev {
	s.seq++
	if r.seq != 0 {
		s.stale++
	}
	r.seq = s.seq
	id := r.record.ID
	s.log = append(s.log, logged{s.seq, id})
	s.line(id, r)
	const some = 1000
	if s.stale > some && s.stale > len(s.log)/2 {
		s.log = slices.DeleteFunc(s.log, func(l logged) bool { return s.rows[l.id].seq != l.seq })
		s.stale = 0
	}
	return outbox.Rev(r.seq)
}

// settle makes the answers durable that were noted.
func (s *Store) settle() {
	for _, id := range s.noted {
		r := s.rows[id]
		r.answer, r.code = r.record.Answer, r.record.Code
	}
	s.noted = s.noted[:0]
}

// find is a message that is there.
func (s *Store) find(id outbox.ID) (*row, error) {
	if s.over != nil {
		return nil, s.over
	}
	r := s.rows[id]
	if r == nil || r.purged {
		return nil, outbox.ErrNotFound
	}
	return r, nil
}

// Put stores a message.
func (s *Store) Put(ctx context.Context, r outbox.Record, c outbox.Content, l outbox.Lease) (outbox.Rev, error) {
	if err := s.begin(ctx, Put, r.ID); err != nil {
		return 0, err
	}
	text, ok := c.(*content)
	if !ok || text.gone {
		return 0, errors.New("the content is another store's, or was put or discarded before")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return 0, s.over
	}
	text.gone = true
	if old := s.rows[r.ID]; old != nil && !old.purged {
		return outbox.Rev(old.seq), nil
	}
	r.Size, r.Sum, r.Changed = text.Size(), text.Sum(), s.options.Now()
	one := &row{record: own(r), lease: l, content: text.text, kept: true, answer: r.Answer, code: r.Code}
	s.rows[r.ID] = one
	return s.changed(one), nil
}

// own is a record whose lists nobody else changes.
func own(r outbox.Record) outbox.Record {
	r.To, r.Attempts = slices.Clone(r.To), slices.Clone(r.Attempts)
	return r
}

// Get reads a record.
func (s *Store) Get(ctx context.Context, id outbox.ID) (outbox.Record, outbox.Rev, error) {
	if err := s.begin(ctx, Get, id); err != nil {
		return outbox.Record{}, 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(id)
	if err != nil {
		return outbox.Record{}, 0, err
	}
	return own(r.record), outbox.Rev(r.seq), nil
}

// Update replaces a record where its revision is still rev.
func (s *Store) Update(ctx context.Context, id outbox.ID, rev outbox.Rev, with outbox.Record) (outbox.Rev, error) {
	if err := s.begin(ctx, Update, id); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(id)
	if err != nil {
		return 0, err
	}
	if outbox.Rev(r.seq) != rev {
		return 0, outbox.ErrConflict
	}
	r.record, r.lease = own(with), outbox.Lease{}
	r.record.ID, r.record.Changed = id, s.options.Now()
	r.answer, r.code = with.Answer, with.Code
	return s.changed(r), nil
}

// Answered notes what the device has heard. It is durable with the next change.
func (s *Store) Answered(ctx context.Context, id outbox.ID, a outbox.Answer, code reply.Reply) error {
	if err := s.begin(ctx, Answered, id); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(id)
	if err != nil {
		return err
	}
	r.record.Answer, r.record.Code, r.record.Changed = a, code, s.options.Now()
	s.number(r)
	s.noted = append(s.noted, id)
	return nil
}

// Outcome adds an attempt to a message.
func (s *Store) Outcome(ctx context.Context, id outbox.ID, a outbox.Attempt) (outbox.Record, outbox.Rev, error) {
	if err := s.begin(ctx, Outcome, id); err != nil {
		return outbox.Record{}, 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(id)
	if err != nil {
		return outbox.Record{}, 0, err
	}
	r.record.Take(a, s.options.Now())
	r.lease = outbox.Lease{}
	rev := s.changed(r)
	return own(r.record), rev, nil
}

// Changes lists the newest states of the messages that have changed since a cursor.
func (s *Store) Changes(ctx context.Context, after outbox.Cursor, n int) ([]outbox.Change, outbox.Cursor, error) {
	if err := s.begin(ctx, Changes, ""); err != nil {
		return nil, after, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return nil, after, s.over
	}
	var list []outbox.Change
	from, _ := slices.BinarySearchFunc(s.log, uint64(after)+1, func(l logged, seq uint64) int { return cmp.Compare(l.seq, seq) })
	for _, l := range s.log[from:] {
		if len(list) >= n {
			break
		}
		after = outbox.Cursor(l.seq)
		r := s.rows[l.id]
		if r.seq != l.seq {
			continue
		}
		c := outbox.Change{ID: l.id, Rev: outbox.Rev(l.seq), Purged: r.purged}
		if !r.purged {
			c.Record = own(r.record)
		}
		list = append(list, c)
	}
	return list, after, nil
}

// Purge removes a content, and with whole the record too.
func (s *Store) Purge(ctx context.Context, id outbox.ID, whole bool) error {
	if err := s.begin(ctx, Purge, id); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(id)
	if err != nil {
		return err
	}
	r.content, r.kept = nil, false
	if whole {
		r.purged = true
		r.record = outbox.Record{ID: id}
		s.changed(r)
	}
	return nil
}

// Close ends the store: every later call gives ErrClosed.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(s.over, outbox.ErrClosed) {
		return outbox.ErrClosed
	}
	s.settle()
	s.over = outbox.ErrClosed
	return nil
}

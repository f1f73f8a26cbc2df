package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/reply"
)

// writes are the writer's statements.
type writes struct {
	begin, commit, rollback, noop, passive stmt

	insert, body, find, load, update, lease, damaged, answer, due stmt
	file, unbody, remove, gone                                    stmt
}

func (w *writes) prepare(on preparer) error {
	return prepare(on, map[*stmt]string{
		&w.begin:    "BEGIN IMMEDIATE",
		&w.commit:   "COMMIT",
		&w.rollback: "ROLLBACK",
		&w.noop:     "PRAGMA wal_checkpoint(noop)",
		&w.passive:  "PRAGMA wal_checkpoint(passive)",

		&w.insert: `INSERT INTO messages (id, seq, state, next, due, owner, until, received, changed, ended, answer, code, size, record, twin)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		&w.body: "INSERT INTO contents (num, size, sum, file, body) VALUES (?, ?, ?, ?, ?)",
		&w.find: "SELECT num, seq, state, size FROM messages WHERE id = ?",
		&w.load: "SELECT " + recordColumns + " FROM messages WHERE num = ?",
		&w.update: `UPDATE messages SET seq = ?, state = ?, next = ?, due = ?, owner = '', until = 0, changed = ?, ended = ?, answer = ?, code = ?, record = ?, twin = ?
			WHERE num = ?`,
		&w.lease:   "UPDATE messages SET seq = ?, owner = ?, until = ?, due = ? WHERE num = ?",
		&w.damaged: "UPDATE messages SET due = NULL WHERE num = ?",
		&w.answer:  "UPDATE messages SET seq = ?, answer = ?, code = ?, changed = ?, ended = CASE WHEN ended IS NULL THEN NULL ELSE ? END WHERE id = ?",
		&w.due:     "SELECT num, due, " + recordColumns + " FROM messages WHERE due <= ? ORDER BY due, num LIMIT ?",
		&w.file:    "SELECT file FROM contents WHERE num = ?",
		&w.unbody:  "DELETE FROM contents WHERE num = ?",
		&w.remove:  "DELETE FROM messages WHERE num = ?",
		&w.gone:    "INSERT INTO gone (seq, id) VALUES (?, ?)",
	})
}

func (w *writes) close() error {
	return closeAll(w.begin, w.commit, w.rollback, w.noop, w.passive, w.insert, w.body, w.find, w.load, w.update, w.lease, w.damaged,
		w.answer, w.due, w.file, w.unbody, w.remove, w.gone)
}

// nanos is a moment as a column has it: 0 is the zero time, and whatever was before
// 1970.
func nanos(t time.Time) int64 {
	switch {
	case t.IsZero() || t.Unix() < 0:
		return 0
	case t.Unix() > math.MaxInt64/int64(time.Second):
		return math.MaxInt64
	}
	return t.UnixNano()
}

func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// due is when a message may be claimed: nil where it isn't queued.
func due(r outbox.Record, until int64) any {
	if r.State != outbox.Queued {
		return nil
	}
	return max(nanos(r.Next), until)
}

func ended(r outbox.Record) any {
	if r.State.Live() {
		return nil
	}
	return nanos(r.Changed)
}

func twinOf(r outbox.Record) []byte {
	if r.Twin == [32]byte{} {
		return nil
	}
	return r.Twin[:]
}

// Put stores a message. Size and Sum of the record are the content's, and Changed is
// now.
func (s *Store) Put(ctx context.Context, r outbox.Record, c outbox.Content, l outbox.Lease) (outbox.Rev, error) {
	text, ok := c.(*content)
	if !ok || text.s != s {
		return 0, fmt.Errorf("putting %s: the content isn't this store's", r.ID)
	}
	if err := errors.Join(ctx.Err(), s.space()); err != nil {
		return 0, err
	}
	r.Size, r.Sum, r.Changed = text.Size(), text.Sum(), s.now()
	if err := text.settle(); err != nil {
		return 0, err
	}
	var rev outbox.Rev
	record, was := encode(r), false
	o := newOp(func(w *writer) (err error) {
		rev, was, err = w.put(r, record, text, l)
		return err
	})
	o.put = true
	if err := s.hand(ctx, o); err != nil {
		return 0, err
	}
	err := <-o.done
	switch {
	case err == nil && was:
		text.Discard()
	case err == nil || errors.Is(err, outbox.ErrFailed):
		text.given() // after a failure nobody knows: the next Open will
	}
	return rev, err
}

func (w *writer) put(r outbox.Record, record []byte, c *content, l outbox.Lease) (rev outbox.Rev, was bool, err error) {
	seq := w.next()
	until := nanos(l.Until)
	res, err := w.do.insert.ExecContext(context.Background(), string(r.ID), int64(seq), string(r.State), nanos(r.Next), due(r, until), l.Owner, until,
		nanos(r.Received), nanos(r.Changed), ended(r), string(r.Answer), encodeReply(r.Code), r.Size, record, twinOf(r))
	if err != nil {
		return 0, false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		found, findErr := w.found(r.ID)
		return found.rev, true, errors.Join(err, findErr)
	}
	num, err := res.LastInsertId()
	if err != nil {
		return 0, false, err
	}
	w.counted(r.State, r.Size, 1)
	return outbox.Rev(seq), false, w.do.body.run(num, r.Size, r.Sum[:], c.file(), c.body())
}

// counted counts a message in, or out with -1, where it is live.
func (w *writer) counted(state outbox.State, size int64, by int) {
	if !state.Live() {
		return
	}
	w.stats.Live += by
	w.stats.Bytes += int64(by) * size
	if state == outbox.Held {
		w.stats.Held += by
	}
}

// row is a message as the writer finds it, without its record.
type row struct {
	num   int64
	rev   outbox.Rev
	state outbox.State
	size  int64
}

func (w *writer) found(id outbox.ID) (row, error) {
	var got row
	err := w.do.find.row(string(id)).Scan(&got.num, &got.rev, &got.state, &got.size)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, outbox.ErrNotFound
	}
	return got, err
}

func (w *writer) loaded(num int64) (r outbox.Record, err error) {
	err = w.do.load.each(func(scan func(...any) error) (err error) {
		var c columns
		if err := scan(c.into()...); err != nil {
			return err
		}
		r, err = c.record()
		return err
	}, num)
	return r, err
}

// replace writes a record and ends its lease.
func (w *writer) replace(old row, r outbox.Record) (outbox.Rev, error) {
	seq := w.next()
	w.counted(old.state, old.size, -1)
	w.counted(r.State, old.size, 1)
	return outbox.Rev(seq), w.do.update.run(int64(seq), string(r.State), nanos(r.Next), due(r, 0), nanos(r.Changed), ended(r), string(r.Answer),
		encodeReply(r.Code), encode(r), twinOf(r), old.num)
}

// Update replaces a record where its revision is still rev.
func (s *Store) Update(ctx context.Context, id outbox.ID, rev outbox.Rev, r outbox.Record) (outbox.Rev, error) {
	r.ID, r.Changed = id, s.now()
	var next outbox.Rev
	err := s.change(ctx, newOp(func(w *writer) error {
		old, err := w.found(id)
		if err != nil {
			return err
		}
		if old.rev != rev {
			return outbox.ErrConflict
		}
		next, err = w.replace(old, r)
		return err
	}))
	if err != nil {
		return 0, err
	}
	return next, nil
}

// Outcome adds an attempt to a message, as [outbox.Record.Take] does.
func (s *Store) Outcome(ctx context.Context, id outbox.ID, a outbox.Attempt) (outbox.Record, outbox.Rev, error) {
	var r outbox.Record
	var rev outbox.Rev
	err := s.change(ctx, newOp(func(w *writer) error {
		old, err := w.found(id)
		if err != nil {
			return err
		}
		if r, err = w.loaded(old.num); err != nil {
			return err
		}
		r.Take(a, s.now())
		rev, err = w.replace(old, r)
		return err
	}))
	if err != nil {
		return outbox.Record{}, 0, err
	}
	return r, rev, nil
}

// Answered notes what the device has heard. It returns when the writer has it: a
// message that isn't there, and an error of the disk, show elsewhere.
func (s *Store) Answered(ctx context.Context, id outbox.ID, a outbox.Answer, code reply.Reply) error {
	o := newOp(func(w *writer) error {
		now := nanos(s.now())
		return w.do.answer.run(int64(w.next()), string(a), encodeReply(code), now, now, string(id))
	})
	o.lazy = true
	return s.hand(ctx, o)
}

// maxClaim bounds what one Claim leases out.
const maxClaim = 1000

// Claim leases out messages that are due. A message whose record is damaged is taken
// out of the way and logged: nobody could deliver it, and it must not stop the others.
func (s *Store) Claim(ctx context.Context, owner string, now time.Time, ttl time.Duration, n int) ([]outbox.Claimed, error) {
	var got []outbox.Claimed
	if n < 1 {
		return nil, ctx.Err()
	}
	err := s.change(ctx, newOp(func(w *writer) (err error) {
		got, err = w.claim(owner, now, ttl, min(n, maxClaim))
		return err
	}))
	if err != nil {
		return nil, err
	}
	return got, nil
}

func (w *writer) claim(owner string, now time.Time, ttl time.Duration, n int) ([]outbox.Claimed, error) {
	var nums []int64
	var got []outbox.Claimed
	var damaged []int64
	err := w.do.due.each(func(scan func(...any) error) error {
		var num, due int64
		c := columns{}
		if err := scan(append([]any{&num, &due}, c.into()...)...); err != nil {
			return err
		}
		if r, err := c.record(); err == nil {
			nums, got = append(nums, num), append(got, outbox.Claimed{Record: r})
		} else {
			damaged = append(damaged, num)
		}
		return nil
	}, nanos(now), n)
	if err != nil {
		return nil, err
	}
	until := nanos(now.Add(ttl))
	for i, num := range nums {
		seq := w.next()
		got[i].Rev = outbox.Rev(seq)
		if err := w.do.lease.run(int64(seq), owner, until, due(got[i].Record, until), num); err != nil {
			return nil, err
		}
	}
	for _, num := range damaged {
		w.s.log.Error("a message's record is damaged: it can't be delivered", "number", num)
		if err := w.do.damaged.run(num); err != nil {
			return nil, err
		}
	}
	return got, nil
}

// Purge removes a content, and with whole the record too.
func (s *Store) Purge(ctx context.Context, id outbox.ID, whole bool) error {
	var file sql.NullString
	err := s.change(ctx, newOp(func(w *writer) error {
		old, err := w.found(id)
		if err != nil {
			return err
		}
		if err := w.do.file.row(old.num).Scan(&file); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := w.do.unbody.run(old.num); err != nil || !whole {
			return err
		}
		w.counted(old.state, old.size, -1)
		return errors.Join(w.do.remove.run(old.num), w.do.gone.run(int64(w.next()), string(id)))
	}))
	if err == nil && file.Valid {
		s.unlink(file.String)
	}
	return err
}

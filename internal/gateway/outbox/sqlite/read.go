package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// recordColumns are what a record is made of.
const recordColumns = "seq, changed, answer, code, record"

type columns struct {
	seq, changed int64
	answer       string
	code, text   sql.RawBytes
}

func (c *columns) into() []any { return []any{&c.seq, &c.changed, &c.answer, &c.code, &c.text} }

func (c *columns) record() (outbox.Record, error) {
	r, err := decode(c.text)
	r.Answer, r.Code, r.Changed = outbox.Answer(c.answer), decodeReply(c.code), moment(c.changed)
	return r, err
}

// reads are the readers' statements.
type reads struct{ get, content, due, changes, ended, live, unanswered, twin stmt }

func (r *reads) prepare(on preparer) error {
	return prepare(on, map[*stmt]string{
		&r.get:     "SELECT " + recordColumns + " FROM messages WHERE id = ?",
		&r.content: "SELECT c.size, c.sum, c.file, c.body FROM contents c JOIN messages m USING (num) WHERE m.id = ?",
		&r.due:     "SELECT due FROM messages WHERE due IS NOT NULL ORDER BY due LIMIT 1",
		&r.changes: `SELECT id, 0 AS purged, ` + recordColumns + ` FROM (SELECT * FROM messages WHERE seq > ?1 ORDER BY seq LIMIT ?2)
			UNION ALL SELECT id, 1, seq, 0, '', NULL, NULL FROM (SELECT * FROM gone WHERE seq > ?1 ORDER BY seq LIMIT ?2)
			ORDER BY seq LIMIT ?2`,
		&r.ended:      "SELECT id FROM messages WHERE ended < ? ORDER BY ended LIMIT ?",
		&r.live:       "SELECT " + recordColumns + " FROM messages INDEXED BY messages_live WHERE ended IS NULL AND id > ? ORDER BY id LIMIT ?",
		&r.unanswered: "SELECT " + recordColumns + " FROM messages INDEXED BY messages_unanswered WHERE answer = '' AND received >= ? ORDER BY received DESC LIMIT ?",
		&r.twin:       "SELECT " + recordColumns + " FROM messages INDEXED BY messages_unanswered WHERE answer = '' AND twin = ? AND received >= ? ORDER BY received DESC LIMIT 1",
	})
}

func (r *reads) close() error {
	return closeAll(r.get, r.content, r.due, r.changes, r.ended, r.live, r.unanswered, r.twin)
}

// begin begins to read; end must be called for Close to go on.
func (s *Store) begin(ctx context.Context) (end func(), err error) {
	s.closing.RLock()
	switch {
	case s.closed:
		err = outbox.ErrClosed
	case ctx.Err() != nil:
		err = ctx.Err()
	default:
		return s.closing.RUnlock, nil
	}
	s.closing.RUnlock()
	return nil, err
}

// judge is an error of reading, which tells of a failed store where the database
// itself can't be read.
func (s *Store) judge(err error) error {
	var e *driver.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case lib.SQLITE_IOERR, lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
			return s.fail(err)
		}
	}
	return err
}

// Get reads a record.
func (s *Store) Get(ctx context.Context, id outbox.ID) (outbox.Record, outbox.Rev, error) {
	got, err := s.records(ctx, s.read.get, string(id))
	if err != nil {
		return outbox.Record{}, 0, err
	}
	if len(got) == 0 {
		return outbox.Record{}, 0, outbox.ErrNotFound
	}
	return got[0].Record, got[0].Rev, nil
}

// records reads what a statement finds. A damaged record ends it.
func (s *Store) records(ctx context.Context, q stmt, args ...any) ([]outbox.Claimed, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	var got []outbox.Claimed
	err = q.each(func(scan func(...any) error) error {
		var c columns
		if err := scan(c.into()...); err != nil {
			return err
		}
		r, err := c.record()
		got = append(got, outbox.Claimed{Record: r, Rev: outbox.Rev(c.seq)})
		return err
	}, args...)
	return got, s.judge(err)
}

// Due is when the next message falls due, or a lease ends: the first moment at which
// Claim finds something.
func (s *Store) Due(ctx context.Context) (time.Time, bool, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	defer end()
	var due int64
	err = s.read.due.row().Scan(&due)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, nil
	}
	return moment(due), err == nil, s.judge(err)
}

// Changes lists what has changed since a cursor. A damaged record is left out, and
// logged.
func (s *Store) Changes(ctx context.Context, after outbox.Cursor, n int) ([]outbox.Change, outbox.Cursor, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, after, err
	}
	defer end()
	var got []outbox.Change
	err = s.read.changes.each(func(scan func(...any) error) error {
		var c columns
		var change outbox.Change
		if err := scan(append([]any{(*string)(&change.ID), &change.Purged}, c.into()...)...); err != nil {
			return err
		}
		after, change.Rev = outbox.Cursor(c.seq), outbox.Rev(c.seq)
		var bad error
		if !change.Purged {
			change.Record, bad = c.record()
		}
		if bad != nil {
			s.log.Error("a message's record is damaged", "id", change.ID)
		} else {
			got = append(got, change)
		}
		return nil
	}, int64(after), n)
	return got, after, s.judge(err)
}

// Ended lists at most n messages that aren't live and changed before a moment, those
// that changed first before others: what retention looks at.
func (s *Store) Ended(ctx context.Context, before time.Time, n int) ([]outbox.ID, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	var got []outbox.ID
	err = s.read.ended.each(func(scan func(...any) error) error {
		var id outbox.ID
		err := scan((*string)(&id))
		got = append(got, id)
		return err
	}, nanos(before), n)
	return got, s.judge(err)
}

// Live lists at most n messages that are queued or held, by id, beginning after one.
func (s *Store) Live(ctx context.Context, after outbox.ID, n int) ([]outbox.Claimed, error) {
	return s.records(ctx, s.read.live, string(after), n)
}

// maxUnanswered bounds what Unanswered lists.
const maxUnanswered = 10_000

// Unanswered lists messages received since a moment whose device has heard nothing, as
// far as anyone knows: the latest first, and at most 10,000.
func (s *Store) Unanswered(ctx context.Context, since time.Time) ([]outbox.Record, error) {
	got, err := s.records(ctx, s.read.unanswered, nanos(since), maxUnanswered)
	records := make([]outbox.Record, len(got))
	for i, g := range got {
		records[i] = g.Record
	}
	return records, err
}

// Twin finds the latest message of a twin that was received since a moment and wasn't
// answered: ErrNotFound where there is none.
func (s *Store) Twin(ctx context.Context, twin [32]byte, since time.Time) (outbox.Record, outbox.Rev, error) {
	got, err := s.records(ctx, s.read.twin, twin[:], nanos(since))
	if err != nil {
		return outbox.Record{}, 0, err
	}
	if len(got) == 0 {
		return outbox.Record{}, 0, outbox.ErrNotFound
	}
	return got[0].Record, got[0].Rev, nil
}

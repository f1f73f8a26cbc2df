package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

const (
	maxBatch = 512                    // operations of a transaction
	linger   = 5 * time.Millisecond   // how long what nobody waits for waits for company
	idle     = 500 * time.Millisecond // without work, after which the log is brought in
	pageSize = 4096
	maxLog   = 16 << 20 / pageSize // pages of the log, over which it is brought in
	someLog  = 1 << 20 / pageSize  // pages more, after which that is tried again
	lookLog  = 16                  // commits, after which its size is asked for
)

// op is something for the writer to do: one change of one message.
type op struct {
	do   func(*writer) error // may be called again where its transaction was taken back
	put  bool                // it adds a message: a full disk refuses it first
	lazy bool                // nobody waits for it
	err  error
	done chan error
}

func newOp(do func(*writer) error) *op { return &op{do: do, done: make(chan error, 1)} }

// writer is the goroutine that changes the database, with the only connection that
// may. It never recovers from a panic: what it would do next is anyone's guess.
type writer struct {
	s    *Store
	db   *sql.DB
	conn *sql.Conn
	do   writes
	ops  chan *op
	gone chan struct{} // closed when run has ended

	seq   uint64 // of the latest change
	stats Stats
	tried int // pages of the log when it was last brought in, in part
	since int // commits since the log was looked at
}

func openWriter(s *Store, dsn string) (*writer, error) {
	db, err := sql.Open("sqlite", dsn+"&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=wal_autocheckpoint(0)&_pragma=cache_size(-4000)")
	if err != nil {
		return nil, err
	}
	w := &writer{s: s, db: db, ops: make(chan *op, maxBatch), gone: make(chan struct{})}
	if w.conn, err = db.Conn(context.Background()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return w, nil
}

// run works until the store is closed and nothing waits.
func (w *writer) run() {
	defer close(w.gone)
	timer := time.NewTimer(idle)
	defer timer.Stop()
	batch := make([]*op, 0, maxBatch)
	for {
		timer.Reset(idle)
		select {
		case first, ok := <-w.ops:
			if !ok {
				w.tend(true)
				return
			}
			batch = w.gather(append(batch[:0], first), timer)
			w.commit(batch)
			w.tend(false)
			clear(batch)
		case <-timer.C:
			w.tend(true)
		}
	}
}

// gather adds what waits already. Where nobody waits for any of it, it lets a little
// time pass, so that the flush is shared.
func (w *writer) gather(batch []*op, timer *time.Timer) []*op {
	lazy := batch[0].lazy
	for len(batch) < maxBatch {
		select {
		case o, ok := <-w.ops:
			if !ok {
				return batch
			}
			batch, lazy = append(batch, o), lazy && o.lazy
			continue
		default:
		}
		if !lazy {
			return batch
		}
		timer.Reset(linger)
		select {
		case o, ok := <-w.ops:
			if !ok {
				return batch
			}
			batch, lazy = append(batch, o), o.lazy
		case <-timer.C:
			return batch
		}
	}
	return batch
}

// commit does a batch in one transaction, and answers everyone in it.
func (w *writer) commit(batch []*op) {
	if err := w.s.Failed(); err != nil {
		answer(batch, err)
		return
	}
	rest := batch
	err := w.transact(batch)
	if isFull(err) {
		rest = w.refuse(batch)
		err = w.transact(rest)
	}
	switch {
	case isFull(err):
		answer(rest, fmt.Errorf("%w: %w", outbox.ErrFull, err))
	case err != nil:
		answer(rest, w.s.fail(err))
	default:
		for _, o := range rest {
			o.done <- o.err
		}
	}
}

func answer(batch []*op, err error) {
	for _, o := range batch {
		o.done <- err
	}
}

// refuse tells the puts of a batch that the disk is full, and gives the others. Some
// room is found in the reserve, and by bringing in the log, which then begins anew.
func (w *writer) refuse(batch []*op) (rest []*op) {
	w.s.log.Warn("the disk is full: new messages are refused")
	for _, o := range batch {
		if o.put {
			o.done <- outbox.ErrFull
		} else {
			rest = append(rest, o)
		}
	}
	w.spend()
	w.checkpoint()
	return rest
}

// transact does operations in one transaction. Its error is the transaction's;
// whether an operation was possible is in its own.
func (w *writer) transact(batch []*op) (err error) {
	if len(batch) == 0 {
		return nil
	}
	seq, stats := w.seq, w.stats
	if err := w.do.begin.run(); err != nil {
		return err
	}
	for _, o := range batch {
		if o.err = o.do(w); o.err != nil && !logical(o.err) {
			err = o.err
			break
		}
	}
	if err == nil {
		err = w.do.commit.run()
	}
	if err != nil {
		w.seq, w.stats = seq, stats
		_ = w.do.rollback.run() // SQLite may have done so already
		return err
	}
	if w.stats != stats {
		w.publish()
	}
	return nil
}

func (w *writer) publish() {
	stats := w.stats
	w.s.stats.Store(&stats)
}

// logical errors are the caller's, and change nothing.
func logical(err error) bool {
	return errors.Is(err, outbox.ErrNotFound) || errors.Is(err, outbox.ErrConflict) || errors.Is(err, outbox.ErrCorrupt)
}

// next is the number of the next change, which is also the revision of what changes.
func (w *writer) next() uint64 {
	w.seq++
	return w.seq
}

// tend brings the log into the database when it has grown, or when there is time.
func (w *writer) tend(quiet bool) {
	if w.since++; w.s.failed.Load() != nil || !quiet && w.since < lookLog {
		return
	}
	w.since = 0
	w.restore()
	pages, in, err := w.log("noop")
	if err != nil {
		_ = w.s.fail(err)
		return
	}
	if pages < w.tried {
		w.tried = 0 // it has begun anew
	}
	if pages == in || !quiet && pages < max(maxLog, w.tried+someLog) {
		return
	}
	w.tried = pages
	w.checkpoint()
}

// checkpoint brings in what no reader still needs from the log. A full disk leaves
// the log as it is.
func (w *writer) checkpoint() {
	if _, _, err := w.log("passive"); err != nil && !isFull(err) {
		_ = w.s.fail(err)
	}
}

// log runs a checkpoint, and gives the pages of the log and how many of them are in
// the database.
func (w *writer) log(mode string) (pages, in int, err error) {
	var busy int
	stmt := w.do.noop
	if mode == "passive" {
		stmt = w.do.passive
	}
	err = stmt.row().Scan(&busy, &pages, &in)
	return pages, in, err
}

// close ends the connection. The last one to leave a healthy store brings in the log
// and removes it.
func (w *writer) close() error {
	err := w.do.close()
	if w.conn != nil {
		err = errors.Join(err, w.conn.Close())
	}
	return errors.Join(err, w.db.Close())
}

// isFull tells whether an error of SQLite, or of a file, is that of a full disk. The
// log's index is grown in a way that hides the reason.
func isFull(err error) bool {
	var e *driver.Error
	if !errors.As(err, &e) {
		return noSpace(err)
	}
	return e.Code()&0xff == lib.SQLITE_FULL || e.Code() == lib.SQLITE_IOERR_SHMSIZE
}

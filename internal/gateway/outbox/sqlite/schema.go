package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// schemaVersion is what PRAGMA user_version says of the present schema. A change of
// it has its step in migrate, and a test from a file of the version before.
const schemaVersion = 2

// A message's row has its record and the columns that are asked for. Moments are
// nanoseconds since 1970; due is NULL unless the message is queued, and ended unless
// it has come to an end, so that each index holds only what it is for. Version 1
// hadn't the twin column, nor its index.
const schema = `
CREATE TABLE messages (
	num      INTEGER PRIMARY KEY,
	id       TEXT    NOT NULL UNIQUE,
	seq      INTEGER NOT NULL, -- of its latest change, and its revision
	state    TEXT    NOT NULL,
	next     INTEGER NOT NULL, -- when it is to be tried
	due      INTEGER,          -- when it may be claimed: next, or its lease's end if that is later
	owner    TEXT    NOT NULL, -- of the lease
	until    INTEGER NOT NULL, -- of the lease; 0 without
	received INTEGER NOT NULL,
	changed  INTEGER NOT NULL,
	ended    INTEGER,          -- changed, where it isn't live
	answer   TEXT    NOT NULL,
	code     BLOB,
	size     INTEGER NOT NULL,
	record   BLOB    NOT NULL,
	twin     BLOB
) STRICT;
CREATE UNIQUE INDEX messages_seq ON messages (seq);
CREATE INDEX messages_due ON messages (due) WHERE due IS NOT NULL;
CREATE INDEX messages_ended ON messages (ended) WHERE ended IS NOT NULL;
CREATE INDEX messages_live ON messages (id, state, size, until) WHERE ended IS NULL;
CREATE INDEX messages_unanswered ON messages (twin, received) WHERE answer = '';
CREATE TABLE contents (
	num  INTEGER PRIMARY KEY, -- the message's
	size INTEGER NOT NULL,
	sum  BLOB    NOT NULL,    -- SHA-256
	file TEXT,                -- in the folder of contents, where it is one
	body BLOB                 -- else
) STRICT;
CREATE INDEX contents_file ON contents (file) WHERE file IS NOT NULL;
CREATE TABLE gone ( -- messages that were purged, so that Changes can say it
	seq INTEGER PRIMARY KEY,
	id  TEXT NOT NULL
) STRICT;
`

// maxGone is how many purged messages are remembered. Who reads Changes and has been
// away for longer than that keeps some that are gone.
const maxGone = 1_000_000

// prepare brings the database to the present schema, frees the leases of a service
// that is gone, and readies the writer. It gives the version that was migrated, or 0.
func (w *writer) prepare() (migrated int, err error) {
	version := 0
	if err := w.conn.QueryRowContext(context.Background(), "PRAGMA user_version").Scan(&version); err != nil {
		return 0, err
	}
	switch {
	case version > schemaVersion:
		return 0, fmt.Errorf("%w: its schema is version %d and this one knows up to %d: install that one again, or go back to the copy from before the upgrade", ErrNewer, version, schemaVersion)
	case version == 0:
		err = w.all(schema, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
	case version < schemaVersion:
		migrated, err = version, w.migrate(version)
	}
	if err != nil {
		return 0, err
	}
	if err := w.all(fmt.Sprintf("DELETE FROM gone WHERE seq < (SELECT seq FROM gone ORDER BY seq DESC LIMIT 1 OFFSET %d)", maxGone)); err != nil {
		return 0, err
	}
	if err := w.do.prepare(w.conn); err != nil {
		return 0, err
	}
	if err := w.count(); err != nil {
		return 0, err
	}
	// What the last service couldn't flush may stand in the system's memory only: it
	// is written again, flushed, and only then believed.
	var busy, pages, in int
	return migrated, w.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(truncate)").Scan(&busy, &pages, &in)
}

// all runs texts in one transaction.
func (w *writer) all(texts ...string) error {
	for _, text := range append([]string{"BEGIN IMMEDIATE"}, append(texts, "COMMIT")...) {
		if _, err := w.conn.ExecContext(context.Background(), text); err != nil {
			_, _ = w.conn.ExecContext(context.Background(), "ROLLBACK")
			return err
		}
	}
	return nil
}

// count finds where the changes had come to, and what is live.
func (w *writer) count() error {
	const latest = "SELECT max(coalesce((SELECT max(seq) FROM messages), 0), coalesce((SELECT max(seq) FROM gone), 0))"
	if err := w.conn.QueryRowContext(context.Background(), latest).Scan(&w.seq); err != nil {
		return err
	}
	const live = "SELECT count(*), coalesce(sum(state = 'held'), 0), coalesce(sum(size), 0) FROM messages INDEXED BY messages_live WHERE ended IS NULL"
	if err := w.conn.QueryRowContext(context.Background(), live).Scan(&w.stats.Live, &w.stats.Held, &w.stats.Bytes); err != nil {
		return err
	}
	w.publish()
	return nil
}

// free ends the leases of a service that is gone.
func (w *writer) free() (n int64, err error) {
	const text = `UPDATE messages SET owner = '', until = 0, due = CASE WHEN due IS NULL THEN NULL ELSE next END
		WHERE num IN (SELECT num FROM messages INDEXED BY messages_live WHERE ended IS NULL AND until <> 0)`
	res, err := w.conn.ExecContext(context.Background(), text)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// migrate copies the store and changes it to the present schema, in one transaction.
func (w *writer) migrate(version int) error {
	copied := filepath.Join(w.s.folder, fmt.Sprintf("outbox-v%d.db", version))
	if err := w.copyTo(copied); err != nil {
		return fmt.Errorf("copying it before its migration: %w", err)
	}
	w.s.log.Info("migrating the outbox", "from", version, "to", schemaVersion, "copy", copied)
	tx, err := w.conn.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	for ; version < schemaVersion && err == nil; version++ {
		switch version {
		case 1:
			err = addTwins(tx)
		default:
			err = fmt.Errorf("no way leads from version %d", version)
		}
	}
	if err == nil {
		_, err = tx.ExecContext(context.Background(), fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("migrating it (its copy is %s): %w", copied, err), tx.Rollback())
	}
	return tx.Commit()
}

// copyTo makes a flushed copy of the database as it is now. One that a migration left
// there which didn't come to its end is replaced.
func (w *writer) copyTo(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return vacuumInto(context.Background(), w.conn, path)
}

// vacuumInto makes a flushed copy of a database that only its owner can read.
func vacuumInto(ctx context.Context, conn *sql.Conn, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return errors.Join(err, f.Close(), os.Remove(path))
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return durable.OS{}.SyncDir(filepath.Dir(path))
}

// addTwins is the step from version 1: messages that weren't answered can be found by
// their twin.
func addTwins(tx *sql.Tx) error {
	ctx := context.Background()
	if _, err := tx.ExecContext(ctx, "ALTER TABLE messages ADD COLUMN twin BLOB"); err != nil {
		return err
	}
	for last := int64(0); ; {
		num, record, err := nextUnanswered(ctx, tx, last)
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return err
		}
		last = num
		r, err := decode(record)
		if errors.Is(err, outbox.ErrCorrupt) {
			continue // it stays as damaged as it is
		}
		if _, err := tx.ExecContext(ctx, "UPDATE messages SET twin = ? WHERE num = ?", twinOf(r), num); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, "CREATE INDEX messages_unanswered ON messages (twin, received) WHERE answer = ''")
	return err
}

func nextUnanswered(ctx context.Context, tx *sql.Tx, after int64) (num int64, record []byte, err error) {
	err = tx.QueryRowContext(ctx, "SELECT num, record FROM messages WHERE num > ? AND answer = '' ORDER BY num LIMIT 1", after).Scan(&num, &record)
	return num, record, err
}

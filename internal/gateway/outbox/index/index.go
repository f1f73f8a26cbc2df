// Package index finds messages and counts them: by words, device, state, fate,
// upstream and time. It is built from the outbox's changes into a database of its own,
// and may be thrown away at any time: one that is missing, older or damaged begins
// anew, with the cursor at 0, and is filled again from all changes.
//
// It is never asked whether a message is there or may be tried: the outbox is. It
// holds subjects and addresses, no contents. Sources: DESIGN.md "The gateway"; the
// SQLite documentation of FTS5.
package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	_ "modernc.org/sqlite" // the driver

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// version is of the schema; another one's file is thrown away.
const version = 1

// A message's number is when it was received, in microseconds since 1970, or the next
// that is free: so every index has the order of the list, and a page needs no sorting.
const schema = `
CREATE TABLE messages (
	num        INTEGER PRIMARY KEY,
	id         TEXT    NOT NULL UNIQUE,
	rev        INTEGER NOT NULL,
	device     TEXT    NOT NULL,
	sender     TEXT    NOT NULL,
	recipients TEXT    NOT NULL, -- the first of them, with blanks between
	count      INTEGER NOT NULL, -- of them all
	subject    TEXT    NOT NULL,
	size       INTEGER NOT NULL,
	state      TEXT    NOT NULL,
	why        TEXT    NOT NULL,
	answer     TEXT    NOT NULL,
	upstream   TEXT    NOT NULL, -- that was tried last
	code       INTEGER NOT NULL, -- that it gave; 0 for none
	tries      INTEGER NOT NULL,
	next       INTEGER NOT NULL, -- microseconds
	waiting    INTEGER NOT NULL, -- how many recipients have each fate
	delivered  INTEGER NOT NULL,
	refused    INTEGER NOT NULL,
	maybe      INTEGER NOT NULL,
	given_up   INTEGER NOT NULL
) STRICT;
CREATE INDEX by_device ON messages (device);
CREATE INDEX by_state ON messages (state);
CREATE INDEX by_upstream ON messages (upstream);
CREATE INDEX with_waiting ON messages (num) WHERE waiting > 0;
CREATE INDEX with_refused ON messages (num) WHERE refused > 0;
CREATE INDEX with_maybe ON messages (num) WHERE maybe > 0;
CREATE INDEX with_given_up ON messages (num) WHERE given_up > 0;
CREATE VIRTUAL TABLE words USING fts5 (text, content = '', contentless_delete = 1, detail = full);
CREATE TABLE devices (name TEXT PRIMARY KEY, heard INTEGER NOT NULL) STRICT; -- microseconds
CREATE TABLE cursor (at INTEGER NOT NULL) STRICT;
INSERT INTO cursor VALUES (0);
`

// Index is an index. It is safe for use by several goroutines at once.
type Index struct {
	writing sync.Mutex
	write   *sql.DB // one connection
	read    *sql.DB
}

// Open opens the index in a file. One that can't be used is thrown away, and another
// is begun; what can't be made is an error.
func Open(path string) (*Index, error) {
	x, err := open(path)
	if err == nil {
		return x, nil
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("throwing the index of messages away: %w", err)
		}
	}
	if x, err = open(path); err != nil {
		return nil, fmt.Errorf("beginning an index of messages: %w", err)
	}
	return x, nil
}

func open(path string) (_ *Index, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // SQLite would let others read it
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return nil, err
	}
	x := &Index{}
	defer func() {
		if err != nil {
			err = errors.Join(err, x.Close())
		}
	}()
	// A power failure may take the latest changes, and the cursor with them: no harm.
	if x.write, err = sql.Open("sqlite", dsn(path)+"&_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=cache_size(-2000)"); err != nil {
		return nil, err
	}
	x.write.SetMaxOpenConns(1)
	if x.read, err = sql.Open("sqlite", dsn(path)+"&_pragma=query_only(1)&_pragma=cache_size(-1000)"); err != nil {
		return nil, err
	}
	x.read.SetMaxOpenConns(2)
	return x, x.prepare()
}

func dsn(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/...
	}
	u := url.URL{Scheme: "file", Path: path}
	return u.String() + "?_pragma=busy_timeout(10000)&_pragma=temp_store(memory)"
}

// prepare makes the schema in a new file, and looks at that of an old one.
func (x *Index) prepare() error {
	ctx, found := context.Background(), 0
	if err := x.write.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	switch found {
	case version:
		_, err := x.Cursor(ctx)
		return err
	case 0:
		_, err := x.write.ExecContext(ctx, fmt.Sprintf("BEGIN; %s PRAGMA user_version = %d; COMMIT", schema, version))
		return err
	}
	return fmt.Errorf("it has version %d", found)
}

// Cursor is up to where the changes are in it.
func (x *Index) Cursor(ctx context.Context) (outbox.Cursor, error) {
	var at uint64
	err := x.read.QueryRowContext(ctx, "SELECT at FROM cursor").Scan(&at)
	return outbox.Cursor(at), err
}

// Close closes it.
func (x *Index) Close() error {
	var errs []error
	for _, db := range []*sql.DB{x.read, x.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

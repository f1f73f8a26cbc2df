// Package sqlite is the outbox's engine on one machine: a SQLite database, and a
// folder for the contents that are too large for it.
//
// One writer goroutine commits for all callers: it takes what waits, makes one
// transaction of it, flushes once, and answers everyone. So a hundred sessions cost
// one flush, and a Put that returned nil is on the disk. Readers use connections of
// their own, and read what is committed.
//
// A flush that fails once is never tried again and believed: SQLite would go on after
// it, and the system forgets the error, so the store marks itself as failed and
// commits nothing more until it is opened anew. A full disk is another matter: it
// refuses new messages, while the old ones still go out as long as they can.
//
// It isn't a general store: delivery decides what is tried when and kept how long,
// and the index searches. Sources: DESIGN.md "The gateway"; the SQLite
// documentation of write-ahead logs.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// Errors of Open.
var (
	ErrLocked = errors.New("the outbox is in use")
	ErrNewer  = errors.New("the outbox was written by a newer rungmail")
)

// DefaultMinFree is what is left free on the disk for messages that are already here,
// in bytes: Outcome writes, and a checkpoint can need as much again.
const DefaultMinFree = 64 << 20

// Options are what a store may be told. The zero value is right for a service.
type Options struct {
	Now     func() time.Time      // of Record.Changed; nil for the wall's
	Log     *slog.Logger          // nil for none
	Room    func() (int64, error) // free bytes on the disk; nil asks the disk
	Disk    durable.Disk          // of the contents that are files; nil is the machine's
	MinFree int64                 // Put is refused below so many; 0 is DefaultMinFree, negative none
	Reserve int64                 // bytes kept for the outcomes of what is here; 0 is DefaultReserve, negative none
}

// Found is what a store found when it was opened.
type Found struct {
	Live     int // messages that are queued or held
	Freed    int // leases of a service that is gone
	Leftover int // files that no message has, and which were removed
	Missing  int // contents that should be files and aren't
	Migrated int // the version that the store had, where it was an older one; a copy is beside it
}

// Stats are counts of a store.
type Stats struct {
	Live  int   // messages that are queued or held
	Held  int   // messages that are held
	Bytes int64 // of live messages' contents
}

// Store is an outbox. It is safe for use by several goroutines at once.
type Store struct {
	folder  string
	now     func() time.Time
	log     *slog.Logger
	room    func() (int64, error)
	disk    durable.Disk
	minFree int64
	reserve int64
	spent   atomic.Bool // the reserve was given up, or there is no room for it
	lock    *os.File

	readers *sql.DB
	read    reads
	w       *writer

	closing sync.RWMutex // held to send to the writer
	closed  bool
	failed  atomic.Pointer[error]
	stats   atomic.Pointer[Stats]

	unlinking sync.Mutex
	backups   int      // that are being made
	unlinked  []string // files to be removed when they are done
}

var _ outbox.Store = (*Store)(nil)

// The names in a store's folder.
const (
	databaseFile  = "outbox.db"
	lockFile      = "lock"
	spoolFolder   = "spool"   // contents on their way in
	contentFolder = "content" // contents that are files
)

// Open opens the store of a folder, or makes one. It fails with ErrLocked where
// another process has it open, and with ErrNewer where this program is too old for
// it. An older store is copied, and the copy flushed, before it is migrated.
func Open(folder string, o Options) (*Store, Found, error) {
	s := &Store{folder: folder, now: o.Now, log: o.Log, room: o.Room, disk: o.Disk, minFree: o.MinFree, reserve: o.Reserve}
	s.defaults()
	found, err := s.open()
	if err != nil {
		return nil, found, errors.Join(fmt.Errorf("opening the outbox in %s: %w", folder, err), s.release())
	}
	go s.w.run()
	return s, found, nil
}

func (s *Store) defaults() {
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.room == nil {
		s.room = func() (int64, error) { return room(s.folder) }
	}
	if s.disk == nil {
		s.disk = durable.OS{}
	}
	if s.minFree == 0 {
		s.minFree = DefaultMinFree
	}
	if s.reserve == 0 {
		s.reserve = DefaultReserve
	}
}

func (s *Store) open() (found Found, err error) {
	if err := s.folders(); err != nil {
		return found, err
	}
	if s.lock, err = lock(filepath.Join(s.folder, lockFile)); err != nil {
		return found, err
	}
	path := filepath.Join(s.folder, databaseFile)
	if err := own(path); err != nil {
		return found, err
	}
	if s.w, err = openWriter(s, dsn(path)); err != nil {
		return found, err
	}
	if found.Migrated, err = s.w.prepare(); err != nil {
		return found, err
	}
	if err := s.sweep(&found); err != nil {
		return found, err
	}
	s.spent.Store(s.reserve > 0)
	s.w.restore()
	if s.readers, err = sql.Open("sqlite", dsn(path)+"&_pragma=query_only(1)&_pragma=cache_size(-2000)"); err != nil {
		return found, err
	}
	s.readers.SetMaxOpenConns(4)
	s.readers.SetMaxIdleConns(4)
	if err := s.read.prepare(s.readers); err != nil {
		return found, err
	}
	// the names of the database and of its log
	return found, durable.OS{}.SyncDir(s.folder)
}

func (s *Store) folders() error {
	for _, name := range []string{"", spoolFolder, contentFolder} {
		path := filepath.Join(s.folder, name)
		if err := (durable.OS{}).MkdirAll(path); err != nil {
			return err
		}
		if err := os.Chmod(path, 0o700); err != nil { //nolint:gosec // a folder
			return err
		}
	}
	return nil
}

// own makes the file where there is none, since SQLite would let others read it.
func own(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// dsn names a database for the driver.
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

// Stats counts what is in the store, as of the latest commit.
func (s *Store) Stats() Stats { return *s.stats.Load() }

// Failed is the error that made the store fail; nil while it works.
func (s *Store) Failed() error {
	if err := s.failed.Load(); err != nil {
		return fmt.Errorf("%w: %w", outbox.ErrFailed, *err)
	}
	return nil
}

// fail marks the store as failed, by its first error.
func (s *Store) fail(err error) error {
	if s.failed.CompareAndSwap(nil, &err) {
		s.log.Error("the outbox has failed: restart the service once the disk is well", "error", err)
	}
	return s.Failed()
}

// change has the writer do something, and waits until it is committed. Once the
// writer has it, the context no longer counts.
func (s *Store) change(ctx context.Context, o *op) error {
	if err := s.hand(ctx, o); err != nil {
		return err
	}
	return <-o.done
}

// hand gives the writer something to do.
func (s *Store) hand(ctx context.Context, o *op) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	switch {
	case s.closed:
		return outbox.ErrClosed
	case ctx.Err() != nil:
		return ctx.Err()
	case s.failed.Load() != nil:
		return s.Failed()
	}
	select {
	case s.w.ops <- o:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close commits what was begun, brings the log into the database, and gives the lock
// back. A store that is closed already gives ErrClosed.
func (s *Store) Close() error {
	s.closing.Lock()
	if s.closed {
		s.closing.Unlock()
		return outbox.ErrClosed
	}
	s.closed = true
	close(s.w.ops)
	s.closing.Unlock()
	<-s.w.gone
	return s.release()
}

// release closes what is open, in the reverse order.
func (s *Store) release() error {
	var errs []error
	if s.readers != nil {
		errs = append(errs, s.read.close(), s.readers.Close())
	}
	if s.w != nil {
		errs = append(errs, s.w.close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

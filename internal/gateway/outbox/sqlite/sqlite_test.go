package sqlite_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/sqlite"
	"github.com/rungmail/rungmail/internal/gateway/outbox/storetest"
)

// open opens a store that is closed with the test.
func open(t testing.TB, folder string, o sqlite.Options) (*sqlite.Store, sqlite.Found) {
	t.Helper()
	if o.Reserve == 0 {
		o.Reserve = -1 // eight megabytes a test
	}
	s, found, err := sqlite.Open(folder, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, outbox.ErrClosed) {
			t.Error(err)
		}
	})
	return s, found
}

// put puts a message with a text.
func put(s *sqlite.Store, r outbox.Record, text string) (outbox.Rev, error) {
	return putContent(context.Background(), s, r, []byte(text), outbox.Lease{})
}

func putContent(ctx context.Context, s *sqlite.Store, r outbox.Record, text []byte, l outbox.Lease) (outbox.Rev, error) {
	c, err := s.NewContent()
	if err != nil {
		return 0, err
	}
	defer c.Discard()
	if _, err := c.Write(text); err != nil {
		return 0, err
	}
	return s.Put(ctx, r, c, l)
}

func mustPut(t testing.TB, s *sqlite.Store, text string) outbox.Record {
	t.Helper()
	r := storetest.NewRecord(storetest.NewID())
	if _, err := put(s, r, text); err != nil {
		t.Fatal(err)
	}
	r, _, err := s.Get(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func text(t testing.TB, s *sqlite.Store, id outbox.ID) string {
	t.Helper()
	c, err := s.Content(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// acknowledged checks that each message that Put said yes to is there whole, and that
// none at all is half there.
func acknowledged(t *testing.T, s *sqlite.Store, said map[outbox.ID]string) {
	t.Helper()
	for id, sum := range said {
		r, _, err := s.Get(t.Context(), id)
		if err != nil {
			t.Errorf("%s was acknowledged: %v", id, err)
			continue
		}
		if got := fmt.Sprintf("%x", sha256.Sum256([]byte(text(t, s, id)))); got != sum || got != fmt.Sprintf("%x", r.Sum) {
			t.Errorf("%s has the checksum %s, want %s", id, got, sum)
		}
	}
	for after := outbox.ID(""); ; {
		page, err := s.Live(t.Context(), after, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return
		}
		for _, m := range page {
			text(t, s, m.Record.ID)
		}
		after = page[len(page)-1].Record.ID
	}
}

// large is a content that is a file.
func large(text string) string { return strings.Repeat(text, 2*outbox.SpoolOver/len(text)) }

func database(folder string) string { return filepath.Join(folder, "outbox.db") }

// edit changes the database of a store that is closed.
func edit(t testing.TB, path string, text string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text, args...); err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *storetest.Engine {
		folder := inMemory(t)
		var now *sqlite.Store
		start := func() outbox.Store {
			var err error
			if now, _, err = sqlite.Open(folder, sqlite.Options{Reserve: -1}); err != nil {
				t.Fatal(err)
			}
			return now
		}
		stop := func() {
			if err := now.Close(); err != nil && !errors.Is(err, outbox.ErrClosed) {
				t.Error(err)
			}
		}
		return &storetest.Engine{
			Store:  start(),
			Close:  stop,
			Reopen: func() outbox.Store { stop(); return start() },
			Damage: func(id outbox.ID) outbox.Store {
				stop()
				damage(t, folder, id)
				return start()
			},
		}
	})
}

// inMemory is a folder on a disk whose flushes cost nothing, where there is one.
func inMemory(t *testing.T) string {
	folder, err := os.MkdirTemp("/dev/shm", "outbox")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// damage flips a bit of a content, in the database or in its file.
func damage(t *testing.T, folder string, id outbox.ID) {
	db, err := sql.Open("sqlite", database(folder))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var num int64
	var file sql.NullString
	var body []byte
	if err := db.QueryRow("SELECT num, file, body FROM contents JOIN messages USING (num) WHERE id = ?", string(id)).Scan(&num, &file, &body); err != nil {
		t.Fatal(err)
	}
	if !file.Valid {
		body[len(body)/2] ^= 1
		if _, err := db.Exec("UPDATE contents SET body = ? WHERE num = ?", body, num); err != nil {
			t.Fatal(err)
		}
		return
	}
	path := filepath.Join(folder, "content", file.String)
	if body, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	body[len(body)/2] ^= 1
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRetentionHoldsAndTwins(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s, _ := open(t, t.TempDir(), sqlite.Options{Now: func() time.Time { return now }})
	queued, held, done := mustPut(t, s, "one"), mustPut(t, s, "three"), mustPut(t, s, "five5")
	held.State, done.State = outbox.Held, outbox.Done
	for _, r := range []outbox.Record{held, done} {
		_, rev, err := s.Get(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Update(t.Context(), r.ID, rev, r); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := s.Stats(), (sqlite.Stats{Live: 2, Held: 1, Bytes: 8}); got != want {
		t.Errorf("stats are %+v, want %+v", got, want)
	}
	if got, err := s.Ended(t.Context(), now, 9); len(got) != 0 || err != nil {
		t.Errorf("ended before now: %v, %v", got, err)
	}
	if got, err := s.Ended(t.Context(), now.Add(time.Second), 9); len(got) != 1 || got[0] != done.ID || err != nil {
		t.Errorf("ended: %v, %v", got, err)
	}
	first, err := s.Live(t.Context(), "", 1)
	if len(first) != 1 || first[0].Record.ID != queued.ID || err != nil {
		t.Errorf("live: %v, %v", first, err)
	}
	if next, err := s.Live(t.Context(), queued.ID, 9); len(next) != 1 || next[0].Record.ID != held.ID || next[0].Record.State != outbox.Held || err != nil {
		t.Errorf("live after it: %v, %v", next, err)
	}
	if err := s.Answered(t.Context(), done.ID, outbox.AnsweredQueued, done.Code); err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(t.Context(), queued.ID, true); err != nil { // after the answer, since the writer keeps the order
		t.Fatal(err)
	}
	if got, err := s.Unanswered(t.Context(), held.Received); len(got) != 1 || got[0].ID != held.ID || err != nil {
		t.Errorf("unanswered: %v, %v", got, err)
	}
	if got, err := s.Unanswered(t.Context(), held.Received.Add(1)); len(got) != 0 || err != nil {
		t.Errorf("unanswered later: %v, %v", got, err)
	}
	if _, _, err := s.Twin(t.Context(), done.Twin, done.Received); !errors.Is(err, outbox.ErrNotFound) {
		t.Errorf("the twin of an answered one: %v", err)
	}
	if got, want := s.Stats(), (sqlite.Stats{Live: 1, Held: 1, Bytes: 5}); got != want {
		t.Errorf("stats are %+v, want %+v", got, want)
	}
}

// TestABackupIsWholeWhileMailsGoInAndOut opens the copy and reads every message in it.
func TestABackupIsWholeWhileMailsGoInAndOut(t *testing.T) {
	folder := t.TempDir()
	s, _ := open(t, filepath.Join(folder, "state"), sqlite.Options{})
	before := mustPut(t, s, large("before"))
	var going []outbox.ID
	for range 100 {
		going = append(going, mustPut(t, s, large("going")).ID)
	}
	ended := make(chan error, 1)
	go func() {
		var errs []error
		for _, id := range going {
			_, err := put(s, storetest.NewRecord(storetest.NewID()), large("coming"))
			errs = append(errs, err, s.Purge(context.Background(), id, true))
		}
		ended <- errors.Join(errs...)
	}()
	copied := filepath.Join(folder, "copy")
	if err := errors.Join(s.Backup(t.Context(), copied), <-ended); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), copied); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("into a folder that has something: %v", err)
	}
	if files, err := os.ReadDir(filepath.Join(folder, "state", "content")); len(files) != 101 || err != nil {
		t.Errorf("%d contents are there; %v", len(files), err)
	}
	c, found := open(t, copied, sqlite.Options{})
	if found.Missing != 0 || found.Leftover != 0 || found.Live < 100 {
		t.Errorf("the copy has %+v", found)
	}
	if text(t, c, before.ID) != large("before") {
		t.Error("the content in the copy is another")
	}
	acknowledged(t, c, nil)
}

func TestAContentOfAnotherStoreIsRefused(t *testing.T) {
	a, _ := open(t, t.TempDir(), sqlite.Options{})
	b, _ := open(t, t.TempDir(), sqlite.Options{})
	c, err := a.NewContent()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Put(t.Context(), storetest.NewRecord(storetest.NewID()), c, outbox.Lease{}); err == nil {
		t.Error("it was put")
	}
}

// TestTheLogDoesntGrowForEver puts more than the log may hold.
func TestTheLogDoesntGrowForEver(t *testing.T) {
	folder := t.TempDir()
	s, _ := open(t, folder, sqlite.Options{})
	body := bytes.Repeat([]byte("x"), outbox.SpoolOver)
	for range 1200 { // 75 MiB
		if _, err := putContent(t.Context(), s, storetest.NewRecord(storetest.NewID()), body, outbox.Lease{}); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(database(folder) + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 24<<20 {
		t.Errorf("the log has %d MiB", info.Size()>>20)
	}
}

package sqlite_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/sqlite"
	"github.com/rungmail/rungmail/internal/gateway/outbox/storetest"
)

func TestASecondServiceIsRefused(t *testing.T) {
	folder := t.TempDir()
	s, _ := open(t, folder, sqlite.Options{})
	_, _, err := sqlite.Open(folder, sqlite.Options{})
	if !errors.Is(err, sqlite.ErrLocked) {
		t.Fatalf("the second one gets %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, folder, sqlite.Options{})
}

func TestOnlyItsOwnerCanReadIt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it has other rights")
	}
	folder := filepath.Join(t.TempDir(), "state", "outbox")
	s, _ := open(t, folder, sqlite.Options{})
	mustPut(t, s, large("text"))
	if err := s.Backup(t.Context(), filepath.Join(folder, "copy")); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = fs.ModeDir | 0o700
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestItSaysWhatItFound looks at what a service leaves behind that ends in the middle
// of everything.
func TestItSaysWhatItFound(t *testing.T) {
	folder := t.TempDir()
	s, found := open(t, folder, sqlite.Options{})
	if found != (sqlite.Found{}) {
		t.Errorf("a new store has found %+v", found)
	}
	mustPut(t, s, "small")
	future := storetest.NewRecord(storetest.NewID())
	future.Next = time.Now().Add(time.Hour)
	if _, err := putContent(t.Context(), s, future, []byte(large("x")), outbox.Lease{Owner: "intake", Until: time.Now()}); err != nil {
		t.Fatal(err)
	}
	lost := mustPut(t, s, large("lost"))
	done := storetest.NewRecord(storetest.NewID())
	done.State = outbox.Done
	if _, err := put(s, done, "done"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Claim(t.Context(), "worker", time.Now(), time.Minute, 1); len(got) != 1 || err != nil {
		t.Fatal(got, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"spool/half", "content/nobodys"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	removeContent(t, folder, lost.ID)

	s, found = open(t, folder, sqlite.Options{})
	if want := (sqlite.Found{Live: 3, Freed: 2, Leftover: 2, Missing: 1}); found != want {
		t.Errorf("found %+v, want %+v", found, want)
	}
	if _, err := s.Content(t.Context(), lost.ID); !errors.Is(err, outbox.ErrCorrupt) {
		t.Errorf("a content that is missing gives %v", err)
	}
	if got, err := s.Claim(t.Context(), "worker", time.Now(), time.Minute, 9); len(got) != 2 || err != nil {
		t.Errorf("%d of the 2 that are due can be claimed; %v", len(got), err)
	}
	if text(t, s, future.ID) != large("x") {
		t.Error("a content that has its message was taken")
	}
}

func removeContent(t *testing.T, folder string, id outbox.ID) {
	db, err := sql.Open("sqlite", database(folder))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var file string
	if err := db.QueryRow("SELECT file FROM contents JOIN messages USING (num) WHERE id = ?", string(id)).Scan(&file); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "content", file)); err != nil {
		t.Fatal(err)
	}
}

func TestANewerStoreIsRefused(t *testing.T) {
	folder := t.TempDir()
	s, _ := open(t, folder, sqlite.Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, database(folder), "PRAGMA user_version = 99")
	_, _, err := sqlite.Open(folder, sqlite.Options{})
	if !errors.Is(err, sqlite.ErrNewer) || !strings.Contains(err.Error(), "99") {
		t.Fatalf("it says %v", err)
	}
	edit(t, database(folder), "PRAGMA user_version = 2")
	open(t, folder, sqlite.Options{}) // nothing was changed, and the lock is free
}

// TestAStoreOfVersion1IsMigrated makes what the first schema was out of the present
// one: it had no twins.
func TestAStoreOfVersion1IsMigrated(t *testing.T) {
	folder := t.TempDir()
	s, _ := open(t, folder, sqlite.Options{})
	r := mustPut(t, s, "from long ago")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, database(folder), "DROP INDEX messages_unanswered; ALTER TABLE messages DROP COLUMN twin; PRAGMA user_version = 1")

	s, found := open(t, folder, sqlite.Options{})
	if found.Migrated != 1 || found.Live != 1 {
		t.Errorf("found %+v", found)
	}
	got, _, err := s.Twin(t.Context(), r.Twin, r.Received)
	if err != nil || got.ID != r.ID {
		t.Errorf("its twin is %q, %v", got.ID, err)
	}
	if text(t, s, r.ID) != "from long ago" {
		t.Error("its content is another")
	}
	mustPut(t, s, "new")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	version := 0
	db, err := sql.Open("sqlite", filepath.Join(folder, "outbox-v1.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil || version != 1 {
		t.Errorf("the copy has version %d, %v", version, err)
	}
	if _, found := open(t, folder, sqlite.Options{}); found.Migrated != 0 || found.Live != 2 {
		t.Errorf("the second time it found %+v", found)
	}
}

func TestAMigrationThatFailsLeavesTheOldStore(t *testing.T) {
	folder := t.TempDir()
	s, _ := open(t, folder, sqlite.Options{})
	mustPut(t, s, "text")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, database(folder), "PRAGMA user_version = 1") // the column is there already
	for range 2 {
		if _, _, err := sqlite.Open(folder, sqlite.Options{}); err == nil || !strings.Contains(err.Error(), "outbox-v1.db") {
			t.Fatalf("it says %v", err)
		}
	}
	edit(t, database(folder), "PRAGMA user_version = 2")
	if _, found := open(t, folder, sqlite.Options{}); found.Live != 1 {
		t.Errorf("found %+v", found)
	}
}

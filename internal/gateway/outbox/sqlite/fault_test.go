package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/sqlite"
	"github.com/rungmail/rungmail/internal/gateway/outbox/storetest"
)

// TestADamagedRecordDoesntStopTheOthers flips a bit of a record.
func TestADamagedRecordDoesntStopTheOthers(t *testing.T) {
	folder := t.TempDir()
	s, _ := open(t, folder, sqlite.Options{})
	bad, good := mustPut(t, s, "bad"), mustPut(t, s, "good")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", database(folder))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var record []byte
	if err := db.QueryRow("SELECT record FROM messages WHERE id = ?", string(bad.ID)).Scan(&record); err != nil {
		t.Fatal(err)
	}
	record[len(record)/2] ^= 4
	if _, err := db.Exec("UPDATE messages SET record = ? WHERE id = ?", record, string(bad.ID)); err != nil {
		t.Fatal(err)
	}
	db.Close()

	s, _ = open(t, folder, sqlite.Options{})
	if _, _, err := s.Get(t.Context(), bad.ID); !errors.Is(err, outbox.ErrCorrupt) {
		t.Errorf("get: %v", err)
	}
	for _, want := range []int{1, 0} {
		got, err := s.Claim(t.Context(), "worker", time.Now(), 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if want == 1 && len(got) == 0 { // the bad one was first, and is out of the way now
			got, err = s.Claim(t.Context(), "worker", time.Now(), time.Hour, 1)
		}
		if len(got) != want || err != nil {
			t.Errorf("%d were claimed, want %d; %v", len(got), want, err)
		}
		if want == 1 {
			if _, err := s.Update(t.Context(), good.ID, got[0].Rev, outbox.Record{State: outbox.Done}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, _, err := s.Changes(t.Context(), 0, 9); len(got) != 1 || err != nil {
		t.Errorf("%d changes, %v", len(got), err)
	}
	if _, _, err := s.Outcome(t.Context(), bad.ID, outbox.Attempt{}); !errors.Is(err, outbox.ErrCorrupt) {
		t.Errorf("outcome: %v", err)
	}
	mustPut(t, s, "more")
}

// badDisk fails at one operation.
type badDisk struct {
	durable.OS
	op  string
	err error
}

type badFile struct {
	durable.File
	d *badDisk
}

func (d *badDisk) at(op string) error {
	if d.op == op {
		return d.err
	}
	return nil
}

func (d *badDisk) Create(path string) (durable.File, error) {
	f, err := d.OS.Create(path)
	return badFile{f, d}, err
}

func (d *badDisk) Rename(from, to string) error {
	return errors.Join(d.at("rename"), d.OS.Rename(from, to))
}

func (d *badDisk) SyncDir(path string) error { return errors.Join(d.at("syncdir"), d.OS.SyncDir(path)) }
func (f badFile) Sync() error                { return errors.Join(f.d.at("sync"), f.File.Sync()) }
func (f badFile) Write(p []byte) (int, error) {
	if err := f.d.at("write"); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

// TestAFileThatCantBeFlushedIsNoYes: whichever step of a large content fails, the put
// does, and the store takes nothing more until it is opened anew.
func TestAFileThatCantBeFlushedIsNoYes(t *testing.T) {
	for _, op := range []string{"write", "sync", "rename", "syncdir"} {
		t.Run(op, func(t *testing.T) {
			folder := t.TempDir()
			disk := &badDisk{}
			s, _ := open(t, folder, sqlite.Options{Disk: disk})
			before := mustPut(t, s, "before")
			disk.op, disk.err = op, errors.New("input/output error")
			lost := storetest.NewRecord(storetest.NewID())
			if _, err := put(s, lost, large("lost")); !errors.Is(err, outbox.ErrFailed) || !strings.Contains(err.Error(), "input/output") {
				t.Errorf("the put says %v", err)
			}
			disk.op = ""
			if _, err := put(s, storetest.NewRecord(storetest.NewID()), "after"); !errors.Is(err, outbox.ErrFailed) {
				t.Errorf("the next one says %v", err)
			}
			if err := s.Purge(t.Context(), before.ID, true); !errors.Is(err, outbox.ErrFailed) {
				t.Errorf("a purge says %v", err)
			}
			if text(t, s, before.ID) != "before" { // reading goes on
				t.Error("the content is another")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s, found := open(t, folder, sqlite.Options{})
			if found.Live != 1 || found.Leftover > 1 || found.Missing != 0 {
				t.Errorf("found %+v", found)
			}
			if _, _, err := s.Get(t.Context(), lost.ID); !errors.Is(err, outbox.ErrNotFound) {
				t.Errorf("get: %v", err)
			}
			mustPut(t, s, large("now"))
		})
	}
}

// TestWhatWaitedWhenTheStoreFailedIsRefused: a put that the writer has already, but
// hasn't come to, isn't committed after a failure; its context no longer counts.
func TestWhatWaitedWhenTheStoreFailedIsRefused(t *testing.T) {
	folder := t.TempDir()
	s, _ := open(t, folder, sqlite.Options{})
	letGo, err := s.Stall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	said := make(chan error, 1)
	go func() {
		_, err := putContent(ctx, s, storetest.NewRecord(storetest.NewID()), []byte("text"), outbox.Lease{})
		said <- err
	}()
	deadline, tick := time.After(10*time.Second), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for s.Waiting() == 0 {
		select {
		case <-deadline:
			t.Fatal("the put never waits for the writer")
		case <-tick.C:
		}
	}
	cancel()
	s.Fail(errors.New("input/output error"))
	letGo()
	if err := <-said; !errors.Is(err, outbox.ErrFailed) {
		t.Errorf("the put says %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, found := open(t, folder, sqlite.Options{}); found.Live != 0 {
		t.Errorf("found %+v", found)
	}
}

// TestLittleRoomRefusesNewMailAlone asks a disk that says how much is free.
func TestLittleRoomRefusesNewMailAlone(t *testing.T) {
	free := int64(1000)
	s, _ := open(t, t.TempDir(), sqlite.Options{MinFree: 500, Room: func() (int64, error) { return free, nil }})
	r := mustPut(t, s, "text")
	c, err := s.NewContent()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Discard()
	free = 499
	if _, err := s.Put(t.Context(), storetest.NewRecord(storetest.NewID()), c, outbox.Lease{}); !errors.Is(err, outbox.ErrFull) {
		t.Errorf("put: %v", err)
	}
	if _, err := s.NewContent(); !errors.Is(err, outbox.ErrFull) {
		t.Errorf("new content: %v", err)
	}
	if _, _, err := s.Outcome(t.Context(), r.ID, storetest.NewAttempt(time.Now())); err != nil {
		t.Errorf("outcome: %v", err)
	}
	free = 500
	if _, err := s.Put(t.Context(), storetest.NewRecord(storetest.NewID()), c, outbox.Lease{}); err != nil {
		t.Errorf("put, with room again: %v", err)
	}
}

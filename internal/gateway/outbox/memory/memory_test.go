package memory

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/storetest"
	"github.com/rungmail/rungmail/reply"
)

// TestItIsAStore: whatever any engine must do.
func TestItIsAStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) *storetest.Engine {
		e := &storetest.Engine{}
		s := New(Options{})
		e.Store = s
		e.Reopen = func() outbox.Store {
			s = s.Reopen()
			return s
		}
		e.Damage = func(id outbox.ID) outbox.Store {
			s.Damage(id)
			return s
		}
		e.Close = func() { _ = s.Close() }
		return e
	})
}

var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// put stores a message of one recipient's.
func put(t *testing.T, s *Store, l outbox.Lease) outbox.ID {
	t.Helper()
	id := storetest.NewID()
	c, err := s.NewContent()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("Subject: x\r\n\r\ntext\r\n")); err != nil {
		t.Fatal(err)
	}
	r := storetest.NewRecord(id)
	r.Size, r.Sum = c.Size(), c.Sum()
	if _, err := s.Put(t.Context(), r, c, l); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestACrashKeepsWhatWasPutAndFreesItsLease(t *testing.T) {
	s := New(Options{})
	id := put(t, s, outbox.Lease{Owner: "me", Until: at.Add(time.Hour)})
	if list, err := s.Claim(t.Context(), "you", at, time.Minute, 9); err != nil || len(list) != 0 {
		t.Fatalf("a leased message was claimed: %v, %v", list, err)
	}
	next := s.Crash()
	list, err := next.Claim(t.Context(), "you", at, time.Minute, 9)
	if err != nil || len(list) != 1 || list[0].Record.ID != id {
		t.Errorf("got %v, %v", list, err)
	}
	if _, err := next.Content(t.Context(), id); err != nil {
		t.Error(err)
	}
	if _, _, err := s.Get(t.Context(), id); !errors.Is(err, outbox.ErrClosed) {
		t.Errorf("the old store gives %v", err)
	}
}

func TestACrashLosesAnAnswerThatNoCommitFollowed(t *testing.T) {
	for name, followed := range map[string]bool{"none followed": false, "one followed": true} {
		t.Run(name, func(t *testing.T) {
			s := New(Options{})
			id := put(t, s, outbox.Lease{})
			if err := s.Answered(t.Context(), id, outbox.AnsweredQueued, reply.Reply{Code: 250}); err != nil {
				t.Fatal(err)
			}
			want := outbox.NotAnswered
			if followed {
				put(t, s, outbox.Lease{})
				want = outbox.AnsweredQueued
			}
			if r, _, err := s.Crash().Get(t.Context(), id); err != nil || r.Answer != want {
				t.Errorf("got %q, %v; want %q", r.Answer, err, want)
			}
		})
	}
}

func TestACallCanBeMadeToFail(t *testing.T) {
	var fault error
	s := New(Options{Fail: func(c Call, _ outbox.ID) error {
		if c == Outcome {
			return fault
		}
		return nil
	}})
	id := put(t, s, outbox.Lease{})
	outcome := func() error {
		_, _, err := s.Outcome(context.Background(), id, outbox.Attempt{State: outbox.Queued})
		return err
	}
	fault = outbox.ErrFull
	if err := outcome(); !errors.Is(err, outbox.ErrFull) {
		t.Errorf("got %v", err)
	}
	fault = nil
	if err := outcome(); err != nil {
		t.Errorf("a full disk that has room again: %v", err)
	}
	fault = errors.New("input/output error")
	for range 2 {
		if err := outcome(); !errors.Is(err, outbox.ErrFailed) {
			t.Errorf("got %v", err)
		}
		fault = nil
	}
	if _, _, err := s.Crash().Get(t.Context(), id); err != nil {
		t.Errorf("after the next start: %v", err)
	}
}

package sqlite_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/sqlite"
	"github.com/rungmail/rungmail/internal/gateway/outbox/storetest"
	"github.com/rungmail/rungmail/reply"
)

// spread runs b.N calls over n goroutines.
func spread(b *testing.B, n int, call func() error) {
	b.Helper()
	var next atomic.Int64
	errs := make(chan error, n)
	for range n {
		go func() {
			for next.Add(1) <= int64(b.N) {
				if err := call(); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

func BenchmarkPut(b *testing.B) {
	for _, n := range []int{1, 20, 100} {
		b.Run(fmt.Sprintf("%d goroutines", n), func(b *testing.B) {
			s, _ := open(b, b.TempDir(), sqlite.Options{})
			body := make([]byte, 1024)
			b.ReportAllocs()
			b.ResetTimer()
			spread(b, n, func() error {
				_, err := putContent(context.Background(), s, storetest.NewRecord(storetest.NewID()), body, outbox.Lease{})
				return err
			})
		})
	}
}

// BenchmarkLife is all that happens to a message that is delivered at once: put leased,
// read, answered, its outcome noted, its content purged.
func BenchmarkLife(b *testing.B) {
	for _, n := range []int{1, 20, 100} {
		b.Run(fmt.Sprintf("%d goroutines", n), func(b *testing.B) {
			s, _ := open(b, b.TempDir(), sqlite.Options{})
			body := make([]byte, 1024)
			b.ReportAllocs()
			b.ResetTimer()
			spread(b, n, func() error { return life(s, body) })
		})
	}
}

func life(s *sqlite.Store, body []byte) error {
	ctx := context.Background()
	r := storetest.NewRecord(storetest.NewID())
	if _, err := putContent(ctx, s, r, body, outbox.Lease{Owner: "delivery", Until: time.Now().Add(time.Minute)}); err != nil {
		return err
	}
	c, err := s.Content(ctx, r.ID)
	if err != nil {
		return err
	}
	c.Close()
	a := talk()
	a.State, a.Recipients[1].Fate = outbox.Done, outbox.Delivered
	if _, _, err := s.Outcome(ctx, r.ID, a); err != nil {
		return err
	}
	if err := s.Answered(ctx, r.ID, outbox.AnsweredQueued, reply.Reply{Code: 250, Lines: []string{"2.0.0 queued as 1"}}); err != nil {
		return err
	}
	return s.Purge(ctx, r.ID, false)
}

// talk is an attempt with a conversation of the usual length.
func talk() outbox.Attempt {
	a := storetest.NewAttempt(time.Now())
	for len(a.Events) < 20 {
		a.Events = append(a.Events, a.Events[1])
	}
	return a
}

// BenchmarkClaimAndOutcome works through a queue.
func BenchmarkClaimAndOutcome(b *testing.B) {
	s, _ := open(b, b.TempDir(), sqlite.Options{})
	fill(b, s, b.N)
	work := make(chan outbox.ID, 100)
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		defer close(work)
		for left := b.N; left > 0; {
			got, err := s.Claim(context.Background(), "worker", time.Now(), time.Hour, 50)
			if err != nil || len(got) == 0 {
				b.Error(len(got), err)
				return
			}
			left -= len(got)
			for _, c := range got {
				work <- c.Record.ID
			}
		}
	}()
	spread(b, 20, func() error {
		a := talk()
		a.State, a.Recipients[1].Fate = outbox.Done, outbox.Delivered
		_, _, err := s.Outcome(context.Background(), <-work, a)
		return err
	})
}

// fill queues n messages.
func fill(b *testing.B, s *sqlite.Store, n int) {
	b.Helper()
	var next atomic.Int64
	errs := make(chan error, 100)
	body := make([]byte, 1024)
	for range 100 {
		go func() {
			for next.Add(1) <= int64(n) {
				if _, err := putContent(context.Background(), s, storetest.NewRecord(storetest.NewID()), body, outbox.Lease{}); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range 100 {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRecord compares the codec's cost with JSON's, for a record with one attempt.
func BenchmarkRecord(b *testing.B) {
	r := storetest.NewRecord(storetest.NewID())
	r.Take(talk(), time.Now())
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sqlite.Encode(r)
		}
		b.ReportMetric(float64(len(sqlite.Encode(r))), "bytes")
	})
	text := sqlite.Encode(r)
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := sqlite.Decode(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode as JSON", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(r); err != nil {
				b.Fatal(err)
			}
		}
	})
	inJSON, err := json.Marshal(r)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("decode from JSON", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var got outbox.Record
			if err := json.Unmarshal(inJSON, &got); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkReopen opens a store with a million queued messages of 1 KiB, each leased by
// a service that is gone, and claims the first.
func BenchmarkReopen(b *testing.B) {
	folder := b.TempDir()
	s, _ := open(b, folder, sqlite.Options{})
	r := mustPut(b, s, "the pattern")
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	const million = 1_000_000
	edit(b, database(folder), `PRAGMA synchronous = off;
		INSERT INTO messages (num, id, seq, state, next, due, owner, until, received, changed, answer, size, record, twin)
			WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < ? + 8)
			SELECT i, printf('%08x-0000-7000-8000-%012x', i / 1000, i), i, state, next, next, 'gone', next + 1, received + i, changed, answer, 1024, record, randomblob(32)
			FROM n, messages;
		INSERT INTO contents (num, size, sum, body) SELECT num, 1024, randomblob(32), zeroblob(1024) FROM messages WHERE num > 1`, million)
	b.ResetTimer()
	for range b.N {
		s, found, err := sqlite.Open(folder, sqlite.Options{})
		if err != nil || found.Live != million {
			b.Fatal(found, err)
		}
		got, err := s.Claim(context.Background(), "worker", r.Next, time.Minute, 1)
		if len(got) != 1 || err != nil {
			b.Fatal(len(got), err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/reopen")
}

package index_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/index"
)

// BenchmarkIndex fills an index with 100,000 messages and asks for pages of it.
func BenchmarkIndex(b *testing.B) {
	x := fresh(b)
	began := time.Now()
	fill(b, x, 100_000)
	b.Logf("100,000 messages were taken in in %v", time.Since(began))
	for _, c := range []struct {
		name string
		q    index.Query
	}{
		{"the newest", index.Query{}},
		{"a device", index.Query{Device: "device-7"}},
		{"what is done", index.Query{State: outbox.Done}},
		{"what was refused", index.Query{Fate: outbox.Refused}},
		{"a common word", index.Query{Text: "widget"}},
		{"a rare word", index.Query{Text: "m00777"}},
		{"a word of a device", index.Query{Text: "report", Device: "device-7"}},
		{"a rare state", index.Query{State: outbox.Held}},
		{"far back", index.Query{Before: index.Place(noon.Add(time.Hour).UnixMicro())}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if rows, _, err := x.Search(b.Context(), c.q); err != nil || len(rows) == 0 {
					b.Fatal(len(rows), err)
				}
			}
		})
	}
	b.Run("statistics of a day", func(b *testing.B) {
		for b.Loop() {
			if _, err := x.Stats(b.Context(), noon); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func fill(b *testing.B, x *index.Index, n int) {
	b.Helper()
	var batch []outbox.Change
	for i := range n {
		batch = append(batch, change(b, fmt.Sprintf("m%05d", i), i, func(r *outbox.Record) {
			r.State, r.To[0].Fate = outbox.Done, outbox.Delivered
			r.Device = fmt.Sprintf("device-%d", i%50)
			if i%1000 == 0 {
				r.State, r.To[0].Fate = outbox.Held, outbox.Refused
			}
		}))
		if len(batch) == 500 {
			apply(b, x, outbox.Cursor(i), batch...)
			batch = batch[:0]
		}
	}
}

package gateway

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/delivery"
	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/intake"
	"github.com/rungmail/rungmail/internal/gateway/outbox/memory"
	"github.com/rungmail/rungmail/internal/gateway/upstream"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// swallower takes every message and keeps none.
type swallower struct{}

func (swallower) Name() string            { return "swallower" }
func (swallower) Close() error            { return nil }
func (swallower) UTF8() (yes, known bool) { return true, true }

func (swallower) Send(_ context.Context, m upstream.Message) (upstream.Result, error) {
	text, err := m.Open()
	if err != nil {
		return upstream.Result{}, err
	}
	defer text.Close()
	_, err = io.Copy(io.Discard, text)
	ok := reply.Reply{Code: 250, Lines: []string{"ok"}}
	result := upstream.Result{Final: ok}
	for _, to := range m.To {
		result.Verdicts = append(result.Verdicts, upstream.Verdict{To: to, Reply: ok})
	}
	return result, err
}

// BenchmarkTake is a message's whole way through gateway and delivery, with a store in
// memory and an upstream that takes all: what they cost beside disk and network.
func BenchmarkTake(b *testing.B) {
	for _, wait := range []time.Duration{10 * time.Second, 0} {
		for _, sessions := range []int{1, 20} {
			b.Run(fmt.Sprintf("verdict_wait=%v/sessions=%d", wait, sessions), func(b *testing.B) { benchTake(b, wait, sessions) })
		}
	}
}

func benchTake(b *testing.B, wait time.Duration, sessions int) {
	store, log := memory.New(memory.Options{}), slog.New(slog.DiscardHandler)
	book := alarm.NewBook(func(a alarm.Alarm) { b.Error(a.Text) })
	engine, err := delivery.New(delivery.Config{
		Store: store, Upstreams: []upstream.Sender{swallower{}}, Routes: []delivery.Route{{Name: "all", Upstreams: []string{"swallower"}}},
		Workers: 40, Owner: "me", Now: time.Now, Rand: func() float64 { return 0.5 }, Alarms: book, Log: log,
	}, nil)
	if err != nil {
		b.Fatal(err)
	}
	var ids atomic.Uint64
	g := New(Config{
		Name: "gw.example", Store: store, Delivery: engine, VerdictWait: wait, Expire: time.Hour, Waiters: 1000, Alarms: book,
		Now: time.Now, NewID: func() string { return fmt.Sprintf("m%09d", ids.Add(1)) }, Log: log,
	}, nil, nil)
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() { defer close(done); engine.Run(ctx, ctx) }()
	text := make([]byte, 1024)
	for i := range text {
		text[i] = 'x'
	}
	m := intake.Mail{
		Device: &device.Device{Name: "line-4", VerdictWait: -1}, Peer: netip.MustParseAddr("192.0.2.4"), Helo: "plc",
		From: address("plc@example.com"), To: []mailaddr.Address{address("ann@example.com")},
		Header: []byte("From: plc@example.com\r\nTo: ann@example.com\r\nSubject: x\r\n\r\n"),
	}
	b.ReportAllocs()
	b.ResetTimer()
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	for range sessions {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				body, err := g.begin(m)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = body.Write(text)
				g.take(ctx, m, body).Wrote(nil)
			}
		})
	}
	wg.Wait()
	for engine.Older("all") > 0 {
		time.Sleep(time.Millisecond)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	stop()
	<-done
}

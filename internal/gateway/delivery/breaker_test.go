package delivery

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

func TestAMessageThatIsPutOffBacksOff(t *testing.T) {
	inWorld(t, func(c *Config) { c.Backoff = Backoff{First: time.Minute, Most: 5 * time.Minute} }, func(w *world) {
		w.office.set(says("450 later"))
		began := time.Now()
		w.queue("ann@example.com")
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		var got []time.Duration
		for _, one := range w.office.tries {
			got = append(got, one.at.Sub(began).Round(time.Second))
		}
		want := []time.Duration{0, 1 * time.Minute, 3 * time.Minute, 7 * time.Minute, 12 * time.Minute, 17 * time.Minute}
		if !slices.Equal(got, want) {
			t.Errorf("tried after %v, want %v", got, want)
		}
		w.older(1)
	})
}

func TestABackoffStaysWithinItsBounds(t *testing.T) {
	b := Backoff{First: time.Minute, Most: 30 * time.Minute}
	for tries := range 50 {
		least, most := b.after(tries, 0), b.after(tries, 1)
		if least < 48*time.Second || most > 36*time.Minute || least >= most {
			t.Errorf("after %d tries: %v to %v", tries, least, most)
		}
	}
	if got := (Backoff{First: time.Hour, Most: time.Minute}).after(1, 0.5); got != time.Minute {
		t.Errorf("got %v", got)
	}
}

func TestARefusedLoginHoldsTheQueueWithOneAlarm(t *testing.T) {
	inWorld(t, func(c *Config) { c.Routes[0].Upstreams = []string{"office"} }, func(w *world) {
		w.office.set(fails(loginTrouble))
		var ids []outbox.ID
		for range 5 {
			ids = append(ids, w.queue("ann@example.com"))
			synctest.Wait()
		}
		time.Sleep(55 * time.Minute)
		synctest.Wait()
		if n := w.office.asked(); n != 1 {
			t.Errorf("the login was tried %d times in an hour", n)
		}
		w.alarmed("login-refused")
		if h := w.Health()[0]; h.Well || !h.Login || !strings.Contains(h.Why, "535") {
			t.Errorf("%+v", h)
		}
		w.office.set(takes)
		w.Release("office")
		time.Sleep(20 * time.Minute)
		for _, id := range ids {
			w.is(id, outbox.Done, outbox.Delivered)
		}
		w.alarmed("login-refused", "login-refused over")
	})
}

func TestABreakerLetsOneMessageTryItOut(t *testing.T) {
	inWorld(t, func(c *Config) { c.Routes[0].Upstreams = []string{"office"} }, func(w *world) {
		w.office.set(fails(down))
		first := w.queue("ann@example.com")
		w.is(first, outbox.Queued, outbox.Waiting)
		for range 10 {
			w.queue("bob@example.com")
		}
		time.Sleep(14 * time.Second)
		synctest.Wait()
		if n := w.office.asked(); n != 1 {
			t.Errorf("an open breaker let %d through", n)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := w.office.asked(); n != 2 {
			t.Errorf("a breaker that is tried out let %d through, want 1", n-1)
		}
		if w.Ready(w.record("x@example.com")) {
			t.Error("somebody may wait")
		}
		w.office.set(takes)
		time.Sleep(time.Hour)
		w.older(0)
		w.alarmed("upstream-down", "upstream-down over")
	})
}

// TestWhatFailedTogetherCountsOnce: twenty messages under way when a server goes away
// don't close it for as long as twenty failures in a row.
func TestWhatFailedTogetherCountsOnce(t *testing.T) {
	b, now := &breaker{}, time.Now()
	for range 20 {
		b.failed(pass{}, now, false, "reset")
	}
	if _, ok := b.allow(now.Add(breakFirst - 1)); ok {
		t.Error("it is tried too soon")
	}
	p, ok := b.allow(now.Add(breakFirst))
	if !ok || !p.trial {
		t.Fatal("it isn't tried out")
	}
	if _, ok := b.allow(now.Add(breakFirst)); ok {
		t.Error("two try it out")
	}
	b.failed(pass{}, now.Add(breakFirst), false, "a straggler")
	if _, ok := b.allow(now.Add(breakFirst)); ok {
		t.Error("a straggler ended the trial")
	}
	b.failed(p, now.Add(breakFirst), false, "still")
	if _, wait := b.opens(now.Add(breakFirst)); wait != 2*breakFirst {
		t.Errorf("the next wait is %v", wait)
	}
	b.gaveUp(pass{})
	b.failed(pass{}, now, true, "login")
	if h := b.health("x"); !h.Login || !h.Until.Equal(now.Add(breakLogin)) {
		t.Errorf("a refused login: %+v", h)
	}
}

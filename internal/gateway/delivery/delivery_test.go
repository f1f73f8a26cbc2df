package delivery

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/memory"
	"github.com/rungmail/rungmail/internal/gateway/upstream"
)

func TestAMessageGoesOutAndItsContentIsPurged(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		id := w.queue("ann@example.com")
		r := w.is(id, outbox.Done, outbox.Delivered)
		if r.Tries != 1 || r.Attempts[0].Upstream != "office" || r.To[0].By != "office" {
			t.Errorf("%+v", r)
		}
		if got := w.office.tries[0].text; got != "Subject: x\r\n\r\ntext of 0001\r\n" {
			t.Errorf("it was sent as %q", got)
		}
		if _, err := w.store.Content(w.Context(), id); !errors.Is(err, outbox.ErrNotFound) {
			t.Errorf("its content: %v", err)
		}
		w.alarmed()
		w.older(0)
	})
}

func TestTheFirstRouteThatFitsCounts(t *testing.T) {
	routes := []Route{
		{Name: "by-device", Devices: []string{"printer"}, Upstreams: []string{"backup"}},
		{Name: "by-sender", Senders: []device.Pattern{{Domain: "plant.example"}}, Upstreams: []string{"backup"}},
		{Name: "by-recipient", Recipients: []device.Pattern{{Domain: "backup.example"}}, Upstreams: []string{"backup"}},
		{Name: "all", Upstreams: []string{"office"}},
	}
	for name, c := range map[string]struct {
		change func(*outbox.Record)
		want   string
	}{
		"the last fits everything": {func(*outbox.Record) {}, "office"},
		"by device":                {func(r *outbox.Record) { r.Device = "printer" }, "backup"},
		"by sender":                {func(r *outbox.Record) { r.From = mustParse("x@plant.example") }, "backup"},
		"by recipient":             {func(r *outbox.Record) { r.To[0].Address = mustParse("x@BACKUP.example") }, "backup"},
		"not by a string's end":    {func(r *outbox.Record) { r.To[0].Address = mustParse("x@notbackup.example") }, "office"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(c *Config) { c.Routes = routes }, func(w *world) {
				r := w.record("ann@example.com")
				c.change(&r)
				w.Submit(w.put(r, outbox.Lease{}), nil)
				if r := w.is(r.ID, outbox.Done, outbox.Delivered); r.To[0].By != c.want {
					t.Errorf("it went by %s, want %s", r.To[0].By, c.want)
				}
			})
		})
	}
}

func TestRecipientsOfOneMessageGoByTheirRoutes(t *testing.T) {
	routes := []Route{
		{Name: "far", Recipients: []device.Pattern{{Domain: "far.example"}}, Upstreams: []string{"backup"}},
		{Name: "all", Upstreams: []string{"office"}},
	}
	inWorld(t, func(c *Config) { c.Routes = routes }, func(w *world) {
		w.backup.set(fails(down))
		id := w.queue("a@near.example", "b@far.example", "c@near.example")
		w.is(id, outbox.Queued, outbox.Delivered, outbox.Waiting, outbox.Delivered)
		if w.Older("all") != 0 || w.Older("far") != 1 {
			t.Errorf("older mail: %d and %d", w.Older("all"), w.Older("far"))
		}
		w.backup.set(takes)
		time.Sleep(10 * time.Minute)
		w.is(id, outbox.Done, outbox.Delivered, outbox.Delivered, outbox.Delivered)
		if got := w.office.asks(); !slices.Equal(got, []string{"a@near.example c@near.example"}) {
			t.Errorf("office was asked for %v", got)
		}
	})
}

func TestAMessageThatIsTooOldIsGivenUp(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.office.set(func(_ int, m upstream.Message) (upstream.Result, error) {
			if len(m.To) == 1 {
				return says("450 later")(0, m)
			}
			return says("250 ok", "450 later")(0, m)
		})
		r := w.record("ann@example.com", "bob@example.com")
		r.Expires = time.Now().Add(2 * time.Hour)
		w.Submit(w.put(r, outbox.Lease{}), nil)
		time.Sleep(2*time.Hour - time.Second)
		w.is(r.ID, outbox.Queued, outbox.Delivered, outbox.Waiting)
		time.Sleep(2 * time.Second)
		got := w.is(r.ID, outbox.Expired, outbox.Delivered, outbox.GivenUp)
		if got.To[1].Reply.Code != 450 {
			t.Errorf("the latest word is lost: %+v", got.To[1])
		}
		w.alarmed("expired")
		w.older(0)
		if len(w.failed) != 1 {
			t.Errorf("%d notices", len(w.failed))
		}
	})
}

func TestAClockFromBeforeTheProgramWasBuiltExpiresNothing(t *testing.T) {
	for name, shift := range map[string]time.Duration{"the clock is wrong now": time.Hour, "it was when the message came": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(c *Config) { c.Built = time.Now().Add(shift) }, func(w *world) {
				r := w.record("ann@example.com")
				r.Received = r.Received.Add(-2 * time.Hour)
				r.Expires = time.Now().Add(-90 * time.Minute)
				w.Submit(w.put(r, outbox.Lease{}), nil)
				w.is(r.ID, outbox.Done, outbox.Delivered)
			})
		})
	}
}

func TestAStrandedRecipientWaitsAndPeopleAreTold(t *testing.T) {
	routes := []Route{{Name: "all", Recipients: []device.Pattern{{Domain: "example.com"}}, Upstreams: []string{"office"}}}
	inWorld(t, func(c *Config) { c.Routes = routes }, func(w *world) {
		id := w.queue("ann@example.com", "bob@example.net")
		w.is(id, outbox.Queued, outbox.Delivered, outbox.Waiting)
		time.Sleep(24 * time.Hour)
		r := w.is(id, outbox.Queued, outbox.Delivered, outbox.Waiting)
		w.alarmed("no-route")
		if len(r.Attempts) > 2 || w.office.asked() != 1 {
			t.Errorf("%d attempts are kept: %q", len(r.Attempts), last(r))
		}
		if w.Ready(w.record("bob@example.net")) {
			t.Error("somebody may wait for what has no route")
		}
		w.older(0) // on the route that there is
	})
}

func TestAHeldRouteLetsNothingGo(t *testing.T) {
	inWorld(t, func(c *Config) { c.Routes[0].Hold = true }, func(w *world) {
		id := w.queue("ann@example.com")
		time.Sleep(time.Hour)
		r := w.is(id, outbox.Queued, outbox.Waiting)
		if w.office.asked() != 0 || len(r.Attempts) != 1 || last(r) != "route all is held" {
			t.Errorf("asked %d times, %d attempts: %q", w.office.asked(), len(r.Attempts), last(r))
		}
		if w.Ready(w.record("ann@example.com")) {
			t.Error("somebody may wait")
		}
		w.alarmed()
	})
}

func TestADamagedContentIsNeverSent(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		c := w.put(w.record("ann@example.com"), outbox.Lease{})
		w.store.Damage(c.Record.ID)
		w.Submit(c, nil)
		w.is(c.Record.ID, outbox.Done, outbox.GivenUp)
		w.alarmed("damaged", "expired")
		if w.office.asked() != 0 || w.backup.asked() != 0 {
			t.Error("it was sent")
		}
	})
}

func TestADeviceThatWaitsIsAskedToSendADamagedMessageAgain(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		c, wait := w.put(w.record("ann@example.com"), w.Owner()), NewWait()
		w.store.Damage(c.Record.ID)
		w.Submit(c, wait)
		if got := w.verdict(wait); !strings.HasPrefix(got, "451") {
			t.Errorf("the device hears %q", got)
		}
		w.alarmed("damaged")
	})
}

func TestAStoreThatFailsAtTheOutcomeTellsNobodyAnything(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.office.set(says("550 5.1.1 nobody"))
		w.breaks(memory.Outcome, errors.New("input/output error"))
		_, wait := w.send("ann@example.com")
		if got := w.verdict(wait); got != "none" {
			t.Errorf("the device hears %q of what isn't durable", got)
		}
		w.alarmed("store-failed")
		w.older(1)
	})
}

func TestAFullDiskAtTheOutcomeIsWaitedFor(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.breaks(memory.Outcome, outbox.ErrFull)
		_, wait := w.send("ann@example.com")
		time.Sleep(5 * time.Minute)
		if got := w.verdict(wait); got != "none" {
			t.Errorf("the device hears %q", got)
		}
		w.breaks(memory.Outcome, nil)
		time.Sleep(2 * time.Minute)
		if got := w.verdict(wait); got != "queued" || w.office.asked() != 1 || !wait.Delivered() {
			t.Errorf("the device hears %q, and it was sent %d times", got, w.office.asked())
		}
	})
}

func TestWhoeverWaitsHearsTheTruth(t *testing.T) {
	for name, c := range map[string]struct {
		do     func(int, upstream.Message) (upstream.Result, error)
		want   string
		alarms []string
	}{
		"taken":                       {takes, "queued", nil},
		"all are refused":             {says("550 5.1.1 nobody", "553 5.1.3 odd"), "550 5.1.1 nobody", nil},
		"some are refused":            {says("250 ok", "550 5.1.1 nobody"), "queued", []string{"part-refused"}},
		"the text is refused":         {fails(upstream.Error{Step: upstream.StepFinal, Reply: code("554 5.7.1 spam"), Message: true, Permanent: true}), "554 5.7.1 spam", nil},
		"put off":                     {says("450 later"), "queued", nil},
		"one is put off, one refused": {says("450 later", "550 no"), "queued", []string{"part-refused"}},
		"nobody knows":                {fails(upstream.Error{Step: upstream.StepFinal, Err: errors.New("reset"), Maybe: true}), "queued", []string{"upstream-down", "maybe"}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, nil, func(w *world) {
				w.office.set(c.do)
				_, wait := w.send("ann@example.com", "bob@example.com")
				if got := w.verdict(wait); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
				w.alarmed(c.alarms...)
			})
		})
	}
}

func TestALateRefusalIsAnAlarm(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.office.hold = make(chan struct{})
		w.office.set(says("550 5.1.1 nobody\r\n\x1b[31m"))
		id, wait := w.send("ann@example.com")
		synctest.Wait()
		w.older(0)
		if !wait.Expire() {
			t.Fatal("it was decided")
		}
		w.Late(id)
		w.older(1) // what comes now mustn't overtake it
		close(w.office.hold)
		w.is(id, outbox.Done, outbox.Refused)
		w.older(0)
		w.alarmed("refused")
		if text := w.alarms[0].Text; strings.ContainsAny(text, "\r\n\x1b") || !strings.Contains(text, "550 5.1.1 nobody") {
			t.Errorf("%q", text)
		}
		if len(w.failed) != 1 {
			t.Errorf("%d notices", len(w.failed))
		}
	})
}

func TestARouteNeedsItsUpstreams(t *testing.T) {
	_, err := New(Config{Routes: []Route{{Name: "x", Upstreams: []string{"nobody"}}}, Alarms: alarm.NewBook(func(alarm.Alarm) {})}, nil)
	if err == nil || !strings.Contains(err.Error(), "route x") {
		t.Errorf("got %v", err)
	}
}

func TestUTF8IsKnownByTheUpstreams(t *testing.T) {
	for name, c := range map[string]struct {
		office, backup [2]bool // yes, known
		want           bool
	}{
		"nobody was asked": {want: true},
		"one takes it":     {office: [2]bool{false, true}, backup: [2]bool{true, true}, want: true},
		"none takes it":    {office: [2]bool{false, true}, backup: [2]bool{false, true}, want: false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.office.utf8.yes, w.office.utf8.known = c.office[0], c.office[1]
			w.backup.utf8.yes, w.backup.utf8.known = c.backup[0], c.backup[1]
			if got := w.UTF8(w.record("ann@example.com"), mustParse("jörg@example.com")); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

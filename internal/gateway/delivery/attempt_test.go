package delivery

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/upstream"
)

func TestOnlyAnUpstreamsFailureFailsOver(t *testing.T) {
	for name, c := range map[string]struct {
		office func(int, upstream.Message) (upstream.Result, error)
		backup int // how often it is asked
		fate   outbox.Fate
	}{
		"it can't be reached":        {fails(down), 1, outbox.Delivered},
		"it refuses the login":       {fails(loginTrouble), 1, outbox.Delivered},
		"it is busy":                 {fails(upstream.Error{Step: upstream.StepGreeting, Reply: code("421 4.3.2 busy")}), 1, outbox.Delivered},
		"it refuses service":         {fails(upstream.Error{Step: upstream.StepGreeting, Reply: code("554 no service"), Permanent: true}), 1, outbox.Delivered},
		"it refuses the sender":      {fails(upstream.Error{Step: upstream.StepMail, Reply: code("550 5.1.8 no"), Message: true, Permanent: true}), 0, outbox.Refused},
		"it refuses the text":        {fails(upstream.Error{Step: upstream.StepFinal, Reply: code("554 5.7.1 spam"), Message: true, Permanent: true}), 0, outbox.Refused},
		"it refuses the recipient":   {says("550 5.1.1 nobody"), 0, outbox.Refused},
		"it puts the recipient off":  {says("450 4.2.1 later"), 0, outbox.Waiting},
		"it puts the message off":    {fails(upstream.Error{Step: upstream.StepFinal, Reply: code("451 4.3.0 later"), Message: true}), 0, outbox.Waiting},
		"it may have taken it":       {fails(upstream.Error{Step: upstream.StepFinal, Err: errors.New("reset"), Maybe: true}), 0, outbox.Maybe},
		"its error is no known kind": {func(int, upstream.Message) (upstream.Result, error) { return upstream.Result{}, errors.New("odd") }, 1, outbox.Delivered},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, nil, func(w *world) {
				w.office.set(c.office)
				state := outbox.Done
				if c.fate == outbox.Waiting {
					state = outbox.Queued
				}
				w.is(w.queue("ann@example.com"), state, c.fate)
				if got := w.backup.asked(); got != c.backup {
					t.Errorf("backup was asked %d times, want %d", got, c.backup)
				}
			})
		})
	}
}

func TestARefusalThatCameBeforeTheFailureCounts(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.office.set(func(_ int, m upstream.Message) (upstream.Result, error) {
			said := []upstream.Verdict{{To: m.To[0], Reply: code("550 5.1.1 nobody")}, {To: m.To[1], Reply: code("450 4.2.1 later")}}
			return upstream.Result{Verdicts: said}, &upstream.Error{Upstream: "office", Step: upstream.StepText, Err: errors.New("reset")}
		})
		w.is(w.queue("no@example.com", "later@example.com", "ann@example.com"), outbox.Done, outbox.Refused, outbox.Delivered, outbox.Delivered)
		if got := w.backup.asks(); !slices.Equal(got, []string{"later@example.com ann@example.com"}) {
			t.Errorf("backup was asked for %v", got)
		}
	})
}

func TestAnUpstreamThatRefusedAllAndThenFailedLeavesNothingToTryOut(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.backup.set(fails(down))
		w.Engine.breakers["backup"].failed(pass{}, time.Now().Add(-time.Hour), false, "down")
		w.office.set(func(_ int, m upstream.Message) (upstream.Result, error) {
			return upstream.Result{Verdicts: []upstream.Verdict{{To: m.To[0], Reply: code("550 no")}}}, &upstream.Error{Upstream: "office", Step: upstream.StepRcpt, Err: errors.New("reset")}
		})
		w.is(w.queue("no@example.com"), outbox.Done, outbox.Refused)
		if w.backup.asked() != 0 || !w.Engine.breakers["backup"].well(time.Now()) {
			t.Error("backup's trial was used up by a message that had nobody to send to")
		}
	})
}

// TestMaybeIsFinalForThoseOnlyWhoseTextWasSent: whom the server had put off hasn't got
// anything.
func TestMaybeIsFinalForThoseOnlyWhoseTextWasSent(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.office.set(func(_ int, m upstream.Message) (upstream.Result, error) {
			if len(m.To) == 1 {
				return takes(0, m)
			}
			return upstream.Result{Verdicts: []upstream.Verdict{{To: m.To[1], Reply: code("450 later")}}},
				&upstream.Error{Upstream: "office", Step: upstream.StepFinal, Err: errors.New("reset"), Maybe: true}
		})
		id := w.queue("ann@example.com", "bob@example.com")
		w.is(id, outbox.Queued, outbox.Maybe, outbox.Waiting)
		w.alarmed("upstream-down", "maybe")
		time.Sleep(time.Hour)
		w.is(id, outbox.Done, outbox.Maybe, outbox.Delivered)
		if got := w.office.asks(); !slices.Equal(got, []string{"ann@example.com bob@example.com", "bob@example.com"}) {
			t.Errorf("office was asked for %v", got)
		}
		if len(w.failed) != 1 {
			t.Errorf("%d notices", len(w.failed))
		}
	})
}

func TestEachRecipientHasItsOwnFate(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.office.set(says("250 ok", "550 5.1.1 nobody", "450 later"))
		id := w.queue("ann@example.com", "no@example.com", "bob@example.com")
		w.is(id, outbox.Queued, outbox.Delivered, outbox.Refused, outbox.Waiting)
		w.alarmed("part-refused")
		w.office.set(takes)
		time.Sleep(2 * time.Minute)
		w.is(id, outbox.Done, outbox.Delivered, outbox.Refused, outbox.Delivered)
		if len(w.kinds()) != 1 || len(w.failed) != 1 {
			t.Errorf("alarms %v, notices %d", w.kinds(), len(w.failed))
		}
	})
}

// TestTooManyRecipientsSplitWithinOneAttempt, and one that is put off for another
// reason isn't asked again at once.
func TestTooManyRecipientsSplitWithinOneAttempt(t *testing.T) {
	for _, crowded := range []string{"452 4.5.3 too many", "552 5.5.3 too many", "452 Too many recipients"} {
		inWorld(t, nil, func(w *world) {
			w.office.set(func(try int, m upstream.Message) (upstream.Result, error) {
				if try == 1 {
					return says("250 ok", "450 4.2.1 later", crowded)(0, m)
				}
				return says("250 ok", crowded)(0, m)
			})
			id := w.queue("a@example.com", "b@example.com", "c@example.com", "d@example.com")
			r := w.is(id, outbox.Queued, outbox.Delivered, outbox.Waiting, outbox.Delivered, outbox.Delivered)
			if r.Tries != 1 {
				t.Errorf("%d tries", r.Tries)
			}
			want := []string{"a@example.com b@example.com c@example.com d@example.com", "c@example.com d@example.com", "d@example.com"}
			if got := w.office.asks(); !slices.Equal(got, want) {
				t.Errorf("%s: asked for %v", crowded, got)
			}
		})
	}
}

func TestTooManyRecipientsForOneTextGoInHalves(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.office.set(func(_ int, m upstream.Message) (upstream.Result, error) {
			if len(m.To) > 2 {
				return upstream.Result{}, &upstream.Error{Upstream: "office", Step: upstream.StepData, Reply: code("552 5.5.3 too many recipients"), Message: true, Permanent: true}
			}
			return takes(0, m)
		})
		d := outbox.Delivered
		r := w.is(w.queue("a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"), outbox.Done, d, d, d, d, d)
		if r.Tries != 1 || w.office.asked() != 5 {
			t.Errorf("%d tries, %v", r.Tries, w.office.asks())
		}
	})
}

func TestAServerWithRoomForNobodyIsNotAskedForever(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.office.set(func(_ int, m upstream.Message) (upstream.Result, error) {
			result, _ := says("452 4.5.3 too many")(0, m)
			return result, nil
		})
		w.is(w.queue("a@example.com", "b@example.com"), outbox.Queued, outbox.Waiting, outbox.Waiting)
		if n := w.office.asked(); n != 1 {
			t.Errorf("it was asked %d times", n)
		}
	})
}

package delivery

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/upstream"
)

func TestNobodyMayWait(t *testing.T) {
	for name, prepare := range map[string]func(*world){
		"while older mail waits": func(w *world) {
			w.office.set(says("450 later"))
			w.queue("bob@example.com")
		},
		"while all upstreams are down": func(w *world) {
			w.office.set(fails(down))
			w.backup.set(fails(down))
			w.is(w.queue("bob@example.com"), outbox.Queued, outbox.Waiting)
			w.Gone(w.get("0001"))
		},
		"when the service stops": func(w *world) {
			w.stop()
			<-w.done
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, nil, func(w *world) {
				if !w.Ready(w.record("ann@example.com")) {
					t.Fatal("at the beginning somebody may")
				}
				w.ids = 0
				prepare(w)
				synctest.Wait()
				if w.Ready(w.record("ann@example.com")) {
					t.Error("somebody may")
				}
			})
		})
	}
}

func TestMailOfBeforeCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.Found(w.put(w.record("ann@example.com"), outbox.Lease{}).Record)
		held := w.record("bob@example.com")
		held.State = outbox.Held
		w.Found(held)
		w.older(2)
		w.run()
		w.is("0001", outbox.Done, outbox.Delivered)
		w.older(1)
		w.end()
	})
}

func TestNothingIsSentTwiceWhileALeaseLasts(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.office.hold = make(chan struct{})
		for range 3 {
			w.queue("ann@example.com")
		}
		_, _ = w.send("bob@example.com")
		for range 29 {
			time.Sleep(time.Minute)
			w.Kick()
			synctest.Wait()
		}
		close(w.office.hold)
		synctest.Wait()
		if n := w.office.asked(); n != 4 {
			t.Errorf("four messages were sent %d times", n)
		}
	})
}

func TestAnAttemptThatOutlivesItsLeaseIsntBegunTwice(t *testing.T) {
	inWorld(t, func(c *Config) { c.Lease = time.Minute }, func(w *world) {
		w.office.hold = make(chan struct{})
		id := w.queue("ann@example.com")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		close(w.office.hold)
		w.is(id, outbox.Done, outbox.Delivered)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := w.office.asked(); n != 1 {
			t.Errorf("it was sent %d times", n)
		}
		w.older(0)
	})
}

func TestAMessageWhoseLeaseEndedBeforeItsTurnIsLeftAlone(t *testing.T) {
	inWorld(t, func(c *Config) { c.Lease, c.Workers = time.Minute, 1 }, func(w *world) {
		w.office.hold = make(chan struct{})
		w.queue("ann@example.com")
		synctest.Wait()
		_, wait := w.send("bob@example.com")
		time.Sleep(2 * time.Minute)
		close(w.office.hold)
		time.Sleep(5 * time.Minute)
		w.is("0002", outbox.Done, outbox.Delivered)
		if n := w.office.asked(); n != 2 {
			t.Errorf("two messages were sent %d times", n)
		}
		if got := w.verdict(wait); got != "none" {
			t.Errorf("who waited hears %q", got)
		}
		w.older(0)
	})
}

func TestStopGivesWhatIsUnderWayItsGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *Config) { c.Workers = 1 })
		w.run()
		w.office.hold = make(chan struct{})
		first := w.queue("ann@example.com")
		synctest.Wait()
		_, wait := w.send("bob@example.com")
		w.stop()
		synctest.Wait()
		close(w.office.hold)
		<-w.done
		w.is(first, outbox.Done, outbox.Delivered)
		w.is("0002", outbox.Queued, outbox.Waiting)
		if got := w.verdict(wait); got != "queued" {
			t.Errorf("who waits for what wasn't begun hears %q", got)
		}
		if list, err := w.store.Claim(w.Context(), "next", time.Now(), time.Minute, 9); err != nil || len(list) != 1 {
			t.Errorf("what wasn't begun is still leased: %v, %v", list, err)
		}
		w.older(1)
		if w.Submit(w.put(w.record("x@example.com"), w.Owner()), NewWait()) {
			t.Error("it takes messages after its end")
		}
	})
}

func TestTheEndOfGraceEndsAnAttempt(t *testing.T) {
	for name, c := range map[string]struct {
		fault upstream.Error
		state outbox.State
		fate  outbox.Fate
	}{
		"before the final dot": {upstream.Error{Step: upstream.StepText, Err: context.Canceled}, outbox.Queued, outbox.Waiting},
		"after the final dot":  {upstream.Error{Step: upstream.StepFinal, Err: context.Canceled, Maybe: true}, outbox.Done, outbox.Maybe},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				w.run()
				w.office.set(func(int, upstream.Message) (upstream.Result, error) {
					w.stop()
					w.giveUp()
					return upstream.Result{}, &c.fault
				})
				id := w.queue("ann@example.com")
				<-w.done
				r := w.is(id, c.state, c.fate)
				if w.backup.asked() != 0 {
					t.Error("the next upstream was asked")
				}
				if due := r.Next; c.state == outbox.Queued && due.After(time.Now()) {
					t.Errorf("it is due at %v, and could go at once", due)
				}
			})
		})
	}
}

func TestAPanicCostsOneTryOnly(t *testing.T) {
	inWorld(t, func(c *Config) { c.Lease = time.Minute }, func(w *world) {
		w.office.set(func(try int, m upstream.Message) (upstream.Result, error) {
			if try == 1 {
				panic("a bug")
			}
			return takes(0, m)
		})
		id := w.queue("ann@example.com")
		time.Sleep(2 * time.Minute)
		w.is(id, outbox.Done, outbox.Delivered)
		w.older(0)
	})
}

func TestGiveBackLetsAMessageGoLikeAnyOther(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		c := w.put(w.record("ann@example.com"), w.Owner())
		if err := w.store.Answered(w.Context(), c.Record.ID, outbox.AnsweredQueued, code("250 ok")); err != nil {
			t.Fatal(err)
		}
		w.GiveBack(c)
		if r := w.is(c.Record.ID, outbox.Done, outbox.Delivered); r.Answer != outbox.AnsweredQueued {
			t.Error("what the device heard was forgotten")
		}
		w.older(0)
	})
}

// TestABacklogGoesOutWithoutPauses: whoever has finished takes the next, though there
// are more messages than there is room for.
func TestABacklogGoesOutWithoutPauses(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.office.hold = make(chan struct{})
		for range 100 {
			w.queue("ann@example.com")
		}
		synctest.Wait()
		began := time.Now()
		close(w.office.hold)
		synctest.Wait()
		if n := w.office.asked(); n != 100 || time.Since(began) != 0 {
			t.Errorf("%d went out after %v", n, time.Since(began))
		}
		w.older(0)
	})
}

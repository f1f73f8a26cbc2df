package delivery

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// deliver makes one attempt at a message, writes down what came of it, and tells
// whoever waits.
func (e *Engine) deliver(ctx context.Context, j job) {
	r := &j.claimed.Record
	if !e.config.Now().Before(j.until) {
		e.ledger.finish(*r) // it waited so long for a worker that it is anyone's again
		return
	}
	t := e.try(ctx, r)
	after, err := e.note(ctx, j, t)
	if err != nil {
		e.storeTrouble("the outcome of a message couldn't be written", *r, err)
		e.ledger.finish(*r)
		return // nobody is told what isn't durable; the lease ends by itself
	}
	e.tell(ctx, j, t, after)
}

// try makes an attempt.
func (e *Engine) try(ctx context.Context, r *outbox.Record) *trial {
	t := &trial{engine: e, record: r, attempt: outbox.Attempt{Began: e.config.Now()}}
	if e.expired(r) {
		t.expire()
	} else {
		legs, stranded := e.legs(r)
		for _, l := range legs {
			if !t.stopped {
				t.leg(ctx, l)
			}
		}
		if len(stranded) > 0 {
			t.strand(stranded)
		}
	}
	t.finish()
	return t
}

// NoRoute is the kind of the alarm for mail that no route fits, by device. It lasts
// until whoever changes the routes clears it.
const NoRoute alarm.Kind = "no-route"

// strand notes recipients that no route fits: they wait for other routes.
func (t *trial) strand(list []mailaddr.Address) {
	now := t.engine.config.Now()
	t.say("no route fits %s", list[0])
	t.notBefore(now.Add(breakMost))
	t.engine.config.Alarms.Raise(alarm.Alarm{
		Kind: NoRoute, About: t.record.Device, Message: string(t.record.ID), Since: now,
		Text: "No route fits mail from " + t.record.Device + " to " + list[0].String() + ": it waits.",
		Fix:  "(IT) Add a [[gateway.route]] for it; a route without rules, as the last, fits everything.",
	})
}

// expired tells whether a message is too old. A clock from before the program was
// built isn't believed, neither now nor when the message came.
func (e *Engine) expired(r *outbox.Record) bool {
	now := e.config.Now()
	return !r.Expires.IsZero() && !now.Before(r.Expires) && !now.Before(e.config.Built) && !r.Received.Before(e.config.Built)
}

// expire gives up the recipients that still wait.
func (t *trial) expire() {
	for _, to := range t.record.To {
		if to.Fate == outbox.Waiting {
			t.settle(to.Address, outbox.GivenUp, to.By, to.Reply)
		}
	}
	t.attempt.State = outbox.Expired
	t.say("it was given up: too old")
}

// finish works out the message's state after the attempt, and when it is due again.
func (t *trial) finish() {
	t.attempt.Ended = t.engine.config.Now()
	t.attempt.Result = strings.Join(t.said, "; ")
	if t.attempt.State != "" {
		return
	}
	if !slices.ContainsFunc(t.record.To, t.waits) {
		t.attempt.State = outbox.Done
		return
	}
	t.attempt.State = outbox.Queued
	t.attempt.Next = t.next()
}

// waits tells whether a recipient still waits after the attempt.
func (t *trial) waits(to outbox.Recipient) bool {
	if i := t.index(to.Address); i >= 0 && to.Fate == outbox.Waiting {
		return t.attempt.Recipients[i].Fate == outbox.Waiting
	}
	return to.Fate == outbox.Waiting
}

// next is when a message is due again: by its tries where an upstream was asked, else
// when one may be. It isn't after the message's expiry, which has to be seen.
func (t *trial) next() time.Time {
	e, now := t.engine, t.attempt.Ended
	next := now
	switch {
	case t.stopped:
	case t.asked:
		next = now.Add(e.config.Backoff.after(t.record.Tries+1, e.config.Rand()))
	default:
		wait := min(max(t.again.Sub(now), time.Second), breakMost)
		next = now.Add(wait + jitter(wait/10, e.config.Rand()))
	}
	if expires := t.record.Expires; expires.After(now) && expires.Before(next) {
		next = expires
	}
	return next
}

// silent tells whether an attempt has nothing to say that the record doesn't: then it
// only moves the time, and doesn't take the place of an attempt that said more.
func (t *trial) silent() bool {
	if t.attempt.State != outbox.Queued || len(t.attempt.Recipients) > 0 {
		return false
	}
	last := len(t.record.Attempts) - 1
	return t.stopped && len(t.attempt.Events) == 0 || !t.asked && last >= 0 && t.record.Attempts[last].Result == t.attempt.Result
}

// note writes down what came of an attempt. While the disk is full it tries on, until
// the context ends: to deliver more without knowing what was delivered would only make
// duplicates.
func (e *Engine) note(ctx context.Context, j job, t *trial) (outbox.Record, error) {
	always := context.WithoutCancel(ctx)
	if t.silent() {
		return e.putOff(always, j.claimed, t.attempt.Next)
	}
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		after, _, err := e.config.Store.Outcome(always, t.record.ID, t.attempt)
		if !errors.Is(err, outbox.ErrFull) || !pause(ctx, wait) {
			return after, err
		}
	}
}

// pause waits; false where the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

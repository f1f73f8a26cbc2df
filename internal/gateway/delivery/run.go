package delivery

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/ticket"
)

// Run delivers until the context ends; what is under way then gets until grace ends
// too, and what is only leased is given back. It returns when all of it is at rest.
func (e *Engine) Run(ctx, grace context.Context) {
	for range e.config.Workers {
		e.work.Go(func() { e.worker(ctx, grace) })
	}
	e.claimer(ctx)
	e.stopped.Store(true)
	e.work.Wait()
	for e.rest() {
	}
	for range maxPurging { // until the last purge is over
		e.purging <- struct{}{}
	}
	for range maxPurging {
		<-e.purging
	}
}

// rest gives a message back that no worker has begun; false where there is none.
func (e *Engine) rest() bool {
	select {
	case j := <-e.jobs:
		e.giveBack(j)
		return true
	default:
		return false
	}
}

// worker works on one message after the other.
func (e *Engine) worker(ctx, grace context.Context) {
	for {
		select {
		case j := <-e.jobs:
			if e.hungry.Swap(false) {
				e.Kick()
			}
			if ctx.Err() != nil {
				e.giveBack(j)
				continue
			}
			e.guarded(grace, j)
		case <-ctx.Done():
			return
		}
	}
}

// guarded makes an attempt that can't take the service down with it. A message that
// does such a thing is left alone until its lease is over.
func (e *Engine) guarded(ctx context.Context, j job) {
	defer func() {
		if p := recover(); p != nil {
			e.ledger.finish(j.claimed.Record)
			e.config.Log.Error("delivering a message failed inside", "message", string(j.claimed.Record.ID), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	e.deliver(ctx, j)
}

// giveBack ends the lease of a message that wasn't begun: it is due at once, for
// whoever comes next.
func (e *Engine) giveBack(j job) {
	r, err := e.putOff(context.Background(), j.claimed, j.claimed.Record.Next)
	if err != nil {
		e.storeTrouble("a message couldn't be given back", j.claimed.Record, err)
		r = j.claimed.Record
	}
	e.ledger.finish(r)
	if j.wait != nil {
		j.wait.Resolve(ticket.Verdict{})
	}
}

// putOff ends a message's lease without an attempt. Who has changed the record
// meanwhile has ended the lease already, but for one who only noted the answer.
func (e *Engine) putOff(ctx context.Context, c outbox.Claimed, next time.Time) (outbox.Record, error) {
	r, rev := c.Record, c.Rev
	const tries = 5
	for try := 1; ; try++ {
		r.Next = next
		_, err := e.config.Store.Update(ctx, r.ID, rev, r)
		if !errors.Is(err, outbox.ErrConflict) || try == tries {
			return r, err
		}
		if r, rev, err = e.config.Store.Get(ctx, r.ID); err != nil {
			return r, err
		}
		if r.State != c.Record.State || !r.Next.Equal(c.Record.Next) {
			return r, nil
		}
	}
}

// Kick has the engine look for messages that are due.
func (e *Engine) Kick() {
	select {
	case e.kick <- struct{}{}:
	default:
	}
}

// How often the store is looked at.
const (
	idleLook = time.Minute           // when nothing happens
	soonLook = 10 * time.Millisecond // at the most
)

// claimer leases what is due and hands it to the workers.
func (e *Engine) claimer(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.kick:
		case <-timer.C:
		}
		timer.Reset(e.claim(ctx))
	}
}

// claim leases as much as there is room for, and returns when to look again. While no
// upstream may be tried it leaves the store in peace; while one is only tried out it
// takes one message.
func (e *Engine) claim(ctx context.Context) time.Duration {
	now := e.config.Now()
	well, wait := e.anyOpen(now)
	if wait > 0 {
		return min(wait, idleLook)
	}
	e.hungry.Store(true) // before the look, so that a worker that makes room says so
	room := cap(e.jobs) - len(e.jobs)
	if !well {
		room = min(room, 1)
	}
	if room == 0 {
		return idleLook
	}
	list, err := e.config.Store.Claim(ctx, e.config.Owner, now, e.config.Lease, room)
	if err != nil {
		if ctx.Err() == nil {
			e.storeTrouble("messages couldn't be claimed", outbox.Record{}, err)
		}
		return idleLook
	}
	for _, c := range list {
		e.hand(ctx, job{claimed: c, until: now.Add(e.config.Lease)})
	}
	if len(list) == room {
		return soonLook
	}
	e.hungry.Store(false)
	return e.untilDue(ctx)
}

// hand gives a message to the workers. One that is under way already, since its lease
// ran out over it, isn't begun a second time.
func (e *Engine) hand(ctx context.Context, j job) {
	if !e.ledger.begin(j.claimed.Record, true) {
		return
	}
	select {
	case e.jobs <- j:
	case <-ctx.Done():
		e.giveBack(j)
	}
}

// untilDue is when to look again, as the store has it.
func (e *Engine) untilDue(ctx context.Context) time.Duration {
	due, ok, err := e.config.Store.Due(ctx)
	if err != nil || !ok {
		return idleLook
	}
	return min(max(due.Sub(e.config.Now()), soonLook), idleLook)
}

// anyOpen tells whether an upstream is well; where none is, how long it takes until
// one may be tried out, 0 for now.
func (e *Engine) anyOpen(now time.Time) (well bool, wait time.Duration) {
	if len(e.used) == 0 {
		return true, 0 // there is only what grows too old
	}
	wait = idleLook
	for _, b := range e.used {
		one, until := b.opens(now)
		if one {
			return true, 0
		}
		wait = min(wait, until)
	}
	return false, wait
}

// storeTrouble notes that the store didn't do what it was asked to.
func (e *Engine) storeTrouble(what string, r outbox.Record, err error) {
	e.config.Log.Error(what, "message", string(r.ID), "error", err.Error())
	if errors.Is(err, outbox.ErrFailed) {
		e.config.Alarms.Raise(alarm.Alarm{
			Kind: alarm.StoreFailed, About: "outbox", Since: e.config.Now(), Text: "The outbox has failed: no mail is taken or delivered.",
			Fix: "(IT) Check the disk, then start the service again.",
		})
	}
}

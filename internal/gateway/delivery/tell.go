package delivery

import (
	"context"
	"errors"
	"slices"

	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/ticket"
	"github.com/rungmail/rungmail/reply"
)

// tell tells whoever waits, and sees to what nobody was told in time. The record is as
// the store has it after the attempt.
func (e *Engine) tell(ctx context.Context, j job, t *trial, r outbox.Record) {
	e.ledger.finish(r)
	v := Verdict(r)
	inTime := false
	if j.wait != nil {
		j.wait.delivered = delivered(r)
		inTime = j.wait.Resolve(v)
	}
	e.config.Log.Info("attempt", "message", string(r.ID), "device", r.Device, "state", string(r.State), "tries", r.Tries, "result", t.attempt.Result)
	if t.damaged && !r.State.Live() {
		e.damaged(r)
	}
	if inTime && v.Refused {
		return // the device hears it, or else whoever couldn't tell it sees to that
	}
	if t.lost(r) {
		e.raise(r)
	}
	if r.State.Live() {
		return
	}
	if e.config.Failed != nil && (r.State == outbox.Done || r.State == outbox.Expired) && !delivered(r) {
		e.config.Failed(ctx, r)
	}
	if !inTime && delivered(r) {
		e.Purge(r.ID)
	}
}

// lost tells whether the attempt has ended a recipient's wait otherwise than by
// delivery, and the record has it so.
func (t *trial) lost(r outbox.Record) bool {
	return slices.ContainsFunc(t.attempt.Recipients, func(got outbox.Recipient) bool {
		return failed(got.Fate) && slices.ContainsFunc(r.To, func(to outbox.Recipient) bool {
			return to.Address == got.Address && to.Fate == got.Fate && to.At.Equal(got.At)
		})
	})
}

// failed tells whether a fate is one that somebody must be told of.
func failed(f outbox.Fate) bool {
	return f == outbox.Refused || f == outbox.Maybe || f == outbox.GivenUp
}

// Verdict is what the device may be told of a record: the first recipient's refusal
// where all are refused. A message that was lost on the disk is to be sent again.
func Verdict(r outbox.Record) ticket.Verdict {
	if len(r.To) == 0 || r.State != outbox.Done {
		return ticket.Verdict{}
	}
	given := false
	for _, to := range r.To {
		given = given || to.Fate == outbox.GivenUp
		if to.Fate != outbox.Refused && to.Fate != outbox.GivenUp {
			return ticket.Verdict{}
		}
	}
	if given {
		return ticket.Verdict{Refused: true, Reply: reply.Reply{
			Code: int(reply.LocalError), Enhanced: "4.3.0", Lines: []string{"the message was damaged on the gateway's disk: send it again"},
		}}
	}
	return ticket.Verdict{Refused: true, Reply: r.To[0].Reply}
}

func delivered(r outbox.Record) bool {
	return r.State == outbox.Done && !slices.ContainsFunc(r.To, func(to outbox.Recipient) bool { return to.Fate != outbox.Delivered })
}

// Purge removes a content that nobody needs any more, without waiting for it.
func (e *Engine) Purge(id outbox.ID) {
	e.purging <- struct{}{}
	go func() {
		defer func() { <-e.purging }()
		if err := e.config.Store.Purge(context.Background(), id, false); err != nil && !errors.Is(err, outbox.ErrNotFound) {
			e.config.Log.Warn("a content couldn't be removed; retention will", "message", string(id), "error", err.Error())
		}
	}()
}

// Untold raises the alarm for a message of which something was refused, given up or
// lost, and whose device may not have heard that. A message that went well raises
// none, nor does one that a person took out.
func (e *Engine) Untold(r outbox.Record) {
	if r.State != outbox.Dropped && slices.ContainsFunc(r.To, func(to outbox.Recipient) bool { return failed(to.Fate) }) {
		e.raise(r)
	}
}

// raise raises an alarm for what a device wasn't told: the worst that there is.
func (e *Engine) raise(r outbox.Record) {
	fates, reason := map[outbox.Fate]int{}, reply.Reply{}
	for _, to := range r.To {
		if fates[to.Fate]++; to.Fate == outbox.Refused && reason.Code == 0 {
			reason = to.Reply
		}
	}
	a := alarm.Alarm{
		About: string(r.ID), Message: string(r.ID), Since: e.config.Now(),
		Fix: "(IT) rungmail queue show " + string(r.ID) + " shows what was said and what to do.",
	}
	who := " from " + r.Device
	switch {
	case fates[outbox.Refused] == len(r.To):
		a.Kind, a.Text = alarm.Refused, "A message"+who+" was refused, which the device wasn't told: "+words(reason)+"."
	case fates[outbox.Maybe] > 0:
		a.Kind, a.Text = alarm.Maybe, "Nobody knows whether a message"+who+" was delivered: the connection was lost after its last byte."
	case fates[outbox.GivenUp] > 0:
		a.Kind, a.Text = alarm.Expired, "A message"+who+" was given up: it couldn't be delivered."
	default:
		a.Kind, a.Text = alarm.PartRefused, "Some recipients of a message"+who+" were refused: "+words(reason)+"."
	}
	e.config.Alarms.Raise(a)
}

// damaged raises the alarm for a content that can't be trusted.
func (e *Engine) damaged(r outbox.Record) {
	e.config.Alarms.Raise(alarm.Alarm{
		Kind: alarm.Damaged, About: string(r.ID), Message: string(r.ID), Since: e.config.Now(),
		Text: "The content of message " + string(r.ID) + " is damaged on the disk, or gone.",
		Fix:  "(IT) Check the disk; have the message sent again by " + r.Device + ".",
	})
}

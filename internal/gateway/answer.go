package gateway

import (
	"context"
	"errors"

	"github.com/rungmail/rungmail/internal/gateway/intake"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/ticket"
	"github.com/rungmail/rungmail/reply"
)

// verdict answers with what the upstream said. The content of a message that every
// recipient has goes once the reply is written.
func (g *Gateway) verdict(r outbox.Record, v ticket.Verdict, delivered bool) intake.Answer {
	if v.Refused {
		g.Counts.Verdicts.Add(1)
		return g.refusal(r, passedOn(v.Reply))
	}
	if !delivered {
		return g.late(r)
	}
	g.Counts.Verdicts.Add(1)
	a := g.queued(r)
	wrote := a.Wrote
	a.Wrote = func(err error) {
		wrote(err)
		g.Delivery.Purge(r.ID)
	}
	return a
}

// refusal answers with an upstream's refusal. Where the device can't be told, people
// are; a resend hears it too.
func (g *Gateway) refusal(r outbox.Record, code reply.Reply) intake.Answer {
	return intake.Answer{Reply: code, Wrote: func(err error) {
		if err == nil {
			g.answered(r, outbox.AnsweredCode, code)
			g.Delivery.Purge(r.ID)
			return
		}
		g.unheard(r)
		now, _, err := g.Store.Get(context.Background(), r.ID)
		if err != nil {
			g.Log.Error("a refused message can't be read", "message", string(r.ID), "error", err.Error())
			return
		}
		g.Delivery.Untold(now)
	}}
}

// maxLines bounds the lines of a refusal that a device is to read.
const maxLines = 8

// passedOn is an upstream's refusal as the device hears it: its code and words. What
// isn't a refusal by its number becomes one.
func passedOn(r reply.Reply) reply.Reply {
	if class := r.Class(); class != 4 && class != 5 {
		r.Code, r.Enhanced = int(reply.TransactionFailed), "5.0.0"
	}
	r.Lines = r.Lines[:min(len(r.Lines), maxLines)]
	return r
}

// late answers that the message is safe, and nothing more.
func (g *Gateway) late(r outbox.Record) intake.Answer {
	g.Counts.Late.Add(1)
	return g.queued(r)
}

// queued answers that the message is safe.
func (g *Gateway) queued(r outbox.Record) intake.Answer {
	code := reply.Reply{Code: int(reply.OK), Enhanced: "2.0.0", Lines: []string{"queued as " + string(r.ID)}}
	return intake.Answer{Reply: code, Wrote: func(err error) {
		if err != nil {
			g.unheard(r)
			return
		}
		g.answered(r, outbox.AnsweredQueued, code)
	}}
}

// answered notes what the device has heard.
func (g *Gateway) answered(r outbox.Record, a outbox.Answer, code reply.Reply) {
	g.twins.remove(r.Twin, r.ID)
	if err := g.Store.Answered(context.Background(), r.ID, a, code); err != nil && !errors.Is(err, outbox.ErrNotFound) {
		g.Log.Warn("the answer to a device couldn't be noted", "message", string(r.ID), "error", err.Error())
	}
}

// unheard notes that nobody knows what the device has heard: a resend joins the
// message.
func (g *Gateway) unheard(r outbox.Record) { g.twins.add(r.Twin, r.ID, g.Now()) }

// recoverBatch is how many changes are looked at together after a start.
const recoverBatch = 500

// Recover raises the alarms that a service which ended in the middle of something may
// not have raised: for each message that has changed since a cursor, of which
// something failed and whose device hasn't heard so. The cursor is one from well
// before the end; an alarm that was raised then is raised again. The cursor that it
// got to is returned.
func (g *Gateway) Recover(ctx context.Context, from outbox.Cursor) (outbox.Cursor, error) {
	for {
		changes, next, err := g.Store.Changes(ctx, from, recoverBatch)
		if err != nil || len(changes) == 0 {
			return from, err
		}
		for _, c := range changes {
			if !c.Purged && c.Record.Answer != outbox.AnsweredCode {
				g.Delivery.Untold(c.Record)
			}
		}
		from = next
	}
}

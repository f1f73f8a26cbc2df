package gateway

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/delivery"
	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/intake"
	"github.com/rungmail/rungmail/internal/gateway/message"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// take makes a message durable and answers the device.
func (g *Gateway) take(ctx context.Context, m intake.Mail, in intake.Body) intake.Answer {
	b, ok := in.(*body)
	if !ok {
		return failed()
	}
	if err := b.Close(); err != nil {
		b.Discard()
		return g.refused(err)
	}
	r := g.record(m, b)
	if answer, joined := g.join(ctx, r.Twin); joined {
		b.Discard()
		return answer
	}
	wait, lease := g.mayWait(m.Device, r)
	if wait != nil {
		defer g.waiting.Add(-1)
	}
	rev, err := g.Store.Put(ctx, r, b.content, lease)
	if err != nil {
		b.Discard()
		return g.refused(err)
	}
	g.Counts.Taken.Add(1)
	if g.full.Swap(false) {
		g.Alarms.Clear(alarm.DiskFull, "outbox")
	}
	c := outbox.Claimed{Record: r, Rev: rev}
	switch {
	case wait == nil:
		g.Delivery.Submit(c, nil)
		return g.late(r)
	case !g.Delivery.Submit(c, wait):
		g.Delivery.GiveBack(c)
		return g.late(r)
	}
	return g.await(ctx, m.Device, r, wait)
}

// mayWait is the wait of a message whose device may wait for the verdict, and its
// lease; else neither.
func (g *Gateway) mayWait(d *device.Device, r outbox.Record) (*delivery.Wait, outbox.Lease) {
	if g.patience(d) <= 0 || !g.Delivery.Ready(r) {
		return nil, outbox.Lease{}
	}
	if g.waiting.Add(1) > int64(g.Waiters) {
		g.waiting.Add(-1)
		return nil, outbox.Lease{}
	}
	return delivery.NewWait(), g.Delivery.Owner()
}

// patience is how long a device may be kept waiting.
func (g *Gateway) patience(d *device.Device) time.Duration {
	if d.VerdictWait >= 0 {
		return d.VerdictWait
	}
	return g.VerdictWait
}

// await waits for the verdict as long as the device can.
func (g *Gateway) await(ctx context.Context, d *device.Device, r outbox.Record, w *delivery.Wait) intake.Answer {
	timer := time.NewTimer(g.patience(d))
	defer timer.Stop()
	select {
	case <-w.Done():
		return g.verdict(r, w.Verdict(), w.Delivered())
	case <-timer.C:
	case <-ctx.Done():
	}
	if !w.Expire() {
		return g.verdict(r, w.Verdict(), w.Delivered())
	}
	g.Delivery.Late(r.ID)
	return g.late(r)
}

// join answers a resend of a message that wasn't answered with what has become of the
// first. One that people took out, or that was lost, isn't joined.
func (g *Gateway) join(ctx context.Context, key [32]byte) (intake.Answer, bool) {
	id, again := g.twins.find(key, g.Now())
	if !again {
		return intake.Answer{}, false
	}
	r, _, err := g.Store.Get(ctx, id)
	if err != nil || r.Answer != outbox.NotAnswered || !r.State.Live() && lost(r) {
		return intake.Answer{}, false
	}
	g.Counts.Joined.Add(1)
	g.Log.Info("a resend joins a message that wasn't answered", "message", string(id), "device", r.Device)
	return g.verdict(r, delivery.Verdict(r), false), true
}

// lost tells whether a recipient of a message was given up.
func lost(r outbox.Record) bool {
	return slices.ContainsFunc(r.To, func(to outbox.Recipient) bool { return to.Fate == outbox.GivenUp })
}

// refused answers what the store couldn't take.
func (g *Gateway) refused(err error) intake.Answer {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return failed() // the device is gone, or the service stops
	}
	g.Log.Error("a message couldn't be stored", "error", err.Error())
	if g.noRoom(err) {
		return intake.Answer{Reply: reply.Reply{
			Code: int(reply.InsufficientStorage), Enhanced: "4.3.1", Lines: []string{"the gateway's disk is full: try again later"},
		}}
	}
	if errors.Is(err, outbox.ErrFailed) {
		g.Alarms.Raise(alarm.Alarm{
			Kind: alarm.StoreFailed, About: "outbox", Since: g.Now(), Text: "The outbox has failed: no mail is taken or delivered.",
			Fix: "(IT) Check the disk, then start the service again.",
		})
	}
	return failed()
}

// noRoom tells whether an error is that of a full disk, and then raises the alarm,
// which the next message that finds room clears.
func (g *Gateway) noRoom(err error) bool {
	if !errors.Is(err, outbox.ErrFull) {
		return false
	}
	g.full.Store(true)
	g.Alarms.Raise(alarm.Alarm{
		Kind: alarm.DiskFull, About: "outbox", Since: g.Now(), Text: "The disk of the outbox is full: devices hear 452.",
		Fix: "(IT) Make room on it; mail that is queued goes out meanwhile.",
	})
	return true
}

// failed answers that nothing can be stored.
func failed() intake.Answer {
	return intake.Answer{Reply: reply.Reply{
		Code: int(reply.LocalError), Enhanced: "4.3.0", Lines: []string{"the gateway can't store mail now: try again later"},
	}}
}

// record is a message as the outbox keeps it.
func (g *Gateway) record(m intake.Mail, b *body) outbox.Record {
	now, info := g.Now(), b.writer.Info()
	r := outbox.Record{
		ID: b.id, Received: now, Device: m.Device.Name, Peer: m.Peer, Helo: m.Helo, From: plain(sender(m.Device, m.From)),
		UTF8: info.UTF8, EightBit: b.writer.Body().EightBit, Subject: info.Subject, MessageID: info.MessageID,
		Size: b.content.Size(), Sum: b.content.Sum(), Repairs: info.Repairs, Original: info.Original,
		Twin: [32]byte(b.sum.Sum(nil)), State: outbox.Queued, Next: now, Expires: now.Add(g.Expire), Changed: now,
	}
	r.UTF8 = r.UTF8 || !r.From.IsASCII()
	r.To = make([]outbox.Recipient, 0, len(m.To))
	for _, to := range m.To {
		to = plain(to)
		if !slices.ContainsFunc(r.To, func(o outbox.Recipient) bool { return o.Address == to }) {
			r.To = append(r.To, outbox.Recipient{Address: to, Fate: outbox.Waiting})
			r.UTF8 = r.UTF8 || !to.IsASCII()
		}
	}
	return r
}

// plain is an address in ASCII, where it has such a spelling: any server takes that.
func plain(a mailaddr.Address) mailaddr.Address {
	if ascii, ok := message.ASCII(a); ok {
		return ascii
	}
	return a
}

package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/upstream"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// trial is one attempt at a message while it is made.
type trial struct {
	engine  *Engine
	record  *outbox.Record
	attempt outbox.Attempt
	said    []string  // what happened, in words
	asked   bool      // an upstream was
	stopped bool      // by the end of the service
	damaged bool      // the content is
	again   time.Time // when an upstream that wasn't asked may be
}

// settle notes what has become of one recipient.
func (t *trial) settle(to mailaddr.Address, fate outbox.Fate, by string, r reply.Reply) {
	one := outbox.Recipient{Address: to, Fate: fate, Reply: r, By: by, At: t.engine.config.Now()}
	if i := t.index(to); i >= 0 {
		t.attempt.Recipients[i] = one
		return
	}
	t.attempt.Recipients = append(t.attempt.Recipients, one)
}

func (t *trial) index(to mailaddr.Address) int {
	return slices.IndexFunc(t.attempt.Recipients, func(o outbox.Recipient) bool { return o.Address == to })
}

// settleAll notes the same of several.
func (t *trial) settleAll(list []mailaddr.Address, fate outbox.Fate, by string, r reply.Reply) {
	for _, to := range list {
		t.settle(to, fate, by, r)
	}
}

// left is those of a list that have no end yet.
func (t *trial) left(list []mailaddr.Address) []mailaddr.Address {
	return slices.DeleteFunc(slices.Clone(list), func(to mailaddr.Address) bool {
		i := t.index(to)
		return i >= 0 && t.attempt.Recipients[i].Fate != outbox.Waiting
	})
}

func (t *trial) say(format string, args ...any) {
	t.said = append(t.said, fmt.Sprintf(format, args...))
}

// maxWords bounds what is told of a peer's words in one place, in bytes.
const maxWords = 300

// words are a reply for people.
func words(r reply.Reply) string {
	s := smtpwire.Printable(r.String())
	if len(s) > maxWords {
		s = strings.ToValidUTF8(s[:maxWords], "") + "..."
	}
	return s
}

// leg tries the upstreams of a leg in their order, until one has said something of the
// message itself. Only an upstream's failure lets the next one be tried.
func (t *trial) leg(ctx context.Context, l leg) {
	e := t.engine
	if l.route.Hold {
		t.say("route %s is held", l.route.Name)
		t.notBefore(e.config.Now().Add(breakMost))
		return
	}
	for _, name := range l.route.Upstreams {
		if len(t.left(l.to)) == 0 {
			return // the one before has refused them all, and then failed
		}
		b := e.breakers[name]
		p, ok := b.allow(e.config.Now())
		if !ok {
			why, until := b.state()
			t.say("%s isn't asked now: %s", name, why)
			t.notBefore(until)
			continue
		}
		if t.upstream(ctx, name, p, l.to) {
			return
		}
	}
}

// notBefore notes when an upstream that wasn't asked may be.
func (t *trial) notBefore(until time.Time) {
	if t.again.IsZero() || until.Before(t.again) {
		t.again = until
	}
}

// upstream tries one upstream, several times where it takes only some recipients at
// once. It returns whether the message has been judged, so that no other upstream is
// asked.
func (t *trial) upstream(ctx context.Context, name string, p pass, all []mailaddr.Address) (judged bool) {
	t.asked = true
	for batches := [][]mailaddr.Address{t.left(all)}; len(batches) > 0; batches = batches[1:] {
		rest, judged := t.send(ctx, name, p, batches[0])
		if !judged {
			return false
		}
		if t.stopped {
			break
		}
		batches = append(batches, rest...)
		p = pass{}
	}
	return true
}

// send sends the message to some of its recipients, and returns those that are to be
// tried at once in messages of their own, and whether the message has been judged.
func (t *trial) send(ctx context.Context, name string, p pass, to []mailaddr.Address) (rest [][]mailaddr.Address, judged bool) {
	returned := false
	defer func() {
		if !returned { // a panic on its way up
			t.engine.breakers[name].gaveUp(p)
		}
	}()
	result, err := t.engine.senders[name].Send(ctx, t.message(ctx, to))
	returned = true
	t.attempt.Upstream = name
	t.attempt.Events = append(t.attempt.Events, result.Events...)
	if result.Final.Code != 0 {
		t.attempt.Reply = result.Final
	}
	if err != nil {
		return t.failed(ctx, name, p, to, result, err)
	}
	t.engine.recovered(name)
	taken, crowded, _ := t.verdicts(name, to, result.Verdicts, true)
	if taken > 0 {
		t.say("%s took it for %d of %d recipients", name, taken, len(to))
	}
	if taken == 0 || len(crowded) == 0 {
		return nil, true
	}
	return [][]mailaddr.Address{crowded}, true
}

// message is the message for some of its recipients.
func (t *trial) message(ctx context.Context, to []mailaddr.Address) upstream.Message {
	r := t.record
	return upstream.Message{
		From: r.From, To: to, Size: r.Size, EightBit: r.EightBit, UTF8: r.UTF8, Recode: t.engine.config.Recode,
		Open: func() (io.ReadCloser, error) { return t.engine.config.Store.Content(ctx, r.ID) },
	}
}

// verdicts takes in what a server said of recipients. A 2yz counts only where the
// message went out as a whole. Taken is how many have it; crowded are those that it
// had no room for in this message, and open those of which it said nothing that
// counts.
func (t *trial) verdicts(name string, to []mailaddr.Address, list []upstream.Verdict, whole bool) (taken int, crowded, open []mailaddr.Address) {
	open = slices.Clone(to)
	for _, v := range list {
		class := v.Reply.Class()
		if class == 2 && !whole {
			continue
		}
		open = slices.DeleteFunc(open, func(one mailaddr.Address) bool { return one == v.To })
		switch {
		case class == 2:
			t.settle(v.To, outbox.Delivered, name, v.Reply)
			taken++
		case tooMany(v.Reply):
			t.settle(v.To, outbox.Waiting, name, v.Reply)
			crowded = append(crowded, v.To)
		case class == 5:
			t.settle(v.To, outbox.Refused, name, v.Reply)
			t.say("%s refused %s: %s", name, v.To, words(v.Reply))
		default:
			t.settle(v.To, outbox.Waiting, name, v.Reply)
			t.say("%s put %s off: %s", name, v.To, words(v.Reply))
		}
	}
	return taken, crowded, open
}

// tooMany tells whether a server takes no more recipients with this message (RFC 5321
// section 4.5.3.1.10: 452, and 552 from older ones).
func tooMany(r reply.Reply) bool {
	return (r.Code == int(reply.InsufficientStorage) || r.Code == int(reply.StorageExceeded)) &&
		(r.Enhanced == "4.5.3" || r.Enhanced == "5.5.3" || strings.Contains(strings.ToLower(r.Text()), "too many recipients"))
}

// failed takes in why a message didn't go. What the server may have, or has said of a
// recipient, counts also when the service was stopped over it.
func (t *trial) failed(ctx context.Context, name string, p pass, to []mailaddr.Address, result upstream.Result, err error) (rest [][]mailaddr.Address, judged bool) {
	fault := faultOf(name, err)
	t.attempt.Reply = fault.Reply
	_, _, open := t.verdicts(name, to, result.Verdicts, false)
	switch {
	case fault.Maybe:
		t.settleAll(open, outbox.Maybe, name, fault.Reply)
		t.say("%s may have taken it: %s", name, fault)
		t.engine.trouble(name, p, fault)
		return nil, true
	case ctx.Err() != nil:
		t.engine.breakers[name].gaveUp(p)
		t.stopped = true
		t.say("the service was stopped")
		return nil, true
	case errors.Is(err, outbox.ErrCorrupt), errors.Is(err, outbox.ErrNotFound):
		t.engine.recovered(name)
		t.settleAll(open, outbox.GivenUp, "", reply.Reply{})
		t.damaged = true
		t.say("its content is damaged on the disk, or gone, so it wasn't sent")
		return nil, true
	case fault.Message:
		t.engine.recovered(name)
		return t.judge(name, open, fault), true
	}
	t.say("%s", fault)
	t.engine.trouble(name, p, fault)
	return nil, false
}

// faultOf is a sender's error.
func faultOf(name string, err error) *upstream.Error {
	if fault, ok := errors.AsType[*upstream.Error](err); ok {
		return fault
	}
	return &upstream.Error{Upstream: name, Err: err}
}

// judge takes in a refusal of the message itself. Where it has too many recipients, it
// goes to one half of them and to the other.
func (t *trial) judge(name string, open []mailaddr.Address, fault *upstream.Error) [][]mailaddr.Address {
	t.say("%s", fault)
	if half := len(open) / 2; half > 0 && tooMany(fault.Reply) {
		return [][]mailaddr.Address{open[:half:half], open[half:]}
	}
	fate := outbox.Waiting
	if fault.Permanent {
		fate = outbox.Refused
	}
	t.settleAll(open, fate, name, fault.Reply)
	return nil
}

// trouble notes that an upstream fails.
func (e *Engine) trouble(name string, p pass, fault *upstream.Error) {
	now := e.config.Now()
	e.breakers[name].failed(p, now, fault.Login, fault.Error())
	a := alarm.Alarm{
		Kind: alarm.UpstreamDown, About: name, Since: now, Text: "Upstream " + name + " can't be used: " + fault.Error() + ".",
		Fix: "(IT) Run rungmail doctor " + name + ": it says what is wrong and who mends it. Mail waits meanwhile.",
	}
	if fault.Login {
		a.Kind, a.Text = alarm.LoginRefused, "Upstream "+name+" refuses the gateway's login: "+fault.Error()+"."
	}
	e.config.Alarms.Raise(a)
	e.Kick() // which looks when to look again
}

// recovered notes that an upstream serves.
func (e *Engine) recovered(name string) {
	if e.breakers[name].worked() {
		e.config.Alarms.Clear(alarm.UpstreamDown, name)
		e.config.Alarms.Clear(alarm.LoginRefused, name)
		e.Kick()
	}
}

package viewer

import (
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/ecom/trace"
)

const (
	answerWithin = time.Second      // for a command's answer
	renewEvery   = 15 * time.Second // so that a module that was restarted sends again
	retryEvery   = 5 * time.Second  // while one doesn't answer
	maxSilences  = 3                // renewals without an answer, behind which it doesn't
)

// What the viewer itself says in a log.
const (
	Lost = "(the module doesn't answer; trying on)"
	Back = "(it answers again)"
)

// opening turns a module's trace on without knowing whether that is ours, which
// takes "emailtrace on", or an original, which knows the toggle only; and keeps
// ours on. It owns no socket and no clock.
type opening struct {
	asked      asked
	wake       time.Time // when tick is due; zero is never
	alive      bool      // something was heard
	on         bool
	ours       bool // "emailtrace on" was answered as ours answers it
	silent     bool // it was told that the module keeps silent
	lost       bool // it was told that the module doesn't answer any more
	unanswered int  // renewals, one behind the other
}

type asked uint8

const (
	nothing asked = iota
	turnOn
	toggled
	toggledTwice // or by hand: no more of our own
)

// outcome is what comes of an event.
type outcome struct {
	send   string // a command, or ""
	say    string // a line of the viewer's own, before the one that came
	show   bool   // the line that came is for the log
	full   bool   // the module takes no more viewers
	silent bool   // the module has kept silent to all commands; told once
}

// start is the first command.
func (o *opening) start(now time.Time) string {
	*o = opening{asked: turnOn, wake: now.Add(answerWithin)}
	return trace.TurnOn
}

// heard takes in a line.
func (o *opening) heard(now time.Time, text string) (out outcome) {
	out.show = true
	if o.lost {
		out.say = Back
	}
	renewed := o.unanswered > 0
	o.alive, o.lost, o.unanswered = true, false, 0
	switch {
	case text == trace.Off && (renewed || o.asked == toggled):
		// It was on already, and takes every command for the toggle.
		o.asked, o.ours, o.on, o.wake = toggledTwice, false, false, now.Add(answerWithin)
		out.send = trace.Toggle
	case text == trace.Off:
		o.on, o.wake = false, time.Time{}
	case strings.HasPrefix(text, trace.Off+":"):
		o.on, o.wake, out.full = false, time.Time{}, true
	case text == trace.On:
		out.show = !renewed || !o.on
		o.ours = o.ours || renewed || o.asked == turnOn
		o.heardOn(now)
	default:
		o.heardOn(now)
	}
	return out
}

// heardOn takes in that the trace is on.
func (o *opening) heardOn(now time.Time) {
	o.on, o.wake = true, time.Time{}
	if o.ours || o.asked == turnOn {
		o.wake = now.Add(renewEvery)
	}
}

// tick takes in that time has passed.
func (o *opening) tick(now time.Time) outcome {
	if o.wake.IsZero() || now.Before(o.wake) {
		return outcome{}
	}
	o.wake = time.Time{}
	switch {
	case o.on, o.silent:
		return o.renew(now)
	case o.asked == turnOn:
		o.asked, o.wake = toggled, now.Add(answerWithin)
		return outcome{send: trace.Toggle}
	case o.alive:
		return outcome{}
	}
	o.silent, o.wake = true, now.Add(renewEvery)
	return outcome{silent: true}
}

// renew asks for the trace again: a module that was restarted has forgotten its
// viewers. Only the command that may come again and again does for that.
func (o *opening) renew(now time.Time) (out outcome) {
	if o.ours && o.unanswered >= maxSilences {
		out = o.lose()
	}
	out.send, o.wake = trace.TurnOn, now.Add(renewEvery)
	if o.lost {
		o.wake = now.Add(retryEvery)
	}
	o.unanswered++
	return out
}

// refused takes in a report that a datagram reached nobody.
func (o *opening) refused(now time.Time) (out outcome) {
	if o.ours && o.on && o.unanswered > 0 {
		out, o.wake = o.lose(), now.Add(retryEvery)
	}
	return out
}

// lose notes that the module doesn't answer, which is said once.
func (o *opening) lose() (out outcome) {
	if !o.lost {
		o.lost, out.say = true, Lost
	}
	return out
}

// settled tells whether the opening is over, so that what fails now may come right
// again.
func (o *opening) settled() bool { return o.on || o.silent }

// byHand takes in that a person sends a command.
func (o *opening) byHand() {
	o.unanswered = 0
	if !o.ours {
		o.asked = toggledTwice
	}
}

// farewell is the command that ends the trace, or "" where it is off.
func (o *opening) farewell() string {
	switch {
	case o.asked == nothing, o.alive && !o.on:
		return ""
	case o.on && o.asked != turnOn && !o.ours:
		return trace.Toggle
	}
	return trace.TurnOff
}

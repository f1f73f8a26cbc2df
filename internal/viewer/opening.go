package viewer

import (
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/ecom/trace"
)

const (
	answerWithin = time.Second // for a command's answer
	renewEvery   = time.Hour   // well within what a module allows a viewer
)

// opening turns a module's trace on without knowing whether that is ours, which
// takes "emailtrace on", or an original, which knows the toggle only. It owns no
// socket and no clock.
type opening struct {
	asked    asked
	wake     time.Time // when tick is due; zero is never
	alive    bool      // something was heard
	on       bool
	renewing bool // an answer is due that nobody asked for
}

type asked uint8

const (
	nothing asked = iota
	turnOn
	toggled
	toggledTwice // or by hand: no more of our own
)

// start is the first command.
func (o *opening) start(now time.Time) string {
	*o = opening{asked: turnOn, wake: now.Add(answerWithin)}
	return trace.TurnOn
}

// heard takes in a line. It gives a command to send, or "", and tells whether the
// line is for the log and whether the module is full.
func (o *opening) heard(now time.Time, text string) (send string, show, full bool) {
	o.alive = true
	switch {
	case text == trace.Off && o.asked == toggled: // it was on already
		o.asked, o.on, o.wake = toggledTwice, false, now.Add(answerWithin)
		return trace.Toggle, true, false
	case text == trace.Off:
		o.on, o.wake = false, time.Time{}
		return "", true, false
	case strings.HasPrefix(text, trace.Off+":"):
		o.on, o.wake = false, time.Time{}
		return "", true, true
	}
	show = text != trace.On || !o.renewing
	if text == trace.On {
		o.renewing = false
	}
	if !o.on {
		o.on, o.wake = true, time.Time{}
		if o.asked == turnOn {
			o.wake = now.Add(renewEvery)
		}
	}
	return "", show, false
}

// tick takes in that time has passed. It gives a command to send, or "", and tells
// whether the module has kept silent to all of them.
func (o *opening) tick(now time.Time) (send string, silent bool) {
	if o.wake.IsZero() || now.Before(o.wake) {
		return "", false
	}
	o.wake = time.Time{}
	switch {
	case o.on:
		o.renewing, o.wake = true, now.Add(renewEvery)
		return trace.TurnOn, false
	case o.asked == turnOn:
		o.asked, o.wake = toggled, now.Add(answerWithin)
		return trace.Toggle, false
	}
	return "", !o.alive
}

// byHand takes in that a person sends a command.
func (o *opening) byHand() { o.asked, o.renewing = toggledTwice, false }

// farewell is the command that ends the trace, or "" where it is off.
func (o *opening) farewell() string {
	switch {
	case o.asked == nothing, o.alive && !o.on:
		return ""
	case o.on && o.asked != turnOn:
		return trace.Toggle
	}
	return trace.TurnOff
}

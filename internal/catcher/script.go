// Package catcher is a mail server that keeps what it gets and can be told to
// fail at any step: the other side of `rungmail try` and `rungmail demo`, and of
// many tests. [Session] is its core, bytes in and bytes out; [Network] serves it in
// memory and [Serve] on a socket.
package catcher

import (
	"fmt"
	"strconv"
	"strings"
)

// Stage is a step of a conversation, as the module's trace numbers it.
type Stage string

// The stages.
const (
	Connect  Stage = "connect"
	Greeting Stage = "greeting"
	Helo     Stage = "helo"
	Mail     Stage = "mail"
	Rcpt     Stage = "rcpt"
	Data     Stage = "data"
	Subject  Stage = "subject"
	Body     Stage = "body"
	End      Stage = "end"
)

// stages are in the order of a conversation; numbers are the trace's.
var stages = []struct {
	stage  Stage
	number string
}{
	{Connect, "1"}, {Greeting, "2"}, {Helo, ""}, {Mail, "3"}, {Rcpt, "4"}, {Data, "5"}, {Subject, "6"}, {Body, "7"}, {End, "8"},
}

// Manner is how the server fails.
type Manner uint8

// The manners.
const (
	Answer Manner = iota // it gives a reply of the script
	Drop                 // it closes the connection
	Reset                // it breaks the connection off
	Stall                // it says nothing more and takes nothing more
)

// Failure is one line of a script.
type Failure struct {
	Stage  Stage
	Nth    int // of Rcpt: which one, from 1; 0 is every one
	Manner Manner
	Reply  string // of Answer: the text; a line feed in it parts lines
}

// Script is what a server is to do wrong. The first failure that fits counts.
type Script []Failure

// at is the failure for a stage. It notes in used, which may be nil, which of the
// script's lines came into play.
func (s Script) at(stage Stage, nth int, used map[int]bool) (Failure, bool) {
	for i, f := range s {
		if f.Stage == stage && (f.Nth == 0 || f.Nth == nth) {
			if used != nil {
				used[i] = true
			}
			return f, true
		}
	}
	return Failure{}, false
}

// String is the failure as ParseFailure reads it.
func (f Failure) String() string {
	where := string(f.Stage)
	if f.Nth > 0 {
		where += ":" + strconv.Itoa(f.Nth)
	}
	what := [...]string{f.Reply, "drop", "reset", "stall"}[f.Manner]
	return where + "=" + what
}

// ParseFailure reads STATE=REPLY, STATE=drop, STATE=reset or STATE=stall, where
// STATE is a stage, rcpt:2 for the second recipient, or the trace's number 1-8.
func ParseFailure(s string) (Failure, error) {
	where, what, ok := strings.Cut(s, "=")
	if !ok {
		return Failure{}, fmt.Errorf("%q: write STATE=REPLY, STATE=drop, STATE=stall or STATE=reset, such as rcpt:2='550 5.1.1 no such user'", s)
	}
	f := Failure{Reply: what}
	name, nth, numbered := strings.Cut(strings.ToLower(strings.TrimSpace(where)), ":")
	for _, known := range stages {
		if name == string(known.stage) || name == known.number && name != "" {
			f.Stage = known.stage
		}
	}
	if f.Stage == "" {
		return Failure{}, fmt.Errorf("%q is no state: write connect, greeting, helo, mail, rcpt, rcpt:2, data, subject, body, end or the trace's number 1-8", where)
	}
	if numbered {
		n, err := strconv.Atoi(nth)
		if err != nil || n < 1 || f.Stage != Rcpt {
			return Failure{}, fmt.Errorf("%q: only rcpt takes a number, from 1 on: rcpt:2 is the second recipient", where)
		}
		f.Nth = n
	}
	switch strings.ToLower(strings.TrimSpace(what)) {
	case "drop":
		f.Manner = Drop
	case "reset":
		f.Manner = Reset
	case "stall":
		f.Manner = Stall
	case "":
		return Failure{}, fmt.Errorf("%q: write a reply such as '550 no', or drop, stall or reset, after the =", s)
	default:
		if f.Stage == Connect {
			return Failure{}, fmt.Errorf("%q: nothing can be said before there is a connection: use connect=drop, connect=stall, or greeting=%q", s, what)
		}
	}
	return f, nil
}

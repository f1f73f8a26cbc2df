package catcher

import (
	"bytes"
	"errors"
	"strings"

	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// Bounds of what the catcher keeps; what is over is refused with 552 and 452.
const (
	MaxMail       = 1 << 20 // bytes of one mail
	MaxRecipients = 1000    // of one mail, refused ones too
)

// maxFeed is how much is handed to the command parser at once, which is safe
// with at most half of what it can hold.
const maxFeed = smtpwire.MaxUnread / 2

// Received is a mail that the catcher took.
type Received struct {
	Helo string
	From string
	To   []string
	Data []byte // head and body, with CRLF line ends
}

// Outcome is what the server does after some input.
type Outcome struct {
	Out    []byte
	Manner Manner // Answer: go on
	Over   bool   // close after Out
}

// Session is one conversation. It owns no socket and no clock.
type Session struct {
	host     string
	script   Script
	used     map[int]bool // lines of the script that came into play; may be nil
	took     func(Received)
	commands smtpwire.CommandParser
	data     *smtpwire.DataDecoder // while the text of a mail comes
	reached  Stage                 // of the text: Subject, then Body
	headDone bool
	begun    bool // there was a MAIL
	tried    int  // RCPTs since then
	mail     Received
	manner   Manner // once it isn't Answer the session is over
	over     bool   // nothing is read any more
}

// NewSession begins a conversation of a server with this name; took gets each
// mail, and may be nil.
func NewSession(host string, script Script, took func(Received)) *Session {
	return &Session{host: host, script: script, took: took}
}

// Begin is what the server says first.
func (s *Session) Begin() Outcome {
	return s.say(Greeting, 0, reply.Reply{Code: 220, Lines: []string{s.host + " ESMTP Rungmail catcher"}})
}

// Feed takes in what the client sent. The result doesn't depend on how it was
// cut, except that a step of the text begins with the bytes that it is fed.
func (s *Session) Feed(p []byte) Outcome {
	all := s.feed(p[:min(len(p), maxFeed)])
	for len(p) > maxFeed {
		p = p[maxFeed:]
		all.Out = append(all.Out, s.feed(p[:min(len(p), maxFeed)]).Out...)
	}
	all.Manner, all.Over = s.manner, s.over
	return all
}

func (s *Session) feed(p []byte) Outcome {
	var all Outcome
	for more := true; more && s.manner == Answer && !s.over; {
		var step Outcome
		if s.data != nil {
			p, step, more = s.text(p)
		} else {
			step, more = s.command(p)
			p = nil
			if s.data != nil {
				p = s.commands.Take()
				more = len(p) > 0
			}
		}
		all.Out = append(all.Out, step.Out...)
		s.over = s.over || step.Over
	}
	return all
}

// say gives a reply, unless the script has something else for this stage.
func (s *Session) say(stage Stage, nth int, r reply.Reply) Outcome {
	f, ok := s.script.at(stage, nth, s.used)
	if !ok {
		return Outcome{Out: smtpwire.AppendReply(nil, r)}
	}
	return s.fail(f)
}

// fail does what the script asks.
func (s *Session) fail(f Failure) Outcome {
	if f.Manner != Answer {
		s.manner = f.Manner
		return Outcome{Manner: f.Manner}
	}
	return Outcome{Out: []byte(strings.ReplaceAll(f.Reply, "\n", "\r\n") + "\r\n")}
}

// fits tells whether what was said lets the conversation go on.
func fits(o Outcome, class byte) bool { return len(o.Out) > 0 && o.Out[0] == class }

// command takes in bytes and answers the next command among them.
func (s *Session) command(p []byte) (Outcome, bool) {
	s.commands.Feed(p)
	c, ok, err := s.commands.Next()
	if err != nil {
		return Outcome{Out: smtpwire.AppendReply(nil, reply.Reply{Code: 500, Lines: []string{err.Error()}})}, true
	}
	if !ok {
		return Outcome{}, false
	}
	return s.answer(c), true
}

func (s *Session) answer(c smtpwire.Command) Outcome {
	say := func(stage Stage, nth, code int, text string) Outcome {
		return s.say(stage, nth, reply.Reply{Code: code, Lines: []string{text}})
	}
	switch c.Verb {
	case "HELO", "EHLO":
		s.reset()
		s.mail.Helo = c.Arg
		return say(Helo, 0, 250, s.host+" Hello "+c.Arg+", pleased to meet you")
	case "MAIL":
		return s.from(c.Arg, say)
	case "RCPT":
		return s.rcpt(c.Arg, say)
	case "DATA":
		return s.begin(say)
	case "RSET":
		s.reset()
		return say("", 0, 250, "OK")
	case "NOOP":
		return say("", 0, 250, "OK")
	case "QUIT":
		o := say("", 0, 221, s.host+" closing connection")
		o.Over = true
		return o
	}
	return say("", 0, 502, "command not implemented")
}

// reset forgets the mail that was under way.
func (s *Session) reset() {
	s.mail, s.begun, s.tried = Received{Helo: s.mail.Helo}, false, 0
}

type sayer func(stage Stage, nth, code int, text string) Outcome

func (s *Session) from(arg string, say sayer) Outcome {
	e, err := smtpwire.ParseMail(arg, smtpwire.Strictness{})
	if err != nil {
		return say(Mail, 0, 501, err.Error())
	}
	o := say(Mail, 0, 250, "<"+e.Address.String()+">, Sender ok")
	if fits(o, '2') {
		s.reset()
		s.mail.From, s.begun = e.Address.String(), true
	}
	return o
}

func (s *Session) rcpt(arg string, say sayer) Outcome {
	e, err := smtpwire.ParseRcpt(arg, smtpwire.Strictness{})
	switch {
	case err != nil:
		return say("", 0, 501, err.Error())
	case !s.begun:
		return say("", 0, 503, "MAIL first")
	case s.tried == MaxRecipients:
		return say("", 0, 452, "too many recipients")
	}
	s.tried++
	to := e.Address.String()
	if e.Postmaster {
		to = "postmaster"
	}
	o := say(Rcpt, s.tried, 250, "<"+to+">, Recipient ok")
	if fits(o, '2') {
		s.mail.To = append(s.mail.To, to)
	}
	return o
}

func (s *Session) begin(say sayer) Outcome {
	if len(s.mail.To) == 0 {
		return say("", 0, 503, "no valid recipients")
	}
	o := say(Data, 0, 354, "Enter mail, end with <CRLF>.<CRLF>")
	if fits(o, '3') {
		s.data, s.reached, s.headDone = &smtpwire.DataDecoder{MaxSize: MaxMail}, "", false
	}
	return o
}

// text takes in bytes of a mail: its head, line by line, then its body, then its
// end, each a stage of its own.
func (s *Session) text(p []byte) (rest []byte, o Outcome, more bool) {
	o = s.reach()
	if s.manner != Answer {
		return nil, o, false
	}
	chunk := p
	if i := bytes.IndexByte(p, '\n'); !s.headDone && i >= 0 {
		chunk = p[:i+1]
	}
	var n int
	var done bool
	var err error
	s.mail.Data, n, done, err = s.data.Decode(s.mail.Data, chunk)
	s.headDone = s.headDone || string(s.mail.Data) == "\r\n" || bytes.HasSuffix(s.mail.Data, []byte("\r\n\r\n"))
	switch {
	case err != nil && !errors.Is(err, smtpwire.ErrTooBig):
		s.data = nil // what comes now is neither text nor command
		return nil, Outcome{Out: smtpwire.AppendReply(o.Out, reply.Reply{Code: 554, Lines: []string{err.Error()}}), Over: true}, false
	case done:
		o.Out = append(o.Out, s.end(err).Out...)
	}
	rest = p[n:]
	return rest, o, len(rest) > 0
}

// reach does what the script asks where the head or the body begins.
func (s *Session) reach() Outcome {
	stage := Subject
	if s.headDone {
		stage = Body
	}
	if s.reached == stage {
		return Outcome{}
	}
	s.reached = stage
	if f, ok := s.script.at(stage, 0, s.used); ok {
		return s.fail(f)
	}
	return Outcome{}
}

// end answers the final dot, and keeps the mail unless it was too big.
func (s *Session) end(tooBig error) Outcome {
	s.data = nil
	defer s.reset()
	if tooBig != nil {
		return Outcome{Out: smtpwire.AppendReply(nil, reply.Reply{Code: 552, Lines: []string{tooBig.Error()}})}
	}
	o := s.say(End, 0, reply.Reply{Code: 250, Lines: []string{"Ok, message saved"}})
	if fits(o, '2') && s.took != nil {
		s.took(s.mail)
	}
	return o
}

package catcher

import (
	"bytes"
	"strings"

	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// MaxMail is the most bytes of one mail that the catcher keeps.
const MaxMail = 1 << 20

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
	took     func(Received)
	commands smtpwire.CommandParser
	data     *smtpwire.DataDecoder // while the text of a mail comes
	headDone bool
	mail     Received
	manner   Manner // once it isn't Answer the session is over
}

// NewSession begins a conversation of a server with this name; took gets each
// mail.
func NewSession(host string, script Script, took func(Received)) *Session {
	return &Session{host: host, script: script, took: took}
}

// Begin is what the server says first.
func (s *Session) Begin() Outcome {
	return s.say(Greeting, 0, reply.Reply{Code: 220, Lines: []string{s.host + " ESMTP Rungmail catcher"}})
}

// Feed takes in what the client sent.
func (s *Session) Feed(p []byte) Outcome {
	var all Outcome
	for s.manner == Answer {
		var step Outcome
		var more bool
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
		all.Manner, all.Over = step.Manner, step.Over
		if !more || all.Over {
			break
		}
	}
	if s.manner != Answer {
		all.Manner = s.manner
	}
	return all
}

// say gives a reply, unless the script has something else for this stage.
func (s *Session) say(stage Stage, nth int, r reply.Reply) Outcome {
	f, ok := s.script.at(stage, nth)
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
		s.mail = Received{Helo: c.Arg}
		return say(Helo, 0, 250, s.host+" Hello "+c.Arg+", pleased to meet you")
	case "MAIL":
		return s.from(c.Arg, say)
	case "RCPT":
		return s.rcpt(c.Arg, say)
	case "DATA":
		return s.begin(say)
	case "RSET":
		s.mail = Received{Helo: s.mail.Helo}
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

type sayer func(stage Stage, nth, code int, text string) Outcome

func (s *Session) from(arg string, say sayer) Outcome {
	e, err := smtpwire.ParseMail(arg, smtpwire.Strictness{})
	if err != nil {
		return say(Mail, 0, 501, err.Error())
	}
	o := say(Mail, 0, 250, "<"+e.Address.String()+">, Sender ok")
	if fits(o, '2') {
		s.mail = Received{Helo: s.mail.Helo, From: e.Address.String()}
	}
	return o
}

func (s *Session) rcpt(arg string, say sayer) Outcome {
	e, err := smtpwire.ParseRcpt(arg, smtpwire.Strictness{})
	if err != nil {
		return say("", 0, 501, err.Error())
	}
	if s.mail.From == "" {
		return say("", 0, 503, "MAIL first")
	}
	s.mail.To = append(s.mail.To, e.Address.String())
	o := say(Rcpt, len(s.mail.To), 250, "<"+e.Address.String()+">, Recipient ok")
	if !fits(o, '2') {
		s.mail.To[len(s.mail.To)-1] = "" // refused, but counted
	}
	return o
}

func (s *Session) begin(say sayer) Outcome {
	if len(s.accepted()) == 0 {
		return say("", 0, 503, "no valid recipients")
	}
	o := say(Data, 0, 354, "Enter mail, end with <CRLF>.<CRLF>")
	if fits(o, '3') {
		s.data, s.headDone = &smtpwire.DataDecoder{MaxSize: MaxMail}, false
	}
	return o
}

func (s *Session) accepted() []string {
	var list []string
	for _, to := range s.mail.To {
		if to != "" {
			list = append(list, to)
		}
	}
	return list
}

// text takes in bytes of a mail: its head, then its body, then its end, each a
// stage of its own.
func (s *Session) text(p []byte) (rest []byte, o Outcome, more bool) {
	stage := Subject
	if s.headDone {
		stage = Body
	}
	if f, ok := s.script.at(stage, 0); ok {
		s.script = without(s.script, stage)
		if o = s.fail(f); f.Manner != Answer {
			return nil, o, false
		}
	}
	chunk := p
	if i := bytes.Index(p, []byte("\r\n\r\n")); !s.headDone && i >= 0 {
		chunk = p[:i+4]
	}
	var n int
	var done bool
	var err error
	s.mail.Data, n, done, err = s.data.Decode(s.mail.Data, chunk)
	s.headDone = s.headDone || bytes.Contains(s.mail.Data, []byte("\r\n\r\n"))
	if err != nil {
		s.data = nil
		return nil, Outcome{Out: smtpwire.AppendReply(o.Out, reply.Reply{Code: 554, Lines: []string{err.Error()}}), Over: true}, false
	}
	if done {
		o.Out = append(o.Out, s.end().Out...)
	}
	rest = p[n:]
	return rest, o, len(rest) > 0
}

func without(s Script, stage Stage) Script {
	var rest Script
	for _, f := range s {
		if f.Stage != stage {
			rest = append(rest, f)
		}
	}
	return rest
}

// end answers the final dot and keeps the mail.
func (s *Session) end() Outcome {
	s.data = nil
	o := s.say(End, 0, reply.Reply{Code: 250, Lines: []string{"Ok, message saved"}})
	if fits(o, '2') && s.took != nil {
		got := s.mail
		got.To = s.accepted()
		s.took(got)
	}
	s.mail = Received{Helo: s.mail.Helo}
	return o
}

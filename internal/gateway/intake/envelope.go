package intake

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// from is MAIL (RFC 5321 section 4.1.1.2).
func (s *Session) from(arg string) reply.Reply {
	switch {
	case !s.greeted:
		return say(reply.BadSequence, "5.5.1", "say HELO or EHLO first")
	case s.begun:
		return say(reply.BadSequence, "5.5.1", "a message has begun already: RSET forgets it")
	}
	if s.find(); s.device == nil { // since a reload
		return s.unlisted()
	}
	if s.device.Login != nil && s.user == "" {
		return s.loginFirst()
	}
	e, err := smtpwire.ParseMail(arg, s.parser.Strict)
	if err != nil {
		return badEnvelope(err)
	}
	m := Mail{
		Conversation: s.trace.id, Device: s.device, Peer: s.peer, Helo: s.helo, ESMTP: s.esmtp, TLS: s.tls, User: s.user,
		From: e.Address, Began: s.now,
	}
	r := s.mailParams(&m, e.Params)
	if r == nil {
		r = s.judgeSender(m.From)
	}
	if r == nil {
		r = s.room()
	}
	if r == nil {
		r = s.rate() // last: what is refused counts for nothing
	}
	if r != nil {
		return *r
	}
	s.mail, s.begun = m, true
	return say(reply.OK, "2.1.0", "sender ok")
}

// badEnvelope answers MAIL or RCPT with a path or a parameter that can't be read.
func badEnvelope(err error) reply.Reply {
	enhanced := "5.5.4"
	var at *mailaddr.ParseError
	if errors.As(err, &at) {
		enhanced = "5.1.3"
	}
	return say(reply.ParameterSyntax, enhanced, err.Error())
}

func refuse(code reply.Code, enhanced, text string) *reply.Reply {
	r := say(code, enhanced, text)
	return &r
}

// mailParams reads the parameters of MAIL that were offered.
func (s *Session) mailParams(m *Mail, params []smtpwire.Param) *reply.Reply {
	for _, p := range params {
		switch p.Key {
		case "SIZE":
			n, err := strconv.ParseUint(p.Value, 10, 63)
			if err != nil {
				return refuse(reply.ParameterSyntax, "5.5.4", "SIZE is a number of bytes")
			}
			m.Declared = int64(n)
		case "BODY":
			switch p.Value {
			case "8BITMIME", "8bitmime":
				m.EightBit = true
			case "7BIT", "7bit":
			default:
				return refuse(reply.ParameterSyntax, "5.5.4", "BODY is 7BIT or 8BITMIME")
			}
		case "SMTPUTF8":
			if p.Value != "" {
				return refuse(reply.ParameterSyntax, "5.5.4", "SMTPUTF8 has no value")
			}
			m.UTF8 = true
		case "AUTH": // RFC 4954 section 5: taken and not believed
			if s.device.Login == nil {
				return unknownParam(p)
			}
		default:
			return unknownParam(p)
		}
	}
	switch {
	case m.Declared > s.maxSize():
		return refuse(reply.StorageExceeded, "5.3.4", fmt.Sprintf("over %d bytes", s.maxSize()))
	case !m.UTF8 && !m.From.IsASCII():
		return refuse(reply.MailboxNameNotAllowed, "5.6.7", "such an address needs SMTPUTF8")
	}
	return nil
}

func unknownParam(p smtpwire.Param) *reply.Reply {
	return refuse(reply.ParametersUnrecognised, "5.5.4", p.Key+" isn't offered")
}

// judgeSender asks whether the device may be this sender.
func (s *Session) judgeSender(from mailaddr.Address) *reply.Reply {
	if s.config.Judge == nil {
		return nil
	}
	return s.config.Judge.Sender(s.device, from)
}

// rate asks whether the device may send now.
func (s *Session) rate() *reply.Reply {
	if s.config.Rate == nil {
		return nil
	}
	return s.config.Rate(s.device, s.now)
}

// room asks whether there is room for a message.
func (s *Session) room() *reply.Reply {
	if s.config.Room == nil {
		return nil
	}
	if err := s.config.Room(); err != nil {
		r := refusalOf(err)
		return &r
	}
	return nil
}

// rcpt is RCPT (RFC 5321 section 4.1.1.3).
func (s *Session) rcpt(arg string) reply.Reply {
	if !s.begun {
		return say(reply.BadSequence, "5.5.1", "MAIL first")
	}
	e, err := smtpwire.ParseRcpt(arg, s.parser.Strict)
	if err != nil {
		return badEnvelope(err)
	}
	if len(e.Params) > 0 {
		return *unknownParam(e.Params[0])
	}
	to := e.Address
	if e.Postmaster {
		if to = s.config.Postmaster; to.IsZero() {
			return say(reply.MailboxUnavailable, "5.1.1", "there is no postmaster here: write to an address with a domain")
		}
	}
	switch {
	case !s.mail.UTF8 && !to.IsASCII():
		return say(reply.MailboxNameNotAllowed, "5.6.7", "such an address needs SMTPUTF8")
	case slices.Contains(s.mail.To, to):
		return say(reply.OK, "2.1.5", "recipient ok, once")
	case len(s.mail.To) >= s.maxRecipients():
		return say(reply.InsufficientStorage, "4.5.3", fmt.Sprintf("over %d recipients: send another message for the rest", s.maxRecipients()))
	}
	if s.config.Judge != nil {
		if r := s.config.Judge.Recipient(s.device, s.mail.From, to); r != nil {
			return *r
		}
	}
	s.mail.To = append(s.mail.To, to)
	s.commands-- // bounded already
	return say(reply.OK, "2.1.5", "recipient ok")
}

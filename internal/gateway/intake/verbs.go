package intake

import (
	"strconv"

	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// verb answers a device's command.
func (s *Session) verb(c smtpwire.Command) reply.Reply {
	switch c.Verb {
	case "HELO":
		return s.hello(c.Arg, false)
	case "EHLO":
		return s.hello(c.Arg, true)
	case "MAIL":
		return s.from(c.Arg)
	case "RCPT":
		return s.rcpt(c.Arg)
	case "DATA":
		return s.data(c.Arg)
	case "RSET":
		s.forget()
		return say(reply.OK, "2.0.0", "forgotten")
	case "NOOP":
		return say(reply.OK, "2.0.0", "ok")
	case "QUIT":
		s.shut(Quit)
		return s.goodbye()
	case "STARTTLS":
		return s.startTLS(c.Arg)
	case "AUTH":
		return s.login(c.Arg)
	case "VRFY":
		return say(reply.CannotVerify, "2.5.0", "send the mail, and see")
	case "HELP":
		return say(reply.HelpMessage, "2.0.0", "RFC 5321 says how")
	case "EXPN", "ETRN", "TURN", "ATRN", "SEND", "SOML", "SAML", "BURL":
		return say(reply.CommandNotImplemented, "5.5.1", "not here")
	}
	return say(reply.CommandUnrecognised, "5.5.1", "no such command")
}

// isVerb tells whether a word is a command that is known here.
func isVerb(word string) bool {
	switch word {
	case "HELO", "EHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT", "STARTTLS", "AUTH", "VRFY", "HELP", "EXPN":
		return true
	}
	return false
}

func (s *Session) goodbye() reply.Reply {
	return say(reply.ServiceClosing, "2.0.0", s.config.Name+" says goodbye")
}

// hello is HELO and EHLO (RFC 5321 section 4.1.1.1). Its replies have no enhanced codes
// (RFC 2034 section 4) when they are good.
func (s *Session) hello(arg string, extended bool) reply.Reply {
	if s.find(); s.device == nil { // since a reload
		return s.unlisted()
	}
	name, err := smtpwire.ParseHello(arg, s.parser.Strict)
	switch {
	case err == nil:
	case s.device.Quirks.AnyHelo:
		name = smtpwire.Printable(arg[:min(len(arg), mostHelo)])
	default:
		return say(reply.ParameterSyntax, "5.5.4", err.Error())
	}
	s.forget()
	s.greeted, s.helo, s.esmtp = true, name, extended
	if s.config.Hello != nil {
		s.config.Hello(s.peer, name)
	}
	if !extended {
		return say(reply.OK, "", s.config.Name)
	}
	return s.extensions()
}

// mostHelo bounds a name that isn't one.
const mostHelo = 255

// extensions is the reply to EHLO.
func (s *Session) extensions() reply.Reply {
	lines := []string{
		s.config.Name, "PIPELINING", "SIZE " + strconv.FormatInt(s.maxSize(), 10),
		"8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8",
	}
	if s.mode == StartTLS && s.tls == "" {
		lines = append(lines, "STARTTLS")
	}
	if s.device.Login != nil && s.user == "" {
		lines = append(lines, "AUTH "+s.mechanisms())
	}
	return reply.Reply{Code: int(reply.OK), Lines: lines}
}

func (s *Session) unlisted() reply.Reply {
	return say(reply.TransactionFailed, "5.7.1", s.peer.String()+" isn't listed as a device here: add it to the plant file")
}

// startTLS is STARTTLS (RFC 3207). What is there already behind it was sent in the
// clear by someone who didn't wait for the handshake.
func (s *Session) startTLS(arg string) reply.Reply {
	switch {
	case s.mode != StartTLS:
		return say(reply.CommandNotImplemented, "5.5.1", "STARTTLS isn't offered")
	case s.tls != "":
		return say(reply.BadSequence, "5.5.1", "there is TLS already")
	case arg != "":
		return say(reply.ParameterSyntax, "5.5.4", "STARTTLS has no parameter")
	case s.Pending():
		s.trace.note(s.now, "commands before the handshake")
		s.config.Log.Warn("commands before the handshake: someone may have put them there", "peer", s.peer)
		s.shut(Injected)
		return say(reply.BadSequence, "5.5.1", "commands before the handshake")
	}
	s.forget()
	s.next = Handshake
	return say(reply.ServiceReady, "2.0.0", "go ahead with TLS")
}

func (s *Session) maxSize() int64 {
	if s.device.MaxSize > 0 {
		return s.device.MaxSize
	}
	return s.config.Limits.MaxSize
}

func (s *Session) maxRecipients() int {
	if s.device.MaxRecipients > 0 {
		return s.device.MaxRecipients
	}
	return s.config.Limits.MaxRecipients
}

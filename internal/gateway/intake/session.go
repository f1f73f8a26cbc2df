package intake

import (
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// maxFeed is how much is handed to the command parser at once, which is safe with at
// most half of what it can hold.
const maxFeed = smtpwire.MaxUnread / 2

// tlsHandshake is the first byte of a TLS handshake (RFC 8446 section 5.1). It begins
// no command.
const tlsHandshake = 0x16

// Next is what whoever drives a session does after having written what it said.
type Next uint8

// What to do next.
const (
	Read      Next = iota // from the client, until the deadline
	Handshake             // a TLS handshake, then Secured
	Take                  // have the message taken, then Answer
	Close                 // the conversation is over
)

// Do is what a session wants. Out is good until the session's next method is called.
type Do struct {
	Out  []byte
	Next Next
}

// phase is what the client's bytes are.
type phase uint8

const (
	inCommands phase = iota
	inLogin          // lines of an AUTH exchange
	inText           // of a message
)

// Session is one conversation. It isn't safe for use by several goroutines at once.
type Session struct {
	config *Config
	mode   TLS
	peer   netip.Addr
	device *device.Device // nil for a stranger
	tls    string         // version and suite; empty without
	trace  trace

	parser smtpwire.CommandParser
	phase  phase
	next   Next
	end    End    // why it is over
	out    []byte // said and not yet handed over
	now    time.Time

	began time.Time // the session
	since time.Time // the latest command was answered
	heard time.Time // of the client

	spoke   bool // the client has sent something
	tried   bool // it has said AUTH: what is no command may be a secret
	greeted bool
	knocked bool
	helo    string
	esmtp   bool
	user    string
	auth    exchange
	begun   bool // there was a MAIL
	mail    Mail
	text    incoming

	commands int // since the last message
	errors   int // since then
	logins   int // that failed
	stopping bool
}

// newSession is a session of the server with a client at an address, on a listener of
// this kind. With secured, which names TLS version and suite, the handshake is over.
func (s *Server) newSession(peer netip.Addr, mode TLS, secured string) *Session {
	n := &Session{config: s.config, mode: mode, peer: peer, tls: secured}
	n.find()
	n.trace = newTrace(s.config)
	return n
}

// find asks again who the peer is, and sets what is forgiven to it.
func (s *Session) find() {
	d, ok := s.config.Find(s.peer)
	if !ok {
		d = nil
	}
	if d == nil || s.device == nil || d.Name != s.device.Name {
		s.user = "" // which was another's
	}
	s.device = d
	s.parser.Strict = s.strictness()
}

// strictness is what the device's quirks make of the rules.
func (s *Session) strictness() smtpwire.Strictness {
	if s.device == nil {
		return smtpwire.Strictness{}
	}
	q := s.device.Quirks
	return smtpwire.Strictness{BareLF: q.BareLF, EmptyHello: q.AnyHelo, MissingBrackets: q.NoBrackets, BlankAfterColon: q.NoBrackets}
}

// Begin greets.
func (s *Session) Begin(now time.Time) Do {
	s.now, s.began, s.since, s.heard = now, now, now, now
	s.trace.opened(now, s.peer)
	s.reply(say(reply.ServiceReady, "", s.config.Name+" ESMTP Rungmail"))
	return s.do()
}

// Feed takes in what the client sent. While a message is being taken it is only kept,
// and then at most smtpwire.MaxUnread bytes.
func (s *Session) Feed(p []byte, now time.Time) Do {
	s.now, s.heard = now, now
	for len(p) > maxFeed {
		s.run(p[:maxFeed])
		p = p[maxFeed:]
	}
	s.run(p)
	return s.do()
}

// Secured goes on after a handshake: whatever the client said before is forgotten
// (RFC 3207 section 4.2).
func (s *Session) Secured(name string, now time.Time) Do {
	s.now, s.since, s.heard = now, now, now
	s.tls = name
	s.trace.note(now, "TLS: "+name)
	s.forget()
	s.greeted, s.helo, s.esmtp, s.user = false, "", false, ""
	s.parser = smtpwire.CommandParser{Strict: s.parser.Strict}
	s.next = Read
	return s.do()
}

// Answer says what has become of the message, and goes on.
func (s *Session) Answer(r reply.Reply, now time.Time) Do {
	s.now, s.since, s.heard = now, now, now
	s.next, s.commands, s.errors = Read, 0, 0
	s.reply(r)
	s.stopBetween()
	s.run(nil)
	return s.do()
}

// Handover gives the message that is to be taken, and its body, which is the caller's
// from now on.
func (s *Session) Handover() (Mail, Body) {
	m, b := s.mail, s.text.body
	s.mail, s.begun, s.text.body = Mail{}, false, nil
	return m, b
}

// Pending tells whether the client has sent more than was used so far.
func (s *Session) Pending() bool { return len(s.parser.Rest()) > 0 }

// Stop ends the session at the next end of a message, which is now where none is
// coming.
func (s *Session) Stop(now time.Time) Do {
	s.now, s.stopping = now, true
	s.stopBetween()
	return s.do()
}

func (s *Session) stopBetween() {
	if s.stopping && s.next == Read && s.phase != inText {
		s.close(Stopped, say(reply.ServiceNotAvailable, "4.3.2", "the gateway is being stopped: try again later"))
	}
}

// Timeout ends the session, since the deadline has passed.
func (s *Session) Timeout(now time.Time) Do {
	s.now = now
	if s.next == Read {
		s.close(TimedOut, say(reply.ServiceNotAvailable, "4.4.2", "nothing came for too long: goodbye"))
	}
	return s.do()
}

// Gone tells that the client has hung up, or that the connection has failed.
func (s *Session) Gone(now time.Time) {
	if s.next == Close {
		return
	}
	s.now, s.next, s.end = now, Close, HungUp
	if s.device != nil && s.device.Quirks.NoQuit && s.phase == inCommands && !s.begun {
		s.end = Quit
	}
	s.forget()
}

// Deadline is when Timeout is due while there is something to read. With crowded a
// client that is silent between commands has less time.
func (s *Session) Deadline(crowded bool) time.Time {
	t := &s.config.Timeouts
	if s.phase == inText {
		return sooner(s.heard.Add(t.Block), s.text.began.Add(t.Message))
	}
	patience := t.Command
	if crowded {
		patience = min(patience, t.Crowded)
	}
	whole := t.Session
	if s.device == nil {
		whole = t.Stranger
	}
	return sooner(s.since.Add(patience), s.began.Add(whole))
}

func sooner(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// do hands over what was said.
func (s *Session) do() Do {
	d := Do{Out: s.out, Next: s.next}
	s.out = s.out[:0]
	return d
}

// run uses bytes up, until there are too few or something else is to be done.
func (s *Session) run(p []byte) {
	if len(p) > 0 && !s.spoke {
		s.spoke = true
		if p[0] == tlsHandshake {
			s.shut(TLSOnPlain)
			return
		}
	}
	for s.next == Read {
		if s.phase == inText {
			if p = s.receive(p); s.phase == inText {
				return
			}
			continue
		}
		s.parser.Feed(p)
		p = nil
		if !s.line() {
			return
		}
		if s.phase == inText {
			p = s.parser.Take()
		}
	}
	if s.next != Close && len(p) > 0 {
		s.parser.Feed(p)
	}
}

// line takes the next line, and tells whether there was one.
func (s *Session) line() bool {
	var c smtpwire.Command
	var typed string
	var ok bool
	var err error
	if s.phase == inLogin {
		typed, ok, err = s.parser.NextLine()
	} else {
		c, ok, err = s.parser.Next()
	}
	switch {
	case errors.Is(err, smtpwire.ErrTooMuch):
		s.close(Flooded, say(reply.ServiceNotAvailable, "4.7.0", "too much was sent ahead"))
		return false
	case err != nil:
		s.phase = inCommands // an exchange that went wrong is over
		s.trace.note(s.now, err.Error())
		s.answered(say(reply.CommandUnrecognised, "5.5.2", err.Error()))
	case !ok:
		return false
	case s.phase == inLogin:
		s.trace.client(s.now, "***")
		s.answered(s.respond(typed))
	default:
		s.command(c)
	}
	return true
}

// command answers one command.
func (s *Session) command(c smtpwire.Command) {
	s.trace.command(s.now, c, s.tried)
	s.tried = s.tried || c.Verb == "AUTH"
	switch {
	case isHTTP(c.Verb):
		s.shut(HTTP)
	case s.device == nil:
		s.stranger(c)
	case c.Verb == "BDAT":
		// RFC 3030: what comes behind it is text, and it wasn't offered
		s.close(OutOfStep, say(reply.CommandNotImplemented, "5.5.1", "BDAT isn't offered"))
	default:
		s.answered(s.verb(c))
	}
}

// isHTTP tells whether a verb is that of a web request, which someone's browser was
// made to send here.
func isHTTP(verb string) bool {
	switch verb {
	case "GET", "POST", "HEAD", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI":
		return true
	}
	return strings.HasPrefix(verb, "HTTP/")
}

// answered says a reply, and counts.
func (s *Session) answered(r reply.Reply) {
	s.reply(r)
	s.since = s.now
	s.commands++
	if isError(r) {
		s.errors++
	}
	l := &s.config.Limits
	switch {
	case s.next == Close:
	case s.errors >= l.MaxErrors:
		s.close(TooManyErrors, say(reply.ServiceNotAvailable, "4.7.0", "too many errors: goodbye"))
	case s.logins >= l.MaxLogins:
		s.close(TooManyErrors, say(reply.ServiceNotAvailable, "4.7.0", "too many failed logins: goodbye"))
	case s.commands >= l.MaxCommands:
		s.close(Flooded, say(reply.ServiceNotAvailable, "4.7.0", "too many commands without a message: goodbye"))
	}
}

// isError tells whether a reply says that the client made a mistake in speaking; that
// it wants what it may not is another matter.
func isError(r reply.Reply) bool {
	switch reply.Code(r.Code) {
	case reply.CommandUnrecognised, reply.ParameterSyntax, reply.CommandNotImplemented, reply.BadSequence,
		reply.ParameterNotPossible, reply.ParametersUnrecognised, reply.CredentialsInvalid:
		return true
	}
	return false
}

// stranger answers a client that is no device: at HELO, so that a module's Error Code
// becomes 554 and not a timeout, and to whatever comes then.
func (s *Session) stranger(c smtpwire.Command) {
	if c.Verb == "QUIT" {
		s.close(Quit, s.goodbye())
		return
	}
	if !s.knocked {
		s.knocked = true
		s.trace.note(s.now, "a knock: the address is no device's")
		if s.config.Knock != nil {
			s.config.Knock(s.peer, smtpwire.Printable(c.Arg))
		}
	}
	s.answered(s.unlisted())
	const enough = 10
	if s.commands >= enough && s.next == Read {
		s.close(Flooded, say(reply.ServiceNotAvailable, "4.7.0", "goodbye"))
	}
}

// reply says something.
func (s *Session) reply(r reply.Reply) {
	from := len(s.out)
	s.out = smtpwire.AppendReply(s.out, r)
	s.trace.server(s.now, r.Code, s.out[from:])
}

// close says a last word.
func (s *Session) close(end End, r reply.Reply) {
	s.reply(r)
	s.shut(end)
}

// shut ends the session.
func (s *Session) shut(end End) {
	s.next, s.end = Close, end
	s.forget()
}

// forget drops the message that was under way.
func (s *Session) forget() {
	if s.text.body != nil {
		s.text.body.Discard()
	}
	s.text.body = nil
	s.mail, s.begun, s.phase = Mail{}, false, inCommands
}

package intake

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // RFC 2195 is what old devices know
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/rungmail/rungmail/internal/secret"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// exchange is a login under way (RFC 4954 section 4).
type exchange struct {
	mechanism string
	user      string // of LOGIN, once it is known
	asked     int    // questions so far
	challenge string // of CRAM-MD5
}

// open tells whether a password may come in the clear: inside TLS, from this very
// machine, or on a listener that has no TLS at all, for devices that have none.
func (s *Session) open() bool {
	return s.tls != "" || s.mode == Off || s.peer.IsLoopback()
}

// mechanisms are those that are offered.
func (s *Session) mechanisms() string {
	if s.open() {
		return "PLAIN LOGIN CRAM-MD5"
	}
	return "CRAM-MD5"
}

func (s *Session) loginFirst() reply.Reply {
	if s.mode == StartTLS && s.tls == "" {
		return say(reply.AuthRequired, "5.7.0", "STARTTLS and AUTH first")
	}
	return say(reply.AuthRequired, "5.7.0", "AUTH first")
}

// login is AUTH.
func (s *Session) login(arg string) reply.Reply {
	mechanism, initial, given := cutBlank(arg)
	mechanism = strings.ToUpper(mechanism)
	switch {
	case s.device.Login == nil:
		return say(reply.CommandNotImplemented, "5.5.1", "this device needs no login")
	case !s.greeted || !s.esmtp:
		return say(reply.BadSequence, "5.5.1", "EHLO first")
	case s.user != "" || s.begun:
		return say(reply.BadSequence, "5.5.1", "not now")
	case mechanism != "PLAIN" && mechanism != "LOGIN" && mechanism != "CRAM-MD5":
		return say(reply.ParameterNotPossible, "5.5.4", "use "+s.mechanisms())
	case mechanism != "CRAM-MD5" && !s.open():
		return say(reply.EncryptionForMechanism, "5.7.11", "STARTTLS first: the password would be read by others")
	case mechanism == "CRAM-MD5" && given:
		return say(reply.ParameterSyntax, "5.5.4", "CRAM-MD5 begins with our challenge")
	}
	s.auth = exchange{mechanism: mechanism}
	if !given {
		return s.ask()
	}
	if initial == "=" { // RFC 4954 section 4: an empty one
		initial = ""
	}
	s.auth.asked++
	return s.respond(initial)
}

func cutBlank(s string) (first, rest string, found bool) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, "", false
	}
	rest = strings.Trim(s[i:], " \t")
	return s[:i], rest, rest != ""
}

// ask asks the next question.
func (s *Session) ask() reply.Reply {
	question := ""
	switch {
	case s.auth.mechanism == "LOGIN" && s.auth.asked == 0:
		question = "Username:"
	case s.auth.mechanism == "LOGIN":
		question = "Password:"
	case s.auth.mechanism == "CRAM-MD5":
		s.auth.challenge = "<" + rand.Text() + "@" + s.config.Name + ">"
		question = s.auth.challenge
	}
	s.auth.asked++
	s.phase = inLogin
	return say(reply.AuthContinue, "", base64.StdEncoding.EncodeToString([]byte(question)))
}

// respond takes the client's answer, as it was typed.
func (s *Session) respond(typed string) reply.Reply {
	s.phase = inCommands
	if typed == "*" {
		return say(reply.ParameterSyntax, "5.7.0", "cancelled")
	}
	raw, err := base64.StdEncoding.DecodeString(typed)
	if err != nil {
		return say(reply.ParameterSyntax, "5.5.2", "that isn't base64")
	}
	answer := string(raw)
	switch s.auth.mechanism {
	case "LOGIN":
		if s.auth.asked == 1 {
			s.auth.user = answer
			return s.ask()
		}
		return s.check(s.auth.user, func(p secret.Text) bool { return p.Right(answer) })
	case "CRAM-MD5":
		at := strings.LastIndexByte(answer, ' ')
		return s.check(answer[:max(at, 0)], func(p secret.Text) bool { return digestFits(p, s.auth.challenge, answer[at+1:]) })
	}
	parts := strings.Split(answer, "\x00") // RFC 4616
	if len(parts) != 3 || parts[0] != "" && parts[0] != parts[1] {
		return say(reply.ParameterSyntax, "5.5.2", "that isn't user and password")
	}
	return s.check(parts[1], func(p secret.Text) bool { return p.Right(parts[2]) })
}

// digestFits is the check of RFC 2195 section 2.
func digestFits(password secret.Text, challenge, digest string) bool {
	mac := hmac.New(md5.New, []byte(password.Reveal()))
	mac.Write([]byte(challenge))
	want := hex.EncodeToString(mac.Sum(nil))
	return password.Reveal() != "" && hmac.Equal([]byte(want), []byte(strings.ToLower(digest)))
}

// check ends a login.
func (s *Session) check(user string, right func(secret.Text) bool) reply.Reply {
	l := s.device.Login
	password, err := l.Password()
	if err != nil {
		s.config.Log.Error("a device's password can't be read", "device", s.device.Name, "error", err)
		return say(reply.TemporaryAuthFailure, "4.7.0", "the gateway can't check the password now")
	}
	goodUser, goodPassword := secret.New(l.User).Right(user), right(password)
	if !goodUser || !goodPassword {
		s.logins++
		s.config.Log.Warn("a login was refused", "device", s.device.Name, "user", smtpwire.Printable(user))
		return say(reply.CredentialsInvalid, "5.7.8", "user or password are wrong")
	}
	s.user = l.User
	return say(reply.AuthSucceeded, "2.7.0", "welcome")
}

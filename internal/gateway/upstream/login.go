package upstream

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"

	"github.com/rungmail/rungmail/internal/secret"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

const masked = "***"

// login logs in (RFC 4954). Where the token was refused, it was perhaps revoked: a
// fresh one gets one try more.
func (s *session) login(ctx context.Context) error {
	c := s.pool.conf
	if c.Login == NoLogin {
		return nil
	}
	if s.tls == "" && c.TLS != Plain {
		return s.fail(StepLogin, errors.New("no secret goes out without TLS"))
	}
	if name := strings.ToUpper(string(c.Login)); !slices.Contains(s.offers.auth, name) {
		return s.fail(StepLogin, fmt.Errorf("%w: it is %s, and the server offers %s", ErrNoLogin, name, s.offered()))
	}
	err := s.loginOnce(ctx, false)
	refusal, ok := errors.AsType[*Error](err)
	if ok && refusal.Reply.Code == int(reply.CredentialsInvalid) && c.Login == LoginXOAUTH2 && !s.broken {
		s.trace.note("the token was refused; a fresh one is tried")
		return s.loginOnce(ctx, true)
	}
	return err
}

// offered is the ways of logging in that the server offers, for people.
func (s *session) offered() string {
	if len(s.offers.auth) == 0 {
		return "none"
	}
	return smtpwire.Printable(strings.Join(s.offers.auth, ", "))
}

func (s *session) loginOnce(ctx context.Context, fresh bool) error {
	c := s.pool.conf
	key, err := c.credential(ctx, fresh)
	if err != nil {
		if ctx.Err() != nil {
			return s.broke(ctx, StepLogin, 0, err)
		}
		refusal, ok := errors.AsType[*TokenError](err)
		return &Error{Upstream: c.Name, Step: StepLogin, Err: err, Login: ok && refusal.Refused()}
	}
	client, err := newMechanism(c.Login, c.User, key)
	if err != nil {
		return s.fail(StepLogin, err)
	}
	e := exchange{session: s, client: client, hide: []string{key.Reveal()}}
	return e.run(ctx)
}

// credential is the password or the token.
func (c Config) credential(ctx context.Context, fresh bool) (secret.Text, error) {
	if c.Login != LoginXOAUTH2 {
		return c.Password()
	}
	limited, cancel := context.WithTimeout(ctx, c.Timeouts.Connect)
	defer cancel()
	return c.Token.Token(limited, fresh)
}

// exchange is one AUTH command with its challenges and answers. Nothing of what goes
// out is recorded, and of what comes back nothing that repeats it.
type exchange struct {
	*session
	client sasl.Client
	first  []byte   // initial response that hasn't been sent yet
	hide   []string // what must not be seen
}

// maxChallenges bounds the rounds; LOGIN has two.
const maxChallenges = 4

func (e *exchange) run(ctx context.Context) error {
	d := e.pool.conf.Timeouts.Command
	if err := e.begin(); err != nil {
		return e.fail(StepLogin, err)
	}
	for range maxChallenges {
		if err := e.flush(ctx, StepLogin, d); err != nil {
			return err
		}
		r, err := e.hear(ctx)
		switch {
		case err != nil:
			return err
		case r.Class() == 2:
			return nil
		case r.Code != int(reply.AuthContinue):
			return e.refused(StepLogin, r)
		}
		if err := e.answer(r); err != nil {
			e.broken = true
			return e.fail(StepLogin, err)
		}
	}
	return e.outOfTurn(StepLogin)
}

// begin queues AUTH, with the initial response where the line has room for it; else
// that answers the first challenge (RFC 4954 section 4).
func (e *exchange) begin() error {
	mech, first, err := e.client.Start()
	if err != nil {
		return err
	}
	arg, shown := mech, "AUTH "+mech
	if first != nil {
		e.first = first
		text := e.encode(first)
		if with := mech + " " + text; len("AUTH ")+len(with)+len("\r\n") <= smtpwire.MaxLine {
			arg, shown, e.first = with, shown+" "+masked, nil
		}
	}
	e.out, err = smtpwire.AppendCommand(e.out, "AUTH", arg)
	if err == nil {
		e.trace.sending(shown)
	}
	return err
}

// hear reads a reply, and hides in it what a server repeats of the secret.
func (e *exchange) hear(ctx context.Context) (reply.Reply, error) {
	record := e.trace
	e.trace = &trace{now: record.now}
	r, err := e.read(ctx, StepLogin, e.pool.conf.Timeouts.Command)
	e.trace = record
	if err != nil {
		return r, err
	}
	for i, line := range r.Lines {
		r.Lines[i] = e.masked(line)
	}
	e.trace.received(r)
	return r, nil
}

func (e *exchange) masked(text string) string {
	for _, part := range e.hide {
		if part != "" {
			text = strings.ReplaceAll(text, part, masked)
		}
	}
	return text
}

// answer queues the answer to a challenge.
func (e *exchange) answer(r reply.Reply) error {
	var text []byte
	var err error
	if e.first != nil {
		text, e.first = e.first, nil
	} else {
		challenge, fault := base64.StdEncoding.DecodeString(strings.TrimSpace(r.Text()))
		if fault != nil {
			challenge = nil // LOGIN's may be plain words; CRAM-MD5 refuses this
		}
		if e.pool.conf.Login == LoginXOAUTH2 {
			e.trace.note("the server says of the token: " + e.masked(string(challenge)))
		}
		if text, err = e.client.Next(challenge); err != nil {
			return err
		}
	}
	e.out, err = smtpwire.AppendLine(e.out, e.encode(text))
	if err == nil {
		e.trace.sending(masked)
	}
	return err
}

// encode is how an answer goes out; it is hidden from then on.
func (e *exchange) encode(answer []byte) string {
	text := base64.StdEncoding.EncodeToString(answer)
	e.hide = append(e.hide, text)
	return text
}

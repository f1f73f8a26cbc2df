package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/reply"
)

// open makes a connection and brings it to where messages can be sent.
func (p *Pool) open(ctx context.Context, t *trace) (*session, error) {
	s, err := p.connect(ctx, t)
	if err != nil {
		return nil, err
	}
	done := s.watch(ctx)
	err = s.ready(ctx)
	done()
	if err != nil {
		s.close()
		return nil, err
	}
	p.knowUTF8(s.offers.utf8)
	return s, nil
}

// connect finds the name and makes the TCP connection.
func (p *Pool) connect(ctx context.Context, t *trace) (*session, error) {
	t.id = p.newID()
	dial, cancel := context.WithTimeout(ctx, p.conf.Timeouts.Connect)
	defer cancel()
	defer context.AfterFunc(p.life, cancel)()
	raw, err := p.dial(dial, "tcp", p.address())
	if err != nil {
		switch {
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case p.life.Err() != nil:
			err = ErrClosed
		}
		return nil, &Error{Upstream: p.conf.Name, Step: StepConnect, Err: err}
	}
	t.add(conv.Self, conv.Opened, raw.RemoteAddr().String(), 0)
	return p.newSession(raw, t.id, t), nil
}

// address is where the server is.
func (p *Pool) address() string {
	return net.JoinHostPort(p.conf.Host, strconv.Itoa(int(p.conf.Port)))
}

// ready goes from a fresh connection to one that takes MAIL.
func (s *session) ready(ctx context.Context) error {
	kind := s.pool.conf.TLS
	if kind == Implicit {
		if err := s.secure(ctx); err != nil {
			return err
		}
	}
	if _, err := s.greeting(ctx); err != nil {
		return err
	}
	if err := s.hello(ctx); err != nil {
		return err
	}
	if kind == StartTLS {
		if err := s.startTLS(ctx); err != nil {
			return err
		}
		if err := s.hello(ctx); err != nil {
			return err
		}
	}
	return s.login(ctx)
}

// greeting reads the server's first words.
func (s *session) greeting(ctx context.Context) (reply.Reply, error) {
	r, err := s.read(ctx, StepGreeting, s.pool.conf.Timeouts.Greeting)
	if err != nil {
		return r, err
	}
	if r.Code != int(reply.ServiceReady) {
		return r, s.refused(StepGreeting, r)
	}
	return r, nil
}

// hello says EHLO, or HELO to a server that doesn't know it (RFC 5321 section 3.2).
func (s *session) hello(ctx context.Context) error {
	c := s.pool.conf
	r, err := s.ask(ctx, StepHello, "EHLO", c.Helo, c.Timeouts.Command)
	if err == nil && r.Class() == 5 {
		s.offers = offers{}
		r, err = s.ask(ctx, StepHello, "HELO", c.Helo, c.Timeouts.Command)
		r.Lines = r.Lines[:min(1, len(r.Lines))] // HELO offers nothing
	}
	switch {
	case err != nil:
		return err
	case r.Code != int(reply.OK):
		return s.refused(StepHello, r)
	case s.parser.Buffered() > 0:
		return s.outOfTurn(StepHello)
	}
	s.offers = readOffers(r)
	return nil
}

// startTLS turns TLS on (RFC 3207); EHLO comes again then, and what was offered before
// is forgotten. Bytes that stand before the handshake weren't
// protected by it, and would be read as if they were (CVE-2021-38371).
func (s *session) startTLS(ctx context.Context) error {
	if !s.offers.startTLS {
		return s.fail(StepTLS, ErrNoTLS)
	}
	r, err := s.ask(ctx, StepTLS, "STARTTLS", "", s.pool.conf.Timeouts.Command)
	switch {
	case err != nil:
		return err
	case r.Code != int(reply.ServiceReady):
		return s.refused(StepTLS, r)
	case s.parser.Buffered() > 0:
		return s.outOfTurn(StepTLS)
	}
	return s.secure(ctx)
}

// outOfTurn is the error of a server that talks before it is asked.
func (s *session) outOfTurn(step Step) error {
	s.broken = true
	return s.fail(step, errors.Join(ErrOutOfStep, errors.New("it sent more than its answer")))
}

// secure makes the TLS handshake.
func (s *session) secure(ctx context.Context) error {
	d := s.pool.conf.Timeouts.Connect
	limited, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	s.raw.SetDeadline(time.Now().Add(d))
	conn := tls.Client(s.raw, s.pool.tls)
	if err := conn.HandshakeContext(limited); err != nil {
		return s.broke(ctx, StepTLS, d, err)
	}
	s.conn, s.tls = conn, describeTLS(conn.ConnectionState())
	s.trace.note(s.tls)
	return nil
}

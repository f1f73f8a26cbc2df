package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// session is one connection to the server and the conversation on it. One Send at a
// time has it.
type session struct {
	pool   *Pool
	raw    net.Conn // as it was dialled
	conn   net.Conn // raw, or TLS over it
	parser smtpwire.ReplyParser
	in     []byte
	out    []byte
	id     string
	trace  *trace // of the Send under way
	offers offers
	tls    string // version and suite; empty without

	unwatch func() bool // stops the watch on the pool's life
	timer   *time.Timer // while idle
	used    int         // messages that were tried on it
	rset    bool        // the last one was refused: RSET goes first
	broken  bool        // never to be used again
	lost    bool        // since the other end has gone
}

// Sizes of a session's buffers, in bytes.
const (
	inSize  = 4 << 10
	outSize = 2 << 10
)

func (p *Pool) newSession(raw net.Conn, id string, t *trace) *session {
	s := &session{pool: p, raw: raw, conn: raw, id: id, trace: t, in: make([]byte, inSize), out: make([]byte, 0, outSize)}
	s.unwatch = context.AfterFunc(p.life, func() { raw.Close() })
	return s
}

// watch lets the end of a context end whatever waits on the connection, until the
// function that it returns is called.
func (s *session) watch(ctx context.Context) (done func()) {
	stop := context.AfterFunc(ctx, func() { s.raw.SetDeadline(time.Unix(1, 0)) })
	return func() {
		if !stop() {
			s.broken = true // its deadline may be set at any moment
		}
	}
}

// close ends the connection without a word.
func (s *session) close() {
	s.broken = true
	s.unwatch()
	s.raw.Close()
}

// quitTime is how long a server may take to say goodbye.
const quitTime = 5 * time.Second

// quit says goodbye and ends the connection.
func (s *session) quit() {
	defer s.close()
	s.trace = &trace{now: s.pool.now, id: s.id} // nobody's
	_, err := s.ask(context.Background(), "", "QUIT", "", min(quitTime, s.pool.conf.Timeouts.Command))
	if err != nil {
		s.pool.log.Debug("upstream hung up at QUIT", "upstream", s.pool.conf.Name, "error", err)
	}
}

// queue adds a command to what the next flush sends.
func (s *session) queue(verb, arg string) error {
	from := len(s.out)
	out, err := smtpwire.AppendCommand(s.out, verb, arg)
	if err != nil {
		return err
	}
	s.out = out
	s.trace.sending(string(out[from : len(out)-2]))
	return nil
}

// flush sends what is queued, in one write.
func (s *session) flush(ctx context.Context, step Step, d time.Duration) error {
	err := s.write(ctx, step, d, s.out)
	s.out = s.out[:0]
	return err
}

func (s *session) write(ctx context.Context, step Step, d time.Duration, b []byte) error {
	s.raw.SetWriteDeadline(time.Now().Add(d))
	err := ctx.Err() // asked after the deadline is set, or it might undo that of watch
	if err == nil {
		_, err = s.conn.Write(b)
	}
	if err != nil {
		return s.broke(ctx, step, d, err)
	}
	return nil
}

// read reads one reply; d bounds the whole of it.
func (s *session) read(ctx context.Context, step Step, d time.Duration) (reply.Reply, error) {
	for waits := false; ; {
		r, ok, err := s.parser.Next()
		if err != nil {
			s.broken = true
			return reply.Reply{}, s.fail(step, fmt.Errorf("%w: %w", ErrOutOfStep, err))
		}
		if ok {
			s.trace.received(r)
			return r, nil
		}
		if !waits {
			waits = true
			s.raw.SetReadDeadline(time.Now().Add(d))
			if ctx.Err() != nil {
				return reply.Reply{}, s.broke(ctx, step, d, ctx.Err())
			}
		}
		n, err := s.conn.Read(s.in)
		s.parser.Feed(s.in[:n])
		if n == 0 && err != nil {
			return reply.Reply{}, s.broke(ctx, step, d, err)
		}
	}
}

// ask sends one command and reads the answer.
func (s *session) ask(ctx context.Context, step Step, verb, arg string, d time.Duration) (reply.Reply, error) {
	if err := s.queue(verb, arg); err != nil {
		return reply.Reply{}, s.fail(step, err)
	}
	if err := s.flush(ctx, step, d); err != nil {
		return reply.Reply{}, err
	}
	return s.read(ctx, step, d)
}

// broke is the error of a connection on which nothing more can be said.
func (s *session) broke(ctx context.Context, step Step, d time.Duration, err error) error {
	s.broken = true
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case s.pool.life.Err() != nil:
		err = ErrClosed
	case errors.As(err, &timeout) && timeout.Timeout():
		err = fmt.Errorf("no answer in %v: %w", d, err)
	case errors.Is(err, io.EOF):
		s.lost = true
		err = fmt.Errorf("the server closed the connection: %w", err)
	default:
		s.lost = true
	}
	return s.fail(step, err)
}

func (s *session) fail(step Step, err error) error {
	return &Error{Upstream: s.pool.conf.Name, Step: step, Err: err}
}

// refused is the error that a reply means which isn't the one hoped for.
func (s *session) refused(step Step, r reply.Reply) error {
	class := r.Class()
	if class != 4 && class != 5 {
		s.broken = true
		return s.fail(step, fmt.Errorf("%w: it answered %q", ErrOutOfStep, r.String()))
	}
	e := &Error{Upstream: s.pool.conf.Name, Step: step, Reply: r, Permanent: class == 5}
	switch reply.Code(r.Code) {
	case reply.ServiceNotAvailable: // RFC 5321 section 3.8: it will hang up
		s.broken, s.lost = true, true
	case reply.AuthRequired:
		s.broken, e.Login = true, true
	default:
		e.Message = step.ofMessage()
		e.Login = step == StepLogin && class == 5
	}
	return e
}

// ofMessage tells whether a refusal at a step speaks of the message.
func (s Step) ofMessage() bool {
	switch s {
	case StepMail, StepRcpt, StepData, StepText, StepFinal:
		return true
	case StepConnect, StepGreeting, StepHello, StepTLS, StepLogin, StepReset:
	}
	return false
}

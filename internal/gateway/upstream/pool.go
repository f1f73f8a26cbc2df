package upstream

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/rungmail/rungmail/internal/smtpwire"
)

// Options is what a [Pool] gets from outside. The zero Options are the real ones.
type Options struct {
	Dial  func(ctx context.Context, network, address string) (net.Conn, error)
	Now   func() time.Time // of events and the minute's limit; deadlines have the system's clock
	Log   *slog.Logger     // of connections; no addresses, texts or secrets
	NewID func() string    // of conversations
}

// Pool is a [Sender] with connections to one server, which it keeps and uses again.
type Pool struct {
	conf  Config
	tls   *tls.Config
	dial  func(ctx context.Context, network, address string) (net.Conn, error)
	now   func() time.Time
	newID func() string
	log   *slog.Logger
	pace  *pace

	life  context.Context // until Close
	end   context.CancelFunc
	slots chan struct{} // one taken for each connection in use
	utf8  atomic.Int32  // 0 not known, 1 no, 2 yes

	pieces sync.Pool // of *piece

	mu     sync.Mutex
	idle   []*session // the latest used last
	closed bool
	quits  sync.WaitGroup
}

var _ Sender = (*Pool)(nil)

// New makes the pool of an upstream; it connects when it is asked to send. The errors
// say what is wrong in the configuration. Timeouts that aren't set are those of
// [DefaultTimeouts], Connections is 1, and Helo is the host's name.
func New(c Config, o Options) (*Pool, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("upstream %s: %w", c.Name, err)
	}
	conf, err := security(c)
	if err != nil {
		return nil, fmt.Errorf("upstream %s: %w", c.Name, err)
	}
	p := &Pool{conf: c, tls: conf, dial: o.Dial, now: o.Now, newID: o.NewID, log: o.Log, slots: make(chan struct{}, c.Connections)}
	if p.dial == nil {
		p.dial = (&net.Dialer{}).DialContext
	}
	if p.now == nil {
		p.now = time.Now
	}
	if p.newID == nil {
		p.newID = func() string { return uuid.Must(uuid.NewV7()).String() }
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	p.pieces.New = newPiece
	p.pace = newPace(c.PerMinute, p.now)
	p.life, p.end = context.WithCancel(context.Background())
	return p, nil
}

func (c Config) withDefaults() Config {
	def := DefaultTimeouts()
	t := &c.Timeouts
	t.Connect = cmp.Or(t.Connect, def.Connect)
	t.Greeting = cmp.Or(t.Greeting, def.Greeting)
	t.Command = cmp.Or(t.Command, def.Command)
	t.Data = cmp.Or(t.Data, def.Data)
	t.Block = cmp.Or(t.Block, def.Block)
	t.Final = cmp.Or(t.Final, def.Final)
	c.Connections = max(1, c.Connections)
	c.Login = cmp.Or(c.Login, NoLogin)
	if c.Helo == "" {
		c.Helo, _ = os.Hostname() // without one there is the other
		c.Helo = cmp.Or(c.Helo, "localhost")
	}
	return c
}

// check looks for what can be known to be wrong before the first connection.
func (c Config) check() error {
	if _, err := smtpwire.ParseHello(c.Helo, smtpwire.Strictness{}); err != nil {
		return fmt.Errorf("helo: %w", err)
	}
	switch {
	case c.Host == "":
		return errors.New("host is missing: set the server's name or address")
	case c.Port == 0:
		return errors.New("port is missing: 587 for starttls, 465 for implicit, 25 for plain are usual")
	case c.TLS != Implicit && c.TLS != StartTLS && c.TLS != Plain:
		return fmt.Errorf("tls: %q is none of implicit, starttls and plain", c.TLS)
	}
	switch c.Login {
	case NoLogin:
		return nil
	case LoginPlain, LoginLogin, LoginCRAM:
		if c.Password == nil {
			return fmt.Errorf("login %s needs a password", c.Login)
		}
	case LoginXOAUTH2:
		if c.Token == nil {
			return errors.New("login xoauth2 needs a way to get tokens")
		}
	default:
		return fmt.Errorf("login: %q is none of none, plain, login, cram-md5 and xoauth2", c.Login)
	}
	if c.User == "" {
		return fmt.Errorf("login %s needs a user", c.Login)
	}
	return nil
}

// Name is the upstream's.
func (p *Pool) Name() string { return p.conf.Name }

// UTF8 tells whether the server takes SMTPUTF8, as it said when it was asked last.
func (p *Pool) UTF8() (yes, known bool) {
	v := p.utf8.Load()
	return v == 2, v != 0
}

func (p *Pool) knowUTF8(yes bool) {
	if yes {
		p.utf8.Store(2)
	} else {
		p.utf8.Store(1)
	}
}

// Send sends one message; see [Sender]. A connection that was kept and has gone since
// is replaced by a fresh one: of that message the server has heard nothing.
func (p *Pool) Send(ctx context.Context, m Message) (Result, error) {
	res := Result{}
	t := &trace{now: p.now}
	err := p.send(ctx, m, &res, t)
	if e, ok := errors.AsType[*Error](err); ok && res.Final.Code == 0 {
		res.Final = e.Reply
	}
	res.Events = t.end(res.Final.Code, err)
	return res, err
}

func (p *Pool) send(ctx context.Context, m Message, res *Result, t *trace) error {
	if len(m.To) == 0 {
		return &Error{Upstream: p.conf.Name, Step: StepRcpt, Err: errors.New("the message has no recipient"), Message: true, Permanent: true}
	}
	if err := p.enter(ctx); err != nil {
		return &Error{Upstream: p.conf.Name, Step: StepConnect, Err: err}
	}
	defer p.leave()
	s := p.kept(t)
	for {
		if s == nil {
			var err error
			if s, err = p.open(ctx, t); err != nil {
				p.log.Debug("upstream can't be used", "upstream", p.conf.Name, "error", err)
				return err
			}
		}
		again := s.used > 0
		stale, err := s.send(ctx, m, res)
		p.give(s)
		if !again || !stale {
			return err
		}
		t.note("the connection that was kept has gone, so there is a new one")
		*res, s = Result{}, nil
	}
}

// enter waits for a connection's place and for the minute's limit.
func (p *Pool) enter(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-p.life.Done():
		return ErrClosed
	}
	err := p.pace.wait(ctx, p.life)
	if err == nil && p.life.Err() != nil {
		err = ErrClosed
	}
	if err != nil {
		p.leave()
	}
	return err
}

func (p *Pool) leave() { <-p.slots }

// kept is the idle connection that was used last, or nil.
func (p *Pool) kept(t *trace) *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		return nil
	}
	s := p.idle[n-1]
	p.idle[n-1], p.idle = nil, p.idle[:n-1]
	s.timer.Stop()
	s.trace = t
	t.id = s.id
	t.note(fmt.Sprintf("message %d on this connection", s.used+1))
	return s
}

// give takes a connection back: to keep it, or to end it where it is of no more use.
func (p *Pool) give(s *session) {
	s.trace = nil
	if s.broken {
		s.close()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		s.close()
		return
	}
	p.idle = append(p.idle, s)
	if s.timer == nil {
		s.timer = time.AfterFunc(p.conf.Idle, func() { p.retire(s) })
	} else {
		s.timer.Reset(p.conf.Idle)
	}
}

// retire says goodbye on a connection that was idle for long enough. It holds a place
// meanwhile, so that the server never sees more connections than it should.
func (p *Pool) retire(s *session) {
	select {
	case p.slots <- struct{}{}:
		defer p.leave()
	case <-p.life.Done():
		return
	}
	if p.drop(s) {
		defer p.quits.Done()
		s.quit()
	}
}

// drop takes a connection out of the idle ones, where it still is one, and counts its
// goodbye.
func (p *Pool) drop(s *session) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.idle {
		if other == s {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			p.quits.Add(1)
			return true
		}
	}
	return false
}

// Close says QUIT on idle connections and ends those in use: their Sends fail. It may
// be called again, and always gives nil.
func (p *Pool) Close() error {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	for _, s := range idle {
		s.timer.Stop()
		s.unwatch()
	}
	p.mu.Unlock()
	p.end()
	for _, s := range idle {
		p.quits.Go(s.quit)
	}
	p.quits.Wait()
	return nil
}

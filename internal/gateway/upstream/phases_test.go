package upstream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungmail/rungmail/internal/smtpwire"
)

const (
	endlessLine = 1 << 20
	manyLines   = 10_000
)

// TestEveryFaultInEveryPhase: what a server can do wrong, wherever it does it, and
// whose fault that is.
func TestEveryFaultInEveryPhase(t *testing.T) {
	t.Parallel()
	phases := []struct {
		verb    string
		step    Step
		message bool // its refusals speak of the message
	}{
		{"greeting", StepGreeting, false},
		{"EHLO", StepHello, false},
		{"STARTTLS", StepTLS, false},
		{"AUTH", StepLogin, false},
		{"MAIL", StepMail, true},
		{"RCPT", StepRcpt, true},
		{"DATA", StepData, true},
		{"final", StepFinal, true},
	}
	faults := []struct {
		name, action string
		code         int
		lost         bool // nothing that can be believed was said
	}{
		{"refuses for now", "451 4.7.1 later\r\n", 451, false},
		{"refuses for good", "554 5.7.1 never\r\n", 554, false},
		{"is closing down", "421 4.3.2 night\r\n", 421, false},
		{"wants a login", "530 5.7.0 log in\r\n", 530, false},
		{"hangs up", "close", 0, true},
		{"stalls", "stall", 0, true},
		{"stalls in its answer", "25", 0, true},
		{"talks something else", "HTTP/1.1 400 Bad Request\r\n", 0, true},
		{"says a code of four digits", "2500 ok\r\n", 0, true},
		{"says a code below 100", "050 ok\r\n", 0, true},
		{"says a code above 599", "777 ok\r\n", 0, true},
		{"says 1yz", "150 ok\r\n", 0, true},
		{"changes the code", "250-a\r\n550 b\r\n", 0, true},
		{"says a line without an end", strings.Repeat("2", endlessLine), 0, true},
		{"says lines without an end", strings.Repeat("250-x\r\n", manyLines), 0, true},
		{"says control characters", "\x00\x1b[2J\x07\r\n", 0, true},
	}
	for _, pipelining := range []string{"", "PIPELINING"} {
		for _, ph := range phases {
			for _, f := range faults {
				t.Run(fmt.Sprint(ph.verb, " ", f.name, " ", pipelining), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						ca := newAuthority(t)
						h := &host{offers: pipelining + " AUTH_PLAIN", tls: ca.good(), script: map[string]string{ph.verb: f.action}}
						if ph.verb == "EHLO" && f.code == 554 || ph.verb == "EHLO" && f.code == 530 {
							h.script["HELO"] = f.action
						}
						c := config()
						c.TLS, c.CAFile, c.Login, c.User, c.Password = StartTLS, ca.file, LoginPlain, "plant", password("hunter2")
						p := h.pool(t, c)
						began := time.Now()
						res, err := p.Send(t.Context(), note(t))
						e := fault(t, err)
						got := fmt.Sprintln(e.Step, e.Reply.Code, "message", e.Message, "permanent", e.Permanent, "maybe", e.Maybe, "login", e.Login)
						special := f.code == 421 || f.code == 530
						want := fmt.Sprintln(ph.step, f.code, "message", ph.message && !f.lost && !special, "permanent", f.code/100 == 5,
							"maybe", ph.step == StepFinal && f.lost, "login", f.code == 530 || ph.step == StepLogin && f.code == 554)
						if got != want {
							t.Errorf("got  %swant %s%v", got, want, err)
						}
						if smtpwire.Printable(err.Error()) != err.Error() || len(err.Error()) > 2*maxText {
							t.Errorf("the error isn't for people: %.200q", err.Error())
						}
						if took := time.Since(began); took > time.Hour {
							t.Errorf("it took %v", took)
						}
						quietEvents(t, res)
						// The next message has a connection that works.
						h.mend(nil)
						if _, err := p.Send(t.Context(), note(t)); err != nil {
							t.Errorf("the next message: %v", err)
						}
						p.Close()
					})
				})
			}
		}
	}
}

// quietEvents: no secret, nothing unprintable, not too many.
func quietEvents(t *testing.T, res Result) {
	t.Helper()
	if len(res.Events) == 0 || len(res.Events) > maxEvents+1 {
		t.Errorf("%d events", len(res.Events))
	}
	for _, e := range res.Events {
		if smtpwire.Printable(e.Text) != e.Text || strings.Contains(e.Text, "hunter2") || strings.Contains(e.Text, "aHVudGVyMg") || strings.Contains(e.Text, "AHBsYW50AGh1bnRlcjI") {
			t.Errorf("event %+q", e.Text)
		}
	}
}

// TestAContextEndsEveryWait: whatever the server does, a Send is over when its context
// is, and says so.
func TestAContextEndsEveryWait(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"greeting", "EHLO", "MAIL", "RCPT", "DATA", "final", "text"} {
		t.Run(verb, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &host{script: map[string]string{verb: "stall"}}
				p := h.pool(t, config())
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				began := time.Now()
				_, err := p.Send(ctx, note(t))
				e := fault(t, err)
				if !errors.Is(e, context.DeadlineExceeded) || e.Message || e.Maybe != (verb == "final" || verb == "text") {
					t.Errorf("got %+v", e)
				}
				if took := time.Since(began); took != 3*time.Second {
					t.Errorf("it took %v", took)
				}
				p.Close()
			})
		})
	}
}

// lateConn is a connection on which a deadline is set just when the context ends: the
// one that ends all waiting comes first, and ours would undo it.
type lateConn struct {
	net.Conn
	cancel context.CancelFunc
	reads  bool // else writes
	once   sync.Once
	cut    chan struct{}
}

func (c *lateConn) SetDeadline(at time.Time) error {
	defer close(c.cut)
	return c.Conn.SetDeadline(at)
}

func (c *lateConn) late() {
	c.once.Do(func() {
		c.cancel()
		<-c.cut
	})
}

func (c *lateConn) SetReadDeadline(at time.Time) error {
	if c.reads {
		c.late()
	}
	return c.Conn.SetReadDeadline(at)
}

func (c *lateConn) SetWriteDeadline(at time.Time) error {
	if !c.reads {
		c.late()
	}
	return c.Conn.SetWriteDeadline(at)
}

// TestAContextThatEndsWhileADeadlineIsSet ends the wait all the same.
func TestAContextThatEndsWhileADeadlineIsSet(t *testing.T) {
	t.Parallel()
	for _, reads := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			h := &host{script: map[string]string{"greeting": "stall"}}
			if !reads {
				h.script["greeting"] = "220 x\r\n then deaf"
			}
			p := h.pool(t, config())
			ctx, cancel := context.WithCancel(t.Context())
			p.dial = func(context.Context, string, string) (net.Conn, error) {
				c, err := h.dial(ctx, "", "")
				return &lateConn{Conn: c, cancel: cancel, reads: reads, cut: make(chan struct{})}, err
			}
			began := time.Now()
			_, err := p.Send(ctx, note(t))
			if !errors.Is(err, context.Canceled) || time.Since(began) != 0 {
				t.Errorf("got %v after %v", err, time.Since(began))
			}
			p.Close()
			<-time.After(time.Hour) // until the deaf one has gone
		})
	}
}

// TestATricklingServerIsBounded: one byte a minute isn't an answer, however long it
// goes on.
func TestATricklingServerIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{}
		p := h.pool(t, config())
		p.dial = h.trickle
		began := time.Now()
		_, err := p.Send(t.Context(), note(t))
		if e := fault(t, err); e.Step != StepGreeting {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took != p.conf.Timeouts.Greeting {
			t.Errorf("it took %v", took)
		}
		p.Close()
		<-time.After(2 * time.Minute) // until the server has seen it
	})
}

package upstream

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungmail/rungmail/internal/smtpwire"
)

// FuzzServer: whatever a server says, a Send ends in time, its error and events are
// for people, and what it claims fits together.
func FuzzServer(f *testing.F) {
	for _, seed := range []string{
		"220 x\r\n250 x\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n",
		"220 x\r\n250-x\r\n250-PIPELINING\r\n250-SIZE\r\n250-AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2\r\n250 SMTPUTF8\r\n334 eA==\r\n334 eA==\r\n235 ok\r\n250 ok\r\n452 no\r\n552 no\r\n354 go\r\n451 later\r\n",
		"220 x\r\n500 x\r\n250 x\r\n250 ok\r\n550 no\r\n250 ok\r\n354 go\r\n421 bye\r\n",
		"554 no\r\n", "220-\r\n", "\xff\x00\r\n", "220 x\r\n250 x\r\n250 ok\r\n250 ok\r\n354 go\r\n250 a\r\n250 b\r\n",
	} {
		for i := range 4 {
			f.Add([]byte(seed), byte(i), byte(7))
		}
	}
	mechanisms := []Mechanism{NoLogin, LoginLogin, LoginCRAM, LoginXOAUTH2}
	f.Fuzz(func(t *testing.T, said []byte, how, piece byte) {
		synctest.Test(t, func(t *testing.T) {
			c := config()
			c.Login, c.User, c.Password, c.Token = mechanisms[how%4], "plant", password("hunter2"), &tokens{"hunter2 hunter3"}
			p, err := New(c, Options{Dial: func(context.Context, string, string) (net.Conn, error) {
				return parrot(said, int(piece)+1, how&4 != 0), nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			for range 2 {
				m := note(t, "a@example.com", "b@example.com")
				res, err := p.Send(t.Context(), m)
				check(t, m, res, err)
			}
			p.Close()
			if took := time.Since(began); took > 3*time.Hour {
				t.Errorf("it took %v", took)
			}
		})
	})
}

// parrot is a connection to a server that says its piece whatever it hears, and then
// hangs up or falls silent.
func parrot(said []byte, piece int, hangUp bool) net.Conn {
	ours, theirs := net.Pipe()
	go func() {
		for len(said) > 0 {
			n := min(piece, len(said))
			if _, err := theirs.Write(said[:n]); err != nil {
				break
			}
			said = said[n:]
		}
		if hangUp {
			theirs.Close()
		}
	}()
	go func() {
		buf := make([]byte, 4096)
		for {
			if _, err := theirs.Read(buf); err != nil {
				return
			}
		}
	}()
	return ours
}

func check(t *testing.T, m Message, res Result, err error) {
	t.Helper()
	quietEvents(t, res)
	if err == nil {
		if len(res.Verdicts) != len(m.To) || res.Final.Class() != 2 {
			t.Errorf("taken, with %d verdicts and %v", len(res.Verdicts), res.Final)
		}
		return
	}
	e := fault(t, err)
	if text := e.Error(); smtpwire.Printable(text) != text {
		t.Errorf("the error isn't for people: %q", text)
	}
	if e.Maybe && (e.Message || e.Permanent || e.Step != StepFinal) || e.Message && e.Reply.Code != 0 && !e.Step.ofMessage() {
		t.Errorf("it contradicts itself: %+v", e)
	}
	for _, v := range res.Verdicts {
		if v.Taken() {
			t.Errorf("%v was taken, and then %v", v, err)
		}
	}
}

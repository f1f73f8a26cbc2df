package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// TestAConnectionIsUsedAgain: a hundred messages over one, without RSET, and QUIT when
// it was idle for long enough.
func TestAConnectionIsUsedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{}
		p := h.pool(t, config())
		for range 100 {
			if _, err := p.Send(t.Context(), note(t)); err != nil {
				t.Fatal(err)
			}
		}
		if conns, _ := h.count(); conns != 1 || strings.Contains(h.said(), "RSET") || strings.Contains(h.said(), "QUIT") {
			t.Errorf("%d connections, and it heard\n%s", conns, h.said())
		}
		<-time.After(59 * time.Second)
		if strings.Contains(h.said(), "QUIT") {
			t.Error("QUIT too early")
		}
		<-time.After(2 * time.Second)
		synctest.Wait()
		if !strings.HasSuffix(h.said(), "QUIT") {
			t.Error("no QUIT")
		}
		if _, err := p.Send(t.Context(), note(t)); err != nil {
			t.Error(err)
		}
		if conns, _ := h.count(); conns != 2 {
			t.Errorf("%d connections", conns)
		}
		p.Close()
	})
}

// TestNoMoreConnectionsThanAllowed, not even while one says goodbye.
func TestNoMoreConnectionsThanAllowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{then: func(_ *host, verb, _ string) (string, bool) {
			if verb == "MAIL" || verb == "QUIT" {
				<-time.After(time.Second)
			}
			return "", false
		}}
		c := config()
		c.Connections, c.Idle = 3, time.Second
		p := h.pool(t, c)
		for round := range 3 {
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					if _, err := p.Send(t.Context(), note(t)); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			<-time.After(time.Duration(round) * 1100 * time.Millisecond) // while they say goodbye, too
		}
		if _, most := h.count(); most != 3 {
			t.Errorf("%d connections at once", most)
		}
		p.Close()
	})
}

// TestWaitingForAConnectionEndsWithTheContext.
func TestWaitingForAConnectionEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{script: map[string]string{"MAIL": "stall"}}
		p := h.pool(t, config())
		go func() { _, _ = p.Send(t.Context(), note(t)) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := p.Send(ctx, note(t))
		if e := fault(t, err); !errors.Is(e, context.DeadlineExceeded) || e.Step != StepConnect {
			t.Errorf("got %v", err)
		}
		p.Close() // ends the other one
		_, err = p.Send(t.Context(), note(t))
		if !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
	})
}

// TestCloseEndsWhatIsInUse, and says goodbye on the others.
func TestCloseEndsWhatIsInUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{}
		c := config()
		c.Connections = 2
		p := h.pool(t, c)
		if _, err := p.Send(t.Context(), note(t)); err != nil {
			t.Fatal(err)
		}
		s := p.kept(&trace{now: time.Now}) // keep the first from the next
		h.mend(map[string]string{"final": "stall"})
		var got atomic.Pointer[Error]
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := p.Send(t.Context(), note(t))
			e, _ := err.(*Error)
			got.Store(e)
		})
		synctest.Wait()
		p.give(s)
		began := time.Now()
		p.Close()
		wg.Wait()
		if e := got.Load(); !errors.Is(e, ErrClosed) || !e.Maybe || time.Since(began) != 0 {
			t.Errorf("got %+v after %v", e, time.Since(began))
		}
		if strings.Count(h.said(), "QUIT") != 1 {
			t.Errorf("it heard\n%s", h.said())
		}
	})
}

// TestAConnectionThatHasGoneIsReplaced: the message goes out all the same, once.
func TestAConnectionThatHasGoneIsReplaced(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"close", "421 4.4.2 you were idle\r\n"} {
		for _, offers := range []string{"SIZE", "PIPELINING"} {
			h := &host{offers: offers}
			mails := 0
			h.then = func(_ *host, verb, _ string) (string, bool) {
				if verb == "MAIL" {
					mails++
				}
				return action, verb == "MAIL" && mails == 2
			}
			p := h.pool(t, config())
			for range 3 {
				if _, err := p.Send(t.Context(), note(t)); err != nil {
					t.Fatalf("%s: %v", action, err)
				}
			}
			if conns, _ := h.count(); conns != 2 || len(h.texts) != 3 {
				t.Errorf("%s: %d connections, %d texts", action, conns, len(h.texts))
			}
		}
	}
}

// TestAFreshConnectionThatGoesIsNotTriedAgain: that is delivery's business.
func TestAFreshConnectionThatGoesIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	h := &host{script: map[string]string{"MAIL": "close"}}
	_, err := h.pool(t, config()).Send(t.Context(), note(t))
	if e := fault(t, err); !errors.Is(e, io.EOF) || e.Step != StepMail || e.Message {
		t.Errorf("got %v", err)
	}
	if conns, _ := h.count(); conns != 1 {
		t.Errorf("%d connections", conns)
	}
}

// TestAMessageIsNeverSentTwice: once the server has said a word about it, a connection
// that goes isn't replaced.
func TestAMessageIsNeverSentTwice(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"RCPT", "DATA", "text", "final"} {
		h := &host{}
		p := h.pool(t, config())
		if _, err := p.Send(t.Context(), note(t)); err != nil {
			t.Fatal(err)
		}
		h.mend(map[string]string{verb: "close"})
		_, err := p.Send(t.Context(), note(t))
		if e := fault(t, err); e.Maybe != (verb == "final") {
			t.Errorf("%s: got %+v", verb, e)
		}
		if conns, _ := h.count(); conns != 1 {
			t.Errorf("%s: %d connections", verb, conns)
		}
	}
}

// TestAServerThatTalksTooMuch after its answer isn't asked again on that connection.
func TestAServerThatTalksTooMuch(t *testing.T) {
	t.Parallel()
	h := &host{script: map[string]string{"final": "250 taken\r\n250 and the next one too\r\n"}}
	p := h.pool(t, config())
	for range 2 {
		if _, err := p.Send(t.Context(), note(t)); err != nil {
			t.Fatal(err)
		}
	}
	if conns, _ := h.count(); conns != 2 {
		t.Errorf("%d connections", conns)
	}
}

func TestRSETOnlyAfterARefusal(t *testing.T) {
	t.Parallel()
	h := &host{script: map[string]string{"final": "554 no\r\n"}}
	p := h.pool(t, config())
	_, _ = p.Send(t.Context(), note(t))
	h.mend(nil)
	_, _ = p.Send(t.Context(), note(t))
	_, _ = p.Send(t.Context(), note(t))
	want := "EHLO MAIL RCPT DATA RSET MAIL RCPT DATA MAIL RCPT DATA"
	var got []string
	for _, line := range strings.Split(h.said(), "\n") {
		verb, _, _ := strings.Cut(line, " ")
		got = append(got, verb)
	}
	if strings.Join(got, " ") != want {
		t.Errorf("it heard %v; want %s", got, want)
	}
}

// TestNobodyListens: the way to it is at fault.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	p := (&host{}).pool(t, config())
	p.dial = func(context.Context, string, string) (net.Conn, error) { return nil, errTest }
	res, err := p.Send(t.Context(), note(t))
	if e := fault(t, err); e.Step != StepConnect || !errors.Is(e, errTest) || e.Message || e.Permanent {
		t.Errorf("got %+v", e)
	}
	quietEvents(t, res)
}

// TestPaceIsKept: never more in any minute than allowed, never more at once than a
// tenth of that, and no slower than it must be.
func TestPaceIsKept(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 200).Draw(t, "limit")
		now := time.Unix(1_800_000_000, 0)
		p := newPace(limit, nil)
		var sent []time.Time
		for range 3 * limit {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "pause")) * time.Millisecond / time.Duration(limit))
			wait := p.take(now)
			if wait > 0 {
				now = now.Add(wait)
				if again := p.take(now); again != 0 {
					t.Fatalf("waited %v as told, and then %v", wait, again)
				}
			}
			sent = append(sent, now)
		}
		for i := range sent {
			at, minute := 0, 0
			for _, later := range sent[i:] {
				if later.Equal(sent[i]) {
					at++
				}
				if later.Before(sent[i].Add(time.Minute)) {
					minute++
				}
			}
			if at > max(1, limit/10) || minute > limit {
				t.Fatalf("%d at once, %d in a minute of %d", at, minute, limit)
			}
		}
	})
}

// TestPaceOfAPool: the limit holds for all connections together.
func TestPaceOfAPool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{}
		c := config()
		c.Connections, c.PerMinute, c.Idle = 5, 30, time.Hour
		p := h.pool(t, c)
		began := time.Now()
		var wg sync.WaitGroup
		for range 60 {
			wg.Go(func() {
				if _, err := p.Send(t.Context(), note(t)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(began); took < time.Minute || took > 3*time.Minute {
			t.Errorf("60 messages took %v", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, _ = p.Send(t.Context(), note(t))
		if _, err := p.Send(ctx, note(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		p.Close()
	})
}

// TestEventsTellTheStory, with one conversation a connection.
func TestEventsTellTheStory(t *testing.T) {
	t.Parallel()
	h := &host{offers: "SIZE"}
	p := h.pool(t, config())
	n := 0
	p.newID = func() string { n++; return fmt.Sprint("conversation ", n) }
	for range 2 {
		if _, err := p.Send(t.Context(), note(t)); err != nil {
			t.Fatal(err)
		}
	}
	res, err := p.Send(t.Context(), note(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range res.Events {
		if e.Conversation != "conversation 1" || e.Time.IsZero() {
			t.Errorf("got %+v", e)
		}
		got = append(got, fmt.Sprint(e.Side, " ", e.Kind, " ", e.Code, " ", e.Text))
	}
	want := `self note 0 message 3 on this connection
client sending 0 MAIL FROM:<plc@example.com> SIZE=30
server received 250 ok
client sending 0 RCPT TO:<mark@example.com>
server received 250 ok
client sending 0 DATA
server received 354 go on
client sending 0 29 bytes of text
server received 250 2.0.0 taken
self ended 250 `
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// TestNothingIsKept where the set-up says so.
func TestNothingIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{}
		c := config()
		c.Idle = 0
		p := h.pool(t, c)
		for range 3 {
			if _, err := p.Send(t.Context(), note(t)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if conns, _ := h.count(); conns != 3 || strings.Count(h.said(), "QUIT") != 3 {
			t.Errorf("%d connections, and it heard\n%s", conns, h.said())
		}
		p.Close()
	})
}

// ending is a content whose end is that of a context.
type ending struct {
	io.Reader
	end context.CancelFunc
}

func (e ending) Close() error {
	e.end()
	return nil
}

// TestAContextThatEndsWithTheMessage: the message has gone, but its deadline may still
// strike the connection, so nobody else gets that.
func TestAContextThatEndsWithTheMessage(t *testing.T) {
	t.Parallel()
	h := &host{}
	p := h.pool(t, config())
	ctx, cancel := context.WithCancel(t.Context())
	m := note(t)
	m.Open = func() (io.ReadCloser, error) { return ending{strings.NewReader("hi\r\n"), cancel}, nil }
	if _, err := p.Send(ctx, m); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Send(t.Context(), note(t)); err != nil {
		t.Fatal(err)
	}
	if conns, _ := h.count(); conns != 2 {
		t.Errorf("%d connections", conns)
	}
}

//go:build linux

package strangers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestGatewayKilledAtAnyMoment kills the gateway again and again while devices send,
// and starts it again on the same folder. What a device has heard 250 for arrives,
// and whole; what arrives twice is counted. The upstream stays up; now and then it is
// slow, refuses for a while or takes nobody in, so that the queue is used. Every other
// time devices wait for the upstream's verdict: the queue is emptied first, since
// nobody waits behind older mail.
//
// RUNGMAIL_SOAK is how often, and RUNGMAIL_SEED another course of the same.
func TestGatewayKilledAtAnyMoment(t *testing.T) {
	kills, seed := setting(t, "RUNGMAIL_SOAK", 20), setting(t, "RUNGMAIL_SEED", 1)
	k := &killer{t: t, random: rand.New(rand.NewPCG(2026, uint64(seed))), office: openOffice(t), relay: newRelay(t), crowd: newCrowd()}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for client := range 8 {
		k.crowd.wg.Go(func() { k.crowd.send(ctx, k.relay.at, client) })
	}
	for n := range kills {
		if n%2 == 0 {
			k.queueing()
		} else {
			k.waiting()
		}
	}
	cancel()
	k.crowd.wg.Wait()
	k.office.behave(wellMannered)
	k.relay.start()
	queued := k.relay.status().Live
	k.relay.drain(time.Minute)
	k.joined += k.relay.status().Joined
	t.Logf("%d kills (seed %d): at least %d messages had the upstream's verdict; %d were queued at the last start; at least %d resends joined a first one",
		kills, seed, k.verdicts, queued, k.joined)
	k.crowd.judge(t, k.office)
}

// killer is who kills the gateway, and what the gateway had said before.
type killer struct {
	t                *testing.T
	random           *rand.Rand
	office           *office
	relay            *relay
	crowd            *crowd
	verdicts, joined uint64
}

// queueing has the gateway answer at once and kills it: mostly some while after it is
// ready, now and then when it has hardly begun.
func (k *killer) queueing() {
	k.t.Helper()
	k.relay.plant(`verdict_wait = "0s"`, plainUpstream(k.office.at(), 3))
	k.office.behave(moods(k.random)[k.random.IntN(4)])
	if k.random.IntN(3) == 0 {
		k.relay.begin()
		k.kill(80 * time.Millisecond)
		return
	}
	k.relay.start()
	var asked sync.WaitGroup
	asked.Go(func() { _, _ = k.relay.retryAll() }) // it may be killed meanwhile
	k.kill(300 * time.Millisecond)
	asked.Wait()
}

// waiting has the gateway wait for the verdict as long as it does by itself, and kills
// it.
func (k *killer) waiting() {
	k.t.Helper()
	k.relay.plant("", plainUpstream(k.office.at(), 3))
	k.office.behave(wellMannered)
	k.crowd.gate.Lock()
	k.relay.start()
	k.relay.drain(time.Minute)
	k.office.behave(moods(k.random)[k.random.IntN(3)])
	k.crowd.gate.Unlock()
	<-time.After(time.Duration(k.random.Int64N(int64(200 * time.Millisecond))))
	s := k.relay.status()
	k.verdicts, k.joined = k.verdicts+s.Verdicts, k.joined+s.Joined
	k.kill(100 * time.Millisecond)
}

var missing = regexp.MustCompile(`"missing":[1-9]`)

// kill kills the gateway at a moment of some time.
func (k *killer) kill(within time.Duration) {
	k.t.Helper()
	<-time.After(time.Duration(k.random.Int64N(int64(within))))
	k.relay.kill()
	if missing.MatchString(k.relay.log()) {
		k.t.Errorf("messages without their content were found at the start:\n%s", k.relay.log())
	}
}

func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// moods are the manners of an upstream: quick, slow, refusing for a while now and
// then, and closed.
func moods(random *rand.Rand) []manner {
	own := rand.New(rand.NewPCG(random.Uint64(), 0))
	return []manner{
		wellMannered,
		func(line string) (string, time.Duration) {
			if line == "." {
				return "", 20 * time.Millisecond
			}
			return "", 0
		},
		func(line string) (string, time.Duration) {
			if (line == "." || strings.HasPrefix(line, "RCPT")) && own.IntN(4) == 0 {
				return "451 4.3.0 not now", time.Duration(own.IntN(5)) * time.Millisecond
			}
			return "", 0
		},
		func(line string) (string, time.Duration) {
			if line == "connect" {
				return "421 4.3.2 closed for the night", 0
			}
			return "", 0
		},
	}
}

// crowd is devices that send numbered mails, and what they have heard.
type crowd struct {
	wg      sync.WaitGroup
	gate    sync.RWMutex // closed while no mail is to be sent
	mu      sync.Mutex
	heard   map[string]int // the code, by number; 0 while there is none
	resends map[string]int // how often a number was sent again
	odds    []string       // answers that weren't to be expected
}

func newCrowd() *crowd { return &crowd{heard: map[string]int{}, resends: map[string]int{}} }

// send sends mails until the context ends. Every other device sends a mail again that
// it has heard nothing about.
func (c *crowd) send(ctx context.Context, at netip.AddrPort, client int) {
	var s *talk
	for n := 0; ctx.Err() == nil; n++ {
		number, size := fmt.Sprintf("%d-%d", client, n), 1000
		if n%25 == 24 {
			size = 100_000 // over what is kept in the database
		}
		text := numbered(number, size)
		for ctx.Err() == nil {
			if s = s.ready(ctx, at); s == nil {
				return
			}
			c.note(number, 0)
			c.gate.RLock()
			code, err := s.mail(text)
			c.gate.RUnlock()
			if err == nil {
				c.note(number, code)
				break
			}
			c.odd(err)
			s.conn.Close()
			s = nil
			if client%2 == 0 {
				break // it is lost to this one
			}
			c.again(number)
		}
	}
	if s != nil {
		s.conn.Close()
	}
}

func (c *crowd) note(number string, code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard[number] = code
}

// odd notes an answer that a kill doesn't explain.
func (c *crowd) odd(err error) {
	var code unexpected
	if !errors.As(err, &code) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.odds = append(c.odds, err.Error())
}

func (c *crowd) again(number string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resends[number]++
}

// judge holds what the devices have heard against what the upstream has.
func (c *crowd) judge(t *testing.T, o *office) {
	t.Helper()
	mails, broken := o.taken()
	for _, what := range append(broken, c.odds...) {
		t.Error(what)
	}
	got := map[string]int{}
	for _, text := range mails {
		number, ok := whole(text)
		if _, sent := c.heard[number]; !ok || !sent {
			t.Errorf("a mail isn't as it was sent: %q, %d bytes", number, len(text))
		}
		got[number]++
	}
	yes, unsure, repeats, resent := 0, 0, 0, 0
	for number, code := range c.heard {
		switch {
		case code == 0:
			unsure++
		case code != 250:
			t.Errorf("%s was answered %d", number, code)
		case got[number] == 0:
			t.Errorf("%s was answered 250 and is lost", number)
		default:
			yes++
		}
		switch extra := max(0, got[number]-1); {
		case c.resends[number] > 0:
			resent += extra
		default:
			repeats += extra
		}
	}
	t.Logf("%d messages answered 250, all of them arrived whole; %d never answered; %d mails arrived", yes, unsure, len(mails))
	t.Logf("%d messages arrived once more because of a kill, and %d of %d that their device had sent again", repeats, resent, len(c.resends))
	if yes == 0 {
		t.Error("no message was answered 250")
	}
}

// talk is a device's conversation.
type talk struct {
	conn net.Conn
	r    *bufio.Reader
}

// ready is a talk that may send a mail: this one, or a new one once somebody
// listens. It is nil when the context ends before.
func (s *talk) ready(ctx context.Context, at netip.AddrPort) *talk {
	if s != nil {
		return s
	}
	for ctx.Err() == nil {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp4", at.String())
		if err == nil {
			s = &talk{conn, bufio.NewReader(conn)}
			if s.hear(220) == nil && s.say(250, "EHLO plc\r\n") == nil {
				return s
			}
			conn.Close()
		}
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

// say says something and waits for the answer.
func (s *talk) say(want int, text string) error {
	s.conn.SetDeadline(time.Now().Add(patience))
	if _, err := s.conn.Write([]byte(text)); err != nil {
		return err
	}
	return s.hear(want)
}

// unexpected is a reply with another code than the command should have.
type unexpected int

func (u unexpected) Error() string { return fmt.Sprintf("unexpected reply %d", int(u)) }

func (s *talk) hear(want int) error {
	code, err := s.code()
	if err == nil && code != want {
		err = unexpected(code)
	}
	return err
}

// code reads a whole reply.
func (s *talk) code() (int, error) {
	for {
		line, err := s.r.ReadString('\n')
		if err != nil {
			return 0, err
		}
		if len(line) < 4 {
			return 0, fmt.Errorf("no reply: %q", line)
		}
		if line[3] != '-' {
			return strconv.Atoi(line[:3])
		}
	}
}

// mail sends a mail; the code is the answer to the final dot.
func (s *talk) mail(text []byte) (code int, err error) {
	for _, c := range []struct {
		line string
		want int
	}{{"MAIL FROM:<plc@example.com>\r\n", 250}, {"RCPT TO:<mark@example.com>\r\n", 250}, {"DATA\r\n", 354}} {
		if err := s.say(c.want, c.line); err != nil {
			return 0, err
		}
	}
	s.conn.SetDeadline(time.Now().Add(patience))
	if _, err := s.conn.Write(append(stuffed(text), ".\r\n"...)); err != nil {
		return 0, err
	}
	return s.code()
}

// stuffed doubles the dots at the beginning of lines.
func stuffed(text []byte) []byte {
	return regexp.MustCompile(`(?m)^\.`).ReplaceAll(text, []byte(".."))
}

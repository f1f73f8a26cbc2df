package strangers

import (
	"bufio"
	"bytes"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/link"
	"github.com/rungmail/rungmail/internal/plc/ibox"
	"github.com/rungmail/rungmail/internal/rack"
)

// script is a mail server that always says the same, for both sides of the
// comparison. Each conversation is reported when it is wholly over, so that the
// next one begins on a quiet machine.
type script struct {
	listener net.Listener
	over     sync.WaitGroup
	heard    chan []byte // what the client said, after it has hung up
}

func startScript(t testing.TB) *script {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &script{listener: l, heard: make(chan []byte, 1)}
	s.over.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.over.Go(func() {
				heard := serve(c)
				select {
				case s.heard <- heard:
				default: // nobody asks any more
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		s.over.Wait()
	})
	return s
}

func (s *script) at() netip.AddrPort { return s.listener.Addr().(*net.TCPAddr).AddrPort() }

// serve has one conversation.
func serve(c net.Conn) (heard []byte) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	r := bufio.NewReader(c)
	for answer, inMail := "220 mail.example.net ready\r\n", false; ; {
		if answer != "" {
			if _, err := c.Write([]byte(answer)); err != nil {
				return heard
			}
		}
		line, err := r.ReadSlice('\n')
		if err != nil { // the client has hung up, so that its port, without a
			_ = c.(*net.TCPConn).SetLinger(0) // farewell of TCP, is free at once
			return heard
		}
		heard = append(heard, line...)
		switch {
		case inMail && string(line) == ".\r\n":
			answer, inMail = "250 ok, taken\r\n", false
		case inMail:
			answer = ""
		case string(line) == "DATA\r\n":
			answer, inMail = "354 go on\r\n", true
		case string(line) == "QUIT\r\n":
			answer = "221 bye\r\n"
		default:
			answer = "250 ok\r\n"
		}
	}
}

// sender is one side of the comparison.
type sender interface {
	// mail sends one mail. It returns how long that took, and when the client has
	// hung up.
	mail(testing.TB) time.Duration
}

// rung sends by an ECEMAIL on a rack whose scan runs freely. It is driven as the
// service drives its racks: what happens on a link steps the rack there and then.
type rung struct {
	rack  *rack.Rack
	later link.Later
	hub   conv.Hub
	done  chan time.Time // when Success or Error came on
	bye   chan struct{}
}

func newRung(t testing.TB, s *script) *rung {
	t.Helper()
	r := &rung{done: make(chan time.Time, 1), bye: make(chan struct{}, 1)}
	o := order{server: s.at(), to: "mark@example.com", subject: "Widget Report", body: `"Shift # " V3000 " made " V3001 " widgets"`}
	r.rack = o.powerUp(t, rack.Config{Ended: func(ibox.Outcome) { r.done <- time.Now() }},
		module.Config{Network: link.TCP{Wake: r.step, Later: &r.later}, Sink: r.note})
	return r
}

// note passes an event on, and tells when the server has said goodbye.
func (r *rung) note(e conv.Event) {
	r.hub.Publish(e)
	if e.Kind == conv.Quiet && e.Side == conv.Server {
		r.bye <- struct{}{}
	}
}

// step scans, and scans again as long as something has been written: with the
// farewell on its way the box hears how its mail has ended.
func (r *rung) step() {
	r.rack.Step(time.Now())
	for r.later.Flush() {
		r.rack.Step(time.Now())
	}
}

// mail takes from the edge to Success.
func (r *rung) mail(t testing.TB) time.Duration {
	set(t, r.rack, "C10", 0)
	r.step()
	began := time.Now()
	set(t, r.rack, "C10", 1)
	r.step()
	took := (<-r.done).Sub(began) // no timer, as the bare socket has none
	if got := said(t, r.rack); got != ended(0) {
		t.Fatalf("the box says %+v", got)
	}
	wait(t, r.bye)
	return took
}

// wait waits, but not for ever.
func wait[T any](t testing.TB, c <-chan T) T {
	select {
	case v := <-c:
		return v
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case v := <-c:
		return v
	case <-timer.C:
		t.Fatal("nothing happens any more")
		panic("unreachable")
	}
}

// bare says the same on a bare socket: the bytes that a rung has sent, cut where a
// reply must be waited for.
type bare struct {
	at       netip.AddrPort
	commands [][]byte // HELO, MAIL, RCPT, DATA
	text     []byte   // head, body and final dot
	reply    [512]byte
}

// newBare lets a rung send one mail and takes its words down.
func newBare(t testing.TB, s *script, r *rung) *bare {
	t.Helper()
	r.mail(t)
	heard := wait(t, s.heard)
	commands, rest, ok := bytes.Cut(heard, []byte("DATA\r\n"))
	text, tail, _ := bytes.Cut(rest, []byte("\r\n.\r\n"))
	if !ok || string(tail) != "QUIT\r\n" {
		t.Fatalf("the rung said %q", heard)
	}
	p := &bare{at: s.at(), text: append(bytes.Clone(text), "\r\n.\r\n"...)}
	for line := range bytes.Lines(commands) {
		p.commands = append(p.commands, line)
	}
	p.commands = append(p.commands, []byte("DATA\r\n"))
	return p
}

// mail takes from dialling until the server has the mail and QUIT is said.
func (p *bare) mail(t testing.TB) time.Duration {
	began := time.Now()
	c, err := net.Dial("tcp4", p.at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p.expect(t, c, '2')
	for _, line := range p.commands {
		p.say(t, c, line)
		if line[0] == 'D' {
			p.expect(t, c, '3')
		} else {
			p.expect(t, c, '2')
		}
	}
	p.say(t, c, p.text)
	p.expect(t, c, '2')
	p.say(t, c, []byte("QUIT\r\n"))
	took := time.Since(began)
	p.expect(t, c, '2')
	return took
}

func (p *bare) say(t testing.TB, c net.Conn, text []byte) {
	if _, err := c.Write(text); err != nil {
		t.Fatal(err)
	}
}

func (p *bare) expect(t testing.TB, c net.Conn, class byte) {
	n := 0
	for n == 0 || p.reply[n-1] != '\n' {
		m, err := c.Read(p.reply[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	if p.reply[0] != class {
		t.Fatalf("the server says %q", p.reply[:n])
	}
}

// times is how long each of many mails took.
type times []time.Duration

// one sends one mail and waits until nothing of it is left.
func (t *times) one(b *testing.B, by sender, s *script) {
	*t = append(*t, by.mail(b))
	wait(b, s.heard)
}

func (t times) median() float64 {
	slices.Sort(t)
	return float64(t[len(t)/2])
}

// BenchmarkRungToSuccess is one ECEMAIL from the edge to Success.
func BenchmarkRungToSuccess(b *testing.B) {
	s := startScript(b)
	r := newRung(b, s)
	var took times
	for b.Loop() {
		took.one(b, r, s)
	}
	b.ReportMetric(took.median(), "ns/mail")
}

// BenchmarkBareSocket is the same bytes on a bare socket.
func BenchmarkBareSocket(b *testing.B) {
	s := startScript(b)
	p := newBare(b, s, newRung(b, s))
	var took times
	for b.Loop() {
		took.one(b, p, s)
	}
	b.ReportMetric(took.median(), "ns/mail")
}

// BenchmarkRungAgainstBareSocket sends by one and by the other in turn, so that
// what else the machine does meets both alike. The ratio of the two medians is to
// be 1.3 at most. On one processor the work of both is compared and nothing else;
// on all of them also where the scheduler happens to put each goroutine, which
// moves both medians by a third from one second to the next.
func BenchmarkRungAgainstBareSocket(b *testing.B) {
	b.Run("one processor", func(b *testing.B) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		compare(b)
	})
	b.Run("all processors", compare)
}

func compare(b *testing.B) {
	s := startScript(b)
	r := newRung(b, s)
	p := newBare(b, s, r)
	var byRung, byBare times
	for b.Loop() {
		byRung.one(b, r, s)
		byBare.one(b, p, s)
	}
	b.ReportMetric(byRung.median(), "ns/rung")
	b.ReportMetric(byBare.median(), "ns/bare")
	b.ReportMetric(byRung.median()/byBare.median(), "ratio")
}

// TestTheBareSocketSaysTheSame: the comparison is only fair if it does, and if
// both wait for as many replies.
func TestTheBareSocketSaysTheSame(t *testing.T) {
	s := startScript(t)
	r := newRung(t, s)
	p := newBare(t, s, r)
	r.mail(t)
	byRung := wait(t, s.heard)
	p.mail(t)
	byBare := wait(t, s.heard)
	date := func(mail []byte) []byte { // of the mail: two may differ by a second
		before, rest, _ := bytes.Cut(mail, []byte("Date: "))
		_, after, _ := bytes.Cut(rest, []byte("\r\n"))
		return append(bytes.Clone(before), after...)
	}
	if !bytes.Equal(date(byRung), date(byBare)) || len(byRung) != len(byBare) || len(p.commands) != 4 {
		t.Errorf("the rung says %q, the bare socket %q", byRung, byBare)
	}
}

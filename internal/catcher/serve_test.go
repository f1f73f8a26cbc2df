package catcher

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// served is a catcher on loopback; it ends with the test, and leaves nothing
// behind.
type served struct {
	addr string
	stop context.CancelFunc
	done chan struct{}

	mu  sync.Mutex
	got []Received
}

func serving(t *testing.T) *served {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &served{addr: l.Addr().String(), stop: stop, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		Serve(ctx, l, "mail.example.com", func(r Received) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.got = append(s.got, r)
		})
	}()
	t.Cleanup(func() {
		stop()
		<-s.done
	})
	return s
}

// mails is what came so far.
func (s *served) mails() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// greeted is a connection whose greeting has been read.
func (s *served) greeted(t *testing.T) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	r := bufio.NewReader(c)
	if line, err := r.ReadString('\n'); !strings.HasPrefix(line, "220 ") {
		t.Fatalf("greeting %q, %v", line, err)
	}
	return c, r
}

func TestARealClientSends(t *testing.T) {
	s := serving(t)
	for i := range 3 {
		text := fmt.Sprintf("Subject: s%d\r\n\r\n.dot\r\nlast\r\n", i)
		if err := smtp.SendMail(s.addr, nil, "plc@example.com", []string{"a@example.com", "b@example.com"}, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got := s.mails()[i]
		if string(got.Data) != text || got.From != "plc@example.com" || len(got.To) != 2 {
			t.Errorf("got %+v", got)
		}
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	s := serving(t)
	var wg sync.WaitGroup
	for i := range maxConnections {
		wg.Go(func() {
			body := fmt.Sprintf("\r\n%d\r\n", i)
			if err := smtp.SendMail(s.addr, nil, "plc@example.com", []string{"a@example.com"}, []byte(body)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var bodies []string
	for _, m := range s.mails() {
		bodies = append(bodies, string(m.Data))
	}
	slices.Sort(bodies)
	if len(slices.Compact(bodies)) != maxConnections {
		t.Errorf("got %q", bodies)
	}
}

func TestOneConnectionTooManyIsClosed(t *testing.T) {
	s := serving(t)
	first, _ := s.greeted(t)
	for range maxConnections - 1 {
		s.greeted(t)
	}
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Error("it is served")
	}
	first.Close() // then there is room again, as soon as the server sees it
	for served := false; !served; {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		n, _ := c.Read(make([]byte, 1))
		served = n == 1
		c.Close()
	}
}

func TestQUITClosesTheConnection(t *testing.T) {
	s := serving(t)
	c, r := s.greeted(t)
	if _, err := io.WriteString(c, "NOOP\r\nQUIT\r\n"); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(r)
	if want := "250 OK\r\n221 mail.example.com closing connection\r\n"; string(rest) != want || err != nil {
		t.Errorf("%q, %v; want %q", rest, err, want)
	}
}

func TestTheContextEndsItAll(t *testing.T) {
	s := serving(t)
	c, r := s.greeted(t)
	s.greeted(t)
	s.stop()
	<-s.done
	if _, err := r.ReadByte(); err == nil {
		t.Error("the connection stands")
	}
	c.Close()
	if c, err := net.Dial("tcp", s.addr); err == nil {
		c.Close()
		t.Error("it still listens")
	}
	if got := s.mails(); len(got) > 0 {
		t.Errorf("got %+v", got)
	}
}

func TestAContextThatIsOverAlready(t *testing.T) {
	defer goleak.VerifyNone(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	Serve(ctx, l, "h", func(Received) {})
}

// pipes is a listener whose connections are pipes.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (*pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func TestAnIdleClientIsLetGo(t *testing.T) {
	for name, begin := range map[string]func(net.Conn) error{
		"never reads":  func(net.Conn) error { return nil },
		"silent":       func(c net.Conn) error { return say(c) },
		"half a line":  func(c net.Conn) error { return say(c, "HE") },
		"half a mail":  func(c net.Conn) error { return say(c, "MAIL FROM:<a@b>\r\n", "RCPT TO:<c@d>\r\n", "DATA\r\n", "half") },
		"just in time": slowly,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
				ctx, stop := context.WithCancel(context.Background())
				done := make(chan struct{})
				go func() {
					defer close(done)
					Serve(ctx, l, "h", func(Received) {})
				}()
				client, server := net.Pipe()
				l.conns <- server
				if err := begin(client); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				<-time.After(idleTime + time.Second) // of the bubble
				if _, err := client.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
					t.Errorf("after %v of silence: %v", time.Since(began), err)
				}
				stop()
				<-done
			})
		})
	}
}

// TestServeWaitsForAMailThatIsBeingTaken: when it returns nothing calls took any
// more.
func TestServeWaitsForAMailThatIsBeingTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		ctx, stop := context.WithCancel(context.Background())
		release, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			Serve(ctx, l, "h", func(Received) { <-release })
		}()
		client, server := net.Pipe()
		l.conns <- server
		if err := say(client, "MAIL FROM:<a@b>\r\n", "RCPT TO:<c@d>\r\n", "DATA\r\n", "\r\nx\r\n.\r\n"); err != nil {
			t.Fatal(err)
		}
		stop()
		synctest.Wait()
		select {
		case <-done:
			t.Error("it has returned")
		default:
		}
		close(release)
		<-done
	})
}

// say reads the greeting and sends pieces, and reads a reply between two.
func say(c net.Conn, pieces ...string) error {
	r := bufio.NewReader(c)
	_, err := r.ReadString('\n')
	for i, p := range pieces {
		if i > 0 && err == nil {
			_, err = r.ReadString('\n')
		}
		if err == nil {
			_, err = io.WriteString(c, p)
		}
	}
	return err
}

// slowly says something a second before it would be let go, many times.
func slowly(c net.Conn) error {
	r := bufio.NewReader(c)
	_, err := r.ReadString('\n')
	for range 10 {
		<-time.After(idleTime - time.Second)
		if err == nil {
			_, err = io.WriteString(c, "NOOP\r\n")
		}
		if err == nil {
			_, err = r.ReadString('\n')
		}
	}
	return err
}

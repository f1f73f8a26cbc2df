package strangers

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
)

// envelope is one mail as go-smtp's server hands it over.
type envelope struct {
	Helo, From string
	To         []string
	Data       string
}

// backend is a server made of go-smtp. Each fault, where set, is its answer at
// that step.
type backend struct {
	hello, mail, rcpt, end error
	got                    chan envelope
}

// NewSession begins a conversation; go-smtp calls it at HELO.
func (b *backend) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{backend: b, mail: envelope{Helo: c.Hostname()}}, b.hello
}

type session struct {
	backend *backend
	mail    envelope
}

// Mail takes MAIL FROM.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.From = from
	return s.backend.mail
}

// Rcpt takes RCPT TO; nobody but the first is ever refused.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.backend.rcpt != nil && strings.HasPrefix(to, "nobody@") {
		return s.backend.rcpt
	}
	s.mail.To = append(s.mail.To, to)
	return nil
}

// Data takes the text.
func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil || s.backend.end != nil {
		return s.backend.end
	}
	s.mail.Data = string(text)
	s.backend.got <- s.mail
	return nil
}

// Reset is called between mails.
func (*session) Reset() {}

// Logout is called at the end.
func (*session) Logout() error { return nil }

// serve starts a server of go-smtp and returns an order for it.
func (b *backend) serve(t *testing.T, lmtp bool) order {
	t.Helper()
	b.got = make(chan envelope, 10)
	s := smtp.NewServer(b)
	s.Domain, s.LMTP, s.ReadTimeout, s.WriteTimeout = "mail.example.net", lmtp, patience, patience
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-over; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	return order{
		server: l.Addr().(*net.TCPAddr).AddrPort(), to: "mark@example.com", cc: "joe@example.com, supervisor@example.com",
		subject: "Widget Report", body: `"one$N.two$N..$N.$Nlast"`,
	}
}

// taken is the mails that the server has.
func (b *backend) taken() []envelope {
	var list []envelope
	for {
		select {
		case m := <-b.got:
			list = append(list, m)
		default:
			return list
		}
	}
}

func refuse(code int, enhanced smtp.EnhancedCode, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

func TestGoSMTPTakesAMailWhole(t *testing.T) {
	var b backend
	o := b.serve(t, false)
	before := time.Now().UTC().Truncate(time.Second)
	expect(t, o, 0)
	got := b.taken()
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	date, rest, _ := strings.Cut(got[0].Data, "\r\n")
	at, err := time.Parse("Date: Mon, 02 Jan 2006 15:04:05 -0000", date)
	if err != nil || at.Before(before) || at.After(time.Now()) {
		t.Errorf("%q isn't now with an unknown zone (%v)", date, err)
	}
	got[0].Data = rest
	want := envelope{
		Helo: moduleIP, From: mailFrom, To: []string{"mark@example.com", "joe@example.com", "supervisor@example.com"},
		Data: "From: \"Machine A-42F\" <plc@example.com>\r\nTo: mark@example.com\r\n" +
			"Cc: joe@example.com,\r\n supervisor@example.com\r\nSubject: Widget Report\r\n\r\n" +
			"one\r\n.two\r\n..\r\n.\r\nlast\r\n",
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Error(diff)
	}
}

func TestGoSMTPRefuses(t *testing.T) {
	for _, r := range []struct {
		name     string
		backend  backend
		code     int
		enhanced string
	}{
		{"at HELO", backend{hello: refuse(550, smtp.EnhancedCode{5, 7, 1}, "go away")}, 550, "5.7.1"},
		{"at MAIL, without TLS", backend{mail: refuse(530, smtp.EnhancedCode{5, 7, 0}, "Must issue a STARTTLS command first")}, 530, "5.7.0"},
		{"at MAIL, without a login", backend{mail: smtp.ErrAuthRequired}, 502, "5.7.0"},
		{"at MAIL, closing", backend{mail: refuse(421, smtp.EnhancedCode{4, 3, 2}, "going down")}, 421, "4.3.2"},
		{"at the end", backend{end: refuse(554, smtp.EnhancedCode{5, 6, 0}, "looks like spam")}, 554, "5.6.0"},
		{"at the end, for now", backend{end: refuse(452, smtp.EnhancedCode{4, 3, 1}, "disk full")}, 452, "4.3.1"},
	} {
		t.Run(r.name, func(t *testing.T) {
			c := expect(t, r.backend.serve(t, false), r.code)
			if got := c.last().Reply; got.Enhanced != r.enhanced {
				t.Errorf("the module keeps %q, want the enhanced code %s", got, r.enhanced)
			}
			if got := r.backend.taken(); len(got) != 0 {
				t.Errorf("the server has %+v", got)
			}
		})
	}
}

func TestGoSMTPRefusesOneOfThree(t *testing.T) {
	b := backend{rcpt: refuse(550, smtp.EnhancedCode{5, 1, 1}, "no such user")}
	o := b.serve(t, false)
	o.to = "nobody@example.com"
	c := expect(t, o, 550)
	if got := c.last(); got.Reply.Enhanced != "5.1.1" || len(got.Refused) != 1 || len(got.Accepted) != 2 {
		t.Errorf("the module knows %+v", got)
	}
	got := b.taken()
	if len(got) != 1 || strings.Join(got[0].To, " ") != "joe@example.com supervisor@example.com" {
		t.Errorf("the server has %+v", got)
	}
}

// TestAnLMTPServerIsNoMailServer: it knows LHLO only (RFC 2033 section 4.1).
func TestAnLMTPServerIsNoMailServer(t *testing.T) {
	var b backend
	expect(t, b.serve(t, true), 500)
	if got := b.taken(); len(got) != 0 {
		t.Errorf("the server has %+v", got)
	}
}

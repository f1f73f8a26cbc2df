package module

import (
	"errors"
	"net/netip"
	"time"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// job is the mail that a command and the working copy make together.
func (m *Module) job(c backplane.Command) mailer.Job {
	text := func(id backplane.FieldID) []byte {
		data, _ := c.Field(id)
		return data
	}
	to, err := mailaddr.ParseList(string(text(backplane.FieldTo)))
	j := m.mail(to, text(backplane.FieldSubject), text(backplane.FieldBody))
	if err != nil {
		j.Fault = mailer.StatusInvalidData
	}
	return j
}

// mail is a mail with the working copy as it is now.
func (m *Module) mail(to []mailaddr.Address, subject, body []byte) mailer.Job {
	w := m.working
	j := mailer.Job{
		Server: netip.AddrPortFrom(w.Server, w.Port), Helo: m.config.Store.Setup().IP.String(), Timeout: w.Timeout,
		Message: mailer.Message{From: w.Sender, FromName: w.Name, To: to, Cc: w.Cc, Subject: subject, Body: body},
	}
	if w.Zone.Known {
		j.Message.Zone = &w.Zone.Minutes
	}
	return j
}

// ErrTesting is what a second test mail meets while one is under way.
var ErrTesting = errors.New("a test mail is under way: wait until it has ended")

// tester sends test mails. It has a mailer of its own, so that it never holds up
// the ladder's.
type tester struct {
	mailer *mailer.Mailer
	test   Test
}

// Test is a test mail and how far it has come.
type Test struct {
	Begun  time.Time     // zero while there has been none
	Done   bool          // Result says how it ended
	Result mailer.Result // of which Conversation is known from the beginning
	Events []conv.Event  // what has happened so far, at most maxHeard
}

// maxHeard bounds the events that are kept of a test mail: three lines of trace
// for each of 100 recipients, and some replies of many lines.
const maxHeard = 1000

// hear keeps the events of the test mail and passes them on.
func (t *tester) hear(sink conv.Sink) conv.Sink {
	return func(e conv.Event) {
		if len(t.test.Events) < maxHeard {
			t.test.Events = append(t.test.Events, e)
		}
		if sink != nil {
			sink(e)
		}
	}
}

// SendTest begins to send a mail with the values in use, beside whatever the
// ladder does. It fails with [ErrTesting].
func (m *Module) SendTest(now time.Time, to []mailaddr.Address, subject, body string) error {
	if m.tester.mailer.Busy() {
		return ErrTesting
	}
	m.tester.test = Test{Begun: now}
	m.tester.mailer.Start(now, m.mail(to, []byte(subject), []byte(body)))
	return nil
}

// Test is the latest test mail. The events are a copy.
func (m *Module) Test() Test {
	t := m.tester.test
	t.Done = !t.Begun.IsZero() && !m.tester.mailer.Busy()
	if t.Done {
		t.Result = m.tester.mailer.Result()
	}
	t.Events = append([]conv.Event(nil), t.Events...)
	return t
}

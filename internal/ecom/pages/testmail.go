package pages

import (
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// testSheet is the content of the page of the test mail.
type testSheet struct {
	None     bool   // there has been none
	Begun    string // when; empty where none is shown
	Done     bool
	Success  bool
	Heading  string   // as the ladder has the outcome
	Advice   []notice // what to do here first
	Title    string   // what the status says, in a few words
	Reply    string   // of the server, or what the network said
	Explain  reply.Explanation
	Trace    []string
	Form     form
	ShowForm bool
}

// Bounds of what the page shows of a test mail, so that it stays under 30 KB.
const (
	maxTrace = 12 << 10 // of the trace, escaped
	maxReply = 1000     // bytes of the server's words
	maxBody  = 2000     // bytes of a test mail's body
)

func (p *pages) sending() bool {
	t := p.Module.Test()
	return !t.Begun.IsZero() && !t.Done
}

// testForm asks for a test mail; its defaults say who sends it.
func (p *pages) testForm(r *http.Request) form {
	setup := p.Store.Setup()
	name := setup.Name
	if name == "" {
		name = p.Identity.Type
	}
	last := p.last.get()
	f := form{ID: "testmail", Action: "/testmail.html", Submit: "Send test mail", Groups: []group{{Fields: []field{
		{Name: "to", Label: "To", Kind: line, Help: "Addresses with commas between them; with none the mail goes to those in Cc only."},
		{Name: "subject", Label: "Subject", Kind: line, Value: "Test mail from " + short(name, 100), Help: "One line of at most 200 characters."},
		{
			Name: "body", Label: "Body", Kind: area, Help: fmt.Sprintf("At most %d characters.", maxBody),
			Value: fmt.Sprintf("This is a test of the EMail Setup of the module at %s.", dotted(setup.IP)),
		},
	}}}}
	f.each(func(x *field) {
		if text, ok := last[x.Name]; ok {
			x.Value = text
		}
	})
	p.finish(&f, r)
	return f
}

// lastTyped is what was typed for the latest test mail, which hardly ever is the
// last: people change something in the set-up and try the same again.
type lastTyped struct {
	mu     sync.Mutex
	values map[string]string // by field; never changed once it is here
}

// maxLast bounds what is remembered in bytes, so that a page with it in its form
// stays under 30 KB.
const maxLast = 2500

func (l *lastTyped) get() map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.values
}

// put remembers the fields that a person changed: the defaults follow the set-up. A
// password never stands in a form (typed).
func (l *lastTyped) put(typed, shown form) {
	before := map[string]string{}
	shown.each(func(x *field) { before[x.Name] = x.Value })
	l.mu.Lock()
	defer l.mu.Unlock()
	values, size := maps.Clone(l.values), 0
	if values == nil {
		values = map[string]string{}
	}
	typed.each(func(x *field) {
		size += len(html.EscapeString(x.Value))
		if x.Value != before[x.Name] {
			values[x.Name] = x.Value
		}
	})
	if l.values = nil; size <= maxLast {
		l.values = values
	}
}

// testMail is a test mail as a form asks for it.
type testMail struct {
	to            []mailaddr.Address
	subject, body string // Windows-1252
}

// read reads a form that was sent; what is wrong stands beside each field then.
func (m *testMail) read(f *form) {
	f.each(func(x *field) {
		var err error
		switch x.Name {
		case "to":
			if m.to, err = addresses(x.Value); err == nil && len(m.to) > mailer.MaxRecipients {
				err = fmt.Errorf("a mail has at most %d recipients", mailer.MaxRecipients)
			}
		case "subject":
			if m.subject, err = ladderText(x.Value, 200); err == nil && strings.ContainsFunc(x.Value, unicode.IsControl) {
				err = errors.New("the subject is one line, without control characters")
			}
		case "body":
			m.body, err = ladderText(x.Value, maxBody)
		}
		if err != nil {
			x.Error = sentence(err)
		}
	})
}

// ladderText is text as ladder has it, a byte a character.
func ladderText(text string, most int) (string, error) {
	if utf8.RuneCountInString(text) > most {
		return "", fmt.Errorf("it has more than %d characters", most)
	}
	bytes, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil || !utf8.ValidString(text) {
		return "", errors.New("there is a character in it that the module hasn't: it writes Windows-1252, the letters of Western Europe")
	}
	return bytes, nil
}

// sendTest begins a test mail.
func (p *pages) sendTest(w http.ResponseWriter, r *http.Request) {
	if !p.takesForm(w, r) {
		return
	}
	before, f, mail := p.testForm(r), p.testForm(r), testMail{}
	f.typed(r.PostForm)
	mail.read(&f)
	p.unlock(&f, r)
	status := f.status()
	if len(f.faults()) == 0 {
		err := p.Module.SendTest(mail.to, mail.subject, mail.body)
		if err == nil {
			p.last.put(f, before)
			p.Log.Info("test mail begun", "from", from(r))
			http.Redirect(w, r, "/testmail.html", http.StatusSeeOther)
			return
		}
		f.Fault, status = sentence(err), http.StatusInternalServerError
		if errors.Is(err, module.ErrTesting) {
			status = http.StatusConflict
		}
	}
	p.show(w, r, status, "test", view{Title: "Test mail", Nothing: "Nothing was sent", Faults: f.faults(), Content: testSheet{Form: f, ShowForm: true}})
}

// showTest shows the latest test mail, again each second while it is under way.
func (p *pages) showTest(w http.ResponseWriter, r *http.Request) {
	t := p.Module.Test()
	p.logOutcome(t)
	sheet, under := p.testSheet(t), !t.Begun.IsZero() && !t.Done
	sheet.Form, sheet.ShowForm = p.testForm(r), !under
	p.show(w, r, http.StatusOK, "test", view{Title: "Test mail", Refresh: under, Content: sheet})
}

// testSheet is what there is to say about a test mail.
func (p *pages) testSheet(t module.Test) testSheet {
	if t.Begun.IsZero() {
		return testSheet{None: true}
	}
	s := testSheet{Heading: "Under way", Begun: t.Begun.In(p.Location).Format(trace.Stamp), Done: t.Done, Trace: p.lines(t)}
	if !t.Done {
		return s
	}
	s.Success = t.Result.Status == mailer.StatusSuccess
	s.Heading, s.Advice = heading(t.Result.Status), p.advice(t.Result.Status)
	s.Title = reply.Status(t.Result.Status)
	s.Reply = short(smtpwire.Printable(t.Result.Cause()), maxReply)
	if s.Success {
		s.Reply = short(smtpwire.Printable(t.Result.Reply.String()), maxReply)
	}
	s.Explain = p.explain(t.Result)
	return s
}

// heading is a status as the Error Code word of a box has it, whose status displays
// are hexadecimal.
func heading(status int) string {
	if status == mailer.StatusSuccess {
		return "Success"
	}
	return fmt.Sprintf("Error Code %d (K%X)", status, status)
}

// advice is what to do on these pages about a status; what it says more generally
// comes after it.
func (p *pages) advice(status int) []notice {
	switch status {
	case mailer.StatusInvalidSetup:
		return p.emailWarnings()
	case mailer.StatusNoRecipient:
		return []notice{{"Write an address into To below, or a Cc into", link{Text: "EMail Setup", To: "/setupsmtp.html#email-cc"}}}
	}
	return nil
}

// logOutcome logs how a test mail ended, once: the module tells nobody, so whoever
// looks at the page first brings it to the log.
func (p *pages) logOutcome(t module.Test) {
	if !t.Done || !p.outcome.first(t.Result.Conversation) {
		return
	}
	log := p.Log.With("conversation", t.Result.Conversation, "status", t.Result.Status)
	if said := smtpwire.Printable(t.Result.Cause()); said != "" {
		log = log.With("said", short(said, maxSaid))
	}
	log.Info("test mail ended")
}

// maxSaid bounds the words of a server in the log, in bytes.
const maxSaid = 200

// latest remembers the latest of a row of names.
type latest struct {
	mu   sync.Mutex
	name string
}

// first tells whether a name is another than the latest, which it is then.
func (l *latest) first(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.name
	l.name = name
	return name != old
}

// explain explains how a mail ended: by the server's own words where the code is
// the server's, else by the code.
func (p *pages) explain(end mailer.Result) reply.Explanation {
	if end.Reply.Code == end.Status && end.Status != 0 {
		return p.explainer().Reply(end.Reply)
	}
	return p.explainer().Ecom(end.Status)
}

// lines is the trace as a viewer shows it. Of a very long one the middle is left
// out.
func (p *pages) lines(t module.Test) []string {
	var list []string
	ip := dotted(p.Store.Setup().IP)
	for _, e := range t.Events {
		if text, shown := trace.Line(e); shown {
			list = append(list, trace.Stamped(e.Time.In(p.Location), ip, short(smtpwire.Printable(text), maxShown)))
		}
	}
	head, size := 0, 0
	for head < len(list) && size+len(html.EscapeString(list[head])) < maxTrace/2 {
		size += len(html.EscapeString(list[head])) + 1
		head++
	}
	tail := len(list)
	for size = 0; tail > head && size+len(html.EscapeString(list[tail-1])) < maxTrace/2; tail-- {
		size += len(html.EscapeString(list[tail-1])) + 1
	}
	if tail == head {
		return list
	}
	gap := fmt.Sprintf("... %d lines are left out here ...", tail-head)
	return append(append(list[:head:head], gap), list[tail:]...)
}

// short is text cut at a length in bytes.
func short(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "..."
}

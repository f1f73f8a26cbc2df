package pages

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"strings"
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
	Begun    string // when, or empty while there has been none
	Done     bool
	Success  bool
	Status   int
	Title    string // what the status says, in a few words
	Reply    string // of the server, or what the network said
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
	f := form{ID: "testmail", Action: "/testmail.html", Submit: "Send test mail", Groups: []group{{Fields: []field{
		{Name: "to", Label: "To", Kind: line, Help: "Addresses with commas between them; with none the mail goes to those in Cc only."},
		{Name: "subject", Label: "Subject", Kind: line, Value: "Test mail from " + short(name, 100), Help: "One line of at most 200 characters."},
		{
			Name: "body", Label: "Body", Kind: area, Help: fmt.Sprintf("At most %d characters.", maxBody),
			Value: fmt.Sprintf("This is a test of the EMail Setup of the module at %s.", dotted(setup.IP)),
		},
	}}}}
	p.finish(&f, r)
	return f
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
	f, mail := p.testForm(r), testMail{}
	f.typed(r.PostForm)
	mail.read(&f)
	p.unlock(&f, r)
	status := f.status()
	if len(f.faults()) == 0 {
		err := p.Module.SendTest(mail.to, mail.subject, mail.body)
		if err == nil {
			p.Log.Info("test mail begun", "from", r.RemoteAddr)
			http.Redirect(w, r, "/testmail.html", http.StatusSeeOther)
			return
		}
		f.Fault, status = sentence(err), http.StatusInternalServerError
		if errors.Is(err, module.ErrTesting) {
			status = http.StatusConflict
		}
	}
	sheet := p.testSheet(p.Module.Test())
	sheet.Form, sheet.ShowForm = f, true
	p.show(w, r, status, "test", view{Title: "Test mail", Faults: f.faults(), Content: sheet})
}

// showTest shows the latest test mail, again each second while it is under way.
func (p *pages) showTest(w http.ResponseWriter, r *http.Request) {
	t := p.Module.Test()
	sheet, under := p.testSheet(t), !t.Begun.IsZero() && !t.Done
	sheet.Form, sheet.ShowForm = p.testForm(r), !under
	p.show(w, r, http.StatusOK, "test", view{Title: "Test mail", Refresh: under, Content: sheet})
}

// testSheet is what there is to say about a test mail.
func (p *pages) testSheet(t module.Test) testSheet {
	if t.Begun.IsZero() {
		return testSheet{}
	}
	s := testSheet{Begun: t.Begun.In(p.Location).Format(trace.Stamp), Done: t.Done, Trace: p.lines(t)}
	if !t.Done {
		return s
	}
	s.Status, s.Success = t.Result.Status, t.Result.Status == mailer.StatusSuccess
	s.Title = reply.Status(s.Status)
	s.Reply = short(smtpwire.Printable(t.Result.Cause()), maxReply)
	if s.Success {
		s.Reply = short(smtpwire.Printable(t.Result.Reply.String()), maxReply)
	}
	s.Explain = p.explain(t.Result)
	return s
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

package pages_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/pages"
	"github.com/rungmail/rungmail/internal/ecom/settings"
)

func TestATestMailArrives(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	b.get("/testmail.html").shows(t, http.StatusOK, "No test mail has been sent yet.", "!Outcome")
	b.get("/setupsmtp.html").has(t, `value="Test mail from Barry"`)
	b.post("/testmail.html", "to", "mark@example.com", "subject", "H\u00e4llo", "body", "one\r\ntwo").goes(t, "/testmail.html")
	a := b.get("/testmail.html")
	a.shows(t, http.StatusOK, "Test mail Success The server or the network said: 250",
		"Sun Mar 01 10:48:30 2026 192.168.12.86: Recipient: mark@example.com",
		"Sun Mar 01 10:48:30 2026 192.168.12.86: Sending HELO msg",
		"192.168.12.86: State: 0x8 Received data: 250",
		"192.168.12.86: Success!",
		"Send another",
	)
	if strings.Contains(a.body, `http-equiv="refresh"`) {
		t.Error("a page of a mail that has ended looks again")
	}
	mails := b.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails arrived", len(mails))
	}
	if got, want := fmt.Sprint(mails[0].To), "[mark@example.com supervisor@example.com joe@example.com]"; got != want {
		t.Errorf("to %s, want %s", got, want)
	}
	for _, want := range []string{"Subject: =?utf-8?q?H=C3=A4llo?=\r\n", "\r\n\r\none\r\ntwo"} {
		if !strings.Contains(string(mails[0].Data), want) {
			t.Errorf("%q is not in %q", want, mails[0].Data)
		}
	}
}

func TestATestMailUnderWay(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil, "mail=stall")
	b.post("/testmail.html").goes(t, "/testmail.html")
	a := b.get("/testmail.html")
	a.shows(t, http.StatusOK, "Under way Since Sun Mar 01 10:48:30 2026", "Sending MAIL FROM", "!Send another")
	a.has(t, `<meta http-equiv="refresh" content="1">`)
	b.get("/setupsmtp.html").shows(t, http.StatusOK, "A test mail is under way")
	a = b.post("/testmail.html", "subject", "a second")
	a.shows(t, http.StatusConflict, "A test mail is under way: wait until it has ended.")
	a.has(t, `value="a second"`)

	b.pass(90 * time.Second)
	a = b.get("/testmail.html")
	a.shows(t, http.StatusOK, "Error Code 13 (KD)", "What to do", "Send another")
	if strings.Contains(a.body, `http-equiv="refresh"`) {
		t.Error("it looks again after the end")
	}
}

func TestATestMailThatFailsIsExplained(t *testing.T) {
	for _, r := range []struct {
		name, script string
		email        func(*settings.Email)
		want         []string
	}{
		{"refused by the server", "rcpt=550 5.7.1 relaying denied", nil, []string{"Error Code 550 (K226)", "The server or the network said: 550 5.7.1 relaying denied", "the server won&#39;t pass the mail on", "What to do", "Causes, the likeliest first"}},
		{"not set up", "", func(e *settings.Email) { *e = settings.Default() }, []string{"Error Code 24 (K18)", "What to do", "!network said"}},
		{"nobody to send to", "", func(e *settings.Email) { e.Cc = nil }, []string{"Error Code 21 (K15)"}},
		{"no reply at all", "mail=drop", nil, []string{"Error Code 20 (K14)"}},
	} {
		t.Run(r.name, func(t *testing.T) {
			email, setup := ready()
			if r.email != nil {
				r.email(&email)
			}
			var script []string
			if r.script != "" {
				script = []string{r.script}
			}
			b := newBench(t, email, setup, nil, script...)
			b.post("/testmail.html").goes(t, "/testmail.html")
			b.get("/testmail.html").shows(t, http.StatusOK, r.want...)
		})
	}
}

func TestAWrongFormSendsNoTestMail(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	a := b.post("/testmail.html", "to", "nobody", "subject", "a\nb", "body", "\u7528")
	a.shows(t, http.StatusUnprocessableEntity)
	a.has(t, `value="nobody"`, "\u7528</textarea>")
	for id, want := range map[string]string{"testmail-to": "@", "testmail-subject": "one line", "testmail-body": "Windows-1252"} {
		if got := a.beside(id); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	a = b.post("/testmail.html", "to", strings.Repeat("a@example.com,", 100)+"a@example.com", "subject", strings.Repeat("x", 201), "body", strings.Repeat("x", 2001))
	for id, want := range map[string]string{"testmail-to": "at most 100", "testmail-subject": "more than 200", "testmail-body": "more than 2000"} {
		if got := a.beside(id); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	if !b.Test().Begun.IsZero() {
		t.Error("a mail was sent")
	}
}

const hostileReply = `550 <script>alert(1)</script><img src=x onerror=alert(2)>"'`

func TestWhatAServerSaysIsInert(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil, "mail="+hostileReply)
	b.post("/testmail.html").goes(t, "/testmail.html")
	a := b.get("/testmail.html")
	a.shows(t, http.StatusOK, "550 &lt;script&gt;alert(1)&lt;/script&gt;")
	for _, bad := range []string{"<script", "<img"} {
		if strings.Contains(a.body, bad) {
			t.Errorf("%q is in %s", bad, a.body)
		}
	}
}

// told is a module whose test mail is what a test says.
type told struct {
	*bench
	test module.Test
}

func (m told) Test() module.Test { return m.test }

// TestATraceWithoutEnd: a server that talks and talks makes no big page.
func TestATraceWithoutEnd(t *testing.T) {
	email, setup := ready()
	test := module.Test{Begun: time.Unix(0, 0), Done: true, Result: mailer.Result{Status: 22}}
	for i := range 1000 {
		test.Events = append(test.Events, conv.Event{Kind: conv.Received, State: 2, Text: fmt.Sprintf("line %d", i) + strings.Repeat("<\u202e\x1b[31m", 60)})
	}
	b := newBench(t, email, setup, nil)
	b.config.Module = told{b, test}
	b.handler = pages.New(b.config)
	b.post("/testmail.html", "body", strings.Repeat("<", 580)).goes(t, "/testmail.html") // and stays in the form
	a := b.get("/testmail.html")
	a.has(t, strings.Repeat("&lt;", 580))
	a.shows(t, http.StatusOK, "line 0", "line 999", "lines are left out here", "!\x1b", "!\u202e")
	if len(a.body) > 30<<10 {
		t.Errorf("the page has %d bytes", len(a.body))
	}
}

func TestError21SaysWhereToWriteAnAddress(t *testing.T) {
	email, setup := ready()
	email.Cc = nil
	b := newBench(t, email, setup, nil)
	b.post("/testmail.html")
	a := b.get("/testmail.html")
	const first = `Write an address into To below, or a Cc into <a href="/setupsmtp.html#email-cc">EMail Setup</a>.`
	a.has(t, first)
	if strings.Index(a.body, first) > strings.Index(a.body, "Causes, the likeliest first") {
		t.Error("what to do comes after what it may be")
	}
}

func TestTheNextTestMailBeginsAsTheLast(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, func(c *pages.Config) { c.Password = right("s3cret") }, "rcpt=550 5.7.1 relaying denied")
	b.get("/testmail.html").has(t, `value="Test mail from Barry"`)
	b.post("/testmail.html", "to", "nobody", "password", "s3cret") // is refused, and so not the last
	b.post("/testmail.html", "to", "mark@example.com", "body", "<again>", "password", "s3cret").goes(t, "/testmail.html")
	for _, page := range []string{"/testmail.html", "/setupsmtp.html"} {
		a := b.get(page)
		a.has(t, `name="to" value="mark@example.com"`, "&lt;again&gt;</textarea>", `value="Test mail from Barry"`)
		if strings.Contains(a.body, "s3cret") {
			t.Error("the password was remembered")
		}
	}
	// The default follows the name until somebody has written a subject.
	b.post("/setupname.html", "name", "Ringo", "password", "s3cret")
	b.get("/testmail.html").has(t, `value="Test mail from Ringo"`, `value="mark@example.com"`)
	b.post("/testmail.html", "to", "", "subject", "Mine", "password", "s3cret").goes(t, "/testmail.html")
	b.get("/testmail.html").has(t, `name="to" value=""`, `value="Mine"`)
	// What would swell each page isn't kept.
	b.post("/testmail.html", "body", strings.Repeat("<", 2000), "password", "s3cret").goes(t, "/testmail.html")
	b.get("/testmail.html").has(t, ">\nThis is a test of the EMail Setup")
}

func TestFaultsOfATestMailStandAlone(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil, "rcpt=550 5.7.1 relaying denied")
	b.post("/testmail.html").goes(t, "/testmail.html")
	b.post("/testmail.html", "to", "nobody").shows(t, http.StatusUnprocessableEntity,
		"Nothing was sent: please see to this first", "!550", "!Trace", "!No test mail has been sent")
}

//go:build linux

package strangers

import (
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestPostfix starts one Postfix, and tells it each story in turn.
func TestPostfix(t *testing.T) {
	t.Parallel()
	p := startPostfix(t)
	for _, s := range []struct {
		name string
		tell func(*testing.T, *postfix)
	}{
		{"a good mail", aGoodMail},
		{"text beyond ASCII", textBeyondASCII},
		{"an unknown recipient", anUnknownRecipient},
		{"the first refusal of two", theFirstRefusal},
		{"nobody but unknown recipients", onlyUnknownRecipients},
		{"refusals", refusals},
		{"an address for a name", anAddressForAName},
		{"a client too often", tooOften},
		{"mails one after the other", inARow},
	} {
		t.Run(s.name, func(t *testing.T) { s.tell(t, p) })
	}
}

// aGoodMail arrives in all three mailboxes, and Postfix has nothing to say about
// our manners.
func aGoodMail(t *testing.T, p *postfix) {
	o := p.order("plain")
	o.body = `".first$N.two$N..$N.$N$N...last."`
	before := time.Now().Truncate(time.Second)
	expect(t, o, 0)
	polite(t, p.said(t, "plain"))
	for _, user := range []string{"mark", "joe", "supervisor"} {
		letters := p.box(t, user)
		if len(letters) != 1 {
			t.Fatalf("%s has %d mails", user, len(letters))
		}
		l := letters[0]
		if want := ".first\n.two\n..\n.\n\n...last.\n"; l.body != want {
			t.Errorf("body %q, want %q", l.body, want)
		}
		for name, want := range map[string]string{
			"Return-Path": "<plc@example.com>", "Delivered-To": user + "@example.com",
			"From": `"Machine A-42F" <plc@example.com>`, "To": "mark@example.com",
			"Cc": "joe@example.com, supervisor@example.com", "Subject": "Widget Report",
			"Mime-Version": "", "Content-Type": "", "Content-Transfer-Encoding": "",
		} {
			if got := l.head.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		dated(t, l.head, before)
		if got := l.head.Get("Received"); !strings.HasPrefix(got, "from 192.168.12.86 (localhost [127.0.0.1]) by mail.example.net (Postfix) with SMTP id ") {
			t.Errorf("Received: %q", got)
		}
	}
}

// polite judges what Postfix says of a conversation with three recipients in
// which nothing was wrong: that it came, was taken, and went after QUIT.
func polite(t *testing.T, lines []string) {
	t.Helper()
	if len(lines) != 3 || lines[0] != "connect from localhost[127.0.0.1]" || !strings.HasSuffix(lines[1], ": client=localhost[127.0.0.1]") ||
		lines[2] != "disconnect from localhost[127.0.0.1] helo=1 mail=1 rcpt=3 data=1 quit=1 commands=7" {
		t.Errorf("Postfix says\n%s", strings.Join(lines, "\n"))
	}
}

// dated judges a Date: now, in UTC, with the zone that says nothing of where.
func dated(t *testing.T, head mail.Header, before time.Time) {
	t.Helper()
	at, err := head.Date()
	if err != nil || at.Before(before) || at.After(time.Now()) || !strings.HasSuffix(head.Get("Date"), " -0000") {
		t.Errorf("Date: %q (%v)", head.Get("Date"), err)
	}
}

// textBeyondASCII is coded on the way and comes out as it was meant. The body is
// cut so that a line of its coded form begins with a dot.
func textBeyondASCII(t *testing.T, p *postfix) {
	o := p.order("plain")
	o.name, o.subject, o.body = "Förderband Süd", "Störung 5 € $22$$", `".`+strings.Repeat("°", 24)+`..heiß = 100 %$N.$N"`
	expect(t, o, 0)
	polite(t, p.said(t, "plain"))
	letters := p.box(t, "mark")
	if len(letters) != 1 {
		t.Fatalf("%d mails", len(letters))
	}
	l := letters[0]
	if want := (&mail.Address{Name: "Förderband Süd", Address: mailFrom}).String(); l.from != want {
		t.Errorf("From: %s, want %s", l.from, want)
	}
	if want := `Störung 5 € "$`; l.subject != want {
		t.Errorf("Subject: %q, want %q", l.subject, want)
	}
	if want := "." + strings.Repeat("°", 24) + "..heiß = 100 %\n.\n"; l.body != want {
		t.Errorf("body %q, want %q", l.body, want)
	}
	for name, want := range map[string]string{
		"Mime-Version": "1.0", "Content-Type": "text/plain; charset=windows-1252", "Content-Transfer-Encoding": "quoted-printable",
	} {
		if got := l.head.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	p.box(t, "joe")
	p.box(t, "supervisor")
}

// anUnknownRecipient is told to the controller, and costs nobody else his mail.
func anUnknownRecipient(t *testing.T, p *postfix) {
	for i, o := range []order{
		{to: "nobody@example.com", cc: "mark@example.com, joe@example.com"},
		{to: "mark@example.com", cc: "nobody@example.com, joe@example.com"},
		{to: "mark@example.com", cc: "joe@example.com, nobody@example.com"},
	} {
		o.server, o.subject, o.body = p.ports["plain"], fmt.Sprint("report ", i), `"all is well"`
		c := expect(t, o, 550)
		if got := c.last(); got.Reply.Enhanced != "5.1.1" || len(got.Accepted) != 2 || len(got.Refused) != 1 {
			t.Errorf("the module knows %+v", got)
		}
		lines := p.said(t, "plain")
		if want := "disconnect from localhost[127.0.0.1] helo=1 mail=1 rcpt=2/3 data=1 quit=1 commands=6/7"; lines[len(lines)-1] != want {
			t.Errorf("Postfix says %q, want %q", lines[len(lines)-1], want)
		}
		for _, user := range []string{"mark", "joe"} {
			if got := p.box(t, user); len(got) != 1 || got[0].subject != o.subject {
				t.Errorf("%s has %+v, want the mail %q", user, got, o.subject)
			}
		}
	}
}

// theFirstRefusal is the one that the controller hears of.
func theFirstRefusal(t *testing.T, p *postfix) {
	o := p.order("plain")
	o.to, o.cc = "later@example.com", "nobody@example.com, mark@example.com"
	expect(t, o, 450)
	p.said(t, "plain")
	if got := p.box(t, "mark"); len(got) != 1 {
		t.Errorf("mark has %d mails", len(got))
	}
}

// onlyUnknownRecipients: there is no DATA.
func onlyUnknownRecipients(t *testing.T, p *postfix) {
	o := p.order("plain")
	o.to, o.cc = "nobody@example.com", "noone@example.com"
	expect(t, o, 550)
	lines := p.said(t, "plain")
	if want := "disconnect from localhost[127.0.0.1] helo=1 mail=1 rcpt=0/2 quit=1 commands=3/5"; lines[len(lines)-1] != want {
		t.Errorf("Postfix says %q, want %q", lines[len(lines)-1], want)
	}
}

// refusals in every state that Postfix refuses in. None of them leaves a mail.
func refusals(t *testing.T, p *postfix) {
	for _, r := range []struct {
		service, to, cc string
		code            int
		text            string // of the reply
	}{
		{"plain", "boss@example.org", "", 554, "5.7.1 <boss@example.org>: Relay access denied"},
		{"stock", "boss@example.org", "", 454, "4.7.1 <boss@example.org>: Relay access denied"},
		{"plain", "later@example.com", "", 450, "4.2.0 <later@example.com>: Recipient address rejected: greylisted, come back later"},
		{"tiny", "mark@example.com", "", 552, "5.3.4 Error: message file too big"},
		{"closed", "mark@example.com", "", 421, "4.3.2 <localhost[127.0.0.1]>: Client host rejected: closed for the night"},
		{"closing", "mark@example.com", "joe@example.com", 421, "4.3.2 <localhost[127.0.0.1]>: Client host rejected: closing now"},
		{"encrypted", "mark@example.com", "", 530, "5.7.0 Must issue a STARTTLS command first"},
		{"named", "mark@example.com", "", 504, "5.5.2 <192.168.12.86>: Helo command rejected: need fully-qualified hostname"},
	} {
		t.Run(fmt.Sprint(r.service, " ", r.code), func(t *testing.T) {
			o := p.order(r.service)
			o.to, o.cc = r.to, r.cc
			c := expect(t, o, r.code)
			if got := c.last().Reply.Text(); got != r.text {
				t.Errorf("the module keeps %q, want %q", got, r.text)
			}
			lines := p.said(t, r.service)
			if log := strings.Join(lines, "\n"); strings.Contains(log, "lost connection") || strings.Contains(log, "improper") {
				t.Errorf("Postfix says\n%s", log)
			}
			if got := p.box(t, "mark"); len(got) != 0 {
				t.Errorf("the mail is there all the same: %+v", got)
			}
		})
	}
}

// anAddressForAName: HELO says the module's bare address, as the ECOM100 does. To
// Postfix that is a valid name, though not a full one: see "named" above.
func anAddressForAName(t *testing.T, p *postfix) {
	expect(t, p.order("numbered"), 0)
	polite(t, p.said(t, "numbered"))
	for _, user := range []string{"mark", "joe", "supervisor"} {
		if got := p.box(t, user); len(got) != 1 {
			t.Errorf("%s has %d mails", user, len(got))
		}
	}
}

// tooOften: the second connection within a minute is turned away.
func tooOften(t *testing.T, p *postfix) {
	o := p.order("busy")
	c := newChain(t, o)
	for n, code := range []int{0, 421} {
		if got, want := c.fire(), ended(code); got != want {
			t.Errorf("mail %d: the box says %+v, want %+v", n, got, want)
		}
		p.said(t, "busy")
	}
	if got, want := c.last().Reply.Text(), "4.7.0 mail.example.net Error: too many connections from 127.0.0.1"; got != want {
		t.Errorf("the module keeps %q, want %q", got, want)
	}
	for _, user := range []string{"mark", "joe", "supervisor"} {
		if got := p.box(t, user); len(got) != 1 {
			t.Errorf("%s has %d mails", user, len(got))
		}
	}
}

// inARow: ten mails by one module, each a connection of its own with a farewell.
func inARow(t *testing.T, p *postfix) {
	o := p.order("plain")
	o.body = `"made " V3000:S`
	c := newChain(t, o)
	want := map[string]bool{}
	for n := range 10 {
		c.write("V3000", uint16(n))
		if got := c.fire(); got != ended(0) {
			t.Fatalf("mail %d: the box says %+v", n, got)
		}
		polite(t, p.said(t, "plain"))
		want[fmt.Sprintf("made %d\n", n)] = true
	}
	for _, user := range []string{"mark", "joe", "supervisor"} {
		got := map[string]bool{}
		for _, l := range p.box(t, user) {
			got[l.body] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", user, diff)
		}
	}
}

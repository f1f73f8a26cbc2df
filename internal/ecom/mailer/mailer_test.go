package mailer_test

import (
	"fmt"
	"mime"
	"net/mail"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/internal/catcher"
	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/internal/link"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// bench is a mailer with a server of our choice and a clock in the test's hands.
type bench struct {
	t     testing.TB
	m     *mailer.Mailer
	now   time.Time
	lines []string
	quiet []string
	got   []catcher.Received
}

func newBench(t testing.TB, network link.Network) *bench {
	b := &bench{t: t, now: time.Date(2006, 3, 1, 10, 48, 30, 0, time.UTC)}
	b.m = mailer.New(network, b.event, func() string { return "c1" })
	return b
}

func (b *bench) event(e conv.Event) {
	if e.Conversation != "c1" || !e.Time.Equal(b.now) {
		b.t.Errorf("an event of conversation %q at %v", e.Conversation, e.Time)
	}
	if line, ok := trace.Line(e); ok {
		b.lines = append(b.lines, line)
	} else if e.Kind == conv.Quiet {
		b.quiet = append(b.quiet, e.Text)
	}
}

// caught is a bench whose server is the catcher with a script.
func caught(t testing.TB, script ...string) *bench {
	t.Helper()
	network := &catcher.Network{Host: "mail.example.com"}
	b := newBench(t, network)
	for _, s := range script {
		f, err := catcher.ParseFailure(s)
		if err != nil {
			t.Fatal(err)
		}
		network.Script = append(network.Script, f)
	}
	network.Took = func(r catcher.Received) { b.got = append(b.got, r) }
	return b
}

func addr(s string) mailaddr.Address {
	a, err := mailaddr.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

func job() mailer.Job {
	return mailer.Job{
		Server: netip.MustParseAddrPort("192.168.0.1:25"), Helo: "192.168.12.86", Timeout: 60 * time.Second,
		Message: mailer.Message{
			From: addr("mark@hosteng.com"), FromName: "Machine A-42F", To: []mailaddr.Address{addr("franji1@yahoo.com")},
			Subject: []byte("Shift Report"), Body: []byte("Widgets made = 57555"),
		},
	}
}

// run drives the mailer until the job and its farewell are over.
func (b *bench) run(j mailer.Job) mailer.Result {
	b.t.Helper()
	began := b.now
	b.m.Start(b.now, j)
	for range 10000 {
		wake := b.m.Step(b.now)
		if wake.IsZero() {
			return b.m.Result()
		}
		if wake.After(began.Add(j.Timeout + 6*time.Second)) {
			b.t.Fatalf("it wants to sleep until %v", wake)
		}
		if wake.After(b.now) {
			b.now = wake
		}
	}
	b.t.Fatal("the mailer never ends")
	return mailer.Result{}
}

// TestTheSeedsTraceOfASuccess is the first trace of seeds/000 section 10.
func TestTheSeedsTraceOfASuccess(t *testing.T) {
	b := caught(t,
		"greeting=220 hosteng.com ESMTP MDaemon 8.1.4; Wed, 01 Mar 2006 10:49:20 -0500",
		"helo=250 hosteng.com Hello 192.168.0.1, pleased to meet you",
		"mail=250 <mark@hosteng.com>, Sender ok",
		"rcpt=250 <franji1@yahoo.com>, Recipient ok",
		"data=354 Enter mail, end with <CRLF>.<CRLF>",
		"end=250 Ok, message saved <Message-ID: >")
	if r := b.run(job()); r.Status != 0 {
		t.Errorf("status %d", r.Status)
	}
	golden(t, "testdata/success.trace", b.lines)
}

// TestTheSeedsTraceOfATimeout is its second: no connection, so no line after
// the mail itself.
func TestTheSeedsTraceOfATimeout(t *testing.T) {
	b := caught(t, "connect=stall")
	j := job()
	j.Message.Body = []byte("Widgets made = 24471")
	if r := b.run(j); r.Status != 11 {
		t.Errorf("status %d", r.Status)
	}
	golden(t, "testdata/timeout.trace", b.lines)
}

func golden(t *testing.T, file string, lines []string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), strings.Join(lines, "\n")+"\n"); diff != "" {
		t.Error(diff)
	}
}

func TestEveryStatusForItsOwnReason(t *testing.T) {
	for _, r := range []struct {
		script string
		want   int
	}{
		{"connect=stall", 11},
		{"connect=drop", 11},
		{"connect=reset", 11},
		{"greeting=stall", 12},
		{"helo=stall", 12},
		{"mail=stall", 13},
		{"rcpt=stall", 14},
		{"data=stall", 15},
		{"subject=stall", 16},
		{"body=stall", 17},
		{"end=stall", 18},
		{"greeting=drop", 20},
		{"helo=drop", 20},
		{"mail=reset", 20},
		{"rcpt=drop", 20},
		{"data=reset", 20},
		{"subject=drop", 20},
		{"body=reset", 20},
		{"end=drop", 20},
		{"data=250 ok", 22},
		{"mail=354 go on", 22},
		{"greeting=354 hm", 22},
		{"helo=150 wait", 22},
		{"rcpt=300 more", 22},
		{"end=354 again", 22},
		{"subject=250 early", 22},
		{"body=354 early", 22},
		{"mail=650 what", 22},
		{"greeting=hello", 23},
		{"helo=25", 23},
		{"mail=2500 ok", 23},
		{"end=\x00\x01", 23},
		{"rcpt=250-a\n251 b", 23},
		{"greeting=554 no mail here", 554},
		{"greeting=421 busy", 421},
		{"helo=501 bad name", 501},
		{"mail=550 no", 550},
		{"rcpt=550 5.1.1 no such user", 550},
		{"rcpt=450 later", 450},
		{"rcpt=421 closing", 421},
		{"data=554 no", 554},
		{"subject=552 too big", 552},
		{"body=421 closing", 421},
		{"end=554 spam", 554},
		{"end=452 full", 452},
		{"mail=250-a\n250 b", 0},
		{"rcpt=251 will forward", 0},
		{"end=252 perhaps", 0},
		{"greeting=220-a\n220-b\n220 c", 0},
		{"mail=250 ok\n550 oh no", 550},
		{"mail=250 ok\n250 ok", 22},
	} {
		t.Run(strings.ReplaceAll(r.script, " ", "_"), func(t *testing.T) {
			b := caught(t, r.script)
			got := b.run(job())
			if got.Status != r.want {
				t.Errorf("status %d, want %d\n%s", got.Status, r.want, strings.Join(b.lines, "\n"))
			}
			if taken := len(b.got) == 1; r.want == 0 && !taken {
				t.Error("success, and the server has no mail")
			}
			last := b.lines[len(b.lines)-1]
			switch {
			case r.want == 0 && last != "Success!",
				r.want >= 20 && last != fmt.Sprintf("Error: %d", r.want),
				r.want >= 10 && r.want < 20 && strings.HasPrefix(last, "Error"):
				t.Errorf("the trace ends in %q", last)
			}
		})
	}
}

func TestAJobThatCantBegin(t *testing.T) {
	for _, r := range []struct {
		name   string
		change func(*mailer.Job)
		want   int
	}{
		{"no server", func(j *mailer.Job) { j.Server = netip.MustParseAddrPort("0.0.0.0:25") }, 24},
		{"no port", func(j *mailer.Job) { j.Server = netip.MustParseAddrPort("192.168.0.1:0") }, 24},
		{"no sender", func(j *mailer.Job) { j.Message.From = mailaddr.Address{} }, 24},
		{"no timeout", func(j *mailer.Job) { j.Timeout = 0 }, 24},
		{"no recipient", func(j *mailer.Job) { j.Message.To = nil }, 21},
		{"too many recipients", func(j *mailer.Job) {
			for i := range mailer.MaxRecipients {
				j.Message.Cc = append(j.Message.Cc, addr(fmt.Sprintf("u%d@example.com", i)))
			}
		}, 25},
		{"too long a body", func(j *mailer.Job) { j.Message.Body = make([]byte, mailer.MaxBody+1) }, 25},
		{"too long a subject", func(j *mailer.Job) { j.Message.Subject = make([]byte, mailer.MaxSubject+1) }, 25},
		{"a line end in the subject", func(j *mailer.Job) { j.Message.Subject = []byte("a\r\nBcc: x@example.com") }, 23},
		{"a line end in the name", func(j *mailer.Job) { j.Message.FromName = "a\nb" }, 23},
		{"an address beyond ASCII", func(j *mailer.Job) { j.Message.To[0] = addr("bjørn@example.com") }, 23},
	} {
		t.Run(r.name, func(t *testing.T) {
			b := caught(t)
			j := job()
			r.change(&j)
			if got := b.run(j); got.Status != r.want {
				t.Errorf("status %d, want %d", got.Status, r.want)
			}
			if len(b.got) != 0 || b.lines[0] != "Recipient: franji1@yahoo.com" && r.want != 21 && r.want != 23 {
				t.Errorf("trace %q, mails %v", b.lines, b.got)
			}
		})
	}
}

func TestRefusedConnectionsAreTriedAgain(t *testing.T) {
	network := &catcher.Network{Script: catcher.Script{{Stage: catcher.Connect, Manner: catcher.Drop}}}
	b := newBench(t, network)
	b.m.Start(b.now, job())
	for range 3 {
		b.now = b.m.Step(b.now)
	}
	network.Script = nil // the server is back
	b.m.Step(b.now)
	if r := b.m.Result(); r.Status != 0 || b.m.Busy() || len(network.Dialed) != 4 {
		t.Errorf("status %d after %d tries", r.Status, len(network.Dialed))
	}
}

func TestARefusedRecipientDoesntCostTheOthersTheirMail(t *testing.T) {
	b := caught(t, "rcpt:2=550 5.1.1 no such user", "rcpt:3=452 full")
	j := job()
	j.Message.To = append(j.Message.To, addr("b@example.com"))
	j.Message.Cc = []mailaddr.Address{addr("c@example.com"), addr("d@example.com")}
	r := b.run(j)
	if r.Status != 550 || len(r.Accepted) != 2 || len(r.Refused) != 2 || r.Reply.Code != 550 {
		t.Errorf("%+v", r)
	}
	if len(b.got) != 1 || strings.Join(b.got[0].To, " ") != "franji1@yahoo.com d@example.com" {
		t.Errorf("the server got %+v", b.got)
	}
	if last := b.lines[len(b.lines)-1]; last != "Error: 550" {
		t.Errorf("the trace ends in %q", last)
	}
}

func TestAllRefusedMeansNoDATA(t *testing.T) {
	b := caught(t, "rcpt:1=450 later", "rcpt:2=550 no")
	j := job()
	j.Message.Cc = []mailaddr.Address{addr("c@example.com")}
	if r := b.run(j); r.Status != 450 {
		t.Errorf("status %d, want the first refusal", r.Status)
	}
	for _, line := range b.lines {
		if strings.Contains(line, "DATA") {
			t.Error("DATA was sent")
		}
	}
}

func TestQUITEndsEveryConversationThatIsInStep(t *testing.T) {
	for script, want := range map[string]bool{
		"helo=250 ok": true, "greeting=554 no": true, "rcpt=550 no": true, "end=554 no": true, "data=554 no": true, "mail=stall": true,
		"end=stall": true, "data=stall": false, "subject=stall": false, "body=stall": false, "mail=drop": false, "connect=stall": false,
	} {
		b := caught(t, script)
		b.run(job())
		if got := len(b.quiet) > 0 && b.quiet[0] == "QUIT"; got != want {
			t.Errorf("%s: QUIT sent: %v", script, got)
		}
		for _, line := range b.lines {
			if strings.Contains(line, "QUIT") || strings.Contains(line, "221") {
				t.Errorf("%s: the viewer shows %q", script, line)
			}
		}
	}
}

func TestTheResultStandsBeforeTheFarewell(t *testing.T) {
	b := caught(t, "mail=550 no")
	b.m.Start(b.now, job())
	b.m.Step(b.now)
	if b.m.Busy() || b.m.Result().Status != 550 {
		t.Error("the result waits for the reply to QUIT")
	}
	if b.m.Start(b.now, job()); !b.m.Busy() { // the old link is dropped
		t.Error("a new job doesn't begin")
	}
}

func TestTheMail(t *testing.T) {
	b := caught(t)
	j := job()
	j.Message.Cc = []mailaddr.Address{addr("supervisor@acme.com"), addr(`"joe b"@acme.com`)}
	j.Message.Body = []byte("first\n.dot\rlast\r\n..")
	b.run(j)
	want := "Date: Wed, 01 Mar 2006 10:48:30 -0000\r\n" +
		"From: \"Machine A-42F\" <mark@hosteng.com>\r\n" +
		"To: franji1@yahoo.com\r\n" +
		"Cc: supervisor@acme.com,\r\n \"joe b\"@acme.com\r\n" +
		"Subject: Shift Report\r\n" +
		"\r\n" +
		"first\r\n.dot\r\nlast\r\n..\r\n"
	if len(b.got) != 1 {
		t.Fatalf("%d mails; %q", len(b.got), b.lines)
	}
	if diff := cmp.Diff(want, string(b.got[0].Data)); diff != "" {
		t.Error(diff)
	}
	if got := b.got[0]; got.Helo != "192.168.12.86" || got.From != "mark@hosteng.com" || len(got.To) != 3 {
		t.Errorf("envelope %+v", got)
	}
}

func TestTextBeyondASCII(t *testing.T) {
	b := caught(t)
	j := job()
	j.Message.FromName = "Förderband"
	j.Message.Subject = []byte("St\xf6rung \x80")
	j.Message.Body = []byte("5 \xb0C\n")
	b.run(j)
	mail := string(b.got[0].Data)
	for _, want := range []string{
		"From: =?utf-8?q?F=C3=B6rderband?= <mark@hosteng.com>\r\n",
		"Subject: =?utf-8?q?St=C3=B6rung_=E2=82=AC?=\r\n",
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n",
		"\r\n\r\n5 =B0C\r\n",
	} {
		if !strings.Contains(mail, want) {
			t.Errorf("no %q in\n%s", want, mail)
		}
	}
	if !strings.Contains(strings.Join(b.lines, "\n"), "Subject: Störung €\nBody: 5 °C$L") {
		t.Errorf("trace %q", b.lines)
	}
}

func TestAHostileServersTextIsHarmless(t *testing.T) {
	b := caught(t, "rcpt=550 \x1b[2J<script>\u202e\xff\x7f")
	b.run(job())
	for _, line := range b.lines {
		if strings.ContainsAny(line, "\x1b\x7f\u202e") || strings.Contains(line, "\xff") {
			t.Errorf("the trace shows %q", line)
		}
	}
}

func TestAHostileServersTextIsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"an endless line": "220 " + strings.Repeat("x", 1<<20),
		"endless lines":   strings.Repeat("220-x\n", 1<<16) + "220 x",
	} {
		if r := caught(t, "greeting="+text).run(job()); r.Status != 23 {
			t.Errorf("%s: status %d", name, r.Status)
		}
	}
}

func TestAQuotedSenderIsQuotedOnce(t *testing.T) {
	b := caught(t)
	j := job()
	j.Message.From, j.Message.FromName = addr(`"john doe"@example.com`), `say "hi" \o/`
	b.run(j)
	want := "From: \"say \\\"hi\\\" \\\\o/\" <\"john doe\"@example.com>\r\n"
	if mail := string(b.got[0].Data); !strings.Contains(mail, want) {
		t.Errorf("no %q in\n%s", want, mail)
	}
	if parsed, err := mail.ReadMessage(strings.NewReader(string(b.got[0].Data))); err != nil {
		t.Error(err)
	} else if from, err := parsed.Header.AddressList("From"); err != nil || from[0].Name != j.Message.FromName {
		t.Errorf("net/mail reads it as %v, %v", from, err)
	}
}

func TestLongEncodedHeadersAreFolded(t *testing.T) {
	b := caught(t)
	j := job()
	j.Message.FromName = strings.Repeat("é", 64)
	j.Message.Subject = []byte(strings.Repeat("\x80", mailer.MaxSubject))
	b.run(j)
	for line := range strings.Lines(string(b.got[0].Data)) {
		if len(strings.TrimSpace(line)) > 110 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
	}
	parsed, err := mail.ReadMessage(strings.NewReader(string(b.got[0].Data)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil || got != strings.Repeat("€", mailer.MaxSubject) {
		t.Errorf("the subject reads as %.40q, %v", got, err)
	}
}

func TestTheTraceShowsWhatIsNoReply(t *testing.T) {
	b := caught(t, "greeting=HTTP/1.1 400 Bad\x1b Request")
	r := b.run(job())
	if last := b.lines[len(b.lines)-2]; last != "State: 0x2 Received data: HTTP/1.1 400 Bad? Request" {
		t.Errorf("the trace shows %q", last)
	}
	if cause := r.Cause(); !strings.Contains(cause, "HTTP/1.1 400") {
		t.Errorf("the cause is %q", cause)
	}
}

func TestTheCauseIsOfThisConversation(t *testing.T) {
	network := &catcher.Network{Script: catcher.Script{{Stage: catcher.Connect, Manner: catcher.Drop}}}
	b := newBench(t, network)
	b.m.Start(b.now, job())
	b.now = b.m.Step(b.now)
	network.Script = catcher.Script{{Stage: catcher.Greeting, Manner: catcher.Stall}}
	for b.m.Busy() {
		b.now = b.m.Step(b.now)
	}
	if r := b.m.Result(); r.Status != 12 || r.Cause() != "" {
		t.Errorf("status %d, cause %q", r.Status, r.Cause())
	}
	if r := caught(t, "connect=drop").run(job()); r.Cause() != "connection refused" {
		t.Errorf("refused: %q", r.Cause())
	}
	if r := caught(t, "mail=550 no").run(job()); r.Cause() != "550 no" {
		t.Errorf("550: %q", r.Cause())
	}
}

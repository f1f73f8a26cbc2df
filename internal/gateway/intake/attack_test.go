package intake

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/smtpwire"
)

// TestSmuggling: only CRLF.CRLF ends a message. Whatever else some server takes for it
// ends the connection, or is text; what stands behind it is never a command.
func TestSmuggling(t *testing.T) {
	const second = "MAIL FROM:<boss@example.com>\r\nRCPT TO:<mark@example.com>\r\nDATA\r\nSubject: smuggled\r\n\r\n.\r\n"
	for _, tc := range []struct {
		ends    string
		lenient bool // with bare_lf it is text; without, all are refused
	}{
		{"\n.\n", true},
		{"\n.\r\n", true},
		{"\r\n.\n", true},
		{"\n\n.\n\n", true},
		{"\r.\r", false},
		{"\r.\r\n", false},
		{"\r.\n", false},
		{"\r\n.\r", false},
		{"\r\n.\r\r\n", false},
		{"\r\r\n.\r\n", false},
		{"\n.\r", false},
	} {
		for _, lenient := range []bool{false, true} {
			t.Run(fmt.Sprintf("%q/%v", tc.ends, lenient), func(t *testing.T) {
				k, h := story(t)
				h.plc().Quirks.BareLF = lenient
				k.text().send("Subject: x\r\n\r\ntext" + tc.ends + second)
				if lenient && tc.lenient {
					if k.next == Close || len(h.got()) != 1 || !strings.Contains(h.got()[0].body, "MAIL FROM:<boss") {
						t.Errorf("taken: %+v", h.got())
					}
				} else {
					k.want(tc.ends, "554 5.6.0 ")
					k.over(OutOfStep)
				}
				for _, m := range h.got() {
					if m.From != address("plc@example.com") || bytes.Contains(m.Header, []byte("smuggled")) {
						t.Errorf("smuggled: %+v", m)
					}
				}
				if h.leftover() != 0 {
					t.Error("a body is left")
				}
			})
		}
	}
}

// TestAnEndlessLine: it costs one error, little memory, and the time that one command
// may take.
func TestAnEndlessLine(t *testing.T) {
	k, _ := story(t)
	began := k.session.Deadline(false)
	k.say("HELO "+strings.Repeat("x", 1000), "500 5.5.2 ")
	k.send("HELO ")
	k.want("", []string(nil)...)
	var said string
	for range 1000 {
		k.send(strings.Repeat("x", 10_000))
		said += k.said
	}
	if strings.Count(said, "500 ") != 1 {
		t.Errorf("it said %q", said)
	}
	if n := len(k.session.parser.Rest()); n > smtpwire.MaxLine {
		t.Errorf("it holds %d bytes", n)
	}
	if got := k.session.Deadline(false); got != began {
		t.Errorf("the deadline moved from %s to %s", began, got)
	}
	k.goesOn()
	k.say("\nHELO plc", "250 gw")
}

// TestACommandFlood: commands that lead to no message come to an end.
func TestACommandFlood(t *testing.T) {
	k, _ := story(t)
	k.send(strings.Repeat("NOOP\r\n", 5000))
	if got, want := strings.Count(k.said, "250 "), 200; got != want {
		t.Errorf("%d were answered, want %d", got, want)
	}
	k.over(Flooded)
}

// TestTooMuchSentAhead: a client that sends without waiting while its message is being
// taken is bounded.
func TestTooMuchSentAhead(t *testing.T) {
	h := newHouse()
	k := h.talk(t, h.config(), plc, Off)
	k.text()
	d := k.session.Feed([]byte("Subject: x\r\n\r\n.\r\n"), k.now)
	if d.Next != Take {
		t.Fatalf("next is %d", d.Next)
	}
	k.session.Handover()
	for range 100 {
		if d = k.session.Feed(make([]byte, 10_000), k.now); d.Next != Take || len(d.Out) > 0 {
			t.Fatalf("%+v", d)
		}
	}
	k.said = ""
	k.do(k.session.Answer(say(250, "2.0.0", "queued"), k.now))
	k.want("", "250 ", "421 4.7.0 too much")
	k.over(Flooded)
}

// TestAHeaderOver256KiB is refused after its final dot, and no memory is kept for it.
func TestAHeaderOver256KiB(t *testing.T) {
	line := "X-Filler: " + strings.Repeat("x", 60) + "\r\n"
	for _, tc := range []struct {
		bytes int
		want  string
	}{{MaxHeader - 100, "250 2.0.0"}, {MaxHeader + 100, "552 5.3.4 the header"}, {8 << 20, "552 5.3.4 the header"}} {
		k, h := story(t)
		k.text()
		for range tc.bytes / len(line) {
			k.send(line)
		}
		if cap(k.session.text.header) > 4*MaxHeader {
			t.Errorf("it holds %d bytes", cap(k.session.text.header))
		}
		k.say("\nbody\n.", tc.want)
		if n := len(h.got()); (n == 1) != (tc.want[0] == '2') || h.leftover() != 0 {
			t.Errorf("%d were taken, %d left", n, h.leftover())
		}
		k.say("NOOP", "250")
	}
}

// TestTextWithoutEnd: what is far over its bound isn't read to its end.
func TestTextWithoutEnd(t *testing.T) {
	k, h := story(t)
	h.plc().MaxSize = 1 << 20
	k.text().send("Subject: x\r\n\r\n")
	sent := 0
	for k.next == Read {
		k.send(strings.Repeat("x", 30_000) + "\r\n")
		if sent += 30_000; sent > 10<<20 {
			t.Fatal("it takes it all")
		}
	}
	k.want("text", "552 5.3.4")
	k.over(TooBig)
	if h.leftover() != 0 {
		t.Error("the body is left")
	}
}

// TestNULBytes: in a header they are refused, in a body they are the message's business.
func TestNULBytes(t *testing.T) {
	k, h := story(t)
	k.text().say("Subject: a\x00b\n\nbody\n.", "554 5.6.0 NUL")
	k.say("MAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA", "250", "250", "354").say("Subject: x\n\nbo\x00dy\n.", "250")
	if got := h.got(); len(got) != 1 || got[0].body != "bo\x00dy\r\n" {
		t.Errorf("%+v", got)
	}
}

// TestWhatAPeerSaysReachesNoTerminal: replies, the trace and the callbacks hold only
// printable text.
func TestWhatAPeerSaysReachesNoTerminal(t *testing.T) {
	h := newHouse()
	h.plc().Quirks.AnyHelo = true
	var log bytes.Buffer
	c := h.traced()
	c.Log = slog.New(slog.NewTextHandler(&log, nil))
	for _, peer := range []string{plc, stranger} {
		k := h.talk(t, c, peer, Off)
		var said string
		for _, evil := range []string{"HELO \x1b[2J", "EHLO a\u202eb", "MAIL FROM:<\x1b[31m@x>", "\x1b]0;x\x07", "AUTH \x1b[2J", "RCPT TO:<a\x7f@b>"} {
			k.send(evil + "\r\n")
			said += k.said
		}
		for _, text := range []string{said, fmt.Sprint(h.knocks, h.hellos), log.String()} {
			if strings.ContainsAny(text, "\x1b\x07\x7f\u202e") {
				t.Errorf("%q", text)
			}
		}
	}
	for _, e := range h.events {
		if smtpwire.Printable(e.Text) != e.Text {
			t.Errorf("event %+v", e)
		}
	}
	if len(h.events) < 20 || len(h.knocks) != 1 || len(h.hellos) == 0 {
		t.Errorf("%d events, knocks %q, hellos %q", len(h.events), h.knocks, h.hellos)
	}
}

// TestSecretsAreMasked: neither the conversation nor the log holds one, whichever way
// and however wrongly it was sent.
func TestSecretsAreMasked(t *testing.T) {
	for _, login := range []*device.Login{nil, hunter2()} {
		h := newHouse()
		h.plc().Login = login
		var log bytes.Buffer
		c := h.traced()
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
		c.Limits = Limits{MaxErrors: 1000, MaxLogins: 1000}
		k := h.talk(t, c, plc, Off)
		for _, line := range []string{
			"EHLO plc", "AUTH PLAIN AGxpbmU0AGh1bnRlcjM=", "auth\tplain\tAGxpbmU0AGh1bnRlcjM=", "AUTH LOGIN", "bGluZTQ=", "aHVudGVyMw==",
			"AUTH PLAIN", "AGxpbmU0AGh1bnRlcjM=", "AUTH PLAIN AGxpbmU0AGh1bnRlcjI=",
		} {
			k.send(line + "\r\n")
		}
		shown := log.String()
		for _, e := range h.events {
			shown += e.Text + "\n"
		}
		for _, s := range []string{"hunter", "aHVud", "AGxp"} {
			if strings.Contains(shown, s) {
				t.Errorf("%s shows in %s", s, shown)
			}
		}
		if !strings.Contains(shown, "AUTH PLAIN ***") || !strings.Contains(shown, "\n***\n") {
			t.Errorf("nothing is masked in %s", shown)
		}
	}
}

// TestTheConversationIsKept: what was said, by whom, and the text only by its size.
func TestTheConversationIsKept(t *testing.T) {
	h := newHouse()
	k := h.talk(t, h.traced(), plc, Off)
	k.text().say("Subject: secret plans\n\nbody\n.", "250").say("QUIT", "221")
	var got []string
	for _, e := range h.events {
		if e.Conversation != "conversation" || e.Time.IsZero() {
			t.Errorf("%+v", e)
		}
		got = append(got, fmt.Sprintf("%s %s %d %s", e.Side, e.Kind, e.Code, e.Text))
	}
	want := []string{
		"client opened 0 192.168.12.86",
		"server received 220 gw.example.net ESMTP Rungmail",
		"client sending 0 HELO plc",
		"server received 250 gw.example.net",
		"client sending 0 MAIL FROM:<plc@example.com>",
		"server received 250 2.1.0 sender ok",
		"client sending 0 RCPT TO:<mark@example.com>",
		"server received 250 2.1.5 recipient ok",
		"client sending 0 DATA",
		"server received 354 go ahead, and end with a dot on a line of its own",
		"client sending 0 a message of 31 bytes",
		"server received 250 2.0.0 queued as 1",
		"client sending 0 QUIT",
		"server received 221 2.0.0 gw.example.net says goodbye",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

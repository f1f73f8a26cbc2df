package intake

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/secret"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

func TestAMailIsWhatTheSessionKnows(t *testing.T) {
	h := newHouse()
	h.plc().Login = hunter2()
	k := h.talk(t, h.config(), plc, StartTLS)
	k.send("STARTTLS\r\n").want("STARTTLS", "220 ")
	k.send("EHLO [192.168.12.86]\r\nAUTH PLAIN AGxpbmU0AGh1bnRlcjI=\r\n")
	k.now = k.now.Add(time.Minute)
	k.say("MAIL FROM:<plc@example.com> SIZE=99 BODY=8BITMIME SMTPUTF8\nRCPT TO:<mark@example.com>\nDATA", "250", "250", "354").
		say("A: b\n\nc\n.", "250")
	if len(h.got()) != 1 {
		t.Fatal("none was taken")
	}
	m := h.got()[0].Mail
	got := fmt.Sprintln(m.Device.Name, m.Peer, m.Helo, m.ESMTP, m.TLS, m.User, m.From, m.To, m.EightBit, m.UTF8, m.Declared, string(m.Header), m.Size, m.Began.Sub(epoch()))
	want := fmt.Sprintln("line-4-plc", plc, "[192.168.12.86]", true, "TLS 1.3 TEST", "line4", "plc@example.com", "[mark@example.com]", true, true, 99, "A: b\r\n\r\n", 11, time.Minute)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestWhatTheHouseRefuses: each refusal comes at its place, with its code.
func TestWhatTheHouseRefuses(t *testing.T) {
	loop := &Refusal{say(reply.TransactionFailed, "5.4.6", "a loop")}
	for name, tc := range map[string]struct {
		set         func(*house)
		atMail, end string
	}{
		"full at MAIL":    {func(h *house) { h.room = fmt.Errorf("x: %w", outbox.ErrFull) }, "452 4.3.1", ""},
		"failed at MAIL":  {func(h *house) { h.room = outbox.ErrFailed }, "451 4.3.0", ""},
		"full at Begin":   {func(h *house) { h.begin = outbox.ErrFull }, "", "452 4.3.1"},
		"failed at Begin": {func(h *house) { h.begin = errors.New("secret of the house") }, "", "451 4.3.0 the gateway can't store"},
		"full in Write":   {func(h *house) { h.write = outbox.ErrFull }, "", "452 4.3.1"},
		"a loop":          {func(h *house) { h.begin = fmt.Errorf("x: %w", loop) }, "", "554 5.4.6 a loop"},
		"by Take": {func(h *house) {
			h.answer = func(context.Context, Mail) Answer {
				return Answer{Reply: say(reply.MailboxUnavailable, "5.1.1", "no Mark")}
			}
		}, "", "550 5.1.1 no Mark"},
		"sender":    {func(h *house) { h.plc().MayBe = []device.Pattern{{Domain: "example.net"}} }, "553 5.7.1 line-4-plc may not", ""},
		"too often": {func(h *house) { h.plc().PerMinute = 1; h.limiter.Take(h.plc(), epoch()) }, "451 4.7.1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			k, h := story(t)
			tc.set(h)
			k.say("HELO plc", "250")
			if tc.atMail != "" {
				k.say("MAIL FROM:<plc@example.com>", tc.atMail).say("RCPT TO:<mark@example.com>", "503")
				return
			}
			k.say("MAIL FROM:<plc@example.com>\nRCPT TO:<mark@example.com>\nDATA", "250", "250", "354").
				say("Subject: x\n\nbody\nQUIT\n.", tc.end).say("NOOP", "250")
			if h.leftover() != 0 {
				t.Error("a body is left")
			}
		})
	}
}

func TestARecipientThatADeviceMayNotWriteTo(t *testing.T) {
	k, h := story(t)
	h.plc().MayTo = []device.Pattern{{Domain: "example.com"}}
	k.say("HELO plc\nMAIL FROM:<plc@example.com>", "250", "250").
		say("RCPT TO:<mark@evil.example>", "550 5.7.1 line-4-plc may not write to").
		say("RCPT TO:<mark@example.com.evil.example>", "550 5.7.1").
		say("RCPT TO:<mark@EXAMPLE.com>\nDATA", "250", "354").say(".", "250")
	if got := h.got(); len(got) != 1 || len(got[0].To) != 1 {
		t.Errorf("%+v", got)
	}
}

// TestAReloadCountsAtOnce: a device that is taken out of the plant file sends nothing
// more on a connection that it has.
func TestAReloadCountsAtOnce(t *testing.T) {
	k, h := story(t)
	k.text().say("A: b\n\n.", "250")
	delete(h.devices, plc)
	k.say("MAIL FROM:<plc@example.com>", "554 5.7.1 "+plc).say("RCPT TO:<a@b>", "554 5.7.1").say("QUIT", "221")

	k, h = story(t)
	h.plc().Login = hunter2()
	k.send("EHLO plc\r\nAUTH PLAIN AGxpbmU0AGh1bnRlcjI=\r\n")
	h.devices[plc] = &device.Device{Name: "another", Login: hunter2()}
	k.say("MAIL FROM:<plc@example.com>", "530 5.7.0 AUTH first")
}

func TestCRAMMD5(t *testing.T) {
	k, h := story(t)
	h.plc().Login = hunter2()
	k.send("EHLO plc\r\n")
	challenge := func() []byte {
		k.say("AUTH CRAM-MD5", "334 ")
		c, err := base64.StdEncoding.DecodeString(strings.TrimSpace(k.said[4:]))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	answer := func(user, password string, c []byte) string {
		mac := hmac.New(md5.New, []byte(password))
		mac.Write(c)
		return base64.StdEncoding.EncodeToString([]byte(user + " " + hex.EncodeToString(mac.Sum(nil))))
	}
	first := challenge()
	k.say(answer("line4", "hunter3", first), "535 5.7.8")
	if second := challenge(); string(second) == string(first) || !strings.HasSuffix(string(second), "@gw.example.net>") {
		t.Errorf("challenges %q and %q", first, second)
	}
	k.say(answer("line4", "hunter2", first), "535 5.7.8") // an old one
	k.say(answer("line4", "hunter2", challenge()), "235")
}

func TestAPasswordThatCantBeRead(t *testing.T) {
	k, h := story(t)
	h.plc().Login = &device.Login{User: "line4", Password: func() (secret.Text, error) { return secret.Text{}, errors.New("no file") }}
	k.send("EHLO plc\r\n")
	k.say("AUTH PLAIN AGxpbmU0AGh1bnRlcjI=", "454 4.7.0").say("MAIL FROM:<a@b>", "530")
	h.plc().Login = &device.Login{Password: func() (secret.Text, error) { return secret.Text{}, nil }}
	k.say("AUTH PLAIN AAA=", "535") // no user and no password let nobody in
}

func TestWhoMaySendAPasswordInTheClear(t *testing.T) {
	for _, tc := range []struct {
		peer string
		mode TLS
		want bool
	}{{plc, Off, true}, {plc, StartTLS, false}, {"127.0.0.1", StartTLS, true}, {"127.0.0.1", Off, true}} {
		h := newHouse()
		h.devices[tc.peer].Login = hunter2()
		k := h.talk(t, h.config(), tc.peer, tc.mode)
		k.send("EHLO plc\r\n")
		if got := strings.Contains(k.said, "AUTH PLAIN"); got != tc.want {
			t.Errorf("%s, %s: offered is %v", tc.peer, tc.mode, got)
		}
		if k.send("AUTH PLAIN AGxpbmU0AGh1bnRlcjI=\r\n"); strings.HasPrefix(k.said, "235") != tc.want {
			t.Errorf("%s, %s: %s", tc.peer, tc.mode, k.said)
		}
	}
}

func TestDeadlines(t *testing.T) {
	k, _ := story(t)
	at := func(want time.Duration) {
		t.Helper()
		if got := k.session.Deadline(false).Sub(epoch()); got != want {
			t.Errorf("the deadline is after %s, want %s", got, want)
		}
	}
	at(5 * time.Minute)
	if got := k.session.Deadline(true).Sub(epoch()); got != 30*time.Second {
		t.Errorf("crowded: %s", got)
	}
	k.now = epoch().Add(time.Minute)
	k.send("HELO p")
	at(5 * time.Minute) // bytes alone give no time
	k.send("lc\r\n")
	at(6 * time.Minute)
	k.now = epoch().Add(58 * time.Minute)
	k.text()
	k.now = epoch().Add(59 * time.Minute)
	k.send("Subject: x\r\n")
	at(62 * time.Minute) // a message may go on beyond the session's end
	k.now = epoch().Add(87 * time.Minute)
	k.send("X: y\r\n")
	at(88 * time.Minute) // but not for ever
	k.say("\n.", "250")
	at(60 * time.Minute)
	k.said = ""
	k.do(k.session.Timeout(k.now))
	k.want("timeout", "421 4.4.2")
	k.over(TimedOut)

	h := newHouse()
	k = h.talk(t, h.config(), stranger, Off)
	at(30 * time.Second)
}

func TestATimeoutInTheTextDropsIt(t *testing.T) {
	k, h := story(t)
	k.text().send("Subject: x\r\n\r\nhalf")
	k.said = ""
	k.do(k.session.Timeout(k.now))
	k.want("timeout", "421 4.4.2")
	k.over(TimedOut)
	if len(h.got()) != 0 || h.leftover() != 0 {
		t.Error("half a message is kept")
	}
}

func TestHangingUp(t *testing.T) {
	for _, tc := range []struct {
		noQuit bool
		sent   string
		want   End
	}{
		{false, "HELO plc\r\n", HungUp},
		{true, "HELO plc\r\n", Quit},
		{true, "HELO plc\r\nMAIL FROM:<a@b>\r\n", HungUp},
		{true, "HELO plc\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nA: b\r\n\r\nhalf", HungUp},
		{true, "HELO plc\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nA: b\r\n\r\nhalf\r\n.\r\n", Quit},
	} {
		k, h := story(t)
		h.plc().Quirks.NoQuit = tc.noQuit
		k.send(tc.sent)
		k.session.Gone(k.now)
		if k.session.end != tc.want || h.leftover() != 0 {
			t.Errorf("%q, forgiven %v: %q, want %q; %d bodies left", tc.sent, tc.noQuit, k.session.end, tc.want, h.leftover())
		}
	}
}

func TestStopping(t *testing.T) {
	stop := func(k *talk) {
		k.said = ""
		k.do(k.session.Stop(k.now))
	}
	k, _ := story(t)
	k.say("HELO plc", "250")
	stop(k)
	k.want("stop", "421 4.3.2")
	k.over(Stopped)

	k, h := story(t)
	k.text().send("A: b\r\n\r\nhalf")
	stop(k)
	k.goesOn()
	k.say("of it\n.\nMAIL FROM:<a@b>", "250 2.0.0 queued", "421 4.3.2")
	k.over(Stopped)
	if len(h.got()) != 1 {
		t.Error("the message that was under way is lost")
	}
}

// TestTwoMessagesShareNothing: the second isn't written over the first.
func TestTwoMessagesShareNothing(t *testing.T) {
	k, h := story(t)
	k.text().say("Subject: first\n\nbody of the first\n.", "250")
	k.say("MAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA", "250", "250", "354").say("Subject: other\n\nbody of the other\n.", "250")
	got := h.got()
	if len(got) != 2 || string(got[0].Header) != "Subject: first\r\n\r\n" || got[0].body != "body of the first\r\n" || len(got[0].To) != 1 || got[0].To[0] != address("mark@example.com") {
		t.Errorf("%+v", got)
	}
}

// turns are what a client sends: a turn ends where it has to wait, and holds anything.
func turns(t *rapid.T) []string {
	word := rapid.SampledFrom([]string{
		"HELO plc\r\n", "EHLO plc\r\n", "MAIL FROM:<plc@example.com>\r\n", "RCPT TO:<mark@example.com>\r\n", "RCPT TO:<nobody>\r\n",
		"RSET\r\n", "NOOP\r\n", "\r\n", "NOOP\n", "x\x00\r\n", "AUTH LOGIN\r\n", "bGluZTQ=\r\n", "aHVudGVyMg==\r\n", "*\r\n",
		strings.Repeat("y", 600) + "\r\n", "VRFY a\r\n",
	})
	line := rapid.SampledFrom([]string{
		"Subject: x\r\n", "\r\n", "..\r\n", "text\r\n", ".dot\r\n", "\n", "MAIL FROM:<boss@example.com>\r\n", "\r", strings.Repeat("z", 300) + "\r\n",
	})
	var all []string
	for range rapid.IntRange(1, 4).Draw(t, "turns") {
		turn := strings.Join(rapid.SliceOfN(word, 0, 6).Draw(t, "commands"), "")
		if rapid.Bool().Draw(t, "message") {
			all = append(all, turn+"RSET\r\nHELO plc\r\nMAIL FROM:<plc@example.com>\r\nRCPT TO:<mark@example.com>\r\nDATA\r\n")
			turn = strings.Join(rapid.SliceOfN(line, 0, 8).Draw(t, "text"), "") + "\r\n.\r\n"
		}
		all = append(all, turn)
	}
	return append(all, "QUIT\r\n")
}

// TestRepliesDontDependOnHowBytesAreCut, and neither does what is taken.
func TestRepliesDontDependOnHowBytesAreCut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sent := turns(rt)
		login := rapid.Bool().Draw(rt, "login")
		play := func(piece int) string {
			h := newHouse()
			if login {
				h.devices["127.0.0.1"].Login = hunter2()
			}
			k := h.talk(t, h.config(), "127.0.0.1", Off)
			k.piece = piece
			var said strings.Builder
			for _, turn := range sent {
				said.WriteString(k.send(turn).said + "|")
			}
			for _, m := range h.got() {
				fmt.Fprintf(&said, "%s %s %q %q %d", m.From, m.To, m.Header, m.body, m.Size)
			}
			if h.leftover() != 0 {
				rt.Error("a body is left")
			}
			return said.String() + string(k.session.end)
		}
		want := play(0)
		if got := play(rapid.IntRange(1, 40).Draw(rt, "piece")); got != want {
			rt.Errorf("to %q: in pieces\n%s\nat once\n%s", sent, got, want)
		}
	})
}

// FuzzSession: any bytes in any pieces. No panic, bounded memory, every body ends, and
// nothing of a text is a command.
func FuzzSession(f *testing.F) {
	f.Add([]byte("HELO plc\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nA: b\r\n\r\nx\r\n.\r\nQUIT\r\n"), 3, false)
	f.Add([]byte("EHLO plc\r\nAUTH LOGIN\r\nbGluZTQ=\r\naHVudGVyMg==\r\nSTARTTLS\r\n"), 1, true)
	f.Add([]byte("EHLO plc\r\nBDAT 3\r\n\x16\x03"), 0, true)
	f.Fuzz(func(t *testing.T, input []byte, piece int, quirks bool) {
		h := newHouse()
		if quirks {
			h.devices["127.0.0.1"].Quirks = device.Quirks{BareLF: true, AnyHelo: true, NoBrackets: true, EightBit: true, NoQuit: true}
			h.devices["127.0.0.1"].Login = hunter2()
		}
		k := h.talk(t, h.traced(), "127.0.0.1", StartTLS)
		k.piece = max(0, piece%1000)
		k.send(string(input))
		if len(k.said) > 200*600 || len(k.session.parser.Rest()) > smtpwire.MaxUnread || cap(k.session.text.scratch) > 1<<20 {
			t.Errorf("unbounded: said %d, holds %d", len(k.said), len(k.session.parser.Rest()))
		}
		k.session.Gone(k.now)
		if h.leftover() != 0 {
			t.Errorf("%d bodies are left", h.leftover())
		}

		if bytesEnd(input) {
			return
		}
		// the same as text, whose end it can't be
		h = newHouse()
		h.plc().Quirks.BareLF = quirks
		k = h.talk(t, h.config(), plc, Off)
		k.text()
		k.piece = max(0, piece%1000)
		if all := k.send(string(input)).said; all != "" && !strings.HasPrefix(all, "554 5.6.0 ") || len(h.got()) > 0 {
			t.Errorf("text without an end was answered: %q", all)
		}
	})
}

// bytesEnd tells whether a text has its end in it, in whatever way that the strictest
// reader would take.
func bytesEnd(text []byte) bool {
	s := "\r\n" + string(text)
	return strings.Contains(s, "\r\n.\r\n")
}

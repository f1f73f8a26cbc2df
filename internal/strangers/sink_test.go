//go:build linux

package strangers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sink starts smtp-sink and returns an order for it. It ends by itself after a
// while, should nobody be left to end it.
func sink(t testing.TB, options ...string) order {
	t.Helper()
	path := tool(t, "smtp-sink")
	args := []string{"--foreground", "120", path}
	if os.Geteuid() == 0 {
		args = append(args, "-u", "nobody")
	}
	args = append(args, options...)
	at := reserve(t)
	p := start(t, tool(t, "timeout"), append(args, at.String(), "20")...)
	await(t, "smtp-sink", func() bool { return p.ended() || answers(at) })
	if p.ended() {
		t.Fatal("smtp-sink doesn't start")
	}
	return order{server: at, to: "mark@example.com", subject: "Widget Report", body: `"made " V3000`}
}

func TestSinkFails(t *testing.T) {
	for _, r := range []struct {
		options string
		code    int
	}{
		{"-e", 0},
		{"-P", 0}, // the greeting is all stars
		{"-f connect", 500},
		{"-f helo", 500},
		{"-f mail", 500},
		{"-f rcpt", 500},
		{"-f data", 500},
		{"-f .", 500},
		{"-f quit", 0},
		{"-r connect", 450},
		{"-r helo", 450},
		{"-r mail", 450},
		{"-r rcpt", 450},
		{"-r data", 450},
		{"-r .", 450},
		{"-Q connect", 421},
		{"-Q helo", 421},
		{"-Q mail", 421},
		{"-Q rcpt", 421},
		{"-Q data", 421},
		{"-Q .", 421},
		{"-Q quit", 0},
		{"-q connect", 20},
		{"-q helo", 20},
		{"-q mail", 20},
		{"-q rcpt", 20},
		{"-q data", 20},
		{"-q .", 20},
		{"-q quit", 0},
		{"-A 0", 550}, // it answers 354, then at once 550, and closes
		{"-L", 500},   // LMTP
	} {
		t.Run(r.options, func(t *testing.T) {
			t.Parallel()
			o := sink(t, strings.Fields(r.options)...)
			o.cc = "joe@example.com"
			expect(t, o, r.code)
		})
	}
}

func TestSinkRefusesInItsOwnWords(t *testing.T) {
	t.Parallel()
	o := sink(t, "-f", "rcpt", "-B", "551 5.1.6 moved to <mark@example.net>")
	if got := expect(t, o, 551).last().Reply.String(); got != "551 5.1.6 moved to <mark@example.net>" {
		t.Errorf("the module keeps %q", got)
	}
}

// TestSinkIsTooSlow: the module's one timeout, of a second, and the state that it
// was in. The farewell's own five seconds aren't waited for.
func TestSinkIsTooSlow(t *testing.T) {
	t.Parallel()
	for command, code := range map[string]int{"connect": 12, "helo": 12, "mail": 13, "rcpt": 14, "data": 15, ".": 18} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			o := sink(t, "-W", command+":3")
			o.timeout = time.Second
			c, began := newChain(t, o), time.Now()
			c.write("C10", 0)
			c.scan(2)
			c.write("C10", 1)
			c.scan(2)
			if got, want := c.outputs(), (outputs{Code: 1}); got != want {
				t.Errorf("after the edge the box says %+v, want %+v", got, want)
			}
			c.until("end of the box", func() bool { o := c.outputs(); return o.Success || o.Error })
			if got, want := c.outputs(), ended(code); got != want {
				t.Errorf("the box says %+v, want %+v", got, want)
			}
			if took := time.Since(began); took < time.Second || took > 2500*time.Millisecond {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestASlowSinkIsWaitedFor(t *testing.T) {
	t.Parallel()
	began := time.Now()
	expect(t, sink(t, "-w", "1"), 0) // only smtp-sink can wait for no less
	if took := time.Since(began); took < time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestFiftyMails one after the other by one module.
func TestFiftyMails(t *testing.T) {
	t.Parallel()
	dump := filepath.Join(folder(t, true), "mails")
	o := sink(t, "-D", dump)
	c := newChain(t, o)
	for n := range 50 {
		c.write("V3000", uint16(n))
		if got, want := c.fire(), ended(0); got != want {
			t.Fatalf("mail %d: the box says %+v, want %+v", n, got, want)
		}
	}
	var mails []string
	await(t, "fiftieth mail", func() bool {
		text, _ := os.ReadFile(dump) // the last look tells
		mails = strings.Split(string(text), "X-Client-Addr: ")[1:]
		return len(mails) >= 50 && strings.HasSuffix(string(text), "\n\n")
	})
	if len(mails) != 50 {
		t.Fatalf("%d mails", len(mails))
	}
	for n, mail := range mails {
		for _, want := range []string{
			"127.0.0.1\n", "X-Client-Proto: SMTP\n", "X-Helo-Args: " + moduleIP + "\n",
			"X-Mail-Args: <" + mailFrom + ">\n", "X-Rcpt-Args: <mark@example.com>\n",
			fmt.Sprintf("\n\nmade %5d\n", n),
		} {
			if !strings.Contains(mail, want) {
				t.Fatalf("no %q in mail %d:\n%s", want, n, mail)
			}
		}
	}
}

// TestNobodyListens: refused connections are tried again until the timeout.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	o := order{server: reserve(t), timeout: time.Second, to: "mark@example.com", subject: "s", body: `"b"`}
	expect(t, o, 11)
}

package reply

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// sample is a line of a golden file: the rule that must speak, and a reply as a
// server sent it.
type sample struct{ rule, line string }

func samples(t testing.TB, name string) []sample {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var list []sample
	for line := range strings.Lines(string(text)) {
		rule, said, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		if ok && !strings.HasPrefix(line, "#") {
			list = append(list, sample{rule, strings.ReplaceAll(said, `\n`, "\n")})
		}
	}
	return list
}

// wrappings is how a reply looks in what people paste.
var wrappings = map[string]func(reply string) string{
	"raw":      func(r string) string { return r },
	"one line": func(r string) string { return strings.ReplaceAll(r, "\n", " ") },
	"CRLF":     func(r string) string { return strings.ReplaceAll(r, "\n", "\r\n") + "\r\n" },
	"Postfix":  postfixLog,
	"Python": func(r string) string {
		return fmt.Sprintf("smtplib.SMTPRecipientsRefused: {'joe@example.com': %s}", tuple(r))
	},
	"Python 2": func(r string) string { return "smtplib.SMTPDataError: " + tuple(r) },
	"Go": func(r string) string {
		return "2026/11/21 06:00:00 sending the report: " + strings.ReplaceAll(r, "\n", " ")
	},
	"curl":  func(r string) string { return "< " + strings.ReplaceAll(r, "\n", "\n< ") + "\n* closing connection 0" },
	"swaks": func(r string) string { return "<** " + strings.ReplaceAll(r, "\n", "\n<** ") },
	"bounce": func(r string) string {
		return "Final-Recipient: rfc822; joe@example.com\nAction: failed\nDiagnostic-Code: smtp; " + r
	},
	"the trace": func(r string) string {
		return "Wed Mar 01 10:48:31 2006 192.168.12.86: State: 0x4 Received data: " + strings.ReplaceAll(r, "\n", " ")
	},
}

func postfixLog(r string) string {
	return "Nov 21 06:00:00 gw postfix/smtp[12345]: 4BxY2z3K: to=<joe@example.com>, relay=mx.example.com[192.0.2.10]:25, delay=1.4, delays=0.1/0/0.9/0.4, status=bounced (host mx.example.com[192.0.2.10] said: " +
		strings.ReplaceAll(r, "\n", " ") + " (in reply to RCPT TO command))"
}

// tuple is a reply as Python's smtplib shows it.
func tuple(r string) string {
	code, text := r, ""
	if len(r) > 4 {
		code, text = r[:3], r[4:]
	}
	lines := strings.Split(text, "\n")
	for i := range lines[1:] {
		if len(lines[i+1]) > 4 {
			lines[i+1] = lines[i+1][4:]
		}
	}
	return fmt.Sprintf("(%s, b%q)", code, strings.Join(lines, "\n"))
}

// TestGoldenReplies: every real-world refusal gets its rule, in every wrapping.
func TestGoldenReplies(t *testing.T) {
	specific, all := 0, 0
	list := samples(t, "golden.txt")
	if len(list) < 300 {
		t.Errorf("only %d golden lines", len(list))
	}
	for _, s := range list {
		all++
		if !strings.HasPrefix(s.rule, "basic/") && !strings.HasPrefix(s.rule, "enhanced/") {
			specific++
		}
		for name, wrap := range wrappings {
			if got := Explain(wrap(s.line)); got.Rule != s.rule {
				t.Errorf("%s: %q\n got %s, want %s", name, wrap(s.line), got.Rule, s.rule)
			}
		}
	}
	t.Logf("%d lines in %d wrappings; %d of them (%.0f%%) are explained by their words, the others by their code", all, len(wrappings), specific, 100*float64(specific)/float64(all))
}

func TestGoldenErrorsBelowSMTP(t *testing.T) {
	for _, s := range samples(t, "wire.txt") {
		if got := Explain(s.line); got.Rule != s.rule {
			t.Errorf("%q\n got %s, want %s", s.line, got.Rule, s.rule)
		}
	}
}

func TestGoldenDeviceMessages(t *testing.T) {
	for _, s := range samples(t, "device.txt") {
		if got := Explain(s.line); got.Rule != s.rule {
			t.Errorf("%q\n got %s, want %s", s.line, got.Rule, s.rule)
		}
	}
}

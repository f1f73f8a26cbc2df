package viewer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/reply"
)

// said is an explanation as one text.
func said(text string) string {
	return strings.Join(Explain(reply.Explainer{}, Entry{Text: text}), "\n")
}

// TestEveryLineHasAMeaning has each line of seeds/000 section 10, and ours.
func TestEveryLineHasAMeaning(t *testing.T) {
	for line, want := range map[string][]string{
		"EMail Trace On":  {"from now on"},
		"EMail Trace Off": {"Type emailtrace"},
		"EMail Trace Off: 8 viewers are on already":      {"no place"},
		"Recipient: franji1@yahoo.com":                   {"A mail begins"},
		"Subject: Shift Report":                          {"subject"},
		"Body: Widgets made = 57555":                     {"State 0x1 (connecting)", "code 11"},
		"Sending HELO msg":                               {"connection to the mail server stands", "State 0x2", "code 12"},
		"Received Greeting.":                             {"HELO has gone out", "code 12"},
		"Sending MAIL FROM":                              {"sender", "code 13"},
		"Sending RCPT TO":                                {"recipient", "code 14"},
		"Sending DATA":                                   {"State 0x5 (DATA)", "code 15"},
		"Sending SUBJECT":                                {"head of the mail", "code 16"},
		"Sending BODY":                                   {"text of the mail", "code 17"},
		"Sending END":                                    {"single dot", "code 18"},
		"State: 0x2 Received data: 220 hosteng.com":      {"greet", "220: ready", "State 0x2: greeting and HELO", "code 12"},
		"State: 0x3 Received data: 250 Sender ok":        {"takes the sender", "State 0x3: MAIL FROM"},
		"State: 0x4 Received data: 250 Recipient ok":     {"takes this recipient", "code 14"},
		"State: 0x5 Received data: 354 Enter mail":       {"waits for the mail", "code 15"},
		"State: 0x8 Received data: 250 Ok":               {"answers for it", "end of the mail", "code 18"},
		"State: 0x4 Received data: 550 5.1.1 no such":    {"550 5.1.1", "What to do:", "Causes", "RCPT TO"},
		"State: 0x4 Received data: 550-5.7.1 no relay":   {"550 5.7.1", "Try again"},
		"State: 0x2 Received data: SSH-2.0-OpenSSH_9":    {"State 0x2"},
		"State: 0xF Received data: 250 Ok":               {"no state that the module has"},
		"Success!":                                       {"Error Code is 0"},
		"Error: 24":                                      {"Error Code 24 (K18 in ladder)", "What to do:"},
		"Error: 550":                                     {"Error Code 550 (K226 in ladder)", "What to do:"},
		"(3 lines lost)":                                 {"not held up"},
		Lost:                                             {"doesn't answer any more"},
		Back:                                             {"there again"},
		"Sending SOMETHING":                              {"isn't a line of the e-mail trace"},
		"hello":                                          {"no code is known"},
		"550 5.7.1 relaying denied":                      {"isn't a line of the e-mail trace", "What to do:"},
		"State: 0xZZ Received data: 250":                 {"isn't a line of the e-mail trace"},
		"State: 0x2 Received data: 250 5.7.1 odd digits": {"250"},
	} {
		got := said(line)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%q is explained without %q:\n%s", line, w, got)
			}
		}
	}
}

// TestEveryLineThatTheModuleWrites: what package trace writes is known here.
func TestEveryLineThatTheModuleWrites(t *testing.T) {
	for _, e := range []conv.Event{
		{Kind: conv.Sending, Text: "HELO msg"},
		{Kind: conv.Received, State: 8, Text: "250 Ok"},
		{Kind: conv.Ended},
		{Kind: conv.Ended, Code: 550},
		{Kind: conv.Note, Text: trace.On},
	} {
		line, _ := trace.Line(e)
		if got := said(line); strings.Contains(got, "isn't a line") {
			t.Errorf("%q isn't known:\n%s", line, got)
		}
	}
}

func TestATraceThatStandsStill(t *testing.T) {
	for line, code := range map[string]int{
		"Recipient: a@b": 11, "Body: x": 11, "Sending HELO msg": 12, "Received Greeting.": 12, "Sending MAIL FROM": 13,
		"State: 0x3 Received data: 250 ok": 13, "Sending END": 18,
	} {
		got := strings.Join(Stalled(reply.Explainer{}, Entry{Text: line}), "\n")
		if !strings.Contains(got, fmt.Sprintf("Error Code %d,", code)) || !strings.Contains(got, "What to do:") {
			t.Errorf("%q standing still says\n%s", line, got)
		}
		if connection := strings.Contains(got, "no connection to the mail server"); connection != (code == 11) {
			t.Errorf("%q standing still says\n%s", line, got)
		}
	}
	for _, line := range []string{"Success!", "Error: 550", trace.On, trace.Off, "hello", "State: 0x4 Received data: 550 no"} {
		if got := Stalled(reply.Explainer{}, Entry{Text: line}); got != nil {
			t.Errorf("%q ends a trace, and says %q", line, got)
		}
	}
}

// logged is a log of these lines.
func logged(text ...string) *Log {
	l := &Log{}
	for _, t := range text {
		l.Add(Parse(t))
	}
	return l
}

// TestAnErrorIsExplainedByItsReply: the last one of its mail with its code.
func TestAnErrorIsExplainedByItsReply(t *testing.T) {
	l := logged("Recipient: a@b", "State: 0x4 Received data: 550 5.1.1 no such user", "State: 0x4 Received data: 550 5.7.1 relaying denied",
		"State: 0x4 Received data: 250 ok", "Wed Mar 01 10:48:26 2006 10.0.0.1: State: 0x4 Received data: 550 5.2.2 of another module", "Error: 550")
	last := l.Len() - 1
	got := strings.Join(l.Explain(reply.Explainer{}, last), "\n")
	for _, want := range []string{"Error Code 550 (K226 in ladder)", "see line 3", "550 5.7.1", "What to do:"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if below := l.ExplainBelow(reply.Explainer{}, last); len(below) != 1 || !strings.Contains(below[0], "see above") {
		t.Errorf("below what was explained: %q", below)
	}
	if got, want := l.Explain(reply.Explainer{}, 1), Explain(reply.Explainer{}, l.At(1)); strings.Join(got, "") != strings.Join(want, "") {
		t.Errorf("a reply: %q, want %q", got, want)
	}
}

func TestAnErrorWithoutItsReplyIsExplainedByItsNumber(t *testing.T) {
	for name, l := range map[string]*Log{
		"no reply":         logged("Recipient: a@b", "Error: 550"),
		"another code":     logged("Recipient: a@b", "State: 0x4 Received data: 250 ok", "Error: 550"),
		"of a mail before": logged("State: 0x4 Received data: 550 5.1.1 x", "Recipient: a@b", "Error: 550"),
		"behind an error":  logged("State: 0x4 Received data: 550 5.1.1 x", "Error: 550", "Error: 550"),
		"behind a success": logged("State: 0x4 Received data: 550 5.1.1 x", "Success!", "Error: 550"),
		"of ours":          logged("State: 0x4 Received data: 250 x", "Error: 24"),
	} {
		i := l.Len() - 1
		for _, got := range [][]string{l.Explain(reply.Explainer{}, i), l.ExplainBelow(reply.Explainer{}, i)} {
			if want := Explain(reply.Explainer{}, l.At(i)); strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
}

func TestTheExplanationIsThatOfItsDay(t *testing.T) {
	got := Explain(reply.Explainer{Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, Entry{Text: "Error: 11"})
	if len(got) < 3 {
		t.Errorf("%q", got)
	}
}

// FuzzExplain: no line crashes an explanation, and each has one.
func FuzzExplain(f *testing.F) {
	for _, seed := range []string{"State: 0x8 Received data: 250", "Sending END", "Error: 99999", "Error: -1", "(1 lines lost)", "State: 0xff Received data:"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		e := Parse(line)
		if len(Explain(reply.Explainer{}, e)) == 0 {
			t.Fatalf("%q has no explanation", line)
		}
		Stalled(reply.Explainer{}, e)
		Refused(e)
	})
}

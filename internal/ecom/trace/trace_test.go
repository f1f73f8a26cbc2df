package trace_test

import (
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/trace"
)

// TestTheSeedsLines has the lines of both traces of seeds/000 section 10, word for
// word, with the events that they stand for.
func TestTheSeedsLines(t *testing.T) {
	const module = "192.168.12.86"
	note := func(text string) conv.Event { return conv.Event{Side: conv.Self, Kind: conv.Note, Text: text} }
	sending := func(state int, what string) conv.Event {
		return conv.Event{Side: conv.Client, Kind: conv.Sending, State: state, Text: what}
	}
	received := func(state, code int, text string) conv.Event {
		return conv.Event{Side: conv.Server, Kind: conv.Received, State: state, Code: code, Text: text}
	}
	for _, r := range []struct {
		at    string
		event conv.Event
		want  string
	}{
		{"10:48:26", note("EMail Trace On"), "Wed Mar 01 10:48:26 2006 192.168.12.86: EMail Trace On"},
		{"10:48:30", note("Recipient: franji1@yahoo.com"), "Wed Mar 01 10:48:30 2006 192.168.12.86: Recipient: franji1@yahoo.com"},
		{"10:48:30", note("Subject: Shift Report"), "Wed Mar 01 10:48:30 2006 192.168.12.86: Subject: Shift Report"},
		{"10:48:30", note("Body: Widgets made = 57555"), "Wed Mar 01 10:48:30 2006 192.168.12.86: Body: Widgets made = 57555"},
		{"10:48:30", sending(2, "HELO msg"), "Wed Mar 01 10:48:30 2006 192.168.12.86: Sending HELO msg"},
		{
			"10:48:30", received(2, 220, "220 hosteng.com ESMTP MDaemon 8.1.4; Wed, 01 Mar 2006 10:49:20 -0500"),
			"Wed Mar 01 10:48:30 2006 192.168.12.86: State: 0x2 Received data: 220 hosteng.com ESMTP MDaemon 8.1.4; Wed, 01 Mar 2006 10:49:20 -0500",
		},
		{"10:48:30", note("Received Greeting."), "Wed Mar 01 10:48:30 2006 192.168.12.86: Received Greeting."},
		{
			"10:48:31", received(2, 250, "250 hosteng.com Hello 192.168.0.1, pleased to meet you"),
			"Wed Mar 01 10:48:31 2006 192.168.12.86: State: 0x2 Received data: 250 hosteng.com Hello 192.168.0.1, pleased to meet you",
		},
		{"10:48:31", sending(3, "MAIL FROM"), "Wed Mar 01 10:48:31 2006 192.168.12.86: Sending MAIL FROM"},
		{"10:48:31", received(3, 250, "250 <mark@hosteng.com>, Sender ok"), "Wed Mar 01 10:48:31 2006 192.168.12.86: State: 0x3 Received data: 250 <mark@hosteng.com>, Sender ok"},
		{"10:48:31", sending(4, "RCPT TO"), "Wed Mar 01 10:48:31 2006 192.168.12.86: Sending RCPT TO"},
		{"10:48:31", received(4, 250, "250 <franji1@yahoo.com>, Recipient ok"), "Wed Mar 01 10:48:31 2006 192.168.12.86: State: 0x4 Received data: 250 <franji1@yahoo.com>, Recipient ok"},
		{"10:48:31", sending(5, "DATA"), "Wed Mar 01 10:48:31 2006 192.168.12.86: Sending DATA"},
		{"10:48:31", received(5, 354, "354 Enter mail, end with <CRLF>.<CRLF>"), "Wed Mar 01 10:48:31 2006 192.168.12.86: State: 0x5 Received data: 354 Enter mail, end with <CRLF>.<CRLF>"},
		{"10:48:31", sending(6, "SUBJECT"), "Wed Mar 01 10:48:31 2006 192.168.12.86: Sending SUBJECT"},
		{"10:48:31", sending(7, "BODY"), "Wed Mar 01 10:48:31 2006 192.168.12.86: Sending BODY"},
		{"10:48:31", sending(8, "END"), "Wed Mar 01 10:48:31 2006 192.168.12.86: Sending END"},
		{"10:48:31", received(8, 250, "250 Ok, message saved <Message-ID: >"), "Wed Mar 01 10:48:31 2006 192.168.12.86: State: 0x8 Received data: 250 Ok, message saved <Message-ID: >"},
		{"10:48:31", conv.Event{Side: conv.Self, Kind: conv.Ended, State: 8}, "Wed Mar 01 10:48:31 2006 192.168.12.86: Success!"},
		{"11:35:10", note("Body: Widgets made = 24471"), "Wed Mar 01 11:35:10 2006 192.168.12.86: Body: Widgets made = 24471"},
	} {
		at, err := time.Parse(time.DateTime, "2006-03-01 "+r.at)
		if err != nil {
			t.Fatal(err)
		}
		text, shown := trace.Line(r.event)
		if got := trace.Stamped(at, module, text); !shown || got != r.want {
			t.Errorf("%+v is\n%s, want\n%s", r.event, got, r.want)
		}
	}
}

// TestHowAConversationEnds: a timeout ends without a line (the seed's second
// trace); the line of any other failure is ours.
func TestHowAConversationEnds(t *testing.T) {
	for code, want := range map[int]string{
		0: "Success!", 10: "", 11: "", 18: "", 19: "", 20: "Error: 20", 25: "Error: 25", 421: "Error: 421", 550: "Error: 550", 1001: "Error: 1001",
	} {
		got, shown := trace.Line(conv.Event{Side: conv.Self, Kind: conv.Ended, Code: code})
		if got != want || shown != (want != "") {
			t.Errorf("code %d gives %q, %v; want %q", code, got, shown, want)
		}
	}
}

func TestWhatAViewerDoesntShow(t *testing.T) {
	for _, e := range []conv.Event{
		{Side: conv.Client, Kind: conv.Opened, Text: "192.168.0.1:25"},
		{Side: conv.Client, Kind: conv.Quiet, Text: "QUIT"},
		{Side: conv.Server, Kind: conv.Quiet, State: 8, Code: 221, Text: "221 bye"},
		{Kind: "later", Text: "a kind of another day"},
	} {
		if got, shown := trace.Line(e); shown || got != "" {
			t.Errorf("%+v is shown as %q", e, got)
		}
	}
}

func TestTheStampIsInTheTimesOwnZone(t *testing.T) {
	at := time.Date(2026, 11, 9, 23, 4, 5, 999, time.FixedZone("", -5*3600))
	if got, want := trace.Stamped(at, "10.0.0.1", "x"), "Mon Nov 09 23:04:05 2026 10.0.0.1: x"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

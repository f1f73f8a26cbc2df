package intake

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/smtpwire"
)

// trace tells of a conversation. Without a sink it costs nothing.
type trace struct {
	sink conv.Sink
	id   string
}

func newTrace(c *Config) trace {
	if c.Sink == nil {
		return trace{}
	}
	return trace{sink: c.Sink, id: c.NewID()}
}

func (t trace) event(now time.Time, side conv.Side, kind conv.Kind, code int, text string) {
	t.sink(conv.Event{Conversation: t.id, Time: now, Side: side, Kind: kind, Code: code, Text: smtpwire.Printable(text)})
}

func (t trace) opened(now time.Time, peer netip.Addr) {
	if t.sink != nil {
		t.event(now, conv.Client, conv.Opened, 0, peer.String())
	}
}

func (t trace) note(now time.Time, text string) {
	if t.sink != nil {
		t.event(now, conv.Self, conv.Note, 0, text)
	}
}

func (t trace) client(now time.Time, line string) {
	if t.sink != nil {
		t.event(now, conv.Client, conv.Sending, 0, line)
	}
}

// command tells of a command; what stands behind a mechanism of AUTH is a secret. After
// an AUTH a client that heeds no replies may send one as if it were a command.
func (t trace) command(now time.Time, c smtpwire.Command, afterAuth bool) {
	switch {
	case t.sink == nil:
	case c.Verb == "AUTH":
		line := "AUTH " + c.Arg
		if i := strings.IndexAny(c.Arg, " \t"); i >= 0 {
			line = "AUTH " + c.Arg[:i] + " ***"
		}
		t.client(now, line)
	case afterAuth && !isVerb(c.Verb):
		t.client(now, "***")
	default:
		t.client(now, strings.TrimSpace(c.Verb+" "+c.Arg))
	}
}

// server tells of a reply as it was written.
func (t trace) server(now time.Time, code int, wire []byte) {
	if t.sink == nil {
		return
	}
	for line := range strings.Lines(string(wire)) {
		if line = strings.TrimRight(line, "\r\n"); len(line) >= len("250 ") {
			t.event(now, conv.Server, conv.Received, code, line[len("250 "):])
		}
	}
}

func (t trace) ended(now time.Time, end End) {
	if t.sink != nil {
		t.event(now, conv.Self, conv.Ended, 0, string(end))
	}
}

func (t trace) text(now time.Time, size int64) {
	if t.sink != nil {
		t.client(now, "a message of "+strconv.FormatInt(size, 10)+" bytes")
	}
}

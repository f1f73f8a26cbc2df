package upstream

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// Bounds of a trace, in events: of a longer one the middle is left out.
const (
	maxEvents = 400
	firstPart = 300
)

// trace is the events of one Send.
type trace struct {
	now    func() time.Time
	id     string // of the conversation under way
	events []conv.Event
	lost   int
}

func (t *trace) add(side conv.Side, kind conv.Kind, text string, code int) {
	if len(t.events) == maxEvents {
		t.events = slices.Delete(t.events, firstPart, firstPart+1)
		t.lost++
	}
	t.events = append(t.events, conv.Event{
		Conversation: t.id, Time: t.now(), Side: side, Kind: kind, Text: text, Code: code,
	})
}

func (t *trace) note(text string) { t.add(conv.Self, conv.Note, printable(text), 0) }

// sending takes a command as it goes out; the caller has masked what is secret.
func (t *trace) sending(text string) {
	t.add(conv.Client, conv.Sending, smtpwire.Printable(text), 0)
}

func (t *trace) received(r reply.Reply) {
	for _, line := range r.Lines {
		t.add(conv.Server, conv.Received, line, r.Code)
	}
}

// end says how it went, and gives the events.
func (t *trace) end(code int, err error) []conv.Event {
	text := ""
	if err != nil {
		text = printable(err.Error())
	}
	t.add(conv.Self, conv.Ended, text, code)
	if t.lost > 0 {
		gap := t.events[firstPart]
		gap.Side, gap.Kind, gap.Code = conv.Self, conv.Note, 0
		gap.Text = fmt.Sprintf("%d events are left out here", t.lost+1)
		t.events[firstPart] = gap
	}
	return t.events
}

// amount is a number of bytes for people.
func amount(n int64) string { return strconv.FormatInt(n, 10) + " bytes of text" }

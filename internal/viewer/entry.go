// Package viewer is the SMTP Viewer of the original in a terminal: it shows a
// module's e-mail trace line by line and says what each line means.
//
// Entries, their explanations and the model of the screen do no I/O; where lines
// come from is a [Source]: a module over UDP, a stream or a file that grows. It
// isn't the module's side, which is package trace, and it judges no replies
// itself: package reply does.
//
// Source: seeds/000 section 10.
package viewer

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/internal/smtpwire"
)

// MaxText bounds the text of an entry in bytes; what is longer is cut.
const MaxText = 4096

// Entry is one line of a trace.
type Entry struct {
	// Time is when it was written; the zero time where the line doesn't say. A
	// stamp names no zone, so a time that was read from one is in UTC, whatever
	// clock it came from.
	Time   time.Time
	Module string // the module's address; empty where the line doesn't say
	Text   string // printable, without blanks around it
}

// stampRead is trace.Stamp with the day in two places, by a zero or a blank.
const stampRead = "Mon Jan _2 15:04:05 2006"

// Parse reads a line as viewers, logs and `rungmail try` write it: stamp, module
// and text, or the text alone. It takes any bytes.
func Parse(line string) Entry {
	if len(line) > MaxText {
		line = line[:MaxText]
	}
	line = strings.TrimSpace(smtpwire.Printable(strings.TrimSpace(line)))
	if len(line) <= len(trace.Stamp) || !utf8.RuneStart(line[len(trace.Stamp)]) {
		return Entry{Text: line}
	}
	at, err := time.Parse(stampRead, line[:len(trace.Stamp)])
	rest, found := strings.CutPrefix(line[len(trace.Stamp):], " ")
	module, text, _ := strings.Cut(rest, ": ")
	if text == "" {
		module = strings.TrimSuffix(module, ":")
	}
	if err != nil || !found || module == "" || strings.Contains(module, " ") {
		return Entry{Text: line}
	}
	return Entry{Time: at, Module: module, Text: strings.TrimSpace(text)}
}

// String is the entry as a line: stamped where it has a time and a module.
func (e Entry) String() string {
	if e.Time.IsZero() || e.Module == "" {
		return e.Text
	}
	return trace.Stamped(e.Time, e.Module, e.Text)
}

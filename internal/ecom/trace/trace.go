// Package trace renders a module's conversations the way the SMTP Viewer of the
// original shows them, word for word (seeds/000 section 10).
package trace

import (
	"fmt"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
)

// Stamp is the form of the date and time that a viewer puts before each line.
const Stamp = "Mon Jan 02 15:04:05 2006"

// Line is the viewer's text for an event; false for one that it doesn't show. A
// conversation that timed out ends without a line, as the original's does; the
// line "Error: 550" of other failures is ours.
func Line(e conv.Event) (string, bool) {
	switch e.Kind {
	case conv.Note:
		return e.Text, true
	case conv.Sending:
		return "Sending " + e.Text, true
	case conv.Received:
		return fmt.Sprintf("State: 0x%X Received data: %s", e.State, e.Text), true
	case conv.Ended:
		switch {
		case e.Code == 0:
			return "Success!", true
		case e.Code < 10 || e.Code > 19:
			return fmt.Sprintf("Error: %d", e.Code), true
		}
	}
	return "", false
}

// Stamped is a line as a viewer or a log shows it: time, the module's address,
// text.
func Stamped(at time.Time, module, text string) string {
	return at.Format(Stamp) + " " + module + ": " + text
}

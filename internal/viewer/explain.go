package viewer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/reply"
)

// success is the line that ends a mail that was taken.
const success = "Success!"

// timeout is the status of a timeout, to which the state is added.
const timeout = 10

// step is what the module does in a state of its mailer.
type step struct {
	name  string
	taken string // what a reply means that lets the module go on
}

// steps is by state, 0 to 8 (seeds/000 section 10, facts/plc.md section 1.3).
var steps = [...]step{
	{"idle", ""},
	{"connecting", ""},
	{"greeting and HELO", "The server greets, or takes the module's HELO: 220 is the greeting, 250 the answer to HELO."},
	{"MAIL FROM", "The server takes the sender's address."},
	{"RCPT TO", "The server takes this recipient."},
	{"DATA", "The server waits for the mail itself."},
	{"subject", "The head of the mail is being written."},
	{"body", "The text of the mail is being written."},
	{"end of the mail", "The server has the mail and answers for it."},
}

// sendings is the state that each Sending line enters, and what the module does.
var sendings = map[string]struct {
	state int
	does  string
}{
	"HELO msg":  {2, "The connection to the mail server stands. The module waits for its greeting and says HELO with its own IP address."},
	"MAIL FROM": {3, "The module names the sender, which is the Sender EMail of its e-mail set-up."},
	"RCPT TO":   {4, "The module names a recipient; there is one such line for each in To and Cc."},
	"DATA":      {5, "The module asks to send the mail itself."},
	"SUBJECT":   {6, "The module writes the head of the mail: From, To, Cc, Date and Subject."},
	"BODY":      {7, "The module writes the text of the mail."},
	"END":       {8, "The module ends the mail by a line with a single dot. From now on the server may have it, whatever comes back."},
}

// Explain says in a few lines what a line of the trace means. They are plain
// text; those that belong to another one are indented by two blanks.
func Explain(x reply.Explainer, e Entry) []string {
	if state, words, ok := received(e.Text); ok {
		return explainReceived(x, state, words)
	}
	if what, ok := strings.CutPrefix(e.Text, "Sending "); ok {
		if s, known := sendings[what]; known {
			return []string{s.does, silence(s.state)}
		}
	}
	if lines := explainNote(e.Text); lines != nil {
		return lines
	}
	if code, ok := failure(e.Text); ok {
		return append([]string{failed(code, "")}, describe(x.Ecom(code))...)
	}
	if y := x.Explain(e.Text); y.Rule != "none" {
		return append([]string{"This isn't a line of the e-mail trace, but it has a code or words that are known."}, describe(y)...)
	}
	return []string{"This isn't a line of the e-mail trace, and no code is known in it."}
}

// failed is what an error means for the box; reply says where the server's reply is
// that it came of, if it is known.
func failed(code int, reply string) string {
	if reply != "" {
		reply = ", which is the server's reply: " + reply
	}
	return fmt.Sprintf("The mail failed, and the box shows Error with Error Code %d (K%X in ladder)%s. The original doesn't write this line.", code, code, reply)
}

// explainNote explains a line that only tells; nil for any other.
func explainNote(text string) []string {
	switch {
	case strings.HasPrefix(text, "Recipient:"):
		return []string{"A mail begins: the ECEMAIL box has handed it to the module, and this is a recipient of it, one line for each in To and Cc. The connection is being made."}
	case strings.HasPrefix(text, "Subject:"):
		return []string{"The subject of the mail, with the values as they were when the box got the module."}
	case strings.HasPrefix(text, "Body:"):
		return []string{"The text of the mail. The next line is Sending HELO msg, as soon as the connection to the mail server stands.", silence(1)}
	case text == "Received Greeting.":
		return []string{"The greeting is a good one (220), and HELO has gone out.", silence(2)}
	case text == success:
		return []string{"The mail server has taken the mail: Success comes on and the Error Code is 0. What becomes of the mail behind that server the trace can't tell."}
	case text == trace.On:
		return []string{"The module sends its trace here from now on. The next line comes with the next mail."}
	case text == trace.Off:
		return []string{"The module sends its trace here no more. Type emailtrace to turn it on again."}
	case strings.HasPrefix(text, trace.Off+":"):
		return []string{"The module has no place for another viewer. End one of the others, or wait: a viewer that isn't heard of for 12 hours is dropped."}
	case text == Lost:
		return []string{"The viewer asks a module for its trace every few seconds, and this one doesn't answer any more: it was stopped, or the network is broken. What it sends meanwhile is lost."}
	case text == Back:
		return []string{"The module is there again and sends its trace here. Mails in between have left no line."}
	case strings.HasPrefix(text, "(") && strings.HasSuffix(text, " lines lost)"):
		return []string{"So many lines came faster than they could be sent. The mails themselves were not held up."}
	}
	return nil
}

// explainReceived explains a line of a reply in a state.
func explainReceived(x reply.Explainer, state int, words string) []string {
	head := fmt.Sprintf("State 0x%X: no state that the module has.", state)
	if state < len(steps) {
		head = fmt.Sprintf("State 0x%X: %s. Silence in it would end in code %d.", state, steps[state].name, timeout+state)
	}
	y := x.Explain(words)
	fine := y.Class == "success" || y.Class == "go on"
	if fine && state < len(steps) && steps[state].taken != "" && y.Contradiction == "" {
		return []string{steps[state].taken + " (" + strconv.Itoa(y.Code) + ": " + y.Title + ")", head}
	}
	return append(describe(y), head)
}

// Stalled says what it means that nothing came behind a line: the code in which
// the module's timeout ends it, and what to do. It is nil for a line that ends a
// conversation or doesn't belong to one.
func Stalled(x reply.Explainer, e Entry) []string {
	state, in := stateAfter(e.Text)
	if !in {
		return nil
	}
	head := fmt.Sprintf("Nothing came after this line. When the module's timeout is over the box ends in Error Code %d, without a line here.", timeout+state)
	if state == 1 {
		head = fmt.Sprintf("Nothing came after this line: no connection to the mail server has come about. When the module's timeout is over the box ends in Error Code %d, without a line here.", timeout+state)
	}
	return append([]string{head}, describe(x.Ecom(timeout+state))...)
}

// stateAfter is the state that the module is in behind a line, where that line is
// of a conversation that goes on.
func stateAfter(text string) (state int, in bool) {
	if state, words, ok := received(text); ok {
		goesOn := strings.HasPrefix(words, "2") || strings.HasPrefix(words, "3")
		return state, goesOn && state >= 2 && state < len(steps)
	}
	if what, ok := strings.CutPrefix(text, "Sending "); ok {
		s, known := sendings[what]
		return s.state, known
	}
	if text == "Received Greeting." {
		return 2, true
	}
	for _, first := range []string{"Recipient:", "Subject:", "Body:"} {
		if strings.HasPrefix(text, first) {
			return 1, true
		}
	}
	return 0, false
}

// begins tells whether a line is the first of a mail, or behind all of them, when
// it stands behind another one.
func begins(text, before string) bool {
	return strings.HasPrefix(text, "Recipient:") && !strings.HasPrefix(before, "Recipient:") || strings.HasPrefix(text, "EMail Trace ")
}

func silence(state int) string {
	return fmt.Sprintf("State 0x%X (%s): if nothing more comes, the box ends in code %d.", state, steps[state].name, timeout+state)
}

// received reads a line "State: 0x2 Received data: 220 example.com".
func received(text string) (state int, words string, ok bool) {
	rest, ok := strings.CutPrefix(text, "State: 0x")
	if !ok {
		return 0, "", false
	}
	number, words, ok := strings.Cut(rest, " Received data:")
	n, err := strconv.ParseUint(number, 16, 8)
	if !ok || err != nil {
		return 0, "", false
	}
	return int(n), strings.TrimSpace(words), true
}

// failure reads a line "Error: 550".
func failure(text string) (code int, ok bool) {
	digits, ok := strings.CutPrefix(text, "Error: ")
	n, err := strconv.ParseUint(digits, 10, 16)
	return int(n), ok && err == nil
}

// isTrace tells whether a text is a line of a trace, and nothing that a person would
// type: it has a stamp, or is one of the module's.
func isTrace(e Entry) bool {
	if !e.Time.IsZero() || Refused(e) || explainNote(e.Text) != nil {
		return true
	}
	what, sending := strings.CutPrefix(e.Text, "Sending ")
	_, known := sendings[what]
	return sending && known
}

// Refused tells whether a line carries a reply or an error, which have an
// explanation beyond the line's own kind.
func Refused(e Entry) bool {
	_, _, isReply := received(e.Text)
	_, isError := failure(e.Text)
	return isReply || isError
}

// describe is an explanation of package reply in lines.
func describe(x reply.Explanation) []string {
	var head []string
	if x.Code != 0 {
		head = append(head, strconv.Itoa(x.Code))
	}
	if x.Enhanced != "" {
		head = append(head, x.Enhanced)
	}
	lines := []string{strings.Join(append(head, x.Title), " ") + ". " + x.Meaning}
	if x.Contradiction != "" {
		lines = append(lines, x.Contradiction)
	}
	if len(x.Fixes) > 0 {
		lines = append(lines, "What to do:")
		for _, f := range x.Fixes {
			lines = append(lines, fmt.Sprintf("  (%s) %s", f.Owner, f.Text))
		}
	}
	if len(x.Causes) > 0 {
		lines = append(lines, "Causes, the likeliest first:")
		for _, cause := range x.Causes {
			lines = append(lines, "  "+cause)
		}
	}
	return append(lines, fmt.Sprintf("Try again: %s. Sure: %s.", x.Retry, x.Confidence))
}

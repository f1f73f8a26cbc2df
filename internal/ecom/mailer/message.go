package mailer

import (
	"bytes"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/smtpwire"
)

// Message is what a mail says. Subject and Body are Windows-1252 bytes, as PRINT
// text gives them.
type Message struct {
	From     mailaddr.Address
	FromName string // UTF-8
	To, Cc   []mailaddr.Address
	Subject  []byte
	Body     []byte
	// Zone is how far the Date header is from UTC, in minutes east; nil where that
	// isn't known: the time is then UTC.
	Zone *int
}

// Recipients is To, then Cc.
func (m Message) Recipients() []mailaddr.Address {
	return append(append([]mailaddr.Address(nil), m.To...), m.Cc...)
}

// sendable tells whether the message can stand in a mail as it is: addresses of
// ASCII, since HELO offers no SMTPUTF8, and no line end or NUL in the head.
func (m Message) sendable() bool {
	for _, a := range append(m.Recipients(), m.From) {
		if !a.IsASCII() {
			return false
		}
	}
	return !bytes.ContainsAny(m.Subject, "\r\n\x00") && !strings.ContainsAny(m.FromName, "\r\n\x00")
}

// date is a time as the Date header has it (RFC 5322 section 3.3). Without a zone
// it is -0000, as later firmware writes: the time is right and the zone unknown
// (facts/plc.md section 1.3).
func date(now time.Time, zone *int) string {
	const format = "Mon, 02 Jan 2006 15:04:05 "
	if zone == nil {
		return now.UTC().Format(format + "-0000")
	}
	return now.In(time.FixedZone("", *zone*60)).Format(format + "-0700")
}

// head is the head of the mail and the empty line behind it.
func (m Message) head(now time.Time) []byte {
	var w bytes.Buffer
	line := func(name, value string) { w.WriteString(name + ":" + blank(value) + value + "\r\n") }
	line("Date", date(now, m.Zone))
	line("From", phrase(m.FromName)+"<"+m.From.String()+">")
	if len(m.To) > 0 {
		line("To", addressList(m.To))
	}
	if len(m.Cc) > 0 {
		line("Cc", addressList(m.Cc))
	}
	line("Subject", encoded(decode(m.Subject)))
	if !plain(m.Body) {
		line("MIME-Version", "1.0")
		line("Content-Type", "text/plain; charset=windows-1252")
		line("Content-Transfer-Encoding", "quoted-printable")
	}
	w.WriteString("\r\n")
	return w.Bytes()
}

// blank is what stands between a header's colon and its value: nothing before a
// value that begins on the next line.
func blank(value string) string {
	if strings.HasPrefix(value, "\r\n") {
		return ""
	}
	return " "
}

// shortWords is the length to which encoded words stand on the line of their
// header; with it a line has at most 76 characters.
const shortWords = 64

// encoded is text as a header holds it: as it is where it is ASCII, else as
// encoded words, one a line (RFC 2047 section 2).
func encoded(text string) string {
	words := mime.QEncoding.Encode("utf-8", text)
	if words == text {
		return text
	}
	if len(words) <= shortWords {
		return words
	}
	return "\r\n " + strings.ReplaceAll(words, "?= =?", "?=\r\n =?")
}

// quotes makes text fit to stand in quotes (RFC 5322 section 3.2.4).
var quotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// phrase is a name as it stands before an address: quoted, or encoded words.
func phrase(name string) string {
	if name == "" {
		return ""
	}
	if words := encoded(name); words != name {
		if strings.HasPrefix(words, "\r\n") {
			return words + "\r\n "
		}
		return words + " "
	}
	return `"` + quotes.Replace(name) + `" `
}

// addressList is an address list with at most one address a line.
func addressList(list []mailaddr.Address) string {
	text := make([]string, len(list))
	for i, a := range list {
		text[i] = a.String()
	}
	return strings.Join(text, ",\r\n ")
}

// text is the body as it is sent: as it stands where it is plain, else quoted
// printable.
func (m Message) text() []byte {
	if plain(m.Body) {
		return m.Body
	}
	var w bytes.Buffer
	q := quotedprintable.NewWriter(&w)
	_, _ = q.Write(m.Body) // a Buffer takes everything
	_ = q.Close()
	return w.Bytes()
}

// maxLine is the longest line of a mail, without its end (RFC 5321 section
// 4.5.3.1.6).
const maxLine = 998

// plain tells whether a body can be sent without MIME: seven bits, no NUL, no
// line that is too long.
func plain(body []byte) bool {
	for line := range bytes.Lines(body) {
		if len(line) > maxLine {
			return false
		}
	}
	return !bytes.ContainsFunc(body, func(r rune) bool { return r >= 0x80 || r == 0 })
}

// decode is Windows-1252 as UTF-8.
func decode(text []byte) string {
	var w strings.Builder
	for _, b := range text {
		w.WriteRune(charmap.Windows1252.DecodeByte(b))
	}
	return w.String()
}

// lineEnds writes line ends as PRINT text does.
var lineEnds = strings.NewReplacer("\r\n", "$N", "\r", "$R", "\n", "$L")

// printable is text for the trace: on one line, with nothing in it that a
// terminal would act on.
func printable(text []byte) string {
	return smtpwire.Printable(lineEnds.Replace(decode(text)))
}

package message

import (
	"bytes"
	"fmt"
	"mime"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// Bounds of an Info.
const (
	// MaxLoops is how many Received fields a message may have (RFC 5321 section 6.3
	// asks for at least 100 only of servers that count otherwise; devices are at the
	// beginning of a way).
	MaxLoops = 50
	// MaxText bounds Subject, MessageID and From, in bytes.
	MaxText = 256

	maxRepairs = 32
)

// Options say what a header is mended with.
type Options struct {
	Now  time.Time
	ID   string           // the message's, for Received and Message-ID
	Host string           // the gateway's own name
	From mailaddr.Address // the envelope's; zero for <>
	// HeaderFrom is the address that From is to have; zero leaves it. The name beside
	// it is kept.
	HeaderFrom mailaddr.Address
	// EightBitQuirk forgives raw 8-bit bytes in the header.
	EightBitQuirk bool
	// UTF8 tells that the client declared SMTPUTF8, so that UTF-8 stays in the header.
	UTF8 bool
	// Charset is what 8-bit text is that isn't UTF-8: windows-1252 where it is empty or
	// unknown.
	Charset string
	// BodyCharset is what a body with 8-bit bytes is to be declared as where it declares
	// nothing; empty for a body without them. A Writer finds it by itself.
	BodyCharset string
	Received    Received
}

// Received is what the Received field says of the connection.
type Received struct {
	Helo   string
	Peer   netip.Addr // where it came from
	TLS    string     // version and suite, in words; empty without
	ESMTP  bool       // it greeted with EHLO
	Login  bool       // it has logged in
	Device string
	By     string           // Options.Host where it is empty
	For    mailaddr.Address // the recipient where there is one only; else zero
}

// Info is what was found in a header, and what was done to it.
type Info struct {
	Repairs  []string // in words
	Original []byte   // the header as it came, where anything was mended but for Received

	Subject   string // decoded, printable, at most MaxText
	MessageID string // printable, at most MaxText, and so is
	From      string // the address of From
	Loops     int    // Received fields that were there
	UTF8      bool   // the mended header has UTF-8 in it, which needs SMTPUTF8
	// Lead is text that stood in the header's place because the empty line before the
	// text was missing: it belongs before the body, and is a part of what was given.
	Lead []byte

	raw string // the first field with 8-bit bytes that nothing allowed
}

// Refusal is what a message is refused with whose header can't be mended: one that
// goes in circles, and one with 8-bit bytes from a device that isn't forgiven them.
// Nil is no refusal.
func (i Info) Refusal() *reply.Reply {
	switch {
	case i.Loops > MaxLoops:
		return refuse("5.4.6", fmt.Sprintf("the message has been through %d servers already: it goes in circles", i.Loops))
	case i.raw != "":
		return refuse("5.6.0", i.raw+" has raw 8-bit bytes: encode them (RFC 2047), or forgive this device its 8-bit headers in the plant file")
	}
	return nil
}

func refuse(enhanced, text string) *reply.Reply {
	return &reply.Reply{Code: int(reply.TransactionFailed), Enhanced: enhanced, Lines: []string{text}}
}

// Repair mends a header, given with its empty line or without. What comes back always
// parses and ends with one empty line; a Received field stands before it. To mend it
// again changes only that.
func Repair(header []byte, o Options) ([]byte, Info) {
	if o.BodyCharset != "" {
		o.BodyCharset = atom(o.BodyCharset, "")
	}
	m := mender{o: o, out: make([]byte, 0, len(header)+768)}
	fields := Split(header)
	fields, m.info.Lead = cutLead(header, fields)
	if m.info.Lead != nil {
		m.note("empty line added before the text")
	}
	m.received()
	m.mime = declared(fields, m.charset())
	for _, f := range fields {
		m.field(f)
	}
	m.missing()
	m.out = append(m.out, '\r', '\n')
	if len(m.info.Repairs) > 0 {
		m.info.Original = header
	}
	return m.out, m.info
}

// cutLead takes what isn't fields off a header's end, and gives it with what stands
// behind it: a device that forgets the empty line sends its text there.
func cutLead(header []byte, fields []Field) ([]Field, []byte) {
	n := len(fields)
	for n > 0 && fields[n-1].Name == "" {
		n--
	}
	if n == len(fields) {
		return fields, nil
	}
	at := 0
	for _, f := range fields[:n] {
		at += len(f.Raw)
	}
	return fields[:n], header[at:]
}

// mender is one Repair under way.
type mender struct {
	o    Options
	out  []byte
	info Info
	mime entity
	has  struct{ from, date, id, version, encoding bool }
}

// note keeps a repair in words, each once.
func (m *mender) note(text string) {
	if len(m.info.Repairs) < maxRepairs && !slices.Contains(m.info.Repairs, text) {
		m.info.Repairs = append(m.info.Repairs, text)
	}
}

// field passes one field on, or what is made of it.
func (m *mender) field(f Field) {
	switch {
	case f.Name == "":
		m.badLine(f)
		return
	case f.Is("Bcc"), f.Is("Resent-Bcc"):
		m.note(f.Name + " removed")
		return
	case f.Is("From"):
		m.from(f)
		return
	case f.Is("Sender") && !m.o.HeaderFrom.IsZero() && addressOf(string(unfold(f.value()))) != m.headerFrom():
		m.note("Sender removed")
		return
	case f.Is("Received"):
		m.info.Loops++
	case f.Is("Date"):
		if m.empty(f, &m.has.date) {
			return
		}
	case f.Is("Message-ID"):
		if m.empty(f, &m.has.id) {
			return
		}
		m.info.MessageID = printable(m.passed(f))
		return
	case f.Is("Subject"):
		m.info.Subject = subject(unfold(f.value()), m.charset())
	case f.Is("MIME-Version"):
		m.has.version = true
	case f.Is("Content-Type"), f.Is("Content-Transfer-Encoding"):
		m.declaration(f)
		return
	}
	m.pass(f)
}

// empty drops a field without a value, so that it is added anew.
func (m *mender) empty(f Field, has *bool) bool {
	if len(bytes.TrimSpace(f.value())) == 0 {
		return true
	}
	*has = true
	return false
}

// badLine makes a field of a line that isn't one, or drops what isn't worth it.
func (m *mender) badLine(f Field) {
	text := unfold(f.Raw)
	if len(text) == 0 || bytes.HasPrefix(text, []byte("From ")) || bytes.HasPrefix(text, []byte(">From ")) {
		m.note("a line that isn't a field removed")
		return
	}
	m.note("a line that isn't a field kept as X-Bad-Line")
	m.write("X-Bad-Line", text)
}

// pass writes a field as it is, or mended where it can't stay so.
func (m *mender) pass(f Field) {
	fit, eight := fits(f)
	keep := eight && m.o.UTF8 && utf8.Valid(f.Raw)
	if fit && (keep || !eight) {
		m.info.UTF8 = m.info.UTF8 || keep
		m.out = append(m.out, f.Raw...)
		return
	}
	if !fit {
		m.note(f.Name + ": blanks, line ends or lengths mended")
	}
	m.write(f.Name, unfold(f.value()))
}

// passed passes a field on, and gives the value that it has then.
func (m *mender) passed(f Field) string {
	start := len(m.out)
	m.pass(f)
	return string(unfold(Field{Name: f.Name, Raw: m.out[start:]}.value()))
}

// write writes a field anew, in ASCII where it must be.
func (m *mender) write(name string, value []byte) {
	switch {
	case !is8Bit(value):
	case m.o.UTF8 && utf8.Valid(value):
		m.info.UTF8 = true
	default:
		m.judge(name, value)
		m.note(name + ": raw 8-bit bytes encoded")
		value = asciiValue(name, value, m.charset())
	}
	m.out = appendField(m.out, name, value)
}

// judge notes 8-bit bytes that nothing allows.
func (m *mender) judge(name string, value []byte) {
	if m.info.raw == "" && !m.o.UTF8 && !m.o.EightBitQuirk && is8Bit(value) {
		m.info.raw = name
	}
}

// add writes a field that was missing.
func (m *mender) add(name, value string) {
	m.note(name + " added")
	m.out = appendField(m.out, name, []byte(value))
}

func (m *mender) charset() *charmap.Charmap { return charset(m.o.Charset) }

// fits tells whether a field can stay as it is but for 8-bit bytes, and whether it has
// such bytes: its lines end with CRLF and aren't too long, none is blank, and it holds
// no stray CR, LF or NUL.
func fits(f Field) (fit, eight bool) {
	fit = f.Name == "" || f.Raw[len(f.Name)] == ':'
	start, blank := 0, true
	var before byte
	for i, c := range f.Raw {
		switch {
		case c == '\n':
			fit = fit && before == '\r' && !blank && i-1-start <= MaxLine
			start, blank = i+1, true
		case before == '\r', c == 0:
			fit = false
		case c >= 0x80:
			eight, blank = true, false
		case !isBlank(c) && c != '\r':
			blank = false
		}
		before = c
	}
	return fit && before == '\n', eight
}

// subject decodes a subject for people and for search.
func subject(value []byte, c *charmap.Charmap) string {
	return printable(decode(toUTF8(value[:min(len(value), maxParsed/2)], c)))
}

// decode decodes the encoded words of a text, as far as their charsets are known.
func decode(text string) string {
	if len(text) > maxParsed || !strings.Contains(text, "=?") {
		return text
	}
	d := mime.WordDecoder{CharsetReader: charsetReader}
	if decoded, err := d.DecodeHeader(text); err == nil {
		return decoded
	}
	return text
}

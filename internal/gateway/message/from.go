package message

import (
	"bytes"
	"net/mail"
	"strings"

	"github.com/rungmail/rungmail/internal/mailaddr"
)

// from passes the From field on, with the address that it is to have. A second one is
// dropped: servers refuse two, and would differ on whose mail it is.
func (m *mender) from(f Field) {
	value := unfold(f.value())
	switch {
	case m.has.from:
		m.note("a second From removed")
		return
	case len(value) == 0:
		return
	}
	m.judge("From", value)
	text := toUTF8(value, m.charset())
	switch {
	case !m.o.HeaderFrom.IsZero() && addressOf(text) != m.headerFrom():
		m.writeFrom(f.Raw, "From rewritten", displayName(text), m.headerFrom())
	case m.o.HeaderFrom.IsZero() && !bytes.ContainsRune(value, '@'):
		m.writeFrom(f.Raw, "From: address added", text, m.sender())
	default:
		m.has.from = true
		m.info.From = printable(addressOf(m.passed(f)))
	}
}

// sender is the address of a message that names none: the envelope's.
func (m *mender) sender() string {
	switch {
	case !m.o.HeaderFrom.IsZero():
		return m.headerFrom()
	case m.o.From.IsZero():
		return "MAILER-DAEMON@" + atom(m.o.Host, "localhost")
	}
	return m.address(m.o.From)
}

// writeFrom writes a From with a name, encoded or quoted as it must be, and notes that
// as a repair where it isn't what came.
func (m *mender) writeFrom(came []byte, repair, name, address string) {
	m.has.from = true
	m.info.From = printable(address)
	value := address
	if name != "" {
		const dummy = "x@y" // mail quotes the name; the address is quoted already
		quoted := (&mail.Address{Name: name, Address: dummy}).String()
		value = strings.TrimSuffix(quoted, "<"+dummy+">") + "<" + address + ">"
	}
	m.info.UTF8 = m.info.UTF8 || is8Bit(value)
	start := len(m.out)
	m.out = appendField(m.out, "From", []byte(value))
	if !bytes.Equal(m.out[start:], came) {
		m.note(repair)
	}
}

func (m *mender) headerFrom() string { return m.address(m.o.HeaderFrom) }

// address is an address as this header can say it.
func (m *mender) address(a mailaddr.Address) string {
	if m.o.UTF8 {
		return a.String()
	}
	if ascii, ok := ASCII(a); ok {
		return ascii.String()
	}
	return questionMarks(a.String())
}

// addressOf is the one address of a From, as written there; all of the text where it
// isn't one.
func addressOf(value string) string {
	if a := parseFrom(value); a != nil {
		return strings.TrimSuffix(strings.TrimPrefix((&mail.Address{Address: a.Address}).String(), "<"), ">")
	}
	return value
}

// parseFrom parses a From with one address; else nil.
func parseFrom(value string) *mail.Address {
	if len(value) > maxParsed {
		return nil
	}
	a, err := mail.ParseAddress(value)
	if err != nil {
		return nil
	}
	return a
}

// displayName is the name of a From, decoded; "" where it has none.
func displayName(value string) string {
	if a := parseFrom(value); a != nil {
		return a.Name
	}
	name, _, ok := strings.Cut(value, "<")
	name = strings.TrimSpace(name)
	switch {
	case !ok || name == "":
		return ""
	case name[0] == '"' && closing(name, '"') == len(name):
		return strings.Map(harmless, unquote(name))
	}
	return strings.Map(harmless, strings.NewReplacer(`"`, "", `\`, "").Replace(decode(name)))
}

// harmless leaves control characters out of a name.
func harmless(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}

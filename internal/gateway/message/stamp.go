package message

import (
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/rungmail/rungmail/internal/smtpwire"
)

// received writes the Received field (RFC 5321 section 4.4), a clause a line.
func (m *mender) received() {
	r := m.o.Received
	line := func(parts ...string) {
		for _, p := range parts {
			m.out = append(m.out, p...)
		}
	}
	line("Received: from ", atom(r.Helo, "unknown"))
	if r.Peer.IsValid() {
		line(" ([", atom(r.Peer.String(), ""), "])")
	}
	if r.Device != "" {
		line("\r\n\t(device ", atom(r.Device, ""), ")")
	}
	by := r.By
	if by == "" {
		by = m.o.Host
	}
	line("\r\n\tby ", atom(by, "localhost"), " (Rungmail) with ", protocol(r, m.o.UTF8))
	if m.o.ID != "" {
		line(" id ", atom(m.o.ID, ""))
	}
	if r.TLS != "" {
		line("\r\n\t(", words(r.TLS), ")")
	}
	if !r.For.IsZero() && r.For.IsASCII() {
		line("\r\n\tfor <", r.For.String(), ">")
	}
	line(";\r\n\t", m.o.Now.Format(time.RFC1123Z), "\r\n")
}

// protocol is the name of what a message came by (RFC 3848, RFC 6531 section 4.3).
func protocol(r Received, utf8 bool) string {
	name := "SMTP"
	switch {
	case utf8:
		name = "UTF8SMTP"
	case r.ESMTP || r.TLS != "" || r.Login:
		name = "ESMTP"
	}
	if r.TLS != "" {
		name += "S"
	}
	if r.Login {
		name += "A"
	}
	return name
}

// missing adds what a message must have (RFC 5322 section 3.6) and what its body needs.
func (m *mender) missing() {
	if !m.has.from {
		m.writeFrom(nil, "From added", "", m.sender())
	}
	if !m.has.date {
		m.add("Date", m.o.Now.Format(time.RFC1123Z))
	}
	if !m.has.id {
		id := "<" + atom(m.o.ID, "unknown") + "@" + atom(m.o.Host, "localhost") + ">"
		m.info.MessageID = id
		m.add("Message-ID", id)
	}
	m.declare()
}

// maxAtom bounds what a peer's word adds to a field.
const maxAtom = 255

// atom makes a word of text from a peer that can end no comment and no clause.
func atom(s, none string) string {
	if s == "" {
		return none
	}
	return clean(s, func(c byte) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._:[]%", c) >= 0
	})
}

// words is text that can stand in a comment.
func words(s string) string {
	return clean(s, func(c byte) bool { return c >= ' ' && c <= '~' && strings.IndexByte(`()\`, c) < 0 })
}

// clean puts a question mark for each byte that isn't good.
func clean(s string, good func(byte) bool) string {
	b := []byte(s[:min(len(s), maxAtom)])
	for i, c := range b {
		if !good(c) {
			b[i] = '?'
		}
	}
	return string(b)
}

// printable is text of a peer for records and pages, at most MaxText bytes of it.
func printable(s string) string {
	s = smtpwire.Printable(s[:min(len(s), 4*MaxText)])
	if len(s) <= MaxText {
		return s
	}
	n := MaxText
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// charsetReader decodes the charsets of single bytes, for encoded words.
func charsetReader(name string, r io.Reader) (io.Reader, error) {
	c, ok := findCharset(name)
	if !ok {
		return nil, errCharset
	}
	return c.NewDecoder().Reader(r), nil
}

// charset finds a charset by its name; Windows-1252 where it has none.
func charset(name string) *charmap.Charmap {
	if c, ok := findCharset(name); ok {
		return c
	}
	return charmap.Windows1252
}

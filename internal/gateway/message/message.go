// Package message mends the text of a message on its way through the gateway, and
// makes 7-bit text of it for a server that takes nothing else.
//
// Devices write what they like: no Date, two lines that aren't fields, raw Latin-1.
// [Split] takes a header apart whatever it holds; [Repair] gives one that today's
// servers accept and says in words what it changed; a [Writer] does that while the
// body passes by, since what the header must declare stands in the body. [To7Bit]
// re-encodes a whole message as it is read.
//
// Nothing here refuses a message but by [Info.Refusal], and nothing a device writes
// can add a field or a line: CR, LF and NUL go from every value that is written anew.
// Time and memory grow with the text and not faster; memory is bounded.
//
// It isn't a mail reader: it keeps every byte that it has no reason to change.
//
// Sources: RFC 5322 (fields), RFC 5321 section 4.4 (Received) and 6.3 (loops),
// RFC 2045 to 2047 and 2231 (MIME), RFC 6152 and 6531 (what a server may not take).
package message

import (
	"bytes"
	"strings"
)

// Bounds of a header and of a line.
const (
	// MaxFields bounds the fields of a header; what comes after them is one more,
	// without a name.
	MaxFields = 1000
	// MaxLine bounds a line of text, in bytes without its end (RFC 5322 section 2.1.1).
	MaxLine = 998
	// maxName bounds a field's name, so that it fits a line of 78.
	maxName = 76
)

// Field is one field of a header as it came.
type Field struct {
	// Name is the text before the colon, without blanks; empty where the line isn't a
	// field. Names compare without regard to case.
	Name string
	// Raw is the field with its folded lines and line ends. It is a part of what was
	// split.
	Raw []byte
}

// Is tells whether a field has this name.
func (f Field) Is(name string) bool { return strings.EqualFold(f.Name, name) }

// value is what stands after the colon, still folded; all of it where there is no name.
func (f Field) value() []byte {
	if f.Name == "" {
		return f.Raw
	}
	return f.Raw[bytes.IndexByte(f.Raw, ':')+1:]
}

// Split takes a header apart, up to an empty line if there is one. It never refuses:
// a line that isn't a field becomes one without a name, and so does what is over
// MaxFields. Put together, the Raw of all fields are the header without its empty line.
func Split(header []byte) []Field {
	fields := make([]Field, 0, 12)
	for len(header) > 0 && emptyLine(header) == 0 {
		n := fieldLen(header)
		if len(fields) == MaxFields {
			n = headerLen(header)
		}
		raw := header[:n:n]
		name := ""
		if len(fields) < MaxFields {
			name = fieldName(raw)
		}
		fields = append(fields, Field{Name: name, Raw: raw})
		header = header[n:]
	}
	return fields
}

// headerLen is the length of all lines up to the empty one or the end.
func headerLen(b []byte) int {
	n := 0
	for n < len(b) && emptyLine(b[n:]) == 0 {
		n += lineLen(b[n:])
	}
	return n
}

// fieldLen is the length of a line with those that are folded to it.
func fieldLen(b []byte) int {
	n := lineLen(b)
	for n < len(b) && isBlank(b[n]) {
		n += lineLen(b[n:])
	}
	return n
}

// lineLen is the length of a line with its end.
func lineLen(b []byte) int {
	if n := bytes.IndexByte(b, '\n'); n >= 0 {
		return n + 1
	}
	return len(b)
}

// emptyLine is the length of the empty line that b begins with, 0 where it doesn't.
func emptyLine(b []byte) int {
	switch {
	case len(b) > 0 && b[0] == '\n':
		return 1
	case len(b) > 1 && b[0] == '\r' && b[1] == '\n':
		return 2
	}
	return 0
}

// fieldName is what stands before the colon, if it can be a name (RFC 5322 section
// 3.6.8; section 4.5 for the blanks after it).
func fieldName(raw []byte) string {
	colon := bytes.IndexByte(raw, ':')
	if colon < 0 {
		return ""
	}
	name := bytes.TrimRight(raw[:colon], " \t")
	if len(name) > maxName {
		return ""
	}
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return ""
		}
	}
	return string(name)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// trimEOL takes the line end off a line.
func trimEOL(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'})
}

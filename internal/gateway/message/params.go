package message

import (
	"fmt"
	"strings"
)

// paramPiece is how much of an encoded parameter one piece holds (RFC 2231 section 3),
// so that a line of 78 holds it with its name.
const paramPiece = 42

// asciiParams encodes the parameters of a Content-Type or Content-Disposition whose
// values aren't ASCII (RFC 2231).
func asciiParams(text string) []byte {
	var out strings.Builder
	for len(text) > 0 {
		n := paramLen(text)
		part, rest := text[:n], text[n:]
		text = strings.TrimPrefix(rest, ";")
		out.WriteString(asciiParam(part))
		if rest != "" {
			out.WriteByte(';')
		}
	}
	return []byte(out.String())
}

// paramLen is the length up to a semicolon outside quotes.
func paramLen(s string) int {
	for i := 0; i < len(s); {
		switch s[i] {
		case ';':
			return i
		case '"':
			i += closing(s[i:], '"')
		default:
			i++
		}
	}
	return len(s)
}

// asciiParam encodes one parameter, its blanks kept: name="value".
func asciiParam(part string) string {
	if !is8Bit(part) {
		return part
	}
	key, value, ok := strings.Cut(part, "=")
	name := strings.TrimSpace(key)
	if !ok || name == "" || strings.ContainsAny(name, "*\"") || is8Bit(name) {
		return questionMarks(part)
	}
	value = strings.TrimSpace(value)
	if strings.HasPrefix(value, `"`) {
		value = unquote(value)
	}
	pieces := percent(value)
	if len(pieces) == 1 {
		return fmt.Sprintf(" %s*=utf-8''%s", name, pieces[0])
	}
	var b strings.Builder
	for i, p := range pieces {
		switch i {
		case 0:
			fmt.Fprintf(&b, " %s*0*=utf-8''%s", name, p)
		default:
			fmt.Fprintf(&b, "; %s*%d*=%s", name, i, p)
		}
	}
	return b.String()
}

// percent encodes a value in pieces.
func percent(value string) []string {
	var pieces []string
	var b strings.Builder
	for i := range len(value) {
		if b.Len() >= paramPiece {
			pieces = append(pieces, b.String())
			b.Reset()
		}
		c := value[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return append(pieces, b.String())
}

package message

import (
	"bytes"
	"errors"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/rungmail/rungmail/internal/mailaddr"
)

// errCharset tells mime that an encoded word stays as it is.
var errCharset = errors.New("not a charset of single bytes")

// findCharset finds a charset of single bytes by its registered name, without regard
// to case, hyphens and blanks.
func findCharset(name string) (*charmap.Charmap, bool) {
	if name == "" || strings.EqualFold(name, "windows-1252") {
		return charmap.Windows1252, true
	}
	want := charsetKey(name)
	for _, e := range charmap.All {
		if c, ok := e.(*charmap.Charmap); ok && charsetKey(c.String()) == want {
			return c, true
		}
	}
	return nil, false
}

// charsetKey makes one of "windows-1252" and "Windows 1252", of "IBM437" and "IBM Code
// Page 437".
func charsetKey(name string) string {
	return strings.NewReplacer("code page", "", "-", "", "_", "", " ", "").Replace(strings.ToLower(name))
}

// toUTF8 gives text as UTF-8: as it is where it is UTF-8 already, else from a charset.
func toUTF8(text []byte, c *charmap.Charmap) string {
	if utf8.Valid(text) {
		return string(text)
	}
	out, err := c.NewDecoder().Bytes(text)
	if err != nil { // no byte is wrong in a charset of single bytes
		return strings.ToValidUTF8(string(text), "?")
	}
	return string(out)
}

// is8Bit tells whether there is a byte that isn't ASCII.
func is8Bit[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// asciiValue makes a field's value ASCII (RFC 2047; RFC 2231 for MIME's parameters).
// It holds no CR, LF or NUL, and neither does what comes back.
func asciiValue(name string, value []byte, c *charmap.Charmap) []byte {
	if !is8Bit(value) {
		return value
	}
	text := toUTF8(value, c)
	switch {
	case isOneOf(name, "Content-Type", "Content-Disposition"):
		return asciiParams(text)
	case isOneOf(name, "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Return-Path", "Message-ID", "In-Reply-To",
		"References", "Received", "Date", "MIME-Version", "Content-ID", "Content-Transfer-Encoding",
		"Disposition-Notification-To", "Errors-To") || len(name) > 7 && strings.EqualFold(name[:7], "Resent-"):
		return asciiPhrases(text)
	}
	return asciiText(text)
}

func isOneOf(name string, names ...string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// asciiText encodes the words of free text that need it. Words side by side become one
// run, since a reader drops the blanks between encoded words.
func asciiText(text string) []byte {
	w := wordWriter{enc: mime.QEncoding}
	for len(text) > 0 {
		n := wordEnd(text)
		word := strings.TrimLeft(text[:n], " \t")
		w.blanks(text[:n-len(word)])
		if is8Bit(word) {
			w.encode(word)
		} else {
			w.plain(word)
		}
		text = text[n:]
	}
	return w.bytes()
}

// wordEnd is where the first word of a text ends, blanks before it included.
func wordEnd(text string) int {
	start := len(text) - len(strings.TrimLeft(text, " \t"))
	if n := strings.IndexAny(text[start:], " \t"); n >= 0 {
		return start + n
	}
	return len(text)
}

// wordWriter writes text with runs of encoded words in it. Blanks between two encoded
// words mean nothing to a reader, so those that mean something are encoded with them.
type wordWriter struct {
	enc   mime.WordEncoder
	out   []byte
	run   []byte // text to be encoded
	gap   string // blanks that came after it, or after what was written
	glue  bool   // what was written last must stand apart from an encoded word
	coded bool   // and is one itself
}

func (w *wordWriter) blanks(s string) { w.gap += s }

// encode adds text to the run.
func (w *wordWriter) encode(text string) {
	if len(w.run) == 0 {
		if w.gap == "" && w.glue { // an encoded word stands between blanks (RFC 2047 section 5)
			w.gap = " "
		}
		w.out = append(w.out, w.gap...)
	}
	if len(w.run) > 0 || w.coded {
		w.run = append(w.run, w.gap...)
	}
	w.run = append(w.run, decode(text)...)
	w.gap, w.coded = "", false
}

// plain writes text as it is.
func (w *wordWriter) plain(text string) {
	if text == "" {
		return
	}
	coded := strings.HasPrefix(text, "=?") && strings.HasSuffix(text, "?=")
	if coded && len(w.run) > 0 {
		w.run = append(w.run, w.gap...)
	}
	w.flush()
	w.out = append(append(w.out, w.gap...), text...)
	w.gap, w.glue, w.coded = "", true, coded
}

// flush writes the run, in words of at most 75 characters.
func (w *wordWriter) flush() {
	if len(w.run) == 0 {
		return
	}
	w.out = append(w.out, w.enc.Encode("utf-8", string(w.run))...)
	w.run = w.run[:0]
	w.glue = true
	if w.gap == "" {
		w.gap = " "
	}
}

func (w *wordWriter) bytes() []byte {
	w.flush()
	return bytes.TrimRight(w.out, " \t")
}

// asciiPhrases encodes the names and comments of a field that is structured, such as a
// list of addresses, and leaves its structure.
func asciiPhrases(text string) []byte {
	w := wordWriter{enc: mime.BEncoding} // Q would leave specials in a phrase
	for len(text) > 0 {
		n := tokenLen(text)
		token := text[:n]
		text = text[n:]
		switch {
		case isBlank(token[0]):
			w.blanks(token)
		case !is8Bit(token):
			w.plain(token)
		case token[0] == '(':
			inner := wordWriter{enc: mime.BEncoding}
			inner.encode(strings.Trim(token, "()"))
			w.plain("(" + string(inner.bytes()) + ")")
		case token[0] == '<':
			w.plain("<" + asciiAddress(strings.Trim(token, "<>")) + ">")
		case token[0] == '"':
			w.encode(unquote(token))
		case strings.ContainsRune(token, '@'):
			w.plain(asciiAddress(token))
		default:
			w.encode(token)
		}
	}
	return w.bytes()
}

// tokenLen is the length of what a structured text begins with: blanks, a quoted
// string, a comment, an address in brackets, a separator or a word. It is at least 1.
func tokenLen(s string) int {
	switch s[0] {
	case ' ', '\t':
		return len(s) - len(strings.TrimLeft(s, " \t"))
	case '"':
		return closing(s, '"')
	case '(':
		return closing(s, ')')
	case '<':
		return closing(s, '>')
	case ',', ';', ':', '>', ')':
		return 1
	}
	if n := strings.IndexAny(s, " \t\"(<,;:>)"); n >= 0 {
		return n
	}
	return len(s)
}

// closing is the length up to the closing character, or of everything where there is
// none. A comment within a comment is a part of it.
func closing(s string, end byte) int {
	depth := 0
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && end != '>':
			i++
		case c == '(' && end == ')':
			depth++
		case c == end && depth == 0:
			return i + 1
		case c == end:
			depth--
		}
	}
	return len(s)
}

// unquote takes the quotes off a quoted string.
func unquote(s string) string {
	s = strings.TrimSuffix(s[1:], `"`)
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// asciiAddress gives an address of a header in ASCII; what can't be said so becomes
// question marks, which no server takes for another's name.
func asciiAddress(s string) string {
	if a, err := mailaddr.Parse(s); err == nil {
		if ascii, ok := ASCII(a); ok {
			return ascii.String()
		}
	}
	return questionMarks(s)
}

// questionMarks puts a question mark for each character that isn't ASCII.
func questionMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return '?'
		}
		return r
	}, s)
}

package smtpwire

import (
	"unicode"
	"unicode/utf8"
)

// Printable makes text from a peer harmless in a terminal, a log and a page:
// a tab becomes a blank; every other byte below 0x20 and 0x7F becomes '?'; bytes
// that aren't UTF-8, C1 controls (U+0080 to U+009F), line and paragraph
// separators and characters that turn the direction of text become U+FFFD. Text
// that is harmless already comes back as it is, without a copy. It isn't HTML
// escaping.
func Printable(s string) string {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if _, changed := printable(r, size); changed {
			return string(appendPrintable(append(make([]byte, 0, len(s)+8), s[:i]...), s[i:]))
		}
		i += size
	}
	return s
}

// appendPrintable appends Printable(s) to dst.
func appendPrintable(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		r, _ = printable(r, size)
		dst = utf8.AppendRune(dst, r)
		i += size
	}
	return dst
}

// printable is what Printable makes of one rune that was decoded from size
// bytes, and whether that is a change.
func printable(r rune, size int) (p rune, changed bool) {
	switch {
	case r == '\t':
		return ' ', true
	case r < ' ' || r == 0x7f:
		return '?', true
	case r < utf8.RuneSelf:
		return r, false
	case r <= 0x9f, r == '\u2028', r == '\u2029', unicode.Is(unicode.Bidi_Control, r):
		return utf8.RuneError, true
	}
	return r, r == utf8.RuneError && size == 1 // a byte that isn't UTF-8
}

package vprint

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// unescape reads text from src[pos:] up to a bare double quote or the end, and
// is its bytes and where it ended.
func unescape(src string, pos int) (text string, end int, err error) {
	var out []byte
	for pos < len(src) && src[pos] != '"' {
		size := 0
		if src[pos] == '$' {
			out, size = appendEscape(out, src[pos:])
			if size == 0 {
				return "", 0, failf(pos, `this $ begins no escape: write $$ for a dollar sign; the others are $" $L $N $P $R $T and $ with two hex digits`)
			}
		} else if out, size, err = appendRune(out, src, pos); err != nil {
			return "", 0, err
		}
		pos += size
	}
	return string(out), pos, nil
}

// appendEscape appends what the escape at the start of s stands for, and tells
// how long it is in s: 0 if it is none. No letter of an escape is a hex digit.
func appendEscape(dst []byte, s string) (out []byte, size int) {
	if len(s) < 2 {
		return dst, 0
	}
	switch s[1] {
	case '$', '"':
		return append(dst, s[1]), 2
	case 'L', 'l':
		return append(dst, '\n'), 2
	case 'N', 'n':
		return append(dst, '\r', '\n'), 2
	case 'P', 'p':
		return append(dst, '\f'), 2
	case 'R', 'r':
		return append(dst, '\r'), 2
	case 'T', 't':
		return append(dst, '\t'), 2
	}
	if len(s) < 3 || !isHex(s[1]) || !isHex(s[2]) {
		return dst, 0
	}
	b, _ := strconv.ParseUint(s[1:3], 16, 8) // two hex digits: it can't fail
	return append(dst, byte(b)), 3
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f'
}

// appendRune appends the character at src[pos:] in Windows-1252, and tells how
// long it is in src.
func appendRune(dst []byte, src string, pos int) (out []byte, size int, err error) {
	r, size := utf8.DecodeRuneInString(src[pos:])
	if r == utf8.RuneError && size < 2 {
		return dst, 0, notUTF8(src, pos)
	}
	b, ok := charmap.Windows1252.EncodeRune(r)
	if !ok {
		return dst, 0, failf(pos, "%q (%U) is not in Windows-1252, in which text is printed: use another character", r, r)
	}
	if unicode.IsControl(r) {
		return dst, 0, failf(pos, "%U is a control character: write it as %s", r, escapeOf(b))
	}
	return append(dst, b), size, nil
}

func notUTF8(src string, pos int) error {
	return failf(pos, "byte 0x%02X is not UTF-8: save the text as UTF-8, or write the byte in text as $%02X", src[pos], src[pos])
}

// escapeOf is the escape for a byte that can't stand in text as it is.
func escapeOf(b byte) string {
	switch b {
	case '$', '"':
		return "$" + string(rune(b))
	case '\n':
		return "$L"
	case '\f':
		return "$P"
	case '\r':
		return "$R"
	case '\t':
		return "$T"
	}
	return fmt.Sprintf("$%02X", b)
}

// writeEscaped writes the bytes of a literal as source. A byte that Windows-1252
// gives no character decodes as utf8.RuneError.
func writeEscaped(w *strings.Builder, text string) {
	for i := 0; i < len(text); i++ {
		r := charmap.Windows1252.DecodeByte(text[i])
		switch {
		case strings.HasPrefix(text[i:], "\r\n"):
			w.WriteString("$N")
			i++
		case r == '$' || r == '"' || r == utf8.RuneError || unicode.IsControl(r):
			w.WriteString(escapeOf(text[i]))
		default:
			w.WriteRune(r)
		}
	}
}

// writeSubject writes a literal as the source of a subject, in which blanks at
// the ends are escapes, since a program's reader trims them.
func writeSubject(w *strings.Builder, text string) {
	head, tail := 0, len(text)
	for head < tail && isBlank(text[head]) {
		w.WriteString(escapeOf(text[head]))
		head++
	}
	for tail > head && isBlank(text[tail-1]) {
		tail--
	}
	writeEscaped(w, text[head:tail])
	for _, b := range []byte(text[tail:]) {
		w.WriteString(escapeOf(b))
	}
}

// isBlank tells whether a byte is a blank or a no-break space of Windows-1252.
func isBlank(b byte) bool { return b == ' ' || b == 0xA0 }

// Windows1252 is plain text as the bytes that are printed for it. It fails with
// an [*Error] at a character that Windows-1252 doesn't have.
func Windows1252(s string) ([]byte, error) {
	text := make([]byte, 0, len(s))
	for pos, r := range s {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			return nil, failf(pos, "%q (%U) is not in Windows-1252, in which text is printed: use another character", r, r)
		}
		text = append(text, b)
	}
	return text, nil
}

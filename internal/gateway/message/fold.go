package message

import (
	"bytes"
	"unicode/utf8"
)

// foldAt is the length that a line should have at most (RFC 5322 section 2.1.1).
const foldAt = 78

// hardFold cuts words that no line can hold. It leaves room for what stands before.
const hardFold = 900

// unfold gives a folded value as one line: line ends go, and with them what else could
// end a line somewhere, a stray CR, LF or NUL. The blanks of a fold stay; blanks at
// either end don't.
func unfold(value []byte) []byte {
	out := make([]byte, 0, len(value))
	for i, c := range value {
		switch {
		case c == '\n', c == '\r' && i+1 < len(value) && value[i+1] == '\n':
			// The blank that a fold goes on with is there already; a stray LF has none.
			if c == '\n' && i+1 < len(value) && !isBlank(value[i+1]) {
				out = append(out, ' ')
			}
		case c == '\r', c == 0:
			out = append(out, ' ')
		default:
			out = append(out, c)
		}
	}
	return bytes.Trim(out, " \t")
}

// appendField writes a field, folded at blanks: the value is one line without CR, LF
// and NUL.
func appendField(dst []byte, name string, value []byte) []byte {
	dst = append(append(dst, name...), ':')
	col := len(name) + 1
	if len(value) > 0 {
		dst = append(dst, ' ')
		col++
	}
	for first := true; len(value) > 0; first = false {
		n := wordLen(value)
		word := value[:n]
		value = value[n:]
		if !first && col+n > foldAt {
			dst = append(dst, '\r', '\n')
			col = 0
		}
		dst = appendWord(dst, word)
		col += n
	}
	return append(dst, '\r', '\n')
}

// wordLen is the length of a word with the blanks before it.
func wordLen(b []byte) int {
	n := 0
	for n < len(b) && isBlank(b[n]) {
		n++
	}
	for n < len(b) && !isBlank(b[n]) {
		n++
	}
	return n
}

// appendWord cuts a word that is longer than a line, between characters where they are
// UTF-8.
func appendWord(dst, word []byte) []byte {
	if blanks := len(word) - len(bytes.TrimLeft(word, " \t")); blanks > foldAt {
		word = word[blanks-1:] // a fold of blanks alone would end the header for some
	}
	for len(word) > hardFold {
		n := hardFold
		for n > hardFold-utf8.UTFMax && !utf8.RuneStart(word[n]) {
			n--
		}
		dst = append(append(dst, word[:n]...), "\r\n "...)
		word = word[n:]
	}
	return append(dst, word...)
}

package check

import (
	"strings"
	"unicode/utf8"

	"github.com/rungmail/rungmail/internal/plc/ladder"
)

// within is the place of a byte of a field's value.
func within(f *ladder.Field, offset int) ladder.Pos {
	at := f.ValuePos
	at.Col += utf8.RuneCountInString(f.Value[:min(max(offset, 0), len(f.Value))])
	return at
}

// refPlaces is the place of each address that the PRINT text of a field reads, in
// the order of [vprint.Text.Reads].
func refPlaces(f *ladder.Field) []ladder.Pos {
	addresses, _ := elements(f.Value)
	places := make([]ladder.Pos, 0, len(addresses))
	at, read := f.ValuePos, 0
	for _, offset := range addresses {
		at.Col += utf8.RuneCountInString(f.Value[read:offset])
		read = offset
		places = append(places, at)
	}
	return places
}

// elements finds where, in PRINT text that parses, addresses stand and where
// dates and times do, both in bytes and in the order of the text.
func elements(src string) (addresses, clocks []int) {
	format := false // a colon came: the next word is a format
	for i := 0; i < len(src); {
		switch c := src[i]; {
		case c == '"':
			i += quoted(src[i:])
			continue
		case isWord(c):
			if !format && c == '_' {
				clocks = append(clocks, i)
			} else if !format && (c < '0' || c > '9') {
				addresses = append(addresses, i)
			}
			format = false
			for i < len(src) && isWord(src[i]) {
				i++
			}
			continue
		case c == ':':
			format = true
		}
		i++
	}
	return addresses, clocks
}

// quoted is the length of the text in quotes that s begins with.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i + 1
		case '$':
			i++ // $" ends nothing
		}
	}
	return len(s)
}

func isWord(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '_'
}

// lineBreak is where the first CR, LF or NUL of s stands, as it is or as an
// escape of PRINT text; -1 when there is none.
func lineBreak(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\r', '\n', 0:
			return i
		case '$':
			if breaks(s[i+1:]) {
				return i
			}
			i++ // $$ is a dollar sign, whatever follows
		}
	}
	return -1
}

// breaks tells whether a dollar sign and what follows it are CR, LF or NUL.
func breaks(s string) bool {
	for _, escape := range []string{"N", "L", "R", "0D", "0A", "00"} {
		if len(s) >= len(escape) && strings.EqualFold(s[:len(escape)], escape) {
			return true
		}
	}
	return false
}

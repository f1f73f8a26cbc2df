package hap

import (
	"crypto/subtle"
	"errors"
	"fmt"
)

// Password is a controller's password: eight digits, the first of which may be an
// A. However it is printed it shows as ***. The zero Password is 00000000, which
// means that there is none.
type Password struct{ bcd [4]byte } // two digits a byte, A as 0xA

// ErrPassword is what a text gives that can't be a password. It doesn't repeat
// the text.
var ErrPassword = errors.New("a password is eight digits, or A and seven")

// ParsePassword reads a password as people write it.
func ParsePassword(text string) (Password, error) {
	if len(text) != 8 {
		return Password{}, ErrPassword
	}
	var p Password
	for i := range len(text) {
		var digit byte
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digit = c - '0'
		case i == 0 && (c == 'A' || c == 'a'):
			digit = 0xA
		default:
			return Password{}, ErrPassword
		}
		p.bcd[i/2] = p.bcd[i/2]<<4 | digit
	}
	return p, nil
}

// parseBCD reads a password as it stands in a telegram.
func parseBCD(b [4]byte) (Password, error) {
	for i, c := range b {
		if c>>4 > 9 && (i > 0 || c>>4 != 0xA) || c&0xF > 9 {
			return Password{}, fmt.Errorf("%w: %w", ErrMalformed, ErrPassword)
		}
	}
	return Password{b}, nil
}

// Equal compares two passwords in the same time whether they are equal or not.
func (p Password) Equal(other Password) bool {
	return subtle.ConstantTimeCompare(p.bcd[:], other.bcd[:]) == 1
}

// IsZero reports whether the password is 00000000: the controller has none.
func (p Password) IsZero() bool { return p == Password{} }

// String is ***.
func (p Password) String() string { return "***" }

// Format prints *** for every verb.
func (p Password) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(p.String())) }

// MultiLevel reports whether the password begins with an A: it then locks the
// program, and operator panels may still read and write data.
func (p Password) MultiLevel() bool { return p.bcd[0]>>4 == 0xA }

package smtpwire

import (
	"fmt"
	"strings"
)

// maxHello bounds the name that a client gives itself: that of a domain (RFC
// 5321 section 4.5.3.1.2).
const maxHello = 255

// ParseHello reads the argument of HELO or EHLO (RFC 5321 section 4.1.1.1). It
// should be a domain or an address literal; since devices say what they like
// there, and nothing may be decided by it, any printable word is taken. The
// error wraps ErrHello. With s.EmptyHello the name may be empty.
func ParseHello(arg string, s Strictness) (string, error) {
	switch {
	case arg == "" && !s.EmptyHello:
		return "", fmt.Errorf("%w: it is missing", ErrHello)
	case len(arg) > maxHello:
		return "", fmt.Errorf("%w: over %d bytes", ErrHello, maxHello)
	case strings.ContainsAny(arg, blanks):
		return "", fmt.Errorf("%w: blank in %q", ErrHello, excerpt(arg))
	case Printable(arg) != arg:
		return "", fmt.Errorf("%w: unprintable character in %q", ErrHello, excerpt(arg))
	}
	return arg, nil
}

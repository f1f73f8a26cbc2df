// Package mailaddr holds the one mail address type of the house: what stands
// between the angle brackets of MAIL and RCPT (RFC 5321 section 4.1.2, with the
// UTF-8 of RFC 6531).
//
// [Parse] is strict. What it accepts holds no control character, so an
// [Address] can be written to a socket, a log or a page as it is, and what
// [Address.String] gives parses to the same Address again. Policy compares
// [Address.DomainKey], never the end of a string.
//
// It isn't a parser of message headers: display names, comments, groups and
// source routes are refused. It asks no name server, and it doesn't translate
// between the two spellings of an international domain (RFC 5890).
package mailaddr

import "strings"

// The bounds of RFC 5321 section 4.5.3.1, in octets as written, quotes and
// backslashes included.
const (
	// MaxLocal bounds the part before the @ (4.5.3.1.1).
	MaxLocal = 64
	// MaxDomain bounds the part after the @ (4.5.3.1.2).
	MaxDomain = 255
	// MaxLabel bounds a domain's label (RFC 1035 section 2.3.4).
	MaxLabel = 63
	// MaxPath bounds the whole address: a path of 256 less its two angle
	// brackets (4.5.3.1.3).
	MaxPath = 254
)

// Address is one mail address. Addresses compare with ==, which looks at the
// bytes: Ann@example.com and ann@example.com are two, and so are
// ann@example.com and ann@EXAMPLE.com. The zero Address is none at all.
type Address struct {
	local  string // unquoted
	domain string // as sent; a literal keeps its brackets
}

// Local is the part before the @, without quotes and backslashes, in the case
// in which it was sent: only the host that it belongs to may say that case
// doesn't matter (RFC 5321 section 2.4). It is never to be put before an @ by
// hand: String knows when it needs quotes.
func (a Address) Local() string { return a.local }

// Domain is the part after the @ as sent: a name, or a literal with its
// brackets.
func (a Address) Domain() string { return a.domain }

// DomainKey is the domain in lower case, for policy to compare with ==; a
// literal is brought to the one way of writing its address. Two names that
// only an international domain's translation would make equal stay different.
func (a Address) DomainKey() string {
	if ip, ok := parseLiteral(a.domain); ok {
		return literalKey(ip)
	}
	return strings.Map(lower, a.domain)
}

// String is the address as it stands in a command, without angle brackets, the
// local part quoted where it must be. The zero Address gives "".
func (a Address) String() string {
	if a.IsZero() {
		return ""
	}
	if n, reason := scanDotString(a.local); reason == "" && n == len(a.local) {
		return a.local + "@" + a.domain
	}
	var b strings.Builder
	b.Grow(len(a.local) + len(a.domain) + 8)
	b.WriteByte('"')
	for i := range len(a.local) {
		if c := a.local[i]; c == '"' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(a.local[i])
	}
	b.WriteString(`"@`)
	b.WriteString(a.domain)
	return b.String()
}

// IsASCII reports whether both parts are ASCII, so that the address needs no
// SMTPUTF8 (RFC 6531). The zero Address is ASCII.
func (a Address) IsASCII() bool { return isASCII(a.local) && isASCII(a.domain) }

// IsZero reports whether a is the zero Address.
func (a Address) IsZero() bool { return a == Address{} }

// MarshalText gives String, so that records and files hold an address as text.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText takes what MarshalText gave: Parse, but empty text is the zero
// Address. On an error, a *ParseError, the receiver is left as it was.
func (a *Address) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*a = Address{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

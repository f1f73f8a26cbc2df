package mailaddr

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads one address: local@domain, "quoted local"@domain,
// local@[192.0.2.1] or local@[IPv6:2001:db8::1] (the Mailbox of RFC 5321
// section 4.1.2), either part with UTF-8 (RFC 6531 section 3.3). Nothing around
// it is trimmed. The error is a *ParseError.
//
// Three things that the grammar would allow are refused: an empty quoted local
// part, which names nobody; characters that turn the direction of text or end a
// line in a viewer; and, in a domain, the full stops of other scripts, blanks
// and invisible characters, which a later translation would make dots or nothing.
func Parse(s string) (Address, error) {
	a, err := parse(s)
	if err != nil {
		return Address{}, err
	}
	return a, nil
}

func parse(s string) (Address, *ParseError) {
	local, n, err := parseLocal(s)
	if err != nil {
		return Address{}, err
	}
	domain := s[n+1:]
	if at, reason := scanDomain(domain); reason != "" {
		return Address{}, &ParseError{Offset: n + 1 + at, Reason: reason}
	}
	if len(s) > MaxPath {
		return Address{}, &ParseError{Offset: MaxPath, Reason: fmt.Sprintf("longer than %d octets: use a shorter address", MaxPath)}
	}
	return Address{local: local, domain: domain}, nil
}

// parseLocal reads the local part, and gives it unquoted with the offset of the
// @ that follows it.
func parseLocal(s string) (local string, at int, err *ParseError) {
	var reason string
	if s == "" {
		return "", 0, &ParseError{Reason: "empty: write it as name@domain"}
	}
	if s[0] == '"' {
		local, at, reason = scanQuoted(s)
	} else {
		at, reason = scanDotString(s)
		local = s[:at]
	}
	switch {
	case reason != "":
	case at == len(s):
		reason = "no @: write it as name@domain"
	case s[at] != '@':
		reason = "text between the closing quote and the @: move it into the quotes"
	case local == "":
		reason = "nothing before the @: write it as name@domain"
	case at > MaxLocal:
		at, reason = MaxLocal, fmt.Sprintf("more than %d octets before the @: use a shorter name", MaxLocal)
	default:
		return local, at, nil
	}
	return "", 0, &ParseError{Offset: at, Reason: reason}
}

// scanDotString scans a Dot-string (RFC 5321 section 4.1.2) up to an @ or the
// end. It gives how far it came, and a reason if it can't go on there.
func scanDotString(s string) (n int, reason string) {
	dot := true // a dot, or the start, is just before
	for n < len(s) && s[n] != '@' {
		r, size := utf8.DecodeRuneInString(s[n:])
		if reason := hostile(r, size); reason != "" {
			return n, reason
		}
		switch {
		case r == '.' && dot:
			return n, "a dot with nothing before it: remove it, or put the part before the @ in double quotes"
		case r != '.' && !isAtext(r):
			return n, unquotedReason(r)
		}
		dot = r == '.'
		n += size
	}
	if dot && n > 0 {
		return n, "a dot just before the @: remove it, or put the part before the @ in double quotes"
	}
	return n, ""
}

// scanQuoted scans a Quoted-string (RFC 5321 section 4.1.2) from its opening
// quote. It gives the text in it and the offset after the closing quote.
func scanQuoted(s string) (text string, n int, reason string) {
	var b strings.Builder
	for n = 1; n < len(s); {
		r, size := utf8.DecodeRuneInString(s[n:])
		if reason := hostile(r, size); reason != "" {
			return "", n, reason
		}
		switch r {
		case '"':
			return b.String(), n + 1, ""
		case '\\':
			if n+1 == len(s) || s[n+1] < ' ' || s[n+1] > '~' {
				return "", n, "a backslash needs a printable ASCII character after it: write it twice to mean itself"
			}
			b.WriteByte(s[n+1])
			n += 2
		default:
			b.WriteString(s[n : n+size])
			n += size
		}
	}
	return "", len(s), "no closing double quote: add it before the @"
}

// hostile gives a reason for runes that no part of an address may hold, quoted
// or not.
func hostile(r rune, size int) string {
	switch {
	case r == utf8.RuneError && size == 1:
		return "a byte that isn't UTF-8: send the address as ASCII or UTF-8"
	case unicode.IsControl(r):
		return fmt.Sprintf("control character %+q: remove it", r)
	case unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
		return fmt.Sprintf("invisible formatting character %+q: remove it", r)
	}
	return ""
}

// unquotedReason says what to do about a character that must be quoted.
func unquotedReason(r rune) string {
	switch r {
	case '<', '>':
		return "angle bracket: give the address alone, without name and brackets"
	case '(', ')':
		return "parenthesis: comments aren't allowed, remove it"
	case ',', ';':
		return fmt.Sprintf("%+q where one address is expected: give each address by itself", r)
	}
	return fmt.Sprintf("%+q before the @ needs quotes: put the whole part before the @ in double quotes", r)
}

// isAtext is the atext of RFC 5322 section 3.2.3, and of RFC 6531 section 3.3
// for what isn't ASCII. Blanks of other scripts need quotes like the ASCII one.
func isAtext(r rune) bool {
	switch {
	case r >= utf8.RuneSelf:
		return !unicode.IsSpace(r)
	case isAlphanumeric(r):
		return true
	}
	return strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

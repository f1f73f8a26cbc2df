package mailaddr

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanDomain checks the part after the @. It gives the offset of the first
// fault with its reason, or no reason.
func scanDomain(s string) (at int, reason string) {
	switch {
	case s == "":
		return 0, "nothing after the @: add the domain"
	case len(s) > MaxDomain:
		return MaxDomain, fmt.Sprintf("more than %d octets after the @: use a shorter domain", MaxDomain)
	case s[0] == '[':
		return scanLiteral(s)
	}
	for {
		n, reason := scanLabel(s[at:])
		at += n
		if reason != "" || at == len(s) {
			return at, reason
		}
		at++ // the dot
	}
}

// scanLabel scans a sub-domain (RFC 5321 section 4.1.2) up to a dot or the end:
// letters, digits, hyphens inside, and UTF-8 (RFC 6531 section 3.3).
func scanLabel(s string) (n int, reason string) {
	for n < len(s) && s[n] != '.' {
		r, size := utf8.DecodeRuneInString(s[n:])
		if reason := hostile(r, size); reason != "" {
			return n, reason
		}
		if !isDomainRune(r) {
			return n, fmt.Sprintf("%+q can't stand in a domain: use letters, digits, hyphens and dots", r)
		}
		n += size
	}
	switch {
	case n == 0:
		return 0, "an empty part in the domain: remove the dot, or fill in the name"
	case s[0] == '-':
		return 0, "a part of the domain begins with a hyphen: remove it"
	case s[n-1] == '-':
		return n - 1, "a part of the domain ends with a hyphen: remove it"
	case n > MaxLabel:
		return MaxLabel, fmt.Sprintf("a part of the domain is longer than %d octets: use a shorter name", MaxLabel)
	}
	return n, ""
}

// isDomainRune leaves out what a translation to A-labels would turn into
// something else: other scripts' dots into dots (RFC 3490 section 3.1), blanks
// and invisible characters into nothing. The two joiners are letters' business
// (RFC 5892 appendix A).
func isDomainRune(r rune) bool {
	switch r {
	case '-', '\u200c', '\u200d':
		return true
	case '\u3002', '\uff0e', '\uff61':
		return false
	}
	return isAlphanumeric(r) || r >= utf8.RuneSelf && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r)
}

// scanLiteral checks an address-literal (RFC 5321 section 4.1.3).
func scanLiteral(s string) (at int, reason string) {
	end := strings.IndexByte(s, ']')
	switch {
	case end < 0:
		return len(s), "no closing bracket: add it after the address"
	case end != len(s)-1:
		return end + 1, "text after the closing bracket: remove it"
	}
	if _, ok := parseLiteral(s); !ok {
		return 1, "not an address that can stand in brackets: write [192.0.2.1] or [IPv6:2001:db8::1]"
	}
	return 0, ""
}

// parseLiteral reads a domain that is a literal, brackets included.
func parseLiteral(s string) (netip.Addr, bool) {
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ']' {
		return netip.Addr{}, false
	}
	const tag = "IPv6:"
	text := s[1 : len(s)-1]
	tagged := len(text) >= len(tag) && strings.EqualFold(text[:len(tag)], tag)
	if tagged {
		text = text[len(tag):]
	}
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Is6() != tagged || ip.Zone() != "" {
		return netip.Addr{}, false
	}
	return ip, true
}

func literalKey(ip netip.Addr) string {
	if ip.Is6() {
		return "[ipv6:" + ip.String() + "]"
	}
	return "[" + ip.String() + "]"
}

// lower is the lower case of r, but never makes ASCII of what wasn't: the
// Kelvin sign isn't a k here.
func lower(r rune) rune {
	if l := unicode.ToLower(r); r < utf8.RuneSelf || l >= utf8.RuneSelf {
		return l
	}
	return r
}

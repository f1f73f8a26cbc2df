package device

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rungmail/rungmail/internal/mailaddr"
)

// ParsePattern reads whom a rule means: "user@example.com" one address, "example.com"
// or "*@example.com" all of a domain, ".example.com" all of every domain below it, but
// not it.
func ParsePattern(s string) (Pattern, error) {
	switch {
	case s == "":
		return Pattern{}, errors.New("an empty pattern: write user@example.com, example.com or .example.com")
	case s == "*":
		return Pattern{}, errors.New(`"*" isn't a pattern: leave the list empty for any address`)
	case strings.HasPrefix(s, "*."):
		return Pattern{}, fmt.Errorf("%q: write %q for all domains below it", s, s[1:])
	}
	domain, all := strings.CutPrefix(s, "*@")
	if !all && strings.ContainsRune(s, '@') {
		a, err := mailaddr.Parse(s)
		if err != nil {
			return Pattern{}, fmt.Errorf("%q: %w", s, err)
		}
		return Pattern{Local: a.Local(), Domain: a.DomainKey()}, nil
	}
	name, below := strings.CutPrefix(domain, ".")
	if below && all {
		return Pattern{}, fmt.Errorf("%q: write %q for all domains below it", s, domain)
	}
	a, err := mailaddr.Parse("x@" + name)
	switch {
	case err != nil:
		return Pattern{}, fmt.Errorf("%q isn't a domain: write user@example.com, example.com or .example.com", s)
	case below && strings.HasPrefix(name, "["):
		return Pattern{}, fmt.Errorf("%q: there is nothing below an address", s)
	case below:
		return Pattern{Domain: "." + a.DomainKey()}, nil
	}
	return Pattern{Domain: a.DomainKey()}, nil
}

// Matches tells whether a pattern means an address. It compares the parsed domain, so
// that example.com is never the end of badexample.com. The case of a local part
// doesn't count: no server that a plant writes to tells Ann from ann.
func (p Pattern) Matches(a mailaddr.Address) bool {
	if a.IsZero() || p.Domain == "" {
		return false
	}
	key := a.DomainKey()
	if p.Domain[0] == '.' {
		// The dot is compared too, so whole labels stand before it.
		return len(key) > len(p.Domain) && strings.HasSuffix(key, p.Domain)
	}
	return key == p.Domain && (p.Local == "" || equalASCII(p.Local, a.Local()))
}

// String is the pattern as ParsePattern reads it.
func (p Pattern) String() string {
	if p.Local == "" {
		return p.Domain
	}
	a, err := mailaddr.Parse(quote(p.Local) + "@" + p.Domain)
	if err != nil { // not from ParsePattern
		return p.Local + "@" + p.Domain
	}
	return a.String()
}

// quote puts a local part in quotes; mailaddr takes off those that weren't needed.
func quote(local string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"`
}

// equalASCII ignores the case of ASCII letters only: the Kelvin sign isn't a k.
func equalASCII(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

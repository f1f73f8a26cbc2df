package smtpwire

import (
	"fmt"
	"strings"

	"github.com/rungmail/rungmail/internal/mailaddr"
)

// Envelope is what one MAIL or RCPT command says (RFC 5321 sections 4.1.1.2 and
// 4.1.1.3). One of Address, Null and Postmaster is set.
type Envelope struct {
	// Address is the path's address; zero with Null and Postmaster.
	Address mailaddr.Address
	// Null is the empty reverse path, <>, of notifications (section 4.5.5).
	Null bool
	// Postmaster is <postmaster> without a domain (section 4.5.1).
	Postmaster bool
	// Params are the parameters in the order in which they came, each once.
	Params []Param
}

// Param is one parameter of an extension (RFC 5321 section 4.1.2), not judged.
type Param struct {
	// Key is in upper case.
	Key string
	// Value is printable ASCII, or empty if there was none.
	Value string
}

// Param gives the value of a parameter by its upper-case key, and whether it
// was there.
func (e Envelope) Param(key string) (string, bool) {
	for _, p := range e.Params {
		if p.Key == key {
			return p.Value, true
		}
	}
	return "", false
}

// maxParams bounds the parameters of a command: twice what all registered
// extensions together define.
const maxParams = 20

// ParseMail reads the argument of MAIL: "FROM:<a@b> SIZE=100 BODY=8BITMIME".
// Errors wrap ErrPath (and with it a *mailaddr.ParseError, whose offset is in
// the path) or ErrParam. A parameter given twice is an error, and so are source
// routes, which RFC 5321 section 3.6.1 lets a server decline.
func ParseMail(arg string, s Strictness) (Envelope, error) {
	rest, path, bracketed, err := cutPath(arg, "FROM:", s)
	if err != nil {
		return Envelope{}, err
	}
	var e Envelope
	if path == "" && bracketed {
		e.Null = true
	} else if e.Address, err = parsePath(path); err != nil {
		return Envelope{}, err
	}
	e.Params, err = parseParams(rest)
	if err != nil {
		return Envelope{}, err
	}
	return e, nil
}

// ParseRcpt reads the argument of RCPT: "TO:<a@b> NOTIFY=NEVER". Errors are
// those of ParseMail. The name postmaster ignores case.
func ParseRcpt(arg string, s Strictness) (Envelope, error) {
	rest, path, _, err := cutPath(arg, "TO:", s)
	if err != nil {
		return Envelope{}, err
	}
	var e Envelope
	if upper(path) == "POSTMASTER" {
		e.Postmaster = true
	} else if e.Address, err = parsePath(path); err != nil {
		return Envelope{}, err
	}
	e.Params, err = parseParams(rest)
	if err != nil {
		return Envelope{}, err
	}
	return e, nil
}

func parsePath(path string) (mailaddr.Address, error) {
	a, err := mailaddr.Parse(path)
	if err != nil {
		return mailaddr.Address{}, fmt.Errorf("%w: %w", ErrPath, err)
	}
	return a, nil
}

// cutPath takes the keyword and the path off the front of arg, and says whether
// the path stood in brackets. What is left is empty or begins with a blank.
func cutPath(arg, keyword string, s Strictness) (rest, path string, bracketed bool, err error) {
	if len(arg) < len(keyword) || upper(arg[:len(keyword)]) != keyword {
		return "", "", false, fmt.Errorf("%w: no %s", ErrPath, keyword)
	}
	rest = arg[len(keyword):]
	if s.BlankAfterColon || s.MissingBrackets {
		rest = strings.TrimLeft(rest, blanks)
	}
	bracketed = strings.HasPrefix(rest, "<")
	switch {
	case bracketed:
		path, rest, err = cutBracketed(rest)
		return rest, path, true, err
	case s.MissingBrackets:
		n := unquotedIndex(rest, blanks)
		return rest[n:], rest[:n], false, nil
	case strings.TrimLeft(rest, blanks) != rest:
		return "", "", false, fmt.Errorf("%w: blank after %s", ErrPath, keyword)
	}
	return "", "", false, fmt.Errorf("%w: no angle brackets", ErrPath)
}

// cutBracketed cuts "<path> rest" in two.
func cutBracketed(s string) (path, rest string, err error) {
	end := unquotedIndex(s, ">")
	if end == len(s) {
		return "", "", fmt.Errorf("%w: no closing angle bracket", ErrPath)
	}
	path, rest = s[1:end], s[end+1:]
	if rest != "" && strings.TrimLeft(rest, blanks) == rest {
		return "", "", fmt.Errorf("%w: text right after the closing angle bracket", ErrPath)
	}
	return path, rest, nil
}

// unquotedIndex is where one of chars first stands outside double quotes, or
// the length of s.
func unquotedIndex(s, chars string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case !quoted && strings.IndexByte(chars, c) >= 0:
			return i
		}
	}
	return len(s)
}

// parseParams reads Mail-parameters or Rcpt-parameters (RFC 5321 section 4.1.2),
// blanks before each.
func parseParams(s string) ([]Param, error) {
	var params []Param
	for s = strings.Trim(s, blanks); s != ""; s = strings.TrimLeft(s, blanks) {
		end := strings.IndexAny(s, blanks)
		if end < 0 {
			end = len(s)
		}
		p, err := parseParam(s[:end])
		if err != nil {
			return nil, err
		}
		if _, twice := (Envelope{Params: params}).Param(p.Key); twice {
			return nil, fmt.Errorf("%w: %s given twice", ErrParam, p.Key)
		}
		if len(params) == maxParams {
			return nil, fmt.Errorf("%w: more than %d", ErrParam, maxParams)
		}
		params = append(params, p)
		s = s[end:]
	}
	return params, nil
}

// parseParam is esmtp-param of RFC 5321 section 4.1.2.
func parseParam(s string) (Param, error) {
	key, value, hasValue := strings.Cut(s, "=")
	if !isKeyword(key) {
		return Param{}, fmt.Errorf("%w: %q isn't a keyword", ErrParam, excerpt(key))
	}
	if hasValue && value == "" {
		return Param{}, fmt.Errorf("%w: %s= without a value", ErrParam, excerpt(key))
	}
	for i := range len(value) {
		if c := value[i]; c <= ' ' || c >= 0x7f || c == '=' {
			return Param{}, fmt.Errorf("%w: value of %s: %q", ErrParam, excerpt(key), excerpt(value))
		}
	}
	return Param{Key: upper(key), Value: value}, nil
}

// isKeyword is esmtp-keyword: letters, digits and hyphens, no hyphen first.
func isKeyword(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && !isDigit(c) && (c != '-' || i == 0) {
			return false
		}
	}
	return s != ""
}

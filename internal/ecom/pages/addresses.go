package pages

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/smtpwire"
)

// Bounds of what is said about a list of addresses.
const (
	maxBad    = 10 // addresses that are wrong
	maxQuoted = 60 // bytes of each
)

// addresses reads a list with commas between the addresses. The error is a line for
// each one that is wrong, which it quotes.
func addresses(text string) ([]mailaddr.Address, error) {
	elements, semicolons := split(text)
	if len(elements) == 1 && elements[0] == "" {
		return nil, nil
	}
	var list []mailaddr.Address
	var wrong []string
	if semicolons {
		wrong = append(wrong, "put commas between addresses, not semicolons")
	}
	for i, e := range elements {
		a, err := oneAddress(e)
		switch {
		case e == "" && semicolons: // one at the end is no address that is missing
		case e == "" && i == 0:
			wrong = append(wrong, "there is a comma before the first address: take it out")
		case e == "":
			wrong = append(wrong, "there is a comma too many after "+quoted(elements[i-1])+": take it out")
		case err != nil:
			wrong = append(wrong, err.Error())
		default:
			list = append(list, a)
		}
	}
	if more := len(wrong) - maxBad; more > 1 {
		wrong = append(wrong[:maxBad], fmt.Sprintf("and %d more", more))
	}
	if wrong != nil {
		return nil, errors.New(strings.Join(wrong, "\n"))
	}
	return list, nil
}

// split is the parts of a list between its commas, or the semicolons that some
// write there, without the blanks and line ends around them. In quotes both belong
// to their address.
func split(text string) (elements []string, semicolons bool) {
	start, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case (c == ',' || c == ';') && !quoted:
			semicolons = semicolons || c == ';'
			elements = append(elements, strings.TrimSpace(text[start:i]))
			start = i + 1
		}
	}
	return append(elements, strings.TrimSpace(text[start:])), semicolons
}

// oneAddress reads one address. The error quotes it, and says what to write instead
// where that is plain.
func oneAddress(text string) (mailaddr.Address, error) {
	a, err := mailaddr.Parse(text)
	var bad *mailaddr.ParseError
	reason := ""
	switch {
	case errors.As(err, &bad):
		reason = bad.Reason
		if alone, ok := bracketed(text); ok {
			reason = "write the address alone: " + alone.String()
		} else if several(text) {
			reason = "put commas between addresses"
		}
	case !a.IsASCII():
		reason = "it must be ASCII, for the module has no other letters in an address"
	default:
		return a, nil
	}
	return mailaddr.Address{}, fmt.Errorf("%s: %s", quoted(text), reason)
}

// quoted is what stands in a list, so that people find it there.
func quoted(text string) string { return `"` + smtpwire.Printable(short(text, maxQuoted)) + `"` }

// bracketed is the address of what mail programs write: a name, and the address in
// angle brackets.
func bracketed(text string) (mailaddr.Address, bool) {
	inner, closed := strings.CutSuffix(text, ">")
	open := strings.LastIndexByte(inner, '<')
	if !closed || open < 0 {
		return mailaddr.Address{}, false
	}
	a, err := mailaddr.Parse(inner[open+1:])
	return a, err == nil
}

// several tells whether a text is addresses with nothing but blanks between them.
func several(text string) bool {
	for _, part := range strings.Fields(text) {
		if _, err := mailaddr.Parse(part); err != nil {
			return false
		}
	}
	return true
}

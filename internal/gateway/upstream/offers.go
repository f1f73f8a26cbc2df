package upstream

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rungmail/rungmail/reply"
)

// offers is what a server offers in its answer to EHLO (RFC 5321 section 4.1.1.1).
type offers struct {
	startTLS   bool
	pipelining bool
	eightBit   bool
	utf8       bool
	size       bool
	auth       []string // mechanisms, in upper case
}

// maxMechanisms bounds the ways of logging in that are looked at.
const maxMechanisms = 50

// readOffers reads the lines after the first. What isn't known is passed over.
func readOffers(r reply.Reply) offers {
	var o offers
	for _, line := range r.Lines[min(1, len(r.Lines)):] {
		words := strings.Fields(strings.ToUpper(line))
		if len(words) == 0 {
			continue
		}
		switch word, rest := words[0], words[1:]; {
		case word == "STARTTLS":
			o.startTLS = true
		case word == "PIPELINING":
			o.pipelining = true
		case word == "8BITMIME":
			o.eightBit = true
		case word == "SMTPUTF8":
			o.utf8 = true
		case word == "SIZE":
			o.size = true
		case word == "AUTH":
			o.addAuth(rest)
		case strings.HasPrefix(word, "AUTH="): // an old form, beside the other
			o.addAuth(append([]string{strings.TrimPrefix(word, "AUTH=")}, rest...))
		}
	}
	return o
}

func (o *offers) addAuth(mechanisms []string) {
	for _, m := range mechanisms {
		if len(o.auth) < maxMechanisms && !slices.Contains(o.auth, m) {
			o.auth = append(o.auth, m)
		}
	}
}

// mailParams is the parameters of MAIL for a message, a blank before each.
func (o offers) mailParams(size int64, eightBit, utf8 bool) string {
	var params string
	if o.size && size > 0 {
		params += " SIZE=" + strconv.FormatInt(size, 10)
	}
	if o.eightBit && eightBit {
		params += " BODY=8BITMIME"
	}
	if utf8 {
		params += " SMTPUTF8"
	}
	return params
}

// String is what of it counts for mail, for people.
func (o offers) String() string {
	var words []string
	for _, w := range []struct {
		name string
		is   bool
	}{
		{"STARTTLS", o.startTLS},
		{"PIPELINING", o.pipelining},
		{"8BITMIME", o.eightBit},
		{"SMTPUTF8", o.utf8},
		{"SIZE", o.size},
	} {
		if w.is {
			words = append(words, w.name)
		}
	}
	if len(o.auth) > 0 {
		words = append(words, "AUTH "+strings.Join(o.auth, " "))
	}
	if len(words) == 0 {
		return "it offers nothing"
	}
	return "it offers " + strings.Join(words, ", ")
}

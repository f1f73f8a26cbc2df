package message

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/rungmail/rungmail/internal/mailaddr"
)

// ASCII gives an address as a server without SMTPUTF8 takes it: the domain in A-labels
// (RFC 5890). It is false where that can't be said: a local part has no other spelling
// (RFC 6531 section 3.2), and a domain with characters that no registered name holds
// isn't guessed at.
func ASCII(a mailaddr.Address) (mailaddr.Address, bool) {
	if a.IsASCII() {
		return a, true
	}
	if is8Bit(a.Local()) {
		return mailaddr.Address{}, false
	}
	labels := strings.Split(a.Domain(), ".")
	for i, label := range labels {
		ascii, ok := aLabel(label)
		if !ok {
			return mailaddr.Address{}, false
		}
		labels[i] = ascii
	}
	local := strings.TrimSuffix(a.String(), a.Domain())
	out, err := mailaddr.Parse(local + strings.Join(labels, "."))
	return out, err == nil
}

// aLabel gives one label in ASCII. Only its case and its composition are mapped: a
// character that compatibility would make another, a full-width letter say, is refused,
// so that no name becomes one that policy hasn't seen.
func aLabel(label string) (string, bool) {
	if !is8Bit(label) {
		return label, true
	}
	label = norm.NFC.String(strings.Map(unicode.ToLower, label))
	if !is8Bit(label) || norm.NFKC.String(label) != label || len(label) > 3 && label[2:4] == "--" {
		return "", false
	}
	first, _ := utf8.DecodeRuneInString(label)
	if unicode.IsMark(first) {
		return "", false
	}
	for _, r := range label {
		if r != '-' && !isJoiner(r) && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) || unicode.IsUpper(r) {
			return "", false
		}
	}
	ascii, ok := punycode(label)
	return "xn--" + ascii, ok && len(ascii)+4 <= mailaddr.MaxLabel
}

// isJoiner names the signs that join letters (RFC 5892 appendix A).
func isJoiner(r rune) bool {
	return r == '\u200c' || r == '\u200d' || r == '\u00b7' || r == '\u30fb'
}

// The parameters of RFC 3492 section 5.
const (
	punyBase    = 36
	punyMin     = 1
	punyMax     = 26
	punySkew    = 38
	punyDamp    = 700
	punyBias    = 72
	punyInitial = 128
)

// punycode encodes a label (RFC 3492 section 6.3); false for one that is too long.
func punycode(label string) (string, bool) {
	runes := []rune(label)
	if len(runes) > mailaddr.MaxLabel {
		return "", false
	}
	var out []byte
	for _, r := range runes {
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
		}
	}
	basic := len(out)
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(punyInitial), 0, punyBias
	for done := basic; done < len(runes); {
		next := rune(unicode.MaxRune)
		for _, r := range runes {
			if r >= n {
				next = min(next, r)
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range runes {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			out = appendDelta(out, delta, bias)
			bias = adapt(delta, done+1, done == basic)
			delta = 0
			done++
		}
		delta++
		n++
	}
	return string(out), true
}

// appendDelta writes a number of variable length (RFC 3492 section 3.3).
func appendDelta(out []byte, q, bias int) []byte {
	for k := punyBase; ; k += punyBase {
		t := min(max(k-bias, punyMin), punyMax)
		if q < t {
			return append(out, punyDigit(q))
		}
		out = append(out, punyDigit(t+(q-t)%(punyBase-t)))
		q = (q - t) / (punyBase - t)
	}
}

func punyDigit(d int) byte {
	if d < 26 {
		return byte('a' + d)
	}
	return byte('0' + d - 26)
}

// adapt is the bias for the next number (RFC 3492 section 6.1).
func adapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for ; delta > (punyBase-punyMin)*punyMax/2; k += punyBase {
		delta /= punyBase - punyMin
	}
	return k + (punyBase-punyMin+1)*delta/(delta+punySkew)
}

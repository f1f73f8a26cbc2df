package reply

import (
	"fmt"
	"strconv"
	"strings"
)

// bareNumber reads a line that is a number and nothing else.
func bareNumber(line string) (int, bool) {
	s := strings.TrimSpace(line)
	if len(s) == 0 || len(s) > 6 {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// number explains a number that stands alone. From 200 to 599 it is a mail
// server's code; any other is an ECOM100, a Winsock or a device code, in that
// order. What else it could be is named under SeeAlso.
func (e Explainer) number(n int) Explanation {
	if n >= 200 && n <= 599 {
		x := e.basic(line{code: n})
		x.SeeAlso = with(x.SeeAlso, "ecom/server")
		return x
	}
	readings := e.readings(n)
	x := readings[0]
	for _, other := range readings[1:] {
		x.SeeAlso = with(x.SeeAlso, other.Rule)
	}
	return x
}

// readings is all that a number could be besides a server's code, the likeliest
// first.
func (e Explainer) readings(n int) []Explanation {
	var list []Explanation
	t := tables()
	if _, ok := t.ecom[n]; ok {
		list = append(list, e.Ecom(n))
	}
	if rule, ok := t.winsock[n]; ok {
		list = append(list, e.entry(&rule.entry, line{code: n}, "network", High))
	}
	for i := range deviceCodes {
		if d := &deviceCodes[i]; d.code != "" && strings.TrimLeft(d.code, "0") == strconv.Itoa(n) {
			list = append(list, e.entry(&d.entry, line{code: n}, "device", Medium))
		}
	}
	if _, exact := t.ecom[n]; !exact {
		list = append(list, e.Ecom(n)) // the class of codes that it would be of
	}
	return list
}

// with is a list and one more, without touching the list.
func with(list []string, one string) []string {
	for _, s := range list {
		if s == one {
			return list
		}
	}
	return append(list[:len(list):len(list)], one)
}

// Ecom explains an Error Code word of an ECEMAIL box, 0-65535, in decimal. From
// 100 to 999 it is the server's own reply.
func (e Explainer) Ecom(code int) Explanation {
	x := e.ecom(code)
	x.Elsewhere = elsewhere(code)
	return x
}

// elsewhere is a row of the cross-map as texts.
func elsewhere(code int) []string {
	row, ok := crossRowOf(code)
	if !ok {
		return none
	}
	list := []string{}
	for _, m := range []struct{ maker, says string }{{"Siemens CP", row.siemens}, {"Schneider", row.schneider}, {"Rockwell MSG", row.rockwell}} {
		if m.says != "" {
			list = append(list, m.maker+": "+m.says)
		}
	}
	return list
}

// crossRowOf is the row of the cross-map that a code belongs to.
func crossRowOf(code int) (crossRow, bool) {
	family := ""
	switch {
	case code == 0:
		family = "done"
	case code == 1:
		family = "busy"
	case code == 11:
		family = "no TCP"
	case code >= 10 && code <= 19:
		family = "timeout"
	case code == 20:
		family = "write failed"
	case code == 21:
		family = "no recipient"
	case code >= 22 && code <= 25:
		family = "internal"
	case code >= 100 && code <= 999:
		family = "SMTP refusal"
	case code == 1001:
		family = "backplane"
	}
	for _, row := range crossMap {
		if row.family == family {
			return row, true
		}
	}
	return crossRow{}, false
}

func (e Explainer) ecom(code int) Explanation {
	t := tables()
	if found, ok := t.ecom[code]; ok {
		return e.entry(&found.entry, line{code: code}, "module", High)
	}
	if code >= 200 && code <= 599 {
		x := e.basic(line{code: code})
		x.Meaning = "The mail server's own reply, which the module passes on. " + x.Meaning
		x.SeeAlso = with(x.SeeAlso, "ecom/server")
		return x
	}
	for i := range ecomClasses {
		if c := &ecomClasses[i]; c.first <= code && code <= c.last {
			x := e.entry(&c.entry, line{code: code}, "module", Low)
			x.General = true
			if text, ok := firstDigit[code/100]; ok && code < 600 {
				x.Meaning += " " + text
			}
			return x
		}
	}
	x := unknown()
	x.Code = code
	return x
}

// Device explains a code or a message on a device's own panel. The maker is a
// name such as "oki"; an error names the makers or codes that are known.
func (e Explainer) Device(maker, code string) (Explanation, error) {
	var known []string
	words, found := read(code), false
	maker, number := makerOf(maker), panelNumber(code)
	for i := range deviceCodes {
		d := &deviceCodes[i]
		if !strings.EqualFold(d.maker, maker) {
			continue
		}
		found = true
		if d.code != "" && (strings.EqualFold(d.code, code) || panelNumber(d.code) == number && number != "") || d.says(words) {
			n, _ := strconv.Atoi(d.code) // a code that is no number is 0
			return e.entry(&d.entry, line{code: n}, "device", High), nil
		}
		if d.code != "" {
			known = append(known, d.code)
		}
	}
	switch {
	case !found:
		return Explanation{}, fmt.Errorf("no device codes are known for %q: the makers are %s", maker, strings.Join(makers(), ", "))
	case known == nil:
		return Explanation{}, fmt.Errorf("no message %q is known for %s: copy it as the panel shows it", code, maker)
	}
	return Explanation{}, fmt.Errorf("no code %q is known for %s: known are %s", code, maker, strings.Join(known, ", "))
}

// makerOf is a maker by the name that the data have.
func makerOf(name string) string {
	aliases := map[string]string{"okidata": "oki", "oki data": "oki", "fuji xerox": "xerox", "fujifilm": "xerox"}
	if known, ok := aliases[strings.ToLower(strings.TrimSpace(name))]; ok {
		return known
	}
	return strings.TrimSpace(name)
}

// panelNumber is the number that a panel message is or ends in, without zeros
// before it; empty where there is none or it has other signs in it.
func panelNumber(s string) string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return ""
	}
	last := strings.Trim(words[len(words)-1], ".:#")
	if strings.Trim(last, "0123456789") != "" {
		return ""
	}
	return strings.TrimLeft(last, "0")
}

func makers() []string {
	var list []string
	for _, d := range deviceCodes {
		list = with(list, d.maker)
	}
	return list
}

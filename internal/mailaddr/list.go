package mailaddr

import "strings"

// ParseList reads addresses with commas between them; blanks and tabs around
// each are trimmed, and a comma in quotes belongs to its address. Empty or
// blank text is an empty list; an empty element is an error. The error is a
// *ParseError with the element and with the offset in s.
func ParseList(s string) ([]Address, error) {
	if strings.Trim(s, blanks) == "" {
		return nil, nil
	}
	var list []Address
	for start := 0; start <= len(s); {
		end := start + elementLen(s[start:])
		a, err := parseElement(s, start, end)
		if err != nil {
			err.Element = len(list) + 1
			return nil, err
		}
		list = append(list, a)
		start = end + 1
	}
	return list, nil
}

// Join writes a list as ParseList reads it: "a@b, c@d". The list holds no zero
// Address.
func Join(list []Address) string {
	var b strings.Builder
	for i, a := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(a.String())
	}
	return b.String()
}

const blanks = " \t"

// parseElement parses s[start:end], blanks around it left out.
func parseElement(s string, start, end int) (Address, *ParseError) {
	text := strings.TrimLeft(s[start:end], blanks)
	offset := end - len(text)
	text = strings.TrimRight(text, blanks)
	if text == "" {
		return Address{}, &ParseError{Offset: offset, Reason: "no address here: remove the comma too many"}
	}
	a, err := parse(text)
	if err != nil {
		err.Offset += offset
	}
	return a, err
}

// elementLen is the length of the first element of s: up to a comma outside
// quotes, or all of it.
func elementLen(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == ',' && !quoted:
			return i
		}
	}
	return len(s)
}

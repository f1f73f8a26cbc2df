package vprint

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rungmail/rungmail/internal/plc/memory"
)

// Error says what is wrong with a source text, and where.
type Error struct {
	// Offset is where the trouble begins, in bytes from the start of the source;
	// it is the source's length where something is missing at the end.
	Offset int
	// Reason is what is wrong and what to do about it, in lower case.
	Reason string
}

// Error is the reason, with the offset before it.
func (e *Error) Error() string { return fmt.Sprintf("at byte %d: %s", e.Offset, e.Reason) }

// failf is an *Error as an error.
func failf(offset int, reason string, args ...any) error {
	return &Error{Offset: offset, Reason: fmt.Sprintf(reason, args...)}
}

// Parse reads text as PRINT, VPRINT and the body of an e-mail have it: quoted
// texts, and elements outside quotes. Empty source is text that prints nothing.
// An error is an [*Error].
func Parse(src string) (Text, error) {
	p := parser{src: src}
	var t Text
	for p.blanks(); p.pos < len(src); p.blanks() {
		e, err := p.element()
		if err != nil {
			return Text{}, err
		}
		t.elements = append(t.elements, e)
	}
	return t, nil
}

// ParseSubject reads text as the subject of an e-mail has it: no quotes around
// it and no variables in it, but the same escapes. A double quote or a dollar
// sign that is no part of an escape is an error, since the editor of the boxes
// refuses it too. Every blank of src counts. An error is an [*Error].
func ParseSubject(src string) (Text, error) {
	text, end, err := unescape(src, 0)
	if err != nil {
		return Text{}, err
	}
	if end < len(src) {
		return Text{}, failf(end, `a subject has no quotes around it: leave this double quote out, or write it as $" to print one`)
	}
	t := Text{subject: true}
	if text != "" {
		t.elements = []element{{kind: literal, text: text}}
	}
	return t, nil
}

// parser reads elements from a source.
type parser struct {
	src string
	pos int
}

// element reads one element; the source goes on.
func (p *parser) element() (element, error) {
	switch c := p.src[p.pos]; {
	case c == '"':
		return p.quoted()
	case c == '_':
		return p.clock()
	case isWord(c):
		return p.variable()
	}
	r, size := utf8.DecodeRuneInString(p.src[p.pos:])
	if r == utf8.RuneError && size < 2 {
		return element{}, notUTF8(p.src, p.pos)
	}
	return element{}, failf(p.pos, `%q doesn't belong outside quotes: put text in straight double quotes`, r)
}

// quoted reads a text in quotes.
func (p *parser) quoted() (element, error) {
	text, end, err := unescape(p.src, p.pos+1)
	if err != nil {
		return element{}, err
	}
	if end == len(p.src) {
		return element{}, failf(p.pos,
			`this text has no closing quote, which is CPU error code 499: end it with a double quote (one to print is $")`)
	}
	p.pos = end + 1
	return element{kind: literal, text: text}, nil
}

// clock reads a date or a time.
func (p *parser) clock() (element, error) {
	start := p.pos
	name := p.word()
	suffix := ""
	if p.mark() == ':' {
		suffix = p.word()
	}
	f, ok := clockFormOf(name + ":" + suffix)
	if !ok {
		return element{}, failf(start, "%q is no date or time: write _Date:us, _Date:e, _Date:a, _Time:12 or _Time:24", p.src[start:p.pos])
	}
	return element{kind: clock, clock: f}, nil
}

// variable reads an address and what is to be done with it.
func (p *parser) variable() (element, error) {
	start := p.pos
	addr, err := memory.ParseAddr(p.word())
	if err != nil {
		return element{}, failf(start, "%v (text goes in double quotes)", err)
	}
	switch mark := p.mark(); {
	case mark == '%' && addr.IsBit():
		return element{}, failf(start, "%s is a bit and holds no characters: before %% write a word such as V2000", addr)
	case mark == '%':
		return p.characters(addr)
	case addr.IsBit():
		return p.bit(addr, mark == ':')
	default:
		return p.number(addr, mark == ':')
	}
}

// number reads the format of a word, if there is one.
func (p *parser) number(addr memory.Addr, formatted bool) (element, error) {
	e := element{kind: number, addr: addr}
	if !formatted {
		return e, nil
	}
	start := p.pos
	name := p.word()
	var ok bool
	if e.format, e.modifier, ok = formatOf(name); ok {
		return e, nil
	}
	if _, isBit := bitFormOf(name); isBit {
		return element{}, failf(start, "%s is a word, and :%s is for bits: write %s.0 to %s.15, or another bit", addr, strings.ToUpper(name), addr, addr)
	}
	return element{}, failf(start, "%q is no format of a number: write B, D, DB, R or E, then S, C0, 0 or nothing", name)
}

// bit reads the format of a bit, if there is one.
func (p *parser) bit(addr memory.Addr, formatted bool) (element, error) {
	e := element{kind: bit, addr: addr}
	if !formatted {
		return e, nil
	}
	start := p.pos
	name := p.word()
	var ok bool
	if e.bitForm, ok = bitFormOf(name); !ok {
		return element{}, failf(start, "%q is no format of a bit: write BOOL or ONOFF, or leave the colon out", name)
	}
	return e, nil
}

// characters reads how many characters a text in memory has.
func (p *parser) characters(addr memory.Addr) (element, error) {
	start := p.pos
	name := p.word()
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		n, err := strconv.ParseUint(name, 10, 16)
		if err != nil || n < 1 || n > MaxChars {
			return element{}, failf(start, "%q is no number of characters: after %% write 1 to %d, or a word such as V2010", name, MaxChars)
		}
		return element{kind: chars, addr: addr, count: int(n)}, nil
	}
	length, err := memory.ParseAddr(name)
	if err != nil {
		return element{}, failf(start, "%v (after %% write 1 to %d, or a word such as V2010)", err, MaxChars)
	}
	if length.IsBit() {
		return element{}, failf(start, "%s is a bit, not a number of characters: after %% write 1 to %d, or a word such as V2010", length, MaxChars)
	}
	return element{kind: charsFrom, addr: addr, length: length}, nil
}

// blanks passes over blanks and tabs.
func (p *parser) blanks() {
	for p.pos < len(p.src) && (p.src[p.pos] == ' ' || p.src[p.pos] == '\t') {
		p.pos++
	}
}

// mark passes over a colon or a percent sign with the blanks around it, and
// tells which it was. Where neither comes next it is 0, and nothing is passed.
func (p *parser) mark() byte {
	start := p.pos
	p.blanks()
	if p.pos == len(p.src) || p.src[p.pos] != ':' && p.src[p.pos] != '%' {
		p.pos = start
		return 0
	}
	c := p.src[p.pos]
	p.pos++
	p.blanks()
	return c
}

// word passes over letters, digits, dots and underlines, and is what it passed.
func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.src) && isWord(p.src[p.pos]) {
		p.pos++
	}
	return p.src[start:p.pos]
}

func isWord(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '_'
}

// Package vprint is the text of the PRINT and VPRINT instructions and of the
// e-mail boxes: it parses the text once, knows how long it can become, and
// formats it from memory as often as a program asks.
//
//	"Shift # " V3000 " made " V3001:BS " widgets, door " C17:ONOFF " at " _Time:24
//
// It is neither the instructions nor their limits: the 128 bytes of a VPRINT
// string and the budget of an e-mail are for their owners to hold, who ask
// [Text.Longest]. It knows no CPU either: whether a controller has the addresses
// of a text, or a clock, is for the checker, who asks [Text.Reads] and
// [Text.NeedsClock].
//
// # Text
//
// Source is UTF-8; what is printed is Windows-1252, the character set of the
// vendor's editor, one byte a character. Inside double quotes stand characters
// and the escapes $$ (dollar sign), $" (double quote), $L (line feed), $N
// (carriage return and line feed), $P (form feed), $R (carriage return), $T
// (tab) and $hh (that byte, in hex); letters may be small. A control character
// is written as its escape only.
//
// # Numbers
//
// A word address, of V, TA or CTA, prints a number: V2000[:format][modifier].
//
//	format  words  what is printed                       width   filled with
//	none    1      unsigned decimal                      5 or 6  blanks
//	:B      1      4-digit BCD                           4       zeros
//	:D      2      unsigned decimal, low word first      10, 11  blanks
//	:DB     2      8-digit BCD, low word first           8       zeros
//	:R      2      IEEE real in plain decimal            13      blanks
//	:E      2      IEEE real as [-]d.ddddddE±dd          13      blanks
//
// The modifier says what becomes of the fill: S and 0 leave it out, C0 makes it
// zeros (behind the sign of a real). A plain number with a modifier has the
// colon all the same: V2000:S.
//
// # Other elements
//
//	V2000 % 16      16 characters (1 to 128), low byte of each word first
//	V2000 % V2010   as many characters as V2010 says, at most 128
//	C100, V2000.15  a bit as 1 or 0; :BOOL as TRUE or FALSE; :ONOFF as ON or OFF
//	_Date:us        mm/dd/yy; _Date:e dd/mm/yy; _Date:a yy/mm/dd
//	_Time:12        hh:mmAM or hh:mmPM; _Time:24 hh:mm
//
// NUL bytes among the characters of a text in memory print nothing. Addresses,
// formats, modifiers and clock elements ignore case. Blanks may stand between
// elements and around : and %; between two elements neither of which is quoted
// they must.
//
// Sources: chapter 5 of the DL06 and DL205 user manuals, as facts/plc.md section
// 2 collects it, and section 8 of the first of the seeds for the subject. The
// manuals say how wide numbers are, and little more: what S, 0 and C0 do to each
// format, the digits of a real, digits above 9 in BCD and NUL bytes are assumed;
// docs/compatibility.md lists the assumptions.
package vprint

import (
	"slices"

	"github.com/rungmail/rungmail/internal/plc/memory"
)

// MaxChars is the most characters that one text element in memory prints.
const MaxChars = 128

// Text is parsed text, ready to be formatted again and again, by several
// goroutines at once if need be. The zero value prints nothing.
type Text struct {
	elements []element
	subject  bool // written without quotes
}

// Options are what the sources leave open and a plant may choose.
type Options struct {
	// NumberWidth is the width of a plain number: 6, with :D 11, or 5, with :D
	// 10. Any other value, and so 0, is 5.
	NumberWidth int
}

// Ref is a part of memory that a text reads.
type Ref struct {
	// Addr is the address as the text has it.
	Addr memory.Addr
	// Words is how many words are read from Addr on: 1 to 64; 0 for a bit and
	// where Variable is set.
	Words int
	// Variable tells that the number of words, 0 to 64, is known at run time only.
	Variable bool
}

// kind is a kind of element.
type kind uint8

const (
	literal   kind = iota // characters of the source
	number                // a word or two as a number
	chars                 // characters from memory, in a number the source gives
	charsFrom             // characters from memory, in a number from memory
	bit                   // a bit
	clock                 // date or time
)

// element is one element of a text. It is comparable, and what its kind has no
// use for is zero.
type element struct {
	kind     kind
	text     string      // literal: the bytes to print
	addr     memory.Addr // number, chars, charsFrom, bit: where to read
	format   format      // number
	modifier modifier    // number
	count    int         // chars: how many, 1 to MaxChars
	length   memory.Addr // charsFrom: where to read how many
	bitForm  bitForm     // bit
	clock    clockForm   // clock
}

// Longest is the greatest number of bytes that the text can print. Characters in
// a number from memory count 0: [Text.Variable] tells whether there are any.
func (t Text) Longest(o Options) int {
	sum := 0
	for i := range t.elements {
		sum += t.elements[i].longest(o)
	}
	return sum
}

// longest is the element's share of [Text.Longest].
func (e *element) longest(o Options) int {
	switch e.kind {
	case literal:
		return len(e.text)
	case number:
		return e.format.width(o)
	case chars:
		return e.count
	case bit:
		return max(len(e.bitForm.name(true)), len(e.bitForm.name(false)))
	case clock:
		return len(e.clock.layout())
	}
	return 0
}

// Variable tells whether the text has characters in a number that only memory
// says, which [Text.Longest] doesn't count: each such element prints 0 to
// [MaxChars].
func (t Text) Variable() bool {
	return slices.ContainsFunc(t.elements, func(e element) bool { return e.kind == charsFrom })
}

// Reads is what the text reads of memory, in the order of the source; a length
// word follows the text that it is the length of. An address that is read twice
// is there twice.
func (t Text) Reads() []Ref {
	var refs []Ref
	for _, e := range t.elements {
		switch e.kind {
		case number:
			refs = append(refs, Ref{Addr: e.addr, Words: e.format.words()})
		case chars:
			refs = append(refs, Ref{Addr: e.addr, Words: (e.count + 1) / 2})
		case charsFrom:
			refs = append(refs, Ref{Addr: e.addr, Variable: true}, Ref{Addr: e.length, Words: 1})
		case bit:
			refs = append(refs, Ref{Addr: e.addr})
		}
	}
	return refs
}

// NeedsClock tells whether the text prints a date or a time.
func (t Text) NeedsClock() bool {
	return slices.ContainsFunc(t.elements, func(e element) bool { return e.kind == clock })
}

// Literal is what the text prints whatever memory holds: the bytes of its quoted
// parts, or of the whole subject, in order. The caller may keep it.
func (t Text) Literal() []byte {
	var b []byte
	for _, e := range t.elements {
		b = append(b, e.text...)
	}
	return b
}

// Equal tells whether two texts have the same elements and were both written
// with quotes, or both without.
func (t Text) Equal(u Text) bool {
	return t.subject == u.subject && slices.Equal(t.elements, u.elements)
}

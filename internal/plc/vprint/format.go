package vprint

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/plc/memory"
)

// format is what a word, or two, are read as.
type format uint8

const (
	decimal   format = iota // 16 bits unsigned
	bcd                     // 4 digits
	decimal32               // 32 bits unsigned
	bcd8                    // 8 digits
	plainReal               // IEEE single in plain decimal
	expReal                 // IEEE single with an exponent
)

var formatNames = [...]string{decimal: "", bcd: "B", decimal32: "D", bcd8: "DB", plainReal: "R", expReal: "E"}

// modifier is what becomes of the fill before a number.
type modifier uint8

const (
	keep           modifier = iota // it stays as it is
	suppressSpaces                 // S: none
	toZeros                        // C0: zeros
	suppressZeros                  // 0: none
)

var modifierNames = [...]string{keep: "", suppressSpaces: "S", toZeros: "C0", suppressZeros: "0"}

// formatOf finds what a suffix such as "BC0" stands for, in any case. An empty
// one is none: a plain number has no colon.
func formatOf(suffix string) (format, modifier, bool) {
	if suffix == "" {
		return 0, 0, false
	}
	for f, name := range formatNames {
		for m, mod := range modifierNames {
			if strings.EqualFold(suffix, name+mod) {
				return format(f), modifier(m), true
			}
		}
	}
	return 0, 0, false
}

// realWidth is the width of a real: sign, digit, point, six digits, E, sign and
// two digits just fit, which is where the manual's 13 must come from.
const realWidth = 13

// width is how many characters the number takes, fill included.
func (f format) width(o Options) int {
	extra := 0
	if o.NumberWidth == 6 {
		extra = 1
	}
	switch f {
	case decimal:
		return 5 + extra
	case decimal32:
		return 10 + extra
	case bcd:
		return 4
	case bcd8:
		return 8
	}
	return realWidth
}

// words is how many words the number is read from.
func (f format) words() int {
	if f == decimal || f == bcd {
		return 1
	}
	return 2
}

// Append formats the text from m at the time now, which it prints as it stands,
// in now's own zone, and is dst with the text behind it. It allocates nothing
// but what dst must grow. A text that reads no memory does with m nil.
func (t Text) Append(dst []byte, m *memory.Image, now time.Time, o Options) []byte {
	for i := range t.elements {
		e := &t.elements[i]
		switch e.kind {
		case literal:
			dst = append(dst, e.text...)
		case number:
			dst = e.appendNumber(dst, m, o)
		case chars:
			dst = appendChars(dst, m, e.addr.Word(), e.count)
		case charsFrom:
			dst = appendChars(dst, m, e.addr.Word(), min(int(m.Word(e.length.Word())), MaxChars))
		case bit:
			dst = append(dst, e.bitForm.name(m.Bit(e.addr.Bit()))...)
		case clock:
			dst = now.AppendFormat(dst, e.clock.layout())
		}
	}
	return dst
}

// appendChars appends n bytes from w on, low byte of each word first, without
// the NULs among them.
func appendChars(dst []byte, m *memory.Image, w memory.Word, n int) []byte {
	for i := range n {
		if c := byte(m.Word(w+memory.Word(i/2)) >> (8 * (i % 2))); c != 0 {
			dst = append(dst, c)
		}
	}
	return dst
}

// appendNumber appends a number, filled up to its width.
func (e *element) appendNumber(dst []byte, m *memory.Image, o Options) []byte {
	var scratch [32]byte
	digits, fill := scratch[:0], byte(' ')
	w := e.addr.Word()
	switch e.format {
	case decimal:
		digits = strconv.AppendUint(digits, uint64(m.Word(w)), 10)
	case decimal32:
		digits = strconv.AppendUint(digits, uint64(m.Double(w)), 10)
	case bcd:
		digits, fill = appendBCD(digits, uint32(m.Word(w))), '0'
	case bcd8:
		digits, fill = appendBCD(digits, m.Double(w)), '0'
	case plainReal:
		digits = appendReal(digits, math.Float32frombits(m.Double(w)))
	case expReal:
		digits = appendExponent(digits, math.Float32frombits(m.Double(w)))
	}
	return appendFilled(dst, digits, e.format.width(o)-len(digits), fill, e.modifier)
}

// appendFilled appends digits behind n fill characters, or as the modifier wants
// them. Zeros go behind a sign; NaN and Inf are never filled with zeros.
func appendFilled(dst, digits []byte, n int, fill byte, mod modifier) []byte {
	last := digits[len(digits)-1]
	switch {
	case mod == suppressSpaces || mod == suppressZeros:
		n = 0
	case mod == toZeros && last != 'N' && last != 'f':
		fill = '0'
	}
	if fill == '0' && digits[0] == '-' {
		dst, digits = append(dst, '-'), digits[1:]
	}
	for range n {
		dst = append(dst, fill)
	}
	return append(dst, digits...)
}

// appendBCD appends the nibbles of v as digits, from the first that isn't 0 on;
// a nibble above 9, which is no digit, shows as the letter A to F.
func appendBCD(dst []byte, v uint32) []byte {
	const digits = "0123456789ABCDEF"
	shift := 28
	for shift > 0 && v>>shift == 0 {
		shift -= 4
	}
	for ; shift >= 0; shift -= 4 {
		dst = append(dst, digits[v>>shift&15])
	}
	return dst
}

// bitForm is how a bit is shown.
type bitForm uint8

var bitTable = [...]struct{ suffix, on, off string }{
	{"", "1", "0"},
	{"BOOL", "TRUE", "FALSE"},
	{"ONOFF", "ON", "OFF"},
}

// bitFormOf finds a format of bits, in any case. An empty one is none.
func bitFormOf(suffix string) (bitForm, bool) {
	for i, b := range bitTable {
		if suffix != "" && strings.EqualFold(b.suffix, suffix) {
			return bitForm(i), true
		}
	}
	return 0, false
}

func (f bitForm) name(on bool) string {
	if on {
		return bitTable[f].on
	}
	return bitTable[f].off
}

// clockForm is a form of date or time.
type clockForm uint8

// clockTable has Go's layout for each; a layout is as long as what it prints.
var clockTable = [...]struct{ name, layout string }{
	{"_Date:us", "01/02/06"},
	{"_Date:e", "02/01/06"},
	{"_Date:a", "06/01/02"},
	{"_Time:12", "03:04PM"},
	{"_Time:24", "15:04"},
}

// clockFormOf finds a form of date or time by its name, in any case.
func clockFormOf(name string) (clockForm, bool) {
	for i, c := range clockTable {
		if strings.EqualFold(c.name, name) {
			return clockForm(i), true
		}
	}
	return 0, false
}

func (f clockForm) layout() string { return clockTable[f].layout }

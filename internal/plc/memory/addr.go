// Package memory is the memory of a DirectLOGIC CPU: octal addresses, the
// areas that each CPU has, and one image of V-memory on which every bit area
// is a window, so that a bit and its word always agree.
//
// It knows nothing of instructions, scans or modules, and it takes no lock:
// whoever owns an [Image] decides who may touch it, and when.
//
// Sources: the memory maps of the DL05, DL06, DL205 and DL405 user manuals,
// as facts/plc.md section 3 collects them; what is assumed there is listed in
// docs/compatibility.md.
package memory

import (
	"fmt"
	"strconv"
	"strings"
)

// Area is a kind of memory with addresses of its own.
type Area uint8

// The areas. V, TA and CTA are made of words; the others of bits. B is a bit
// of any V-memory word.
const (
	V   Area = iota // data and system words
	TA              // timer current values, from V0
	CTA             // counter current values, from V1000
	X               // inputs
	Y               // outputs
	C               // control relays
	S               // stages
	T               // timer done bits
	CT              // counter done bits
	SP              // special relays
	GX              // remote inputs
	GY              // remote outputs
	B               // bit of word
	areas
)

// area describes an area that doesn't depend on the CPU.
type area struct {
	name string
	base Word // first word of its window on V-memory
	bits bool
}

var areaTable = [areas]area{
	V:   {"V", 0, false},
	TA:  {"TA", 0, false},
	CTA: {"CTA", 0o1000, false},
	GX:  {"GX", 0o40000, true},
	GY:  {"GY", 0o40200, true},
	X:   {"X", 0o40400, true},
	Y:   {"Y", 0o40500, true},
	C:   {"C", 0o40600, true},
	S:   {"S", 0o41000, true},
	T:   {"T", 0o41100, true},
	CT:  {"CT", 0o41140, true},
	SP:  {"SP", 0o41200, true},
	B:   {"B", 0, true},
}

// String is the area's prefix: "V", "C", "CTA".
func (a Area) String() string {
	if a >= areas {
		return "?"
	}
	return areaTable[a].name
}

// Word is a V-memory address: Word(0o2000) is V2000.
type Word uint16

// String is the address as programs write it, in octal.
func (w Word) String() string { return "V" + strconv.FormatUint(uint64(w), 8) }

// Bit is one bit of a V-memory word; N is 0 (lowest) to 15.
type Bit struct {
	Word Word
	N    uint8
}

// Addr is an address as a program writes it: an area, an octal number, and for
// B a bit number in decimal.
type Addr struct {
	Area Area
	Num  uint16
	N    uint8
}

// IsBit tells whether the address names one bit.
func (a Addr) IsBit() bool { return areaTable[a.Area].bits }

// Word is the V-memory word that the address names, or for a bit the word that
// holds it.
func (a Addr) Word() Word {
	base := areaTable[a.Area].base
	if a.IsBit() && a.Area != B {
		return base + Word(a.Num/16)
	}
	return base + Word(a.Num)
}

// Bit is where the bit lives on V-memory. For a word address it is bit 0.
func (a Addr) Bit() Bit {
	switch {
	case a.Area == B:
		return Bit{a.Word(), a.N}
	case a.IsBit():
		return Bit{a.Word(), uint8(a.Num % 16)}
	}
	return Bit{a.Word(), 0}
}

// String is the address as a program writes it: "V2000", "C17", "B2000.5".
func (a Addr) String() string {
	num := strconv.FormatUint(uint64(a.Num), 8)
	if a.Area == B {
		return "B" + num + "." + strconv.Itoa(int(a.N))
	}
	return a.Area.String() + num
}

// maxNum bounds the octal number of an address: no area reaches further.
const maxNum = 0o77777

// ParseAddr reads an address such as V1400, C17, TA3 or B2000.5; letters may
// be of either case, and V2000.5 is another way to write B2000.5. Whether a CPU
// has the address is for [Layout.Check] to say.
func ParseAddr(s string) (Addr, error) {
	letters := 0
	for letters < len(s) && isLetter(s[letters]) {
		letters++
	}
	name := strings.ToUpper(s[:letters])
	digits, bit, dotted := strings.Cut(s[letters:], ".")
	kind, ok := areaOf(name)
	if !ok {
		return Addr{}, fmt.Errorf("%q is not an address: it begins with none of V X Y C S T CT SP GX GY TA CTA B", s)
	}
	num, err := parseOctal(digits)
	if err != nil {
		return Addr{}, fmt.Errorf("%q is not an address: %w", s, err)
	}
	addr := Addr{Area: kind, Num: num}
	if !dotted {
		if kind == B {
			return Addr{}, fmt.Errorf("%q has no bit number: write it as B%s.0 to B%s.15", s, digits, digits)
		}
		return addr, nil
	}
	if kind != V && kind != B {
		return Addr{}, fmt.Errorf("%q is not an address: only a V-memory word has numbered bits", s)
	}
	n, err := strconv.ParseUint(bit, 10, 8)
	if err != nil || n > 15 || len(bit) > 2 {
		return Addr{}, fmt.Errorf("%q has no such bit: the bits of a word are 0 to 15, in decimal", s)
	}
	return Addr{Area: B, Num: num, N: uint8(n)}, nil
}

func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

func areaOf(name string) (Area, bool) {
	for a, t := range areaTable {
		if t.name == name {
			return Area(a), true
		}
	}
	return 0, false
}

func parseOctal(digits string) (uint16, error) {
	if digits == "" {
		return 0, fmt.Errorf("it has no number")
	}
	if strings.ContainsAny(digits, "89") {
		return 0, fmt.Errorf("addresses are octal, so a digit is 0 to 7")
	}
	n, err := strconv.ParseUint(digits, 8, 32)
	if err != nil || strings.ContainsAny(digits, "_+") {
		return 0, fmt.Errorf("%q is not an octal number", digits)
	}
	if n > maxNum {
		return 0, fmt.Errorf("no CPU reaches that far")
	}
	return uint16(n), nil
}

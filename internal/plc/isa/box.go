package isa

import (
	"slices"
	"strings"
)

// FieldKind is what a line of a box holds.
type FieldKind uint8

// The kinds of fields. Constants in boxes are decimal.
const (
	FieldECOM      FieldKind = iota // ECOM#: K0-K255
	FieldSlot                       // slot of the local base: K0-K7
	FieldWord                       // a user V-memory word that is the box's own
	FieldBuffer                     // 65 user V-memory words that are the box's own
	FieldBit                        // a bit that is the box's own: C, Y, GX, GY or B
	FieldRecipient                  // addresses with commas between
	FieldSubject                    // PRINT text without quotes
	FieldPrint                      // PRINT text
	FieldServer                     // an IPv4 address
	FieldName                       // plain text of one line
	FieldSender                     // one address
	FieldPort                       // 1-65535
	FieldTimeout                    // seconds, 1-3600
	FieldConstant                   // K, from Min to Max of the field
	FieldIP                         // a module's own IPv4 address
	FieldMask                       // a subnet mask
	FieldGateway                    // an IPv4 address, or 0.0.0.0 for none
	FieldText                       // plain text of one line, for a module's ROM
	FieldOctets                     // 4 user V-memory words that the box fills, an octet each
	FieldResult                     // a user V-memory word that the box fills
	FieldChars                      // user V-memory words that the box fills, two characters each, low byte first
	FieldResultBit                  // a bit that the box sets or resets: C, Y, GX, GY or B
)

// Reads tells whether a box with a field of this kind reads a module's set-up and
// puts what it got there.
func (k FieldKind) Reads() bool { return k >= FieldOctets && k <= FieldResultBit }

// MaxChars is the most characters that a box reads (facts/plc.md section 1.1).
const MaxChars = 128

// Words is how many words a box fills for a field of this kind: of a FieldChars as
// many as its characters need.
func (k FieldKind) Words(chars int) int {
	switch k {
	case FieldResult:
		return 1
	case FieldOctets:
		return 4
	case FieldChars:
		return (min(max(chars, 1), MaxChars) + 1) / 2
	}
	return 0
}

// Field is one labelled line of a box.
type Field struct {
	Label    string   // as the vendor's editor has it, and as the printer writes it
	Aliases  []string // other spellings that are accepted
	Kind     FieldKind
	Required bool
	Min, Max int // of a FieldConstant
}

// Box is an intelligent box instruction.
type Box struct {
	Mnemonic string
	Alias    string // an older name
	IB       int    // the vendor's number
	Title    string
	Config   bool // hangs on the left rail, at the top of the program
	ROM      bool // writes the module's ROM, which wears and keeps it busy for half a second
	Fields   []Field
}

// BufferWords is the size of a message buffer: a length word and 128 bytes
// (seeds/000 section 7k).
const BufferWords = 65

// LookupBox finds a box by its mnemonic or older name, in upper case.
func LookupBox(mnemonic string) (*Box, bool) {
	for i := range boxes {
		if b := &boxes[i]; b.Mnemonic == mnemonic || b.Alias != "" && b.Alias == mnemonic {
			return b, true
		}
	}
	return nil, false
}

// Boxes returns every box.
func Boxes() []Box { return append([]Box(nil), boxes...) }

// Field finds a field by its label; letter case and blanks don't count.
func (b *Box) Field(label string) (*Field, bool) {
	key := labelKey(label)
	for i := range b.Fields {
		f := &b.Fields[i]
		if labelKey(f.Label) == key || slices.ContainsFunc(f.Aliases, func(a string) bool { return labelKey(a) == key }) {
			return f, true
		}
	}
	return nil, false
}

// Labels lists the box's labels, for messages.
func (b *Box) Labels() string {
	names := make([]string, len(b.Fields))
	for i, f := range b.Fields {
		names[i] = f.Label
	}
	return strings.Join(names, ", ")
}

func labelKey(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(s), ""))
}

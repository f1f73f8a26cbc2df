// Package isa is the instruction table: every mnemonic and box that a program
// may use, the CPUs that have it, its operands, and what each of them reads
// and writes. Parser, checker, compiler and documentation all read this one
// table; nothing is said twice.
//
// Sources: chapters 3 and 5 of the DL05, DL06, DL205 and DL405 user manuals as
// facts/plc.md sections 1, 2 and 8.2 collect them, and seeds/000 sections 1-8.
package isa

import (
	"strings"

	"github.com/rungmail/rungmail/internal/plc/memory"
)

// Role is an instruction's place in a rung.
type Role uint8

// The roles.
const (
	Start    Role = iota // begins a branch: pushes a power flow
	Series               // goes on in series with the present power flow
	Parallel             // joins the present power flow in parallel
	Join                 // ANDSTR, ORSTR: combines the two newest power flows
	Modify               // changes the power flow: NOT
	Output               // is driven by power flow
	Control              // stands by itself: NOP, END
)

// Op is what an instruction does, whatever its role.
type Op uint8

// The operations.
const (
	TestOn Op = iota
	TestOff
	TestRise
	TestFall
	TestEqual
	TestNotEqual
	TestAtLeast
	TestBelow
	JoinAnd
	JoinOr
	Invert
	Coil
	OrCoil
	OneShot
	Set
	Reset
	Timer
	FastTimer
	Counter
	Load
	LoadDouble
	Store
	StoreDouble
	AddBCD
	SubBCD
	IncBCD
	DecBCD
	AddBinary
	SubBinary
	IncBinary
	DecBinary
	ToBinary
	ToBCD
	Nothing
	End
)

// Takes is the set of operands that a place accepts.
type Takes uint16

// The kinds of operands. Word is V, TA and CTA; Const is K with hex digits.
const (
	TakesX Takes = 1 << iota
	TakesY
	TakesC
	TakesS
	TakesT
	TakesCT
	TakesSP
	TakesGX
	TakesGY
	TakesB
	TakesWord
	TakesConst
)

const (
	contactBits = TakesX | TakesY | TakesC | TakesS | TakesT | TakesCT | TakesSP | TakesGX | TakesGY
	coilBits    = TakesY | TakesC | TakesGY
	wordOrConst = TakesWord | TakesConst
)

// Has tells whether an address of this area is accepted.
func (t Takes) Has(a memory.Area) bool {
	switch a {
	case memory.V, memory.TA, memory.CTA:
		return t&TakesWord != 0
	case memory.B:
		return t&TakesB != 0
	}
	for i, area := range bitAreas {
		if area == a {
			return t&(1<<i) != 0
		}
	}
	return false
}

// bitAreas is in the order of the Takes constants.
var bitAreas = [...]memory.Area{
	memory.X, memory.Y, memory.C, memory.S, memory.T, memory.CT, memory.SP, memory.GX, memory.GY, memory.B,
}

// String lists what is accepted: "Y, C, GY".
func (t Takes) String() string {
	var names []string
	for i, area := range bitAreas {
		if t&(1<<i) != 0 {
			names = append(names, area.String())
		}
	}
	if t&TakesWord != 0 {
		names = append(names, "V, TA, CTA")
	}
	if t&TakesConst != 0 {
		names = append(names, "K")
	}
	return strings.Join(names, ", ")
}

// Access is what an instruction does to an operand.
type Access uint8

// The kinds of access.
const (
	Reads Access = 1 << iota
	Writes
)

// Operand is one operand place of an instruction.
type Operand struct {
	Takes  Takes
	Access Access
	Words  int  // words from the address on: 1, or 2 for double words; 0 for a bit
	BCD    bool // a constant here is BCD: digits 0-9 only
	To     bool // ends a range that the operand before it begins
}

// Instruction is one form of a mnemonic.
type Instruction struct {
	Mnemonic string
	Role     Role
	Op       Op
	Operands []Operand
	Legs     int // power flows that an output takes: 1, or 2 for CNT
	CPUs     CPUs
	Title    string
}

// Lookup returns the forms of a mnemonic, in upper case; none if there is no
// such instruction.
func Lookup(mnemonic string) []*Instruction {
	var forms []*Instruction
	for i := range table {
		if table[i].Mnemonic == mnemonic {
			forms = append(forms, &table[i])
		}
	}
	return forms
}

// All returns every form of every instruction.
func All() []Instruction { return append([]Instruction(nil), table...) }

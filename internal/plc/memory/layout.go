package memory

import "fmt"

// Class says what a V-memory word is for.
type Class uint8

// The classes of words.
const (
	None    Class = iota // this CPU has no such word
	Data                 // the user program's own: read and write
	Current              // timer and counter current values
	Input                // windows of X and GX
	Relay                // windows of Y, C, S, T, CT and GY
	Special              // windows of SP: the CPU's own, read only
	System               // system words: the CPU's own, read only
)

func (c Class) String() string {
	return [...]string{"no memory", "user memory", "a current value", "an input", "a relay", "a special relay", "system memory"}[c]
}

// span is a run of words of one class, first and last included.
type span struct {
	first, last Word
	class       Class
}

// bits is a run of bit numbers of one area, first and last included.
type bits struct {
	area        Area
	first, last uint16
}

// Layout is the memory map of one CPU.
type Layout struct {
	// CPU is the name of the controller: "DL06".
	CPU   string
	spans []span
	bits  []bits
}

// layouts holds the maps of facts/plc.md section 3.2, in octal.
var layouts = []Layout{
	{
		CPU: "DL05",
		spans: []span{
			{0, 0o177, Current},
			{0o1000, 0o1177, Current},
			{0o1200, 0o7577, Data},
			{0o7600, 0o7777, System},
		},
		bits: []bits{{X, 0, 0o377}, {Y, 0, 0o377}, {C, 0, 0o777}, {S, 0, 0o377}, {T, 0, 0o177}, {CT, 0, 0o177}, {SP, 0, 0o777}},
	},
	{
		CPU: "DL06",
		spans: []span{
			{0, 0o377, Current},
			{0o400, 0o677, Data},
			{0o700, 0o777, System},
			{0o1000, 0o1177, Current},
			{0o1200, 0o7577, Data},
			{0o7600, 0o7777, System},
			{0o10000, 0o17777, Data},
			{0o36000, 0o37777, System},
		},
		bits: []bits{
			{X, 0, 0o777},
			{Y, 0, 0o777},
			{C, 0, 0o1777},
			{S, 0, 0o1777},
			{T, 0, 0o377},
			{CT, 0, 0o177},
			{SP, 0, 0o777},
			{GX, 0, 0o3777},
			{GY, 0, 0o3777},
		},
	},
	{
		CPU: "DL250-1",
		spans: []span{
			{0, 0o377, Current},
			{0o1000, 0o1177, Current},
			{0o1400, 0o7377, Data},
			{0o7400, 0o7777, System},
			{0o10000, 0o17777, Data},
			{0o37000, 0o37777, System},
		},
		bits: []bits{{X, 0, 0o777}, {Y, 0, 0o777}, {C, 0, 0o1777}, {S, 0, 0o1777}, {T, 0, 0o377}, {CT, 0, 0o177}, {SP, 0, 0o777}},
	},
	{
		CPU: "DL260",
		spans: []span{
			{0, 0o377, Current},
			{0o400, 0o777, Data},
			{0o1000, 0o1377, Current},
			{0o1400, 0o7377, Data},
			{0o7400, 0o7777, System},
			{0o10000, 0o35777, Data},
			{0o36000, 0o37777, System},
		},
		bits: []bits{
			{X, 0, 0o1777},
			{Y, 0, 0o1777},
			{C, 0, 0o3777},
			{S, 0, 0o1777},
			{T, 0, 0o377},
			{CT, 0, 0o377},
			{SP, 0, 0o777},
			{GX, 0, 0o3777},
			{GY, 0, 0o3777},
		},
	},
	{
		CPU: "DL450",
		spans: []span{
			{0, 0o377, Current},
			{0o700, 0o737, System},
			{0o1000, 0o1377, Current},
			{0o1400, 0o7377, Data},
			{0o7400, 0o7777, System},
			{0o10000, 0o37777, Data},
		},
		bits: []bits{
			{X, 0, 0o1777},
			{Y, 0, 0o1777},
			{C, 0, 0o3777},
			{S, 0, 0o1777},
			{T, 0, 0o377},
			{CT, 0, 0o377},
			{SP, 0, 0o137},
			{SP, 0o320, 0o717},
			{GX, 0, 0o3777},
			{GY, 0, 0o3777},
		},
	},
}

// LayoutOf is the memory map of a CPU that runs programs here: DL05, DL06,
// DL250-1, DL260 or DL450.
func LayoutOf(cpu string) (*Layout, bool) {
	for i := range layouts {
		if layouts[i].CPU == cpu {
			return &layouts[i], true
		}
	}
	return nil, false
}

// Class says what the word is on this CPU.
func (l *Layout) Class(w Word) Class {
	for _, s := range l.spans {
		if s.first <= w && w <= s.last {
			return s.class
		}
	}
	for _, b := range l.bits {
		base := areaTable[b.area].base
		if base+Word(b.first/16) <= w && w <= base+Word(b.last/16) {
			return windowClass(b.area)
		}
	}
	return None
}

func windowClass(a Area) Class {
	switch a {
	case X, GX:
		return Input
	case SP:
		return Special
	default:
		return Relay
	}
}

// Has tells whether this CPU has the address.
func (l *Layout) Has(a Addr) bool {
	switch {
	case a.Area == TA:
		return l.hasBit(T, a.Num)
	case a.Area == CTA:
		return l.hasBit(CT, a.Num)
	case a.IsBit() && a.Area != B:
		return l.hasBit(a.Area, a.Num)
	}
	return l.Class(a.Word()) != None
}

func (l *Layout) hasBit(kind Area, num uint16) bool {
	for _, b := range l.bits {
		if b.area == kind && b.first <= num && num <= b.last {
			return true
		}
	}
	return false
}

// Check reports an address that this CPU doesn't have.
func (l *Layout) Check(a Addr) error {
	if l.Has(a) {
		return nil
	}
	return fmt.Errorf("%s: a %s has no such address", a, l.CPU)
}

// CheckWrite reports an address that this CPU doesn't have or that is its own:
// system words and special relays are read only. Inputs may be written, since a
// tester stands in for the field wiring; a program or a network peer that must
// not is held off by its own rules.
func (l *Layout) CheckWrite(a Addr) error {
	if err := l.Check(a); err != nil {
		return err
	}
	if c := l.Class(a.Word()); c == System || c == Special {
		return fmt.Errorf("%s: %s of the %s can't be written", a, c, l.CPU)
	}
	return nil
}

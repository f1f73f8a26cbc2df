package code

import (
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// The special relays that arithmetic sets (facts/plc.md section 3.3).
const (
	spZero       = 0o63
	spHalfBorrow = 0o64
	spBorrow     = 0o65
	spHalfCarry  = 0o66
	spCarry      = 0o67
	spSign       = 0o70
	spNotBCD     = 0o75
	spLoadZero   = 0o76
)

func flag(m *memory.Image, sp uint16, on bool) {
	m.SetBit(memory.Addr{Area: memory.SP, Num: sp}.Bit(), on)
}

// accumulate does an instruction that works on the accumulator or on a word.
// A number that isn't BCD where BCD is asked for sets SP75 and changes nothing
// else.
func (s *State) accumulate(o *op, a *arg, m *memory.Image) {
	at := memory.Word(o.word)
	switch o.what {
	case isa.Load:
		s.load(m, uint32(operand(o, a, m)))
	case isa.LoadDouble:
		s.load(m, double(o, a, m))
	case isa.Store:
		m.SetWord(at, uint16(s.acc))
	case isa.StoreDouble:
		m.SetDouble(at, s.acc)
	case isa.AddBCD:
		if v := uint32(operand(o, a, m)); s.bcd(m, v) {
			s.addBCD(m, v)
		}
	case isa.SubBCD:
		if v := uint32(operand(o, a, m)); s.bcd(m, v) {
			s.subBCD(m, v)
		}
	case isa.AddBinary:
		s.addBinary(m, uint32(operand(o, a, m)))
	case isa.SubBinary:
		s.subBinary(m, uint32(operand(o, a, m)))
	case isa.IncBCD, isa.DecBCD:
		stepBCD(m, at, o.what == isa.IncBCD)
	case isa.IncBinary:
		m.SetWord(at, m.Word(at)+1)
		flag(m, spZero, m.Word(at) == 0)
	case isa.DecBinary:
		m.SetWord(at, m.Word(at)-1)
		flag(m, spZero, m.Word(at) == 0)
	case isa.ToBinary:
		if s.bcd(m, 0) {
			s.acc = fromBCD(s.acc)
		}
	case isa.ToBCD:
		flag(m, spNotBCD, s.acc > maxBCD)
		if s.acc <= maxBCD {
			s.acc = toBCD(s.acc)
		}
	}
}

// operand is the only operand of an instruction, a word or a constant.
func operand(o *op, a *arg, m *memory.Image) uint16 {
	if a.konst {
		return uint16(a.value)
	}
	return m.Word(memory.Word(o.word))
}

func double(o *op, a *arg, m *memory.Image) uint32 {
	if a.konst {
		return a.value
	}
	return m.Double(memory.Word(o.word))
}

func (s *State) load(m *memory.Image, v uint32) {
	s.acc = v
	flag(m, spLoadZero, v == 0)
}

// bcd tells whether both operand and accumulator are BCD, and flags it if not.
func (s *State) bcd(m *memory.Image, v uint32) bool {
	good := isBCD(v) && isBCD(s.acc)
	flag(m, spNotBCD, !good)
	return good
}

func (s *State) addBCD(m *memory.Image, v uint32) {
	a, b := fromBCD(s.acc), fromBCD(v)
	s.acc = toBCD((a + b) % (maxBCD + 1))
	flag(m, spZero, s.acc == 0)
	flag(m, spHalfCarry, a%10000+b%10000 > 9999)
	flag(m, spCarry, a+b > maxBCD)
}

// subBCD takes away; below zero the ten's complement is left, with SP65 and the
// sign.
func (s *State) subBCD(m *memory.Image, v uint32) {
	a, b := fromBCD(s.acc), fromBCD(v)
	borrow := a < b
	if borrow {
		s.acc = toBCD(a + (maxBCD + 1) - b)
	} else {
		s.acc = toBCD(a - b)
	}
	flag(m, spZero, s.acc == 0)
	flag(m, spHalfBorrow, a%10000 < b%10000)
	flag(m, spBorrow, borrow)
	flag(m, spSign, borrow)
}

func (s *State) addBinary(m *memory.Image, v uint32) {
	sum := uint64(s.acc) + uint64(v)
	flag(m, spHalfCarry, s.acc&0xffff+v&0xffff > 0xffff)
	flag(m, spCarry, sum > 0xffffffff)
	s.acc = uint32(sum)
	flag(m, spZero, s.acc == 0)
	flag(m, spSign, s.acc>>31 != 0)
}

func (s *State) subBinary(m *memory.Image, v uint32) {
	flag(m, spHalfBorrow, s.acc&0xffff < v&0xffff)
	flag(m, spBorrow, s.acc < v)
	s.acc -= v
	flag(m, spZero, s.acc == 0)
	flag(m, spSign, s.acc>>31 != 0)
}

// stepBCD adds or takes 1 from a BCD word, which turns over at 9999 and 0000.
func stepBCD(m *memory.Image, at memory.Word, up bool) {
	v := uint32(m.Word(at))
	flag(m, spNotBCD, !isBCD(v))
	if !isBCD(v) {
		return
	}
	n := fromBCD(v) + 9999
	if up {
		n += 2
	}
	m.SetWord(at, uint16(toBCD(n%10000)))
	flag(m, spZero, n%10000 == 0)
}

// maxBCD is the largest number of eight BCD digits.
const maxBCD = 99999999

func isBCD(v uint32) bool {
	for ; v != 0; v >>= 4 {
		if v&15 > 9 {
			return false
		}
	}
	return true
}

// fromBCD reads a number digit by digit; a digit above 9 counts for what it is.
func fromBCD(v uint32) uint32 {
	n := uint32(0)
	for shift := 28; shift >= 0; shift -= 4 {
		n = n*10 + v>>shift&15
	}
	return n
}

func toBCD(n uint32) uint32 {
	v := uint32(0)
	for shift := 0; n > 0 && shift < 32; shift += 4 {
		v |= n % 10 << shift
		n /= 10
	}
	return v
}

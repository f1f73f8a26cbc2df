package code

import (
	"time"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// State is what a CPU keeps beside its memory: the accumulator and the parts of
// ticks that timers have gathered. It outlives a change of program.
type State struct {
	// Elapsed is the time since the scan before, for timers.
	Elapsed time.Duration

	acc    uint32
	timers [256]timer
}

// Accumulator is the accumulator as the last instruction left it.
func (s *State) Accumulator() uint32 { return s.acc }

// Scan solves the program once, from top to END.
func (p *Program) Scan(m *memory.Image, s *State) {
	var flow uint64 // power flows as a stack, the newest in bit 0
	ops := p.ops
	for pc := 0; pc < len(ops); pc++ {
		o := &ops[pc]
		switch o.kind {
		case start:
			flow <<= 1
			if m.Any(memory.Word(o.word), o.mask, o.flip) {
				flow |= 1
				pc += int(o.onOn)
			} else {
				pc += int(o.onOff)
			}
		case series:
			if !m.Any(memory.Word(o.word), o.mask, o.flip) {
				flow &^= 1
			}
			if flow&1 != 0 {
				pc += int(o.onOn)
			} else {
				pc += int(o.onOff)
			}
		case parallel:
			if m.Any(memory.Word(o.word), o.mask, o.flip) {
				flow |= 1
			}
			if flow&1 != 0 {
				pc += int(o.onOn)
			} else {
				pc += int(o.onOff)
			}
		case coil:
			m.SetMask(memory.Word(o.word), o.mask, flow&1 != 0)
		case end:
			return
		default:
			flow = p.rare(o, m, s, flow)
		}
	}
}

// rare does the operations that are no plain contact or coil.
func (p *Program) rare(o *op, m *memory.Image, s *State, flow uint64) uint64 {
	switch o.kind {
	case startTest:
		return flow<<1 | bit(p.test(o, m))
	case seriesTest:
		if !p.test(o, m) {
			flow &^= 1
		}
	case parallelTest:
		flow |= bit(p.test(o, m))
	case joinAnd:
		flow = flow>>1&^1 | flow>>1&flow&1
	case joinOr:
		flow = flow>>1 | flow&1
	case invert:
		flow ^= 1
	case orCoil:
		if power := flow&1 != 0; power || p.args[o.arg].konst {
			m.SetMask(memory.Word(o.word), o.mask, power)
		}
	case box:
		p.boxes[p.args[o.arg].value].Exec(flow&1 != 0)
	case act:
		p.act(o, &p.args[o.arg], m, s, flow)
	}
	return flow
}

func bit(on bool) uint64 {
	if on {
		return 1
	}
	return 0
}

// test is the state of a contact that isn't a plain bit.
func (p *Program) test(o *op, m *memory.Image) bool {
	arg := &p.args[o.arg]
	switch o.what {
	case isa.TestRise:
		return p.edges[arg.value].rises(m.Any(memory.Word(o.word), o.mask, 0))
	case isa.TestFall:
		return p.edges[arg.value].falls(m.Any(memory.Word(o.word), o.mask, 0))
	}
	a, b := m.Word(memory.Word(o.word)), second(arg, m)
	switch o.what {
	case isa.TestEqual:
		return a == b
	case isa.TestNotEqual:
		return a != b
	case isa.TestAtLeast:
		return a >= b
	default:
		return a < b
	}
}

// second is the second operand of a comparison, or a timer's preset.
func second(a *arg, m *memory.Image) uint16 {
	if a.konst {
		return uint16(a.value)
	}
	return m.Word(memory.Word(a.other))
}

// rises sees the present state and tells whether it came on since the last
// time; the first time it only takes note.
func (e *edge) rises(now bool) bool {
	rose := e.primed && now && !e.last
	e.last, e.primed = now, true
	return rose
}

func (e *edge) falls(now bool) bool {
	fell := e.primed && !now && e.last
	e.last, e.primed = now, true
	return fell
}

package code

import (
	"time"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// timer is the part of a timer that its current value can't show.
type timer struct {
	rest    time.Duration // less than one tick
	running bool
}

// act does an output that isn't a plain coil.
func (p *Program) act(o *op, a *arg, m *memory.Image, s *State, flow uint64) {
	power := flow&1 != 0
	switch o.what { // these work without power too
	case isa.OneShot:
		m.SetMask(memory.Word(o.word), o.mask, p.edges[a.value].rises(power))
		return
	case isa.Timer:
		runTimer(o, a, m, s, power, 100*time.Millisecond)
		return
	case isa.FastTimer:
		runTimer(o, a, m, s, power, 10*time.Millisecond)
		return
	case isa.Counter:
		p.count(o, a, m, flow>>1&1 != 0, power)
		return
	}
	if !power {
		return
	}
	switch o.what {
	case isa.Set:
		setRange(o, a.count, m, true)
	case isa.Reset:
		setRange(o, a.count, m, false)
	default:
		s.accumulate(o, a, m)
	}
}

// setRange sets or resets one bit or a run of them; resetting a timer or
// counter clears its current value too.
func setRange(o *op, count uint16, m *memory.Image, on bool) {
	at := memory.Bit{Word: memory.Word(o.word), N: lowest(o.mask)}
	for range count {
		m.SetBit(at, on)
		if n, base, ok := current(at); ok && !on {
			m.SetWord(base+n, 0)
		}
		if at.N++; at.N == 16 {
			at = memory.Bit{Word: at.Word + 1}
		}
	}
}

func lowest(mask uint16) uint8 {
	n := uint8(0)
	for ; mask > 1; mask >>= 1 {
		n++
	}
	return n
}

// current is where the current value of the timer or counter lives that has
// this done bit.
func current(b memory.Bit) (n, base memory.Word, ok bool) {
	first := func(a memory.Area) memory.Word { return memory.Addr{Area: a}.Word() }
	switch {
	case b.Word >= first(memory.CT) && b.Word < first(memory.SP):
		return (b.Word-first(memory.CT))*16 + memory.Word(b.N), first(memory.CTA), true
	case b.Word >= first(memory.T) && b.Word < first(memory.CT):
		return (b.Word-first(memory.T))*16 + memory.Word(b.N), first(memory.TA), true
	}
	return 0, 0, false
}

// runTimer counts ticks in BCD, up to 9999, while it has power, and is done from
// the preset on. A timer that has just got power begins with this scan.
func runTimer(o *op, a *arg, m *memory.Image, s *State, power bool, tick time.Duration) {
	at, base, _ := current(memory.Bit{Word: memory.Word(o.word), N: lowest(o.mask)})
	t := &s.timers[at&255]
	at += base
	if !power {
		*t = timer{}
		m.SetWord(at, 0)
		m.SetMask(memory.Word(o.word), o.mask, false)
		return
	}
	now := fromBCD(uint32(m.Word(at)))
	if t.running {
		t.rest += s.Elapsed
		now = min(9999, now+uint32(min(t.rest/tick, 9999)))
		t.rest %= tick
		m.SetWord(at, uint16(toBCD(now)))
	}
	t.running = true
	m.SetMask(memory.Word(o.word), o.mask, now >= fromBCD(uint32(second(a, m))))
}

// count counts the leading edges of its first leg, in BCD, up to 9999; the
// second leg resets.
func (p *Program) count(o *op, a *arg, m *memory.Image, up, reset bool) {
	n, base, _ := current(memory.Bit{Word: memory.Word(o.word), N: lowest(o.mask)})
	at := base + n
	now := fromBCD(uint32(m.Word(at)))
	if p.edges[a.edge].rises(up) && now < 9999 {
		now++
	}
	if reset {
		now = 0
	}
	m.SetWord(at, uint16(toBCD(now)))
	m.SetMask(memory.Word(o.word), o.mask, !reset && now >= fromBCD(uint32(second(a, m))))
}

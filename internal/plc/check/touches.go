package check

import (
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// touch is an operand or an element of PRINT text with all the memory that it
// reaches.
type touch struct {
	pos    ladder.Pos
	by     string // "SET C0 C7", "the body"
	writes bool
	places []place
}

// touch judges whether a program may reach what it reaches.
func (c *checker) touch(owned owners, t touch) {
	for _, p := range t.places {
		o, ok := owned.of(p)
		switch {
		case !ok:
		case t.writes:
			c.errorf("written-elsewhere", t.pos, "%s writes %s, which is %s: nothing else may write it", t.by, o.name(), o.what())
			return
		case o.kept():
			c.warnf("workspace-read", t.pos, "%s reads %s, which is %s: what it holds means nothing to a program", t.by, o.name(), o.what())
			return
		}
	}
}

// touches lists what an instruction reads and writes, and a box beside its own.
func touches(n *ladder.Node) []touch {
	if n.Kind == ladder.Box {
		return append(textTouches(n), fills(n)...)
	}
	var list []touch
	for i, o := range n.Operands {
		need := n.Form.Operands[i]
		if o.IsConst || need.To {
			continue
		}
		t := touch{pos: o.Pos, by: n.Name + " " + o.String(), writes: need.Access&isa.Writes != 0}
		last := o.Addr
		if i+1 < len(n.Operands) && n.Form.Operands[i+1].To {
			last = n.Operands[i+1].Addr
			t.by += " " + last.String()
		}
		t.places = span(o.Addr, last, need.Words)
		if t.writes {
			t.places = append(t.places, current(o.Addr, last)...)
		}
		list = append(list, t)
	}
	return list
}

// textTouches lists what the body of a mail reads. Of a text whose length is in
// memory it is the first word.
func textTouches(n *ladder.Node) []touch {
	f, ok := n.Field(isa.LabelBody)
	if !ok {
		return nil
	}
	text, err := vprint.Parse(f.Value)
	if err != nil {
		return nil // reported elsewhere
	}
	var list []touch
	places := refPlaces(f)
	for i, ref := range text.Reads() {
		list = append(list, touch{pos: places[i], by: "the body", places: span(ref.Addr, ref.Addr, ref.Words)})
	}
	return list
}

// fills lists what a box writes beside its own: where it puts what it reads.
func fills(n *ladder.Node) []touch {
	var list []touch
	for i := range n.Fields {
		f := &n.Fields[i]
		words := n.Words(f)
		if !f.Spec.Kind.Reads() || f.Addr.IsBit() != (words == 0) {
			continue
		}
		list = append(list, touch{pos: f.ValuePos, by: "the " + f.Spec.Label + " of " + n.Name, writes: true, places: span(f.Addr, f.Addr, words)})
	}
	return list
}

// span lists the words from an address on, or the bits from one to another.
func span(from, to memory.Addr, words int) []place {
	var list []place
	if !from.IsBit() {
		for i := range memory.Word(max(1, words)) {
			list = append(list, place{from.Word() + i, wholeWord})
		}
		return list
	}
	first, last := from.Bit(), to.Bit()
	for w := first.Word; w <= last.Word; w++ {
		p := place{w, wholeWord}
		if w == first.Word {
			p.mask &= wholeWord << first.N
		}
		if w == last.Word {
			p.mask &= wholeWord >> (15 - last.N)
		}
		list = append(list, p)
	}
	return list
}

// current is the current values that an instruction writes together with the
// done bits of timers or counters.
func current(from, to memory.Addr) []place {
	area := memory.TA
	switch from.Area {
	case memory.T:
	case memory.CT:
		area = memory.CTA
	default:
		return nil
	}
	return span(memory.Addr{Area: area, Num: from.Num}, memory.Addr{}, int(to.Num)-int(from.Num)+1)
}

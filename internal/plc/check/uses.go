package check

import (
	"fmt"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// use is a box's own memory, or a place where the program touches memory.
type use struct {
	word memory.Word
	mask uint16
	pos  ladder.Pos
	what string // "Success of ECEMAIL in line 12", "OUT in line 30"
	name string // the address as written
	kept bool   // workspaces and buffers, which a program shouldn't even read
}

const wholeWord = 0xFFFF

// uses judges who owns which memory: what a box calls its own must be user
// memory, used by no other box and written by no other instruction (seeds/000
// sections 7-9).
func (c *checker) uses() {
	owned := map[memory.Word][]use{}
	c.boxes(func(n *ladder.Node) {
		for _, u := range c.owns(n) {
			for _, other := range owned[u.word] {
				if other.mask&u.mask != 0 {
					c.errorf("shared", u.pos, "%s is %s and %s too: each needs memory of its own", u.name, u.what, other.what)
					break
				}
			}
			owned[u.word] = append(owned[u.word], u)
		}
	})
	c.nodes(func(n *ladder.Node) {
		for _, w := range touches(n, isa.Writes) {
			if o, ok := conflict(owned, w); ok {
				c.errorf("written-elsewhere", w.pos, "%s writes %s, which is %s: only that box may write it", w.what, w.name, o.what)
			}
		}
		for _, r := range touches(n, isa.Reads) {
			if o, ok := conflict(owned, r); ok && o.kept {
				c.warnf("workspace-read", r.pos, "%s reads %s, which is %s: its contents mean nothing to a program", r.what, r.name, o.what)
			}
		}
	})
}

func conflict(owned map[memory.Word][]use, u use) (use, bool) {
	for _, o := range owned[u.word] {
		if o.mask&u.mask != 0 {
			return o, true
		}
	}
	return use{}, false
}

// owns lists the memory that a box calls its own, and reports what can't be.
func (c *checker) owns(n *ladder.Node) []use {
	var list []use
	for i := range n.Fields {
		f := &n.Fields[i]
		u := use{
			word: f.Addr.Word(), mask: wholeWord, pos: f.ValuePos, name: f.Addr.String(),
			what: fmt.Sprintf("%s of %s in line %d", f.Spec.Label, n.Name, n.Pos.Line),
			kept: f.Spec.Label == isa.LabelWorkspace || f.Spec.Kind == isa.FieldBuffer,
		}
		switch f.Spec.Kind {
		case isa.FieldWord:
			if f.Addr.Area != memory.V || c.layout.Class(u.word) != memory.Data {
				c.errorf("not-user-memory", f.ValuePos, "%s must be a word of user V-memory: %s is %s on a %s", f.Spec.Label, f.Addr, c.layout.Class(u.word), c.layout.CPU)
				continue
			}
		case isa.FieldBit:
			if !c.ownBit(f) {
				continue
			}
			u.mask = 1 << f.Addr.Bit().N
		case isa.FieldBuffer:
			list = append(list, c.ownBuffer(f, u)...)
			continue
		default:
			continue
		}
		list = append(list, u)
	}
	return list
}

// ownBit judges a Success or Error bit.
func (c *checker) ownBit(f *ladder.Field) bool {
	const allowed = isa.TakesC | isa.TakesY | isa.TakesGX | isa.TakesGY | isa.TakesB
	if !f.Addr.IsBit() || !allowed.Has(f.Addr.Area) {
		c.errorf("bit-kind", f.ValuePos, "%s must be a C, Y, GX, GY or B bit: %s is not", f.Spec.Label, f.Addr)
		return false
	}
	if err := c.layout.Check(f.Addr); err != nil {
		c.errorf("no-such-address", f.ValuePos, "%s: %s", f.Spec.Label, err)
		return false
	}
	if class := c.layout.Class(f.Addr.Word()); f.Addr.Area == memory.B && class != memory.Data {
		c.errorf("not-user-memory", f.ValuePos, "%s must be a bit of user V-memory: %s is %s on a %s", f.Spec.Label, f.Addr, class, c.layout.CPU)
		return false
	}
	return true
}

func (c *checker) ownBuffer(f *ladder.Field, u use) []use {
	var list []use
	for i := range memory.Word(isa.BufferWords) {
		w := f.Addr.Word() + i
		if f.Addr.Area != memory.V || w > f.Last.Word() {
			break
		}
		if class := c.layout.Class(w); class != memory.Data {
			c.errorf("not-user-memory", f.ValuePos, "Msg Buffer must be user V-memory: %s of it is %s on a %s", w, class, c.layout.CPU)
			return list
		}
		u.word, u.name = w, w.String()
		list = append(list, u)
	}
	return list
}

// touches lists the memory that an instruction reads or writes, and what the
// text of a box reads.
func touches(n *ladder.Node, access isa.Access) []use {
	if n.Kind == ladder.Box {
		if access == isa.Reads {
			return textReads(n)
		}
		return nil
	}
	var list []use
	for i, o := range n.Operands {
		place := n.Form.Operands[i]
		if o.IsConst || place.Access&access == 0 || place.To {
			continue
		}
		last := o.Addr
		if i+1 < len(n.Operands) && n.Form.Operands[i+1].To {
			last = n.Operands[i+1].Addr
		}
		what := fmt.Sprintf("%s in line %d", n.Name, n.Pos.Line)
		list = append(list, span(o.Addr, last, place.Words, use{pos: o.Pos, what: what})...)
	}
	return list
}

// span lists the words of an operand, or the bits from one address to another.
func span(from, to memory.Addr, words int, u use) []use {
	var list []use
	if !from.IsBit() {
		for i := range max(1, words) {
			addr := from
			addr.Num += uint16(i)
			u.word, u.mask, u.name = addr.Word(), wholeWord, addr.String()
			list = append(list, u)
		}
		return list
	}
	for addr := from; addr.Num <= to.Num; addr.Num++ {
		u.word, u.mask, u.name = addr.Word(), 1<<addr.Bit().N, addr.String()
		list = append(list, u)
	}
	return list
}

func textReads(n *ladder.Node) []use {
	f, ok := n.Field(isa.LabelBody)
	if !ok {
		return nil
	}
	text, err := vprint.Parse(f.Value)
	if err != nil {
		return nil // reported elsewhere
	}
	var list []use
	for _, ref := range text.Reads() {
		list = append(list, span(ref.Addr, ref.Addr, ref.Words, use{pos: f.ValuePos, what: fmt.Sprintf("Body of %s in line %d", n.Name, n.Pos.Line)})...)
	}
	return list
}

package check

import (
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// configBoxes judges the ECOM100 boxes: their place, number and slot.
func (c *checker) configBoxes() {
	c.configs = map[int]*ladder.Node{}
	slots := map[int]*ladder.Node{}
	var before *ladder.Node // the first instruction that isn't configuration
	c.nodes(func(n *ladder.Node) {
		if n.Kind != ladder.Box || !n.Box.Config {
			if before == nil && (n.Kind == ladder.Box || n.Form.Op != isa.Nothing) {
				before = n
			}
			return
		}
		c.result.Boxes++
		if before != nil {
			c.errorf("config-not-first", n.Pos, "ECOM100 comes after %s in line %d: configuration boxes go first, with only NOP and comments before them", before.Name, before.Pos.Line)
		}
		c.ecomNumber(n)
		c.slot(n, slots)
		c.buffer(n)
	})
}

// ecomNumber notes an ECOM100 box under its number.
func (c *checker) ecomNumber(n *ladder.Node) {
	f, ok := n.Field(isa.LabelECOM)
	if !ok {
		return
	}
	if f.Number > 255 {
		c.errorf("ecom-range", f.ValuePos, "ECOM# is K0 to K255: K%d is out of range", f.Number)
		return
	}
	if first, twice := c.configs[f.Number]; twice {
		c.errorf("ecom-twice", f.ValuePos, "ECOM# K%d is defined in line %d already: each module has a number of its own", f.Number, first.Pos.Line)
		return
	}
	c.configs[f.Number] = n
}

// slot judges the slot of an ECOM100 box (seeds/000 section 3).
func (c *checker) slot(n *ladder.Node, slots map[int]*ladder.Node) {
	f, ok := n.Field(isa.LabelSlot)
	if !ok {
		return
	}
	ctrl := c.program.Controller
	switch {
	case f.Number < ctrl.FirstSlot && ctrl.ModuleType == "H2-ECOM100":
		c.errorf("slot", f.ValuePos, "the first slot of a 205 base, K0, can't hold an ECOM100: use K%d to K%d", ctrl.FirstSlot, ctrl.LastSlot)
	case f.Number < ctrl.FirstSlot:
		c.errorf("slot", f.ValuePos, "the slots of a %s begin at K%d: K%d is none of them", ctrl.Name, ctrl.FirstSlot, f.Number)
	case f.Number > ctrl.LastSlot:
		c.errorf("slot", f.ValuePos, "a %s has slots K%d to K%d: K%d is none of them", ctrl.Name, ctrl.FirstSlot, ctrl.LastSlot, f.Number)
	}
	if first, twice := slots[f.Number]; twice {
		c.errorf("slot-twice", f.ValuePos, "slot K%d has an ECOM100 box in line %d already: one box a module", f.Number, first.Pos.Line)
		return
	}
	slots[f.Number] = n
}

func (c *checker) buffer(n *ladder.Node) {
	f, ok := n.Field(isa.LabelBuffer)
	if !ok {
		return
	}
	if f.Addr.Area != memory.V || f.Last.Area != memory.V {
		c.errorf("not-user-memory", f.ValuePos, "Msg Buffer is %d words of V-memory: %s is not", isa.BufferWords, f.Value)
		return
	}
	if words := int(f.Last.Num) - int(f.Addr.Num) + 1; words != isa.BufferWords {
		last := memory.Addr{Area: memory.V, Num: f.Addr.Num + isa.BufferWords - 1}
		c.errorf("buffer-size", f.ValuePos, "Msg Buffer has %d words and must have %d: write %s - %s", words, isa.BufferWords, f.Addr, last)
	}
}

// clientBoxes judges the boxes that use an ECOM100.
func (c *checker) clientBoxes() {
	c.boxes(func(n *ladder.Node) {
		if n.Box.Config {
			return
		}
		c.result.Boxes++
		if f, ok := n.Field(isa.LabelECOM); ok {
			if f.Number > 255 {
				c.errorf("ecom-range", f.ValuePos, "ECOM# is K0 to K255: K%d is out of range", f.Number)
			} else if c.configs[f.Number] == nil {
				c.errorf("ecom-undefined", f.ValuePos, "no ECOM100 box has ECOM# K%d: add one at the top of the program", f.Number)
			}
		}
		switch n.Box.Mnemonic {
		case isa.EmailBox:
			c.email(n)
		case isa.SetupBox:
			c.setup(n)
		}
	})
	for _, r := range c.rungs {
		c.neverFires(r)
	}
}

// neverFires warns of a box that gets no edge: SP1 is always on (seeds/000
// section 8), SP2 always off.
func (c *checker) neverFires(r ladder.Rung) {
	if len(r.Nodes) < 2 || len(r.Nodes[0].Operands) != 1 {
		return
	}
	first := r.Nodes[0]
	sp := first.Operands[0].Addr
	constant := sp.Area == memory.SP && (sp.Num == 1 || sp.Num == 2) && first.Form.Op <= isa.TestOff
	for _, n := range r.Nodes[1:] {
		if n.Kind == ladder.Instruction && n.Form.Role != isa.Output {
			return
		}
		if constant && n.Kind == ladder.Box && !n.Box.Config {
			c.warnf("never-fires", n.Pos, "%s is driven by %s alone, which never changes: the box needs a leading edge, so it never runs", n.Name, sp)
		}
	}
}

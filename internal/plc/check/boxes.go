package check

import (
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// configBoxes judges the ECOM100 boxes: their place, number, slot and buffer
// (seeds/000 sections 3 and 7).
func (c *checker) configBoxes() {
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
			c.errorf("config-not-first", n.Pos, "%s comes after %s in line %d: configuration boxes go first, without contacts and with only NOP and comments before them", n.Name, before.Name, before.Pos.Line)
		}
		c.ecomNumber(n)
		c.slot(n, slots)
		c.bufferSize(n)
	})
}

// ecomNumber notes an ECOM100 box under its number.
func (c *checker) ecomNumber(n *ladder.Node) {
	f, ok := n.Field(isa.LabelECOM)
	if !ok || !c.ecomInRange(f) {
		return
	}
	if first, twice := c.configs[f.Number]; twice {
		c.errorf("ecom-twice", f.ValuePos, "ECOM# K%d is defined in line %d already: each module has a number of its own", f.Number, first.Pos.Line)
		return
	}
	c.configs[f.Number] = n
}

func (c *checker) ecomInRange(f *ladder.Field) bool {
	if f.Number > 255 {
		c.errorf("ecom-range", f.ValuePos, "ECOM# K%d is out of range: write K0 to K255", f.Number)
		return false
	}
	return true
}

// slot judges the slot of an ECOM100 box.
func (c *checker) slot(n *ladder.Node, slots map[int]*ladder.Node) {
	f, ok := n.Field(isa.LabelSlot)
	if !ok {
		return
	}
	ctrl := c.program.Controller
	switch first, twice := slots[f.Number]; {
	case f.Number == 0 && ctrl.FirstSlot > 0 && ctrl.ModuleType == "H2-ECOM100":
		c.errorf("slot", f.ValuePos, "the first slot of a 205 base, K0, can't hold an ECOM100: use K%d to K%d", ctrl.FirstSlot, ctrl.LastSlot)
	case ctrl.FirstSlot == ctrl.LastSlot && f.Number != ctrl.FirstSlot:
		c.errorf("slot", f.ValuePos, "K%d is no slot of a %s, which has one: use K%d", f.Number, ctrl.Name, ctrl.FirstSlot)
	case f.Number < ctrl.FirstSlot:
		c.errorf("slot", f.ValuePos, "K%d is no slot of a %s, whose slots begin at K%d: use K%d to K%d", f.Number, ctrl.Name, ctrl.FirstSlot, ctrl.FirstSlot, ctrl.LastSlot)
	case f.Number > ctrl.LastSlot:
		c.errorf("slot", f.ValuePos, "K%d is no slot of a %s: use K%d to K%d", f.Number, ctrl.Name, ctrl.FirstSlot, ctrl.LastSlot)
	case twice:
		c.errorf("slot-twice", f.ValuePos, "slot K%d has an ECOM100 box in line %d already: write one box a module", f.Number, first.Pos.Line)
	default:
		slots[f.Number] = n
	}
}

// bufferSize judges how long a message buffer is; what it lies on is for
// [checker.uses] to judge.
func (c *checker) bufferSize(n *ladder.Node) {
	f, ok := n.Field(isa.LabelBuffer)
	if !ok || !inWords(f) {
		return
	}
	words := int(f.Last.Num) - int(f.Addr.Num) + 1
	if words == isa.BufferWords {
		return
	}
	last := memory.Addr{Area: memory.V, Num: f.Addr.Num + isa.BufferWords - 1}
	if words < 1 {
		c.errorf("buffer-size", f.ValuePos, "the Msg Buffer ends at %s, before it begins: write %s - %s", f.Last, f.Addr, last)
		return
	}
	c.errorf("buffer-size", f.ValuePos, "the Msg Buffer has %s and must have %d: write %s - %s", plural(words, "word", "words"), isa.BufferWords, f.Addr, last)
}

// inWords tells whether a message buffer is words of V-memory from end to end.
func inWords(f *ladder.Field) bool { return f.Addr.Area == memory.V && f.Last.Area == memory.V }

// clientBoxes judges the boxes that use an ECOM100.
func (c *checker) clientBoxes() {
	c.boxes(func(n *ladder.Node) {
		if n.Box.Config {
			return
		}
		c.result.Boxes++
		if f, ok := n.Field(isa.LabelECOM); ok && c.ecomInRange(f) && c.configs[f.Number] == nil {
			c.errorf("ecom-undefined", f.ValuePos, "no ECOM100 box has ECOM# K%d: add one at the top of the program, or use its number", f.Number)
		}
		if n.Box.Mnemonic == isa.EmailBox {
			c.email(n)
			return
		}
		c.setup(n)
		c.moduleSetup(n)
	})
	for _, r := range c.rungs {
		c.drives(r)
	}
}

package check

import (
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// instructions judges each instruction by itself: that this CPU has it, and its
// operands.
func (c *checker) instructions() {
	c.nodes(func(n *ladder.Node) {
		if n.Kind != ladder.Instruction {
			return
		}
		if n.Form.CPUs&c.program.Controller.Bit == 0 {
			c.errorf("not-on-cpu", n.Pos, "a %s has no %s: use another instruction, or another CPU", c.program.Controller.Name, n.Name)
			return
		}
		c.operands(n)
	})
}

func (c *checker) operands(n *ladder.Node) {
	fine := true
	for i, o := range n.Operands {
		place := n.Form.Operands[i]
		if o.IsConst {
			c.constant(n, o, place)
			continue
		}
		fine = c.address(o, place) && fine
		if fine && place.To && o.Addr.Num < n.Operands[i-1].Addr.Num {
			c.errorf("range-order", o.Pos, "the range ends at %s, before it begins: write the lower address first", o.Addr)
		}
	}
}

// constant judges a K by its size and, where a number counts in BCD, its digits.
func (c *checker) constant(n *ladder.Node, o ladder.Operand, place isa.Operand) {
	if place.Words < 2 && o.Const > 0xFFFF {
		c.errorf("constant-range", o.Pos, "%s takes one word and %s is over KFFFF: write at most four digits", n.Name, o)
		return
	}
	for v := o.Const; place.BCD && v != 0; v >>= 4 {
		if v&15 > 9 {
			c.errorf("not-bcd", o.Pos, "%s counts in BCD and %s is no BCD number: write digits 0 to 9 only", n.Name, o)
			return
		}
	}
}

// address judges an address, with all the words from it on that the instruction
// reaches, and tells whether it is right.
func (c *checker) address(o ladder.Operand, place isa.Operand) bool {
	for i := range max(1, place.Words) {
		addr := o.Addr
		addr.Num += uint16(i)
		if err := c.layout.Check(addr); err != nil {
			c.errorf("no-such-address", o.Pos, "%s", err)
			return false
		}
		if place.Access&isa.Writes == 0 {
			continue
		}
		if err := c.layout.CheckWrite(addr); err != nil {
			c.errorf("read-only", o.Pos, "%s: write to %s instead", err, memory.Data)
			return false
		}
	}
	return true
}

package check

import (
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
)

// maxBranches is how many power flows a rung may have open at once: the depth of
// the CPU's boolean stack.
const maxBranches = 8

// structure judges the shape of the program: each rung's power flows, an END at
// the end, instructions that this CPU has.
func (c *checker) structure() {
	ended := false
	for _, r := range c.rungs {
		if ended {
			c.warnf("after-end", r.Nodes[0].Pos, "nothing after END is solved: take it out, or move END below it")
			break
		}
		c.rung(r)
		last := r.Nodes[len(r.Nodes)-1]
		ended = last.Kind == ladder.Instruction && last.Form.Op == isa.End
	}
	if !ended {
		c.errorf("no-end", c.endPos(), "no END: write END as the last line")
	}
}

func (c *checker) endPos() ladder.Pos {
	if n := len(c.program.Nodes); n > 0 {
		return c.program.Nodes[n-1].Pos
	}
	return ladder.Pos{Line: 1, Col: 1}
}

// rung follows the power flows of one rung from contact to output.
func (c *checker) rung(r ladder.Rung) {
	depth := 0
	for _, n := range r.Nodes {
		takes, leaves := flows(n)
		if depth < takes {
			c.errorf("no-power", n.Pos, "%s needs %d power flow(s) and has %d: begin each with STR or one of its family", n.Name, takes, depth)
			return
		}
		depth += leaves - takes
		if depth > maxBranches {
			c.errorf("too-deep", n.Pos, "over %d branches are open at once: join some with ANDSTR or ORSTR first", maxBranches)
			return
		}
		if n.Kind == ladder.Instruction && n.Form.CPUs&c.program.Controller.Bit == 0 {
			c.errorf("not-on-cpu", n.Pos, "a %s has no %s", c.program.Controller.Name, n.Name)
		}
		if output(n) && depth > leaves {
			c.errorf("open-branch", n.Pos, "%d branch(es) of this rung are joined to nothing: write ANDSTR or ORSTR before %s", depth-leaves, n.Name)
			return
		}
	}
	if last := r.Nodes[len(r.Nodes)-1]; depth > 0 && !output(last) {
		c.errorf("no-output", last.Pos, "the rung ends without an output: add a coil, an instruction or a box")
	}
}

// flows is how many power flows a node takes and leaves. An output leaves the
// newest one, so that the rung may go on behind it; one that takes two legs
// leaves one.
func flows(n *ladder.Node) (takes, leaves int) {
	if n.Kind == ladder.Box {
		if n.Box.Config {
			return 0, 0
		}
		return 1, 1
	}
	switch n.Form.Role {
	case isa.Start:
		return 0, 1
	case isa.Series, isa.Parallel, isa.Modify:
		return 1, 1
	case isa.Join:
		return 2, 1
	case isa.Output:
		return n.Form.Legs, 1
	default:
		return 0, 0
	}
}

func output(n *ladder.Node) bool {
	return n.Kind == ladder.Box && !n.Box.Config || n.Kind == ladder.Instruction && n.Form.Role == isa.Output
}

// constants judges operands by themselves: addresses that the CPU has,
// constants in range, ranges the right way round.
func (c *checker) constants() {
	c.nodes(func(n *ladder.Node) {
		if n.Kind != ladder.Instruction {
			return
		}
		for i, o := range n.Operands {
			place := n.Form.Operands[i]
			if o.IsConst {
				c.constant(n, o, place)
				continue
			}
			c.address(o, place)
			if place.To && o.Addr.Num < n.Operands[i-1].Addr.Num {
				c.errorf("range-order", o.Pos, "the range ends at %s, before it begins: write the lower address first", o.Addr)
			}
		}
	})
}

func (c *checker) constant(n *ladder.Node, o ladder.Operand, place isa.Operand) {
	if place.Words < 2 && o.Const > 0xFFFF {
		c.errorf("constant-range", o.Pos, "%s takes a word: %s is over KFFFF", n.Name, o)
	}
	for v := o.Const; place.BCD && v != 0; v >>= 4 {
		if v&15 > 9 {
			c.errorf("not-bcd", o.Pos, "%s counts in BCD, so each digit of K is 0 to 9: %s is not", n.Name, o)
			return
		}
	}
}

func (c *checker) address(o ladder.Operand, place isa.Operand) {
	check := c.layout.Check
	if place.Access&isa.Writes != 0 {
		check = c.layout.CheckWrite
	}
	for i := range max(1, place.Words) {
		addr := o.Addr
		addr.Num += uint16(i)
		if err := check(addr); err != nil {
			c.errorf("no-such-address", o.Pos, "%s", err)
			return
		}
	}
}

package check

import (
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// level is what is known of a contact or a power flow without running the
// program.
type level uint8

const (
	open level = iota // on or off, as it comes
	off
	on
)

func (l level) not() level {
	switch l {
	case off:
		return on
	case on:
		return off
	}
	return open
}

func (l level) and(m level) level {
	switch {
	case l == off || m == off:
		return off
	case l == on && m == on:
		return on
	}
	return open
}

// flow is a power flow in the first scan of a RUN, and in all later ones.
type flow struct{ first, later level }

func (f flow) not() flow       { return flow{f.first.not(), f.later.not()} }
func (f flow) and(g flow) flow { return flow{f.first.and(g.first), f.later.and(g.later)} }
func (f flow) or(g flow) flow  { return f.not().and(g.not()).not() }

// rise is on for the scan in which f comes on. The first scan only takes note of
// f, and so do the later ones of an f that then stays, or goes off.
func (f flow) rise() flow {
	if f.later == off || f.first == on && f.later == on {
		return flow{off, off}
	}
	return flow{off, open}
}

// edges tells whether a box that is driven by f can ever see a leading edge: the
// power of the first scan is no edge (DESIGN.md, Boxes).
func (f flow) edges() bool { return f.rise().later != off }

func (f flow) String() string {
	switch {
	case f.later == on:
		return "is always on"
	case f.first == off:
		return "never comes on"
	}
	return "is on in the first scan at most"
}

// contact is what is known of a contact: that SP0 is on in the first scan only,
// SP1 always and SP2 never (facts/plc.md section 3.3).
func contact(n *ladder.Node) flow {
	var f flow
	if o := n.Operands[0]; !o.IsConst && o.Addr.Area == memory.SP && o.Addr.Num < 3 {
		f = [...]flow{{on, off}, {on, on}, {off, off}}[o.Addr.Num]
	}
	switch n.Form.Op {
	case isa.TestOn:
		return f
	case isa.TestOff:
		return f.not()
	case isa.TestRise:
		return f.rise()
	case isa.TestFall:
		return f.not().rise()
	}
	return flow{}
}

// drives judges what drives the boxes of a rung: it warns of those that never get a
// leading edge, such as those that SP1 alone drives (seeds/000 section 8), and of
// those that get too many.
func (c *checker) drives(r ladder.Rung) {
	var stack []flow
	for i, n := range r.Nodes {
		takes, _ := flows(n)
		if len(stack) < takes {
			return // the rung's shape is refused elsewhere
		}
		if n.Kind == ladder.Box {
			switch {
			case n.Box.Config:
			case !stack[len(stack)-1].edges():
				c.neverFires(n, r, stack[len(stack)-1])
			default:
				c.wears(n, r.Nodes[:i])
			}
			continue
		}
		stack = solve(stack, n)
	}
}

// solve is the stack of power flows after an instruction for which it is deep
// enough.
func solve(stack []flow, n *ladder.Node) []flow {
	top := len(stack) - 1
	switch n.Form.Role {
	case isa.Start:
		return append(stack, contact(n))
	case isa.Series:
		stack[top] = stack[top].and(contact(n))
	case isa.Parallel:
		stack[top] = stack[top].or(contact(n))
	case isa.Modify:
		stack[top] = stack[top].not()
	case isa.Join:
		join := flow.and
		if n.Form.Op == isa.JoinOr {
			join = flow.or
		}
		return append(stack[:top-1], join(stack[top-1], stack[top]))
	case isa.Output:
		if n.Form.Legs == 2 { // the newer leg goes on
			return append(stack[:top-1], stack[top])
		}
	}
	return stack
}

func (c *checker) neverFires(n *ladder.Node, r ladder.Rung, f flow) {
	driver := "a rung that"
	if first := r.Nodes[0]; len(r.Nodes) == 2 {
		driver = first.Operands[0].Addr.String() + " alone, which"
		if first.Form.Op != isa.TestOn {
			driver = first.Name + " " + driver
		}
	}
	c.warnf("never-fires", n.Pos, "%s is driven by %s %s: it needs a leading edge after the first scan, so it never runs; for one edge a RUN use STRN SP0", n.Name, driver, f)
}

// wears warns of a box that writes the module's ROM each time a clock relay comes
// on: ROM is flash, and the module is away for half a second each time (facts/plc.md
// section 1.2). It is warned of only where a clock relay in series drives the box.
func (c *checker) wears(n *ladder.Node, before []*ladder.Node) {
	var clock *ladder.Node
	for _, b := range before {
		switch {
		case output(b) && (b.Kind == ladder.Box || b.Form.Legs == 1):
		case b.Kind != ladder.Instruction || b.Form.Role > isa.Series:
			return // a branch, whose other leg may be what matters
		case isClock(b.Operands[0]):
			clock = b
		case b.Form.Op == isa.TestRise || b.Form.Op == isa.TestFall:
			return // for one scan
		}
	}
	if n.Box.ROM && clock != nil {
		c.warnf("flash-wear", n.Pos, "%s writes the module's ROM whenever %s gives it an edge, and flash wears out: for one write a RUN use STRN SP0", n.Name, clock.Operands[0])
	}
}

// isClock tells whether an operand is a clock relay, SP3 to SP7.
func isClock(o ladder.Operand) bool {
	return !o.IsConst && o.Addr.Area == memory.SP && o.Addr.Num >= 3 && o.Addr.Num <= 7
}

package check

import (
	"fmt"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
)

// maxBranches is how many power flows a rung may have open at once: the depth of
// the CPU's boolean stack.
const maxBranches = 8

// structure judges the shape of the program: the power flows of each rung, and
// an END at the end. What stands after END is downloaded too, so it must be whole.
func (c *checker) structure() {
	ended, told, cut := false, false, false
	for i, r := range c.rungs {
		first := r.Nodes[0]
		if ended && !told {
			c.warnf("after-end", first.Pos, "nothing after END is solved: take it out, or move END below it")
			told = true
		}
		ended = ended || isEnd(first)
		if cut && alone(first) {
			continue // perhaps with the rest of the rung, of which that has been said
		}
		cut = c.rung(r, c.following(i))
	}
	if !ended {
		c.errorf("no-end", c.lastPos(), "the program has no END: write END as its last line")
	}
}

func isEnd(n *ladder.Node) bool { return n.Kind == ladder.Instruction && n.Form.Op == isa.End }

// alone tells whether a node takes no power flow and leaves none.
func alone(n *ladder.Node) bool {
	return n.Kind == ladder.Instruction && n.Form.Role == isa.Control
}

// following is the node that comes after rung i, or nil.
func (c *checker) following(i int) *ladder.Node {
	if i+1 < len(c.rungs) {
		return c.rungs[i+1].Nodes[0]
	}
	return nil
}

// lastPos is the place of the last line or box.
func (c *checker) lastPos() ladder.Pos {
	if n := len(c.program.Nodes); n > 0 {
		return c.program.Nodes[n-1].Pos
	}
	return ladder.Pos{Line: 1, Col: 1}
}

// rung follows the power flows of one rung from contact to output, and tells
// whether it is cut off before one, by the end or by a NOP.
func (c *checker) rung(r ladder.Rung, next *ladder.Node) (cut bool) {
	depth := 0
	for _, n := range r.Nodes {
		takes, leaves := flows(n)
		if depth < takes {
			c.errorf("no-power", n.Pos, "%s: begin each branch with STR or one of its family", lacking(n, depth))
			return false
		}
		depth += leaves - takes
		if depth > maxBranches {
			c.errorf("too-deep", n.Pos, "over %d branches are open at once: join some with ANDSTR or ORSTR first", maxBranches)
			return false
		}
		if open := depth - leaves; output(n) && open > 0 {
			c.errorf("open-branch", n.Pos, "%s joined to nothing: write ANDSTR or ORSTR before %s", plural(open, "branch of this rung is", "branches of this rung are"), n.Name)
			return false
		}
	}
	last := r.Nodes[len(r.Nodes)-1]
	if depth == 0 || output(last) {
		return false
	}
	if next == nil || next.Kind != ladder.Box { // before a configuration box its own place is the fault
		c.errorf("no-output", last.Pos, "the rung ends at %s, without an output: add a coil, an instruction or a box below it", last.Name)
	}
	return true
}

// lacking says what power flow a node needs, when only so many are open.
func lacking(n *ladder.Node, open int) string {
	switch takes, _ := flows(n); {
	case takes < 2:
		return n.Name + " has no power flow"
	case n.Form.Role == isa.Join:
		return fmt.Sprintf("%s joins two branches and %s open", n.Name, plural(open, "is", "are"))
	default:
		return fmt.Sprintf("%s takes two branches, one to count and one to reset, and %s open", n.Name, plural(open, "is", "are"))
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

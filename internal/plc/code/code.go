// Package code is a program as the CPU runs it: a flat array of operations and
// the scan that solves it. Everything is decided when a program is compiled; the
// scan parses nothing, allocates nothing and calls out only to boxes.
//
// A chain of contacts is left as soon as its result is known: a contact in
// series that is off jumps past the rest of the series, one in parallel that is
// on past the rest of the parallel ones. Contacts that remember (edges) are never
// jumped over, since they must see every scan.
package code

import (
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// Box is an intelligent box in a running program.
type Box interface {
	// Exec is called once a scan with the power flow that reaches the box.
	Exec(power bool)
}

// kind is what an operation does, the role of a contact included.
type kind uint8

const (
	start kind = iota // plain bits, on or off
	series
	parallel
	startTest // any other contact: what says which
	seriesTest
	parallelTest
	joinAnd
	joinOr
	invert
	coil
	orCoil
	act // an output that works on words: what says which
	box
	end
)

// op is one operation, 16 bytes, so that four are in a cache line.
type op struct {
	word  uint16 // first address
	mask  uint16 // the bit in word
	flip  uint16 // mask again for a contact that is on when its bit is off
	kind  kind
	what  isa.Op
	onOn  uint16 // operations to skip when a contact's result is on
	onOff uint16 // and when it is off
	arg   uint32 // which of the program's args, where it has one
}

// arg is what few operations need.
type arg struct {
	value uint32 // a constant, or the index of a box or an edge
	edge  uint32 // of a counter
	other uint16 // second address, where the operand isn't a constant
	count uint16 // bits of a range, at least 1
	konst bool   // the operand is value
}

// Program is a compiled program with the memory that its instructions keep from
// scan to scan.
type Program struct {
	ops   []op
	args  []arg
	boxes []Box
	edges []edge
	keys  []edgeKey
}

// edge is what an edge contact, one-shot or counter remembers.
type edge struct{ last, primed bool }

// edgeKey finds an edge again in a changed program.
type edgeKey struct {
	op    isa.Op
	role  isa.Role
	addr  memory.Addr
	drive string // of an output: what drives it, since a change there is no edge
	nth   int    // of its like
}

// Compile turns a checked program into operations. Boxes come from box, one a
// call, in the order of the program; a box for which it returns nil has no
// operation. The program must have passed the checker.
func Compile(p *ladder.Program, box func(*ladder.Node) Box) *Program {
	c := &compiler{program: &Program{}, seen: map[edgeKey]int{}, coils: map[memory.Bit]bool{}}
	for _, rung := range p.Rungs() {
		for i, n := range rung.Nodes {
			c.before = rung.Nodes[:i]
			c.node(n, box)
		}
	}
	c.emit(op{kind: end})
	c.link()
	return c.program
}

type compiler struct {
	program *Program
	before  []*ladder.Node // of the present rung, before the present node
	seen    map[edgeKey]int
	coils   map[memory.Bit]bool // that an OROUT has
}

func (c *compiler) emit(o op) { c.program.ops = append(c.program.ops, o) }

// emitWith emits an operation that needs an arg.
func (c *compiler) emitWith(o op, a arg) {
	o.arg = uint32(len(c.program.args))
	c.program.args = append(c.program.args, a)
	c.emit(o)
}

func (c *compiler) node(n *ladder.Node, makeBox func(*ladder.Node) Box) {
	if n.Kind == ladder.Box {
		if b := makeBox(n); b != nil {
			c.program.boxes = append(c.program.boxes, b)
			c.emitWith(op{kind: box}, arg{value: uint32(len(c.program.boxes) - 1)})
		}
		return
	}
	switch n.Form.Role {
	case isa.Start, isa.Series, isa.Parallel:
		c.contact(n)
	case isa.Join:
		c.emit(op{kind: joinAnd + kind(n.Form.Op-isa.JoinAnd)})
	case isa.Modify:
		c.emit(op{kind: invert})
	case isa.Output:
		c.output(n)
	case isa.Control:
		if n.Form.Op == isa.End {
			c.emit(op{kind: end})
		}
	}
}

// contact emits a contact; plain bits have operations of their own, by role.
func (c *compiler) contact(n *ladder.Node) {
	o, a := operands(n)
	switch n.Form.Op {
	case isa.TestOn, isa.TestOff:
		o.kind = start + kind(n.Form.Role)
		if n.Form.Op == isa.TestOff {
			o.flip = o.mask
		}
		c.emit(o)
		return
	case isa.TestRise, isa.TestFall:
		a.value = c.edge(n)
	}
	o.kind = startTest + kind(n.Form.Role)
	c.emitWith(o, a)
}

func (c *compiler) output(n *ladder.Node) {
	o, a := operands(n)
	o.kind = act
	switch n.Form.Op {
	case isa.Coil:
		o.kind = coil
	case isa.OrCoil:
		o.kind = orCoil
		coil := n.Operands[0].Addr.Bit()
		a.konst = !c.coils[coil] // the first writes the coil; the others only add to it
		c.coils[coil] = true
	case isa.OneShot:
		a.value = c.edge(n)
	case isa.Counter:
		a.edge = c.edge(n)
	}
	c.emitWith(o, a)
}

// operands fills in addresses and constants.
func operands(n *ladder.Node) (op, arg) {
	o, a := op{what: n.Form.Op}, arg{count: 1}
	if len(n.Operands) > 0 {
		first := n.Operands[0]
		bit := first.Addr.Bit()
		o.word, o.mask = uint16(bit.Word), 1<<bit.N
		a.konst, a.value = first.IsConst, first.Const
	}
	if len(n.Operands) > 1 {
		second := n.Operands[1]
		a.konst, a.value, a.other = second.IsConst, second.Const, uint16(second.Addr.Word())
		if n.Form.Operands[1].To {
			a.count = second.Addr.Num - n.Operands[0].Addr.Num + 1
		}
	}
	return o, a
}

// edge reserves the memory of an instruction that sees changes.
func (c *compiler) edge(n *ladder.Node) uint32 {
	key := edgeKey{op: n.Form.Op, role: n.Form.Role, addr: n.Operands[0].Addr}
	if n.Form.Role == isa.Output {
		key.drive = ladder.Drive(c.before)
	}
	c.seen[key]++
	key.nth = c.seen[key]
	c.program.edges = append(c.program.edges, edge{})
	c.program.keys = append(c.program.keys, key)
	return uint32(len(c.program.edges) - 1)
}

// link works out how far each contact may jump: past the series, or the parallel
// contacts, that follow it. It goes backwards, so that each run is counted once.
func (c *compiler) link() {
	const most = 1<<16 - 1
	ops := c.program.ops
	inSeries, inParallel := uint16(0), uint16(0) // of the run that follows
	for i := len(ops) - 1; i >= 0; i-- {
		switch ops[i].kind {
		case start, series, parallel:
			ops[i].onOn, ops[i].onOff = inParallel, inSeries
		}
		switch ops[i].kind {
		case series:
			inSeries, inParallel = min(inSeries, most-1)+1, 0
		case parallel:
			inSeries, inParallel = 0, min(inParallel, most-1)+1
		default:
			inSeries, inParallel = 0, 0
		}
	}
}

// Adopt takes over what the instructions of an older program remember, each by
// its operation and operand, and an output by what drives it too. What the older
// one hasn't starts with the present state as memory, so that a new program fires
// nothing by itself.
func (p *Program) Adopt(old *Program) {
	known := make(map[edgeKey]edge, len(old.keys))
	for i, key := range old.keys {
		known[key] = old.edges[i]
	}
	for i, key := range p.keys {
		p.edges[i] = known[key]
	}
}

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
	"fmt"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// Box is an intelligent box in a running program. Exec is called once a scan
// with the power flow that reaches it.
type Box interface{ Exec(power bool) }

// kind is what an operation does, the role of a contact included.
type kind uint8

const (
	startOn kind = iota
	startOff
	seriesOn
	seriesOff
	parallelOn
	parallelOff
	startTest // any contact that isn't a plain bit: test says which
	seriesTest
	parallelTest
	joinAnd
	joinOr
	invert
	coil
	orCoil
	act // an output that works on words: test says which
	box
	end
)

// op is one operation, 24 bytes.
type op struct {
	word  uint16 // first address
	mask  uint16 // the bit in word
	kind  kind
	what  isa.Op
	onOn  uint16 // operations to skip when a contact's result is on
	onOff uint16 // and when it is off
	value uint32 // a constant, or the index of a box, an edge or a coil of several
	other uint16 // second address, when usesConst is false
	count uint16 // of a range; 0 and 1 are one
	konst bool   // the second operand is value
}

// Program is a compiled program with the memory that its instructions keep from
// scan to scan.
type Program struct {
	ops   []op
	boxes []Box
	edges []edge
	keys  []edgeKey
}

// edge is what an edge contact, one-shot or counter remembers.
type edge struct{ last, primed bool }

// edgeKey finds an edge again in a changed program.
type edgeKey struct {
	op   isa.Op
	role isa.Role
	addr memory.Addr
	nth  int // of its like
}

// Compile turns a checked program into operations. Boxes come from box, one a
// call, in the order of the program; a box for which it returns nil has no
// operation. The program must have passed the checker: Compile reports only what
// the checker should have refused.
func Compile(p *ladder.Program, box func(*ladder.Node) Box) (*Program, error) {
	c := &compiler{program: &Program{}, seen: map[edgeKey]int{}}
	for _, rung := range p.Rungs() {
		for _, n := range rung.Nodes {
			if err := c.node(n, box); err != nil {
				return nil, fmt.Errorf("%s:%d:%d: %w", p.File, n.Pos.Line, n.Pos.Col, err)
			}
		}
	}
	c.emit(op{kind: end})
	c.link()
	return c.program, nil
}

type compiler struct {
	program *Program
	seen    map[edgeKey]int
}

func (c *compiler) emit(o op) { c.program.ops = append(c.program.ops, o) }

func (c *compiler) node(n *ladder.Node, makeBox func(*ladder.Node) Box) error {
	if n.Kind == ladder.Box {
		if b := makeBox(n); b != nil {
			c.program.boxes = append(c.program.boxes, b)
			c.emit(op{kind: box, value: uint32(len(c.program.boxes) - 1)})
		}
		return nil
	}
	switch n.Form.Role {
	case isa.Start, isa.Series, isa.Parallel:
		c.contact(n)
	case isa.Join:
		c.emit(op{kind: joinAnd + kind(n.Form.Op-isa.JoinAnd)})
	case isa.Modify:
		c.emit(op{kind: invert})
	case isa.Output:
		return c.output(n)
	case isa.Control:
		if n.Form.Op == isa.End {
			c.emit(op{kind: end})
		}
	}
	return nil
}

// contact emits a contact; plain bits have operations of their own, by role.
func (c *compiler) contact(n *ladder.Node) {
	o := operands(n)
	o.what = n.Form.Op
	switch n.Form.Op {
	case isa.TestOn:
		o.kind = startOn + 2*kind(n.Form.Role)
	case isa.TestOff:
		o.kind = startOff + 2*kind(n.Form.Role)
	default:
		o.kind = startTest + kind(n.Form.Role)
	}
	if n.Form.Op == isa.TestRise || n.Form.Op == isa.TestFall {
		o.value = c.edge(n)
	}
	c.emit(o)
}

func (c *compiler) output(n *ladder.Node) error {
	o := operands(n)
	o.kind, o.what = act, n.Form.Op
	switch n.Form.Op {
	case isa.Coil:
		o.kind = coil
	case isa.OrCoil:
		o.kind = orCoil
		o.value = c.orCoilOrdinal(o)
	case isa.OneShot:
		o.value = c.edge(n)
	case isa.Counter:
		o.count = uint16(c.edge(n)) // value is the preset
	case isa.Timer, isa.FastTimer:
		o.count = n.Operands[0].Addr.Num
	}
	if len(c.program.edges) > 1<<16-1 {
		return fmt.Errorf("over %d edges in one program", 1<<16-1)
	}
	c.emit(o)
	return nil
}

// orCoilOrdinal is 0 for the first OROUT of a coil in a scan, which writes it,
// and 1 for the others, which only add to it.
func (c *compiler) orCoilOrdinal(o op) uint32 {
	for _, earlier := range c.program.ops {
		if earlier.kind == orCoil && earlier.word == o.word && earlier.mask == o.mask {
			return 1
		}
	}
	return 0
}

// operands fills in addresses and constants.
func operands(n *ladder.Node) op {
	var o op
	if len(n.Operands) > 0 {
		first := n.Operands[0]
		o.konst, o.value = first.IsConst, first.Const
		bit := first.Addr.Bit()
		o.word, o.mask = uint16(bit.Word), 1<<bit.N
	}
	if len(n.Operands) > 1 {
		second := n.Operands[1]
		o.konst, o.value = second.IsConst, second.Const
		o.other = uint16(second.Addr.Word())
		if n.Form.Operands[1].To {
			o.other, o.count = 0, second.Addr.Num-n.Operands[0].Addr.Num+1
		}
	}
	return o
}

// edge reserves the memory of an instruction that sees changes.
func (c *compiler) edge(n *ladder.Node) uint32 {
	key := edgeKey{op: n.Form.Op, role: n.Form.Role, addr: n.Operands[0].Addr}
	c.seen[key]++
	key.nth = c.seen[edgeKey{op: key.op, role: key.role, addr: key.addr}]
	c.program.edges = append(c.program.edges, edge{})
	c.program.keys = append(c.program.keys, key)
	return uint32(len(c.program.edges) - 1)
}

// link works out how far each contact may jump.
func (c *compiler) link() {
	ops := c.program.ops
	skip := func(from int, plain ...kind) uint16 {
		n := 0
		for from+1+n < len(ops) && n < 1<<15 && (ops[from+1+n].kind == plain[0] || ops[from+1+n].kind == plain[1]) {
			n++
		}
		return uint16(n)
	}
	for i := range ops {
		switch ops[i].kind {
		case startOn, startOff, parallelOn, parallelOff:
			ops[i].onOn = skip(i, parallelOn, parallelOff)
			ops[i].onOff = skip(i, seriesOn, seriesOff)
		case seriesOn, seriesOff:
			ops[i].onOff = skip(i, seriesOn, seriesOff)
			ops[i].onOn = skip(i, parallelOn, parallelOff)
		}
	}
}

// Adopt takes over what the instructions of an older program remember, each by
// its operation and operand. What the older one hasn't starts with the present
// state as memory, so that a new program fires nothing by itself.
func (p *Program) Adopt(old *Program) {
	known := make(map[edgeKey]edge, len(old.keys))
	for i, key := range old.keys {
		known[key] = old.edges[i]
	}
	for i, key := range p.keys {
		p.edges[i] = known[key]
	}
}

// Len is the number of operations, for messages and measurements.
func (p *Program) Len() int { return len(p.ops) }

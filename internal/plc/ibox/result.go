package ibox

import (
	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// result is where a box puts what it reads of a module's set-up; want is 0 for a
// box that reads nothing.
type result struct {
	kind isa.FieldKind
	word memory.Word
	bit  memory.Bit
	want int // bytes
}

func newResult(n *ladder.Node) result {
	for i := range n.Fields {
		switch f := &n.Fields[i]; f.Spec.Kind {
		case isa.FieldOctets:
			return result{kind: f.Spec.Kind, word: f.Addr.Word(), want: 4}
		case isa.FieldResult:
			return result{kind: f.Spec.Kind, word: f.Addr.Word(), want: 2}
		case isa.FieldChars:
			return result{kind: f.Spec.Kind, word: f.Addr.Word(), want: n.Number(isa.LabelChars)}
		case isa.FieldResultBit:
			return result{kind: f.Spec.Kind, bit: f.Addr.Bit(), want: 1}
		}
	}
	return result{}
}

// gathered is what a box has got so far. A text comes in more than one answer when
// it is longer than one holds.
type gathered struct {
	data   [isa.MaxChars]byte
	length int
}

// add takes in an answer's data, of which what is over the limit is dropped.
func (g *gathered) add(data []byte) { g.length += copy(g.data[g.length:], data) }

// more tells whether the field goes on behind an answer with so much data.
func (r result) more(g *gathered, latest int) bool {
	return r.kind == isa.FieldChars && g.length < r.want && latest == backplane.MaxRead
}

// whole tells whether a box has all that it asked for: a text may be shorter.
func (r result) whole(g *gathered) bool { return r.kind == isa.FieldChars || g.length >= r.want }

// put writes what was read into memory. A text that is shorter than its words is
// filled up with NUL, which prints as nothing.
func (r result) put(m *memory.Image, g *gathered) {
	clear(g.data[g.length:])
	switch r.kind {
	case isa.FieldOctets:
		for i, octet := range g.data[:r.want] {
			m.SetWord(r.word+memory.Word(i), uint16(octet))
		}
	case isa.FieldResult, isa.FieldChars:
		m.SetBytes(r.word, g.data[:r.want])
	case isa.FieldResultBit:
		m.SetBit(r.bit, g.data[0] != 0)
	}
}

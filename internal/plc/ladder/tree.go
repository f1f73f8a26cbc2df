// Package ladder is the text form of a ladder program, .rll: it parses the
// text into a tree, prints the tree again, and says exactly where a text is
// wrong. Parsing what was printed gives the same tree.
//
// It judges form alone: words that exist, operands of the right kind, labels
// that a box has. Whether a program makes sense is for package check to say.
// The form is described in docs/program-text.md.
package ladder

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// Pos is a place in a program text; lines and columns count from 1, columns in
// characters.
type Pos struct{ Line, Col int }

// Error is one fault of a program text.
type Error struct {
	File string
	Pos  Pos
	Text string // lower case: what is wrong and what to do
}

func (e Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Pos.Line, e.Pos.Col, e.Text)
}

// Errors is every fault that was found, in the order of the text.
type Errors []Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Program is a parsed program.
type Program struct {
	File string
	// Controller is what the PLC line names; its zero value when there is none.
	Controller isa.Controller
	Nodes      []Node
}

// Kind tells what a node is.
type Kind uint8

// The kinds of nodes.
const (
	Comment     Kind = iota // a comment on a line of its own
	PLC                     // the line that names the controller
	Instruction             // one instruction
	Box                     // one box with its fields
)

// Node is one line of a program, or one box.
type Node struct {
	Kind Kind
	Pos  Pos
	// Name is the mnemonic as written, in upper case; for PLC the controller.
	Name string
	// Comment is the text of a comment, or of one that ends the line.
	Comment string

	Form     *isa.Instruction // of an Instruction
	Operands []Operand        // of an Instruction

	Box    *isa.Box // of a Box
	Fields []Field  // of a Box
	Tail   []string // comments after a box's last field
}

// Operand is an address or a constant.
type Operand struct {
	Pos     Pos
	IsConst bool
	Const   uint32 // the value of K's hex digits
	Digits  int    // how many digits a constant was written with
	Addr    memory.Addr
}

// String is the operand as a program writes it.
func (o Operand) String() string {
	if !o.IsConst {
		return o.Addr.String()
	}
	digits := strings.ToUpper(strconv.FormatUint(uint64(o.Const), 16))
	return "K" + strings.Repeat("0", max(0, o.Digits-len(digits))) + digits
}

// Field is one labelled line of a box.
type Field struct {
	Comments []string // comment lines that stand before it
	Pos      Pos      // of the label
	ValuePos Pos
	Spec     *isa.Field
	Value    string      // as written, trimmed
	Number   int         // of ECOM#, Slot, Port, Timeout and constants
	Addr     memory.Addr // of words, bits and the first word of a buffer or a range
	Last     memory.Addr // of a buffer or a range: its last word
	Ranged   bool        // Last is known
}

// Field finds a field of a box by its canonical label.
func (n *Node) Field(label string) (*Field, bool) {
	for i := range n.Fields {
		if n.Fields[i].Spec.Label == label {
			return &n.Fields[i], true
		}
	}
	return nil, false
}

// Number is the number in a field, or -1 when the box hasn't that field.
func (n *Node) Number(label string) int {
	if f, ok := n.Field(label); ok {
		return f.Number
	}
	return -1
}

// Words is how many words a box fills for a field of it: for characters, as many as
// its Num Chars need.
func (n *Node) Words(f *Field) int { return f.Spec.Kind.Words(n.Number(isa.LabelChars)) }

// Value is the text of a field, and its place; empty when there is none.
func (n *Node) Value(label string) (string, Pos) {
	if f, ok := n.Field(label); ok {
		return f.Value, f.ValuePos
	}
	return "", n.Pos
}

// Rung is a run of nodes that are solved together: a branch and its outputs, or
// one instruction or box that stands by itself.
type Rung struct {
	Number int // from 1
	Nodes  []*Node
}

// Rungs splits a program into rungs. A rung begins at an instruction of the STR
// family that follows an output, and at every instruction or box that takes no
// power flow. Comments and the PLC line belong to none.
func (p *Program) Rungs() []Rung {
	var rungs []Rung
	closed := true // the present rung has had an output
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Kind == Comment || n.Kind == PLC {
			continue
		}
		alone := n.Kind == Box && n.Box.Config || n.Kind == Instruction && n.Form.Role == isa.Control
		starts := n.Kind == Instruction && n.Form.Role == isa.Start
		if len(rungs) == 0 || alone || closed && starts {
			rungs = append(rungs, Rung{Number: len(rungs) + 1})
		}
		rung := &rungs[len(rungs)-1]
		rung.Nodes = append(rung.Nodes, n)
		closed = n.Kind == Box || alone || n.Form.Role == isa.Output
	}
	return rungs
}

// Drive is the instructions that drive an output, as text: two outputs are driven
// alike when it is the same.
func Drive(before []*Node) string {
	var w strings.Builder
	for _, n := range before {
		w.WriteString(n.Name)
		for _, o := range n.Operands {
			w.WriteString(" " + o.String())
		}
		w.WriteByte('\n')
	}
	return w.String()
}

package ladder

import (
	"strings"

	"github.com/rungmail/rungmail/internal/plc/isa"
)

// Print writes a program as text, in the house's own layout: a blank line before
// each rung, box fields indented by four. Parsing it gives the same program.
func Print(p *Program) []byte {
	var w strings.Builder
	closed := true // a rung may begin here
	for i := range p.Nodes {
		n := &p.Nodes[i]
		begins := n.Kind != Instruction || n.Form.Role == isa.Start || n.Form.Role == isa.Control
		if n.Kind == Box {
			begins = n.Box.Config
		}
		if i > 0 && closed && begins && p.Nodes[i-1].Kind != Comment {
			w.WriteByte('\n')
		}
		printNode(&w, n)
		closed = n.Kind != Instruction || n.Form.Role == isa.Output || n.Form.Role == isa.Control
	}
	return []byte(w.String())
}

func printNode(w *strings.Builder, n *Node) {
	switch n.Kind {
	case Comment:
		printComment(w, "", n.Comment)
		return
	case PLC:
		w.WriteString("PLC " + n.Name)
	case Instruction:
		w.WriteString(n.Name)
		for _, o := range n.Operands {
			w.WriteString(" " + o.String())
		}
	case Box:
		w.WriteString(n.Name)
	}
	if n.Comment != "" {
		w.WriteString("  // " + n.Comment)
	}
	w.WriteByte('\n')
	if n.Kind == Box {
		printFields(w, n)
	}
}

func printFields(w *strings.Builder, n *Node) {
	for _, f := range n.Fields {
		for _, c := range f.Comments {
			printComment(w, "    ", c)
		}
		w.WriteString(strings.TrimRight("    "+f.Spec.Label+": "+f.Value, " ") + "\n")
	}
	for _, c := range n.Tail {
		printComment(w, "    ", c)
	}
}

func printComment(w *strings.Builder, indent, text string) {
	w.WriteString(strings.TrimRight(indent+"// "+text, " ") + "\n")
}

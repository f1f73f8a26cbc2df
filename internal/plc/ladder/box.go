package ladder

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// boxHead reads the mnemonic of a box, or reports a word that is neither an
// instruction nor a box.
func (p *parser) boxHead(node Node, rest []word) {
	box, ok := isa.LookupBox(node.Name)
	if !ok {
		p.skipping = true
		p.errorf(node.Pos, "unknown instruction %q%s", node.Name, didYouMean(node.Name))
		return
	}
	if len(rest) > 0 {
		p.errorf(rest[0].pos, "%s stands alone on its line: write its fields below it, indented, as Label: value", node.Name)
	}
	node.Kind, node.Box = Box, box
	p.add(node)
	p.box = &p.program.Nodes[len(p.program.Nodes)-1]
}

func didYouMean(name string) string {
	var known []string
	for _, ins := range isa.All() {
		known = append(known, ins.Mnemonic)
	}
	for _, box := range isa.Boxes() {
		known = append(known, box.Mnemonic)
	}
	if best, ok := suggest(name, known); ok {
		return ": did you mean " + best + "?"
	}
	return ": docs/program-text.md lists the instructions"
}

// boxLine reads an indented line below a box: a comment or "Label: value".
func (p *parser) boxLine(at Pos, line string) {
	if p.skipping {
		return
	}
	if comment, ok := strings.CutPrefix(line, "//"); ok {
		p.comments = append(p.comments, strings.TrimSpace(comment))
		return
	}
	label, value, ok := strings.Cut(line, ":")
	if !ok {
		p.errorf(at, "inside %s a line is Label: value; its labels are %s", p.box.Name, p.box.Box.Labels())
		return
	}
	spec, ok := p.box.Box.Field(label)
	if !ok {
		p.errorf(at, "%s has no label %q: its labels are %s", p.box.Name, strings.TrimSpace(label), p.box.Box.Labels())
		return
	}
	if _, twice := p.box.Field(spec.Label); twice {
		p.errorf(at, "%s has %s twice: keep one", p.box.Name, spec.Label)
		return
	}
	trimmed := strings.TrimSpace(value)
	field := Field{Comments: p.comments, Pos: at, Spec: spec, Value: trimmed}
	field.ValuePos = Pos{at.Line, at.Col + column(line, len(line)-len(strings.TrimLeft(value, " \t"))) - 1}
	p.comments = nil
	if err := field.read(); err != nil {
		p.errorf(field.ValuePos, "%s: %s", spec.Label, err)
	}
	p.box.Fields = append(p.box.Fields, field)
}

// endBox closes the box that is being read and reports what it lacks.
func (p *parser) endBox() {
	p.skipping = false
	if p.box == nil {
		return
	}
	p.box.Tail, p.comments = p.comments, nil
	for i := range p.box.Box.Fields {
		f := &p.box.Box.Fields[i]
		if _, ok := p.box.Field(f.Label); f.Required && !ok {
			p.errorf(p.box.Pos, "%s has no %s: add the line %s: %s", p.box.Name, f.Label, f.Label, example(f.Kind))
		}
	}
	p.box = nil
	for _, n := range p.held {
		p.add(n)
	}
	p.held = nil
}

func example(k isa.FieldKind) string {
	switch k {
	case isa.FieldECOM:
		return "K0"
	case isa.FieldSlot:
		return "K1"
	case isa.FieldBuffer:
		return "V402 - V502"
	case isa.FieldBit:
		return "C0"
	default:
		return "V1400"
	}
}

// read takes a field's value apart as its kind asks.
func (f *Field) read() (err error) {
	switch f.Spec.Kind {
	case isa.FieldECOM, isa.FieldSlot:
		f.Number, err = constant(f.Value, "K")
	case isa.FieldPort, isa.FieldTimeout:
		f.Number, err = constant(f.Value, "")
	case isa.FieldWord, isa.FieldBit:
		f.Addr, err = memory.ParseAddr(f.Value)
	case isa.FieldBuffer:
		if f.Addr, f.Last, err = buffer(f.Value); err == nil {
			f.Value = f.Addr.String() + " - " + f.Last.String()
		}
	}
	return err
}

// constant reads a decimal number, after a K where one must stand.
func constant(s, prefix string) (int, error) {
	digits, hasK := strings.CutPrefix(strings.ToUpper(s), "K")
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || prefix != "" && !hasK || strings.ContainsAny(digits, "_+") {
		return 0, fmt.Errorf("%q is not a number: write it as %s25, in decimal", s, prefix)
	}
	return int(n), nil
}

// buffer reads "V402 - V502", or the first word alone; the last one is then
// 64 words on.
func buffer(s string) (first, last memory.Addr, err error) {
	from, to, ranged := strings.Cut(s, "-")
	if first, err = memory.ParseAddr(strings.TrimSpace(from)); err != nil {
		return first, last, err
	}
	if first.Num > 0o77777-isa.BufferWords {
		return first, last, fmt.Errorf("%s: no CPU has %d words from there", first, isa.BufferWords)
	}
	if !ranged {
		return first, memory.Addr{Area: first.Area, Num: first.Num + isa.BufferWords - 1, N: first.N}, nil
	}
	to = strings.TrimSpace(to)
	if to != "" && to[0] >= '0' && to[0] <= '7' {
		to = first.Area.String() + to
	}
	last, err = memory.ParseAddr(to)
	return first, last, err
}

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
	case isa.FieldResultBit:
		return "C4"
	case isa.FieldPort, isa.FieldTimeout:
		return "60"
	case isa.FieldConstant:
		return "K16"
	case isa.FieldIP:
		return "192.168.0.10"
	case isa.FieldMask:
		return "255.255.255.0"
	case isa.FieldGateway:
		return "192.168.0.1"
	case isa.FieldText:
		return "Pump station 3"
	case isa.FieldOctets, isa.FieldResult, isa.FieldChars:
		return "V2000"
	default:
		return "V1400"
	}
}

// read takes a field's value apart as its kind asks.
func (f *Field) read() (err error) {
	switch f.Spec.Kind {
	case isa.FieldECOM, isa.FieldSlot, isa.FieldConstant:
		f.Number, err = constant(f.Value, "K")
	case isa.FieldPort, isa.FieldTimeout:
		f.Number, err = constant(f.Value, "")
	case isa.FieldWord, isa.FieldBit, isa.FieldResultBit:
		f.Addr, err = memory.ParseAddr(f.Value)
	case isa.FieldBuffer, isa.FieldOctets, isa.FieldResult, isa.FieldChars:
		err = f.words()
	}
	return err
}

// words reads "V402 - V502", or the first word alone, from which the field's kind
// tells the last one. A buffer is always printed as a range; where a box puts what
// it read, as it is written.
func (f *Field) words() (err error) {
	from, to, ranged := strings.Cut(f.Value, "-")
	if f.Addr, err = memory.ParseAddr(strings.TrimSpace(from)); err != nil {
		return err
	}
	switch {
	case ranged:
		f.Last, err = lastWord(f.Addr, strings.TrimSpace(to))
	case f.Spec.Kind == isa.FieldBuffer && f.Addr.Num > 0o77777-isa.BufferWords:
		return fmt.Errorf("%s: no CPU has %d words from there", f.Addr, isa.BufferWords)
	case f.Spec.Kind == isa.FieldBuffer:
		f.Last = memory.Addr{Area: f.Addr.Area, Num: f.Addr.Num + isa.BufferWords - 1, N: f.Addr.N}
	default:
		return nil
	}
	if err == nil {
		f.Ranged, f.Value = true, f.Addr.String()+" - "+f.Last.String()
	}
	return err
}

// lastWord reads the end of a range, whose area may be left out.
func lastWord(first memory.Addr, text string) (memory.Addr, error) {
	if text != "" && text[0] >= '0' && text[0] <= '7' {
		text = first.Area.String() + text
	}
	return memory.ParseAddr(text)
}

// constant reads a decimal number, after a K where one must stand.
func constant(s, prefix string) (int, error) {
	digits, hasK := strings.CutPrefix(strings.ToUpper(s), "K")
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || prefix != "" && !hasK || strings.ContainsAny(digits, "_+") {
		return 0, fmt.Errorf("%q is not a number: write it as %s25, in decimal", s, prefix)
	}
	return int(n), nil
}

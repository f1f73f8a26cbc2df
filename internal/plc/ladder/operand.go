package ladder

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// instruction reads the operands of an instruction and picks its form.
func (p *parser) instruction(node Node, rest []word) {
	node.Kind = Instruction
	for _, w := range rest {
		o, err := parseOperand(w)
		if err != nil {
			p.errorf(w.pos, "%s", err)
			return
		}
		node.Operands = append(node.Operands, o)
	}
	forms := isa.Lookup(node.Name)
	for _, form := range forms {
		if len(form.Operands) == len(node.Operands) && misfit(form, node.Operands) < 0 {
			node.Form = form
			p.add(node)
			return
		}
	}
	at, text := whyNoForm(node, forms)
	p.errorf(at, "%s", text)
}

// misfit is the index of the first operand that the form doesn't take, or -1.
func misfit(form *isa.Instruction, operands []Operand) int {
	for i, o := range operands {
		place := form.Operands[i]
		fits := !o.IsConst && place.Takes.Has(o.Addr.Area) || o.IsConst && place.Takes&isa.TakesConst != 0
		if fits && place.To {
			fits = o.Addr.Area == operands[i-1].Addr.Area
		}
		if !fits {
			return i
		}
	}
	return -1
}

// whyNoForm says which operand is wrong and what would be right.
func whyNoForm(node Node, forms []*isa.Instruction) (Pos, string) {
	var nearest *isa.Instruction
	var usage []string
	for _, form := range forms {
		usage = append(usage, usageOf(form))
		if len(form.Operands) == len(node.Operands) && nearest == nil {
			nearest = form
		}
	}
	if nearest == nil {
		return node.Pos, fmt.Sprintf("%s has %d operand(s): write %s", node.Name, len(node.Operands), strings.Join(usage, ", or "))
	}
	o := node.Operands[misfit(nearest, node.Operands)]
	text := fmt.Sprintf("%s can't take %s: write %s", node.Name, o, strings.Join(usage, ", or "))
	if o.Addr.Area == memory.B && !o.IsConst {
		for _, m := range []string{node.Name + "B", strings.TrimSuffix(node.Name, "N") + "NB"} {
			if len(isa.Lookup(m)) > 0 && strings.HasSuffix(m, "NB") == strings.HasSuffix(node.Name, "N") {
				text = fmt.Sprintf("%s can't take a bit of a word: write %s %s", node.Name, m, o)
			}
		}
	}
	return o.Pos, text
}

// usageOf is how a form is written: "STRE V|TA|CTA V|TA|CTA|K".
func usageOf(form *isa.Instruction) string {
	s := form.Mnemonic
	for _, o := range form.Operands {
		s += " " + strings.ReplaceAll(o.Takes.String(), ", ", "|")
	}
	return s
}

// parseOperand reads an address or a constant, K and hex digits.
func parseOperand(w word) (Operand, error) {
	o := Operand{Pos: w.pos}
	if digits, ok := strings.CutPrefix(strings.ToUpper(w.text), "K"); ok {
		n, err := strconv.ParseUint(digits, 16, 32)
		if err != nil || len(digits) > 8 || strings.ContainsAny(digits, "_+-") {
			return o, fmt.Errorf("%q is not a constant: write K and up to 8 hex digits, such as K10", w.text)
		}
		o.IsConst, o.Const, o.Digits = true, uint32(n), len(digits)
		return o, nil
	}
	addr, err := memory.ParseAddr(w.text)
	if err != nil {
		return o, err
	}
	o.Addr = addr
	return o, nil
}

// suggest is the candidate that differs least from the word, if one is near.
func suggest(word string, candidates []string) (string, bool) {
	best, bestDistance := "", 3
	for _, c := range candidates {
		if d := distance(strings.ToUpper(word), strings.ToUpper(c)); d < bestDistance && d < len(c) {
			best, bestDistance = c, d
		}
	}
	return best, best != ""
}

// distance counts the letters to change, add or drop to make a from b.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 40
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

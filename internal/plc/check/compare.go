package check

import (
	"fmt"
	"strconv"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// comparisons warns of an Error Code or Status word that is compared with a
// constant meant in decimal. The word is binary and the digits of K are hex, so
// 24 is K18 (DESIGN.md, Boxes).
func (c *checker) comparisons() {
	codes := c.codeWords()
	c.nodes(func(n *ladder.Node) {
		if n.Kind != ladder.Instruction || n.Form.Role > isa.Parallel || len(n.Operands) != 2 {
			return
		}
		word, k := n.Operands[0], n.Operands[1]
		if label, ok := codes[word.Addr.Word()]; ok && k.IsConst {
			c.decimal(label, word, k)
		}
	})
}

// codeWords is the label of each word that a box writes a status code to.
func (c *checker) codeWords() map[memory.Word]string {
	codes := map[memory.Word]string{}
	c.boxes(func(n *ladder.Node) {
		for _, label := range []string{isa.LabelErrorCode, isa.LabelStatus} {
			if f, ok := n.Field(label); ok && f.Addr.Area == memory.V {
				codes[f.Addr.Word()] = label
			}
		}
	})
	return codes
}

// decimal warns of a constant whose digits are a status code in decimal, unless
// its value is one as it stands.
func (c *checker) decimal(label string, word, k ladder.Operand) {
	digits, err := strconv.Atoi(fmt.Sprintf("%X", k.Const))
	switch {
	case err != nil || digits > 2000:
	case digits >= 10 && digits <= 13: // a timeout in a late state, or one meant in decimal
		c.warnf("code-compare", k.Pos, "%s is %d: %s %s is binary, so if code %d was meant, write K%X", k, k.Const, label, word.Addr, digits, digits)
	case digits == 250:
		c.warnf("code-compare", k.Pos, "%s never matches: for success, 250, %s %s is 0, so compare with K0", k, label, word.Addr)
	case !given(k.Const):
		c.warnf("code-compare", k.Pos, "%s is %d: %s %s is binary, so for code %d write K%X", k, k.Const, label, word.Addr, digits, digits)
	}
}

// given tells whether a box can give this code, or whether it is the first or
// last of a kind of codes (seeds/000 appendix).
func given(code uint32) bool {
	switch code {
	case 99, 100, 600, 1000, 1001, 1999, 2000:
		return true
	}
	return code <= 25 || code >= 400 && code < 600
}

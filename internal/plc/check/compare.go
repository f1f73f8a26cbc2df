package check

import (
	"fmt"
	"strconv"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// comparisons warns of an Error Code word compared with a constant that was
// meant in decimal. The word is binary and K digits are hex, so 24 is K18. A
// constant that is a status code as it stands is taken at its word.
func (c *checker) comparisons() {
	codes := map[memory.Word]bool{}
	c.boxes(func(n *ladder.Node) {
		if f, ok := n.Field(isa.LabelErrorCode); ok {
			codes[f.Addr.Word()] = true
		}
		if f, ok := n.Field(isa.LabelStatus); ok {
			codes[f.Addr.Word()] = true
		}
	})
	c.nodes(func(n *ladder.Node) {
		if n.Kind != ladder.Instruction || n.Form.Role > isa.Parallel || len(n.Operands) != 2 {
			return
		}
		word, k := n.Operands[0], n.Operands[1]
		if !k.IsConst || !codes[word.Addr.Word()] || statusCode(int(k.Const)) {
			return
		}
		digits := fmt.Sprintf("%X", k.Const)
		if meant, err := strconv.Atoi(digits); err == nil && statusCode(meant) {
			c.warnf("code-compare", k.Pos, "%s is %d: the Error Code word %s is binary, so for code %d write K%X", k, k.Const, word.Addr, meant, meant)
		}
	})
}

// statusCode tells whether an e-mail box can give this number.
func statusCode(n int) bool {
	return n <= 1 || n >= 10 && n <= 25 || n >= 200 && n <= 599 || n == 1001
}

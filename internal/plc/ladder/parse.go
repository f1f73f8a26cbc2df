package ladder

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rungmail/rungmail/internal/plc/isa"
)

// Bounds of a program text.
const (
	MaxText   = 8 << 20 // bytes of a program
	maxErrors = 50      // errors that one parse reports
)

// Parse reads a program text. The error is an [Errors] with every fault that
// was found, up to 50; the tree then holds what could be read.
func Parse(file string, text []byte) (*Program, error) {
	p := &parser{program: &Program{File: file}}
	if len(text) > MaxText {
		p.errorf(Pos{1, 1}, "the program is over %d MiB: split it", MaxText>>20)
		return p.program, p.errs
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	number := 0
	for line := range bytes.Lines(text) {
		number++
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if p.readable(number, line) {
			p.line(number, string(line))
		}
		if len(p.errs) >= maxErrors {
			break
		}
	}
	p.endBox()
	p.checkPLC()
	if len(p.errs) > 0 {
		return p.program, p.errs
	}
	return p.program, nil
}

type parser struct {
	program  *Program
	errs     Errors
	box      *Node    // the box whose fields are being read
	skipping bool     // in the fields of a box that isn't known
	comments []string // comments that wait for the next field of the box
	held     []Node   // comments at the margin, which may be inside the box or behind it
	hasPLC   bool
}

func (p *parser) errorf(at Pos, format string, args ...any) {
	p.errs = append(p.errs, Error{File: p.program.File, Pos: at, Text: fmt.Sprintf(format, args...)})
}

// readable reports a line that isn't plain UTF-8 text.
func (p *parser) readable(number int, line []byte) bool {
	col := 0
	for rest := line; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		col++
		if r == utf8.RuneError && size == 1 {
			p.errorf(Pos{number, col}, "this byte is not UTF-8: save the program as UTF-8")
			return false
		}
		if r < ' ' && r != '\t' || r == 0x7f {
			p.errorf(Pos{number, col}, "control character U+%04X: take it out, or write it as $%02X inside PRINT text", r, r)
			return false
		}
		rest = rest[size:]
	}
	return true
}

// line reads one line of the program.
func (p *parser) line(number int, text string) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return
	}
	at := Pos{number, column(text, strings.Index(text, trimmed))}
	indented := text[0] == ' ' || text[0] == '\t'
	if indented && (p.box != nil || p.skipping) {
		p.keepHeld()
		p.boxLine(at, trimmed)
		return
	}
	if comment, ok := strings.CutPrefix(trimmed, "//"); ok {
		p.comment(Node{Kind: Comment, Pos: at, Comment: strings.TrimSpace(comment)})
		return
	}
	p.endBox()
	words, comment := split(number, text)
	p.statement(words, comment)
}

// comment takes a comment on a line of its own. While a box is open, what comes
// next tells whether it stands inside the box.
func (p *parser) comment(n Node) {
	if p.box != nil {
		p.held = append(p.held, n)
		return
	}
	p.endBox()
	p.add(n)
}

// keepHeld takes the comments at the margin into the box, since it goes on.
func (p *parser) keepHeld() {
	for _, n := range p.held {
		p.comments = append(p.comments, n.Comment)
	}
	p.held = nil
}

func (p *parser) add(n Node) { p.program.Nodes = append(p.program.Nodes, n) }

// word is a blank-separated piece of a line.
type word struct {
	text string
	pos  Pos
}

// split takes a line apart into words and the comment that ends it.
func split(number int, text string) (words []word, comment string) {
	for i := 0; i < len(text); {
		rest := text[i:]
		if rest[0] == ' ' || rest[0] == '\t' {
			i++
			continue
		}
		if after, ok := strings.CutPrefix(rest, "//"); ok {
			return words, strings.TrimSpace(after)
		}
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			end = len(rest)
		}
		if slash := strings.Index(rest[:end], "//"); slash > 0 {
			end = slash
		}
		words = append(words, word{rest[:end], Pos{number, column(text, i)}})
		i += end
	}
	return words, ""
}

// column is the column, in characters from 1, of a byte offset.
func column(line string, offset int) int { return utf8.RuneCountInString(line[:offset]) + 1 }

// statement reads a line that isn't part of a box.
func (p *parser) statement(words []word, comment string) {
	if len(words) == 0 {
		return
	}
	name := strings.ToUpper(words[0].text)
	node := Node{Pos: words[0].pos, Name: name, Comment: comment}
	switch {
	case name == "PLC":
		p.plcLine(node, words[1:])
	case len(isa.Lookup(name)) > 0:
		p.instruction(node, words[1:])
	default:
		p.boxHead(node, words[1:])
	}
}

// plcLine reads "PLC 06".
func (p *parser) plcLine(node Node, rest []word) {
	if p.hasPLC {
		p.errorf(node.Pos, "a second PLC line: a program is for one controller")
		return
	}
	p.hasPLC = true
	if len(p.program.Rungs()) > 0 {
		p.errorf(node.Pos, "the PLC line comes too late: write it before the first instruction")
	}
	if len(rest) != 1 {
		p.errorf(node.Pos, "a PLC line names one controller: PLC %s", plcNames())
		return
	}
	c, ok := isa.ByPLC(rest[0].text)
	if !ok {
		p.errorf(rest[0].pos, "no controller is called %s: write PLC %s", rest[0].text, plcNames())
		return
	}
	node.Kind, node.Name = PLC, c.PLC
	p.program.Controller = c
	p.add(node)
}

func (p *parser) checkPLC() {
	if !p.hasPLC && len(p.errs) < maxErrors {
		p.errs = append(Errors{{File: p.program.File, Pos: Pos{1, 1}, Text: "no PLC line: begin the program with PLC " + plcNames()}}, p.errs...)
	}
}

func plcNames() string {
	var names []string
	for _, c := range isa.Controllers() {
		if c.Bit != 0 {
			names = append(names, c.PLC)
		}
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

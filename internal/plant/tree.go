package plant

import (
	"bytes"
	"errors"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// position is a place in the file, both numbers from 1.
type position struct{ line, column int }

// kind is what a value of the file is, worded for messages.
type kind string

const (
	kindString  kind = "a string"
	kindInteger kind = "an integer"
	kindFloat   kind = "a number with a point"
	kindBool    kind = "a boolean"
	kindTime    kind = "a date or time"
	kindArray   kind = "a list"
	kindTable   kind = "a table"
)

// node is one value of the file and where it stands. A table that has a
// header stands where its bracket does.
type node struct {
	kind  kind
	at    position
	text  string           // of a scalar: a string's content, else as written
	items []*node          // of a list
	keys  []entry          // of a table, in file order
	index map[string]*node // of a table
}

// entry is one key of a table with its value.
type entry struct {
	name  string
	at    position // of the key
	value *node
}

func newTable(at position) *node {
	return &node{kind: kindTable, at: at, index: make(map[string]*node)}
}

func (n *node) get(name string) *node { return n.index[name] }

func (n *node) put(e entry) {
	n.keys = append(n.keys, e)
	n.index[e.name] = e.value
}

// tree parses text and returns its root table, or nil after a fault that
// leaves nothing to judge.
func (d *decoder) tree(text []byte) *node {
	// Editors on Windows may open a file with a byte order mark; no column counts it.
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	start := position{1, 1}
	if len(text) > MaxFile {
		d.fail(start, "the file is larger than 1 MiB: is it really a plant file?")
		return nil
	}
	b := &builder{text: text, lines: lineStarts(text), root: newTable(start)}
	if at := invalidUTF8(text); at >= 0 {
		d.fail(b.position(at), "not UTF-8: byte 0x%02X; save the file in UTF-8", text[at])
		return nil
	}
	// The library's decoder is the judge of what TOML is: doubled keys, tables
	// opened twice, impossible dates. Its parser then gives the positions.
	var judged map[string]any
	if err := toml.Unmarshal(text, &judged); err != nil {
		d.fail(b.positionOf(err), "not TOML: %s", oneLine(strings.TrimPrefix(err.Error(), "toml: ")))
		return nil
	}
	if at, err := b.build(); err != nil {
		d.fail(at, "not TOML: %v", err)
		return nil
	}
	return b.root
}

// invalidUTF8 returns the offset of the first byte that isn't UTF-8, or -1.
func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// lineStarts returns the offset at which each line starts.
func lineStarts(text []byte) []int {
	starts := []int{0}
	for i, c := range text {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// builder makes a tree of a text that is known to be TOML.
type builder struct {
	text    []byte
	lines   []int // offsets
	parser  unstable.Parser
	root    *node
	here    *node    // the table that the last header opened
	reached int      // the offset that position was last asked for
	last    position // its answer
}

// position turns an offset into a line and a column of characters. It counts
// on from the last place it was asked for, so that a file which is one long
// line doesn't take hours.
func (b *builder) position(offset int) position {
	line := sort.SearchInts(b.lines, offset+1)
	from, at := b.lines[line-1], position{line, 1}
	if b.last.line == line && b.reached <= offset {
		from, at = b.reached, b.last
	}
	at.column += utf8.RuneCount(b.text[from:offset])
	b.reached, b.last = offset, at
	return at
}

// positionOf finds the place that an error of the library speaks of; the
// library counts columns in bytes.
func (b *builder) positionOf(err error) position {
	var fault *toml.DecodeError
	if !errors.As(err, &fault) {
		return position{1, 1}
	}
	line, column := fault.Position()
	if line < 1 || line > len(b.lines) || column < 1 {
		return position{1, 1}
	}
	return b.position(min(b.lines[line-1]+column-1, len(b.text)))
}

var errShape = errors.New("a key is used as a table and as a value")

// build reads expression after expression into the tree. On an error it
// returns the place too.
func (b *builder) build() (position, error) {
	b.parser.Reset(b.text)
	b.here = b.root
	for b.parser.NextExpression() {
		e := b.parser.Expression()
		keys := b.keysOf(e)
		ok := false
		switch e.Kind {
		case unstable.Table:
			b.here, ok = b.openTable(keys)
		case unstable.ArrayTable:
			b.here, ok = b.openItem(keys)
		case unstable.KeyValue:
			ok = b.putValue(b.here, keys, e)
		}
		if !ok {
			return b.keyPosition(keys[0]), errShape
		}
	}
	if err := b.parser.Error(); err != nil {
		return position{1, 1}, err
	}
	return position{}, nil
}

func (b *builder) keysOf(e *unstable.Node) []*unstable.Node {
	var keys []*unstable.Node
	for it := e.Key(); it.Next(); {
		keys = append(keys, it.Node())
	}
	return keys
}

func (b *builder) keyPosition(key *unstable.Node) position {
	return b.position(int(key.Raw.Offset))
}

// headerPosition is where the bracket of a header stands whose first key this
// is: nothing but blanks may be before it on its line.
func (b *builder) headerPosition(key *unstable.Node) position {
	at := b.lines[b.keyPosition(key).line-1]
	for b.text[at] == ' ' || b.text[at] == '\t' {
		at++
	}
	return b.position(at)
}

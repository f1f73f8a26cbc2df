package plant

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Error is one fault in a plant file.
type Error struct {
	File   string // as it was given to Load or Parse
	Line   int    // from 1
	Column int    // from 1, in characters; a tab is one
	Text   string // what is wrong and what to do, in lower case, without a full stop
}

// Error returns "file:line:column: text".
func (e Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
}

// Errors is every fault of a plant file, in file order.
type Errors []Error

// Error returns the faults, one a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, fault := range e {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// sort puts the faults in file order; those of one place stay as they came.
func (e Errors) sort() {
	slices.SortStableFunc(e, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// decoder judges one file and collects its faults.
type decoder struct {
	path   string // for messages
	dir    string // what relative paths start from
	faults Errors
}

func (d *decoder) fail(at position, format string, args ...any) {
	d.faults = append(d.faults, Error{
		File: d.path, Line: at.line, Column: at.column, Text: fmt.Sprintf(format, args...),
	})
}

// quote shows a text of the file in a message.
func quote(s string) string { return strconv.Quote(cut(s)) }

// cut shortens what is too long for a message.
func cut(s string) string {
	const longest = 80
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest]) + "..."
	}
	return s
}

// oneLine makes a message of the TOML library fit for a line: it quotes keys
// as they are, whatever is in them.
func oneLine(s string) string {
	return cut(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s))
}

package vprint

import (
	"strconv"
	"strings"
)

// String is the text as source, with one blank between elements and capitals
// for addresses and formats: [Parse], or for a subject [ParseSubject], makes an
// equal text of it. A subject's blanks at its ends are $20, since they would be
// trimmed where it is a value in a program.
func (t Text) String() string {
	var w strings.Builder
	for i, e := range t.elements {
		if i > 0 {
			w.WriteByte(' ')
		}
		if t.subject {
			writeSubject(&w, e.text)
		} else {
			e.write(&w)
		}
	}
	return w.String()
}

// write writes the element as source.
func (e *element) write(w *strings.Builder) {
	switch e.kind {
	case literal:
		w.WriteByte('"')
		writeEscaped(w, e.text)
		w.WriteByte('"')
	case number:
		w.WriteString(e.addr.String())
		if suffix := formatNames[e.format] + modifierNames[e.modifier]; suffix != "" {
			w.WriteString(":" + suffix)
		}
	case chars:
		w.WriteString(e.addr.String() + " % " + strconv.Itoa(e.count))
	case charsFrom:
		w.WriteString(e.addr.String() + " % " + e.length.String())
	case bit:
		w.WriteString(e.addr.String())
		if suffix := bitTable[e.bitForm].suffix; suffix != "" {
			w.WriteString(":" + suffix)
		}
	case clock:
		w.WriteString(clockTable[e.clock].name)
	}
}

package check

import (
	"fmt"

	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// uses judges who owns which memory: what a box calls its own must be user
// memory, used by no other box and written by nothing else (seeds/000 sections
// 7-9). Where a box puts what it reads is user memory too, and nobody's own.
func (c *checker) uses() {
	owned := owners{}
	c.boxes(func(n *ladder.Node) {
		for i := range n.Fields {
			claims := c.claims(n, &n.Fields[i])
			c.shared(owned, claims)
			for _, o := range claims {
				owned[o.word] = append(owned[o.word], o)
			}
		}
	})
	c.nodes(func(n *ladder.Node) {
		for _, t := range touches(n) {
			c.touch(owned, t)
		}
	})
}

// place is some or all bits of a word.
type place struct {
	word memory.Word
	mask uint16
}

const wholeWord = 0xFFFF

// owner is a place that a box calls its own.
type owner struct {
	place
	box   *ladder.Node
	field *ladder.Field
}

// name is the address as a program writes it.
func (o owner) name() string {
	if o.field.Spec.Kind == isa.FieldBuffer {
		return o.word.String()
	}
	return o.field.Addr.String()
}

// what is what the place is to its box.
func (o owner) what() string {
	part := ""
	if o.field.Spec.Kind == isa.FieldBuffer {
		part = "part of "
	}
	return fmt.Sprintf("%s%s of %s in line %d", part, o.field.Spec.Label, o.box.Name, o.box.Pos.Line)
}

// kept tells whether a program shouldn't even read the place.
func (o owner) kept() bool {
	return o.field.Spec.Label == isa.LabelWorkspace || o.field.Spec.Kind == isa.FieldBuffer
}

// owners is who owns each word, or bits of it.
type owners map[memory.Word][]owner

// of finds the first owner of a place.
func (list owners) of(p place) (owner, bool) {
	for _, o := range list[p.word] {
		if o.mask&p.mask != 0 {
			return o, true
		}
	}
	return owner{}, false
}

// shared reports a field whose memory another field has too, once.
func (c *checker) shared(owned owners, claims []owner) {
	for _, o := range claims {
		other, taken := owned.of(o.place)
		switch {
		case !taken:
			continue
		case o.mask == other.mask:
			c.errorf("shared", o.field.ValuePos, "%s is %s and %s: each needs memory of its own", o.name(), o.what(), other.what())
		case o.mask == wholeWord:
			c.errorf("shared", o.field.ValuePos, "%s, %s, holds %s, %s: each needs memory of its own", o.name(), o.what(), other.name(), other.what())
		default:
			c.errorf("shared", o.field.ValuePos, "%s, %s, is a bit of %s, %s: each needs memory of its own", o.name(), o.what(), other.name(), other.what())
		}
		return
	}
}

// claims lists what a field of a box makes its own, and reports what can't be.
func (c *checker) claims(n *ladder.Node, f *ladder.Field) []owner {
	o := owner{place{f.Addr.Word(), wholeWord}, n, f}
	switch f.Spec.Kind {
	case isa.FieldWord:
		if c.ownWord(f) {
			return []owner{o}
		}
	case isa.FieldBit:
		if c.ownBit(f) {
			o.mask = 1 << f.Addr.Bit().N
			return []owner{o}
		}
	case isa.FieldBuffer:
		return c.ownBuffer(o)
	case isa.FieldOctets, isa.FieldResult, isa.FieldChars:
		c.filled(n, f)
	case isa.FieldResultBit:
		c.ownBit(f)
	}
	return nil
}

// ownWord judges a Status, Workspace or Error Code word.
func (c *checker) ownWord(f *ladder.Field) bool { return c.userWords(f, 1, "a word") }

// filled judges the words that a box fills: all that it may fill, whatever the
// field says of their number.
func (c *checker) filled(n *ladder.Node, f *ladder.Field) {
	words := n.Words(f)
	if !c.userWords(f, words, plural(words, "word", "words")) || !f.Ranged {
		return
	}
	last := f.Addr
	last.Num += uint16(words) - 1
	if f.Last != last {
		c.errorf("range-size", f.ValuePos, "%s fills %s, and %s are not as many: write %s - %s", n.Name, plural(words, "word", "words"), f.Value, f.Addr, last)
	}
}

// userWords judges words from a field's address on, which what counts.
func (c *checker) userWords(f *ladder.Field, words int, what string) bool {
	if f.Addr.IsBit() {
		c.errorf("not-user-memory", f.ValuePos, "%s must be %s of user V-memory: %s is a bit", f.Spec.Label, what, f.Addr)
		return false
	}
	addr := f.Addr
	for range words {
		if kind := c.layout.Class(addr.Word()); addr.Area != memory.V || kind != memory.Data {
			c.errorf("not-user-memory", f.ValuePos, "%s must be %s of user V-memory: %s is %s on a %s", f.Spec.Label, what, addr, kind, c.layout.CPU)
			return false
		}
		addr.Num++
	}
	return true
}

// ownBit judges a Success or Error bit, and one that a box fills.
func (c *checker) ownBit(f *ladder.Field) bool {
	const allowed = isa.TakesC | isa.TakesY | isa.TakesGX | isa.TakesGY | isa.TakesB
	if !allowed.Has(f.Addr.Area) {
		c.errorf("bit-kind", f.ValuePos, "%s must be a C, Y, GX, GY or B bit: %s is not", f.Spec.Label, f.Addr)
		return false
	}
	if f.Addr.Area != memory.B {
		err := c.layout.Check(f.Addr)
		if err != nil {
			c.errorf("no-such-address", f.ValuePos, "%s: %s", f.Spec.Label, err)
		}
		return err == nil
	}
	if kind := c.layout.Class(f.Addr.Word()); kind != memory.Data {
		c.errorf("not-user-memory", f.ValuePos, "%s must be a bit of user V-memory: %s is %s on a %s", f.Spec.Label, f.Addr.Word(), kind, c.layout.CPU)
		return false
	}
	return true
}

// ownBuffer judges the words of a message buffer: all 65, whatever the field says
// of their number.
func (c *checker) ownBuffer(o owner) []owner {
	f := o.field
	if !inWords(f) {
		c.errorf("not-user-memory", f.ValuePos, "Msg Buffer must be %d words of user V-memory: %s is not", isa.BufferWords, f.Value)
		return nil
	}
	var list []owner
	for range isa.BufferWords {
		if kind := c.layout.Class(o.word); kind != memory.Data {
			c.errorf("not-user-memory", f.ValuePos, "Msg Buffer must be %d words of user V-memory: %s is %s on a %s", isa.BufferWords, o.word, kind, c.layout.CPU)
			return list
		}
		list = append(list, o)
		o.word++
	}
	return list
}

package plant

import "github.com/pelletier/go-toml/v2/unstable"

// openTable follows the header [a.b] and returns the table it opens.
func (b *builder) openTable(keys []*unstable.Node) (*node, bool) {
	at := b.headerPosition(keys[0])
	table := b.root
	for i, key := range keys {
		known := table.get(string(key.Data)) != nil
		next, ok := b.descend(table, key, at)
		if !ok {
			return table, false
		}
		if known && i == len(keys)-1 && next.kind == kindTable {
			next.at = at // it was only implied until now
		}
		table = next
	}
	return table, true
}

// openItem follows the header [[a.b]] and returns the new table in that list.
func (b *builder) openItem(keys []*unstable.Node) (*node, bool) {
	at := b.headerPosition(keys[0])
	table := b.root
	last := len(keys) - 1
	for _, key := range keys[:last] {
		next, ok := b.descend(table, key, at)
		if !ok {
			return table, false
		}
		table = next
	}
	name := string(keys[last].Data)
	list := table.get(name)
	if list == nil {
		list = &node{kind: kindArray, at: at}
		table.put(entry{name, b.keyPosition(keys[last]), list})
	}
	if list.kind != kindArray {
		return table, false
	}
	item := newTable(at)
	list.items = append(list.items, item)
	return item, true
}

// descend returns the table that key names in table: a new one if there is
// none, the last one if it is a list of tables.
func (b *builder) descend(table *node, key *unstable.Node, at position) (*node, bool) {
	name := string(key.Data)
	next := table.get(name)
	if next == nil {
		next = newTable(at)
		table.put(entry{name, b.keyPosition(key), next})
	}
	if next.kind == kindArray && len(next.items) > 0 {
		next = next.items[len(next.items)-1]
	}
	return next, next.kind == kindTable
}

// putValue puts the value of "a.b = value" into table.
func (b *builder) putValue(table *node, keys []*unstable.Node, e *unstable.Node) bool {
	last := len(keys) - 1
	for _, key := range keys[:last] {
		next, ok := b.descend(table, key, b.keyPosition(key))
		if !ok {
			return false
		}
		table = next
	}
	key := keys[last]
	at := b.keyPosition(key)
	if table.get(string(key.Data)) != nil {
		return false
	}
	value, ok := b.value(e.Value(), b.valuePosition(key))
	table.put(entry{string(key.Data), at, value})
	return ok
}

// valuePosition is where the value after a key starts. The parser gives lists
// no place of their own, so this looks past the equals sign.
func (b *builder) valuePosition(key *unstable.Node) position {
	at := int(key.Raw.Offset + key.Raw.Length)
	for b.text[at] == ' ' || b.text[at] == '\t' || b.text[at] == '=' {
		at++
	}
	return b.position(at)
}

// value turns a parsed value into a node. The place is where it stands unless
// the parser knows better; a list within a list takes its parent's.
func (b *builder) value(v *unstable.Node, at position) (*node, bool) {
	if v.Raw.Length > 0 {
		at = b.position(int(v.Raw.Offset))
	}
	switch v.Kind {
	case unstable.Array:
		return b.list(v, at)
	case unstable.InlineTable:
		return b.inline(v, at)
	case unstable.String:
		return &node{kind: kindString, at: at, text: string(v.Data)}, true
	case unstable.Integer:
		return &node{kind: kindInteger, at: at, text: string(v.Data)}, true
	case unstable.Float:
		return &node{kind: kindFloat, at: at, text: string(v.Data)}, true
	case unstable.Bool:
		return &node{kind: kindBool, at: at, text: string(v.Data)}, true
	default:
		return &node{kind: kindTime, at: at, text: string(v.Data)}, true
	}
}

func (b *builder) list(v *unstable.Node, at position) (*node, bool) {
	list := &node{kind: kindArray, at: at}
	for it := v.Children(); it.Next(); {
		item, ok := b.value(it.Node(), at)
		if !ok {
			return list, false
		}
		list.items = append(list.items, item)
	}
	return list, true
}

func (b *builder) inline(v *unstable.Node, at position) (*node, bool) {
	table := newTable(at)
	for it := v.Children(); it.Next(); {
		if !b.putValue(table, b.keysOf(it.Node()), it.Node()) {
			return table, false
		}
	}
	return table, true
}

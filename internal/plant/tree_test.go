package plant

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// outline draws a tree: each key with its place, each value with its own.
func outline(n *node, indent string) string {
	var b strings.Builder
	for _, e := range n.keys {
		fmt.Fprintf(&b, "%s%s %d:%d = %s\n", indent, e.name, e.at.line, e.at.column, describe(e.value, indent))
	}
	return b.String()
}

func describe(n *node, indent string) string {
	head := fmt.Sprintf("%d:%d ", n.at.line, n.at.column)
	switch n.kind {
	case kindTable:
		return head + "{\n" + outline(n, indent+"  ") + indent + "}"
	case kindArray:
		items := make([]string, len(n.items))
		for i, item := range n.items {
			items[i] = describe(item, indent)
		}
		return head + "[" + strings.Join(items, ", ") + "]"
	default:
		return head + n.text
	}
}

func TestTreeKnowsWhereEverythingStands(t *testing.T) {
	d := &decoder{path: "p"}
	root := d.tree([]byte(`"é" = 'é' # a comment
a.b = 1
list = [ 1.5, [true], { x.y = 1979-05-27 } ]

  [one.two]
	key = """
text"""
[[many]]
[[many]]
  [many.sub]
[one]
three = 3
`))
	if root == nil {
		t.Fatal(d.faults)
	}
	check(t, outline(root, ""), `é 1:1 = 1:7 é
a 2:1 = 2:1 {
  b 2:3 = 2:7 1
}
list 3:1 = 3:8 [3:10 1.5, 3:8 [3:16 true], 3:23 {
  x 3:25 = 3:25 {
    y 3:27 = 3:31 1979-05-27
  }
}]
one 5:4 = 11:1 {
  two 5:8 = 5:3 {
    key 6:2 = 6:8 text
  }
  three 12:1 = 12:9 3
}
many 8:3 = 8:1 [8:1 {
}, 9:1 {
  sub 10:9 = 10:3 {
  }
}]
`)
}

// The library refuses these before a tree is built; the builder doesn't rely
// on it.
func TestBuilderRefusesWhatContradictsItself(t *testing.T) {
	for _, text := range []string{
		"a = 1\na = 2", "a = 1\n[a]", "a = 1\n[a.b]", "a = 1\n[[a]]", "a = 1\n[[a.b]]",
		"[a]\n[[a]]", "a = 1\na.b = 2", "x = {a = 1, a = 2}", "x = [{a = 1, a.b = 2}]", "a = []\n[a.b]",
	} {
		b := &builder{text: []byte(text), lines: lineStarts([]byte(text)), root: newTable(position{1, 1})}
		if at, err := b.build(); !errors.Is(err, errShape) || at.line < 1 || at.column < 1 {
			t.Errorf("%q: got %v at %v", text, err, at)
		}
	}
	text := []byte("a = ")
	b := &builder{text: text, lines: lineStarts(text), root: newTable(position{1, 1})}
	if _, err := b.build(); err == nil {
		t.Error("half a line was taken")
	}
}

// FuzzTree holds the tree against the library's own decoder: the same texts
// are TOML, and the same keys are in them.
func FuzzTree(f *testing.F) {
	f.Add(sample)
	f.Add("a.b = [1, {c = 2}]\n[[d.e]]\n[d.e.f]\n\"\" = 1\n[d]")
	f.Fuzz(func(t *testing.T, text string) {
		d := &decoder{path: "p"}
		root := d.tree([]byte(text))
		var want map[string]any
		err := toml.Unmarshal([]byte(strings.TrimPrefix(text, "\uFEFF")), &want)
		if !utf8.ValidString(text) || len(text) > MaxFile {
			return
		}
		if (root != nil) != (err == nil) {
			t.Fatalf("the library says %v, the tree %v", err, d.faults)
		}
		if root != nil {
			sameKeys(t, root, want)
		}
	})
}

func sameKeys(t *testing.T, n *node, want any) {
	switch want := want.(type) {
	case map[string]any:
		if n.kind != kindTable || len(n.keys) != len(want) {
			t.Fatalf("%s with %d keys, want a table with %d", n.kind, len(n.keys), len(want))
		}
		for name, value := range want {
			sameKeys(t, n.get(name), value)
		}
	case []any:
		if n.kind != kindArray || len(n.items) != len(want) {
			t.Fatalf("%s with %d items, want a list with %d", n.kind, len(n.items), len(want))
		}
		for i, value := range want {
			sameKeys(t, n.items[i], value)
		}
	case string:
		if n.kind != kindString || n.text != want {
			t.Fatalf("%s %q, want %q", n.kind, n.text, want)
		}
	}
}

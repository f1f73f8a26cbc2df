package isa

import (
	"os"
	"strings"
	"testing"
)

// TestTheDocsNameEverything: docs/program-text.md is for people to look things up
// in, so every mnemonic and every label of the table stands there.
func TestTheDocsNameEverything(t *testing.T) {
	text, err := os.ReadFile("../../../docs/program-text.md")
	if err != nil {
		t.Fatal(err)
	}
	has := func(name string) {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("docs/program-text.md doesn't name %s", name)
		}
	}
	for _, ins := range All() {
		has(ins.Mnemonic)
	}
	for _, box := range Boxes() {
		has(box.Mnemonic)
		for _, f := range box.Fields {
			has(f.Label)
		}
	}
}

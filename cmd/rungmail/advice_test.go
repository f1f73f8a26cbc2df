package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestCommandsInFixesExist: every command that the knowledge base names is one
// that this program takes, as it is written.
func TestCommandsInFixesExist(t *testing.T) {
	page, err := os.ReadFile("../../docs/codes.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, c := range regexp.MustCompile(`rungmail (\w+)[^\n]*`).FindAllStringSubmatch(string(page), -1) {
		name, rest := c[1], c[0]
		if end := strings.Index(rest, "; "); end > 0 {
			rest = rest[:end]
		}
		for _, flag := range regexp.MustCompile(`--[a-z]+`).FindAllString(rest, -1) {
			found++
			if !hasFlag(t, name, strings.TrimPrefix(flag, "--")) {
				t.Errorf("%q: %s has no %s", rest, name, flag)
			}
		}
		if name == "try" && strings.Contains(rest, "try --") {
			t.Errorf("%q names no program", rest)
		}
		if name == "send" && strings.Contains(rest, "--") && (!strings.Contains(rest, "--from") || !strings.Contains(rest, "--to")) {
			t.Errorf("%q lacks --from or --to", rest)
		}
	}
	if found < 10 {
		t.Fatalf("only %d flags are named: the search is wrong", found)
	}
	if strings.Contains(string(page), "the gateway's") {
		t.Error("the page speaks of a gateway that this version hasn't")
	}
}

// hasFlag tells whether a command has a flag.
func hasFlag(t *testing.T, command, flag string) bool {
	t.Helper()
	parser, err := kong.New(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range parser.Model.Leaves(false) {
		if strings.HasSuffix(node.FullPath(), " "+command) {
			for _, group := range node.AllFlags(false) {
				for _, f := range group {
					if f.Name == flag {
						return true
					}
				}
			}
		}
	}
	return false
}

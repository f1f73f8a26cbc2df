package check_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/plc/check"
)

func TestEveryRuleHasABreachAndANearMiss(t *testing.T) {
	cases := map[string]bool{}
	for _, b := range breaches() {
		if b.near != "" {
			cases[b.rule] = true
		}
	}
	for _, r := range check.Rules() {
		if !cases[r.ID] {
			t.Errorf("%s has no breach with a near miss", r.ID)
		}
		delete(cases, r.ID)
	}
	for id := range cases {
		t.Errorf("%s is tested and not in Rules", id)
	}
}

func TestRulesAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range check.Rules() {
		if seen[r.ID] || r.ID == "" || strings.Trim(r.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("%q is there twice, or no id", r.ID)
		}
		seen[r.ID] = true
		if !strings.HasSuffix(r.Text, ".") || strings.Count(r.Text, ". ") > 0 {
			t.Errorf("%s: not one sentence: %q", r.ID, r.Text)
		}
	}
}

// TestTheCodeGivesTheRulesAndNoOthers reads the checker's own source: whatever id
// it hands to errorf must be a rule that refuses, and to warnf one that warns.
func TestTheCodeGivesTheRulesAndNoOthers(t *testing.T) {
	refuses := map[string]bool{}
	for _, r := range check.Rules() {
		refuses[r.ID] = r.Refuses
	}
	given := givenIDs(t)
	for id, errs := range given {
		want, ok := refuses[id]
		switch {
		case !ok:
			t.Errorf("the code gives %s, which isn't in Rules", id)
		case errs != want:
			t.Errorf("the code refuses by %s: %v; Rules says %v", id, errs, want)
		}
	}
	for id := range refuses {
		if _, ok := given[id]; !ok {
			t.Errorf("%s is in Rules and the code never gives it", id)
		}
	}
}

// givenIDs is every id that the source hands on, and whether as an error. Two
// functions take an id from their caller.
func givenIDs(t *testing.T) map[string]bool {
	t.Helper()
	place := map[string]int{"errorf": 0, "warnf": 0, "textError": 0, "number": 1}
	ids := map[string]bool{}
	for _, f := range source(t) {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			fun, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			i, ok := place[fun.Sel.Name]
			if !ok || i >= len(call.Args) {
				return true
			}
			if lit, ok := call.Args[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				id, _ := strconv.Unquote(lit.Value)
				errs := fun.Sel.Name != "warnf"
				if before, twice := ids[id]; twice && before != errs {
					t.Errorf("%s is an error in one place and a warning in another", id)
				}
				ids[id] = errs
			}
			return true
		})
	}
	return ids
}

func source(t *testing.T) []*ast.File {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

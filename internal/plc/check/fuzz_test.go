package check_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/cpu"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// FuzzCheck: whatever ladder.Parse accepts, the checker judges, by rules that it
// lists; and what it lets pass a CPU loads and runs.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(widget(f)))
	f.Add([]byte(sorry()))
	for _, b := range breaches() {
		f.Add([]byte(strings.Replace(b.text, mark, "", 1)))
		f.Add([]byte(b.near))
	}
	refuses := map[string]bool{}
	for _, r := range check.Rules() {
		refuses[r.ID] = r.Refuses
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		tree, err := ladder.Parse("p.rll", text)
		if err != nil {
			return
		}
		lines := 1 + len(text)
		for _, target := range []*check.Target{nil, {}, dl06(wide), rack("DL450", "3.30", "H4-ECOM100", "4.0.1031")} {
			r := check.Check(tree, target)
			if (r.Program == nil) != (len(r.Errors) > 0) {
				t.Fatalf("program %v with%s", r.Program, list(r))
			}
			for _, finding := range append(r.Errors[:len(r.Errors):len(r.Errors)], r.Warnings...) {
				if _, ok := refuses[finding.Rule]; !ok || finding.Text == "" || finding.Pos.Line < 1 || finding.Pos.Line > lines || finding.Pos.Col < 1 {
					t.Errorf("odd finding %+v", finding)
				}
			}
			if diff := cmp.Diff(r, check.Check(tree, target), cmpopts.IgnoreFields(check.Result{}, "Program")); diff != "" {
				t.Error(diff)
			}
			if r.Program != nil {
				runs(t, r.Program)
			}
		}
	})
}

// runs asserts that a CPU loads a program and survives some scans of it.
func runs(t *testing.T, p *check.Program) {
	var base backplane.Base
	c, err := cpu.New(p.Tree().Controller.Name, &base, vprint.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Load(p); err != nil {
		t.Fatalf("the checker lets it pass and the CPU can't load it: %v", err)
	}
	for i := range 4 {
		now := time.Unix(int64(i), 0)
		c.Scan(now)
		base.Service(now)
	}
}

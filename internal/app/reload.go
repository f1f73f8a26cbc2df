package app

import (
	"fmt"

	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/plant"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
)

// Change is one difference that a reload found.
type Change struct {
	Path    string `json:"path"`
	Old     string `json:"old"`
	New     string `json:"new"`
	Restart bool   `json:"restart"` // it counts from the next start on
}

// String is the change as a line.
func (c Change) String() string {
	text := c.Path + ": "
	switch {
	case c.Old == "":
		text += "added: " + c.New
	case c.New == "":
		text += "removed: " + c.Old
	default:
		text += c.Old + " -> " + c.New
	}
	if c.Restart {
		text += " (needs a restart)"
	}
	return text
}

// Reloaded is what a reload found and took.
type Reloaded struct {
	Changes  []Change
	Warnings Problems
}

// Reload reads the plant file and its programs again. Where anything in them is
// wrong nothing is taken and everything runs on as before; else all that can
// change while running is taken, and the changes say what needs a restart.
func (a *App) Reload() (Reloaded, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	file, err := plant.Load(a.plant)
	if err != nil {
		return Reloaded{}, err
	}
	problems, programs := Judge(file)
	if errs := problems.Errors(); len(errs) > 0 {
		return Reloaded{}, errs
	}
	a.warn(problems)
	later := a.laterPrograms(file, programs)
	changes := []Change{}
	for _, c := range plant.Diff(a.file, file) {
		changes = append(changes, Change{c.Path, c.Old, c.New, c.Restart || later[c.Path]})
	}
	for _, r := range a.runners {
		changed, err := r.take(file, programs)
		if err != nil {
			return Reloaded{}, err
		}
		changes = append(changes, changed...)
	}
	a.file.Racks = merged(a.runners)
	return Reloaded{changes, problems.Warnings()}, nil
}

// laterPrograms takes programs that don't fit the racks as they run now, but only
// as they will be after a restart, out of those that can be loaded. The paths are
// those of their changes.
func (a *App) laterPrograms(file *plant.File, programs map[string]Loaded) map[string]bool {
	later := map[string]bool{}
	for _, r := range a.runners {
		p := programs[r.plant.Name]
		if p.program == nil || p.text == r.text {
			continue
		}
		if now := check.Check(p.program.Tree(), Target(file, r.plant)); now.Program == nil || r.moved(p.program.Tree()) {
			p.later = true
			programs[r.plant.Name] = p
			later["rack "+r.plant.Name+": program"] = true
		}
	}
	return later
}

// moved tells whether a program uses a slot in which the running rack has no
// module.
func (r *runner) moved(tree *ladder.Program) bool {
	for i := range tree.Nodes {
		n := &tree.Nodes[i]
		if n.Kind == ladder.Box && n.Box.Config && !r.rack.Module(n.Number(isa.LabelSlot), func(*module.Module) {}) {
			return true
		}
	}
	return false
}

// merged is the racks as they run now, so that the next reload compares with
// what is true.
func merged(runners []*runner) []plant.Rack {
	racks := make([]plant.Rack, len(runners))
	for i, r := range runners {
		racks[i] = *r.plant
	}
	return racks
}

// take loads what a running rack can take of a new plant file.
func (r *runner) take(file *plant.File, programs map[string]Loaded) ([]Change, error) {
	for i := range file.Racks {
		next := &file.Racks[i]
		if next.Name != r.plant.Name || next.CPU != r.plant.CPU {
			continue // another controller needs a restart, and so does its program
		}
		var changes []Change
		p := programs[next.Name]
		if p.later && next.Program == r.plant.Program {
			changes = append(changes, Change{Path: "rack " + next.Name + ": program text", Old: "as loaded", New: "as in " + next.Program, Restart: true})
		}
		if p.program != nil && p.text != r.text && !p.later {
			if err := r.rack.Load(p.program); err != nil {
				return nil, fmt.Errorf("rack %s: %w", next.Name, err)
			}
			if next.Program == r.plant.Program {
				changes = append(changes, Change{Path: "rack " + next.Name + ": program text", Old: "as loaded", New: "as in " + next.Program})
			}
			r.text = p.text
		}
		running := *r.plant
		running.Scan = next.Scan
		if next.Program != "" && !p.later {
			running.Program = next.Program
		}
		r.rack.SetScan(next.Scan)
		r.plant = &running
		return changes, nil
	}
	return nil, nil
}

package app

import (
	"fmt"
	"slices"

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
	swaps := map[string]func(){} // every program is ready before the first is taken
	for _, r := range a.runners {
		if p := programs[r.name]; p.program != nil && !p.later && p.text != r.text {
			if swaps[r.name], err = r.rack.Prepare(p.program); err != nil {
				return Reloaded{}, fmt.Errorf("rack %s: %w", r.name, err)
			}
		}
	}
	for _, r := range a.runners {
		changes = append(changes, r.take(file, programs[r.name], swaps[r.name])...)
	}
	a.file.Racks = merged(a.runners)
	if a.gate != nil && file.Gateway != nil {
		devices, err := gatewayDevices(file.Gateway)
		if err != nil { // it was judged good a moment ago
			return Reloaded{}, err
		}
		a.gate.SetDevices(devices)
		now := *a.file.Gateway
		now.Devices = file.Gateway.Devices
		a.file.Gateway = &now
	}
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
		if now := check.Check(p.program.Tree(), Target(a.file, r.plant)); now.Program == nil || r.moved(file, p.program.Tree()) {
			p.later = true
			programs[r.plant.Name] = p
			later["rack "+r.plant.Name+": program"] = true
		}
	}
	return later
}

// moved tells whether a program uses a slot that the plant file fills and the
// running rack doesn't.
func (r *runner) moved(file *plant.File, tree *ladder.Program) bool {
	for i := range tree.Nodes {
		n := &tree.Nodes[i]
		if n.Kind != ladder.Box || !n.Box.Config {
			continue
		}
		if slot := n.Number(isa.LabelSlot); hasModule(file.Racks, r.name, slot) && !hasModule([]plant.Rack{*r.plant}, r.name, slot) {
			return true
		}
	}
	return false
}

func hasModule(racks []plant.Rack, name string, slot int) bool {
	return slices.ContainsFunc(racks, func(r plant.Rack) bool {
		return r.Name == name && slices.ContainsFunc(r.Modules, func(m plant.Module) bool { return m.Slot == slot })
	})
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

// grant lets the modules have the rights that a new plant file gives them, and
// returns the modules as they then run.
func (r *runner) grant(next []plant.Module) []plant.Module {
	running := slices.Clone(r.plant.Modules)
	for _, e := range r.ecoms {
		same := func(m plant.Module) bool { return m.Slot == e.plant.Slot }
		i, j := slices.IndexFunc(next, same), slices.IndexFunc(running, same)
		if i >= 0 && j >= 0 {
			e.grant(next[i].Servers)
			running[j].Servers.Allow, running[j].Servers.WriteAllow = next[i].Servers.Allow, next[i].Servers.WriteAllow
		}
	}
	return running
}

// take takes what a running rack can of a new plant file; swap, which may be nil,
// puts the new program in.
func (r *runner) take(file *plant.File, p Loaded, swap func()) []Change {
	i := slices.IndexFunc(file.Racks, func(next plant.Rack) bool { return next.Name == r.name && next.CPU == r.plant.CPU })
	if i < 0 {
		return nil // another controller needs a restart, and so does its program
	}
	next := &file.Racks[i]
	var changes []Change
	if (swap != nil || p.later) && next.Program == r.plant.Program {
		changes = append(changes, Change{Path: "rack " + r.name + ": program text", Old: "as loaded", New: "as in " + next.Program, Restart: p.later})
	}
	running := *r.plant
	running.Modules = r.grant(next.Modules)
	if swap != nil {
		swap()
		r.text = p.text
	}
	if next.Program != "" && !p.later {
		running.Program = next.Program
	}
	if next.Scan != running.Scan {
		running.Scan = next.Scan
		r.rack.SetScan(next.Scan)
	}
	r.plant = &running
	return changes
}

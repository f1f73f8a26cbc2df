package app

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/plant"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
	"github.com/rungmail/rungmail/internal/secret"
)

// Problem is one thing that is wrong with a plant or a program of it, or that a
// person should know.
type Problem struct {
	Place   string // "line4.rll:3:5", or "plant.toml: rack line-4"
	Rule    string // of the checker; may be empty
	Text    string
	Warning bool
}

// String is the problem as a line: place, severity, text.
func (p Problem) String() string {
	severity := "error"
	if p.Warning {
		severity = "warning"
	}
	return fmt.Sprintf("%s: %s: %s", p.Place, severity, p.Text)
}

// Problems is a list of problems; as an error it is one a line.
type Problems []Problem

func (p Problems) Error() string { return strings.Join(p.Texts(), "\n") }

// Texts is each problem as a line.
func (p Problems) Texts() []string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return lines
}

// Errors is the problems that keep the plant from running.
func (p Problems) Errors() Problems {
	return slices.DeleteFunc(slices.Clone(p), func(one Problem) bool { return one.Warning })
}

// Warnings is the others.
func (p Problems) Warnings() Problems {
	return slices.DeleteFunc(slices.Clone(p), func(one Problem) bool { return !one.Warning })
}

// Loaded is a program as it was read from its file.
type Loaded struct {
	text    string
	program *check.Program
	later   bool // it fits the rack only after a restart
}

// Judge looks at everything that a plant file leads to: set-ups and programs. The
// programs that pass come back by the names of their racks.
func Judge(file *plant.File) (Problems, map[string]Loaded) {
	var problems Problems
	programs := map[string]Loaded{}
	for i := range file.Racks {
		r := &file.Racks[i]
		place := file.Path + ": rack " + r.Name
		if _, runs := memory.LayoutOf(r.CPU); !runs {
			problems = append(problems, Problem{Place: place, Text: "a " + r.CPU + " has no IBoxes, so it can't send e-mail: use a DL05, DL06, DL250-1, DL260 or DL450"})
			continue
		}
		if _, err := plcPassword(r); err != nil {
			problems = append(problems, Problem{Place: place + ": password_file", Text: err.Error()})
		}
		for _, m := range r.Modules {
			problems = append(problems, judgeModule(file, r, m)...)
		}
		if r.Program == "" {
			problems = append(problems, Problem{Place: place, Text: "it has no program: write program = \"line4.rll\"", Warning: true})
			continue
		}
		found, one := judgeProgram(file, r)
		problems = append(problems, found...)
		programs[r.Name] = one
	}
	return append(problems, judgeGateway(file)...), programs
}

// judgeModule looks at what the plant file alone can't judge.
func judgeModule(file *plant.File, r *plant.Rack, m plant.Module) Problems {
	place := fmt.Sprintf("%s: rack %s: module slot %d", file.Path, r.Name, m.Slot)
	e, err := Email(m.Email)
	if err == nil {
		err = e.Validate()
	}
	if err != nil {
		return Problems{{Place: place + ": email", Text: err.Error()}}
	}
	var problems Problems
	rom, setup, err := kept(file, r, m)
	if err != nil {
		return Problems{{Place: place, Text: err.Error()}}
	}
	folder := romFolder(file.State, r, m)
	if !rom.Equal(e) {
		problems = append(problems, Problem{Place: place + ": email", Warning: true, Text: "the module's ROM has another e-mail set-up, and ROM counts: remove " + filepath.Join(folder, settings.EmailFile) + " while no service runs to begin with this one"})
		e = rom
	}
	if setup != Factory(m) {
		problems = append(problems, Problem{Place: place, Warning: true, Text: "the module has been given another name, address or peers than the plant file's, and those count: remove " + filepath.Join(folder, settings.SetupFile) + " while no service runs to begin with the plant file's"})
	}
	problems = append(problems, judgeServers(place, m)...)
	if m.Bind.IsLoopback() && e.Server.IsValid() && !e.Server.IsUnspecified() && !e.Server.IsLoopback() {
		problems = append(problems, Problem{
			Place: place, Warning: true,
			Text: fmt.Sprintf("it dials from %s and can't reach the server %s from there: set bind to this machine's own address, or to 0.0.0.0", m.Bind, e.Server),
		})
	}
	return problems
}

// judgeServers looks at the files of a module's servers, and at who may reach them.
func judgeServers(place string, m plant.Module) (problems Problems) {
	s := m.Servers
	if s.PasswordFile != "" {
		if _, err := secret.ReadFile(s.PasswordFile); err != nil {
			problems = append(problems, Problem{Place: place + ": password_file", Text: err.Error()})
		}
	}
	if _, err := certificate(s); err != nil {
		problems = append(problems, Problem{Place: place + ": cert", Text: err.Error()})
	}
	onlyLoopback := !slices.ContainsFunc(s.Allow, func(p netip.Prefix) bool { return !p.Addr().IsLoopback() })
	if len(s.On) > 0 && !m.Bind.IsLoopback() && onlyLoopback {
		problems = append(problems, Problem{Place: place, Warning: true, Text: fmt.Sprintf("its servers listen at %s and answer only this computer: put the plant's network into allow", m.Bind)})
	}
	return problems
}

// romFolder is where a module keeps what outlives its power.
func romFolder(state string, r *plant.Rack, m plant.Module) string {
	return filepath.Join(state, "racks", r.Name, fmt.Sprintf("slot-%d", m.Slot))
}

// kept is what a module begins with: what it has kept, and else the plant file's.
func kept(file *plant.File, r *plant.Rack, m plant.Module) (settings.Email, settings.Setup, error) {
	e, err := Email(m.Email)
	if err != nil {
		return e, settings.Setup{}, err
	}
	return settings.ReadStore(durable.OS{}, romFolder(file.State, r, m), e, Factory(m))
}

// Factory is what a module says of itself while nobody has changed it.
func Factory(m plant.Module) settings.Setup {
	s := settings.At(m.IP, m.Subnet)
	s.Gateway, s.Name, s.Description = m.Gateway, m.Name, m.Description
	return s
}

// DIP is a module's switches, switch 0 the lowest bit.
func DIP(m plant.Module) byte {
	var dip byte
	for _, n := range m.DIP {
		dip |= 1 << n
	}
	return dip
}

// judgeProgram reads and checks the program of a rack.
func judgeProgram(file *plant.File, r *plant.Rack) (Problems, Loaded) {
	text, err := os.ReadFile(r.Program)
	if err != nil {
		return Problems{{Place: r.Program, Text: "can't read the program: " + reason(err)}}, Loaded{}
	}
	tree, err := ladder.Parse(r.Program, text)
	var faults ladder.Errors
	if errors.As(err, &faults) {
		return Faults(faults), Loaded{}
	}
	result := check.Check(tree, Target(file, r))
	return Findings(r.Program, result), Loaded{text: string(text), program: result.Program}
}

// Faults is the faults of a program text, as problems.
func Faults(faults ladder.Errors) Problems {
	var problems Problems
	for _, f := range faults {
		problems = append(problems, problem(f.File, check.Finding{Pos: f.Pos, Rule: "syntax", Text: f.Text}, false))
	}
	return problems
}

// reason is an error of the file system without the path, which stands before
// it anyway.
func reason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// Findings is what the checker said of a file, as problems.
func Findings(file string, result check.Result) Problems {
	var problems Problems
	for _, f := range result.Errors {
		problems = append(problems, problem(file, f, false))
	}
	for _, f := range result.Warnings {
		problems = append(problems, problem(file, f, true))
	}
	return problems
}

func problem(file string, f check.Finding, warning bool) Problem {
	return Problem{Place: fmt.Sprintf("%s:%d:%d", file, f.Pos.Line, f.Pos.Col), Rule: f.Rule, Text: f.Text, Warning: warning}
}

// Target is a rack of the plant file as the checker sees it. Where a module has a
// ROM copy, that counts and not the plant file's set-up.
func Target(file *plant.File, r *plant.Rack) *check.Target {
	t := &check.Target{CPU: r.CPU, Firmware: r.Firmware, Print: vprint.Options{NumberWidth: r.NumberWidth}}
	for _, m := range r.Modules {
		one := check.Module{
			Slot: m.Slot, Type: m.Type, Firmware: m.Firmware, DIP7: m.DIP7(), IDSwitches: !module.CanSetID(DIP(m)), IP: m.IP, Subnet: m.Subnet, Gateway: m.Gateway,
			Server: m.Email.Server, Sender: m.Email.SenderAddress, Cc: m.Email.Cc, Timeout: m.Email.Timeout,
		}
		if rom, setup, err := kept(file, r, m); err == nil {
			one.IP, one.Subnet, one.Gateway = setup.IP, setup.Subnet, setup.Gateway
			one.Server, one.Sender, one.Cc, one.Timeout = rom.Server, rom.Sender.String(), texts(rom.Cc), rom.Timeout
		}
		t.Modules = append(t.Modules, one)
	}
	return t
}

// InUse is what a module of a rack begins with: what it has kept, if it has;
// differs tells that this isn't the plant file's.
func InUse(file *plant.File, r *plant.Rack, m plant.Module) (e settings.Email, s settings.Setup, differs bool, err error) {
	if e, s, err = kept(file, r, m); err != nil {
		return e, s, false, err
	}
	said, err := Email(m.Email)
	return e, s, err == nil && (!e.Equal(said) || s != Factory(m)), err
}

// Email is the plant file's set-up as a module takes it.
func Email(e plant.Email) (settings.Email, error) {
	out := settings.Email{Server: e.Server, Port: uint16(e.Port), Name: e.SenderName, Timeout: e.Timeout.Round(time.Second)}
	if e.SenderAddress != "" {
		sender, err := mailaddr.Parse(e.SenderAddress)
		if err != nil {
			return out, fmt.Errorf("sender_address: %w", err)
		}
		out.Sender = sender
	}
	for _, s := range e.Cc {
		cc, err := mailaddr.Parse(s)
		if err != nil {
			return out, fmt.Errorf("cc: %w", err)
		}
		out.Cc = append(out.Cc, cc)
	}
	return out, nil
}

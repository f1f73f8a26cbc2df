package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/app"
	"github.com/rungmail/rungmail/internal/catcher"
	"github.com/rungmail/rungmail/internal/link"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/plant"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/trial"
)

type tryCmd struct {
	Program string         `arg:"" help:"The ladder program, PROGRAM.rll."`
	Set     []string       `help:"Set a word or bit before the first scan, in decimal." placeholder:"V3000=2"`
	Pulse   []string       `help:"Turn a bit on until every box has ended, then off." placeholder:"C10"`
	For     time.Duration  `help:"Let the program run so long after that, for rungs that clocks and timers drive." placeholder:"90s"`
	Show    []string       `help:"Print addresses at the end, in decimal." placeholder:"C0,V1401"`
	Server  string         `help:"Send to this mail server, whatever the set-up says; without it a built-in catcher takes the mail." placeholder:"HOST:PORT"`
	From    string         `help:"The sender's address in the module's set-up (plc@example.com unless set)." placeholder:"ADDRESS"`
	Cc      []string       `help:"The Cc list in the module's set-up." placeholder:"ADDRESS"`
	DIP     string         `name:"dip" help:"The DIP switches that are on: digits 0-7, or none (7 unless set)." placeholder:"7"`
	Plant   string         `help:"Take firmware, slots, switches and set-up from the rack of a plant file." placeholder:"FILE"`
	Timeout *time.Duration `help:"The timeout in the module's set-up (60s unless set)."`
	Fail    []string       `sep:"none" help:"Make the catcher fail: STATE is connect, greeting, helo, mail, rcpt, rcpt:2, data, subject, body, end or 1-8." placeholder:"STATE=REPLY|drop|stall|reset"`
	JSON    bool           `help:"Print one JSON object."`
}

// Help is the example of --help.
func (tryCmd) Help() string {
	return `Runs the program on a soft CPU with a virtual ECOM100. Without --server no real time passes: a timeout of a minute takes a moment. Without --pulse the rung of the first ECEMAIL is pulsed; a program without one just runs.
Exit status: 0 the last ECEMAIL ended in Success, or in a program without any the last box; 1 it didn't.

Example: rungmail try examples/widget-report.rll --set V3000=2 --set V3001=57555 --fail rcpt='550 5.1.1 no such user' --show C0,C1,V1401`
}

// attempt is a trial and what it is judged by.
type attempt struct {
	catcher *catcher.Network // nil with a real server
	config  trial.Config
	tree    *ladder.Program
	show    []memory.Addr
	mails   []catcher.Received
	notes   []string
	told    int // of the notes
}

// Run tries the program.
func (c tryCmd) Run(ctx context.Context, s streams) error {
	a, err := c.prepare(ctx, s)
	var refused refusal
	if errors.As(err, &refused) {
		return c.refuse(s, refused)
	}
	if err != nil {
		return err
	}
	if !c.JSON {
		for _, n := range a.notes {
			s.printf("note: %s\n", n)
		}
		a.told = len(a.notes)
		a.config.Line = s.traceLine()
	}
	t, err := trial.Run(ctx, a.config)
	if err != nil {
		return no("%s", err)
	}
	return c.report(s, a, t)
}

// traceLine prints lines of a trace, with a heading over the first.
func (s streams) traceLine() func(string) {
	headed := false
	return func(line string) {
		if !headed {
			headed = true
			s.printf("trace\n")
		}
		s.printf("  %s\n", line)
	}
}

// refusal is a program that can't be tried.
type refusal struct {
	text     string
	problems app.Problems
}

func (r refusal) Error() string { return r.text + "\n" + r.problems.Error() }

// refuse says why a program can't be tried.
func (c tryCmd) refuse(s streams, r refusal) error {
	if !c.JSON {
		return no("%s", r)
	}
	report := tryReport{Trace: []string{}, Memory: map[string]uint16{}, Notes: []string{}, Errors: []string{}, Boxes: []tryBox{}}
	for _, p := range r.problems {
		report.Errors = append(report.Errors, p.String())
	}
	if err := s.json(report); err != nil {
		return err
	}
	return no("")
}

// prepare turns the command line into a trial.
func (c tryCmd) prepare(ctx context.Context, s streams) (*attempt, error) {
	tree, faults, err := readProgram(c.Program)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, refusal{"the program has faults", app.Faults(faults)}
	}
	file, rack, target, err := c.rack()
	if err != nil {
		return nil, err
	}
	result := check.Check(tree, target)
	if result.Program == nil {
		return nil, refusal{"the program fails the checker", app.Findings(c.Program, result).Errors()}
	}
	for _, w := range app.Findings(c.Program, result).Warnings() {
		_, _ = fmt.Fprintln(s.err, w)
	}
	a := &attempt{tree: tree, config: trial.Config{Program: result.Program, CPU: tree.Controller.Name}}
	if target != nil {
		a.config.Print = target.Print
	}
	if a.config.Modules, err = c.modules(a, file, rack); err != nil {
		return nil, err
	}
	if err := c.addresses(a); err != nil {
		return nil, err
	}
	return a, c.network(ctx, a)
}

// rack is the plant file's rack, if there is one.
func (c tryCmd) rack() (*plant.File, *plant.Rack, *check.Target, error) {
	if c.Plant == "" {
		return nil, nil, nil, nil
	}
	file, err := readPlant(c.Plant)
	if err != nil {
		return nil, nil, nil, err
	}
	rack, err := rackFor(file, c.Program)
	if err != nil {
		return nil, nil, nil, err
	}
	return file, rack, app.Target(file, rack), nil
}

// modules is the modules of the plant file's rack, or one for each ECOM100 box,
// with the command line's set-up over theirs.
func (c tryCmd) modules(a *attempt, file *plant.File, rack *plant.Rack) ([]trial.Module, error) {
	tree := a.tree
	var list []trial.Module
	if rack != nil {
		for _, m := range rack.Modules {
			e, setup, kept, err := app.InUse(file, rack, m)
			if err != nil {
				return nil, no("%s", err)
			}
			if kept {
				a.notes = append(a.notes, fmt.Sprintf("slot %d: the module has kept another set-up than the plant file's, and that counts", m.Slot))
			}
			list = append(list, trial.Module{Slot: m.Slot, DIP: app.DIP(m), Email: e, Setup: setup})
		}
	} else {
		for i := range tree.Nodes {
			if n := &tree.Nodes[i]; n.Kind == ladder.Box && n.Box.Config {
				list = append(list, trial.DefaultModule(n.Number(isa.LabelSlot)))
			}
		}
	}
	for i := range list {
		if err := c.override(&list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// override puts the command line's set-up in the place of a module's.
func (c tryCmd) override(m *trial.Module) error {
	var err error
	if c.From != "" {
		if m.Email.Sender, err = mailaddr.Parse(c.From); err != nil {
			return usage("--from: %s", err)
		}
	}
	if len(c.Cc) > 0 {
		if m.Email.Cc, err = mailaddr.ParseList(strings.Join(c.Cc, ",")); err != nil {
			return usage("--cc: %s", err)
		}
	}
	if c.Timeout != nil {
		m.Email.Timeout = *c.Timeout
	}
	if c.DIP != "" {
		if c.DIP != "none" && strings.Trim(c.DIP, "01234567, ") != "" {
			return usage("--dip takes switches 0 to 7, such as 7 or 0,7, or none: %q isn't", c.DIP)
		}
		m.DIP = 0
		for n := range 8 {
			if strings.Contains(c.DIP, strconv.Itoa(n)) {
				m.DIP |= 1 << n
			}
		}
	}
	if err := m.Email.Validate(); err != nil {
		return usage("%s", err)
	}
	return nil
}

// addresses reads --set, --pulse and --show, and judges them before anything
// runs.
func (c tryCmd) addresses(a *attempt) (err error) {
	layout := a.config.Layout()
	if a.config.Set, err = c.settings(layout); err != nil {
		return err
	}
	for _, s := range split(c.Pulse) {
		addr, err := memory.ParseAddr(s)
		if err != nil || !addr.IsBit() {
			return usage("--pulse %s: name a bit, such as C10", s)
		}
		if err := layout.CheckWrite(addr); err != nil {
			return usage("--pulse: %s", err)
		}
		if n := writer(a.tree, addr); n != nil {
			a.notes = append(a.notes, fmt.Sprintf("%s is written by %s in line %d too, which may end the pulse at once", addr, n.Name, n.Pos.Line))
		}
		a.config.Pulse = append(a.config.Pulse, addr)
	}
	for _, s := range split(c.Show) {
		addr, err := memory.ParseAddr(s)
		if err == nil {
			err = layout.Check(addr)
		}
		if err != nil {
			return usage("--show: %s", err)
		}
		a.show = append(a.show, addr)
	}
	a.config.For = c.For
	if len(a.config.Pulse) > 0 || c.For > 0 || !hasMail(a.tree) {
		return nil
	}
	return a.pulseOwnBit()
}

// settings reads --set.
func (c tryCmd) settings(layout *memory.Layout) ([]trial.Setting, error) {
	var list []trial.Setting
	for _, s := range c.Set {
		name, value, _ := strings.Cut(s, "=")
		addr, err := memory.ParseAddr(name)
		if err == nil {
			err = layout.CheckWrite(addr)
		}
		if err != nil {
			return nil, usage("--set: %s", err)
		}
		n, err := strconv.ParseUint(value, 10, 16)
		if err != nil || addr.IsBit() && n > 1 {
			return nil, usage("--set %s: write a decimal number, 0 to 65535 for a word and 0 or 1 for a bit", s)
		}
		list = append(list, trial.Setting{Addr: addr, Value: uint16(n)})
	}
	return list, nil
}

// hasMail tells whether a program has an ECEMAIL; one with set-up boxes alone has not.
func hasMail(tree *ladder.Program) bool {
	return slices.ContainsFunc(tree.Nodes, func(n ladder.Node) bool { return n.Kind == ladder.Box && n.Box.Mnemonic == isa.EmailBox })
}

// pulseOwnBit pulses what drives the first ECEMAIL.
func (a *attempt) pulseOwnBit() error {
	bit, err := ownBit(a.tree)
	if err != nil {
		return err
	}
	if n := writer(a.tree, bit); n != nil {
		return usage("%s drives the first ECEMAIL and is written by %s in line %d: pulse what drives that, such as --pulse X0, or let it run with --for 10s", bit, n.Name, n.Pos.Line)
	}
	a.config.Pulse = []memory.Addr{bit}
	a.notes = append(a.notes, "pulsing "+bit.String()+", which drives the first ECEMAIL")
	return nil
}

func split(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })...)
	}
	return out
}

// ownBit is the bit that drives the first ECEMAIL, where one does alone.
func ownBit(tree *ladder.Program) (memory.Addr, error) {
	for _, r := range tree.Rungs() {
		for i, n := range r.Nodes {
			if n.Kind != ladder.Box || n.Box.Mnemonic != isa.EmailBox {
				continue
			}
			first := r.Nodes[0]
			if i == 1 && len(first.Operands) == 1 && first.Operands[0].Addr.Area != memory.SP {
				return first.Operands[0].Addr, nil
			}
			return memory.Addr{}, usage("the ECEMAIL in line %d isn't driven by one bit alone: name what to pulse, such as --pulse C10, and set the rest with --set; if a clock or timer drives it, let it run with --for 90s", n.Pos.Line)
		}
	}
	return memory.Addr{}, usage("the first ECEMAIL is in no rung: name what to pulse, such as --pulse C10")
}

// writer is an instruction or a box that writes a bit anew each scan, also through
// its word, or nil. SET and RST don't count: they leave a pulse alone.
func writer(tree *ladder.Program, bit memory.Addr) *ladder.Node {
	for i := range tree.Nodes {
		n := &tree.Nodes[i]
		switch {
		case n.Kind == ladder.Box && boxWrites(n, bit):
			return n
		case n.Kind == ladder.Instruction && n.Form.Op != isa.Set && n.Form.Op != isa.Reset && instructionWrites(n, bit):
			return n
		}
	}
	return nil
}

func boxWrites(n *ladder.Node, bit memory.Addr) bool {
	for _, f := range n.Fields {
		switch {
		case (f.Spec.Kind == isa.FieldBit || f.Spec.Kind == isa.FieldResultBit) && f.Addr.Bit() == bit.Bit():
			return true
		case f.Spec.Kind == isa.FieldWord && f.Addr.Word() == bit.Word():
			return true
		case f.Spec.Kind.Reads() && f.Spec.Kind != isa.FieldResultBit && bit.Word() >= f.Addr.Word() && bit.Word() < f.Addr.Word()+memory.Word(n.Words(&f)):
			return true
		}
	}
	return false
}

func instructionWrites(n *ladder.Node, bit memory.Addr) bool {
	for i, o := range n.Operands {
		place := n.Form.Operands[i]
		if o.IsConst || place.Access&isa.Writes == 0 {
			continue
		}
		words := memory.Word(max(1, place.Words))
		within := o.Addr.Word() <= bit.Word() && bit.Word() < o.Addr.Word()+words
		if o.Addr.IsBit() && o.Addr.Bit() == bit.Bit() || !o.Addr.IsBit() && within {
			return true
		}
	}
	return false
}

// network is the catcher in memory, on a clock that jumps, or the real server.
func (c tryCmd) network(ctx context.Context, a *attempt) error {
	if c.Server != "" {
		if len(c.Fail) > 0 {
			return usage("--fail makes the built-in catcher fail: leave --server out")
		}
		server, err := resolve(ctx, c.Server)
		if err != nil {
			return err
		}
		clock := trial.NewWall()
		a.config.Clock, a.config.Network = clock, link.TCP{Wake: clock.Wake, Instead: server}
		a.notes = append(a.notes, "every mail goes to "+server.String()+", whatever server the set-up names")
		return nil
	}
	network := &catcher.Network{Host: "catcher.example.com", Took: func(r catcher.Received) { a.mails = append(a.mails, r) }}
	a.catcher = network
	for _, f := range c.Fail {
		failure, err := catcher.ParseFailure(f)
		if err != nil {
			return usage("--fail: %s", err)
		}
		network.Script = append(network.Script, failure)
	}
	a.config.Clock, a.config.Network = trial.NewVirtual(time.Now()), network
	return nil
}

// Package check is the editor's judgement of a program: what fails it can't be
// downloaded, in STOP or in RUN. It knows the instruction table, the memory maps
// and the rules of the e-mail boxes (seeds/000 sections 1-9), and, where it is
// given the rack, its firmware, slots, DIP switches and settings too.
//
// Each rule has an id, which stands in the JSON that `rungmail check` prints;
// [Rules] lists them all.
package check

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/rungmail/rungmail/internal/firmware"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// Target is the rack that a program is meant for.
type Target struct {
	CPU      string // "DL06"
	Firmware string // of the CPU
	Modules  []Module
	Print    vprint.Options
}

// Module is an ECOM100 of the rack, as far as the rules ask.
type Module struct {
	Slot       int
	Type       string // "H0-ECOM100"
	Firmware   string
	DIP7       bool
	IDSwitches bool // one of DIP switches 0 to 5 is on: they say the module ID
	IP         netip.Addr
	Subnet     netip.Addr // the mask
	Gateway    netip.Addr // 0.0.0.0 for none
	Server     netip.Addr // 0.0.0.0 while not set
	Sender     string
	Cc         []string
	Timeout    time.Duration
}

// Finding is one thing that the checker has to say.
type Finding struct {
	Pos  ladder.Pos
	Rule string
	Text string // lower case: what is wrong and what to do
}

// Mail is the byte budget of one ECEMAIL box.
type Mail struct {
	Line  int // of the box
	Used  int // bytes of To, Subject and Body at their longest
	Limit int // 103
}

// Result is all that the checker says of a program.
type Result struct {
	Errors   []Finding
	Warnings []Finding
	Mails    []Mail
	Rungs    int
	Boxes    int
	// Program is what a CPU can load; nil when there are errors.
	Program *Program
}

// Program is a program that has passed the checker. Only [Check] makes one, so
// that nothing else can be downloaded.
type Program struct{ tree *ladder.Program }

// Tree is the program's tree.
func (p *Program) Tree() *ladder.Program { return p.tree }

// Check judges a program that [ladder.Parse] accepts. The target may be nil: then
// rules that depend on the rack are left out. Findings come in the order of the
// text, and are the same each time.
func Check(p *ladder.Program, target *Target) Result {
	c := &checker{program: p, target: target, rungs: p.Rungs(), configs: map[int]*ladder.Node{}}
	if target != nil {
		c.print = target.Print
	}
	c.result.Rungs = len(c.rungs)
	if c.controller() {
		c.structure()
		c.instructions()
		c.configBoxes()
		c.clientBoxes()
		c.uses()
		c.comparisons()
		c.modules()
	}
	slices.SortStableFunc(c.result.Errors, byPlace)
	slices.SortStableFunc(c.result.Warnings, byPlace)
	if len(c.result.Errors) == 0 {
		c.result.Program = &Program{p}
	}
	return c.result
}

func byPlace(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
}

type checker struct {
	program *ladder.Program
	target  *Target
	rungs   []ladder.Rung
	layout  *memory.Layout
	print   vprint.Options
	configs map[int]*ladder.Node // ECOM100 boxes by ECOM#
	result  Result
}

func (c *checker) errorf(rule string, at ladder.Pos, format string, args ...any) {
	c.result.Errors = append(c.result.Errors, Finding{at, rule, fmt.Sprintf(format, args...)})
}

func (c *checker) warnf(rule string, at ladder.Pos, format string, args ...any) {
	c.result.Warnings = append(c.result.Warnings, Finding{at, rule, fmt.Sprintf(format, args...)})
}

// nodes calls f for every instruction and box.
func (c *checker) nodes(f func(*ladder.Node)) {
	for _, r := range c.rungs {
		for _, n := range r.Nodes {
			f(n)
		}
	}
}

// boxes calls f for every box.
func (c *checker) boxes(f func(*ladder.Node)) {
	c.nodes(func(n *ladder.Node) {
		if n.Kind == ladder.Box {
			f(n)
		}
	})
}

// controller judges the CPU, and tells whether there is one by which the rest
// can be judged: a program for the wrong CPU has one fault, not fifty.
func (c *checker) controller() bool {
	const use = "use a DL05, DL06, DL250-1, DL260 or DL450"
	ctrl, at := c.program.Controller, c.plcPos()
	layout, ok := memory.LayoutOf(ctrl.Name)
	if !ok {
		c.errorf("cpu-no-iboxes", at, "a %s has no IBoxes, so it can't send e-mail: %s", ctrl.Name, use)
		return false
	}
	c.layout = layout
	if c.target == nil {
		return true
	}
	rack, known := isa.ByName(c.target.CPU)
	switch {
	case known && rack.Firmware == "":
		c.errorf("cpu-no-iboxes", at, "the rack's %s has no IBoxes, so it can't send e-mail: %s", rack.Name, use)
		return false
	case rack.Name != ctrl.Name:
		c.errorf("cpu-differs", at, "the program is for a %s and the rack's cpu is %q: change the PLC line or the plant file", ctrl.Name, c.target.CPU)
		return false
	}
	c.firmware(ctrl, at)
	return true
}

// firmware judges the CPU's own (seeds/000 section 1).
func (c *checker) firmware(ctrl isa.Controller, at ladder.Pos) {
	order, err := firmware.Compare(c.target.Firmware, ctrl.Firmware)
	if err != nil {
		c.errorf("cpu-firmware", at, "the cpu's firmware: %s", err)
	} else if order < 0 {
		c.errorf("cpu-firmware", at, "a %s has IBoxes from firmware %s on and this one has %s: upgrade the CPU", ctrl.Name, ctrl.Firmware, c.target.Firmware)
	}
}

func (c *checker) plcPos() ladder.Pos {
	for _, n := range c.program.Nodes {
		if n.Kind == ladder.PLC {
			return n.Pos
		}
	}
	return ladder.Pos{Line: 1, Col: 1}
}

// plural is a number with its noun: "1 branch", "2 branches".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

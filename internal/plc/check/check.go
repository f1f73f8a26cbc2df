// Package check is the editor's judgement of a program: what fails it can't be
// downloaded, in STOP or in RUN. It knows the instruction table, the memory maps
// and the rules of the e-mail boxes (seeds/000 sections 1-9), and, where it is
// given the rack, its firmware, slots, DIP switches and settings too.
//
// Each rule has an id, which stands in the JSON that `rungmail check` prints;
// [Rules] lists them all.
package check

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

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
	Slot     int
	Type     string // "H0-ECOM100"
	Firmware string
	DIP7     bool
	IP       netip.Addr
	Subnet   netip.Addr // the mask
	Gateway  netip.Addr // 0.0.0.0 for none
	Server   netip.Addr // 0.0.0.0 while not set
	Sender   string
	Cc       []string
	Timeout  time.Duration
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

// Check judges a parsed program. The target may be nil: then rules that depend
// on the rack are left out.
func Check(p *ladder.Program, target *Target) Result {
	c := &checker{program: p, target: target, rungs: p.Rungs()}
	if target != nil {
		c.print = target.Print
	}
	c.result.Rungs = len(c.rungs)
	if c.controller() {
		c.structure()
		c.constants()
		c.configBoxes()
		c.clientBoxes()
		c.uses()
		c.comparisons()
		c.modules()
	}
	byPlace := func(a, b Finding) int {
		if a.Pos.Line != b.Pos.Line {
			return a.Pos.Line - b.Pos.Line
		}
		return a.Pos.Col - b.Pos.Col
	}
	slices.SortStableFunc(c.result.Errors, byPlace)
	slices.SortStableFunc(c.result.Warnings, byPlace)
	if len(c.result.Errors) == 0 {
		c.result.Program = &Program{p}
	}
	return c.result
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

// controller reports a CPU that can't run the program at all.
func (c *checker) controller() bool {
	ctrl, at := c.program.Controller, c.plcPos()
	if ctrl.Bit == 0 {
		c.errorf("cpu-no-iboxes", at, "a %s has no IBoxes, so it can't send e-mail: use a DL05, DL06, DL250-1, DL260 or DL450", ctrl.Name)
		return false
	}
	c.layout, _ = memory.LayoutOf(ctrl.Name)
	if c.target == nil {
		return true
	}
	if rack, ok := isa.ByName(c.target.CPU); ok && rack.Bit == 0 {
		c.errorf("cpu-no-iboxes", at, "the rack's %s has no IBoxes, so it can't send e-mail: use a DL05, DL06, DL250-1, DL260 or DL450", rack.Name)
		return false
	} else if rack.Name != ctrl.Name {
		c.errorf("cpu-differs", at, "the program is for a %s and the rack's cpu is %q: change the PLC line or the plant file", ctrl.Name, c.target.CPU)
		return false
	}
	if order, err := isa.CompareVersions(c.target.Firmware, ctrl.Firmware); err != nil {
		c.errorf("cpu-firmware", at, "cpu firmware: %s", err)
	} else if order < 0 {
		c.errorf("cpu-firmware", at, "a %s has IBoxes from firmware %s on and this one has %s: upgrade the CPU", ctrl.Name, ctrl.Firmware, c.target.Firmware)
	}
	return true
}

func (c *checker) plcPos() ladder.Pos {
	for _, n := range c.program.Nodes {
		if n.Kind == ladder.PLC {
			return n.Pos
		}
	}
	return ladder.Pos{Line: 1, Col: 1}
}

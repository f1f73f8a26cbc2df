// Package cpu is a DirectLOGIC CPU: memory, one program, its boxes, and the scan
// that runs them, with the special relays of facts/plc.md section 3.3. It has no
// clock of its own; whoever owns it calls [CPU.Scan].
package cpu

import (
	"fmt"
	"time"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/code"
	"github.com/rungmail/rungmail/internal/plc/ibox"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// CPU is one controller. It is not safe for use by several goroutines at once.
type CPU struct {
	Memory *memory.Image
	Layout *memory.Layout

	controller isa.Controller
	env        *ibox.Env
	program    *code.Program
	boxes      *ibox.Set
	state      code.State

	started time.Time // of RUN
	last    time.Time // scan
	scans   uint64
}

// New makes a CPU by its name, "DL06", without a program. Its modules sit in
// base. Ended, which may be nil, is told of every box that ends.
func New(name string, base *backplane.Base, print vprint.Options, ended func(ibox.Outcome)) (*CPU, error) {
	controller, ok := isa.ByName(name)
	layout, runs := memory.LayoutOf(controller.Name)
	if !ok || !runs {
		return nil, fmt.Errorf("no program can run on a %q: use a DL05, DL06, DL250-1, DL260 or DL450", name)
	}
	image := &memory.Image{}
	return &CPU{
		Memory: image, Layout: layout, controller: controller,
		env: ibox.NewEnv(image, base, print, ended),
	}, nil
}

// Prepared is a program that is ready to be swapped in.
type Prepared struct {
	program *code.Program
	boxes   *ibox.Set
}

// Prepare compiles a program. It changes nothing, and may run beside scans.
func (c *CPU) Prepare(p *check.Program) (*Prepared, error) {
	tree := p.Tree()
	if tree.Controller.Name != c.controller.Name {
		return nil, fmt.Errorf("the program is for a %s and this is a %s", tree.Controller.Name, c.controller.Name)
	}
	boxes, err := ibox.Build(c.env, tree)
	if err != nil {
		return nil, err
	}
	return &Prepared{code.Compile(tree, boxes.Box), boxes}, nil
}

// Swap puts a prepared program in the place of the one that runs, between two
// scans. Memory stays; boxes and edges go on where the new program has them too,
// and what is new in it fires nothing by itself.
func (c *CPU) Swap(p *Prepared) {
	if c.program != nil {
		p.program.Adopt(c.program)
		p.boxes.Adopt(c.boxes)
	}
	c.program, c.boxes = p.program, p.boxes
}

// Load prepares a program and swaps it in; on an error the one that was there
// runs on.
func (c *CPU) Load(p *check.Program) error {
	prepared, err := c.Prepare(p)
	if err != nil {
		return err
	}
	c.Swap(prepared)
	return nil
}

// Scan runs one scan: special relays, then the program from top to END. Without
// a program it does nothing.
func (c *CPU) Scan(now time.Time) {
	if c.program == nil {
		return
	}
	if c.scans == 0 {
		c.started, c.last = now, now
	}
	c.state.Elapsed = max(0, now.Sub(c.last))
	c.last, c.env.Now = now, now
	c.relays(now.Sub(c.started))
	c.program.Scan(c.Memory, &c.state)
	c.boxes.Tend()
	c.scans++
}

// Special relays that the CPU drives.
const (
	spFirstScan = 0o0
	spAlwaysOn  = 0o1
	spAlwaysOff = 0o2
	spMinute    = 0o3
	spSecond    = 0o4
	sp100ms     = 0o5
	sp50ms      = 0o6
	spAlternate = 0o7
	spSlots     = 0o120 // busy and error bits of the slots, in pairs
)

// relays drives the special relays for a scan that begins so long after RUN.
func (c *CPU) relays(since time.Duration) {
	c.relay(spFirstScan, c.scans == 0)
	c.relay(spAlwaysOn, true)
	c.relay(spAlwaysOff, false)
	c.relay(spMinute, since%time.Minute >= 30*time.Second)
	c.relay(spSecond, since%time.Second >= 500*time.Millisecond)
	c.relay(sp100ms, since%(100*time.Millisecond) >= 50*time.Millisecond)
	c.relay(sp50ms, since%(50*time.Millisecond) >= 25*time.Millisecond)
	c.relay(spAlternate, c.scans%2 == 1)
	first := 0 // the slot whose bits are SP120 and SP121
	if c.controller.ModuleType == "H0-ECOM100" {
		first = 1
	}
	for slot := first; slot <= c.controller.LastSlot; slot++ {
		pair := uint16(spSlots + 2*(slot-first))
		c.relay(pair, c.env.Base.Busy(slot))
		c.relay(pair+1, c.env.Base.Failed(slot))
	}
}

func (c *CPU) relay(sp uint16, on bool) {
	c.Memory.SetBit(memory.Addr{Area: memory.SP, Num: sp}.Bit(), on)
}

// Mode is the CPU's mode: run when it has a program.
func (c *CPU) Mode() backplane.Mode {
	if c.program == nil {
		return backplane.Program
	}
	return backplane.Run
}

// Scans is the number of scans since RUN.
func (c *CPU) Scans() uint64 { return c.scans }

// Idle tells whether no box has a request under way.
func (c *CPU) Idle() bool { return c.boxes == nil || c.boxes.Idle() }

// Last is how the latest request of a kind of box ended.
func (c *CPU) Last(mnemonic string) (ibox.Outcome, bool) {
	if c.boxes == nil {
		return ibox.Outcome{}, false
	}
	return c.boxes.Last(mnemonic)
}

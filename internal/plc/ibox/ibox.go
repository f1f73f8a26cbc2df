// Package ibox is the intelligent boxes of a program: ECOM100, those of e-mail, and
// those that read and write the module's own set-up. A box lives from scan to scan;
// each scan it is given its power flow and takes one step: wait for its turn, WX a
// command to mock slave 89, RX the answer, set its outputs. It never blocks and
// never allocates in a scan.
//
// Source: seeds/000 sections 7-9 and appendix, facts/plc.md section 1.2; what they
// leave open is listed in docs/compatibility.md.
package ibox

import (
	"slices"
	"time"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/plc/code"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// Status codes that boxes themselves give (seeds/000 appendix).
const (
	CodeSuccess      = 0
	CodeBusy         = 1
	CodeInvalidState = 22
	CodeInvalidData  = 23
	CodeSlotError    = 1001
)

// Env is what the boxes of one CPU share. Now is set before each scan.
type Env struct {
	Memory *memory.Image
	Base   *backplane.Base
	Print  vprint.Options
	Now    time.Time
	// Ended is told of every box that ends; it may be nil. It is called inside the
	// scan, so it must be quick and must not call back.
	Ended func(Outcome)

	last map[string]Outcome      // the latest of each kind of box
	tags [backplane.Slots]uint16 // the latest of each slot, so that no old answer has a new tag
}

// NewEnv is what the boxes of a CPU share, before its first scan.
func NewEnv(m *memory.Image, base *backplane.Base, print vprint.Options, ended func(Outcome)) *Env {
	return &Env{Memory: m, Base: base, Print: print, Ended: ended, last: map[string]Outcome{}}
}

// nextTag is the tag of the next command to a slot.
func (e *Env) nextTag(slot int) uint16 {
	e.tags[slot]++
	return e.tags[slot]
}

// Outcome is how one request of a box ended.
type Outcome struct {
	Box   string // mnemonic
	Line  int    // of the program
	ECOM  int
	Slot  int       // of its ECOM100
	Tag   uint16    // of its latest command to the module
	Begun time.Time // when power came
	Ended time.Time
	Code  int // 0 success, else the error code
}

// Set is the boxes of one program.
type Set struct {
	env     *Env
	ports   map[int]*port // by ECOM#
	clients map[key]*client
	boxes   map[*ladder.Node]code.Box
	orphans []*port // whose boxes are gone, with a request under way
}

// key finds a box again in a changed program.
type key struct {
	ecom      int
	workspace memory.Word
}

// Build makes the boxes of a program that has passed the checker.
func Build(env *Env, p *ladder.Program) (*Set, error) {
	s := &Set{env: env, ports: map[int]*port{}, clients: map[key]*client{}, boxes: map[*ladder.Node]code.Box{}}
	for _, rung := range p.Rungs() {
		for i, n := range rung.Nodes {
			if n.Kind != ladder.Box {
				continue
			}
			if n.Box.Config {
				port := newPort(env, n)
				s.ports[n.Number(isa.LabelECOM)], s.boxes[n] = port, port
				continue
			}
			c, err := s.newClient(n)
			if err != nil {
				return nil, err
			}
			c.drive = ladder.Drive(rung.Nodes[:i])
			s.clients[c.key], s.boxes[n] = c, c
		}
	}
	return s, nil
}

// Tend sees to requests whose ECOM100 box has left the program. It is called once
// a scan.
func (s *Set) Tend() {
	s.orphans = slices.DeleteFunc(s.orphans, func(p *port) bool {
		p.owner.step()
		return p.owner == nil
	})
}

// Box is the running box of a node, or nil.
func (s *Set) Box(n *ladder.Node) code.Box { return s.boxes[n] }

// Idle tells whether no box has a request under way.
func (s *Set) Idle() bool {
	for _, c := range s.clients {
		if c.state != idle {
			return false
		}
	}
	for _, p := range s.ports {
		if p.owner != nil {
			return false
		}
	}
	return len(s.orphans) == 0
}

// Last is how the latest request of a kind of box ended.
func (s *Set) Last(mnemonic string) (Outcome, bool) {
	o, ok := s.env.last[mnemonic]
	return o, ok
}

// Adopt takes over the boxes of an older program: each box by its ECOM# and
// workspace, each ECOM100 by its slot. A box that is driven by something else now
// keeps its request but takes its present power as edge memory. A request whose
// box is gone is waited for, and its answer dropped. A box that can't go on, since
// its ECOM100 has moved to another slot, ends in Error with 22.
func (s *Set) Adopt(old *Set) {
	for k, c := range s.clients {
		if before, ok := old.clients[k]; ok && before.mnemonic == c.mnemonic {
			c.progress = before.progress
			c.primed = c.primed && c.drive == before.drive
		}
	}
	before := slices.Clone(old.orphans)
	for _, p := range old.ports {
		before = append(before, p)
	}
	for _, p := range before {
		if heir := s.portOf(p.slot); heir != nil {
			heir.adopt(p, s)
		} else if p.owner != nil {
			p.owner.detached, p.orphan = true, true
			s.orphans = append(s.orphans, p)
		}
	}
	for _, c := range s.clients {
		if c.state != idle && !c.port.knows(c) {
			c.finish(CodeInvalidState)
		}
	}
}

func (s *Set) portOf(slot int) *port {
	for _, p := range s.ports {
		if p.slot == slot {
			return p
		}
	}
	return nil
}

// word is the address that a field of a checked box names.
func word(n *ladder.Node, label string) memory.Word {
	f, _ := n.Field(label)
	return f.Addr.Word()
}

func bit(n *ladder.Node, label string) memory.Bit {
	f, _ := n.Field(label)
	return f.Addr.Bit()
}

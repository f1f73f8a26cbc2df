package ibox

import (
	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// port is the ECOM100 box: it shares one module among the boxes that use it,
// first come, first served.
type port struct {
	env       *Env
	slot      int
	status    memory.Word
	workspace memory.Word
	buffer    memory.Word

	owner  *client
	queue  []*client
	orphan bool // its box has left the program, and its words may be others'
}

func newPort(env *Env, n *ladder.Node) *port {
	return &port{
		env: env, slot: n.Number(isa.LabelSlot),
		status: word(n, isa.LabelStatus), workspace: word(n, isa.LabelWorkspace), buffer: word(n, isa.LabelBuffer),
	}
}

// Exec runs every scan, at the top of the program. It sees to requests whose
// boxes have left the program, and shows in the workspace how many wait.
func (p *port) Exec(bool) {
	if p.owner != nil && p.owner.detached {
		p.owner.step()
	}
	v := uint16(len(p.queue))
	if p.owner != nil {
		v |= 1 << 15
	}
	p.env.Memory.SetWord(p.workspace, v)
}

// enqueue lets a box wait for its turn.
func (p *port) enqueue(c *client) { p.queue = append(p.queue, c) }

// grant gives the module to a box if it is the first that waits.
func (p *port) grant(c *client) bool {
	if p.owner != nil || len(p.queue) == 0 || p.queue[0] != c || p.env.Base.Busy(p.slot) {
		return false
	}
	copy(p.queue, p.queue[1:])
	p.queue = p.queue[:len(p.queue)-1]
	p.owner = c
	return true
}

// release takes the module back and notes how the request ended.
func (p *port) release(c *client, code uint16) {
	if p.owner != c {
		return
	}
	p.owner = nil
	if !p.orphan && !c.detached {
		p.env.Memory.SetWord(p.status, code)
	}
}

// send puts a frame into the message buffer and WXes it to the module.
func (p *port) send(frame []byte) bool {
	p.fill(frame)
	return p.env.Base.WX(p.slot, backplane.CommandSlave, frame)
}

// fill writes a frame into the message buffer: its length, then its bytes.
func (p *port) fill(frame []byte) {
	if p.orphan {
		return
	}
	p.env.Memory.SetWord(p.buffer, uint16(len(frame)))
	p.env.Memory.SetBytes(p.buffer+1, frame)
}

// knows tells whether the box owns the module or waits for it.
func (p *port) knows(c *client) bool {
	if p.owner == c {
		return true
	}
	for _, waiting := range p.queue {
		if waiting == c {
			return true
		}
	}
	return false
}

// adopt goes on with what an older program's ECOM100 box had under way.
func (p *port) adopt(old *port, now *Set) {
	for _, c := range old.queue {
		if heir := now.clients[c.key]; heir != nil && heir.port == p && heir.state == waiting {
			p.enqueue(heir)
		}
	}
	switch heir := now.heir(old.owner, p); {
	case old.owner == nil:
	case heir != nil:
		p.owner = heir
	default:
		p.owner = old.owner
		p.owner.detached, p.owner.port = true, p
	}
}

// heir is the box of a new program that goes on with an older one's request.
func (s *Set) heir(old *client, p *port) *client {
	if old == nil || old.detached {
		return nil
	}
	if heir := s.clients[old.key]; heir != nil && heir.port == p && heir.mnemonic == old.mnemonic {
		return heir
	}
	return nil
}

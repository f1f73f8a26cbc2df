package ibox

import (
	"fmt"
	"time"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// state is where a box is; its workspace word shows the number.
type state uint16

const (
	idle    state = iota
	waiting       // for the module
	writing       // the command is on its way
	reading       // the answer is awaited
)

// client is a box that uses an ECOM100.
type client struct {
	key      key
	env      *Env
	port     *port
	mnemonic string
	line     int
	drive    string // the instructions that drive it

	workspace      memory.Word
	success, fault memory.Bit
	code           memory.Word
	coded          bool // it has an Error Code; a box that reads may lack one
	request        request
	result         result

	progress
	detached bool // its program is gone; only the answer is awaited
}

// progress is what a box carries over into a changed program.
type progress struct {
	state        state
	last, primed bool // power at the scan before, and whether there was one
	tag          uint16
	begun        time.Time
	got          gathered
}

func (s *Set) newClient(n *ladder.Node) (*client, error) {
	ecom := n.Number(isa.LabelECOM)
	p, ok := s.ports[ecom]
	if !ok {
		return nil, fmt.Errorf("line %d: %s uses ECOM# K%d, which no ECOM100 box before it defines", n.Pos.Line, n.Name, ecom)
	}
	req, err := newRequest(n)
	if err != nil {
		return nil, fmt.Errorf("line %d: %s: %w", n.Pos.Line, n.Name, err)
	}
	workspace := word(n, isa.LabelWorkspace)
	_, coded := n.Field(isa.LabelErrorCode)
	c := &client{
		key: key{ecom, workspace}, env: s.env, port: p, mnemonic: n.Box.Mnemonic, line: n.Pos.Line,
		workspace: workspace, success: bit(n, isa.LabelSuccess), fault: bit(n, isa.LabelError),
		coded: coded, request: req, result: newResult(n),
	}
	if coded {
		c.code = word(n, isa.LabelErrorCode)
	}
	return c, nil
}

// Exec gives the box its power flow for one scan. A leading edge begins a
// request; one that comes while a request is under way is ignored. A box that is
// new takes its present power as edge memory, so that a contact which is on from
// the beginning never fires it.
func (c *client) Exec(power bool) {
	edge := c.primed && power && !c.last
	first := !c.primed
	c.last, c.primed = power, true
	if first && c.state == idle && c.coded && c.env.Memory.Word(c.code) == CodeBusy {
		c.begun = c.env.Now
		c.finish(CodeInvalidState) // cut off by a power failure
		return
	}
	if edge && c.state == idle {
		c.begin()
	}
	if c.state != idle {
		c.step()
	}
}

// begin starts a request: outputs reset, code 1, wait for the module.
func (c *client) begin() {
	c.env.Memory.SetBit(c.success, false)
	c.env.Memory.SetBit(c.fault, false)
	c.setCode(CodeBusy)
	c.begun = c.env.Now
	c.got.length = 0
	c.port.enqueue(c)
	c.enter(waiting)
}

// setCode writes the Error Code, where the box has one.
func (c *client) setCode(code uint16) {
	if c.coded {
		c.env.Memory.SetWord(c.code, code)
	}
}

func (c *client) enter(s state) {
	c.state = s
	if !c.detached {
		c.env.Memory.SetWord(c.workspace, uint16(s))
	}
}

// step takes the request one step on, if it can.
func (c *client) step() {
	base, slot := c.env.Base, c.port.slot
	switch c.state {
	case waiting:
		if c.port.grant(c) {
			c.send()
		}
	case writing, reading:
		switch {
		case base.Busy(slot):
		case base.Failed(slot):
			c.finish(CodeSlotError)
		case c.state == writing:
			c.enter(reading)
			base.RX(slot, backplane.CommandSlave)
		default:
			c.take(base.Received(slot))
		}
	}
}

// send formats the request, now that the message buffer is this box's, and
// begins to write it.
func (c *client) send() {
	c.tag = c.env.nextTag(c.port.slot)
	frame, err := c.request.frame(c.env, c.tag, c.got.length)
	if err != nil {
		c.finish(CodeInvalidData)
		return
	}
	c.enter(writing)
	c.port.send(frame)
}

// take looks at an answer: it is the end, or more of waiting.
func (c *client) take(frame []byte) {
	answer, err := backplane.ParseAnswer(frame)
	switch {
	case err != nil:
		c.finish(CodeInvalidData)
	case answer.Tag != c.tag || answer.Status == backplane.Busy:
		c.env.Base.RX(c.port.slot, backplane.CommandSlave)
	default:
		c.port.fill(frame)
		c.end(answer)
	}
}

// end takes what an answer says. A text that goes on behind it is asked for before
// anyone else has the module.
func (c *client) end(answer backplane.Answer) {
	if answer.Status != CodeSuccess || c.result.want == 0 || c.detached {
		c.finish(answer.Status)
		return
	}
	c.got.add(answer.Data)
	switch {
	case c.result.more(&c.got, len(answer.Data)):
		c.send()
	case !c.result.whole(&c.got):
		c.finish(CodeInvalidData)
	default:
		c.result.put(c.env.Memory, &c.got)
		c.finish(CodeSuccess)
	}
}

// finish sets the outputs and lets the next box have the module.
func (c *client) finish(status uint16) {
	c.enter(idle)
	c.port.release(c, status)
	if c.detached {
		return
	}
	c.env.Memory.SetBit(c.success, status == CodeSuccess)
	c.env.Memory.SetBit(c.fault, status != CodeSuccess)
	c.setCode(status)
	outcome := Outcome{Box: c.mnemonic, Line: c.line, ECOM: c.key.ecom, Slot: c.port.slot, Tag: c.tag, Begun: c.begun, Ended: c.env.Now, Code: int(status)}
	c.env.last[c.mnemonic] = outcome
	if c.env.Ended != nil {
		c.env.Ended(outcome)
	}
}

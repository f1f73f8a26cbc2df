// Package module is a virtual ECOM100: mock slave 89 on the backplane side, the
// mailer on the network side, and the set-ups between them. It owns no socket, no
// clock and no goroutine.
package module

import (
	"net/netip"
	"time"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/link"
)

// Config is what a module is.
type Config struct {
	DIP     byte            // the switches that are on, switch 0 the lowest bit
	Store   *settings.Store // what it keeps without power
	Network link.Network
	Sink    conv.Sink     // gets the events of its conversations; may be nil
	NewID   func() string // names conversations
	// Flash carries out what writes ROM, which may block, outside the lock under
	// which the module is stepped, and sees to it that the module is stepped when it
	// is done. What it returns tells then, each time it is asked. Nil does the work
	// at once.
	Flash func(work func() error) (done func() (bool, error))
}

// The switches of a module (seeds/000 section 5, facts/plc.md section 6).
const (
	dipID  = 0x3F // switches 0 to 5 are its module ID
	dipBox = 0x80 // switch 7: mock slaves 89 and 90 exist
)

// Module is one module. It is not safe for use by several goroutines at once.
type Module struct {
	config  Config
	working settings.Email
	mailer  *mailer.Mailer
	tester  tester

	command  backplane.Command // under way, or done
	state    state
	answer   backplane.Answer   // once it is settled
	rejected []backplane.Answer // to commands that came out of turn
	writing  func() (bool, error)
	ready    time.Time     // when the module is there again after a write to ROM
	last     mailer.Result // of the latest mail that has ended
	lastTag  uint16        // of its command
	sent     uint64
	failed   uint64
}

// state is where the command is.
type state uint8

const (
	empty   state = iota // no command yet
	mailing              // the mailer works on it
	storing              // ROM is being written
	settled              // answer is its end
)

var _ backplane.Module = (*Module)(nil)

// maxRejected bounds the answers that wait for commands out of turn.
const maxRejected = 4

// flashTime is how long a module is busy when ROM is written (facts/plc.md section
// 1.2).
const flashTime = 500 * time.Millisecond

// New powers a module up: the working copy is taken from ROM.
func New(config Config) *Module {
	if config.Flash == nil {
		config.Flash = func(work func() error) func() (bool, error) {
			err := work()
			return func() (bool, error) { return true, err }
		}
	}
	m := &Module{config: config, working: config.Store.Email()}
	network := gate{config.Store, config.Network}
	m.mailer = mailer.New(network, config.Sink, config.NewID)
	m.tester.mailer = mailer.New(network, m.tester.hear(config.Sink), config.NewID)
	return m
}

// gate is the network behind the module's own address: without one, or without a
// mask, nothing is reached.
type gate struct {
	store *settings.Store
	link.Network
}

// Dial begins to connect.
func (g gate) Dial(server netip.AddrPort) link.Link {
	if !g.store.Setup().Reachable() {
		return link.Nowhere{}.Dial(server)
	}
	return g.Network.Dial(server)
}

// Store is what the module keeps without power.
func (m *Module) Store() *settings.Store { return m.config.Store }

// Working is the set-up that mails use now.
func (m *Module) Working() settings.Email { return m.working }

// Restore takes the working copy from ROM, as ECEMRDS does.
func (m *Module) Restore() { m.working = m.config.Store.Email() }

// SetWorking changes the working copy, as ECEMSUP does; it fails with
// [settings.ErrInvalid].
func (m *Module) SetWorking(e settings.Email) error {
	if err := e.Validate(); err != nil {
		return err
	}
	m.working = e
	return nil
}

// Counts is the number of mails of the ladder that ended well and that didn't.
func (m *Module) Counts() (sent, failed uint64) { return m.sent, m.failed }

// Last is how the ladder's latest mail ended, and the tag of the command that
// asked for it.
func (m *Module) Last() (mailer.Result, uint16) { return m.last, m.lastTag }

// Write takes a command frame for mock slave 89. What is written to mock slave 90
// is taken and goes nowhere. Without DIP switch 7 there is neither, which turns
// the slot's error bit on.
func (m *Module) Write(now time.Time, slave byte, data []byte) error {
	slaves := m.config.DIP&dipBox != 0
	switch {
	case slaves && slave == backplane.MessageSlave:
		return nil
	case !slaves || slave != backplane.CommandSlave:
		return backplane.ErrNoSlave
	}
	c, err := backplane.ParseCommand(append([]byte(nil), data...))
	switch {
	case m.state == mailing || m.state == storing:
		m.reject(c, mailer.StatusInvalidState)
	case err != nil:
		m.settle(c, mailer.StatusInvalidData, nil)
	default:
		m.begin(now, c)
	}
	return nil
}

// reject keeps an answer for a command that came while another is under way.
func (m *Module) reject(c backplane.Command, status uint16) {
	if len(m.rejected) < maxRejected {
		m.rejected = append(m.rejected, backplane.Answer{Op: c.Op, Tag: c.Tag, Status: status})
	}
}

func (m *Module) settle(c backplane.Command, status uint16, data []byte) {
	m.command, m.state = c, settled
	m.answer = backplane.Answer{Op: c.Op, Tag: c.Tag, Status: status, Data: data}
}

// begin carries a command out; only a mail and a write to ROM take time.
func (m *Module) begin(now time.Time, c backplane.Command) {
	switch c.Op {
	case backplane.SetupEmail:
		changed, err := m.working.Apply(c)
		if err != nil {
			m.settle(c, mailer.StatusInvalidSetup, nil)
			return
		}
		m.working = changed
		m.settle(c, mailer.StatusSuccess, nil)
	case backplane.RestoreEmail:
		m.Restore()
		m.settle(c, mailer.StatusSuccess, nil)
	case backplane.ReadSetup:
		m.read(c)
	case backplane.WriteSetup:
		m.store(now, c)
	default:
		m.command, m.state = c, mailing
		m.mailer.Start(now, m.job(c))
		m.check(now)
	}
}

// Read answers an RX from mock slave 89: the command's status and data, or that it
// is busy. An RX with no command before it is out of turn.
func (m *Module) Read(now time.Time, slave byte, dst []byte) ([]byte, error) {
	if m.config.DIP&dipBox == 0 || slave != backplane.CommandSlave {
		return dst, backplane.ErrNoSlave
	}
	m.check(now)
	a := m.answer
	switch {
	case len(m.rejected) > 0:
		a = m.rejected[0]
		m.rejected = m.rejected[1:]
	case m.state == mailing || m.state == storing:
		a = backplane.Answer{Op: m.command.Op, Tag: m.command.Tag, Status: backplane.Busy}
	case m.state == empty:
		a.Status = mailer.StatusInvalidState
	}
	return backplane.AppendAnswer(dst, a), nil
}

// Step lets the mails go on, and returns when it wants to be called again at the
// latest; the zero time is never.
func (m *Module) Step(now time.Time) time.Time {
	wake := m.mailer.Step(now)
	wake = earlier(wake, m.tester.mailer.Step(now))
	m.check(now)
	if m.state == storing && m.ready.After(now) {
		wake = earlier(wake, m.ready)
	}
	return wake
}

// earlier is the earlier of two times; the zero time is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Busy tells whether a mail or a write to ROM is under way.
func (m *Module) Busy() bool {
	return m.mailer.Busy() || m.tester.mailer.Busy() || m.state == storing
}

// Close drops the mail that is under way, and tells whether there was one and in
// which state of its conversation.
func (m *Module) Close(now time.Time) (cut bool, state mailer.State) {
	m.tester.mailer.Close(now)
	cut, state = m.mailer.Close(now)
	m.check(now)
	return cut, state
}

// check notes that the mail or the write under way has ended.
func (m *Module) check(now time.Time) {
	switch {
	case m.state == storing:
		m.stored(now)
	case m.state == mailing && !m.mailer.Busy():
		m.last, m.lastTag = m.mailer.Result(), m.command.Tag
		m.settle(m.command, uint16(m.last.Status), nil)
		if m.last.Status == mailer.StatusSuccess {
			m.sent++
		} else {
			m.failed++
		}
	}
}

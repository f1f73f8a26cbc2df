// Package module is a virtual ECOM100: mock slave 89 on the backplane side, the
// mailer on the network side, and the e-mail set-up between them. It owns no
// socket, no clock and no goroutine.
package module

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/link"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// Config is what a module is.
type Config struct {
	IP      netip.Addr // what it says of itself, in HELO and in the trace
	Subnet  netip.Addr // its mask; with IP or Subnet 0.0.0.0 it never connects
	DIP7    bool       // switch 7: mock slaves 89 and 90 exist
	ROM     settings.ROM
	Initial settings.Email // what ROM holds until someone changes it
	Network link.Network
	Sink    conv.Sink     // gets the events of its conversations; may be nil
	NewID   func() string // names conversations
}

// Module is one module. It is not safe for use by several goroutines at once.
type Module struct {
	config  Config
	rom     settings.Email
	working settings.Email
	mailer  *mailer.Mailer

	command  backplane.Command // under way, or done
	state    state
	status   uint16
	rejected []backplane.Answer // to commands that came out of turn
	last     mailer.Result      // of the latest mail that has ended
	lastTag  uint16             // of its command
	sent     uint64
	failed   uint64
}

// state is where the command is.
type state uint8

const (
	empty   state = iota // no command yet
	busy                 // the mailer works on it
	settled              // status is its end
)

var _ backplane.Module = (*Module)(nil)

// maxRejected bounds the answers that wait for commands out of turn.
const maxRejected = 4

// New powers a module up: the working copy is taken from ROM.
func New(config Config) (*Module, error) {
	rom, err := config.ROM.Load(config.Initial)
	if err != nil {
		return nil, fmt.Errorf("the module can't start: %w", err)
	}
	if unset(config.IP) || unset(config.Subnet) {
		config.Network = link.Nowhere{}
	}
	m := &Module{config: config, rom: rom, working: rom}
	m.mailer = mailer.New(config.Network, config.Sink, config.NewID)
	return m, nil
}

func unset(a netip.Addr) bool { return !a.IsValid() || a.IsUnspecified() }

// Working is the set-up that mails use now.
func (m *Module) Working() settings.Email { return m.working }

// ROM is the set-up that outlives the power.
func (m *Module) ROM() settings.Email { return m.rom }

// WriteROM changes the ROM copy; mails use it from the next power-up or restore
// on. It is durable when WriteROM returns nil.
func (m *Module) WriteROM(e settings.Email) error {
	if err := m.config.ROM.Save(e); err != nil {
		return err
	}
	m.rom = e
	return nil
}

// Restore takes the working copy from ROM, as ECEMRDS does.
func (m *Module) Restore() { m.working = m.rom }

// Counts is the number of mails that ended well and that didn't.
func (m *Module) Counts() (sent, failed uint64) { return m.sent, m.failed }

// Last is how the latest mail ended, and the tag of the command that asked for it.
func (m *Module) Last() (mailer.Result, uint16) { return m.last, m.lastTag }

// Write takes a command frame for mock slave 89. What is written to mock slave 90
// is taken and goes nowhere. Without DIP switch 7 there is neither, which turns
// the slot's error bit on.
func (m *Module) Write(now time.Time, slave byte, data []byte) error {
	switch {
	case m.config.DIP7 && slave == backplane.MessageSlave:
		return nil
	case !m.config.DIP7 || slave != backplane.CommandSlave:
		return backplane.ErrNoSlave
	}
	c, err := backplane.ParseCommand(append([]byte(nil), data...))
	switch {
	case m.state == busy:
		m.reject(c, mailer.StatusInvalidState)
	case err != nil:
		m.settle(c, mailer.StatusInvalidData)
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

func (m *Module) settle(c backplane.Command, status uint16) {
	m.command, m.state, m.status = c, settled, status
}

// begin carries a command out; only a mail takes time.
func (m *Module) begin(now time.Time, c backplane.Command) {
	switch c.Op {
	case backplane.SetupEmail:
		changed, err := m.working.Apply(c)
		if err != nil {
			m.settle(c, mailer.StatusInvalidSetup)
			return
		}
		m.working = changed
		m.settle(c, mailer.StatusSuccess)
	case backplane.RestoreEmail:
		m.Restore()
		m.settle(c, mailer.StatusSuccess)
	default:
		m.command, m.state = c, busy
		m.mailer.Start(now, m.job(c))
		m.check()
	}
}

// job is the mail that a command and the working copy make together.
func (m *Module) job(c backplane.Command) mailer.Job {
	text := func(id backplane.FieldID) []byte {
		data, _ := c.Field(id)
		return data
	}
	w := m.working
	j := mailer.Job{
		Server: netip.AddrPortFrom(w.Server, w.Port), Helo: m.config.IP.String(), Timeout: w.Timeout,
		Message: mailer.Message{
			From: w.Sender, FromName: w.Name, Cc: w.Cc,
			Subject: text(backplane.FieldSubject), Body: text(backplane.FieldBody),
		},
	}
	to, err := mailaddr.ParseList(string(text(backplane.FieldTo)))
	if err != nil {
		j.Fault = mailer.StatusInvalidData
	}
	j.Message.To = to
	return j
}

// Read answers an RX from mock slave 89: the command's status, or that it is
// busy. An RX with no command before it is out of turn.
func (m *Module) Read(_ time.Time, slave byte, dst []byte) ([]byte, error) {
	if !m.config.DIP7 || slave != backplane.CommandSlave {
		return dst, backplane.ErrNoSlave
	}
	a := backplane.Answer{Op: m.command.Op, Tag: m.command.Tag, Status: m.status}
	switch {
	case len(m.rejected) > 0:
		a = m.rejected[0]
		m.rejected = m.rejected[1:]
	case m.state == busy:
		a.Status = backplane.Busy
	case m.state == empty:
		a.Status = mailer.StatusInvalidState
	}
	return backplane.AppendAnswer(dst, a), nil
}

// Step lets the mailer go on, and returns when it wants to be called again at
// the latest; the zero time is never.
func (m *Module) Step(now time.Time) time.Time {
	wake := m.mailer.Step(now)
	m.check()
	return wake
}

// Busy tells whether a mail is under way.
func (m *Module) Busy() bool { return m.mailer.Busy() }

// Close drops the mail that is under way, and tells whether there was one and in
// which state of its conversation.
func (m *Module) Close(now time.Time) (cut bool, state mailer.State) {
	cut, state = m.mailer.Close(now)
	m.check()
	return cut, state
}

// check notes that the mail under way has ended.
func (m *Module) check() {
	if m.state != busy || m.mailer.Busy() {
		return
	}
	m.last, m.lastTag = m.mailer.Result(), m.command.Tag
	m.state, m.status = settled, uint16(m.last.Status)
	if m.status == mailer.StatusSuccess {
		m.sent++
	} else {
		m.failed++
	}
}

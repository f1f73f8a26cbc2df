package module

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/ecom/settings"
)

// DIP is the switches that are on, switch 0 the lowest bit.
func (m *Module) DIP() byte { return m.config.DIP }

// ID is a module's ID and whether its switches say it. Switches 0 to 5 come first,
// then what was set; with neither it is the switches as they stand, so that a
// module with switch 7 alone says 128, as the original does (seeds/000 section 6).
func ID(dip byte, set uint32) (id uint32, switches bool) {
	switch {
	case dip&dipID != 0:
		return uint32(dip & dipID), true
	case set == 0 && dip != 0:
		return uint32(dip), true
	default:
		return set, false
	}
}

// CanSetID tells whether a module's ID can be set: with one of its switches 0 to 5
// on, they say it.
func CanSetID(dip byte) bool { return dip&dipID == 0 }

// read answers a ReadSetup: one field from a byte on.
func (m *Module) read(c backplane.Command) {
	if len(c.Fields) != 1 || len(c.Fields[0].Data) != 1 {
		m.settle(c, mailer.StatusInvalidData, nil)
		return
	}
	data, ok := m.field(c.Fields[0].ID)
	if !ok {
		m.settle(c, mailer.StatusInvalidData, nil)
		return
	}
	data = data[min(int(c.Fields[0].Data[0]), len(data)):]
	m.settle(c, mailer.StatusSuccess, data[:min(len(data), backplane.MaxRead)])
}

// field is one field of the module's own set-up, as frames hold it.
func (m *Module) field(id backplane.FieldID) ([]byte, bool) {
	s := m.config.Store.Setup()
	switch id {
	case backplane.FieldIP:
		return octets(s.IP), true
	case backplane.FieldSubnet:
		return octets(s.Subnet), true
	case backplane.FieldGateway:
		return octets(s.Gateway), true
	case backplane.FieldModuleID:
		n, _ := ID(m.config.DIP, s.ID)
		return binary.LittleEndian.AppendUint16(nil, uint16(n)), true
	case backplane.FieldModuleName:
		return ladderText(s.Name), true
	case backplane.FieldDescription:
		return ladderText(s.Description), true
	case backplane.FieldDHCP:
		if s.DHCP {
			return []byte{1}, true
		}
		return []byte{0}, true
	}
	return nil, false
}

func octets(a netip.Addr) []byte {
	if !a.Is4() {
		return make([]byte, 4)
	}
	return a.AsSlice()
}

// ladderText is text as ladder has it: a byte a character, what has none as "?".
func ladderText(text string) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}

// store begins to write fields of a WriteSetup to ROM. A value that the module
// can't have is 24, an ID that its switches say is 22.
func (m *Module) store(now time.Time, c backplane.Command) {
	if _, ok := c.Field(backplane.FieldModuleID); ok && !CanSetID(m.config.DIP) {
		m.settle(c, mailer.StatusInvalidState, nil)
		return
	}
	trial := m.config.Store.Setup()
	err := apply(&trial, c.Fields)
	if err == nil {
		err = trial.Validate()
	}
	if err != nil {
		m.settle(c, mailer.StatusInvalidSetup, nil)
		return
	}
	m.command, m.state, m.ready = c, storing, now.Add(flashTime)
	m.writing = m.config.Flash(func() error {
		return m.config.Store.ChangeSetup(func(s *settings.Setup) error { return apply(s, c.Fields) })
	})
}

// stored notes that a write to ROM has ended: 25 when the disk didn't take it.
func (m *Module) stored(now time.Time) {
	done, err := m.writing()
	switch {
	case !done || now.Before(m.ready):
	case err != nil:
		m.settle(m.command, mailer.StatusTooMuch, nil)
	default:
		m.settle(m.command, mailer.StatusSuccess, nil)
	}
}

// apply puts fields in their places.
func apply(s *settings.Setup, fields []backplane.Field) error {
	for _, f := range fields {
		if err := put(s, f); err != nil {
			return err
		}
	}
	return nil
}

func put(s *settings.Setup, f backplane.Field) (err error) {
	switch f.ID {
	case backplane.FieldIP:
		s.IP, err = address(f.Data)
	case backplane.FieldSubnet:
		s.Subnet, err = address(f.Data)
	case backplane.FieldGateway:
		s.Gateway, err = address(f.Data)
	case backplane.FieldModuleID:
		if len(f.Data) != 2 {
			return fmt.Errorf("%w: a module ID has 2 bytes", settings.ErrInvalid)
		}
		s.ID = uint32(binary.LittleEndian.Uint16(f.Data))
	case backplane.FieldModuleName:
		s.Name, err = charmap.Windows1252.NewDecoder().String(string(f.Data))
	case backplane.FieldDescription:
		s.Description, err = charmap.Windows1252.NewDecoder().String(string(f.Data))
	case backplane.FieldDHCP:
		s.DHCP = len(f.Data) == 1 && f.Data[0] == 1
	default:
		err = fmt.Errorf("%w: field %d is not part of it", settings.ErrInvalid, f.ID)
	}
	return err
}

func address(data []byte) (netip.Addr, error) {
	if len(data) != 4 {
		return netip.Addr{}, fmt.Errorf("%w: an address has 4 octets", settings.ErrInvalid)
	}
	return netip.AddrFrom4([4]byte(data)), nil
}

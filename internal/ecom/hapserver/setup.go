package hapserver

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/firmware"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// types is the set-up data that the module has, in the order in which it is listed.
func (s *Server) types() []hap.SetupType {
	list := []hap.SetupType{
		hap.SetupIP, hap.SetupNode, hap.SetupSubnet, hap.SetupGateway, hap.SetupTypeString, hap.SetupTransfers,
		hap.SetupName, hap.SetupDescription, hap.SetupIPSetup, hap.SetupPeers0, hap.SetupPeers32, hap.SetupPeers64, hap.SetupBlink, hap.SetupTracePort,
	}
	if firmware.HasEmail(s.config.Type, s.config.Firmware) {
		list = append(list, hap.SetupEmail, hap.SetupEmailInUse)
	}
	return list
}

// has tells whether the module has a type of set-up data.
func (s *Server) has(t hap.SetupType) bool {
	for _, one := range s.types() {
		if one == t {
			return true
		}
	}
	return false
}

// setup answers what is about set-up data.
func (s *Server) setup(q *request) {
	switch q.Function {
	case hap.FuncEnumSetup:
		body, err := hap.EnumReply{Types: s.types()}.Append(nil)
		if err != nil {
			body = hap.SetupReply{Code: hap.ErrRange}.Append(nil)
		}
		s.answer(q, body)
	case hap.FuncReadSetup:
		data, err := s.read(q)
		s.answer(q, hap.SetupReply{Code: code(err), Data: data}.Append(nil))
	default:
		s.answer(q, hap.ACK(q.Function).Append(nil))
		s.change(q)
	}
}

// changed answers a change of set-up data that has ended.
func (s *Server) changed(q *request, err error) {
	if s.config.Changed != nil && (err == nil || code(err) == errFlash) {
		s.config.Changed(q.Type, q.from.Addr(), err)
	}
	s.answer(q, hap.SetupReply{Code: code(err)}.Append(nil))
}

// code is an error as its number: what a value is refused for is invalid data,
// what a disk refuses is a flash that wasn't programmed.
func code(err error) hap.Error {
	var number hap.Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &number):
		return number
	case errors.Is(err, settings.ErrInvalid), errors.Is(err, hap.ErrValue), errors.Is(err, hap.ErrMalformed):
		return hap.ErrInvalidData
	}
	return errFlash
}

// errFlash says that a write to ROM failed.
const errFlash hap.Error = 115

// matches tells whether a piece of set-up data is the one that a query asks for.
// The datum may leave out the zeros at the end.
func (s *Server) matches(q *request) bool {
	data, err := s.read(q)
	if err != nil || len(q.Data) == 0 || len(q.Data) > len(data) {
		return false
	}
	return bytes.Equal(data[:len(q.Data)], q.Data) && len(bytes.Trim(data[len(q.Data):], "\x00")) == 0
}

// read is one piece of set-up data.
func (s *Server) read(q *request) ([]byte, error) {
	if !s.has(q.Type) {
		return nil, hap.ErrNotFound
	}
	setup := s.config.Store.Setup()
	switch q.Type {
	case hap.SetupIP:
		return hap.AppendAddr(nil, setup.IP)
	case hap.SetupSubnet:
		return hap.AppendAddr(nil, setup.Subnet)
	case hap.SetupGateway:
		return hap.AppendAddr(nil, setup.Gateway)
	case hap.SetupNode:
		id, _ := module.ID(s.config.DIP, setup.ID)
		return hap.AppendNode(nil, id), nil
	case hap.SetupTypeString:
		return hap.AppendText(nil, s.config.Type, q.Type.Size())
	case hap.SetupName:
		return hap.AppendText(nil, latin1(setup.Name), q.Type.Size())
	case hap.SetupDescription:
		return hap.AppendText(nil, latin1(setup.Description), q.Type.Size())
	case hap.SetupTransfers:
		t := setup.Transfers
		return hap.Transfers{AckTimeout: t.AckTimeout, ResponseTimeout: t.ResponseTimeout, MaxRetries: uint16(t.Retries)}.Append(nil)
	case hap.SetupIPSetup:
		return ipSetup(setup).Append(nil)
	case hap.SetupBlink:
		return hap.AppendBlink(nil, max(0, s.blink.Sub(q.now).Truncate(time.Second)))
	case hap.SetupTracePort:
		return hap.ServerPorts{Trace: s.config.TracePort, Web: s.config.WebPort}.Append(nil), nil
	case hap.SetupEmail:
		return email(s.config.Store.Email()).Append(nil)
	case hap.SetupEmailInUse:
		return email(s.config.Module.Working()).Append(nil)
	default:
		return peerTable(setup, firstPeer(q.Type)).Append(nil)
	}
}

// change writes or deletes one piece of set-up data.
func (s *Server) change(q *request) {
	erase := q.Function == hap.FuncDeleteSetup
	switch {
	case !s.has(q.Type):
		s.changed(q, hap.ErrNotFound)
	case !q.write || readOnly(q.Type), q.Type == hap.SetupNode && !module.CanSetID(s.config.DIP):
		s.changed(q, hap.ErrProtection)
	case q.Type == hap.SetupBlink:
		s.changed(q, s.setBlink(q, erase))
	case q.Type == hap.SetupEmailInUse:
		s.changed(q, s.changeInUse(q, erase))
	case s.writing:
		s.changed(q, hap.ErrModuleBusy)
	case s.config.Flash == nil:
		s.changed(q, s.store(q, erase))
	default:
		s.writing = true
		q.Data = bytes.Clone(q.Data) // the datagram's room is used again
		s.config.Flash(func() {
			err := s.store(q, erase)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.writing = false
			s.changed(q, err)
		})
	}
}

// readOnly tells whether a type of set-up data is what the module is, not what it is
// set to.
func readOnly(t hap.SetupType) bool { return t == hap.SetupTypeString || t == hap.SetupTracePort }

// store writes ROM.
func (s *Server) store(q *request, erase bool) error {
	if q.Type == hap.SetupEmail {
		return s.config.Store.ChangeEmail(func(e *settings.Email) error {
			if erase {
				*e = settings.Default()
				return nil
			}
			return s.putEmail(e, q.Data)
		})
	}
	return s.config.Store.ChangeSetup(func(setup *settings.Setup) error {
		if erase {
			return put(setup, q.Type, make([]byte, q.Type.Size()), erase)
		}
		return put(setup, q.Type, q.Data, erase)
	})
}

func (s *Server) setBlink(q *request, erase bool) error {
	if erase {
		s.blink = time.Time{}
		return nil
	}
	d, err := hap.ParseBlink(q.Data)
	if err == nil {
		s.blink = q.now.Add(d)
	}
	return err
}

// changeInUse changes the working copy; deleting it takes ROM's again.
func (s *Server) changeInUse(q *request, erase bool) error {
	if erase {
		s.config.Module.Restore()
		return nil
	}
	e := s.config.Module.Working()
	if err := s.putEmail(&e, q.Data); err != nil {
		return err
	}
	return s.config.Module.SetWorking(e)
}

// put puts data in their place of a set-up; erase takes it back to what a new
// module has.
func put(setup *settings.Setup, t hap.SetupType, data []byte, erase bool) (err error) {
	switch t {
	case hap.SetupIP:
		setup.IP, err = hap.ParseAddr(data)
	case hap.SetupSubnet:
		setup.Subnet, err = hap.ParseAddr(data)
	case hap.SetupGateway:
		setup.Gateway, err = hap.ParseAddr(data)
	case hap.SetupNode:
		setup.ID, err = hap.ParseNode(data)
	case hap.SetupName:
		setup.Name = hap.ParseText(data)
	case hap.SetupDescription:
		setup.Description = hap.ParseText(data)
	case hap.SetupTransfers:
		return putTransfers(setup, data, erase)
	case hap.SetupIPSetup:
		return putIPSetup(setup, data)
	default:
		return putPeers(setup, firstPeer(t), data)
	}
	return err
}

func putTransfers(setup *settings.Setup, data []byte, erase bool) error {
	if erase {
		setup.Transfers = settings.DefaultTransfers()
		return nil
	}
	t, err := hap.ParseTransfers(data)
	setup.Transfers = settings.Transfers{AckTimeout: t.AckTimeout, ResponseTimeout: t.ResponseTimeout, Retries: int(t.MaxRetries)}
	return err
}

// putIPSetup takes the flag of DHCP, and the addresses that are there.
func putIPSetup(setup *settings.Setup, data []byte) error {
	p, err := hap.ParseIPSetup(data)
	if err != nil {
		return err
	}
	setup.DHCP = p.Flags&hap.IPDHCP != 0
	for _, a := range []struct {
		to   *netip.Addr
		from netip.Addr
	}{{&setup.IP, p.IP}, {&setup.Subnet, p.Subnet}, {&setup.Gateway, p.Gateway}} {
		if a.from.IsValid() {
			*a.to = a.from
		}
	}
	return nil
}

func ipSetup(setup settings.Setup) hap.IPSetup {
	p := hap.IPSetup{IP: setup.IP, Subnet: setup.Subnet, Gateway: setup.Gateway}
	if setup.DHCP {
		p.Flags |= hap.IPDHCP
	}
	return p
}

func firstPeer(t hap.SetupType) int { return hap.PeersPerTable * int(t-hap.SetupPeers0) / 0x10 }

func peerTable(setup settings.Setup, first int) hap.PeerTable {
	var table hap.PeerTable
	for i := range table {
		p := setup.Peers[first+i]
		table[i] = hap.Peer{IP: p.IP, Protocol: hap.PeerProtocol(p.Protocol), Port: p.Port, Unit: p.Unit}
	}
	return table
}

func putPeers(setup *settings.Setup, first int, data []byte) error {
	if len(data) < hap.SetupPeers0.Size() {
		return hap.ErrInvalidData // half a table would take away the peers behind it
	}
	table, err := hap.ParsePeerTable(data)
	if err != nil {
		return err
	}
	for i, p := range table {
		setup.Peers[first+i] = settings.Peer{Protocol: settings.Protocol(p.Protocol), IP: p.IP, Port: p.Port, Unit: p.Unit}
	}
	return nil
}

// latin1 is text as set-up data can hold it, what it can't as "?".
func latin1(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFF {
			return '?'
		}
		return r
	}, text)
}

func email(e settings.Email) hap.Email {
	out := hap.Email{Server: e.Server, Port: e.Port, Timeout: e.Timeout, Name: e.Name, Sender: e.Sender.String()}
	for _, a := range e.Cc {
		out.Cc = append(out.Cc, a.String())
	}
	if e.Zone.Known {
		out.Zone = &e.Zone.Minutes
	}
	return out
}

// putEmail reads an e-mail set-up; a module whose firmware has no Time Zone Offset
// keeps none.
func (s *Server) putEmail(e *settings.Email, data []byte) error {
	in, err := hap.ParseEmail(data)
	if err != nil {
		return err
	}
	*e = settings.Email{Server: in.Server, Port: in.Port, Timeout: in.Timeout, Name: in.Name}
	if in.Sender != "" {
		if e.Sender, err = mailaddr.Parse(in.Sender); err != nil {
			return hap.ErrInvalidData
		}
	}
	if e.Cc, err = mailaddr.ParseList(strings.Join(in.Cc, ",")); err != nil {
		return hap.ErrInvalidData
	}
	if in.Zone != nil && firmware.HasZone(s.config.Firmware) {
		e.Zone = settings.Zone{Known: true, Minutes: *in.Zone}
	}
	return nil
}

// Package hapserver is a module's side of the Host Ethernet protocol: it answers
// polls and queries, reads and writes the module's set-up data, and reads and
// writes the controller's memory by CCM and K-sequence.
//
// [Server] owns no socket and no clock; [Serve] and [ServeBroadcast] drive it on
// UDP. Package hap is the protocol itself. The sources are silent on much of what
// a module says in error: docs/compatibility.md lists what is assumed.
//
// Source: facts/protocols.md section 4.
package hapserver

import (
	"net/netip"
	"sync"
	"time"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/firmware"
)

// Module is what a server may ask of the running module; each call is safe at any
// time.
type Module interface {
	// Working is the e-mail set-up that mails use.
	Working() settings.Email
	// SetWorking changes it; it fails with settings.ErrInvalid.
	SetWorking(settings.Email) error
	// Restore takes the ROM copy for it.
	Restore()
}

// Config is what a server answers with.
type Config struct {
	Type     string // "H2-ECOM100"
	Firmware string
	Booter   string
	MAC      hap.MAC
	DIP      byte
	Store    *settings.Store
	Module   Module
	Memory   backplane.Host
	Password hap.Password // of the controller; the zero one locks nothing
	// TracePort is the UDP port of the module's trace, WebPort the TCP port of its
	// pages, as they really are; 0 is none.
	TracePort, WebPort uint16
	// Allow says who may ask, and who may change memory and settings too; anyone
	// else hears nothing.
	Allow func(netip.Addr) (read, write bool)
	// Flash carries out what writes ROM, which may block, while the server goes on; nil
	// does it on the spot. A second write meanwhile finds the module busy.
	Flash func(work func())
	// Changed is told of each change of set-up data, and of each that the disk refused;
	// it may be nil. Of what a request may not have, only the statistics tell: anyone
	// could fill a log with that.
	Changed func(t hap.SetupType, from netip.Addr, err error)
	// Fault is told of a fault of ours in a request, which then goes unanswered; it may
	// be nil.
	Fault func(recovered any)
}

// Server answers requests, one at a time. It is safe for use by several goroutines
// at once.
type Server struct {
	config Config
	maxCCM int

	mu      sync.Mutex
	lock    lock
	writing bool      // ROM is being written
	blink   time.Time // until when the error light blinks
	stats   hap.Stats
	out     []byte
}

// New is a server that has answered nothing yet.
func New(config Config) *Server {
	return &Server{config: config, maxCCM: firmware.MaxCCM(config.Firmware), lock: lock{password: config.Password}}
}

// Stats is what went wrong so far.
func (s *Server) Stats() hap.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Blinking tells whether somebody looks for the module.
func (s *Server) Blinking(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Before(s.blink)
}

// request is one request on its way to its answers.
type request struct {
	hap.Request
	id    uint16
	now   time.Time
	from  netip.AddrPort
	write bool // the sender may change things
	send  func([]byte) error
}

// Handle answers one datagram: send is called for each answer, with bytes that are
// valid until it returns. What was broadcast is answered only where it looks for
// modules.
func (s *Server) Handle(now time.Time, from netip.AddrPort, datagram []byte, broadcast bool, send func([]byte) error) {
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	read, write := s.config.Allow(from.Addr())
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if fault := recover(); fault != nil { // a fault of ours in one request ends no service
			s.stats.Missed++
			if s.config.Fault != nil {
				s.config.Fault(fault)
			}
		}
	}()
	frame, err := hap.ParseFrame(datagram)
	switch {
	case !read:
		s.stats.Discarded++
		return
	case err != nil:
		s.broken(err)
		return
	case isAnswer(frame.Body):
		s.stats.Discarded++
		return
	}
	r, err := hap.ParseRequest(frame.Body)
	if r.Function == hap.FuncAddressedBroadcast && err == nil {
		if r.MAC != s.config.MAC {
			return
		}
		broadcast = false
		r, err = hap.ParseRequest(r.Data)
	}
	if broadcast && !looksFor(r.Function) {
		return
	}
	q := &request{r, frame.ID, now, from, write, send}
	if err != nil {
		s.stats.Discarded++
		if !broadcast {
			s.answer(q, hap.NAK(r.Function, hap.ErrRequest).Append(nil))
		}
		return
	}
	s.serve(q)
}

// isAnswer tells whether a body is none, or an answer that has gone astray. One that
// were answered could go back and forth between two modules for ever: a NAK would
// be refused with a NAK, and a DL405 module's device info begins with the number of
// the function that asks for it.
func isAnswer(body []byte) bool {
	if len(body) == 0 {
		return true
	}
	switch hap.Function(body[0]) {
	case hap.FuncACK, hap.FuncNAK, hap.FuncResponse, hap.FuncQueryResponse:
		return true
	case hap.FuncDevice:
		_, err := hap.ParseDevice(body)
		return err == nil
	}
	return false
}

// broken counts a datagram that is no request.
func (s *Server) broken(err error) {
	if isCRC(err) {
		s.stats.BadCRC++
	} else {
		s.stats.Discarded++
	}
}

// looksFor tells whether a function is meant for many modules at once.
func looksFor(f hap.Function) bool { return f == hap.FuncPollAll || f == hap.FuncQuerySetup }

// serve answers a request that could be read.
func (s *Server) serve(q *request) {
	switch q.Function {
	case hap.FuncPollOne, hap.FuncPollAll:
		s.answer(q, s.poll().Append(nil))
	case hap.FuncQuerySetup:
		if s.matches(q) {
			s.answer(q, s.poll().Append(nil))
		}
	case hap.FuncVersion:
		s.answer(q, s.versions().Append(nil))
	case hap.FuncSupport:
		s.answer(q, support().Append(nil))
	case hap.FuncDevice:
		s.answer(q, Device(s.config.Type, s.config.MAC, s.config.DIP).Append(nil))
	case hap.FuncEthernetStats:
		s.answer(q, s.stats.Append(nil))
		if q.Clear && q.write {
			s.stats = hap.Stats{}
		}
	case hap.FuncEnumSetup, hap.FuncReadSetup, hap.FuncWriteSetup, hap.FuncDeleteSetup:
		s.setup(q)
	case hap.FuncCCM, hap.FuncKSequence, hap.FuncReadMemory:
		s.memory(q)
	default:
		s.stats.UnknownType++
		s.answer(q, hap.NAK(q.Function, hap.ErrRequest).Append(nil))
	}
}

// answer sends one answer.
func (s *Server) answer(q *request, body []byte) {
	var err error
	s.out, err = hap.AppendFrame(s.out[:0], hap.Frame{ID: q.id, Body: body})
	if err == nil {
		err = q.send(s.out)
	}
	if err != nil {
		s.stats.SendErrors++
	}
}

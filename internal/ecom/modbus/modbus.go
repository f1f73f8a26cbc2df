// Package modbus is the Modbus TCP server of a virtual ECOM100: its map from Modbus
// addresses to the memory of the CPU beside it, the registers of the module itself,
// and the connections of its clients.
//
// [Server] answers one frame at a time and owns no socket and no clock; [Serve] has
// the sockets. Frames and the rules of requests are internal/modbuswire's. What memory
// a CPU has is for the CPU to say: an address that it lacks gives exception 02.
//
// Source: the ECOM manual, chapter 5, as facts/protocols.md section 5 collects it.
// What it leaves open is decided here and marked as an assumption.
package modbus

import (
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/modbuswire"
)

// Memory is what the server needs of its CPU; a [backplane.Host] is one. An error
// means that the CPU has no such memory, or keeps it to itself.
type Memory interface {
	// ReadMemory fills dst with bytes from a V-memory word on, low byte first.
	ReadMemory(word uint16, dst []byte) error
	// WriteMemory writes bytes from a V-memory word on, low byte first.
	WriteMemory(word uint16, src []byte) error
	// WriteBits writes n bits, packed low bit first, from a bit of a word on.
	WriteBits(word uint16, bit uint8, n int, src []byte) error
}

var _ Memory = backplane.Host(nil)

// Server is the Modbus server of one module. It is safe for use by several
// goroutines; it serves one request at a time, so that however many clients read as
// fast as they can, a scan finds at most one of them before it.
type Server struct {
	counts counters

	mu      sync.Mutex // held for one request, never for input or output
	memory  Memory
	own     registers
	runs    [len(coils)]run
	values  [modbuswire.MaxPDU]byte // of the request under way, as they go over the wire
	scratch [backplane.MaxCopy]byte // one access to memory
}

// counters are what Server and Serve count.
type counters struct{ requests, exceptions, refused, failed atomic.Uint64 }

// Counts are what has happened since the server was made.
type Counts struct {
	Requests   uint64 // that were addressed to this module
	Exceptions uint64 // of these, the ones that were refused
	Refused    uint64 // connections that weren't let in, or had to make room
	Failed     uint64 // connections that a fault of ours ended
}

// New is the server of a module that has just been powered up.
func New(memory Memory, id Identity) *Server {
	return &Server{memory: memory, own: id.registers()}
}

// Counts may be read at any time.
func (s *Server) Counts() Counts {
	c := &s.counts
	return Counts{c.requests.Load(), c.exceptions.Load(), c.refused.Load(), c.failed.Load()}
}

// answers tells whether the module answers to a unit id. Behind its Ethernet port is
// no other unit: 255 is the clients' default, 0 is what the manual says to try next,
// and 1 is the default of many tools. A request to another unit isn't for this
// module, so nothing answers (assumption).
func answers(unit byte) bool { return unit == 255 || unit <= 1 }

// Answer carries a request out and appends the frame of its reply to dst; it appends
// nothing where the request is for another unit. Without mayWrite the functions that
// write don't exist: they get exception 01, whatever they ask (assumption).
func (s *Server) Answer(dst []byte, f modbuswire.Frame, mayWrite bool) []byte {
	if !answers(f.Unit) || len(f.PDU) == 0 {
		return dst
	}
	s.counts.requests.Add(1)
	var room [modbuswire.MaxPDU]byte
	pdu, refused := s.serve(room[:0], f.PDU, mayWrite)
	if refused != done {
		s.counts.exceptions.Add(1)
		pdu = modbuswire.AppendException(room[:0], modbuswire.Function(f.PDU[0]), refused)
	}
	return modbuswire.AppendFrame(dst, modbuswire.Frame{Transaction: f.Transaction, Unit: f.Unit, PDU: pdu})
}

// done is the exception of a request that was carried out.
const done modbuswire.Exception = 0

// serve appends the PDU of the reply to a request, or says why there is none.
func (s *Server) serve(dst, pdu []byte, mayWrite bool) ([]byte, modbuswire.Exception) {
	if !mayWrite && modbuswire.Function(pdu[0]).Writes() {
		return dst, modbuswire.IllegalFunction
	}
	r, err := modbuswire.ParseRequest(pdu)
	if err != nil {
		return dst, exception(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	values := s.values[:r.Size()]
	if refused := s.carryOut(r, values); refused != done {
		return dst, refused
	}
	return modbuswire.AppendReply(dst, r, values), done
}

// exception is the one that a request which can't be read is owed.
func exception(err error) modbuswire.Exception {
	if e := modbuswire.Exception(0); errors.As(err, &e) {
		return e
	}
	return modbuswire.IllegalValue
}

// carryOut reads into values, or writes the request's own.
func (s *Server) carryOut(r modbuswire.Request, values []byte) modbuswire.Exception {
	switch r.Function {
	case modbuswire.ReadCoils:
		return s.readBits(coils[:], r, values)
	case modbuswire.ReadDiscrete:
		return s.readBits(inputs[:], r, values)
	case modbuswire.ReadHolding, modbuswire.ReadInput:
		return s.readRegisters(r, values)
	case modbuswire.WriteCoil, modbuswire.WriteCoils:
		return s.writeCoils(r)
	case modbuswire.WriteRegister, modbuswire.WriteRegisters:
		return s.writeRegisters(r)
	}
	return modbuswire.IllegalFunction
}

// readBits reads area by area. Bits of two areas come from two accesses, so a scan
// may fall between them.
func (s *Server) readBits(table []area, r modbuswire.Request, values []byte) modbuswire.Exception {
	runs, ok := split(s.runs[:0], table, r)
	if !ok {
		return modbuswire.IllegalAddress
	}
	clear(values) // the last byte is filled up with zeros
	at := 0
	for _, run := range runs {
		words, err := s.read(run)
		if err != nil {
			return modbuswire.IllegalAddress
		}
		copyBits(values, at, words, int(run.bit), run.n)
		at += run.n
	}
	return done
}

// read reads the words that hold a run.
func (s *Server) read(run run) ([]byte, error) {
	words := s.scratch[:2*((int(run.bit)+run.n+15)/16)]
	return words, s.memory.ReadMemory(run.word, words)
}

// writeCoils writes all bits or none: that the CPU has every area's part is known
// before the first is written.
func (s *Server) writeCoils(r modbuswire.Request) modbuswire.Exception {
	runs, ok := split(s.runs[:0], coils[:], r)
	if !ok {
		return modbuswire.IllegalAddress
	}
	for _, run := range runs[1:] {
		if _, err := s.read(run); err != nil {
			return modbuswire.IllegalAddress
		}
	}
	at := 0
	for _, run := range runs {
		bits := s.scratch[:(run.n+7)/8]
		copyBits(bits, 0, r.Values, at, run.n)
		if s.memory.WriteBits(run.word, run.bit, run.n, bits) != nil {
			return modbuswire.IllegalAddress
		}
		at += run.n
	}
	return done
}

// readRegisters reads V-memory or registers of the module; both tables are the same.
func (s *Server) readRegisters(r modbuswire.Request, values []byte) modbuswire.Exception {
	if own, ok := s.own.at(r); ok {
		modbuswire.AppendRegisters(values[:0], own...)
		return done
	}
	if s.memory.ReadMemory(r.Address, values) != nil {
		return modbuswire.IllegalAddress
	}
	swap(values, values)
	return done
}

func (s *Server) writeRegisters(r modbuswire.Request) modbuswire.Exception {
	if own, ok := s.own.at(r); ok {
		if r.Address != flagsRegister || len(own) != 1 {
			return modbuswire.IllegalAddress // the only one that can be written
		}
		own[0] &^= binary.BigEndian.Uint16(r.Values) & rebooted
		return done
	}
	if touchesInputs(r) {
		return modbuswire.IllegalAddress
	}
	words := s.scratch[:len(r.Values)]
	swap(words, r.Values)
	if s.memory.WriteMemory(r.Address, words) != nil {
		return modbuswire.IllegalAddress
	}
	return done
}

// swap turns the bytes of each word around: low first in memory, high first on the
// wire. The two may be the same.
func swap(dst, src []byte) {
	for i := 0; i+1 < len(src); i += 2 {
		dst[i], dst[i+1] = src[i+1], src[i]
	}
}

package backplane

import (
	"errors"
	"time"
)

// Slots is the number of slots of a local base, numbered from 0.
const Slots = 8

// ErrNoSlave is what a module says to a slave address that it doesn't have.
var ErrNoSlave = errors.New("no such slave address")

// Module is what sits in a slot. Its methods are called between scans, one at a
// time; an error turns the slot's SP error bit on.
type Module interface {
	// Write takes the data of a WX to a slave address.
	Write(now time.Time, slave byte, data []byte) error
	// Read appends the data that an RX from a slave address gets.
	Read(now time.Time, slave byte, dst []byte) ([]byte, error)
}

// Mode is the CPU's mode.
type Mode string

// The modes of a CPU.
const (
	Run     Mode = "run"
	Program Mode = "program"
)

// Host is what a module may see of its CPU. Every call falls between two scans.
type Host interface {
	// ReadMemory fills dst with the bytes from a V-memory word on, at most
	// [MaxCopy]; it fails where the CPU has no such memory.
	ReadMemory(word uint16, dst []byte) error
	// WriteMemory writes bytes, at most MaxCopy, from a V-memory word on; it fails
	// where memory is missing or the CPU's own.
	WriteMemory(word uint16, src []byte) error
	// WriteBits writes n bits, packed low bit first and at most MaxCopy bytes of
	// them, from a bit of a word on; the other bits of the words stay. It fails as
	// WriteMemory does.
	WriteBits(word uint16, bit uint8, n int, src []byte) error
	// Mode is the CPU's present mode.
	Mode() Mode
}

// MaxCopy is the most bytes that one access to a CPU's memory may move.
const MaxCopy = 256

// Base is the local base: eight slots, some with a module.
type Base struct{ slots [Slots]slot }

type slot struct {
	module Module
	err    bool
	busy   transfer
	slave  byte
	length int
	frame  [MaxFrame]byte // what a WX sends, or what the last RX got
}

// transfer is what is under way in a slot.
type transfer uint8

const (
	none transfer = iota
	writing
	reading
)

// Plug puts a module into a slot.
func (b *Base) Plug(n int, m Module) { b.slots[n].module = m }

// Busy is the slot's SP busy bit: a transfer is under way.
func (b *Base) Busy(n int) bool { return b.slots[n&7].busy != none }

// Failed is the slot's SP error bit: the last transfer went wrong. The next one
// clears it.
func (b *Base) Failed(n int) bool { return b.slots[n&7].err }

// WX begins to write data to a slave address of the module in a slot. It returns
// false, and does nothing, while the slot is busy or when data is over 128 bytes.
func (b *Base) WX(n int, slave byte, data []byte) bool {
	s := &b.slots[n&7]
	if s.busy != none || len(data) > MaxFrame {
		return false
	}
	s.busy, s.slave, s.err = writing, slave, false
	s.length = copy(s.frame[:], data)
	return true
}

// RX begins to read from a slave address of the module in a slot; it returns
// false while the slot is busy.
func (b *Base) RX(n int, slave byte) bool {
	s := &b.slots[n&7]
	if s.busy != none {
		return false
	}
	s.busy, s.slave, s.err, s.length = reading, slave, false, 0
	return true
}

// Received is what the last RX of a slot got, until the next transfer.
func (b *Base) Received(n int) []byte {
	s := &b.slots[n&7]
	return s.frame[:s.length]
}

// Service carries out the transfers that the last scan began.
func (b *Base) Service(now time.Time) {
	for i := range b.slots {
		if s := &b.slots[i]; s.busy != none {
			s.err = s.transfer(now) != nil
			s.busy = none
		}
	}
}

// transfer moves one frame between slot and module.
func (s *slot) transfer(now time.Time) error {
	if s.module == nil {
		s.length = 0
		return ErrNoSlave
	}
	if s.busy == writing {
		return s.module.Write(now, s.slave, s.frame[:s.length])
	}
	got, err := s.module.Read(now, s.slave, s.frame[:0])
	if err != nil || len(got) > MaxFrame {
		s.length = 0
		return errors.Join(err, errTooMuch(len(got)))
	}
	s.length = copy(s.frame[:], got)
	return nil
}

func errTooMuch(n int) error {
	if n > MaxFrame {
		return ErrTooLong
	}
	return nil
}

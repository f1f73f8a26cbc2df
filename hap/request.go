package hap

import (
	"encoding/binary"
	"fmt"
)

// Request is what a client asks: a function and the arguments that it takes. The
// others are zero.
type Request struct {
	Function Function
	// Type is of set-up data: query, read, write and delete.
	Type SetupType
	// Data is the datum to find of a query, the data to write, and the inner body
	// of an addressed broadcast. Of a function that this package doesn't know it
	// is all that follows. A parsed one is a part of the body.
	Data []byte
	// MAC is the module that an addressed broadcast is for.
	MAC MAC
	// Clear is of Ethernet statistics: count from 0 again.
	Clear bool
	CCM   CCM
	KSeq  KSequence
	// Memory is what FuncReadMemory reads.
	Memory MemoryRange
}

// MemoryType is the memory that FuncReadMemory reads. The sources give numbers
// only for these.
type MemoryType uint16

// The types of memory (facts/protocols.md section 4.3).
const (
	MemoryC          MemoryType = 0x0000
	MemoryScratchpad MemoryType = 0x0120
	MemoryV          MemoryType = 0x0200
	MemorySP         MemoryType = 0x1020
)

// MemoryRange is a piece of memory.
type MemoryRange struct {
	Type   MemoryType
	Count  uint16 // bytes, at most MaxSetup
	Offset uint32
}

// To is the request as an addressed broadcast, which only the module with this
// Ethernet address answers: so one that has no IP address yet can be spoken to.
func (r Request) To(mac MAC) (Request, error) {
	body, err := r.Append(nil)
	return Request{Function: FuncAddressedBroadcast, MAC: mac, Data: body}, err
}

// Append appends the request's body. It fails where an argument has no form on
// the wire.
func (r Request) Append(dst []byte) ([]byte, error) {
	dst = append(dst, byte(r.Function))
	switch r.Function {
	case FuncQuerySetup:
		if len(r.Data) > MaxSetup {
			return dst, tooLarge(r)
		}
		dst = binary.LittleEndian.AppendUint16(append(dst, 0), uint16(r.Type))
		dst = binary.LittleEndian.AppendUint16(dst, uint16(len(r.Data)))
		return append(dst, r.Data...), nil
	case FuncReadSetup, FuncDeleteSetup:
		return binary.LittleEndian.AppendUint16(append(dst, 0), uint16(r.Type)), nil
	case FuncWriteSetup:
		if len(r.Data) > MaxSetup {
			return dst, tooLarge(r)
		}
		dst = binary.LittleEndian.AppendUint16(append(dst, 0), uint16(r.Type))
		return append(dst, r.Data...), nil
	case FuncEthernetStats:
		return append(dst, 0, flag(r.Clear)), nil
	case FuncAddressedBroadcast:
		if len(r.Data) == 0 || Function(r.Data[0]) == FuncAddressedBroadcast {
			return dst, fmt.Errorf("%w: an addressed broadcast needs a body, and not another broadcast's", ErrValue)
		}
		return append(append(dst, r.MAC[:]...), r.Data...), nil
	case FuncCCM:
		return r.CCM.append(dst)
	case FuncKSequence:
		return r.KSeq.appendRequest(dst)
	case FuncReadMemory:
		return r.Memory.append(dst)
	}
	return append(dst, r.Data...), nil
}

func (m MemoryRange) append(dst []byte) ([]byte, error) {
	if m.Count > MaxSetup {
		return dst, fmt.Errorf("%w: %d bytes of memory at once", ErrTooLarge, m.Count)
	}
	dst = binary.LittleEndian.AppendUint16(append(dst, 0), uint16(m.Type))
	dst = binary.LittleEndian.AppendUint16(dst, m.Count)
	return binary.LittleEndian.AppendUint32(dst, m.Offset), nil
}

func tooLarge(r Request) error {
	return fmt.Errorf("%w: %d bytes of set-up data, at most %d", ErrTooLarge, len(r.Data), MaxSetup)
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// ParseRequest reads a request's body. With an error the function is there all
// the same, if the body isn't empty, so that a server can refuse it by name. The
// functions that have no arguments are read with whatever follows them.
func ParseRequest(body []byte) (Request, error) {
	if len(body) == 0 {
		return Request{}, fmt.Errorf("%w: it is empty", ErrMalformed)
	}
	r, args := Request{Function: Function(body[0])}, body[1:]
	if need := argumentSize(r.Function); len(args) < need {
		return r, fmt.Errorf("%w: %s with %d of %d bytes of arguments", ErrMalformed, r.Function, len(args), need)
	}
	var err error
	switch r.Function {
	case FuncPollOne, FuncPollAll, FuncVersion, FuncSupport, FuncDevice, FuncEnumSetup:
	case FuncQuerySetup, FuncReadSetup, FuncWriteSetup, FuncDeleteSetup:
		err = r.parseSetup(args)
	case FuncEthernetStats:
		r.Clear = args[1] != 0
	case FuncAddressedBroadcast:
		r.MAC, r.Data = MAC(args[:6]), args[6:]
		if Function(r.Data[0]) == FuncAddressedBroadcast {
			err = fmt.Errorf("%w: an addressed broadcast within another", ErrMalformed)
		}
	case FuncCCM:
		r.CCM, err = parseCCM(args)
	case FuncKSequence:
		r.KSeq, err = parseKSequence(args)
	case FuncReadMemory:
		r.Memory = MemoryRange{
			MemoryType(binary.LittleEndian.Uint16(args[1:])), binary.LittleEndian.Uint16(args[3:]), binary.LittleEndian.Uint32(args[5:]),
		}
		if r.Memory.Count > MaxSetup {
			err = fmt.Errorf("%w: %d bytes of memory at once", ErrTooLarge, r.Memory.Count)
		}
	default:
		r.Data = args
	}
	return r, err
}

// argumentSize is the least number of bytes that follow a function. The byte
// behind most functions is unused.
func argumentSize(f Function) int {
	switch f {
	case FuncReadSetup, FuncWriteSetup, FuncDeleteSetup, FuncKSequence:
		return 3
	case FuncQuerySetup:
		return 5
	case FuncEthernetStats:
		return 2
	case FuncAddressedBroadcast, FuncCCM:
		return 7
	case FuncReadMemory:
		return 9
	}
	return 0
}

func (r *Request) parseSetup(args []byte) error {
	r.Type = SetupType(binary.LittleEndian.Uint16(args[1:]))
	switch r.Function {
	case FuncWriteSetup:
		r.Data = args[3:]
	case FuncQuerySetup:
		size := int(binary.LittleEndian.Uint16(args[3:]))
		if size > len(args)-5 {
			return fmt.Errorf("%w: a datum of %d bytes, %d are there", ErrMalformed, size, len(args)-5)
		}
		r.Data = args[5 : 5+size]
	}
	if len(r.Data) > MaxSetup {
		return tooLarge(*r)
	}
	return nil
}

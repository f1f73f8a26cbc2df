package modbuswire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Values of a coil in a "write coil" request and its reply.
const (
	coilOn  = 0xFF00
	coilOff = 0x0000
)

// Request is what a client asks for.
type Request struct {
	Function Function
	Address  uint16 // of the first bit or register, from 0 as on the wire
	Count    int    // bits or registers; 1 where the function has no count
	// Values are those of a write, as on the wire: bits packed low bit first,
	// registers high byte first. Bits past Count mean nothing.
	Values []byte
}

// check holds the rules that a request obeys whichever way it goes, in the order of
// the specification's state diagrams: function, count, address. It fails with an
// [Exception].
func (r Request) check() error {
	t, known := r.Function.trait()
	switch {
	case !known:
		return IllegalFunction
	case r.Count < 1 || r.Count > t.max:
		return IllegalValue
	case t.write && len(r.Values) != t.size(r.Count), !t.write && len(r.Values) != 0:
		return IllegalValue
	case int(r.Address)+r.Count > space:
		return IllegalAddress
	}
	return nil
}

// ParseRequest reads a request; its values are part of pdu. The error is the
// [Exception] that a server owes: 01 for a function that is none of the eight, 03
// for a count, a value or a size that the specification forbids, and 02 for a
// request that runs past address 65535.
func ParseRequest(pdu []byte) (Request, error) {
	if len(pdu) == 0 || !Function(pdu[0]).Known() {
		return Request{}, IllegalFunction
	}
	if len(pdu) < 5 || len(pdu) > MaxPDU {
		return Request{}, IllegalValue
	}
	r := Request{Function: Function(pdu[0]), Address: binary.BigEndian.Uint16(pdu[1:]), Count: 1}
	word := binary.BigEndian.Uint16(pdu[3:]) // the value of a single write, else the count
	t, _ := r.Function.trait()
	rest := pdu[5:]
	switch {
	case !t.one:
		r.Count = int(word)
		if t.write {
			if len(rest) == 0 || int(rest[0]) != len(rest)-1 {
				return Request{}, IllegalValue
			}
			rest = rest[1:]
		}
		r.Values = rest
	case t.bits && word != coilOn && word != coilOff, len(rest) > 0:
		return Request{}, IllegalValue
	case t.bits:
		r.Values = pdu[3:4] // FF or 00, whose lowest bit is the coil
	default:
		r.Values = pdu[3:5]
	}
	if err := r.check(); err != nil {
		return Request{}, err
	}
	return r, nil
}

// AppendRequest appends the PDU of a request. It refuses what no server may take,
// with the [Exception] that one would answer.
func AppendRequest(dst []byte, r Request) ([]byte, error) {
	if err := r.check(); err != nil {
		return dst, err
	}
	t, _ := r.Function.trait()
	dst = appendHead(dst, r)
	if t.write && !t.one {
		dst = append(dst, byte(len(r.Values)))
		dst = append(dst, r.Values...)
	}
	return dst, nil
}

// appendHead appends what all requests, and replies to writes, begin with.
func appendHead(dst []byte, r Request) []byte {
	t, _ := r.Function.trait()
	dst = append(dst, byte(r.Function))
	dst = binary.BigEndian.AppendUint16(dst, r.Address)
	switch {
	case !t.one:
		return binary.BigEndian.AppendUint16(dst, uint16(r.Count))
	case !t.bits:
		return append(dst, r.Values...)
	case r.Values[0]&1 != 0:
		return binary.BigEndian.AppendUint16(dst, coilOn)
	}
	return binary.BigEndian.AppendUint16(dst, coilOff)
}

// Size is the number of bytes that the request's bits or registers take, in its own
// PDU or in that of its reply.
func (r Request) Size() int {
	t, _ := r.Function.trait()
	return t.size(r.Count)
}

// ErrReply is what a reply that doesn't fit its request gives.
var ErrReply = errors.New("the reply doesn't fit the request")

// AppendReply appends the PDU of the reply to a request that was carried out.
// Values, of r.Size bytes, are those of a read; a write echoes its own head.
func AppendReply(dst []byte, r Request, values []byte) []byte {
	if r.Function.Writes() {
		return appendHead(dst, r)
	}
	dst = append(dst, byte(r.Function), byte(len(values)))
	return append(dst, values...)
}

// AppendException appends the PDU of a reply that refuses.
func AppendException(dst []byte, f Function, e Exception) []byte {
	return append(dst, byte(f)|exceptionBit, byte(e))
}

// ParseReply reads the reply to a request, which must be one that AppendRequest
// takes. It returns the values of a read, which are part of pdu. It fails with an
// [Exception] where the server refused, and with [ErrReply].
func ParseReply(pdu []byte, r Request) (values []byte, err error) {
	if len(pdu) == 2 && pdu[0] == byte(r.Function)|exceptionBit {
		return nil, Exception(pdu[1])
	}
	if len(pdu) < 2 || Function(pdu[0]) != r.Function {
		return nil, fmt.Errorf("%w: % x", ErrReply, head(pdu))
	}
	if r.Function.Writes() {
		var room [5]byte
		if string(appendHead(room[:0], r)) != string(pdu) {
			return nil, fmt.Errorf("%w: another write's echo", ErrReply)
		}
		return nil, nil
	}
	values = pdu[2:]
	if size := r.Size(); len(values) != size || int(pdu[1]) != size {
		return nil, fmt.Errorf("%w: %d bytes where %d are due", ErrReply, len(values), size)
	}
	return values, nil
}

// head is as much of a stranger's PDU as an error shows.
func head(pdu []byte) []byte { return pdu[:min(len(pdu), 8)] }

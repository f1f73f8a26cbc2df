package modbuswire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Sizes in bytes (the guide, section 3.1).
const (
	HeaderSize = 7 // the MBAP header, unit id included
	MaxPDU     = 253
	MaxFrame   = HeaderSize + MaxPDU
)

// lengthEnd is where the header's length field ends; what it counts begins there.
const lengthEnd = 6

// ErrFraming is what bytes that can't be a Modbus frame give. Nobody knows where
// the next frame begins, so the connection must be closed.
var ErrFraming = errors.New("not a Modbus TCP frame")

// Frame is one request or reply with what its header says.
type Frame struct {
	Transaction uint16 // of the client's choice; the reply has the same
	Unit        byte
	PDU         []byte // 1 to MaxPDU bytes, the function code first
}

// AppendFrame appends a frame as it goes over the wire. A PDU over [MaxPDU] bytes,
// or an empty one, is the caller's mistake, and gives a frame that no reader takes.
func AppendFrame(dst []byte, f Frame) []byte {
	dst = binary.BigEndian.AppendUint16(dst, f.Transaction)
	dst = append(dst, 0, 0) // the protocol: 0 is Modbus
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(f.PDU)+1))
	dst = append(dst, f.Unit)
	return append(dst, f.PDU...)
}

// Reader takes frames from a stream. It holds one buffer and allocates nothing for
// a frame. A read that timed out inside a frame loses nothing: the next call goes
// on where that one ended.
type Reader struct{ buf *bufio.Reader }

// NewReader reads frames from r.
func NewReader(r io.Reader) *Reader { return &Reader{bufio.NewReaderSize(r, 2*MaxFrame)} }

// Wait returns when there is at least one byte of the next frame. Its errors are
// those of the stream, io.EOF at its end.
func (r *Reader) Wait() error {
	_, err := r.buf.Peek(1)
	return err
}

// Next is the next frame, whose PDU is good until the next call. It fails with
// io.EOF where the stream ends between two frames, with io.ErrUnexpectedEOF where
// it ends inside one, and with [ErrFraming].
func (r *Reader) Next() (Frame, error) {
	header, err := r.peek(HeaderSize)
	if err != nil {
		return Frame{}, err
	}
	if protocol := binary.BigEndian.Uint16(header[2:]); protocol != 0 {
		return Frame{}, fmt.Errorf("%w: protocol %d", ErrFraming, protocol)
	}
	length := int(binary.BigEndian.Uint16(header[4:]))
	if length < 2 || length > 1+MaxPDU {
		return Frame{}, fmt.Errorf("%w: a length of %d", ErrFraming, length)
	}
	b, err := r.peek(lengthEnd + length)
	if err != nil {
		return Frame{}, err
	}
	f := Frame{binary.BigEndian.Uint16(b), b[lengthEnd], b[HeaderSize:]}
	_, err = r.buf.Discard(len(b)) // the bytes stay in the buffer until it is read into again
	return f, err
}

// peek waits for the first n bytes that haven't been taken.
func (r *Reader) peek(n int) ([]byte, error) {
	b, err := r.buf.Peek(n)
	if errors.Is(err, io.EOF) && len(b) > 0 {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

package hap

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Port is the UDP port that modules listen on, 0x7070.
const Port = 28784

// Sizes, in bytes.
const (
	headerSize = 9
	// MaxBody is the largest body that is taken. The maker's software has buffers
	// of this size; the largest that it fills is a write of 512 bytes, addressed.
	MaxBody = 600
)

// magic begins every frame; answers may have "HAA" in its place.
const magic, magicReply = "HAP", "HAA"

// Errors of frames; [ErrCRC] and [ErrTooLarge] are two more.
var (
	ErrNotHAP    = errors.New("not a HAP frame")
	ErrTruncated = errors.New("the frame is shorter than it says")
)

// Frame is one datagram.
type Frame struct {
	ID   uint16 // of the request; an answer repeats it. 0 isn't used
	Body []byte // function and arguments, or an answer
}

// AppendFrame appends a frame with its checksum. It fails with [ErrTooLarge] when
// the body is over [MaxBody].
func AppendFrame(dst []byte, f Frame) ([]byte, error) {
	if len(f.Body) > MaxBody {
		return dst, fmt.Errorf("%w: a body of %d bytes", ErrTooLarge, len(f.Body))
	}
	dst = append(dst, magic...)
	dst = binary.LittleEndian.AppendUint16(dst, f.ID)
	dst = binary.LittleEndian.AppendUint16(dst, CRC(f.Body))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(f.Body)))
	return append(dst, f.Body...), nil
}

// ParseFrame reads a datagram; the body is a part of b. What stands behind the
// length that the frame says is padding and is left out. A checksum of 0 isn't
// checked. With [ErrCRC] the frame is there all the same, so that its id can be
// looked at.
func ParseFrame(b []byte) (Frame, error) {
	if len(b) < headerSize || string(b[:3]) != magic && string(b[:3]) != magicReply {
		return Frame{}, ErrNotHAP
	}
	f := Frame{ID: binary.LittleEndian.Uint16(b[3:])}
	sum, size := binary.LittleEndian.Uint16(b[5:]), int(binary.LittleEndian.Uint16(b[7:]))
	switch {
	case size > MaxBody:
		return f, fmt.Errorf("%w: it says %d bytes", ErrTooLarge, size)
	case size > len(b)-headerSize:
		return f, fmt.Errorf("%w: %d bytes of %d", ErrTruncated, len(b)-headerSize, size)
	}
	f.Body = b[headerSize : headerSize+size]
	if sum != 0 && sum != CRC(f.Body) {
		return f, ErrCRC
	}
	return f, nil
}

// CRC is the checksum of a body: CRC-16 with the polynomial 0x1021, from 0, high
// bit first, as XMODEM has it.
func CRC(body []byte) uint16 {
	var sum uint16
	for _, b := range body {
		sum ^= uint16(b) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

// Package hap is the Host Ethernet protocol of ECOM modules, UDP port 28784: the
// frame around every request and reply, and the bodies inside it. It opens no
// socket and keeps no clock.
//
// A request is a [Frame] with an id of the client's choice; the reply carries the
// same id. Bodies begin with a function code.
//
// Sources: the published Ethernet SDK of the module's maker, as facts/protocols.md
// section 4 collects it; the byte strings in the tests are from there.
package hap

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Port is the UDP port that modules listen on, 0x7070.
const Port = 28784

// Sizes of frames, in bytes.
const (
	headerSize = 9
	// MaxBody is the largest body that is taken: set-up data of 512 bytes and what
	// stands before it.
	MaxBody = 528
)

// magic begins every frame; replies may have "HAA" in its place.
const magic, magicReply = "HAP", "HAA"

// Errors of a frame.
var (
	ErrNotHAP    = errors.New("not a HAP frame")
	ErrTruncated = errors.New("the frame is shorter than it says")
	ErrCRC       = errors.New("the frame's checksum is wrong")
	ErrTooLarge  = errors.New("the frame is too large")
)

// Frame is one datagram.
type Frame struct {
	ID   uint16 // of the request; a reply has that of its request. 0 isn't used
	Body []byte // function code and arguments
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
// checked.
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

// Package backplane is where a CPU and its modules meet: the slots of the local
// base with their busy and error bits, the transfers that RX and WX start, and
// the frames that go to and from mock slave 89.
//
// It has no clock and no goroutine. A transfer that a rung starts is carried out
// between two scans by [Base.Service]; a module never reaches into a scan.
//
// The frames are our own: the module maker's own "Mock Slave Address 89 Command
// Specification" isn't public. Their bounds are (seeds/000 sections 5 and 8).
package backplane

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Bounds of a command frame (seeds/000 section 8).
const (
	MaxFrame = 128                 // bytes of a frame
	Overhead = 25                  // bytes of it that aren't text, at most
	MaxText  = MaxFrame - Overhead // bytes of text in all fields together
	MaxName  = 64                  // characters of a sender's name, so bytes of the frame
	MaxRead  = 100                 // bytes of set-up that one answer holds
)

// The mock slaves that a module has with DIP switch 7 on.
const (
	CommandSlave = 89
	MessageSlave = 90
)

// Op is what a command asks for.
type Op byte

// The commands.
const (
	SendEmail     Op = 1
	SetupEmail    Op = 2
	RestoreEmail  Op = 3
	ReadSetup     Op = 4 // one field of the module's own set-up, from a byte on, which is the field's data
	WriteSetup    Op = 5 // fields of the module's own set-up
	lastOp           = WriteSetup
	answerBit     Op = 0x80
	answerHeader     = 5
	commandHeader    = 4
)

// FieldID names a field of a command.
type FieldID byte

// The fields of commands. Numbers of the e-mail set-up are sent as decimal text;
// of the module's own set-up addresses are four octets, the ID two bytes with the
// low one first, DHCP one byte that is 0 or 1.
const (
	FieldTo FieldID = 1 + iota
	FieldSubject
	FieldBody
	FieldServer
	FieldName
	FieldSender
	FieldPort
	FieldTimeout
	FieldCc
	FieldIP
	FieldSubnet
	FieldGateway
	FieldModuleID
	FieldModuleName
	FieldDescription
	FieldDHCP
	lastField = FieldDHCP
)

// Field is one field of a command.
type Field struct {
	ID   FieldID
	Data []byte
}

// Command is what a box asks of a module.
type Command struct {
	Op     Op
	Tag    uint16 // comes back with the answer
	Fields []Field
}

// Field is the data of a field, and whether the command has it.
func (c Command) Field(id FieldID) ([]byte, bool) {
	for _, f := range c.Fields {
		if f.ID == id {
			return f.Data, true
		}
	}
	return nil, false
}

// Frame errors.
var (
	ErrTooLong   = errors.New("too much text for one frame")
	ErrMalformed = errors.New("malformed frame")
)

// AppendCommand appends a command frame: op, tag (low byte first), number of
// fields, then id, length and data of each. It fails with [ErrTooLong] when the
// text is over [MaxText] bytes, and with [ErrMalformed] when a field is unknown
// or there twice.
func AppendCommand(dst []byte, c Command) ([]byte, error) {
	text := 0
	seen := uint32(0)
	for _, f := range c.Fields {
		text += len(f.Data)
		if f.ID == 0 || f.ID > lastField || seen&(1<<f.ID) != 0 {
			return dst, fmt.Errorf("%w: field %d", ErrMalformed, f.ID)
		}
		seen |= 1 << f.ID
	}
	if text > MaxText || commandHeader+2*len(c.Fields) > Overhead {
		return dst, ErrTooLong
	}
	dst = append(dst, byte(c.Op), byte(c.Tag), byte(c.Tag>>8), byte(len(c.Fields)))
	for _, f := range c.Fields {
		dst = append(dst, byte(f.ID), byte(len(f.Data)))
		dst = append(dst, f.Data...)
	}
	return dst, nil
}

// ParseCommand reads a command frame; the fields' data are parts of b. It fails
// with [ErrMalformed] on a frame that AppendCommand could not have made.
func ParseCommand(b []byte) (Command, error) {
	if len(b) < commandHeader || len(b) > MaxFrame {
		return Command{}, fmt.Errorf("%w: %d bytes", ErrMalformed, len(b))
	}
	c := Command{Op: Op(b[0]), Tag: binary.LittleEndian.Uint16(b[1:])}
	if c.Op < SendEmail || c.Op > lastOp {
		return c, fmt.Errorf("%w: command %d", ErrMalformed, c.Op)
	}
	count, rest := int(b[3]), b[commandHeader:]
	for range count {
		if len(rest) < 2 || len(rest) < 2+int(rest[1]) {
			return c, fmt.Errorf("%w: it ends inside a field", ErrMalformed)
		}
		id, data := FieldID(rest[0]), rest[2:2+int(rest[1])]
		if _, twice := c.Field(id); twice || id == 0 || id > lastField {
			return c, fmt.Errorf("%w: field %d", ErrMalformed, id)
		}
		c.Fields = append(c.Fields, Field{id, data})
		rest = rest[2+len(data):]
	}
	if len(rest) > 0 {
		return c, fmt.Errorf("%w: %d bytes too many", ErrMalformed, len(rest))
	}
	return c, nil
}

// Answer is what a module says to the command with the same tag.
type Answer struct {
	Op     Op
	Tag    uint16
	Status uint16 // decimal status code: 0 done, 1 busy, else an error (seeds/000 appendix)
	Data   []byte // of a ReadSetup that is done: at most [MaxRead] bytes, none past the field's end
}

// Busy is the status of a command that is still being carried out.
const Busy = 1

// AppendAnswer appends an answer frame: op, tag, status, data.
func AppendAnswer(dst []byte, a Answer) []byte {
	dst = append(dst, byte(a.Op|answerBit), byte(a.Tag), byte(a.Tag>>8), byte(a.Status), byte(a.Status>>8))
	return append(dst, a.Data[:min(len(a.Data), MaxRead)]...)
}

// ParseAnswer reads an answer frame, whose data are a part of b; it fails with
// [ErrMalformed].
func ParseAnswer(b []byte) (Answer, error) {
	if len(b) < answerHeader || len(b) > answerHeader+MaxRead || Op(b[0])&answerBit == 0 {
		return Answer{}, fmt.Errorf("%w: not an answer", ErrMalformed)
	}
	return Answer{
		Op:     Op(b[0]) &^ answerBit,
		Tag:    binary.LittleEndian.Uint16(b[1:]),
		Status: binary.LittleEndian.Uint16(b[3:]),
		Data:   b[answerHeader:len(b):len(b)],
	}, nil
}

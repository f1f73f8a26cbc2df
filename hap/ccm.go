package hap

import (
	"encoding/binary"
	"fmt"
)

// CCMType is the memory that a CCM reads or writes, by DirectNET's numbers.
type CCMType byte

// The types.
const (
	CCMV          CCMType = 0x31
	CCMInputs     CCMType = 0x32 // GX, X and SP, eight to a byte
	CCMOutputs    CCMType = 0x33 // GY, Y, C, S, T and CT, eight to a byte
	CCMScratchpad CCMType = 0x36
	CCMProgram    CCMType = 0x37
	CCMStatus     CCMType = 0x39
)

// The first byte of each area of inputs. X10 is in byte InputX + 1. That they are
// those of the module's Modbus addresses, divided by eight, is inferred from
// DirectNET's reference numbers.
const (
	InputGX uint16 = 0x000
	InputX  uint16 = 0x100
	InputSP uint16 = 0x180
)

// The first byte of each area of outputs.
const (
	OutputGY uint16 = 0x000
	OutputY  uint16 = 0x100
	OutputC  uint16 = 0x180
	OutputS  uint16 = 0x280
	OutputT  uint16 = 0x300
	OutputCT uint16 = 0x320
)

// Bounds of a CCM, in bytes.
const (
	MaxCCM = 256
	// SafeCCM is what every firmware takes: from 4.0.2120 on, modules refuse more.
	SafeCCM = 128
)

const (
	ccmCode  = 0x01
	ccmRead  = 0x1E
	ccmWrite = 0x20
)

// CCM is a read or a write of the controller's memory. The answer is an ACK, then
// a response with the data that was read.
type CCM struct {
	Write   bool
	Type    CCMType
	Address uint16 // as on the wire: the V number, or the byte's number, and 1
	Count   int    // bytes, 1 to MaxCCM
	Data    []byte // Count bytes of a write; a parsed one is a part of the body
}

// WordCCM is the address on the wire of a V-memory word or of a byte of inputs or
// outputs; ok is false for 0o177777, which has none.
func WordCCM(number uint16) (address uint16, ok bool) { return number + 1, number != 0xFFFF }

// Number is the V-memory word or the byte that the CCM begins with; ok is false
// for the address 0, which is none.
func (c CCM) Number() (number uint16, ok bool) { return c.Address - 1, c.Address != 0 }

// append appends what follows the function.
func (c CCM) append(dst []byte) ([]byte, error) {
	switch {
	case c.Count < 1 || c.Count > MaxCCM:
		return dst, fmt.Errorf("%w: a CCM of %d bytes, 1 to %d can be", ErrValue, c.Count, MaxCCM)
	case c.Write && len(c.Data) != c.Count:
		return dst, fmt.Errorf("%w: a CCM writes %d bytes and has %d", ErrValue, c.Count, len(c.Data))
	}
	direction := byte(ccmRead)
	if c.Write {
		direction = ccmWrite
	}
	dst = append(dst, 0, ccmCode, direction, byte(c.Count))
	dst = append(binary.LittleEndian.AppendUint16(dst, c.Address), byte(c.Type))
	if c.Write {
		dst = append(dst, c.Data...)
	}
	return dst, nil
}

// parseCCM reads what follows the function, at least seven bytes.
func parseCCM(args []byte) (CCM, error) {
	c := CCM{Write: args[2] == ccmWrite, Type: CCMType(args[6]), Address: binary.LittleEndian.Uint16(args[4:]), Count: int(args[3])}
	if c.Count == 0 {
		c.Count = MaxCCM
	}
	switch {
	case args[1] != ccmCode || args[2] != ccmRead && args[2] != ccmWrite:
		return c, fmt.Errorf("%w: a CCM with code %#02x %#02x", ErrMalformed, args[1], args[2])
	case !c.Write:
		return c, nil
	case c.Count > len(args)-7:
		return c, fmt.Errorf("%w: a CCM writes %d bytes, %d are there", ErrMalformed, c.Count, len(args)-7)
	}
	c.Data = args[7 : 7+c.Count]
	return c, nil
}

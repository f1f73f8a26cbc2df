// Package modbuswire is Modbus TCP on the wire, for both sides: frames with their
// MBAP header, requests and replies of the eight functions that controllers speak,
// and a client on a connection that its caller made or that [Dial] makes.
//
// It knows no memory map and serves nothing; internal/ecom/modbus does. But for the
// client it owns no socket, and it has no goroutine and no clock.
//
// Sources: MODBUS Application Protocol Specification V1.1b3 ("the specification"),
// MODBUS Messaging on TCP/IP Implementation Guide V1.0b ("the guide").
package modbuswire

import "fmt"

// Port is the registered TCP port of Modbus.
const Port = 502

// Function is a function code: the first byte of a request.
type Function byte

// The functions (the specification, section 6).
const (
	ReadCoils      Function = 1
	ReadDiscrete   Function = 2
	ReadHolding    Function = 3
	ReadInput      Function = 4
	WriteCoil      Function = 5
	WriteRegister  Function = 6
	WriteCoils     Function = 15
	WriteRegisters Function = 16
)

// exceptionBit is set in the function code of a reply that refuses.
const exceptionBit = 0x80

// Bounds of one request's count, in bits or registers. They follow from the 253
// bytes of a PDU, but for those of bits, which the specification sets lower.
const (
	MaxReadBits       = 2000
	MaxReadRegisters  = 125
	MaxWriteBits      = 1968
	MaxWriteRegisters = 123
)

// space is the number of addresses of each of the four tables.
const space = 1 << 16

// trait is what the rules need to know of a function.
type trait struct {
	name  string
	max   int  // bits or registers of one request
	bits  bool // else registers
	write bool
	one   bool // has no count: it writes exactly one
}

func (f Function) trait() (trait, bool) {
	switch f {
	case ReadCoils:
		return trait{name: "read coils", max: MaxReadBits, bits: true}, true
	case ReadDiscrete:
		return trait{name: "read discrete inputs", max: MaxReadBits, bits: true}, true
	case ReadHolding:
		return trait{name: "read holding registers", max: MaxReadRegisters}, true
	case ReadInput:
		return trait{name: "read input registers", max: MaxReadRegisters}, true
	case WriteCoil:
		return trait{name: "write coil", max: 1, bits: true, write: true, one: true}, true
	case WriteRegister:
		return trait{name: "write register", max: 1, write: true, one: true}, true
	case WriteCoils:
		return trait{name: "write coils", max: MaxWriteBits, bits: true, write: true}, true
	case WriteRegisters:
		return trait{name: "write registers", max: MaxWriteRegisters, write: true}, true
	}
	return trait{}, false
}

// size is the number of bytes that count bits or registers take in a PDU.
func (t trait) size(count int) int {
	if t.bits {
		return (count + 7) / 8
	}
	return 2 * count
}

// Known tells whether the function is one of the eight.
func (f Function) Known() bool { _, ok := f.trait(); return ok }

// Writes tells whether the function changes memory.
func (f Function) Writes() bool { t, _ := f.trait(); return t.write }

// Bits tells whether the function moves bits; else it moves registers.
func (f Function) Bits() bool { t, _ := f.trait(); return t.bits }

// String is the function's name in the specification, "read coils", or "function
// 8" where it is none of the eight.
func (f Function) String() string {
	if t, ok := f.trait(); ok {
		return t.name
	}
	return fmt.Sprintf("function %d", byte(f))
}

// Exception is why a server refused a request (the specification, section 7). As
// an error it says so in words.
type Exception byte

// The exceptions.
const (
	IllegalFunction Exception = 0x01
	IllegalAddress  Exception = 0x02
	IllegalValue    Exception = 0x03
	DeviceFailure   Exception = 0x04
	Acknowledge     Exception = 0x05
	DeviceBusy      Exception = 0x06
	ParityError     Exception = 0x08
	GatewayPath     Exception = 0x0A
	GatewayTarget   Exception = 0x0B
)

// Error is the exception in words, with its number.
func (e Exception) Error() string {
	words := "the server refused for a reason of its own"
	switch e {
	case IllegalFunction:
		words = "the server doesn't carry out this function; or this computer isn't in its write_allow"
	case IllegalAddress:
		words = "the server has no such address, or it can't be written"
	case IllegalValue:
		words = "the server refused a count or a value of the request"
	case DeviceFailure:
		words = "the server failed while it carried the request out"
	case Acknowledge:
		words = "the server took the request and will need long for it"
	case DeviceBusy:
		words = "the server is busy: try again later"
	case ParityError:
		words = "the server found its memory damaged"
	case GatewayPath:
		words = "the gateway has no path to that unit"
	case GatewayTarget:
		words = "the unit behind the gateway doesn't answer"
	}
	return fmt.Sprintf("%s (exception %02X)", words, byte(e))
}

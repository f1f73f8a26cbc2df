package hap

import (
	"errors"
	"fmt"
)

// Error is an error number of the protocol: small ones come from modules, those
// from 0x8000 on are a client's own, and 0 is none. Its constants are errors to
// compare with by errors.Is; errors.As gives any number.
type Error uint16

// What a module says (facts/protocols.md section 4.5). Sources name more numbers
// than those below; [Error.Error] knows them.
const (
	ErrTooLong        Error = 12  // a CCM of more bytes than the firmware takes
	ErrNotFound       Error = 110 // no such set-up data
	ErrInvalidType    Error = 111
	ErrRequest        Error = 113 // a request that makes no sense, or isn't supported
	ErrInvalidData    Error = 119
	ErrModuleBusy     Error = 120
	ErrProtection     Error = 126 // it may not be written
	ErrRange          Error = 133 // an address that isn't there
	ErrNotInitialised Error = 144
	ErrNAKed          Error = 149 // the controller refused it
	ErrOperation      Error = 150
	ErrAlreadyUsed    Error = 151
	ErrBusy           Error = 161
	ErrBackplaneCode  Error = 225
	ErrBackplane      Error = 226
	ErrBackplaneTime  Error = 227
)

// What a client finds.
const (
	ErrTimeout        Error = 0x8006
	ErrNoIP           Error = 0x8008 // the module has no IP address
	ErrCRC            Error = 0x800D // a damaged frame
	ErrInvalidRequest Error = 0x8010
	ErrTooLarge       Error = 0x8013
)

// warning is set where the software of the maker had to repeat a request.
const warning Error = 0x2000

// Errors that aren't numbers.
var (
	// ErrMalformed is what a body gives that can't be read.
	ErrMalformed = errors.New("malformed body")
	// ErrValue is what a value gives that has no form on the wire.
	ErrValue = errors.New("a value that can't be sent")
)

// Err is e as an error: nil where e is 0 or only a warning.
func (e Error) Err() error {
	if e&^warning == 0 {
		return nil
	}
	return e
}

// Error says it in words, with its number.
func (e Error) Error() string {
	if words := errorWords(e); words != "" {
		return fmt.Sprintf("%s (error %s)", words, e.number())
	}
	return "error " + e.number()
}

// number is decimal for a module's and hexadecimal for a client's, as the maker's
// documents have them.
func (e Error) number() string {
	if e >= 0x2000 {
		return fmt.Sprintf("%#x", uint16(e))
	}
	return fmt.Sprintf("%d", uint16(e))
}

// errorWords are the words for a number, "" where it isn't known.
func errorWords(e Error) string {
	switch {
	case e == 0:
		return "no error"
	case e == ErrTooLong:
		return "more than 128 bytes at once"
	case e == warning:
		return "the request was repeated"
	case e >= firstDevice && int(e-firstDevice) < len(deviceWords):
		return deviceWords[e-firstDevice]
	case e >= ErrBackplaneCode && int(e-ErrBackplaneCode) < len(backplaneWords):
		return backplaneWords[e-ErrBackplaneCode]
	case e >= firstClient && int(e-firstClient) < len(clientWords):
		return clientWords[e-firstClient]
	}
	return ""
}

const firstDevice, firstClient Error = 105, 0x8000

// deviceWords begin with firstDevice. Like the other tables they are read only.
var deviceWords = [...]string{
	"the checksum didn't match", "nothing to make a checksum of", "the Ethernet address was programmed", "no data", "wrong size",
	"not found", "invalid type", "the RAM is locked", "invalid request", "the module timed out",
	"programming the flash failed", "invalid operating system", "invalid location", "invalid slot number", "invalid data",
	"the module is busy", "channel failure", "channels are unused", "invalid UDP port", "the operating system is shut down",
	"not this module's IP address", "protected", "unknown type", "the backplane didn't start", "unknown response",
	"unknown form of RX or WX", "unknown ACK", "unknown NAK", "out of range", "not all of the data",
	"invalid base number", "invalid module type", "invalid offset", "the booter is wrong for this operating system", "broken transmitter",
	"invalid address", "wrong timing", "channel failures", "wrong serial set-up", "not initialised",
	"invalid mode", "communication failed", "the operation was stopped", "an invalid character came", "the request was refused",
	"invalid operation", "already used", "module error", "the module doesn't respond", "the base has changed",
	"module failure", "parity error", "framing error", "overrun", "buffer overflow",
	"aborted", "busy", "the drive tripped", "the command is pending",
}

var backplaneWords = [...]string{"the backplane refused the CCM's code", "CCM failed on the backplane", "CCM timed out on the backplane"}

// clientWords begin with firstClient.
var clientWords = [...]string{
	"not implemented", "versions differ", "unsupported transport", "invalid device", "the buffer is too small",
	"an empty answer", "no answer in time", "unsupported protocol", "the module has no IP address", "no transport",
	"IPX isn't installed", "the IPX socket didn't open", "no packet driver", "the frame's checksum is wrong", "no memory",
	"no IPX cache", "invalid request", "no response", "an answer that makes no sense", "too large",
	"procedures didn't load", "not loaded", "wrong alignment", "the file isn't open",
}

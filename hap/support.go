package hap

import "fmt"

// FunctionSet is a set of functions. Sets compare with ==; the zero one is empty.
type FunctionSet struct{ bits [4]uint64 }

// Functions is the set of these functions.
func Functions(fs ...Function) FunctionSet {
	var s FunctionSet
	for _, f := range fs {
		s.bits[f/64] |= 1 << (f % 64)
	}
	return s
}

// Has reports whether a function is in the set.
func (s FunctionSet) Has(f Function) bool { return s.bits[f/64]&(1<<(f%64)) != 0 }

// All lists the functions in the set, by number.
func (s FunctionSet) All() []Function {
	var all []Function
	for f := range 256 {
		if s.Has(Function(f)) {
			all = append(all, Function(f))
		}
	}
	return all
}

// Support is the answer to FuncSupport: what a module can do.
type Support struct {
	Version   byte
	Functions FunctionSet
	TCPIP     bool
	HTTP      bool
}

const supportSize = 18

// supportBits are the functions whose bits stand in bytes 2 to 7, low bit first
// (facts/protocols.md section 4.3). FuncNever stands where a bit is no function.
// It is read only.
var supportBits = [6][8]Function{
	{FuncPollOne, FuncVersion, FuncSupport, FuncDevice, FuncPollAll, FuncWriteIO, FuncReadIO, FuncReadBase},
	{FuncEnumSetup, FuncReadSetup, FuncWriteSetup, FuncDeleteSetup, FuncEthernetStats, FuncPetLink, FuncAddressedBroadcast, FuncModuleStatus},
	{FuncNever, FuncQuerySetup, FuncInitBase, FuncDataBroadcast, FuncCCM, FuncKSequence, FuncBackplane, FuncWriteBase},
	{FuncExtendResponse, FuncACK, FuncNAK, FuncResponse, FuncSerialPort, FuncWriteMemory, FuncReadMemory, FuncEnumMemory},
	{FuncReadSharedRAM, FuncWriteSharedRAM, FuncAccessMemory, FuncCommResponse, FuncCommRequest, FuncWriteIONoRead, FuncCommRequestNoACK, FuncRunProgram},
	{FuncRemoteAPI, FuncNotify, FuncCompletion, FuncSetOSLoad, FuncReboot, FuncNever, FuncNever, FuncNever},
}

// Append appends the body of the reply. Functions that have no bit are left out.
func (s Support) Append(dst []byte) []byte {
	var b [supportSize]byte
	b[0], b[1] = s.Version, supportSize
	for i, row := range supportBits {
		for bit, f := range row {
			if f != FuncNever && s.Functions.Has(f) {
				b[2+i] |= 1 << bit
			}
		}
	}
	b[8] = flag(s.TCPIP) | flag(s.HTTP)<<1
	return append(dst, b[:]...)
}

// ParseSupport reads the body of the reply. Older modules send fewer bytes: what
// isn't there isn't supported.
func ParseSupport(body []byte) (Support, error) {
	if len(body) < 3 {
		return Support{}, fmt.Errorf("%w: %d bytes of support", ErrMalformed, len(body))
	}
	var b [supportSize]byte
	copy(b[:], body)
	s := Support{Version: b[0], TCPIP: b[8]&1 != 0, HTTP: b[8]&2 != 0}
	var fs []Function
	for i, row := range supportBits {
		for bit, f := range row {
			if f != FuncNever && b[2+i]&(1<<bit) != 0 {
				fs = append(fs, f)
			}
		}
	}
	s.Functions = Functions(fs...)
	return s, nil
}

package hap

import "fmt"

// Function is the first byte of a request: what is asked for.
type Function byte

// The functions (facts/protocols.md section 4.2).
const (
	FuncPollOne            Function = 0x00
	FuncVersion            Function = 0x01
	FuncSupport            Function = 0x02
	FuncDevice             Function = 0x04
	FuncPollAll            Function = 0x05
	FuncWriteIO            Function = 0x06
	FuncReadIO             Function = 0x07
	FuncReadBase           Function = 0x08
	FuncQuerySetup         Function = 0x09 // which module's set-up data is this?
	FuncEnumSetup          Function = 0x0A
	FuncReadSetup          Function = 0x0B
	FuncWriteSetup         Function = 0x0C
	FuncDeleteSetup        Function = 0x0D
	FuncEthernetStats      Function = 0x0E
	FuncWriteBase          Function = 0x0F
	FuncPetLink            Function = 0x14
	FuncAddressedBroadcast Function = 0x15
	FuncDataBroadcast      Function = 0x16
	FuncModuleStatus       Function = 0x17
	FuncInitBase           Function = 0x18
	FuncCCM                Function = 0x19
	FuncKSequence          Function = 0x1A
	FuncBackplane          Function = 0x1B
	FuncExtendResponse     Function = 0x1C
	FuncACK                Function = 0x20
	FuncNAK                Function = 0x21
	FuncResponse           Function = 0x22
	FuncSerialPort         Function = 0x23
	FuncWriteMemory        Function = 0x24
	FuncReadMemory         Function = 0x25
	FuncEnumMemory         Function = 0x26
	FuncAccessMemory       Function = 0x27
	FuncReadSharedRAM      Function = 0x28
	FuncWriteSharedRAM     Function = 0x29
	FuncWriteIONoRead      Function = 0x30
	FuncCommResponse       Function = 0x31 // 31 to 33 carry RX and WX between modules
	FuncCommRequest        Function = 0x32
	FuncCommRequestNoACK   Function = 0x33
	FuncRunProgram         Function = 0x34
	FuncRemoteAPI          Function = 0x35
	FuncNotify             Function = 0x36
	FuncCompletion         Function = 0x37
	FuncProxy              Function = 0x38
	FuncQueryResponse      Function = 0x55 // begins the answer to a poll
	FuncAVGPanel           Function = 0x60
	FuncReadConfig         Function = 0x61
	FuncWriteConfig        Function = 0x62
	FuncNever              Function = 0x99 // supported by nothing, to try refusals with
	FuncSetOSLoad          Function = 0xF9
	FuncReboot             Function = 0xFA
)

// String is what the function does, or its number.
func (f Function) String() string {
	if name := functionNames[f]; name != "" {
		return name
	}
	return fmt.Sprintf("function %#02x", byte(f))
}

// functionNames is read only.
var functionNames = [256]string{
	FuncPollOne: "poll one", FuncVersion: "version", FuncSupport: "support", FuncDevice: "device info", FuncPollAll: "poll all",
	FuncWriteIO: "write I/O", FuncReadIO: "read I/O", FuncReadBase: "read base", FuncQuerySetup: "query set-up",
	FuncEnumSetup: "enumerate set-up", FuncReadSetup: "read set-up", FuncWriteSetup: "write set-up", FuncDeleteSetup: "delete set-up",
	FuncEthernetStats: "Ethernet statistics", FuncWriteBase: "write base", FuncPetLink: "pet link",
	FuncAddressedBroadcast: "addressed broadcast", FuncDataBroadcast: "data broadcast", FuncModuleStatus: "module status",
	FuncInitBase: "initialise base", FuncCCM: "CCM", FuncKSequence: "K-sequence", FuncBackplane: "backplane",
	FuncExtendResponse: "extend response", FuncACK: "ACK", FuncNAK: "NAK", FuncResponse: "response", FuncSerialPort: "serial port",
	FuncWriteMemory: "write memory", FuncReadMemory: "read memory", FuncEnumMemory: "enumerate memory", FuncAccessMemory: "access memory",
	FuncReadSharedRAM: "read shared RAM", FuncWriteSharedRAM: "write shared RAM", FuncWriteIONoRead: "write I/O without reading",
	FuncCommResponse: "peer response", FuncCommRequest: "peer request", FuncCommRequestNoACK: "peer request without ACK",
	FuncRunProgram: "run program", FuncRemoteAPI: "remote API", FuncNotify: "notify", FuncCompletion: "completion", FuncProxy: "proxy",
	FuncQueryResponse: "query response", FuncAVGPanel: "AVG panel", FuncReadConfig: "read configuration",
	FuncWriteConfig: "write configuration", FuncNever: "never supported", FuncSetOSLoad: "load the operating system", FuncReboot: "reboot",
}

package hapserver

import (
	"errors"

	"github.com/rungmail/rungmail/hap"
)

func isCRC(err error) bool { return errors.Is(err, hap.ErrCRC) }

// poll is how the module says that it is there.
func (s *Server) poll() hap.Poll {
	ip := s.config.Store.Setup().IP
	return hap.Poll{MAC: s.config.MAC, IP: ip, NoIP: !ip.Is4() || ip.IsUnspecified()}
}

func (s *Server) versions() hap.Versions {
	return hap.Versions{Booter: release(s.config.Booter), OS: release(s.config.Firmware)}
}

// release is a version as an answer holds it; one that doesn't fit is 0.0.0.
func release(text string) hap.Release {
	r, err := hap.ParseRelease(text)
	if err != nil {
		return hap.Release{}
	}
	return r
}

// support is what this server answers.
func support() hap.Support {
	return hap.Support{Version: 1, TCPIP: true, HTTP: true, Functions: hap.Functions(
		hap.FuncPollOne, hap.FuncPollAll, hap.FuncVersion, hap.FuncSupport, hap.FuncDevice,
		hap.FuncQuerySetup, hap.FuncEnumSetup, hap.FuncReadSetup, hap.FuncWriteSetup, hap.FuncDeleteSetup,
		hap.FuncEthernetStats, hap.FuncAddressedBroadcast, hap.FuncCCM, hap.FuncKSequence, hap.FuncReadMemory,
		hap.FuncACK, hap.FuncNAK, hap.FuncResponse,
	)}
}

// Sizes that the module says of itself. (Assumed: no source gives them.)
const (
	ramKB   = 256
	flashKB = 512
	fast    = 1 // 100 Mbit/s
)

// Device is what a module says that it is.
func Device(kind string, mac hap.MAC, dip byte) hap.Device {
	return hap.Device{
		Family: family(kind), Type: hap.ModuleECOM, MAC: mac, RAM: ramKB, Flash: flashKB, DIP: hap.DIP(dip),
		RunRelay: true, Speed: fast, PLD: [2]byte{1, 'A'},
	}
}

func family(kind string) hap.Family {
	switch kind {
	case "H2-ECOM100":
		return hap.FamilyDL205
	case "H4-ECOM100":
		return hap.FamilyDL405
	}
	return hap.FamilyDL05
}

package settings

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/rungmail/rungmail/internal/durable"
)

// setupFile is a module's own set-up as it stands in its file.
type setupFile struct {
	Version     int        `json:"version"`
	ID          uint32     `json:"module_id"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	IP          netip.Addr `json:"ip"`
	Subnet      netip.Addr `json:"subnet"`
	Gateway     netip.Addr `json:"gateway"`
	DHCP        bool       `json:"dhcp"`
	Peers       []peerFile `json:"peers"` // those that aren't empty
	AckTimeout  int64      `json:"ack_timeout_ms"`
	Response    int64      `json:"response_timeout_ms"`
	Retries     int        `json:"retries"`
}

// peerFile is one peer.
type peerFile struct {
	Number   int        `json:"number"`
	Protocol string     `json:"protocol"` // "ecom" or "modbus"
	IP       netip.Addr `json:"ip"`
	Port     uint16     `json:"port"`
	Unit     byte       `json:"unit"`
}

// readSetup reads a module's own set-up; the error is fs.ErrNotExist while nobody
// has changed it.
func readSetup(disk durable.Disk, path string) (Setup, error) {
	text, err := disk.ReadFile(path)
	if err != nil {
		return Setup{}, unreadable(path, "the module's set-up", err)
	}
	var f setupFile
	if err := decodeVersion(text, &f); err != nil {
		return Setup{}, faulty(path, err)
	}
	s, err := f.setup()
	if err == nil {
		err = s.Validate()
	}
	if err != nil {
		return Setup{}, faulty(path, err)
	}
	return s, nil
}

func (f setupFile) setup() (Setup, error) {
	s := Setup{
		ID: f.ID, Name: f.Name, Description: f.Description, IP: f.IP, Subnet: f.Subnet, Gateway: f.Gateway, DHCP: f.DHCP,
		Transfers: Transfers{milliseconds(f.AckTimeout), milliseconds(f.Response), f.Retries},
	}
	for _, p := range f.Peers {
		if p.Number < 0 || p.Number >= Peers {
			return s, invalid("peer %d is out of the table", p.Number)
		}
		peer := Peer{ECOM, p.IP, p.Port, p.Unit}
		switch p.Protocol {
		case "ecom":
		case "modbus":
			peer.Protocol = Modbus
		default:
			return s, invalid("peer %d: protocol %q is not known", p.Number, p.Protocol)
		}
		s.Peers[p.Number] = peer
	}
	return s, nil
}

// milliseconds keeps what is out of range out of range.
func milliseconds(n int64) time.Duration {
	return time.Duration(min(max(n, 0), 1<<20)) * time.Millisecond
}

// saveSetup writes a module's own set-up; it is durable when saveSetup returns nil.
func saveSetup(disk durable.Disk, path string, s Setup) error {
	if err := s.Validate(); err != nil {
		return err
	}
	if err := disk.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	f := setupFile{
		version, s.ID, s.Name, s.Description, given(s.IP), given(s.Subnet), given(s.Gateway), s.DHCP,
		[]peerFile{},
		s.Transfers.AckTimeout.Milliseconds(), s.Transfers.ResponseTimeout.Milliseconds(), s.Transfers.Retries,
	}
	names := map[Protocol]string{ECOM: "ecom", Modbus: "modbus"}
	for i, p := range s.Peers {
		if p.Protocol != NoPeer {
			f.Peers = append(f.Peers, peerFile{i, names[p.Protocol], p.IP, p.Port, p.Unit})
		}
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(disk, path, append(text, '\n'))
}

// given is an address, 0.0.0.0 where none is set.
func given(a netip.Addr) netip.Addr {
	if !a.IsValid() {
		return netip.IPv4Unspecified()
	}
	return a
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

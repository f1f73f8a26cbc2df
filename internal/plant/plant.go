// Package plant reads the plant file, plant.toml: which racks there are, which
// controller each one is, which ECOM100 modules sit in its slots, and what the
// modules' ROM holds until someone changes it.
//
// The file is read strictly. An unknown key, a wrong type, a value out of its
// range and two values that contradict each other are all faults, each with its
// place in the file, and all of them are reported at once. Keys of parts that
// come in later versions are refused by name; nothing is ever ignored.
//
// The package holds plain values. It opens no file but the plant file itself,
// starts nothing, and doesn't judge ladder programs: whether a controller at
// its firmware can run a program is the checker's answer. The rules on
// controllers, firmware and slots are those of sections 1 to 6 of the ECEMAIL
// theory of operation. docs/plant-file.md is the user's side of this package.
package plant

import (
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// MaxFile is the largest plant file that is read, in bytes.
const MaxFile = 1 << 20

// File is a plant file that has been judged good. Every default is filled in.
type File struct {
	Path  string // as it was given to Load or Parse
	State string // the state folder, resolved against the file's folder; never empty
	Racks []Rack // in file order, names unique; may be empty
	// Gateway is the mail gateway; nil where there is none.
	Gateway *Gateway
}

// Rack is one controller and the modules in its slots.
type Rack struct {
	Name     string        // 1 to 32 of a-z, 0-9 and hyphen
	Title    string        // free text for people, at most 255 bytes; the name unless set
	CPU      string        // DL05, DL06, DL240, DL250, DL250-1, DL260 or DL450
	Firmware string        // two to four dotted numbers, such as "2.10"
	Program  string        // the program file, resolved against the file's folder; empty for none
	Scan     time.Duration // from the start of one scan to the next, 1 ms to 1 s
	// NumberWidth is the width of a plain number in PRINT text: 5, with 10 for :D,
	// or 6, with 11.
	NumberWidth int
	// PasswordFile names the file with the controller's password, eight characters;
	// empty for none.
	PasswordFile string
	Modules      []Module // in file order, slots unique
}

// Module is one ECOM100 in a slot.
type Module struct {
	Slot        int        // DL05: 1; DL06: 1 to 4; DL2xx: 1 to 7; DL450: 0 to 7
	Type        string     // H0-ECOM100, H2-ECOM100 or H4-ECOM100, as the base takes it
	Firmware    string     // two to four dotted numbers, such as "4.0.2148"
	DIP         []int      // the switches that are on, 0 to 7, ascending
	Bind        netip.Addr // where it listens and where it dials from; IPv4 or IPv6
	Servers     Servers    // how it is met over the network
	Name        string     // what the module calls itself, at most 255 bytes
	Description string     // at most 255 bytes
	MAC         MAC        // unique in the file
	IP          netip.Addr // IPv4, what the module says of itself
	Subnet      netip.Addr // IPv4, a contiguous mask
	Gateway     netip.Addr // IPv4, in the subnet of IP; 0.0.0.0 for none
	Email       Email      // what ROM holds while there is no ROM file
}

// DIP7 reports whether switch 7 is on, without which the mock slaves 89 and
// 90 don't exist and no ECOM100 box works (theory of operation, section 5).
func (m Module) DIP7() bool { return slices.Contains(m.DIP, 7) }

// MAC is an Ethernet address.
type MAC [6]byte

// String returns the address as six upper-case hex octets with colons.
func (m MAC) String() string {
	return fmt.Sprintf("%02X:%02X:%02X:%02X:%02X:%02X", m[0], m[1], m[2], m[3], m[4], m[5])
}

// Email is the EMail Setup that ROM holds while there is no ROM file (theory
// of operation, section 6).
type Email struct {
	Server        netip.Addr    // IPv4 of the SMTP server; 0.0.0.0 is not set: it never connects
	Port          int           // of the server, 1 to 65535
	SenderName    string        // at most 64 bytes
	SenderAddress string        // empty for not set; at most 254 bytes
	Cc            []string      // these get every mail; each at most 254 bytes
	Timeout       time.Duration // of the whole transaction, 1 s to 1 h, whole seconds
}

// Load reads and judges the plant file at path. Faults in the file are
// returned as Errors; a file that can't be read gives an error that wraps the
// system's own, so that errors.Is(err, fs.ErrNotExist) works.
func Load(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("plant file: %w", err)
	}
	defer f.Close()
	// One byte more than the bound tells a file that is too long.
	text, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("plant file: %w", err)
	}
	return Parse(path, text)
}

// Parse judges text as the plant file at path. The path serves for messages
// and as the base of relative paths; nothing is opened. An error is always
// Errors, and every one in it has a line and a column.
func Parse(path string, text []byte) (*File, error) {
	d := &decoder{path: path, dir: filepath.Dir(path)}
	root := d.tree(text)
	if root == nil {
		return nil, d.faults
	}
	f := d.file(root)
	if len(d.faults) > 0 {
		d.faults.sort()
		return nil, d.faults
	}
	return f, nil
}

// StateFolder is the state folder that a plant file names, even when the file
// has faults elsewhere: commands find a running service by it. Where the file
// can't be read, or doesn't say, it is "state" beside the file.
func StateFolder(path string) string {
	var f struct{ State string }
	if text, err := os.ReadFile(path); err == nil {
		_ = toml.Unmarshal(text, &f) // a faulty file names no folder
	}
	if f.State == "" {
		f.State = "state"
	}
	if filepath.IsAbs(f.State) {
		return f.State
	}
	return filepath.Join(filepath.Dir(path), f.State)
}

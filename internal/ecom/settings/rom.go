package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// version is the form of ROM files that this program writes.
const version = 1

// file is a set-up as it stands in a ROM file.
type file struct {
	Version int                `json:"version"`
	Server  netip.Addr         `json:"server"`
	Port    uint16             `json:"port"`
	Name    string             `json:"sender_name"`
	Sender  mailaddr.Address   `json:"sender_address"`
	Cc      []mailaddr.Address `json:"cc"`
	Timeout int64              `json:"timeout_seconds"`
	Zone    *int               `json:"zone_minutes,omitempty"` // where it is known
}

// ROM is the copy of a set-up that outlives the power.
type ROM struct {
	disk durable.Disk
	path string
}

// OpenROM names the file of a ROM copy; nothing is read yet.
func OpenROM(disk durable.Disk, path string) ROM { return ROM{disk, path} }

// Load reads the ROM copy. Where there is none it writes initial and returns it.
// It fails on a file that can't be read, isn't valid or was written by a newer
// program; nothing is then overwritten.
func (r ROM) Load(initial Email) (Email, error) {
	e, err := r.Read()
	if !errors.Is(err, fs.ErrNotExist) {
		return e, err
	}
	if err := r.Save(initial); err != nil {
		return Email{}, err
	}
	return initial, nil
}

// Read reads the ROM copy and changes nothing. Where there is none the error is
// fs.ErrNotExist; the others are as Load has them.
func (r ROM) Read() (Email, error) {
	text, err := r.disk.ReadFile(r.path)
	if err != nil {
		return Email{}, unreadable(r.path, "the e-mail set-up", err)
	}
	e, err := decode(text)
	if err != nil {
		return Email{}, faulty(r.path, err)
	}
	return e, nil
}

// unreadable is why a file that is there can't be read.
func unreadable(path, what string, err error) error {
	return fmt.Errorf("%s: %s can't be read: see to the file's owner and mode, and to the disk: %w", path, what, err)
}

// faulty is what to do about a file that was read and isn't good.
func faulty(path string, err error) error {
	if errors.Is(err, errNewer) {
		return fmt.Errorf("%s: %w: run that one, or remove the file to begin with the plant file's set-up", path, err)
	}
	return fmt.Errorf("%s: %w: mend the file, or remove it to begin with the plant file's set-up", path, err)
}

// Save writes the ROM copy; it is durable when Save returns nil.
func (r ROM) Save(e Email) error {
	if err := e.Validate(); err != nil {
		return err
	}
	if err := r.disk.MkdirAll(filepath.Dir(r.path)); err != nil {
		return fmt.Errorf("making the folder of %s: %w", r.path, err)
	}
	return durable.WriteFile(r.disk, r.path, encode(e))
}

func encode(e Email) []byte {
	e.Server = given(e.Server)
	if e.Cc == nil {
		e.Cc = []mailaddr.Address{}
	}
	f := file{version, e.Server, e.Port, e.Name, e.Sender, e.Cc, int64(e.Timeout / time.Second), nil}
	if e.Zone.Known {
		f.Zone = &e.Zone.Minutes
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		panic(err) // these types always marshal
	}
	return append(text, '\n')
}

// errNewer is what the fault of a newer program's file wraps.
var errNewer = errors.New("it was written by a newer Rungmail")

// decodeVersion judges the version before anything else: what a newer form holds
// may not even fit the fields of this one.
func decodeVersion(text []byte, into any) error {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	switch {
	case head.Version > version:
		return fmt.Errorf("%w: %w (version %d, this one knows %d)", ErrInvalid, errNewer, head.Version, version)
	case head.Version < 1:
		return invalid("it has no version")
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

func decode(text []byte) (Email, error) {
	var f file
	if err := decodeVersion(text, &f); err != nil {
		return Email{}, err
	}
	if f.Timeout < 0 || f.Timeout > int64(MaxTimeout/time.Second) {
		return Email{}, invalid("timeout_seconds is out of range")
	}
	e := Email{Server: f.Server, Port: f.Port, Name: f.Name, Sender: f.Sender, Cc: f.Cc, Timeout: time.Duration(f.Timeout) * time.Second}
	if f.Zone != nil {
		e.Zone = Zone{Known: true, Minutes: *f.Zone}
	}
	if err := e.Validate(); err != nil {
		return Email{}, err
	}
	return e, nil
}

package settings

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/rungmail/rungmail/internal/durable"
)

// Store is all that a module keeps without power: the ROM copy of its e-mail
// set-up, and its own set-up. Reading takes no lock and never waits for a write;
// it is safe for use by several goroutines. What writes blocks until the disk has
// it, so no lock of a scan may be held around it.
type Store struct {
	disk    durable.Disk
	path    string // of the module's own set-up
	rom     ROM
	factory Setup

	writing sync.Mutex // one write at a time
	email   atomic.Pointer[Email]
	setup   atomic.Pointer[Setup]
}

// The names of a store's files in its folder.
const (
	EmailFile = "email.json"
	SetupFile = "setup.json"
	powerFile = "power.json"
)

// OpenStore reads what a module has kept in a folder. The e-mail set-up begins as
// initial, which is written where there is no file; the module's own set-up is
// factory until someone changes it. It fails as [ROM.Load] does.
func OpenStore(disk durable.Disk, folder string, initial Email, factory Setup) (*Store, error) {
	s := &Store{disk: disk, path: filepath.Join(folder, SetupFile), rom: OpenROM(disk, filepath.Join(folder, EmailFile)), factory: factory}
	email, err := s.rom.Load(initial)
	if err != nil {
		return nil, err
	}
	setup, err := readSetup(disk, s.path)
	if missing(err) {
		setup, err = factory, factory.Validate()
	}
	if err != nil {
		return nil, err
	}
	s.email.Store(&email)
	s.setup.Store(&setup)
	return s, nil
}

// ReadStore reads what a module has kept in a folder and changes nothing; what
// isn't there is as given.
func ReadStore(disk durable.Disk, folder string, initial Email, factory Setup) (Email, Setup, error) {
	email, err := OpenROM(disk, filepath.Join(folder, EmailFile)).Read()
	if missing(err) {
		email, err = initial, nil
	}
	if err != nil {
		return email, factory, err
	}
	setup, err := readSetup(disk, filepath.Join(folder, SetupFile))
	if missing(err) {
		setup, err = factory, nil
	}
	return email, setup, err
}

// Email is the ROM copy of the e-mail set-up.
func (s *Store) Email() Email { return *s.email.Load() }

// Setup is the module's own set-up.
func (s *Store) Setup() Setup { return *s.setup.Load() }

// Factory is the set-up that the module has before anyone changes it.
func (s *Store) Factory() Setup { return s.factory }

// WriteEmail changes the ROM copy; mails use it from the next power-up or restore
// on. It is durable when WriteEmail returns nil. It fails with [ErrInvalid] on
// values out of bounds, and when the disk does; ROM then stays as it was.
func (s *Store) WriteEmail(e Email) error {
	return s.ChangeEmail(func(rom *Email) error { *rom = e; return nil })
}

// ChangeEmail changes the ROM copy with change, which nobody else does between its
// reading and its writing. It fails as WriteEmail does, and where change fails.
func (s *Store) ChangeEmail(change func(*Email) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	e := *s.email.Load()
	if err := change(&e); err != nil {
		return err
	}
	if err := s.rom.Save(e); err != nil {
		return err
	}
	s.email.Store(&e)
	return nil
}

// ChangeSetup changes the module's own set-up with change, as ChangeEmail does.
func (s *Store) ChangeSetup(change func(*Setup) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	setup := *s.setup.Load()
	if err := change(&setup); err != nil {
		return err
	}
	setup = setup.tidy()
	if err := saveSetup(s.disk, s.path, setup); err != nil {
		return err
	}
	s.setup.Store(&setup)
	return nil
}

// powers is how often a module has been powered up.
type powers struct {
	Version int    `json:"version"`
	Ups     uint32 `json:"power_ups"`
}

// CountPowerUp counts that a module is powered up, and returns how often it has
// been. A file that can't be read counts as none; one of a newer program is left
// alone.
func CountPowerUp(disk durable.Disk, folder string) (uint32, error) {
	path := filepath.Join(folder, powerFile)
	var p powers
	if text, err := disk.ReadFile(path); err == nil {
		err = decodeVersion(text, &p)
		if errors.Is(err, errNewer) {
			return 0, faulty(path, err)
		}
		if err != nil {
			p = powers{}
		}
	}
	p.Version, p.Ups = version, p.Ups+1
	text, err := json.Marshal(p)
	if err != nil {
		return p.Ups, err
	}
	return p.Ups, durable.WriteFile(disk, path, append(text, '\n'))
}

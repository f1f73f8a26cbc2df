package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The reserve is a file that only takes up room. When the disk is full to its last
// byte, whoever filled it, the writer gives the reserve up: so the outcomes of
// messages that are here can still be noted, and contents purged, which makes room.
// New messages wait until there is enough for the reserve again.

const reserveFile = "reserve"

// DefaultReserve is the reserve's size in bytes: some thousands of outcomes.
const DefaultReserve = 8 << 20

// spend gives the reserve up.
func (w *writer) spend() {
	if w.s.reserve <= 0 {
		return
	}
	w.s.spent.Store(true)
	err := os.Remove(filepath.Join(w.s.folder, reserveFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.s.log.Warn("the outbox's reserve on the disk can't be given up", "error", err)
	}
}

// restore makes the reserve, where it is missing and there is room for it.
func (w *writer) restore() {
	s := w.s
	if s.reserve <= 0 || !s.spent.Load() {
		return
	}
	if free, err := s.room(); err != nil || free < max(s.minFree, s.reserve)+s.reserve {
		return
	}
	if err := fill(filepath.Join(s.folder, reserveFile), s.reserve); err != nil {
		s.log.Warn("there is no room for the outbox's reserve on the disk", "error", err)
		_ = os.Remove(filepath.Join(s.folder, reserveFile))
		return
	}
	s.spent.Store(false)
}

// fill makes a file of a size. It needn't be flushed: it is made again where it is
// missing.
func fill(path string, size int64) (err error) {
	if info, err := os.Stat(path); err == nil && info.Size() == size {
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	page := make([]byte, 64<<10)
	for i := range page {
		page[i] = byte(i * i >> 8) // a disk that compresses must keep room for it too
	}
	for left := size; left > 0; left -= int64(len(page)) {
		if _, err := f.Write(page[:min(left, int64(len(page)))]); err != nil {
			return fmt.Errorf("filling it: %w", err)
		}
	}
	return nil
}

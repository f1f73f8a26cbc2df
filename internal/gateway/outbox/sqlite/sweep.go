package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// sweep cleans up after a service that ended in the middle of something: it frees its
// leases, removes files that no message has, and counts what should be there and
// isn't.
func (s *Store) sweep(found *Found) error {
	freed, err := s.w.free()
	if err != nil {
		return err
	}
	found.Live, found.Freed = s.Stats().Live, int(freed)
	named, err := s.w.files()
	if err != nil {
		return err
	}
	for _, folder := range []string{spoolFolder, contentFolder} {
		entries, err := os.ReadDir(filepath.Join(s.folder, folder))
		if err != nil {
			return err
		}
		for _, entry := range entries {
			if folder == contentFolder && named[entry.Name()] {
				delete(named, entry.Name())
				continue
			}
			found.Leftover++
			if err := s.disk.Remove(filepath.Join(s.folder, folder, entry.Name())); err != nil {
				return err
			}
		}
	}
	found.Missing = len(named)
	return nil
}

// files are the files that contents are in.
func (w *writer) files() (named map[string]bool, err error) {
	rows, err := w.conn.QueryContext(context.Background(), "SELECT file FROM contents INDEXED BY contents_file WHERE file IS NOT NULL")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	named = map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		named[name] = true
	}
	return named, rows.Err()
}

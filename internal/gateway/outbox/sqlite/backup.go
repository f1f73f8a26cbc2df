package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rungmail/rungmail/internal/durable"
)

// Backup makes a copy of the store in a folder that is new or empty, as it was at one
// moment, while it goes on working. When it returns nil the copy is flushed, and Open
// opens it. Contents that are files are linked where the disk allows it, since they
// never change.
func (s *Store) Backup(ctx context.Context, dir string) error {
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	end() // it uses connections of its own, and Close needn't wait for it
	if err := s.backup(ctx, dir); err != nil {
		return fmt.Errorf("copying the outbox to %s: %w", dir, err)
	}
	return nil
}

func (s *Store) backup(ctx context.Context, dir string) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return errors.New("the folder isn't empty: name a new one")
	}
	if err := (durable.OS{}).MkdirAll(filepath.Join(dir, contentFolder)); err != nil {
		return err
	}
	s.keepFiles()
	defer s.letFilesGo()
	names, err := s.copyDatabase(ctx, filepath.Join(dir, databaseFile))
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		from := filepath.Join(s.folder, contentFolder, name)
		if err := linkOrCopy(from, filepath.Join(dir, contentFolder, name)); err != nil {
			return err
		}
	}
	return durable.OS{}.SyncDir(filepath.Join(dir, contentFolder))
}

// copyDatabase copies the database, over a connection of its own since it takes long,
// and lists the files that the copy names.
func (s *Store) copyDatabase(ctx context.Context, path string) (names []string, err error) {
	db, err := sql.Open("sqlite", dsn(filepath.Join(s.folder, databaseFile)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := vacuumInto(ctx, conn, path); err != nil {
		return nil, err
	}
	return filesOf(ctx, path)
}

// filesOf lists the files that a copy names.
func filesOf(ctx context.Context, path string) (names []string, err error) {
	db, err := sql.Open("sqlite", dsn(path)+"&mode=ro")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, "SELECT file FROM contents WHERE file IS NOT NULL")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// keepFiles keeps the files of contents until letFilesGo, whatever is purged.
func (s *Store) keepFiles() {
	s.unlinking.Lock()
	defer s.unlinking.Unlock()
	s.backups++
}

func (s *Store) letFilesGo() {
	s.unlinking.Lock()
	s.backups--
	var names []string
	if s.backups == 0 {
		names, s.unlinked = s.unlinked, nil
	}
	s.unlinking.Unlock()
	for _, name := range names {
		s.unlink(name)
	}
}

// linkOrCopy gives a file a second name, or copies it, flushed. A file that is
// missing here is missing there too.
func linkOrCopy(from, to string) (err error) {
	if err = os.Link(from, to); err == nil || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// Package durable writes small files so that they survive a power failure: a
// reader finds the old contents or the new, whole. Durable means that the file
// and its directory are flushed before the yes; a flush that failed is reported
// and never tried again.
package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// File is what is written to.
type File interface {
	io.Writer
	// Sync flushes what was written.
	Sync() error
	// Close closes the file, without flushing it.
	Close() error
}

// Disk is the file system, so that tests can make it fail.
type Disk interface {
	// Create makes an empty file that only its owner can read.
	Create(path string) (File, error)
	// Rename gives a file another name, in the place of what had it.
	Rename(from, to string) error
	// Remove removes a file; the error is fs.ErrNotExist where there is none.
	Remove(path string) error
	// SyncDir flushes a directory: the names in it.
	SyncDir(path string) error
	// ReadFile reads a file; the error is fs.ErrNotExist where there is none.
	ReadFile(path string) ([]byte, error)
	// MkdirAll makes a folder that only its owner can enter, and those above it,
	// durably; one that is there stays as it is.
	MkdirAll(path string) error
}

// WriteFile puts data in the place of a file: a new file beside it, flushed,
// renamed over it, and the directory flushed. On an error before the rename the
// old contents stand; on one after it, either may.
func WriteFile(disk Disk, path string, data []byte) error {
	beside := path + ".new"
	if err := fill(disk, beside, data); err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", filepath.Base(path), err), gone(disk.Remove(beside)))
	}
	if err := disk.Rename(beside, path); err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", filepath.Base(path), err), gone(disk.Remove(beside)))
	}
	if err := disk.SyncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("flushing the folder of %s: %w", filepath.Base(path), err)
	}
	return nil
}

func fill(disk Disk, path string, data []byte) (err error) {
	f, err := disk.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}

func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// OS is the disk of the machine.
type OS struct{}

var _ Disk = OS{}

// Create makes an empty file with mode 0600, also where one of another mode was
// left behind.
func (OS) Create(path string) (File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(0o600); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Rename renames a file.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove removes a file.
func (OS) Remove(path string) error { return os.Remove(path) }

// ReadFile reads a file.
func (OS) ReadFile(path string) ([]byte, error) { return os.ReadFile(path) }

// MkdirAll makes a folder, and those above it, with mode 0700; each new name is
// flushed too, or a power failure could take the folder with the files in it.
func (d OS) MkdirAll(path string) error {
	path = filepath.Clean(path)
	if _, err := os.Stat(path); err == nil || filepath.Dir(path) == path {
		return os.MkdirAll(path, 0o700) // nothing to make, or its complaint
	}
	if err := d.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return d.SyncDir(filepath.Dir(path))
}

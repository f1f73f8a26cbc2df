//go:build !windows

package durable

import (
	"errors"
	"os"
)

// SyncDir flushes a directory.
func (OS) SyncDir(path string) (err error) {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}

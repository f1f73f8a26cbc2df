package durable

import (
	"bytes"
	"io/fs"
	"sync"
)

// Memory is a disk that keeps its files in memory and forgets them with itself.
// The zero value is empty.
type Memory struct {
	mu    sync.Mutex
	files map[string][]byte
}

var _ Disk = (*Memory)(nil)

type memoryFile struct {
	bytes.Buffer
	disk *Memory
	path string
}

// Sync keeps what was written.
func (f *memoryFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.disk.files[f.path] = bytes.Clone(f.Bytes())
	return nil
}

// Close closes the file.
func (f *memoryFile) Close() error { return f.Sync() }

// Create makes an empty file.
func (m *Memory) Create(path string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files == nil {
		m.files = map[string][]byte{}
	}
	m.files[path] = nil
	return &memoryFile{disk: m, path: path}, nil
}

// Rename renames a file.
func (m *Memory) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, ok := m.files[from]
	if !ok {
		return fs.ErrNotExist
	}
	delete(m.files, from)
	m.files[to] = text
	return nil
}

// Remove removes a file.
func (m *Memory) Remove(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.files[path]; !ok {
		return fs.ErrNotExist
	}
	delete(m.files, path)
	return nil
}

// ReadFile reads a file.
func (m *Memory) ReadFile(path string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, ok := m.files[path]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return bytes.Clone(text), nil
}

// MkdirAll does nothing: there are no folders.
func (*Memory) MkdirAll(string) error { return nil }

// SyncDir does nothing.
func (*Memory) SyncDir(string) error { return nil }

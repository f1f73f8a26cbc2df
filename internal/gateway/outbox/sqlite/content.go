package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// content is a text on its way in: in memory while it is small, and else in a file,
// which takes its place before the row does that names it.
type content struct {
	s    *Store
	hash hash.Hash
	size int64
	err  error // the first of a write: the content is worth nothing from then on

	text  []byte
	spool durable.File
	name  string // of the file, in either folder
	path  string // where the file is now; empty where there is none to discard
}

var errSpent = errors.New("the content was put or discarded already")

// NewContent begins a content.
func (s *Store) NewContent() (outbox.Content, error) {
	end, err := s.begin(context.Background())
	if err != nil {
		return nil, err
	}
	defer end()
	if err := s.space(); err != nil {
		return nil, err
	}
	return &content{s: s, hash: sha256.New()}, nil
}

// space tells whether a new message may come in. A disk that doesn't say what is free
// isn't full.
func (s *Store) space() error {
	if s.failed.Load() != nil {
		return s.Failed()
	}
	if s.spent.Load() {
		return fmt.Errorf("%w: new messages wait until there is room again", outbox.ErrFull)
	}
	if s.minFree < 0 {
		return nil
	}
	if free, err := s.room(); err == nil && free < s.minFree {
		return fmt.Errorf("%w: only %d bytes are free", outbox.ErrFull, free)
	}
	return nil
}

// Size is how much was written.
func (c *content) Size() int64 { return c.size }

// Sum is its SHA-256.
func (c *content) Sum() (sum [32]byte) {
	c.hash.Sum(sum[:0])
	return sum
}

// Write adds to it. A full disk is ErrFull.
func (c *content) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if c.spool == nil && c.size+int64(len(p)) > outbox.SpoolOver {
		c.err = c.begin()
	}
	if c.err == nil && c.spool != nil {
		_, err := c.spool.Write(p)
		c.err = c.s.fault("writing a content", err)
	}
	if c.err != nil {
		return 0, c.err
	}
	if c.spool == nil {
		c.text = append(c.text, p...)
	}
	c.size += int64(len(p))
	return c.hash.Write(p)
}

// begin moves what there is into a file.
func (c *content) begin() (err error) {
	c.name = uuid.NewString()
	c.path = filepath.Join(c.s.folder, spoolFolder, c.name)
	if c.spool, err = c.s.disk.Create(c.path); err != nil {
		c.path = ""
		if noSpace(err) {
			return fmt.Errorf("%w: %w", outbox.ErrFull, err)
		}
		return fmt.Errorf("beginning a content: %w", err) // too many open files, say: nothing is lost
	}
	_, err = c.spool.Write(c.text)
	c.text = nil
	return c.s.fault("writing a content", err)
}

// fault is an error of the disk: a full one refuses this content, and any other fails
// the store.
func (s *Store) fault(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case noSpace(err):
		return fmt.Errorf("%w: %s: %w", outbox.ErrFull, what, err)
	}
	return s.fail(fmt.Errorf("%s: %w", what, err))
}

// settle brings a file to its place, flushed, name and all; it does so once.
func (c *content) settle() error {
	if c.err != nil || c.spool == nil {
		return c.err
	}
	at := filepath.Join(c.s.folder, contentFolder, c.name)
	if c.path == at {
		return nil
	}
	if err := errors.Join(c.spool.Sync(), c.spool.Close()); err != nil {
		return c.lost("flushing a content", err)
	}
	if err := c.s.disk.Rename(c.path, at); err != nil {
		return c.lost("renaming a content", err)
	}
	c.path = at
	if err := c.s.disk.SyncDir(filepath.Dir(at)); err != nil {
		return c.lost("flushing the folder of contents", err)
	}
	return nil
}

func (c *content) lost(what string, err error) error {
	c.err = c.s.fault(what, err)
	return c.err
}

// file is what its row has as its file.
func (c *content) file() any {
	if c.spool == nil {
		return nil
	}
	return c.name
}

// body is what its row has as its text.
func (c *content) body() any {
	if c.spool != nil {
		return nil
	}
	if c.text == nil {
		return []byte{} // an empty text is one
	}
	return c.text
}

// given hands it over to the store.
func (c *content) given() {
	c.path, c.text = "", nil
	if c.err == nil {
		c.err = errSpent
	}
}

// Discard drops it.
func (c *content) Discard() {
	path := c.path
	if c.spool != nil && path != "" {
		_ = c.spool.Close() // again, where it was settled
		_ = c.s.disk.Remove(path)
	}
	c.given()
}

// Content reads a message's content, whose checksum has been verified.
func (s *Store) Content(ctx context.Context, id outbox.ID) (io.ReadCloser, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	var size int64
	var want, body []byte
	var file sql.NullString
	err = s.read.content.row(string(id)).Scan(&size, &want, &file, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, outbox.ErrNotFound
	}
	if err != nil {
		return nil, s.judge(err)
	}
	if file.Valid {
		return s.openFile(ctx, file.String, size, want)
	}
	if got := sha256.Sum256(body); !bytes.Equal(got[:], want) {
		return nil, fmt.Errorf("%w: its checksum is another", outbox.ErrCorrupt)
	}
	return io.NopCloser(bytes.NewReader(body)), nil
}

// openFile reads a file through, and opens it if it is what it should be.
func (s *Store) openFile(ctx context.Context, name string, size int64, want []byte) (io.ReadCloser, error) {
	f, err := os.Open(filepath.Join(s.folder, contentFolder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", outbox.ErrCorrupt, err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a content: %w", err)
	}
	h := sha256.New()
	n, err := io.Copy(h, whole{ctx, f})
	if err == nil && (n != size || !bytes.Equal(h.Sum(nil), want)) {
		err = errors.New("its checksum is another")
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err == nil {
		return f, nil
	}
	_ = f.Close()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, fmt.Errorf("%w: %w", outbox.ErrCorrupt, err)
}

// whole reads as long as the context allows.
type whole struct {
	ctx context.Context
	io.Reader
}

func (r whole) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// unlink removes a file that no row names any more, once no backup needs it. One that
// can't be removed is swept away by the next Open.
func (s *Store) unlink(name string) {
	s.unlinking.Lock()
	defer s.unlinking.Unlock()
	if s.backups > 0 {
		s.unlinked = append(s.unlinked, name)
		return
	}
	if err := s.disk.Remove(filepath.Join(s.folder, contentFolder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.log.Warn("a content that nobody needs can't be removed", "error", err)
	}
}

package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"hash"
	"io"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// content is a text on its way in. It isn't safe for use by several goroutines.
type content struct {
	text []byte
	sum  hash.Hash
	gone bool // put or discarded
}

var _ outbox.Content = (*content)(nil)

// NewContent begins a content.
func (s *Store) NewContent() (outbox.Content, error) {
	if err := s.begin(context.Background(), NewContent, ""); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return nil, s.over
	}
	return &content{sum: sha256.New()}, nil
}

// Write takes a piece of the text.
func (c *content) Write(p []byte) (int, error) {
	c.text = append(c.text, p...)
	return c.sum.Write(p)
}

// Size is how much was written.
func (c *content) Size() int64 { return int64(len(c.text)) }

// Sum is its SHA-256.
func (c *content) Sum() [32]byte { return [32]byte(c.sum.Sum(nil)) }

// Discard drops the text, unless it was put.
func (c *content) Discard() {
	if !c.gone {
		c.text, c.gone = nil, true
	}
}

// Content reads a message's content.
func (s *Store) Content(ctx context.Context, id outbox.ID) (io.ReadCloser, error) {
	if err := s.begin(ctx, Content, id); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(id)
	switch {
	case err != nil:
		return nil, err
	case !r.kept:
		return nil, outbox.ErrNotFound
	case sha256.Sum256(r.content) != r.record.Sum:
		return nil, outbox.ErrCorrupt
	}
	return io.NopCloser(bytes.NewReader(r.content)), nil
}

package viewer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

const (
	readAtOnce  = 32 << 10
	pollEvery   = 250 * time.Millisecond
	pollsToIdle = 4 // without a change, after which a last line without an end counts as one
)

// Stream is a trace that is read once, such as standard input.
type Stream struct {
	name   string
	chunks chan chunk
	done   chan struct{}
	ended  error
}

type chunk struct {
	entries []Entry
	err     error
}

var _ Source = (*Stream)(nil)

// NewStream reads lines from r. Its goroutine ends with r, or behind Close as soon
// as a read that is under way comes back.
func NewStream(name string, r io.Reader) *Stream {
	s := &Stream{name: name, chunks: make(chan chunk), done: make(chan struct{})}
	go s.read(r)
	return s
}

func (s *Stream) read(r io.Reader) {
	var split splitter
	buffer := make([]byte, readAtOnce)
	for err := error(nil); err == nil; {
		var n int
		n, err = r.Read(buffer)
		entries := split.feed(buffer[:n])
		if err != nil {
			entries = append(entries, split.rest()...)
		}
		select {
		case s.chunks <- chunk{entries, err}:
		case <-s.done:
			return
		}
	}
}

// Name is what is read.
func (s *Stream) Name() string { return "Reading " + s.name }

// Next waits for lines.
func (s *Stream) Next(ctx context.Context) ([]Entry, error) {
	if s.ended != nil {
		return nil, s.ended
	}
	select {
	case c := <-s.chunks:
		s.ended = c.err
		if len(c.entries) > 0 {
			return c.entries, nil
		}
		return nil, c.err
	case <-s.done:
		return nil, io.EOF
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Send can't.
func (s *Stream) Send(string) error { return ErrNoModule }

// Close ends the stream. It is called once, by whoever calls Next.
func (s *Stream) Close() error {
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	return nil
}

// File is a log file that is followed as it grows. It is noticed when the file is
// cut short or replaced, and read from its beginning then.
type File struct {
	path  string
	file  *os.File
	at    int64
	split splitter
	idle  int
}

var _ Source = (*File)(nil)

// Follow opens a log file.
func Follow(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("no log to follow: %w", err)
	}
	return &File{path: path, file: file}, nil
}

// Name is what is followed.
func (f *File) Name() string { return "Following " + Parse(f.path).Text }

// Next waits for lines.
func (f *File) Next(ctx context.Context) ([]Entry, error) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
		}
		entries, err := f.poll()
		if len(entries) > 0 || err != nil {
			return entries, err
		}
		timer.Reset(pollEvery)
	}
}

// poll reads what is new: one piece of it, or all that there is.
func (f *File) poll() ([]Entry, error) {
	buffer := make([]byte, readAtOnce)
	for {
		n, err := f.file.ReadAt(buffer, f.at)
		f.at += int64(n)
		entries := f.split.feed(buffer[:n])
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return entries, fmt.Errorf("following %s: %w", f.path, err)
		case len(entries) > 0:
			f.idle = 0
			return entries, nil
		case n > 0:
			f.idle = 0
			continue
		}
		return f.atEnd()
	}
}

// atEnd looks whether the file is still the one that is read.
func (f *File) atEnd() ([]Entry, error) {
	mine, err := f.file.Stat()
	if err != nil {
		return nil, fmt.Errorf("following %s: %w", f.path, err)
	}
	if mine.Size() < f.at {
		entries := append(f.split.rest(), Entry{Text: "(the file was cut short: it is read from its beginning)"})
		f.at, f.idle = 0, 0
		return entries, nil
	}
	if named, err := os.Stat(f.path); err == nil && !os.SameFile(mine, named) {
		if file, err := os.Open(f.path); err == nil {
			_ = f.file.Close()
			f.file, f.at, f.idle = file, 0, 0
			return append(f.split.rest(), Entry{Text: "(there is a new file of this name: it is read from its beginning)"}), nil
		}
	}
	if f.idle++; f.idle >= pollsToIdle {
		return f.split.rest(), nil
	}
	return nil, nil
}

// Send can't.
func (f *File) Send(string) error { return ErrNoModule }

// Close closes the file; a Next that waits ends at its next look.
func (f *File) Close() error { return f.file.Close() }

// splitter makes entries of bytes that come in pieces. A line that grows over
// MaxText is taken as it is.
type splitter struct{ part []byte }

func (s *splitter) feed(data []byte) []Entry {
	var entries []Entry
	for {
		line, rest, found := bytes.Cut(data, []byte("\n"))
		if !found {
			break
		}
		entries = append(entries, s.end(line)...)
		data = rest
	}
	s.part = append(s.part, data...)
	if len(s.part) > MaxText {
		entries = append(entries, s.rest()...)
	}
	return entries
}

// end is the line that ends here; a blank one is none.
func (s *splitter) end(line []byte) []Entry {
	e := Parse(string(append(s.part, line...)))
	s.part = s.part[:0]
	if e == (Entry{}) {
		return nil
	}
	return []Entry{e}
}

// rest is what has no end yet, as a line.
func (s *splitter) rest() []Entry { return s.end(nil) }

package message

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf8"
)

// Body watches a body pass by. The zero Body is ready; it takes text in pieces of any
// size.
type Body struct {
	EightBit bool  // it has 8-bit bytes
	NUL      bool  // it has NULs
	LongLine bool  // it has a line over MaxLine
	Size     int64 // in bytes

	line int // bytes of the line so far
	cr   bool
}

// Write notes what a piece of the body holds. It never fails.
func (b *Body) Write(p []byte) (int, error) {
	b.see(p)
	return len(p), nil
}

func (b *Body) see(p []byte) {
	b.Size += int64(len(p))
	b.EightBit = b.EightBit || has8Bit(p)
	b.NUL = b.NUL || bytes.IndexByte(p, 0) >= 0
	for !b.LongLine {
		end := bytes.IndexByte(p, '\n')
		part := p
		if end >= 0 {
			part = p[:end]
		}
		if len(part) > 0 {
			b.line += len(part)
			b.cr = part[len(part)-1] == '\r'
		}
		if b.line > MaxLine+1 || b.line > MaxLine && !b.cr {
			b.LongLine = true
		}
		if end < 0 {
			break
		}
		b.line, b.cr = 0, false
		p = p[end+1:]
	}
}

// Unfit tells that no server may be given the body as it is (RFC 5322 section 2.1.1,
// RFC 6152 section 3): it needs To7Bit whatever the server offers.
func (b *Body) Unfit() bool { return b.NUL || b.LongLine }

// has8Bit looks for 8-bit bytes, eight bytes at a time.
func has8Bit(p []byte) bool {
	const high = 0x8080808080808080
	for len(p) >= 8 {
		if binary.LittleEndian.Uint64(p)&high != 0 {
			return true
		}
		p = p[8:]
	}
	return is8Bit(p)
}

// hold is how much of a body a Writer looks at before it writes the header, in bytes:
// all of most messages.
const hold = 32 << 10

// Writer writes a message whose header it mends. It keeps up to 32 KiB of the body
// back, to see whether the header must declare 8-bit text and of which charset; 8-bit
// bytes further behind find only To7Bit.
type Writer struct {
	dst    io.Writer
	header []byte
	o      Options
	mended []byte
	info   Info
	body   Body
	held   []byte
	open   bool // the header is written
}

// NewWriter mends a header and waits for the body. Info can be asked at once, so that
// a refusal need not wait for it. The header must stay as it is until Close.
func NewWriter(dst io.Writer, header []byte, o Options) *Writer {
	w := &Writer{dst: dst, header: header, o: o}
	w.mended, w.info = Repair(header, o)
	w.held = append(w.held, w.info.Lead...)
	w.body.see(w.info.Lead)
	return w
}

// Info is what was found in the header. After Close it has all repairs.
func (w *Writer) Info() Info { return w.info }

// Body is what was seen of the body so far.
func (w *Writer) Body() Body { return w.body }

// Write takes a piece of the body.
func (w *Writer) Write(p []byte) (int, error) {
	w.body.see(p)
	if w.open {
		return w.dst.Write(p)
	}
	w.held = append(w.held, p...)
	if len(w.held) < hold {
		return len(p), nil
	}
	return len(p), w.start()
}

// Close writes what was kept back. It doesn't close what it writes to.
func (w *Writer) Close() error {
	if w.open {
		return nil
	}
	return w.start()
}

// start writes the header and what was held of the body, in one write.
func (w *Writer) start() error {
	w.open = true
	if w.body.EightBit && w.o.BodyCharset == "" {
		w.o.BodyCharset = w.guess()
		w.mended, w.info = Repair(w.header, w.o)
	}
	_, err := w.dst.Write(append(w.mended, w.held...))
	w.mended, w.held = nil, nil
	return err
}

// guess is the charset of the held text.
func (w *Writer) guess() string {
	return guessCharset(w.held, len(w.held) >= hold, w.o.Charset)
}

// guessCharset takes text for UTF-8 where it is. Of a text that was cut the last
// character may be incomplete.
func guessCharset(text []byte, cut bool, other string) string {
	for i := len(text) - 1; cut && i >= 0 && i >= len(text)-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				text = text[:i]
			}
			break
		}
	}
	if utf8.Valid(text) {
		return "utf-8"
	}
	if _, ok := findCharset(other); !ok || other == "" {
		return "windows-1252"
	}
	return other
}

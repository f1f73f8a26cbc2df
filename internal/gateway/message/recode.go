package message

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"

	"golang.org/x/text/encoding/charmap"
)

// Bounds of a re-encoding.
const (
	maxDepth    = 20        // multiparts within multiparts
	maxBoundary = 200       // bytes; RFC 2046 allows 70
	maxHeader   = 256 << 10 // bytes of a part's header
	peekMax     = 64 << 10  // how much of a part is looked at before its encoding is chosen
	lineBuffer  = 32 << 10
)

// To7Bit gives a message, whose lines end with CRLF, as a server without 8BITMIME and
// SMTPUTF8 takes it, as it is read: ASCII, no NUL, no line over MaxLine. Text becomes
// quoted-printable and other parts base64, each by itself, and header fields become
// encoded words; what is 7-bit already stays byte for byte. A message that isn't what
// its header says becomes one quoted-printable text; it never fails but as its source
// does.
//
// A signature over a part that had to be changed no longer fits.
func To7Bit(src io.Reader) io.Reader {
	r := &recoder{src: bufio.NewReaderSize(src, lineBuffer), heading: true, message: true}
	r.crlf = [2]byte{'\r', '\n'}
	r.passOn(asText)
	return r
}

// Downgrade gives a header as a server without SMTPUTF8 takes it: ASCII, no line over
// MaxLine. A header that is so already comes back as it is.
func Downgrade(header []byte) []byte {
	out := make([]byte, 0, len(header)+64)
	n := 0
	for _, f := range Split(header) {
		out = appendASCII(out, f)
		n += len(f.Raw)
	}
	return append(out, header[n:]...)
}

// appendASCII appends a field as it is, or in ASCII.
func appendASCII(dst []byte, f Field) []byte {
	fit, eight := fits(f)
	if fit && !eight {
		return append(dst, f.Raw...)
	}
	value := unfold(f.value())
	switch {
	case f.Name != "":
		return appendField(dst, f.Name, asciiValue(f.Name, value, charmap.Windows1252))
	case len(value) == 0: // an empty line would end the header
		return dst
	}
	dst = appendWord(dst, []byte(questionMarks(string(value))))
	return append(dst, '\r', '\n')
}

// recoder is one To7Bit under way: a walk over lines, with the boundaries that it is in.
type recoder struct {
	src *bufio.Reader
	out []byte // made, and not yet read
	off int
	err error

	stack   [][]byte // "--" and the boundary, of each multipart around
	heading bool     // a header is being read,
	message bool     // of a message and not of a part
	header  []byte
	crlf    [2]byte
	eol     []byte // a line end that may belong to the boundary behind it, in crlf
	mid     bool   // within a line longer than the buffer

	part entity // whose body is being read
	pass passer
	enc  io.WriteCloser // encodes the body; nil where pass writes it
	peek *peek          // a body whose encoding isn't chosen yet; else nil
}

// peek is the beginning of a body whose encoding isn't chosen yet.
type peek struct {
	fields []Field
	held   []byte
	body   Body
	stray  bool // it has a stray CR
}

// dirty tells that the body can't stay as it is.
func (p *peek) dirty() bool { return p.stray || p.body.EightBit || p.body.Unfit() }

// Read makes as much as is asked for.
func (r *recoder) Read(p []byte) (int, error) {
	for r.off == len(r.out) && len(p) > 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.out, r.off = r.out[:0], 0
		r.step()
	}
	n := copy(p, r.out[r.off:])
	r.off += n
	return n, nil
}

// step takes one line, or a piece of a long one.
func (r *recoder) step() {
	chunk, err := r.src.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		err = nil
		if chunk[len(chunk)-1] == '\r' && r.src.UnreadByte() == nil { // its LF is still to come
			chunk = chunk[:len(chunk)-1]
		}
	}
	if len(chunk) > 0 {
		r.take(chunk)
	}
	if errors.Is(err, io.EOF) {
		r.finish()
	}
	r.err = err
}

func (r *recoder) take(chunk []byte) {
	start := !r.mid
	r.mid = chunk[len(chunk)-1] != '\n'
	if start && bytes.HasPrefix(chunk, []byte("--")) {
		if depth, last := r.delimiter(chunk); depth >= 0 {
			r.boundary(chunk, depth, last)
			return
		}
	}
	switch {
	case !r.heading:
		r.text(chunk)
	case start && emptyLine(chunk) > 0:
		r.open(true)
	default:
		r.header = append(r.header, chunk...)
		if len(r.header) > maxHeader {
			r.open(true)
		}
	}
}

// delimiter finds the multipart whose boundary a line is, the innermost first; depth
// is -1 where there is none. Last is its closing one.
func (r *recoder) delimiter(line []byte) (depth int, last bool) {
	line = bytes.TrimRight(trimEOL(line), " \t")
	for i, d := range slices.Backward(r.stack) {
		if rest, ok := bytes.CutPrefix(line, d); ok && (len(rest) == 0 || string(rest) == "--") {
			return i, len(rest) > 0
		}
	}
	return -1, false
}

// boundary ends the part before it, and begins the next or what comes after the last.
func (r *recoder) boundary(line []byte, depth int, last bool) {
	r.end()
	r.out = append(r.out, r.stack[depth]...)
	if last {
		r.out = append(r.out, "--"...)
	}
	if line[len(line)-1] == '\n' {
		r.out = append(r.out, '\r', '\n')
	}
	r.stack = r.stack[:depth+1]
	if last {
		r.stack = r.stack[:depth]
	}
	r.heading, r.message = !last, false
	r.passOn(asText)
}

// finish ends the message. A line end before that is the text's own.
func (r *recoder) finish() {
	if r.eol != nil && !r.heading {
		r.body(r.eol)
		r.eol = nil
	}
	r.end()
}

// end ends the part under way, its header included where nothing else came.
func (r *recoder) end() {
	if r.heading && len(r.header) > 0 {
		r.open(false)
	}
	if r.peek != nil {
		r.choose(true)
	}
	if r.enc != nil {
		r.enc.Close() //nolint:errcheck // it writes into memory
		r.enc = nil
	}
	if r.eol != nil {
		r.out = append(r.out, '\r', '\n')
		r.eol = nil
	}
}

// passOn lets the body through, mended as its encoding allows.
func (r *recoder) passOn(kind encoding) {
	r.pass = passer{out: &r.out, kind: kind}
}

// text takes a piece of a body. A line end waits until it is known that no boundary
// follows.
func (r *recoder) text(chunk []byte) {
	if r.eol != nil {
		r.body(r.eol)
		r.eol = nil
	}
	line := chunk
	if !r.mid {
		line = trimEOL(chunk)
		r.eol = r.crlf[2-(len(chunk)-len(line)):]
	}
	r.body(line)
}

// body takes a line end, or text without one.
func (r *recoder) body(b []byte) {
	switch {
	case r.peek != nil:
		r.peek.held = append(r.peek.held, b...)
		r.peek.body.see(b)
		r.peek.stray = r.peek.stray || !isEOL(b) && bytes.IndexByte(b, '\r') >= 0 || len(b) == 1 && b[0] == '\n'
		if len(r.peek.held) > peekMax || r.peek.dirty() {
			r.choose(false)
		}
	case r.enc != nil:
		r.enc.Write(b) //nolint:errcheck // it writes into memory
	default:
		r.pass.write(b)
	}
}

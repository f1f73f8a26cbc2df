package message

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// open takes the header that was read, and chooses what becomes of the body; blank
// tells that an empty line ended it.
func (r *recoder) open(blank bool) {
	fields := Split(r.header)
	r.header = nil
	r.heading = false
	r.part = declared(fields, charmap.Windows1252)
	boundary := r.part.params["boundary"]
	switch {
	case !r.part.identity():
		r.passOn(encodingOf(r.part.encoding))
	case r.part.multipart() && goodBoundary(boundary) && len(r.stack) < maxDepth:
		r.stack = append(r.stack, []byte("--"+boundary))
		r.passOn(asText)
	case r.part.media == "message/rfc822":
		r.writeHeader(fields, "", blank)
		r.heading, r.message = true, true
		return
	default:
		r.peek = &peek{fields: fields}
		if !blank {
			r.choose(true)
		}
		return
	}
	r.writeHeader(fields, "", blank)
}

// goodBoundary tells whether a boundary can be looked for, and written in ASCII.
func goodBoundary(b string) bool {
	return b != "" && len(b) <= maxBoundary && strings.Trim(b, " \t\r\n\x00") == b && !is8Bit(b) && !strings.ContainsAny(b, "\r\n\x00")
}

// choose ends the look at a body: it stays as it is where it is whole and 7-bit, and
// is encoded where it isn't, or is too long to be sure.
func (r *recoder) choose(whole bool) {
	p := r.peek
	r.peek = nil
	if whole && !p.dirty() {
		r.writeHeader(p.fields, "", true)
		r.passOn(asText)
		r.out = append(r.out, p.held...)
		return
	}
	if !r.part.typed || r.part.multipart() {
		p.fields = r.retype(p, whole)
		r.part.media = "text/plain"
	}
	name := r.part.fitting()
	r.writeHeader(p.fields, name, true)
	r.enc = newEncoder(name, &r.out)
	r.body(p.held)
}

// retype makes plain text of a body that has no type, or one that it isn't.
func (r *recoder) retype(p *peek, whole bool) []Field {
	value := "text/plain"
	if p.body.EightBit {
		value += "; charset=" + guessCharset(p.held, !whole, "")
	}
	fields := make([]Field, 0, len(p.fields)+1)
	for _, f := range p.fields {
		if !f.Is("Content-Type") {
			fields = append(fields, f)
		}
	}
	return append(fields, newField("Content-Type", value))
}

// writeHeader writes a header in ASCII, with the encoding that the body has from now
// on; "" is the one that it had, or 7bit.
func (r *recoder) writeHeader(fields []Field, encoding string, blank bool) {
	version := false
	for _, f := range fields {
		version = version || f.Is("MIME-Version")
		if !f.Is("Content-Transfer-Encoding") {
			r.out = appendASCII(r.out, f)
			continue
		}
		switch value := strings.ToLower(string(unfold(f.value()))); {
		case encoding != "":
		case value == "8bit" || value == "binary":
			r.out = appendField(r.out, f.Name, []byte("7bit"))
		default:
			r.out = appendASCII(r.out, f)
		}
	}
	if r.message && !version && encoding != "" {
		r.out = appendField(r.out, "MIME-Version", []byte("1.0"))
	}
	if encoding != "" {
		r.out = appendField(r.out, "Content-Transfer-Encoding", []byte(encoding))
	}
	if blank {
		r.out = append(r.out, '\r', '\n')
	}
}

func newField(name, value string) Field {
	return Field{Name: name, Raw: appendField(nil, name, []byte(value))}
}

// encoding is how the body that passes is encoded, and so how it can be mended.
type encoding uint8

const (
	asText   encoding = iota // as it is: what can't pass becomes a question mark
	asQuoted                 // quoted-printable: it is quoted
	asBase64                 // base64: it is noise, and goes
)

func encodingOf(name string) encoding {
	switch name {
	case "quoted-printable":
		return asQuoted
	case "base64":
		return asBase64
	}
	return asText
}

// passer passes a body on that should be 7-bit already, and makes sure of it.
type passer struct {
	out   *[]byte
	kind  encoding
	col   int
	since int // bytes since the last "=", for a break can't stand within "=E4"
}

// breakAt is where long lines are broken: room is left for the break.
const breakAt = 900

// write takes a line end, or text without one.
func (p *passer) write(b []byte) {
	switch {
	case isEOL(b):
		*p.out = append(*p.out, '\r', '\n')
		p.col, p.since = 0, 0
	case p.col+len(b) <= MaxLine && !has8Bit(b) && bytes.IndexByte(b, 0) < 0 && bytes.IndexByte(b, '\r') < 0:
		*p.out = append(*p.out, b...)
		p.col += len(b)
		p.since = len(b) // the line is over, or this is a piece longer than a break allows
	default:
		for _, c := range b {
			p.put(c)
		}
	}
}

func (p *passer) put(c byte) {
	if p.col >= breakAt && (p.kind != asQuoted || p.since >= 3 || p.col > MaxLine-8) {
		if p.kind == asQuoted {
			*p.out = append(*p.out, '=')
		}
		*p.out = append(*p.out, '\r', '\n')
		p.col, p.since = 0, 3
	}
	const hex = "0123456789ABCDEF"
	switch {
	case c < 0x80 && c != 0 && c != '\r':
		*p.out = append(*p.out, c)
		p.col++
		p.since++
		if c == '=' {
			p.since = 1
		}
	case p.kind == asQuoted:
		*p.out = append(*p.out, '=', hex[c>>4], hex[c&15])
		p.col += 3
		p.since = 3
	case p.kind == asText:
		*p.out = append(*p.out, '?')
		p.col++
	}
}

// isEOL tells a line end from text.
func isEOL(b []byte) bool {
	return len(b) == 1 && b[0] == '\n' || len(b) == 2 && b[0] == '\r' && b[1] == '\n'
}

// newEncoder encodes into out.
func newEncoder(name string, out *[]byte) io.WriteCloser {
	if name == "base64" {
		l := &lines{out: out}
		return &base64Writer{WriteCloser: base64.NewEncoder(base64.StdEncoding, l), lines: l}
	}
	return quotedprintable.NewWriter(appender{out})
}

// appender is a Writer into memory.
type appender struct{ out *[]byte }

func (a appender) Write(p []byte) (int, error) {
	*a.out = append(*a.out, p...)
	return len(p), nil
}

// base64Writer ends its last line.
type base64Writer struct {
	io.WriteCloser
	lines *lines
}

func (b *base64Writer) Close() error {
	err := b.WriteCloser.Close()
	if b.lines.col > 0 {
		*b.lines.out = append(*b.lines.out, '\r', '\n')
	}
	return err
}

// lines breaks base64 into lines of 76 (RFC 2045 section 6.8).
type lines struct {
	out *[]byte
	col int
}

func (l *lines) Write(p []byte) (int, error) {
	const width = 76
	n := len(p)
	for len(p) > 0 {
		if l.col == width {
			*l.out = append(*l.out, '\r', '\n')
			l.col = 0
		}
		k := min(width-l.col, len(p))
		*l.out = append(*l.out, p[:k]...)
		l.col += k
		p = p[k:]
	}
	return n, nil
}

package smtpwire

import "bytes"

// DataEncoder writes message text as DATA wants it (RFC 5321 section 4.5.2): CR,
// LF and CRLF each become one CRLF, and a line's first dot is doubled. The zero
// value is ready, and the text may be cut anywhere. Lines aren't folded.
type DataEncoder struct {
	inLine bool // something of a line is written, but not its end
	cr     bool // the last byte was CR: an LF now belongs to it
}

// Append appends the encoded form of src, the next piece of the text, to dst.
func (e *DataEncoder) Append(dst, src []byte) []byte {
	for len(src) > 0 {
		if e.cr && src[0] == '\n' {
			e.cr = false
			src = src[1:]
			continue
		}
		n := runLen(src)
		dst = e.appendRun(dst, src[:n])
		if n == len(src) {
			return dst
		}
		dst = append(dst, '\r', '\n')
		e.inLine, e.cr = false, src[n] == '\r'
		src = src[n+1:]
	}
	return dst
}

// appendRun appends a piece without line ends.
func (e *DataEncoder) appendRun(dst, run []byte) []byte {
	if len(run) == 0 {
		return dst
	}
	if !e.inLine && run[0] == '.' {
		dst = append(dst, '.')
	}
	e.inLine, e.cr = true, false
	return append(dst, run...)
}

// Close appends what ends the message: CRLF if the text doesn't end with one,
// then a dot and CRLF. The encoder is then ready for another message.
func (e *DataEncoder) Close(dst []byte) []byte {
	if e.inLine {
		dst = append(dst, '\r', '\n')
	}
	*e = DataEncoder{}
	return append(dst, '.', '\r', '\n')
}

// DataDecoder reads what follows DATA (RFC 5321 section 4.5.2). The zero value
// is ready, strict and without bound; a message needs a decoder of its own.
//
// Only CRLF.CRLF ends a message, or "." CRLF as the first thing. Any other line
// end in the text is an error, since two servers could disagree on what it ends.
// With Strict.BareLF an LF alone ends a line of the text and is written as CRLF,
// but a dot between two line ends one of which is such an LF is a line of the
// text that holds a dot.
type DataDecoder struct {
	// MaxSize bounds the decoded text, in bytes with its line ends (RFC 1870
	// section 5); 0 is no bound.
	MaxSize int64
	// Strict is the session's. Only BareLF counts here.
	Strict Strictness

	state dataState
	loose bool // the line before ended with LF alone
	size  int64
	big   bool
	err   error
}

// dataState is where in a line the decoder is.
type dataState uint8

const (
	atStart    dataState = iota // of a line
	inText                      // past its first byte
	afterCR                     // a CR, not yet an LF
	afterDot                    // a dot was the first byte
	afterDotCR                  // and then a CR
	ended
)

// Decode appends to dst the text that src, the next bytes received, holds. It
// consumes n bytes of src: all of them, except that those after the end of the
// message are left for the caller, and those from a fault on.
//
// ErrStrayCR and ErrStrayLF stay, and the caller closes the connection: what
// comes then is neither text nor command. ErrTooBig comes with every call once
// the text is over MaxSize; what is over is dropped, but Decode still consumes
// and still finds the end, so that a server can read a message to its end and
// then refuse it.
func (d *DataDecoder) Decode(dst, src []byte) (out []byte, n int, done bool, err error) {
	for n < len(src) && d.err == nil && d.state != ended {
		if d.state == inText {
			run := runLen(src[n:])
			dst = d.write(dst, src[n:n+run])
			n += run
			if n == len(src) {
				break
			}
		}
		dst = d.step(dst, src[n])
		if d.err == nil {
			n++
		}
	}
	return dst, n, d.state == ended, d.fault()
}

func (d *DataDecoder) fault() error {
	if d.err == nil && d.big {
		return ErrTooBig
	}
	return d.err
}

// step takes one byte that may change the state.
func (d *DataDecoder) step(dst []byte, c byte) []byte {
	switch {
	case c == '\n':
		return d.lineFeed(dst)
	case d.state == afterCR || d.state == afterDotCR:
		d.err = ErrStrayCR
	case c == '\r' && d.state == afterDot:
		d.state = afterDotCR
	case c == '\r':
		d.state = afterCR
	case c == '.' && d.state == atStart:
		d.state = afterDot
	default: // after a dot: that one was stuffing
		d.state = inText
		dst = d.write(dst, []byte{c})
	}
	return dst
}

// lineFeed takes an LF: the end of a line, of the message, or a fault.
func (d *DataDecoder) lineFeed(dst []byte) []byte {
	bare := d.state != afterCR && d.state != afterDotCR
	switch {
	case bare && !d.Strict.BareLF:
		d.err = ErrStrayLF
		return dst
	case d.state == afterDotCR && !d.loose:
		d.state = ended
		return dst
	case d.state == afterDotCR || d.state == afterDot: // a dot that ends nothing
		dst = d.write(dst, []byte{'.'})
	}
	d.state, d.loose = atStart, bare
	return d.write(dst, []byte{'\r', '\n'})
}

// write appends text as far as there is room for it.
func (d *DataDecoder) write(dst, text []byte) []byte {
	if room := d.MaxSize - d.size; d.MaxSize > 0 && int64(len(text)) > room {
		d.big = true
		text = text[:room]
	}
	d.size += int64(len(text))
	return append(dst, text...)
}

// runLen is the length of what comes before the first CR or LF. It looks ahead a line's
// length at a time, so that text with one of them alone isn't searched to its end for
// the other again and again.
func runLen(b []byte) int {
	const ahead = 128
	for from := 0; from < len(b); from += ahead {
		w := b[from:min(from+ahead, len(b))]
		lf := bytes.IndexByte(w, '\n')
		if lf >= 0 {
			w = w[:lf]
		}
		if cr := bytes.IndexByte(w, '\r'); cr >= 0 {
			return from + cr
		}
		if lf >= 0 {
			return from + lf
		}
	}
	return len(b)
}

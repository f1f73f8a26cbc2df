package intake

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// incoming is a message's text on its way in.
type incoming struct {
	decoder smtpwire.DataDecoder
	scratch []byte // what was decoded of one piece
	header  []byte
	whole   bool  // the header is, and Begin was called
	size    int64 // decoded
	raw     int64 // received
	began   time.Time
	body    Body         // nil until then, and where the text is dropped
	refusal *reply.Reply // what the final dot gets
}

// data is DATA (RFC 5321 section 4.1.1.4).
func (s *Session) data(arg string) reply.Reply {
	r := say(reply.StartMailInput, "", "go ahead, and end with a dot on a line of its own")
	switch {
	case !s.begun:
		r = say(reply.BadSequence, "5.5.1", "MAIL first")
	case len(s.mail.To) == 0:
		r = say(reply.TransactionFailed, "5.5.1", "no recipient was accepted")
	case arg != "":
		r = say(reply.ParameterSyntax, "5.5.4", "DATA has no parameter")
	default:
		s.phase = inText
		s.text = incoming{
			decoder: smtpwire.DataDecoder{MaxSize: s.maxSize(), Strict: s.parser.Strict},
			scratch: s.text.scratch, began: s.now,
		}
		return r
	}
	// RFC 2920 section 3.1: a client waits after DATA. What stands behind one that is
	// refused may be text, from a client that doesn't.
	if s.Pending() {
		s.shut(OutOfStep)
	}
	return r
}

// receive takes in text, and returns what stands behind its end.
func (s *Session) receive(p []byte) []byte {
	t := &s.text
	out, n, done, err := t.decoder.Decode(t.scratch[:0], p)
	t.scratch = out
	t.raw += int64(n)
	t.size += int64(len(out))
	switch {
	case errors.Is(err, smtpwire.ErrTooBig):
		if t.refusal == nil || t.body != nil {
			s.refuse(say(reply.StorageExceeded, "5.3.4", fmt.Sprintf("over %d bytes", t.decoder.MaxSize)))
		}
		const patience = 1 << 20
		if !done && t.raw > 2*t.decoder.MaxSize+patience {
			s.close(TooBig, *t.refusal)
			return nil
		}
	case err != nil:
		s.close(OutOfStep, say(reply.TransactionFailed, "5.6.0", err.Error()))
		return nil
	default:
		s.keep(out)
	}
	if done {
		s.finish()
	}
	return p[n:]
}

// refuse makes r what the final dot gets, unless something else is already, and drops
// the text.
func (s *Session) refuse(r reply.Reply) {
	t := &s.text
	if t.refusal == nil {
		t.refusal = &r
	}
	if t.body != nil {
		t.body.Discard()
	}
	t.body, t.header, s.mail.Header = nil, nil, nil
}

// keep puts text where it belongs.
func (s *Session) keep(p []byte) {
	t := &s.text
	if t.refusal == nil && !t.whole {
		p = s.keepHeader(p)
	}
	if t.refusal != nil || t.body == nil || len(p) == 0 {
		return
	}
	if _, err := t.body.Write(p); err != nil {
		s.config.Log.Warn("a message can't be stored", "device", s.device.Name, "error", err)
		s.refuse(refusalOf(err))
	}
}

// keepHeader keeps what belongs to the header, and returns what doesn't.
func (s *Session) keepHeader(p []byte) (rest []byte) {
	t := &s.text
	if len(t.header) == 0 { // nearly always it comes whole
		if end := headerEnd(p, 0); 0 <= end && end <= MaxHeader {
			t.header = bytes.Clone(p[:end])
			s.beginBody()
			return p[end:]
		}
	}
	from := max(0, len(t.header)-len("\r\n\r"))
	t.header = append(t.header, p...)
	end := headerEnd(t.header, from)
	switch {
	case end < 0 && len(t.header) > MaxHeader, end > MaxHeader:
		s.refuse(say(reply.StorageExceeded, "5.3.4", fmt.Sprintf("the header is over %d bytes", MaxHeader)))
		return nil
	case end < 0:
		return nil
	}
	rest = t.header[end:]
	t.header = t.header[:end:end]
	s.beginBody()
	return rest
}

// headerEnd is where the body begins: behind the first empty line, looking for it from
// an offset on; -1 where there is none.
func headerEnd(text []byte, from int) int {
	if bytes.HasPrefix(text, []byte("\r\n")) {
		return len("\r\n")
	}
	i := bytes.Index(text[from:], []byte("\r\n\r\n"))
	if i < 0 {
		return -1
	}
	return from + i + len("\r\n\r\n")
}

// beginBody is called when the header is whole.
func (s *Session) beginBody() {
	t := &s.text
	t.whole = true
	s.mail.Header = t.header
	if fault := s.headerFault(); fault != "" {
		s.refuse(say(reply.TransactionFailed, "5.6.0", fault))
		return
	}
	body, err := s.config.Begin(s.mail)
	if err != nil {
		s.config.Log.Warn("a message can't begin", "device", s.device.Name, "error", err)
		s.refuse(refusalOf(err))
		return
	}
	t.body = body
}

// headerFault says what no header may hold, unless the device is forgiven for it.
func (s *Session) headerFault() string {
	if bytes.IndexByte(s.text.header, 0) >= 0 {
		return "NUL in the header"
	}
	if s.mail.UTF8 || s.device.Quirks.EightBit {
		return ""
	}
	for _, c := range s.text.header {
		if c >= 0x80 {
			return "8-bit bytes in the header: the device's eight_bit quirk forgives them"
		}
	}
	return ""
}

// finish is the final dot.
func (s *Session) finish() {
	t := &s.text
	if !t.whole && t.refusal == nil {
		s.beginBody() // there was no empty line
	}
	s.phase = inCommands
	s.trace.text(s.now, t.size)
	if t.refusal != nil {
		r := *t.refusal
		s.forget()
		s.answered(r)
		s.stopBetween()
		return
	}
	s.mail.Size = t.size
	s.next = Take
}

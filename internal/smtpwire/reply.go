package smtpwire

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rungmail/rungmail/reply"
)

// ReplyParser turns bytes, as they come, into replies (RFC 5321 section 4.2).
// The zero value is ready.
//
// It is lenient where old servers need it: a line may end with LF alone, and a
// code may stand without anything after it. It is strict where a mistake would
// cost: three digits from 100 to 999, one code for all lines of a reply, bounded
// lines. After an error it has dropped what it held, and takes nothing more:
// a conversation out of step is never believed again.
type ReplyParser struct {
	in    backlog
	lines []string // of the reply that is being read
	code  int      // of those lines
	used  int      // bytes of in.rest() that those lines took
	seen  int      // bytes after them that are known to hold no LF
	err   error
	bad   string // the line that err is about
}

// Feed takes a copy of what was received. A server that sends more than
// MaxUnread bytes ahead of Next makes it fail with ErrTooMuch.
func (p *ReplyParser) Feed(b []byte) {
	if p.err == nil && !p.in.add(b) {
		p.fail(ErrTooMuch)
	}
}

// Next gives the next whole reply, its text made harmless by Printable; false
// when more bytes are needed. An error stays: ErrLineTooLong, ErrTooManyLines,
// ErrMalformed or ErrTooMuch, wrapped with detail.
func (p *ReplyParser) Next() (reply.Reply, bool, error) {
	for {
		line, ok := p.nextLine()
		if !ok {
			return reply.Reply{}, false, p.err
		}
		last, ok := p.take(line)
		if !ok {
			return reply.Reply{}, false, p.err
		}
		if last {
			return p.finish(), true, nil
		}
	}
}

// Buffered is how many bytes were received that no reply has used yet, those of
// an unfinished reply among them. Where no reply is due, or before a TLS
// handshake, more than 0 means that the server talks out of turn.
func (p *ReplyParser) Buffered() int { return len(p.in.rest()) }

func (p *ReplyParser) fail(err error) { *p = ReplyParser{err: err, bad: p.bad} }

// Bad is the line that made Next fail, made harmless by Printable and cut to
// MaxLine; empty where there was no error or no single line was at fault.
func (p *ReplyParser) Bad() string { return p.bad }

// nextLine gives the next line without its end; false when there is none yet,
// or on an error.
func (p *ReplyParser) nextLine() ([]byte, bool) {
	if p.err != nil {
		return nil, false
	}
	rest := p.in.rest()[p.used:]
	end := bytes.IndexByte(rest[p.seen:], '\n')
	size := p.seen + end + 1
	if end < 0 {
		size = len(rest) + 1 // what it will be at least
	}
	if size > MaxLine {
		p.bad = Printable(string(rest[:min(len(rest), MaxLine)]))
		p.fail(fmt.Errorf("%w: reply line over %d bytes", ErrLineTooLong, MaxLine))
		return nil, false
	}
	if end < 0 {
		p.seen = len(rest)
		return nil, false
	}
	p.used += size
	p.seen = 0
	return bytes.TrimSuffix(rest[:size-1], []byte{'\r'}), true
}

// take adds a line to the reply, and says whether it was the last one; not ok
// on an error.
func (p *ReplyParser) take(line []byte) (last, ok bool) {
	code, last, text, ok := splitReplyLine(line)
	p.bad = Printable(string(line)) // unless it is good
	switch {
	case !ok:
		p.fail(fmt.Errorf("%w: %q", ErrMalformed, excerpt(string(line))))
		return false, false
	case len(p.lines) > 0 && code != p.code:
		p.fail(fmt.Errorf("%w: code %d after %d in one reply", ErrMalformed, code, p.code))
		return false, false
	case len(p.lines) == MaxReplyLines-1 && !last:
		p.fail(fmt.Errorf("%w: over %d", ErrTooManyLines, MaxReplyLines))
		return false, false
	}
	p.code, p.bad = code, ""
	p.lines = append(p.lines, Printable(string(text)))
	return last, true
}

// finish gives the reply whose last line was taken.
func (p *ReplyParser) finish() reply.Reply {
	r := reply.Reply{Code: p.code, Lines: p.lines}
	r.Enhanced = enhancedPrefix(r.Lines[0], r.Class())
	p.in.drop(p.used)
	p.lines, p.code, p.used = nil, 0, 0
	return r
}

// splitReplyLine is Reply-line of RFC 5321 section 4.2: a code, then a blank or
// nothing on the last line and a hyphen on the others.
func splitReplyLine(line []byte) (code int, last bool, text []byte, ok bool) {
	if len(line) < 3 || line[0] == '0' {
		return 0, false, nil, false
	}
	for _, c := range line[:3] {
		if !isDigit(c) {
			return 0, false, nil, false
		}
		code = code*10 + int(c-'0')
	}
	if len(line) == 3 {
		return code, true, nil, true
	}
	sep := line[3]
	return code, sep == ' ', line[4:], sep == ' ' || sep == '-'
}

// enhancedPrefix is the enhanced status code (RFC 3463 section 2) at the
// beginning of text, or "" if there is none or its class isn't the reply's:
// a class of 2, 4 or 5, then two numbers of one to three digits.
func enhancedPrefix(text string, class int) string {
	if class != 2 && class != 4 && class != 5 {
		return ""
	}
	code, _, _ := strings.Cut(text, " ")
	numbers, ok := strings.CutPrefix(code, strconv.Itoa(class)+".")
	subject, detail, _ := strings.Cut(numbers, ".")
	if !ok || !isNumber(subject) || !isNumber(detail) {
		return ""
	}
	return code
}

// isNumber: one to three digits.
func isNumber(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return 1 <= len(s) && len(s) <= 3
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// excerpt is the beginning of what a peer sent, for an error's text.
func excerpt(s string) string {
	const enough = 60
	if len(s) > enough {
		return Printable(s[:enough]) + "..."
	}
	return Printable(s)
}

// AppendReply appends a server's reply to dst, in the multi-line form where
// there are several lines (RFC 5321 section 4.2.1). Text goes through Printable;
// lines are cut to MaxLine, and a reply to MaxReplyLines. An enhanced code in
// r.Enhanced is put before every line that doesn't begin with it (RFC 2034
// section 4), unless it isn't one or its class isn't the code's; replies to HELO
// and EHLO must have none. A code out of 100-999 goes out as 451.
func AppendReply(dst []byte, r reply.Reply) []byte {
	if r.Code < 100 || r.Code > 999 {
		r.Code = 451
	}
	if enhancedPrefix(r.Enhanced, r.Class()) != r.Enhanced {
		r.Enhanced = ""
	}
	lines := r.Lines[:min(len(r.Lines), MaxReplyLines)]
	if len(lines) == 0 {
		lines = []string{""}
	}
	for i, text := range lines {
		sep := byte('-')
		if i == len(lines)-1 {
			sep = ' '
		}
		dst = strconv.AppendInt(dst, int64(r.Code), 10)
		dst = append(dst, sep)
		dst = appendReplyText(dst, r.Enhanced, text)
		dst = append(dst, '\r', '\n')
	}
	return dst
}

// appendReplyText appends what stands between a reply line's separator and its
// end, cut to what a line can hold.
func appendReplyText(dst []byte, enhanced, text string) []byte {
	const room = MaxLine - len("250 ") - len("\r\n")
	start := len(dst)
	if rest, ok := strings.CutPrefix(text, enhanced); enhanced != "" && (!ok || rest != "" && rest[0] != ' ' && rest[0] != '\t') {
		dst = append(dst, enhanced...)
		if text != "" {
			dst = append(dst, ' ')
		}
	}
	dst = appendPrintable(dst, text[:min(len(text), MaxLine)])
	if len(dst)-start <= room {
		return dst
	}
	end := start + room
	for !utf8.RuneStart(dst[end]) {
		end--
	}
	return dst[:end]
}

package smtpwire

import (
	"fmt"
	"strings"
)

// Command is one command line (RFC 5321 section 4.1.1).
type Command struct {
	// Verb is the first word in upper case; empty when the line is empty or
	// begins with a blank. Only ASCII letters are raised, so that no other
	// script's letter can turn into a command.
	Verb string
	// Arg is the rest, without blanks and tabs around it. It may hold any byte
	// but CR, LF and NUL: Printable goes before showing it.
	Arg string
}

// CommandParser turns bytes, as they come, into command lines. The zero value
// is ready and strict.
//
// A line ends with CRLF; with Strict.BareLF also with LF alone. A fault costs
// its line only: it is reported once, as soon as it is seen; the bytes up to the
// end of that line are skipped and never read as a command; then the parser goes
// on. A line that LF alone was meant to end is part of the line that goes on to
// the next CRLF.
//
// Memory is bounded: Feed accepts whatever it is given until MaxUnread bytes
// wait; with more the parser drops everything and fails with ErrTooMuch for
// good.
type CommandParser struct {
	Strict Strictness

	in   backlog
	seen int  // bytes of in.rest() that are scanned
	cr   bool // the last scanned byte was CR
	skip bool // the rest of a faulty line is still to be skipped
	err  error
}

// Feed takes a copy of what was received.
func (p *CommandParser) Feed(b []byte) {
	if p.err == nil && !p.in.add(b) {
		*p = CommandParser{Strict: p.Strict, err: ErrTooMuch}
	}
}

// Next gives the next command; false when more bytes are needed. ErrLineTooLong
// (over MaxLine), ErrStrayCR, ErrStrayLF and ErrNUL are about one line, and Next
// can be called again; ErrTooMuch stays.
func (p *CommandParser) Next() (Command, bool, error) {
	line, ok, err := p.nextLine(MaxLine)
	if !ok {
		return Command{}, false, err
	}
	return splitCommand(string(line)), true, nil
}

// NextLine gives the next line as it is, without its end and up to MaxAuthLine
// long: the client's answers in an AUTH exchange (RFC 4954 section 4) are lines,
// not commands. Otherwise it is like Next.
func (p *CommandParser) NextLine() (string, bool, error) {
	line, ok, err := p.nextLine(MaxAuthLine)
	return string(line), ok, err
}

// Rest is what was received and isn't part of a line that was given, good until
// the next call. Before a TLS handshake it must be empty, or the client put
// commands in front of it (RFC 3207 section 4.2).
func (p *CommandParser) Rest() []byte { return p.in.rest() }

// Take is Rest, handed over: after DATA it is what the DataDecoder gets first.
// What the decoder leaves is fed again.
func (p *CommandParser) Take() []byte {
	p.seen = 0
	if !p.skip {
		p.cr = false
	}
	return p.in.take()
}

// nextLine gives the next line without its end, good until the next call.
func (p *CommandParser) nextLine(limit int) (line []byte, ok bool, err error) {
	if p.err != nil || p.skip && !p.skipLine() {
		return nil, false, p.err
	}
	rest := p.in.rest()
	for ; p.seen < len(rest); p.seen++ {
		c := rest[p.seen]
		switch err := p.fault(c, limit); {
		case err != nil:
			p.in.drop(p.seen)
			p.seen, p.skip = 0, true
			return nil, false, err
		case c == '\n':
			return p.endLine(rest), true, nil
		}
		p.cr = c == '\r'
	}
	return nil, false, nil
}

// fault says what is wrong with c as the next byte of a line.
func (p *CommandParser) fault(c byte, limit int) error {
	switch {
	case p.cr && c != '\n':
		return ErrStrayCR
	case c == '\n' && !p.endsLine(c):
		return ErrStrayLF
	case c == 0:
		return ErrNUL
	case c != '\n' && p.seen+1 >= limit:
		return fmt.Errorf("%w: over %d bytes", ErrLineTooLong, limit)
	}
	return nil
}

// endLine uses up the line whose last byte is at p.seen.
func (p *CommandParser) endLine(rest []byte) []byte {
	line := rest[:p.seen]
	if p.cr {
		line = line[:len(line)-1]
	}
	p.in.drop(p.seen + 1)
	p.seen, p.cr = 0, false
	return line
}

// skipLine drops bytes up to the end of a faulty line, and says whether it came
// there.
func (p *CommandParser) skipLine() bool {
	for i, c := range p.in.rest() {
		if p.endsLine(c) {
			p.in.drop(i + 1)
			p.skip, p.cr = false, false
			return true
		}
		p.cr = c == '\r'
	}
	p.in.drop(len(p.in.rest()))
	return false
}

func (p *CommandParser) endsLine(c byte) bool {
	return c == '\n' && (p.cr || p.Strict.BareLF)
}

const blanks = " \t"

func splitCommand(line string) Command {
	verb, arg := line, ""
	if i := strings.IndexAny(line, blanks); i >= 0 {
		verb, arg = line[:i], strings.Trim(line[i:], blanks)
	}
	return Command{Verb: upper(verb), Arg: arg}
}

// upper raises ASCII letters only. What has none comes back without a copy.
func upper(s string) string {
	for i := range len(s) {
		if isLower(s[i]) {
			b := []byte(s)
			for ; i < len(b); i++ {
				if isLower(b[i]) {
					b[i] -= 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

// AppendCommand appends a client's command line to dst: the verb, a blank and
// the argument if there is one, and CRLF. Whatever would change the number or
// the shape of what is sent is refused, and dst comes back as it was: ErrUnsafe
// for control characters anywhere, and for an empty verb or one with a blank in
// it; ErrLineTooLong for a line over MaxLine.
func AppendCommand(dst []byte, verb, arg string) ([]byte, error) {
	size := len(verb) + len("\r\n")
	if arg != "" {
		size += len(" ") + len(arg)
	}
	switch {
	case verb == "" || strings.ContainsAny(verb, blanks):
		return dst, fmt.Errorf("%w: %.20q isn't a verb", ErrUnsafe, verb)
	case hasControl(verb) || hasControl(arg):
		return dst, fmt.Errorf("%w: control character in %.20s", ErrUnsafe, Printable(verb))
	case size > MaxLine:
		return dst, fmt.Errorf("%w: %.20s would take %d bytes of %d", ErrLineTooLong, verb, size, MaxLine)
	}
	dst = append(dst, verb...)
	if arg != "" {
		dst = append(dst, ' ')
		dst = append(dst, arg...)
	}
	return append(dst, '\r', '\n'), nil
}

// AppendLine appends a line of an AUTH exchange (RFC 4954 section 4) and CRLF to
// dst; it may be empty. It refuses as AppendCommand does, with MaxAuthLine for
// its bound. Its errors don't hold the line, which is a secret.
func AppendLine(dst []byte, line string) ([]byte, error) {
	switch {
	case hasControl(line):
		return dst, fmt.Errorf("%w: control character in a line", ErrUnsafe)
	case len(line)+len("\r\n") > MaxAuthLine:
		return dst, fmt.Errorf("%w: over %d bytes", ErrLineTooLong, MaxAuthLine)
	}
	return append(append(dst, line...), '\r', '\n'), nil
}

func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}

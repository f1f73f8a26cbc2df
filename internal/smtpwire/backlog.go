package smtpwire

// backlog holds the bytes received and not used yet. It holds MaxUnread of them
// at most, in an array of at most about twice that.
type backlog struct {
	buf  []byte
	used int // bytes of buf that are done with
}

// add takes a copy of b, or refuses it when that would be over MaxUnread.
func (l *backlog) add(b []byte) bool {
	if len(l.buf)-l.used+len(b) > MaxUnread {
		return false
	}
	if l.used > 0 && l.used*2 >= len(l.buf) { // seldom enough to cost little
		l.buf = l.buf[:copy(l.buf, l.buf[l.used:])]
		l.used = 0
	}
	l.buf = append(l.buf, b...)
	return true
}

// rest is what isn't used yet, good until the next add.
func (l *backlog) rest() []byte { return l.buf[l.used:] }

// drop says that the first n bytes of rest are used.
func (l *backlog) drop(n int) { l.used += n }

// take gives rest away for good. Where there is none the array is kept.
func (l *backlog) take() []byte {
	rest := l.rest()
	if len(rest) == 0 {
		l.buf, l.used = l.buf[:0], 0
		return nil
	}
	*l = backlog{}
	return rest
}

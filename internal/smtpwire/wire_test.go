package smtpwire

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

// pieces cuts b at random places; some pieces are empty.
func pieces(t *rapid.T, b []byte, label string) [][]byte {
	var cut [][]byte
	for len(b) > 0 {
		n := rapid.IntRange(0, min(len(b), 40)).Draw(t, label)
		cut = append(cut, b[:n])
		b = b[n:]
	}
	return cut
}

// sentinel is which of the package's errors err is.
func sentinel(err error) error {
	for _, s := range []error{
		ErrLineTooLong, ErrTooManyLines, ErrMalformed, ErrTooMuch, ErrStrayCR, ErrStrayLF,
		ErrNUL, ErrPath, ErrParam, ErrHello, ErrTooBig, ErrUnsafe,
	} {
		if errors.Is(err, s) {
			return s
		}
	}
	return err
}

// wantError checks that err is want, and that its text is one printable line.
func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v; want %v", err, want)
	}
	if err != nil && Printable(err.Error()) != err.Error() {
		t.Errorf("error isn't printable: %q", err.Error())
	}
}

func TestBacklogIsBounded(t *testing.T) {
	var l backlog
	piece := bytes.Repeat([]byte{'x'}, 1000)
	for range 1000 {
		if !l.add(piece) {
			t.Fatal("add refused")
		}
		l.drop(len(l.rest()) - 500)
	}
	if cap(l.buf) > 4*MaxUnread {
		t.Errorf("got an array of %d bytes", cap(l.buf))
	}
	l = backlog{}
	if !l.add(make([]byte, MaxUnread)) || l.add([]byte{'x'}) {
		t.Error("the bound isn't MaxUnread")
	}
	l.drop(1)
	if !l.add([]byte{'x'}) || len(l.rest()) != MaxUnread {
		t.Error("a byte used up makes no room for another")
	}
}

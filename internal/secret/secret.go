// Package secret holds what must not be read: passwords and the like. However a
// secret is printed or logged, it shows as ***.
package secret

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
)

// MaxFile is the most bytes that a secret's file may have.
const MaxFile = 4096

// Text is a secret text. The zero Text is none.
type Text struct{ text string }

// New is a secret.
func New(text string) Text { return Text{text} }

// Reveal is the text itself.
func (t Text) Reveal() string { return t.text }

// Right tells whether someone wrote the secret, in the same time whether they did
// or not. Of no secret nothing is right.
func (t Text) Right(typed string) bool {
	want, got := sha256.Sum256([]byte(t.text)), sha256.Sum256([]byte(typed))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1 && t.text != ""
}

// String is ***.
func (Text) String() string { return "***" }

// Format prints *** for every verb.
func (t Text) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, t.String()) }

// LogValue is ***.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText is ***.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// ErrOpen is what a file gives that others can read.
var ErrOpen = errors.New("others can read it: take their right away with chmod 600")

// ReadFile reads a secret from its file; a line end at its end is no part of it.
// It fails where the file is empty or over MaxFile bytes, and with [ErrOpen] where
// the system knows the rights of others and they may read it.
func ReadFile(path string) (Text, error) {
	f, err := os.Open(path)
	if err != nil {
		return Text{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Text{}, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Text{}, fmt.Errorf("%s: %w", path, ErrOpen)
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return Text{}, err
	}
	text = bytes.TrimRight(text, "\r\n")
	if len(text) == 0 || len(text) > MaxFile {
		return Text{}, fmt.Errorf("%s: a secret has 1 to %d bytes: write it on the file's first line", path, MaxFile)
	}
	return Text{string(text)}, nil
}

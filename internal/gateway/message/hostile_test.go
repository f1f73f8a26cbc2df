package message

import (
	"io"
	"strings"
	"testing"
	"time"
)

// What takes a fraction of a second here would take minutes if time grew with the
// square of the text.
func TestHostileTextCostsNoMoreThanOther(t *testing.T) {
	const size, enough = 48 << 10, 20 * time.Second
	o := Options{Now: noon, ID: "1", Host: "h", HeaderFrom: address(t, "x@y")}
	for _, name := range []string{"Subject", "To", "From", "Content-Type"} {
		for _, pattern := range []string{"(\xfc", "\"\xfc", "<\xfc", "\xfc,", "\xfc;", "=?utf-8?q?\xfc?= ", "=?", "; a=\"\xfc", "\\\xfc", " ", "\r\n ", "@,"} {
			header := name + ": " + strings.Repeat(pattern, size/len(pattern)) + "\r\n\r\n"
			began := time.Now()
			mended, _ := Repair([]byte(header), o)
			if len(mended) > 40*size {
				t.Errorf("%s of %q: %d bytes became %d", name, pattern, len(header), len(mended))
			}
			if _, err := io.Copy(io.Discard, To7Bit(strings.NewReader(header+"\xfc"))); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > enough {
				t.Errorf("%s of %q: took %v", name, pattern, took)
			}
		}
	}
	for _, pattern := range []string{
		"--b\r\n", "--b\r\n\r\n\xfc\r\n", "--b\r\nContent-Type: message/rfc822\r\n\r\n", "\r\n", "-", "\r",
		"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
	} {
		message := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat(pattern, 4*size/len(pattern))
		began := time.Now()
		if _, err := io.Copy(io.Discard, To7Bit(strings.NewReader(message))); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > enough {
			t.Errorf("%q: took %v", pattern, took)
		}
	}
}

package hap_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/hap"
)

var barry = hap.MAC{0x00, 0xE0, 0x62, 0x20, 0x41, 0x86}

func TestTheChecksumIsXMODEMs(t *testing.T) {
	if got := hap.CRC([]byte("123456789")); got != 0x31C3 {
		t.Errorf("got %#x, want 0x31c3", got)
	}
}

func TestFramesThatAreWrong(t *testing.T) {
	good, err := hap.AppendFrame(nil, hap.Frame{ID: 1, Body: []byte{5}})
	if err != nil {
		t.Fatal(err)
	}
	bad := func(i int, b byte) []byte { c := bytes.Clone(good); c[i] = b; return c }
	for name, r := range map[string]struct {
		frame []byte
		want  error
	}{
		"nothing": {nil, hap.ErrNotHAP}, "another protocol": {[]byte("HTTP/1.1 "), hap.ErrNotHAP}, "cut": {good[:9], hap.ErrTruncated},
		"a wrong checksum": {bad(5, 1), hap.ErrCRC}, "a length beyond all": {bad(8, 0xFF), hap.ErrTooLarge},
	} {
		if _, err := hap.ParseFrame(r.frame); !errors.Is(err, r.want) {
			t.Errorf("%s: %v, want %v", name, err, r.want)
		}
	}
	unchecked := bad(5, 0)
	unchecked[6] = 0
	if _, err := hap.ParseFrame(unchecked); err != nil {
		t.Errorf("a checksum of 0 is checked: %v", err)
	}
	if f, err := hap.ParseFrame(bad(2, 'A')); err != nil || f.ID != 1 {
		t.Errorf("an answer that begins with HAA: %+v, %v", f, err)
	}
	if f, err := hap.ParseFrame(append(good, make([]byte, 200)...)); err != nil || len(f.Body) != 1 {
		t.Errorf("padding: %+v, %v", f, err)
	}
	if _, err := hap.AppendFrame(nil, hap.Frame{ID: 1, Body: make([]byte, hap.MaxBody+1)}); !errors.Is(err, hap.ErrTooLarge) {
		t.Errorf("a large body: %v", err)
	}
}

func TestEveryFrameReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := hap.Frame{ID: rapid.Uint16().Draw(t, "id"), Body: rapid.SliceOfN(rapid.Byte(), 0, hap.MaxBody).Draw(t, "body")}
		b, err := hap.AppendFrame(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := hap.ParseFrame(b); err != nil || got.ID != want.ID || !bytes.Equal(got.Body, want.Body) {
			t.Fatalf("%+v reads back as %+v, %v", want, got, err)
		}
	})
}

func FuzzParseFrame(f *testing.F) {
	for _, r := range golden {
		f.Add(unhex(f, r.want))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := hap.ParseFrame(b)
		if err != nil {
			return
		}
		again, err := hap.AppendFrame(nil, frame)
		if err != nil {
			t.Fatalf("%d bytes of body were taken: %v", len(frame.Body), err)
		}
		if back, err := hap.ParseFrame(again); err != nil || back.ID != frame.ID || !bytes.Equal(back.Body, frame.Body) {
			t.Fatalf("%+v reads back as %+v, %v", frame, back, err)
		}
	})
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

package message

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// written is a message that went through a Writer in pieces of n bytes.
func written(t rapid.TB, header, body string, n int, o Options) (string, *Writer) {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, []byte(header), o)
	for len(body) > 0 {
		k := min(n, len(body))
		if _, err := w.Write([]byte(body[:k])); err != nil {
			t.Fatal(err)
		}
		body = body[k:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String(), w
}

func TestTheHeaderDeclaresWhatTheBodyIs(t *testing.T) {
	mime := func(charset string) string {
		return "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=" + charset + "\r\nContent-Transfer-Encoding: 8bit\r\n"
	}
	long := strings.Repeat("x", hold-1)
	for _, tc := range []struct{ name, body, want string }{
		{"ASCII", "plain\r\n", ""},
		{"UTF-8", "größer\r\n", mime("utf-8")},
		{"Latin-1", "gr\xf6\xdfer\r\n", mime("windows-1252")},
		{"Latin-1 at the very end", "f\xfc", mime("windows-1252")},
		{"a character cut where the look ends", long + "ü more", mime("utf-8")},
		{"8 bits behind the look", long + "x and then ü", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, n := range []int{1 << 20, hold, 7} {
				got, w := written(t, complete+"\r\n", tc.body, n, options(t))
				if n == 1<<20 && tc.name == "8 bits behind the look" {
					continue // the whole of it is one piece, and so is looked at
				}
				if diff := cmp.Diff(stamped+complete+tc.want+"\r\n"+tc.body, got); diff != "" {
					t.Fatalf("in pieces of %d: (-want +got)\n%s", n, diff)
				}
				if len(w.Info().Repairs) > 0 != (tc.want != "") {
					t.Errorf("got repairs %q", w.Info().Repairs)
				}
				if w.Body().EightBit != is8Bit(tc.body) {
					t.Errorf("got 8 bits %v", w.Body().EightBit)
				}
			}
		})
	}
}

func TestALeadIsTheBodysBeginning(t *testing.T) {
	got, w := written(t, complete+"Gr\xf6\xdfe\r\n\r\n", "more\r\n", 3, options(t))
	want := stamped + complete + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xf6\xdfe\r\n\r\nmore\r\n"
	if got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	if b := w.Body(); !b.EightBit || b.Size != 15 {
		t.Errorf("got %+v", b)
	}
}

func TestAMessageGoesOutInOneWrite(t *testing.T) {
	var out writes
	w := NewWriter(&out, []byte(complete+"\r\n"), options(t))
	for range 10 {
		if _, err := w.Write([]byte("line\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || out != 1 {
		t.Errorf("got %d writes, %v; want 1", out, err)
	}
}

// writes counts them.
type writes int

func (w *writes) Write(p []byte) (int, error) {
	*w++
	return len(p), nil
}

func TestTheWritersErrorComesThrough(t *testing.T) {
	full := errors.New("full")
	w := NewWriter(failing{full}, nil, options(t))
	if _, err := w.Write(make([]byte, hold)); !errors.Is(err, full) {
		t.Errorf("Write: got %v", err)
	}
	w = NewWriter(failing{full}, nil, options(t))
	if err := w.Close(); !errors.Is(err, full) {
		t.Errorf("Close: got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestWhatABodyHolds(t *testing.T) {
	line := strings.Repeat("x", MaxLine)
	for _, tc := range []struct {
		body string
		want Body
	}{
		{"", Body{}},
		{"plain\r\n", Body{}},
		{"0123456\xe4", Body{EightBit: true}},
		{"\xe401234567", Body{EightBit: true}},
		{"a\x00", Body{NUL: true}},
		{line + "\r\n" + line, Body{}},
		{line + "\n", Body{}},
		{line + "\r", Body{}},
		{line + "x\r\n", Body{LongLine: true}},
		{line + "x\n", Body{LongLine: true}},
		{"a\r\n" + line + "x", Body{LongLine: true}},
	} {
		for _, n := range []int{1, 3, 8, 4000} {
			var got Body
			for rest := tc.body; len(rest) > 0; rest = rest[min(n, len(rest)):] {
				if _, err := got.Write([]byte(rest[:min(n, len(rest))])); err != nil {
					t.Fatal(err)
				}
			}
			if got.EightBit != tc.want.EightBit || got.NUL != tc.want.NUL || got.LongLine != tc.want.LongLine || got.Size != int64(len(tc.body)) {
				t.Errorf("%.20q in pieces of %d: got %+v; want %+v", tc.body, n, got, tc.want)
			}
			if got.Unfit() != (tc.want.NUL || tc.want.LongLine) {
				t.Errorf("%.20q: got Unfit %v", tc.body, got.Unfit())
			}
		}
	}
}

func TestALittleOfABodyIsHeld(t *testing.T) {
	var out writes
	w := NewWriter(&out, nil, options(t))
	for range 1000 {
		if _, err := w.Write(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		if len(w.held) > hold {
			t.Fatalf("%d bytes are held", len(w.held))
		}
	}
}

func BenchmarkWriter(b *testing.B) {
	header := []byte(complete + "To: mark@example.com\r\nSubject: Widget Report\r\n\r\n")
	body := bytes.Repeat([]byte("Shift 3 made 40 widgets.....\r\n"), 34)
	o := Options{Now: noon, ID: "1", Host: "gate.example", Received: Received{Helo: "plc", Peer: netip.MustParseAddr("192.0.2.1"), Device: "plc"}}
	b.ReportAllocs()
	for b.Loop() {
		var out writes
		w := NewWriter(&out, header, o)
		if _, err := w.Write(body); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSplitNeverRefuses(t *testing.T) {
	got := Split([]byte("Subject: a\r\n b\r\nno field\r\nX : y\n: z\r\nlast"))
	want := []Field{
		{"Subject", []byte("Subject: a\r\n b\r\n")},
		{"", []byte("no field\r\n")},
		{"X", []byte("X : y\n")},
		{"", []byte(": z\r\n")},
		{"", []byte("last")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := Split([]byte("A: b\r\n\r\nC: d\r\n")); len(got) != 1 {
		t.Errorf("behind the empty line: got %q", got)
	}
}

func TestSplitIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 3 * MaxFields {
		fmt.Fprintf(&b, "X-%d: y\r\n", i)
	}
	fields := Split([]byte(b.String()))
	if len(fields) != MaxFields+1 || fields[MaxFields].Name != "" {
		t.Errorf("got %d fields", len(fields))
	}
	if got := Split([]byte(strings.Repeat("N", maxName+1) + ": x\r\n")); got[0].Name != "" {
		t.Errorf("got the name %q", got[0].Name)
	}
}

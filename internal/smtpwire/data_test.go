package smtpwire

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// decoded is all that a DataDecoder says of an input.
type decoded struct {
	text string
	rest string // what it left
	done bool
	err  error
}

// decode gives the pieces to d one after another.
func decode(d *DataDecoder, cut ...[]byte) decoded {
	var got decoded
	var text []byte
	for i, b := range cut {
		var n int
		text, n, got.done, got.err = d.Decode(text, b)
		if got.done || got.err != nil && !errors.Is(got.err, ErrTooBig) {
			got.rest = string(b[n:]) + string(bytes.Join(cut[i+1:], nil))
			break
		}
		if n != len(b) {
			panic("bytes left for no reason")
		}
	}
	got.text = string(text)
	return got
}

func encode(cut ...[]byte) []byte {
	var e DataEncoder
	var wire []byte
	for _, b := range cut {
		wire = e.Append(wire, b)
	}
	return e.Close(wire)
}

// canonical is text as a message holds it: every line ends with CRLF.
func canonical(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	text = strings.ReplaceAll(text, "\n", "\r\n")
	if text != "" && !strings.HasSuffix(text, "\r\n") {
		text += "\r\n"
	}
	return text
}

// TestSmuggling holds the golden cases: what two servers could read as two
// different messages is refused, or with BareLF stays one message. Every case is
// tried with every place to cut it.
func TestSmuggling(t *testing.T) {
	loose := Strictness{BareLF: true}
	const next = "MAIL FROM:<eve@b>\r\n.\r\n" // ends the message only if the first end didn't
	for _, tc := range []struct {
		name   string
		strict Strictness
		in     string
		want   decoded
	}{
		{"CRLF.CRLF", Strictness{}, "a\r\n.\r\n" + next, decoded{"a\r\n", next, true, nil}},
		{"LF.LF", Strictness{}, "a\n.\n" + next, decoded{"a", "\n.\n" + next, false, ErrStrayLF}},
		{"LF.CRLF", Strictness{}, "a\n.\r\n" + next, decoded{"a", "\n.\r\n" + next, false, ErrStrayLF}},
		{"CRLF.LF", Strictness{}, "a\r\n.\n" + next, decoded{"a\r\n", "\n" + next, false, ErrStrayLF}},
		{"CR.CR", Strictness{}, "a\r.\r" + next, decoded{"a", ".\r" + next, false, ErrStrayCR}},
		{"CR.CRLF", Strictness{}, "a\r.\r\n" + next, decoded{"a", ".\r\n" + next, false, ErrStrayCR}},
		{"CRLF.CR", Strictness{}, "a\r\n.\r" + next, decoded{"a\r\n", next, false, ErrStrayCR}},
		{"CRLF.CRCRLF", Strictness{}, "a\r\n.\r\r\n" + next, decoded{"a\r\n", "\r\n" + next, false, ErrStrayCR}},
		{"CRCRLF.CRLF", Strictness{}, "a\r\r\n.\r\n" + next, decoded{"a", "\r\n.\r\n" + next, false, ErrStrayCR}},
		{"CRLF.NUL CRLF", Strictness{}, "a\r\n.\x00\r\n.\r\n", decoded{"a\r\n\x00\r\n", "", true, nil}},
		{".LF at the start", Strictness{}, ".\n" + next, decoded{"", "\n" + next, false, ErrStrayLF}},
		{"LF at the start", Strictness{}, "\n.\r\n" + next, decoded{"", "\n.\r\n" + next, false, ErrStrayLF}},

		{"bare CRLF.CRLF", loose, "a\r\n.\r\n" + next, decoded{"a\r\n", next, true, nil}},
		{"bare LF.LF", loose, "a\n.\n" + next, decoded{"a\r\n.\r\nMAIL FROM:<eve@b>\r\n", "", true, nil}},
		{"bare LF.CRLF", loose, "a\n.\r\n" + next, decoded{"a\r\n.\r\nMAIL FROM:<eve@b>\r\n", "", true, nil}},
		{"bare CRLF.LF", loose, "a\r\n.\n" + next, decoded{"a\r\n.\r\nMAIL FROM:<eve@b>\r\n", "", true, nil}},
		{"bare CR.CR", loose, "a\r.\r" + next, decoded{"a", ".\r" + next, false, ErrStrayCR}},
		{"bare CR.CRLF", loose, "a\r.\r\n" + next, decoded{"a", ".\r\n" + next, false, ErrStrayCR}},
		{"bare CRLF.CR", loose, "a\r\n.\r" + next, decoded{"a\r\n", next, false, ErrStrayCR}},
		{"bare LF.CR", loose, "a\n.\r" + next, decoded{"a\r\n", next, false, ErrStrayCR}},
		{"bare .LF at the start", loose, ".\n" + next, decoded{".\r\nMAIL FROM:<eve@b>\r\n", "", true, nil}},
		{"bare LF.LF.CRLF", loose, "a\n.\n.\r\n" + next, decoded{"a\r\n.\r\n.\r\nMAIL FROM:<eve@b>\r\n", "", true, nil}},
		{"bare LF.CRLF.CRLF", loose, "a\n.\r\n.\r\n" + next, decoded{"a\r\n.\r\n", next, true, nil}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for at := range len(tc.in) + 1 {
				d := DataDecoder{Strict: tc.strict}
				if got := decode(&d, []byte(tc.in[:at]), []byte(tc.in[at:])); got != tc.want {
					t.Errorf("cut at %d: got %+v; want %+v", at, got, tc.want)
				}
			}
			d, bytewise := DataDecoder{Strict: tc.strict}, bytes.SplitAfter([]byte(tc.in), nil)
			if got := decode(&d, bytewise...); got != tc.want {
				t.Errorf("byte by byte: got %+v; want %+v", got, tc.want)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	loose := Strictness{BareLF: true}
	for _, tc := range []struct {
		strict Strictness
		in     string
		want   decoded
	}{
		{Strictness{}, "", decoded{}},
		{Strictness{}, ".\r\n", decoded{done: true}},
		{Strictness{}, ".\r\nQUIT\r\n", decoded{rest: "QUIT\r\n", done: true}},
		{Strictness{}, "\r\n.\r\n", decoded{text: "\r\n", done: true}},
		{Strictness{}, "a\r\nb\r\n", decoded{text: "a\r\nb\r\n"}},
		{Strictness{}, "a\r\n.", decoded{text: "a\r\n"}},
		{Strictness{}, "a\r\n.\r", decoded{text: "a\r\n"}},
		{Strictness{}, "..\r\n...\r\n.a\r\n..a\r\na.\r\n.\r\n", decoded{text: ".\r\n..\r\na\r\n.a\r\na.\r\n", done: true}},
		{Strictness{}, "\xff\x00\x1b8-bit\r\n.\r\n", decoded{text: "\xff\x00\x1b8-bit\r\n", done: true}},
		{loose, "a\nb\r\n.\r\n", decoded{text: "a\r\nb\r\n", done: true}},
		{loose, "a\n..b\n.c\n..\n.\r\n\r\n.\r\n", decoded{text: "a\r\n.b\r\nc\r\n.\r\n.\r\n\r\n", done: true}},
	} {
		d := DataDecoder{Strict: tc.strict}
		if got := decode(&d, []byte(tc.in)); got != tc.want {
			t.Errorf("%q: got %+v; want %+v", tc.in, got, tc.want)
		}
	}
}

func TestDecoderStays(t *testing.T) {
	var d DataDecoder
	decode(&d, []byte("a\r\n.\r\n"))
	if out, n, done, err := d.Decode([]byte("kept"), []byte("b\r\n")); string(out) != "kept" || n != 0 || !done || err != nil {
		t.Errorf("after the end: got %q, %d, %v, %v", out, n, done, err)
	}
	d = DataDecoder{}
	decode(&d, []byte("a\n"))
	out, n, done, err := d.Decode([]byte("kept"), []byte("\r\n.\r\n"))
	if string(out) != "kept" || n != 0 || done {
		t.Errorf("after a fault: got %q, %d, %v", out, n, done)
	}
	wantError(t, err, ErrStrayLF)
}

func TestTooBig(t *testing.T) {
	for _, tc := range []struct {
		max  int64
		in   string
		want decoded
	}{
		{5, "abc\r\n.\r\n", decoded{text: "abc\r\n", done: true}},
		{5, "..bc\r\n.\r\nQUIT", decoded{text: ".bc\r\n", rest: "QUIT", done: true}},
		{5, "abcd\r\n.\r\nQUIT", decoded{text: "abcd\r", rest: "QUIT", done: true, err: ErrTooBig}},
		{2, "abcd\r\n", decoded{text: "ab", err: ErrTooBig}},
		{2, "abcd\r\nefg\n", decoded{text: "ab", rest: "\n", err: ErrStrayLF}},
		{0, strings.Repeat("abc\r\n", 99), decoded{text: strings.Repeat("abc\r\n", 99)}},
	} {
		for at := range len(tc.in) + 1 {
			d := DataDecoder{MaxSize: tc.max}
			if got := decode(&d, []byte(tc.in[:at]), []byte(tc.in[at:])); got != tc.want {
				t.Errorf("%q over %d, cut at %d: got %+v; want %+v", tc.in, tc.max, at, got, tc.want)
			}
		}
	}
}

func TestEncode(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"", ".\r\n"},
		{"a", "a\r\n.\r\n"},
		{"a\r\n", "a\r\n.\r\n"},
		{"a\n", "a\r\n.\r\n"},
		{"a\r", "a\r\n.\r\n"},
		{"\r\n", "\r\n.\r\n"},
		{"a\r\rb", "a\r\n\r\nb\r\n.\r\n"},
		{"a\n\rb", "a\r\n\r\nb\r\n.\r\n"},
		{"a\r\r\nb", "a\r\n\r\nb\r\n.\r\n"},
		{".", "..\r\n.\r\n"},
		{".\r\n..\n.a\ra.\n", "..\r\n...\r\n..a\r\na.\r\n.\r\n"},
		// The smuggler's ends come out as lines of text.
		{"a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"},
		{"a\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"},
		{"a\r\n.\nb", "a\r\n..\r\nb\r\n.\r\n"},
		{"a\r\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"},
		{"a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"},
		{"a\r.\r\nb", "a\r\n..\r\nb\r\n.\r\n"},
	} {
		for at := range len(tc.in) + 1 {
			if got := string(encode([]byte(tc.in[:at]), []byte(tc.in[at:]))); got != tc.want {
				t.Errorf("%q cut at %d: got %q; want %q", tc.in, at, got, tc.want)
			}
		}
	}
}

func TestEncoderCanBeUsedAgain(t *testing.T) {
	var e DataEncoder
	wire := e.Close(e.Append(nil, []byte("a\r")))
	wire = e.Close(e.Append(wire, []byte("\n.b")))
	if got, want := string(wire), "a\r\n.\r\n\r\n..b\r\n.\r\n"; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
}

// texts draws message text full of what matters.
var texts = rapid.StringOf(rapid.SampledFrom([]rune("a..\r\r\n\n\x00ä")))

func TestDecodeOfEncodeIsTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		wire := encode(pieces(t, []byte(text), "encode")...)
		var d DataDecoder
		got := decode(&d, pieces(t, append(wire, "QUIT\r\n"...), "decode")...)
		if want := (decoded{text: canonical(text), rest: "QUIT\r\n", done: true}); got != want {
			t.Fatalf("%q: got %+v; want %+v", wire, got, want)
		}
	})
}

func TestDecodeDoesNotDependOnPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wire := []byte(texts.Draw(t, "wire"))
		shape := DataDecoder{
			MaxSize: rapid.SampledFrom([]int64{0, 3, 10}).Draw(t, "max"),
			Strict:  Strictness{BareLF: rapid.Bool().Draw(t, "bareLF")},
		}
		whole, cut := shape, shape
		want := decode(&whole, wire)
		if got := decode(&cut, pieces(t, wire, "cut")...); len(wire) > 0 && got != want {
			t.Fatalf("%q: got %+v; want %+v", wire, got, want)
		}
	})
}

func FuzzDataEncoder(f *testing.F) {
	for _, s := range []string{"", ".", "a\n.\nb", "a\r.\r\nb", "\r\n.\r\n", "..\r\r\n"} {
		f.Add([]byte(s), 2)
	}
	f.Fuzz(func(t *testing.T, text []byte, at int) {
		at = max(0, min(at, len(text)))
		wire := encode(text[:at], text[at:])
		if n := bytes.Index(append([]byte("\r\n"), wire...), []byte("\r\n.\r\n")); n+3 != len(wire) {
			t.Errorf("%q ends at %d of %d", wire, n+3, len(wire))
		}
		var d DataDecoder
		if got, want := decode(&d, wire), (decoded{text: canonical(string(text)), done: true}); got != want {
			t.Errorf("%q: got %+v; want %+v", wire, got, want)
		}
	})
}

func FuzzDataDecoder(f *testing.F) {
	for _, s := range []string{".\r\n", "a\r\n.\r\nb", "a\n.\n", "a\n.\r\n", "a\r\n.\n", "a\r.\r\n", "a\r\n.\r", "..\r\n.b\r\n"} {
		f.Add([]byte(s), 2, false, int64(0))
		f.Add([]byte(s), 1, true, int64(2))
	}
	f.Fuzz(func(t *testing.T, wire []byte, at int, bareLF bool, maxSize int64) {
		shape := DataDecoder{MaxSize: maxSize, Strict: Strictness{BareLF: bareLF}}
		whole, cut := shape, shape
		want := decode(&whole, wire)
		at = max(0, min(at, len(wire)))
		if got := decode(&cut, wire[:at], wire[at:]); got != want {
			t.Errorf("cut at %d: got %+v; want %+v", at, got, want)
		}
		checkDecoded(t, wire, want, maxSize)
	})
}

// checkDecoded holds what is true of any decoding: the end is the first
// CRLF.CRLF there is, and no stray CR or LF comes through.
func checkDecoded(t *testing.T, wire []byte, got decoded, maxSize int64) {
	t.Helper()
	first := bytes.Index(append([]byte("\r\n"), wire...), []byte("\r\n.\r\n"))
	if used := len(wire) - len(got.rest); got.done && used != first+3 {
		t.Errorf("ended at %d; want %d", used, first+3)
	}
	if !got.done && first >= 0 && (got.err == nil || errors.Is(got.err, ErrTooBig)) {
		t.Errorf("ran past the end at %d", first+3)
	}
	if maxSize > 0 && int64(len(got.text)) > maxSize {
		t.Errorf("got %d bytes over %d", len(got.text), maxSize)
	}
	if text := strings.ReplaceAll(got.text, "\r\n", ""); got.err == nil && strings.ContainsAny(text, "\r\n") {
		t.Errorf("stray line end in %q", got.text)
	}
}

func TestDataDoesNotAllocate(t *testing.T) {
	text := []byte(strings.Repeat("..a line of usual length, as mail has them\r\n.\r\n\r\n", 500))
	var wire, out []byte
	run := func() {
		var e DataEncoder
		wire = e.Close(e.Append(wire[:0], text))
		var d DataDecoder
		out, _, _, _ = d.Decode(out[:0], wire)
	}
	run()
	if n := testing.AllocsPerRun(10, run); n > 0 {
		t.Errorf("got %v allocations; want none", n)
	}
	if !bytes.Equal(out, text) {
		t.Error("the text changed")
	}
}

func BenchmarkDataEncoder(b *testing.B) {
	text := []byte(strings.Repeat("a line of usual length, as mail has them, or longer\r\n", 1000))
	var wire []byte
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		var e DataEncoder
		wire = e.Close(e.Append(wire[:0], text))
	}
}

func BenchmarkDataDecoder(b *testing.B) {
	wire := encode([]byte(strings.Repeat("a line of usual length, as mail has them, or longer\r\n", 1000)))
	var out []byte
	b.SetBytes(int64(len(wire)))
	for b.Loop() {
		var d DataDecoder
		out, _, _, _ = d.Decode(out[:0], wire)
	}
}

func TestRunLenFindsTheFirstLineEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a\r\n]{0,3}(x{100,160}){0,3}[a\r\n]{0,3}y{0,130}[\r\n]?`).Draw(t, "text")
		want := strings.IndexAny(text, "\r\n")
		if want < 0 {
			want = len(text)
		}
		if got := runLen([]byte(text)); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	})
}

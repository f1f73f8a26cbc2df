package smtpwire

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// heard is what one call of Next gave.
type heard struct {
	Cmd Command
	Err error // one of the package's
}

// parseCommands feeds the pieces and gives all that came of them.
func parseCommands(s Strictness, cut ...[]byte) (all []heard) {
	p := CommandParser{Strict: s}
	for _, b := range cut {
		p.Feed(b)
		for {
			cmd, ok, err := p.Next()
			if !ok && err == nil {
				break
			}
			all = append(all, heard{cmd, sentinel(err)})
			if errors.Is(err, ErrTooMuch) {
				return all
			}
		}
	}
	return all
}

func cmd(verb, arg string) heard { return heard{Cmd: Command{Verb: verb, Arg: arg}} }
func fault(err error) heard      { return heard{Err: err} }

var compareErrors = cmpopts.EquateErrors()

func TestCommands(t *testing.T) {
	long := "NOOP " + strings.Repeat("x", MaxLine-7) + "\r\n"
	lenient := Strictness{BareLF: true}
	for _, tc := range []struct {
		strict Strictness
		in     string
		want   []heard
	}{
		{in: "", want: nil},
		{in: "QUIT\r\n", want: []heard{cmd("QUIT", "")}},
		{in: "quit\r\nQuIt\r\n", want: []heard{cmd("QUIT", ""), cmd("QUIT", "")}},
		{in: "MAIL FROM:<a@b> SIZE=1\r\n", want: []heard{cmd("MAIL", "FROM:<a@b> SIZE=1")}},
		{in: "mail \t from:<a@b>  \t\r\n", want: []heard{cmd("MAIL", "from:<a@b>")}},
		{in: "HELO\tx\r\n", want: []heard{cmd("HELO", "x")}},
		{in: "\r\n", want: []heard{cmd("", "")}},
		{in: " HELO x\r\n", want: []heard{cmd("", "HELO x")}},
		{in: "\u017ftarttl\u017f\r\n", want: []heard{cmd("\u017fTARTTL\u017f", "")}}, // not STARTTLS
		{in: "h\xe9lo \xff\x1b\r\n", want: []heard{cmd("H\xe9LO", "\xff\x1b")}},
		{in: long, want: []heard{cmd("NOOP", strings.Repeat("x", MaxLine-7))}},

		// Faults cost their line, and what follows it is heard.
		{in: "x" + long + "QUIT\r\n", want: []heard{fault(ErrLineTooLong), cmd("QUIT", "")}},
		{in: strings.Repeat("x", 60000) + "\r\nQUIT\r\n", want: []heard{fault(ErrLineTooLong), cmd("QUIT", "")}},
		{in: strings.Repeat("x", 511) + "\r\nQUIT\r\n", want: []heard{fault(ErrLineTooLong), cmd("QUIT", "")}},
		{in: "NO\x00OP\r\nQUIT\r\n", want: []heard{fault(ErrNUL), cmd("QUIT", "")}},
		{in: "NO\rOP\r\nQUIT\r\n", want: []heard{fault(ErrStrayCR), cmd("QUIT", "")}},
		{in: "NOOP\r\r\nQUIT\r\n", want: []heard{fault(ErrStrayCR), cmd("QUIT", "")}},
		{in: "NOOP\r\r\r\nQUIT\r\n", want: []heard{fault(ErrStrayCR), cmd("QUIT", "")}},
		{in: "NO\x00\r\n\x00\r\nQUIT\r\n", want: []heard{fault(ErrNUL), fault(ErrNUL), cmd("QUIT", "")}},

		// A line that bare LFs were to end hides no command.
		{in: "NOOP\nMAIL FROM:<eve@b>\r\nQUIT\r\n", want: []heard{fault(ErrStrayLF), cmd("QUIT", "")}},
		{in: "NOOP\rMAIL FROM:<eve@b>\nRCPT\r\nQUIT\r\n", want: []heard{fault(ErrStrayCR), cmd("QUIT", "")}},
		{in: "NO\x00OP\nMAIL\r\nQUIT\r\n", want: []heard{fault(ErrNUL), cmd("QUIT", "")}},
		{in: "NOOP\n", want: []heard{fault(ErrStrayLF)}},
		{in: "\n\r\nQUIT\r\n", want: []heard{fault(ErrStrayLF), cmd("QUIT", "")}},

		// A device that may send LF alone.
		{lenient, "HELO x\nMAIL FROM:<a@b>\r\nQUIT\n", []heard{cmd("HELO", "x"), cmd("MAIL", "FROM:<a@b>"), cmd("QUIT", "")}},
		{lenient, "NO\rOP\nQUIT\n", []heard{fault(ErrStrayCR), cmd("QUIT", "")}},
		{lenient, "NOOP\r\r\nQUIT\n", []heard{fault(ErrStrayCR), cmd("QUIT", "")}},
		{lenient, strings.Repeat("x", 511) + "\nQUIT\n", []heard{cmd(strings.Repeat("X", 511), ""), cmd("QUIT", "")}},
		{lenient, strings.Repeat("x", 512) + "\nQUIT\n", []heard{fault(ErrLineTooLong), cmd("QUIT", "")}},
	} {
		got := parseCommands(tc.strict, []byte(tc.in))
		if diff := cmp.Diff(tc.want, got, compareErrors); diff != "" {
			t.Errorf("%.60q: (-want +got)\n%s", tc.in, diff)
		}
		for at := range min(len(tc.in), 600) {
			got := parseCommands(tc.strict, []byte(tc.in[:at]), []byte(tc.in[at:]))
			if diff := cmp.Diff(tc.want, got, compareErrors); diff != "" {
				t.Errorf("%.60q cut at %d: (-want +got)\n%s", tc.in, at, diff)
			}
		}
	}
}

func TestCommandFaultIsHeardAtOnce(t *testing.T) {
	var p CommandParser
	p.Feed([]byte("HELO printer\n"))
	_, _, err := p.Next()
	wantError(t, err, ErrStrayLF)
	if _, ok, err := p.Next(); ok || err != nil {
		t.Errorf("the same fault again: got %v, %v", ok, err)
	}
	p.Feed([]byte("MAIL\r"))
	p.Feed([]byte("\nQUIT\r\n"))
	if c, ok, err := p.Next(); !ok || err != nil || c.Verb != "QUIT" {
		t.Errorf("after the fault: got %v, %v, %v; want QUIT", c, ok, err)
	}
}

func TestDataTakesWhatIsUnread(t *testing.T) {
	var p CommandParser
	p.Feed([]byte("DATA\r\nhi\r\n.\r\nQUI"))
	if c, _, _ := p.Next(); c.Verb != "DATA" {
		t.Fatalf("got %v; want DATA", c)
	}
	if got := string(p.Rest()); got != "hi\r\n.\r\nQUI" {
		t.Errorf("Rest: got %q", got)
	}
	body := p.Take()
	if len(p.Rest()) != 0 {
		t.Errorf("Rest after Take: got %q; want nothing", p.Rest())
	}
	var d DataDecoder
	text, n, done, err := d.Decode(nil, body)
	if string(text) != "hi\r\n" || !done || err != nil {
		t.Errorf("Decode: got %q, %v, %v", text, done, err)
	}
	p.Feed(body[n:])
	p.Feed([]byte("T\r\n"))
	if c, ok, err := p.Next(); !ok || err != nil || c.Verb != "QUIT" {
		t.Errorf("after DATA: got %v, %v, %v; want QUIT", c, ok, err)
	}
}

func TestTakeForgetsHowFarItRead(t *testing.T) {
	var p CommandParser
	p.Feed([]byte("DATA\r\n"))
	if c, _, err := p.Next(); c.Verb != "DATA" || err != nil {
		t.Fatalf("got %v, %v; want DATA", c, err)
	}
	p.Feed([]byte("half a line\r"))
	if _, ok, err := p.Next(); ok || err != nil {
		t.Fatalf("got %v, %v", ok, err)
	}
	if got := string(p.Take()); got != "half a line\r" {
		t.Errorf("Take: got %q", got)
	}
	p.Feed([]byte("QUIT\r\n"))
	if c, ok, err := p.Next(); !ok || err != nil || c.Verb != "QUIT" {
		t.Errorf("after Take: got %v, %v, %v; want QUIT", c, ok, err)
	}
}

func TestTakeDoesNotUncoverASkippedLine(t *testing.T) {
	var p CommandParser
	p.Feed([]byte("NO\x00OP"))
	_, _, err := p.Next()
	wantError(t, err, ErrNUL)
	p.Take()
	p.Feed([]byte("MAIL FROM:<eve@b>\r\nQUIT\r\n"))
	if c, ok, err := p.Next(); !ok || err != nil || c.Verb != "QUIT" {
		t.Errorf("got %v, %v, %v; want QUIT", c, ok, err)
	}
}

func TestAuthLines(t *testing.T) {
	var p CommandParser
	token := strings.Repeat("dG9rZW4K", 1000)
	p.Feed([]byte("AUTH login\r\n\r\nbase64AbC==\r\n" + token + "\r\nQUIT\r\n"))
	if c, _, _ := p.Next(); c != (Command{"AUTH", "login"}) {
		t.Fatalf("got %v", c)
	}
	for _, want := range []string{"", "base64AbC==", token} {
		if got, ok, err := p.NextLine(); got != want || !ok || err != nil {
			t.Errorf("NextLine: got %.40q, %v, %v; want %.40q", got, ok, err, want)
		}
	}
	if c, _, _ := p.Next(); c.Verb != "QUIT" {
		t.Errorf("got %v; want QUIT", c)
	}
	p.Feed([]byte(strings.Repeat("x", MaxAuthLine-1)))
	if _, ok, err := p.NextLine(); ok || err != nil {
		t.Errorf("got %v, %v; want neither", ok, err)
	}
	p.Feed([]byte("xxx"))
	_, _, err := p.NextLine()
	wantError(t, err, ErrLineTooLong)
}

func TestTooManyCommandsAhead(t *testing.T) {
	var p CommandParser
	p.Feed(bytes.Repeat([]byte("NOOP\r\n"), MaxUnread/6))
	if _, ok, err := p.Next(); !ok || err != nil {
		t.Fatalf("within the bound: got %v, %v", ok, err)
	}
	p.Feed(make([]byte, 100))
	for range 2 {
		_, ok, err := p.Next()
		if ok || len(p.Rest()) != 0 || cap(p.in.buf) != 0 {
			t.Errorf("got %v, %d bytes", ok, cap(p.in.buf))
		}
		wantError(t, err, ErrTooMuch)
		p.Feed([]byte("QUIT\r\n"))
	}
}

func TestEndlessLineTakesNoMemory(t *testing.T) {
	var p CommandParser
	piece, faults := bytes.Repeat([]byte{'x'}, 4096), 0
	for range 1000 {
		p.Feed(piece)
		if _, _, err := p.Next(); err != nil {
			wantError(t, err, ErrLineTooLong)
			faults++
		}
	}
	if faults != 1 || cap(p.in.buf) > 4*MaxUnread {
		t.Errorf("got %d faults, %d bytes; want one, and few", faults, cap(p.in.buf))
	}
}

func TestAppendCommand(t *testing.T) {
	for _, tc := range []struct {
		verb, arg, want string
		err             error
	}{
		{"QUIT", "", "QUIT\r\n", nil},
		{"MAIL", "FROM:<a@b>", "MAIL FROM:<a@b>\r\n", nil},
		{"MAIL", "FROM:<ä@b> SMTPUTF8", "MAIL FROM:<ä@b> SMTPUTF8\r\n", nil},
		{"NOOP", strings.Repeat("x", 505), "NOOP " + strings.Repeat("x", 505) + "\r\n", nil},
		{"NOOP", strings.Repeat("x", 506), "", ErrLineTooLong},
		{strings.Repeat("x", 511), "", "", ErrLineTooLong},
		{"", "x", "", ErrUnsafe},
		{"MAIL FROM:<a@b>", "", "", ErrUnsafe},
		{"MAIL\r\nRCPT", "", "", ErrUnsafe},
		{"MAIL", "FROM:<a@b>\r\nRCPT TO:<c@d>", "", ErrUnsafe},
		{"HELO", "a\nb", "", ErrUnsafe},
		{"HELO", "a\rb", "", ErrUnsafe},
		{"HELO", "a\x00b", "", ErrUnsafe},
		{"HELO", "a\x7f", "", ErrUnsafe},
		{"HELO", "a\tb", "", ErrUnsafe},
	} {
		got, err := AppendCommand([]byte("before "), tc.verb, tc.arg)
		if string(got) != "before "+tc.want {
			t.Errorf("%.40q %.40q: got %q; want %q", tc.verb, tc.arg, got, tc.want)
		}
		wantError(t, err, tc.err)
	}
}

func TestAppendLine(t *testing.T) {
	longest := strings.Repeat("x", MaxAuthLine-2)
	for _, tc := range []struct {
		line, want string
		err        error
	}{
		{"", "\r\n", nil},
		{"c2VjcmV0", "c2VjcmV0\r\n", nil},
		{longest, longest + "\r\n", nil},
		{longest + "x", "", ErrLineTooLong},
		{"secret\r\nQUIT", "", ErrUnsafe},
	} {
		got, err := AppendLine(nil, tc.line)
		if string(got) != tc.want {
			t.Errorf("%.40q: got %.40q; want %.40q", tc.line, got, tc.want)
		}
		wantError(t, err, tc.err)
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the line is in the error: %v", err)
		}
	}
}

func TestCommandRoundTrip(t *testing.T) {
	word := rapid.StringMatching(`[A-Z]{1,10}`)
	arg := rapid.StringMatching(`([!-~]|[!-~][ -~äж]{0,60}[!-~])?`)
	rapid.Check(t, func(t *rapid.T) {
		var want []heard
		var wire []byte
		for range rapid.IntRange(0, 6).Draw(t, "n") {
			h := cmd(word.Draw(t, "verb"), arg.Draw(t, "arg"))
			var err error
			if wire, err = AppendCommand(wire, h.Cmd.Verb, h.Cmd.Arg); err != nil {
				t.Fatal(err)
			}
			want = append(want, h)
		}
		got := parseCommands(Strictness{}, pieces(t, wire, "cut")...)
		if diff := cmp.Diff(want, got, compareErrors); diff != "" {
			t.Fatalf("%q: (-want +got)\n%s", wire, diff)
		}
	})
}

func TestCommandsDoNotDependOnPieces(t *testing.T) {
	bits := []string{"NOOP", "MAIL FROM:<a@b>", " ", "\r\n", "\r\n", "\r\n", "\r", "\n", "\x00", strings.Repeat("x", 250), "ä"}
	rapid.Check(t, func(t *rapid.T) {
		in := []byte(strings.Join(rapid.SliceOfN(rapid.SampledFrom(bits), 0, 30).Draw(t, "bits"), ""))
		s := Strictness{BareLF: rapid.Bool().Draw(t, "bareLF")}
		want := parseCommands(s, in)
		got := parseCommands(s, pieces(t, in, "cut")...)
		if diff := cmp.Diff(want, got, compareErrors); diff != "" {
			t.Fatalf("%q: (-want +got)\n%s", in, diff)
		}
	})
}

func FuzzCommandParser(f *testing.F) {
	for _, s := range []string{"QUIT\r\n", "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n", "a\nb\r\n", "a\rb\r\nc\r\n", "a\x00\r\nb\r\n", "\r\r\n", "\n"} {
		f.Add([]byte(s), 3, false)
		f.Add([]byte(s), 1, true)
	}
	f.Fuzz(func(t *testing.T, in []byte, at int, bareLF bool) {
		if len(in) > MaxUnread {
			return
		}
		s := Strictness{BareLF: bareLF}
		want := parseCommands(s, in)
		at = max(0, min(at, len(in)))
		got := parseCommands(s, in[:at], in[at:])
		if diff := cmp.Diff(want, got, compareErrors); diff != "" {
			t.Errorf("cut at %d: (-want +got)\n%s", at, diff)
		}
		ends := bytes.Count(in, []byte("\r\n"))
		if bareLF {
			ends = bytes.Count(in, []byte("\n"))
		}
		heardCommands := 0
		for _, h := range want {
			if h.Err == nil {
				heardCommands++
			}
			if line := h.Cmd.Verb + h.Cmd.Arg; strings.ContainsAny(line, "\r\n\x00") || len(line) > MaxLine {
				t.Errorf("got %q", h.Cmd)
			}
		}
		if heardCommands > ends {
			t.Errorf("got %d commands of %d lines", heardCommands, ends)
		}
	})
}

func BenchmarkCommandParser(b *testing.B) {
	in := []byte("MAIL FROM:<plc@example.com> SIZE=1000\r\nRCPT TO:<mark@example.com>\r\nDATA\r\n")
	var p CommandParser
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		p.Feed(in)
		for range 3 {
			if _, ok, err := p.Next(); !ok || err != nil {
				b.Fatal(ok, err)
			}
		}
	}
}

func TestTakeOfNothingKeepsTheMemory(t *testing.T) {
	var p CommandParser
	p.Feed([]byte("DATA\r\n"))
	if _, ok, err := p.Next(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	room := cap(p.in.buf)
	if got := p.Take(); got != nil || cap(p.in.buf) != room {
		t.Errorf("took %q, kept %d of %d bytes", got, cap(p.in.buf), room)
	}
	p.Feed([]byte("QUIT\r\n"))
	if c, ok, err := p.Next(); !ok || err != nil || c.Verb != "QUIT" {
		t.Errorf("%+v, %v, %v", c, ok, err)
	}
}

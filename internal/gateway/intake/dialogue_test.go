package intake

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A dialogue is a file in testdata:
//
//	# a remark
//	! mode starttls            what the listener and the device are like; first of all
//	C: EHLO plc                the client sends a line; lines that follow each other go in
//	C: "NOOP\n"                one write; in quotes they are Go's, and no CRLF is added
//	S: 250 ok                  the server's reply, exactly; with ... at its end, so far
//	= <from> -> <to> "header" "body"
//	S. quit                    the server closes, for this reason
//
// Each is held as a whole and byte by byte: replies don't depend on how bytes were cut.
// Those that show what must not stand behind a command say "! whole".
type dialogue struct {
	mode  TLS
	peer  string
	whole bool
	lines []string
}

func TestDialogues(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.smtp"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d dialogues: %v", len(files), err)
	}
	for _, file := range files {
		for _, piece := range []int{0, 1, 7} {
			name := strings.TrimSuffix(filepath.Base(file), ".smtp")
			t.Run(fmt.Sprintf("%s/%d", name, piece), func(t *testing.T) { hold(t, file, piece) })
		}
	}
}

// hold has one dialogue.
func hold(t *testing.T, file string, piece int) {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse()
	d := dialogue{mode: Off, peer: plc}
	config := h.config()
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '!':
			d.option(t, h, &config, strings.Fields(line)[1:])
		default:
			d.lines = append(d.lines, line)
		}
	}
	if d.whole && piece > 0 {
		t.Skip("it shows what stands behind a command")
	}
	k := h.talk(t, config, d.peer, d.mode)
	k.piece = piece
	d.play(k)
	if n := h.leftover(); n != 0 {
		t.Errorf("%d bodies are left", n)
	}
}

func (d *dialogue) option(t *testing.T, h *house, c *Config, words []string) {
	value := words[len(words)-1]
	number := func() int {
		n, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	device := h.devices[d.peer]
	switch words[0] {
	case "whole":
		d.whole = true
	case "mode":
		d.mode = TLS(value)
	case "peer":
		d.peer = value
	case "login":
		device.Login = hunter2()
	case "per-minute":
		device.PerMinute = number()
	case "max-size":
		device.MaxSize = int64(number())
	case "max-recipients":
		device.MaxRecipients = number()
	case "max-errors":
		c.Limits.MaxErrors = number()
	case "max-commands":
		c.Limits.MaxCommands = number()
	case "bare-lf":
		device.Quirks.BareLF = true
	case "any-helo":
		device.Quirks.AnyHelo = true
	case "no-brackets":
		device.Quirks.NoBrackets = true
	case "eight-bit":
		device.Quirks.EightBit = true
	default:
		t.Fatalf("no such option: %q", words)
	}
}

// play goes through the lines.
func (d *dialogue) play(k *talk) {
	mails := 0
	replies := strings.Split(strings.TrimSuffix(k.said, "\r\n"), "\r\n")
	for i, line := range d.lines {
		kind, rest, _ := strings.Cut(line, " ")
		switch kind {
		case "C:":
			if i > 0 && strings.HasPrefix(d.lines[i-1], "C:") {
				continue // it went with the one before
			}
			if len(replies) > 0 {
				k.t.Fatalf("before %q: it also said %q", line, replies)
			}
			k.now = k.now.Add(time.Second)
			if k.send(write(k.t, d.lines[i:])); k.said != "" {
				replies = strings.Split(strings.TrimSuffix(k.said, "\r\n"), "\r\n")
			}
		case "S:":
			if len(replies) == 0 {
				k.t.Fatalf("it didn't say %q", rest)
			}
			begin, open := strings.CutSuffix(rest, "...")
			if got := replies[0]; got != rest && (!open || !strings.HasPrefix(got, begin)) {
				k.t.Errorf("it said %q, want %q", got, rest)
			}
			replies = replies[1:]
		case "S.":
			k.over(End(rest))
		case "=":
			d.mail(k, mails, rest)
			mails++
		default:
			k.t.Fatalf("line %q", line)
		}
	}
	if len(replies) > 0 {
		k.t.Errorf("it also said %q", replies)
	}
	if got := len(k.house.got()); got != mails {
		k.t.Errorf("%d messages were taken, want %d", got, mails)
	}
}

// write is what the client's lines are that follow each other.
func write(t testing.TB, lines []string) string {
	var all strings.Builder
	for _, line := range lines {
		rest, ok := strings.CutPrefix(line, "C:")
		if !ok {
			break
		}
		rest = strings.TrimPrefix(rest, " ")
		if !strings.HasPrefix(rest, `"`) {
			all.WriteString(rest + "\r\n")
			continue
		}
		raw, err := strconv.Unquote(rest)
		if err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		all.WriteString(raw)
	}
	return all.String()
}

func (d *dialogue) mail(k *talk, i int, want string) {
	mails := k.house.got()
	if i >= len(mails) {
		k.t.Fatalf("no message, want %s", want)
	}
	m := mails[i]
	to := make([]string, len(m.To))
	for i, a := range m.To {
		to[i] = a.String()
	}
	got := fmt.Sprintf("<%s> -> <%s> %q %q", m.From, strings.Join(to, ", "), m.Header, m.body)
	if got != want {
		k.t.Errorf("got  %s\nwant %s", got, want)
	}
	if want := int64(len(m.Header) + len(m.body)); m.Size != want {
		k.t.Errorf("its size is %d, want %d", m.Size, want)
	}
}

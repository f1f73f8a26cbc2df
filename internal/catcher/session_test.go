package catcher

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/link"
)

// talk is a conversation with the catcher over its network in memory.
type talk struct {
	t    *testing.T
	link link.Link
	got  []Received
	out  string
	over bool
	err  error
	done int // writes that the server took
}

func dial(t *testing.T, script ...string) *talk {
	t.Helper()
	k := &talk{t: t}
	n := &Network{Host: "mail.example.com", Took: func(r Received) { k.got = append(k.got, r) }}
	for _, s := range script {
		f, err := ParseFailure(s)
		if err != nil {
			t.Fatal(err)
		}
		n.Script = append(n.Script, f)
	}
	server := netip.MustParseAddrPort("192.168.0.1:25")
	k.link = n.Dial(server)
	if diff := cmp.Diff([]netip.AddrPort{server}, n.Dialed, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	k.events()
	return k
}

// events takes what has happened, and returns what the server said.
func (k *talk) events() string {
	k.out = ""
	for {
		e, ok := k.link.Next()
		switch {
		case !ok:
			return k.out
		case k.over:
			k.t.Errorf("event %d after Closed", e.Kind)
		case e.Kind == link.Received:
			k.out += string(e.Data)
		case e.Kind == link.Written:
			k.done++
		case e.Kind == link.Closed:
			k.over, k.err = true, e.Err
		}
	}
}

// say sends lines in one write, and wants replies with these codes, or texts.
func (k *talk) say(text string, want ...string) *talk {
	k.t.Helper()
	k.link.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n")+"\r\n"), false)
	return k.heard(text, want...)
}

func (k *talk) heard(after string, want ...string) *talk {
	k.t.Helper()
	k.events()
	var got []string
	if k.out != "" {
		got = strings.Split(strings.TrimSuffix(k.out, "\r\n"), "\r\n")
	}
	fits := len(got) == len(want)
	for i := range min(len(got), len(want)) {
		fits = fits && strings.HasPrefix(got[i], want[i])
	}
	if !fits {
		k.t.Errorf("%.60q: the server says %q, want %q", after, got, want)
	}
	return k
}

const envelope = "HELO 192.168.12.86\nMAIL FROM:<plc@example.com>\nRCPT TO:<mark@example.com>"

func TestTheServersWords(t *testing.T) {
	k := dial(t)
	if want := "220 mail.example.com ESMTP Rungmail catcher\r\n"; k.out != want {
		t.Errorf("greeting %q, want %q", k.out, want)
	}
	k.say("HELO 192.168.12.86", "250 mail.example.com Hello 192.168.12.86, pleased to meet you")
	k.say("MAIL FROM:<plc@example.com>", "250 <plc@example.com>, Sender ok")
	k.say("RCPT TO:<mark@example.com>", "250 <mark@example.com>, Recipient ok")
	k.say("DATA", "354 Enter mail, end with <CRLF>.<CRLF>")
	k.say("Subject: Widget Report\n\nfirst\n..dot").say(".", "250 Ok, message saved")
	k.say("QUIT", "221 mail.example.com closing connection")
	want := []Received{{
		Helo: "192.168.12.86", From: "plc@example.com", To: []string{"mark@example.com"},
		Data: []byte("Subject: Widget Report\r\n\r\nfirst\r\n.dot\r\n"),
	}}
	if diff := cmp.Diff(want, k.got); diff != "" {
		t.Error(diff)
	}
	if !k.over || k.err != nil {
		t.Errorf("after QUIT: closed %v, %v", k.over, k.err)
	}
}

// TestEveryStageAndManner walks a whole conversation into each failure.
func TestEveryStageAndManner(t *testing.T) {
	steps := []struct {
		stage Stage
		say   string
		want  string
	}{
		{Helo, "HELO x\r\n", "250"},
		{Mail, "MAIL FROM:<a@example.com>\r\n", "250"},
		{Rcpt, "RCPT TO:<b@example.com>\r\n", "250"},
		{Data, "DATA\r\n", "354"},
		{Subject, "Subject: s\r\n\r\n", ""},
		{Body, "body\r\n", ""},
		{End, ".\r\n", "250"},
	}
	for _, stage := range stages {
		for _, manner := range []string{"drop", "reset", "stall", "550 no\n"} {
			if stage.stage == Connect && manner[0] == '5' {
				continue
			}
			t.Run(string(stage.stage)+"="+strings.TrimSpace(manner), func(t *testing.T) {
				k := dial(t, string(stage.stage)+"="+strings.TrimSpace(manner))
				failed := stage.stage == Connect
				if failed {
					if manner != "stall" && !errors.Is(k.err, syscall.ECONNREFUSED) {
						t.Errorf("connecting says %v", k.err)
					}
				} else if !checkStage(t, k, Greeting, stage.stage, manner, "220") {
					return
				}
				failed = failed || stage.stage == Greeting
				for _, s := range steps {
					before := k.done
					k.link.Write([]byte(s.say), false)
					k.events()
					if failed {
						if k.out != "" || k.done != before {
							t.Errorf("the failed server says %q and took %d writes", k.out, k.done-before)
						}
						continue
					}
					if !checkStage(t, k, s.stage, stage.stage, manner, s.want) {
						return
					}
					failed = s.stage == stage.stage
				}
				if len(k.got) > 0 {
					t.Errorf("the mail was kept: %+v", k.got)
				}
			})
		}
	}
}

// checkStage judges what came at one stage; false when the story is over.
func checkStage(t *testing.T, k *talk, at, failing Stage, manner, usual string) bool {
	t.Helper()
	if at != failing {
		if !strings.HasPrefix(k.out, usual) || usual == "" && k.out != "" || k.over {
			t.Errorf("at %s the server says %q", at, k.out)
		}
		return true
	}
	switch {
	case manner[0] == '5':
		if k.out != "550 no\r\n" || k.over {
			t.Errorf("at %s: %q, closed %v", at, k.out, k.over)
		}
		return false
	case k.out != "":
		t.Errorf("at %s: %q before the failure", at, k.out)
	case manner == "drop" && (!k.over || k.err != nil),
		manner == "reset" && (!k.over || !errors.Is(k.err, syscall.ECONNRESET)),
		manner == "stall" && k.over:
		t.Errorf("at %s %s: closed %v, %v", at, manner, k.over, k.err)
	}
	return true
}

func TestAStalledServerTakesNoWrite(t *testing.T) {
	k := dial(t, "mail=stall")
	k.say("HELO x", "250")
	k.say("MAIL FROM:<a@example.com>").say("RCPT TO:<b@example.com>")
	if k.done != 1 {
		t.Errorf("%d writes were taken, want that of HELO", k.done)
	}
}

func TestAConnectionThatStallsHasNoEvent(t *testing.T) {
	n := &Network{Script: Script{{Stage: Connect, Manner: Stall}}}
	l := n.Dial(netip.MustParseAddrPort("192.0.2.1:25"))
	l.Write([]byte("HELO x\r\n"), false)
	if e, ok := l.Next(); ok {
		t.Errorf("event %d", e.Kind)
	}
}

func TestNoEventAfterClose(t *testing.T) {
	k := dial(t)
	k.link.Write([]byte("HELO x\r\n"), false)
	k.link.Close()
	k.link.Write([]byte("HELO x\r\n"), false)
	k.link.Close()
	if e, ok := k.link.Next(); ok {
		t.Errorf("event %d", e.Kind)
	}
}

func TestNumberedRecipients(t *testing.T) {
	k := dial(t, "rcpt:2=550 no", "rcpt:4=452 later")
	k.say("HELO x\nMAIL FROM:<a@example.com>", "250", "250")
	for i, want := range []string{"250", "550", "250", "452"} {
		k.say(fmt.Sprintf("RCPT TO:<r%d@example.com>", i+1), want)
	}
	k.say("DATA", "354").say("\nx\n.", "250")
	k.say("MAIL FROM:<a@example.com>\nRCPT TO:<s1@example.com>\nRCPT TO:<s2@example.com>\nDATA\n\ny\n.", "250", "250", "550", "354", "250")
	if len(k.got) != 2 {
		t.Fatalf("%d mails", len(k.got))
	}
	if diff := cmp.Diff([]string{"r1@example.com", "r3@example.com"}, k.got[0].To); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"s1@example.com"}, k.got[1].To); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutAGoodRecipientThereIsNoDATA(t *testing.T) {
	k := dial(t, "rcpt=550 no")
	k.say(envelope+"\nDATA\nNOOP", "250", "250", "550", "503", "250")
}

func TestAReplyOfSeveralLines(t *testing.T) {
	k := dial(t, "greeting=220-a\n220-b\n220 c", "end=250-x\n250 y")
	if want := "220-a\r\n220-b\r\n220 c\r\n"; k.out != want {
		t.Errorf("greeting %q", k.out)
	}
	k.say(envelope+"\nDATA\n\nx\n.", "250", "250", "250", "354", "250-x", "250 y")
	if len(k.got) != 1 {
		t.Errorf("%d mails", len(k.got))
	}
}

// TestSeveralMailsInOneConnection: each is a mail of its own, and a failure at
// the head or the body comes with each of them.
func TestSeveralMailsInOneConnection(t *testing.T) {
	k := dial(t, "subject=250 head", "body=250 body")
	for i := range 3 {
		k.say(fmt.Sprintf("%s%d@example.com>\nDATA", strings.TrimSuffix(envelope, "@example.com>"), i), "250", "250", "250", "354")
		k.say("Subject: s\n", "250 head").say(fmt.Sprintf("mail %d\n.", i), "250 body", "250 Ok")
	}
	for i, m := range k.got {
		want := Received{
			Helo: "192.168.12.86", From: "plc@example.com", To: []string{fmt.Sprintf("mark%d@example.com", i)},
			Data: []byte(fmt.Sprintf("Subject: s\r\n\r\nmail %d\r\n", i)),
		}
		if diff := cmp.Diff(want, m); diff != "" {
			t.Error(diff)
		}
	}
	if len(k.got) != 3 {
		t.Errorf("%d mails", len(k.got))
	}
	k.say("RCPT TO:<b@example.com>\nDATA", "503", "503") // the next mail needs a MAIL of its own
}

func TestPipelinedInput(t *testing.T) {
	k := dial(t)
	k.say(envelope+"\nDATA\nSubject: s\n\nQUIT\n.\nNOOP\nQUIT", "250", "250", "250", "354", "250", "250", "221")
	if len(k.got) != 1 || string(k.got[0].Data) != "Subject: s\r\n\r\nQUIT\r\n" {
		t.Errorf("got %+v", k.got)
	}
}

func TestCommandsOutOfOrder(t *testing.T) {
	for _, r := range []struct{ say, want string }{
		{"RCPT TO:<b@example.com>", "503"},
		{"DATA", "503"},
		{"MAIL FROM:<a@example.com>\nDATA", "250 503"},
		{"MAIL FROM:<a@example.com>\nRCPT TO:<b@example.com>\nRSET\nRCPT TO:<b@example.com>\nDATA", "250 250 250 503 503"},
		{"MAIL FROM:<a@example.com>\nRCPT TO:<b@example.com>\nHELO y\nDATA", "250 250 250 503"},
		{"MAIL FROM:<a@example.com>\nRCPT TO:<b@example.com>\nMAIL FROM:<c@example.com>\nDATA", "250 250 250 503"},
		{"MAIL a@example.com\nRCPT TO:<b@example.com>", "501 503"},
		{"MAIL FROM:<a@example.com>\nRCPT b@example.com\nDATA", "250 501 503"},
		{"FROB\n\nVRFY x\nNOOP", "502 502 502 250"},
		{".", "502"},
	} {
		k := dial(t)
		k.say(r.say, strings.Fields(r.want)...)
		if len(k.got) > 0 || k.over {
			t.Errorf("%q: got %+v, closed %v", r.say, k.got, k.over)
		}
	}
}

// TestTheNullSenderAndThePostmaster have no address, and are good all the same.
func TestTheNullSenderAndThePostmaster(t *testing.T) {
	k := dial(t)
	k.say("HELO x\nMAIL FROM:<>\nRCPT TO:<Postmaster>\nDATA\n\nbounce\n.", "250", "250 <>", "250 <postmaster>", "354", "250")
	want := []Received{{Helo: "x", To: []string{"postmaster"}, Data: []byte("\r\nbounce\r\n")}}
	if diff := cmp.Diff(want, k.got); diff != "" {
		t.Error(diff)
	}
}

// TestNothingIsReadAfterTheEnd: what comes behind QUIT, or behind a fault in the
// text of a mail, is no command.
func TestNothingIsReadAfterTheEnd(t *testing.T) {
	for _, r := range []struct{ say, want string }{
		{"QUIT\nNOOP", "221"},
		{envelope + "\nDATA\n\nstray\x01\n\n", "250 250 250 354 554"},
	} {
		say := strings.NewReplacer("\x01", "\r", "\n", "\r\n").Replace(r.say)
		var got []Received
		s := NewSession("h", nil, func(r Received) { got = append(got, r) })
		o := s.Feed([]byte(say))
		if codes := codesOf(o.Out); codes != r.want || !o.Over {
			t.Errorf("%q: %s, over %v; want %s", say, codes, o.Over, r.want)
		}
		again := s.Feed([]byte("NOOP\r\nMAIL FROM:<a@example.com>\r\n"))
		if len(again.Out) > 0 || !again.Over || len(got) > 0 {
			t.Errorf("%q: then it says %q", say, again.Out)
		}
		k := dial(t)
		k.link.Write([]byte(say), false)
		k.link.Write([]byte("NOOP\r\n"), false)
		if k.events(); strings.HasSuffix(k.out, "250 OK\r\n") || !k.over || k.done != 1 {
			t.Errorf("%q: the link says %q, closed %v, %d writes", say, k.out, k.over, k.done)
		}
	}
}

func codesOf(out []byte) string {
	var codes []string
	for line := range strings.Lines(string(out)) {
		codes = append(codes, line[:3])
	}
	return strings.Join(codes, " ")
}

// TestAMailOverTheBound is read to its end, refused, and the conversation goes
// on.
func TestAMailOverTheBound(t *testing.T) {
	k := dial(t)
	body := strings.Repeat(strings.Repeat("x", 998)+"\n", MaxMail/1000+1)
	k.say(envelope+"\nDATA\n\n"+body+".", "250", "250", "250", "354", "552")
	k.say("RSET\n"+envelope+"\nDATA\n\n"+body[:MaxMail-MaxMail/1000-1000]+"\n.", "250", "250", "250", "250", "354", "250")
	if len(k.got) != 1 || len(k.got[0].Data) > MaxMail {
		t.Errorf("%d mails", len(k.got))
	}
}

func TestTooManyRecipients(t *testing.T) {
	k := dial(t, "rcpt:1=550 no")
	k.say("HELO x\nMAIL FROM:<a@example.com>\nRCPT TO:<r@example.com>", "250", "250", "550")
	for range MaxRecipients - 1 {
		k.say("RCPT TO:<r@example.com>", "250")
	}
	k.say("RCPT TO:<r@example.com>\nRCPT TO:<r@example.com>\nDATA\n\nx\n.", "452", "452", "354", "250")
	if len(k.got) != 1 || len(k.got[0].To) != MaxRecipients-1 {
		t.Errorf("%d mails", len(k.got))
	}
}

// TestAFloodIsAnswered: more at once than the parser may hold.
func TestAFloodIsAnswered(t *testing.T) {
	s := NewSession("h", nil, nil)
	o := s.Feed(bytes.Repeat([]byte("NOOP\r\n"), 100_000))
	if n := bytes.Count(o.Out, []byte("250 OK\r\n")); n != 100_000 || o.Over {
		t.Errorf("%d answers, over %v", n, o.Over)
	}
	o = s.Feed(bytes.Repeat([]byte("x"), 1<<20))
	if codesOf(o.Out) != "500" || o.Over {
		t.Errorf("an endless line: %q", o.Out)
	}
	if o = s.Feed([]byte("\r\nNOOP\r\n")); codesOf(o.Out) != "250" {
		t.Errorf("after it: %q", o.Out)
	}
}

func TestAnEmptyHead(t *testing.T) {
	k := dial(t, "body=250 body")
	k.say(envelope+"\nDATA", "250", "250", "250", "354").say("\nbody\n.", "250 body", "250 Ok")
}

// drawInput is a client's side of conversations, more or less sensible.
func drawInput(t *rapid.T) []byte {
	parts := rapid.SliceOfN(rapid.SampledFrom([]string{
		"HELO x\r\n", "MAIL FROM:<a@example.com>\r\n", "RCPT TO:<b@example.com>\r\n", "DATA\r\n", "DATA\r\n", "Subject: s\r\n",
		"\r\n", "text\r\n", ".\r\n", ".\r\n", "..x\r\n", "RSET\r\n", "QUIT\r\n", "NOOP\r\n", "\r", "\n", "\x00", "FROB\r\n",
	}), 0, 40).Draw(t, "parts")
	return []byte(strings.Join(append([]string{envelope[:6] + "\r\n"}, parts...), ""))
}

// TestCutsDontMatter: what the server says and keeps doesn't depend on how the
// bytes come.
func TestCutsDontMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput(t)
		script := Script{}
		for _, stage := range []Stage{Subject, Body, End} {
			if rapid.Bool().Draw(t, string(stage)) {
				script = append(script, Failure{Stage: stage, Manner: rapid.SampledFrom([]Manner{Answer, Drop}).Draw(t, "manner"), Reply: "250 " + string(stage)})
			}
		}
		run := func(pieces [][]byte) (out string, got []Received) {
			s := NewSession("h", script, func(r Received) { got = append(got, r) })
			for _, p := range pieces {
				o := s.Feed(p)
				out += string(o.Out)
				if o.Over || o.Manner != Answer {
					out += fmt.Sprintf("(%d %v)", o.Manner, o.Over)
					break
				}
			}
			return out, got
		}
		wantOut, want := run([][]byte{input})
		var pieces [][]byte
		for rest := input; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "cut")
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		gotOut, got := run(pieces)
		if diff := cmp.Diff(wantOut, gotOut) + cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: %s", input, diff)
		}
	})
}

func FuzzSession(f *testing.F) {
	f.Add([]byte("HELO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n\r\nx\r\n.\r\nQUIT\r\n"), uint16(7))
	f.Add([]byte("MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\nx\rx"), uint16(1))
	f.Add([]byte("\x00\r\r\n\n.\r\n"), uint16(2))
	f.Fuzz(func(t *testing.T, input []byte, cut uint16) {
		kept := 0
		s := NewSession("h", nil, func(r Received) {
			kept++
			if len(r.Data) > MaxMail || len(r.To) == 0 || len(r.To) > MaxRecipients {
				t.Errorf("%d bytes to %d recipients", len(r.Data), len(r.To))
			}
		})
		ended := false
		for rest := input; len(rest) > 0; {
			n := min(len(rest), int(cut)+1)
			o := s.Feed(rest[:n])
			rest = rest[n:]
			if ended && len(o.Out) > 0 {
				t.Errorf("after the end: %q", o.Out)
			}
			ended = o.Over
			for line := range bytes.Lines(o.Out) {
				if len(line) > 512 || !bytes.HasSuffix(line, []byte("\r\n")) || bytes.ContainsAny(line[:len(line)-2], "\r\n\x00") {
					t.Errorf("a reply line %q", line)
				}
			}
		}
		if held := len(s.commands.Rest()); held > 64<<10 {
			t.Errorf("%d bytes are held", held)
		}
		if kept > bytes.Count(input, []byte("\n.\r\n")) {
			t.Errorf("%d mails of %q", kept, input)
		}
	})
}

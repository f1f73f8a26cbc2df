package smtpwire

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/reply"
)

// parseReplies feeds the pieces and gives all replies, and the error that ended
// them.
func parseReplies(cut ...[]byte) (all []reply.Reply, err error) {
	var p ReplyParser
	for _, b := range cut {
		p.Feed(b)
		for {
			r, ok, err := p.Next()
			if err != nil {
				return all, err
			}
			if !ok {
				break
			}
			all = append(all, r)
		}
	}
	return all, nil
}

func TestReplies(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want []reply.Reply
	}{
		{"", nil},
		{"220 mail.example.com ESMTP\r\n", []reply.Reply{{Code: 220, Lines: []string{"mail.example.com ESMTP"}}}},
		{"250 bare LF\n", []reply.Reply{{Code: 250, Lines: []string{"bare LF"}}}},
		{"250\r\n250\n250 \r\n", []reply.Reply{{Code: 250, Lines: []string{""}}, {Code: 250, Lines: []string{""}}, {Code: 250, Lines: []string{""}}}},
		{
			"250-mail.example.com\r\n250-SIZE 1000\n250 \r\n",
			[]reply.Reply{{Code: 250, Lines: []string{"mail.example.com", "SIZE 1000", ""}}},
		},
		{"250-a\r\n250\r\n", []reply.Reply{{Code: 250, Lines: []string{"a", ""}}}},
		{"250 2.1.0 ok\r\n354 go\r\n", []reply.Reply{
			{Code: 250, Enhanced: "2.1.0", Lines: []string{"2.1.0 ok"}},
			{Code: 354, Lines: []string{"go"}},
		}},
		{"550 5.7.1\r\n", []reply.Reply{{Code: 550, Enhanced: "5.7.1", Lines: []string{"5.7.1"}}}},
		{"550-5.7.1 no\r\n550 5.7.1 never\r\n", []reply.Reply{{Code: 550, Enhanced: "5.7.1", Lines: []string{"5.7.1 no", "5.7.1 never"}}}},
		{"550-no\r\n550 5.7.1 never\r\n", []reply.Reply{{Code: 550, Lines: []string{"no", "5.7.1 never"}}}},
		{"421 4.7.123\tlater\r\n", []reply.Reply{{Code: 421, Enhanced: "4.7.123", Lines: []string{"4.7.123 later"}}}},
		{"550 4.7.1 class\r\n", []reply.Reply{{Code: 550, Lines: []string{"4.7.1 class"}}}},
		{"550 5.7 two\r\n", []reply.Reply{{Code: 550, Lines: []string{"5.7 two"}}}},
		{"550 5.7.1.1 four\r\n", []reply.Reply{{Code: 550, Lines: []string{"5.7.1.1 four"}}}},
		{"550 5.7.1000 long\r\n", []reply.Reply{{Code: 550, Lines: []string{"5.7.1000 long"}}}},
		{"550 5.7.1: colon\r\n", []reply.Reply{{Code: 550, Lines: []string{"5.7.1: colon"}}}},
		{"550 5..1 gap\r\n", []reply.Reply{{Code: 550, Lines: []string{"5..1 gap"}}}},
		{"550  5.7.1 blank\r\n", []reply.Reply{{Code: 550, Lines: []string{" 5.7.1 blank"}}}},
		{"999 9.9.9 odd\r\n", []reply.Reply{{Code: 999, Lines: []string{"9.9.9 odd"}}}},
		{"100 odd\r\n", []reply.Reply{{Code: 100, Lines: []string{"odd"}}}},
		{"250 a\x1b[2J\x00\rb\xff\u009b\u202e\r\r\n", []reply.Reply{{Code: 250, Lines: []string{"a?[2J??b\ufffd\ufffd\ufffd?"}}}},
	} {
		got, err := parseReplies([]byte(tc.in))
		if err != nil {
			t.Errorf("%q: %v", tc.in, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", tc.in, diff)
		}
	}
}

func TestBadReplies(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want error
	}{
		{"\r\n", ErrMalformed},
		{"25\r\n", ErrMalformed},
		{"hello\r\n", ErrMalformed},
		{"HTTP/1.1 400 Bad Request\r\n", ErrMalformed},
		{"050 no\r\n", ErrMalformed},
		{"2x0 no\r\n", ErrMalformed},
		{"2500 no\r\n", ErrMalformed},
		{"250\tno\r\n", ErrMalformed},
		{" 250 no\r\n", ErrMalformed},
		{"-25 no\r\n", ErrMalformed},
		{"\u0662\u0665\u0660 no\r\n", ErrMalformed},
		{"250-a\r\n251 b\r\n", ErrMalformed},
		{"250-a\r\nb\r\n", ErrMalformed},
		{"250-\x1b[2J\r\n\x1b[2J\r\n", ErrMalformed},
		{"250 " + strings.Repeat("x", 507) + "\r\n", ErrLineTooLong},
		{"250 " + strings.Repeat("x", 508) + "\n", ErrLineTooLong},
		{strings.Repeat("x", 512), ErrLineTooLong},
		{strings.Repeat("250-x\r\n", 100), ErrTooManyLines},
	} {
		got, err := parseReplies([]byte(tc.in))
		wantError(t, err, tc.want)
		if len(got) != 0 {
			t.Errorf("%.60q: got %v", tc.in, got)
		}
	}
}

func TestReplyAtItsBounds(t *testing.T) {
	longest := "250-" + strings.Repeat("x", MaxLine-6) + "\r\n"
	in := strings.Repeat(longest, MaxReplyLines-1) + strings.Replace(longest, "-", " ", 1)
	got, err := parseReplies([]byte(in))
	if err != nil || len(got) != 1 || len(got[0].Lines) != MaxReplyLines {
		t.Errorf("got %d replies, %v; want one", len(got), err)
	}
}

func TestReplyInPieces(t *testing.T) {
	var p ReplyParser
	for _, step := range []struct {
		feed     string
		want     bool
		buffered int
	}{
		{"", false, 0},
		{"25", false, 2},
		{"0-a\r", false, 6},
		{"\n", false, 7},
		{"250 b\r\n221 bye", true, 7},
		{"", false, 7},
		{"\r\n", true, 0},
		{"", false, 0},
	} {
		p.Feed([]byte(step.feed))
		r, ok, err := p.Next()
		if err != nil || ok != step.want || p.Buffered() != step.buffered {
			t.Errorf("after %q: got %v, %v, %v, %d buffered; want %v, %d", step.feed, r, ok, err, p.Buffered(), step.want, step.buffered)
		}
	}
}

func TestReplyErrorStaysAndDropsAll(t *testing.T) {
	var p ReplyParser
	p.Feed([]byte("250 ok\r\nnonsense\r\n250 ok\r\n"))
	if _, ok, err := p.Next(); !ok || err != nil {
		t.Fatalf("the reply before the fault: got %v, %v", ok, err)
	}
	for range 3 {
		_, ok, err := p.Next()
		if ok {
			t.Error("a reply after a fault")
		}
		wantError(t, err, ErrMalformed)
		if p.Buffered() != 0 || cap(p.in.buf) != 0 {
			t.Errorf("got %d bytes buffered in %d; want none", p.Buffered(), cap(p.in.buf))
		}
		p.Feed([]byte("250 ok\r\n"))
	}
}

func TestReplyMemoryIsBounded(t *testing.T) {
	var p ReplyParser
	for range 1000 {
		p.Feed(bytes.Repeat([]byte("250 ok\r\n"), 100))
	}
	_, ok, err := p.Next()
	if ok || cap(p.in.buf) != 0 {
		t.Errorf("got %v, %d bytes", ok, cap(p.in.buf))
	}
	wantError(t, err, ErrTooMuch)
}

func TestAppendReply(t *testing.T) {
	x := strings.Repeat("x", 600)
	for _, tc := range []struct {
		in   reply.Reply
		want string
	}{
		{reply.Reply{Code: 220, Lines: []string{"ready"}}, "220 ready\r\n"},
		{reply.Reply{Code: 250}, "250 \r\n"},
		{reply.Reply{Code: 250, Enhanced: "2.0.0"}, "250 2.0.0\r\n"},
		{reply.Reply{Code: 250, Lines: []string{"a", "b", "c"}}, "250-a\r\n250-b\r\n250 c\r\n"},
		{reply.Reply{Code: 550, Enhanced: "5.7.1", Lines: []string{"no", "5.7.1 never", "5.7.10 other", "5.7.1"}}, "550-5.7.1 no\r\n550-5.7.1 never\r\n550-5.7.1 5.7.10 other\r\n550 5.7.1\r\n"},
		{reply.Reply{Code: 250, Enhanced: "5.7.1", Lines: []string{"class"}}, "250 class\r\n"},
		{reply.Reply{Code: 250, Enhanced: "2.0.0\r\n250 x", Lines: []string{"smuggled"}}, "250 smuggled\r\n"},
		{reply.Reply{Code: 354, Enhanced: "3.0.0", Lines: []string{"go"}}, "354 go\r\n"},
		{reply.Reply{Code: 550, Lines: []string{"a\r\n250 ok\x1b[2J\xff"}}, "550 a??250 ok?[2J\ufffd\r\n"},
		{reply.Reply{Code: 0, Lines: []string{"?"}}, "451 ?\r\n"},
		{reply.Reply{Code: 1001, Lines: []string{"?"}}, "451 ?\r\n"},
		{reply.Reply{Code: 250, Lines: []string{x}}, "250 " + x[:506] + "\r\n"},
		{reply.Reply{Code: 250, Enhanced: "2.0.0", Lines: []string{x}}, "250 2.0.0 " + x[:500] + "\r\n"},
		{reply.Reply{Code: 250, Lines: []string{x[:505] + "üü"}}, "250 " + x[:505] + "\r\n"},
		{reply.Reply{Code: 250, Lines: []string{x[:504] + "üü"}}, "250 " + x[:504] + "ü\r\n"},
		{reply.Reply{Code: 250, Lines: []string{x[:511] + "ü"}}, "250 " + x[:506] + "\r\n"},
		{reply.Reply{Code: 250, Lines: []string{strings.Repeat("\xff", 600)}}, "250 " + strings.Repeat("\ufffd", 168) + "\r\n"},
	} {
		if got := string(AppendReply([]byte("before"), tc.in)); got != "before"+tc.want {
			t.Errorf("%+v: got %q; want %q", tc.in, got, tc.want)
		}
	}
	long := AppendReply(nil, reply.Reply{Code: 250, Lines: make([]string, 200)})
	if got, err := parseReplies(long); err != nil || len(got) != 1 || len(got[0].Lines) != MaxReplyLines {
		t.Errorf("200 lines: got %v, %v; want one reply of %d", got, err, MaxReplyLines)
	}
}

// replies draws replies that a server of ours could send.
func replies(t *rapid.T) reply.Reply {
	text := rapid.StringOfN(rapid.RuneFrom([]rune("abc 019.-<>äж🙂")), 0, 40, -1)
	r := reply.Reply{
		Code:  rapid.IntRange(100, 999).Draw(t, "code"),
		Lines: rapid.SliceOfN(text, 1, 6).Draw(t, "lines"),
	}
	if class := r.Class(); (class == 2 || class == 4 || class == 5) && rapid.Bool().Draw(t, "enhanced") {
		r.Enhanced = fmt.Sprintf("%d.%d.%d", class, rapid.IntRange(0, 999).Draw(t, "subject"), rapid.IntRange(0, 999).Draw(t, "detail"))
		for i := range r.Lines {
			r.Lines[i] = strings.TrimSpace(r.Enhanced + " " + r.Lines[i])
		}
	}
	return r
}

func TestReplyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(replies), 0, 4).Draw(t, "replies")
		var wire []byte
		for _, r := range want {
			wire = AppendReply(wire, r)
		}
		got, err := parseReplies(pieces(t, wire, "cut")...)
		if err != nil {
			t.Fatalf("%q: %v", wire, err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%q: (-want +got)\n%s", wire, diff)
		}
	})
}

func TestRepliesDoNotDependOnPieces(t *testing.T) {
	line := rapid.OneOf(
		rapid.StringMatching(`[1-9][0-9]{2}[ -][ -~]{0,30}\r?\n`),
		rapid.SampledFrom([]string{"250-a\r\n", "250 b\n", "250\r\n", "\r", "x", strings.Repeat("y", 300), "550 5.7.1 no\r\n"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		in := []byte(strings.Join(rapid.SliceOfN(line, 0, 12).Draw(t, "lines"), ""))
		want, wantErr := parseReplies(in)
		got, gotErr := parseReplies(pieces(t, in, "cut")...)
		if diff := cmp.Diff(want, got); diff != "" || !errors.Is(gotErr, sentinel(wantErr)) {
			t.Fatalf("%q: got error %v; want %v; (-want +got)\n%s", in, gotErr, wantErr, diff)
		}
	})
}

func FuzzReplyParser(f *testing.F) {
	for _, s := range []string{"250 ok\r\n", "250-a\n250 2.0.0 b\r\n", "550 5.7.1\r\n", "250\r\n", "25", "x\r\n", "250-a\r\n251 b\r\n", "250 \xff\x9b\x1b\r\n"} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, in []byte, at int) {
		if len(in) > MaxUnread {
			return
		}
		want, wantErr := parseReplies(in)
		at = max(0, min(at, len(in)))
		got, gotErr := parseReplies(in[:at], in[at:])
		if diff := cmp.Diff(want, got); diff != "" || !errors.Is(gotErr, sentinel(wantErr)) {
			t.Errorf("cut at %d: got error %v; want %v; (-want +got)\n%s", at, gotErr, wantErr, diff)
		}
		for _, r := range want {
			checkReply(t, r)
		}
	})
}

func checkReply(t *testing.T, r reply.Reply) {
	t.Helper()
	if r.Code < 100 || r.Code > 999 || len(r.Lines) == 0 || len(r.Lines) > MaxReplyLines {
		t.Errorf("got %+v", r)
	}
	for _, text := range r.Lines {
		if Printable(text) != text {
			t.Errorf("unprintable: %q", text)
		}
	}
	// What we send on is one reply with the same code, whatever we were sent.
	again, err := parseReplies(AppendReply(nil, r))
	if err != nil || len(again) != 1 || again[0].Code != r.Code || again[0].Enhanced != r.Enhanced {
		t.Errorf("%+v went out as %+v, %v", r, again, err)
	}
}

func BenchmarkReplyParser(b *testing.B) {
	in := []byte("250-mail.example.com\r\n250-SIZE 35882577\r\n250-8BITMIME\r\n250-STARTTLS\r\n250 PIPELINING\r\n")
	var p ReplyParser
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		p.Feed(in)
		if _, ok, err := p.Next(); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

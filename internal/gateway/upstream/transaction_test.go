package upstream

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/mailaddr"
)

// refusing answers RCPT for those named as it says.
func refusing(refusals map[string]string) func(*host, string, string) (string, bool) {
	return func(_ *host, verb, line string) (string, bool) {
		if verb != "RCPT" {
			return "", false
		}
		for to, answer := range refusals {
			if strings.Contains(line, "<"+to+"@") {
				return answer + "\r\n", true
			}
		}
		return "", false
	}
}

// verdictList is verdicts in short.
func verdictList(all []Verdict) []string {
	list := []string{}
	for _, v := range all {
		list = append(list, fmt.Sprintf("%s %d", v.To.Local(), v.Reply.Code))
	}
	return list
}

// TestRecipientsAreJudgedApart, the same with and without PIPELINING.
func TestRecipientsAreJudgedApart(t *testing.T) {
	t.Parallel()
	to := []string{"a@example.com", "b@example.com", "c@example.com"}
	for _, r := range []struct {
		name     string
		refusals map[string]string
		script   map[string]string
		want     []string
		err      string // step, code and flags; empty for none
		texts    int
	}{
		{"all taken", nil, nil, []string{"a 250", "b 250", "c 250"}, "", 1},
		{"one refused", map[string]string{"b": "550 5.1.1 who"}, nil, []string{"a 250", "b 550", "c 250"}, "", 1},
		{"one not now", map[string]string{"a": "450 4.2.0 later"}, nil, []string{"a 450", "b 250", "c 250"}, "", 1},
		{"taken in other words", map[string]string{"a": "251 forwards", "b": "252 perhaps"}, nil, []string{"a 250", "b 250", "c 250"}, "", 1},
		{
			"all refused",
			map[string]string{"a": "550 no", "b": "551 no", "c": "550 no"},
			nil,
			[]string{"a 550", "b 551", "c 550"},
			"RCPT 550 permanent true", 0,
		},
		{
			"all refused, one not for good",
			map[string]string{"a": "550 no", "b": "450 no", "c": "550 no"},
			nil,
			[]string{"a 550", "b 450", "c 550"},
			"RCPT 550 permanent false", 0,
		},
		{
			"too many",
			map[string]string{"b": "452 4.5.3 too many recipients", "c": "452 4.5.3 too many recipients"},
			nil,
			[]string{"a 250", "b 452", "c 452"},
			"", 1,
		},
		{"too many, in the old code", map[string]string{"b": "552 too many recipients", "c": "552 5.5.3 no more"}, nil, []string{"a 250", "b 452", "c 452"}, "", 1},
		{"a full mailbox is no such thing", map[string]string{"b": "552 5.2.2 mailbox full"}, nil, []string{"a 250", "b 552", "c 250"}, "", 1},
		{
			"nor is the very first",
			map[string]string{"a": "552 no", "b": "552 no", "c": "552 no"},
			nil,
			[]string{"a 552", "b 552", "c 552"},
			"RCPT 552 permanent true", 0,
		},
		{"one refused, and then DATA", map[string]string{"b": "550 who"}, map[string]string{"DATA": "451 no\r\n"}, []string{"b 550"}, "DATA 451 permanent false", 0},
		{"one refused, and then the text", map[string]string{"b": "550 who"}, map[string]string{"final": "554 spam\r\n"}, []string{"b 550"}, "final dot 554 permanent true", 1},
		{"MAIL refused", nil, map[string]string{"MAIL": "550 not you\r\n", "RCPT": "503 MAIL first\r\n", "DATA": "503 RCPT first\r\n"}, []string{}, "MAIL 550 permanent true", 0},
		{"MAIL refused, and still asked for text", nil, map[string]string{"MAIL": "550 not you\r\n"}, []string{}, "MAIL 550 permanent true", 0},
	} {
		for _, offers := range []string{"SIZE", "PIPELINING"} {
			t.Run(r.name+" "+offers, func(t *testing.T) {
				t.Parallel()
				h := &host{offers: offers, script: r.script, then: refusing(r.refusals)}
				p := h.pool(t, config())
				res, err := p.Send(t.Context(), note(t, to...))
				if diff := cmp.Diff(r.want, verdictList(res.Verdicts)); diff != "" {
					t.Errorf("verdicts: %s", diff)
				}
				got := ""
				if err != nil {
					e := fault(t, err)
					got = fmt.Sprintf("%s %d permanent %v", e.Step, e.Reply.Code, e.Permanent)
					if !e.Message || e.Maybe {
						t.Errorf("got %+v", e)
					}
				}
				if got != r.err {
					t.Errorf("got error %q; want %q", got, r.err)
				}
				full := 0
				for _, text := range h.texts {
					if text != ".\r\n" {
						full++
					}
				}
				if full != r.texts {
					t.Errorf("%d texts: %q", full, h.texts)
				}
				// What was refused doesn't hurt what comes next.
				h.mend(nil)
				h.then = nil
				if _, err := p.Send(t.Context(), note(t)); err != nil {
					t.Errorf("the next message: %v", err)
				}
			})
		}
	}
}

// TestALoneDotEndsWhatNobodyGets (RFC 2920 section 3.1): DATA went ahead, and the
// server waits for a text that nobody is to have.
func TestALoneDotEndsWhatNobodyGets(t *testing.T) {
	t.Parallel()
	h := &host{offers: "PIPELINING", script: map[string]string{"RCPT": "550 no\r\n", "final": "554 no valid recipients\r\n"}}
	p := h.pool(t, config())
	_, err := p.Send(t.Context(), note(t))
	if e := fault(t, err); e.Step != StepRcpt {
		t.Errorf("got %v", err)
	}
	h.mend(nil)
	if _, err := p.Send(t.Context(), note(t)); err != nil {
		t.Fatal(err)
	}
	if conns, _ := h.count(); conns != 1 || len(h.texts) != 2 || h.texts[0] != ".\r\n" {
		t.Errorf("%d connections, texts %q", conns, h.texts)
	}
	if got, want := strings.Count(h.said(), "RSET"), 1; got != want {
		t.Errorf("%d times RSET in\n%s", got, h.said())
	}
}

// TestAServerThatTakesALoneDot isn't talked to any more.
func TestAServerThatTakesALoneDot(t *testing.T) {
	t.Parallel()
	h := &host{offers: "PIPELINING", script: map[string]string{"RCPT": "550 no\r\n"}}
	p := h.pool(t, config())
	_, _ = p.Send(t.Context(), note(t))
	_, _ = p.Send(t.Context(), note(t))
	if conns, _ := h.count(); conns != 2 {
		t.Errorf("%d connections", conns)
	}
}

// TestManyRecipients go out in groups, so that neither side waits for the other.
func TestManyRecipients(t *testing.T) {
	t.Parallel()
	var to []string
	for i := range 333 {
		to = append(to, fmt.Sprintf("user%d@example.com", i))
	}
	h := &host{offers: "PIPELINING", then: refusing(map[string]string{"user200": "550 who"})}
	res, err := h.overTCP(t, config()).Send(t.Context(), note(t, to...))
	if err != nil || len(res.Verdicts) != 333 || !res.Verdicts[200].Refused() || !res.Verdicts[332].Taken() {
		t.Fatalf("got %v, %d verdicts", err, len(res.Verdicts))
	}
	quietEvents(t, res)
	if !strings.Contains(fmt.Sprint(res.Events), "events are left out here") {
		t.Error("the gap in the events isn't told")
	}
}

// TestMailParameters are given where they are offered, and only there.
func TestMailParameters(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		offers         string
		eightBit, utf8 bool
		want           string
		text           string
	}{
		{"", false, false, "MAIL FROM:<plc@example.com>", "ä"},
		{"SIZE_1000", true, false, "MAIL FROM:<plc@example.com>", "recoded"},
		{"SIZE 8BITMIME", true, false, "MAIL FROM:<plc@example.com> SIZE=30 BODY=8BITMIME", "ä"},
		{"8BITMIME", true, true, "MAIL FROM:<plc@example.com>", "recoded"},
		{"8BITMIME SMTPUTF8", true, true, "MAIL FROM:<plc@example.com> BODY=8BITMIME SMTPUTF8", "ä"},
		{"size smtputf8", false, true, "MAIL FROM:<plc@example.com> SIZE=30 SMTPUTF8", "ä"},
		{"SIZE SMTPUTF8 8BITMIME", false, false, "MAIL FROM:<plc@example.com> SIZE=30", "ä"},
	} {
		h := &host{offers: r.offers}
		m := note(t)
		m.EightBit, m.UTF8, m.Open = r.eightBit, r.utf8, content("ä\r\n")
		m.Recode = func(r io.Reader) io.Reader {
			text, _ := io.ReadAll(r)
			return strings.NewReader(strings.ReplaceAll(string(text), "ä", "recoded"))
		}
		if _, err := h.pool(t, config()).Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if got := strings.Split(h.said(), "\n")[1]; got != r.want || h.texts[0] != r.text+"\r\n.\r\n" {
			t.Errorf("%s: got %q, text %q; want %q, %q", r.offers, got, h.texts[0], r.want, r.text)
		}
	}
}

// TestAddressesBeyondASCII without SMTPUTF8: an address that can't be said is refused,
// and costs the others nothing.
func TestAddressesBeyondASCII(t *testing.T) {
	t.Parallel()
	h := &host{}
	p := h.pool(t, config())
	m := note(t, "jörg@example.com", "mark@example.com")
	res, err := p.Send(t.Context(), m)
	if got := verdictList(res.Verdicts); err != nil || fmt.Sprint(got) != "[jörg 553 mark 250]" || res.Verdicts[0].Reply.Enhanced != "5.6.7" {
		t.Errorf("got %v, %v", res.Verdicts, err)
	}
	for name, m := range map[string]Message{
		"only such": note(t, "jörg@example.com"),
		"sender":    {From: addr(t, "förderband@example.com"), To: note(t).To, Open: note(t).Open},
	} {
		_, err := p.Send(t.Context(), m)
		if e := fault(t, err); e.Reply.Code != 553 || e.Reply.Enhanced != "5.6.7" || !e.Message || !e.Permanent {
			t.Errorf("%s: got %+v", name, e)
		}
	}
	h8 := &host{offers: "SMTPUTF8 8BITMIME"}
	if _, err := h8.pool(t, config()).Send(t.Context(), note(t, "jörg@example.com")); err != nil || !strings.Contains(h8.said(), "> SMTPUTF8\nRCPT TO:<jörg@example.com>") {
		t.Errorf("%v, it heard\n%s", err, h8.said())
	}
}

func TestEightBitTextThatCannotBeRecoded(t *testing.T) {
	t.Parallel()
	m := note(t)
	m.EightBit = true
	_, err := (&host{}).pool(t, config()).Send(t.Context(), m)
	if e := fault(t, err); e.Reply.Enhanced != "5.6.3" || !e.Message || !e.Permanent {
		t.Errorf("got %+v", e)
	}
}

func TestNullSender(t *testing.T) {
	t.Parallel()
	h := &host{}
	m := note(t)
	m.From = mailaddr.Address{}
	if _, err := h.pool(t, config()).Send(t.Context(), m); err != nil || !strings.Contains(h.said(), "MAIL FROM:<>\n") {
		t.Errorf("%v, it heard\n%s", err, h.said())
	}
}

func TestNoRecipient(t *testing.T) {
	t.Parallel()
	m := note(t)
	m.To = nil
	_, err := (&host{}).pool(t, config()).Send(t.Context(), m)
	if e := fault(t, err); !e.Message || !e.Permanent {
		t.Errorf("got %+v", e)
	}
}

// broken reads some text and then fails.
type broken struct{ left int }

func (b *broken) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errTest
	}
	n := min(len(p), b.left)
	for i := range n {
		p[i] = 'x'
	}
	b.left -= n
	return n, nil
}

// TestATextThatCannotBeRead is never ended with a dot: the server would take it for
// whole.
func TestATextThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func() (io.ReadCloser, error){
		"at once":          func() (io.ReadCloser, error) { return nil, errTest },
		"in the middle":    func() (io.ReadCloser, error) { return io.NopCloser(&broken{100}), nil },
		"late":             func() (io.ReadCloser, error) { return io.NopCloser(&broken{200_000}), nil },
		"at a write's end": func() (io.ReadCloser, error) { return io.NopCloser(&broken{pieceSize}), nil },
	} {
		h := &host{}
		p := h.pool(t, config())
		m := note(t)
		m.Open = open
		res, err := p.Send(t.Context(), m)
		if e := fault(t, err); !errors.Is(e, errTest) || !e.Message || e.Permanent || e.Maybe || len(res.Verdicts) != 0 {
			t.Errorf("%s: got %+v", name, e)
		}
		if _, err := p.Send(t.Context(), note(t)); err != nil {
			t.Errorf("%s: the next message: %v", name, err)
		}
		h.mu.Lock()
		for _, text := range h.texts {
			if strings.HasPrefix(text, "x") && strings.HasSuffix(text, "\r\n.\r\n") {
				t.Errorf("%s: a text without its end was ended", name)
			}
		}
		h.mu.Unlock()
	}
}

// TestAnEarlyRefusal: the server has had enough before the text is over. What it said
// counts, not the write that failed.
func TestAnEarlyRefusal(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]*host{
		"with 354":      {script: map[string]string{"DATA": "354 go on\r\n552 5.3.4 too big\r\n then close"}},
		"in the middle": {script: map[string]string{"text": "552 5.3.4 too big\r\n then drain"}},
		"and gone":      {script: map[string]string{"text": "552 5.3.4 too big\r\n then close"}},
	} {
		m := note(t)
		m.Open = func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(&broken{1 << 30}, 1<<24)), nil }
		_, err := h.overTCP(t, config()).Send(t.Context(), m)
		e := fault(t, err)
		if name != "and gone" && (e.Reply.Code != 552 || !e.Message || !e.Permanent) || e.Maybe {
			t.Errorf("%s: got %+v", name, e)
		}
	}
}

// TestAnAnswerAheadOfTheText isn't an answer to it.
func TestAnAnswerAheadOfTheText(t *testing.T) {
	t.Parallel()
	h := &host{script: map[string]string{"DATA": "354 go on\r\n250 2.0.0 taken\r\n"}}
	res, err := h.pool(t, config()).Send(t.Context(), note(t))
	if e := fault(t, err); !errors.Is(e, ErrOutOfStep) || e.Message || e.Maybe || len(res.Verdicts) != 0 {
		t.Errorf("got %+v", e)
	}
}

// TestTextsArriveAsTheyAre: whatever lines, dots and length, and none ends it early.
func TestTextsArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	h, to := &host{offers: "PIPELINING"}, note(t).To
	p := h.pool(t, config())
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.StringMatching(`\.{0,3}[a-z .]{0,20}`), 0, 30).Draw(t, "lines")
		text := strings.Repeat(strings.Join(lines, "\r\n")+"\r\n", rapid.SampledFrom([]int{1, 2, 500}).Draw(t, "times"))
		m := Message{To: to, Open: content(text)}
		if _, err := p.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		h.mu.Lock()
		got := h.texts[len(h.texts)-1]
		h.texts = nil
		h.mu.Unlock()
		got = strings.TrimSuffix(got, ".\r\n")
		got = strings.ReplaceAll("\r\n"+got, "\r\n.", "\r\n")[2:]
		if got != text {
			t.Fatalf("got %.200q; want %.200q", got, text)
		}
	})
}

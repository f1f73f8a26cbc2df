package reply

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestABareNumber(t *testing.T) {
	for number, want := range map[string]string{
		"550": "basic/550", " 250\n": "basic/250", "599": "digits/5", "299": "digits/2", "399": "digits/3", "499": "digits/4",
		"24": "ecom/24", "0": "ecom/0", "1001": "ecom/1001", "10060": "tcp/timeout", "71": "oki/71", "600": "ecom/server", "1500": "ecom/ladder",
		"70000": "none",
	} {
		if got := Explain(number); got.Rule != want {
			t.Errorf("%q is explained by %s, want %s", number, got.Rule, want)
		}
	}
}

func TestWhatANumberCouldBeToo(t *testing.T) {
	if x := Explain("550"); !slices.Contains(x.SeeAlso, "ecom/server") {
		t.Errorf("550 names %v", x.SeeAlso)
	}
	for _, d := range deviceCodes {
		if d.code != "" && len(d.code) < 3 {
			x := Explain(d.code)
			if x.Rule != d.id && !slices.Contains(x.SeeAlso, d.id) {
				t.Errorf("%s is explained by %s, which names %v and not %s", d.code, x.Rule, x.SeeAlso, d.id)
			}
		}
	}
}

func TestTheErrorCodeWord(t *testing.T) {
	x := Explainer{}.Ecom(550)
	if x.Rule != "basic/550" || !strings.Contains(x.Meaning, "the module passes on") {
		t.Errorf("%+v", x)
	}
	if x := (Explainer{}).Ecom(77); x.Rule != "ecom/internal" || !x.General {
		t.Errorf("77: %+v", x)
	}
	if x := (Explainer{}).Ecom(65535); x.Rule != "ecom/invalid" {
		t.Errorf("65535: %+v", x)
	}
}

func TestOtherMakersWords(t *testing.T) {
	for _, code := range []int{0, 1, 10, 11, 18, 20, 21, 24, 550, 1001} {
		row, ok := crossRowOf(code)
		if x := (Explainer{}).Ecom(code); !ok || row.family == "" || len(x.Elsewhere) == 0 {
			t.Errorf("code %d has nothing to compare with: %v", code, x.Elsewhere)
		}
	}
	if x := (Explainer{}).Ecom(77); len(x.Elsewhere) != 0 {
		t.Errorf("code 77 is said to be %v elsewhere", x.Elsewhere)
	}
}

func TestDevices(t *testing.T) {
	if _, err := (Explainer{}).Device("acme", "1"); err == nil || !strings.Contains(err.Error(), "the makers are") {
		t.Errorf("an unknown maker says %v", err)
	}
	if _, err := (Explainer{}).Device("OKI", "999"); err == nil || !strings.Contains(err.Error(), "known are") {
		t.Errorf("an unknown code says %v", err)
	}
	for _, d := range deviceCodes {
		if d.code != "" || len(d.words) == 0 {
			continue
		}
		if x, err := (Explainer{}).Device(d.maker, strings.Join(d.words, " ")); err != nil || x.Class != "device" {
			t.Errorf("%s by its words: %+v, %v", d.id, x, err)
		}
	}
}

// TestOneCodeTwoMeanings: the words decide.
func TestOneCodeTwoMeanings(t *testing.T) {
	for line, want := range map[string]string{
		"550 5.7.30 Basic authentication is not supported for Client Submission.":                  "m365/",
		"550 5.7.30 REQUIRETLS support required":                                                   "enhanced/7.30",
		"432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending": "m365/",
		"432 4.7.12 A password transition is needed":                                               "enhanced/7.12",
	} {
		if got := Explain(line); !strings.HasPrefix(got.Rule, want) && (want != "enhanced/7.30" || !strings.Contains(got.Rule, "requiretls")) && (want != "enhanced/7.12" || !strings.Contains(got.Rule, "password")) {
			t.Errorf("%q is explained by %s, want %s", line, got.Rule, want)
		}
	}
}

func TestFactsWithADateChangeWithTheClock(t *testing.T) {
	dated := 0
	for _, e := range everything() {
		for i, d := range e.later {
			dated++
			day, err := time.Parse(time.DateOnly, d.from)
			if err != nil || i > 0 && e.later[i-1].from >= d.from {
				t.Errorf("%s: the day %q is none, or out of order", e.id, d.from)
				continue
			}
			before := Explainer{Now: day.Add(-time.Hour)}.entry(e, line{}, "", High)
			after := Explainer{Now: day.Add(time.Hour)}.entry(e, line{}, "", High)
			if before.Meaning == after.Meaning && slices.Equal(before.Causes, after.Causes) && slices.Equal(before.Fixes, after.Fixes) {
				t.Errorf("%s reads the same before and after %s", e.id, d.from)
			}
		}
	}
	if dated < 3 {
		t.Errorf("only %d facts have a date", dated)
	}
	basic := "550 5.7.30 Basic authentication is not supported for Client Submission."
	today := Explainer{Now: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}.Explain(basic)
	later := Explainer{Now: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)}.Explain(basic)
	if today.Rule != later.Rule || today.Meaning == later.Meaning {
		t.Errorf("before and after the switch-off it reads %q (%s) and %q (%s)", today.Meaning, today.Rule, later.Meaning, later.Rule)
	}
}

func TestContradictionsAreSaid(t *testing.T) {
	for _, line := range []string{"250 2.0.0 message rejected", "550 4.2.2 mailbox full", "250 5.7.1 denied"} {
		if x := Explain(line); x.Contradiction == "" {
			t.Errorf("%q is fine", line)
		}
	}
	if x := Explain("550 4.2.2 over quota"); x.Retry == RetryLater {
		t.Errorf("the enhanced code decides whether to try again: %+v", x)
	}
	for _, line := range []string{"250 2.0.0 Ok: queued", "550 5.1.1 rejected", "354 go on"} {
		if x := Explain(line); x.Contradiction != "" {
			t.Errorf("%q: %s", line, x.Contradiction)
		}
	}
}

func TestNumbersThatAreNoCodes(t *testing.T) {
	for line, want := range map[string]int{
		"delivered in 450 ms":                         0,
		"connect to 192.0.2.250:25: i/o timeout":      0,
		"2026-11-21 05:50:30 pid 550 said 421 busy":   421,
		"message of 552 bytes: 452 4.3.1 no space":    452,
		"queue id 4550A: host said: 451 greylisted":   451,
		"port 587: 535 5.7.8 bad credentials":         535,
		"[192.0.2.5]:25 550-5.7.1 first\n550 5.7.1 x": 550,
	} {
		if x := Explain(line); x.Code != want && (want != 0 || x.Class != "network" && x.Rule != "none" && x.Code != 450) {
			t.Errorf("%q: code %d by %s, want %d", line, x.Code, x.Rule, want)
		}
	}
}

func TestUTF16Reads(t *testing.T) {
	var wide strings.Builder
	for _, c := range "550 5.1.1 user unknown" {
		wide.WriteString(string(c) + "\x00")
	}
	if x := Explain(wide.String()); x.Code != 550 || x.General {
		t.Errorf("%+v", x)
	}
}

func TestJSONNames(t *testing.T) {
	text, err := json.Marshal(Explain("550 5.1.1 no such user"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields("code enhanced class title meaning causes fixes retry confidence rule general sources see_also elsewhere contradiction") {
		if v, ok := got[name]; !ok || v == nil {
			t.Errorf("%s is %v in the JSON", name, v)
		}
	}
	fix, ok := got["fixes"].([]any)[0].(map[string]any)
	if !ok || fix["owner"] == nil || fix["text"] == nil {
		t.Errorf("a fix is %v", fix)
	}
}

// FuzzExplain: any bytes get a whole answer that is safe to show.
func FuzzExplain(f *testing.F) {
	for _, s := range samples(f, "golden.txt")[:40] {
		f.Add(s.line)
	}
	for _, s := range samples(f, "wire.txt")[:40] {
		f.Add(s.line)
	}
	f.Add("550-\x1b[2J\n550 \xff\x00")
	f.Add(strings.Repeat("5.7.1 550 ", 1000))
	f.Fuzz(func(t *testing.T, s string) {
		x := Explain(s)
		whole(t, "the answer", x)
		texts := append([]string{x.Title, x.Meaning, x.Enhanced, x.Class, x.Rule, x.Contradiction}, x.Causes...)
		for _, text := range append(texts, x.SeeAlso...) {
			if strings.ContainsFunc(text, unicode.IsControl) || strings.ContainsAny(text, "\u202e\x1b") || len(text) > 2000 {
				t.Fatalf("%q isn't safe to show", text)
			}
		}
	})
}

func TestAMegabyteIsAnswered(t *testing.T) {
	for _, s := range []string{strings.Repeat("5", 1<<20), strings.Repeat("550 ", 1<<18), strings.Repeat("\n", 1<<20), strings.Repeat("4.4.", 1<<18), strings.Repeat("\xff", 1<<20)} {
		whole(t, "a megabyte", Explain(s))
	}
}

func BenchmarkBareCode(b *testing.B) {
	e := Explainer{Now: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
	b.ReportAllocs()
	for b.Loop() {
		e.Explain("452")
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "explanations/s")
}

func BenchmarkPastedLine(b *testing.B) {
	e := Explainer{Now: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
	var lines []string
	for _, s := range samples(b, "golden.txt") {
		lines = append(lines, postfixLog(s.line))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		e.Explain(lines[i%len(lines)])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "explanations/s")
}

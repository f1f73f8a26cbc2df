package message

import (
	"bytes"
	"mime"
	"net/mail"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/mailaddr"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func address(t interface {
	Helper()
	Fatal(...any)
}, s string,
) mailaddr.Address {
	t.Helper()
	a, err := mailaddr.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func options(t *testing.T) Options {
	return Options{
		Now: noon, ID: "0199", Host: "gate.example", From: address(t, "plc@example.com"), EightBitQuirk: true,
		Received: Received{Helo: "PLC-4", Peer: netip.MustParseAddr("192.0.2.4"), Device: "line-4-plc", TLS: "TLS 1.0, RSA"},
	}
}

const stamped = "Received: from PLC-4 ([192.0.2.4])\r\n\t(device line-4-plc)\r\n\tby gate.example (Rungmail) with ESMTPS id 0199\r\n" +
	"\t(TLS 1.0, RSA);\r\n\tSat, 21 Nov 2026 12:00:00 +0000\r\n"

const complete = "From: plc@example.com\r\nDate: Sat, 21 Nov 2026 11:00:00 +0000\r\nMessage-ID: <1@plc>\r\n"

// repaired is what a header became without its Received field.
func repaired(t *testing.T, header string, o Options) (string, Info) {
	t.Helper()
	got, info := Repair([]byte(header), o)
	rest, ok := strings.CutPrefix(string(got), stampOf(o))
	if !ok {
		t.Errorf("no Received field first:\n%s", got)
	}
	return rest, info
}

func TestAGoodHeaderIsOnlyStamped(t *testing.T) {
	header := complete + "Subject: Widget\r\n\tReport \r\nX-Odd:no blank\r\n\r\n"
	got, info := repaired(t, header, options(t))
	if got != header {
		t.Errorf("got %q; want %q", got, header)
	}
	want := Info{Subject: "Widget Report", MessageID: "<1@plc>", From: "plc@example.com"}
	if diff := cmp.Diff(want, info, cmp.AllowUnexported(Info{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestReceivedSaysHowItCame(t *testing.T) {
	for _, tc := range []struct {
		r    Received
		utf8 bool
		want string
	}{
		{Received{}, false, "from unknown\r\n\tby gate.example (Rungmail) with SMTP id 0199;"},
		{Received{ESMTP: true}, false, "with ESMTP id"},
		{Received{ESMTP: true, Login: true}, false, "with ESMTPA id"},
		{Received{ESMTP: true, TLS: "TLS 1.3", Login: true}, false, "with ESMTPSA id"},
		{Received{ESMTP: true, TLS: "TLS 1.3"}, true, "with UTF8SMTPS id"},
		{Received{For: address(t, "mark@example.com")}, false, "\r\n\tfor <mark@example.com>;"},
		{Received{By: "inner.example"}, false, "by inner.example (Rungmail)"},
	} {
		o := options(t)
		o.Received, o.UTF8 = tc.r, tc.utf8
		if got, _ := Repair(nil, o); !strings.Contains(string(got), tc.want) {
			t.Errorf("%+v: got %q; want %q", tc.r, got, tc.want)
		}
	}
}

// stampOf has another name for the protocol with UTF8.
func stampOf(o Options) string {
	if o.UTF8 {
		return strings.Replace(stamped, "ESMTPS", "UTF8SMTPS", 1)
	}
	return stamped
}

func TestWhatIsMissingIsAdded(t *testing.T) {
	header := "To: mark@example.com\r\nSubject: Widget Report\r\n\r\n"
	got, info := repaired(t, header, options(t))
	want := "To: mark@example.com\r\nSubject: Widget Report\r\nFrom: plc@example.com\r\n" +
		"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <0199@gate.example>\r\n\r\n"
	if got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	if diff := cmp.Diff([]string{"From added", "Date added", "Message-ID added"}, info.Repairs); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if string(info.Original) != header || info.MessageID != "<0199@gate.example>" || info.From != "plc@example.com" {
		t.Errorf("got %q, %q, %q", info.Original, info.MessageID, info.From)
	}
}

func TestOneFieldMended(t *testing.T) {
	boss := address(t, "line4@plant.example")
	for _, tc := range []struct {
		name, in, want string
		change         func(*Options)
	}{
		{"raw Latin-1", "Subject: St\xf6rung an Linie 4\r\n", "Subject: =?utf-8?q?St=C3=B6rung?= an Linie 4\r\n", nil},
		{"raw UTF-8", "Subject: Störung größer als 4\r\n", "Subject: =?utf-8?q?St=C3=B6rung_gr=C3=B6=C3=9Fer?= als 4\r\n", nil},
		{"beside an encoded word", "Subject: =?utf-8?q?a?= \xe4 =?utf-8?q?b?=\r\n", "Subject: =?utf-8?q?a?= =?utf-8?q?_=C3=A4_?= =?utf-8?q?b?=\r\n", nil},
		{"another charset", "Subject: \x81l\r\n", "Subject: =?utf-8?q?=C3=BCl?=\r\n", func(o *Options) { o.Charset = "IBM437" }},
		{"SMTPUTF8 declared", "Subject: Störung\r\n", "Subject: Störung\r\n", func(o *Options) { o.UTF8 = true }},
		{"declared and not", "Subject: St\xf6rung\r\n", "Subject: =?utf-8?q?St=C3=B6rung?=\r\n", func(o *Options) { o.UTF8 = true }},
		{
			"names in To", "To: J\xf6rg M. <a@b.example>, \"Wei\xdf, A\" <c@d>, e@f (\xfc)\r\n",
			"To: =?utf-8?b?SsO2cmc=?= M. <a@b.example>, =?utf-8?b?V2Vpw58sIEE=?= <c@d>, e@f\r\n (=?utf-8?b?w7w=?=)\r\n", nil,
		},
		{"a domain in To", "To: a@münchen.example, <b@münchen.example>\r\n", "To: a@xn--mnchen-3ya.example, <b@xn--mnchen-3ya.example>\r\n", nil},
		{"a local part in To", "To: <jörg@b.example>\r\n", "To: <j?rg@b.example>\r\n", nil},
		{
			"a file name", "Content-Disposition: attachment; filename=\"St\xf6rung.pdf\"; size=4\r\n",
			"Content-Disposition: attachment; filename*=utf-8''St%C3%B6rung.pdf; size=4\r\n", nil,
		},
		{"Bcc", "Bcc: boss@example.com\r\n", "", nil},
		{"blanks before the colon", "Subject : x\r\n", "Subject: x\r\n", nil},
		{"LF alone", "Subject: a\n b\r\n", "Subject: a b\r\n", nil},
		{"a stray CR and a NUL", "Subject: a\rBcc: x\x00y\r\n", "Subject: a Bcc: x y\r\n", nil},
		{"a fold of blanks", "Subject: a\r\n \t\r\n b\r\n", "Subject: a \t b\r\n", nil},
		{"a line that is no field", "this is no field\r\nSubject: x\r\n", "X-Bad-Line: this is no field\r\nSubject: x\r\n", nil},
		{"the line of a mailbox", "From plc Sat Nov 21\r\nSubject: x\r\n", "Subject: x\r\n", nil},
		{"a second From", "From: eve@evil.example\r\n", "", nil},
		{
			"a type without a version", "Content-Type: text/plain; charset=utf-8\r\n",
			"Content-Type: text/plain; charset=utf-8\r\nMIME-Version: 1.0\r\n", nil,
		},
		{
			"a body of 8 bits", "", "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
			func(o *Options) { o.BodyCharset = "utf-8" },
		},
		{
			"a body that isn't what it says", "MIME-Version: 1.0\r\nContent-Type: text/html; charset=US-ASCII\r\nContent-Transfer-Encoding: 7bit\r\n",
			"MIME-Version: 1.0\r\nContent-Type: text/html; charset=windows-1252\r\nContent-Transfer-Encoding: 8bit\r\n",
			func(o *Options) { o.BodyCharset = "windows-1252" },
		},
		{"a charset that injects", "", "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=x??Bcc:?y\r\nContent-Transfer-Encoding: 8bit\r\n", func(o *Options) { o.BodyCharset = "x\r\nBcc: y" }},
		{"Sender where From is rewritten", "Sender: plc@example.com\r\n", "", func(o *Options) { o.HeaderFrom = boss }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := options(t)
			if tc.change != nil {
				tc.change(&o)
			}
			got, info := repaired(t, complete+tc.in+"\r\n", o)
			from := complete
			if !o.HeaderFrom.IsZero() {
				from = strings.Replace(from, "plc@example.com", o.HeaderFrom.String(), 1)
			}
			if want := from + tc.want + "\r\n"; got != want {
				t.Errorf("got %q; want %q", got, want)
			}
			if changed := tc.in != tc.want; changed != (len(info.Repairs) > 0) || changed != (info.Original != nil) {
				t.Errorf("changed: %v; got repairs %q, original %q", changed, info.Repairs, info.Original)
			}
			if info.UTF8 != is8Bit(got) {
				t.Errorf("got UTF8 %v of %q", info.UTF8, got)
			}
		})
	}
}

// A first line that goes on with nothing must not go on with the Received field.
func TestAFoldOfNothing(t *testing.T) {
	got, _ := repaired(t, " x: y\r\n"+complete+"\r\n", options(t))
	if want := "X-Bad-Line: x: y\r\n" + complete + "\r\n"; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
}

func TestFromIsWhoTheDeviceIs(t *testing.T) {
	boss := address(t, "line4@plant.example")
	for _, tc := range []struct {
		in, want string
		rewrite  mailaddr.Address
	}{
		{"From: \"Machine A-42F\" <x@y>\r\n", "From: \"Machine A-42F\" <line4@plant.example>\r\n", boss},
		{"From: x@y\r\n", "From: line4@plant.example\r\n", boss},
		{"From: J\xf6rg <x@y>\r\n", "From: =?utf-8?q?J=C3=B6rg?= <line4@plant.example>\r\n", boss},
		{"From: broken \" name <x@y\r\n", "From: \"broken  name\" <line4@plant.example>\r\n", boss},
		{"From: \"A\" <line4@plant.example>\r\n", "From: \"A\" <line4@plant.example>\r\n", boss},
		{"From:\r\n", "From: line4@plant.example\r\n", boss},
		{"From: PLC 4\r\n", "From: \"PLC 4\" <plc@example.com>\r\n", mailaddr.Address{}},
		{"", "From: plc@example.com\r\n", mailaddr.Address{}},
	} {
		o := options(t)
		o.HeaderFrom = tc.rewrite
		got, _ := Repair([]byte(tc.in+"\r\n"), o)
		m, err := mail.ReadMessage(bytes.NewReader(got))
		if err != nil {
			t.Fatalf("%q: %v", tc.in, err)
		}
		if want := strings.TrimSuffix(strings.TrimPrefix(tc.want, "From: "), "\r\n"); m.Header.Get("From") != want {
			t.Errorf("%q: got %q; want %q", tc.in, m.Header.Get("From"), want)
		}
	}
	o := options(t)
	o.From = mailaddr.Address{}
	if _, info := Repair(nil, o); info.From != "MAILER-DAEMON@gate.example" {
		t.Errorf("of the null sender: got %q", info.From)
	}
}

func TestTextWithoutTheEmptyLine(t *testing.T) {
	got, info := repaired(t, complete+"Shift 3 made 40 widgets\r\nand stopped\r\n\r\n", options(t))
	if got != complete+"\r\n" || string(info.Lead) != "Shift 3 made 40 widgets\r\nand stopped\r\n\r\n" {
		t.Errorf("got %q and the text %q", got, info.Lead)
	}
}

func TestWhatCantBeMendedIsRefused(t *testing.T) {
	o := options(t)
	if _, info := Repair([]byte(strings.Repeat("Received: x\r\n", MaxLoops)), o); info.Refusal() != nil {
		t.Errorf("%d servers: got %v", MaxLoops, info.Refusal())
	}
	_, info := Repair([]byte(strings.Repeat("Received: x\r\n", MaxLoops+1)), o)
	if r := info.Refusal(); r == nil || r.Code != 554 || r.Enhanced != "5.4.6" || !strings.Contains(r.String(), "51 servers") {
		t.Errorf("a loop: got %v", r)
	}
	o.EightBitQuirk = false
	for _, header := range []string{"Subject: \xf6\r\n", "From: \xf6 <x@y>\r\n"} {
		_, info = Repair([]byte(header), o)
		if r := info.Refusal(); r == nil || r.Code != 554 || r.Enhanced != "5.6.0" || !strings.Contains(r.String(), "raw 8-bit bytes") {
			t.Errorf("%q without the quirk: got %v", header, r)
		}
	}
	o.UTF8 = true
	if _, info = Repair([]byte("Subject: ö\r\n"), o); info.Refusal() != nil {
		t.Errorf("UTF-8 with SMTPUTF8: got %v", info.Refusal())
	}
}

func TestHeaderInjection(t *testing.T) {
	o := options(t)
	o.ID, o.Host = "1\r\nBcc: a@b", "h\r\nBcc: a@b"
	o.Received = Received{Helo: "x)\r\nBcc: a@b", TLS: "\r\nBcc: a@b\r\n\r\n", Device: "d\nBcc: a@b", By: "\nBcc: a@b"}
	got, _ := Repair([]byte("Subject: x\rBcc: a@b\x00\nBcc: a@b\r\n\r\nBcc: a@b\r\n"), o)
	m, err := mail.ReadMessage(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("Bcc") != "" || strings.Count(string(got), "\r\n\r\n") != 1 {
		t.Errorf("got %q", got)
	}
}

func TestASubjectForPeople(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"=?utf-8?q?St=C3=B6rung?= an =?iso-8859-15?Q?=A4?=", "Störung an €"},
		{"=?windows-1252?B?gA==?=", "€"},
		{"=?iso-2022-jp?B?GyRC?= x", "=?iso-2022-jp?B?GyRC?= x"},
		{"St\xf6rung", "Störung"},
		{"=?utf-8?q?a=0D=0A=1B[2J?=", "a???[2J"},
		{strings.Repeat("ö", 400), strings.Repeat("ö", 128)},
	} {
		if _, info := Repair([]byte("Subject: "+tc.in+"\r\n"), options(t)); info.Subject != tc.want {
			t.Errorf("%q: got %q; want %q", tc.in, info.Subject, tc.want)
		}
	}
}

func TestLongLinesAreFolded(t *testing.T) {
	long := strings.Repeat("word ", 500) + strings.Repeat("x", 3000)
	got, info := repaired(t, complete+"Subject: "+long+"\r\n\r\n", options(t))
	for line := range strings.SplitSeq(got, "\r\n") {
		if len(line) > MaxLine {
			t.Errorf("a line of %d", len(line))
		}
	}
	m, err := mail.ReadMessage(strings.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if subject := m.Header.Get("Subject"); strings.ReplaceAll(subject, " ", "") != strings.ReplaceAll(long, " ", "") {
		t.Errorf("got %q", subject)
	}
	if len(info.Repairs) != 1 {
		t.Errorf("got repairs %q", info.Repairs)
	}
}

// headers are headers good and bad.
func headers() *rapid.Generator[[]byte] {
	line := rapid.OneOf(
		rapid.SampledFrom([]string{
			"From: a@b", "From: \xe4 <a@b>", "From: x", "Date: today", "Date:", "Message-ID: <a@b>", "Bcc: x@y", "Received: from x",
			"Content-Type: text/plain", "Content-Type: text/plain; charset=us-ascii; name=\"\xfc\"", "Content-Type: multipart/mixed; boundary=b",
			"Content-Transfer-Encoding: 7bit", "MIME-Version: 1.0", "To: \"\xfc\" <a@b>,c@\xc3\xbc.de (\xfc", "no field", " folded", "\t", "Subject: \xc3\xbc x", "From me", ": x", "A b: c",
		}),
		rapid.StringMatching(`[A-Za-z-]{1,10} ?:[ -~\t\x00\r\n\x80-\xff]{0,40}`),
		rapid.StringN(0, 30, 60),
	)
	end := rapid.SampledFrom([]string{"\r\n", "\r\n", "\r\n", "\n", "\r", ""})
	return rapid.Custom(func(t *rapid.T) []byte {
		var b []byte
		for range rapid.IntRange(0, 12).Draw(t, "lines") {
			b = append(append(b, line.Draw(t, "line")...), end.Draw(t, "end")...)
		}
		return b
	})
}

// checkRepair holds what must be true of any header.
func checkRepair(t rapid.TB, header []byte, o Options) {
	t.Helper()
	var joined []byte
	for _, f := range Split(header) {
		joined = append(joined, f.Raw...)
	}
	if !bytes.HasPrefix(header, joined) || len(header) > len(joined) && emptyLine(header[len(joined):]) == 0 {
		t.Fatalf("%q: Split keeps %q", header, joined)
	}
	mended, info := Repair(header, o)
	if m, err := mail.ReadMessage(bytes.NewReader(mended)); err != nil {
		t.Fatalf("%q doesn't parse: %v", mended, err)
	} else if m.Header.Get("From") == "" || m.Header.Get("Date") == "" || m.Header.Get("Message-ID") == "" || m.Header.Get("Bcc") != "" {
		t.Fatalf("%q: something is missing, or Bcc is left", mended)
	}
	if !bytes.HasSuffix(mended, []byte("\r\n\r\n")) || bytes.Index(mended, []byte("\r\n\r\n")) != len(mended)-4 {
		t.Fatalf("%q doesn't end with its one empty line", mended)
	}
	checkLines(t, mended)
	if is8Bit(mended) != info.UTF8 {
		t.Fatalf("UTF8 is %v of %q", info.UTF8, mended)
	}
	again, second := Repair(mended, o)
	if len(again) < len(mended) || !bytes.HasSuffix(again, mended) || len(second.Repairs) > 0 {
		t.Fatalf("%q\nmended again (%q): %q", mended, second.Repairs, again)
	}
	if parseFrom(info.From) != nil && second.From != info.From || second.MessageID != info.MessageID || second.Subject != info.Subject && !bytes.Contains(header, []byte("=?")) {
		t.Fatalf("%q: got %+v, then %+v", header, info, second)
	}
	if down := Downgrade(mended); is8Bit(down) || !bytes.HasSuffix(down, []byte("\r\n\r\n")) {
		t.Fatalf("%q downgraded: %q", mended, down)
	}
}

// checkLines finds stray CR and LF, NULs and lines too long.
func checkLines(t rapid.TB, text []byte) {
	t.Helper()
	for _, line := range bytes.Split(text, []byte("\r\n")) {
		if len(line) > MaxLine || bytes.ContainsAny(line, "\r\n\x00") {
			t.Fatalf("a line that no server takes: %q", line)
		}
	}
}

func TestAnyHeaderIsMended(t *testing.T) {
	from := address(t, "plc@example.com")
	rapid.Check(t, func(t *rapid.T) {
		o := Options{
			Now: noon, ID: "1", Host: "h", From: from, UTF8: rapid.Bool().Draw(t, "utf8"),
			BodyCharset: rapid.SampledFrom([]string{"", "utf-8"}).Draw(t, "charset"),
		}
		if rapid.Bool().Draw(t, "rewrite") {
			o.HeaderFrom = address(t, rapid.SampledFrom([]string{"x@y", `"a b"@c.example`, "a@[192.0.2.1]", "a@[IPv6:::1]", "a@ü.example", "ü@a"}).Draw(t, "from"))
		}
		checkRepair(t, headers().Draw(t, "header"), o)
	})
}

func FuzzRepair(f *testing.F) {
	f.Add([]byte("Subject: x\r\n\r\n"), false)
	f.Add([]byte("To: \"\xfc\" <a@b>, (\xfc\r\nno field\r\n"), true)
	f.Add([]byte("Content-Type: text/plain; name=\"\xfc\"\r\n \r\n"), true)
	f.Add([]byte("Content-TYpe: 0V0; 0=\"Ype\x03\xe3|\x7f5\"; 0=\"Ype\xff*\""), true)
	from, rewrite := address(f, "plc@example.com"), address(f, "x@y")
	f.Fuzz(func(t *testing.T, header []byte, on bool) {
		o := Options{Now: noon, ID: "1", Host: "h", From: from, UTF8: on}
		if on {
			o.HeaderFrom, o.BodyCharset = rewrite, "utf-8"
		}
		checkRepair(t, header, o)
	})
}

func TestEncodedWordsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zA-Zäöüß,.<>"()€]{1,90}`), 1, 8).Draw(t, "words")
		want := strings.Join(words, " ")
		got := Downgrade([]byte("Subject: " + want + "\r\n"))
		m, err := mail.ReadMessage(bytes.NewReader(append(got, "\r\n"...)))
		if err != nil {
			t.Fatal(err)
		}
		text, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || text != want {
			t.Fatalf("%q: got %q, %v; want %q", got, text, err, want)
		}
	})
}

func BenchmarkRepair(b *testing.B) {
	header := []byte(complete + "To: mark@example.com\r\nSubject: Widget Report\r\n\r\n")
	o := Options{Now: noon, ID: "1", Host: "gate.example", Received: Received{Helo: "plc", Peer: netip.MustParseAddr("192.0.2.1"), Device: "plc"}}
	b.ReportAllocs()
	for b.Loop() {
		Repair(header, o)
	}
}

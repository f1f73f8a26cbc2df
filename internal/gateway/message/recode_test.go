package message

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// recoded is a message after To7Bit.
func recoded(t rapid.TB, message string) string {
	t.Helper()
	got, err := io.ReadAll(To7Bit(strings.NewReader(message)))
	if err != nil {
		t.Fatal(err)
	}
	check7Bit(t, got)
	return string(got)
}

func check7Bit(t rapid.TB, got []byte) {
	t.Helper()
	if is8Bit(got) {
		t.Fatalf("8-bit bytes in %q", got)
	}
	checkLines(t, got)
}

func TestWhatIs7BitStaysByteForByte(t *testing.T) {
	for _, message := range []string{
		"",
		"Subject: x\r\n\r\n",
		"Subject: x\r\n\r\nbody",
		"Subject: x\r\n\r\n\r\nbody\r\n\r\n",
		"Content-Type: multipart/mixed; boundary=\"b c\"\r\n\r\npreamble\r\n--b c\r\n\r\none\r\n--b c\r\nContent-Type: text/html\r\n\r\n\r\n--b c--\r\nepilogue",
		"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n\r\n--a--\r\n",
		"Content-Type: message/rfc822\r\n\r\nSubject: in it\r\n\r\ntext\r\n",
		"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\nBBBB\r\n",
		"Content-Transfer-Encoding: quoted-printable\r\n\r\na=E4b=\r\nc\r\n",
		"Subject: x\r\n\r\n" + strings.Repeat("y", MaxLine) + "\r\n--no boundary\r\n",
	} {
		if diff := cmp.Diff(message, recoded(t, message)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestEachPartIsEncodedAsItNeeds(t *testing.T) {
	message := "Subject: St\xc3\xb6rung\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
		"pr\xe4amble\r\n" +
		"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xb6\xc3\x9fe\r\n" +
		"--b  \r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\nplain\r\n" +
		"--b\r\nContent-Type: image/png; name=\"\xfc.png\"\r\nContent-Transfer-Encoding: binary\r\n\r\n\x89PNG\r\n\x00\r\n" +
		"--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=E4\xe4\r\n" +
		"--b\r\nContent-Transfer-Encoding: base64\r\n\r\nAA\xe4AA\r\n" +
		"--b\r\n\r\nundeclared \xfc\r\n" +
		"--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: \xfc\r\n\r\n\xfc\r\n" +
		"--b--\r\n"
	want := "Subject: =?utf-8?q?St=C3=B6rung?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" +
		"pr?amble\r\n" +
		"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=B6=C3=9Fe\r\n" +
		"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\n\r\nplain\r\n" +
		"--b\r\nContent-Type: image/png; name*=utf-8''%C3%BC.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KAA==\r\n\r\n" +
		"--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=E4=E4\r\n" +
		"--b\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n" +
		"--b\r\nContent-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nundeclared =FC\r\n" +
		"--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" +
		"Subject: =?utf-8?q?=C3=BC?=\r\nContent-Type: text/plain; charset=windows-1252\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=FC\r\n" +
		"--b--\r\n"
	if diff := cmp.Diff(want, recoded(t, message)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAMessageThatIsntWhatItSays(t *testing.T) {
	const quoted = "MIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	for _, tc := range []struct{ name, in, want string }{
		{
			"no boundary", "Content-Type: multipart/mixed\r\n\r\n--b\r\n\xc3\xbc\r\n",
			"Content-Type: text/plain; charset=utf-8\r\n" + quoted + "--b\r\n=C3=BC\r\n",
		},
		{
			"a boundary of 8 bits", "Content-Type: multipart/mixed; boundary=\"\xfc\"\r\n\r\n--\xfc\r\n",
			"Content-Type: text/plain; charset=windows-1252\r\n" + quoted + "--=FC\r\n",
		},
		{
			"a header that isn't one", "no field \xfc\r\n \t\r\n\r\n\xfc",
			"no field ?\r\nContent-Type: text/plain; charset=windows-1252\r\n" + quoted + "=FC",
		},
		{
			"a type that isn't one", "Content-Type: ;;\xfc\r\n\r\n\xfc\r\n",
			"Content-Type: ;;?\r\n" + quoted + "=FC\r\n",
		},
		{
			"an encoding that isn't one", "Content-Type: text/plain\r\nContent-Transfer-Encoding: utf-8\r\n\r\n\xc3\xbc\r\n",
			"Content-Type: text/plain\r\n" + quoted + "=C3=BC\r\n",
		},
		{
			"an encoding of its own", "Content-Transfer-Encoding: x-uuencode\r\n\r\nM\xfc\r\n",
			"Content-Transfer-Encoding: x-uuencode\r\n\r\nM?\r\n",
		},
		{"NULs", "Subject: x\r\n\r\na\x00b\r\n", "Subject: x\r\nContent-Type: text/plain\r\n" + quoted + "a=00b\r\n"},
		{"stray CR and LF", "Subject: x\r\n\r\na\rb\nc\r\n", "Subject: x\r\nContent-Type: text/plain\r\n" + quoted + "a\r\nb\r\nc\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, recoded(t, tc.in)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestLongLinesOfABody(t *testing.T) {
	long := strings.Repeat("0123456789", 20000)
	for _, kind := range []string{"7bit", "base64", "quoted-printable", "x-own"} {
		got := recoded(t, "Content-Transfer-Encoding: "+kind+"\r\n\r\n"+long+"\r\n")
		_, body, _ := strings.Cut(got, "\r\n\r\n")
		body = strings.ReplaceAll(body, "=\r\n", "")
		if body = strings.ReplaceAll(body, "\r\n", ""); body != long {
			t.Errorf("%s: got %d bytes; want %d", kind, len(body), len(long))
		}
	}
	quoted := "a" + strings.Repeat("=E4", 40000)
	got := recoded(t, "Content-Transfer-Encoding: quoted-printable\r\n\r\n"+quoted)
	_, body, _ := strings.Cut(got, "\r\n\r\n")
	if decoded, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body))); err != nil || string(decoded) != "a"+strings.Repeat("\xe4", 40000) {
		t.Errorf("a soft break stands within a quoted byte: %v", err)
	}
}

func TestALineEndThatTheBufferCuts(t *testing.T) {
	for _, kind := range []string{"base64", "quoted-printable", "x-own", "7bit"} {
		body := strings.Repeat("x", lineBuffer-1) + "\r\nyyyy\r\n"
		got := recoded(t, "Content-Transfer-Encoding: "+kind+"\r\n\r\n"+body)
		if strings.Contains(got, "=0D") || strings.Contains(got, "?") || !strings.HasSuffix(got, "x\r\nyyyy\r\n") {
			t.Errorf("%s: got %q", kind, got[max(0, len(got)-40):])
		}
	}
}

// "--b--" ends b, though it could begin another part of "b--".
func TestTheInnermostBoundaryComesFirst(t *testing.T) {
	got := recoded(t, "Content-Type: multipart/mixed; boundary=\"b--\"\r\n\r\n--b--\r\n"+
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n\r\n\xfc\r\n")
	if !strings.HasSuffix(got, "--b--\r\n\r\n?\r\n") {
		t.Errorf("got %q", got)
	}
}

func TestMultipartsWithinMultipartsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	got := recoded(t, b.String()+"\r\n\xfc\r\n")
	if !strings.Contains(got, "=FC") || !strings.Contains(got, fmt.Sprintf("boundary=3Db%d", maxDepth+1)) || strings.Count(got, "quoted-printable") != 1 {
		t.Errorf("got %q", got[max(0, len(got)-200):])
	}
}

func TestTheSourcesErrorComesThrough(t *testing.T) {
	broken := errors.New("disk")
	got, err := io.ReadAll(To7Bit(io.MultiReader(strings.NewReader("Subject: x\r\n\r\nbody\r\n"), iotest.ErrReader(broken))))
	if !errors.Is(err, broken) {
		t.Errorf("got %q, %v", got, err)
	}
}

// leaf is a part of a generated message.
type leaf struct {
	kind, body string
	parts      []leaf
}

func leaves(depth int) *rapid.Generator[leaf] {
	return rapid.Custom(func(t *rapid.T) leaf {
		kinds := []string{"text/plain; charset=utf-8", "text/html", "application/octet-stream"}
		if depth < 3 {
			kinds = append(kinds, "multipart/mixed")
		}
		l := leaf{kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
		if l.kind == "multipart/mixed" {
			l.parts = rapid.SliceOfN(leaves(depth+1), 1, 3).Draw(t, "parts")
			return l
		}
		lines := rapid.SliceOfN(rapid.StringMatching(`[ -~äöü€\x00\t=.]{0,30}`), 0, 5).Draw(t, "lines")
		if rapid.IntRange(0, 20).Draw(t, "long") == 0 {
			lines = append(lines, strings.Repeat("longö ", rapid.IntRange(1, 15000).Draw(t, "times")))
		}
		l.body = strings.Join(lines, "\r\n")
		return l
	})
}

// write gives a leaf as 8-bit MIME.
func (l leaf) write(b *strings.Builder, name string) {
	if len(l.parts) == 0 {
		fmt.Fprintf(b, "Content-Type: %s\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s", l.kind, l.body)
		return
	}
	fmt.Fprintf(b, "Content-Type: %s; boundary=%q\r\n\r\n", l.kind, name)
	for i, p := range l.parts {
		fmt.Fprintf(b, "--%s\r\n", name)
		p.write(b, fmt.Sprintf("%s_%d", name, i))
		b.WriteString("\r\n")
	}
	fmt.Fprintf(b, "--%s--", name)
}

// checkLeaf compares a decoded part with what it was made from.
func checkLeaf(t rapid.TB, want leaf, header interface{ Get(string) string }, body io.Reader) {
	t.Helper()
	media, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if len(want.parts) > 0 {
		r := multipart.NewReader(body, params["boundary"])
		for _, p := range want.parts {
			got, err := r.NextRawPart()
			if err != nil {
				t.Fatal(err)
			}
			checkLeaf(t, p, got.Header, got)
		}
		if _, err := r.NextRawPart(); !errors.Is(err, io.EOF) {
			t.Fatalf("more parts, or %v", err)
		}
		return
	}
	switch header.Get("Content-Transfer-Encoding") {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	got, err := io.ReadAll(body)
	if err != nil || string(got) != want.body || !strings.HasPrefix(want.kind, media) {
		t.Fatalf("%s: got %q, %v; want %q", want.kind, got, err, want.body)
	}
}

func TestEveryPartReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := leaves(0).Draw(t, "message")
		var b strings.Builder
		b.WriteString("MIME-Version: 1.0\r\n")
		want.write(&b, "bound")
		m, err := mail.ReadMessage(strings.NewReader(recoded(t, b.String())))
		if err != nil {
			t.Fatal(err)
		}
		checkLeaf(t, want, m.Header, m.Body)
	})
}

// However the source is cut and the result is read, it is the same, and once 7-bit it
// stays so.
func FuzzTo7Bit(f *testing.F) {
	f.Add([]byte("Subject: x\r\n\r\n\xfc\r\n"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n\xfc\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\r\n--b--\r\n"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/x; boundary=c\r\n\r\n--c\r\n--b--\r\n--c"))
	f.Add([]byte("Content-Transfer-Encoding: base64\r\n\r\n\xfcAA=\r"))
	f.Fuzz(func(t *testing.T, message []byte) {
		got, err := io.ReadAll(To7Bit(bytes.NewReader(message)))
		if err != nil {
			t.Fatal(err)
		}
		check7Bit(t, got)
		if most := 1000 + 64*len(message); len(got) > most {
			t.Fatalf("%d bytes became %d", len(message), len(got))
		}
		cut, err := io.ReadAll(iotest.OneByteReader(To7Bit(iotest.OneByteReader(bytes.NewReader(message)))))
		if err != nil || !bytes.Equal(cut, got) {
			t.Fatalf("in pieces: got %q, %v; want %q", cut, err, got)
		}
		if again, _ := io.ReadAll(To7Bit(bytes.NewReader(got))); is8Bit(again) {
			t.Fatalf("again: got %q", again)
		}
	})
}

func BenchmarkTo7Bit(b *testing.B) {
	message := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n" +
		strings.Repeat(strings.Repeat("größer ", 10)+"\r\n", 5000) + "--b--\r\n"
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := io.Copy(io.Discard, To7Bit(strings.NewReader(message))); err != nil {
			b.Fatal(err)
		}
	}
}

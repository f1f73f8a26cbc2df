//go:build linux

package strangers

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// office is a mail server of the test's making. It keeps each mail that it has said
// 250 to, and stays up whatever becomes of its clients. It was written without our
// own wire, so that a fault of that one shows.
type office struct {
	listener net.Listener
	over     sync.WaitGroup
	mu       sync.Mutex
	clients  map[net.Conn]bool
	manner   manner
	mails    [][]byte // in the order in which they came
	broken   []string // what of them wasn't right
}

// manner is what a server says to "connect", a command line or ".", and after how
// long; an empty answer is the usual one.
type manner func(line string) (answer string, after time.Duration)

func wellMannered(string) (string, time.Duration) { return "", 0 }

// openOffice runs a server until the test ends.
func openOffice(t testing.TB) *office {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &office{listener: l, clients: map[net.Conn]bool{}, manner: wellMannered}
	o.over.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			o.over.Go(func() { o.serve(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		o.mu.Lock()
		for c := range o.clients {
			c.Close()
		}
		o.mu.Unlock()
		o.over.Wait()
	})
	return o
}

func (o *office) at() netip.AddrPort { return o.listener.Addr().(*net.TCPAddr).AddrPort() }

// behave changes the server's manner, also towards those who are connected.
func (o *office) behave(m manner) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.manner = m
}

// answer is what the server says, after it has waited as long as its manner is.
func (o *office) answer(line, usual string) string {
	o.mu.Lock()
	said, after := o.manner(line)
	o.mu.Unlock()
	if after > 0 {
		<-time.After(after) // this is a slow server
	}
	if said == "" {
		return usual
	}
	return said
}

func (o *office) serve(c net.Conn) {
	o.mu.Lock()
	o.clients[c] = true
	o.mu.Unlock()
	defer func() {
		c.Close()
		o.mu.Lock()
		delete(o.clients, c)
		o.mu.Unlock()
	}()
	r, w := bufio.NewReader(c), bufio.NewWriter(c)
	say := func(text string) bool {
		_, _ = w.WriteString(text + "\r\n") // Flush tells
		return r.Buffered() > 0 || w.Flush() == nil
	}
	greeting := o.answer("connect", "220 office.example.net ESMTP")
	if !say(greeting) || greeting[0] != '2' {
		return
	}
	for recipients := 0; ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSuffix(line, "\r\n")
		answer := o.answer(line, usually(line))
		switch verb, _, _ := strings.Cut(line, " "); {
		case verb == "MAIL":
			recipients = 0
		case verb == "RCPT" && answer[0] == '2':
			recipients++
		case verb == "DATA" && recipients == 0:
			answer = "554 5.5.1 no valid recipients"
		}
		if !say(answer) || strings.HasPrefix(answer, "421") || strings.HasPrefix(answer, "221") {
			return
		}
		if answer[0] == '3' && (!o.take(r, say)) {
			return
		}
	}
}

// usually is what an even-tempered server says to a command.
func usually(line string) string {
	verb, _, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		return "250-office.example.net\r\n250-PIPELINING\r\n250-SIZE 33554432\r\n250 8BITMIME"
	case "DATA":
		return "354 go on"
	case "QUIT":
		return "221 bye"
	}
	return "250 ok"
}

// take reads a mail up to its final dot, and keeps it before it says 250.
func (o *office) take(r *bufio.Reader, say func(string) bool) bool {
	var text bytes.Buffer
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return false // half a mail is none
		}
		if string(line) == ".\r\n" {
			break
		}
		if !bytes.HasSuffix(line, []byte("\r\n")) {
			o.complain("a line without CRLF: %q", line)
		}
		text.Write(bytes.TrimPrefix(line, []byte(".")))
	}
	answer := o.answer(".", "250 2.0.0 taken")
	if answer[0] == '2' {
		o.mu.Lock()
		o.mails = append(o.mails, text.Bytes())
		o.mu.Unlock()
	}
	return say(answer)
}

func (o *office) complain(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.broken = append(o.broken, fmt.Sprintf(format, args...))
}

// taken is the mails that the server has, and what wasn't right of them.
func (o *office) taken() (mails [][]byte, broken []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([][]byte(nil), o.mails...), append([]string(nil), o.broken...)
}

// numbered is a mail that says which it is, of about so many bytes. Its last line is
// the checksum of the text before it.
func numbered(number string, size int) []byte {
	var body bytes.Buffer
	for n := 0; body.Len() < size; n++ {
		fmt.Fprintf(&body, "%s line %d: the pump of line 4 has stopped, and nobody knows why\r\n", number, n)
		if n%7 == 0 {
			body.WriteString(".\r\n..a dot to stuff\r\n")
		}
	}
	return fmt.Appendf(nil, "Date: Mon, 05 Jan 2026 10:00:00 +0000\r\nMessage-ID: <%s@plc.example.com>\r\nFrom: plc@example.com\r\nTo: mark@example.com\r\nSubject: report\r\nX-Number: %s\r\n\r\n%ssum %x\r\n",
		number, number, body.Bytes(), sha256.Sum256(body.Bytes()))
}

// whole tells which numbered mail a text is, and whether all of it is there.
func whole(text []byte) (number string, ok bool) {
	head, body, _ := bytes.Cut(text, []byte("\r\n\r\n"))
	_, after, found := bytes.Cut(head, []byte("\r\nX-Number: "))
	line, _, _ := bytes.Cut(after, []byte("\r\n"))
	at := bytes.LastIndex(body, []byte("sum "))
	if !found || at < 0 {
		return string(line), false
	}
	return string(line), string(body[at:]) == fmt.Sprintf("sum %x\r\n", sha256.Sum256(body[:at]))
}

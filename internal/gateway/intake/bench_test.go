package intake

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkMessages is messages of 1 KiB a second on kept connections, taken by nobody.
func BenchmarkMessages(b *testing.B) {
	for _, sessions := range []int{1, 20} {
		b.Run(fmt.Sprint(sessions), func(b *testing.B) {
			h := newHouse()
			h.noKeep = true
			_, addr := listen(b, h.config(), Off, nil)
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ReportAllocs()
			b.ResetTimer()
			var wg sync.WaitGroup
			for range sessions {
				wg.Go(func() { send(b, addr, &left) })
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// send sends messages as long as some are left.
func send(b *testing.B, addr string, left *atomic.Int64) {
	c, err := net.Dial("tcp4", addr)
	if err != nil {
		b.Error(err)
		return
	}
	defer c.Close()
	r := bufio.NewReader(c)
	text := "Subject: x\r\n\r\n" + strings.Repeat("Pump 4 has stopped, and nobody knows why.....\r\n", 21) + ".\r\n"
	step := func(line string, replies int) bool {
		if _, err := c.Write([]byte(line)); err != nil {
			b.Error(err)
			return false
		}
		for range replies {
			if line, err := r.ReadSlice('\n'); err != nil || line[0] > '3' {
				b.Errorf("%q: %v", line, err)
				return false
			}
		}
		return true
	}
	if !step("HELO plc\r\n", 2) {
		return
	}
	for left.Add(-1) >= 0 {
		if !step("MAIL FROM:<plc@example.com>\r\n", 1) || !step("RCPT TO:<mark@example.com>\r\n", 1) || !step("DATA\r\n", 1) || !step(text, 1) {
			return
		}
	}
}

// BenchmarkSession is the same without sockets.
func BenchmarkSession(b *testing.B) {
	h := newHouse()
	h.noKeep = true
	k := h.talk(b, h.config(), plc, Off)
	k.say("HELO plc", "250")
	text := "Subject: x\r\n\r\n" + strings.Repeat("Pump 4 has stopped, and nobody knows why.....\r\n", 21) + ".\r\n"
	steps := []string{"MAIL FROM:<plc@example.com>\r\n", "RCPT TO:<mark@example.com>\r\n", "DATA\r\n", text}
	b.ReportAllocs()
	for b.Loop() {
		for _, s := range steps {
			k.send(s)
		}
		k.now = k.now.Add(time.Millisecond)
	}
	if k.next != Read || !strings.HasPrefix(k.said, "250") {
		b.Errorf("%q", k.said)
	}
}

// BenchmarkLineByLine is a message whose text comes in a write a line, with Nagle's
// algorithm, as small devices send it: without quickAck each waits some 40 ms for our
// delayed acknowledgement.
func BenchmarkLineByLine(b *testing.B) {
	h := newHouse()
	h.noKeep = true
	_, addr := listen(b, h.config(), Off, nil)
	c, err := net.Dial("tcp4", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if err := c.(*net.TCPConn).SetNoDelay(false); err != nil {
		b.Fatal(err)
	}
	r := bufio.NewReader(c)
	want := func(n int) {
		for range n {
			if line, err := r.ReadSlice('\n'); err != nil || line[0] > '3' {
				b.Fatalf("%q: %v", line, err)
			}
		}
	}
	write := func(line string) {
		if _, err := c.Write([]byte(line)); err != nil {
			b.Fatal(err)
		}
	}
	write("HELO plc\r\n")
	want(2)
	for b.Loop() {
		for _, line := range []string{"MAIL FROM:<plc@example.com>\r\n", "RCPT TO:<mark@example.com>\r\n", "DATA\r\n"} {
			write(line)
			want(1)
		}
		for _, line := range []string{"Subject: x\r\n", "\r\n", "one\r\n", "two\r\n", ".\r\n"} {
			write(line)
		}
		want(1)
	}
}

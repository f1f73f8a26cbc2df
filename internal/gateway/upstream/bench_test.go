package upstream

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/rungmail/rungmail/internal/mailaddr"
)

// sink takes every message as fast as it can: it looks at no more than it must.
func sink(b *testing.B) net.Listener {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go drink(c)
		}
	}()
	return l
}

func drink(c net.Conn) {
	defer c.Close()
	in, out := bufio.NewReader(c), bufio.NewWriter(c)
	say := func(text string) bool {
		_, _ = out.WriteString(text)
		return in.Buffered() > 0 || out.Flush() == nil
	}
	ok := say("220 sink\r\n")
	for text := false; ok; {
		line, err := in.ReadSlice('\n')
		switch {
		case err != nil:
			return
		case text:
			if text = string(line) != ".\r\n"; !text {
				ok = say("250 taken\r\n")
			}
		case bytes.HasPrefix(line, []byte("EHLO")):
			ok = say("250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
		case bytes.HasPrefix(line, []byte("DATA")):
			text, ok = true, say("354 go on\r\n")
		default:
			ok = say("250 ok\r\n")
		}
	}
}

// BenchmarkSend is messages of 1 KiB over so many connections.
func BenchmarkSend(b *testing.B) {
	text := bytes.Repeat([]byte("sixty-four bytes of what a machine may want to say in a mail..\r\n"), 16)
	for _, n := range []int{1, 20} {
		b.Run(fmt.Sprint("connections=", n), func(b *testing.B) {
			l := sink(b)
			c := config()
			c.Host, c.Port, c.Connections = "127.0.0.1", uint16(l.Addr().(*net.TCPAddr).Port), n
			p, err := New(c, Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer p.Close()
			m := Message{
				From: addr(b, "plc@example.com"), To: []mailaddr.Address{addr(b, "mark@example.com")}, Size: int64(len(text)),
				Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil },
			}
			b.ReportAllocs()
			b.SetParallelism(n) // goroutines for each processor, so at least n
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := p.Send(b.Context(), m); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

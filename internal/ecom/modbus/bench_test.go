package modbus

import (
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/modbuswire"
)

// Sizes of the frames of a read of 125 registers.
const (
	askSize    = modbuswire.HeaderSize + 5
	answerSize = modbuswire.HeaderSize + 2 + 2*modbuswire.MaxReadRegisters
)

// startEcho answers as many bytes as the server would, and does nothing else.
func startEcho(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var over sync.WaitGroup
	over.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			over.Go(func() {
				defer c.Close()
				var ask [askSize]byte
				var answer [answerSize]byte
				for {
					if _, err := io.ReadFull(c, ask[:]); err != nil {
						return
					}
					if _, err := c.Write(answer[:]); err != nil {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		over.Wait()
	})
	return l.Addr().String()
}

// crowd is clients that read as fast as they can.
type crowd []net.Conn

func newCrowd(t testing.TB, addr string, n int) crowd {
	t.Helper()
	c := make(crowd, n)
	for i := range c {
		conn, err := net.Dial("tcp4", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(10 * time.Minute)) // an answer of the wrong size must not hang it
		c[i] = conn
	}
	return c
}

// readsEach is how many reads a client does in one turn.
const readsEach = 50

// turn has each client read, all at the same time, and returns the reads a second of
// all together.
func (c crowd) turn(t testing.TB) float64 {
	ask := modbuswire.AppendFrame(nil, modbuswire.Frame{Unit: 255, PDU: unhex("03 0400 007D")})
	began := time.Now()
	var wg sync.WaitGroup
	for _, conn := range c {
		wg.Go(func() {
			var answer [answerSize]byte
			for range readsEach {
				if _, err := conn.Write(ask); err != nil {
					t.Error(err)
					return
				}
				if _, err := io.ReadFull(conn, answer[:]); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(len(c)*readsEach) / time.Since(began).Seconds()
}

// BenchmarkModbusReads reads 125 registers from the server and as many bytes from a
// bare echo, in turns, so that what else the machine does meets both alike. What it
// reports are medians; the ratio is what is left of the bare socket's rate.
func BenchmarkModbusReads(b *testing.B) {
	for _, n := range []int{1, maxConnections} {
		b.Run(fmt.Sprintf("clients=%d", n), func(b *testing.B) {
			ours := newCrowd(b, listen(b, New(&host{}, Identity{})), n)
			bare := newCrowd(b, startEcho(b), n)
			var byOurs, byBare []float64
			for b.Loop() {
				byOurs = append(byOurs, ours.turn(b))
				byBare = append(byBare, bare.turn(b))
			}
			b.ReportMetric(median(byOurs), "reads/s")
			b.ReportMetric(median(byBare), "bare-reads/s")
			b.ReportMetric(median(byOurs)/median(byBare), "ratio")
		})
	}
}

func median(rates []float64) float64 {
	slices.Sort(rates)
	return rates[len(rates)/2]
}

package hapserver_test

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/hapserver"
)

// readBytes is as much as one CCM may read from every firmware.
const readBytes = hap.SafeCCM

// asker sends a datagram and waits for answers, again and again.
type asker struct {
	conn    *net.UDPConn
	request []byte
	answers int // to each request
	buf     [2048]byte
}

func newAsker(b *testing.B, at netip.AddrPort, request []byte, answers int) *asker {
	b.Helper()
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(at))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &asker{conn: conn, request: request, answers: answers}
}

// ask is one read, and how long it took.
func (a *asker) ask(b *testing.B) time.Duration {
	began := time.Now()
	if _, err := a.conn.Write(a.request); err != nil {
		b.Fatal(err)
	}
	_ = a.conn.SetReadDeadline(began.Add(10 * time.Second))
	for range a.answers {
		if _, err := a.conn.Read(a.buf[:]); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began)
}

// echo is a bare server that answers as many datagrams of the same sizes.
func echo(b *testing.B, sizes []int) netip.AddrPort {
	b.Helper()
	conn := loopback(b)
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf, out := make([]byte, 2048), make([]byte, 2048)
		for {
			_, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			for _, n := range sizes {
				_, _ = conn.WriteToUDPAddrPort(out[:n], from)
			}
		}
	}()
	b.Cleanup(func() { conn.Close(); <-done })
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

func loopback(b *testing.B) *net.UDPConn {
	b.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	return conn
}

// BenchmarkHAPReads reads V-memory of one module by CCM, turn by turn with a bare UDP
// echo of the same sizes, and reports both a second, and their ratio.
func BenchmarkHAPReads(b *testing.B) {
	m := newBench(b)
	m.config.Allow = func(netip.Addr) (bool, bool) { return true, true }
	m.power()
	ctx, stop := context.WithCancel(b.Context())
	conn, done := loopback(b), make(chan struct{})
	go func() { defer close(done); _ = hapserver.Serve(ctx, conn, m.server) }()
	b.Cleanup(func() { stop(); <-done })
	request := m.frame(hap.Request{Function: hap.FuncCCM, CCM: hap.CCM{Type: hap.CCMV, Address: 0o2000 + 1, Count: readBytes}})
	module := newAsker(b, conn.LocalAddr().(*net.UDPAddr).AddrPort(), request, 2)
	bare := newAsker(b, echo(b, []int{11, 13 + readBytes}), request, 2)
	var ours, theirs []time.Duration
	for b.Loop() {
		ours, theirs = append(ours, module.ask(b)), append(theirs, bare.ask(b))
	}
	a, e := median(ours), median(theirs)
	b.ReportMetric(float64(time.Second)/float64(a), "reads/s")
	b.ReportMetric(float64(time.Second)/float64(e), "bare/s")
	b.ReportMetric(float64(e)/float64(a), "ratio")
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

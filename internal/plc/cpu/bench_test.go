package cpu

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// BenchmarkScan100IdleBoxes scans 100 ECEMAIL boxes that wait for their edge.
func BenchmarkScan100IdleBoxes(b *testing.B) {
	var text strings.Builder
	text.WriteString(config)
	for i := range 100 {
		fmt.Fprintf(&text, "STR C%o\nECEMAIL\n ECOM#: K0\n Workspace: V%o\n Success: C%o\n Error: C%o\n Error Code: V%o\n To: a@example.com\n Body: V2000\n",
			0o400+i, 0o1400+2*i, 2*i, 2*i+1, 0o1401+2*i)
	}
	text.WriteString("END\n")
	bench := newBench(b, text.String()).scan(3)
	b.ReportAllocs()
	for b.Loop() {
		bench.now = bench.now.Add(time.Millisecond)
		bench.cpu.Scan(bench.now)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/box")
}

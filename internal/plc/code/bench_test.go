package code

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/plc/memory"
)

// rungs is the number of rungs that the benchmarks scan: each has four contacts
// and a coil, as a machine's interlocks have.
const rungs = 1000

func interlocks() string {
	var text strings.Builder
	for i := range rungs {
		fmt.Fprintf(&text, "STR X%o\nANDN C%o\nOR Y%o\nAND X%o\nOUT Y%o\n", i%512, i%1024, i%512, (i+7)%512, i%512)
	}
	return text.String()
}

// plain is the same logic as a Go programmer would write it, on the same memory.
func plain(m *memory.Image) {
	for i := range rungs {
		x0 := memory.Bit{Word: 0o40400 + memory.Word(i%512/16), N: uint8(i % 16)}
		c := memory.Bit{Word: 0o40600 + memory.Word(i%1024/16), N: uint8(i % 16)}
		y := memory.Bit{Word: 0o40500 + memory.Word(i%512/16), N: uint8(i % 16)}
		x1 := memory.Bit{Word: 0o40400 + memory.Word((i+7)%512/16), N: uint8((i + 7) % 16)}
		m.SetBit(y, (m.Bit(x0) && !m.Bit(c) || m.Bit(y)) && m.Bit(x1))
	}
}

func somePattern(m *memory.Image) {
	for i := range memory.Word(64) {
		m.SetWord(0o40400+i, uint16(i)*0x9E37)
		m.SetWord(0o40600+i, uint16(i)*0x79B9)
	}
}

func BenchmarkScan1000Rungs(b *testing.B) {
	c := compile(b, interlocks())
	somePattern(&c.m)
	b.ReportAllocs()
	for b.Loop() {
		c.p.Scan(&c.m, &c.s)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(5*rungs), "ns/instruction")
}

func BenchmarkPlainGo1000Rungs(b *testing.B) {
	var m memory.Image
	somePattern(&m)
	b.ReportAllocs()
	for b.Loop() {
		plain(&m)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(5*rungs), "ns/instruction")
}

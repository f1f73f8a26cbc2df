package code

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/plc/memory"
)

// The benchmarks scan 1,000 rungs of four contacts and a coil, as a machine's
// interlocks have: 20 different ones, 50 times.
const (
	block        = 20
	repeats      = 50
	instructions = 5 * block * repeats
)

// interlocks is the block as a program.
func interlocks() string {
	var text strings.Builder
	for i := range block {
		fmt.Fprintf(&text, "STR X%o\nANDN C%o\nOR Y%o\nAND X%o\nOUT Y%o\n", i*3%64, i*5%64, i, (i*7+3)%64, i)
	}
	return strings.Repeat(text.String(), repeats)
}

// plain is the block as a Go programmer would write it, compiled, on the same
// memory: the physical limit here.
//
//go:noinline
func plain(m *memory.Image) {
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 0}, (m.Bit(memory.Bit{Word: 0o40400 + 0, N: 0}) && !m.Bit(memory.Bit{Word: 0o40600 + 0, N: 0}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 0})) && m.Bit(memory.Bit{Word: 0o40400 + 0, N: 3}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 1}, (m.Bit(memory.Bit{Word: 0o40400 + 0, N: 3}) && !m.Bit(memory.Bit{Word: 0o40600 + 0, N: 5}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 1})) && m.Bit(memory.Bit{Word: 0o40400 + 0, N: 10}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 2}, (m.Bit(memory.Bit{Word: 0o40400 + 0, N: 6}) && !m.Bit(memory.Bit{Word: 0o40600 + 0, N: 10}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 2})) && m.Bit(memory.Bit{Word: 0o40400 + 1, N: 1}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 3}, (m.Bit(memory.Bit{Word: 0o40400 + 0, N: 9}) && !m.Bit(memory.Bit{Word: 0o40600 + 0, N: 15}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 3})) && m.Bit(memory.Bit{Word: 0o40400 + 1, N: 8}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 4}, (m.Bit(memory.Bit{Word: 0o40400 + 0, N: 12}) && !m.Bit(memory.Bit{Word: 0o40600 + 1, N: 4}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 4})) && m.Bit(memory.Bit{Word: 0o40400 + 1, N: 15}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 5}, (m.Bit(memory.Bit{Word: 0o40400 + 0, N: 15}) && !m.Bit(memory.Bit{Word: 0o40600 + 1, N: 9}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 5})) && m.Bit(memory.Bit{Word: 0o40400 + 2, N: 6}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 6}, (m.Bit(memory.Bit{Word: 0o40400 + 1, N: 2}) && !m.Bit(memory.Bit{Word: 0o40600 + 1, N: 14}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 6})) && m.Bit(memory.Bit{Word: 0o40400 + 2, N: 13}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 7}, (m.Bit(memory.Bit{Word: 0o40400 + 1, N: 5}) && !m.Bit(memory.Bit{Word: 0o40600 + 2, N: 3}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 7})) && m.Bit(memory.Bit{Word: 0o40400 + 3, N: 4}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 8}, (m.Bit(memory.Bit{Word: 0o40400 + 1, N: 8}) && !m.Bit(memory.Bit{Word: 0o40600 + 2, N: 8}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 8})) && m.Bit(memory.Bit{Word: 0o40400 + 3, N: 11}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 9}, (m.Bit(memory.Bit{Word: 0o40400 + 1, N: 11}) && !m.Bit(memory.Bit{Word: 0o40600 + 2, N: 13}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 9})) && m.Bit(memory.Bit{Word: 0o40400 + 0, N: 2}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 10}, (m.Bit(memory.Bit{Word: 0o40400 + 1, N: 14}) && !m.Bit(memory.Bit{Word: 0o40600 + 3, N: 2}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 10})) && m.Bit(memory.Bit{Word: 0o40400 + 0, N: 9}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 11}, (m.Bit(memory.Bit{Word: 0o40400 + 2, N: 1}) && !m.Bit(memory.Bit{Word: 0o40600 + 3, N: 7}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 11})) && m.Bit(memory.Bit{Word: 0o40400 + 1, N: 0}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 12}, (m.Bit(memory.Bit{Word: 0o40400 + 2, N: 4}) && !m.Bit(memory.Bit{Word: 0o40600 + 3, N: 12}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 12})) && m.Bit(memory.Bit{Word: 0o40400 + 1, N: 7}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 13}, (m.Bit(memory.Bit{Word: 0o40400 + 2, N: 7}) && !m.Bit(memory.Bit{Word: 0o40600 + 0, N: 1}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 13})) && m.Bit(memory.Bit{Word: 0o40400 + 1, N: 14}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 14}, (m.Bit(memory.Bit{Word: 0o40400 + 2, N: 10}) && !m.Bit(memory.Bit{Word: 0o40600 + 0, N: 6}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 14})) && m.Bit(memory.Bit{Word: 0o40400 + 2, N: 5}))
	m.SetBit(memory.Bit{Word: 0o40500 + 0, N: 15}, (m.Bit(memory.Bit{Word: 0o40400 + 2, N: 13}) && !m.Bit(memory.Bit{Word: 0o40600 + 0, N: 11}) || m.Bit(memory.Bit{Word: 0o40500 + 0, N: 15})) && m.Bit(memory.Bit{Word: 0o40400 + 2, N: 12}))
	m.SetBit(memory.Bit{Word: 0o40500 + 1, N: 0}, (m.Bit(memory.Bit{Word: 0o40400 + 3, N: 0}) && !m.Bit(memory.Bit{Word: 0o40600 + 1, N: 0}) || m.Bit(memory.Bit{Word: 0o40500 + 1, N: 0})) && m.Bit(memory.Bit{Word: 0o40400 + 3, N: 3}))
	m.SetBit(memory.Bit{Word: 0o40500 + 1, N: 1}, (m.Bit(memory.Bit{Word: 0o40400 + 3, N: 3}) && !m.Bit(memory.Bit{Word: 0o40600 + 1, N: 5}) || m.Bit(memory.Bit{Word: 0o40500 + 1, N: 1})) && m.Bit(memory.Bit{Word: 0o40400 + 3, N: 10}))
	m.SetBit(memory.Bit{Word: 0o40500 + 1, N: 2}, (m.Bit(memory.Bit{Word: 0o40400 + 3, N: 6}) && !m.Bit(memory.Bit{Word: 0o40600 + 1, N: 10}) || m.Bit(memory.Bit{Word: 0o40500 + 1, N: 2})) && m.Bit(memory.Bit{Word: 0o40400 + 0, N: 1}))
	m.SetBit(memory.Bit{Word: 0o40500 + 1, N: 3}, (m.Bit(memory.Bit{Word: 0o40400 + 3, N: 9}) && !m.Bit(memory.Bit{Word: 0o40600 + 1, N: 15}) || m.Bit(memory.Bit{Word: 0o40500 + 1, N: 3})) && m.Bit(memory.Bit{Word: 0o40400 + 0, N: 8}))
}

func somePattern(m *memory.Image) {
	for i := range memory.Word(4) {
		m.SetWord(0o40400+i, 0x9E37*uint16(i+1))
		m.SetWord(0o40600+i, 0x79B9*uint16(i+1))
	}
}

// TestPlainGoIsTheSameLogic makes sure that the benchmark compares like with like.
func TestPlainGoIsTheSameLogic(t *testing.T) {
	c := compile(t, interlocks())
	var m memory.Image
	for seed := range uint16(200) {
		for i := range memory.Word(4) {
			m.SetWord(0o40400+i, seed*0x9E37+uint16(i))
			m.SetWord(0o40600+i, seed*0x79B9+uint16(i))
		}
		c.m = m
		c.scan()
		for range repeats {
			plain(&m)
		}
		for i := range memory.Word(4) {
			if a, b := m.Word(0o40500+i), c.m.Word(0o40500+i); a != b {
				t.Fatalf("seed %d: the program gives %#x, plain Go %#x", seed, b, a)
			}
		}
	}
}

// BenchmarkScan1000Rungs runs the scan and plain Go in turns, and reports their
// ratio (the aim is at most 8).
func BenchmarkScan1000Rungs(b *testing.B) {
	c := compile(b, interlocks())
	var m memory.Image
	somePattern(&c.m)
	somePattern(&m)
	var scan, direct time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		for range 20 {
			c.p.Scan(&c.m, &c.s)
		}
		middle := time.Now()
		for range 20 * repeats {
			plain(&m)
		}
		scan, direct = scan+middle.Sub(start), direct+time.Since(middle)
	}
	n := float64(20 * b.N)
	b.ReportMetric(float64(scan.Nanoseconds())/n/instructions, "ns/instruction")
	b.ReportMetric(float64(direct.Nanoseconds())/n/instructions, "plain-ns/instruction")
	b.ReportMetric(float64(scan)/float64(direct), "ratio")
	b.ReportMetric(0, "ns/op")
}

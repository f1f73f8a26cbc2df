// Package remote is the memory of a controller somewhere else: a module of this
// program or a real one, over the Host Ethernet protocol or Modbus TCP. It reads and
// writes single addresses and runs of words; it keeps no image and plans nothing.
package remote

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// Options are how a controller is spoken to.
type Options struct {
	Timeout  time.Duration // for each answer
	Password hap.Password  // of the controller, over HAP; the zero one is none
}

// line is one way to a controller's memory.
type line interface {
	read(ctx context.Context, word memory.Word, n int) ([]uint16, error)
	writeWord(ctx context.Context, word memory.Word, v uint16) error
	writeBit(ctx context.Context, bit memory.Bit, on bool) error
	Close() error
}

// Memory is the memory of a controller. It is not safe for use by several
// goroutines at once.
type Memory struct {
	line
	place Place
}

// Open opens the way to the memory at a place, as [ParsePlace] reads it. Over Modbus
// it connects; over HAP it sends nothing unless there is a password to give.
func Open(ctx context.Context, place string, o Options) (*Memory, error) {
	p, err := ParsePlace(place)
	if err != nil {
		return nil, err
	}
	return p.Open(ctx, o)
}

// Open is [Open] for a place that has been read.
func (p Place) Open(ctx context.Context, o Options) (*Memory, error) {
	open := openHAP
	if p.modbus {
		open = openModbus
	}
	l, err := open(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return &Memory{l, p}, nil
}

// maxRun is the most words that one request reads: 128 bytes, which every firmware
// takes.
const maxRun = 64

// maxPasses is how often Read reads what no single request holds.
const maxPasses = 3

// Read reads addresses, each as a number: 0 or 1 for a bit. Words that follow each
// other are read in one request, and so between two scans. Between two requests a
// scan may fall: then all is read again until two passes agree, three times at the
// most. Bits are read before the words of data, so that a bit that says that a word
// is ready is never newer than the word.
func (m *Memory) Read(ctx context.Context, list []memory.Addr) ([]uint16, error) {
	runs := runsOf(list)
	values, err := m.pass(ctx, list, runs)
	for n := 1; n < maxPasses && len(runs) > 1 && err == nil; n++ {
		before := values
		if values, err = m.pass(ctx, list, runs); maps.Equal(before, values) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	out := make([]uint16, len(list))
	for i, a := range list {
		out[i] = values[a.Word()]
		if a.IsBit() {
			out[i] = out[i] >> a.Bit().N & 1
		}
	}
	return out, nil
}

// run is words that follow each other.
type run struct {
	first memory.Word
	n     int
}

// runsOf is what is read in one request each, in the order in which it is read.
func runsOf(list []memory.Addr) []run {
	words := make([]memory.Word, 0, len(list))
	for _, a := range list {
		words = append(words, a.Word())
	}
	slices.Sort(words)
	var runs []run
	for _, w := range slices.Compact(words) {
		if last := len(runs) - 1; last >= 0 && runs[last].n < maxRun && w == runs[last].first+memory.Word(runs[last].n) {
			runs[last].n++
			continue
		}
		runs = append(runs, run{w, 1})
	}
	first := memory.Addr{Area: memory.GX}.Word() // of the windows of all bit areas
	slices.SortStableFunc(runs, func(a, b run) int {
		return cmp.Compare(order(a.first >= first), order(b.first >= first))
	})
	return runs
}

// order puts bits before data.
func order(bits bool) int {
	if bits {
		return 0
	}
	return 1
}

// pass reads each run once.
func (m *Memory) pass(ctx context.Context, list []memory.Addr, runs []run) (map[memory.Word]uint16, error) {
	values := map[memory.Word]uint16{}
	for _, r := range runs {
		got, err := m.read(ctx, r.first, r.n)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", named(list, r.first), err)
		}
		for i, v := range got {
			values[r.first+memory.Word(i)] = v
		}
	}
	return values, nil
}

// named is the address by which a word was asked for.
func named(list []memory.Addr, w memory.Word) memory.Addr {
	for _, a := range list {
		if a.Word() == w {
			return a
		}
	}
	return memory.Addr{Num: uint16(w)}
}

// Write writes one address; any number but 0 turns a bit on. It sends nothing for
// what [Place.CanWrite] refuses.
func (m *Memory) Write(ctx context.Context, a memory.Addr, v uint16) error {
	if err := m.place.CanWrite(a); err != nil {
		return err
	}
	var err error
	if a.IsBit() {
		err = m.writeBit(ctx, a.Bit(), v != 0)
	} else {
		err = m.writeWord(ctx, a.Word(), v)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", a, err)
	}
	return nil
}

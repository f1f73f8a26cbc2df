package rack_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

func TestWhatCanBeReadAndWritten(t *testing.T) {
	b := newBench(t).power("PLC 06\nEND\n").run(scan)
	for _, r := range []struct {
		addr        string
		read, write string // of the errors; empty for none
	}{
		{"V1400", "", ""},
		{"C17", "", ""},
		{"B2000.15", "", ""},
		{"X0", "", ""},
		{"TA0", "", ""},
		{"V40600", "", ""}, // C0 to C17
		{"SP1", "", "SP1: a special relay of the DL06 can't be written"},
		{"V41200", "", "V41200: a special relay"},
		{"V7600", "", "V7600: system memory of the DL06 can't be written"},
		{"B7777.3", "", "B7777.3: system memory"},
		{"V20000", "V20000: a DL06 has no such address", "V20000: a DL06 has no such address"},
		{"C2000", "C2000: a DL06 has no such address", "C2000: a DL06 has no such address"},
		{"V77777", "V77777: a DL06 has no", "V77777: a DL06 has no"},
	} {
		a := addr(t, r.addr)
		before, err := b.rack.Read(a)
		if !says(err, r.read) {
			t.Errorf("reading %s says %v, want %q", r.addr, err, r.read)
		}
		if err := b.rack.Write(a, 1); !says(err, r.write) {
			t.Errorf("writing %s says %v, want %q", r.addr, err, r.write)
		}
		want := uint16(1)
		if r.write != "" {
			want = before
		}
		if got, _ := b.rack.Read(a); got != want {
			t.Errorf("%s is %d, want %d", r.addr, got, want)
		}
	}
}

// says tells whether an error holds this text; none is wanted for "".
func says(err error, want string) bool {
	return (err == nil) == (want == "") && (err == nil || strings.Contains(err.Error(), want))
}

func TestRunsOfWords(t *testing.T) {
	b := newBench(t).power("PLC 06\nEND\n").run(scan)
	for _, r := range []struct {
		word        uint16
		bytes       int
		read, write string
	}{
		{0o1400, 0, "", ""},
		{0o1400, 1, "", ""},
		{0o1400, backplane.MaxCopy, "", ""},
		{0o1400, backplane.MaxCopy + 1, "257 bytes at once are over the limit of 256", "257 bytes"},
		{0o1400, 1 << 20, "1048576 bytes", "1048576 bytes"},
		{0o17776, 4, "", ""},
		{0o17776, 5, "V20000: a DL06 has no such address", "V20000: a DL06 has no such address"},
		{0o7577, 2, "", ""},
		{0o7577, 3, "", "V7600: system memory of the DL06 can't be written"},
		{0o7577, 4, "", "V7600: system memory"},
		{0o41200, 2, "", "V41200: a special relay"},
		{0o20000, 2, "V20000: a DL06 has no", "V20000: a DL06 has no"},
		{0xFFFF, 4, "V177777: a DL06 has no", "V177777: a DL06 has no"}, // and not on to V0
	} {
		dst := bytes.Repeat([]byte{0xAA}, r.bytes)
		if err := b.rack.ReadMemory(r.word, dst); !says(err, r.read) {
			t.Errorf("reading %d bytes from V%o says %v, want %q", r.bytes, r.word, err, r.read)
		} else if err != nil && !bytes.Equal(dst, bytes.Repeat([]byte{0xAA}, r.bytes)) {
			t.Errorf("reading %d bytes from V%o fails, and gives some", r.bytes, r.word)
		}
		src := bytes.Repeat([]byte{0x5A}, r.bytes)
		if err := b.rack.WriteMemory(r.word, src); !says(err, r.write) {
			t.Errorf("writing %d bytes from V%o says %v, want %q", r.bytes, r.word, err, r.write)
		}
		if r.write == "" {
			if err := b.rack.ReadMemory(r.word, dst); err != nil || !bytes.Equal(dst, src) {
				t.Errorf("%d bytes from V%o read back as %x, %v", r.bytes, r.word, dst, err)
			}
			_ = b.rack.WriteMemory(r.word, make([]byte, r.bytes))
		}
	}
	b.want("V7577=0 V17776=0 V17777=0") // a run that is refused writes nothing
}

func TestTheLowByteComesFirst(t *testing.T) {
	b := newBench(t).power("PLC 06\nEND\n")
	if err := b.rack.WriteMemory(0o2000, []byte{1, 2, 3, 4}); err != nil {
		t.Fatal(err)
	}
	b.want("V2000=513 V2001=1027")
}

// TestAnOddLastByteLeavesTheHighOneAlone: what nobody asked for isn't written.
func TestAnOddLastByteLeavesTheHighOneAlone(t *testing.T) {
	b := newBench(t).power("PLC 06\nEND\n").set("V2001", 0xABCD).set("V2002", 0xEF01)
	if err := b.rack.WriteMemory(0o2000, []byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	b.want(fmt.Sprintf("V2000=513 V2001=%d V2002=%d", 0xAB03, 0xEF01))
}

// TestEveryAccessFallsBetweenTwoScans has many readers and writers at work while
// another goroutine steps; the race detector and a program that keeps two words
// equal are the judges.
func TestEveryAccessFallsBetweenTwoScans(t *testing.T) {
	b := newBench(t)
	b.config.Ended = nil
	program := strings.Replace(widget(t), "END\n", "STR SP1\nINC V5000\nLD V5000\nOUT V5001\n\nEND\n", 1)
	b.power(program).run(scan)
	next := checked(t, program)
	equal := addr(t, "V4000")
	var wg sync.WaitGroup
	jobs := []func(i int){
		func(int) { // torn by no scan
			var pair [4]byte
			if err := b.rack.ReadMemory(0o5000, pair[:]); err != nil || pair[0] != pair[2] || pair[1] != pair[3] {
				t.Errorf("V5000 and V5001 are %x, %v", pair, err)
			}
		},
		func(i int) {
			if err := b.rack.WriteMemory(0o4000, bytes.Repeat([]byte{byte(i)}, backplane.MaxCopy)); err != nil {
				t.Error(err)
			}
		},
		func(int) { // torn by no other access
			var all [backplane.MaxCopy]byte
			if err := b.rack.ReadMemory(0o4000, all[:]); err != nil || bytes.Count(all[:], all[:1]) != len(all) {
				t.Errorf("V4000 on is %x, %v", all, err)
			}
		},
		func(int) {
			if v, err := b.rack.Read(equal); err != nil || v>>8 != v&0xFF {
				t.Errorf("V4000 is %x, %v", v, err)
			}
		},
		func(i int) { _ = b.rack.Write(memory.Addr{Area: memory.C, Num: 0o10}, uint16(i&1)) },
		func(int) {
			_, _ = b.rack.Last("ECEMAIL")
			b.rack.Idle()
			b.rack.Scans()
		},
		func(i int) {
			if i%50 == 0 {
				b.rack.SetScan(scan)
				if err := b.rack.Load(next); err != nil || b.rack.Mode() != backplane.Run {
					t.Errorf("mode %s, %v", b.rack.Mode(), err)
				}
			}
		},
		func(int) { b.rack.Module(1, func(m *module.Module) { m.Counts() }) },
	}
	for _, job := range jobs {
		for range 2 {
			wg.Go(func() {
				for i := range 500 {
					job(i)
				}
			})
		}
	}
	wg.Go(func() {
		for range 3000 {
			b.now = b.rack.Step(b.now)
		}
	})
	wg.Wait()
	b.set("C10", 0).settle().pulse("C10").settle().want("C0=1 C1=0")
}

// TestBitsAreWrittenInOneAccess: as a Modbus client writes a run of coils.
func TestBitsAreWrittenInOneAccess(t *testing.T) {
	b := newBench(t).power(widget(t))
	const c0 = 0o40600
	if err := b.rack.WriteMemory(c0, []byte{0xFF, 0xFF, 0xFF, 0xFF}); err != nil {
		t.Fatal(err)
	}
	if err := b.rack.WriteBits(c0, 14, 5, []byte{0b01010}); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 4)
	if err := b.rack.ReadMemory(c0, got); err != nil {
		t.Fatal(err)
	}
	if want := [4]byte{0xFF, 0b10111111, 0b11111010, 0xFF}; [4]byte(got) != want {
		t.Errorf("%08b, want %08b", got, want)
	}
	for name, err := range map[string]error{
		"too few bytes":   b.rack.WriteBits(c0, 0, 9, []byte{1}),
		"too many":        b.rack.WriteBits(c0, 0, 8*257, make([]byte, 257)),
		"no such bit":     b.rack.WriteBits(c0, 16, 1, []byte{1}),
		"less than none":  b.rack.WriteBits(c0, 0, -1, []byte{1}),
		"special relays":  b.rack.WriteBits(0o41200, 0, 1, []byte{1}),
		"across the end":  b.rack.WriteBits(0o40677, 15, 2, []byte{3}),
		"no such address": b.rack.WriteBits(0o20000, 0, 1, []byte{1}),
	} {
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

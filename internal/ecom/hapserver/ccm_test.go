package hapserver_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/hap"
)

// ccm reads so many bytes from a word, or a byte of inputs and outputs.
func ccm(kind hap.CCMType, number uint16, count int) hap.Request {
	at, _ := hap.WordCCM(number)
	return hap.Request{Function: hap.FuncCCM, CCM: hap.CCM{Type: kind, Address: at, Count: count}}
}

func ccmWrite(kind hap.CCMType, number uint16, data []byte) hap.Request {
	r := ccm(kind, number, len(data))
	r.CCM.Write, r.CCM.Data = true, data
	return r
}

// got reads, and is what was read.
func (b *bench) got(kind hap.CCMType, number uint16, count int) []byte {
	b.t.Helper()
	data, code := b.response(ccm(kind, number, count))
	if code != 0 || len(data) != count {
		b.t.Fatalf("%d bytes, error %d, want %d", len(data), code, count)
	}
	return data
}

// puts writes, and is the number that comes of it.
func (b *bench) puts(kind hap.CCMType, number uint16, data []byte) hap.Error {
	b.t.Helper()
	rest, code := b.response(ccmWrite(kind, number, data))
	if len(rest) != 0 {
		b.t.Errorf("a write is answered with %x", rest)
	}
	return code
}

func (b *bench) isWords(from uint16, want ...uint16) {
	b.t.Helper()
	for i, w := range want {
		if got := b.cpu.words[int(from)+i]; got != w {
			b.t.Errorf("V%o is %#04x, want %#04x", int(from)+i, got, w)
		}
	}
}

func TestWordsHaveTheirLowByteFirst(t *testing.T) {
	b := newBench(t)
	b.fine(b.puts(hap.CCMV, 0o2000, []byte{1, 2, 3, 4}))
	b.isWords(0o1777, 0, 0x0201, 0x0403, 0)
	if got := b.got(hap.CCMV, 0o2001, 2); !bytes.Equal(got, []byte{3, 4}) {
		t.Errorf("V2001 is %x", got)
	}
}

// TestAnOddByteLeavesTheOtherOfItsWord alone.
func TestAnOddByteLeavesTheOtherOfItsWord(t *testing.T) {
	b := newBench(t)
	b.cpu.words[0o2001] = 0xAABB
	b.fine(b.puts(hap.CCMV, 0o2000, []byte{1, 2, 3}))
	b.isWords(0o2000, 0x0201, 0xAA03)
	if got := b.got(hap.CCMV, 0o2000, 3); !bytes.Equal(got, []byte{1, 2, 3}) {
		t.Errorf("it reads %x", got)
	}
}

func TestTheFirstWordAndTheLast(t *testing.T) {
	b := newBench(t)
	b.cpu.words[0], b.cpu.words[0o17777] = 0x1234, 0x5678
	if got := b.got(hap.CCMV, 0, 2); !bytes.Equal(got, []byte{0x34, 0x12}) {
		t.Errorf("V0 is %x", got)
	}
	if got := b.got(hap.CCMV, 0o17777, 2); !bytes.Equal(got, []byte{0x78, 0x56}) {
		t.Errorf("V17777 is %x", got)
	}
}

// TestPointsAreEightToAByte: each area begins where its base says.
func TestPointsAreEightToAByte(t *testing.T) {
	for _, r := range []struct {
		kind   hap.CCMType
		number uint16
		word   uint16
	}{
		{hap.CCMInputs, hap.InputGX, 0o40000},
		{hap.CCMInputs, hap.InputX, 0o40400},
		{hap.CCMInputs, hap.InputSP, 0o41200},
		{hap.CCMOutputs, hap.OutputGY, 0o40200},
		{hap.CCMOutputs, hap.OutputY, 0o40500},
		{hap.CCMOutputs, hap.OutputC, 0o40600},
		{hap.CCMOutputs, hap.OutputS, 0o41000},
		{hap.CCMOutputs, hap.OutputT, 0o41100},
		{hap.CCMOutputs, hap.OutputCT, 0o41140},
	} {
		b := newBench(t)
		b.cpu.words[r.word], b.cpu.words[r.word+1], b.cpu.words[r.word+2] = 0x0201, 0x0403, 0x0605
		for first := range 3 { // an odd one begins in the middle of a word
			for count := 1; count <= 3; count++ {
				want := []byte{1, 2, 3, 4, 5, 6}[first : first+count]
				if got := b.got(r.kind, r.number+uint16(first), count); !bytes.Equal(got, want) {
					t.Errorf("%#x %#x+%d: %x, want %x", r.kind, r.number, first, got, want)
				}
			}
		}
		if r.number == hap.InputSP && r.kind == hap.CCMInputs {
			continue // the controller's own
		}
		if code := b.puts(r.kind, r.number+1, []byte{0xEE, 0xFF}); code != 0 {
			t.Errorf("%#x %#x: writing is error %d", r.kind, r.number, code)
		}
		b.isWords(r.word, 0xEE01, 0x04FF, 0x0605)
	}
}

// TestPointsGoOnInTheNextArea where the numbers do: GX fills its area, so X comes
// behind it.
func TestPointsGoOnInTheNextArea(t *testing.T) {
	b := newBench(t)
	b.cpu.words[0o40177], b.cpu.words[0o40400] = 0x2211, 0x4433
	if got := b.got(hap.CCMInputs, hap.InputX-2, 4); !bytes.Equal(got, []byte{0x11, 0x22, 0x33, 0x44}) {
		t.Errorf("from GX into X: %x", got)
	}
	b.fine(b.puts(hap.CCMOutputs, hap.OutputY-1, []byte{0xAA, 0xBB}))
	b.isWords(0o40377, 0xAA00)
	b.isWords(0o40500, 0x00BB)
}

// TestAWriteThatIsTooLongWritesNothing, also not the part that would have fitted.
func TestAWriteThatIsTooLongWritesNothing(t *testing.T) {
	b := newBench(t)
	full := bytes.Repeat([]byte{0xFF}, 128)
	for what, r := range map[string]hap.Request{
		"from GY past the last Y":     ccmWrite(hap.CCMOutputs, hap.OutputY-1, full),
		"past the last C":             ccmWrite(hap.CCMOutputs, hap.OutputC+127, full[:2]),
		"past the last counter":       ccmWrite(hap.CCMOutputs, hap.OutputCT+31, full[:2]),
		"past the last special relay": ccmWrite(hap.CCMInputs, hap.InputSP+63, full[:2]),
		"special relays":              ccmWrite(hap.CCMInputs, hap.InputSP, full[:1]),
		"past the last word":          ccmWrite(hap.CCMV, 0o17777, full[:4]),
		"into the controller's own":   ccmWrite(hap.CCMV, 0o7577, full[:4]),
		"special relays as words":     ccmWrite(hap.CCMV, 0o41200, full[:2]),
	} {
		before := b.cpu.words
		if _, code := b.response(r); code != hap.ErrRange {
			t.Errorf("%s: error %d, want %d", what, code, hap.ErrRange)
		}
		if b.cpu.words != before {
			t.Errorf("%s: something was written", what)
		}
	}
}

// TestNoWriteGoesFromInputsIntoSpecialRelays, where the controller has X up to the
// area's end, as a DL260 has.
func TestNoWriteGoesFromInputsIntoSpecialRelays(t *testing.T) {
	b := newBench(t)
	b.cpu.more = []span{{0o40440, 0o40477}}
	before := b.cpu.words
	if code := b.puts(hap.CCMInputs, hap.InputSP-1, []byte{1, 2}); code != hap.ErrRange || b.cpu.words != before {
		t.Errorf("error %d, the last X are %#x", code, b.cpu.words[0o40477])
	}
	b.fine(b.puts(hap.CCMInputs, hap.InputSP-1, []byte{1}))
	if got := b.got(hap.CCMInputs, hap.InputSP-1, 2); got[0] != 1 {
		t.Errorf("it reads %x", got)
	}
}

func TestMemoryThatIsNotThere(t *testing.T) {
	b := newBench(t)
	for what, r := range map[string]hap.Request{
		"past the last word":   ccm(hap.CCMV, 0o17777, 3),
		"a hole":               ccm(hap.CCMV, 0o20000, 2),
		"the end of numbers":   ccm(hap.CCMV, 0xFFFE, 128),
		"past the last X":      ccm(hap.CCMInputs, hap.InputX+63, 2),
		"behind all inputs":    ccm(hap.CCMInputs, hap.InputSP+64, 1),
		"behind all outputs":   ccm(hap.CCMOutputs, hap.OutputCT+32, 1),
		"the last of numbers":  ccm(hap.CCMOutputs, 0xFFFE, 1),
		"address 0 of words":   {Function: hap.FuncCCM, CCM: hap.CCM{Type: hap.CCMV, Count: 2}},
		"address 0 of inputs":  {Function: hap.FuncCCM, CCM: hap.CCM{Type: hap.CCMInputs, Count: 2}},
		"address 0 of a write": {Function: hap.FuncCCM, CCM: hap.CCM{Type: hap.CCMV, Write: true, Count: 1, Data: []byte{1}}},
	} {
		if _, code := b.response(r); code != hap.ErrRange {
			t.Errorf("%s: error %d, want %d", what, code, hap.ErrRange)
		}
	}
}

func TestTypesOfMemoryThatAreNotThere(t *testing.T) {
	b := newBench(t)
	for _, kind := range []hap.CCMType{hap.CCMScratchpad, hap.CCMProgram, hap.CCMStatus, 0x30, 0x34, 0, 0xFF} {
		for _, r := range []hap.Request{ccm(kind, 0o2000, 2), ccmWrite(kind, 0o2000, []byte{1, 2})} {
			if _, code := b.response(r); code != hap.ErrInvalidType {
				t.Errorf("type %#x: error %d, want %d", kind, code, hap.ErrInvalidType)
			}
		}
	}
}

// TestLaterFirmwareTakesShorterCCMs: from 4.0.2120 on 128 bytes at most.
func TestLaterFirmwareTakesShorterCCMs(t *testing.T) {
	data := bytes.Repeat([]byte{0xA5}, 256)
	for firmware, most := range map[string]int{"4.0.2119": 256, "4.0.2120": 128, "4.1.113": 128} {
		b := newBench(t)
		b.config.Firmware = firmware
		b.power()
		for _, n := range []int{1, 127, 128, 129, 255, 256} {
			for _, r := range []hap.Request{ccm(hap.CCMV, 0o2000, n), ccmWrite(hap.CCMV, 0o2000, data[:n])} {
				if n > most {
					if got := b.refused(b.ask(r), hap.FuncCCM); got != hap.ErrTooLong {
						t.Errorf("firmware %s, %d bytes: error %d, want %d", firmware, n, got, hap.ErrTooLong)
					}
				} else if got, code := b.response(r); code != 0 || !r.CCM.Write && len(got) != n {
					t.Errorf("firmware %s, %d bytes: %d read, error %d", firmware, n, len(got), code)
				}
			}
		}
		if most == 256 {
			if got := b.got(hap.CCMV, 0o2000, 256); !bytes.Equal(got, data) {
				t.Errorf("256 bytes read %x", got)
			}
		}
	}
}

func TestWhoMayOnlyReadWritesNoMemory(t *testing.T) {
	b := newBench(t)
	b.write = false
	before := b.cpu.words
	for _, r := range []hap.Request{
		ccmWrite(hap.CCMV, 0o2000, []byte{1, 2}), ccmWrite(hap.CCMOutputs, hap.OutputC, []byte{1}), ccmWrite(hap.CCMInputs, hap.InputX, []byte{1}),
		kSequence(hap.KSequence{Op: hap.KWrite, Address: 0o2000, Value: 1}), kSequence(hap.KSequence{Op: hap.KSet, Address: 0xF000}),
		kSequence(hap.KSequence{Op: hap.KReset, Address: 0xF000}),
	} {
		if got := b.refused(b.ask(r), r.Function); got != hap.ErrProtection {
			t.Errorf("%s: error %d, want %d", r.Function, got, hap.ErrProtection)
		}
	}
	if b.cpu.words != before {
		t.Error("something was written")
	}
	b.got(hap.CCMV, 0o2000, 2)
}

// places are where a DL06 can be written: a type, its first number, and how many
// bytes there are.
var places = []struct {
	kind  hap.CCMType
	first uint16
	bytes int
}{
	{hap.CCMV, 0o1200, 2 * (0o7577 - 0o1200 + 1)},
	{hap.CCMV, 0o10000, 2 * 0o10000},
	{hap.CCMInputs, hap.InputGX, 256 + 64},
	{hap.CCMOutputs, hap.OutputGY, 256 + 64},
	{hap.CCMOutputs, hap.OutputC, 128},
	{hap.CCMOutputs, hap.OutputS, 128},
	{hap.CCMOutputs, hap.OutputT, 32},
	{hap.CCMOutputs, hap.OutputCT, 16},
}

// TestWhateverIsWrittenReadsBack, and its neighbours stay.
func TestWhateverIsWrittenReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(t)
		p := rapid.SampledFrom(places).Draw(t, "place")
		count := rapid.IntRange(1, min(128, p.bytes)).Draw(t, "count")
		at := rapid.IntRange(0, p.bytes-count).Draw(t, "at")
		size := 1
		if p.kind == hap.CCMV {
			size = 2
		}
		number := p.first + uint16(at/size)
		for i := range b.cpu.words {
			b.cpu.words[i] = 0x5A5A
		}
		want := rapid.SliceOfN(rapid.Byte(), count, count).Draw(t, "data")
		if code := b.puts(p.kind, number, want); code != 0 {
			t.Fatalf("error %d", code)
		}
		if got := b.got(p.kind, number, count); !bytes.Equal(got, want) {
			t.Fatalf("%x reads back as %x", want, got)
		}
		changed := 0
		for _, w := range b.cpu.words {
			for _, half := range []byte{byte(w), byte(w >> 8)} {
				if half != 0x5A {
					changed++
				}
			}
		}
		if most := count - bytes.Count(want, []byte{0x5A}); changed != most {
			t.Fatalf("%d bytes have changed, want %d", changed, most)
		}
	})
}

func TestMemoryIsReadByTypeAndByte(t *testing.T) {
	b := newBench(t)
	b.cpu.words[0o2000], b.cpu.words[0o2001], b.cpu.words[0o40600], b.cpu.words[0o41200] = 0x0201, 0x0403, 0x0605, 0x0807
	read := func(kind hap.MemoryType, offset uint32, count uint16) ([]byte, hap.Error) {
		t.Helper()
		r, err := hap.ParseSetupReply(b.one(b.ask(hap.Request{Function: hap.FuncReadMemory, Memory: hap.MemoryRange{Type: kind, Count: count, Offset: offset}})))
		if err != nil || r.Code != 0 && len(r.Data) > 0 {
			t.Fatalf("%+v, %v", r, err)
		}
		return r.Data, r.Code
	}
	for _, r := range []struct {
		kind   hap.MemoryType
		offset uint32
		count  uint16
		want   []byte
		code   hap.Error
	}{
		{hap.MemoryV, 2 * 0o2000, 4, []byte{1, 2, 3, 4}, 0},
		{hap.MemoryV, 2*0o2000 + 1, 2, []byte{2, 3}, 0},
		{hap.MemoryV, 2 * 0o2000, 0, nil, 0},
		{hap.MemoryC, 0, 2, []byte{5, 6}, 0},
		{hap.MemoryC, 1, 1, []byte{6}, 0},
		{hap.MemorySP, 0, 2, []byte{7, 8}, 0},
		{hap.MemoryV, 2*0o17777 + 1, 2, nil, hap.ErrRange},
		{hap.MemoryV, 2 * 0o2000, 257, nil, hap.ErrRange},
		{hap.MemoryV, 2*0o2000 + 1, 257, nil, hap.ErrRange},
		{hap.MemoryV, 2 << 16, 1, nil, hap.ErrRange},
		{hap.MemoryV, 0xFFFFFFFF, 256, nil, hap.ErrRange},
		{hap.MemoryC, 127, 2, nil, hap.ErrRange},   // a DL06's last C is in byte 127
		{hap.MemoryC, 0x100, 2, nil, hap.ErrRange}, // the stages are behind the area
		{hap.MemorySP, 64, 1, nil, hap.ErrRange},
		{hap.MemoryScratchpad, 0, 2, nil, hap.ErrInvalidType},
	} {
		if got, code := read(r.kind, r.offset, r.count); code != r.code || !bytes.Equal(got, r.want) {
			t.Errorf("%#04x, %d bytes from %d: %x, error %d; want %x, error %d", r.kind, r.count, r.offset, got, code, r.want, r.code)
		}
	}
	if got, code := read(hap.MemoryV, 2*0o2000+1, 256); code != 0 || len(got) != 256 || got[0] != 2 {
		t.Errorf("%d bytes, error %d", len(got), code)
	}
}

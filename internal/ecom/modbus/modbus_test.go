package modbus

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/modbuswire"
)

// host is a CPU's memory with a little of everything: V0-V377 and V2000-V2777, and of
// each bit area its first half, but for C, which has all, so that C and S touch.
type host struct {
	mu    sync.Mutex
	words [1 << 15]uint16

	inside, most atomic.Int32 // accesses at a time
	hook         func()       // runs inside each access
}

var errNoMemory = errors.New("no such memory")

func (h *host) has(word uint16, bytes int, writes bool) error {
	if bytes > backplane.MaxCopy {
		return errors.New("too much at once")
	}
	for w := int(word); w < int(word)+(bytes+1)/2; w++ {
		switch {
		case w <= 0o377, w >= 0o2000 && w <= 0o2777:
		case w >= 0o40000 && w <= 0o40077, w >= 0o40200 && w <= 0o40277: // GX, GY
		case w >= 0o40400 && w <= 0o40437, w >= 0o40500 && w <= 0o40537: // X, Y
		case w >= 0o40600 && w <= 0o40777, w >= 0o41000 && w <= 0o41037: // C, S
		case w >= 0o41100 && w <= 0o41107, w >= 0o41140 && w <= 0o41147: // T, CT
		case w >= 0o41200 && w <= 0o41217 && !writes: // SP
		default:
			return errNoMemory
		}
	}
	return nil
}

// word and set are for tests that have a server running.
func (h *host) word(w uint16) uint16 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.words[w]
}

func (h *host) set(w, value uint16) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.words[w] = value
}

func (h *host) enter() {
	n := h.inside.Add(1)
	for most := h.most.Load(); n > most && !h.most.CompareAndSwap(most, n); most = h.most.Load() {
	}
	if h.hook != nil {
		h.hook()
	}
	h.mu.Lock()
}

func (h *host) leave() {
	h.mu.Unlock()
	h.inside.Add(-1)
}

func (h *host) ReadMemory(word uint16, dst []byte) error {
	if err := h.has(word, len(dst), false); err != nil {
		return err
	}
	h.enter()
	defer h.leave()
	for i := range dst {
		dst[i] = byte(h.words[int(word)+i/2] >> (8 * (i % 2)))
	}
	return nil
}

func (h *host) WriteMemory(word uint16, src []byte) error {
	if err := h.has(word, len(src), true); err != nil {
		return err
	}
	return h.WriteBits(word, 0, 8*len(src), src)
}

func (h *host) WriteBits(word uint16, bit uint8, n int, src []byte) error {
	if err := h.has(word, (int(bit)+n+7)/8, true); err != nil {
		return err
	}
	h.enter()
	defer h.leave()
	for i := range n {
		w, b := int(word)+(int(bit)+i)/16, (int(bit)+i)%16
		h.words[w] &^= 1 << b
		h.words[w] |= uint16(src[i/8]>>(i%8)&1) << b
	}
	return nil
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// ask has one PDU answered, with the right to write.
func ask(t *testing.T, s *Server, pdu string) string {
	t.Helper()
	return hexPDU(t, s.Answer(nil, modbuswire.Frame{Transaction: 7, Unit: 255, PDU: unhex(pdu)}, true))
}

func hexPDU(t *testing.T, frame []byte) string {
	t.Helper()
	f, err := modbuswire.NewReader(bytes.NewReader(frame)).Next()
	if err != nil || f.Transaction != 7 {
		t.Fatalf("the reply %x is %+v, %v", frame, f, err)
	}
	return hex.EncodeToString(f.PDU)
}

// TestEachAreaIsWhereTheManualHasIt sets one bit or word in V-memory and finds it at
// the wire address that the manual gives for it.
func TestEachAreaIsWhereTheManualHasIt(t *testing.T) {
	for name, row := range map[string]struct {
		word, value uint16
		ask, want   string
	}{
		"GX0":             {0o40000, 1, "02 0000 0001", "020101"},
		"X0 is 2048":      {0o40400, 1, "02 0800 0001", "020101"},
		"X17 is 2063":     {0o40400, 0x8000, "02 080F 0001", "020101"},
		"X20 is 2064":     {0o40401, 1, "02 0810 0001", "020101"},
		"SP0 is 3072":     {0o41200, 1, "02 0C00 0001", "020101"},
		"GY0":             {0o40200, 1, "01 0000 0001", "010101"},
		"Y0 is 2048":      {0o40500, 1, "01 0800 0001", "010101"},
		"C0 is 3072":      {0o40600, 1, "01 0C00 0001", "010101"},
		"C17 is 3087":     {0o40600, 0x8000, "01 0C0F 0001", "010101"},
		"C3777 is 5119":   {0o40777, 0x8000, "01 13FF 0001", "010101"},
		"S0 is 5120":      {0o41000, 1, "01 1400 0001", "010101"},
		"T0 is 6144":      {0o41100, 1, "01 1800 0001", "010101"},
		"CT0 is 6400":     {0o41140, 1, "01 1900 0001", "010101"},
		"V2000 is 41025":  {0o2000, 0x1234, "03 0400 0001", "03021234"},
		"V2000 is 31025":  {0o2000, 0x1234, "04 0400 0001", "04021234"},
		"TA0 is 30001":    {0, 0x0102, "04 0000 0001", "04020102"},
		"X words 416641":  {0o40400, 0xFF00, "03 4100 0001", "0302ff00"},
		"CT words 416993": {0o41140, 0xFF00, "03 4260 0001", "0302ff00"},
		"SP words 417025": {0o41200, 0x0003, "03 4280 0001", "03020003"},
	} {
		h := &host{}
		h.words[row.word] = row.value
		if got := ask(t, New(h, Identity{}), row.ask); got != row.want {
			t.Errorf("%s: %s gets %s, want %s", name, row.ask, got, row.want)
		}
	}
}

func TestWhatTheCPULacksIsAnIllegalAddress(t *testing.T) {
	s := New(&host{}, Identity{})
	for pdu, want := range map[string]string{
		"03 03FF 0002":              "8302", // V1777 to V2000
		"03 05FF 0001":              "03020000",
		"03 05FF 0002":              "8302",
		"03 FFFF 0001":              "8302",
		"02 0400 0001":              "8202", // this CPU's GX ends before
		"02 0E00 0001":              "8202", // no area
		"02 FFF0 0010":              "8202",
		"01 1A00 0001":              "8102",
		"01 19F0 0020":              "8102",
		"05 1A00 FF00":              "8502",
		"05 0BFF FF00":              "8502", // Y1777, which it lacks
		"0F 19F0 0020 04 00000000":  "8f02",
		"06 0600 0001":              "8602",
		"10 05FF 0002 04 0000 0000": "9002",
		"03 0400 0000":              "8303",
		"08 0000 0000":              "8801",
		"AB":                        "ab01",
		"06 4000 0001":              "8602", // GX words are read only
		"06 403F 0001":              "8602",
		"06 4100 0001":              "8602", // X words
		"06 4280 0001":              "8602", // SP words
		"10 407F 0002 04 0000 0000": "9002", // the last GX word and the first of GY
		"06 4080 0001":              "0640800001",
		"06 4140 0001":              "0641400001", // Y words can be written
		"10 41A0 0001 02 FFFF":      "1041a00001",
	} {
		if got := ask(t, s, pdu); got != want {
			t.Errorf("%s gets %s, want %s", pdu, got, want)
		}
	}
	if got := s.Counts(); got.Requests == 0 || got.Exceptions != got.Requests-4 {
		t.Errorf("counted %+v", got)
	}
}

// TestAReadRunsFromOneAreaIntoTheNext: C3777 and S0 are neighbours on the wire, and in
// this CPU both exist.
func TestAReadRunsFromOneAreaIntoTheNext(t *testing.T) {
	h := &host{}
	s := New(h, Identity{})
	h.words[0o40777] = 0xA000 // C3775 and C3777
	h.words[0o41000] = 0x0006 // S1 and S2
	if got := ask(t, s, "01 13FD 0007"); got != "010135" {
		t.Errorf("C3775 to S3 read as %s, want 0011'0101", got)
	}
	if got := ask(t, s, "0F 13FD 0007 01 4A"); got != "0f13fd0007" || h.words[0o40777] != 0x4000 || h.words[0o41000] != 0x0009 {
		t.Errorf("written, %s: C %#x, S %#x", got, h.words[0o40777], h.words[0o41000])
	}
}

// TestAWriteThatCannotBeWholeIsNotBegun: of S, this CPU has only the first half.
func TestAWriteThatCannotBeWholeIsNotBegun(t *testing.T) {
	h := &host{}
	s := New(h, Identity{})
	pdu := "0F 13F0 0300 60" + strings.Repeat("FF", 96) // C3760 to S1357
	if got := ask(t, s, pdu); got != "8f02" || h.words[0o40777] != 0 {
		t.Errorf("%s, and C is %#x", got, h.words[0o40777])
	}
}

func TestTheLastByteOfBitsIsFilledUpWithZeros(t *testing.T) {
	h := &host{}
	s := New(h, Identity{})
	h.words[0o2000], h.words[0o40600] = 0xFFFF, 0xFFFF
	if got := ask(t, s, "03 0400 0001"); got != "0302ffff" {
		t.Error(got)
	}
	if got := ask(t, s, "01 0C00 0003"); got != "010107" {
		t.Errorf("three coils that are on read as %s", got)
	}
}

// TestCoilsAreWhatWasWritten holds any write against memory kept as single bits.
func TestCoilsAreWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &host{}
		s := New(h, Identity{})
		var want [2560]bool // C, and the half of S that there is
		for range rapid.IntRange(1, 6).Draw(t, "writes") {
			n := rapid.IntRange(1, modbuswire.MaxWriteBits).Draw(t, "n")
			at := rapid.IntRange(0, len(want)-n).Draw(t, "at")
			bits := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "bits")
			copy(want[at:], bits)
			answer(t, s, modbuswire.Request{Function: modbuswire.WriteCoils, Address: uint16(3072 + at), Count: n, Values: modbuswire.AppendBits(nil, bits...)})
		}
		n := rapid.IntRange(1, modbuswire.MaxReadBits).Draw(t, "n")
		at := rapid.IntRange(0, len(want)-n).Draw(t, "at")
		got := answer(t, s, modbuswire.Request{Function: modbuswire.ReadCoils, Address: uint16(3072 + at), Count: n})
		if diff := cmp.Diff(modbuswire.AppendBits(nil, want[at:at+n]...), got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// answer has a request answered that must succeed.
func answer(t *rapid.T, s *Server, r modbuswire.Request) []byte {
	pdu, err := modbuswire.AppendRequest(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	frame := s.Answer(nil, modbuswire.Frame{Unit: 1, PDU: pdu}, true)
	values, err := modbuswire.ParseReply(frame[modbuswire.HeaderSize:], r)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestRegistersAreWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New(&host{}, Identity{})
		n := rapid.IntRange(1, modbuswire.MaxWriteRegisters).Draw(t, "n")
		want := rapid.SliceOfN(rapid.Byte(), 2*n, 2*n).Draw(t, "values")
		at := uint16(rapid.IntRange(0o2000, 0o3000-n).Draw(t, "at"))
		answer(t, s, modbuswire.Request{Function: modbuswire.WriteRegisters, Address: at, Count: n, Values: want})
		for _, f := range []modbuswire.Function{modbuswire.ReadHolding, modbuswire.ReadInput} {
			if got := answer(t, s, modbuswire.Request{Function: f, Address: at, Count: n}); !bytes.Equal(got, want) {
				t.Fatalf("%s: %x, want %x", f, got, want)
			}
		}
	})
}

func TestTheModulesOwnRegisters(t *testing.T) {
	s := New(&host{}, Identity{
		OS: Version{4, 0, 2148}, Booter: Version{4, 0, 165},
		Device: 1, Family: 2, Processor: 3, ModuleType: 4, Status: 5,
		MAC: [6]byte{0x00, 0xE0, 0x62, 0x20, 0x41, 0x86}, RAM: 9, Flash: 10, BatteryRAM: 11, DIP: 0x80, Media: 13,
		EPF: 0x000F000E, RunRelay: true, BatteryLow: true, Model: 18, Speed: 19, Reboots: 0x00060005,
	})
	for pdu, want := range map[string]string{
		"04 445C 0006": "040c 0004 0000 0864 0004 0000 00a5", // 317501
		"03 445C 0006": "030c 0004 0000 0864 0004 0000 00a5", // 417501
		"04 4466 0014": "0428 0001 0002 0003 0004 0005 00e0 6220 4186 0009 000a 000b 0080 000d 000e 000f 0001 0001 0012 0013 0000",
		"03 44BF 0001": "0302 0000", // 317600, the last
		"03 4650 0014": "0328" + strings.Repeat("0000", 3) + "0001 0005 0006" + strings.Repeat("0000", 14),
		"03 445C 0007": "8302", // 317507 is reserved
		"03 445B 0001": "8302",
		"03 44BF 0002": "8302",
		"03 4664 0001": "8302",
		"06 445C 0001": "8602",
		"06 4654 0001": "8602", // the reboot count
	} {
		if got := ask(t, s, pdu); got != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%s gets %s, want %s", pdu, got, want)
		}
	}
}

func TestTheRebootFlagIsClearedByAOne(t *testing.T) {
	s := New(&host{}, Identity{})
	for _, row := range []struct{ pdu, want string }{
		{"03 4653 0001", "03020001"},
		{"06 4653 FFFE", "064653fffe"}, // not bit 0
		{"03 4653 0001", "03020001"},
		{"10 4653 0002 04 0001 0000", "9002"}, // word 5 is read only
		{"03 4653 0001", "03020001"},
		{"10 4653 0001 02 0001", "1046530001"},
		{"04 4653 0001", "04020000"},
		{"06 4653 0001", "0646530001"},
		{"03 4653 0001", "03020000"},
	} {
		if got := ask(t, s, row.pdu); got != row.want {
			t.Errorf("%s gets %s, want %s", row.pdu, got, row.want)
		}
	}
}

func TestOnlyThisModulesUnitsAnswer(t *testing.T) {
	s := New(&host{}, Identity{})
	for unit := range 256 {
		reply := s.Answer(nil, modbuswire.Frame{Unit: byte(unit), PDU: unhex("03 0400 0001")}, true)
		if want := unit <= 1 || unit == 255; (len(reply) > 0) != want || want && reply[6] != byte(unit) {
			t.Errorf("unit %d is answered by %x", unit, reply)
		}
	}
	if got := s.Counts(); got.Requests != 3 {
		t.Errorf("%d requests were counted, want 3", got.Requests)
	}
}

func TestWithoutTheRightNothingIsWritten(t *testing.T) {
	h := &host{}
	s := New(h, Identity{})
	for pdu, want := range map[string]string{
		"06 0400 0001":         "8601",
		"05 0C00 FF00":         "8501",
		"0F 0C00 0001 01 01":   "8f01",
		"10 0400 0001 02 0001": "9001",
		"06 FFFF 0001":         "8601",
		"06 4653 0001":         "8601",
		"10":                   "9001",
		"03 0400 0001":         "03020000",
		"01 0C00 0001":         "010100",
		"03 4653 0001":         "03020001",
	} {
		if got := hexPDU(t, s.Answer(nil, modbuswire.Frame{Transaction: 7, Unit: 255, PDU: unhex(pdu)}, false)); got != want {
			t.Errorf("%s gets %s, want %s", pdu, got, want)
		}
	}
	if h.words != (&host{}).words {
		t.Error("memory has changed")
	}
}

func TestARequestAllocatesNothing(t *testing.T) {
	s := New(&host{}, Identity{})
	room := make([]byte, 0, modbuswire.MaxFrame)
	for _, pdu := range []string{"01 0C00 07D0", "03 0400 007D", "10 0400 0001 02 0001", "0F 0C01 0003 01 05"} {
		f := modbuswire.Frame{Unit: 255, PDU: unhex(pdu)}
		if n := testing.AllocsPerRun(100, func() { s.Answer(room, f, true) }); n > 0 {
			t.Errorf("%s: %v allocations", pdu, n)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, pdu := range []string{"01 0C00 07D0", "02 0800 0400", "03 445C 0006", "06 4653 0001", "0F 13FD 0007 01 4A", "10 41A0 0001 02 FFFF"} {
		f.Add(byte(255), unhex(pdu), true)
	}
	h := &host{}
	s := New(h, Identity{})
	f.Fuzz(func(t *testing.T, unit byte, pdu []byte, mayWrite bool) {
		reply := s.Answer(nil, modbuswire.Frame{Transaction: 7, Unit: unit, PDU: pdu}, mayWrite)
		if len(reply) == 0 {
			if answers(unit) && len(pdu) > 0 {
				t.Fatal("no answer")
			}
			return
		}
		got, err := modbuswire.NewReader(bytes.NewReader(reply)).Next()
		if err != nil || got.Unit != unit || got.PDU[0]&0x7F != pdu[0]&0x7F {
			t.Fatalf("%x is answered by %x: %v", pdu, reply, err)
		}
	})
}

// TestCoilIsTheMapTurnedAround: the addresses that other makers' configurations
// have for X0's neighbours.
func TestCoilIsTheMapTurnedAround(t *testing.T) {
	for _, r := range []struct {
		word uint16
		bit  uint8
		want uint16
		ok   bool
	}{
		{0o40600, 0, 3072, true},
		{0o40677, 15, 4095, true},
		{0o40777, 15, 5119, true},
		{0o40500, 1, 2049, true},
		{0o41140, 0, 6400, true},
		{0o40400, 0, 0, false},
		{0o41200, 0, 0, false},
		{0o2000, 0, 0, false},
		{0o40777 + 1, 0, 5120, true},
	} {
		if got, ok := Coil(r.word, r.bit); got != r.want || ok != r.ok {
			t.Errorf("V%o.%d: %d, %v", r.word, r.bit, got, ok)
		}
	}
}

package modbuswire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// The examples that the specification gives for each function.
var examples = []struct {
	request, reply string
	want           Request
	values         string
}{
	{"01 0013 0013", "01 03 CD6B05", Request{ReadCoils, 0x13, 19, nil}, "CD6B05"},
	{"02 00C4 0016", "02 03 ACDB35", Request{ReadDiscrete, 0xC4, 22, nil}, "ACDB35"},
	{"03 006B 0003", "03 06 022B 0000 0064", Request{ReadHolding, 0x6B, 3, nil}, "022B00000064"},
	{"04 0008 0001", "04 02 000A", Request{ReadInput, 8, 1, nil}, "000A"},
	{"05 00AC FF00", "05 00AC FF00", Request{WriteCoil, 0xAC, 1, []byte{0xFF}}, ""},
	{"06 0001 0003", "06 0001 0003", Request{WriteRegister, 1, 1, []byte{0, 3}}, ""},
	{"0F 0013 000A 02 CD01", "0F 0013 000A", Request{WriteCoils, 0x13, 10, []byte{0xCD, 1}}, ""},
	{"10 0001 0002 04 000A 0102", "10 0001 0002", Request{WriteRegisters, 1, 2, []byte{0, 10, 1, 2}}, ""},
}

func TestTheSpecificationsExamples(t *testing.T) {
	for _, e := range examples {
		got, err := ParseRequest(unhex(e.request))
		if diff := cmp.Diff(e.want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%s: %v %s", e.request, err, diff)
			continue
		}
		if pdu, err := AppendRequest(nil, got); err != nil || !bytes.Equal(pdu, unhex(e.request)) {
			t.Errorf("%s is built as %x, %v", e.request, pdu, err)
		}
		if pdu := AppendReply(nil, got, unhex(e.values)); !bytes.Equal(pdu, unhex(e.reply)) {
			t.Errorf("%s is answered by %x, want %s", e.request, pdu, e.reply)
		}
		if values, err := ParseReply(unhex(e.reply), got); err != nil || !bytes.Equal(values, unhex(e.values)) {
			t.Errorf("%s reads as %x, %v", e.reply, values, err)
		}
	}
}

func TestWhatTheStateDiagramsRefuse(t *testing.T) {
	many := func(head string, n int) string { return head + strings.Repeat("00", n) }
	for pdu, want := range map[string]error{
		"":                            IllegalFunction,
		"00":                          IllegalFunction,
		"07":                          IllegalFunction,
		"08 0000 1234":                IllegalFunction,
		"81 0000 0001":                IllegalFunction,
		"03":                          IllegalValue, // cut short
		"03 0000 00":                  IllegalValue,
		"03 0000 0001 00":             IllegalValue, // and too long
		"01 0000 0000":                IllegalValue,
		"01 0000 07D0":                nil, // 2000
		"01 0000 07D1":                IllegalValue,
		"02 0000 07D1":                IllegalValue,
		"03 0000 007D":                nil, // 125
		"03 0000 007E":                IllegalValue,
		"04 0000 FFFF":                IllegalValue,
		"03 FFFF 0001":                nil,
		"03 FFFF 0002":                IllegalAddress, // it would wrap
		"03 FFFF 0000":                IllegalValue,   // the count is judged first
		"01 FFF0 0010":                nil,
		"01 FFF0 0011":                IllegalAddress,
		"05 0000 0000":                nil,
		"05 0000 FF00":                nil,
		"05 0000 FF01":                IllegalValue,
		"05 0000 0001":                IllegalValue,
		"05 FFFF FF00":                nil,
		"05 0000 FF00 00":             IllegalValue,
		"06 0000 FFFF":                nil,
		"06 0000 0000 00":             IllegalValue,
		"0F 0000 0001":                IllegalValue, // no byte count
		"0F 0000 0001 00":             IllegalValue,
		"0F 0000 0000 00":             IllegalValue,
		"0F 0000 0009 01 FF":          IllegalValue, // the byte count is too low
		"0F 0000 0008 02 FFFF":        IllegalValue, // or too high
		"0F 0000 0008 01 FFFF":        IllegalValue, // or not what follows
		"0F 0000 0008 02 FF":          IllegalValue,
		"0F 0000 0008 00 FF":          IllegalValue,
		"10 0000 0001 04 0000":        IllegalValue,
		"0F FFFF 0002 01 FF":          IllegalAddress,
		many("0F 0000 07B0 F6", 246):  nil,          // 1968
		many("0F 0000 07B1 F7", 247):  IllegalValue, // 1969
		many("10 0000 007B F6", 246):  nil,          // 123
		many("10 0000 007C F8", 248):  IllegalValue, // 124, and over the size of a PDU
		"10 0000 0001 02 00":          IllegalValue,
		"10 0000 0001 01 00":          IllegalValue,
		"10 FFFF 0002 04 0000 0000":   IllegalAddress,
		many("10 0000 0000 00", 2000): IllegalValue,
	} {
		_, err := ParseRequest(unhex(pdu))
		if err != want {
			t.Errorf("% .40s: %v, want %v", pdu, err, want)
		}
	}
}

// drawRequest draws any request that the rules allow.
func drawRequest(t *rapid.T) Request {
	f := rapid.SampledFrom([]Function{
		ReadCoils, ReadDiscrete, ReadHolding, ReadInput, WriteCoil, WriteRegister, WriteCoils, WriteRegisters,
	}).Draw(t, "function")
	kind, _ := f.trait()
	r := Request{Function: f, Count: rapid.IntRange(1, kind.max).Draw(t, "count")}
	r.Address = uint16(rapid.IntRange(0, space-r.Count).Draw(t, "address"))
	if f.Writes() {
		r.Values = rapid.SliceOfN(rapid.Byte(), r.Size(), r.Size()).Draw(t, "values")
	}
	if f == WriteCoil {
		r.Values = []byte{rapid.SampledFrom([]byte{0, 0xFF}).Draw(t, "coil")}
	}
	return r
}

func TestEveryRequestReadsBackAndSoDoesItsReply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawRequest(t)
		pdu, err := AppendRequest(nil, want)
		if err != nil || len(pdu) > MaxPDU {
			t.Fatalf("%d bytes, %v", len(pdu), err)
		}
		got, err := ParseRequest(pdu)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		var values []byte
		if !want.Function.Writes() {
			values = rapid.SliceOfN(rapid.Byte(), want.Size(), want.Size()).Draw(t, "read")
		}
		reply := AppendReply(nil, want, values)
		read, err := ParseReply(reply, want)
		if err != nil || !bytes.Equal(read, values) || len(reply) > MaxPDU {
			t.Fatalf("%x reads as %x, %v", reply, read, err)
		}
		e := Exception(rapid.Byte().Draw(t, "exception"))
		if _, err := ParseReply(AppendException(nil, want.Function, e), want); !errors.Is(err, e) {
			t.Fatalf("exception %d reads as %v", e, err)
		}
	})
}

func TestWhatNoServerMayTakeIsNotBuilt(t *testing.T) {
	for _, r := range []Request{
		{Function: 7, Count: 1},
		{Function: ReadCoils, Count: 2001},
		{Function: ReadCoils, Count: 65537}, // which would fit as 1
		{Function: ReadHolding, Address: 65535, Count: 2},
		{Function: ReadHolding, Count: 1, Values: []byte{1, 2}},
		{Function: WriteCoil, Count: 1},
		{Function: WriteRegisters, Count: 2, Values: []byte{1, 2}},
	} {
		if pdu, err := AppendRequest(nil, r); err == nil || len(pdu) > 0 {
			t.Errorf("%+v is built as %x", r, pdu)
		}
	}
}

func TestAReplyThatDoesNotFitIsFound(t *testing.T) {
	for _, row := range []struct{ request, reply string }{
		{"03 0000 0002", ""},
		{"03 0000 0002", "03"},
		{"03 0000 0002", "04 04 00000000"},
		{"03 0000 0002", "03 02 0000"},
		{"03 0000 0002", "03 04 000000"},
		{"03 0000 0002", "03 03 00000000"},
		{"03 0000 0002", "84 02"},
		{"03 0000 0002", "83 02 00"},
		{"06 0001 0003", "06 0001 0004"},
		{"06 0001 0003", "06 0002 0003"},
		{"05 0001 FF00", "05 0001 0000"},
		{"10 0001 0001 02 0000", "10 0001 0002"},
		{"0F 0001 0001 01 00", "0F 0001 0001 00"},
	} {
		r, err := ParseRequest(unhex(row.request))
		if err != nil {
			t.Fatal(err)
		}
		if values, err := ParseReply(unhex(row.reply), r); !errors.Is(err, ErrReply) {
			t.Errorf("%s answered by %q reads as %x, %v", row.request, row.reply, values, err)
		}
	}
}

func TestExceptionsSayWhatTheyMean(t *testing.T) {
	for e, want := range map[Exception]string{
		IllegalFunction: "the server doesn't carry out this function; or this computer isn't in its write_allow (exception 01)",
		IllegalAddress:  "the server has no such address, or it can't be written (exception 02)",
		GatewayTarget:   "the unit behind the gateway doesn't answer (exception 0B)",
		0x63:            "the server refused for a reason of its own (exception 63)",
	} {
		if got := e.Error(); got != want {
			t.Errorf("%d says %q, want %q", e, got, want)
		}
	}
	if got := Function(43).String() + ", " + WriteCoils.String(); got != "function 43, write coils" {
		t.Error(got)
	}
}

func TestFramesReadBackHoweverTheyAreCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stream []byte
		var want []Frame
		for range rapid.IntRange(1, 5).Draw(t, "frames") {
			f := Frame{rapid.Uint16().Draw(t, "transaction"), rapid.Byte().Draw(t, "unit"), rapid.SliceOfN(rapid.Byte(), 1, MaxPDU).Draw(t, "pdu")}
			want = append(want, f)
			stream = AppendFrame(stream, f)
		}
		var source io.Reader = bytes.NewReader(stream)
		if rapid.Bool().Draw(t, "dribbling") {
			source = iotest.OneByteReader(source)
		}
		r := NewReader(source)
		for _, f := range want {
			got, err := r.Next()
			if diff := cmp.Diff(f, got); err != nil || diff != "" {
				t.Fatal(err, diff)
			}
		}
		if f, err := r.Next(); err != io.EOF {
			t.Fatalf("after the last: %+v, %v", f, err)
		}
	})
}

func TestWhatIsNoFrame(t *testing.T) {
	for stream, want := range map[string]error{
		"":                            io.EOF,
		"00":                          io.ErrUnexpectedEOF,
		"0001 0000 0006 FF 03 0000":   io.ErrUnexpectedEOF,
		"0001 0001 0006 FF":           ErrFraming, // another protocol
		"0001 0000 0001 FF":           ErrFraming, // no PDU
		"0001 0000 0000 FF":           ErrFraming,
		"0001 0000 00FF FF":           ErrFraming, // a PDU of 254 bytes
		"0001 0000 FFFF FF":           ErrFraming,
		"4745 5420 2F20 4854 5450 2F": ErrFraming, // GET / HTTP/
	} {
		if f, err := NewReader(bytes.NewReader(unhex(stream))).Next(); !errors.Is(err, want) {
			t.Errorf("%q: %+v, %v; want %v", stream, f, err, want)
		}
	}
}

// stutter times out before each read.
type stutter struct {
	io.Reader
	ready bool
}

func (s *stutter) Read(b []byte) (int, error) {
	s.ready = !s.ready
	if s.ready {
		return 0, os.ErrDeadlineExceeded
	}
	return s.Reader.Read(b)
}

func TestATimeoutInsideAFrameLosesNothing(t *testing.T) {
	want := Frame{7, 255, unhex("03 0400 0002")}
	r := NewReader(&stutter{Reader: iotest.OneByteReader(bytes.NewReader(AppendFrame(nil, want)))})
	timeouts := 0
	for {
		got, err := r.Next()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			timeouts++
			continue
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" || timeouts != HeaderSize+len(want.PDU) {
			t.Error(err, diff, timeouts)
		}
		return
	}
}

func TestAFrameCostsNoAllocation(t *testing.T) {
	frame := AppendFrame(nil, Frame{7, 255, unhex("03 0400 0002")})
	source := bytes.NewReader(nil)
	r := NewReader(source)
	if n := testing.AllocsPerRun(100, func() {
		source.Reset(frame)
		f, err := r.Next()
		if err != nil {
			t.Error(err)
		}
		if _, err := ParseRequest(f.PDU); err != nil {
			t.Error(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func FuzzParseRequest(f *testing.F) {
	for _, e := range examples {
		f.Add(unhex(e.request))
	}
	f.Fuzz(func(t *testing.T, pdu []byte) {
		r, err := ParseRequest(pdu)
		if err != nil {
			if e := Exception(0); !errors.As(err, &e) || e < IllegalFunction || e > IllegalValue {
				t.Fatal(err)
			}
			return
		}
		if again, err := AppendRequest(nil, r); err != nil || !bytes.Equal(again, pdu) {
			t.Fatalf("%x reads as %+v, which is %x, %v", pdu, r, again, err)
		}
	})
}

func FuzzParseReply(f *testing.F) {
	for _, e := range examples {
		f.Add(unhex(e.reply), unhex(e.request))
	}
	f.Fuzz(func(t *testing.T, pdu, request []byte) {
		r, err := ParseRequest(request)
		if err != nil {
			return
		}
		values, err := ParseReply(pdu, r)
		if e := Exception(0); err != nil && !errors.Is(err, ErrReply) && !errors.As(err, &e) {
			t.Fatal(err)
		}
		if err == nil && !bytes.Equal(AppendReply(nil, r, values), pdu) {
			t.Fatalf("%x reads as %x", pdu, values)
		}
	})
}

func FuzzReader(f *testing.F) {
	f.Add(AppendFrame(AppendFrame(nil, Frame{1, 255, []byte{3}}), Frame{2, 0, make([]byte, MaxPDU)}))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r, rest := NewReader(iotest.HalfReader(bytes.NewReader(stream))), stream
		for {
			frame, err := r.Next()
			if err != nil {
				return
			}
			again := AppendFrame(nil, frame)
			if !bytes.HasPrefix(rest, again) {
				t.Fatalf("%x reads as %+v", rest, frame)
			}
			rest = rest[len(again):]
		}
	})
}

package hap_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/hap"
)

// golden are the byte strings of facts/protocols.md section 4.6, and the password
// status that a public login checker sends (its packet, with its id).
var golden = []struct {
	name    string
	id      uint16
	request hap.Request
	want    string
}{
	{"poll all", 1, hap.Request{Function: hap.FuncPollAll}, "4841500100a550010005"},
	{"device info", 2, hap.Request{Function: hap.FuncDevice}, "48415002008440010004"},
	{"read the IP address", 3, hap.Request{Function: hap.FuncReadSetup, Type: hap.SetupIP}, "48415003006c1d04000b001000"},
	{"read the name", 3, hap.Request{Function: hap.FuncReadSetup, Type: hap.SetupName}, "4841500300cab704000b001600"},
	{"enumerate", 4, hap.Request{Function: hap.FuncEnumSetup}, "48415004004aa101000a"},
	{
		"write the subnet", 5,
		hap.Request{Function: hap.FuncWriteSetup, Type: hap.SetupSubnet, Data: []byte{255, 255, 0, 0}},
		"4841500500fbba08000c003000ffff0000",
	},
	{
		"find node 128", 6,
		hap.Request{Function: hap.FuncQuerySetup, Type: hap.SetupNode, Data: hap.AppendNode(nil, 128)},
		"4841500600ff850a0009002000040080000000",
	},
	{
		"addressed broadcast", 4,
		hap.Request{Function: hap.FuncAddressedBroadcast, MAC: barry, Data: []byte{0x0B, 0, 0x16, 0}},
		"484150040063800b001500e0622041860b001600",
	},
	{
		"CCM read of V2000", 6,
		hap.Request{Function: hap.FuncCCM, CCM: hap.CCM{Type: hap.CCMV, Address: 0x401, Count: 2}},
		"484150060001da08001900011e02010431",
	},
	{
		"K-sequence read of V2000", 5,
		hap.Request{Function: hap.FuncKSequence, KSeq: hap.KSequence{Op: hap.KRead, Address: 0o2000, Count: 2}},
		"484150050067fa0c001a0008000140010400021747",
	},
	{
		"password status", 0x1E6,
		hap.Request{Function: hap.FuncKSequence, KSeq: hap.KSequence{Op: hap.KStatus}},
		"484150e6016e680d001a000900015001020001001752",
	},
}

func TestGoldenRequests(t *testing.T) {
	for _, r := range golden {
		t.Run(r.name, func(t *testing.T) {
			body, err := r.request.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := hap.AppendFrame(nil, hap.Frame{ID: r.id, Body: body})
			if err != nil || hex.EncodeToString(got) != r.want {
				t.Errorf("got  %x, %v\nwant %s", got, err, r.want)
			}
			f, err := hap.ParseFrame(unhex(t, r.want))
			if err != nil || f.ID != r.id {
				t.Fatalf("%+v, %v", f, err)
			}
			back, err := hap.ParseRequest(f.Body)
			if diff := cmp.Diff(r.request, back); err != nil || diff != "" {
				t.Errorf("it reads back otherwise: %v\n%s", err, diff)
			}
		})
	}
}

func TestGoldenAnswers(t *testing.T) {
	for _, r := range []struct {
		name string
		id   uint16
		body []byte
		want string
	}{
		{"an IP address", 3, hap.SetupReply{Data: []byte{192, 168, 12, 86}}.Append(nil), "4841500300c7d806000000c0a80c56"},
		{"a poll", 1, hap.Poll{MAC: barry, IP: netip.MustParseAddr("192.168.12.86")}.Append(nil), "4841500100e0e90f0055aa00e0622041860001c0a80c5600"},
	} {
		if got, err := hap.AppendFrame(nil, hap.Frame{ID: r.id, Body: r.body}); err != nil || hex.EncodeToString(got) != r.want {
			t.Errorf("%s:\ngot  %x, %v\nwant %s", r.name, got, err, r.want)
		}
	}
}

func TestAnAddressedRequestHasItsRequestInside(t *testing.T) {
	inner := hap.Request{Function: hap.FuncReadSetup, Type: hap.SetupName}
	outer, err := inner.To(barry)
	if err != nil {
		t.Fatal(err)
	}
	body, err := outer.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := hap.ParseRequest(body)
	if err != nil || got.Function != hap.FuncAddressedBroadcast || got.MAC != barry {
		t.Fatalf("%+v, %v", got, err)
	}
	got, err = hap.ParseRequest(got.Data)
	if diff := cmp.Diff(inner, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestRequestsThatMakeNoSenseSayWhichFunctionTheyWere(t *testing.T) {
	for name, r := range map[string]struct {
		body string
		want error
	}{
		"a read of what?":                     {"0b00", hap.ErrMalformed},
		"a query longer than it is":           {"0900200005000102", hap.ErrMalformed},
		"statistics, to clear?":               {"0e00", hap.ErrMalformed},
		"a broadcast to half an address":      {"1500e062", hap.ErrMalformed},
		"a broadcast without a request":       {"1500e062204186", hap.ErrMalformed},
		"a broadcast within a broadcast":      {"1500e0622041861500e06220418605", hap.ErrMalformed},
		"a CCM that neither reads nor writes": {"1900011f02010431", hap.ErrMalformed},
		"a CCM with another code":             {"1900021e02010431", hap.ErrMalformed},
		"a CCM that writes less than it says": {"190001200201043100", hap.ErrMalformed},
		"a telegram longer than it is":        {"1a0009000140010400021747", hap.ErrMalformed},
		"a telegram with a wrong checksum":    {"1a0008000140010400021748", hap.ErrLRC},
		"a telegram that doesn't end":         {"1a0008000140010400021847", hap.ErrMalformed},
		"a telegram that isn't one":           {"1a0008000240010400021747", hap.ErrMalformed},
		"a telegram of an unknown operation":  {"1a000700017001040017ff", hap.ErrMalformed},
		"a read of no bytes":                  {"1a0008000140010400001745", hap.ErrMalformed},
		"a write of two words":                {"1a000a00014601040002123417" + "67", hap.ErrMalformed},
		"memory beyond a frame":               {"25000002010200000000", hap.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			body := unhex(t, r.body)
			got, err := hap.ParseRequest(body)
			if !errors.Is(err, r.want) || got.Function != hap.Function(body[0]) {
				t.Errorf("got %s, %v, want %v", got.Function, err, r.want)
			}
		})
	}
	if _, err := hap.ParseRequest(nil); !errors.Is(err, hap.ErrMalformed) {
		t.Errorf("an empty body: %v", err)
	}
	if _, err := hap.ParseRequest(append([]byte{0x0C, 0, 0x16, 0}, make([]byte, hap.MaxSetup+1)...)); !errors.Is(err, hap.ErrTooLarge) {
		t.Errorf("too much set-up data: %v", err)
	}
}

func TestAFunctionThatNobodyKnowsIsParsedToItsNumber(t *testing.T) {
	got, err := hap.ParseRequest([]byte{0x99, 1, 2})
	if diff := cmp.Diff(hap.Request{Function: hap.FuncNever, Data: []byte{1, 2}}, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if got, want := hap.Function(0x77).String(), "function 0x77"; got != want {
		t.Errorf("its name is %q, want %q", got, want)
	}
}

func TestRequestsThatHaveNoFormOnTheWire(t *testing.T) {
	large := make([]byte, hap.MaxSetup+1)
	for name, r := range map[string]struct {
		request hap.Request
		want    error
	}{
		"too much to write":      {hap.Request{Function: hap.FuncWriteSetup, Data: large}, hap.ErrTooLarge},
		"too large a datum":      {hap.Request{Function: hap.FuncQuerySetup, Data: large}, hap.ErrTooLarge},
		"too much memory":        {hap.Request{Function: hap.FuncReadMemory, Memory: hap.MemoryRange{Count: 513}}, hap.ErrTooLarge},
		"a CCM of nothing":       {hap.Request{Function: hap.FuncCCM}, hap.ErrValue},
		"a CCM of 257 bytes":     {hap.Request{Function: hap.FuncCCM, CCM: hap.CCM{Count: 257}}, hap.ErrValue},
		"a CCM without its data": {hap.Request{Function: hap.FuncCCM, CCM: hap.CCM{Write: true, Count: 2}}, hap.ErrValue},
		"no telegram":            {hap.Request{Function: hap.FuncKSequence}, hap.ErrValue},
		"a read of nothing":      {hap.Request{Function: hap.FuncKSequence, KSeq: hap.KSequence{Op: hap.KRead}}, hap.ErrValue},
		"broadcast of nothing":   {hap.Request{Function: hap.FuncAddressedBroadcast}, hap.ErrValue},
	} {
		if _, err := r.request.Append(nil); !errors.Is(err, r.want) {
			t.Errorf("%s: %v, want %v", name, err, r.want)
		}
	}
}

func bytesUpTo(n int) *rapid.Generator[[]byte] { return rapid.SliceOfN(rapid.Byte(), 0, n) }

// requests are all that a client can ask.
func requests() *rapid.Generator[hap.Request] {
	return rapid.Custom(func(t *rapid.T) hap.Request {
		r := hap.Request{Function: hap.Function(rapid.Byte().Draw(t, "function"))}
		setupType := rapid.Map(rapid.Uint16(), func(n uint16) hap.SetupType { return hap.SetupType(n) })
		switch r.Function {
		case hap.FuncPollOne, hap.FuncPollAll, hap.FuncVersion, hap.FuncSupport, hap.FuncDevice, hap.FuncEnumSetup:
		case hap.FuncReadSetup, hap.FuncDeleteSetup:
			r.Type = setupType.Draw(t, "type")
		case hap.FuncWriteSetup, hap.FuncQuerySetup:
			r.Type, r.Data = setupType.Draw(t, "type"), bytesUpTo(hap.MaxSetup).Draw(t, "data")
		case hap.FuncEthernetStats:
			r.Clear = rapid.Bool().Draw(t, "clear")
		case hap.FuncAddressedBroadcast:
			copy(r.MAC[:], rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "mac"))
			r.Data = append([]byte{byte(hap.FuncReadSetup)}, bytesUpTo(20).Draw(t, "inner")...)
		case hap.FuncCCM:
			r.CCM = ccms().Draw(t, "ccm")
		case hap.FuncKSequence:
			r.KSeq = telegrams().Draw(t, "telegram")
		case hap.FuncReadMemory:
			r.Memory = hap.MemoryRange{
				Type: hap.MemoryType(rapid.Uint16().Draw(t, "memory")), Offset: rapid.Uint32().Draw(t, "offset"),
				Count: rapid.Uint16Max(hap.MaxSetup).Draw(t, "count"),
			}
		default:
			r.Data = bytesUpTo(40).Draw(t, "rest")
		}
		return r
	})
}

func ccms() *rapid.Generator[hap.CCM] {
	return rapid.Custom(func(t *rapid.T) hap.CCM {
		c := hap.CCM{
			Write: rapid.Bool().Draw(t, "write"), Type: hap.CCMType(rapid.Byte().Draw(t, "type")),
			Address: rapid.Uint16().Draw(t, "address"), Count: rapid.IntRange(1, hap.MaxCCM).Draw(t, "count"),
		}
		if c.Write {
			c.Data = rapid.SliceOfN(rapid.Byte(), c.Count, c.Count).Draw(t, "data")
		}
		return c
	})
}

func TestEveryRequestReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := requests().Draw(t, "request")
		body, err := want.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := hap.ParseRequest(body)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatalf("%v\n%s", err, diff)
		}
	})
}

func FuzzParseRequest(f *testing.F) {
	for _, r := range golden {
		f.Add(unhex(f, r.want)[9:])
	}
	f.Add(unhex(f, "190001200201043112ab"))
	f.Add(unhex(f, "25000002080000040000"))
	f.Add(unhex(f, "1a000d000151011902040012345678174f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := hap.ParseRequest(b)
		if err != nil {
			return
		}
		body, err := r.Append(nil)
		if err != nil {
			t.Fatalf("%+v was taken and can't be sent: %v", r, err)
		}
		back, err := hap.ParseRequest(body)
		if diff := cmp.Diff(r, back, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatalf("%v\n%s", err, diff)
		}
		if again, err := back.Append(nil); err != nil || !bytes.Equal(again, body) {
			t.Fatalf("%x, then %x, %v", body, again, err)
		}
	})
}

func TestBitAreasAreTheModbusMapByEights(t *testing.T) {
	for name, r := range map[string]struct{ base, modbus uint16 }{
		"GX": {hap.InputGX, 0}, "X": {hap.InputX, 2048}, "SP": {hap.InputSP, 3072},
		"GY": {hap.OutputGY, 0}, "Y": {hap.OutputY, 2048}, "C": {hap.OutputC, 3072},
		"S": {hap.OutputS, 5120}, "T": {hap.OutputT, 6144}, "CT": {hap.OutputCT, 6400},
	} {
		if r.base*8 != r.modbus {
			t.Errorf("%s begins with byte %#x, want %#x", name, r.base, r.modbus/8)
		}
	}
}

func TestA256ByteCCMHasTheLengthZero(t *testing.T) {
	want := hap.Request{Function: hap.FuncCCM, CCM: hap.CCM{Type: hap.CCMV, Address: 0x401, Count: hap.MaxCCM}}
	body, err := want.Append(nil)
	if err != nil || body[4] != 0 {
		t.Fatalf("% x, %v", body, err)
	}
	same(t, want, body, hap.ParseRequest)
}

func TestWordsCountFromOneOnTheWire(t *testing.T) {
	if a, ok := hap.WordCCM(0o2000); a != 0x401 || !ok {
		t.Errorf("V2000 is %#x, %v", a, ok)
	}
	if _, ok := hap.WordCCM(0o177777); ok {
		t.Error("the last word has an address")
	}
	if n, ok := (hap.CCM{Address: 0x401}).Number(); n != 0o2000 || !ok {
		t.Errorf("0x401 is V%o, %v", n, ok)
	}
	if _, ok := (hap.CCM{}).Number(); ok {
		t.Error("the address 0 is a word")
	}
}

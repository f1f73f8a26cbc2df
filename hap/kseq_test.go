package hap_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/hap"
)

func password(t testing.TB, text string) hap.Password {
	t.Helper()
	p, err := hap.ParsePassword(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTelegramsOnTheWire(t *testing.T) {
	for want, k := range map[string]hap.KSequence{
		"0140010fed0317a0":                {Op: hap.KRead, Address: 0o7755, Count: 3},
		"0140010400021747":                {Op: hap.KRead, Address: 0o2000, Count: 2},
		"014401f00017b5":                  {Op: hap.KSet, Address: 0xF000},
		"014501f00017b4":                  {Op: hap.KReset, Address: 0xF000},
		"01460104000112341764":            {Op: hap.KWrite, Address: 0o2000, Value: 0x1234},
		"01500102000100" + "1752":         {Op: hap.KStatus},
		"01510119020400a123456717" + "ef": {Op: hap.KLogin, Password: password(t, "A1234567")},
	} {
		b, err := k.Append(nil)
		if err != nil || hex.EncodeToString(b) != want {
			t.Errorf("%s:\ngot  %x, %v\nwant %s", k.Op, b, err, want)
		}
		same(t, k, append(b, 0, 0, 0), hap.ParseKSequence)
	}
}

// TestTheCheckersConstantIsTaken: a public checker of passwords ends every login
// with AF, whatever its checksum should be.
func TestTheCheckersConstantIsTaken(t *testing.T) {
	k, err := hap.ParseKSequence(unhex(t, "01510119020400a000000117af"))
	if err != nil || !k.Password.Equal(password(t, "A0000001")) {
		t.Errorf("%+v, %v", k, err)
	}
	if _, err := hap.ParseKSequence(unhex(t, "01510119020400b000000117af")); !errors.Is(err, hap.ErrPassword) {
		t.Errorf("a password that can't be one: %v", err)
	}
}

// TestTheCheckerSeesAnOpenController: it looks at two bytes of a datagram of 269.
func TestTheCheckerSeesAnOpenController(t *testing.T) {
	for locked, want := range map[bool]string{false: "\x00\x17\xd2", true: "\x01\x17\xd3"} {
		r, err := hap.KReply{Op: hap.KStatus, Locked: locked}.Response()
		if err != nil {
			t.Fatal(err)
		}
		datagram, err := hap.AppendFrame(nil, hap.Frame{ID: 0x1E6, Body: r.Append(nil)})
		if err != nil || len(datagram) != 269 || string(datagram[17:20]) != want {
			t.Errorf("locked %v: %d bytes, % x, %v", locked, len(datagram), datagram[:min(24, len(datagram))], err)
		}
	}
}

func TestAnswersOnTheWire(t *testing.T) {
	for want, k := range map[string]hap.KReply{
		"01c001040002341217e1": {Op: hap.KRead, Address: 0o2000, Data: []byte{0x34, 0x12}},
		"01c401f0001735":       {Op: hap.KSet, Address: 0xF000},
		"01c601040017c3":       {Op: hap.KWrite, Address: 0o2000},
		"01d001030017d2":       {Op: hap.KStatus},
		"01d001030117d3":       {Op: hap.KStatus, Locked: true},
		"01d101030117d2":       {Op: hap.KLogin, Locked: true},
	} {
		b, err := k.Append(nil)
		if err != nil || hex.EncodeToString(b) != want {
			t.Errorf("%s:\ngot  %x, %v\nwant %s", k.Op, b, err, want)
		}
		same(t, k, append(b, 0, 0, 0), hap.ParseKReply)
	}
	for name, r := range map[string]struct {
		telegram string
		want     error
	}{
		"a request": {"0140010400021747", hap.ErrMalformed}, "a wrong checksum": {"01d001030017d1", hap.ErrLRC}, "no end": {"01d001030018d2", hap.ErrMalformed},
		"more than there is": {"01c001040003341217e1", hap.ErrMalformed}, "nothing read": {"01c0010400001785", hap.ErrMalformed},
		"an unknown operation": {"01f001040017ff", hap.ErrMalformed}, "another status": {"01d001040017d5", hap.ErrMalformed},
	} {
		if _, err := hap.ParseKReply(unhex(t, r.telegram)); !errors.Is(err, r.want) {
			t.Errorf("%s: %v, want %v", name, err, r.want)
		}
	}
	if _, err := (hap.KReply{Op: hap.KRead, Data: make([]byte, 249)}).Response(); !errors.Is(err, hap.ErrValue) {
		t.Errorf("249 bytes: %v", err)
	}
	if r, err := (hap.KReply{Op: hap.KRead, Data: make([]byte, 248)}).Response(); err != nil || len(r.Data) != hap.MaxKTelegram {
		t.Errorf("248 bytes: %d, %v", len(r.Data), err)
	}
}

func passwords() *rapid.Generator[hap.Password] {
	return rapid.Map(rapid.StringMatching(`[A0-9][0-9]{7}`), func(s string) hap.Password {
		p, err := hap.ParsePassword(s)
		if err != nil {
			panic(err)
		}
		return p
	})
}

func telegrams() *rapid.Generator[hap.KSequence] {
	return rapid.Custom(func(t *rapid.T) hap.KSequence {
		k := hap.KSequence{Op: rapid.SampledFrom([]hap.KOp{hap.KRead, hap.KSet, hap.KReset, hap.KWrite, hap.KStatus, hap.KLogin}).Draw(t, "op")}
		switch k.Op {
		case hap.KLogin:
			k.Password = passwords().Draw(t, "password")
		case hap.KStatus:
		default:
			k.Address = rapid.Uint16().Draw(t, "address")
		}
		if k.Op == hap.KRead {
			k.Count = rapid.ByteRange(1, hap.MaxKRead).Draw(t, "count")
		}
		if k.Op == hap.KWrite {
			k.Value = rapid.Uint16().Draw(t, "value")
		}
		return k
	})
}

func TestEveryTelegramReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := telegrams().Draw(t, "telegram")
		b, err := k.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		same(t, k, b, hap.ParseKSequence)

		r := hap.KReply{Op: k.Op, Address: k.Address}
		switch k.Op {
		case hap.KRead:
			r.Data = rapid.SliceOfN(rapid.Byte(), 1, hap.MaxKRead).Draw(t, "data")
		case hap.KStatus, hap.KLogin:
			r.Locked = rapid.Bool().Draw(t, "locked")
		}
		response, err := r.Response()
		if err != nil {
			t.Fatal(err)
		}
		same(t, r, response.Data, hap.ParseKReply)
	})
}

// TestBitsLieOnOneLine: C, S and T are facts; the others follow from them.
func TestBitsLieOnOneLine(t *testing.T) {
	for name, r := range map[string]struct{ word, want uint16 }{
		"GX": {0o40000, 0xD800}, "GY": {0o40200, 0xE000}, "X": {0o40400, 0xE800}, "Y": {0o40500, 0xEC00}, "C": {0o40600, 0xF000},
		"S": {0o41000, 0xF800}, "T": {0o41100, 0xFC00}, "CT": {0o41140, 0xFE00},
	} {
		if got, ok := hap.KBit(r.word, 0); got != r.want || !ok {
			t.Errorf("%s begins with %#x, %v, want %#x", name, got, ok, r.want)
		}
	}
	for name, r := range map[string]struct {
		word uint16
		bit  uint8
	}{"SP": {0o41200, 0}, "a word of data": {0o2000, 0}, "the word before": {0o37777, 15}, "a seventeenth bit": {0o40600, 16}} {
		if a, ok := hap.KBit(r.word, r.bit); ok {
			t.Errorf("%s has the address %#x", name, a)
		}
	}
	if _, _, ok := hap.KBitWord(0xD7FF); ok {
		t.Error("0xD7FF is a bit")
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Uint16Range(0xD800, 0xFFFF).Draw(t, "address")
		word, bit, ok := hap.KBitWord(a)
		back, okToo := hap.KBit(word, bit)
		if !ok || !okToo || back != a {
			t.Fatalf("V%o.%d is %#x, not %#x", word, bit, back, a)
		}
	})
}

func TestAPasswordIsNeverShown(t *testing.T) {
	p := password(t, "A7654321")
	shown := fmt.Sprintf("%v %s %q %d %x %+v %#v", p, p, p, p, p, hap.KSequence{Op: hap.KLogin, Password: p}, hap.Request{KSeq: hap.KSequence{Password: p}})
	text, err := json.Marshal(hap.KSequence{Password: p})
	if err != nil {
		t.Fatal(err)
	}
	shown += string(text)
	for _, secret := range []string{"7654321", "a7654321", "161", "0xa7", "118"} {
		if strings.Contains(strings.ToLower(shown), secret) {
			t.Errorf("%q stands in %s", secret, shown)
		}
	}
}

func TestPasswordsThatCannotBe(t *testing.T) {
	for _, text := range []string{"", "1234567", "123456789", "B1234567", "1A234567", ":2345678", "1234567:", "1234 678", "１234567"} {
		if _, err := hap.ParsePassword(text); !errors.Is(err, hap.ErrPassword) || strings.Contains(err.Error(), text) && text != "" {
			t.Errorf("%q: %v", text, err)
		}
	}
	if !password(t, "A0000001").MultiLevel() || password(t, "10000000").MultiLevel() {
		t.Error("the A at the front is not seen")
	}
	if !password(t, "00000000").IsZero() || password(t, "a1234567") != password(t, "A1234567") || password(t, "A1234567").Equal(password(t, "11234567")) {
		t.Error("passwords compare wrongly")
	}
}

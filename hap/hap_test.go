package hap

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

// The golden vectors of facts/protocols.md section 4.6.
func TestGoldenVectors(t *testing.T) {
	for _, r := range []struct {
		name string
		id   uint16
		body []byte
		want string
	}{
		{"poll all", 1, PollAllBody(), "4841500100a550010005"},
		{"device info", 2, DeviceInfoBody(), "48415002008440010004"},
		{"read the IP address", 3, ReadSetupBody(SetupIP), "48415003006c1d04000b001000"},
		{"its reply", 3, []byte{0, 0, 192, 168, 12, 86}, "4841500300c7d806000000c0a80c56"},
		{"read the name", 3, ReadSetupBody(SetupName), "4841500300cab704000b001600"},
		{"enumerate", 4, EnumSetupBody(), "48415004004aa101000a"},
		{"write the subnet", 5, WriteSetupBody(SetupSubnet, []byte{255, 255, 0, 0}), "4841500500fbba08000c003000ffff0000"},
		{"find node 128", 6, QuerySetupBody(SetupNode, []byte{128, 0, 0, 0}), "4841500600ff850a0009002000040080000000"},
		{"addressed broadcast", 4, To([6]byte{0, 0xE0, 0x62, 0x20, 0x41, 0x86}, ReadSetupBody(SetupName)), "484150040063800b001500e0622041860b001600"},
		{"poll reply", 1, Poll{MAC: [6]byte{0, 0xE0, 0x62, 0x20, 0x41, 0x86}, IP: netip.MustParseAddr("192.168.12.86")}.Append(nil), "4841500100e0e90f0055aa00e0622041860001c0a80c5600"},
		{"CCM read of V2000", 6, ReadVBody(0o2000, 2), "484150060001da08001900011e02010431"},
		{"K-sequence read of V2000", 5, ReadVKSequence(0o2000, 2), "484150050067fa0c001a0008000140010400021747"},
	} {
		t.Run(r.name, func(t *testing.T) {
			got, err := AppendFrame(nil, Frame{r.id, r.body})
			if err != nil || hex.EncodeToString(got) != r.want {
				t.Errorf("got  %x, %v\nwant %s", got, err, r.want)
			}
			want, _ := hex.DecodeString(r.want)
			back, err := ParseFrame(want)
			if err != nil || back.ID != r.id || !bytes.Equal(back.Body, r.body) {
				t.Errorf("it reads back as %+v, %v", back, err)
			}
		})
	}
}

func TestTheChecksumIsXMODEMs(t *testing.T) {
	if got := CRC([]byte("123456789")); got != 0x31C3 {
		t.Errorf("got %#x, want 0x31c3", got)
	}
}

func TestFramesThatAreWrong(t *testing.T) {
	good, err := AppendFrame(nil, Frame{1, PollAllBody()})
	if err != nil {
		t.Fatal(err)
	}
	bad := func(i int, b byte) []byte { c := bytes.Clone(good); c[i] = b; return c }
	for name, r := range map[string]struct {
		frame []byte
		want  error
	}{
		"nothing": {nil, ErrNotHAP}, "another protocol": {[]byte("HTTP/1.1 "), ErrNotHAP}, "cut": {good[:9], ErrTruncated},
		"a wrong checksum": {bad(5, 1), ErrCRC}, "a length beyond all": {bad(8, 0xFF), ErrTooLarge},
	} {
		if _, err := ParseFrame(r.frame); !errors.Is(err, r.want) {
			t.Errorf("%s: %v, want %v", name, err, r.want)
		}
	}
	unchecked := bad(5, 0)
	unchecked[6] = 0
	if _, err := ParseFrame(unchecked); err != nil {
		t.Errorf("a checksum of 0 is checked: %v", err)
	}
	if f, err := ParseFrame(append(good, make([]byte, 200)...)); err != nil || len(f.Body) != 1 {
		t.Errorf("padding: %+v, %v", f, err)
	}
	if _, err := AppendFrame(nil, Frame{1, make([]byte, MaxBody+1)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a large body: %v", err)
	}
}

func TestEveryFrameReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Frame{rapid.Uint16().Draw(t, "id"), rapid.SliceOfN(rapid.Byte(), 0, MaxBody).Draw(t, "body")}
		b, err := AppendFrame(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseFrame(b); err != nil || got.ID != want.ID || !bytes.Equal(got.Body, want.Body) {
			t.Fatalf("%+v reads back as %+v, %v", want, got, err)
		}
	})
}

func TestEveryPollReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Poll{MAC: [6]byte(rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "mac")), NoIP: rapid.Bool().Draw(t, "no ip")}
		if rapid.Bool().Draw(t, "says it") {
			want.IP = netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "ip")))
		}
		if got, err := ParsePoll(want.Append(nil)); err != nil || got != want {
			t.Fatalf("%+v reads back as %+v, %v", want, got, err)
		}
	})
}

func TestSetupReplies(t *testing.T) {
	if data, code, err := ParseSetup([]byte{110, 0, 1}); err != nil || code != 110 || !bytes.Equal(data, []byte{1}) {
		t.Errorf("%v %d %v", data, code, err)
	}
	if _, _, err := ParseSetup([]byte{1}); !errors.Is(err, ErrMalformed) {
		t.Errorf("one byte: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"4841500100a550010005", "4841500100e0e90f0055aa00e0622041860001c0a80c5600"} {
		b, _ := hex.DecodeString(s)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := ParseFrame(b)
		if err != nil {
			return
		}
		if len(frame.Body) > MaxBody {
			t.Fatalf("a body of %d bytes", len(frame.Body))
		}
		if p, err := ParsePoll(frame.Body); err == nil {
			if back, err := ParsePoll(p.Append(nil)); err != nil || back != p {
				t.Fatalf("%+v reads back as %+v, %v", p, back, err)
			}
		}
		_, _, _ = ParseSetup(frame.Body)
	})
}

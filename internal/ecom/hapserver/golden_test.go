package hapserver_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/rungmail/rungmail/hap"
)

// name is a text as set-up data holds it, in hex.
func name(text string) string {
	return hex.EncodeToString([]byte(text)) + strings.Repeat("00", 256-len(text))
}

// frame is a body in its frame, in hex.
func frame(t *testing.T, id byte, body []byte) string {
	t.Helper()
	f, err := hap.AppendFrame(nil, hap.Frame{ID: uint16(id), Body: body})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(f)
}

// frames are answers as they stand on the wire, in hex.
func (b *bench) frames(datagram []byte) []string {
	var got []string
	b.server.Handle(b.now, b.from, datagram, false, func(answer []byte) error {
		got = append(got, hex.EncodeToString(answer))
		return nil
	})
	return got
}

// TestGoldenVectors asks what facts/protocols.md section 4.6 asks; the two
// answers that it has are whole frames here, the others bodies by its section 4.3.
func TestGoldenVectors(t *testing.T) {
	const ack = "20"
	for _, r := range []struct {
		name, ask string
		want      []string
	}{
		{"poll all", "4841500100a550010005", []string{"4841500100e0e90f0055aa00e0622041860001c0a80c5600"}},
		{"read the IP address", "48415003006c1d04000b001000", []string{"4841500300c7d806000000c0a80c56"}},
		{"device info", "48415002008440010004", []string{"00000100" + "00e062204186" + "00010002" + "8000" + "00000000" + "01" + "0000000001" + "0141" + strings.Repeat("00", 14)}},
		{"read the name", "4841500300cab704000b001600", []string{"0000" + name("Barry")}},
		{"enumerate", "48415004004aa101000a", []string{"00001000" + "100020003000400033001500160026003600270037004700" + "1280" + "507e" + "577e57fe"}},
		{"write the subnet", "4841500500fbba08000c003000ffff0000", []string{ack + "0c", "0000"}},
		{"find module 128", "4841500600ff850a0009002000040080000000", []string{"55aa00e0622041860001c0a80c5600"}},
		{"addressed: read the name", "484150040063800b001500e0622041860b001600", []string{"0000" + name("Barry")}},
		{"CCM read of V2000", "484150060001da08001900011e02010431", []string{ack + "19", "22190000cdab"}},
		{"K-sequence read of V2000", "484150050067fa0c001a0008000140010400021747", []string{ack + "1a", "221a0000" + "01c001040002cdab17a1" + strings.Repeat("00", 246)}},
	} {
		t.Run(r.name, func(t *testing.T) {
			b := newBench(t)
			b.cpu.words[0o2000] = 0xABCD
			got := b.frames(unhex(t, r.ask))
			if len(got) != len(r.want) {
				t.Fatalf("%d answers: %s", len(got), got)
			}
			for i, want := range r.want {
				if !strings.HasPrefix(want, "484150") {
					want = frame(t, unhex(t, r.ask)[3], unhex(t, want))
				}
				if got[i] != want {
					t.Errorf("answer %d\ngot  %s\nwant %s", i, got[i], want)
				}
			}
		})
	}
}

// TestASumOfZeroIsNotChecked: public clients send none.
func TestASumOfZeroIsNotChecked(t *testing.T) {
	b := newBench(t)
	if got := b.frames(unhex(t, "48415001000000010005")); len(got) != 1 {
		t.Errorf("%d answers", len(got))
	}
	if got := b.frames(unhex(t, "48415001000100010005")); len(got) != 0 || b.server.Stats().BadCRC != 1 {
		t.Errorf("a wrong sum: %d answers, %+v", len(got), b.server.Stats())
	}
}

// TestOpenOnThePublicCheckersOffsets: a public checker of passwords looks at two
// bytes of the datagram (facts/protocols.md section 4.3).
func TestOpenOnThePublicCheckersOffsets(t *testing.T) {
	const ask = "484150e6016e680d001a000900015001020001001752"
	b := newBench(t)
	last := func() []byte {
		t.Helper()
		got := b.frames(unhex(t, ask))
		if len(got) != 2 || len(got[1]) != 2*269 {
			t.Fatalf("%s", got)
		}
		return unhex(t, got[1])
	}
	if d := last(); d[17] != 0 || d[19] != 0xD2 {
		t.Errorf("an open controller says %x", d[:24])
	}
	b.config.Password = password(t, "12345678")
	b.power()
	if d := last(); d[17] == 0 || d[19] == 0xD2 || !bytes.Equal(d[13:17], []byte{1, 0xD0, 1, 3}) {
		t.Errorf("a locked controller says %x", d[:24])
	}
}

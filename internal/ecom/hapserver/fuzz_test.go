package hapserver_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/rungmail/rungmail/hap"
)

// seeds are one datagram of each kind.
func seeds(b *bench) [][]byte {
	all := [][]byte{nil, []byte("HAP"), []byte("GET / HTTP/1.1\r\n\r\n")}
	for n := range 256 {
		all = append(all, b.frame(plain(hap.Function(n))))
	}
	for _, r := range sets() {
		all = append(all, b.frame(hap.Request{Function: hap.FuncWriteSetup, Type: r.kind, Data: r.put}))
	}
	for _, kind := range []hap.SetupType{hap.SetupEmail, hap.SetupEmailInUse} {
		all = append(all, b.frame(hap.Request{Function: hap.FuncWriteSetup, Type: kind, Data: must(another().Append(nil))}))
	}
	return append(
		all,
		b.frame(ccmWrite(hap.CCMV, 0o2000, []byte{1, 2})),
		b.frame(ccmWrite(hap.CCMOutputs, hap.OutputY-1, []byte{1, 2, 3})),
		b.frame(kSequence(hap.KSequence{Op: hap.KWrite, Address: 0o2000, Value: 7})),
		b.frame(kSequence(hap.KSequence{Op: hap.KSet, Address: 0xF000})),
		b.frame(kSequence(hap.KSequence{Op: hap.KRead, Address: 0o2000, Count: hap.MaxKRead})),
	)
}

// judge gives a server a datagram, and looks at what must hold for any: at most two
// answers, each a frame of at most 600 bytes with the id of what it answers. It is
// how many there were.
func (b *bench) judge(datagram []byte, broadcast bool) int {
	b.t.Helper()
	count, silent := 0, !b.read
	missed := b.server.Stats().Missed
	b.server.Handle(b.now, b.from, datagram, broadcast, func(answer []byte) error {
		count++
		f, err := hap.ParseFrame(answer)
		if err != nil || len(answer) > 600 || f.ID != binary.LittleEndian.Uint16(datagram[3:]) {
			b.t.Fatalf("%x is answered %x: %v", datagram, answer, err)
		}
		return nil
	})
	if count > 2 || silent && count > 0 {
		b.t.Fatalf("%x has %d answers", datagram, count)
	}
	if b.server.Stats().Missed != missed {
		b.t.Fatalf("%x makes the server panic", datagram)
	}
	return count
}

// FuzzAnyDatagram comes from anyone; without a right to write it changes nothing.
func FuzzAnyDatagram(f *testing.F) {
	for i, datagram := range seeds(newBench(f)) {
		f.Add(datagram, i%5 == 0, uint8(i))
	}
	f.Fuzz(func(t *testing.T, datagram []byte, broadcast bool, who uint8) {
		b := newBench(t)
		b.read, b.write = who&3 != 0, who&2 != 0
		if who&4 != 0 {
			b.config.Password = password(t, "12345678")
		}
		b.config.Type = []string{"H0-ECOM100", "H2-ECOM100", "H4-ECOM100", ""}[who>>3&3]
		b.config.Firmware = []string{"4.0.2148", "4.0.118"}[who>>5&1]
		b.power()
		b.as(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, who}), 1))
		if datagram = bytes.Clone(datagram); len(datagram) >= 9 {
			datagram[5], datagram[6] = 0, 0 // its sum isn't looked at, so that what is behind it is
		}
		before := b.cpu.words
		if b.read && b.write {
			b.judge(datagram, broadcast)
		} else {
			b.unchanged(func() { b.judge(datagram, broadcast) })
			if b.cpu.words != before || b.server.Blinking(b.now) {
				t.Fatalf("%x changes memory", datagram)
			}
		}
		if setup := b.store.Setup(); setup.Validate() != nil || b.store.Email().Validate() != nil {
			t.Fatalf("%x leaves %+v", datagram, setup)
		}
	})
}

// junk is a datagram that was a real one once, or never.
func junk(r *rand.Rand, kinds [][]byte) []byte {
	d := bytes.Clone(kinds[r.IntN(len(kinds))])
	switch r.IntN(4) {
	case 0: // cut
		d = d[:r.IntN(len(d)+1)]
	case 1: // damaged
		for range 1 + r.IntN(8) {
			if len(d) > 0 {
				d[r.IntN(len(d))] ^= byte(1 << r.IntN(8))
			}
		}
	case 2: // damaged, with a sum that isn't looked at
		if len(d) > 9 {
			d[5], d[6] = 0, 0
			d[9+r.IntN(len(d)-9)] ^= byte(1 + r.IntN(255))
		}
	case 3: // anything
		d = make([]byte, r.IntN(700))
		for i := range d {
			d[i] = byte(r.Uint32())
		}
	}
	return d
}

// TestTenThousandJunkDatagrams are each answered, or counted, or not for this module;
// and after them the server answers as before.
func TestTenThousandJunkDatagrams(t *testing.T) {
	b := newBench(t)
	kinds, r := seeds(b), rand.New(rand.NewPCG(1, 2))
	counted := func() uint32 {
		s := b.server.Stats()
		return s.BadCRC + s.Discarded + s.UnknownType
	}
	var silent int
	for range 10_000 {
		d, before := junk(r, kinds), counted()
		if f, err := hap.ParseFrame(d); err == nil && len(f.Body) > 0 && hap.Function(f.Body[0]) == hap.FuncEthernetStats {
			continue // it would clear them
		}
		answers, grown := b.judge(d, false), counted()-before
		if grown > 1 {
			t.Fatalf("%x is counted %d times", d, grown)
		}
		if answers == 0 && grown == 0 {
			silent++
			f, err := hap.ParseFrame(d)
			q, _ := hap.ParseRequest(f.Body)
			if err != nil || q.Function != hap.FuncQuerySetup && q.Function != hap.FuncAddressedBroadcast {
				t.Fatalf("%x is lost without a trace", d)
			}
		}
	}
	if s := b.server.Stats(); silent == 0 || s.BadCRC == 0 || s.Discarded == 0 || s.UnknownType == 0 || s.Missed != 0 || s.SendErrors != 0 {
		t.Errorf("%d for others, %+v: this junk isn't all kinds", silent, s)
	}
	if got, err := hap.ParsePoll(b.one(b.ask(ask(hap.FuncPollAll)))); err != nil || got.MAC != mac {
		t.Errorf("after it: %+v, %v", got, err)
	}
}

package hapserver_test

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/settings"
)

// reads is a piece of set-up data, or the number that it is refused with.
func (b *bench) reads(t hap.SetupType) ([]byte, hap.Error) {
	b.t.Helper()
	r, err := hap.ParseSetupReply(b.one(b.ask(hap.Request{Function: hap.FuncReadSetup, Type: t})))
	if err != nil || r.Code != 0 && len(r.Data) > 0 {
		b.t.Fatalf("%s: %+v, %v", t, r, err)
	}
	return r.Data, r.Code
}

// writes writes a piece of set-up data: an ACK comes, then a number.
func (b *bench) writes(t hap.SetupType, data []byte) hap.Error {
	b.t.Helper()
	return b.changes(hap.Request{Function: hap.FuncWriteSetup, Type: t, Data: data})
}

func (b *bench) deletes(t hap.SetupType) hap.Error {
	b.t.Helper()
	return b.changes(hap.Request{Function: hap.FuncDeleteSetup, Type: t})
}

func (b *bench) changes(r hap.Request) hap.Error {
	b.t.Helper()
	reply, err := hap.ParseSetupReply(b.acked(b.ask(r), r.Function))
	if err != nil || len(reply.Data) != 0 {
		b.t.Fatalf("%s: %+v, %v", r.Type, reply, err)
	}
	return reply.Code
}

// fine fails a test where something was refused.
func (b *bench) fine(code hap.Error) {
	b.t.Helper()
	if code != 0 {
		b.t.Fatal(code)
	}
}

// must is data that can be made.
func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

func text(s string) []byte { return must(hap.AppendText(nil, s, 256)) }

func addr(s string) []byte { return must(hap.AppendAddr(nil, ip(s))) }

// peers is a table with two of its peers.
func peers(first byte) hap.PeerTable {
	var table hap.PeerTable
	table[0] = hap.Peer{IP: netip.AddrFrom4([4]byte{192, 168, 12, first}), Protocol: hap.PeerECOM}
	table[31] = hap.Peer{IP: netip.AddrFrom4([4]byte{192, 168, 13, first}), Protocol: hap.PeerModbus, Port: 502, Unit: 255}
	return table
}

var ipSetup = hap.IPSetup{Flags: hap.IPDHCP, IP: ip("10.1.2.3"), Subnet: ip("255.0.0.0"), Gateway: ip("10.0.0.1")}

// set is a piece of set-up data: what a new module has, what is written to it, and
// what it is once it is deleted.
type set struct {
	kind            hap.SetupType
	was, put, blank []byte
	is              func(settings.Setup) bool // put is in the store
}

func sets() []set {
	transfers := func(ack, response time.Duration, retries uint16) []byte {
		return must(hap.Transfers{AckTimeout: ack, ResponseTimeout: response, MaxRetries: retries}.Append(nil))
	}
	hasPeers := func(first int) func(settings.Setup) bool {
		return func(s settings.Setup) bool {
			return s.Peers[first].Protocol == settings.ECOM && s.Peers[first].IP.As4()[3] == byte(first+1) &&
				s.Peers[first+31] == settings.Peer{Protocol: settings.Modbus, IP: netip.AddrFrom4([4]byte{192, 168, 13, byte(first + 1)}), Port: 502, Unit: 255}
		}
	}
	was := must(hap.IPSetup{IP: ip("192.168.12.86"), Subnet: ip("255.255.0.0"), Gateway: ip("192.168.0.1")}.Append(nil))
	none := make([]byte, 512)
	return []set{
		{hap.SetupIP, addr("192.168.12.86"), addr("10.0.0.7"), addr("0.0.0.0"), func(s settings.Setup) bool { return s.IP == ip("10.0.0.7") }},
		{hap.SetupNode, []byte{128, 0, 0, 0}, []byte{0x34, 0x12, 0, 0}, []byte{128, 0, 0, 0}, func(s settings.Setup) bool { return s.ID == 0x1234 }},
		{hap.SetupSubnet, addr("255.255.0.0"), addr("255.0.0.0"), addr("0.0.0.0"), func(s settings.Setup) bool { return s.Subnet == ip("255.0.0.0") }},
		{hap.SetupGateway, addr("192.168.0.1"), addr("10.0.0.1"), addr("0.0.0.0"), func(s settings.Setup) bool { return s.Gateway == ip("10.0.0.1") }},
		{hap.SetupName, text("Barry"), text("Stig \u00e9"), text(""), func(s settings.Setup) bool { return s.Name == "Stig \u00e9" }},
		{hap.SetupDescription, text("Rutles Drummer"), text("Rutles Guitarist"), text(""), func(s settings.Setup) bool { return s.Description == "Rutles Guitarist" }},
		{
			hap.SetupTransfers, transfers(50*time.Millisecond, 1500*time.Millisecond, 3), transfers(80*time.Millisecond, 3*time.Second, 255),
			transfers(50*time.Millisecond, 1500*time.Millisecond, 3),
			func(s settings.Setup) bool {
				return s.Transfers == settings.Transfers{AckTimeout: 80 * time.Millisecond, ResponseTimeout: 3 * time.Second, Retries: 255}
			},
		},
		{hap.SetupIPSetup, was, must(ipSetup.Append(nil)), nil, func(s settings.Setup) bool { return s.DHCP && s.IP == ip("10.1.2.3") }},
		{hap.SetupPeers0, none, must(peers(1).Append(nil)), none, hasPeers(0)},
		{hap.SetupPeers32, none, must(peers(33).Append(nil)), none, hasPeers(32)},
		{hap.SetupPeers64, none, must(peers(65).Append(nil)), none, hasPeers(64)},
	}
}

func TestEverySetUpIsReadWrittenKeptAndDeleted(t *testing.T) {
	for _, r := range sets() {
		t.Run(r.kind.String(), func(t *testing.T) {
			b := newBench(t)
			is := func(when string, want []byte) {
				t.Helper()
				if got, code := b.reads(r.kind); code != 0 || !bytes.Equal(got, want) || len(got) != r.kind.Size() {
					t.Errorf("%s: error %d\ngot  %x\nwant %x", when, code, got, want)
				}
			}
			is("new", r.was)
			b.fine(b.writes(r.kind, r.put))
			is("written", r.put)
			b.power()
			is("after a power failure", r.put)
			if !r.is(b.store.Setup()) {
				t.Errorf("the store has %+v", b.store.Setup())
			}
			b.fine(b.deletes(r.kind))
			if r.blank != nil {
				is("deleted", r.blank)
			}
		})
	}
}

// TestAWriteTouchesNothingElse: each piece has its own place.
func TestAWriteTouchesNothingElse(t *testing.T) {
	b := newBench(t)
	for _, r := range sets() {
		if r.kind == hap.SetupIPSetup {
			continue // three of the others in one
		}
		before := b.store.Setup()
		b.fine(b.writes(r.kind, r.put))
		b.fine(b.writes(r.kind, r.was))
		if r.kind == hap.SetupNode {
			b.fine(b.deletes(r.kind)) // it was the switches that said 128
		}
		if diff := cmp.Diff(before, b.store.Setup(), sameAddr); diff != "" {
			t.Errorf("%s: %s", r.kind, diff)
		}
	}
}

func TestDeletingTheIPSetUpOnlyEndsDHCP(t *testing.T) {
	b := newBench(t)
	b.fine(b.writes(hap.SetupIPSetup, must(ipSetup.Append(nil))))
	b.fine(b.deletes(hap.SetupIPSetup))
	want := factory()
	want.IP, want.Subnet, want.Gateway = ipSetup.IP, ipSetup.Subnet, ipSetup.Gateway
	if diff := cmp.Diff(want, b.store.Setup(), sameAddr); diff != "" {
		t.Error(diff)
	}
}

func TestAnIPSetUpWithoutAddressesLeavesThem(t *testing.T) {
	b := newBench(t)
	b.fine(b.writes(hap.SetupIPSetup, must(hap.IPSetup{Flags: hap.IPDHCP | hap.IPDNS}.Append(nil))))
	want := factory()
	want.DHCP = true
	if diff := cmp.Diff(want, b.store.Setup(), sameAddr); diff != "" {
		t.Error(diff)
	}
	b.fine(b.writes(hap.SetupIPSetup, must(hap.IPSetup{Flags: hap.IPDNS}.Append(nil))))
	if b.store.Setup().DHCP {
		t.Error("another flag counts as DHCP's")
	}
}

// TestTheListIsWhatCanBeRead, and what isn't in it is not found.
func TestTheListIsWhatCanBeRead(t *testing.T) {
	for kind, mail := range map[string]bool{"4.0.2148": true, "4.0.118": false} {
		b := newBench(t)
		b.config.Firmware = kind
		b.power()
		list, err := hap.ParseEnumReply(b.one(b.ask(ask(hap.FuncEnumSetup))))
		if err != nil || list.Code != 0 || slices.Contains(list.Types, hap.SetupEmail) != mail || slices.Contains(list.Types, hap.SetupEmailInUse) != mail {
			t.Fatalf("firmware %s: %+v, %v", kind, list, err)
		}
		for n := range 1 << 16 {
			setup := hap.SetupType(n)
			data, code := b.reads(setup)
			if there := slices.Contains(list.Types, setup); there && (code != 0 || len(data) == 0 || len(data) > setup.Size()) || !there && code != hap.ErrNotFound {
				t.Errorf("%s: listed %v, error %d, %d bytes", setup, there, code, len(data))
			}
		}
	}
}

func TestTheSwitchesSayTheID(t *testing.T) {
	for _, r := range []struct {
		dip  byte
		set  bool
		want []byte
	}{
		{0x00, false, []byte{0, 0, 0, 0}},
		{0x80, false, []byte{128, 0, 0, 0}},
		{0x80, true, []byte{9, 0, 0, 0}},
		{0x81, true, []byte{1, 0, 0, 0}},
		{0x3F, false, []byte{63, 0, 0, 0}},
	} {
		b := newBench(t)
		b.config.DIP = r.dip
		if b.power(); r.set {
			if err := b.store.ChangeSetup(func(s *settings.Setup) error { s.ID = 9; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if got, code := b.reads(hap.SetupNode); code != 0 || !bytes.Equal(got, r.want) {
			t.Errorf("switches %#02x: %x, error %d; want %x", r.dip, got, code, r.want)
		}
	}
}

func TestTheErrorLightBlinksAsLongAsAsked(t *testing.T) {
	b := newBench(t)
	left := func() time.Duration {
		t.Helper()
		data, code := b.reads(hap.SetupBlink)
		d, err := hap.ParseBlink(data)
		if code != 0 || err != nil || len(data) != hap.SetupBlink.Size() {
			t.Fatalf("%x, error %d, %v", data, code, err)
		}
		return d
	}
	if b.server.Blinking(b.now) || left() != 0 {
		t.Error("it blinks before anybody asks")
	}
	b.fine(b.writes(hap.SetupBlink, must(hap.AppendBlink(nil, 30*time.Second))))
	b.now = b.now.Add(29*time.Second + time.Millisecond)
	if !b.server.Blinking(b.now) || left() != 0 {
		t.Error("it ends early, or a part of a second counts as one")
	}
	b.now = b.now.Add(time.Second)
	if b.server.Blinking(b.now) {
		t.Error("it doesn't end")
	}
	b.fine(b.writes(hap.SetupBlink, must(hap.AppendBlink(nil, time.Minute))))
	if code := b.deletes(hap.SetupBlink); code != 0 || b.server.Blinking(b.now) {
		t.Errorf("deleted: error %d, blinking %v", code, b.server.Blinking(b.now))
	}
}

func TestTextThatNoSetUpCanShowIsMadeHarmless(t *testing.T) {
	b := newBench(t)
	b.fine(b.writes(hap.SetupName, []byte("a\r\nb\x1b[2J\x00behind")))
	if got := b.store.Setup().Name; got != "a??b?[2J" {
		t.Errorf("it is kept as %q", got)
	}
	if err := b.store.ChangeSetup(func(s *settings.Setup) error { s.Name = "5 \u20ac"; return nil }); err != nil {
		t.Fatal(err)
	}
	if got, code := b.reads(hap.SetupName); code != 0 || !bytes.Equal(got, text("5 ?")) {
		t.Errorf("what isn't Latin-1 reads %q, error %d", got, code)
	}
}

func TestATextOfTheLongestKind(t *testing.T) {
	b := newBench(t)
	long := text(strings.Repeat("x", 255))
	b.fine(b.writes(hap.SetupDescription, long))
	if got, _ := b.reads(hap.SetupDescription); !bytes.Equal(got, long) {
		t.Errorf("it reads %q", got)
	}
}

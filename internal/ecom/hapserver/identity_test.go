package hapserver_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/settings"
)

func ask(f hap.Function) hap.Request { return hap.Request{Function: f} }

func query(t hap.SetupType, data []byte) hap.Request {
	return hap.Request{Function: hap.FuncQuerySetup, Type: t, Data: data}
}

func TestAPollTellsWhoAndWhere(t *testing.T) {
	b := newBench(t)
	for _, f := range []hap.Function{hap.FuncPollOne, hap.FuncPollAll} {
		got, err := hap.ParsePoll(b.one(b.ask(ask(f))))
		if want := (hap.Poll{MAC: mac, IP: ip("192.168.12.86")}); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", f, got, err, want)
		}
	}
}

func TestAModuleWithoutAnAddressSaysSo(t *testing.T) {
	b := newBench(t)
	if err := b.store.ChangeSetup(func(s *settings.Setup) error { s.IP = ip("0.0.0.0"); return nil }); err != nil {
		t.Fatal(err)
	}
	if got, err := hap.ParsePoll(b.one(b.ask(ask(hap.FuncPollAll)))); err != nil || !got.NoIP || got.MAC != mac {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAQueryFindsTheModuleByWhatItHas(t *testing.T) {
	b := newBench(t)
	for what, r := range map[string]hap.Request{
		"a name":               query(hap.SetupName, []byte("Barry")),
		"a name with NULs":     query(hap.SetupName, append([]byte("Barry"), 0, 0)),
		"a name as it is kept": query(hap.SetupName, append([]byte("Barry"), make([]byte, 251)...)),
		"a description":        query(hap.SetupDescription, []byte("Rutles Drummer")),
		"a type":               query(hap.SetupTypeString, []byte("H0-ECOM100")),
		"an ID":                query(hap.SetupNode, []byte{128, 0, 0, 0}),
		"an ID, shortened":     query(hap.SetupNode, []byte{128}),
		"an address":           query(hap.SetupIP, []byte{192, 168, 12, 86}),
		"a mask":               query(hap.SetupSubnet, []byte{255, 255, 0, 0}),
		"a gateway":            query(hap.SetupGateway, []byte{192, 168, 0, 1}),
	} {
		got, err := hap.ParsePoll(b.one(b.ask(r)))
		if err != nil || got.MAC != mac {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
}

func TestAQueryForAnotherModuleIsMetWithSilence(t *testing.T) {
	b := newBench(t)
	for what, r := range map[string]hap.Request{
		"another name":     query(hap.SetupName, []byte("Stig")),
		"its first half":   query(hap.SetupName, []byte("Bar")),
		"with more behind": query(hap.SetupName, []byte("Barry Wom")),
		"longer than any":  query(hap.SetupName, append([]byte("Barry"), make([]byte, 300)...)),
		"small letters":    query(hap.SetupName, []byte("barry")),
		"nothing":          query(hap.SetupName, nil),
		"nothing of zeros": query(hap.SetupBlink, nil),
		"another ID":       query(hap.SetupNode, []byte{7, 0, 0, 0}),
		"another address":  query(hap.SetupIP, []byte{192, 168, 12, 87}),
		"an unknown datum": query(hap.SetupBase, []byte{0}),
	} {
		t.Run(what, func(*testing.T) { b.silent(b.ask(r)) })
	}
	if got := b.server.Stats(); got != (hap.Stats{}) {
		t.Errorf("it isn't silence but a fault: %+v", got)
	}
}

func TestVersions(t *testing.T) {
	b := newBench(t)
	got, err := hap.ParseVersions(b.one(b.ask(ask(hap.FuncVersion))))
	if want := (hap.Versions{Booter: hap.Release{Major: 4, Build: 165}, OS: hap.Release{Major: 4, Build: 2148}}); err != nil || !cmp.Equal(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	b.config.Booter = "none"
	b.power()
	if got, err := hap.ParseVersions(b.one(b.ask(ask(hap.FuncVersion)))); err != nil || got.Booter != (hap.Release{}) {
		t.Errorf("a booter without a number is %+v, %v", got.Booter, err)
	}
}

// plain is a request of a function that makes sense, if any does.
func plain(f hap.Function) hap.Request {
	switch f {
	case hap.FuncQuerySetup:
		return query(hap.SetupNode, []byte{128})
	case hap.FuncReadSetup, hap.FuncDeleteSetup:
		return hap.Request{Function: f, Type: hap.SetupBlink}
	case hap.FuncWriteSetup:
		return hap.Request{Function: f, Type: hap.SetupBlink, Data: []byte{1, 0}}
	case hap.FuncAddressedBroadcast:
		return hap.Request{Function: f, MAC: mac, Data: []byte{byte(hap.FuncPollAll)}}
	case hap.FuncCCM:
		return hap.Request{Function: f, CCM: hap.CCM{Type: hap.CCMV, Address: 0o2001, Count: 2}}
	case hap.FuncKSequence:
		return hap.Request{Function: f, KSeq: hap.KSequence{Op: hap.KStatus}}
	case hap.FuncReadMemory:
		return hap.Request{Function: f, Memory: hap.MemoryRange{Type: hap.MemoryV, Count: 2, Offset: 2 * 0o2000}}
	}
	return hap.Request{Function: f}
}

// answers are functions of answers, which no request has.
var answers = hap.Functions(hap.FuncACK, hap.FuncNAK, hap.FuncResponse, hap.FuncQueryResponse)

// TestWhatItSaysItSupportsItAnswers and nothing else.
func TestWhatItSaysItSupportsItAnswers(t *testing.T) {
	b := newBench(t)
	said, err := hap.ParseSupport(b.one(b.ask(ask(hap.FuncSupport))))
	if err != nil || !said.TCPIP || !said.HTTP {
		t.Fatalf("%+v, %v", said, err)
	}
	for n := range 256 {
		f := hap.Function(n)
		got := b.ask(plain(f))
		if answers.Has(f) {
			b.silent(got)
			continue
		}
		if len(got) == 0 {
			t.Errorf("%s isn't answered", f)
			continue
		}
		r, err := hap.ParseReply(got[0])
		refused := err == nil && r.Kind == hap.FuncNAK && r.Of == f && r.Code == hap.ErrRequest
		if refused == said.Functions.Has(f) {
			t.Errorf("%s: said %v, answered %x", f, said.Functions.Has(f), got)
		}
	}
}

func TestTheDeviceIsWhatTheModuleIs(t *testing.T) {
	for kind, family := range map[string]hap.Family{
		"H0-ECOM100": hap.FamilyDL05, "H2-ECOM100": hap.FamilyDL205, "H4-ECOM100": hap.FamilyDL405,
	} {
		b := newBench(t)
		b.config.Type, b.config.DIP = kind, 0x85
		b.power()
		got, err := hap.ParseDevice(b.one(b.ask(ask(hap.FuncDevice))))
		if err != nil || got.Family != family || got.Type != hap.ModuleECOM || got.MAC != mac || got.DIP != 0x85 || got.Speed != 1 {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
		text := b.one(b.ask(hap.Request{Function: hap.FuncReadSetup, Type: hap.SetupTypeString}))
		if want := append([]byte{0, 0}, kind...); !bytes.Equal(text, append(want, make([]byte, 34-len(want))...)) {
			t.Errorf("the type string is %q", text)
		}
	}
}

// stats asks for the counts, as a client gets them.
func (b *bench) stats(clearThem bool) hap.Stats {
	b.t.Helper()
	s, err := hap.ParseStats(b.one(b.ask(hap.Request{Function: hap.FuncEthernetStats, Clear: clearThem})))
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// misuse does everything that is counted, each a different number of times.
func (b *bench) misuse() (want hap.Stats) {
	b.t.Helper()
	bad := b.frame(ask(hap.FuncPollAll))
	binary.LittleEndian.PutUint16(bad[5:], 1)
	b.silent(b.handle(bad, false))
	for _, junk := range []string{"", "GET / HTTP/1.1\r\n", "HAP\x01\x00\x00\x00\xff\xff"} {
		b.silent(b.handle([]byte(junk), false))
	}
	for range 2 {
		_ = b.refused(b.ask(ask(hap.FuncReboot)), hap.FuncReboot)
	}
	return hap.Stats{BadCRC: 1, Discarded: 3, UnknownType: 2}
}

func TestStatisticsCountWhatWentWrong(t *testing.T) {
	b := newBench(t)
	want := b.misuse()
	for range 5 {
		b.server.Handle(b.now, b.from, b.frame(ask(hap.FuncPollAll)), false, func([]byte) error { return errNoMemory })
	}
	want.SendErrors = 5
	if got := b.stats(false); got != want || b.server.Stats() != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestStatisticsAreClearedByWhoMayWrite(t *testing.T) {
	b := newBench(t)
	want := b.misuse()
	b.write = false
	for range 2 {
		if got := b.stats(true); got != want {
			t.Errorf("who may only read cleared them: %+v", got)
		}
	}
	b.write = true
	if got := b.stats(true); got != want {
		t.Errorf("the last before they are cleared are %+v", got)
	}
	if got := b.stats(false); got != (hap.Stats{}) {
		t.Errorf("cleared they are %+v", got)
	}
}

var sameAddr = cmpopts.EquateComparable(ip("0.0.0.0"))

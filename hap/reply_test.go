package hap_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/hap"
)

var addrs = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

// same reports a value that doesn't read back as it was.
func same[T any](t interface {
	Helper()
	Fatalf(format string, args ...any)
}, want T, body []byte, parse func([]byte) (T, error),
) {
	t.Helper()
	got, err := parse(body)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), addrs, cmp.AllowUnexported(hap.FunctionSet{})); err != nil || diff != "" {
		t.Fatalf("it reads back otherwise: %v\n%s", err, diff)
	}
}

func macs() *rapid.Generator[hap.MAC] {
	return rapid.Map(rapid.SliceOfN(rapid.Byte(), 6, 6), func(b []byte) hap.MAC { return hap.MAC(b) })
}

func ips() *rapid.Generator[netip.Addr] {
	return rapid.Map(rapid.SliceOfN(rapid.Byte(), 4, 4), func(b []byte) netip.Addr { return netip.AddrFrom4([4]byte(b)) })
}

func errorNumbers() *rapid.Generator[hap.Error] {
	return rapid.Map(rapid.Uint16(), func(n uint16) hap.Error { return hap.Error(n) })
}

func TestEveryPollReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := hap.Poll{MAC: macs().Draw(t, "mac"), NoIP: rapid.Bool().Draw(t, "no ip")}
		if rapid.Bool().Draw(t, "says it") {
			want.IP = ips().Draw(t, "ip")
		}
		same(t, want, want.Append(nil), hap.ParsePoll)
	})
}

func TestEveryReplyReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := hap.Reply{
			Kind: rapid.SampledFrom([]hap.Function{hap.FuncACK, hap.FuncNAK, hap.FuncResponse}).Draw(t, "kind"),
			Of:   hap.Function(rapid.Byte().Draw(t, "of")),
		}
		if want.Kind != hap.FuncACK {
			want.Code = errorNumbers().Draw(t, "code")
		}
		if want.Kind == hap.FuncResponse {
			want.Data = bytesUpTo(256).Draw(t, "data")
		}
		same(t, want, want.Append(nil), hap.ParseReply)
	})
}

func TestEverySetupReplyReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := hap.SetupReply{Code: errorNumbers().Draw(t, "code"), Data: bytesUpTo(512).Draw(t, "data")}
		same(t, want, want.Append(nil), hap.ParseSetupReply)
		types := rapid.SliceOfN(rapid.Map(rapid.Uint16(), func(n uint16) hap.SetupType { return hap.SetupType(n) }), 0, 298)
		enum := hap.EnumReply{Code: want.Code, Types: types.Draw(t, "types")}
		body, err := enum.Append(nil)
		if err != nil || len(body) > hap.MaxBody {
			t.Fatalf("%d bytes, %v", len(body), err)
		}
		same(t, enum, body, hap.ParseEnumReply)
	})
}

func TestEveryDescriptionOfAModuleReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		release := rapid.Custom(func(t *rapid.T) hap.Release {
			return hap.Release{Major: rapid.Byte().Draw(t, "major"), Minor: rapid.Byte().Draw(t, "minor"), Build: rapid.Uint16().Draw(t, "build")}
		})
		r := release.Draw(t, "release")
		if back, err := hap.ParseRelease(r.String()); err != nil || back != r {
			t.Fatalf("%s reads back as %s, %v", r, back, err)
		}
		versions := hap.Versions{
			Booter: r, OS: release.Draw(t, "os"),
			Extensions: rapid.SliceOfN(release, 0, hap.MaxExtensions).Draw(t, "extensions"),
		}
		same(t, versions, versions.Append(nil), hap.ParseVersions)

		device := rapid.Make[hap.Device]().Draw(t, "device")
		same(t, device, device.Append(nil), hap.ParseDevice)

		stats := rapid.Make[hap.Stats]().Draw(t, "stats")
		same(t, stats, stats.Append(nil), hap.ParseStats)
	})
}

func TestVersionsOnTheWire(t *testing.T) {
	v := hap.Versions{Booter: hap.Release{Major: 4, Build: 165}, OS: hap.Release{Major: 4, Build: 1031}}
	body := v.Append(nil)
	if len(body) != 50 || string(body[:10]) != "\x32\x04\x00\xa5\x00\x04\x00\x07\x04\x00" {
		t.Errorf("%d bytes: % x", len(body), body)
	}
	if v.OS.String() != "4.0.1031" || v.Booter.Compare(v.OS) != -1 || v.OS.Compare(v.OS) != 0 {
		t.Errorf("%s and %s don't compare by their numbers", v.Booter, v.OS)
	}
	if _, err := hap.ParseVersions(append(append(body[:9:9], 11), make([]byte, 44)...)); !errors.Is(err, hap.ErrMalformed) {
		t.Errorf("eleven extensions: %v", err)
	}
	if got, err := hap.ParseVersions(body[:9]); err != nil || got.OS != v.OS {
		t.Errorf("without extensions: %+v, %v", got, err)
	}
	for _, text := range []string{"", "4.0", "4.0.x", "4.0.65536", "256.0.1"} {
		if _, err := hap.ParseRelease(text); err == nil {
			t.Errorf("%q is a release", text)
		}
	}
}

func TestSupportIsAMapOfFunctions(t *testing.T) {
	want := hap.Support{
		Version:   1,
		Functions: hap.Functions(hap.FuncPollOne, hap.FuncPollAll, hap.FuncReadSetup, hap.FuncCCM, hap.FuncKSequence, hap.FuncReadMemory, hap.FuncReboot),
		TCPIP:     true, HTTP: true,
	}
	body := want.Append(nil)
	if got := string(body); got != "\x01\x12\x11\x02\x30\x40\x00\x10\x03"+strings.Repeat("\x00", 9) {
		t.Errorf("% x", body)
	}
	same(t, want, body, hap.ParseSupport)
	if s := want.Functions; !s.Has(hap.FuncCCM) || s.Has(hap.FuncRunProgram) || len(s.All()) != 7 || s.All()[6] != hap.FuncReboot {
		t.Errorf("the set has %v", s.All())
	}
	if old, err := hap.ParseSupport(body[:6]); err != nil || !old.Functions.Has(hap.FuncCCM) || old.HTTP {
		t.Errorf("of an older module: %+v, %v", old, err)
	}
	for bit := range 48 {
		one := make([]byte, 18)
		one[1], one[2+bit/8] = 18, 1<<(bit%8)
		s, err := hap.ParseSupport(one)
		if err != nil || len(s.Functions.All()) > 1 {
			t.Errorf("bit %d is %v, %v", bit, s.Functions.All(), err)
		}
		if back := s.Append(nil); len(s.Functions.All()) == 1 && string(back) != string(one) {
			t.Errorf("bit %d, %v, goes out as % x", bit, s.Functions.All(), back)
		}
	}
}

func TestADeviceOnTheWire(t *testing.T) {
	d := hap.Device{
		Family: hap.FamilyDL205, PLC: 60, Type: hap.ModuleECOM, Status: 1, MAC: barry, RAM: 0x0200, Flash: 0x0400, DIP: 0x80,
		Media: 0, EPF: 0x04030201, RunRelay: true, BatteryLow: true, BatteryRAM: 0x0605, ExtraDIP: 7, Model: 8, Speed: 1, PLD: [2]byte{9, 10},
	}
	want := "023c010100e06220418600020004800001020304030506" + "070801090a" + strings.Repeat("00", 14)
	if got := d.Append(nil); string(got) != string(unhex(t, want)) {
		t.Errorf("got  %x\nwant %s", got, want)
	}
	if d.Family.String() != "DL205" || d.Type.String() != "ECOM" || (hap.ModuleFibre|hap.ModuleERM).String() != "ERM, fibre" || hap.ModuleType(99).String() != "module type 99" {
		t.Error("its names")
	}
	if _, err := hap.ParseDevice(d.Append(nil)[:27]); !errors.Is(err, hap.ErrMalformed) {
		t.Errorf("27 bytes: %v", err)
	}
}

func TestDIPSwitches(t *testing.T) {
	for _, r := range []struct {
		dip    hap.DIP
		id     byte
		ok     bool
		iboxes bool
	}{{0, 0, false, false}, {0x80, 0, false, true}, {0x85, 5, true, true}, {0x3F, 63, true, false}, {0x40, 0, false, false}} {
		if id, ok := r.dip.ModuleID(); id != r.id || ok != r.ok || r.dip.IBoxes() != r.iboxes {
			t.Errorf("%#02x: ID %d %v, IBoxes %v", byte(r.dip), id, ok, r.dip.IBoxes())
		}
	}
}

func TestErrorsSayTheirNumberInWords(t *testing.T) {
	for number, want := range map[hap.Error]string{
		hap.ErrNotFound: "not found (error 110)", hap.ErrModuleBusy: "the module is busy (error 120)", hap.ErrRange: "out of range (error 133)",
		hap.ErrBusy: "busy (error 161)", hap.ErrTooLong: "more than 128 bytes at once (error 12)", hap.ErrNotInitialised: "not initialised (error 144)",
		hap.ErrBackplaneTime: "CCM timed out on the backplane (error 227)", hap.ErrTimeout: "no answer in time (error 0x8006)",
		hap.ErrInvalidRequest: "invalid request (error 0x8010)", hap.ErrTooLarge: "too large (error 0x8013)",
		hap.ErrNoIP: "the module has no IP address (error 0x8008)", 0x8017: "the file isn't open (error 0x8017)", 0x8018: "error 0x8018",
		0x2000: "the request was repeated (error 0x2000)", 7: "error 7", hap.ErrProtection: "protected (error 126)", hap.ErrNAKed: "the request was refused (error 149)",
	} {
		if got := number.Error(); got != want {
			t.Errorf("%d: got %q, want %q", uint16(number), got, want)
		}
	}
	if hap.Error(0).Err() != nil || hap.Error(0x2000).Err() != nil || !errors.Is(hap.ErrBusy.Err(), hap.ErrBusy) {
		t.Error("none, a warning and an error are told apart wrongly")
	}
}

func TestAnswersThatAreTooShort(t *testing.T) {
	for name, err := range map[string]error{
		"poll": second(hap.ParsePoll(make([]byte, 8))), "another's poll": second(hap.ParsePoll(make([]byte, 20))),
		"versions": second(hap.ParseVersions(make([]byte, 8))), "support": second(hap.ParseSupport(make([]byte, 2))),
		"statistics": second(hap.ParseStats(make([]byte, 25))), "a reply": second(hap.ParseReply([]byte{0x20})),
		"a NAK": second(hap.ParseReply([]byte{0x21, 0x19, 0})), "set-up": second(hap.ParseSetupReply([]byte{0})),
		"an enumeration": second(hap.ParseEnumReply([]byte{0})), "no count": second(hap.ParseEnumReply([]byte{0, 0})),
		"fewer types than said": second(hap.ParseEnumReply([]byte{0, 0, 2, 0, 0x10, 0})), "an address": second(hap.ParseAddr(make([]byte, 3))),
		"a module ID": second(hap.ParseNode(make([]byte, 3))), "blinking": second(hap.ParseBlink(make([]byte, 1))),
		"RX and WX settings": second(hap.ParseTransfers(make([]byte, 5))), "IP set-up": second(hap.ParseIPSetup(make([]byte, 83))),
		"a peer": second(hap.ParsePeer(make([]byte, 15))),
	} {
		if !errors.Is(err, hap.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r, err := hap.ParseEnumReply([]byte{110, 0}); err != nil || r.Code != hap.ErrNotFound {
		t.Errorf("an enumeration that was refused: %+v, %v", r, err)
	}
	if _, err := (hap.EnumReply{Types: make([]hap.SetupType, 299)}).Append(nil); !errors.Is(err, hap.ErrTooLarge) {
		t.Errorf("299 types: %v", err)
	}
}

// FuzzParseAnswers gives the same bytes to every parser of answers and set-up
// data; what one takes must read back as it was.
func FuzzParseAnswers(f *testing.F) {
	f.Add(hap.Poll{MAC: barry, IP: netip.MustParseAddr("192.168.12.86")}.Append(nil))
	f.Add(hap.Versions{Extensions: make([]hap.Release, 2)}.Append(nil))
	f.Add(hap.Device{}.Append(nil))
	f.Add(hap.Reply{Kind: hap.FuncResponse, Of: hap.FuncCCM, Data: []byte{1, 2}}.Append(nil))
	f.Add([]byte{0, 0, 2, 0, 0x10, 0, 0x20, 0})
	f.Add(goodEmail(f))
	f.Add(append([]byte{4, 0, 0, 0}, "192.168.0.1\x00\x00\x00\x00\x00192.168.12.86\x00\x00\x00255.255.0.0\x00\x00\x00\x00\x00"+strings.Repeat("\x00", 32)...))
	f.Add([]byte{192, 168, 0, 9, 2, 255, 0xF6, 1, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		plain(t, b, hap.ParsePoll, hap.Poll.Append)
		plain(t, b, hap.ParseVersions, hap.Versions.Append)
		plain(t, b, hap.ParseSupport, hap.Support.Append)
		plain(t, b, hap.ParseDevice, hap.Device.Append)
		plain(t, b, hap.ParseStats, hap.Stats.Append)
		plain(t, b, hap.ParseReply, hap.Reply.Append)
		plain(t, b, hap.ParseSetupReply, hap.SetupReply.Append)
		plain(t, b, hap.ParseNode, func(n uint32, dst []byte) []byte { return hap.AppendNode(dst, n) })
		failing(t, b, hap.ParseEnumReply, hap.EnumReply.Append)
		failing(t, b, hap.ParseKReply, hap.KReply.Append)
		failing(t, b, hap.ParseKSequence, hap.KSequence.Append)
		failing(t, b, hap.ParseEmail, hap.Email.Append)
		failing(t, b, hap.ParseIPSetup, hap.IPSetup.Append)
		failing(t, b, hap.ParseTransfers, hap.Transfers.Append)
		failing(t, b, hap.ParsePeer, hap.Peer.Append)
		failing(t, b, hap.ParsePeerTable, hap.PeerTable.Append)
		text := hap.ParseText(b)
		if back, err := hap.AppendText(nil, text, len(b)+1); err != nil || hap.ParseText(back) != text {
			t.Fatalf("%q reads back as %q, %v", text, back, err)
		}
	})
}

func plain[T any](t *testing.T, b []byte, parse func([]byte) (T, error), appendTo func(T, []byte) []byte) {
	t.Helper()
	failing(t, b, parse, func(v T, dst []byte) ([]byte, error) { return appendTo(v, dst), nil })
}

func failing[T any](t *testing.T, b []byte, parse func([]byte) (T, error), appendTo func(T, []byte) ([]byte, error)) {
	t.Helper()
	value, err := parse(b)
	if err != nil {
		return
	}
	body, err := appendTo(value, nil)
	if err != nil {
		var tooLarge hap.Error
		if errors.As(err, &tooLarge) && len(b) > hap.MaxSetup {
			return
		}
		t.Fatalf("%+v was taken and can't be sent: %v", value, err)
	}
	same(t, value, body, parse)
}

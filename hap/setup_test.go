package hap_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/hap"
)

// TestSizesFollowTheRule: the sizes that facts/protocols.md section 4.4 gives.
func TestSizesFollowTheRule(t *testing.T) {
	for typ, want := range map[hap.SetupType]int{
		hap.SetupIP: 4, hap.SetupNode: 4, hap.SetupSubnet: 4, hap.SetupGateway: 4, hap.SetupEraseCount: 4, hap.SetupSerial: 8, hap.SetupBlink: 16,
		hap.SetupStartup: 32, hap.SetupBootOS: 32, hap.SetupTypeString: 32, hap.SetupKey: 64, hap.SetupKeyInUse: 64, hap.SetupModule: 64,
		hap.SetupTransfers: 128, hap.SetupName: 256, hap.SetupDescription: 256, hap.SetupLinkMonitor: 256, hap.SetupIPSetup: 256,
		hap.SetupBase: 512, hap.SetupPeers0: 512, hap.SetupPeers32: 512, hap.SetupPeers64: 512, hap.SetupReset: 4,
		hap.SetupEmail: 512, hap.SetupEmailInUse: 512, 0x0018: 0,
	} {
		if got := typ.Size(); got != want {
			t.Errorf("%s has %d bytes, want %d", typ, got, want)
		}
	}
	if !hap.SetupEmailInUse.Volatile() || !hap.SetupBlink.Volatile() || hap.SetupEmail.Volatile() {
		t.Error("volatile and not are told apart wrongly")
	}
	if got := hap.SetupPeers64.String() + ", " + hap.SetupType(0x1234).String(); got != "peers from 64, set-up type 0x1234" {
		t.Errorf("their names: %s", got)
	}
}

func TestTextIsLatin1UpToTheFirstNUL(t *testing.T) {
	data, err := hap.AppendText(nil, "Kühlung 4", 256)
	if err != nil || len(data) != 256 || data[1] != 0xFC {
		t.Fatalf("%d bytes, % x..., %v", len(data), data[:min(len(data), 10)], err)
	}
	if got := hap.ParseText(data); got != "Kühlung 4" {
		t.Errorf("it reads back as %q", got)
	}
	if got := hap.ParseText([]byte("Barry")); got != "Barry" {
		t.Errorf("without a NUL: %q", got)
	}
	if got := hap.ParseText([]byte("a\x1b[2Jb\x9bc\r\n\x00d")); got != "a?[2Jb?c??" {
		t.Errorf("control characters: %q", got)
	}
	for _, text := range []string{"Line\n4", "Łódź", strings.Repeat("x", 256), "a\x00b", "\x85"} {
		if _, err := hap.AppendText(nil, text, 256); !errors.Is(err, hap.ErrValue) {
			t.Errorf("%.10q: %v", text, err)
		}
	}
}

func TestEveryTextReadsBack(t *testing.T) {
	letters := rapid.RuneFrom([]rune("aZ09 .-äöüÿ\u00a0~!"))
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.StringOfN(letters, 0, 255, -1).Draw(t, "text")
		data, err := hap.AppendText([]byte("x"), want, 256)
		if err != nil || len(data) != 257 {
			t.Fatalf("%d bytes, %v", len(data), err)
		}
		if got := hap.ParseText(data[1:]); got != want {
			t.Fatalf("got %q", got)
		}
	})
}

func TestSmallValuesOnTheWire(t *testing.T) {
	ip := netip.MustParseAddr("192.168.12.86")
	if data, err := hap.AppendAddr(nil, ip); err != nil || string(data) != "\xc0\xa8\x0c\x56" {
		t.Errorf("an IP address: % x, %v", data, err)
	}
	if data, err := hap.AppendAddr(nil, netip.Addr{}); err != nil || string(data) != "\x00\x00\x00\x00" {
		t.Errorf("no IP address: % x, %v", data, err)
	}
	if _, err := hap.AppendAddr(nil, netip.IPv6Loopback()); !errors.Is(err, hap.ErrValue) {
		t.Errorf("IPv6: %v", err)
	}
	if got, err := hap.ParseAddr([]byte{192, 168, 12, 86}); err != nil || got != ip {
		t.Errorf("got %s, %v", got, err)
	}
	if data := hap.AppendNode(nil, 128); string(data) != "\x80\x00\x00\x00" {
		t.Errorf("a module ID: % x", data)
	}
	data, err := hap.AppendBlink(nil, 300*time.Second)
	if err != nil || len(data) != 16 || data[0] != 0x2C || data[1] != 1 {
		t.Errorf("blinking: % x, %v", data, err)
	}
	if d, err := hap.ParseBlink(data); err != nil || d != 5*time.Minute {
		t.Errorf("blinking for %s, %v", d, err)
	}
	for _, d := range []time.Duration{-time.Second, 1500 * time.Millisecond, 65536 * time.Second} {
		if _, err := hap.AppendBlink(nil, d); !errors.Is(err, hap.ErrValue) {
			t.Errorf("blinking for %s: %v", d, err)
		}
	}
}

func TestIPSetupOnTheWire(t *testing.T) {
	want := hap.IPSetup{
		Flags: hap.IPDHCP, Gateway: netip.MustParseAddr("192.168.0.1"), IP: netip.MustParseAddr("192.168.12.86"), Subnet: netip.MustParseAddr("255.255.0.0"),
	}
	data, err := want.Append(nil)
	if err != nil || len(data) != 256 || string(data[:36]) != "\x04\x00\x00\x00192.168.0.1\x00\x00\x00\x00\x00192.168.12.86\x00\x00\x00" {
		t.Fatalf("%d bytes, %q, %v", len(data), data[:min(36, len(data))], err)
	}
	same(t, want, data, hap.ParseIPSetup)
	copy(data[4:], "192.168.0.300\x00")
	if _, err := hap.ParseIPSetup(data); !errors.Is(err, hap.ErrMalformed) {
		t.Errorf("an address that isn't one: %v", err)
	}
	copy(data[4:], "::1\x00")
	if _, err := hap.ParseIPSetup(data); !errors.Is(err, hap.ErrMalformed) {
		t.Errorf("an IPv6 address: %v", err)
	}
	if _, err := (hap.IPSetup{DNS: netip.IPv6Loopback()}).Append(nil); !errors.Is(err, hap.ErrValue) {
		t.Errorf("IPv6: %v", err)
	}
}

func TestTransfersOnTheWire(t *testing.T) {
	want := hap.Transfers{AckTimeout: 50 * time.Millisecond, ResponseTimeout: 1000 * time.Millisecond, MaxRetries: 3}
	data, err := want.Append(nil)
	if err != nil || len(data) != 128 || string(data[:7]) != "\x32\x00\xe8\x03\x03\x00\x00" {
		t.Fatalf("% x, %v", data, err)
	}
	same(t, want, data, hap.ParseTransfers)
	for _, d := range []time.Duration{-1, time.Microsecond, 65536 * time.Millisecond} {
		if _, err := (hap.Transfers{ResponseTimeout: d}).Append(nil); !errors.Is(err, hap.ErrValue) {
			t.Errorf("a timeout of %s: %v", d, err)
		}
	}
}

func TestPeersOnTheWire(t *testing.T) {
	ip := netip.MustParseAddr("192.168.12.90")
	data, err := hap.ModbusPeer(ip).Append(nil)
	if err != nil || string(data) != "\xc0\xa8\x0c\x5a\x02\xff\xf6\x01\x00\x00\x00\x00\x00\x00\x00\x00" {
		t.Errorf("% x, %v", data, err)
	}
	if _, err := (hap.Peer{Protocol: hap.PeerECOM}).Append(nil); !errors.Is(err, hap.ErrValue) {
		t.Errorf("no address: %v", err)
	}
	if _, err := (hap.Peer{IP: ip, Protocol: 9}).Append(nil); !errors.Is(err, hap.ErrValue) {
		t.Errorf("no protocol: %v", err)
	}
	data[4] = 9
	if _, err := hap.ParsePeer(data); !errors.Is(err, hap.ErrMalformed) {
		t.Errorf("a protocol that isn't one: %v", err)
	}
	if table, err := hap.ParsePeerTable(data[:15]); err != nil || table != (hap.PeerTable{}) {
		t.Errorf("a table that ends early: %v", err)
	}
}

func TestEveryPeerTableReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want hap.PeerTable
		for range rapid.IntRange(0, 4).Draw(t, "peers") {
			want[rapid.IntRange(0, 31).Draw(t, "number")] = hap.Peer{
				IP: ips().Draw(t, "ip"), Protocol: rapid.SampledFrom([]hap.PeerProtocol{hap.PeerECOM, hap.PeerModbus}).Draw(t, "protocol"),
				Port: rapid.Uint16().Draw(t, "port"), Unit: rapid.Byte().Draw(t, "unit"),
			}
		}
		data, err := want.Append(nil)
		if err != nil || len(data) != 512 {
			t.Fatalf("%d bytes, %v", len(data), err)
		}
		same(t, want, data, hap.ParsePeerTable)
	})
}

func email() hap.Email {
	return hap.Email{
		Server: netip.MustParseAddr("192.168.0.1"), Port: 25, Timeout: 90 * time.Second, Name: "Machine A-42F",
		Sender: "plc@example.com", Cc: []string{"supervisor@example.com", "joe@example.com"},
	}
}

func goodEmail(t testing.TB) []byte {
	t.Helper()
	data, err := email().Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestEmailOnTheWire(t *testing.T) {
	want := "\x01\xc0\xa8\x00\x01\x19\x00\x5a\x00\x00\x00\x00" + "\x0d\x00Machine A-42F" + "\x0f\x00plc@example.com" +
		"\x27\x00supervisor@example.com, joe@example.com"
	if got := string(goodEmail(t)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	same(t, email(), append([]byte(want), make([]byte, 100)...), hap.ParseEmail)
}

func TestEmailThatHAPCannotCarry(t *testing.T) {
	zone := 841
	for name, r := range map[string]struct {
		change func(*hap.Email)
		want   error
	}{
		"too many in Cc":       {func(e *hap.Email) { e.Cc = slices.Repeat([]string{"someone@example.com"}, 25) }, hap.ErrTooLarge},
		"a comma in Cc":        {func(e *hap.Email) { e.Cc = []string{`"a,b"@example.com`} }, hap.ErrValue},
		"nobody in Cc":         {func(e *hap.Email) { e.Cc = []string{""} }, hap.ErrValue},
		"a line end in a name": {func(e *hap.Email) { e.Name = "PLC\r\nBcc: x" }, hap.ErrValue},
		"what isn't UTF-8":     {func(e *hap.Email) { e.Sender = "\xff" }, hap.ErrValue},
		"no timeout":           {func(e *hap.Email) { e.Timeout = 0 }, hap.ErrValue},
		"half a second":        {func(e *hap.Email) { e.Timeout = 1500 * time.Millisecond }, hap.ErrValue},
		"two hours":            {func(e *hap.Email) { e.Timeout = 2 * time.Hour }, hap.ErrValue},
		"a zone off the earth": {func(e *hap.Email) { e.Zone = &zone }, hap.ErrValue},
		"IPv6":                 {func(e *hap.Email) { e.Server = netip.IPv6Loopback() }, hap.ErrValue},
	} {
		e := email()
		r.change(&e)
		if data, err := e.Append([]byte("x")); !errors.Is(err, r.want) || string(data) != "x" {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
}

func TestEmailThatMakesNoSense(t *testing.T) {
	good := goodEmail(t)
	with := func(i int, b byte) []byte { c := slices.Clone(good); c[i] = b; return c }
	for name, data := range map[string][]byte{
		"nothing": nil, "a newer form": with(0, 2), "no timeout": with(7, 0), "a name beyond its end": with(13, 1), "a control character": with(14, 7),
		"cut": good[:len(good)-1], "cut in a length": good[:13], "a zone off the earth": append(append([]byte{}, good[:9]...), append([]byte{1, 0, 0x70}, good[12:]...)...),
		"a gap in Cc": with(len(good)-2, ','),
	} {
		if name == "a gap in Cc" {
			data[len(data)-1] = ','
		}
		if e, err := hap.ParseEmail(data); !errors.Is(err, hap.ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

func TestEveryEmailReadsBack(t *testing.T) {
	word := rapid.StringMatching(`[a-zü0-9.]{1,12}@[a-z]{1,10}\.example`)
	rapid.Check(t, func(t *rapid.T) {
		want := hap.Email{
			Server: ips().Draw(t, "server"), Port: rapid.Uint16().Draw(t, "port"),
			Timeout: time.Duration(rapid.IntRange(1, 3600).Draw(t, "timeout")) * time.Second,
			Zone:    rapid.Ptr(rapid.IntRange(-840, 840), true).Draw(t, "zone"),
			Name:    rapid.StringMatching(`[A-Za-z 0-9ÄÖ,-]{0,40}`).Draw(t, "name"), Sender: word.Draw(t, "sender"),
			Cc: rapid.SliceOfN(word, 0, 12).Draw(t, "cc"),
		}
		data, err := want.Append(nil)
		if errors.Is(err, hap.ErrTooLarge) {
			return
		}
		if err != nil || len(data) > hap.MaxSetup {
			t.Fatalf("%d bytes, %v", len(data), err)
		}
		same(t, want, data, hap.ParseEmail)
	})
}

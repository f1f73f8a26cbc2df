package settings_test

import (
	"errors"
	"io/fs"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/ecom/settings"
)

const folder = "state/racks/line-4/slot-1"

var setupPath = filepath.Join(folder, settings.SetupFile)

func factory() settings.Setup {
	s := settings.At(netip.MustParseAddr("192.168.12.86"), netip.MustParseAddr("255.255.0.0"))
	s.Name, s.Description = "Barry", "Rutles Drummer"
	return s
}

func open(t testing.TB, d durable.Disk) *settings.Store {
	t.Helper()
	s, err := settings.OpenStore(d, folder, good(), factory())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func isSetup(t testing.TB, got, want settings.Setup) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Error(diff)
	}
}

// TestNothingIsKeptOfASetUpThatNobodyHasChanged: so the plant file counts until
// then.
func TestNothingIsKeptOfASetUpThatNobodyHasChanged(t *testing.T) {
	d := &durable.Memory{}
	isSetup(t, open(t, d).Setup(), factory())
	if _, err := d.ReadFile(setupPath); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was written: %v", err)
	}
}

func TestWhatIsChangedOutlivesThePower(t *testing.T) {
	d := &durable.Memory{}
	s := open(t, d)
	if err := s.ChangeSetup(func(s *settings.Setup) error {
		s.ID, s.Name, s.DHCP = 7, "Stig", true
		s.Peers[5] = settings.Peer{Protocol: settings.Modbus, IP: netip.MustParseAddr("192.168.12.5"), Port: 502, Unit: 255}
		s.Peers[6] = settings.Peer{IP: netip.MustParseAddr("192.168.12.6")} // no protocol: none
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := factory()
	want.ID, want.Name, want.DHCP = 7, "Stig", true
	want.Peers[5] = settings.Peer{Protocol: settings.Modbus, IP: netip.MustParseAddr("192.168.12.5"), Port: 502, Unit: 255}
	isSetup(t, s.Setup(), want)
	isSetup(t, open(t, d).Setup(), want)
	isSetup(t, s.Factory(), factory())
	e, kept, err := settings.ReadStore(d, folder, settings.Default(), settings.Setup{})
	if err != nil || !e.Equal(good()) {
		t.Errorf("%+v, %v", e, err)
	}
	isSetup(t, kept, want)
}

func TestAChangeThatIsRefusedChangesNothing(t *testing.T) {
	d := &durable.Memory{}
	s := open(t, d)
	for name, change := range map[string]func(*settings.Setup){
		"a long name":       func(s *settings.Setup) { s.Name = strings.Repeat("x", 256) },
		"a line end":        func(s *settings.Setup) { s.Description = "a\nb" },
		"no mask":           func(s *settings.Setup) { s.Subnet = netip.MustParseAddr("255.0.255.0") },
		"a broadcast":       func(s *settings.Setup) { s.IP = netip.MustParseAddr("255.255.255.255") },
		"IPv6":              func(s *settings.Setup) { s.IP = netip.MustParseAddr("::1") },
		"a group's gateway": func(s *settings.Setup) { s.Gateway = netip.MustParseAddr("224.0.0.1") },
		"an ID":             func(s *settings.Setup) { s.ID = 65536 },
		"a peer's address":  func(s *settings.Setup) { s.Peers[1] = settings.Peer{Protocol: settings.ECOM} },
		"a peer's port": func(s *settings.Setup) {
			s.Peers[1] = settings.Peer{Protocol: settings.Modbus, IP: netip.MustParseAddr("10.0.0.1")}
		},
		"a protocol": func(s *settings.Setup) { s.Peers[1] = settings.Peer{Protocol: 9} },
		"a timeout":  func(s *settings.Setup) { s.Transfers.AckTimeout = 0 },
		"a retry":    func(s *settings.Setup) { s.Transfers.Retries = 256 },
	} {
		err := s.ChangeSetup(func(s *settings.Setup) error { change(s); return nil })
		if !errors.Is(err, settings.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	own := errors.New("no")
	if err := s.ChangeSetup(func(*settings.Setup) error { return own }); !errors.Is(err, own) {
		t.Error(err)
	}
	if err := s.ChangeEmail(func(*settings.Email) error { return own }); !errors.Is(err, own) {
		t.Error(err)
	}
	isSetup(t, s.Setup(), factory())
	isSetup(t, open(t, d).Setup(), factory())
}

// broken is a disk that takes no file any more.
type broken struct{ durable.Disk }

func (broken) Create(string) (durable.File, error) { return nil, errors.New("input/output error") }

func TestADiskThatFailsLeavesEverythingAsItWas(t *testing.T) {
	d := &durable.Memory{}
	open(t, d)
	s := open(t, broken{d})
	if err := s.ChangeSetup(func(s *settings.Setup) error { s.Name = "Stig"; return nil }); err == nil {
		t.Error("a write that failed is believed")
	}
	if err := s.WriteEmail(settings.Default()); err == nil {
		t.Error("a write that failed is believed")
	}
	isSetup(t, s.Setup(), factory())
	if !s.Email().Equal(good()) {
		t.Errorf("%+v", s.Email())
	}
}

func TestAFaultyFileIsNamedAndLeftAlone(t *testing.T) {
	for text, want := range map[string]string{
		"{":                              "mend the file, or remove it",
		`{"version": 2}`:                 "newer Rungmail",
		`{"version": 1, "peers": [{}]}`:  "protocol",
		`{"version": 1, "retries": 999}`: "timeout of RX and WX",
		`{"version": 1, "peers": [{"number": 96, "protocol": "ecom"}]}`: "out of the table",
	} {
		d := &durable.Memory{}
		if err := durable.WriteFile(d, setupPath, []byte(text)); err != nil {
			t.Fatal(err)
		}
		_, err := settings.OpenStore(d, folder, good(), factory())
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), settings.SetupFile) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if got, _ := d.ReadFile(setupPath); string(got) != text {
			t.Errorf("the file is now %s", got)
		}
	}
}

func drawSetup(t *rapid.T) settings.Setup {
	text := rapid.StringOfN(rapid.RuneFrom([]rune(`aé€\"</>& 用`)), 0, 20, settings.MaxText)
	ip := rapid.Custom(func(t *rapid.T) netip.Addr {
		return netip.AddrFrom4([4]byte{byte(rapid.IntRange(1, 223).Draw(t, "a")), rapid.Byte().Draw(t, "b"), 0, 1})
	})
	s := settings.At(ip.Draw(t, "ip"), netip.MustParseAddr("255.255.0.0"))
	s.ID, s.Name, s.Description = rapid.Uint32Range(0, settings.MaxID).Draw(t, "id"), text.Draw(t, "name"), text.Draw(t, "description")
	s.Gateway, s.DHCP = ip.Draw(t, "gateway"), rapid.Bool().Draw(t, "dhcp")
	for range rapid.IntRange(0, 5).Draw(t, "peers") {
		s.Peers[rapid.IntRange(0, settings.Peers-1).Draw(t, "number")] = settings.Peer{
			Protocol: settings.Protocol(rapid.IntRange(1, 2).Draw(t, "protocol")), IP: ip.Draw(t, "peer"),
			Port: rapid.Uint16Min(1).Draw(t, "port"), Unit: rapid.Byte().Draw(t, "unit"),
		}
	}
	s.Transfers = settings.Transfers{AckTimeout: time.Duration(rapid.IntRange(1, 65535).Draw(t, "ack")) * time.Millisecond, ResponseTimeout: time.Second, Retries: rapid.IntRange(0, 255).Draw(t, "retries")}
	return s
}

func TestEveryModuleSetUpReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &durable.Memory{}
		want := drawSetup(t)
		s, err := settings.OpenStore(d, folder, good(), factory())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.ChangeSetup(func(s *settings.Setup) error { *s = want; return nil }); err != nil {
			t.Fatal(err)
		}
		again, err := settings.OpenStore(d, folder, good(), settings.Setup{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, again.Setup(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestTwoWritersLoseNothing: each change sees what the one before it wrote.
func TestTwoWritersLoseNothing(t *testing.T) {
	s := open(t, &durable.Memory{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 10 {
				if err := s.ChangeSetup(func(s *settings.Setup) error { s.ID++; return nil }); err != nil {
					t.Error(i, err)
				}
				_ = s.Email()
			}
		})
	}
	wg.Wait()
	if got := s.Setup().ID; got != 80 {
		t.Errorf("80 changes made %d", got)
	}
}

func TestAGatewayOutsideTheNetworkStrays(t *testing.T) {
	s := factory()
	for gateway, want := range map[string]bool{"192.168.0.1": false, "192.169.0.1": true, "0.0.0.0": false} {
		s.Gateway = netip.MustParseAddr(gateway)
		if got := s.Strays(); got != want {
			t.Errorf("%s: %v", gateway, got)
		}
	}
	s.IP = netip.IPv4Unspecified()
	if s.Reachable() || s.Strays() {
		t.Error("without an address")
	}
}

func TestZonesAsHeadersHaveThem(t *testing.T) {
	for want, z := range map[string]settings.Zone{
		"-0000": {}, "+0000": {Known: true}, "+0530": {Known: true, Minutes: 330}, "-0330": {Known: true, Minutes: -210},
	} {
		if z.String() != want {
			t.Errorf("%+v is %s, want %s", z, z, want)
		}
	}
	e := good()
	for _, z := range []settings.Zone{{Minutes: 60}, {Known: true, Minutes: 841}, {Known: true, Minutes: -841}} {
		if e.Zone = z; !errors.Is(e.Validate(), settings.ErrInvalid) {
			t.Errorf("%+v is taken", z)
		}
	}
	e.Zone = settings.Zone{Known: true, Minutes: -300}
	d := &durable.Memory{}
	s := open(t, d)
	if err := s.WriteEmail(e); err != nil || !open(t, d).Email().Equal(e) {
		t.Errorf("%+v, %v", open(t, d).Email(), err)
	}
}

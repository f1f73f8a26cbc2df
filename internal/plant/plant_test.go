package plant

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sample is the design's plant file, less what comes in later versions.
const sample = `state = "state"

[[rack]]
name = "line-4"
cpu = "DL06"
firmware = "2.10"
program = "line4.rll"
scan = "10ms"
memory = "soft"

  [[rack.module]]
  slot = 1
  type = "H0-ECOM100"
  firmware = "4.0.2148"
  dip = [7]
  bind = "127.0.0.1"
  servers = ["http", "hap", "trace", "modbus"]
  http = 8081
  hap = 28784
  trace = 29298
  modbus = 5020
  allow = ["127.0.0.0/8"]
  write_allow = ["127.0.0.0/8"]
  name = "Barry"
  description = "Rutles Drummer"
  mac = "00:E0:62:20:41:86"
  ip = "192.168.12.86"
  subnet = "255.255.0.0"
  gateway = "192.168.0.1"

    [rack.module.email]
    server = "127.0.0.1"
    port = 2525
    sender_name = "Machine A-42F"
    sender_address = "plc@example.com"
    cc = ["supervisor@example.com"]
    timeout = 60
`

// minimal has the four required keys and nothing else.
const minimal = `[[rack]]
name = "a"
cpu = "DL06"
[[rack.module]]
slot = 2
type = "H0-ECOM100"
`

func mustParse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse(filepath.Join("plant", "plant.toml"), []byte(text))
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, text)
	}
	return f
}

func check(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("want -, got +:\n%s", d)
	}
}

func TestSampleIsReadWhole(t *testing.T) {
	check(t, mustParse(t, sample), &File{
		Path:  filepath.Join("plant", "plant.toml"),
		State: filepath.Join("plant", "state"),
		Racks: []Rack{{
			Name: "line-4", Title: "line-4", CPU: "DL06", Firmware: "2.10",
			Program: filepath.Join("plant", "line4.rll"), Scan: 10 * time.Millisecond, NumberWidth: 5,
			Modules: []Module{{
				Slot: 1, Type: "H0-ECOM100", Firmware: "4.0.2148", DIP: []int{7},
				Bind: netip.MustParseAddr("127.0.0.1"), Name: "Barry", Description: "Rutles Drummer",
				MAC: MAC{0x00, 0xE0, 0x62, 0x20, 0x41, 0x86}, IP: netip.MustParseAddr("192.168.12.86"),
				Subnet: netip.MustParseAddr("255.255.0.0"), Gateway: netip.MustParseAddr("192.168.0.1"),
				Servers: Servers{
					On: []string{"http", "hap", "trace", "modbus"}, HTTP: 8081, HAP: 28784, Trace: 29298, Modbus: 5020,
					Allow: loopbacks()[:1], WriteAllow: loopbacks()[:1],
				},
				Email: Email{
					Server: netip.MustParseAddr("127.0.0.1"), Port: 2525, SenderName: "Machine A-42F",
					SenderAddress: "plc@example.com", Cc: []string{"supervisor@example.com"}, Timeout: time.Minute,
				},
			}},
		}},
	})
}

func TestDefaultsFillWhatIsLeftOut(t *testing.T) {
	f := mustParse(t, minimal)
	mac := f.Racks[0].Modules[0].MAC
	if got, want := mac.String(), "00:E0:62:"; !strings.HasPrefix(got, want) {
		t.Errorf("mac %s doesn't start with %s", got, want)
	}
	check(t, f, &File{
		Path:  filepath.Join("plant", "plant.toml"),
		State: filepath.Join("plant", "state"),
		Racks: []Rack{{
			Name: "a", Title: "a", CPU: "DL06", Firmware: "2.10", Scan: 10 * time.Millisecond, NumberWidth: 5,
			Modules: []Module{{
				Slot: 2, Type: "H0-ECOM100", Firmware: "4.1.113", DIP: []int{7},
				Bind: netip.MustParseAddr("127.0.0.1"), MAC: mac, IP: netip.MustParseAddr("127.0.0.1"),
				Subnet: netip.MustParseAddr("255.255.255.0"), Gateway: netip.MustParseAddr("0.0.0.0"),
				Servers: Servers{HTTP: 80, HAP: 28784, Trace: 29298, Modbus: 502, Allow: loopbacks(), WriteAllow: loopbacks()},
				Email:   Email{Server: netip.MustParseAddr("0.0.0.0"), Port: 25, Timeout: time.Minute},
			}},
		}},
	})
}

// The floors are those of section 1 of the theory of operation.
func TestDefaultFirmwareFollowsTheController(t *testing.T) {
	want := map[string]string{
		"DL05": "5.10", "DL06": "2.10", "DL250-1": "4.60", "DL260": "2.40", "DL450": "3.30",
		"DL240": "0.0", "DL250": "0.0",
	}
	for _, cpu := range cpus() {
		f := mustParse(t, "[[rack]]\nname=\"a\"\ncpu=\""+cpu+"\"\n")
		if got := f.Racks[0].Firmware; got != want[cpu] {
			t.Errorf("%s: got %s, want %s", cpu, got, want[cpu])
		}
	}
}

func TestDerivedMACsStayAndDiffer(t *testing.T) {
	if got, want := derivedMAC("line-4", 1), derivedMAC("line-4", 1); got != want {
		t.Errorf("the same rack and slot: %s, then %s", got, want)
	}
	// Fixed for good: tools that once found a module must find it again.
	if got, want := derivedMAC("line-4", 1).String(), "00:E0:62:8B:A3:89"; got != want {
		t.Errorf("line-4 slot 1: got %s, want %s", got, want)
	}
	if derivedMAC("line-4", 1) == derivedMAC("line-4", 2) || derivedMAC("line-4", 1) == derivedMAC("line-5", 1) {
		t.Error("another rack or slot has the same address")
	}
}

// goodModule puts lines below the minimal module and reads it.
func goodModule(t *testing.T, lines string) Module {
	t.Helper()
	return mustParse(t, minimal+lines+"\n").Racks[0].Modules[0]
}

func TestTimeoutIsSecondsOrADuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90": 90 * time.Second, `"90s"`: 90 * time.Second, `"2m"`: 2 * time.Minute,
		"1": time.Second, "3600": time.Hour, `"1h"`: time.Hour,
	} {
		if got := goodModule(t, "[rack.module.email]\ntimeout = "+text).Email.Timeout; got != want {
			t.Errorf("timeout = %s: got %s, want %s", text, got, want)
		}
	}
}

func TestDIPSwitchesAreSortedAndMayAllBeOff(t *testing.T) {
	m := goodModule(t, "dip = [7, 1, 0x3]")
	check(t, m.DIP, []int{1, 3, 7})
	if !m.DIP7() {
		t.Error("switch 7 is on, DIP7 says no")
	}
	if off := goodModule(t, "dip = []"); off.DIP7() || len(off.DIP) != 0 {
		t.Errorf("all off: got %v", off.DIP)
	}
}

func TestAddressesInTheirOtherForms(t *testing.T) {
	m := goodModule(t, "mac = \"00-e0-62-20-41-86\"\nbind = \"::1\"")
	if got, want := m.MAC.String(), "00:E0:62:20:41:86"; got != want {
		t.Errorf("mac: got %s, want %s", got, want)
	}
	check(t, m.Bind, netip.MustParseAddr("::1"))
	// "::ffff:127.0.0.1" is IPv4 all the same.
	check(t, goodModule(t, `bind = "::ffff:127.0.0.1"`).Bind, netip.MustParseAddr("127.0.0.1"))
}

func TestAbsolutePathsStay(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	f := mustParse(t, "state = '"+state+"'\n")
	if f.State != state {
		t.Errorf("got %s, want %s", f.State, state)
	}
}

func TestOtherWaysToWriteTheSame(t *testing.T) {
	want := mustParse(t, sample)
	inline := `rack = [{name = "line-4", cpu = "DL06", program = "line4.rll", module = [
	  {slot = 1, type = "H0-ECOM100", firmware = "4.0.2148", name = "Barry", description = "Rutles Drummer",
	   mac = "00:E0:62:20:41:86", ip = "192.168.12.86", subnet = "255.255.0.0", gateway = "192.168.0.1",
	   servers = ["http", "hap", "trace", "modbus"], http = 8081, modbus = 5020, allow = ["127.0.0.0/8"], write_allow = ["127.0.0.0/8"],
	   email.server = "127.0.0.1", email.port = 2525, email.sender_name = "Machine A-42F",
	   email.sender_address = "plc@example.com", email.cc = ["supervisor@example.com"], email.timeout = "60s"}]}]`
	check(t, mustParse(t, inline), want)
	check(t, mustParse(t, strings.ReplaceAll(sample, "\n", "\r\n")), want)
	check(t, mustParse(t, "\uFEFF"+sample), want)
}

func TestTextsAtTheirBounds(t *testing.T) {
	name := strings.Repeat("n", 32)
	if got := mustParse(t, "[[rack]]\nname = '"+name+"'\ncpu = 'DL05'").Racks[0].Name; got != name {
		t.Errorf("name: got %s", got)
	}
	long, sender, address := strings.Repeat("x", 255), strings.Repeat("s", 64), "a@"+strings.Repeat("b", 252)
	m := goodModule(t, "name = '"+long+"'\ndescription = '"+long+"'\n[rack.module.email]\nsender_name = '"+sender+
		"'\nsender_address = '"+address+"'\ncc = ['"+address+"']")
	check(t, []string{m.Name, m.Description, m.Email.SenderName, m.Email.SenderAddress, m.Email.Cc[0]},
		[]string{long, long, sender, address, address})
}

func TestTemplateIsAGoodPlantFile(t *testing.T) {
	f := mustParse(t, Template())
	if got, want := f.Racks[0].Program, filepath.Join("plant", "line4.rll"); got != want {
		t.Errorf("program: got %s, want %s", got, want)
	}
	// What is commented out is good too, and but for mac it is the default.
	open := strings.NewReplacer("\n# title", "\ntitle", "\n# firmware", "\nfirmware", "\n# scan", "\nscan",
		"\n# memory", "\nmemory", "  # firmware", "  firmware", "  # dip", "  dip", "  # bind", "  bind",
		"  # description", "  description", "  # ip", "  ip", "  # subnet", "  subnet",
		"  # gateway", "  gateway", "  # cc", "  cc", "  # timeout", "  timeout").Replace(Template())
	check(t, mustParse(t, open), f)
	// So is the gateway, below the lines that say what it is.
	_, gateway, _ := strings.Cut(Template(), "#\n# [gateway]\n")
	g := mustParse(t, strings.ReplaceAll("[gateway]\n"+gateway, "\n#", "\n")).Gateway
	if g == nil || len(g.Listeners) != 1 || len(g.Devices) != 1 || len(g.Upstreams) != 1 || len(g.Routes) != 1 {
		t.Errorf("the gateway of the template: %+v", g)
	}
	for _, s := range sections() {
		for _, key := range s.keys {
			if !strings.Contains(Template(), key+" = ") && !strings.Contains(Template(), key+"]") {
				t.Errorf("the template doesn't show %s of %s", key, s.header)
			}
		}
	}
}

func TestLoadReadsAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plant.toml")
	if err := os.WriteFile(path, []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.State, filepath.Join(filepath.Dir(path), "state"); got != want {
		t.Errorf("state: got %s, want %s", got, want)
	}
}

func TestLoadTellsNoFileFromABadOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plant.toml")
	var faults Errors
	if _, err := Load(path); !errors.Is(err, fs.ErrNotExist) || errors.As(err, &faults) {
		t.Errorf("no file: got %v", err)
	}
	if err := os.WriteFile(path, []byte("cpu = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); !errors.As(err, &faults) || faults[0].File != path {
		t.Errorf("a bad file: got %v", err)
	}
	if err := os.WriteFile(path, make([]byte, 2*MaxFile), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); !errors.As(err, &faults) || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("a huge file: got %v", err)
	}
	if _, err := Load(t.TempDir()); err == nil || errors.As(err, new(Errors)) {
		t.Errorf("a folder: got %v", err)
	}
}

package pages_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rungmail/rungmail/internal/ecom/pages"
	"github.com/rungmail/rungmail/internal/ecom/settings"
)

var byValue = cmpopts.EquateComparable(netip.Addr{})

func TestNameDescriptionAndID(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	b.post("/setupname.html", "name", " Line 4 ").goes(t, "/setupname.html?note=rom")
	b.post("/setupdescription.html", "description", "Press, hall 2").goes(t, "/setupdescription.html?note=rom")
	b.post("/setupid.html", "id", "5").goes(t, "/setupid.html?note=rom")
	b.get("/setupid.html?note=rom").shows(t, http.StatusOK, "Written to ROM, and in use from now on.")
	b.get("/").shows(t, http.StatusOK, "Module ID: 5 (0x05) Set By Software", "Module Name: Line 4", "Module Description: Press, hall 2")
	if got := b.config.Store.Setup().Name; got != "Line 4" {
		t.Errorf("the name is %q", got)
	}
	for _, r := range [][3]string{
		{"id", "65536", "A module ID is 0 to 65535."},
		{"id", "", "A module ID is 0 to 65535."},
		{"id", "five", "A module ID is 0 to 65535."},
		{"name", strings.Repeat("x", 256), "The name is over 255 characters, or not text."},
		{"description", "a\nb", "The description has a line end or another control character in it."},
	} {
		a := b.post("/setup"+r[0]+".html", r[0], r[1])
		if got := a.beside(r[0] + "-" + r[0]); a.Code != http.StatusUnprocessableEntity || got != r[2] {
			t.Errorf("%s %q: %d, %q; want %q", r[0], r[1], a.Code, got, r[2])
		}
	}
}

func TestTheSwitchesComeBeforeTheID(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, func(c *pages.Config) { c.Identity.DIP = 1<<7 | 1<<1 })
	a := b.get("/setupid.html")
	a.shows(t, http.StatusOK, "The DIP switches set the Module ID, which is 2 (0x02) now.", "switches 0 to 5 are all off")
	a.has(t, `<button type="submit" disabled`)
	b.post("/setupid.html", "id", "5").shows(t, http.StatusConflict, "The DIP switches set the Module ID")
	if got := b.config.Store.Setup().ID; got != 0 {
		t.Errorf("the ID is %d", got)
	}
}

func TestIPSetup(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	b.get("/setupip.html").shows(t, http.StatusOK, "IP Address: required", "Gateway: optional", "a virtual module asks no DHCP server", "!Warning")
	b.post("/setupip.html", "ip", "10.0.0.5", "subnet", "255.255.255.0", "gateway", "", "dhcp", "on").goes(t, "/setupip.html?note=rom")
	want := setup
	want.IP, want.Subnet, want.Gateway, want.DHCP = netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("255.255.255.0"), netip.IPv4Unspecified(), true
	if diff := cmp.Diff(want, b.config.Store.Setup(), byValue); diff != "" {
		t.Error(diff)
	}
	b.get("/setupip.html").has(t, `name="dhcp" checked`)

	// A gateway outside the subnet is warned of, and written.
	b.post("/setupip.html", "gateway", "192.168.0.1").goes(t, "/setupip.html?note=rom")
	b.get("/setupip.html").shows(t, http.StatusOK, "The gateway 192.168.0.1 is outside the subnet of 10.0.0.5 with the mask 255.255.255.0")
	if b.config.Store.Setup().DHCP {
		t.Error("a tick that isn't sent is off")
	}
	b.post("/setupip.html", "subnet", "0.0.0.0").goes(t, "/setupip.html?note=rom")
	b.get("/").shows(t, http.StatusOK, "the module reaches nothing")

	for _, r := range [][3]string{
		{"ip", "10.0.0", "Write an IPv4 address"},
		{"ip", "", "Write an IPv4 address"},
		{"ip", "224.0.0.1", "No module can have the address 224.0.0.1."},
		{"subnet", "255.0.255.0", "255.0.255.0 is no subnet mask"},
		{"gateway", "255.255.255.255", "No gateway has the address"},
	} {
		if got := b.post("/setupip.html", r[0], r[1]).beside("ip-" + r[0]); !strings.Contains(got, r[2]) {
			t.Errorf("%s %q: %q, want %q", r[0], r[1], got, r[2])
		}
	}
}

func TestPeers(t *testing.T) {
	email, setup := ready()
	setup.Peers[9] = settings.Peer{Protocol: settings.ECOM, IP: netip.MustParseAddr("10.0.0.9")}
	b := newBench(t, email, setup, nil)
	a := b.get("/peers.html?from=8")
	a.shows(t, http.StatusOK, "Peer to Peer 8-15", "Peer 8", "Peer 15", "!Peer 16", "!Peer 7")
	a.has(t, `<a href="/peers.html?from=8" aria-current="page">[8-15]</a>`, `name="peer9-ip" value="10.0.0.9"`, `name="peer8-port" value="502"`, `name="peer8-unit" value="255"`)
	b.post("/peers.html?from=8", "peer8-protocol", "Modbus TCP", "peer8-ip", "10.0.0.8", "peer8-port", "1502", "peer8-unit", "7", "peer9-protocol", "none", "peer10-protocol", "ECOM", "peer10-ip", "10.0.0.10").
		goes(t, "/peers.html?from=8&note=rom")
	want := setup
	want.Peers[8] = settings.Peer{Protocol: settings.Modbus, IP: netip.MustParseAddr("10.0.0.8"), Port: 1502, Unit: 7}
	want.Peers[9] = settings.Peer{}
	want.Peers[10] = settings.Peer{Protocol: settings.ECOM, IP: netip.MustParseAddr("10.0.0.10")}
	if diff := cmp.Diff(want, b.config.Store.Setup(), byValue); diff != "" {
		t.Error(diff)
	}
	b.get("/peers.html?from=8").has(t, `name="peer8-port" value="1502"`, `<option selected>Modbus TCP</option>`)

	a = b.post("/peers.html?from=80", "peer80-protocol", "serial", "peer81-ip", "10.0.0.1", "peer82-protocol", "ECOM", "peer82-ip", "0.0.0.0",
		"peer83-protocol", "Modbus TCP", "peer83-ip", "10.0.0.1", "peer83-port", "0", "peer83-unit", "256")
	for id, want := range map[string]string{
		"peer80-protocol": "Choose none, ECOM or Modbus TCP.", "peer81-ip": "Choose a protocol for this address, or empty the field.",
		"peer82-ip": "No peer has the address 0.0.0.0.", "peer83-port": "A port is 1 to 65535; 502 is the usual one.", "peer83-unit": "A unit is 0 to 255; 255 is the usual one.",
	} {
		if got := a.beside("peers-" + id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	a.has(t, `name="peer81-ip" value="10.0.0.1"`)
}

func TestThePagesOfThePeerTable(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	for from, want := range map[string]int{"1": 200, "8": 200, "16": 200, "24": 200, "32": 200, "40": 200, "48": 200, "56": 200, "64": 200, "72": 200, "80": 200, "0": 404, "2": 404, "88": 404, "08": 404, "x": 404} {
		if a := b.get("/peers.html?from=" + from); a.Code != want {
			t.Errorf("from=%s: %d, want %d", from, a.Code, want)
		}
		if a := b.post("/peers.html?from=" + from); want == 404 && a.Code != want {
			t.Errorf("a form from=%s: %d, want %d", from, a.Code, want)
		}
	}
	b.get("/peers.html?from=80").shows(t, http.StatusOK, "Peer 87", "!Peer 88")
}

func TestALockedModuleKeepsItsPeers(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, func(c *pages.Config) { c.MayWrite = func(netip.Addr) bool { return false } })
	b.get("/peers.html?from=1").has(t, `name="peer1-protocol" disabled`, `readonly`)
}

func TestAFaultOfAPeerNamesThePeer(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	b.post("/peers.html?from=1", "peer1-protocol", "ECOM", "peer1-ip", "x", "peer2-protocol", "ECOM", "peer2-ip", "10.0.0.1").
		has(t, `<a href="#peers-peer1-ip">Peer 1, IP Address</a>: Write an IPv4`)
}

func TestTheModuleIDPageSaysWhatCountsNow(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	b.get("/setupid.html").shows(t, http.StatusOK, "Now 128, from the DIP switches; a value here counts while switches 0 to 5 are off.")
	b.post("/setupid.html", "id", "5").goes(t, "/setupid.html?note=rom")
	b.get("/setupid.html").shows(t, http.StatusOK, "Now 5, as set here; a value here counts while switches 0 to 5 are off.")
}

func TestPeersWithoutABlockAreTheFirst(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	a := b.get("/peers.html")
	a.shows(t, http.StatusOK, "Peer to Peer 1-7")
	a.has(t, `action="/peers.html?from=1"`, `<a href="/peers.html?from=1" aria-current="page">Peer to Peer</a>`)
	b.get("/peers.html?from=").shows(t, http.StatusNotFound)
}

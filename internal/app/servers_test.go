package app

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/plant"
)

// met is a plant file with one module whose servers have these keys.
func (s *site) met(keys string) {
	s.write("plant.toml", `
[[rack]]
name = "a"
cpu = "DL06"
program = "a.rll"
  [[rack.module]]
  slot = 1
  type = "H0-ECOM100"
`+keys)
}

func TestServersAnswerAndAreWrittenDown(t *testing.T) {
	s := newSite(t)
	s.met("servers = ['http', 'hap', 'trace', 'modbus']\nhttp = 0\nhap = 0\ntrace = 0\nmodbus = 0\n")
	a := s.start()
	at := a.Status().Racks[0].Modules[0].Servers
	text, err := os.ReadFile(filepath.Join(s.dir, "state", "addresses.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{plant.HTTP, plant.HAP, plant.Trace, plant.Modbus} {
		if at[name] == "" || !strings.Contains(string(text), `"a/slot-1/`+name+`": "`+at[name]+`"`) {
			t.Errorf("%s is at %q; written down: %s", name, at[name], text)
		}
	}
}

func TestAPortThatIsTakenIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	s.met("servers = ['http', 'modbus']\nmodbus = 0\nhttp = " + port + "\n")
	a, err := New(s.load(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = a.Start()
	for _, want := range []string{"rack a: module slot 1: http: ", "in use", "give another port"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v doesn't say %q", err, want)
		}
	}
}

func TestFilesOfServersAreJudged(t *testing.T) {
	s := newSite(t)
	s.write("open", "12345678")
	if err := os.Chmod(filepath.Join(s.dir, "open"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.write("short", "1234")
	for keys, want := range map[string]string{
		"password_file = 'none'":                                  "rack a: module slot 1: password_file: error: ",
		"password_file = 'open'":                                  "chmod 600",
		"cert = 'none'\nkey = 'none'":                             "module slot 1: cert: error: ",
		"bind = '0.0.0.0'\nservers = ['hap']":                     "warning: its servers listen at 0.0.0.0 and answer only this computer",
		"[[rack]]\nname='x'\ncpu='DL06'\npassword_file = 'short'": "rack x: password_file: error: ",
	} {
		s.met(keys + "\n")
		problems, _ := Judge(s.load())
		if !strings.Contains(problems.Error(), want) {
			t.Errorf("%s: no %q in\n%s", keys, want, problems)
		}
	}
}

// TestNoAnswerIsBroadcast: a forged source must not make the module speak to a
// whole network.
func TestNoAnswerIsBroadcast(t *testing.T) {
	s := &servers{ctx: t.Context()}
	conn, err := s.listenUDP(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.WriteToUDPAddrPort([]byte("x"), netip.MustParseAddrPort("127.255.255.255:9")); !errors.Is(err, os.ErrPermission) {
		t.Errorf("it was sent: %v", err)
	}
}

// TestTheGatekeeperHasRoomForSoMany: whoever comes then is cut off, and whoever
// leaves makes room.
func TestTheGatekeeperHasRoomForSoMany(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	allowed := func(netip.Addr) (bool, bool) { return true, false }
	g := gateAt(listener, allowed, 5, 1)
	guests := make(chan net.Conn, 10)
	go func() {
		for {
			c, err := g.Accept()
			if err != nil {
				return
			}
			guests <- c
		}
	}()
	dial := func() net.Conn {
		c, err := net.Dial("tcp4", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(10 * time.Second))
		return c
	}
	dial()
	first := <-guests
	if _, err := dial().Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the second: %v", err)
	}
	first.Close()
	first.Close() // twice makes room once
	dial()
	(<-guests).Close()
	if g.inside != 0 || len(g.from) != 0 {
		t.Errorf("%d places are taken", g.inside)
	}
	for i := range 10 {
		if in := g.enter(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})); in != (i < 5) {
			t.Errorf("of 5 places, the one at %d: %v", i, in)
		}
	}
}

// TestAnOpenConnectionObeysAReload: a browser that keeps its connection is shut out
// like any other.
func TestAnOpenConnectionObeysAReload(t *testing.T) {
	s := newSite(t)
	const ports = "servers = ['http']\nhttp = 0\n"
	s.met(ports)
	a := s.start()
	page := "http://" + a.runners[0].ecoms[0].addresses[plant.HTTP] + "/"
	browser := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	t.Cleanup(browser.CloseIdleConnections)
	get := func() (string, error) {
		r, err := browser.Get(page)
		if err != nil {
			return "", err
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		return string(text), err
	}
	if text, err := get(); err != nil || !strings.Contains(text, "Module ID") {
		t.Fatalf("at first: %v, %s", err, text)
	}
	s.met(ports + "allow = []\nwrite_allow = []\n")
	if _, err := a.Reload(); err != nil {
		t.Fatal(err)
	}
	if text, err := get(); err == nil || text != "" {
		t.Errorf("then: %v, %s", err, text)
	}
}

// TestAReloadTakesRightsAtOnce: who is shut out hears nothing from then on.
func TestAReloadTakesRightsAtOnce(t *testing.T) {
	s := newSite(t)
	const ports = "servers = ['modbus']\nmodbus = 0\n"
	s.met(ports)
	a := s.start()
	e := a.runners[0].ecoms[0]
	here := netip.MustParseAddr("127.0.0.1")
	if read, write := e.allow(here); !read || !write {
		t.Fatalf("at first: %v, %v", read, write)
	}
	s.met(ports + "write_allow = []\n")
	taken, err := a.Reload()
	if err != nil || len(taken.Changes) != 1 || taken.Changes[0].Restart {
		t.Fatalf("%+v, %v", taken, err)
	}
	if read, write := e.allow(here); !read || write {
		t.Errorf("then: %v, %v", read, write)
	}
	s.met(ports + "write_allow = []\nallow = []\n")
	if _, err := a.Reload(); err != nil {
		t.Fatal(err)
	}
	if read, _ := e.allow(here); read {
		t.Error("it is still answered")
	}
	if taken, err := a.Reload(); err != nil || len(taken.Changes) != 0 {
		t.Errorf("the same file again: %+v, %v", taken, err)
	}
}

// TestACountThatCantBeWrittenStopsNothing: a full disk is no reason to send no mail.
func TestACountThatCantBeWrittenStopsNothing(t *testing.T) {
	s := newSite(t)
	s.met("servers = ['modbus']\nmodbus = 0\n")
	folder := filepath.Join(s.dir, "state", "racks", "a", "slot-1")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	newer := []byte(`{"version": 9, "power_ups": 500}`)
	if err := os.WriteFile(filepath.Join(folder, "power.json"), newer, 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	if got, err := os.ReadFile(filepath.Join(folder, "power.json")); err != nil || string(got) != string(newer) {
		t.Errorf("a newer program's count is now %s, %v", got, err)
	}
}

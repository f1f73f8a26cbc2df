package strangers

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/app"
	"github.com/rungmail/rungmail/internal/catcher"
	"github.com/rungmail/rungmail/internal/plant"
	"github.com/rungmail/rungmail/internal/remote"
)

// service is a whole service with one rack and one module, whose servers have any
// free ports, and a catcher for its mail.
type service struct {
	t     testing.TB
	app   *app.App
	at    map[string]string // where its servers answer
	mails chan catcher.Received
	plc   *remote.Memory // the controller's memory
}

// servicePlant takes the scan, the catcher's port and more keys of the module.
const servicePlant = `
[[rack]]
name = "line-4"
cpu = "DL06"
program = "line4.rll"
scan = %q
  [[rack.module]]
  slot = 1
  type = "H0-ECOM100"
  servers = ["http", "hap", "trace", "modbus"]
  http = 0
  hap = 0
  trace = 0
  modbus = 0
  ip = "192.168.12.86"
  subnet = "255.255.0.0"
  name = "Barry"
  %s
    [rack.module.email]
    server = "127.0.0.1"
    port = %d
    sender_address = "plc@example.com"
`

// serviceProgram sends when C10 comes on.
const serviceProgram = `PLC 06
ECOM100
    ECOM#: K0
    Slot: K1
    Status: V400
    Workspace: V401
    Msg Buffer: V402 - V502
STR C10
ECEMAIL
    ECOM#: K0
    Workspace: V1400
    Success: C0
    Error: C1
    Error Code: V1401
    To: mark@example.com
    Subject: Widget Report
    Body: "made " V3001
STR C20
TMR T1 K1
STR C21
STR C22
CNT CT1 K5
END
`

// newService runs a service until the test ends.
func newService(t testing.TB, scan string, keys string) *service {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &service{t: t, mails: make(chan catcher.Received, 1000)}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() {
		defer close(served)
		catcher.Serve(ctx, listener, "mail.example.com", func(r catcher.Received) { s.mails <- r })
	}()
	t.Cleanup(func() { cancel(); <-served })
	dir := t.TempDir()
	text := fmt.Sprintf(servicePlant, scan, keys, listener.Addr().(*net.TCPAddr).Port)
	for name, text := range map[string]string{"plant.toml": text, "line4.rll": serviceProgram} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.app = startApp(t, filepath.Join(dir, "plant.toml"))
	s.at = s.app.Status().Racks[0].Modules[0].Servers
	s.reachBy("hap")
	return s
}

// reachBy has the test reach the controller's memory by hap or modbus.
func (s *service) reachBy(protocol string) {
	s.t.Helper()
	m, err := remote.Open(s.t.Context(), protocol+"://"+s.at[protocol], remote.Options{Timeout: patience / 4})
	if err != nil {
		s.t.Fatal(err)
	}
	s.plc = m
	s.t.Cleanup(func() { m.Close() })
}

// startApp runs the service of a plant file until the test ends.
func startApp(t testing.TB, path string) *app.App {
	t.Helper()
	file, err := plant.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(file, app.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := a.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	return a
}

// host and port of one of the module's servers.
func (s *service) split(name string) (host, port string) {
	s.t.Helper()
	host, port, err := net.SplitHostPort(s.at[name])
	if err != nil {
		s.t.Fatal(err)
	}
	return host, port
}

// set writes addresses over HAP: "C10=1" and the like.
func (s *service) set(name string, v uint16) {
	s.t.Helper()
	if err := s.plc.Write(s.t.Context(), address(s.t, name), v); err != nil {
		s.t.Fatal(err)
	}
}

func (s *service) get(name string) uint16 {
	s.t.Helper()
	values, err := s.plc.Read(s.t.Context(), addresses(s.t, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return values[0]
}

// until waits for an address to have a value.
func (s *service) until(name string, want uint16) {
	s.t.Helper()
	end := time.Now().Add(patience)
	for s.get(name) != want {
		if time.Now().After(end) {
			s.t.Fatalf("%s is %d, want %d", name, s.get(name), want)
		}
		<-time.After(time.Millisecond)
	}
}

// mail has the rung send a mail, and returns how long it took until Success.
func (s *service) mail() time.Duration {
	s.t.Helper()
	s.set("C10", 0)
	s.scans(2)
	began := time.Now()
	s.set("C10", 1)
	select {
	case <-s.mails:
	case <-time.After(patience):
		s.t.Fatal("no mail comes")
	}
	s.until("C0", 1)
	return time.Since(began)
}

// scans waits until the controller has gone through its program so often.
func (s *service) scans(n uint64) {
	s.t.Helper()
	end := time.Now().Add(patience)
	for from := s.count(); s.count() < from+n; {
		if time.Now().After(end) {
			s.t.Fatal("the controller doesn't scan")
		}
		<-time.After(time.Millisecond)
	}
}

func (s *service) count() uint64 { return s.app.Status().Racks[0].Scans }

// startClosed runs a service whose module answers nobody.
func startClosed(t testing.TB, dir string) map[string]string {
	t.Helper()
	text := fmt.Sprintf(servicePlant, "10ms", "allow = []\n  write_allow = []", 25)
	for name, text := range map[string]string{"plant.toml": text, "line4.rll": serviceProgram} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return startApp(t, filepath.Join(dir, "plant.toml")).Status().Racks[0].Modules[0].Servers
}

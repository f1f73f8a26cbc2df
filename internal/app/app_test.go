package app

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/plant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const good = "PLC 06\nSTR C0\nOUT C1\nEND\n"

// site is a folder with a plant file of two racks.
type site struct {
	t   *testing.T
	dir string
}

func newSite(t *testing.T) *site {
	s := &site{t: t, dir: t.TempDir()}
	s.write("a.rll", good)
	s.write("b.rll", good)
	s.plant("10ms")
	return s
}

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) plant(scan string) {
	s.write("plant.toml", `
[[rack]]
name = "a"
cpu = "DL06"
program = "a.rll"
scan = "`+scan+`"
  [[rack.module]]
  slot = 1
  type = "H0-ECOM100"
    [rack.module.email]
    server = "127.0.0.1"
    sender_address = "plc@example.com"
[[rack]]
name = "b"
cpu = "DL06"
program = "b.rll"
`)
}

func (s *site) load() *plant.File {
	s.t.Helper()
	file, err := plant.Load(filepath.Join(s.dir, "plant.toml"))
	if err != nil {
		s.t.Fatal(err)
	}
	return file
}

// start runs a service until the test ends.
func (s *site) start() *App {
	s.t.Helper()
	a, err := New(s.load(), Options{Version: "test"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := a.Stop(s.t.Context()); err != nil && s.t.Context().Err() == nil {
			s.t.Error(err)
		}
	})
	if err := a.Start(); err != nil {
		s.t.Fatal(err)
	}
	return a
}

func TestReloadTakesAllOrNothing(t *testing.T) {
	s := newSite(t)
	a := s.start()
	s.plant("20ms")
	s.write("a.rll", "PLC 06\nSTR C0\nOUT C2\nEND\n")
	s.write("b.rll", "PLC 06\nSTR C0\nOUT C2\n") // no END
	if _, err := a.Reload(); err == nil || !strings.Contains(err.Error(), "b.rll:3:1: error:") {
		t.Errorf("a faulty program says %v", err)
	}
	if got := a.Status().Racks[0].Scan; got != "10ms" {
		t.Errorf("rack a took the scan time %s all the same", got)
	}
	if a.runners[0].text != good {
		t.Error("rack a took its program all the same")
	}
	s.write("b.rll", good)
	taken, err := a.Reload()
	changes := taken.Changes
	if err != nil || len(changes) != 2 {
		t.Errorf("changes %v, %v", changes, err)
	}
	if taken, err = a.Reload(); err != nil || len(taken.Changes) != 0 {
		t.Errorf("reloading once more finds %v, %v", taken, err)
	}
}

func TestAnotherCPUNeedsARestart(t *testing.T) {
	s := newSite(t)
	a := s.start()
	text, err := os.ReadFile(filepath.Join(s.dir, "plant.toml"))
	if err != nil {
		t.Fatal(err)
	}
	i := strings.LastIndex(string(text), "DL06")
	s.write("plant.toml", string(text[:i])+"DL260"+string(text[i+4:]))
	s.write("b.rll", "PLC 260\nEND\n")
	taken, err := a.Reload()
	changes := taken.Changes
	if err != nil || len(changes) == 0 {
		t.Errorf("changes %v, %v", changes, err)
	}
	for _, c := range changes {
		if !c.Restart || !strings.Contains(c.String(), "needs a restart") {
			t.Errorf("%s is said to be taken", c)
		}
	}
	if got := a.Status().Racks[1].CPU; got != "DL06" {
		t.Errorf("rack b is a %s now", got)
	}
}

func TestNewRefusesWhatFailsTheChecker(t *testing.T) {
	s := newSite(t)
	s.write("a.rll", "PLC 260\nEND\n")
	_, err := New(s.load(), Options{})
	var problems Problems
	if !errors.As(err, &problems) || !strings.Contains(problems[0].String(), "a.rll:1:") {
		t.Errorf("got %v", err)
	}
}

func TestOneServiceAStateFolder(t *testing.T) {
	s := newSite(t)
	s.start()
	if _, err := New(s.load(), Options{}); err == nil || !strings.Contains(err.Error(), "another rungmail runs") {
		t.Errorf("a second service says %v", err)
	}
}

func TestAFaultyROMStopsTheStart(t *testing.T) {
	s := newSite(t)
	rom := filepath.Join("state", "racks", "a", "slot-1", "email.json")
	if err := os.MkdirAll(filepath.Dir(filepath.Join(s.dir, rom)), 0o700); err != nil {
		t.Fatal(err)
	}
	s.write(rom, "{")
	if _, err := New(s.load(), Options{}); err == nil || !strings.Contains(err.Error(), "email.json") {
		t.Errorf("got %v", err)
	}
	s.write(rom, `{"version":1,"server":"192.168.0.1","port":25,"sender_name":"","sender_address":"x@example.com","cc":[],"timeout_seconds":60}`)
	if got := s.start().Status().Racks[0].Modules[0].Sender; got != "x@example.com" {
		t.Errorf("the module's sender is %s: ROM must win over the plant file", got)
	}
}

func TestTheStateFolderIsOurs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	s := newSite(t)
	s.start()
	for name, want := range map[string]os.FileMode{
		"state": 0o700, "state/control.sock": 0o600, "state/lock": 0o600, "state/addresses.json": 0o600, "state/racks/a/slot-1/email.json": 0o600,
	} {
		info, err := os.Stat(filepath.Join(s.dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, %v; want %v", name, info, err, want)
		}
	}
}

func TestControlSocket(t *testing.T) {
	s := newSite(t)
	a := s.start()
	client := Dial(filepath.Join(s.dir, "state"))
	t.Cleanup(client.CloseIdleConnections)
	get := func(method, path string) (int, map[string]any) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://rungmail"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		var out map[string]any
		_ = json.NewDecoder(res.Body).Decode(&out)
		return res.StatusCode, out
	}
	if code, out := get("GET", "/v1/status"); code != 200 || out["version"] != "test" {
		t.Errorf("status: %d %v", code, out)
	}
	if code, _ := get("GET", "/v1/reload"); code != http.StatusMethodNotAllowed {
		t.Errorf("GET reload: %d", code)
	}
	s.write("a.rll", "nonsense")
	if code, out := get("POST", "/v1/reload"); code != http.StatusConflict || out["taken"] != false {
		t.Errorf("reload: %d %v", code, out)
	}
	client.CloseIdleConnections()
	if err := a.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), "GET", "http://rungmail/v1/status", nil)
	res, err := client.Do(req)
	if !errors.Is(err, ErrNoService) {
		t.Errorf("a stopped service answers: %v", err)
	}
	if err == nil {
		_ = res.Body.Close()
	}
}

func TestJudgeWarns(t *testing.T) {
	s := newSite(t)
	s.write("plant.toml", "[[rack]]\nname = 'a'\ncpu = 'DL06'\n [[rack.module]]\n slot = 1\n type = 'H0-ECOM100'\n [rack.module.email]\n server = '192.0.2.1'\n[[rack]]\nname = 'b'\ncpu = 'DL240'\n")
	problems, _ := Judge(s.load())
	text := problems.Error()
	for _, want := range []string{"it dials from 127.0.0.1 and can't reach the server 192.0.2.1", "rack a: warning: it has no program", "rack b: error: a DL240 has no IBoxes"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestASocketPathThatIsTooLong(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no socket on Windows")
	}
	deep := filepath.Join(t.TempDir(), strings.Repeat("deep/", 20))
	if _, _, err := listenControl(deep); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("got %v", err)
	}
}

func TestLogsHoldNoText(t *testing.T) {
	s := newSite(t)
	s.write("b.rll", strings.ReplaceAll(`PLC 06
ECOM100
 ECOM#: K0
 Slot: K2
 Status: V400
 Workspace: V401
 Msg Buffer: V402
STRN SP0
ECEMAIL
 ECOM#: K0
 Workspace: V1400
 Success: C0
 Error: C1
 Error Code: V1401
 To: hidden@example.com
 Subject: Hidden
END
`, "\t", " "))
	var log strings.Builder
	a, err := New(s.load(), Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Disk: durable.OS{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	for a.Status().Racks[1].LastMail == nil {
		runtime.Gosched()
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); strings.Contains(strings.ToLower(text), "hidden") || !strings.Contains(text, "code=1001") {
		t.Errorf("the log says %s", text)
	}
}

func TestAProgramThatIsTakenOutNeedsARestart(t *testing.T) {
	s := newSite(t)
	a := s.start()
	text, err := os.ReadFile(filepath.Join(s.dir, "plant.toml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("plant.toml", strings.Replace(string(text), `program = "a.rll"`, "", 1))
	taken, err := a.Reload()
	changes := taken.Changes
	if err != nil || len(changes) != 1 || !changes[0].Restart {
		t.Errorf("changes %v, %v", changes, err)
	}
	if got := a.Status().Racks[0].Program; filepath.Base(got) != "a.rll" {
		t.Errorf("rack a says that it runs %q", got)
	}
}

func TestTheStateFolderIsMadePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	s := newSite(t)
	if err := os.Mkdir(filepath.Join(s.dir, "state"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(s.dir, "state"), 0o777); err != nil {
		t.Fatal(err)
	}
	s.start()
	if info, err := os.Stat(filepath.Join(s.dir, "state")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestROMCountsAndIsSaid(t *testing.T) {
	s := newSite(t)
	a := s.start()
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if problems, _ := Judge(s.load()); len(problems) != 0 {
		t.Errorf("the same set-up in ROM and file gives %v", problems)
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "plant.toml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("plant.toml", strings.Replace(string(text), "plc@example.com", "new@example.com", 1))
	problems, _ := Judge(s.load())
	if len(problems) != 1 || !problems[0].Warning || !strings.Contains(problems[0].Text, "ROM has another e-mail set-up") {
		t.Errorf("got %v", problems)
	}
	if got := Target(s.load(), &s.load().Racks[0]).Modules[0].Sender; got != "plc@example.com" {
		t.Errorf("the checker is told that the sender is %s", got)
	}
}

func TestStopCutsAMailAndSaysSo(t *testing.T) {
	s := newSite(t)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	accepted := make(chan net.Conn, 8)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- c // and never a word
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	s.write("plant.toml", "[[rack]]\nname = 'a'\ncpu = 'DL06'\nprogram = 'a.rll'\n [[rack.module]]\n slot = 1\n type = 'H0-ECOM100'\n [rack.module.email]\n server = '127.0.0.1'\n port = "+port+"\n sender_address = 'plc@example.com'\n")
	s.write("a.rll", "PLC 06\nECOM100\n ECOM#: K0\n Slot: K1\n Status: V400\n Workspace: V401\n Msg Buffer: V402\nSTRN SP0\nECEMAIL\n ECOM#: K0\n Workspace: V1400\n Success: C0\n Error: C1\n Error Code: V1401\n To: x@example.com\nEND\n")
	var log strings.Builder
	a, err := New(s.load(), Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Finish: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	conn := <-accepted
	defer func() { _ = conn.Close() }()
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "mail cut off before the server had it") {
		t.Errorf("the log says %s", log.String())
	}
}

func TestAProgramForABaseAfterTheRestartIsNotTakenNow(t *testing.T) {
	s := newSite(t)
	program := func(slot string) string {
		return "PLC 06\nECOM100\n ECOM#: K0\n Slot: " + slot + "\n Status: V400\n Workspace: V401\n Msg Buffer: V402\nSTR C10\nECEMAIL\n ECOM#: K0\n Workspace: V1400\n Success: C0\n Error: C1\n Error Code: V1401\n To: x@example.com\nEND\n"
	}
	s.write("a.rll", program("K1"))
	a := s.start()
	text, err := os.ReadFile(filepath.Join(s.dir, "plant.toml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("plant.toml", strings.Replace(string(text), "slot = 1", "slot = 2", 1))
	s.write("a.rll", program("K2"))
	taken, err := a.Reload()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range taken.Changes {
		if !c.Restart {
			t.Errorf("%s is taken", c)
		}
	}
	if a.runners[0].text != program("K1") {
		t.Error("a program for slot 2 runs on a rack with a module in slot 1")
	}
}

// TestAProgramForAnEmptySlotIsTaken: a base that has no module in the slot before
// and after is no reason for a restart.
func TestAProgramForAnEmptySlotIsTaken(t *testing.T) {
	s := newSite(t)
	a := s.start()
	s.write("b.rll", "PLC 06\nECOM100\n ECOM#: K0\n Slot: K3\n Status: V400\n Workspace: V401\n Msg Buffer: V402\nEND\n")
	taken, err := a.Reload()
	if err != nil || len(taken.Changes) != 1 || taken.Changes[0].Restart || !strings.Contains(a.runners[1].text, "Slot: K3") {
		t.Errorf("changes %v, %v", taken.Changes, err)
	}
}

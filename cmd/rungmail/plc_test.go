package main

import (
	"context"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/internal/catcher"
	"github.com/rungmail/rungmail/internal/firmware"
	"github.com/rungmail/rungmail/internal/plant"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/remote"
)

// until waits until a condition holds, and fails the test where it never does.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !holds(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// stand is a demo's service with its catcher.
type stand struct {
	demo   *demo
	memory *remote.Memory
	mails  chan catcher.Received
}

func newStand(t *testing.T) stand {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	st := stand{mails: make(chan catcher.Received, 16)}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan struct{})
	go func() {
		defer close(served)
		catcher.Serve(ctx, listener, "catcher.example.com", func(r catcher.Received) { st.mails <- r })
	}()
	t.Cleanup(func() { stop(); <-served })
	if st.demo, err = newDemo(listener.Addr()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.demo.close(); err != nil {
			t.Error(err)
		}
	})
	if st.memory, err = remote.Open(t.Context(), "hap://"+st.demo.at[plant.HAP], remote.Options{Timeout: time.Second}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.memory.Close() })
	return st
}

// read reads one address.
func (st stand) read(t *testing.T, address string) uint16 {
	t.Helper()
	a, err := memory.ParseAddr(address)
	if err != nil {
		t.Fatal(err)
	}
	values, err := st.memory.Read(t.Context(), []memory.Addr{a})
	if err != nil {
		t.Fatal(err)
	}
	return values[0]
}

// TestAPulseThatIsStoppedEndsOff: Ctrl-C between on and off leaves no bit on.
func TestAPulseThatIsStoppedEndsOff(t *testing.T) {
	st := newStand(t)
	for _, protocol := range []string{plant.HAP, plant.Modbus} {
		ctx, interrupt := context.WithCancel(t.Context())
		var out, errs output
		code := make(chan int)
		go func() {
			code <- run(ctx, []string{"plc", "write", "C20=1", "--pulse", "--via", protocol + "://" + st.demo.at[protocol]}, streams{nil, &out, &errs})
		}()
		until(t, "C20 comes on", func() bool { return st.read(t, "C20") == 1 })
		interrupt()
		if got := <-code; got != exitNo || !strings.Contains(errs.text(), "stopped early") {
			t.Errorf("%s: exit status %d, %s%s", protocol, got, out.text(), errs.text())
		}
		if st.read(t, "C20") != 0 {
			t.Errorf("%s: C20 is still on", protocol)
		}
	}
}

// TestAPulseWhoseConnectionIsGoneSaysThatTheBitMayBeOn.
func TestAPulseWhoseConnectionIsGoneSaysThatTheBitMayBeOn(t *testing.T) {
	st := newStand(t)
	c := plcWriteCmd{via: via{Via: "modbus://" + st.demo.at[plant.Modbus], Timeout: time.Second}}
	m, err := c.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := st.memory.Write(t.Context(), memory.Addr{Area: memory.C, Num: 0o20}, 1); err != nil {
		t.Fatal(err)
	}
	bits := []setting{{addr: memory.Addr{Area: memory.C, Num: 0o20}}}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.off(t.Context(), m, bits); err != nil || st.read(t, "C20") != 0 {
		t.Errorf("with a connection of its own: C20=%d, %v", st.read(t, "C20"), err)
	}
	c.Via = "modbus://127.0.0.1:1"
	if err := c.off(t.Context(), m, bits); err == nil || !strings.Contains(err.Error(), "don't stay on: C20=0") {
		t.Errorf("with none at all: %v", err)
	}
}

// TestTheStayingDemoShowsEachFurtherMail, and doesn't take a test mail for the box's.
func TestTheStayingDemoShowsEachFurtherMail(t *testing.T) {
	st := newStand(t)
	var out, errs output
	s := streams{nil, &out, &errs}
	if err := st.demo.first(t.Context(), s, st.memory, st.mails); err != nil {
		t.Fatal(err)
	}
	scans := func() uint64 { return st.demo.app.Status().Racks[0].Scans }
	before := scans()
	until(t, "the program has seen C10 off", func() bool { return scans() > before+1 })
	ctx, stop := context.WithCancel(t.Context())
	stayed := make(chan struct{})
	go func() {
		defer close(stayed)
		st.demo.stay(ctx, s, st.memory, st.mails)
	}()
	pulse := []string{"plc", "write", "C10=1", "--pulse", "--via", "modbus://" + st.demo.at[plant.Modbus]}
	if code := run(t.Context(), pulse, streams{nil, &output{}, &errs}); code != exitYes {
		t.Fatal(code, errs.text())
	}
	const outcome = "ECEMAIL:  Success C0=1  Error C1=0  Error Code V1401=0"
	until(t, "the second mail's outcome", func() bool { return strings.Count(out.text(), outcome) == 2 })
	stop()
	<-stayed
	for text, want := range map[string]int{"\ntrace\n": 2, "mail as received": 2, "Success!\n": 2} {
		if got := strings.Count(out.text(), text); got != want {
			t.Errorf("%q stands there %d times, want %d:\n%s", text, got, want, out.text())
		}
	}
	if errs.text() != "" {
		t.Error(errs.text())
	}
}

func TestCommandsToCopyBeginAsThisOneDid(t *testing.T) {
	for name, want := range map[string]string{
		"rungmail": "rungmail", "rungmail.exe": "rungmail", "": "rungmail",
		"bin/rungmail": "bin/rungmail", `bin\rungmail.exe`: `bin\rungmail.exe`, "/opt/a b/rungmail": `"/opt/a b/rungmail"`,
	} {
		if got := started(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestTheTableOfModulesFitsATerminal: it is as wide as what is in it, and a name that
// is too long is cut.
func TestTheTableOfModulesFitsATerminal(t *testing.T) {
	var out output
	printTable(streams{out: &out}, []deviceLine{
		{"192.168.12.86", "00:E0:62:20:41:86", "192.168.12.86", "H0-ECOM100", "4.0.2148", 128, "Filler 2, the one behind the door of hall 3"},
		{"192.168.12.7", "00:E0:62:20:41:87", "", "", "", 0, "Größe"},
	})
	want := `ADDRESS       TYPE       FIRMWARE ID  IP            MAC               NAME
192.168.12.86 H0-ECOM100 4.0.2148 128 192.168.12.86 00:E0:62:20:41:86 Filler ...
192.168.12.7                      0                 00:E0:62:20:41:87 Größe
`
	if diff := cmp.Diff(want, out.text()); diff != "" {
		t.Error(diff)
	}
}

// TestTheFirmwareWithATimeZoneIsTheOneNamed: the message names what the module goes by.
func TestTheFirmwareWithATimeZoneIsTheOneNamed(t *testing.T) {
	if !firmware.HasZone(zoneSince) || firmware.HasZone("4.0.2127") {
		t.Errorf("%s isn't the first firmware with a time zone", zoneSince)
	}
}

// TestAWatchTellsOfTheConnectionInOrder: once that it is gone, and that it answers
// again before what has changed, each with the time.
func TestAWatchTellsOfTheConnectionInOrder(t *testing.T) {
	st := newStand(t)
	var out output
	w := watcher{streams: streams{out: &out, err: &out}, list: []memory.Addr{{Area: memory.V, Num: 0o3000}}}
	w.cmd.Via, w.cmd.Timeout = "modbus://127.0.0.1:1", time.Second
	defer w.close()
	w.lookAgain(t.Context())
	w.lookAgain(t.Context())
	w.cmd.Via = "modbus://" + st.demo.at[plant.Modbus]
	w.lookAgain(t.Context())
	const stamp = `\d\d:\d\d:\d\d\.\d{3} `
	want := regexp.MustCompile(`^` + stamp + `.*nothing listens there.*; trying on\n` + stamp + `it answers again\n` + stamp + `V3000=0\n$`)
	if !want.MatchString(out.text()) {
		t.Errorf("it tells:\n%s", out.text())
	}
}

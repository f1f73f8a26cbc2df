package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rungmail/rungmail/internal/catcher"
)

// TestMain lets scripts run this very program as the command rungmail.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rungmail": main})
}

// TestScripts runs the stories in testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			wd, err := os.Getwd()
			e.Setenv("EXAMPLES", wd+"/../../examples")
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"eventually": eventually,
			"catcher":    startCatcher,
			"signal":     sendSignal,
			"servers":    servers,
			"exits":      exits,
		},
	})
}

// eventually runs a command until it succeeds and its output holds a text:
// "eventually TEXT COMMAND ARGS...". It waits for a condition, up to 20 s.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually TEXT COMMAND ARGS...")
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); <-tick.C {
		if err := ts.Exec(args[1], args[2:]...); err == nil && strings.Contains(ts.ReadFile("stdout"), args[0]) {
			return
		}
	}
	ts.Fatalf("%q never shows %q: %s%s", args[1:], args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
}

// exits runs a command and wants its exit status: "exits STATUS COMMAND ARGS...".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var ended *exec.ExitError
	got := 0
	if errors.As(err, &ended) {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d: %s%s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// startCatcher runs a mail catcher for the script and sets SERVER and PORT.
func startCatcher(ts *testscript.TestScript, _ bool, _ []string) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	ts.Check(err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		catcher.Serve(ctx, listener, "catcher.example.com", func(catcher.Received) {})
	}()
	ts.Defer(func() { cancel(); <-done })
	_, port, err := net.SplitHostPort(listener.Addr().String())
	ts.Check(err)
	ts.Setenv("SERVER", listener.Addr().String())
	ts.Setenv("PORT", port)
}

// servers waits until a service answers and sets HTTP, HAP, TRACE and MODBUS to
// where the module in slot 1 of its rack, or in another, is met, and GATEWAY,
// GATEWAYPORT and METRICS to where those are: "servers STATE RACK
// [SLOT]".
func servers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: servers STATE RACK [SLOT]")
	}
	slot := "1"
	if len(args) == 3 {
		slot = args[2]
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); <-tick.C {
		text, err := os.ReadFile(ts.MkAbs(args[0] + "/addresses.json"))
		if err != nil {
			continue
		}
		var at map[string]string
		ts.Check(json.Unmarshal(text, &at))
		for _, name := range []string{"http", "hap", "trace", "modbus"} {
			ts.Setenv(strings.ToUpper(name), at[args[1]+"/slot-"+slot+"/"+name])
		}
		ts.Setenv("GATEWAY", at["gateway/listener-1"])
		ts.Setenv("GATEWAYPORT", port(at["gateway/listener-1"]))
		ts.Setenv("METRICS", at["metrics"])
		return
	}
	ts.Fatalf("no service answers on %s", args[0])
}

// port is the port of an address; "" of none.
func port(address string) string {
	_, port, _ := strings.Cut(address, ":")
	return port
}

// sendSignal sends HUP or TERM to the script's newest background command.
func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"HUP": syscall.SIGHUP, "TERM": syscall.SIGTERM}
	commands := ts.BackgroundCmds()
	if neg || len(args) != 1 || signals[args[0]] == nil || len(commands) == 0 {
		ts.Fatalf("usage: signal HUP|TERM, with a command in the background")
	}
	ts.Check(commands[len(commands)-1].Process.Signal(signals[args[0]]))
}

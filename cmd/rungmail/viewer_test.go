package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/trace"
)

// traced is a module's trace on loopback.
func traced(t *testing.T) (*conv.Hub, *net.UDPAddr) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	hub := &conv.Hub{}
	events := hub.Subscribe(100)
	ended := make(chan error, 1)
	go func() { ended <- trace.Serve(context.Background(), conn, trace.Config{Events: events, Now: time.Now}) }()
	t.Cleanup(func() {
		events.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return hub, conn.LocalAddr().(*net.UDPAddr)
}

// mail is the events of a mail that is refused.
func mail(hub *conv.Hub) {
	for _, e := range []conv.Event{
		{Kind: conv.Note, Text: "Recipient: franji1@yahoo.com"},
		{Kind: conv.Note, Text: "Body: Widgets made = 57555"},
		{Kind: conv.Sending, State: 4, Text: "RCPT TO"},
		{Kind: conv.Received, State: 4, Code: 550, Text: "550 5.7.1 relaying denied"},
		{Kind: conv.Ended, State: 4, Code: 550},
	} {
		hub.Publish(e)
	}
}

// output is what a command has printed so far.
type output struct {
	mu sync.Mutex
	bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Buffer.Write(p)
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.String()
}

// shows waits until a text shows something.
func shows(t *testing.T, text func() string, want ...string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	last := ""
	for _, w := range want {
		end := time.Now().Add(20 * time.Second)
		for last = text(); !strings.Contains(last, w); last = text() {
			if <-tick.C; time.Now().After(end) {
				t.Fatalf("%q is never shown:\n%s", w, last)
			}
		}
	}
}

func TestViewerPrintsWithoutATerminal(t *testing.T) {
	hub, at := traced(t)
	ctx, cancel := context.WithCancel(context.Background())
	var out, errs output
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"viewer", at.String(), "--explain"}, streams{strings.NewReader(""), &out, &errs})
	}()
	shows(t, out.text, " 127.0.0.1: EMail Trace On\n")
	mail(hub)
	shows(t, out.text, " 127.0.0.1: State: 0x4 Received data: 550 5.7.1 relaying denied\n    550 5.7.1 ", "    What to do:\n", " 127.0.0.1: Error: 550\n")
	shows(t, out.text, " 127.0.0.1: Error: 550\n    The mail failed, and the box shows Error with Error Code 550 (K226 in ladder), which is the server's reply: see above.")
	if n := strings.Count(out.text(), "What to do:"); n != 1 {
		t.Errorf("the reply is explained %d times:\n%s", n, out.text())
	}
	cancel()
	if code := <-ended; code != exitYes || errs.text() != "" {
		t.Errorf("exit status %d, %s", code, errs.text())
	}
}

// terminal is a terminal of 80 by 24 that tmux keeps.
type terminal struct {
	*testing.T
	socket string
}

func (r terminal) tmux(args ...string) string {
	r.Helper()
	out, err := exec.Command("tmux", append([]string{"-L", r.socket, "-f", "/dev/null"}, args...)...).CombinedOutput()
	if err != nil {
		r.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

func (r terminal) keys(keys ...string) {
	r.Helper()
	r.tmux(append([]string{"send-keys", "-t", "v"}, keys...)...)
}

func (r terminal) shows(want ...string) {
	r.Helper()
	shows(r.T, func() string { return r.tmux("capture-pane", "-p", "-t", "v") }, want...)
}

// inTerminal runs a command in a terminal whose folder is dir.
func inTerminal(t *testing.T, dir string, args ...string) terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("tmux isn't installed: run make setup")
		}
		t.Skip("tmux isn't installed: run make setup")
	}
	program, err := exec.LookPath("rungmail")
	if err != nil {
		t.Fatal(err)
	}
	r := terminal{t, fmt.Sprintf("rungmail-%d-%d", os.Getpid(), time.Now().UnixNano())}
	t.Cleanup(func() { _ = exec.Command("tmux", "-L", r.socket, "kill-server").Run() })
	r.tmux("new-session", "-d", "-x", "80", "-y", "24", "-s", "v", "-c", dir, "sh")
	r.tmux("set-option", "-t", "v", "status", "off")
	r.tmux("send-keys", "-t", "v", "PS1='$ '; clear; "+program+" "+strings.Join(args, " ")+"; echo status $?", "Enter")
	return r
}

func TestViewerOnATerminal(t *testing.T) {
	hub, at := traced(t)
	dir := t.TempDir()
	r := inTerminal(t, dir, "viewer", at.String())
	r.shows(fmt.Sprintf("Monitoring UDP port: %d (0x%X). Command Device: 127.0.0.1", at.Port, at.Port), "127.0.0.1: EMail Trace On", "sends its trace here from now on")
	mail(hub)
	r.shows("127.0.0.1: Error: 550", "trace: 6 lines, following", "The mail failed, and the box shows Error with Error Code 550")
	r.keys("Up")
	r.shows("what line 5 says", "550 5.7.1 the server won't pass the mail on")
	r.keys("p")
	r.shows("PAUSED, 0 new")
	mail(hub)
	r.shows("PAUSED, 5 new")
	r.keys("Space")
	r.shows("trace: 11 lines")
	r.keys("emailtrace", "Enter")
	r.shows("EMail Trace Off")
	r.keys("emailtrace", "Enter", "End")
	r.shows("trace: 13 lines, following")
	r.keys("/widgets", "Enter")
	r.shows("search: widgets", ">*")
	r.keys(":save trace.log", "Enter")
	r.shows("13 lines saved to trace.log")
	if text, err := os.ReadFile(filepath.Join(dir, "trace.log")); err != nil || bytes.Count(text, []byte("\n")) != 13 {
		t.Errorf("saved %q, %v", text, err)
	}
	r.tmux("resize-window", "-t", "v", "-x", "60", "-y", "16")
	r.shows("trace: 13 lines")
	r.keys("q")
	r.shows("status 0")
}

func TestViewerTakesAPastedTrace(t *testing.T) {
	r := inTerminal(t, t.TempDir(), "viewer", "-", "<", "/dev/null")
	r.shows("that was all")
	r.tmux("set-buffer", "Wed Mar 01 11:35:10 2006 192.168.12.86: Subject: Shift Report\nWed Mar 01 11:35:10 2006 192.168.12.86: Body: Widgets made = 24471\n")
	r.tmux("paste-buffer", "-p", "-t", "v")
	r.shows("2 lines pasted", "> Wed Mar 01 11:35:10 2006 192.168.12.86: Body: Widgets made = 24471", "no connection to the mail server has come about")
	r.keys("C-c")
	r.shows("status 0")
}

func TestViewerReadsAPipeAndKeysFromTheTerminal(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "log"), []byte("  Wed Mar 01 10:48:31 2006 192.168.12.86: Success!\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := inTerminal(t, dir, "viewer", "-", "<", "log")
	r.shows("Reading standard input", "192.168.12.86: Success!", "The mail server has taken the mail", "that was all")
	r.keys("q")
	r.shows("status 0")
}

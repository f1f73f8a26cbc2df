//go:build linux

package strangers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/app"
)

// relay is the program itself, run with a gateway: a process that can be killed.
type relay struct {
	t       testing.TB
	program string
	dir     string
	at      netip.AddrPort // where devices connect
	run     *process       // the latest one
}

// build makes the program, as it is released but for its size.
func build(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rungmail")
	cmd := exec.CommandContext(t.Context(), tool(t, "go"), "build", "-o", path, "github.com/rungmail/rungmail/cmd/rungmail")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// newRelay is a gateway that doesn't run yet. It wants a plant file.
func newRelay(t testing.TB) *relay {
	t.Helper()
	r := &relay{t: t, program: build(t), dir: t.TempDir(), at: reserve(t)}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the gateway's log:\n%s", r.log())
		}
	})
	return r
}

// relayPlant is a gateway that takes mail of this machine. It takes more keys of
// [gateway], the listener's address, and an upstream's keys.
const relayPlant = `
[gateway]
hostname = "gateway.example.com"
max_connections = 400
per_address = 400
%s
  [[gateway.listener]]
  address = "%s"
  [[gateway.device]]
  name = "line-4"
  addresses = ["127.0.0.1"]
  [[gateway.upstream]]
  name = "office"
%s
`

// plant writes the plant file.
func (r *relay) plant(keys, upstream string) {
	r.t.Helper()
	r.write("plant.toml", fmt.Sprintf(relayPlant, keys, r.at, upstream))
}

// plainUpstream is an upstream's keys for a server of this machine without TLS.
func plainUpstream(at netip.AddrPort, connections int) string {
	return fmt.Sprintf("  host = %q\n  port = %d\n  tls = \"plain\"\n  connections = %d\n", at.Addr(), at.Port(), connections)
}

// write writes a file that only its owner can read beside the plant file.
func (r *relay) write(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// begin starts the program, and doesn't wait for anything. Its log goes to a file,
// anew each time.
func (r *relay) begin() {
	r.t.Helper()
	r.run = start(r.t, tool(r.t, "sh"), "-c", `cd "$1" && exec "$0" run plant.toml 2>log`, r.program, r.dir)
}

// log is what the latest run has logged, but for the routine of each message.
func (r *relay) log() string {
	text, _ := os.ReadFile(filepath.Join(r.dir, "log")) // there may be none yet
	lines := slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool {
		return strings.Contains(line, `"msg":"attempt"`) || strings.Contains(line, `"msg":"queue"`)
	})
	return strings.Join(lines[max(0, len(lines)-50):], "\n")
}

// start starts the program and waits until it is ready.
func (r *relay) start() {
	r.t.Helper()
	r.begin()
	await(r.t, "ready", func() bool { return r.run.ended() || strings.Contains(r.run.said.String(), "ready\n") })
	if r.run.ended() {
		r.t.Fatalf("the gateway doesn't start: %s", r.log())
	}
}

// kill ends the program as a power cut would, but for what the system still holds.
func (r *relay) kill() {
	r.t.Helper()
	if err := r.run.cmd.Process.Kill(); err != nil {
		r.t.Errorf("kill: %v: it has ended by itself: %s", err, r.log())
	}
	<-r.run.over
}

// ask asks the running service for something by its control socket.
func (r *relay) ask(method, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(r.t.Context(), method, "http://rungmail/v1/"+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	answer, err := app.Dial(filepath.Join(r.dir, "state")).Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// retryAll has every message tried now. It returns how many that was.
func (r *relay) retryAll() (int, error) {
	var got app.QueueAnswer
	err := r.ask(http.MethodPost, "queue", app.QueueOrder{Do: "retry", All: true}, &got)
	return len(got.Changed), err
}

// status is what the gateway says of itself.
func (r *relay) status() app.GatewayStatus {
	r.t.Helper()
	var got app.GatewayStatus
	if err := r.ask(http.MethodGet, "gateway", nil, &got); err != nil {
		r.t.Fatal(err)
	}
	return got
}

// drain waits until the queue is empty; what waits for its next try is tried now.
func (r *relay) drain(within time.Duration) {
	r.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	giveUp := time.After(within)
	for looks := 0; ; looks++ {
		live := r.status().Live
		if live == 0 {
			return
		}
		if looks%100 == 0 {
			if _, err := r.retryAll(); err != nil {
				r.t.Fatal(err)
			}
		}
		select {
		case <-tick.C:
		case <-giveUp:
			r.t.Fatalf("%d messages are still queued after %v: %+v", live, within, r.status())
		}
	}
}

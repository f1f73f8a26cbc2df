//go:build linux

package strangers

import (
	"bufio"
	"net"
	"strings"
	"testing"
	"time"
)

// TestSystemdOpensTheGatewaysPort: systemd listens, the first device starts the
// service, and hears its greeting on the connection that it made before.
func TestSystemdOpensTheGatewaysPort(t *testing.T) {
	r := newRelay(t)
	r.plant("", plainUpstream(reserve(t), 1))
	p := start(t, tool(t, "systemd-socket-activate"), "-l", r.at.String(), "--setenv=PATH", "sh", "-c", `cd "$1" && exec "$0" run plant.toml 2>log`, r.program, r.dir)
	var device net.Conn
	await(t, "systemd listens", func() (ok bool) {
		var err error
		device, err = net.Dial("tcp", r.at.String())
		return err == nil || p.ended()
	})
	if device == nil {
		t.Fatal(p.said)
	}
	defer device.Close()
	if err := device.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	greeting, err := bufio.NewReader(device).ReadString('\n')
	if err != nil || !strings.HasPrefix(greeting, "220 gateway.example.com ") {
		t.Fatalf("the greeting is %q, %v; systemd says %s", greeting, err, p.said)
	}
}

//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// hosts makes two hosts on one machine, plant and office: network namespaces with a
// wire between them, 10.77.0.1 and 10.77.0.2. They go with the script.
func hosts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: hosts")
	}
	id := fmt.Sprintf("%d-%d", os.Getpid(), time.Now().UnixNano()%100000)
	plant, office := "rm-plant-"+id, "rm-office-"+id
	ip := func(command string) {
		ts.Check(ts.Exec("ip", strings.Fields(command)...))
	}
	for _, name := range []string{plant, office} {
		ip("netns add " + name)
		ts.Defer(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	}
	ip(fmt.Sprintf("link add rma netns %s type veth peer name rmb netns %s", plant, office))
	for i, h := range [][2]string{{plant, "rma"}, {office, "rmb"}} {
		ip(fmt.Sprintf("-n %s addr add 10.77.0.%d/24 broadcast + dev %s", h[0], i+1, h[1]))
		ip(fmt.Sprintf("-n %s link set %s up", h[0], h[1]))
		ip(fmt.Sprintf("-n %s link set lo up", h[0]))
	}
	ts.Setenv("PLANT", plant)
	ts.Setenv("OFFICE", office)
}

// canHaveHosts tells whether this machine lets the test make network namespaces.
func canHaveHosts() bool {
	name := fmt.Sprintf("rm-try-%d", os.Getpid())
	if exec.Command("ip", "netns", "add", name).Run() != nil {
		return false
	}
	return exec.Command("ip", "netns", "del", name).Run() == nil
}

// TestTwoHosts runs the stories of testdata/hosts, which need network namespaces.
func TestTwoHosts(t *testing.T) {
	if !canHaveHosts() {
		if os.Getenv("CI") == "true" {
			t.Fatal("no network namespaces: run as root, with iproute2")
		}
		t.Skip("no network namespaces: run as root, with iproute2")
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "hosts"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"eventually": eventually, "signal": sendSignal, "servers": servers, "hosts": hosts,
		},
	})
}

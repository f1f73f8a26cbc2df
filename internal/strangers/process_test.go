//go:build linux

package strangers

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// tool is where a program is that others made. Without it there is no test, and
// with CI=true no pass.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		without(t, name+" isn't on the PATH; scripts/setup gets it")
	}
	return path
}

// without leaves a test out, where that is allowed.
func without(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// output is what a program has written to its terminal.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes what a program says.
func (s *output) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// String is all that was said.
func (s *output) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// process is a program of others that runs, with all that it has started.
type process struct {
	cmd  *exec.Cmd
	said *output
	over chan struct{} // closed when it and its children have ended
}

// start runs a program in a process group of its own until the test ends, however
// the test ends.
func start(t testing.TB, path string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(path, args...), said: &output{}, over: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.over)
		_ = p.cmd.Wait() // until the last of the group has closed its end of the pipe
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s said: %s", filepath.Base(path), p.said)
		}
	})
	return p
}

// stop ends the whole group, by force where asking doesn't help.
func (p *process) stop() {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		_ = syscall.Kill(-p.cmd.Process.Pid, s) // ESRCH: it has ended
		select {
		case <-p.over:
			return
		case <-time.After(5 * time.Second):
		}
	}
}

// ended tells whether the program has ended by itself.
func (p *process) ended() bool {
	select {
	case <-p.over:
		return true
	default:
		return false
	}
}

// await waits for a condition.
func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for giveUp := time.Now().Add(patience); !done(); <-tick.C {
		if time.Now().After(giveUp) {
			t.Fatalf("no %s in %v", what, patience)
		}
	}
}

// reserve is a port of this machine that nobody else gets until the test is over,
// but for a server that asks for it by its number: it is bound and doesn't listen.
func reserve(t testing.TB) netip.AddrPort {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) }) // it never held anything
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(at.(*syscall.SockaddrInet4).Port))
}

// answers tells whether something listens there.
func answers(at netip.AddrPort) bool {
	c, err := net.DialTimeout("tcp4", at.String(), time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// folder is a folder of the test that a program which has dropped its rights can
// get to, and with write also write in.
func folder(t testing.TB, write bool) string {
	t.Helper()
	dir, mode := t.TempDir(), os.FileMode(0o755)
	if err := os.Chmod(filepath.Dir(dir), mode); err != nil {
		t.Fatal(err)
	}
	if write {
		mode = 0o777
	}
	if err := os.Chmod(dir, mode); err != nil {
		t.Fatal(err)
	}
	return dir
}

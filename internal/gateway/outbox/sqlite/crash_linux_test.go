package sqlite_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/sqlite"
	"github.com/rungmail/rungmail/internal/gateway/outbox/storetest"
)

// The test binary is its own child: a service that puts messages, says of each what
// Put said, and is killed or whose disk fails.
const (
	childFolder = "OUTBOX_CHILD_FOLDER"
	childPuts   = "OUTBOX_CHILD_PUTS" // of each goroutine; 0 until it is killed
	childRows   = "OUTBOX_CHILD_GOROUTINES"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(childFolder); folder != "" {
		os.Exit(child(folder, number(childPuts), number(childRows)))
	}
	os.Exit(m.Run())
}

func number(name string) (n int) {
	_, _ = fmt.Sscan(os.Getenv(name), &n)
	return n
}

func child(folder string, puts, goroutines int) int {
	s, _, err := sqlite.Open(folder, sqlite.Options{})
	if err != nil {
		fmt.Println("open", err)
		return 1
	}
	fmt.Println("ready")
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := 0; puts == 0 || i < puts; i++ {
				childPut(s, g, i)
			}
		})
	}
	wg.Wait()
	_ = s.Close()
	return 0
}

// childPut puts a message, each fourth a large one, and says what became of it with
// one write.
func childPut(s *sqlite.Store, g, i int) {
	r := storetest.NewRecord(storetest.NewID())
	body := fmt.Appendf(nil, "message %d of %d: %s", i, g, r.ID)
	if i%4 == 3 {
		body = bytes.Repeat(body, 2*outbox.SpoolOver/len(body))
	}
	sum := sha256.Sum256(body)
	if _, err := putContent(context.Background(), s, r, body, outbox.Lease{}); err != nil {
		_, _ = os.Stdout.WriteString("no " + strings.ReplaceAll(err.Error(), "\n", " ") + "\n")
		return
	}
	_, _ = fmt.Fprintf(os.Stdout, "ok %s %x\n", r.ID, sum)
}

func service(t *testing.T, folder string, puts, goroutines int, before ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	argv := append(slices.Clone(before), exe)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), childFolder+"="+folder, fmt.Sprint(childPuts, "=", puts), fmt.Sprint(childRows, "=", goroutines))
	cmd.Stderr = os.Stderr
	return cmd
}

// lives is how often a service is killed: 20 times, or as often as make soak says.
func lives(t *testing.T) int {
	t.Helper()
	text := os.Getenv("RUNGMAIL_SOAK")
	if text == "" {
		return 20
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal("RUNGMAIL_SOAK:", err)
	}
	return n
}

// TestKilledAtAnyMoment kills a service under load, many times in the same folder.
func TestKilledAtAnyMoment(t *testing.T) {
	folder := t.TempDir()
	random := rand.New(rand.NewPCG(2026, 3))
	said := map[outbox.ID]string{}
	n := lives(t)
	for range n {
		delay := time.Duration(random.IntN(120_000)) * time.Microsecond
		round := killAfter(t, folder, delay)
		s, found, err := sqlite.Open(folder, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if found.Missing != 0 {
			t.Errorf("killed after %v: found %+v", delay, found)
		}
		acknowledged(t, s, round)
		for id, sum := range round {
			said[id] = sum
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s, _ := open(t, folder, sqlite.Options{})
	acknowledged(t, s, said)
	t.Logf("%d messages were acknowledged in %d lives", len(said), n)
	if len(said) < n {
		t.Error("that is too few to show anything")
	}
}

// killAfter kills a service some time after it was ready, and gives what it said.
func killAfter(t *testing.T, folder string, delay time.Duration) map[outbox.ID]string {
	t.Helper()
	cmd := service(t, folder, 0, 4)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := map[outbox.ID]string{}
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "ready\n" {
		t.Fatalf("it says %q, %v", line, err)
	}
	timer := time.AfterFunc(delay, func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
	defer timer.Stop()
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // a line that isn't whole was never said
		}
		word := strings.Fields(line)
		if len(word) != 3 || word[0] != "ok" {
			t.Errorf("it says %q", line)
			continue
		}
		said[outbox.ID(word[1])] = word[2]
	}
	if err := cmd.Wait(); err == nil {
		t.Error("it ended by itself")
	}
	return said
}

// needs skips a test where something is missing, but not where everything must be
// shown.
func needs(t *testing.T, what string, ok bool) {
	t.Helper()
	if ok {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("this needs %s", what)
	}
	t.Skipf("this needs %s", what)
}

func strace(t *testing.T, args ...string) []string {
	t.Helper()
	path, err := exec.LookPath("strace")
	needs(t, "strace", err == nil)
	return append([]string{path, "-f", "-qq", "-y"}, args...)
}

// TestAFlushThatFailsIsNeverBelieved makes one flush fail, whichever it is: of the
// log, of a content, of a folder, of the database at a checkpoint. strace counts the
// flushes of each thread for itself, so which one it is differs from run to run: there
// are as many lives as it takes.
func TestAFlushThatFailsIsNeverBelieved(t *testing.T) {
	const enough, most = 6, 50
	failures, lives := 0, 0
	for ; failures < enough && lives < most; lives++ {
		n := 1 + lives%12
		folder := t.TempDir()
		trace := filepath.Join(t.TempDir(), "trace")
		cmd := service(t, folder, 24, 1, strace(t, "-o", trace, "-e", "trace=fsync,fdatasync", "-e", fmt.Sprintf("inject=fsync,fdatasync:error=EIO:when=%d", n))...)
		out, _ := cmd.Output()
		said, failed := map[outbox.ID]string{}, false
		began := strings.HasPrefix(string(out), "ready")
		for line := range strings.Lines(string(out)) {
			word := strings.Fields(line)
			switch word[0] {
			case "no", "open":
				failed = true
			case "ok":
				if failed {
					t.Errorf("flush %d of a thread fails: a put is acknowledged after a failure:\n%s", n, out)
				}
				said[outbox.ID(word[1])] = word[2]
			}
		}
		log, err := os.ReadFile(trace)
		if err != nil {
			t.Fatal(err)
		}
		if injected := strings.Contains(string(log), "INJECTED"); injected && failed && began {
			failures++
		}
		s, _, err := sqlite.Open(folder, sqlite.Options{})
		if err != nil {
			t.Fatalf("flush %d: it can't be opened again: %v", n, err)
		}
		acknowledged(t, s, said)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("a flush failed while it worked, and was noticed, in %d of %d lives", failures, lives)
	if failures < enough {
		t.Error("that is too few to show anything")
	}
}

// call is a finished system call as strace writes it.
var call = regexp.MustCompile(`^(\d+) +(?:(\w+)\((.*)|<\.\.\. (\w+) resumed>.*)$`)

// TestTheOrderOfFlushes follows one large message from its content to the yes.
func TestTheOrderOfFlushes(t *testing.T) {
	folder, trace := t.TempDir(), filepath.Join(t.TempDir(), "trace")
	cmd := service(t, folder, 4, 1, strace(t, "-o", trace, "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,write")...)
	out, err := cmd.Output()
	if err != nil || strings.Count(string(out), "ok ") != 4 {
		t.Fatalf("%v:\n%s", err, out)
	}
	var got []string
	for _, done := range finished(t, trace) {
		if step := step(done); step != "" && !(step == "log" && len(got) > 0 && got[len(got)-1] == "log") {
			got = append(got, step)
		}
	}
	want := []string{"content", "rename", "folder", "log", "yes"}
	at := slices.Index(got, "content")
	if at < 0 || len(got) < at+5 || !slices.Equal(got[at:at+5], want) {
		t.Errorf("the large message goes %v, want %v in it", got, want)
	}
	for i, step := range got {
		if step == "yes" && got[i-1] != "log" {
			t.Errorf("a yes without a flush before it: %v", got)
		}
	}
}

// step is what a system call is to a message.
func step(call string) string {
	switch {
	case strings.HasPrefix(call, "fsync(") && strings.Contains(call, "/spool/"):
		return "content"
	case strings.HasPrefix(call, "rename"):
		return "rename"
	case strings.HasPrefix(call, "fsync(") && strings.Contains(call, "/content>"):
		return "folder"
	case strings.HasPrefix(call, "f") && strings.Contains(call, "outbox.db-wal>"):
		return "log"
	case strings.HasPrefix(call, "write(1<") && strings.Contains(call, `"ok `):
		return "yes"
	}
	return ""
}

// finished lists system calls in the order in which they ended, but writes in the
// order in which they began: what has begun to be said is said.
func finished(t *testing.T, trace string) (calls []string) {
	t.Helper()
	f, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	begun := map[string]string{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		m := call.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		text, pid := m[2]+"("+m[3], m[1]
		switch {
		case m[4] != "":
			if began := begun[pid]; !strings.HasPrefix(began, "write(") {
				calls = append(calls, began)
			}
		case strings.HasSuffix(text, "<unfinished ...>") && m[2] != "write":
			begun[pid] = text
		default:
			begun[pid] = text
			calls = append(calls, text)
		}
	}
	return calls
}

// putWhenThereIsRoom waits until the writer has seen that there is.
func putWhenThereIsRoom(t *testing.T, s *sqlite.Store) {
	t.Helper()
	deadline, tick := time.After(10*time.Second), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for {
		_, err := put(s, storetest.NewRecord(storetest.NewID()), "there is room again")
		if err == nil {
			return
		}
		if !errors.Is(err, outbox.ErrFull) {
			t.Fatal(err)
		}
		select {
		case <-deadline:
			t.Fatal("there is never room again")
		case <-tick.C:
		}
	}
}

// TestAFullDiskRefusesNewMailAlone fills a small disk to its last byte.
func TestAFullDiskRefusesNewMailAlone(t *testing.T) {
	folder := t.TempDir()
	err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size=8m")
	needs(t, "the right to mount a disk", err == nil)
	t.Cleanup(func() {
		if err := unix.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	})
	s, _ := open(t, folder, sqlite.Options{MinFree: -1, Reserve: 1 << 20})
	var there []outbox.ID
	full := func(size int) {
		t.Helper()
		for {
			r := storetest.NewRecord(storetest.NewID())
			_, err := putContent(t.Context(), s, r, bytes.Repeat([]byte("x"), size), outbox.Lease{})
			if errors.Is(err, outbox.ErrFull) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			there = append(there, r.ID)
		}
	}
	for _, size := range []int{outbox.SpoolOver * 2, outbox.SpoolOver / 2, 1000, 1} {
		full(size)
	}
	if len(there) < 20 {
		t.Fatalf("only %d messages found room", len(there))
	}
	for _, id := range there[:3] {
		if _, _, err := s.Outcome(t.Context(), id, storetest.NewAttempt(time.Now())); err != nil {
			t.Errorf("an outcome: %v", err)
		}
	}
	for _, id := range there[:10] {
		if err := s.Purge(t.Context(), id, true); err != nil {
			t.Errorf("a purge: %v", err)
		}
	}
	if err := s.Failed(); err != nil {
		t.Fatal(err)
	}
	putWhenThereIsRoom(t, s)
	if got := s.Stats().Live; got != len(there)-10+1 {
		t.Errorf("%d messages are counted, and there are %d", got, len(there)-9)
	}
	for _, id := range there[10:] {
		r, err := s.Content(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, found := open(t, folder, sqlite.Options{MinFree: -1, Reserve: 1 << 20}); found.Live != len(there)-10+1 || found.Missing != 0 {
		t.Errorf("found %+v of %d", found, len(there)-9)
	}
}

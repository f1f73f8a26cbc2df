//go:build linux

package strangers

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/modbuswire"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

func address(t testing.TB, name string) memory.Addr {
	t.Helper()
	a, err := memory.ParseAddr(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func addresses(t testing.TB, name string) []memory.Addr {
	t.Helper()
	return []memory.Addr{address(t, name)}
}

// poll runs mbpoll once and returns the values that it read.
func (s *service) poll(args ...string) []string {
	s.t.Helper()
	host, port := s.split("modbus")
	args = append([]string{"-m", "tcp", "-p", port, "-0", "-1", "-o", "5"}, args...)
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	// The host stands before the values that are written, behind the options.
	at := len(args)
	for i, a := range args {
		if a == "--" {
			at = i
		}
	}
	full := append(append(append([]string{}, args[:at]...), host), args[min(at+1, len(args)):]...)
	out, err := exec.CommandContext(ctx, "mbpoll", full...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("mbpoll %s: %v\n%s", strings.Join(full, " "), err, out)
	}
	var values []string
	for line := range strings.Lines(string(out)) {
		if _, value, ok := strings.Cut(line, "]:"); ok && strings.HasPrefix(line, "[") {
			values = append(values, strings.Fields(value)[0])
		}
	}
	return values
}

// TestMbpollReadsAndWritesARunningModule: V, X, Y, C, T and CT of a controller that
// scans, with the addresses of the maker's manual.
func TestMbpollReadsAndWritesARunningModule(t *testing.T) {
	tool(t, "mbpoll")
	s := newService(t, "1ms", "")
	const v3000, x0, y0, c0, t0, ct0 = 0o3000, 2048, 2048, 3072, 6144, 6400
	s.poll("-t", "4", "-r", strconv.Itoa(v3000), "--", "57555", "2")
	if got := s.poll("-t", "4", "-r", strconv.Itoa(v3000), "-c", "2"); len(got) != 2 || !strings.HasPrefix(got[0], "57555") || got[1] != "2" {
		t.Errorf("V3000 and V3001 are %v", got)
	}
	if s.get("V3000") != 57555 || s.get("V3001") != 2 {
		t.Errorf("the controller has V3000=%d V3001=%d", s.get("V3000"), s.get("V3001"))
	}
	if got := s.poll("-t", "3", "-r", strconv.Itoa(v3000+1), "-c", "1"); len(got) != 1 || got[0] != "2" {
		t.Errorf("V3001 as an input register is %v", got)
	}
	s.set("X5", 1)
	if got := strings.Join(s.poll("-t", "1", "-r", strconv.Itoa(x0+4), "-c", "3"), ""); got != "010" {
		t.Errorf("X4 to X6 are %s", got)
	}
	s.poll("-t", "0", "-r", strconv.Itoa(y0+3), "--", "1")
	if s.get("Y3") != 1 {
		t.Error("Y3 isn't on")
	}
	s.poll("-t", "0", "-r", strconv.Itoa(c0+0o20), "--", "1", "1") // C20 starts a timer, C21 counts
	s.until("T1", 1)
	if got := strings.Join(s.poll("-t", "0", "-r", strconv.Itoa(t0), "-c", "3"), ""); got != "010" {
		t.Errorf("T0 to T2 are %s", got)
	}
	s.until("CTA1", 1)
	if got := strings.Join(s.poll("-t", "0", "-r", strconv.Itoa(ct0), "-c", "2"), ""); got != "00" {
		t.Errorf("CT0 and CT1 are %s", got)
	}
	if got := s.poll("-t", "3", "-r", "17500", "-c", "3"); strings.Join(got, ".") != "4.1.113" {
		t.Errorf("the module says it has version %v", got)
	}
	s.poll("-t", "0", "-r", strconv.Itoa(c0+0o10), "--", "1") // and C10 sends a mail
	s.until("C0", 1)
	for _, unit := range []string{"255", "0", "1"} {
		if got := s.poll("-a", unit, "-t", "0", "-r", strconv.Itoa(c0), "-c", "1"); len(got) != 1 || got[0] != "1" {
			t.Errorf("unit %s: C0 is %v", unit, got)
		}
	}
}

// viewerScript is an SMTP Viewer of a few lines: it toggles the trace on and prints
// what comes, with the time and the sender's address before it.
const viewerScript = `
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(20)
s.sendto(b"emailtrace", (sys.argv[1], int(sys.argv[2])))
while True:
    text, at = s.recvfrom(2048)
    print(time.strftime("%a %b %d %H:%M:%S %Y"), at[0] + ":", text.decode("ascii", "replace"), flush=True)
    if text.startswith((b"Success!", b"Error:", b"EMail Trace Off")):
        break
`

func TestAPythonViewerReadsTheTrace(t *testing.T) {
	python := tool(t, "python3")
	s := newService(t, "1ms", "")
	host, port := s.split("trace")
	viewer := start(t, python, "-c", viewerScript, host, port)
	eventually(t, func() bool { return strings.Contains(viewer.said.String(), "EMail Trace On") }, "the trace isn't on")
	s.set("V3001", 57555)
	s.mail()
	select {
	case <-viewer.over:
	case <-time.After(patience):
		t.Fatalf("the viewer waits on:\n%s", viewer.said)
	}
	for _, want := range []string{"127.0.0.1: Recipient: mark@example.com", "Body: made 57555", "Sending HELO msg", "State: 0x8 Received data: 250", "Success!"} {
		if !strings.Contains(viewer.said.String(), want) {
			t.Errorf("no %q in\n%s", want, viewer.said)
		}
	}
}

// eventually waits for a condition.
func eventually(t testing.TB, holds func() bool, otherwise string) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); <-time.After(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(otherwise)
		}
	}
}

// TestJunkAndTogglesDelayNoMail: 10,000 junk datagrams at each UDP server, 10,000
// toggles from many ports, a viewer that is dead and one that never reads, while
// the rung sends mails.
func TestJunkAndTogglesDelayNoMail(t *testing.T) {
	s := newService(t, "1ms", "")
	s.reachBy("modbus") // of HAP requests a flood loses many, as it may
	quiet := s.mail()
	dead := dialUDP(t, s.at["trace"])
	say(t, dead, "emailtrace")
	hear(t, dead, "EMail Trace On")
	dead.Close()
	deaf := dialUDP(t, s.at["trace"])
	say(t, deaf, "emailtrace")
	hear(t, deaf, "EMail Trace On")

	ctx, cancel := context.WithCancel(t.Context())
	var flood sync.WaitGroup
	var sent atomic.Int64
	for i := range 4 {
		flood.Go(func() { s.flood(ctx, i, &sent) })
	}
	worst := time.Duration(0)
	for mails := 0; mails < 10 || sent.Load() < 20000; mails++ {
		worst = max(worst, s.mail())
	}
	cancel()
	flood.Wait()
	t.Logf("%d datagrams: the slowest mail took %v, on a quiet machine %v", sent.Load(), worst, quiet)
	if worst > patience/2 {
		t.Errorf("a mail took %v", worst)
	}
	if st := s.app.Status().Racks[0].Modules[0]; st.Failed != 0 {
		t.Errorf("%d mails failed", st.Failed)
	}
	client, err := hap.Dial(t.Context(), s.at["hap"], hap.Options{Timeout: patience / 4})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if stats, err := client.Stats(t.Context(), false); err != nil || stats.Discarded == 0 {
		t.Errorf("%+v, %v: the junk isn't counted", stats, err)
	}
}

// flood sends junk and toggles until the context ends.
func (s *service) flood(ctx context.Context, seed int, sent *atomic.Int64) {
	at := [...]string{s.at["hap"], s.at["trace"]}
	texts := [...]string{"HAP\x01\x00\x00\x00\xff\xff", "emailtrace", "junk", "HAP\x01\x00\x00\x00\x03\x00\x19\x00\x01", "", strings.Repeat("x", 1400)}
	for i := seed; ctx.Err() == nil; i++ {
		conn, err := net.Dial("udp4", at[i%2])
		if err != nil {
			continue
		}
		for n := range 50 {
			_, _ = conn.Write([]byte(texts[(i+n)%len(texts)])) // a full queue loses some
			sent.Add(1)
		}
		conn.Close()
	}
}

func dialUDP(t testing.TB, at string) net.Conn {
	t.Helper()
	conn, err := net.Dial("udp4", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func say(t testing.TB, conn net.Conn, text string) {
	t.Helper()
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func hear(t testing.TB, conn net.Conn, want string) {
	t.Helper()
	buf := make([]byte, 2048)
	conn.SetReadDeadline(time.Now().Add(patience))
	n, err := conn.Read(buf)
	if err != nil || string(buf[:n]) != want {
		t.Fatalf("%q, %v; want %q", buf[:n], err, want)
	}
}

// scanBound is how much later than due a scan may come while clients read as fast
// as they can. The cap is one request a server at a time, so a scan has two others
// before it at most; the rest is the machine's.
const scanBound = 50 * time.Millisecond

// TestSixteenClientsDontStretchTheScan prints what a scan of 1 ms becomes while 8
// HAP and 8 Modbus clients read as fast as they can.
func TestSixteenClientsDontStretchTheScan(t *testing.T) {
	s := newService(t, "1ms", "")
	alone := s.rate()
	ctx, cancel := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	var reads atomic.Int64
	for range 8 {
		clients.Go(func() { s.readHAP(ctx, &reads) })
		clients.Go(func() { s.readModbus(ctx, &reads) })
	}
	eventually(t, func() bool { return reads.Load() > 100 }, "the clients don't read")
	from := reads.Load()
	among := s.rate()
	got := reads.Load() - from
	cancel()
	clients.Wait()
	t.Logf("a scan of 1 ms comes every %v alone and every %v among 16 clients that read %d times meanwhile; the bound is %v", alone, among, got, scanBound)
	if among > scanBound || got == 0 {
		t.Errorf("a scan comes every %v", among)
	}
}

// rate is the mean time from scan to scan, over 200 scans.
func (s *service) rate() time.Duration {
	s.t.Helper()
	const n = 200
	from, began := s.count(), time.Now()
	s.scans(n)
	return time.Since(began) / time.Duration(s.count()-from)
}

func (s *service) readHAP(ctx context.Context, reads *atomic.Int64) {
	client, err := hap.Dial(ctx, s.at["hap"], hap.Options{Timeout: patience / 4})
	if err != nil {
		s.t.Error(err)
		return
	}
	defer client.Close()
	for ctx.Err() == nil {
		if _, err := client.ReadV(ctx, 0o2000, hap.SafeCCM); err == nil {
			reads.Add(1)
		}
	}
}

func (s *service) readModbus(ctx context.Context, reads *atomic.Int64) {
	client, err := modbuswire.Dial(ctx, s.at["modbus"], modbuswire.Options{Unit: 255, Timeout: patience})
	if err != nil {
		s.t.Error(err)
		return
	}
	defer client.Close()
	for ctx.Err() == nil {
		if _, err := client.ReadHolding(ctx, 0o2000, 125); err == nil {
			reads.Add(1)
		}
	}
}

// TestAModbusClientThatNeverReadsHoldsUpNobody.
func TestAModbusClientThatNeverReadsHoldsUpNobody(t *testing.T) {
	s := newService(t, "1ms", "")
	conn, err := net.Dial("tcp4", s.at["modbus"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	request := []byte{0, 1, 0, 0, 0, 6, 255, 3, 4, 0, 0, 125}
	conn.SetWriteDeadline(time.Now().Add(time.Second))
	for range 100000 {
		if _, err := conn.Write(request); err != nil {
			break // its replies fill every queue
		}
	}
	other, err := modbuswire.Dial(t.Context(), s.at["modbus"], modbuswire.Options{Unit: 1, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.ReadHolding(t.Context(), 0o2000, 2); err != nil {
		t.Error(err)
	}
	s.mail()
}

// TestWhoIsntAllowedHearsNothing: not a byte from any of the four servers.
func TestWhoIsntAllowedHearsNothing(t *testing.T) {
	s := newService(t, "10ms", "") // to learn that it would answer
	conn := dialUDP(t, s.at["trace"])
	say(t, conn, "emailtrace")
	hear(t, conn, "EMail Trace On")

	dir := t.TempDir()
	closed := startClosed(t, dir)
	for _, name := range []string{"hap", "trace"} {
		conn := dialUDP(t, closed[name])
		say(t, conn, map[string]string{"hap": "HAP\x01\x00\x00\x00\x01\x00\x05", "trace": "emailtrace"}[name])
		conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		buf := make([]byte, 100)
		if n, err := conn.Read(buf); err == nil {
			t.Errorf("%s says %q", name, buf[:n])
		}
	}
	for _, name := range []string{"http", "modbus"} {
		conn, err := net.Dial("tcp4", closed[name])
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = fmt.Fprint(conn, "GET / HTTP/1.0\r\n\r\n")
		conn.SetReadDeadline(time.Now().Add(patience))
		if line, err := bufio.NewReader(conn).ReadString('\n'); err == nil || line != "" {
			t.Errorf("%s says %q", name, line)
		}
	}
}

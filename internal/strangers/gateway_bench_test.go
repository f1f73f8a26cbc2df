//go:build linux

package strangers

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkGateway relays messages of 1 KiB from smtp-source to smtp-sink, end to
// end: until every queue is empty. The gateway and Postfix flush each message
// before they answer; the pass-through keeps none; the ceiling is the source at the
// sink. All of them take turns in each round, and the ratios are the medians of the
// rounds.
//
// "msg/s" is the gateway that answers at once, and "waiting" the one whose devices
// wait for the upstream's verdict. "us-cpu/msg" and "peak-MB" are the first's.
func BenchmarkGateway(b *testing.B) {
	for _, run := range []struct{ sessions, messages int }{{1, 500}, {20, 3000}, {100, 3000}} {
		b.Run(fmt.Sprint("sessions-", run.sessions), func(b *testing.B) {
			l := &load{b: b, sessions: run.sessions, messages: run.messages, sink: wideSink(b)}
			gateway, waiting := newRelay(b), newRelay(b)
			waiting.program = gateway.program
			gateway.plant(`verdict_wait = "0s"`, plainUpstream(l.sink, 20))
			waiting.plant("", plainUpstream(l.sink, 20))
			gateway.start()
			waiting.start()
			through, p := passThrough(b, l.sink), postfixRelay(b, l.sink)
			rounds := map[string][]float64{}
			spent := time.Duration(0)
			for b.Loop() {
				for range 3 {
					before := gateway.cpu()
					rounds["gateway"] = append(rounds["gateway"], l.through(gateway.at, gateway.idle))
					spent += gateway.cpu() - before
					rounds["waiting"] = append(rounds["waiting"], l.through(waiting.at, waiting.idle))
					rounds["through"] = append(rounds["through"], l.through(through, nil))
					rounds["ceiling"] = append(rounds["ceiling"], l.through(l.sink, nil))
					rounds["postfix"] = append(rounds["postfix"], l.through(p.at, p.idle))
				}
			}
			for name, unit := range map[string]string{"postfix": "xPostfix", "through": "xPass-through", "ceiling": "xCeiling"} {
				b.ReportMetric(ratio(rounds["gateway"], rounds[name]), unit)
			}
			b.ReportMetric(median(rounds["gateway"]), "msg/s")
			b.ReportMetric(median(rounds["waiting"]), "waiting-msg/s")
			b.ReportMetric(float64(spent.Microseconds())/float64(len(rounds["gateway"])*l.messages), "us-cpu/msg")
			b.ReportMetric(gateway.peak(), "peak-MB")
			b.ReportMetric(0, "ns/op")
			b.Logf("messages a second: %v", rounds)
		})
	}
}

// median is the middle one.
func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// ratio is the median of what a is to b in the same round.
func ratio(a, b []float64) float64 {
	each := make([]float64, len(a))
	for i := range a {
		each[i] = a[i] / b[i]
	}
	return median(each)
}

// load is what smtp-source sends, and where it ends up.
type load struct {
	b                  *testing.B
	sessions, messages int
	sink               netip.AddrPort
}

// through sends it all to a relay, or to the sink itself, and returns how many
// messages a second went through. Idle tells whether a relay has nothing left.
func (l *load) through(at netip.AddrPort, idle func() bool) float64 {
	l.b.Helper()
	began := time.Now()
	source := exec.CommandContext(l.b.Context(), tool(l.b, "smtp-source"), "-d", "-s", strconv.Itoa(l.sessions), "-m", strconv.Itoa(l.messages),
		"-l", "1024", "-f", "plc@example.com", "-t", "mark@example.com", at.String())
	if out, err := source.CombinedOutput(); err != nil {
		l.b.Fatalf("smtp-source to %v: %v\n%s", at, err, out)
	}
	if idle != nil {
		await(l.b, "empty queue", idle)
	}
	return float64(l.messages) / time.Since(began).Seconds()
}

// wideSink is an smtp-sink for hundreds of connections at once.
func wideSink(b *testing.B) netip.AddrPort {
	b.Helper()
	args, at := []string{"--foreground", "120", tool(b, "smtp-sink"), "-m", "1000"}, reserve(b)
	if os.Geteuid() == 0 {
		args = append(args, "-u", "nobody")
	}
	p := start(b, tool(b, "timeout"), append(args, at.String(), "1000")...)
	await(b, "smtp-sink", func() bool { return p.ended() || answers(at) })
	return at
}

// idle tells whether nothing is queued.
func (r *relay) idle() bool { return r.status().Live == 0 }

// cpu is the processor time that the program has used.
func (r *relay) cpu() time.Duration {
	r.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.run.cmd.Process.Pid))
	if err != nil {
		r.t.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	ticks := 0
	for _, field := range fields[11:13] { // utime and stime, in hundredths of a second
		n, err := strconv.Atoi(field)
		if err != nil {
			r.t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// peak is the most memory that the program has had, in megabytes.
func (r *relay) peak() float64 {
	r.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.run.cmd.Process.Pid))
	if err != nil {
		r.t.Fatal(err)
	}
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(text)
	if found == nil {
		r.t.Fatalf("no VmHWM in %s", text)
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		r.t.Fatal(err)
	}
	return float64(n) / 1024
}

// relayingPostfix is one that sends everything on.
type relayingPostfix struct {
	at   netip.AddrPort
	idle func() bool
}

// postfixRelay is a Postfix that sends everything on to the sink. But for that and
// for not looking names up it is as it comes.
func postfixRelay(b *testing.B, sink netip.AddrPort) relayingPostfix {
	b.Helper()
	p, at := startPostfix(b), reserve(b)
	conf := p.file("conf")
	for _, args := range [][]string{
		{"postconf", "-e", "default_transport=smtp", fmt.Sprintf("relayhost=[%s]:%d", sink.Addr(), sink.Port()), "smtp_dns_support_level=disabled"},
		{"postconf", "-e", "virtual_mailbox_domains=", "mynetworks=127.0.0.0/8", "smtpd_relay_restrictions=permit_mynetworks,reject", "smtpd_recipient_restrictions="},
		{"postconf", "-M", "smtp/unix=smtp unix - - n - - smtp"},
		{"postconf", "-M", "scache/unix=scache unix - - n - 1 scache"},
		{"postconf", "-M", fmt.Sprintf("%s/inet=%s inet n - n - - smtpd", at, at)},
		{"postfix", "reload"},
	} {
		args = append([]string{args[0], "-c", conf}, args[1:]...)
		if out, err := exec.CommandContext(b.Context(), tool(b, args[0]), args[1:]...).CombinedOutput(); err != nil {
			b.Fatalf("%q: %v\n%s", args, err, out)
		}
	}
	await(b, "Postfix", func() bool { return answers(at) })
	return relayingPostfix{at, func() bool { return p.idle(b) }}
}

// passThrough is a bare relay without a queue, until the test ends: each session has
// one of its own with the next server, and hears what that one says.
func passThrough(b *testing.B, next netip.AddrPort) netip.AddrPort {
	b.Helper()
	l, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				up, err := (&net.Dialer{}).DialContext(b.Context(), "tcp4", next.String())
				if err != nil {
					return
				}
				defer up.Close()
				_ = pass(bufio.NewReader(c), c, bufio.NewReader(up), up) // until either hangs up
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// pass passes commands on, replies back, and after a 354 a text.
func pass(device *bufio.Reader, toDevice io.Writer, server *bufio.Reader, toServer io.Writer) error {
	for {
		reply, more := []byte(nil), true
		for more { // of a reply's lines
			line, err := server.ReadSlice('\n')
			if err != nil {
				return err
			}
			reply, more = append(reply, line...), len(line) > 3 && line[3] == '-'
		}
		if _, err := toDevice.Write(reply); err != nil {
			return err
		}
		var text []byte
		for inText := reply[0] == '3'; ; {
			line, err := device.ReadSlice('\n')
			if err != nil {
				return err
			}
			if text = append(text, line...); !inText || string(line) == ".\r\n" {
				break
			}
		}
		if _, err := toServer.Write(text); err != nil {
			return err
		}
	}
}

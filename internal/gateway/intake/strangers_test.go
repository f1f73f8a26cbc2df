package intake

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// program finds a stranger's program: without it a test is skipped, but not in CI.
func program(t testing.TB, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: install swaks, msmtp and postfix", name)
	}
	t.Skipf("%s is missing", name)
	return ""
}

// runs runs a program to its end.
func runs(t testing.TB, input, path string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, path, args...)
	c.Stdin = strings.NewReader(input)
	c.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := c.CombinedOutput()
	return string(out), err
}

// way is a way to send: the kind of TLS, and the login.
type way struct {
	mode  TLS
	login string
}

func ways() []way {
	var all []way
	for _, mode := range []TLS{Off, StartTLS, Implicit} {
		for _, login := range []string{"", "PLAIN", "LOGIN", "CRAM-MD5"} {
			all = append(all, way{mode, login})
		}
	}
	return all
}

// strangersSend has a stranger send a message in every way.
func strangersSend(t *testing.T, name string, args func(w way, host, port string) []string, input string) {
	path := program(t, name)
	certificates := rsaCertificate(t)
	for _, w := range ways() {
		t.Run(fmt.Sprintf("%s/%s", w.mode, w.login), func(t *testing.T) {
			h := newHouse()
			if w.login != "" {
				h.devices["127.0.0.1"].Login = hunter2()
			}
			_, addr := listen(t, h.config(), w.mode, certificates)
			host, port, err := net.SplitHostPort(addr)
			if err != nil {
				t.Fatal(err)
			}
			out, err := runs(t, input, path, args(w, host, port)...)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got := h.got()
			if len(got) != 1 {
				t.Fatalf("%d messages\n%s", len(got), out)
			}
			m := got[0]
			if m.From != address("plc@example.com") || len(m.To) != 2 || !strings.Contains(string(m.Header), "Subject: Widget Report\r\n") ||
				!strings.Contains(m.body, "one\r\n.two\r\n..\r\n") || (m.TLS != "") != (w.mode != Off) || (m.User == "line4") != (w.login != "") {
				t.Errorf("%+v", m)
			}
		})
	}
}

const body = "one\n.two\n..\nend\n"

func TestSwaks(t *testing.T) {
	strangersSend(t, "swaks", func(w way, host, port string) []string {
		args := []string{
			"--server", host, "--port", port, "--helo", "plc", "--from", "plc@example.com", "--to", "mark@example.com,joe@example.com",
			"--data", "Subject: Widget Report\\n\\n" + strings.ReplaceAll(body, "\n", "\\n"),
		}
		switch w.mode {
		case StartTLS:
			args = append(args, "--tls")
		case Implicit:
			args = append(args, "--tls-on-connect")
		}
		if w.login != "" {
			args = append(args, "--auth", w.login, "--auth-user", "line4", "--auth-password", "hunter2")
		}
		return args
	}, "")
}

func TestMsmtp(t *testing.T) {
	strangersSend(t, "msmtp", func(w way, host, port string) []string {
		args := []string{"--file=/dev/null", "--host=" + host, "--port=" + port, "--from=plc@example.com", "--tls=off", "--auth=off"}
		switch w.mode {
		case StartTLS:
			args[4] = "--tls=on"
			args = append(args, "--tls-starttls=on", "--tls-certcheck=off")
		case Implicit:
			args[4] = "--tls=on"
			args = append(args, "--tls-starttls=off", "--tls-certcheck=off")
		}
		if w.login != "" {
			args[5] = "--auth=" + strings.ToLower(w.login)
			args = append(args, "--user=line4", "--passwordeval=echo hunter2")
		}
		return append(args, "--", "mark@example.com", "joe@example.com")
	}, "From: plc@example.com\nTo: mark@example.com\nSubject: Widget Report\n\n"+body)
}

// TestSmtpSource: many sessions at once, kept and not kept, and large messages.
func TestSmtpSource(t *testing.T) {
	path := program(t, "smtp-source")
	for _, tc := range []struct {
		name  string
		args  []string
		count int
		size  int
	}{
		{"sessions", []string{"-s", "20", "-m", "400", "-l", "1024"}, 400, 1024},
		{"kept", []string{"-d", "-s", "5", "-m", "300", "-l", "1024"}, 300, 1024},
		{"large", []string{"-s", "2", "-m", "4", "-l", "3000000"}, 4, 3_000_000},
		{"recipients", []string{"-r", "90", "-m", "5"}, 5, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse()
			s, addr := listen(t, h.config(), Off, nil)
			args := append(tc.args, "-f", "plc@example.com", "-t", "mark@example.com", "-M", "plc.example.com", "inet:"+addr)
			if out, err := runs(t, "", path, args...); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got := h.got()
			if len(got) != tc.count || s.Counts().Taken != uint64(tc.count) {
				t.Fatalf("%d messages, want %d", len(got), tc.count)
			}
			for _, m := range got {
				if len(m.body) < tc.size || !strings.HasPrefix(m.Helo, "plc") {
					t.Fatalf("%d bytes, want %d", len(m.body), tc.size)
				}
			}
		})
	}
}

//go:build linux

package upstream

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/mailaddr"
)

// patience is how long a program of others may take.
const patience = 30 * time.Second

// without leaves a test out, where that is allowed.
func without(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func tool(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range []string{"", "/usr/sbin/"} {
		if path, err := exec.LookPath(dir + name); err == nil {
			return path
		}
	}
	without(t, name+" isn't there; scripts/setup gets it")
	return ""
}

// run starts a program in a group of its own until the test ends.
func run(t *testing.T, path string, args ...string) {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // ESRCH: it has ended
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said: %s", filepath.Base(path), &said)
		}
	})
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for giveUp := time.Now().Add(patience); !done(); <-tick.C {
		if time.Now().After(giveUp) {
			t.Fatalf("no %s in %v", what, patience)
		}
	}
}

// reserve is a port that nobody else gets until the test is over, but for a server
// that asks for it by its number: it is bound and doesn't listen.
func reserve(t *testing.T) uint16 {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
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
	return uint16(at.(*syscall.SockaddrInet4).Port)
}

func answers(port uint16) bool {
	c, err := net.DialTimeout("tcp4", fmt.Sprint("127.0.0.1:", port), time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

const postfixMain = `
compatibility_level = 3.6
queue_directory = $home/queue
data_directory = $home/data
maillog_file = $home/log
maillog_file_prefixes = $home
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mail.example.net
mydestination =
mynetworks = 192.0.2.1/32
alias_maps =
alias_database =
default_transport = error:this server sends nothing on
virtual_mailbox_domains = example.com
virtual_mailbox_base = $home/mail
virtual_mailbox_maps = inline:{mark@example.com=mark/, joe@example.com=joe/}
virtual_uid_maps = static:$owner
virtual_gid_maps = static:$owner
virtual_minimum_uid = 1
smtpd_forbid_bare_newline = reject
smtpd_forbid_unauth_pipelining = yes
smtpd_data_restrictions = reject_unauth_pipelining
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_limit = 3
smtpd_tls_chain_files = $home/conf/tls.pem
smtpd_tls_CAfile = $home/conf/ca.pem
smtpd_tls_loglevel = 1
`

const postfixMaster = `
cleanup    unix       n - n - 0 cleanup
qmgr       unix       n - n 300 1 qmgr
tlsmgr     unix       - - n 1000? 1 tlsmgr
rewrite    unix       - - n - - trivial-rewrite
bounce     unix       - - n - 0 bounce
defer      unix       - - n - 0 bounce
trace      unix       - - n - 0 bounce
proxymap   unix       - - n - - proxymap
error      unix       - - n - - error
retry      unix       - - n - - error
virtual    unix       - n n - - virtual
anvil      unix       - - n - 1 anvil
postlog    unix-dgram n - n - 1 postlogd
`

// postfixServices is the listening ones, and what each does.
var postfixServices = map[string]string{
	"starttls": "-o smtpd_tls_security_level=encrypt",
	"implicit": "-o smtpd_tls_wrappermode=yes",
	"clients":  "-o smtpd_tls_security_level=encrypt -o smtpd_tls_req_ccert=yes",
	"plain":    "-o smtpd_tls_security_level=none",
	"hasty":    "-o smtpd_timeout=1s",
	"old":      "-o smtpd_discard_ehlo_keywords=pipelining,8bitmime,smtputf8,size",
}

// postfix is a Postfix of our own.
type postfix struct {
	home  string
	ca    *authority
	ports map[string]uint16
}

func startPostfix(t *testing.T) *postfix {
	t.Helper()
	command, conf := tool(t, "postfix"), tool(t, "postconf")
	if os.Geteuid() != 0 {
		without(t, "Postfix starts as root only, and this isn't root")
	}
	p := &postfix{home: t.TempDir(), ca: newAuthority(t), ports: map[string]uint16{}}
	for _, dir := range []string{filepath.Dir(p.home), p.home} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p.setUp(t, conf)
	if out, err := exec.Command(command, "-c", p.file("conf"), "check").CombinedOutput(); err != nil {
		t.Fatalf("postfix check: %v\n%s", err, out)
	}
	daemons, err := exec.Command(conf, "-c", p.file("conf"), "-hx", "daemon_directory").Output()
	if err != nil {
		t.Fatal(err)
	}
	run(t, filepath.Join(strings.TrimSpace(string(daemons)), "master"), "-c", p.file("conf"), "-d", "-e", "120")
	await(t, "Postfix", func() bool { return strings.Contains(p.log(), "daemon started") })
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("Postfix's log:\n%s", p.log())
		}
	})
	return p
}

func (p *postfix) file(name ...string) string {
	return filepath.Join(append([]string{p.home}, name...)...)
}

func (p *postfix) log() string {
	text, _ := os.ReadFile(p.file("log")) // there is none at first
	return string(text)
}

func (p *postfix) setUp(t *testing.T, conf string) {
	t.Helper()
	owner, err := exec.Command(conf, "-dh", "mail_owner").Output()
	if err != nil {
		t.Fatal(err)
	}
	nobody, _ := ids(t, "nobody")
	for name, who := range map[string]string{"conf": "root", "queue": "root", "data": strings.TrimSpace(string(owner)), "mail": "nobody"} {
		uid, gid := ids(t, who)
		if err := os.Mkdir(p.file(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(p.file(name), uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	master := ""
	for name, options := range postfixServices {
		p.ports[name] = reserve(t)
		master += fmt.Sprintf("127.0.0.1:%d inet n - n - - smtpd -o syslog_name=%s %s\n", p.ports[name], name, options)
	}
	ca, err := os.ReadFile(p.ca.file)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"main.cf":   fmt.Sprintf("home = %s\nowner = %d\n%s", p.home, nobody, postfixMain),
		"master.cf": master + postfixMaster,
		"tls.pem":   p.chain(t),
		"ca.pem":    string(ca),
	} {
		if err := os.WriteFile(p.file("conf", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// chain is its certificate as Postfix wants it: the key first.
func (p *postfix) chain(t *testing.T) string {
	t.Helper()
	cert := p.ca.issue("127.0.0.1", time.Now().Add(time.Hour))
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}))
}

func ids(t *testing.T, name string) (uid, gid int) {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(u.Uid+" "+u.Gid, &uid, &gid); err != nil {
		t.Fatal(err)
	}
	return uid, gid
}

// at is an upstream at one of its services.
func (p *postfix) at(t *testing.T, service string, kind TLS, change func(*Config)) *Pool {
	t.Helper()
	c := config()
	c.Host, c.Port, c.TLS, c.CAFile = "127.0.0.1", p.ports[service], kind, p.ca.file
	if change != nil {
		change(&c)
	}
	pool, err := New(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

// arrives waits for a mail with these words.
func (p *postfix) arrives(t *testing.T, who, words string) {
	t.Helper()
	await(t, "mail for "+who+" with "+words, func() bool {
		files, _ := filepath.Glob(p.file("mail", who, "new", "*"))
		for _, f := range files {
			if text, _ := os.ReadFile(f); strings.Contains(string(text), words) {
				return true
			}
		}
		return false
	})
}

// letter is a message that can be told from others.
func letter(t *testing.T, words string, to ...string) Message {
	t.Helper()
	m := note(t, to...)
	m.Open = content("Subject: report\r\n\r\n.first\r\n" + words + "\r\n..\r\n")
	return m
}

// TestPostfix: a real server, with TLS of both kinds and certificates of both sides.
func TestPostfix(t *testing.T) {
	t.Parallel()
	p := startPostfix(t)
	t.Run("starttls", func(t *testing.T) {
		pool := p.at(t, "starttls", StartTLS, nil)
		for i := range 5 {
			words := fmt.Sprint("by starttls ", i)
			if res, err := pool.Send(t.Context(), letter(t, words)); err != nil || !strings.HasPrefix(res.TLS, "TLS 1.3") {
				t.Fatalf("got %q, %v", res.TLS, err)
			}
			p.arrives(t, "mark", words)
		}
		pool.Close()
		await(t, "QUIT in the log", func() bool {
			return strings.Contains(p.log(), "ehlo=2 starttls=1 mail=5 rcpt=5 data=5 quit=1 commands=19")
		})
	})
	t.Run("implicit", func(t *testing.T) {
		if res, err := p.at(t, "implicit", Implicit, nil).Send(t.Context(), letter(t, "by implicit TLS")); err != nil || res.TLS == "" {
			t.Fatalf("got %q, %v", res.TLS, err)
		}
		p.arrives(t, "mark", "by implicit TLS")
	})
	t.Run("client certificate", func(t *testing.T) {
		_, err := p.at(t, "clients", StartTLS, nil).Send(t.Context(), letter(t, "nobody's"))
		if e := fault(t, err); e.Message {
			t.Errorf("got %+v", e)
		}
		pool := p.at(t, "clients", StartTLS, func(c *Config) {
			c.ClientCert, c.ClientKey = p.ca.files(p.ca.issue("gw.example.com", time.Now().Add(time.Hour)))
		})
		if _, err := pool.Send(t.Context(), letter(t, "by a known client")); err != nil {
			t.Error(err)
		}
	})
	t.Run("TLS that isn't there", func(t *testing.T) {
		_, err := p.at(t, "plain", StartTLS, nil).Send(t.Context(), letter(t, "never"))
		if e := fault(t, err); e.Step != StepTLS || e.Err != ErrNoTLS {
			t.Errorf("got %+v", e)
		}
	})
	t.Run("TLS that is wanted", func(t *testing.T) {
		_, err := p.at(t, "starttls", Plain, nil).Send(t.Context(), letter(t, "never"))
		if e := fault(t, err); e.Reply.Code != 530 || e.Message || !e.Login {
			t.Errorf("got %+v", e)
		}
	})
	t.Run("the system's authorities", func(t *testing.T) {
		_, err := p.at(t, "starttls", StartTLS, func(c *Config) { c.CAFile = "" }).Send(t.Context(), letter(t, "never"))
		if e := fault(t, err); e.Step != StepTLS || !strings.Contains(err.Error(), "unknown authority") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("recipients apart", func(t *testing.T) {
		pool := p.at(t, "starttls", StartTLS, nil)
		res, err := pool.Send(t.Context(), letter(t, "to those who are", "mark@example.com", "nobody@example.com", "joe@example.com"))
		if got := fmt.Sprint(verdictList(res.Verdicts)); err != nil || got != "[mark 250 nobody 550 joe 250]" {
			t.Errorf("got %s, %v", got, err)
		}
		p.arrives(t, "joe", "to those who are")
		_, err = pool.Send(t.Context(), letter(t, "to nobody", "nobody@example.com", "noone@example.com"))
		if e := fault(t, err); e.Reply.Code != 550 || !e.Message || !e.Permanent {
			t.Errorf("got %+v", e)
		}
		if _, err = pool.Send(t.Context(), letter(t, "after nobody")); err != nil {
			t.Error(err)
		}
		p.arrives(t, "mark", "after nobody")
	})
	t.Run("too many recipients", func(t *testing.T) {
		m := letter(t, "to many")
		m.To = []mailaddr.Address{m.To[0], addr(t, "joe@example.com"), m.To[0], m.To[0], m.To[0]}
		res, err := p.at(t, "starttls", StartTLS, nil).Send(t.Context(), m)
		if got := fmt.Sprint(verdictList(res.Verdicts)); err != nil || got != "[mark 250 joe 250 mark 250 mark 452 mark 452]" {
			t.Errorf("got %s, %v", got, err)
		}
	})
	t.Run("beyond ASCII", func(t *testing.T) {
		m := letter(t, "Störung")
		m.UTF8, m.EightBit = true, true
		if _, err := p.at(t, "starttls", StartTLS, nil).Send(t.Context(), m); err != nil {
			t.Error(err)
		}
		p.arrives(t, "mark", "Störung")
	})
	t.Run("an old server", func(t *testing.T) {
		if _, err := p.at(t, "old", Plain, nil).Send(t.Context(), letter(t, "one by one")); err != nil {
			t.Error(err)
		}
		p.arrives(t, "mark", "one by one")
	})
	t.Run("a server that hangs up on the idle", func(t *testing.T) {
		pool := p.at(t, "hasty", Plain, nil)
		if _, err := pool.Send(t.Context(), letter(t, "quickly")); err != nil {
			t.Fatal(err)
		}
		await(t, "timeout in the log", func() bool { return strings.Contains(p.log(), "timeout after") })
		if _, err := pool.Send(t.Context(), letter(t, "after a pause")); err != nil {
			t.Error(err)
		}
		p.arrives(t, "mark", "after a pause")
	})
	t.Run("a probe", func(t *testing.T) {
		got, good := probed(t, p.at(t, "starttls", StartTLS, nil), Probing{Sender: addr(t, "plc@example.com"), Recipient: addr(t, "mark@example.com")})
		if !good || !strings.Contains(got, "recipient true 250 2.1.5") {
			t.Errorf("got\n%s", got)
		}
	})
}

// startSink starts smtp-sink, which ends by itself after a while, should nobody be
// left to end it.
func startSink(t *testing.T, options ...string) Config {
	t.Helper()
	args := []string{"--foreground", "120", tool(t, "smtp-sink")}
	if os.Geteuid() == 0 {
		args = append(args, "-u", "nobody")
	}
	c := config()
	c.Host, c.Port = "127.0.0.1", reserve(t)
	run(t, tool(t, "timeout"), append(append(args, options...), fmt.Sprint("127.0.0.1:", c.Port), "100")...)
	await(t, "smtp-sink", func() bool { return answers(c.Port) })
	return c
}

func TestSmtpSinkTakesThemAll(t *testing.T) {
	t.Parallel()
	for _, options := range []string{"-8", "-p", "-e"} { // without 8BITMIME, without PIPELINING, without EHLO
		t.Run(options, func(t *testing.T) {
			t.Parallel()
			c := startSink(t, options)
			c.Connections = 5
			p, err := New(c, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			var wg sync.WaitGroup
			for range 5 {
				wg.Go(func() {
					for range 100 {
						if _, err := p.Send(t.Context(), note(t)); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestSmtpSinkFails(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		options string
		step    Step
		code    int
		flags   string
	}{
		{"-f connect", StepGreeting, 500, "permanent"},
		{"-r connect", StepGreeting, 450, ""},
		{"-q connect", StepGreeting, 0, ""},
		{"-Q helo,ehlo", StepHello, 421, ""},
		{"-f mail", StepMail, 500, "message permanent"},
		{"-r mail", StepMail, 450, "message"},
		{"-q mail", StepMail, 0, ""},
		{"-f rcpt", StepRcpt, 500, "message permanent"},
		{"-r rcpt", StepRcpt, 450, "message"},
		{"-Q rcpt", StepRcpt, 421, ""},
		{"-f data", StepData, 500, "message permanent"},
		{"-q data", StepData, 0, ""},
		{"-f .", StepFinal, 500, "message permanent"},
		{"-r .", StepFinal, 450, "message"},
		{"-q .", StepFinal, 0, "maybe"},
		{"-Q .", StepFinal, 421, ""},
	} {
		t.Run(r.options, func(t *testing.T) {
			t.Parallel()
			p, err := New(startSink(t, strings.Fields(r.options)...), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			_, err = p.Send(t.Context(), note(t))
			e := fault(t, err)
			got := ""
			for _, f := range []struct {
				name string
				on   bool
			}{{"message", e.Message}, {"permanent", e.Permanent}, {"maybe", e.Maybe}} {
				if f.on {
					got = strings.TrimSpace(got + " " + f.name)
				}
			}
			if e.Step != r.step || e.Reply.Code != r.code || got != r.flags {
				t.Errorf("got %s %d %q, %v", e.Step, e.Reply.Code, got, err)
			}
		})
	}
}

//go:build linux

package strangers

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// mainCF is Postfix's main.cf: a server for example.com with three mailboxes, that
// relays for nobody and sends nothing on. It is as strict about SMTP as it can be.
// What stands before it says where $home is and who owns the mailboxes.
const mainCF = `
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
smtputf8_enable = no
default_transport = error:this server sends nothing on
disable_vrfy_command = yes

virtual_mailbox_domains = example.com
virtual_mailbox_base = $home/mail
virtual_mailbox_maps = inline:{mark@example.com=mark/, joe@example.com=joe/, supervisor@example.com=supervisor/}
virtual_uid_maps = static:$mailbox_owner
virtual_gid_maps = static:$mailbox_owner
virtual_minimum_uid = 1

smtpd_helo_required = yes
strict_rfc821_envelopes = yes
smtpd_forbid_bare_newline = reject
smtpd_forbid_unauth_pipelining = yes
smtpd_data_restrictions = reject_unauth_pipelining
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{{later@example.com=450 4.2.0 greylisted, come back later}}
smtpd_tls_chain_files = $home/conf/tls.pem
`

// masterCF is its services but for the listening ones.
const masterCF = `
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

// services is the listening ones: by the name that each has in the log, what it
// does unlike the first.
var services = map[string]string{
	"plain":     "",
	"tiny":      "-o message_size_limit=100",
	"stock":     "-o smtpd_relay_restrictions=permit_mynetworks,defer_unauth_destination",
	"closed":    "-o smtpd_delay_reject=no -o {smtpd_client_restrictions=check_client_access static:{421 4.3.2 closed for the night}}",
	"closing":   "-o {smtpd_client_restrictions=check_client_access static:{421 4.3.2 closing now}}",
	"busy":      "-o smtpd_client_connection_rate_limit=1 -o smtpd_client_event_limit_exceptions=",
	"encrypted": "-o smtpd_tls_security_level=encrypt",
	"named":     "-o smtpd_helo_restrictions=reject_non_fqdn_helo_hostname",
	"numbered":  "-o smtpd_helo_restrictions=reject_invalid_helo_hostname",
}

// postfix is a Postfix of our own.
type postfix struct {
	home  string
	ports map[string]netip.AddrPort // by service
	read  int                       // bytes of the log that a test has seen to
}

// startPostfix starts it. It ends with the test, and by itself after a while,
// should nobody be left to end it.
func startPostfix(t testing.TB) *postfix {
	t.Helper()
	command, conf := tool(t, "postfix"), tool(t, "postconf")
	if os.Geteuid() != 0 {
		without(t, "Postfix starts as root only, and this isn't root")
	}
	p := &postfix{home: folder(t, false), ports: map[string]netip.AddrPort{}}
	p.setUp(t, conf)
	if out, err := exec.Command(command, "-c", p.file("conf"), "check").CombinedOutput(); err != nil {
		t.Fatalf("postfix check: %v\n%s\n%s", err, out, p.log())
	}
	daemons, err := exec.Command(conf, "-c", p.file("conf"), "-hx", "daemon_directory").Output()
	if err != nil {
		t.Fatalf("postconf: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("Postfix's log:\n%s", p.log())
		}
	})
	master := start(t, filepath.Join(strings.TrimSpace(string(daemons)), "master"), "-c", p.file("conf"), "-d", "-e", "120")
	await(t, "Postfix", func() bool { return master.ended() || strings.Contains(p.log(), "daemon started") })
	if master.ended() {
		t.Fatal("Postfix doesn't start")
	}
	p.read = len(p.log())
	return p
}

// setUp writes its configuration and makes the folders that it wants to find.
func (p *postfix) setUp(t testing.TB, postconf string) {
	t.Helper()
	owner, err := exec.Command(postconf, "-dh", "mail_owner").Output()
	if err != nil {
		t.Fatalf("postconf: %v", err)
	}
	for name, who := range map[string]string{"conf": "root", "queue": "root", "data": strings.TrimSpace(string(owner)), "mail": "nobody"} {
		if err := os.Mkdir(p.file(name), 0o755); err != nil {
			t.Fatal(err)
		}
		uid, gid := ids(t, who)
		if err := os.Chown(p.file(name), uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	nobody, _ := ids(t, "nobody")
	services := p.services(t)
	for name, text := range map[string]string{
		"main.cf":   fmt.Sprintf("home = %s\nmailbox_owner = %d\n%s", p.home, nobody, mainCF),
		"master.cf": services + masterCF,
		"tls.pem":   certificate(t),
	} {
		if err := os.WriteFile(p.file("conf", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// ids is a user of this machine, and the user's group, by number.
func ids(t testing.TB, name string) (uid, gid int) {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(u.Uid, &uid); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(u.Gid, &gid); err != nil {
		t.Fatal(err)
	}
	return uid, gid
}

// services gives each listening service a port.
func (p *postfix) services(t testing.TB) string {
	t.Helper()
	var w strings.Builder
	for name, options := range services {
		p.ports[name] = reserve(t)
		fmt.Fprintf(&w, "%s inet n - n - - smtpd -o syslog_name=%s %s\n", p.ports[name], name, options)
	}
	return w.String()
}

func (p *postfix) file(name ...string) string {
	return filepath.Join(append([]string{p.home}, name...)...)
}

func (p *postfix) log() string {
	text, _ := os.ReadFile(p.file("log")) // there is none at first
	return string(text)
}

// certificate is a key and a certificate for it, for one hour.
func certificate(t testing.TB) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sheet := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"mail.example.net"},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, sheet, sheet, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}) // Postfix wants it first
	return string(append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})...))
}

// order is a mail for all three mailboxes, sent to a service.
func (p *postfix) order(service string) order {
	return order{
		server: p.ports[service], to: "mark@example.com", cc: "joe@example.com, supervisor@example.com",
		subject: "Widget Report", body: `"all is well"`,
	}
}

// said is the log lines of a service about the one conversation that there has
// been since the last call, up to its disconnect.
func (p *postfix) said(t testing.TB, service string) []string {
	t.Helper()
	mine := regexp.MustCompile(`(?m)^.* ` + service + `/smtpd\[\d+\]: (.*)$`)
	var lines []string
	await(t, "disconnect in the log of "+service, func() bool {
		log := p.log()
		lines = nil
		for _, m := range mine.FindAllStringSubmatch(log[p.read:], -1) {
			lines = append(lines, m[1])
		}
		if len(lines) == 0 || !strings.HasPrefix(lines[len(lines)-1], "disconnect from ") {
			return false
		}
		p.read = len(log)
		return true
	})
	return lines
}

// letter is a mail in a mailbox, with what is coded in it decoded.
type letter struct {
	head          mail.Header
	subject, from string
	body          string
}

// box is the mails that a mailbox has, and empties it. It waits until Postfix has
// nothing more to do.
func (p *postfix) box(t testing.TB, user string) []letter {
	t.Helper()
	await(t, "empty queue", func() bool { return p.idle(t) })
	files, err := filepath.Glob(p.file("mail", user, "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	letters := []letter{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		letters = append(letters, read(t, text))
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	return letters
}

// idle tells whether every queue is empty.
func (p *postfix) idle(t testing.TB) bool {
	t.Helper()
	for _, queue := range []string{"maildrop", "incoming", "active", "deferred", "hold", "corrupt"} {
		files := 0
		err := filepath.WalkDir(p.file("queue", queue), func(_ string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files++
			}
			return nil // what has gone meanwhile is no fault
		})
		if err != nil || files > 0 {
			return false
		}
	}
	return true
}

// read reads a mail with the standard library, which is a stranger too. On the way
// it must have been of seven bits, since HELO asks for no more.
func read(t testing.TB, text []byte) letter {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if bytes.ContainsFunc(text, func(r rune) bool { return r > 0x7E }) {
		t.Errorf("it isn't all of seven bits:\n%s", text)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || len(from) != 1 {
		t.Fatalf("From: %v in\n%s", err, text)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatalf("Subject: %v in\n%s", err, text)
	}
	body := m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	switch {
	case m.Header.Get("Content-Type") == "":
	case err != nil || kind != "text/plain" || params["charset"] != "windows-1252":
		t.Fatalf("Content-Type: %v in\n%s", err, text)
	default:
		body = charmap.Windows1252.NewDecoder().Reader(body)
	}
	plain, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("body: %v in\n%s", err, text)
	}
	return letter{m.Header, subject, from[0].String(), string(plain)}
}

//go:build linux

package strangers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/alarm"
)

// TestGatewayBetweenStrangers: swaks, msmtp and smtp-source speak plain SMTP to the
// gateway, and Postfix takes their mail from it with STARTTLS and a login only.
func TestGatewayBetweenStrangers(t *testing.T) {
	t.Parallel()
	clients := []string{tool(t, "swaks"), tool(t, "msmtp"), tool(t, "smtp-source")}
	p, r := startPostfix(t), newRelay(t)
	at := p.serveLogin(t, r)
	for _, login := range []string{"plain", "login", "cram-md5"} {
		t.Run(login, func(t *testing.T) {
			r.write("password", "hunter2\n")
			r.plant("", secureUpstream(at, login))
			r.start()
			defer r.run.stop()
			from := len(p.log())
			devicesSend(t, r.at, clients)
			r.drain(patience)
			arrived(t, p.box(t, "mark"))
			r.run.stop() // which says QUIT
			for _, want := range []string{"starttls=1 auth=1", "TLSv1.3", "sasl_method=" + strings.ToUpper(login) + ", sasl_username=plant@example.com"} {
				await(t, want+" in Postfix's log", func() bool { return strings.Contains(p.log()[from:], want) })
			}
		})
	}
	t.Run("a wrong password", func(t *testing.T) { aWrongPassword(t, p, r, at, clients) })
}

// aWrongPassword holds the mail, whose devices heard 250, and raises one alarm. When a
// person has mended it everything goes out.
func aWrongPassword(t *testing.T, p *postfix, r *relay, at netip.AddrPort, clients []string) {
	r.write("password", "hunter3\n")
	r.plant(`alarm_file = "alarms"`, secureUpstream(at, "plain"))
	r.start()
	defer r.run.stop()
	devicesSend(t, r.at, clients)
	await(t, "refused login", func() bool { return r.status().Upstreams[0].Login })
	if s := r.status(); s.Live != 22 || len(s.Alarms) != 1 || s.Alarms[0].Kind != alarm.LoginRefused {
		t.Errorf("%d messages are queued, want 22, and there are the alarms %+v", s.Live, s.Alarms)
	}
	if text, err := os.ReadFile(filepath.Join(r.dir, "alarms")); err != nil || strings.Count(string(text), string(alarm.LoginRefused)) != 1 {
		t.Errorf("the file of alarms has %q (%v)", text, err)
	}
	r.write("password", "hunter2\n")
	r.drain(patience)
	arrived(t, p.box(t, "mark"))
	if s := r.status(); len(s.Alarms) != 0 {
		t.Errorf("there are still alarms: %+v", s.Alarms)
	}
}

// secureUpstream is an upstream's keys for a server with STARTTLS and a login.
func secureUpstream(at netip.AddrPort, login string) string {
	return fmt.Sprintf("  host = %q\n  port = %d\n  tls = \"starttls\"\n  ca_file = \"ca.pem\"\n  login = %q\n  user = \"plant@example.com\"\n  password_file = \"password\"\n",
		at.Addr(), at.Port(), login)
}

// serveLogin has Postfix serve those who have TLS and log in, and nobody else. The
// gateway gets the certificate to trust.
func (p *postfix) serveLogin(t *testing.T, r *relay) netip.AddrPort {
	t.Helper()
	at, set := reserve(t), tool(t, "saslpasswd2")
	chain, certificate := ownPair(t)
	r.write("ca.pem", certificate)
	if err := os.Mkdir(p.file("conf", "sasl"), 0o755); err != nil {
		t.Fatal(err)
	}
	db := p.file("conf", "sasl", "db")
	for name, text := range map[string]string{
		"login.pem":       chain,
		"sasl/smtpd.conf": "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN CRAM-MD5\nsasldb_path: " + db + "\n",
	} {
		if err := os.WriteFile(p.file("conf", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), set, "-p", "-c", "-f", db, "-u", "example.com", "plant")
	cmd.Stdin = strings.NewReader("hunter2")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("saslpasswd2: %v\n%s", err, out)
	}
	if err := os.Chmod(db, 0o644); err != nil { // smtpd isn't root
		t.Fatal(err)
	}
	f, err := os.OpenFile(p.file("conf", "master.cf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(f, `%s inet n - n - - smtpd -o syslog_name=login -o smtpd_tls_security_level=encrypt -o smtpd_tls_auth_only=yes
  -o smtpd_tls_chain_files=$home/conf/login.pem -o smtpd_tls_loglevel=1 -o smtpd_sasl_auth_enable=yes -o smtpd_sasl_local_domain=example.com
  -o cyrus_sasl_config_path=$home/conf/sasl -o {smtpd_client_restrictions=permit_sasl_authenticated,reject}
`, at)
	if err != nil || f.Close() != nil {
		t.Fatalf("master.cf: %v", err)
	}
	if out, err := exec.CommandContext(t.Context(), tool(t, "postfix"), "-c", p.file("conf"), "reload").CombinedOutput(); err != nil {
		t.Fatalf("postfix reload: %v\n%s", err, out)
	}
	await(t, "service with a login", func() bool { return answers(at) })
	return at
}

// ownPair is a certificate for 127.0.0.1 that is its own authority: behind its key, as
// Postfix wants it, and alone.
func ownPair(t *testing.T) (chain, certificate string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sheet := &x509.Certificate{
		SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
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
	certificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})) + certificate, certificate
}

// devicesSend sends a mail by swaks and one by msmtp, and twenty by smtp-source.
func devicesSend(t *testing.T, at netip.AddrPort, clients []string) {
	t.Helper()
	host, port, err := net.SplitHostPort(at.String())
	if err != nil {
		t.Fatal(err)
	}
	for i, args := range [][]string{
		{"--server", host, "--port", port, "--helo", "printer", "--from", "plc@example.com", "--to", "mark@example.com", "--header", "Subject: by swaks", "--body", ".one\n..\nlast."},
		{"--file=/dev/null", "--host=" + host, "--port=" + port, "--from=plc@example.com", "--tls=off", "--auth=off", "--", "mark@example.com"},
		{"-s", "5", "-m", "20", "-l", "1024", "-f", "plc@example.com", "-t", "mark@example.com", "-S", "by smtp-source", at.String()},
	} {
		cmd := exec.CommandContext(t.Context(), clients[i], args...)
		cmd.Stdin = strings.NewReader("From: plc@example.com\nSubject: by msmtp\n\n.one\n..\nlast.\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", clients[i], err, out)
		}
	}
}

// arrived judges what came of devicesSend.
func arrived(t *testing.T, letters []letter) {
	t.Helper()
	got := map[string]int{}
	for _, l := range letters {
		got[l.subject]++
		if l.subject != "by smtp-source" && strings.TrimRight(l.body, "\n") != ".one\n..\nlast." {
			t.Errorf("%s: body %q", l.subject, l.body)
		}
		if l.head.Get("Date") == "" || l.head.Get("Message-Id") == "" || l.from != "<plc@example.com>" {
			t.Errorf("%s: the header is %v", l.subject, l.head)
		}
		if ours := slices.ContainsFunc(l.head["Received"], func(s string) bool { return strings.Contains(s, "by gateway.example.com") }); !ours {
			t.Errorf("%s: no Received line of the gateway's: %q", l.subject, l.head["Received"])
		}
	}
	if got["by swaks"] != 1 || got["by msmtp"] != 1 || got["by smtp-source"] != 20 || len(letters) != 22 {
		t.Errorf("there came %v", got)
	}
}

// relayRack is a rack whose module's server is the gateway of the same plant file.
const relayRack = `
[[rack]]
name = "line-4"
cpu = "DL06"
program = "line4.rll"
  [[rack.module]]
  slot = 1
  type = "H0-ECOM100"
  servers = ["hap"]
  hap = 0
    [rack.module.email]
    server = "%s"
    port = %d
    sender_address = "plc@example.com"
%s`

// TestGatewayTellsTheController: what became of an ECEMAIL's mail behind the gateway
// stands in V-memory, as rungmail plc reads it over the Host Ethernet protocol.
func TestGatewayTellsTheController(t *testing.T) {
	t.Parallel()
	o, r := openOffice(t), newRelay(t)
	keys := "verdict_wait = \"1s\"\nalarm_file = \"alarms\"\n"
	r.write("plant.toml", fmt.Sprintf(relayRack, r.at.Addr(), r.at.Port(), fmt.Sprintf(relayPlant, keys, r.at, plainUpstream(o.at(), 3))))
	r.write("line4.rll", serviceProgram)
	r.start()
	defer r.run.stop()
	c := controller{t, r, "hap://" + r.address("line-4/slot-1/hap")}
	for _, story := range []struct {
		name   string
		manner manner
		want   outputs
		tell   func(*testing.T)
	}{
		{"taken", wellMannered, ended(0), func(t *testing.T) { r.comes(t, o, 1) }},
		{"refused for good", whenAsked("RCPT", "550 5.1.1 no such mailbox", 0), ended(550), func(t *testing.T) { r.kept(t, 0) }},
		{"refused at the end", whenAsked(".", "554 5.7.1 we think that this is spam", 0), ended(554), func(t *testing.T) { r.kept(t, 0) }},
		{"taken too late", whenAsked(".", "", 2*time.Second), ended(0), func(t *testing.T) { r.comes(t, o, 2) }},
		{"refused too late", whenAsked(".", "550 5.7.1 no", 2*time.Second), ended(0), func(t *testing.T) { r.alarmed(t, alarm.Refused) }},
		{"refused for now", whenAsked("RCPT", "451 4.3.0 not now", 0), ended(0), func(t *testing.T) {
			r.kept(t, 1)
			o.behave(wellMannered)
			r.drain(patience)
			r.comes(t, o, 3)
		}},
	} {
		t.Run(story.name, func(t *testing.T) {
			o.behave(story.manner)
			if got := c.mail(); got != story.want {
				t.Errorf("the box says %+v, want %+v", got, story.want)
			}
			story.tell(t)
		})
	}
}

// whenAsked answers one command so, or that late.
func whenAsked(command, answer string, after time.Duration) manner {
	return func(line string) (string, time.Duration) {
		if verb, _, _ := strings.Cut(line, " "); verb == command {
			return answer, after
		}
		return "", 0
	}
}

// address is where one of the program's servers answers.
func (r *relay) address(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, "state", "addresses.json"))
	if err != nil {
		r.t.Fatal(err)
	}
	list := map[string]string{}
	if err := json.Unmarshal(text, &list); err != nil {
		r.t.Fatal(err)
	}
	return list[name]
}

// comes waits until the server has so many mails, and the gateway none.
func (r *relay) comes(t *testing.T, o *office, want int) {
	t.Helper()
	await(t, "mail", func() bool {
		mails, _ := o.taken()
		return len(mails) >= want && r.status().Live == 0
	})
	if mails, broken := o.taken(); len(mails) != want || len(broken) != 0 {
		t.Errorf("there are %d mails, want %d: %v", len(mails), want, broken)
	}
}

// kept judges how many messages are to be tried again.
func (r *relay) kept(t *testing.T, want int) {
	t.Helper()
	if got := r.status().Live; got != want {
		t.Errorf("%d messages are queued, want %d", got, want)
	}
}

// alarmed waits for an alarm in the file of alarms.
func (r *relay) alarmed(t *testing.T, kind alarm.Kind) {
	t.Helper()
	await(t, "alarm", func() bool {
		text, _ := os.ReadFile(filepath.Join(r.dir, "alarms")) // there may be none yet
		return strings.Contains(string(text), `"`+string(kind)+`"`)
	})
}

// controller is a soft CPU, reached by the program's own commands.
type controller struct {
	t     testing.TB
	relay *relay
	via   string
}

// plc runs one of the commands.
func (c controller) plc(args ...string) string {
	c.t.Helper()
	args = append([]string{"plc"}, append(args, "--via", c.via)...)
	out, err := exec.CommandContext(c.t.Context(), c.relay.program, args...).CombinedOutput()
	if err != nil {
		c.t.Fatalf("rungmail %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// mail has the rung send, and returns what the box says at the end.
func (c controller) mail() (got outputs) {
	c.t.Helper()
	c.plc("write", "C10=1", "--pulse") // no sooner over than the box has begun
	await(c.t, "end of the box", func() bool {
		memory := map[string]int{}
		if err := json.Unmarshal([]byte(c.plc("read", "C0", "C1", "V1401", "--json")), &memory); err != nil {
			c.t.Fatal(err)
		}
		got = outputs{memory["C0"] == 1, memory["C1"] == 1, memory["V1401"]}
		return got.Success || got.Error
	})
	return got
}

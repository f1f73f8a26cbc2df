package upstream

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/secret"
)

// host is a mail server that does what a test wants. What isn't in its script it
// answers as a good server does.
type host struct {
	offers string            // lines of EHLO after the first, with blanks between them; _ is a blank within
	script map[string]string // what to do instead at a verb: see act; greeting, text and final are verbs too
	tls    *tls.Config
	then   func(h *host, verb, line string) (action string, mine bool) // asked before the script

	mu    sync.Mutex
	heard []string // every line outside the text
	texts []string // raw, with the dot
	conns int
	open  int
	most  int // open at once
}

// dial is the Dial of a pool: it makes one end of a pipe.
func (h *host) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	h.mu.Lock()
	h.conns++
	h.open++
	h.most = max(h.most, h.open)
	h.mu.Unlock()
	go h.serve(theirs)
	return &counted{Conn: ours, host: h}, nil
}

// counted is a connection that is open until its owner closes it.
type counted struct {
	net.Conn
	host *host
	once sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() {
		c.host.mu.Lock()
		defer c.host.mu.Unlock()
		c.host.open--
	})
	return c.Conn.Close()
}

// listen serves on a port of this machine until the test ends.
func (h *host) listen(t testing.TB) (port uint16) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go h.serve(c)
		}
	}()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

func (h *host) note(line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard = append(h.heard, line)
}

func (h *host) scripted(verb string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.script[verb]
}

// mend makes it do something else from now on; with nothing, all well.
func (h *host) mend(script map[string]string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.script = script
}

// said is the lines heard so far.
func (h *host) said() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.heard, "\n")
}

func (h *host) count() (conns, most int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.conns, h.most
}

func (h *host) serve(c net.Conn) {
	defer c.Close()
	v := &visit{host: h, conn: c, in: bufio.NewReader(c)}
	if !v.act("greeting", "", "220 mail.example.net ready\r\n") {
		return
	}
	for v.command() {
	}
}

// visit is one connection to a host.
type visit struct {
	*host
	conn   net.Conn
	in     *bufio.Reader
	secure bool
}

// act answers, or does what the script says: "close", "stall", or other bytes to send
// as they are; "X then close" sends X first, and "X then drain" listens on, and "X then deaf" doesn't. It is false when the connection is over.
func (v *visit) act(verb, line, usual string) bool {
	action, mine := "", false
	if v.then != nil {
		action, mine = v.then(v.host, verb, line)
	}
	if !mine {
		action = v.scripted(verb)
		mine = action != ""
	}
	if !mine {
		action = usual
	}
	action, closes := strings.CutSuffix(action, " then close")
	action, deaf := strings.CutSuffix(action, " then deaf")
	action, drains := strings.CutSuffix(action, " then drain")
	switch action {
	case "close":
		return false
	case "stall":
		_, _ = io.Copy(io.Discard, v.in)
		return false
	}
	if _, err := io.WriteString(v.conn, action); err != nil {
		return false
	}
	if deaf {
		<-time.After(time.Hour)
	}
	if drains {
		_, _ = io.Copy(io.Discard, v.in)
	}
	if closes || drains || deaf {
		return false
	}
	return !strings.HasPrefix(action, "421")
}

func (v *visit) command() bool {
	line, err := v.in.ReadString('\n')
	if err != nil {
		return false
	}
	line = strings.TrimRight(line, "\r\n")
	v.note(line)
	verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
	switch verb {
	case "EHLO":
		return v.act(verb, line, v.hello())
	case "STARTTLS":
		return v.act(verb, line, "220 go ahead\r\n") && v.handshake()
	case "AUTH":
		return v.act(verb, line, "235 welcome\r\n")
	case "DATA":
		a := v.scripted(verb)
		return v.act(verb, line, "354 go on\r\n") && (a != "" && !strings.HasPrefix(a, "354") || v.text())
	case "QUIT":
		v.act(verb, line, "221 bye\r\n")
		return false
	}
	return v.act(verb, line, "250 ok\r\n")
}

func (v *visit) hello() string {
	lines := append([]string{"mail.example.net"}, strings.Fields(v.offers)...)
	if v.tls != nil && !v.secure {
		lines = append(lines, "STARTTLS")
	}
	var b strings.Builder
	for i, l := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		b.WriteString("250" + sep + strings.ReplaceAll(l, "_", " ") + "\r\n")
	}
	return b.String()
}

func (v *visit) handshake() bool {
	if v.tls == nil {
		return true
	}
	c := tls.Server(v.conn, v.tls)
	if c.Handshake() != nil {
		return false
	}
	v.conn, v.in, v.secure = c, bufio.NewReader(c), true
	return true
}

func (v *visit) text() bool {
	if v.scripted("text") != "" {
		return v.act("text", "", "")
	}
	var text strings.Builder
	for {
		line, err := v.in.ReadString('\n')
		if err != nil {
			v.keep(text.String() + "(cut)")
			return false
		}
		text.WriteString(line)
		if line == ".\r\n" {
			v.keep(text.String())
			return v.act("final", "", "250 2.0.0 taken\r\n")
		}
	}
}

func (v *visit) keep(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.texts = append(v.texts, text)
}

// config is an upstream without TLS at a host.
func config() Config {
	return Config{Name: "office", Host: "mail.example.net", Port: 25, TLS: Plain, Helo: "gw.example.com", Connections: 1, Idle: time.Minute}
}

// pool is a pool on a host, closed with the test.
func (h *host) pool(t testing.TB, c Config) *Pool {
	t.Helper()
	p, err := New(c, Options{Dial: h.dial})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// overTCP is a pool on a host at a port of this machine: TLS needs the room that a
// socket has, where both sides speak at once.
func (h *host) overTCP(t testing.TB, c Config) *Pool {
	t.Helper()
	p, at := h.pool(t, c), net.JoinHostPort("127.0.0.1", strconv.Itoa(int(h.listen(t))))
	p.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, at)
	}
	return p
}

func addr(t testing.TB, s string) mailaddr.Address {
	t.Helper()
	a, err := mailaddr.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// note is a small message.
func note(t testing.TB, to ...string) Message {
	t.Helper()
	m := Message{From: addr(t, "plc@example.com"), Size: 30, Open: content("Subject: hi\r\n\r\n.all is well\r\n")}
	if len(to) == 0 {
		to = []string{"mark@example.com"}
	}
	for _, a := range to {
		m.To = append(m.To, addr(t, a))
	}
	return m
}

func content(text string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

// fault is the error of a Send, which must be an *Error.
func fault(t testing.TB, err error) *Error {
	t.Helper()
	e, ok := err.(*Error)
	if !ok {
		t.Fatalf("got %T %v; want an *Error", err, err)
	}
	return e
}

func password(text string) func() (secret.Text, error) {
	return func() (secret.Text, error) { return secret.New(text), nil }
}

// authority is one that makes certificates for a test.
type authority struct {
	t    testing.TB
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	file string // its certificate in PEM
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sheet := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Works CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, sheet, sheet, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{t: t, key: key, cert: cert}
	a.file = a.write("ca.pem", "CERTIFICATE", der)
	return a
}

func (a *authority) write(name, kind string, der []byte) string {
	a.t.Helper()
	path := filepath.Join(a.t.TempDir(), name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return path
}

// issue makes a certificate for a name, good until then.
func (a *authority) issue(name string, until time.Time) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	sheet := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		sheet.DNSNames, sheet.IPAddresses = nil, []net.IP{ip}
	}
	der, err := x509.CreateCertificate(rand.Reader, sheet, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// files is a certificate and its key as files.
func (a *authority) files(c tls.Certificate) (cert, key string) {
	a.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write("cert.pem", "CERTIFICATE", c.Certificate[0]), a.write("key.pem", "PRIVATE KEY", der)
}

// good is a server's TLS with a certificate for its name.
func (a *authority) good() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{a.issue("mail.example.net", time.Now().Add(time.Hour))}}
}

var errTest = errors.New("the disk is on fire")

// trickle is a dial to a server that says one byte each minute.
func (h *host) trickle(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		for {
			if _, err := theirs.Write([]byte{'2'}); err != nil {
				return
			}
			<-time.After(time.Minute)
		}
	}()
	return ours, nil
}

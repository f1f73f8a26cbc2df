package intake

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// patience is how long a test on TCP waits for anything.
const patience = 20 * time.Second

// certificate is one of our own, for a key.
func certificate(t testing.TB, key crypto.Signer) *tls.Config {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func rsaCertificate(t testing.TB) *tls.Config {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return certificate(t, key)
}

// listen begins a server on TCP, and ends it with the test.
func listen(t testing.TB, config Config, mode TLS, certificates *tls.Config) (*Server, string) {
	t.Helper()
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- s.Serve(ctx, Listener{Listener: l, TLS: mode, Certificates: certificates}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	return s, l.Addr().String()
}

func dialFrom(t *testing.T, local, addr string) *client {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(local)}, Timeout: patience}
	c, err := d.Dial("tcp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { c.Close() })
	return &client{c, t, bufio.NewReader(c)}
}

// handshake makes a TLS connection of a plain one.
func (c *client) handshake(config *tls.Config) (*client, error) {
	config.InsecureSkipVerify = true
	secured := tls.Client(c.Conn, config)
	if err := secured.Handshake(); err != nil {
		return nil, err
	}
	return &client{secured, c.t, bufio.NewReader(secured)}, nil
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	end := time.Now().Add(patience)
	for !is() {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
		pause(t.Context(), time.Millisecond)
	}
}

func TestTLSOfBothKinds(t *testing.T) {
	certificates := rsaCertificate(t)
	for _, mode := range []TLS{StartTLS, Implicit} {
		t.Run(string(mode), func(t *testing.T) {
			h := newHouse()
			s, addr := listen(t, h.config(), mode, certificates)
			c := dialFrom(t, "127.0.0.1", addr)
			if mode == StartTLS {
				c.say("", "220")
				c.say("HELO before\nMAIL FROM:<a@b>\nSTARTTLS", "250", "250", "220 2.0.0")
			}
			c, err := c.handshake(&tls.Config{})
			if err != nil {
				t.Fatal(err)
			}
			if mode == Implicit {
				c.say("", "220")
			}
			c.say("MAIL FROM:<a@b>", "503 5.5.1 say HELO")
			c.say("HELO plc\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA", "250", "250", "250", "354")
			c.say("Subject: x\n\n"+strings.Repeat("text\n", 10_000)+".", "250 2.0.0 queued")
			c.say("QUIT", "221")
			c.shut()
			if m := h.got(); len(m) != 1 || m[0].TLS != "TLS 1.3 TLS_AES_128_GCM_SHA256" || len(m[0].body) != 60_000 {
				t.Errorf("%d messages", len(m))
			}
			eventually(t, "the end is counted", func() bool { return s.Counts().Ends[Quit] == 1 })
		})
	}
}

// TestSTARTTLSInjection: what stands behind STARTTLS in the same packet is no command,
// inside TLS or out of it.
func TestSTARTTLSInjection(t *testing.T) {
	h := newHouse()
	var log bytes.Buffer
	config := h.config()
	config.Log = slog.New(slog.NewTextHandler(&log, nil))
	s, addr := listen(t, config, StartTLS, rsaCertificate(t))
	c := dialFrom(t, "127.0.0.1", addr)
	c.say("", "220")
	c.say("HELO plc\nSTARTTLS\nMAIL FROM:<eve@example.com>\nRCPT TO:<mark@example.com>\nDATA", "250", "503 5.5.1 commands before the handshake")
	c.shut()
	eventually(t, "it is counted", func() bool { return s.Counts().Ends[Injected] == 1 })
	if !strings.Contains(log.String(), "commands before the handshake") {
		t.Error("it isn't logged")
	}

	// bytes that come a moment later are the handshake's, which they break
	c = dialFrom(t, "127.0.0.1", addr)
	c.say("", "220")
	c.say("HELO plc\nSTARTTLS", "250", "220")
	c.raw("MAIL FROM:<eve@example.com>\r\n")
	eventually(t, "the handshake fails", func() bool { return s.Counts().Ends[NoHandshake] == 1 })
	if len(h.got()) != 0 {
		t.Error("it was taken")
	}
}

// TestOldTLS: a device that is allowed it, by its address, has TLS 1.0 and RSA key
// exchange; no other has.
func TestOldTLS(t *testing.T) {
	old := func() *tls.Config {
		return &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}}
	}
	older := func() *tls.Config {
		return &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11, CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}}
	}
	kx := func() *tls.Config {
		return &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}}
	}
	rc4 := func() *tls.Config {
		return &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA}}
	}
	certificates := rsaCertificate(t)
	for _, mode := range []TLS{StartTLS, Implicit} {
		h := newHouse()
		h.devices["127.0.0.2"] = &device.Device{Name: "old-panel", OldTLS: true}
		_, addr := listen(t, h.config(), mode, certificates)
		for _, tc := range []struct {
			name, from string
			config     func() *tls.Config
			want       bool
		}{
			{"1.0", "127.0.0.2", old, true},
			{"1.1", "127.0.0.2", older, true},
			{"RSA", "127.0.0.2", kx, true},
			{"RC4", "127.0.0.2", rc4, false},
			{"of today", "127.0.0.2", func() *tls.Config { return &tls.Config{} }, true},
			{"1.0", "127.0.0.1", old, false},
			{"1.1", "127.0.0.1", older, false},
			{"RSA", "127.0.0.1", kx, false},
			{"1.0", "127.0.0.3", old, false}, // a stranger
		} {
			c := dialFrom(t, tc.from, addr)
			if mode == StartTLS && tc.from != "127.0.0.3" {
				c.say("", "220")
				c.say("HELO plc\nSTARTTLS", "250", "220")
			}
			c, err := c.handshake(tc.config())
			if (err == nil) != tc.want {
				t.Errorf("%s, %s from %s: %v", mode, tc.name, tc.from, err)
			}
			if err == nil && mode == Implicit {
				c.say("", "220")
			}
		}
	}
}

func TestOldTLSNeedsAnRSACertificate(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSecurity(Implicit, certificate(t, key))
	if err != nil || s.old != nil || s.of(&device.Device{OldTLS: true}) != s.modern {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestAListenerThatIsWrong(t *testing.T) {
	s, err := New(newHouse().config())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []Listener{{TLS: StartTLS}, {TLS: Implicit, Certificates: &tls.Config{}}, {TLS: "sometimes"}} {
		if l.Listener, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		if err := s.Serve(t.Context(), l); err == nil {
			t.Errorf("%s is served", l.TLS)
		}
		if _, err := l.Accept(); err == nil {
			t.Error("the listener is open")
		}
	}
}

// TestLastWordsAreRead: a client that is still sending hears why it was cut off, and no
// reset.
func TestLastWordsAreRead(t *testing.T) {
	_, addr := listen(t, newHouse().config(), Off, nil)
	c := dialFrom(t, "127.0.0.1", addr)
	c.text()
	if _, err := c.Write([]byte("Subject: x\r\n\r\nbad\nline" + strings.Repeat("text\r\n", 50_000))); err != nil {
		t.Fatal(err)
	}
	c.say("", "554 5.6.0 stray LF")
	c.shut()
}

// TestWrongProtocolsToThePort: closed at once, and counted.
func TestWrongProtocolsToThePort(t *testing.T) {
	h := newHouse()
	s, addr := listen(t, h.config(), Off, nil)
	c := dialFrom(t, "127.0.0.1", addr)
	c.raw("POST / HTTP/1.1\r\nHost: x\r\n\r\nHELO plc\r\nMAIL FROM:<a@b>\r\n")
	eventually(t, "HTTP", func() bool { return s.Counts().Ends[HTTP] == 1 })
	c = dialFrom(t, "127.0.0.1", addr)
	if _, err := c.handshake(&tls.Config{}); err == nil {
		t.Error("TLS on the plain port")
	}
	eventually(t, "TLS", func() bool { return s.Counts().Ends[TLSOnPlain] == 1 })
}

// TestTenThousandQuickConnections: they are bounded, devices' places are kept, and
// nothing of them is left.
func TestTenThousandQuickConnections(t *testing.T) {
	total := 10_000
	if testing.Short() {
		total = 1000
	}
	h := newHouse()
	delete(h.devices, "127.0.0.1")
	h.devices["127.0.0.2"] = &device.Device{Name: "line-4-plc"}
	var mu sync.Mutex
	lines := 0
	config := h.config()
	config.Limits = Limits{MaxConnections: 40, MaxStrangers: 10}
	config.Log = slog.New(counting{&mu, &lines})
	s, addr := listen(t, config, Off, nil)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for range total / 50 {
				c, err := net.Dial("tcp4", addr)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = c.Write([]byte("HELO x\r\n"))
				_ = c.(*net.TCPConn).SetLinger(0)
				c.Close()
			}
		})
	}
	c := dialFrom(t, "127.0.0.2", addr) // a device meanwhile
	for range 20 {
		c.text2(t)
	}
	wg.Wait()
	c.say("QUIT", "221")
	eventually(t, "all are gone", func() bool { return s.Counts().Open == 0 })
	n := s.Counts()
	if n.Connections < uint64(total)*9/10 || n.Taken != 20 { // one that was reset before it was accepted doesn't count
		t.Errorf("%+v", n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.from) != 0 || s.strangers != 0 || len(s.said) > 1000 {
		t.Errorf("left: %v, %d, %d", s.from, s.strangers, len(s.said))
	}
	mu.Lock()
	defer mu.Unlock()
	if lines > 10 {
		t.Errorf("%d lines in the log", lines)
	}
}

// text2 sends one message of many.
func (c *client) text2(t *testing.T) {
	t.Helper()
	if c.r.Buffered() == 0 {
		c.raw("NOOP\r\n")
	}
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, "250 2.0.0 ok") {
			break
		}
	}
	c.say("HELO plc\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA", "250", "250", "250", "354")
	c.say("Subject: x\n\nx\n.", "250 2.0.0 queued")
}

// counting counts what is logged over debug.
type counting struct {
	mu *sync.Mutex
	n  *int
}

func (c counting) Enabled(_ context.Context, l slog.Level) bool { return l > slog.LevelDebug }
func (c counting) WithAttrs([]slog.Attr) slog.Handler           { return c }
func (c counting) WithGroup(string) slog.Handler                { return c }
func (c counting) Handle(context.Context, slog.Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	*c.n++
	return nil
}

// TestAFullDiskIsSaidAtOnce: 452 at MAIL, over a real connection.
func TestAFullDiskIsSaidAtOnce(t *testing.T) {
	h := newHouse()
	h.room = outbox.ErrFull
	_, addr := listen(t, h.config(), Off, nil)
	c := dialFrom(t, "127.0.0.1", addr)
	c.say("", "220")
	c.say("HELO plc\nMAIL FROM:<a@b>", "250", "452 4.3.1")
}

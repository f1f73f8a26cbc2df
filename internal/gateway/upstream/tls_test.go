package upstream

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// secured is an upstream with TLS and a login, at a host with a certificate of ca.
func secured(ca *authority, kind TLS) Config {
	c := config()
	c.TLS, c.CAFile, c.Login, c.User, c.Password = kind, ca.file, LoginPlain, "plant", password("hunter2")
	return c
}

func TestTLSIsWhatItSays(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	h := &host{offers: "AUTH_PLAIN", tls: ca.good()}
	res, err := h.overTCP(t, secured(ca, StartTLS)).Send(t.Context(), note(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := "TLS 1.3, TLS_"; !strings.HasPrefix(res.TLS, want) {
		t.Errorf("got TLS %q; want %q...", res.TLS, want)
	}
	if got := strings.Count(h.said(), "EHLO gw.example.com"); got != 2 {
		t.Errorf("%d times EHLO in\n%s", got, h.said())
	}
}

func TestImplicitTLS(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	h := &host{offers: "AUTH_PLAIN"}
	p := h.overTCP(t, secured(ca, Implicit))
	p.dial = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go h.serve(tls.Server(theirs, ca.good()))
		return ours, nil
	}
	if res, err := p.Send(t.Context(), note(t)); err != nil || res.TLS == "" {
		t.Errorf("got TLS %q, %v", res.TLS, err)
	}
	if strings.Contains(h.said(), "STARTTLS") {
		t.Error("STARTTLS over TLS")
	}
}

// TestStrippedSTARTTLSSendsNothing: someone in between took it out of the answer.
func TestStrippedSTARTTLSSendsNothing(t *testing.T) {
	t.Parallel()
	h := &host{offers: "AUTH_PLAIN PIPELINING"}
	_, err := h.overTCP(t, secured(newAuthority(t), StartTLS)).Send(t.Context(), note(t))
	if e := fault(t, err); !errors.Is(e, ErrNoTLS) || e.Step != StepTLS || e.Message || e.Permanent {
		t.Errorf("got %+v", e)
	}
	if h.said() != "EHLO gw.example.com" {
		t.Errorf("it heard\n%s", h.said())
	}
}

// TestOldServerIsNoWayRoundTLS: one that doesn't know EHLO can't offer STARTTLS, also
// where its answer to HELO looks so.
func TestOldServerIsNoWayRoundTLS(t *testing.T) {
	t.Parallel()
	h := &host{script: map[string]string{"EHLO": "502 what\r\n", "HELO": "250-hello\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"}}
	_, err := h.overTCP(t, secured(newAuthority(t), StartTLS)).Send(t.Context(), note(t))
	if e := fault(t, err); !errors.Is(e, ErrNoTLS) {
		t.Errorf("got %+v", e)
	}
}

// TestResponseInjection is CVE-2021-38371: what stands between the answer to STARTTLS
// and the handshake would be taken for an answer that TLS protects.
func TestResponseInjection(t *testing.T) {
	t.Parallel()
	for _, injected := range []string{"250 I am the server\r\n", "2", "250-AUTH LOGIN\r\n250 x\r\n"} {
		ca := newAuthority(t)
		h := &host{tls: ca.good(), script: map[string]string{"STARTTLS": "220 go\r\n" + injected}}
		_, err := h.overTCP(t, secured(ca, StartTLS)).Send(t.Context(), note(t))
		if e := fault(t, err); !errors.Is(e, ErrOutOfStep) || e.Step != StepTLS || e.Message {
			t.Errorf("got %+v", e)
		}
		if strings.Contains(h.said(), "MAIL") || strings.Count(h.said(), "EHLO") != 1 {
			t.Errorf("it heard\n%s", h.said())
		}
	}
}

// TestOffersBeforeTLSAreForgotten (RFC 3207 section 4.2).
func TestOffersBeforeTLSAreForgotten(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	h := &host{tls: ca.good()}
	h.then = func(h *host, verb, _ string) (string, bool) {
		if verb == "EHLO" && !strings.Contains(h.said(), "STARTTLS") {
			return "250-x\r\n250-STARTTLS\r\n250-SMTPUTF8\r\n250 PIPELINING\r\n", true
		}
		return "", false
	}
	c := secured(ca, StartTLS)
	c.Login = NoLogin
	p := h.overTCP(t, c)
	if _, err := p.Send(t.Context(), note(t)); err != nil {
		t.Fatal(err)
	}
	if yes, known := p.UTF8(); yes || !known {
		t.Errorf("UTF8: %v, known %v", yes, known)
	}
}

// TestCertificates: what is wrong with one costs the connection, and no login goes out.
func TestCertificates(t *testing.T) {
	t.Parallel()
	ca, other := newAuthority(t), newAuthority(t)
	good := ca.issue("mail.example.net", time.Now().Add(time.Hour))
	leaf, err := x509.ParseCertificate(good.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	sum := keySum(leaf)
	right := "sha256/" + base64.StdEncoding.EncodeToString(sum[:])
	wrong := "sha256/" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, r := range []struct {
		name, ca, pin string
		cert          tls.Certificate
		want          string // in the error; empty for none
	}{
		{"good", ca.file, "", good, ""},
		{"good with its pin", ca.file, right, good, ""},
		{"good with another pin", ca.file, wrong, good, "isn't the one that is pinned"},
		{"the pin doesn't replace the chain", other.file, right, good, "unknown authority"},
		{"of a company, with the system's authorities", "", "", good, "unknown authority"},
		{"of another company", other.file, "", good, "unknown authority"},
		{"for another name", ca.file, "", ca.issue("www.example.net", time.Now().Add(time.Hour)), "not mail.example.net"},
		{"expired", ca.file, "", ca.issue("mail.example.net", time.Now().Add(-time.Minute)), "expired"},
		{"not yet valid", ca.file, "", ca.issue("mail.example.net", time.Now().Add(72*time.Hour)), "not yet valid"},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			h := &host{offers: "AUTH_PLAIN", tls: &tls.Config{Certificates: []tls.Certificate{r.cert}}}
			c := secured(ca, StartTLS)
			c.CAFile, c.Pin = r.ca, r.pin
			_, err := h.overTCP(t, c).Send(t.Context(), note(t))
			if r.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if e := fault(t, err); e.Step != StepTLS || e.Message || e.Permanent || !strings.Contains(err.Error(), r.want) {
				t.Errorf("got %+v; want %q", e, r.want)
			}
			if strings.Contains(h.said(), "AUTH") || strings.Contains(h.said(), "MAIL") {
				t.Errorf("it heard\n%s", h.said())
			}
		})
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	conf := ca.good()
	conf.MinVersion, conf.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	h := &host{tls: conf}
	_, err := h.overTCP(t, secured(ca, StartTLS)).Send(t.Context(), note(t))
	if e := fault(t, err); e.Step != StepTLS || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("got %v", err)
	}
}

// TestClientCertificate: a server that asks for one gets it; without one it hangs up.
func TestClientCertificate(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	conf := ca.good()
	conf.ClientAuth, conf.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	conf.ClientCAs.AddCert(ca.cert)
	h := &host{offers: "AUTH_PLAIN", tls: conf}
	c := secured(ca, StartTLS)
	if _, err := h.overTCP(t, c).Send(t.Context(), note(t)); fault(t, err).Message {
		t.Errorf("got %v", err)
	}
	c.ClientCert, c.ClientKey = ca.files(ca.issue("gw.example.com", time.Now().Add(time.Hour)))
	if _, err := h.overTCP(t, c).Send(t.Context(), note(t)); err != nil {
		t.Error(err)
	}
}

// TestHostileCertificateNames don't reach a log as they are, nor all of them.
func TestHostileCertificateNames(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	evil := ca.issue(strings.Repeat("\x1b[2Jevil\r\n", 500), time.Now().Add(time.Hour))
	h := &host{tls: &tls.Config{Certificates: []tls.Certificate{evil}}}
	res, err := h.overTCP(t, secured(ca, StartTLS)).Send(t.Context(), note(t))
	if text := fault(t, err).Error(); strings.ContainsAny(text, "\x1b\r\n") || len(text) > 2*maxText {
		t.Errorf("got %q", text)
	}
	quietEvents(t, res)
}

// TestBadSetUps are found before the first connection.
func TestBadSetUps(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*Config){
		"host is missing":              func(c *Config) { c.Host = "" },
		"port is missing":              func(c *Config) { c.Port = 0 },
		`"opportunistic" is none of`:   func(c *Config) { c.TLS = "opportunistic" },
		`"ntlm" is none of`:            func(c *Config) { c.Login = "ntlm" },
		"needs a password":             func(c *Config) { c.Login, c.User = LoginCRAM, "u" },
		"needs a way to get tokens":    func(c *Config) { c.Login, c.User = LoginXOAUTH2, "u" },
		"needs a user":                 func(c *Config) { c.Login, c.Password = LoginPlain, password("x") },
		"ca_file: ":                    func(c *Config) { c.TLS, c.CAFile = StartTLS, "nowhere.pem" },
		"set both or neither":          func(c *Config) { c.TLS, c.ClientCert = StartTLS, "cert.pem" },
		"client_cert and client_key: ": func(c *Config) { c.TLS, c.ClientCert, c.ClientKey = StartTLS, "a", "b" },
		"pin: ":                        func(c *Config) { c.TLS, c.Pin = StartTLS, "sha256/abc" },
		"helo: ":                       func(c *Config) { c.Helo = "two words" },
	} {
		c := config()
		spoil(&c)
		if _, err := New(c, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %q", err, want)
		}
	}
}

// TestNothingInClear reads what goes over the wire before TLS, byte by byte.
func TestNothingInClear(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	p := (&host{}).pool(t, secured(ca, StartTLS))
	clear := make(chan string, 1)
	p.dial = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			in, text := bufio.NewReader(theirs), ""
			for _, answer := range []string{"220 x\r\n", "250-x\r\n250-PIPELINING\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n", "454 no TLS today\r\n"} {
				_, _ = io.WriteString(theirs, answer)
				line, _ := in.ReadString('\n')
				text += line
			}
			clear <- text
		}()
		return ours, nil
	}
	_, err := p.Send(t.Context(), note(t))
	if e := fault(t, err); e.Reply.Code != 454 || e.Step != StepTLS || e.Permanent {
		t.Errorf("got %+v", e)
	}
	if got, want := <-clear, "EHLO gw.example.com\r\nSTARTTLS\r\n"; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
}

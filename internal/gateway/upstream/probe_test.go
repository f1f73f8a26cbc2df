package upstream

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// probed is what a probe says, a line a step.
func probed(t *testing.T, p *Pool, asked Probing) (text string, good bool) {
	t.Helper()
	asked.Lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
		if host == "nowhere.example.net" {
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		}
		return []netip.Addr{netip.MustParseAddr("192.0.2.25")}, nil
	}
	good = p.Probe(t.Context(), asked, func(f Finding) {
		text += fmt.Sprintln(f.Name, f.OK, f.Text)
		if !f.OK && (f.Why == "" || f.Fix == "" || f.Whose == "") {
			t.Errorf("%s isn't explained: %+v", f.Name, f)
		}
	})
	return text, good
}

func TestAProbeWalksTheWholeWay(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	h := &host{offers: "SIZE AUTH_PLAIN", tls: ca.good()}
	h.script = map[string]string{"greeting": "220 mail.example.net ESMTP Exim 4.96 " + time.Now().UTC().Format(time.RFC1123Z) + "\r\n"}
	p := h.overTCP(t, secured(ca, StartTLS))
	got, good := probed(t, p, Probing{Sender: addr(t, "plc@example.com"), Recipient: addr(t, "mark@example.com")})
	for _, want := range []string{
		"name true mail.example.net is 192.0.2.25", "route true from ", "connection true 127.0.0.1:", "greeting true 220 ", "EHLO true it offers",
		"TLS true TLS 1.3, TLS_", "certificate true for mail.example.net, by Works CA, until ", "login true plant by plain",
		"sender true 250", "recipient true 250", "clock true ours is ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if !good || !strings.HasSuffix(h.said(), "RSET\nQUIT") || strings.Contains(h.said(), "DATA") {
		t.Errorf("good %v, it heard\n%s", good, h.said())
	}
}

// TestAProbeSaysWhatIsWrong, and goes no further than it can.
func TestAProbeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	expired := &tls.Config{Certificates: []tls.Certificate{ca.issue("mail.example.net", time.Now().Add(-time.Minute))}}
	foreign := &tls.Config{Certificates: []tls.Certificate{newAuthority(t).issue("mail.example.net", time.Now().Add(time.Hour))}}
	for _, r := range []struct {
		name, host string
		tls        *tls.Config
		script     map[string]string
		want       string // the last step
	}{
		{"no name", "nowhere.example.net", ca.good(), nil, "name false lookup nowhere.example.net: no such host"},
		{"turned away", "mail.example.net", ca.good(), map[string]string{"greeting": "554 5.7.1 not you\r\n"}, "greeting false 554 5.7.1 not you"},
		{"no TLS", "mail.example.net", nil, nil, "TLS false the server offers no STARTTLS"},
		{"expired", "mail.example.net", expired, nil, "certificate false x509: certificate has expired"},
		{"foreign", "mail.example.net", foreign, nil, "certificate false x509: certificate signed by unknown authority"},
		{"another name", "smtp.example.net", ca.good(), nil, "certificate false x509: certificate is valid for mail.example.net, not smtp.example.net"},
		{"login", "mail.example.net", ca.good(), map[string]string{"AUTH": "535 5.7.8 wrong\r\n"}, "login false 535 5.7.8 wrong"},
		{"recipient", "mail.example.net", ca.good(), map[string]string{"RCPT": "550 5.1.1 who\r\n"}, "recipient false 550 5.1.1 who"},
		{"sender", "mail.example.net", ca.good(), map[string]string{"MAIL": "550 5.7.60 not as him\r\n"}, "sender false 550 5.7.60 not as him"},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			h := &host{offers: "AUTH_PLAIN", tls: r.tls, script: r.script}
			c := secured(ca, StartTLS)
			c.Host = r.host
			got, good := probed(t, h.overTCP(t, c), Probing{Sender: addr(t, "plc@example.com"), Recipient: addr(t, "mark@example.com")})
			got, _, _ = strings.Cut(got, "clock ")
			steps := strings.Split(strings.TrimSpace(got), "\n")
			if last := steps[len(steps)-1]; good || !strings.HasPrefix(last, r.want) {
				t.Errorf("good %v, got %q; want %q", good, last, r.want)
			}
		})
	}
}

func TestDatesInGreetings(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for _, text := range []string{
		"mail ESMTP Exim 4.98 Fri, 20 Nov 2026 11:00:00 +0100",
		"mail ESMTP Sendmail 8.18.1/8.18.1; Fri, 20 Nov 2026 10:00:00 GMT",
		"mail Microsoft ESMTP MAIL Service ready at Fri, 20 Nov 2026 10:00:00 +0000 [a.b]",
	} {
		if got, ok := dated(text); !ok || !got.Equal(want) {
			t.Errorf("%s: got %v, %v", text, got, ok)
		}
	}
	if _, ok := dated("mail.example.net ESMTP Postfix, Fri, the day"); ok {
		t.Error("a date in nothing")
	}
}

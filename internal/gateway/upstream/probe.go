package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// Finding is one step of a [Pool.Probe], and what is wrong there.
type Finding struct {
	Name  string      `json:"name"` // name, route, connection, greeting, EHLO, TLS, certificate, login, sender, recipient or clock
	OK    bool        `json:"ok"`
	Text  string      `json:"text"`  // what was seen, on one printable line
	Why   string      `json:"why"`   // what that means; empty where all is well
	Fix   string      `json:"fix"`   // what to do; also where something will go wrong soon
	Whose reply.Owner `json:"whose"` // who can do it
}

// Probing is what a probe asks besides what every Send does.
type Probing struct {
	Sender    mailaddr.Address // for MAIL; zero leaves it and the recipient out
	Recipient mailaddr.Address // for RCPT; zero leaves it out
	Lookup    func(ctx context.Context, host string) ([]netip.Addr, error)
}

// probe is a probe under way.
type probe struct {
	*Pool
	Probing
	report func(Finding)
	trace  *trace
}

// Probe walks the way that a message goes, on a connection of its own, and reports
// each step as it was taken. It sends no message. It ends at the first step without
// which there is no next, and tells whether all is well.
func (p *Pool) Probe(ctx context.Context, asked Probing, report func(Finding)) bool {
	if asked.Lookup == nil {
		asked.Lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	w := &probe{Pool: p, Probing: asked, report: report, trace: &trace{now: p.now}}
	if !w.name(ctx) || !w.route(ctx) {
		return false
	}
	s, err := p.connect(ctx, w.trace)
	if !w.step("connection", err, func() string { return s.raw.RemoteAddr().String() }) {
		return false
	}
	defer context.AfterFunc(ctx, func() { s.raw.SetDeadline(time.Unix(1, 0)) })()
	good := w.walk(ctx, s)
	if s.broken {
		s.close()
	} else {
		s.quit()
	}
	return good
}

// step reports a step by its error.
func (w *probe) step(name string, err error, seen func() string) bool {
	if err == nil {
		w.report(Finding{Name: name, OK: true, Text: printable(seen())})
		return true
	}
	text := err.Error()
	if e, ok := errors.AsType[*Error](err); ok {
		text = strings.TrimPrefix(text, e.Upstream+": "+string(e.Step)+": ")
	}
	x := reply.Explainer{Now: w.now()}.Explain(text)
	f := Finding{Name: name, Text: printable(text), Why: x.Meaning}
	if len(x.Fixes) > 0 {
		f.Fix, f.Whose = x.Fixes[0].Text, x.Fixes[0].Owner
	}
	w.report(f)
	return false
}

// name looks the host's name up.
func (w *probe) name(ctx context.Context) bool {
	if ip, err := netip.ParseAddr(w.conf.Host); err == nil {
		return w.step("name", nil, func() string { return ip.String() + " is an address: there is no name to look up" })
	}
	ctx, cancel := context.WithTimeout(ctx, w.conf.Timeouts.Connect)
	defer cancel()
	found, err := w.Lookup(ctx, w.conf.Host)
	return w.step("name", err, func() string { return w.conf.Host + " is " + list(found) })
}

// route asks the system which way it would take, which sends nothing.
func (w *probe) route(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, w.conf.Timeouts.Connect)
	defer cancel()
	conn, err := w.dial(ctx, "udp", w.address())
	if err == nil {
		defer conn.Close()
	}
	return w.step("route", err, func() string { return "from " + conn.LocalAddr().String() + " to " + conn.RemoteAddr().String() })
}

// walk takes the steps of a conversation.
func (w *probe) walk(ctx context.Context, s *session) bool {
	kind := w.conf.TLS
	if kind == Implicit && !w.secure(ctx, s, s.secure) {
		return false
	}
	greeting, err := s.greeting(ctx)
	if !w.step("greeting", err, greeting.String) {
		return false
	}
	if !w.step("EHLO", s.hello(ctx), func() string { return s.offers.String() }) {
		return false
	}
	if kind == StartTLS && !w.secure(ctx, s, s.startTLS) {
		return false
	}
	if kind == StartTLS && !w.step("EHLO", s.hello(ctx), func() string { return "over TLS: " + s.offers.String() }) {
		return false
	}
	if !w.step("login", s.login(ctx), w.account) {
		return false
	}
	good := w.envelope(ctx, s)
	w.clock(greeting)
	return good
}

func (w *probe) account() string {
	if w.conf.Login == NoLogin {
		return "none is set up"
	}
	return w.conf.User + " by " + string(w.conf.Login)
}

// secure reports TLS and certificate, the latter also where it is the fault.
func (w *probe) secure(ctx context.Context, s *session, turnOn func(context.Context) error) bool {
	err := turnOn(ctx)
	if fault, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		w.step("TLS", nil, func() string { return "the server speaks it" })
		if len(fault.UnverifiedCertificates) > 0 {
			err = fmt.Errorf("%w; it is %s", fault.Err, w.describe(fault.UnverifiedCertificates[0]))
		}
		return w.step("certificate", err, nil)
	}
	if errors.Is(err, ErrPin) {
		return w.step("certificate", err, nil)
	}
	if !w.step("TLS", err, func() string { return s.tls }) {
		return false
	}
	conn, ok := s.conn.(*tls.Conn)
	if !ok {
		return false
	}
	w.certificate(conn.ConnectionState().PeerCertificates[0])
	return true
}

// soon is how many days before its end a certificate is worth a word.
const soon = 14

func (w *probe) certificate(cert *x509.Certificate) {
	f := Finding{Name: "certificate", OK: true, Text: printable(w.describe(cert))}
	if w.days(cert) < soon {
		f.Why, f.Fix, f.Whose = "The certificate ends soon.", "Renew the server's certificate, and reload the server.", reply.IT
	}
	w.report(f)
}

func (w *probe) days(cert *x509.Certificate) int {
	return int(cert.NotAfter.Sub(w.now()).Hours() / 24)
}

// describe is a certificate's names, issuer and days left.
func (w *probe) describe(cert *x509.Certificate) string {
	names := append([]string(nil), cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = []string{cert.Subject.String()}
	}
	issuer := cert.Issuer.CommonName
	if issuer == "" {
		issuer = cert.Issuer.String()
	}
	pin := keySum(cert)
	return fmt.Sprintf("for %s, by %s, until %s, %d days left, pin %s", list(names), issuer, cert.NotAfter.UTC().Format(time.DateOnly), w.days(cert), pinText(pin[:]))
}

// list is at most some of a list for people.
func list[T any](all []T) string {
	const most = 8
	var text []string
	for _, one := range all[:min(most, len(all))] {
		text = append(text, fmt.Sprint(one))
	}
	if len(all) > most {
		text = append(text, fmt.Sprintf("and %d more", len(all)-most))
	}
	return strings.Join(text, ", ")
}

// envelope asks whether sender and recipient would be taken, and takes both back.
func (w *probe) envelope(ctx context.Context, s *session) bool {
	if w.Sender.IsZero() {
		return true
	}
	if !w.asks(ctx, s, StepMail, "FROM:<"+w.Sender.String()+">") {
		return false
	}
	good := w.Recipient.IsZero() || w.asks(ctx, s, StepRcpt, "TO:<"+w.Recipient.String()+">")
	if !s.broken {
		if r, err := s.ask(ctx, StepReset, "RSET", "", w.conf.Timeouts.Command); err != nil || r.Class() != 2 {
			s.broken = true
		}
	}
	return good
}

func (w *probe) asks(ctx context.Context, s *session, step Step, arg string) bool {
	name := map[Step]string{StepMail: "sender", StepRcpt: "recipient"}[step]
	r, err := s.ask(ctx, step, string(step), arg, w.conf.Timeouts.Command)
	if err == nil && r.Class() != 2 {
		err = s.refused(step, r)
	}
	return w.step(name, err, r.String)
}

// clock compares our clock with the server's, where its greeting tells the time, as
// those of Exim and Sendmail do.
func (w *probe) clock(greeting reply.Reply) {
	there, ok := dated(greeting.Text())
	if !ok {
		w.report(Finding{Name: "clock", OK: true, Text: "the server doesn't say what time it is"})
		return
	}
	ahead := w.now().Sub(there).Round(time.Second)
	f := Finding{Name: "clock", OK: ahead.Abs() < 5*time.Minute, Text: fmt.Sprintf("ours is %v ahead of the server's", ahead)}
	if !f.OK {
		f.Why = "One of the two clocks is wrong: certificates and tokens are judged by ours, and our mail is dated by it."
		f.Fix, f.Whose = "Set this machine's clock by NTP.", reply.IT
	}
	w.report(f)
}

// dated finds a date as mails have it in a text.
func dated(text string) (time.Time, bool) {
	for _, day := range []string{"Mon,", "Tue,", "Wed,", "Thu,", "Fri,", "Sat,", "Sun,"} {
		at := strings.Index(text, day)
		if at < 0 {
			continue
		}
		words := strings.Fields(text[at:])
		if when, err := mail.ParseDate(strings.Join(words[:min(6, len(words))], " ")); err == nil {
			return when, true
		}
	}
	return time.Time{}, false
}

package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/internal/link"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/plc/vprint"
	"github.com/rungmail/rungmail/internal/trial"
	"github.com/rungmail/rungmail/reply"
)

type sendCmd struct {
	Server  string        `required:"" help:"The mail server." placeholder:"HOST:PORT"`
	From    string        `required:"" help:"The sender's address." placeholder:"ADDRESS"`
	Name    string        `help:"The sender's name."`
	To      []string      `help:"Recipients." placeholder:"ADDRESS"`
	Cc      []string      `help:"Further recipients." placeholder:"ADDRESS"`
	Subject string        `help:"The subject."`
	Body    string        `help:"The text of the mail."`
	Timeout time.Duration `default:"60s" help:"For the whole conversation."`
	JSON    bool          `help:"Print one JSON object."`
}

// Help is the example of --help.
func (sendCmd) Help() string {
	return "One transaction of the module's mailer: plain SMTP with HELO, no TLS and no login.\nExit status: 0 sent, 1 not sent.\n\nExample: rungmail send --server 127.0.0.1:2525 --from plc@example.com --to mark@example.com --subject Test --body \"Pump 3 tripped\""
}

// Run sends the mail.
func (c sendCmd) Run(ctx context.Context, s streams) error {
	server, err := resolve(ctx, c.Server)
	if err != nil {
		return err
	}
	message, err := c.message()
	if err != nil {
		return err
	}
	if c.Timeout < settings.MinTimeout || c.Timeout > settings.MaxTimeout {
		return usage("--timeout is 1s to 1h: %s isn't", c.Timeout)
	}
	helo := localAddress(ctx, server)
	clock := trial.NewWall()
	lines := []string{}
	m := mailer.New(link.TCP{Wake: clock.Wake}, func(e conv.Event) {
		line, ok := trace.Line(e)
		if !ok {
			return
		}
		lines = append(lines, trace.Stamped(e.Time, helo, line))
		if !c.JSON {
			s.printf("%s\n", lines[len(lines)-1])
		}
	}, func() string { return uuid.Must(uuid.NewV7()).String() })
	m.Start(clock.Now(), mailer.Job{Server: server, Helo: helo, Timeout: c.Timeout, Message: message})
	stop := context.AfterFunc(ctx, clock.Wake)
	defer stop()
	for ctx.Err() == nil {
		wake := m.Step(clock.Now())
		if wake.IsZero() {
			break
		}
		clock.Wait(wake)
	}
	if ctx.Err() != nil {
		return no("stopped before the mail was sent")
	}
	if c.JSON {
		return c.object(s, lines, m.Result())
	}
	return c.result(s, m.Result())
}

// sendReport is the JSON of send; it only ever gains fields.
type sendReport struct {
	Outcome     tryOutcome         `json:"outcome"`
	Trace       []string           `json:"trace"`
	Accepted    []mailaddr.Address `json:"accepted"`
	Refused     []mailaddr.Address `json:"refused"`
	Explanation reply.Explanation  `json:"explanation"`
}

// object prints what became of the mail as JSON.
func (c sendCmd) object(s streams, lines []string, r mailer.Result) error {
	sent := r.Status == mailer.StatusSuccess
	report := sendReport{
		Outcome: tryOutcome{Success: sent, Error: !sent, Code: r.Status, Cause: r.Cause()}, Trace: lines,
		Accepted: append([]mailaddr.Address{}, r.Accepted...), Refused: append([]mailaddr.Address{}, r.Refused...),
		Explanation: explainOutcome(r.Status, r),
	}
	if err := s.json(report); err != nil {
		return err
	}
	if !sent {
		return no("")
	}
	return nil
}

// result prints what became of the mail.
func (c sendCmd) result(s streams, r mailer.Result) error {
	if len(r.Refused) > 0 && len(r.Accepted) > 0 {
		s.printf("refused: %s; the others have the mail\n", mailaddr.Join(r.Refused))
	}
	s.printf("code %d: %s\n", r.Status, reply.Status(r.Status))
	if r.Status != mailer.StatusSuccess {
		if cause := r.Cause(); cause != "" {
			s.printf("it said: %s\n", cause)
		}
		printExplanation(s, explainOutcome(r.Status, r))
		return no("")
	}
	return nil
}

func (c sendCmd) message() (mailer.Message, error) {
	var m mailer.Message
	var err error
	if m.From, err = mailaddr.Parse(c.From); err != nil {
		return m, usage("--from: %s", err)
	}
	if m.To, err = mailaddr.ParseList(strings.Join(c.To, ",")); err != nil {
		return m, usage("--to: %s", err)
	}
	if m.Cc, err = mailaddr.ParseList(strings.Join(c.Cc, ",")); err != nil {
		return m, usage("--cc: %s", err)
	}
	m.FromName = c.Name
	if m.Subject, err = vprint.Windows1252(c.Subject); err != nil {
		return m, usage("--subject: %s", err)
	}
	if m.Body, err = vprint.Windows1252(c.Body); err != nil {
		return m, usage("--body: %s", err)
	}
	return m, nil
}

// resolve finds the IPv4 address of HOST:PORT. The module itself looks up no
// names; its person may.
func resolve(ctx context.Context, server string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		return netip.AddrPort{}, usage("%q is no server: write HOST:PORT, such as 127.0.0.1:25", server)
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	if err != nil || number < 1 {
		return netip.AddrPort{}, usage("%q is no port: write a number from 1 to 65535", port)
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	if err != nil || len(addrs) == 0 {
		return netip.AddrPort{}, exit{exitCouldnt, fmt.Sprintf("no IPv4 address is known for %q: check the name, or write the address", host)}
	}
	return netip.AddrPortFrom(addrs[0].Unmap(), uint16(number)), nil
}

// localAddress is this machine's address on the way to the server.
func localAddress(ctx context.Context, server netip.AddrPort) string {
	conn, err := (&net.Dialer{}).DialContext(ctx, "udp4", server.String()) // sends nothing
	if err != nil {
		return "127.0.0.1"
	}
	defer func() { _ = conn.Close() }()
	host, _, err := net.SplitHostPort(conn.LocalAddr().String())
	if err != nil {
		return "127.0.0.1"
	}
	return host
}

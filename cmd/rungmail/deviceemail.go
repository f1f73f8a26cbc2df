package main

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

type deviceEmailCmd struct {
	reach       `embed:""`
	Server      *netip.Addr `help:"The mail server's IPv4 address." placeholder:"ADDRESS"`
	Port        *uint16     `help:"Its port." placeholder:"N"`
	SenderName  *string     `help:"The sender's name." placeholder:"TEXT"`
	Sender      *string     `help:"The sender's address." placeholder:"ADDRESS"`
	Cc          *string     `help:"Who gets every mail, with commas between; an empty list takes all away." placeholder:"ADDRESSES"`
	MailTimeout *int        `help:"Seconds for a whole mail." placeholder:"N"`
	Zone        *string     `help:"Time zone of the Date header, such as +0100, or unknown." placeholder:"ZONE"`
	UseNow      bool        `help:"Take ROM as the values in use, as ECEMRDS does."`
}

// Help is the example of --help.
func (deviceEmailCmd) Help() string {
	return "Without a setting it shows what ROM holds and what is in use. Settings are written to ROM; mails use them from the next power-up, or with --use-now.\nThe form in which modules carry their e-mail set-up over this protocol was never published: this one is Rungmail's own, so for an ECOM100 of metal use its web page.\nExit status: 0 shown or written, 1 refused, 3 no answer.\n\nExample: rungmail device email 127.0.0.1 --server 192.168.0.1 --sender plc@example.com --use-now"
}

// emailReport is an e-mail set-up.
type emailReport struct {
	Server  string   `json:"server"`
	Port    uint16   `json:"port"`
	Name    string   `json:"sender_name"`
	Sender  string   `json:"sender_address"`
	Cc      []string `json:"cc"`
	Timeout int      `json:"timeout_seconds"`
	Zone    *int     `json:"zone_minutes"` // null where it isn't known
}

func reportEmail(e hap.Email) *emailReport {
	r := &emailReport{e.Server.String(), e.Port, e.Name, e.Sender, append([]string{}, e.Cc...), int(e.Timeout.Seconds()), e.Zone}
	return r
}

// Run shows or writes an e-mail set-up.
func (c deviceEmailCmd) Run(ctx context.Context, s streams) error {
	client, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	rom, err := client.Email(ctx)
	if err != nil {
		return deviceFault(err)
	}
	changed, err := c.change(&rom)
	if err != nil {
		return err
	}
	if changed {
		if err := client.SetEmail(ctx, rom); err != nil {
			return deviceFault(err)
		}
	}
	if c.UseNow {
		if err := client.UseNow(ctx); err != nil {
			return deviceFault(err)
		}
	}
	return c.show(ctx, s, client)
}

// change puts what is given into a set-up.
func (c deviceEmailCmd) change(e *hap.Email) (changed bool, err error) {
	before := fmt.Sprint(*e)
	if c.Server != nil {
		e.Server = *c.Server
	}
	if c.Port != nil {
		e.Port = *c.Port
	}
	if c.SenderName != nil {
		e.Name = *c.SenderName
	}
	if c.Sender != nil {
		if _, err := mailaddr.Parse(*c.Sender); err != nil && *c.Sender != "" {
			return false, usage("--sender: %s", err)
		}
		e.Sender = *c.Sender
	}
	if c.Cc != nil {
		list, err := mailaddr.ParseList(*c.Cc)
		if err != nil {
			return false, usage("--cc: %s", err)
		}
		e.Cc = nil
		for _, a := range list {
			e.Cc = append(e.Cc, a.String())
		}
	}
	if c.MailTimeout != nil {
		e.Timeout = time.Duration(*c.MailTimeout) * time.Second
	}
	given := c.Zone != nil
	if given {
		if e.Zone, err = parseZone(*c.Zone); err != nil {
			return false, err
		}
	}
	return given || fmt.Sprint(*e) != before, nil
}

// parseZone reads a time zone as a header has it.
func parseZone(text string) (*int, error) {
	if text == "unknown" || text == "-0000" {
		return nil, nil
	}
	at, err := time.Parse("-0700", strings.ReplaceAll(text, ":", ""))
	if err != nil {
		return nil, usage("--zone %q: write one such as +0100 or -0530, or unknown", text)
	}
	_, seconds := at.Zone()
	minutes := seconds / 60
	return &minutes, nil
}

func (c deviceEmailCmd) show(ctx context.Context, s streams, client *hap.Client) error {
	rom, err := client.Email(ctx)
	if err != nil {
		return deviceFault(err)
	}
	used, err := client.EmailInUse(ctx)
	if err != nil {
		return deviceFault(err)
	}
	if c.JSON {
		return s.json(map[string]*emailReport{"email": reportEmail(rom), "email_in_use": reportEmail(used)})
	}
	printEmails(s, reportEmail(rom), reportEmail(used))
	return nil
}

// printEmails shows ROM and the values in use side by side.
func printEmails(s streams, rom, used *emailReport) {
	if used == nil {
		used = rom
	}
	s.printf("%-20s %-34s %s\n", "EMail Setup", "in ROM", "in use")
	row := func(label, a, b string) {
		mark := ""
		if a != b {
			mark = "  (differs)"
		}
		s.printf("%-20s %-34s %s%s\n", label, a, b, mark)
	}
	row("Server Address", rom.Server, used.Server)
	row("Sender Name", undefined(rom.Name), undefined(used.Name))
	row("Sender Address", undefined(rom.Sender), undefined(used.Sender))
	row("Cc", undefined(strings.Join(rom.Cc, ", ")), undefined(strings.Join(used.Cc, ", ")))
	row("Port", fmt.Sprint(rom.Port), fmt.Sprint(used.Port))
	row("Timeout", fmt.Sprintf("%d seconds", rom.Timeout), fmt.Sprintf("%d seconds", used.Timeout))
	row("Time Zone Offset", zoneText(rom.Zone), zoneText(used.Zone))
}

func zoneText(minutes *int) string {
	if minutes == nil {
		return "unknown"
	}
	return time.Time{}.In(time.FixedZone("", *minutes*60)).Format("-0700")
}

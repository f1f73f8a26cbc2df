package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/firmware"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

type deviceEmailCmd struct {
	reach       `embed:""`
	Server      *ipv4   `help:"The mail server's IPv4 address; a module looks up no names." placeholder:"ADDRESS"`
	Port        *number `help:"Its port." placeholder:"N"`
	SenderName  *string `help:"The sender's name, at most 64 characters." placeholder:"TEXT"`
	Sender      *string `help:"The sender's address." placeholder:"ADDRESS"`
	Cc          *string `help:"Who gets every mail, with commas between; an empty list takes all away." placeholder:"ADDRESSES"`
	MailTimeout *number `help:"Seconds for a whole mail, 1 to 3600." placeholder:"N"`
	Zone        *string `help:"Time zone of the Date header, such as +0100, or unknown; for firmware from 4.0.2128 on." placeholder:"ZONE"`
	UseNow      bool    `help:"Take ROM as the values in use, as ECEMRDS does."`
}

// Help is the example of --help.
func (deviceEmailCmd) Help() string {
	return "Without a setting it shows what ROM holds and what is in use. Settings are written to ROM; mails use them from the next power-up, or with --use-now.\nThe form in which modules carry their e-mail set-up over this protocol was never published: this one is Rungmail's own, so for an ECOM100 of metal use its web page.\nExit status: 0 shown or written, 1 refused, 2 wrong usage, 3 no answer.\n\nExample: rungmail device email 127.0.0.1 --server 192.168.0.1 --sender plc@example.com --use-now"
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
	return &emailReport{e.Server.String(), e.Port, e.Name, e.Sender, append([]string{}, e.Cc...), int(e.Timeout.Seconds()), e.Zone}
}

// Run shows or writes an e-mail set-up.
func (c deviceEmailCmd) Run(ctx context.Context, s streams) error {
	edits := c.edits()
	if err := judgeEmail(edits); err != nil {
		return err
	}
	client, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	rom, err := client.Email(ctx)
	if err != nil {
		return emailFault(err)
	}
	if c.Zone != nil {
		if err := hasZone(ctx, client); err != nil {
			return err
		}
	}
	if err := c.write(ctx, client, rom, edits); err != nil {
		return err
	}
	return c.show(ctx, s, client)
}

// write writes what is given, and takes it into use.
func (c deviceEmailCmd) write(ctx context.Context, client *hap.Client, rom hap.Email, edits []emailEdit) error {
	for _, one := range edits {
		if err := one.put(&rom); err != nil { // which judgeEmail has seen to be good
			return outOfBounds(one.flag, err)
		}
	}
	if len(edits) > 0 {
		if err := client.SetEmail(ctx, rom); err != nil {
			return emailFault(err)
		}
	}
	if !c.UseNow {
		return nil
	}
	err := client.UseNow(ctx)
	if err != nil && len(edits) > 0 {
		e := asExit(emailFault(err))
		return exit{e.code, "written to ROM, but not in use: " + e.text}
	}
	return emailFault(err)
}

// emailFault is deviceFault for the e-mail set-up.
func emailFault(err error) error {
	if errors.Is(err, hap.ErrNotFound) {
		return no("%s: this module's firmware is older than e-mail, or it is one of metal, whose e-mail set-up is reached by its web page alone", err)
	}
	return deviceFault(err, notAllowed)
}

// zoneSince is the first firmware with a Time Zone Offset, as firmware.HasZone has it.
const zoneSince = "4.0.2128"

// hasZone fails where a module's firmware has no Time Zone Offset: such a module
// takes the set-up and drops the zone.
func hasZone(ctx context.Context, client *hap.Client) error {
	v, err := client.Versions(ctx)
	if err != nil {
		return deviceFault(err, notAllowed)
	}
	if !firmware.HasZone(v.OS.String()) {
		return no("this module's firmware (%s) has no time zone; it is there from %s on. Nothing was written", v.OS, zoneSince)
	}
	return nil
}

// emailEdit is one flag that was given.
type emailEdit struct {
	flag string
	put  func(*hap.Email) error
}

// edits is what the flags change.
func (c deviceEmailCmd) edits() []emailEdit {
	var list []emailEdit
	add := func(given bool, flag string, put func(*hap.Email) error) {
		if given {
			list = append(list, emailEdit{flag, put})
		}
	}
	add(c.Server != nil, "server", func(e *hap.Email) error { e.Server = c.Server.Addr; return nil })
	add(c.Port != nil, "port", func(e *hap.Email) error {
		e.Port = 0 // is out of bounds too
		if *c.Port > 0 && *c.Port <= 65535 {
			e.Port = uint16(*c.Port)
		}
		return nil
	})
	add(c.SenderName != nil, "sender-name", func(e *hap.Email) error { e.Name = *c.SenderName; return nil })
	add(c.Sender != nil, "sender", func(e *hap.Email) error { e.Sender = *c.Sender; return nil })
	add(c.Cc != nil, "cc", func(e *hap.Email) error {
		list, err := mailaddr.ParseList(*c.Cc)
		e.Cc = nil
		for _, a := range list {
			e.Cc = append(e.Cc, a.String())
		}
		return err
	})
	add(c.MailTimeout != nil, "mail-timeout", func(e *hap.Email) error { e.Timeout = time.Duration(*c.MailTimeout) * time.Second; return nil })
	add(c.Zone != nil, "zone", func(e *hap.Email) (err error) { e.Zone, err = parseZone(*c.Zone); return err })
	return list
}

// judgeEmail finds values that no module can have, and a set-up that has no form on
// the wire.
func judgeEmail(edits []emailEdit) error {
	d := settings.Default()
	trial := hap.Email{Server: d.Server, Port: d.Port, Timeout: d.Timeout}
	for _, one := range edits {
		err := one.put(&trial)
		if err == nil {
			err = validEmail(trial)
		}
		if err == nil {
			_, err = trial.Append(nil)
		}
		if err != nil {
			return outOfBounds(one.flag, err)
		}
	}
	return nil
}

// validEmail judges a set-up by the module's own bounds.
func validEmail(e hap.Email) (err error) {
	s := settings.Email{Server: e.Server, Port: e.Port, Name: e.Name, Timeout: e.Timeout}
	if e.Sender != "" {
		if s.Sender, err = mailaddr.Parse(e.Sender); err != nil {
			return err
		}
	}
	if s.Cc, err = mailaddr.ParseList(strings.Join(e.Cc, ",")); err != nil {
		return err
	}
	if e.Zone != nil {
		s.Zone = settings.Zone{Known: true, Minutes: *e.Zone}
	}
	return s.Validate()
}

// parseZone reads a time zone as a header has it.
func parseZone(text string) (*int, error) {
	if text == "unknown" || text == "-0000" {
		return nil, nil
	}
	at, err := time.Parse("-0700", strings.ReplaceAll(text, ":", ""))
	if err != nil {
		return nil, fmt.Errorf("%q is no time zone: write one such as +0100 or -0530, or unknown", text)
	}
	_, seconds := at.Zone()
	minutes := seconds / 60
	return &minutes, nil
}

func (c deviceEmailCmd) show(ctx context.Context, s streams, client *hap.Client) error {
	rom, err := client.Email(ctx)
	if err != nil {
		return emailFault(err)
	}
	used, err := client.EmailInUse(ctx)
	if err != nil {
		return emailFault(err)
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

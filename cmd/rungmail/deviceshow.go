package main

import (
	"context"
	"fmt"

	"github.com/rungmail/rungmail/hap"
)

type deviceShowCmd struct {
	reach `embed:""`
}

// Help is the example of --help.
func (deviceShowCmd) Help() string {
	return "Exit status: 0 shown, 1 refused, 3 no answer.\n\nExample: rungmail device show 127.0.0.1"
}

// deviceReport is all that a module says of itself.
type deviceReport struct {
	MAC         string         `json:"mac"`
	Type        string         `json:"type"`
	Family      string         `json:"family"`
	Booter      string         `json:"booter"`
	Firmware    string         `json:"firmware"`
	DIP         []int          `json:"dip"` // the switches that are on
	ID          uint32         `json:"module_id"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	IP          string         `json:"ip"`
	Subnet      string         `json:"subnet"`
	Gateway     string         `json:"gateway"`
	DHCP        bool           `json:"dhcp"`
	AckTimeout  int64          `json:"ack_timeout_ms"`
	Response    int64          `json:"response_timeout_ms"`
	Retries     int            `json:"retries"`
	Peers       []peerReport   `json:"peers"`
	Email       *emailReport   `json:"email"`        // in ROM; null where the module has none that is known
	EmailInUse  *emailReport   `json:"email_in_use"` // the working copy
	Stats       map[string]any `json:"ethernet"`
}

// Run shows a module.
func (c deviceShowCmd) Run(ctx context.Context, s streams) error {
	client, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	r, err := readDevice(ctx, client)
	if err != nil {
		return deviceFault(err, notAllowed)
	}
	if c.JSON {
		return s.json(r)
	}
	printDevice(s, r)
	return nil
}

// readDevice asks a module for all that it knows.
func readDevice(ctx context.Context, c *hap.Client) (r deviceReport, err error) {
	if err := r.identity(ctx, c); err != nil {
		return r, err
	}
	if err := r.network(ctx, c); err != nil {
		return r, err
	}
	peers, err := c.Peers(ctx)
	if err != nil {
		return r, err
	}
	r.Peers = reportPeers(peers)
	if rom, err := c.Email(ctx); err == nil {
		r.Email = reportEmail(rom)
	}
	if used, err := c.EmailInUse(ctx); err == nil {
		r.EmailInUse = reportEmail(used)
	}
	stats, err := c.Stats(ctx, false)
	r.Stats = map[string]any{
		"missed": stats.Missed, "collisions": stats.Collisions, "discarded": stats.Discarded, "bad_crc": stats.BadCRC,
		"unknown_type": stats.UnknownType, "send_errors": stats.SendErrors,
	}
	return r, err
}

func (r *deviceReport) identity(ctx context.Context, c *hap.Client) error {
	device, err := c.Device(ctx)
	if err != nil {
		return err
	}
	r.MAC, r.Family, r.DIP = device.MAC.String(), device.Family.String(), []int{}
	for n := range 8 {
		if device.DIP&(1<<n) != 0 {
			r.DIP = append(r.DIP, n)
		}
	}
	versions, err := c.Versions(ctx)
	if err != nil {
		return err
	}
	r.Booter, r.Firmware = versions.Booter.String(), versions.OS.String()
	if r.Type, err = c.TypeString(ctx); err != nil {
		return err
	}
	if r.ID, err = c.ID(ctx); err != nil {
		return err
	}
	if r.Name, err = c.Name(ctx); err != nil {
		return err
	}
	r.Description, err = c.Description(ctx)
	return err
}

func (r *deviceReport) network(ctx context.Context, c *hap.Client) error {
	ip, err := c.IP(ctx)
	if err != nil {
		return err
	}
	subnet, err := c.Subnet(ctx)
	if err != nil {
		return err
	}
	gateway, err := c.Gateway(ctx)
	if err != nil {
		return err
	}
	r.IP, r.Subnet, r.Gateway = ip.String(), subnet.String(), gateway.String()
	if r.DHCP, err = c.DHCP(ctx); err != nil {
		return err
	}
	t, err := c.Transfers(ctx)
	r.AckTimeout, r.Response, r.Retries = t.AckTimeout.Milliseconds(), t.ResponseTimeout.Milliseconds(), int(t.MaxRetries)
	return err
}

func printDevice(s streams, r deviceReport) {
	row := func(label, format string, args ...any) {
		s.printf("%-20s %s\n", label, fmt.Sprintf(format, args...))
	}
	row("Type", "%s (%s)", r.Type, r.Family)
	row("Module ID", "%d (0x%02X), DIP switches on: %v", r.ID, r.ID, r.DIP)
	row("Name", "%s", undefined(r.Name))
	row("Description", "%s", undefined(r.Description))
	row("Ethernet address", "%s", r.MAC)
	row("IP address", "%s", r.IP)
	row("Subnet mask", "%s", r.Subnet)
	row("Gateway", "%s", r.Gateway)
	row("DHCP", "%s", onOff(r.DHCP))
	row("Booter version", "%s", r.Booter)
	row("OS version", "%s", r.Firmware)
	row("RX and WX", "ack %d ms, response %d ms, %d retries", r.AckTimeout, r.Response, r.Retries)
	for _, p := range r.Peers {
		row(fmt.Sprintf("Peer %d", p.Number), "%s", p)
	}
	if r.Email == nil {
		row("E-mail", "not in a form that is known here: see the module's web page")
		return
	}
	printEmails(s, r.Email, r.EmailInUse)
}

// undefined is a text, or what the module's own page says for none.
func undefined(text string) string {
	if text == "" {
		return "-- undefined --"
	}
	return text
}

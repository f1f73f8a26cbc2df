package main

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/rungmail/rungmail/hap"
)

type deviceListCmd struct {
	Addresses []string      `arg:"" optional:"" help:"Where to ask; without any, everywhere by broadcast." placeholder:"ADDRESS"`
	Wait      time.Duration `help:"How long to wait for answers." default:"600ms"`
	JSON      bool          `help:"Print one JSON array."`
}

// Help is the example of --help.
func (deviceListCmd) Help() string {
	return "Names that are too long for a line of 80 columns are cut; --json has them whole.\nExit status: 0 found, 1 none, or one of the addresses doesn't answer, 2 wrong usage, 3 no network.\n\nExample: rungmail device list"
}

// deviceLine is a module that was found.
type deviceLine struct {
	Address  string `json:"address"` // where it answers
	MAC      string `json:"mac"`
	IP       string `json:"ip"`   // what it says of itself; empty where it has none
	Type     string `json:"type"` // empty where it doesn't say
	Firmware string `json:"firmware"`
	ID       uint32 `json:"module_id"`
	Name     string `json:"name"`
}

// Run lists modules.
func (c deviceListCmd) Run(ctx context.Context, s streams) error {
	for _, address := range c.Addresses {
		if err := judgeAddress(address); err != nil {
			return err
		}
	}
	found, silent, err := c.find(ctx, s)
	if err != nil {
		return exit{exitCouldnt, err.Error()}
	}
	list := []deviceLine{}
	for _, f := range found {
		list = append(list, c.ask(ctx, f))
	}
	if c.JSON {
		if err := s.json(list); err != nil {
			return err
		}
	} else if len(list) > 0 {
		printTable(s, list)
	}
	switch {
	case len(list) == 0:
		return no("no module answered: is servers = [\"hap\"] in the plant file, this computer in its allow, and UDP port %d open?", hap.Port)
	case len(silent) > 0:
		return no("no answer from %s", strings.Join(silent, ", "))
	}
	return nil
}

// tableWidth is the width of a plain terminal, and minName the least that a table
// shows of a name however wide the rest is.
const (
	tableWidth = 80
	minName    = 10
)

// printTable prints modules in columns as wide as what is in them, and as much of
// the names as a line has room for.
func printTable(s streams, list []deviceLine) {
	rows := [][]string{{"ADDRESS", "TYPE", "FIRMWARE", "ID", "IP", "MAC", "NAME"}}
	for _, d := range list {
		rows = append(rows, []string{d.Address, d.Type, d.Firmware, strconv.FormatUint(uint64(d.ID), 10), d.IP, d.MAC, d.Name})
	}
	name := len(rows[0]) - 1
	widths := make([]int, name)
	room := tableWidth
	for i := range widths {
		for _, row := range rows {
			widths[i] = max(widths[i], len(row[i]))
		}
		room -= widths[i] + 1
	}
	for _, row := range rows {
		for i, width := range widths {
			s.printf("%-*s ", width, row[i])
		}
		s.printf("%s\n", shortened(row[name], max(room, minName)))
	}
}

// shortened is a text of at most so many characters, with dots where it was longer.
func shortened(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-3]) + "..."
}

// find asks everywhere, or at the given addresses, of which silent are those where
// none answered.
func (c deviceListCmd) find(ctx context.Context, s streams) (found []hap.Found, silent []string, err error) {
	if len(c.Addresses) == 0 {
		found, err = hap.Discover(ctx, hap.Search{Window: c.Wait})
		return found, nil, err
	}
	for _, address := range c.Addresses {
		f, err := c.poll(ctx, address)
		if err != nil {
			s.warn(err)
			silent = append(silent, address)
			continue
		}
		found = append(found, f)
	}
	return found, silent, nil
}

// poll asks at one address.
func (c deviceListCmd) poll(ctx context.Context, address string) (hap.Found, error) {
	client, err := hap.Dial(ctx, address, hap.Options{Timeout: c.Wait / 4})
	if err != nil {
		return hap.Found{}, err
	}
	defer func() { _ = client.Close() }()
	poll, err := client.Poll(ctx)
	return hap.Found{Addr: client.Remote(), Poll: poll}, err
}

// ask asks a module what it is; what it doesn't say stays empty.
func (c deviceListCmd) ask(ctx context.Context, f hap.Found) deviceLine {
	d := deviceLine{Address: shortAddress(f.Addr), MAC: f.Poll.MAC.String()}
	if f.Poll.IP.IsValid() && !f.Poll.NoIP {
		d.IP = f.Poll.IP.String()
	}
	client, err := hap.Dial(ctx, f.Addr.String(), hap.Options{Timeout: c.Wait / 4})
	if err != nil {
		return d
	}
	defer func() { _ = client.Close() }()
	if d.Type, err = client.TypeString(ctx); err != nil {
		return d
	}
	if v, err := client.Versions(ctx); err == nil {
		d.Firmware = v.OS.String()
	}
	if d.ID, err = client.ID(ctx); err != nil {
		return d
	}
	d.Name, _ = client.Name(ctx)
	return d
}

// shortAddress leaves the protocol's own port out.
func shortAddress(a netip.AddrPort) string {
	if a.Port() == hap.Port {
		return a.Addr().String()
	}
	return a.String()
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/rungmail/rungmail/hap"
)

// deviceCmd is what finds modules and sets them up.
type deviceCmd struct {
	List  deviceListCmd  `cmd:"" help:"Find modules by broadcast, or ask at addresses."`
	Show  deviceShowCmd  `cmd:"" help:"Show all that a module is and is set to."`
	Set   deviceSetCmd   `cmd:"" help:"Change a module's name, ID, address and the like."`
	Email deviceEmailCmd `cmd:"" help:"Show or change a module's e-mail set-up."`
	Peers devicePeersCmd `cmd:"" help:"Show or change a module's peers."`
	Blink deviceBlinkCmd `cmd:"" help:"Have a module's error light blink, to find it."`
}

// reach is how one module is reached.
type reach struct {
	Address string        `arg:"" help:"The module's address; its port where that isn't 28784. With --mac the address to broadcast to." placeholder:"ADDRESS"`
	MAC     string        `help:"Speak to the module with this Ethernet address by broadcast, whatever its IP address is." placeholder:"00:E0:62:20:41:86"`
	Timeout time.Duration `help:"How long to wait for each answer; it is asked four times." default:"250ms"`
	JSON    bool          `help:"Print one JSON object."`
}

// open opens the way to the module.
func (r reach) open(ctx context.Context) (*hap.Client, error) {
	options := hap.Options{Timeout: r.Timeout}
	if r.MAC == "" {
		client, err := hap.Dial(ctx, r.Address, options)
		return client, deviceFault(err)
	}
	mac, err := parseMAC(r.MAC)
	if err != nil {
		return nil, err
	}
	client, err := hap.DialAddressed(ctx, r.Address, mac, options)
	return client, deviceFault(err)
}

func parseMAC(text string) (hap.MAC, error) {
	var mac hap.MAC
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ':' || r == '-' || r == ' ' })
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 16, 8)
		if err != nil || len(parts) != len(mac) {
			return mac, usage("--mac %q is no Ethernet address: write six hex octets, such as 00:E0:62:20:41:86", text)
		}
		mac[i] = byte(n)
	}
	if len(parts) != len(mac) {
		return mac, usage("--mac %q is no Ethernet address: write six hex octets, such as 00:E0:62:20:41:86", text)
	}
	return mac, nil
}

// deviceFault gives an error of the protocol its exit status: a module that refuses
// says no, one that doesn't answer couldn't be asked.
func deviceFault(err error) error {
	var number hap.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, hap.ErrLocked):
		return no("%s", err)
	case errors.Is(err, hap.ErrProtection):
		return no("%s: this computer's address isn't in its write_allow, or a switch or a password stands against it", err)
	case errors.Is(err, hap.ErrRange):
		return no("%s: there is no such address, or it is the controller's own", err)
	case errors.As(err, &number) && number < 0x8000:
		return no("%s", err)
	case errors.Is(err, hap.ErrValue):
		return exit{exitUsage, err.Error()}
	}
	return exit{exitCouldnt, err.Error()}
}

type deviceListCmd struct {
	Addresses []string      `arg:"" optional:"" help:"Where to ask; without any, everywhere by broadcast." placeholder:"ADDRESS"`
	Wait      time.Duration `help:"How long to wait for answers." default:"600ms"`
	JSON      bool          `help:"Print one JSON array."`
}

// Help is the example of --help.
func (deviceListCmd) Help() string {
	return "Exit status: 0 one or more found, 1 none.\n\nExample: rungmail device list"
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
	found, err := c.find(ctx, s)
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
		s.printf("%-22s %-12s %-10s %6s  %-15s  %-17s  %s\n", "ADDRESS", "TYPE", "FIRMWARE", "ID", "IP", "MAC", "NAME")
		for _, d := range list {
			s.printf("%-22s %-12s %-10s %6d  %-15s  %-17s  %s\n", d.Address, d.Type, d.Firmware, d.ID, d.IP, d.MAC, d.Name)
		}
	}
	if len(list) == 0 {
		return no("no module answered: is servers = [\"hap\"] in the plant file, this computer in its allow, and UDP port %d open?", hap.Port)
	}
	return nil
}

// find asks everywhere, or at the given addresses.
func (c deviceListCmd) find(ctx context.Context, s streams) ([]hap.Found, error) {
	if len(c.Addresses) == 0 {
		return hap.Discover(ctx, hap.Search{Window: c.Wait})
	}
	var found []hap.Found
	for _, address := range c.Addresses {
		client, err := hap.Dial(ctx, address, hap.Options{Timeout: c.Wait / 4})
		if err != nil {
			return found, err
		}
		poll, err := client.Poll(ctx)
		if err == nil {
			found = append(found, hap.Found{Addr: client.Remote(), Poll: poll})
		} else {
			_, _ = fmt.Fprintf(s.err, "%s\n", err)
		}
		_ = client.Close()
	}
	return found, nil
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

type deviceBlinkCmd struct {
	reach `embed:""`
	For   time.Duration `help:"How long, in whole seconds." default:"10s"`
	Off   bool          `help:"End it."`
}

// Help is the example of --help.
func (deviceBlinkCmd) Help() string {
	return "A virtual module's light blinks in rungmail status.\nExit status: 0 it blinks, 1 refused, 3 no answer.\n\nExample: rungmail device blink 127.0.0.1 --for 30s"
}

// Run has the light blink.
func (c deviceBlinkCmd) Run(ctx context.Context, s streams) error {
	client, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	if c.Off {
		c.For = 0
	}
	if err := client.Blink(ctx, c.For); err != nil {
		return deviceFault(err)
	}
	if c.JSON {
		return s.json(map[string]any{"blinks_seconds": int(c.For.Seconds())})
	}
	if c.Off {
		s.printf("the error light is off\n")
	} else {
		s.printf("the error light blinks for %s\n", c.For)
	}
	return nil
}

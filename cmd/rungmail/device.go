package main

import (
	"context"
	"errors"
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
	Timeout time.Duration `help:"How long to wait for each answer; it is asked four times (250ms each unless set)." default:"250ms" placeholder:"TIME"`
	JSON    bool          `help:"Print one JSON object."`
}

// open opens the way to the module.
func (r reach) open(ctx context.Context) (*hap.Client, error) {
	options := hap.Options{Timeout: r.Timeout}
	if err := judgeAddress(r.Address); err != nil {
		return nil, err
	}
	if r.MAC == "" {
		client, err := hap.Dial(ctx, r.Address, options)
		return client, deviceFault(err, notAllowed)
	}
	mac, err := parseMAC(r.MAC)
	if err != nil {
		return nil, err
	}
	client, err := hap.DialAddressed(ctx, r.Address, mac, options)
	return client, deviceFault(err, notAllowed)
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

// notAllowed is what error 126 means where nothing else stands against a write.
const notAllowed = "this computer's address isn't in its write_allow"

// deviceFault gives an error of the protocol its exit status and says what to do: a
// module that refuses says no, one that doesn't answer couldn't be asked. What error
// 126 means hangs on what was asked for: that is protected.
func deviceFault(err error, protected string) error {
	var number hap.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(exit)):
		return err
	case errors.Is(err, hap.ErrLocked):
		return no("%s", err)
	case errors.As(err, &number) && number < 0x8000:
		if number == hap.ErrProtection {
			return no("%s: %s", err, protected)
		}
		return no("%s%s", err, refusalAdvice(number))
	case errors.Is(err, hap.ErrValue):
		return exit{exitUsage, err.Error()}
	}
	return exit{exitCouldnt, err.Error()}
}

// refusalAdvice says in a sentence what a module's refusal comes to.
func refusalAdvice(number hap.Error) string {
	switch number {
	case hap.ErrNotFound:
		return ": the module has no such set-up: its firmware is too old for it, or keeps it in another form; see its web page"
	case errFlash:
		return ": the module can't write its ROM: of a virtual one see to the disk of its state folder, one of metal may have worn out"
	case hap.ErrInvalidData:
		return ": the module takes no such value: its web page says what it takes"
	case hap.ErrRange:
		return ": there is no such address, or it is the controller's own"
	}
	return ""
}

// errFlash is the number of a write to ROM that failed.
const errFlash hap.Error = 115

type deviceBlinkCmd struct {
	reach `embed:""`
	For   time.Duration `help:"How long, in whole seconds." default:"10s"`
	Off   bool          `help:"End it."`
}

// Help is the example of --help.
func (deviceBlinkCmd) Help() string {
	return "A virtual module's light blinks in rungmail status.\nExit status: 0 it blinks, 1 refused, 2 wrong usage, 3 no answer.\n\nExample: rungmail device blink 127.0.0.1 --for 30s"
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
		return deviceFault(err, notAllowed)
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

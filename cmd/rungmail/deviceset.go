package main

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/settings"
)

type deviceSetCmd struct {
	reach       `embed:""`
	Name        *string   `help:"Its name, at most 255 characters; an empty one takes the name away." placeholder:"TEXT"`
	Description *string   `help:"Its description, at most 255 characters." placeholder:"TEXT"`
	ID          *number   `name:"id" help:"Its module ID, 0 to 65535, while DIP switches 0 to 5 are off." placeholder:"N"`
	IP          *ipv4     `name:"ip" help:"Its IP address." placeholder:"ADDRESS"`
	Subnet      *ipv4     `help:"Its subnet mask." placeholder:"MASK"`
	Gateway     *ipv4     `help:"Its gateway; 0.0.0.0 for none." placeholder:"ADDRESS"`
	DHCP        *onOff    `name:"dhcp" help:"DHCP: on or off." placeholder:"on|off"`
	AckTimeout  *duration `help:"How long RX and WX wait for an ACK, 1ms to 65535ms." placeholder:"50ms"`
	Response    *duration `name:"response-timeout" help:"How long they wait for a response, 1ms to 65535ms." placeholder:"1500ms"`
	Retries     *number   `help:"How often they try again, 0 to 255." placeholder:"N"`
}

// Help is the example of --help.
func (deviceSetCmd) Help() string {
	return "Writes only what is given, one after the other, and says what it was before. All of it is judged before the first is written.\nExit status: 0 written, 1 refused, 2 wrong usage, 3 no answer.\n\nExample: rungmail device set 127.0.0.1 --name \"Filler 2\""
}

// deviceChange is one setting and what became of it.
type deviceChange struct {
	Setting string `json:"setting"`
	Old     string `json:"old"` // empty where it wasn't read
	New     string `json:"new"`
	Written bool   `json:"written"`
	Error   string `json:"error"` // why it wasn't written; empty for those after the first that failed
}

// step writes one setting.
type step struct {
	setting string
	value   string // what it is to be
	do      func(context.Context) (old string, err error)
	guard   string // what error 126 means
}

// Run writes settings.
func (c deviceSetCmd) Run(ctx context.Context, s streams) error {
	if err := c.judge(); err != nil {
		return err
	}
	client, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	steps := c.steps(client)
	if len(steps) == 0 {
		return usage("nothing to set: give one or more of --name --description --id --ip --subnet --gateway --dhcp --ack-timeout --response-timeout --retries")
	}
	changes, err := writeSteps(ctx, steps)
	if c.JSON {
		if fault := s.json(changes); fault != nil {
			return fault
		}
		return err
	}
	for _, one := range changes {
		if one.Written {
			s.printf("%s: %s -> %s\n", one.Setting, undefined(one.Old), undefined(one.New))
		}
	}
	return err
}

// writeSteps writes one setting after the other until one fails. The error says which
// one that was and what was left.
func writeSteps(ctx context.Context, steps []step) ([]deviceChange, error) {
	var fault error
	var left []string
	changes := []deviceChange{}
	for _, one := range steps {
		change := deviceChange{Setting: one.setting, New: one.value}
		if fault != nil {
			left = append(left, one.setting)
			changes = append(changes, change)
			continue
		}
		old, err := one.do(ctx)
		change.Old, change.Written = old, err == nil
		if err != nil {
			e := asExit(deviceFault(err, one.guard))
			change.Error, fault = e.text, exit{e.code, "the " + one.setting + " was not written: " + e.text}
		}
		changes = append(changes, change)
	}
	if len(left) > 0 {
		e := asExit(fault)
		fault = exit{e.code, e.text + "; nor was what comes after it: " + strings.Join(left, ", ")}
	}
	return changes, fault
}

// judge finds values that no module can have.
func (c deviceSetCmd) judge() error {
	trial := settings.At(netip.IPv4Unspecified(), netip.IPv4Unspecified())
	for _, one := range []struct {
		flag  string
		given bool
		put   func()
	}{
		{"name", c.Name != nil, func() { trial.Name = *c.Name }},
		{"description", c.Description != nil, func() { trial.Description = *c.Description }},
		{"id", c.ID != nil, func() { trial.ID = uint32(*c.ID) }},
		{"ip", c.IP != nil, func() { trial.IP = c.IP.Addr }},
		{"subnet", c.Subnet != nil, func() { trial.Subnet = c.Subnet.Addr }},
		{"gateway", c.Gateway != nil, func() { trial.Gateway = c.Gateway.Addr }},
		{"ack-timeout", c.AckTimeout != nil, func() { trial.Transfers.AckTimeout = c.AckTimeout.Duration }},
		{"response-timeout", c.Response != nil, func() { trial.Transfers.ResponseTimeout = c.Response.Duration }},
		{"retries", c.Retries != nil, func() { trial.Transfers.Retries = int(*c.Retries) }},
	} {
		if !one.given {
			continue
		}
		one.put()
		if err := outOfBounds(one.flag, trial.Validate()); err != nil {
			return err
		}
	}
	if err := latin1("name", trial.Name); err != nil {
		return err
	}
	return latin1("description", trial.Description)
}

// latin1 finds characters that the protocol has no form for.
func latin1(flag, text string) error {
	for _, r := range text {
		if r > 0xFF {
			return usage("--%s: %q can't be sent to a module: its texts are Latin-1; use the module's web page", flag, r)
		}
	}
	return nil
}

// steps is what there is to write.
func (c deviceSetCmd) steps(client *hap.Client) []step {
	var list []step
	list = addStep(list, "name", c.Name, client.Name, client.SetName)
	list = addStep(list, "description", c.Description, client.Description, client.SetDescription)
	if c.ID != nil {
		id := uint32(*c.ID) // which judge has seen to be in bounds
		list = addStep(list, "module ID", &id, client.ID, client.SetID)
		list[len(list)-1].guard = "the DIP switches 0 to 5 say the ID, or " + notAllowed
	}
	list = addStep(list, "IP address", c.IP.addr(), client.IP, client.SetIP)
	list = addStep(list, "subnet mask", c.Subnet.addr(), client.Subnet, client.SetSubnet)
	list = addStep(list, "gateway", c.Gateway.addr(), client.Gateway, client.SetGateway)
	list = addStep(list, "DHCP", c.DHCP, func(ctx context.Context) (onOff, error) {
		on, err := client.DHCP(ctx)
		return onOff(on), err
	}, func(ctx context.Context, on onOff) error { return client.SetDHCP(ctx, bool(on)) })
	if c.AckTimeout != nil || c.Response != nil || c.Retries != nil {
		list = append(list, c.transfers(client))
	}
	return list
}

// addr is the address, nil where none was given.
func (a *ipv4) addr() *netip.Addr {
	if a == nil {
		return nil
	}
	return &a.Addr
}

// addStep adds a setting that is read and then written, where there is a value.
func addStep[T any](list []step, name string, value *T, read func(context.Context) (T, error), write func(context.Context, T) error) []step {
	if value == nil {
		return list
	}
	return append(list, step{name, fmt.Sprint(*value), func(ctx context.Context) (string, error) {
		old, err := read(ctx)
		if err != nil {
			return "", err
		}
		return fmt.Sprint(old), write(ctx, *value)
	}, notAllowed})
}

// transfers writes those of the three that are given.
func (c deviceSetCmd) transfers(client *hap.Client) step {
	var given []string
	change := func(t *hap.Transfers) {}
	add := func(text string, put func(*hap.Transfers)) {
		before := change
		given, change = append(given, text), func(t *hap.Transfers) { before(t); put(t) }
	}
	if c.AckTimeout != nil {
		add(fmt.Sprintf("ack %s", *c.AckTimeout), func(t *hap.Transfers) { t.AckTimeout = c.AckTimeout.Duration })
	}
	if c.Response != nil {
		add(fmt.Sprintf("response %s", *c.Response), func(t *hap.Transfers) { t.ResponseTimeout = c.Response.Duration })
	}
	if c.Retries != nil {
		add(fmt.Sprintf("%d retries", *c.Retries), func(t *hap.Transfers) { t.MaxRetries = uint16(*c.Retries) })
	}
	return step{"RX and WX", strings.Join(given, ", "), func(ctx context.Context) (string, error) {
		t, err := client.Transfers(ctx)
		if err != nil {
			return "", err
		}
		old := fmt.Sprintf("ack %s, response %s, %d retries", t.AckTimeout, t.ResponseTimeout, t.MaxRetries)
		change(&t)
		return old, client.SetTransfers(ctx, t)
	}, notAllowed}
}

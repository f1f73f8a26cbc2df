package main

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/rungmail/rungmail/hap"
)

type deviceSetCmd struct {
	reach       `embed:""`
	Name        *string        `help:"Its name; an empty one takes the name away." placeholder:"TEXT"`
	Description *string        `help:"Its description." placeholder:"TEXT"`
	ID          *uint32        `name:"id" help:"Its module ID, while DIP switches 0 to 5 are off." placeholder:"N"`
	IP          *netip.Addr    `name:"ip" help:"Its IP address." placeholder:"ADDRESS"`
	Subnet      *netip.Addr    `help:"Its subnet mask." placeholder:"MASK"`
	Gateway     *netip.Addr    `help:"Its gateway; 0.0.0.0 for none." placeholder:"ADDRESS"`
	DHCP        string         `name:"dhcp" help:"DHCP: on or off." enum:"on,off," default:"" placeholder:"on|off"`
	AckTimeout  *time.Duration `help:"How long RX and WX wait for an ACK." placeholder:"50ms"`
	Response    *time.Duration `name:"response-timeout" help:"How long they wait for a response." placeholder:"1500ms"`
	Retries     *uint16        `help:"How often they try again." placeholder:"N"`
}

// Help is the example of --help.
func (deviceSetCmd) Help() string {
	return "Writes only what is given, one after the other, and says what it was before.\nExit status: 0 written, 1 refused, 3 no answer.\n\nExample: rungmail device set 127.0.0.1 --name \"Filler 2\""
}

// deviceChange is one setting that was written.
type deviceChange struct {
	Setting string `json:"setting"`
	Old     string `json:"old"`
	New     string `json:"new"`
}

// Run writes settings.
func (c deviceSetCmd) Run(ctx context.Context, s streams) error {
	client, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	steps := c.steps(client)
	if len(steps) == 0 {
		return usage("nothing to set: give one or more of --name --description --id --ip --subnet --gateway --dhcp --ack-timeout --response-timeout --retries")
	}
	changes := []deviceChange{}
	for _, step := range steps {
		change, err := step(ctx)
		if err != nil {
			return deviceFault(err)
		}
		changes = append(changes, change)
		if !c.JSON {
			s.printf("%s: %s -> %s\n", change.Setting, undefined(change.Old), undefined(change.New))
		}
	}
	if c.JSON {
		return s.json(changes)
	}
	return nil
}

// step writes one setting.
type step func(context.Context) (deviceChange, error)

// steps is what there is to write.
func (c deviceSetCmd) steps(client *hap.Client) []step {
	var list []step
	list = addStep(list, "name", c.Name, client.Name, client.SetName)
	list = addStep(list, "description", c.Description, client.Description, client.SetDescription)
	list = addStep(list, "module ID", c.ID, client.ID, client.SetID)
	list = addStep(list, "IP address", c.IP, client.IP, client.SetIP)
	list = addStep(list, "subnet mask", c.Subnet, client.Subnet, client.SetSubnet)
	list = addStep(list, "gateway", c.Gateway, client.Gateway, client.SetGateway)
	if c.DHCP != "" {
		on := c.DHCP == "on"
		list = addStep(list, "DHCP", &on, client.DHCP, client.SetDHCP)
	}
	if c.AckTimeout != nil || c.Response != nil || c.Retries != nil {
		list = append(list, func(ctx context.Context) (deviceChange, error) { return c.transfers(ctx, client) })
	}
	return list
}

// addStep adds a setting that is read and then written, where there is a value.
func addStep[T any](list []step, name string, value *T, read func(context.Context) (T, error), write func(context.Context, T) error) []step {
	if value == nil {
		return list
	}
	return append(list, func(ctx context.Context) (deviceChange, error) {
		old, err := read(ctx)
		if err != nil {
			return deviceChange{}, err
		}
		return deviceChange{name, fmt.Sprint(old), fmt.Sprint(*value)}, write(ctx, *value)
	})
}

// transfers writes those of the three that are given.
func (c deviceSetCmd) transfers(ctx context.Context, client *hap.Client) (deviceChange, error) {
	t, err := client.Transfers(ctx)
	if err != nil {
		return deviceChange{}, err
	}
	text := func() string {
		return fmt.Sprintf("ack %s, response %s, %d retries", t.AckTimeout, t.ResponseTimeout, t.MaxRetries)
	}
	change := deviceChange{Setting: "RX and WX", Old: text()}
	if c.AckTimeout != nil {
		t.AckTimeout = *c.AckTimeout
	}
	if c.Response != nil {
		t.ResponseTimeout = *c.Response
	}
	if c.Retries != nil {
		t.MaxRetries = *c.Retries
	}
	change.New = text()
	return change, client.SetTransfers(ctx, t)
}

type devicePeersCmd struct {
	reach `embed:""`
	Set   []string `help:"Set a peer: 5=ecom:192.168.12.5, 6=modbus:192.168.12.6 with :PORT and /UNIT where they aren't 502 and 255, 7=none." placeholder:"N=PEER" sep:"none"`
}

// Help is the example of --help.
func (devicePeersCmd) Help() string {
	return "Exit status: 0 shown or written, 1 refused, 3 no answer.\n\nExample: rungmail device peers 127.0.0.1 --set 5=modbus:192.168.12.5:502/255"
}

// peerReport is one peer.
type peerReport struct {
	Number   int    `json:"number"`
	Protocol string `json:"protocol"` // "ecom" or "modbus"
	IP       string `json:"ip"`
	Port     uint16 `json:"port"` // of Modbus
	Unit     byte   `json:"unit"` // of Modbus
}

// String is the peer as --set takes it.
func (p peerReport) String() string {
	if p.Protocol == "modbus" {
		return fmt.Sprintf("modbus:%s:%d/%d", p.IP, p.Port, p.Unit)
	}
	return p.Protocol + ":" + p.IP
}

func reportPeers(peers [hap.MaxPeers]hap.Peer) []peerReport {
	list := []peerReport{}
	for n, p := range peers {
		switch p.Protocol {
		case hap.PeerECOM:
			list = append(list, peerReport{Number: n, Protocol: "ecom", IP: p.IP.String()})
		case hap.PeerModbus:
			list = append(list, peerReport{n, "modbus", p.IP.String(), p.Port, p.Unit})
		}
	}
	return list
}

// Run shows or writes peers.
func (c devicePeersCmd) Run(ctx context.Context, s streams) error {
	wanted := map[int]hap.Peer{}
	var order []int
	for _, text := range c.Set {
		n, p, err := parsePeer(text)
		if err != nil {
			return err
		}
		wanted[n], order = p, append(order, n)
	}
	client, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	for _, n := range order {
		if err := client.SetPeer(ctx, n, wanted[n]); err != nil {
			return deviceFault(err)
		}
	}
	peers, err := client.Peers(ctx)
	if err != nil {
		return deviceFault(err)
	}
	list := reportPeers(peers)
	if c.JSON {
		return s.json(list)
	}
	if len(list) == 0 {
		s.printf("no peers\n")
	}
	for _, p := range list {
		s.printf("%d=%s\n", p.Number, p)
	}
	return nil
}

// parsePeer reads what --set takes.
func parsePeer(text string) (int, hap.Peer, error) {
	wrong := func(why string) error {
		return usage("--set %q: %s: write N=ecom:ADDRESS, N=modbus:ADDRESS[:PORT][/UNIT] or N=none", text, why)
	}
	number, rest, ok := strings.Cut(text, "=")
	var n int
	if _, err := fmt.Sscanf(number, "%d", &n); err != nil || !ok || n < 0 || n >= hap.MaxPeers || fmt.Sprint(n) != number {
		return 0, hap.Peer{}, wrong(fmt.Sprintf("a peer's number is 0 to %d", hap.MaxPeers-1))
	}
	protocol, at, _ := strings.Cut(rest, ":")
	switch protocol {
	case "none":
		return n, hap.Peer{}, nil
	case "ecom":
		ip, err := netip.ParseAddr(at)
		if err != nil || !ip.Is4() {
			return n, hap.Peer{}, wrong("its address is no IPv4 address")
		}
		return n, hap.Peer{IP: ip, Protocol: hap.PeerECOM}, nil
	case "modbus":
		p, err := modbusPeer(at)
		if err != nil {
			return n, p, wrong(err.Error())
		}
		return n, p, nil
	}
	return n, hap.Peer{}, wrong("the protocol is ecom or modbus")
}

func modbusPeer(at string) (hap.Peer, error) {
	at, unit, hasUnit := strings.Cut(at, "/")
	host, port, hasPort := strings.Cut(at, ":")
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.Is4() {
		return hap.Peer{}, fmt.Errorf("its address is no IPv4 address")
	}
	p := hap.ModbusPeer(ip)
	if hasPort {
		if p.Port, err = parsePort(port); err != nil {
			return p, err
		}
	}
	if hasUnit {
		var n int
		if _, err := fmt.Sscanf(unit, "%d", &n); err != nil || n < 0 || n > 255 {
			return p, fmt.Errorf("a unit is 0 to 255")
		}
		p.Unit = byte(n)
	}
	return p, nil
}

func parsePort(text string) (uint16, error) {
	var n int
	if _, err := fmt.Sscanf(text, "%d", &n); err != nil || n < 1 || n > 65535 || fmt.Sprint(n) != text {
		return 0, fmt.Errorf("a port is 1 to 65535")
	}
	return uint16(n), nil
}

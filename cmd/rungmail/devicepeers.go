package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/settings"
)

type devicePeersCmd struct {
	reach `embed:""`
	Set   []string `help:"Set a peer, 0 to 95 (the module's page shows 1 to 87): 5=ecom:192.168.12.5, 6=modbus:192.168.12.6 with :PORT and /UNIT where they aren't 502 and 255, 7=none." placeholder:"N=PEER" sep:"none"`
}

// Help is the example of --help.
func (devicePeersCmd) Help() string {
	return "Exit status: 0 shown or written, 1 refused, 2 wrong usage, 3 no answer.\n\nExample: rungmail device peers 127.0.0.1 --set 5=modbus:192.168.12.5:502/255"
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

// peerStep is one --set.
type peerStep struct {
	number int
	peer   hap.Peer
}

// Run shows or writes peers.
func (c devicePeersCmd) Run(ctx context.Context, s streams) error {
	var steps []peerStep
	for _, text := range c.Set {
		one, err := parsePeer(text)
		if err != nil {
			return err
		}
		steps = append(steps, one)
	}
	client, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	fault := writePeers(ctx, client, steps)
	peers, err := client.Peers(ctx)
	if err != nil { // then what the writes said says more
		return errorOr(fault, deviceFault(err, notAllowed))
	}
	return errorOr(c.show(s, reportPeers(peers)), fault)
}

func errorOr(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// writePeers writes one peer after the other until one fails. The error says which
// one that was, what was written before it and what was left.
func writePeers(ctx context.Context, client *hap.Client, steps []peerStep) error {
	for i, one := range steps {
		if err := client.SetPeer(ctx, one.number, one.peer); err != nil {
			e := asExit(deviceFault(err, notAllowed))
			text := fmt.Sprintf("peer %d was not written: %s", one.number, e.text)
			if i > 0 {
				text += "; written before it: " + peerNumbers(steps[:i])
			}
			if rest := steps[i+1:]; len(rest) > 0 {
				text += "; not tried: " + peerNumbers(rest)
			}
			return exit{e.code, text}
		}
	}
	return nil
}

func peerNumbers(steps []peerStep) string {
	texts := make([]string, len(steps))
	for i, one := range steps {
		texts[i] = strconv.Itoa(one.number)
	}
	return strings.Join(texts, ", ")
}

func (c devicePeersCmd) show(s streams, list []peerReport) error {
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
func parsePeer(text string) (peerStep, error) {
	wrong := func(why string) (peerStep, error) {
		return peerStep{}, usage("--set %q: %s: write N=ecom:ADDRESS, N=modbus:ADDRESS[:PORT][/UNIT] or N=none", text, why)
	}
	number, rest, ok := strings.Cut(text, "=")
	n, err := strconv.ParseUint(number, 10, 8)
	if err != nil || !ok || n >= hap.MaxPeers {
		return wrong(fmt.Sprintf("a peer's number is 0 to %d", hap.MaxPeers-1))
	}
	one := peerStep{number: int(n)}
	protocol, at, _ := strings.Cut(rest, ":")
	switch {
	case rest == "none":
		return one, nil
	case protocol == "ecom":
		one.peer, err = ecomPeer(at)
	case protocol == "modbus":
		one.peer, err = modbusPeer(at)
	default:
		return wrong("the protocol is ecom or modbus")
	}
	if err != nil {
		return wrong(err.Error())
	}
	trial := settings.At(netip.IPv4Unspecified(), netip.IPv4Unspecified())
	trial.Peers[n] = settings.Peer{Protocol: settings.Protocol(one.peer.Protocol), IP: one.peer.IP, Port: one.peer.Port, Unit: one.peer.Unit}
	if trial.Validate() != nil {
		return wrong(fmt.Sprintf("no peer has the address %s", one.peer.IP))
	}
	return one, nil
}

var errPeerIP = errors.New("its address is no IPv4 address")

func ecomPeer(at string) (hap.Peer, error) {
	ip, err := netip.ParseAddr(at)
	if err != nil || !ip.Is4() {
		return hap.Peer{}, errPeerIP
	}
	return hap.Peer{IP: ip, Protocol: hap.PeerECOM}, nil
}

func modbusPeer(at string) (hap.Peer, error) {
	at, unit, hasUnit := strings.Cut(at, "/")
	host, port, hasPort := strings.Cut(at, ":")
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.Is4() {
		return hap.Peer{}, errPeerIP
	}
	p := hap.ModbusPeer(ip)
	if hasPort {
		if p.Port, err = parsePort(port); err != nil {
			return p, err
		}
	}
	if hasUnit {
		n, err := strconv.ParseUint(unit, 10, 8)
		if err != nil {
			return p, errors.New("a unit is 0 to 255")
		}
		p.Unit = byte(n)
	}
	return p, nil
}

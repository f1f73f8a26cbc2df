package hap

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"
)

// EnumSetup asks which set-up data the module has.
func (c *Client) EnumSetup(ctx context.Context) ([]SetupType, error) {
	var r EnumReply
	if err := c.do(ctx, Request{Function: FuncEnumSetup}, once(&r, ParseEnumReply)); err != nil {
		return nil, err
	}
	return r.Types, r.Code.Err()
}

// ReadSetup reads set-up data.
func (c *Client) ReadSetup(ctx context.Context, t SetupType) (data []byte, err error) {
	if err := c.do(ctx, Request{Function: FuncReadSetup, Type: t}, setupData(&data)); err != nil {
		return nil, fmt.Errorf("%s: %w", t, err)
	}
	return data, nil
}

// setupData takes an error number and data.
func setupData(data *[]byte) taker {
	return func(_ int, answer []byte) (time.Duration, error) {
		r, err := ParseSetupReply(answer)
		if err == nil {
			err = r.Code.Err()
		}
		if err == nil {
			*data = bytes.Clone(r.Data)
		}
		return 0, err
	}
}

// WriteSetup writes set-up data, and returns when the module has stored it.
func (c *Client) WriteSetup(ctx context.Context, t SetupType, data []byte) error {
	return c.store(ctx, Request{Function: FuncWriteSetup, Type: t, Data: data})
}

// DeleteSetup has the module forget set-up data, and returns when it has.
func (c *Client) DeleteSetup(ctx context.Context, t SetupType) error {
	return c.store(ctx, Request{Function: FuncDeleteSetup, Type: t})
}

// store waits for the two answers to a change of set-up data: one at once that
// may say anything, and one with an error number when it is done. An error number
// that comes first is the second answer, whose first one was lost.
func (c *Client) store(ctx context.Context, r Request) error {
	err := c.do(ctx, r, func(n int, answer []byte) (time.Duration, error) {
		ack, err := ParseReply(answer)
		acked := err == nil && ack.Kind == FuncACK && ack.Of == r.Function
		switch {
		case n == 0 && acked, n == 0 && len(answer) != 2:
			return c.opts.WriteTimeout, nil
		case acked:
			return sameDeadline, nil // a datagram may come twice
		}
		done, err := ParseSetupReply(answer)
		if err != nil {
			return 0, err
		}
		return 0, done.Code.Err()
	})
	if err != nil {
		return fmt.Errorf("%s: %w", r.Type, err)
	}
	return nil
}

// get reads set-up data and parses it.
func get[T any](ctx context.Context, c *Client, t SetupType, parse func([]byte) (T, error)) (value T, err error) {
	data, err := c.ReadSetup(ctx, t)
	if err != nil {
		return value, err
	}
	if value, err = parse(data); err != nil {
		return value, fmt.Errorf("%s: %w", t, err)
	}
	return value, nil
}

// put writes what was made of a value, if it could be.
func (c *Client) put(ctx context.Context, t SetupType, data []byte, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", t, err)
	}
	return c.WriteSetup(ctx, t, data)
}

func parseText(data []byte) (string, error) { return ParseText(data), nil }

// TypeString asks for the module's part number, "H2-ECOM100".
func (c *Client) TypeString(ctx context.Context) (string, error) {
	return get(ctx, c, SetupTypeString, parseText)
}

// Name asks for the module's name.
func (c *Client) Name(ctx context.Context) (string, error) { return get(ctx, c, SetupName, parseText) }

// SetName names the module, with at most 255 characters of Latin-1.
func (c *Client) SetName(ctx context.Context, name string) error {
	data, err := AppendText(nil, name, SetupName.Size())
	return c.put(ctx, SetupName, data, err)
}

// Description asks for the module's description.
func (c *Client) Description(ctx context.Context) (string, error) {
	return get(ctx, c, SetupDescription, parseText)
}

// SetDescription describes the module, with at most 255 characters of Latin-1.
func (c *Client) SetDescription(ctx context.Context, text string) error {
	data, err := AppendText(nil, text, SetupDescription.Size())
	return c.put(ctx, SetupDescription, data, err)
}

// ID asks for the module ID.
func (c *Client) ID(ctx context.Context) (uint32, error) { return get(ctx, c, SetupNode, ParseNode) }

// SetID sets the module ID. DIP switches 0 to 5 go before it.
func (c *Client) SetID(ctx context.Context, id uint32) error {
	return c.WriteSetup(ctx, SetupNode, AppendNode(nil, id))
}

// IP asks for the module's IP address.
func (c *Client) IP(ctx context.Context) (netip.Addr, error) { return get(ctx, c, SetupIP, ParseAddr) }

// SetIP sets the module's IP address. The client goes on speaking to the old one.
func (c *Client) SetIP(ctx context.Context, ip netip.Addr) error {
	data, err := AppendAddr(nil, ip)
	return c.put(ctx, SetupIP, data, err)
}

// Subnet asks for the subnet mask.
func (c *Client) Subnet(ctx context.Context) (netip.Addr, error) {
	return get(ctx, c, SetupSubnet, ParseAddr)
}

// SetSubnet sets the subnet mask.
func (c *Client) SetSubnet(ctx context.Context, mask netip.Addr) error {
	data, err := AppendAddr(nil, mask)
	return c.put(ctx, SetupSubnet, data, err)
}

// Gateway asks for the gateway's address.
func (c *Client) Gateway(ctx context.Context) (netip.Addr, error) {
	return get(ctx, c, SetupGateway, ParseAddr)
}

// SetGateway sets the gateway's address.
func (c *Client) SetGateway(ctx context.Context, ip netip.Addr) error {
	data, err := AppendAddr(nil, ip)
	return c.put(ctx, SetupGateway, data, err)
}

func parseFlags(data []byte) (IPFlags, error) {
	if len(data) < 4 {
		return 0, fmt.Errorf("%w: %d bytes of IP set-up", ErrMalformed, len(data))
	}
	return IPFlags(binary.LittleEndian.Uint32(data)), nil
}

// DHCP asks whether the module gets its addresses by DHCP.
func (c *Client) DHCP(ctx context.Context) (bool, error) {
	flags, err := get(ctx, c, SetupIPSetup, parseFlags)
	return flags&IPDHCP != 0, err
}

// SetDHCP has the module get its addresses by DHCP, or not. The rest of the IP
// set-up is read and written back as it was.
func (c *Client) SetDHCP(ctx context.Context, on bool) error {
	data, err := c.ReadSetup(ctx, SetupIPSetup)
	if err != nil {
		return err
	}
	flags, err := parseFlags(data)
	if err != nil {
		return fmt.Errorf("%s: %w", SetupIPSetup, err)
	}
	flags &^= IPDHCP
	if on {
		flags |= IPDHCP
	}
	binary.LittleEndian.PutUint32(data, uint32(flags))
	return c.WriteSetup(ctx, SetupIPSetup, data)
}

// Transfers asks for the time-outs and retries of RX and WX.
func (c *Client) Transfers(ctx context.Context) (Transfers, error) {
	return get(ctx, c, SetupTransfers, ParseTransfers)
}

// SetTransfers sets the time-outs and retries of RX and WX. What stands behind
// them is read and written back as it was.
func (c *Client) SetTransfers(ctx context.Context, t Transfers) error {
	data, err := c.ReadSetup(ctx, SetupTransfers)
	if err != nil {
		return err
	}
	if _, err := ParseTransfers(data); err != nil {
		return fmt.Errorf("%s: %w", SetupTransfers, err)
	}
	return c.put(ctx, SetupTransfers, data, t.put(data))
}

// Peers asks for all peers, in three reads.
func (c *Client) Peers(ctx context.Context) (peers [MaxPeers]Peer, err error) {
	for n := 0; n < MaxPeers; n += PeersPerTable {
		table, err := get(ctx, c, peerTable(n), ParsePeerTable)
		if err != nil {
			return peers, err
		}
		copy(peers[n:], table[:])
	}
	return peers, nil
}

// SetPeer sets peer n, from 0 on; the zero Peer removes it. The rest of its table
// is read and written back.
func (c *Client) SetPeer(ctx context.Context, n int, p Peer) error {
	if n < 0 || n >= MaxPeers {
		return fmt.Errorf("%w: peer %d, there are 0 to %d", ErrValue, n, MaxPeers-1)
	}
	table, err := get(ctx, c, peerTable(n), ParsePeerTable)
	if err != nil {
		return err
	}
	table[n%PeersPerTable] = p
	data, err := table.Append(nil)
	return c.put(ctx, peerTable(n), data, err)
}

// TracePort asks for the UDP port of the module's trace; 0 is none. Only
// Rungmail's modules know: the others fail with ErrNotFound, and have it on 29298.
func (c *Client) TracePort(ctx context.Context) (uint16, error) {
	p, err := get(ctx, c, SetupTracePort, ParseServerPorts)
	return p.Trace, err
}

// WebPort asks for the TCP port of the module's pages; 0 is none. Only Rungmail's
// modules know: the others fail with ErrNotFound, and have them on 80.
func (c *Client) WebPort(ctx context.Context) (uint16, error) {
	p, err := get(ctx, c, SetupTracePort, ParseServerPorts)
	return p.Web, err
}

// Email asks for the e-mail set-up in ROM. Only Rungmail's modules have it in a
// form that is known.
func (c *Client) Email(ctx context.Context) (Email, error) {
	return get(ctx, c, SetupEmail, ParseEmail)
}

// SetEmail writes the e-mail set-up to ROM. It is used from the next power-up on,
// or from [Client.UseNow].
func (c *Client) SetEmail(ctx context.Context, e Email) error {
	data, err := e.Append(nil)
	return c.put(ctx, SetupEmail, data, err)
}

// EmailInUse asks for the working copy of the e-mail set-up.
func (c *Client) EmailInUse(ctx context.Context) (Email, error) {
	return get(ctx, c, SetupEmailInUse, ParseEmail)
}

// SetEmailInUse changes the working copy of the e-mail set-up, until power-up.
func (c *Client) SetEmailInUse(ctx context.Context, e Email) error {
	data, err := e.Append(nil)
	return c.put(ctx, SetupEmailInUse, data, err)
}

// UseNow takes the e-mail set-up in ROM as the working copy, as ECEMRDS does.
func (c *Client) UseNow(ctx context.Context) error { return c.DeleteSetup(ctx, SetupEmailInUse) }

// Blink has the module's error light blink for a while, in whole seconds, so that
// someone at the panel sees which one it is; 0 ends it.
func (c *Client) Blink(ctx context.Context, d time.Duration) error {
	data, err := AppendBlink(nil, d)
	return c.put(ctx, SetupBlink, data, err)
}

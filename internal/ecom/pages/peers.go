package pages

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"

	"github.com/rungmail/rungmail/internal/ecom/settings"
)

// blocks are the pages of the peer table, first and last peer (seeds/000 section 6).
var blocks = [...][2]int{{1, 7}, {8, 15}, {16, 23}, {24, 31}, {32, 39}, {40, 47}, {48, 55}, {56, 63}, {64, 71}, {72, 79}, {80, settings.LastPeer}}

// blockLinks leads to the pages of the peer table; here is the first peer of the
// one that is shown.
func blockLinks(here int) []link {
	var list []link
	for _, b := range blocks {
		list = append(list, link{fmt.Sprintf("[%d-%d]", b[0], b[1]), peersPage(b[0]), b[0] == here})
	}
	return list
}

func peersPage(first int) string { return "/peers.html?from=" + strconv.Itoa(first) }

// peersEditor is the block of the peer table that a request names.
func (p *pages) peersEditor(r *http.Request) (*editor[settings.Setup], error) {
	first := strconv.Itoa(blocks[0][0])
	if query := r.URL.Query(); query.Has("from") {
		first = query.Get("from")
	}
	for _, b := range blocks {
		if strconv.Itoa(b[0]) != first {
			continue
		}
		e := p.edit(fmt.Sprintf("Peer to Peer %d-%d", b[0], b[1]), "peers", peersPage(b[0]))
		e.form.Intro = []string{fmt.Sprintf("Other devices that RX and WX exchange data with, by number. Port and Unit are Modbus TCP's; %d and %d are the usual ones. A peer with the protocol none is empty.",
			settings.DefaultModbusPort, settings.DefaultUnit)}
		e.rows = nil
		for i := b[0]; i <= b[1]; i++ {
			e.rows = append(e.rows, peer(i))
		}
		e.show = func(w http.ResponseWriter, r *http.Request, status int, f form, v view) {
			v.Content = sheet{Form: f, Blocks: blockLinks(b[0])}
			p.show(w, r, status, "edit", v)
		}
		return e, nil
	}
	return nil, errNotFound
}

// peer is the fields of one peer. The protocol comes first: what the others may be
// hangs on it.
func peer(i int) row[settings.Setup] {
	name := func(what string) string { return fmt.Sprintf("peer%d-%s", i, what) }
	return row[settings.Setup]{fmt.Sprintf("Peer %d", i), []setting[settings.Setup]{
		{
			field{Name: name("protocol"), Label: "Protocol", Kind: choice, Options: []string{settings.NoPeer.String(), settings.ECOM.String(), settings.Modbus.String()}},
			func(s settings.Setup) string { return s.Peers[i].Protocol.String() },
			func(s *settings.Setup, text string) error { return putProtocol(&s.Peers[i], text) },
		},
		{
			field{Name: name("ip"), Label: "IP Address", Kind: line, Numeric: true},
			func(s settings.Setup) string { return peerText(s.Peers[i], settings.ECOM, s.Peers[i].IP.String(), "") },
			func(s *settings.Setup, text string) error { return putPeerIP(&s.Peers[i], text) },
		},
		{
			field{Name: name("port"), Label: "Port", Kind: line, Numeric: true},
			func(s settings.Setup) string {
				return peerText(s.Peers[i], settings.Modbus, strconv.Itoa(int(s.Peers[i].Port)), strconv.Itoa(settings.DefaultModbusPort))
			},
			func(s *settings.Setup, text string) error { return putPort(&s.Peers[i], text) },
		},
		{
			field{Name: name("unit"), Label: "Unit", Kind: line, Numeric: true},
			func(s settings.Setup) string {
				return peerText(s.Peers[i], settings.Modbus, strconv.Itoa(int(s.Peers[i].Unit)), strconv.Itoa(settings.DefaultUnit))
			},
			func(s *settings.Setup, text string) error { return putUnit(&s.Peers[i], text) },
		},
	}}
}

// peerText is what a field shows: the value where the protocol, or one after it, is
// the peer's, else what a new peer would have.
func peerText(p settings.Peer, from settings.Protocol, value, otherwise string) string {
	if p.Protocol < from {
		return otherwise
	}
	return value
}

func putProtocol(p *settings.Peer, text string) error {
	for _, known := range []settings.Protocol{settings.NoPeer, settings.ECOM, settings.Modbus} {
		if known.String() == text {
			p.Protocol = known
			return nil
		}
	}
	return errors.New("choose none, ECOM or Modbus TCP")
}

// putPeerIP puts the address. A peer that had none before, and gets one without a
// protocol, was hardly meant to stay empty.
func putPeerIP(p *settings.Peer, text string) error {
	switch {
	case p.Protocol == settings.NoPeer && text != "" && !p.IP.IsValid():
		return errors.New("choose a protocol for this address, or empty the field")
	case p.Protocol == settings.NoPeer:
		*p = settings.Peer{}
		return nil
	}
	a, err := ipv4(text)
	if err != nil {
		return err
	}
	trial := settings.At(netip.IPv4Unspecified(), netip.IPv4Unspecified())
	trial.Peers[0] = settings.Peer{Protocol: settings.ECOM, IP: a}
	if err := trial.Validate(); err != nil {
		return err
	}
	p.IP = a
	return nil
}

func putPort(p *settings.Peer, text string) error {
	if p.Protocol != settings.Modbus {
		p.Port = 0
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("a port is 1 to 65535; %d is the usual one", settings.DefaultModbusPort)
	}
	p.Port = uint16(n)
	return nil
}

func putUnit(p *settings.Peer, text string) error {
	if p.Protocol != settings.Modbus {
		p.Unit = 0
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil {
		return fmt.Errorf("a unit is 0 to 255; %d is the usual one", settings.DefaultUnit)
	}
	p.Unit = byte(n)
	return nil
}

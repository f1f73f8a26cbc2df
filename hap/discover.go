package hap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"
)

// Search says where modules are looked for. The zero Search looks for all of them
// on every network of this machine.
type Search struct {
	// Broadcast is where to ask. Empty means everywhere: 255.255.255.255,
	// 127.255.255.255 for modules on this machine, and each interface's network.
	Broadcast []netip.AddrPort
	// Window is how long answers are waited for; 0 is 600 ms.
	Window time.Duration
	// Datum, if there is one, is set-up data that a module must have to answer: so
	// a name or a module ID is found.
	Datum *Datum
}

// Datum is a piece of set-up data.
type Datum struct {
	Type SetupType
	Data []byte
}

// Found is a module that answered.
type Found struct {
	Addr netip.AddrPort // where the answer came from
	Poll Poll
}

// MaxFound is the most modules that a search finds; what answers then is left
// out.
const MaxFound = 1024

// searchID is the id of every question. A search has its own port, so no other's
// answers come.
const searchID = 1

// Discover asks which modules there are, and returns those that answered within
// the window, sorted by address; a module that answered more than once from one
// address stands there once. A network that can't be reached is passed over; it
// is an error when none can. When ctx ends early, what was found so far comes
// with its error.
func Discover(ctx context.Context, s Search) ([]Found, error) {
	targets, err := s.targets()
	if err != nil {
		return nil, err
	}
	r := Request{Function: FuncPollAll}
	if s.Datum != nil {
		r = Request{Function: FuncQuerySetup, Type: s.Datum.Type, Data: s.Datum.Data}
	}
	body, err := r.Append(nil)
	if err != nil {
		return nil, err
	}
	frame, err := AppendFrame(nil, Frame{searchID, body})
	if err != nil {
		return nil, err
	}
	conn, err := listen(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	window := cmp.Or(max(s.Window, 0), 600*time.Millisecond)
	if err := conn.SetDeadline(time.Now().Add(window)); err != nil {
		return nil, err
	}
	defer interrupt(ctx, conn.SetDeadline)()
	if err := ask(conn, frame, targets); err != nil {
		return nil, err
	}
	return collect(conn), ctx.Err()
}

// ask sends the question everywhere. It fails where it could be sent nowhere.
func ask(conn *net.UDPConn, frame []byte, targets []netip.AddrPort) error {
	var faults []error
	for _, to := range targets {
		if _, err := conn.WriteToUDPAddrPort(frame, to); err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) == len(targets) {
		return fmt.Errorf("no network could be asked for modules: %w", errors.Join(faults...))
	}
	return nil
}

// answerer is who answered.
type answerer struct {
	addr netip.AddrPort
	mac  MAC
}

// collect reads answers until the socket's deadline. Of several by one module the
// first counts.
func collect(conn *net.UDPConn) []Found {
	seen := map[answerer]Poll{}
	buf := make([]byte, maxDatagram)
	for faults := 0; len(seen) < MaxFound && faults < MaxFound; {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) {
			break
		}
		if err != nil { // some systems tell here that a datagram reached nobody
			faults++
			continue
		}
		f, err := ParseFrame(buf[:n])
		if err != nil || f.ID != searchID {
			continue
		}
		p, err := ParsePoll(f.Body)
		if err != nil {
			continue
		}
		who := answerer{netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), p.MAC}
		if _, again := seen[who]; !again {
			seen[who] = p
		}
	}
	return sorted(seen)
}

func sorted(seen map[answerer]Poll) []Found {
	found := make([]Found, 0, len(seen))
	for who, p := range seen {
		found = append(found, Found{who.addr, p})
	}
	slices.SortFunc(found, func(a, b Found) int {
		return cmp.Or(a.Addr.Compare(b.Addr), slices.Compare(a.Poll.MAC[:], b.Poll.MAC[:]))
	})
	return found
}

// targets are where to ask.
func (s Search) targets() ([]netip.AddrPort, error) {
	if len(s.Broadcast) > 0 {
		return s.Broadcast, nil
	}
	return Broadcasts()
}

// Broadcasts are the addresses that reach all modules from this machine:
// 255.255.255.255, 127.255.255.255 and that of each interface's network.
func Broadcasts() ([]netip.AddrPort, error) {
	targets := []netip.AddrPort{
		netip.AddrPortFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), Port),
		netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 255, 255, 255}), Port),
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("listing the network interfaces: %w", err)
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagBroadcast == 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // an interface that has just gone
		}
		for _, a := range addrs {
			if ip, ok := directed(a); ok && !slices.Contains(targets, ip) {
				targets = append(targets, ip)
			}
		}
	}
	return targets, nil
}

// directed is the broadcast address of an interface's network.
func directed(a net.Addr) (netip.AddrPort, bool) {
	network, ok := a.(*net.IPNet)
	if !ok {
		return netip.AddrPort{}, false
	}
	ip, mask := network.IP.To4(), network.Mask
	if ones, bits := mask.Size(); ip == nil || bits != 32 || ones > 30 {
		return netip.AddrPort{}, false
	}
	var b [4]byte
	for i := range b {
		b[i] = ip[i] | ^mask[i]
	}
	return netip.AddrPortFrom(netip.AddrFrom4(b), Port), true
}

package viewer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/rungmail/rungmail/internal/ecom/trace"
)

// maxFaults is how many reads may fail one behind the other.
const maxFaults = 100

// writeWithin bounds the wait for room in the socket's own queue.
const writeWithin = time.Second

// Known is what is known of a module beforehand.
type Known struct {
	IP   netip.Addr // what it says of itself, for the stamps; the zero Addr is where it is
	Name string     // for the title; may be empty
}

// Module is a module's trace over UDP.
type Module struct {
	conn  *net.UDPConn
	at    netip.AddrPort
	known Known

	mu      sync.Mutex
	opening opening
	closed  bool
}

var _ Source = (*Module)(nil)

// Watch turns a module's trace on. The local port is any unless it is named:
// some modules send to 29298 only.
func Watch(ctx context.Context, at netip.AddrPort, port uint16, known Known) (*Module, error) {
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	if !at.Addr().Is4() || at.Port() == 0 {
		return nil, fmt.Errorf("%s is no module's address: write an IPv4 address, with a port where that isn't 29298", at)
	}
	packets, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp4", fmt.Sprintf(":%d", port))
	if err != nil {
		return nil, fmt.Errorf("no UDP port to listen on: %w", err)
	}
	if !known.IP.IsValid() {
		known.IP = at.Addr()
	}
	m := &Module{conn: packets.(*net.UDPConn), at: at, known: known}
	_ = trace.HearUnreachable(m.conn) // without it a module that is gone is noticed later
	if err := m.write(m.opening.start(time.Now())); err != nil {
		_ = m.conn.Close()
		return nil, err
	}
	return m, nil
}

// Name is the title of the original's window.
func (m *Module) Name() string { return title(m.at, m.known.Name) }

// title has the name that a module was given behind its address.
func title(at netip.AddrPort, name string) string {
	text := fmt.Sprintf("Monitoring UDP port: %d (0x%X). Command Device: %s", at.Port(), at.Port(), at.Addr())
	if name == "" {
		return text
	}
	return text + " (" + name + ")"
}

// Next waits for a line of the module's; what others send is left aside.
func (m *Module) Next(ctx context.Context) ([]Entry, error) {
	stop := context.AfterFunc(ctx, func() { _ = m.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	buffer := make([]byte, 64<<10)
	for faults := 0; faults < maxFaults; {
		_ = m.conn.SetReadDeadline(m.wake())
		if ctx.Err() != nil { // looked at behind the deadline, which may have taken the place of stop's
			return nil, ctx.Err()
		}
		n, from, err := m.conn.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil, io.EOF
		case err != nil && !isTimeout(err): // a report that an earlier datagram reached nobody
			faults++
			if entries := m.refused(time.Now()); len(entries) > 0 {
				return entries, nil
			}
			continue
		case err == nil && from.Addr().Unmap() != m.at.Addr():
			continue
		}
		faults = 0
		entries, err := m.step(time.Now(), buffer[:n], err == nil)
		if len(entries) > 0 || err != nil {
			return entries, err
		}
	}
	return nil, errors.New("the network doesn't let anything be read: check this computer's network")
}

// step takes in a datagram, or that time has passed.
func (m *Module) step(now time.Time, datagram []byte, came bool) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out outcome
	var text string
	if came {
		text = Parse(string(datagram)).Text
		out = m.opening.heard(now, text)
	} else {
		out = m.opening.tick(now)
	}
	entries := m.say(now, out)
	if out.show {
		entries = append(entries, m.entry(now, text))
	}
	err := m.write(out.send)
	switch {
	case err != nil && m.opening.settled(): // a network that is down may come up again
		return append(entries, m.say(now, m.opening.refused(now))...), nil
	case err != nil:
		return entries, err
	case out.full:
		return entries, ErrFull
	case out.silent:
		return entries, ErrSilent
	}
	return entries, nil
}

// refused takes in a report that a datagram reached nobody.
func (m *Module) refused(now time.Time) []Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	trace.Unreachable(m.conn) // or the reports would fill the socket's room
	return m.say(now, m.opening.refused(now))
}

// say is the line of the viewer's own in an outcome, if there is one.
func (m *Module) say(now time.Time, out outcome) []Entry {
	if out.say == "" {
		return nil
	}
	return []Entry{m.entry(now, out.say)}
}

// entry is a line of this module's.
func (m *Module) entry(now time.Time, text string) Entry {
	return Entry{Time: now, Module: m.known.IP.String(), Text: text}
}

func (m *Module) wake() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.opening.wake
}

// Send sends a command; its answer comes as a line.
func (m *Module) Send(command string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opening.byHand()
	return m.write(command)
}

// Close turns the trace off and closes the socket. The answer isn't waited for.
func (m *Module) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil
	}
	m.closed = true
	err := m.write(m.opening.farewell())
	return errors.Join(err, m.conn.Close())
}

// write sends a command, unless it is "".
func (m *Module) write(command string) error {
	if command == "" {
		return nil
	}
	var err error
	for range 2 { // the first error may be the report of an earlier datagram
		_ = m.conn.SetWriteDeadline(time.Now().Add(writeWithin))
		if _, err = m.conn.WriteToUDPAddrPort([]byte(command), m.at); err == nil {
			return nil
		}
		trace.Unreachable(m.conn)
	}
	return fmt.Errorf("sending %q to %s: %w", command, m.at, err)
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

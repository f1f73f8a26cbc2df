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
)

// maxFaults is how many reads may fail one behind the other.
const maxFaults = 100

// writeWithin bounds the wait for room in the socket's own queue.
const writeWithin = time.Second

// Module is a module's trace over UDP.
type Module struct {
	conn *net.UDPConn
	at   netip.AddrPort

	mu      sync.Mutex
	opening opening
	closed  bool
}

var _ Source = (*Module)(nil)

// Watch turns a module's trace on. The local port is any unless it is named:
// some modules send to 29298 only.
func Watch(ctx context.Context, at netip.AddrPort, port uint16) (*Module, error) {
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	if !at.Addr().Is4() || at.Port() == 0 {
		return nil, fmt.Errorf("%s is no module's address: write an IPv4 address, with a port where that isn't 29298", at)
	}
	packets, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp4", fmt.Sprintf(":%d", port))
	if err != nil {
		return nil, fmt.Errorf("no UDP port to listen on: %w", err)
	}
	m := &Module{conn: packets.(*net.UDPConn), at: at}
	if err := m.write(m.opening.start(time.Now())); err != nil {
		_ = m.conn.Close()
		return nil, err
	}
	return m, nil
}

// Name is the title of the original's window.
func (m *Module) Name() string { return title(m.at) }

func title(at netip.AddrPort) string {
	return fmt.Sprintf("Monitoring UDP port: %d (0x%X). Command Device: %s", at.Port(), at.Port(), at.Addr())
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
		case err != nil && !isTimeout(err):
			faults++ // such as Windows' report that an earlier datagram found a closed port
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
	if !came {
		send, silent := m.opening.tick(now)
		if silent {
			return nil, ErrSilent
		}
		return nil, m.write(send)
	}
	text := Entry{Time: now, Module: m.at.Addr().String(), Text: Parse(string(datagram)).Text}
	send, show, full := m.opening.heard(now, text.Text)
	if err := m.write(send); err != nil {
		return []Entry{text}, err
	}
	switch {
	case full:
		return []Entry{text}, ErrFull
	case show:
		return []Entry{text}, nil
	}
	return nil, nil
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
	_ = m.conn.SetWriteDeadline(time.Now().Add(writeWithin))
	if _, err := m.conn.WriteToUDPAddrPort([]byte(command), m.at); err != nil {
		return fmt.Errorf("sending %q to %s: %w", command, m.at, err)
	}
	return nil
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

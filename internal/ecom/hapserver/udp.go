package hapserver

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/rungmail/rungmail/hap"
)

// maxDatagram is more than any frame, maxControl than what the system says of one.
const maxDatagram, maxControl = 2048, 128

// sendWithin bounds how long an answer may take to leave.
const sendWithin = time.Second

// Serve answers what comes to a module's own socket until the context ends; it
// closes the socket. The error is nil then. What was broadcast is left to
// [ServeBroadcast], where the socket is one of all addresses and gets it too.
func Serve(ctx context.Context, conn *net.UDPConn, s *Server) error {
	if at, ok := conn.LocalAddr().(*net.UDPAddr); ok && at.IP.IsUnspecified() {
		if err := sayDestination(conn); err != nil {
			return errors.Join(err, conn.Close())
		}
	}
	return receive(ctx, conn, func(from netip.AddrPort, to netip.Addr, datagram []byte) {
		if !broadcasts(to) {
			s.Handle(time.Now(), from, datagram, false, func(answer []byte) error { return send(conn, to, from, answer) })
		}
	})
}

// broadcasts tells whether an address reaches more than one host.
func broadcasts(to netip.Addr) bool {
	if !to.IsValid() || to.IsMulticast() {
		return to.IsValid()
	}
	all, err := hap.Broadcasts()
	return err == nil && slices.ContainsFunc(all, func(a netip.AddrPort) bool { return a.Addr() == to })
}

// Member is a module that is found by broadcast, and the socket that it answers
// from: a socket that is bound to one address gets no broadcast.
type Member struct {
	Server *Server
	Conn   *net.UDPConn
}

// ServeBroadcast lets modules answer what is broadcast, each from its own address,
// until the context ends; it closes the socket. The error is nil then.
func ServeBroadcast(ctx context.Context, conn *net.UDPConn, members []Member) error {
	return receive(ctx, conn, func(from netip.AddrPort, _ netip.Addr, datagram []byte) {
		for _, m := range members {
			m.Server.Handle(time.Now(), from, datagram, true, func(answer []byte) error { return send(m.Conn, netip.Addr{}, from, answer) })
		}
	})
}

// receive hands on datagrams, with where they were sent to where that is said.
func receive(ctx context.Context, conn *net.UDPConn, handle func(from netip.AddrPort, to netip.Addr, datagram []byte)) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	defer conn.Close()
	buf, oob := make([]byte, maxDatagram), make([]byte, maxControl)
	for ctx.Err() == nil {
		n, control, _, from, err := conn.ReadMsgUDPAddrPort(buf, oob)
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, net.ErrClosed):
			return err
		case err == nil && from.Port() != 0:
			to, _ := destination(oob[:control])
			handle(from, to, buf[:n])
		}
	}
	return nil
}

// send sends an answer, from the address that was asked where that is said: a client
// takes none from another.
func send(conn *net.UDPConn, from netip.Addr, to netip.AddrPort, answer []byte) error {
	if err := conn.SetWriteDeadline(time.Now().Add(sendWithin)); err != nil {
		return err
	}
	if control := source(from); control != nil {
		_, _, err := conn.WriteMsgUDPAddrPort(answer, control, to)
		return err
	}
	_, err := conn.WriteToUDPAddrPort(answer, to)
	return err
}

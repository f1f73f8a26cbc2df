package hapserver

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// maxDatagram is more than any frame.
const maxDatagram = 2048

// sendWithin bounds how long an answer may take to leave.
const sendWithin = time.Second

// Serve answers what comes to a module's own socket until the context ends; it
// closes the socket. The error is nil then.
func Serve(ctx context.Context, conn *net.UDPConn, s *Server) error {
	return receive(ctx, conn, func(from netip.AddrPort, datagram []byte) {
		s.Handle(time.Now(), from, datagram, false, func(answer []byte) error { return send(conn, from, answer) })
	})
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
	return receive(ctx, conn, func(from netip.AddrPort, datagram []byte) {
		for _, m := range members {
			m.Server.Handle(time.Now(), from, datagram, true, func(answer []byte) error { return send(m.Conn, from, answer) })
		}
	})
}

// receive hands on datagrams.
func receive(ctx context.Context, conn *net.UDPConn, handle func(netip.AddrPort, []byte)) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	defer conn.Close()
	buf := make([]byte, maxDatagram)
	for ctx.Err() == nil {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, net.ErrClosed):
			return err
		case err == nil && from.Port() != 0:
			handle(from, buf[:n])
		}
	}
	return nil
}

func send(conn *net.UDPConn, to netip.AddrPort, answer []byte) error {
	if err := conn.SetWriteDeadline(time.Now().Add(sendWithin)); err != nil {
		return err
	}
	_, err := conn.WriteToUDPAddrPort(answer, to)
	return err
}

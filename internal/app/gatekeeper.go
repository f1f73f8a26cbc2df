package app

import (
	"net"
	"net/netip"
	"sync"
)

// gatekeeper lets into a server only those who may ask, and no more of them at once than
// there is room for; anyone else is cut off without a byte.
type gatekeeper struct {
	net.Listener
	allow func(netip.Addr) (read, write bool)
	free  chan struct{}
}

// Accept waits for someone who may come in.
func (g *gatekeeper) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		peer, err := netip.ParseAddrPort(conn.RemoteAddr().String())
		if read, _ := g.allow(peer.Addr()); err != nil || !read {
			_ = conn.Close()
			continue
		}
		select {
		case g.free <- struct{}{}:
			return &guest{Conn: conn, leave: func() { <-g.free }}, nil
		default:
			_ = conn.Close()
		}
	}
}

// guest is a connection that has been let in.
type guest struct {
	net.Conn
	once  sync.Once
	leave func()
}

// Close ends it and makes room for another.
func (g *guest) Close() error {
	g.once.Do(g.leave)
	return g.Conn.Close()
}

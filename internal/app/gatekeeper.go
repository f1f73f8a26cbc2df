package app

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// gatekeeper lets into a server only those who may ask, and no more of them at once than
// there is room for, in all and from one address; anyone else is cut off without a byte.
type gatekeeper struct {
	net.Listener
	allow         func(netip.Addr) (read, write bool)
	room, roomFor int // in all, and for an address

	mu     sync.Mutex
	inside int
	from   map[netip.Addr]int
}

// gateAt is a gatekeeper at a listener.
func gateAt(l net.Listener, allow func(netip.Addr) (read, write bool), room, roomFor int) *gatekeeper {
	return &gatekeeper{Listener: l, allow: allow, room: room, roomFor: roomFor, from: map[netip.Addr]int{}}
}

// asks lets requests to a handler only from those who may ask by then: a connection
// may be older than a reload.
func asks(allow func(netip.Addr) (read, write bool), next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if read, _ := allow(peer.Addr().Unmap()); err != nil || !read {
			panic(http.ErrAbortHandler) // which ends the connection without a byte
		}
		next.ServeHTTP(w, r)
	})
}

// Accept waits for someone who may come in.
func (g *gatekeeper) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		peer, err := netip.ParseAddrPort(conn.RemoteAddr().String())
		at := peer.Addr().Unmap()
		if read, _ := g.allow(at); err != nil || !read || !g.enter(at) {
			_ = conn.Close()
			continue
		}
		return &guest{Conn: conn, leave: func() { g.left(at) }}, nil
	}
}

func (g *gatekeeper) enter(at netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside >= g.room || g.from[at] >= g.roomFor {
		return false
	}
	g.inside++
	g.from[at]++
	return true
}

func (g *gatekeeper) left(at netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.from[at]--; g.from[at] == 0 {
		delete(g.from, at)
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

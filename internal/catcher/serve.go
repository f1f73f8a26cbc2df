package catcher

import (
	"context"
	"net"
	"sync"
	"time"
)

// Bounds of a catcher on a socket.
const (
	maxConnections = 16
	idleTime       = time.Minute
)

// Serve answers connections on a listener until the context ends; took gets each
// mail, one at a time. It returns when every connection is closed.
func Serve(ctx context.Context, listener net.Listener, host string, took func(Received)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, maxConnections)
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	for {
		conn, err := listener.Accept()
		if err != nil {
			break
		}
		select {
		case slots <- struct{}{}:
		default:
			_ = conn.Close()
			continue
		}
		wg.Go(func() {
			defer func() { <-slots }()
			end := context.AfterFunc(ctx, func() { _ = conn.Close() })
			defer end()
			serve(conn, NewSession(host, nil, func(r Received) {
				mu.Lock()
				defer mu.Unlock()
				took(r)
			}))
		})
	}
	wg.Wait()
}

// serve runs one session on a connection.
func serve(conn net.Conn, s *Session) {
	defer func() { _ = conn.Close() }()
	buf := make([]byte, 4096)
	for o := s.Begin(); ; {
		if err := conn.SetDeadline(time.Now().Add(idleTime)); err != nil {
			return
		}
		if len(o.Out) > 0 {
			if _, err := conn.Write(o.Out); err != nil {
				return
			}
		}
		if o.Over || o.Manner != Answer {
			return
		}
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		o = s.Feed(buf[:n])
	}
}

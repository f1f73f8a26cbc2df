package intake

import (
	"context"
	"io"
	"net"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/device"
)

// Sizes and times of a connection.
const (
	readSize    = 16 << 10
	watchAfter  = 20 * time.Millisecond // a message that is taken sooner needs no watch
	lingerTime  = 2 * time.Second       // for a client to read our last word
	lingerBytes = 1 << 20               // that it may still send meanwhile
)

// conn drives a session on a connection.
type conn struct {
	server   *Server
	listener *Listener
	net      net.Conn // with TLS, once there is
	raw      net.Conn
	peer     netip.Addr
	device   *device.Device
	stranger bool

	session *Session
	quick   func() // asks for a quick acknowledgement
	buf     []byte
}

// deadline bounds what comes next on the connection.
func (c *conn) deadline(d time.Duration) { _ = c.net.SetDeadline(time.Now().Add(d)) }

// serve has the conversation. A fault of ours ends no other one.
func (c *conn) serve(ctx context.Context) {
	defer func() {
		_ = c.net.Close()
		end := NoHandshake // unless there is a session
		if fault := recover(); fault != nil {
			c.server.config.Log.Error("a session failed", "peer", c.peer, "fault", fault, "stack", string(debug.Stack()))
			end = Failed
		} else if c.session != nil {
			end = c.session.end
		}
		c.server.counts.end(end)
		if c.session != nil {
			c.session.forget()
			c.session.trace.ended(time.Now(), end)
		}
		c.server.config.Log.Debug("a session is over", "peer", c.peer, "end", end)
	}()
	c.quick = quickAck(c.raw)
	secured := ""
	if c.listener.TLS == Implicit {
		var err error
		if secured, err = c.secure(ctx, c.device); err != nil {
			c.noHandshake(err)
			return
		}
	}
	c.session = c.server.newSession(c.peer, c.listener.TLS, secured)
	c.buf = make([]byte, readSize)
	c.talk(ctx)
}

// talk goes on until the session is over.
func (c *conn) talk(ctx context.Context) {
	gone, cancel := context.WithCancel(ctx) // when the connection is, too
	defer cancel()
	wake := context.AfterFunc(ctx, func() { _ = c.raw.SetReadDeadline(time.Unix(1, 0)) })
	defer wake()
	knew := false
	for do := c.session.Begin(time.Now()); ; {
		if c.session.knocked && !knew {
			knew = true
			c.knock()
		}
		if c.write(do.Out) != nil {
			return
		}
		switch do.Next {
		case Close:
			c.linger()
			return
		case Handshake:
			name, err := c.secure(ctx, c.session.device)
			if err != nil {
				c.noHandshake(err)
				c.session.shut(NoHandshake)
				return
			}
			do = c.session.Secured(name, time.Now())
		case Take:
			do = c.take(gone, cancel)
		default:
			do = c.read(ctx)
		}
	}
}

func (c *conn) knock() {
	c.server.counts.knocks.Add(1)
	if c.server.seldom(c.peer) {
		c.server.config.Log.Warn("a knock: an address of no device wants to send mail", "peer", c.peer)
	}
}

func (c *conn) noHandshake(err error) {
	if c.server.seldom(c.peer) {
		c.server.config.Log.Warn("TLS didn't come about", "peer", c.peer, "error", err)
	}
}

// write writes what was said.
func (c *conn) write(out []byte) error {
	if len(out) == 0 {
		return nil
	}
	_ = c.net.SetWriteDeadline(time.Now().Add(c.server.config.Timeouts.Write))
	_, err := c.net.Write(out)
	if err != nil && c.session.next != Close {
		c.session.shut(NoReader)
	}
	return err
}

// read has the session hear the client, or that it is silent, gone, or to stop.
func (c *conn) read(ctx context.Context) Do {
	_ = c.net.SetReadDeadline(sooner(c.session.Deadline(c.server.crowded()), time.Now().Add(c.server.config.Timeouts.Crowded)))
	if ctx.Err() != nil && !c.session.stopping { // it ends just now: the deadline may be too late to wake us
		return c.session.Stop(time.Now())
	}
	n, err := c.net.Read(c.buf)
	now := time.Now()
	if n > 0 {
		do := c.session.Feed(c.buf[:n], now)
		if len(do.Out) == 0 && do.Next == Read && n < len(c.buf) {
			c.quick() // the client may be waiting to send the rest
		}
		return do
	}
	switch {
	case err == nil:
		return Do{Next: Read}
	case !isTimeout(err):
		c.session.Gone(now)
		return Do{Next: Close}
	case ctx.Err() != nil && !c.session.stopping:
		return c.session.Stop(now)
	case now.Before(c.session.Deadline(c.server.crowded())): // only to see whether it is crowded now
		return Do{Next: Read}
	}
	return c.session.Timeout(now)
}

func isTimeout(err error) bool {
	t, ok := err.(net.Error) //nolint:errorlint // as net and crypto/tls give it
	return ok && t.Timeout()
}

// take has the message taken, and gives the answer. While that waits the connection is
// watched: where the client hangs up, nobody needs to wait any more.
func (c *conn) take(gone context.Context, cancel context.CancelFunc) Do {
	m, body := c.session.Handover()
	w := &watch{}
	if !c.session.Pending() {
		w.begin(c, cancel)
	}
	a := c.server.config.Take(gone, m, body)
	early := w.end(c)
	if a.Reply.Code == 0 {
		a.Reply = refusalOf(nil)
	}
	if a.Reply.Class() == 2 {
		c.server.counts.taken.Add(1)
	} else {
		c.server.counts.refused.Add(1)
	}
	do := c.session.Answer(a.Reply, time.Now())
	if a.Wrote == nil && len(early) == 0 {
		return do
	}
	err := c.write(do.Out)
	if a.Wrote != nil {
		a.Wrote(err)
	}
	do.Out = nil
	switch {
	case err != nil:
		return Do{Next: Close}
	case len(early) > 0 && do.Next != Close:
		return c.session.Feed(early, time.Now())
	}
	return do
}

// watch reads from a connection while a message is being taken.
type watch struct {
	timer *time.Timer
	done  chan struct{}
	n     int // bytes in the connection's buffer
}

// begin begins to watch after a moment. gone is called when the client has hung up.
func (w *watch) begin(c *conn, gone func()) {
	w.done = make(chan struct{})
	w.timer = time.AfterFunc(watchAfter, func() {
		defer close(w.done)
		n, err := c.net.Read(c.buf)
		w.n = n
		if err != nil && !isTimeout(err) {
			gone()
		}
	})
}

// end ends the watch, and gives what was read meanwhile.
func (w *watch) end(c *conn) []byte {
	if w.timer == nil || w.timer.Stop() {
		return nil
	}
	_ = c.raw.SetReadDeadline(time.Unix(1, 0))
	<-w.done
	return c.buf[:w.n]
}

// linger lets the client read our last word before the connection is closed: closing
// with its bytes unread would reset it (RFC 1122 section 4.2.2.13).
func (c *conn) linger() {
	switch c.session.end {
	case Quit, HungUp, NoReader, HTTP, TLSOnPlain: // nothing is left to be read, or nobody reads
		return
	}
	_ = c.net.SetWriteDeadline(time.Now().Add(lingerTime))
	half, ok := c.net.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	_ = c.raw.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, c.raw, lingerBytes)
}

package hap

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// Options are how a client waits. The zero Options are the usual ones.
type Options struct {
	// Timeout is how long each try waits for its answer; 0 is 100 ms.
	Timeout time.Duration
	// Retries is how many more tries follow the first; 0 is 3, negative is none.
	Retries int
	// WriteTimeout is how long set-up data may take to be written after it was
	// acknowledged: the module erases flash meanwhile. 0 is 30 s.
	WriteTimeout time.Duration
}

// maxDatagram is room for any datagram: one that doesn't fit is an error on some
// systems, and must not end a request that it isn't for.
const maxDatagram = 1 << 16

func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = 100 * time.Millisecond
	}
	switch {
	case o.Retries == 0:
		o.Retries = 3
	case o.Retries < 0:
		o.Retries = 0
	}
	if o.WriteTimeout <= 0 {
		o.WriteTimeout = 30 * time.Second
	}
	return o
}

// Counts are what went wrong on the way and was put right.
type Counts struct {
	Retries uint64 // requests that were sent again
	Late    uint64 // answers to an earlier try or request
	BadCRC  uint64 // damaged answers
	Strays  uint64 // datagrams that aren't of this protocol
}

// Client speaks with one module. It is safe for concurrent use; requests go out
// one after the other.
//
// A request that isn't answered in time is sent again, so a module may carry it
// out twice. For reads that is nothing, and every write here says what is to be,
// not what is to change, so the second does what the first did. Only a write of
// somebody else between the two would be lost.
//
// An error that the module itself gives is an [Error]. [ErrTimeout] means that no
// answer came, [ErrCRC] that the last try's was damaged.
type Client struct {
	conn *net.UDPConn
	peer netip.AddrPort // of an addressed client; a plain one's socket is connected
	mac  *MAC           // of an addressed client
	opts Options
	turn chan struct{} // whoever has put something in may use what follows
	id   uint16
	buf  [maxDatagram]byte

	retries, late, badCRC, strays atomic.Uint64
}

// Dial opens a socket to the module at this address: a host, or host:port where
// the port isn't 28784. Nothing is sent yet.
func Dial(ctx context.Context, address string, opts Options) (*Client, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "udp4", withPort(address))
	if err != nil {
		return nil, err
	}
	return newClient(conn.(*net.UDPConn), opts), nil
}

// DialAddressed opens a socket to the module with this Ethernet address, whatever
// its IP address is. Each request goes to address, as a rule 255.255.255.255 or a
// network's broadcast address, and only that module answers; from where the
// answer comes isn't looked at.
func DialAddressed(ctx context.Context, address string, mac MAC, opts Options) (*Client, error) {
	peer, err := resolve(ctx, withPort(address))
	if err != nil {
		return nil, err
	}
	conn, err := listen(ctx)
	if err != nil {
		return nil, err
	}
	c := newClient(conn, opts)
	c.peer, c.mac = peer, &mac
	return c, nil
}

func newClient(conn *net.UDPConn, opts Options) *Client {
	return &Client{conn: conn, opts: opts.withDefaults(), turn: make(chan struct{}, 1)}
}

// withPort adds the protocol's port where an address has none.
func withPort(address string) string {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	return net.JoinHostPort(address, strconv.Itoa(Port))
}

func resolve(ctx context.Context, address string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	n, err := net.DefaultResolver.LookupPort(ctx, "udp4", port)
	if err != nil {
		return netip.AddrPort{}, err
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(ips[0].Unmap(), uint16(n)), nil
}

// listen opens a socket for broadcasts. Go allows broadcasts on every UDP socket.
func listen(ctx context.Context) (*net.UDPConn, error) {
	var config net.ListenConfig
	conn, err := config.ListenPacket(ctx, "udp4", ":0")
	if err != nil {
		return nil, err
	}
	return conn.(*net.UDPConn), nil
}

// Close closes the socket. A call that is waiting fails with net.ErrClosed.
func (c *Client) Close() error { return c.conn.Close() }

// Counts are the counts so far.
func (c *Client) Counts() Counts {
	return Counts{c.retries.Load(), c.late.Load(), c.badCRC.Load(), c.strays.Load()}
}

// Remote is where requests go: the module, or the network of an addressed client.
func (c *Client) Remote() netip.AddrPort {
	if c.mac != nil {
		return c.peer
	}
	at, _ := c.conn.RemoteAddr().(*net.UDPAddr)
	return at.AddrPort()
}

// remote is where requests go.
func (c *Client) remote() string {
	if c.mac != nil {
		return fmt.Sprintf("%s by %s", c.mac, c.peer)
	}
	return c.conn.RemoteAddr().String()
}

// sameDeadline is what a taker returns to go on waiting as long as it was.
const sameDeadline time.Duration = -1

// taker takes the nth answer to a request, from 0. It returns how long to wait
// for the next one; 0 ends the request, and so does an error. The answer's bytes
// are only its own until it returns.
type taker func(n int, answer []byte) (time.Duration, error)

// do sends a request, as often as it must, and gives the answers to take.
func (c *Client) do(ctx context.Context, r Request, take taker) error {
	function := r.Function
	if c.mac != nil {
		var err error
		if r, err = r.To(*c.mac); err != nil {
			return err
		}
	}
	body, err := r.Append(nil)
	if err != nil {
		return err
	}
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return c.explain(ctx, function, ctx.Err())
	}
	defer interrupt(ctx, c.conn.SetReadDeadline)()
	for try := 0; ; try++ {
		err = c.try(ctx, body, function, take)
		again := errors.Is(err, ErrTimeout) || errors.Is(err, ErrCRC)
		if !again || ctx.Err() != nil || try == c.opts.Retries {
			return c.explain(ctx, function, err)
		}
		c.retries.Add(1)
	}
}

// interrupt ends reads when ctx ends, until stop is called. After stop it won't.
func interrupt(ctx context.Context, setDeadline func(time.Time) error) (stop func()) {
	done := make(chan struct{})
	cancelled := context.AfterFunc(ctx, func() {
		defer close(done)
		_ = setDeadline(time.Unix(1, 0))
	})
	return func() {
		if !cancelled() {
			<-done
		}
	}
}

// explain says what failed, where, and what to do about it.
func (c *Client) explain(ctx context.Context, function Function, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, ErrTimeout):
		err = fmt.Errorf("%w after %d tries: check the address, the cable and that nothing stops UDP port %d", err, c.opts.Retries+1, Port)
	case errors.Is(err, syscall.ECONNREFUSED):
		err = fmt.Errorf("%w: nothing listens there: check the address and the port", err)
	}
	return fmt.Errorf("%s of %s: %w", function, c.remote(), err)
}

// try sends a request once and waits for its answers.
func (c *Client) try(ctx context.Context, body []byte, function Function, take taker) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.id++
	if c.id == 0 {
		c.id++
	}
	frame, err := AppendFrame(nil, Frame{c.id, body})
	if err != nil {
		return err
	}
	if err := c.send(frame); err != nil {
		return err
	}
	deadline := time.Now().Add(c.opts.Timeout)
	for n := 0; ; n++ {
		answer, err := c.receive(ctx, deadline)
		if err != nil {
			return err
		}
		if refused, err := ParseReply(answer); err == nil && refused.Kind == FuncNAK && refused.Of == function {
			return nak(refused)
		}
		wait, err := take(n, answer)
		switch {
		case err != nil || wait == 0:
			return err
		case wait != sameDeadline:
			deadline = time.Now().Add(wait)
		}
	}
}

// nak is the error of a NAK, which is one even if it doesn't say which.
func nak(r Reply) error {
	if err := r.Code.Err(); err != nil {
		return err
	}
	return ErrNAKed
}

func (c *Client) send(frame []byte) (err error) {
	_ = c.conn.SetWriteDeadline(time.Now().Add(c.opts.Timeout))
	if c.mac == nil {
		_, err = c.conn.Write(frame)
		return err
	}
	return ask(c.conn, frame, everywhere(c.peer))
}

// everywhere is where a broadcast goes: 255.255.255.255 means every network of this
// machine, since alone it needs a default route, and doesn't reach modules of this
// machine itself.
func everywhere(peer netip.AddrPort) []netip.AddrPort {
	targets := []netip.AddrPort{peer}
	if peer.Addr() != netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return targets
	}
	all, err := Broadcasts()
	if err != nil {
		return targets
	}
	for i, a := range all {
		all[i] = netip.AddrPortFrom(a.Addr(), peer.Port())
	}
	return all
}

// receive waits for an answer to the request that was sent last; what else comes
// is counted. The answer is a part of the client's buffer.
func (c *Client) receive(ctx context.Context, deadline time.Time) ([]byte, error) {
	if err := c.conn.SetReadDeadline(deadline); err != nil {
		return nil, err
	}
	for {
		if ctx.Err() != nil { // looked at after the deadline was set, which may have undone the context's
			return nil, ctx.Err()
		}
		n, _, err := c.conn.ReadFromUDPAddrPort(c.buf[:])
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, ErrTimeout
		}
		if err != nil {
			return nil, err
		}
		f, err := ParseFrame(c.buf[:n])
		switch {
		case errors.Is(err, ErrNotHAP) || errors.Is(err, ErrTruncated) || errors.Is(err, ErrTooLarge):
			c.strays.Add(1)
		case f.ID != c.id:
			c.late.Add(1)
		case err != nil:
			c.badCRC.Add(1)
			return nil, err
		default:
			return f.Body, nil
		}
	}
}

// once takes the one answer that most functions have.
func once[T any](value *T, parse func([]byte) (T, error)) taker {
	return func(_ int, answer []byte) (time.Duration, error) {
		var err error
		*value, err = parse(answer)
		return 0, err
	}
}

// Poll asks whether the module is there.
func (c *Client) Poll(ctx context.Context) (p Poll, err error) {
	err = c.do(ctx, Request{Function: FuncPollAll}, once(&p, ParsePoll))
	return p, err
}

// Versions asks for the module's firmware.
func (c *Client) Versions(ctx context.Context) (v Versions, err error) {
	err = c.do(ctx, Request{Function: FuncVersion}, once(&v, ParseVersions))
	return v, err
}

// Support asks for what the module can do.
func (c *Client) Support(ctx context.Context) (s Support, err error) {
	err = c.do(ctx, Request{Function: FuncSupport}, once(&s, ParseSupport))
	return s, err
}

// Device asks for what the module is.
func (c *Client) Device(ctx context.Context) (d Device, err error) {
	err = c.do(ctx, Request{Function: FuncDevice}, once(&d, ParseDevice))
	return d, err
}

// Stats asks for the Ethernet statistics, and with clear has them begin again
// from 0. An answer that is lost with clear loses what was counted.
func (c *Client) Stats(ctx context.Context, clearThem bool) (s Stats, err error) {
	err = c.do(ctx, Request{Function: FuncEthernetStats, Clear: clearThem}, once(&s, ParseStats))
	return s, err
}

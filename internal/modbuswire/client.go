package modbuswire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// defaultTimeout bounds a request where [Options] don't.
const defaultTimeout = 5 * time.Second

// past is a deadline that is over: it wakes whoever reads or writes.
var past = time.Unix(1, 0)

// ErrClosed is what a client gives once its connection is of no more use.
var ErrClosed = errors.New("the Modbus connection is closed: dial again")

// Options say how a client speaks.
type Options struct {
	// Unit is the unit id of every request. An ECOM100 answers to 255, its own
	// default, and to 0 and 1.
	Unit byte
	// Timeout bounds each request from sending it to its reply, and dialling; 0 is 5 s.
	// A context that ends earlier counts too.
	Timeout time.Duration
}

// Client asks one server, one request at a time; it is safe for use by several
// goroutines. A request that timed out leaves the connection in use: its reply, if it
// comes late, is dropped. Any other trouble with the connection closes it.
type Client struct {
	conn    net.Conn
	reader  *Reader
	options Options
	turn    chan struct{} // holds one token, which a request takes

	// Whoever has the token:
	transaction uint16
	closed      bool
	frame       [MaxFrame]byte
}

// Dial connects to a server; addr is "host:port".
func Dial(ctx context.Context, addr string, o Options) (*Client, error) {
	dialer := net.Dialer{Timeout: o.timeout()}
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("dial the Modbus server: %w", err)
	}
	return NewClient(conn, o), nil
}

// NewClient speaks on a connection, which is then its own.
func NewClient(conn net.Conn, o Options) *Client {
	c := &Client{conn: conn, reader: NewReader(conn), options: o, turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	return c
}

func (o Options) timeout() time.Duration {
	if o.Timeout <= 0 {
		return defaultTimeout
	}
	return o.Timeout
}

// Close closes the connection; a request that is under way fails.
func (c *Client) Close() error { return c.conn.Close() }

// Do asks for anything that [AppendRequest] takes and returns a copy of the values
// of a read. It fails with an [Exception] where the server, or the rules, refuse the
// request, with [ErrReply], with the context's error, and with [ErrClosed] once the
// connection is of no more use.
func (c *Client) Do(ctx context.Context, r Request) ([]byte, error) {
	values, err := c.do(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("%s from %d: %w", r.Function, r.Address, err)
	}
	return values, nil
}

func (c *Client) do(ctx context.Context, r Request) ([]byte, error) {
	var room [MaxPDU]byte
	pdu, err := AppendRequest(room[:0], r)
	if err != nil {
		return nil, fmt.Errorf("not sent, since %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.timeout())
	defer cancel()
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c.closed {
		return nil, ErrClosed
	}
	release := c.bound(ctx)
	defer release()
	reply, err := c.exchange(ctx, pdu)
	if err != nil {
		return nil, err
	}
	values, err := ParseReply(reply, r)
	return append([]byte(nil), values...), err
}

// bound lets the end of ctx, which has a deadline, end the reads and writes on the
// connection. No deadline of its own is set beside it: of two clocks one would win
// by chance.
func (c *Client) bound(ctx context.Context) (release func()) {
	_ = c.conn.SetDeadline(time.Time{}) // a connection that is closed says so when it is used
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = c.conn.SetDeadline(past)
		close(done)
	})
	return func() {
		if !stop() {
			<-done // or it would end the next request
		}
	}
}

// exchange sends one PDU and waits for the frame that answers it.
func (c *Client) exchange(ctx context.Context, pdu []byte) ([]byte, error) {
	c.transaction++
	frame := AppendFrame(c.frame[:0], Frame{c.transaction, c.options.Unit, pdu})
	if n, err := c.conn.Write(frame); err != nil {
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			c.close() // half a request is out, and nothing can take it back
		}
		return nil, cause(ctx, err)
	}
	for {
		f, err := c.reader.Next()
		if err != nil {
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				c.close()
			}
			return nil, cause(ctx, err)
		}
		if f.Transaction == c.transaction { // else it is late; the unit id adds nothing to that
			return f.PDU, nil
		}
	}
}

func (c *Client) close() {
	c.closed = true
	_ = c.conn.Close()
}

// cause says why a read or write ended. A deadline here is always the context's.
func cause(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the server hung up: %w", err)
	}
	return err
}

// ReadCoils reads 1 to 2000 coils.
func (c *Client) ReadCoils(ctx context.Context, address uint16, count int) ([]bool, error) {
	return c.readBits(ctx, Request{Function: ReadCoils, Address: address, Count: count})
}

// ReadDiscrete reads 1 to 2000 discrete inputs.
func (c *Client) ReadDiscrete(ctx context.Context, address uint16, count int) ([]bool, error) {
	return c.readBits(ctx, Request{Function: ReadDiscrete, Address: address, Count: count})
}

func (c *Client) readBits(ctx context.Context, r Request) ([]bool, error) {
	values, err := c.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	return Bits(values, r.Count), nil
}

// ReadHolding reads 1 to 125 holding registers.
func (c *Client) ReadHolding(ctx context.Context, address uint16, count int) ([]uint16, error) {
	return c.readRegisters(ctx, Request{Function: ReadHolding, Address: address, Count: count})
}

// ReadInput reads 1 to 125 input registers.
func (c *Client) ReadInput(ctx context.Context, address uint16, count int) ([]uint16, error) {
	return c.readRegisters(ctx, Request{Function: ReadInput, Address: address, Count: count})
}

func (c *Client) readRegisters(ctx context.Context, r Request) ([]uint16, error) {
	values, err := c.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	return Registers(values), nil
}

// WriteCoil writes one coil.
func (c *Client) WriteCoil(ctx context.Context, address uint16, on bool) error {
	_, err := c.Do(ctx, Request{WriteCoil, address, 1, AppendBits(nil, on)})
	return err
}

// WriteRegister writes one holding register.
func (c *Client) WriteRegister(ctx context.Context, address, value uint16) error {
	_, err := c.Do(ctx, Request{WriteRegister, address, 1, AppendRegisters(nil, value)})
	return err
}

// WriteCoils writes 1 to 1968 coils.
func (c *Client) WriteCoils(ctx context.Context, address uint16, on ...bool) error {
	_, err := c.Do(ctx, Request{WriteCoils, address, len(on), AppendBits(nil, on...)})
	return err
}

// WriteRegisters writes 1 to 123 holding registers.
func (c *Client) WriteRegisters(ctx context.Context, address uint16, values ...uint16) error {
	_, err := c.Do(ctx, Request{WriteRegisters, address, len(values), AppendRegisters(nil, values...)})
	return err
}

package hap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrLocked is what a login gives with a wrong password, and within a second of a
// wrong one from the same address.
var ErrLocked = errors.New("the controller stays locked: the password is wrong, or a wrong one came from this computer within the last second, then try again")

// ReadV reads n bytes of V-memory from a word on, its low byte first. More than
// 128 bytes are read in several requests, between which the controller's scans
// go on. It fails with ErrRange beyond the last word.
func (c *Client) ReadV(ctx context.Context, word uint16, n int) ([]byte, error) {
	return c.readCCM(ctx, CCMV, word, n, 2)
}

// ReadInputs reads n bytes of inputs, eight to a byte and the first in the low
// bit. The number of the first byte counts from the bases [InputGX], [InputX] and
// [InputSP].
func (c *Client) ReadInputs(ctx context.Context, number uint16, n int) ([]byte, error) {
	return c.readCCM(ctx, CCMInputs, number, n, 1)
}

// ReadOutputs reads n bytes of outputs. The number of the first byte counts from
// the bases [OutputGY], [OutputY], [OutputC], [OutputS], [OutputT] and [OutputCT].
func (c *Client) ReadOutputs(ctx context.Context, number uint16, n int) ([]byte, error) {
	return c.readCCM(ctx, CCMOutputs, number, n, 1)
}

// WriteV writes bytes to V-memory from a word on, each word's low byte first.
// More than 128 bytes are written in several requests; after an error some of
// them may have been.
func (c *Client) WriteV(ctx context.Context, word uint16, data []byte) error {
	if err := fits(word, len(data), 2); err != nil {
		return err
	}
	for done := 0; done < len(data); done += SafeCCM {
		address, _ := WordCCM(word + uint16(done/2))
		piece := data[done:min(done+SafeCCM, len(data))]
		if _, err := c.CCM(ctx, CCM{Write: true, Type: CCMV, Address: address, Count: len(piece), Data: piece}); err != nil {
			return err
		}
	}
	return nil
}

// fits reports n bytes that don't fit from an address on, each of which is some
// bytes. The last address has none on the wire.
func fits(first uint16, n, size int) error {
	if n < 1 || int(first)+(n+size-1)/size > 0xFFFF {
		return fmt.Errorf("%w: %d bytes from %#o on", ErrRange, n, first)
	}
	return nil
}

func (c *Client) readCCM(ctx context.Context, t CCMType, first uint16, n, size int) ([]byte, error) {
	if err := fits(first, n, size); err != nil {
		return nil, err
	}
	data := make([]byte, 0, n)
	for len(data) < n {
		address, _ := WordCCM(first + uint16(len(data)/size))
		piece, err := c.CCM(ctx, CCM{Type: t, Address: address, Count: min(SafeCCM, n-len(data))})
		if err != nil {
			return nil, err
		}
		data = append(data, piece...)
	}
	return data, nil
}

// CCM sends one CCM as it is, and returns what was read.
func (c *Client) CCM(ctx context.Context, m CCM) ([]byte, error) {
	var data []byte
	err := c.do(ctx, Request{Function: FuncCCM, CCM: m}, c.response(FuncCCM, func(b []byte) error {
		if !m.Write && len(b) < m.Count {
			return fmt.Errorf("%w: %d bytes of %d", ErrMalformed, len(b), m.Count)
		}
		if !m.Write {
			data = bytes.Clone(b[:m.Count])
		}
		return nil
	}))
	return data, err
}

// response takes an ACK and then a response. A response whose ACK was lost will
// do.
func (c *Client) response(of Function, parse func([]byte) error) taker {
	acked := false
	return func(n int, answer []byte) (time.Duration, error) {
		acked = acked && n > 0
		r, err := ParseReply(answer)
		switch {
		case err != nil:
			return 0, err
		case r.Of != of:
			return 0, fmt.Errorf("%w: %s of %s", ErrMalformed, r.Kind, r.Of)
		case r.Kind == FuncACK && acked: // a datagram may come twice
			return sameDeadline, nil
		case r.Kind == FuncACK:
			acked = true
			return c.opts.Timeout, nil
		case r.Code.Err() != nil:
			return 0, r.Code
		}
		return 0, parse(r.Data)
	}
}

// KSequence sends one K-sequence telegram.
func (c *Client) KSequence(ctx context.Context, k KSequence) (KReply, error) {
	var reply KReply
	err := c.do(ctx, Request{Function: FuncKSequence, KSeq: k}, c.response(FuncKSequence, func(b []byte) (err error) {
		reply, err = ParseKReply(b)
		reply.Data = bytes.Clone(reply.Data)
		if err == nil && reply.Op != k.Op {
			err = fmt.Errorf("%w: a %s was answered as a %s", ErrMalformed, k.Op, reply.Op)
		}
		return err
	}))
	return reply, err
}

// SetBit sets or resets one bit of V-memory, without touching the others of its
// word. It fails with ErrRange for bits that K-sequence doesn't reach: see KBit.
func (c *Client) SetBit(ctx context.Context, word uint16, bit uint8, on bool) error {
	address, ok := KBit(word, bit)
	if !ok {
		return fmt.Errorf("%w: K-sequence doesn't reach bit %d of V%o", ErrRange, bit, word)
	}
	op := KReset
	if on {
		op = KSet
	}
	_, err := c.KSequence(ctx, KSequence{Op: op, Address: address})
	return err
}

// PasswordStatus asks whether the controller is locked by a password.
func (c *Client) PasswordStatus(ctx context.Context) (locked bool, err error) {
	r, err := c.KSequence(ctx, KSequence{Op: KStatus})
	return r.Locked, err
}

// Login unlocks the controller. It fails with ErrLocked when the password is
// wrong.
func (c *Client) Login(ctx context.Context, p Password) error {
	r, err := c.KSequence(ctx, KSequence{Op: KLogin, Password: p})
	if err == nil && r.Locked {
		return ErrLocked
	}
	return err
}

// ReadMemory reads a piece of memory by its type, as EBC and WinPLC modules have
// it; what a module gives may be less than was asked for.
func (c *Client) ReadMemory(ctx context.Context, m MemoryRange) (data []byte, err error) {
	err = c.do(ctx, Request{Function: FuncReadMemory, Memory: m}, setupData(&data))
	return data, err
}

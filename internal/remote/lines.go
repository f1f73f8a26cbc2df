package remote

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/modbus"
	"github.com/rungmail/rungmail/internal/modbuswire"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// hapLine is a module over the Host Ethernet protocol: words by CCM, bits by
// K-sequence.
type hapLine struct{ *hap.Client }

func openHAP(ctx context.Context, p Place, o Options) (line, error) {
	client, err := hap.Dial(ctx, p.host, hap.Options{Timeout: o.Timeout})
	if err != nil {
		return nil, err
	}
	if !o.Password.IsZero() {
		if err := client.Login(ctx, o.Password); err != nil {
			return nil, errors.Join(err, client.Close())
		}
	}
	return &hapLine{client}, nil
}

func (l *hapLine) read(ctx context.Context, word memory.Word, n int) ([]uint16, error) {
	data, err := l.ReadV(ctx, uint16(word), 2*n)
	if err != nil {
		return nil, err
	}
	words := make([]uint16, n)
	for i := range words {
		words[i] = binary.LittleEndian.Uint16(data[2*i:])
	}
	return words, nil
}

func (l *hapLine) writeWord(ctx context.Context, word memory.Word, v uint16) error {
	return l.WriteV(ctx, uint16(word), []byte{byte(v), byte(v >> 8)})
}

func (l *hapLine) writeBit(ctx context.Context, bit memory.Bit, on bool) error {
	return l.SetBit(ctx, uint16(bit.Word), bit.N, on)
}

// modbusLine is a module over Modbus TCP: everything is read as holding registers,
// which show the bits' words too.
type modbusLine struct {
	*modbuswire.Client
	place Place
}

func openModbus(ctx context.Context, p Place, o Options) (line, error) {
	client, err := modbuswire.Dial(ctx, p.host, modbuswire.Options{Unit: p.unit, Timeout: o.Timeout})
	var slow net.Error
	switch {
	case err == nil:
		return &modbusLine{client, p}, nil
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%w: nothing listens there: check the address and the port", err)
	case errors.As(err, &slow) && slow.Timeout() && ctx.Err() == nil:
		return nil, fmt.Errorf("%w: check the address, the cable and that nothing stops this TCP port", err)
	}
	return nil, err
}

// silent says what to do about a server that took the connection and doesn't answer.
func (l *modbusLine) silent(ctx context.Context, err error) error {
	if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("no answer from unit %d of %s: is the unit right? A module answers to 255, 0 and 1: %w", l.place.unit, l.place.host, err)
}

func (l *modbusLine) read(ctx context.Context, word memory.Word, n int) ([]uint16, error) {
	words, err := l.ReadHolding(ctx, uint16(word), n)
	return words, l.silent(ctx, err)
}

func (l *modbusLine) writeWord(ctx context.Context, word memory.Word, v uint16) error {
	return l.silent(ctx, l.WriteRegister(ctx, uint16(word), v))
}

func (l *modbusLine) writeBit(ctx context.Context, bit memory.Bit, on bool) error {
	address, ok := modbus.Coil(uint16(bit.Word), bit.N)
	if !ok {
		return ErrInput
	}
	return l.silent(ctx, l.WriteCoil(ctx, address, on))
}

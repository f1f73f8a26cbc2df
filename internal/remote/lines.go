package remote

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/modbus"
	"github.com/rungmail/rungmail/internal/modbuswire"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// hapLine is a module over the Host Ethernet protocol: words by CCM, bits by
// K-sequence.
type hapLine struct{ *hap.Client }

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
type modbusLine struct{ *modbuswire.Client }

func (l *modbusLine) read(ctx context.Context, word memory.Word, n int) ([]uint16, error) {
	return l.ReadHolding(ctx, uint16(word), n)
}

func (l *modbusLine) writeWord(ctx context.Context, word memory.Word, v uint16) error {
	return l.WriteRegister(ctx, uint16(word), v)
}

// errInput is what writing an input over Modbus gives.
var errInput = errors.New("over modbus:// inputs and special relays can't be written: X and GX can, over hap://")

func (l *modbusLine) writeBit(ctx context.Context, bit memory.Bit, on bool) error {
	address, ok := modbus.Coil(uint16(bit.Word), bit.N)
	if !ok {
		return errInput
	}
	return l.WriteCoil(ctx, address, on)
}

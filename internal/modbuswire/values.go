package modbuswire

import "encoding/binary"

// Bits are the first n bits of b, which is packed low bit first.
func Bits(b []byte, n int) []bool {
	on := make([]bool, n)
	for i := range on {
		on[i] = b[i/8]>>(i%8)&1 != 0
	}
	return on
}

// AppendBits appends bits, packed low bit first and filled up with zeros.
func AppendBits(dst []byte, on ...bool) []byte {
	for i, bit := range on {
		if i%8 == 0 {
			dst = append(dst, 0)
		}
		if bit {
			dst[len(dst)-1] |= 1 << (i % 8)
		}
	}
	return dst
}

// Registers are the registers in b, high byte first.
func Registers(b []byte) []uint16 {
	values := make([]uint16, len(b)/2)
	for i := range values {
		values[i] = binary.BigEndian.Uint16(b[2*i:])
	}
	return values
}

// AppendRegisters appends registers, high byte first.
func AppendRegisters(dst []byte, values ...uint16) []byte {
	for _, v := range values {
		dst = binary.BigEndian.AppendUint16(dst, v)
	}
	return dst
}

package modbus

import "github.com/rungmail/rungmail/internal/modbuswire"

// area is a bit area of the CPU: where it begins in its Modbus table, and which
// words of V-memory it is a window on.
type area struct {
	name  string
	start int    // wire address of its first bit
	bits  int    // a multiple of 16
	word  uint16 // first word of its window
}

// inputs is the table of discrete inputs, coils that of coils (facts/protocols.md
// section 5). In both each area begins where the one before it ends. The lengths are
// the largest that a CPU of the family has; which part of it one has, it knows itself.
var (
	inputs = [...]area{
		{"GX", 0, 2048, 0o40000},
		{"X", 2048, 1024, 0o40400},
		{"SP", 3072, 512, 0o41200},
	}
	coils = [...]area{
		{"GY", 0, 2048, 0o40200},
		{"Y", 2048, 1024, 0o40500},
		{"C", 3072, 2048, 0o40600},
		{"S", 5120, 1024, 0o41000},
		{"T", 6144, 256, 0o41100},
		{"CT", 6400, 256, 0o41140},
	}
)

// run is a part of a request that lies in one area.
type run struct {
	word uint16
	bit  uint8 // of the word, 0 to 15
	n    int   // bits
}

// split appends the runs of a request for bits, in their order; false where some of
// it is in no area.
func split(dst []run, table []area, r modbuswire.Request) ([]run, bool) {
	at, end := int(r.Address), int(r.Address)+r.Count
	for _, a := range table {
		if at >= a.start && at < a.start+a.bits {
			n := min(end, a.start+a.bits) - at
			offset := at - a.start
			dst = append(dst, run{a.word + uint16(offset/16), uint8(offset % 16), n})
			at += n
		}
		if at == end {
			return dst, true
		}
	}
	return dst, false
}

// touchesInputs tells whether a request for registers reaches into the windows of
// inputs and special relays, which Modbus may only read (facts/protocols.md section 5).
func touchesInputs(r modbuswire.Request) bool {
	first, end := int(r.Address), int(r.Address)+r.Count
	for _, a := range inputs {
		if first < int(a.word)+a.bits/16 && end > int(a.word) {
			return true
		}
	}
	return false
}

// copyBits copies n bits from one bit number to another; both sides are packed low
// bit first, as coils are on the wire and as words are with their low byte first.
func copyBits(dst []byte, to int, src []byte, from, n int) {
	for n > 0 {
		k := min(n, 8-to%8, 8-from%8) // within one byte of each
		mask := byte(1<<k - 1)
		b := src[from/8] >> (from % 8) & mask
		d := &dst[to/8]
		*d = *d&^(mask<<(to%8)) | b<<(to%8)
		to, from, n = to+k, from+k, n-k
	}
}

// Coil is the Modbus address of a bit of V-memory that clients may write; false for
// one that is no coil.
func Coil(word uint16, bit uint8) (address uint16, ok bool) {
	for _, a := range coils {
		if n := 16*(int(word)-int(a.word)) + int(bit); word >= a.word && n < a.bits {
			return uint16(a.start + n), true
		}
	}
	return 0, false
}

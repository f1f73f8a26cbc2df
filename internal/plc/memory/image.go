package memory

// size is the number of words of an image: a power of two, so that an index
// can be masked, above the last window (SP ends at V41237).
const (
	size = 1 << 15
	mask = size - 1
)

// Image is the memory of one CPU as words, with a note of which words changed.
// The zero value is memory full of zeros. Its methods take any address, even
// one that the CPU lacks; what may be read and written is for [Layout] to say.
// It is not safe for use by several goroutines at once.
type Image struct {
	words [size]uint16
	dirty [size / 64]uint64
}

// Word reads a word.
func (m *Image) Word(w Word) uint16 { return m.words[w&mask] }

// SetWord writes a word.
func (m *Image) SetWord(w Word, v uint16) {
	if i := w & mask; m.words[i] != v {
		m.words[i] = v
		m.dirty[i/64] |= 1 << (i % 64)
	}
}

// Double reads two words as 32 bits, the low word first.
func (m *Image) Double(w Word) uint32 {
	return uint32(m.Word(w)) | uint32(m.Word(w+1))<<16
}

// SetDouble writes 32 bits into two words, the low word first.
func (m *Image) SetDouble(w Word, v uint32) {
	m.SetWord(w, uint16(v))
	m.SetWord(w+1, uint16(v>>16))
}

// Bit reads a bit.
func (m *Image) Bit(b Bit) bool { return m.words[b.Word&mask]>>(b.N&15)&1 != 0 }

// SetBit writes a bit.
func (m *Image) SetBit(b Bit, v bool) {
	m.SetMask(b.Word, 1<<(b.N&15), v)
}

// Read reads an address as a number: 0 or 1 for a bit.
func (m *Image) Read(a Addr) uint16 {
	if !a.IsBit() {
		return m.Word(a.Word())
	}
	if m.Bit(a.Bit()) {
		return 1
	}
	return 0
}

// Write writes an address; for a bit, any number but 0 is on.
func (m *Image) Write(a Addr, v uint16) {
	if a.IsBit() {
		m.SetBit(a.Bit(), v != 0)
		return
	}
	m.SetWord(a.Word(), v)
}

// Bytes fills dst with the bytes from w on, low byte of each word first.
func (m *Image) Bytes(dst []byte, w Word) {
	for i := range dst {
		dst[i] = byte(m.Word(w+Word(i/2)) >> (8 * (i % 2)))
	}
}

// SetBytes writes bytes from w on, low byte of each word first. The high byte
// after an odd last one becomes 0.
func (m *Image) SetBytes(w Word, src []byte) {
	for i := 0; i < len(src); i += 2 {
		v := uint16(src[i])
		if i+1 < len(src) {
			v |= uint16(src[i+1]) << 8
		}
		m.SetWord(w+Word(i/2), v)
	}
}

// TakeDirty appends the words that changed since the last call to dst, lowest
// first, and forgets them.
func (m *Image) TakeDirty(dst []Word) []Word {
	for i, set := range m.dirty {
		for n := 0; set != 0; n++ {
			if set&1 != 0 {
				dst = append(dst, Word(i*64+n))
			}
			set >>= 1
		}
		m.dirty[i] = 0
	}
	return dst
}

// SetMask writes the bits of mask in a word: all on, or all off.
func (m *Image) SetMask(w Word, bits uint16, on bool) {
	v := m.words[w&mask] &^ bits
	if on {
		v |= bits
	}
	m.SetWord(w, v)
}

// Any tells whether a bit of mask is on in a word, once the bits of flip are
// turned around: the contact of a scan.
func (m *Image) Any(w Word, bits, flip uint16) bool { return (m.words[w&mask]^flip)&bits != 0 }

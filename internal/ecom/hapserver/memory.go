package hapserver

import (
	"github.com/rungmail/rungmail/hap"
)

// memory answers what is about the controller's memory. CCM and K-sequence get an
// ACK first, a refusal gets a NAK and nothing more.
func (s *Server) memory(q *request) {
	if q.Function == hap.FuncReadMemory {
		data, err := s.readRange(q)
		s.answer(q, hap.SetupReply{Code: code(err), Data: data}.Append(nil))
		return
	}
	if refused := s.refuses(q); refused != 0 {
		s.answer(q, hap.NAK(q.Function, refused).Append(nil))
		return
	}
	s.answer(q, hap.ACK(q.Function).Append(nil))
	r := hap.Reply{Kind: hap.FuncResponse, Of: q.Function}
	var err error
	if q.Function == hap.FuncCCM {
		r.Data, err = s.ccm(q)
	} else {
		r, err = s.kSequence(q)
	}
	if err != nil {
		r = hap.Reply{Kind: hap.FuncResponse, Of: q.Function, Code: code(err)}
	}
	s.answer(q, r.Append(nil))
}

// refuses is why a request isn't begun, or 0.
func (s *Server) refuses(q *request) hap.Error {
	if q.Function == hap.FuncCCM {
		switch {
		case q.CCM.Count > s.maxCCM:
			return hap.ErrTooLong
		case q.CCM.Write && !q.write:
			return hap.ErrProtection
		}
		return 0
	}
	switch q.KSeq.Op {
	case hap.KSet, hap.KReset, hap.KWrite:
		if !q.write {
			return hap.ErrProtection
		}
	}
	return 0
}

// ccm reads or writes memory by DirectNET's numbers.
func (s *Server) ccm(q *request) ([]byte, error) {
	number, ok := q.CCM.Number()
	switch {
	case s.lock.locked(q.now, q.from):
		return nil, hap.ErrProtection
	case !ok:
		return nil, hap.ErrRange
	}
	switch q.CCM.Type {
	case hap.CCMV:
		return s.words(q.CCM, number)
	case hap.CCMInputs, hap.CCMOutputs:
		return s.points(q.CCM, int(number))
	}
	return nil, hap.ErrInvalidType
}

// words reads or writes V-memory from a word on.
func (s *Server) words(c hap.CCM, word uint16) ([]byte, error) {
	if c.Write {
		return nil, ranged(s.config.Memory.WriteMemory(word, c.Data))
	}
	data := make([]byte, c.Count)
	return data, ranged(s.config.Memory.ReadMemory(word, data))
}

// ranged says that an address isn't there, or not for this.
func ranged(err error) error {
	if err != nil {
		return hap.ErrRange
	}
	return nil
}

// area is one area of inputs or outputs: where its bytes begin by DirectNET's
// numbers, how many there are, and the word of V-memory that holds the first two.
type area struct {
	first, bytes int
	word         uint16
}

// inputs and outputs list the areas, lowest first.
func inputs() []area {
	return []area{
		{int(hap.InputGX), 256, 0o40000}, {int(hap.InputX), 128, 0o40400}, {int(hap.InputSP), 64, 0o41200},
	}
}

func outputs() []area {
	return []area{
		{int(hap.OutputGY), 256, 0o40200},
		{int(hap.OutputY), 128, 0o40500},
		{int(hap.OutputC), 256, 0o40600},
		{int(hap.OutputS), 128, 0o41000},
		{int(hap.OutputT), 32, 0o41100},
		{int(hap.OutputCT), 32, 0o41140},
	}
}

// points reads or writes inputs or outputs, eight to a byte. A write writes all of
// them or none: that the controller has every area's part is known before the first
// is written.
func (s *Server) points(c hap.CCM, at int) ([]byte, error) {
	areas := outputs()
	if c.Type == hap.CCMInputs {
		areas = inputs()
	}
	data := make([]byte, c.Count)
	err := s.parts(areas, at, data, s.readPart)
	switch {
	case err != nil || !c.Write:
		return data, err
	case c.Type == hap.CCMInputs && at+c.Count > int(hap.InputSP): // special relays are the controller's own
		return nil, hap.ErrRange
	}
	return nil, s.parts(areas, at, c.Data, s.writePart)
}

// parts moves bytes area by area.
func (s *Server) parts(areas []area, at int, rest []byte, move func(word uint16, odd int, part []byte) error) error {
	for len(rest) > 0 {
		a, ok := areaOf(areas, at)
		if !ok {
			return hap.ErrRange
		}
		offset := at - a.first
		part := rest[:min(len(rest), a.bytes-offset)]
		if err := move(a.word+uint16(offset/2), offset%2, part); err != nil {
			return ranged(err)
		}
		at, rest = at+len(part), rest[len(part):]
	}
	return nil
}

func areaOf(areas []area, at int) (area, bool) {
	for _, a := range areas {
		if at >= a.first && at < a.first+a.bytes {
			return a, true
		}
	}
	return area{}, false
}

// writePart writes bytes of one area from a word on, or from its high byte where odd
// is 1.
func (s *Server) writePart(word uint16, odd int, part []byte) error {
	return s.config.Memory.WriteBits(word, uint8(8*odd), 8*len(part), part)
}

// readPart reads them.
func (s *Server) readPart(word uint16, odd int, part []byte) error {
	if odd == 0 {
		return s.config.Memory.ReadMemory(word, part)
	}
	var first [2]byte // the byte wanted is the high one of its word
	if err := s.config.Memory.ReadMemory(word, first[:]); err != nil {
		return err
	}
	part[0] = first[1]
	return s.config.Memory.ReadMemory(word+1, part[1:])
}

// kSequence carries out a telegram.
func (s *Server) kSequence(q *request) (hap.Reply, error) {
	k := q.KSeq
	answer := hap.KReply{Op: k.Op, Address: k.Address}
	var err error
	switch k.Op {
	case hap.KStatus:
		answer.Locked = s.lock.closed(q.now, q.from)
	case hap.KLogin:
		answer.Locked = !s.lock.open(q.now, q.from, k.Password)
	default:
		if s.lock.locked(q.now, q.from) {
			return hap.Reply{}, hap.ErrProtection
		}
		answer.Data, err = s.operate(k)
	}
	if err != nil {
		return hap.Reply{}, err
	}
	return answer.Response()
}

// operate reads or writes memory for a telegram.
func (s *Server) operate(k hap.KSequence) ([]byte, error) {
	switch k.Op {
	case hap.KRead:
		data := make([]byte, k.Count)
		return data, ranged(s.config.Memory.ReadMemory(k.Address, data))
	case hap.KWrite:
		return nil, ranged(s.config.Memory.WriteMemory(k.Address, []byte{byte(k.Value), byte(k.Value >> 8)}))
	}
	word, bit, ok := hap.KBitWord(k.Address)
	if !ok {
		return nil, hap.ErrRange
	}
	on := byte(0)
	if k.Op == hap.KSet {
		on = 1
	}
	return nil, ranged(s.config.Memory.WriteBits(word, bit, 1, []byte{on}))
}

// readRange reads a piece of memory by its type, from a byte of V-memory or of an
// area on.
func (s *Server) readRange(q *request) ([]byte, error) {
	if s.lock.locked(q.now, q.from) {
		return nil, hap.ErrProtection
	}
	m, all := q.Memory, area{}
	switch m.Type {
	case hap.MemoryV:
		all.bytes = 2 << 16
	case hap.MemoryC:
		all, _ = areaOf(outputs(), int(hap.OutputC))
	case hap.MemorySP:
		all, _ = areaOf(inputs(), int(hap.InputSP))
	default:
		return nil, hap.ErrInvalidType
	}
	if m.Count > hap.MaxCCM || int64(m.Offset)+int64(m.Count) > int64(all.bytes) {
		return nil, hap.ErrRange
	}
	data := make([]byte, m.Count)
	if m.Count > 0 && s.readPart(all.word+uint16(m.Offset/2), int(m.Offset%2), data) != nil {
		return nil, hap.ErrRange
	}
	return data, nil
}

package hap

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// KOp is the operation of a K-sequence telegram.
type KOp byte

// The operations (facts/protocols.md section 4.3).
const (
	KRead   KOp = 0x40 // bytes of V-memory
	KSet    KOp = 0x44 // a bit
	KReset  KOp = 0x45 // a bit
	KWrite  KOp = 0x46 // a word of V-memory
	KStatus KOp = 0x50 // is the controller locked?
	KLogin  KOp = 0x51 // unlock it by its password
)

// kAnswer marks the operation of an answer.
const kAnswer = 0x80

// String is what the operation does.
func (o KOp) String() string {
	switch o {
	case KRead:
		return "read"
	case KSet:
		return "set bit"
	case KReset:
		return "reset bit"
	case KWrite:
		return "write word"
	case KStatus:
		return "password status"
	case KLogin:
		return "login"
	}
	return fmt.Sprintf("K-sequence operation %#02x", byte(o))
}

// Bytes of telegrams.
const (
	kBegin, kID, kEnd = 0x01, 0x01, 0x17
	// MaxKTelegram is the largest telegram, and the size of every answer's room.
	MaxKTelegram = 256
	// MaxKRead is the most bytes that a read can ask for: as many as an answer
	// has room for beside its eight.
	MaxKRead = MaxKTelegram - 8
)

// ErrLRC is what a telegram gives whose checksum is wrong.
var ErrLRC = errors.New("the telegram's checksum is wrong")

// KSequence is a telegram to the controller.
type KSequence struct {
	Op KOp
	// Address is a V-memory word of read and write, and a bit's of set and reset
	// (see KBit). It is the plain number, without CCM's 1.
	Address  uint16
	Count    byte     // bytes to read, 1 to MaxKRead
	Value    uint16   // the word to write
	Password Password // of a login
}

// kStatusArgs and kLoginArgs follow the operation; nothing is known of their
// meaning.
const kStatusArgs, kLoginArgs = "\x01\x02\x00\x01\x00", "\x01\x19\x02\x04\x00"

// Append appends the telegram: 01, operation, arguments, 17 and a checksum.
func (k KSequence) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = append(dst, kBegin, byte(k.Op))
	switch k.Op {
	case KRead:
		if k.Count < 1 || k.Count > MaxKRead {
			return dst[:start], fmt.Errorf("%w: a K-sequence read of %d bytes, 1 to %d can be", ErrValue, k.Count, MaxKRead)
		}
		dst = append(binary.BigEndian.AppendUint16(append(dst, kID), k.Address), k.Count)
	case KSet, KReset:
		dst = binary.BigEndian.AppendUint16(append(dst, kID), k.Address)
	case KWrite:
		dst = binary.BigEndian.AppendUint16(append(dst, kID), k.Address)
		dst = binary.BigEndian.AppendUint16(append(dst, 1), k.Value)
	case KStatus:
		dst = append(dst, kStatusArgs...)
	case KLogin:
		dst = append(append(dst, kLoginArgs...), k.Password.bcd[:]...)
	default:
		return dst[:start], fmt.Errorf("%w: %s", ErrValue, k.Op)
	}
	return seal(dst, start), nil
}

// seal ends the telegram that begins at start.
func seal(dst []byte, start int) []byte {
	sum := lrc(dst[start+1:])
	return append(dst, kEnd, sum)
}

// lrc is the checksum of what stands between a telegram's first 01 and its 17.
func lrc(b []byte) byte {
	var sum byte
	for _, c := range b {
		sum ^= c
	}
	return sum
}

// kRequestSize is the size of the telegram of an operation, 0 where it isn't
// known.
func kRequestSize(op KOp) int {
	switch op {
	case KRead:
		return 8
	case KSet, KReset:
		return 7
	case KWrite:
		return 10
	case KStatus:
		return 9
	case KLogin:
		return 13
	}
	return 0
}

// ParseKSequence reads a telegram; what stands behind it is padding. Where the
// operation isn't known, or its arguments make no sense, it is there all the same
// with the error. The checksum of a login isn't looked at: a public checker of
// passwords sends a constant.
func ParseKSequence(b []byte) (KSequence, error) {
	if len(b) < 2 || b[0] != kBegin {
		return KSequence{}, fmt.Errorf("%w: not a K-sequence telegram", ErrMalformed)
	}
	k := KSequence{Op: KOp(b[1])}
	size := kRequestSize(k.Op)
	switch {
	case size == 0:
		return k, fmt.Errorf("%w: %s", ErrMalformed, k.Op)
	case len(b) < size || b[size-2] != kEnd:
		return k, fmt.Errorf("%w: a K-sequence %s that doesn't end where it should", ErrMalformed, k.Op)
	case k.Op != KLogin && b[size-1] != lrc(b[1:size-2]):
		return k, ErrLRC
	}
	return k, k.parse(b[2 : size-2])
}

// parse reads the arguments, which are as many as the operation has.
func (k *KSequence) parse(args []byte) (err error) {
	sense := args[0] == kID
	switch k.Op {
	case KRead:
		k.Count = args[3]
		sense = sense && k.Count >= 1 && k.Count <= MaxKRead
	case KWrite:
		k.Value = binary.BigEndian.Uint16(args[4:])
		sense = sense && args[3] == 1
	case KStatus:
		sense = string(args) == kStatusArgs
	case KLogin:
		sense = string(args[:5]) == kLoginArgs
		k.Password, err = parseBCD([4]byte(args[5:]))
	}
	if k.Op != KStatus && k.Op != KLogin {
		k.Address = binary.BigEndian.Uint16(args[1:])
	}
	if !sense {
		return fmt.Errorf("%w: the arguments of a K-sequence %s", ErrMalformed, k.Op)
	}
	return err
}

// appendRequest appends what follows the function of a request.
func (k KSequence) appendRequest(dst []byte) ([]byte, error) {
	telegram, err := k.Append(nil)
	if err != nil {
		return dst, err
	}
	return append(append(dst, 0, byte(len(telegram)), 0), telegram...), nil
}

// parseKSequence reads what follows the function of a request, at least three
// bytes.
func parseKSequence(args []byte) (KSequence, error) {
	size := int(args[1])
	if size == 0 {
		size = MaxKTelegram
	}
	if size > len(args)-3 {
		return KSequence{}, fmt.Errorf("%w: a telegram of %d bytes, %d are there", ErrMalformed, size, len(args)-3)
	}
	return ParseKSequence(args[3 : 3+size])
}

// KReply is the controller's answer to a telegram. The sources show only where a
// read's data begins and what a password status is like when the controller is
// open; the rest of its form is ours.
type KReply struct {
	Op      KOp    // of the telegram that it answers
	Address uint16 // of the telegram; not of status and login
	Data    []byte // what a read has read, 1 to MaxKRead bytes; a parsed one is a part of the telegram
	// Locked is of status and login: the controller is locked, so the login, if it
	// was one, had a wrong password.
	Locked bool
}

// Append appends the telegram.
func (k KReply) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = append(dst, kBegin, byte(k.Op)|kAnswer, kID)
	switch k.Op {
	case KRead:
		if len(k.Data) < 1 || len(k.Data) > MaxKRead {
			return dst[:start], fmt.Errorf("%w: %d bytes read by K-sequence, 1 to %d can be", ErrValue, len(k.Data), MaxKRead)
		}
		dst = binary.BigEndian.AppendUint16(dst, k.Address)
		dst = append(append(dst, byte(len(k.Data))), k.Data...)
	case KSet, KReset, KWrite:
		dst = binary.BigEndian.AppendUint16(dst, k.Address)
	case KStatus, KLogin:
		dst = append(dst, 3, flag(k.Locked))
	default:
		return dst[:start], fmt.Errorf("%w: %s", ErrValue, k.Op)
	}
	return seal(dst, start), nil
}

// Response is the telegram as the response to a request. It is padded as modules
// do it, so that the datagram has 269 bytes.
func (k KReply) Response() (Reply, error) {
	b, err := k.Append(make([]byte, 0, MaxKTelegram))
	if err != nil {
		return Reply{}, err
	}
	return Reply{Kind: FuncResponse, Of: FuncKSequence, Data: b[:MaxKTelegram]}, nil
}

// ParseKReply reads the telegram of an answer; what stands behind it is padding.
func ParseKReply(b []byte) (KReply, error) {
	if len(b) < 7 || b[0] != kBegin || b[1]&kAnswer == 0 || b[2] != kID {
		return KReply{}, fmt.Errorf("%w: not the answer to a K-sequence", ErrMalformed)
	}
	k, size := KReply{Op: KOp(b[1] &^ kAnswer)}, 7
	switch k.Op {
	case KRead:
		k.Address, size = binary.BigEndian.Uint16(b[3:]), 8+int(b[5])
		if b[5] < 1 || b[5] > MaxKRead || len(b) < size {
			return k, fmt.Errorf("%w: %d bytes read by K-sequence in a telegram of %d", ErrMalformed, b[5], len(b))
		}
		k.Data = b[6 : size-2]
	case KSet, KReset, KWrite:
		k.Address = binary.BigEndian.Uint16(b[3:])
	case KStatus, KLogin:
		k.Locked = b[4] != 0
		if b[3] != 3 {
			return k, fmt.Errorf("%w: the arguments of the answer to a K-sequence %s", ErrMalformed, k.Op)
		}
	default:
		return k, fmt.Errorf("%w: %s", ErrMalformed, k.Op)
	}
	switch {
	case b[size-2] != kEnd:
		return k, fmt.Errorf("%w: the answer to a K-sequence %s doesn't end where it should", ErrMalformed, k.Op)
	case b[size-1] != lrc(b[1:size-2]):
		return k, ErrLRC
	}
	return k, nil
}

// The map of bits begins here, with the first bit of V40000.
const firstKBit, firstKWord = 0xD800, 0o40000

// KBit is the address of a bit of V-memory in K-sequence; ok is false for a word
// that has none: below V40000, or above V41177, so that SP has none. That all
// areas lie on one line is inferred from three of them: C, S and T.
func KBit(word uint16, bit uint8) (address uint16, ok bool) {
	a := firstKBit + (int(word)-firstKWord)*16 + int(bit)
	return uint16(a), word >= firstKWord && bit < 16 && a <= 0xFFFF
}

// KBitWord is the bit of V-memory that a K-sequence address is; ok is false for
// an address below the map.
func KBitWord(address uint16) (word uint16, bit uint8, ok bool) {
	if address < firstKBit {
		return 0, 0, false
	}
	n := address - firstKBit
	return firstKWord + n/16, uint8(n % 16), true
}

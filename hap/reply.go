package hap

import (
	"encoding/binary"
	"fmt"
)

// Reply is an answer that says what it answers: an ACK at once, then a response;
// or a NAK, with which it ends. CCM and K-sequence are answered so, and any
// function can be refused so.
type Reply struct {
	Kind Function // FuncACK, FuncNAK or FuncResponse
	Of   Function // what it answers
	Code Error    // of NAK and response; 0 in a response is success
	Data []byte   // of a response; a parsed one is a part of the body
}

// ACK says that a request has come and will be answered.
func ACK(of Function) Reply { return Reply{Kind: FuncACK, Of: of} }

// NAK refuses a request.
func NAK(of Function, code Error) Reply { return Reply{Kind: FuncNAK, Of: of, Code: code} }

// Append appends the reply's body.
func (r Reply) Append(dst []byte) []byte {
	dst = append(dst, byte(r.Kind), byte(r.Of))
	if r.Kind == FuncACK {
		return dst
	}
	dst = binary.LittleEndian.AppendUint16(dst, uint16(r.Code))
	if r.Kind == FuncNAK {
		return dst
	}
	return append(dst, r.Data...)
}

// ParseReply reads the body of an ACK, a NAK or a response.
func ParseReply(body []byte) (Reply, error) {
	if len(body) < 2 {
		return Reply{}, fmt.Errorf("%w: %d bytes of a reply", ErrMalformed, len(body))
	}
	r := Reply{Kind: Function(body[0]), Of: Function(body[1])}
	switch {
	case r.Kind == FuncACK:
		return r, nil
	case r.Kind != FuncNAK && r.Kind != FuncResponse:
		return r, fmt.Errorf("%w: %s is no reply", ErrMalformed, r.Kind)
	case len(body) < 4:
		return r, fmt.Errorf("%w: %s without an error number", ErrMalformed, r.Kind)
	}
	r.Code = Error(binary.LittleEndian.Uint16(body[2:]))
	if r.Kind == FuncResponse {
		r.Data = body[4:]
	}
	return r, nil
}

// SetupReply is the answer to a read of set-up data or of memory, and the second
// answer to writing and deleting set-up data, where there is no data.
type SetupReply struct {
	Code Error
	Data []byte // a parsed one is a part of the body
}

// Append appends the reply's body.
func (r SetupReply) Append(dst []byte) []byte {
	return append(binary.LittleEndian.AppendUint16(dst, uint16(r.Code)), r.Data...)
}

// ParseSetupReply reads the body of a SetupReply.
func ParseSetupReply(body []byte) (SetupReply, error) {
	if len(body) < 2 {
		return SetupReply{}, fmt.Errorf("%w: %d bytes of a set-up reply", ErrMalformed, len(body))
	}
	return SetupReply{Error(binary.LittleEndian.Uint16(body)), body[2:]}, nil
}

// EnumReply is the answer to an enumeration of set-up data: what the module has.
type EnumReply struct {
	Code  Error
	Types []SetupType
}

// maxTypes is as many as a body takes.
const maxTypes = (MaxBody - 4) / 2

// Append appends the reply's body; it fails with ErrTooLarge when there are more
// types than a body takes.
func (r EnumReply) Append(dst []byte) ([]byte, error) {
	if len(r.Types) > maxTypes {
		return dst, fmt.Errorf("%w: %d types of set-up data", ErrTooLarge, len(r.Types))
	}
	dst = binary.LittleEndian.AppendUint16(dst, uint16(r.Code))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(r.Types)))
	for _, t := range r.Types {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(t))
	}
	return dst, nil
}

// ParseEnumReply reads the body of an EnumReply. An error number may stand alone.
func ParseEnumReply(body []byte) (EnumReply, error) {
	if len(body) < 2 {
		return EnumReply{}, fmt.Errorf("%w: %d bytes of an enumeration", ErrMalformed, len(body))
	}
	code := binary.LittleEndian.Uint16(body)
	r := EnumReply{Code: Error(code)}
	switch {
	case len(body) < 4 && code == 0:
		return r, fmt.Errorf("%w: an enumeration without a count", ErrMalformed)
	case len(body) < 4:
		return r, nil
	}
	n := int(binary.LittleEndian.Uint16(body[2:]))
	if n > maxTypes || 2*n > len(body)-4 {
		return r, fmt.Errorf("%w: %d types said, %d bytes there", ErrMalformed, n, len(body)-4)
	}
	for i := range n {
		r.Types = append(r.Types, SetupType(binary.LittleEndian.Uint16(body[4+2*i:])))
	}
	return r, nil
}

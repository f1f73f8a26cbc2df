package sqlite

import (
	"context"
	"encoding/binary"
)

// The codec, for tests.
var (
	Encode = encode
	Decode = decode
)

// Seal puts the version and the checksum before a record's fields.
func Seal(body []byte) []byte {
	head := binary.BigEndian.AppendUint32([]byte{codecVersion}, sum(body))
	return append(head, body...)
}

// Stall has the writer wait in the middle of a transaction until it is let go.
func (s *Store) Stall(ctx context.Context) (letGo func(), err error) {
	inside, gate := make(chan struct{}), make(chan struct{})
	err = s.hand(ctx, newOp(func(*writer) error {
		close(inside)
		<-gate
		return nil
	}))
	if err == nil {
		<-inside
	}
	return func() { close(gate) }, err
}

// Waiting is how many operations wait for the writer.
func (s *Store) Waiting() int { return len(s.w.ops) }

// Fail fails the store.
func (s *Store) Fail(err error) { _ = s.fail(err) }

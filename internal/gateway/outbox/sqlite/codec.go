package sqlite

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net/netip"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// codec writes a record as bytes, or reads it from them: each field is named once and
// so goes both ways. JSON takes three times as long to write and six times to read
// (BenchmarkRecord), and can't hold bytes that aren't UTF-8.
//
// A record is a version, the CRC-32C of the rest, and the fields in the order of
// fields. A field that is new is put at the end under a greater version. Answer, Code
// and Changed aren't in it: they have columns of their own, so that a message's answer
// can be noted without its record.
type codec struct {
	out     []byte
	in      string // the fields read are parts of it
	reading bool
	bad     bool
}

const codecVersion = 1

func encode(r outbox.Record) []byte {
	c := codec{out: make([]byte, 5, 512)}
	c.fields(&r)
	c.out[0] = codecVersion
	binary.BigEndian.PutUint32(c.out[1:], sum(c.out[5:]))
	return c.out
}

func decode(text []byte) (outbox.Record, error) {
	var r outbox.Record
	if len(text) < 5 || text[0] != codecVersion || binary.BigEndian.Uint32(text[1:]) != sum(text[5:]) {
		return r, fmt.Errorf("%w: its record can't be read", outbox.ErrCorrupt)
	}
	c := codec{in: string(text[5:]), reading: true}
	c.fields(&r)
	if c.bad || c.in != "" {
		return outbox.Record{}, fmt.Errorf("%w: its record can't be read", outbox.ErrCorrupt)
	}
	return r, nil
}

func encodeReply(r reply.Reply) []byte {
	if r.Code == 0 && r.Enhanced == "" && len(r.Lines) == 0 {
		return nil
	}
	var c codec
	c.reply(&r)
	return c.out
}

func decodeReply(text []byte) (r reply.Reply) {
	if len(text) > 0 {
		c := codec{in: string(text), reading: true}
		c.reply(&r)
	}
	return r
}

func sum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func (c *codec) fields(r *outbox.Record) {
	text(c, &r.ID)
	c.time(&r.Received)
	text(c, &r.Device)
	c.ip(&r.Peer)
	text(c, &r.Helo)
	c.address(&r.From)
	list(c, &r.To, (*codec).recipient)
	text(c, &r.Subject)
	text(c, &r.MessageID)
	c.bool(&r.UTF8)
	c.bool(&r.EightBit)
	number(c, &r.Size)
	c.array(&r.Sum)
	list(c, &r.Repairs, func(c *codec, s *string) { text(c, s) })
	c.bytes(&r.Original)
	c.array(&r.Twin)
	text(c, &r.State)
	text(c, &r.Why)
	c.time(&r.Next)
	c.time(&r.Expires)
	number(c, &r.Tries)
	list(c, &r.Attempts, (*codec).attempt)
}

func (c *codec) recipient(r *outbox.Recipient) {
	c.address(&r.Address)
	text(c, &r.Fate)
	c.reply(&r.Reply)
	text(c, &r.By)
	c.time(&r.At)
}

func (c *codec) attempt(a *outbox.Attempt) {
	text(c, &a.Upstream)
	c.time(&a.Began)
	c.time(&a.Ended)
	text(c, &a.Result)
	c.reply(&a.Reply)
	list(c, &a.Recipients, (*codec).recipient)
	text(c, &a.State)
	c.time(&a.Next)
	last := ""
	list(c, &a.Events, func(c *codec, e *conv.Event) { c.event(e, &last) })
}

// event leaves out the conversation's id where it is the one of the event before.
func (c *codec) event(e *conv.Event, last *string) {
	same := e.Conversation == *last
	c.bool(&same)
	if !same {
		text(c, &e.Conversation)
		*last = e.Conversation
	}
	e.Conversation = *last
	c.time(&e.Time)
	text(c, &e.Side)
	text(c, &e.Kind)
	number(c, &e.State)
	text(c, &e.Text)
	number(c, &e.Code)
}

func (c *codec) reply(r *reply.Reply) {
	number(c, &r.Code)
	text(c, &r.Enhanced)
	list(c, &r.Lines, func(c *codec, s *string) { text(c, s) })
}

func text[T ~string](c *codec, v *T) {
	if !c.reading {
		c.out = append(binary.AppendUvarint(c.out, uint64(len(*v))), *v...)
		return
	}
	*v = T(c.take(c.length()))
}

func list[T any](c *codec, v *[]T, each func(*codec, *T)) {
	if !c.reading {
		c.out = binary.AppendUvarint(c.out, uint64(len(*v)))
		for i := range *v {
			each(c, &(*v)[i])
		}
		return
	}
	n := c.length()
	if n == 0 {
		return
	}
	*v = make([]T, 0, min(n, 32)) // what a damaged record claims costs nothing
	for range n {
		var one T
		if each(c, &one); c.bad {
			return
		}
		*v = append(*v, one)
	}
}

func number[T ~int | ~int64](c *codec, v *T) {
	if !c.reading {
		c.out = binary.AppendVarint(c.out, int64(*v))
		return
	}
	*v = T(c.varint())
}

// length reads how many things follow: never more than there are bytes left.
func (c *codec) length() int {
	n, width := uint64(0), 0
	for shift := 0; width < len(c.in) && shift < 64; shift += 7 {
		b := c.in[width]
		width++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			c.in = c.in[width:]
			if n > uint64(len(c.in)) {
				break
			}
			return int(n)
		}
	}
	c.fail()
	return 0
}

func (c *codec) varint() int64 {
	n, width := binary.Varint([]byte(c.in[:min(len(c.in), binary.MaxVarintLen64)]))
	if width <= 0 {
		c.fail()
		return 0
	}
	c.in = c.in[width:]
	return n
}

func (c *codec) take(n int) string {
	if c.bad || n > len(c.in) {
		c.fail()
		return ""
	}
	got := c.in[:n]
	c.in = c.in[n:]
	return got
}

func (c *codec) fail() { c.bad, c.in = true, "" }

func (c *codec) bool(v *bool) {
	if !c.reading {
		b := byte(0)
		if *v {
			b = 1
		}
		c.out = append(c.out, b)
		return
	}
	*v = c.take(1) == "\x01"
}

func (c *codec) bytes(v *[]byte) {
	s := string(*v)
	text(c, &s)
	if c.reading && s != "" {
		*v = []byte(s)
	}
}

func (c *codec) array(v *[32]byte) {
	if !c.reading {
		c.out = append(c.out, v[:]...)
		return
	}
	copy(v[:], c.take(len(v)))
}

// time keeps the moment, in UTC; the zero time is one byte.
func (c *codec) time(v *time.Time) {
	zero := v.IsZero()
	c.bool(&zero)
	if zero {
		return
	}
	sec, nano := v.Unix(), v.Nanosecond()
	number(c, &sec)
	number(c, &nano)
	if c.reading {
		*v = time.Unix(sec, int64(nano)).UTC()
	}
}

func (c *codec) ip(v *netip.Addr) {
	s := ""
	if !c.reading && v.IsValid() {
		s = v.String()
	}
	text(c, &s)
	if c.reading && s != "" {
		addr, err := netip.ParseAddr(s)
		c.bad = c.bad || err != nil
		*v = addr
	}
}

func (c *codec) address(v *mailaddr.Address) {
	s := ""
	if !c.reading {
		s = v.String()
	}
	text(c, &s)
	if c.reading && v.UnmarshalText([]byte(s)) != nil {
		c.fail()
	}
}

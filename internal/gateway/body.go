package gateway

import (
	"crypto/sha256"
	"hash"
	"io"

	"github.com/rungmail/rungmail/internal/gateway/intake"
	"github.com/rungmail/rungmail/internal/gateway/message"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// body is a message on its way into the outbox: its header is mended, the rest passes.
type body struct {
	id      outbox.ID
	content outbox.Content
	writer  *message.Writer
	sum     hash.Hash // of what makes two messages the same
}

var _ intake.Body = (*body)(nil)

// begin mends a header and makes room for the message.
func (g *Gateway) begin(m intake.Mail) (intake.Body, error) {
	content, err := g.Store.NewContent()
	if err != nil {
		g.noRoom(err)
		return nil, err
	}
	id := outbox.ID(g.NewID())
	b := &body{id: id, content: content, sum: sha256.New(), writer: message.NewWriter(content, m.Header, message.Options{
		Now: g.Now(), Host: g.Name, ID: string(id), From: sender(m.Device, m.From), HeaderFrom: m.Device.From,
		EightBitQuirk: m.Device.Quirks.EightBit, UTF8: m.UTF8, Received: received(m),
	})}
	if r := b.writer.Info().Refusal(); r != nil {
		content.Discard()
		return nil, &intake.Refusal{Reply: *r}
	}
	b.fingerprint(m)
	return b, nil
}

// received is what the Received field says (RFC 5321 section 4.4).
func received(m intake.Mail) message.Received {
	r := message.Received{Helo: m.Helo, Peer: m.Peer, TLS: m.TLS, ESMTP: m.ESMTP, Login: m.User != "", Device: m.Device.Name}
	if len(m.To) == 1 {
		r.For = m.To[0]
	}
	return r
}

// fingerprint takes in what makes two messages the same: device, envelope, and the
// header as it came but for what a device makes anew for each try.
func (b *body) fingerprint(m intake.Mail) {
	put := func(s string) {
		_, _ = io.WriteString(b.sum, s)
		_, _ = b.sum.Write([]byte{0})
	}
	address := func(a mailaddr.Address) { put(a.String()) }
	put(m.Device.Name)
	address(m.From)
	for _, to := range m.To {
		address(to)
	}
	for _, f := range message.Split(m.Header) {
		if !f.Is("Date") && !f.Is("Message-ID") {
			_, _ = b.sum.Write(f.Raw)
		}
	}
	put("")
}

// Write takes a piece of the body.
func (b *body) Write(p []byte) (int, error) {
	_, _ = b.sum.Write(p)
	return b.writer.Write(p)
}

// Close writes what was kept back.
func (b *body) Close() error { return b.writer.Close() }

// Discard drops it.
func (b *body) Discard() { b.content.Discard() }

// Package intake is the gateway's SMTP server: it takes mail from the devices of the
// plant, and from nobody else (RFC 5321, as submission of RFC 6409 would have it,
// without its rewriting).
//
// A [Session] is one conversation without a socket and without a clock: bytes and the
// time go in, what to write and what to do next come out. A [Server] runs sessions on
// the connections of its listeners, with deadlines and bounds.
//
// What is taken goes to whoever holds the gateway together by [Config]: Begin gives a
// place for a message's body once its header is known, and Take, after the final dot,
// makes it safe and says what the device hears. The package stores nothing, mends
// nothing and knows no upstream.
//
// Leniency is a device's own (device.Quirks), never a network's. What a client sends
// after 354 is text until CRLF.CRLF, and where that can't be told for sure the
// connection is closed: text is never read as commands.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// MaxHeader is the most that a message's header may have, in bytes with its line
// ends: it is held in memory until the header is whole.
const MaxHeader = 256 << 10

// Config is what a server needs. All functions are called by several goroutines at
// once, and never with anything locked.
type Config struct {
	Name string // the gateway's own host name, for the greeting

	// Find gives the device that has an address, or false for a stranger. It is asked
	// when a client connects, at each HELO and at each MAIL, so that a reload counts
	// at once.
	Find func(netip.Addr) (*device.Device, bool)
	// Judge says who may write as whom, and to whom. Nil: anyone.
	Judge Judge
	// Rate takes one message off what a device may send in a minute (its PerMinute), as
	// device.Limiter does; nil where there was one left. Nil: no limit.
	Rate func(d *device.Device, now time.Time) *reply.Reply
	// Room says, at MAIL, whether a message could be stored now. Errors are answered
	// as those of Begin are. Nil: it could.
	Room func() error
	// Begin is called once the header of a message is whole, and gives the place where
	// its body goes: all that follows the header. Device, envelope and Header of the
	// mail are set. A *[Refusal] is answered as it says after the final dot, to which
	// the text is read all the same; outbox.ErrFull as 452 4.3.1, and any other error
	// as 451 4.3.0. An error of a Write counts the same.
	Begin func(Mail) (Body, error)
	// Take is called after the final dot, when the whole body has been written; the
	// body is Take's from then on. It may wait as long as the device's patience lasts.
	// The context ends when the connection is gone or the server stops: then Take is
	// to answer at once.
	Take func(ctx context.Context, m Mail, b Body) Answer
	// Postmaster gets what is sent to <postmaster> without a domain (RFC 5321 section
	// 4.5.1). The zero address refuses it.
	Postmaster mailaddr.Address

	Knock func(at netip.Addr, helo string) // a stranger has greeted, once a connection; may be nil
	Hello func(at netip.Addr, helo string) // a device has greeted; may be nil

	Limits   Limits
	Timeouts Timeouts
	Log      *slog.Logger  // nil: none
	Sink     conv.Sink     // of the conversations; nil: none
	NewID    func() string // of a conversation; needed with Sink
}

// Judge says who may write as whom and to whom; nil is yes. The zero address as a
// sender is the null one, <>.
type Judge interface {
	// Sender judges what MAIL says.
	Sender(d *device.Device, from mailaddr.Address) *reply.Reply
	// Recipient judges what one RCPT says.
	Recipient(d *device.Device, from, to mailaddr.Address) *reply.Reply
}

// Body is where the body of a message goes.
type Body interface {
	io.Writer
	// Discard drops it, since the message didn't come to its end, or was refused.
	Discard()
}

// Answer is what a device hears of its message.
type Answer struct {
	Reply reply.Reply
	// Wrote, unless nil, is called once: with nil when the reply was written to the
	// connection, else with the error. That it was written isn't that it was read.
	Wrote func(error)
}

// Refusal is an error that says what the device is to hear.
type Refusal struct{ Reply reply.Reply }

// Error is the reply.
func (r *Refusal) Error() string { return r.Reply.String() }

// Mail is a message as it came.
type Mail struct {
	Conversation string // id of its conversation; empty without a Sink
	Device       *device.Device
	Peer         netip.Addr
	Helo         string // printable
	ESMTP        bool   // it was EHLO
	TLS          string // version and suite; empty without
	User         string // that has logged in; empty where none had to

	From     mailaddr.Address // zero for <>
	To       []mailaddr.Address
	EightBit bool  // BODY=8BITMIME (RFC 6152)
	UTF8     bool  // SMTPUTF8 (RFC 6531)
	Declared int64 // SIZE (RFC 1870); 0 where none was said

	// Header is the text's beginning up to the empty line and with it, or all of the
	// text where it has no empty line. Its lines end with CRLF; nothing else of it was
	// touched. It is the receiver's to keep.
	Header []byte
	Size   int64     // of header and body in bytes; known to Take
	Began  time.Time // when MAIL came
}

// Limits bound what a client may take. Zero means the default.
type Limits struct {
	MaxSize        int64 // of a message in bytes, where its device has none; 25 MiB
	MaxRecipients  int   // of a message, where its device has none; 100
	MaxCommands    int   // between two messages, but for RCPTs that are accepted; 200
	MaxErrors      int   // between two messages; 10
	MaxLogins      int   // that fail, in a session; 3
	MaxConnections int   // of all listeners; 500
	PerAddress     int   // connections from one address; 100
	MaxStrangers   int   // connections from addresses of no device; an eighth of all
}

// Timeouts bound how long a client may take. Zero means the default.
type Timeouts struct {
	Handshake time.Duration // of TLS; 30 s
	Command   time.Duration // from one command to the next; 5 min (RFC 5321 section 4.5.3.2.7)
	Crowded   time.Duration // the same, with three quarters of all connections in use; 30 s
	Block     time.Duration // from one piece of text to the next; 3 min
	Message   time.Duration // from 354 to the final dot; 30 min
	Session   time.Duration // of all, though a message that is coming may end; 1 h
	Stranger  time.Duration // of all of a stranger's session; 30 s
	Write     time.Duration // of one batch of replies; 30 s
	Stop      time.Duration // for messages under way when the server stops; 10 s
}

func orElse[T int | int64 | time.Duration](v *T, otherwise T) {
	if *v <= 0 {
		*v = otherwise
	}
}

func (l Limits) withDefaults() Limits {
	orElse(&l.MaxSize, 25<<20)
	orElse(&l.MaxRecipients, 100)
	orElse(&l.MaxCommands, 200)
	orElse(&l.MaxErrors, 10)
	orElse(&l.MaxLogins, 3)
	orElse(&l.MaxConnections, 500)
	orElse(&l.PerAddress, 100)
	orElse(&l.MaxStrangers, max(1, l.MaxConnections/8))
	return l
}

func (t Timeouts) withDefaults() Timeouts {
	orElse(&t.Handshake, 30*time.Second)
	orElse(&t.Command, 5*time.Minute)
	orElse(&t.Crowded, 30*time.Second)
	orElse(&t.Block, 3*time.Minute)
	orElse(&t.Message, 30*time.Minute)
	orElse(&t.Session, time.Hour)
	orElse(&t.Stranger, 30*time.Second)
	orElse(&t.Write, 30*time.Second)
	orElse(&t.Stop, 10*time.Second)
	return t
}

// checked is the configuration with its defaults, or what is wrong with it.
func (c Config) checked() (*Config, error) {
	if _, err := smtpwire.ParseHello(c.Name, smtpwire.Strictness{}); err != nil {
		return nil, fmt.Errorf("the gateway's own name: %w", err)
	}
	if c.Find == nil || c.Begin == nil || c.Take == nil {
		return nil, errors.New("an intake needs Find, Begin and Take")
	}
	if c.Sink != nil && c.NewID == nil {
		return nil, errors.New("an intake with a sink needs NewID")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Limits, c.Timeouts = c.Limits.withDefaults(), c.Timeouts.withDefaults()
	return &c, nil
}

// refusalOf is what the device hears of an error of the house.
func refusalOf(err error) reply.Reply {
	var r *Refusal
	switch {
	case errors.As(err, &r):
		return r.Reply
	case errors.Is(err, outbox.ErrFull):
		return say(reply.InsufficientStorage, "4.3.1", "the gateway's disk is full: try again later")
	}
	return say(reply.LocalError, "4.3.0", "the gateway can't store mail now: try again later")
}

// say is a reply of one line.
func say(code reply.Code, enhanced, text string) reply.Reply {
	return reply.Reply{Code: int(code), Enhanced: enhanced, Lines: []string{text}}
}

// Package outbox is the gateway's durable store of messages, as the rest of the
// gateway sees it: what a message's record holds, and what a [Store] promises. The
// engine is a package below it; storetest holds what any engine must pass.
//
// The store knows nothing of SMTP, of routes and of waiting: it keeps records and
// contents, leases them out, and tells what has changed.
package outbox

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// ID names a message: a UUIDv7 as text.
type ID string

// Rev is the revision of a record: each change makes it greater. It is the fence of
// a lease: whoever holds an old one can change nothing.
type Rev uint64

// Answer is what the device has heard of its message.
type Answer string

// The answers. A record is put with NotAnswered, and the answer is noted once it has
// been written to the device.
const (
	NotAnswered    Answer = ""        // or nobody knows
	AnsweredQueued Answer = "queued"  // 250
	AnsweredCode   Answer = "refused" // the code of a refusal
)

// State is what becomes of a message as a whole.
type State string

// The states. Queued and Held are live: their content is kept.
const (
	Queued  State = "queued"
	Held    State = "held"    // a person or a rule holds it back
	Done    State = "done"    // every recipient has an end
	Dropped State = "dropped" // a person took it out
	Expired State = "expired" // too old
)

// Live tells whether a message is still to be delivered.
func (s State) Live() bool { return s == Queued || s == Held }

// Fate is what has become of one recipient.
type Fate string

// The fates. Waiting ones are still to be tried.
const (
	Waiting   Fate = "waiting"
	Delivered Fate = "delivered" // the upstream has taken it
	Refused   Fate = "refused"   // the upstream has refused it for good
	Maybe     Fate = "maybe"     // the connection was lost after the final dot
	GivenUp   Fate = "given-up"  // dropped or expired
)

// Recipient is one address of a message's envelope.
type Recipient struct {
	Address mailaddr.Address `json:"address"`
	Fate    Fate             `json:"fate"`
	Reply   reply.Reply      `json:"reply"`    // the upstream's latest for it; zero before the first
	By      string           `json:"upstream"` // that gave it
	At      time.Time        `json:"at"`
}

// Attempt is one try to deliver a message, with its conversation.
type Attempt struct {
	Upstream   string       `json:"upstream"`
	Began      time.Time    `json:"began"`
	Ended      time.Time    `json:"ended"`
	Result     string       `json:"result"` // in words, for people
	Reply      reply.Reply  `json:"reply"`  // that decided it; zero where there was none
	Recipients []Recipient  `json:"recipients"`
	Events     []conv.Event `json:"events"` // secrets are masked in it; at most MaxEvents
	// State and Next are what the record is to have from now on: Outcome takes them
	// in, with the recipients' fates, also from an attempt whose lease is over.
	State State     `json:"state"`
	Next  time.Time `json:"next"` // when it is due again, while Queued
}

// Bounds of a record.
const (
	MaxAttempts = 20  // kept of a message; the first and the latest ones stay
	MaxEvents   = 400 // of an attempt
)

// Record is all that is kept of a message besides its content. A record outlives its
// content until retention takes it.
type Record struct {
	ID       ID         `json:"id"`
	Received time.Time  `json:"received"`
	Device   string     `json:"device"`
	Peer     netip.Addr `json:"peer"`
	Helo     string     `json:"helo"`

	From      mailaddr.Address `json:"from"` // zero for <>
	To        []Recipient      `json:"to"`
	Subject   string           `json:"subject"` // decoded, for search
	MessageID string           `json:"message_id"`
	UTF8      bool             `json:"utf8"`      // it needs SMTPUTF8, or 8-bit headers re-encoded
	EightBit  bool             `json:"eight_bit"` // its body has 8-bit bytes
	Size      int64            `json:"size"`      // of the content, in bytes
	Sum       [32]byte         `json:"sum"`       // SHA-256 of the content
	Repairs   []string         `json:"repairs"`   // what was mended, in words
	Original  []byte           `json:"original"`  // the header as it came, where it was mended

	// Twin is the same for two messages with the same device, envelope and content as
	// it came: a resend of one that wasn't answered joins it.
	Twin   [32]byte    `json:"twin"`
	Answer Answer      `json:"answer"`
	Code   reply.Reply `json:"code"` // what it was answered with

	State    State     `json:"state"`
	Why      string    `json:"why"` // it is held, dropped or expired
	Next     time.Time `json:"next"`
	Expires  time.Time `json:"expires"`
	Tries    int       `json:"tries"`
	Attempts []Attempt `json:"attempts"`
	Changed  time.Time `json:"changed"`
}

// Lease is the right to work on a message for a while.
type Lease struct {
	Owner string
	Until time.Time
}

// Claimed is a message that was leased out.
type Claimed struct {
	Record Record
	Rev    Rev
}

// Change is the newest state of a message that has changed. Purged tells that its
// record is gone.
type Change struct {
	ID     ID
	Rev    Rev
	Record Record
	Purged bool
}

// Cursor is a place in the changes; 0 is before the first.
type Cursor uint64

// Errors of a store.
var (
	ErrFull     = errors.New("the disk is full")
	ErrFailed   = errors.New("the store has failed, and takes nothing until the service is started again")
	ErrNotFound = errors.New("no such message")
	ErrConflict = errors.New("the record was changed by someone else")
	ErrCorrupt  = errors.New("the content is damaged")
	ErrClosed   = errors.New("the store is closed")
)

// SpoolOver is the size over which a content is a file of its own and never held in
// memory, in bytes.
const SpoolOver = 64 << 10

// Content is a message's text on its way into a store. It is written once, and then
// put or discarded.
type Content interface {
	io.Writer
	// Size is how much was written.
	Size() int64
	// Sum is its SHA-256.
	Sum() [32]byte
	// Discard drops it; after it was put that does nothing.
	Discard()
}

// Store keeps messages. It is safe for use by several goroutines at once.
//
// No call spans two messages, and nothing about batching shows. After an error of the
// disk other than ErrFull the store has failed: every later change gives ErrFailed
// until it is opened anew. One damaged message, which is ErrCorrupt, fails only itself.
type Store interface {
	// NewContent begins a content. It fails with ErrFull where there is no room.
	NewContent() (Content, error)
	// Put stores a message, leased from the beginning unless the lease is zero. When
	// it returns nil both record and content are flushed. It is idempotent by ID: a
	// message that is there stays as it is. A cancelled context no longer counts once
	// the store has the message. It fails with ErrFull and ErrFailed.
	Put(ctx context.Context, r Record, c Content, l Lease) (Rev, error)
	// Get reads a record.
	Get(ctx context.Context, id ID) (Record, Rev, error)
	// Content reads a message's content. Its checksum has been verified before the
	// first byte is read: a damaged one gives ErrCorrupt, a purged one ErrNotFound.
	Content(ctx context.Context, id ID) (io.ReadCloser, error)
	// Update replaces a record, and ends a lease, where its revision is still rev;
	// else ErrConflict.
	Update(ctx context.Context, id ID, rev Rev, r Record) (Rev, error)
	// Answered notes what the device has heard, whatever else has changed. It needn't
	// be flushed when it returns.
	Answered(ctx context.Context, id ID, a Answer, code reply.Reply) error
	// Claim leases out at most n messages that are Queued, due at now and not leased
	// to anyone, those due first before others. One whose lease has run out fell due
	// then.
	Claim(ctx context.Context, owner string, now time.Time, ttl time.Duration, n int) ([]Claimed, error)
	// Outcome adds an attempt to a message, takes its recipients' fates, state and
	// next time, and ends the lease. It is accepted even after the lease was lost, and
	// then never takes back what has come to an end since: a fate that is no longer
	// Waiting stays, and so does a State that isn't live.
	Outcome(ctx context.Context, id ID, a Attempt) (Record, Rev, error)
	// Due is when the next message that isn't leased falls due, or a lease ends; false
	// where there is none.
	Due(ctx context.Context) (time.Time, bool, error)
	// Changes lists what has changed since a cursor, at least once, and in order for
	// each message; at most n. Of a message that changed twice only the newest state
	// may come.
	Changes(ctx context.Context, after Cursor, n int) ([]Change, Cursor, error)
	// Purge removes a content, and with whole the record too.
	Purge(ctx context.Context, id ID, whole bool) error
	// Close waits until what was begun is flushed.
	Close() error
}

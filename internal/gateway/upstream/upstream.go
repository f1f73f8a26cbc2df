// Package upstream speaks SMTP to the servers that take the gateway's mail: with TLS
// or without, with a login or without, over connections that are kept and used again.
//
// It sends one message when it is asked to, and says exactly what became of each
// recipient and whose fault a failure is. It keeps no queue and tries nothing twice:
// that is delivery's business.
//
// Sources: RFC 5321, 3207 (STARTTLS), 4954 (AUTH), 1870 (SIZE), 2920 (PIPELINING),
// 6152 (8BITMIME), 6531 (SMTPUTF8).
package upstream

import (
	"context"
	"io"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/secret"
	"github.com/rungmail/rungmail/reply"
)

// TLS is how a connection is secured. Required means required: nothing falls back.
type TLS string

// The kinds of TLS.
const (
	Implicit TLS = "implicit" // from the first byte, as on port 465
	StartTLS TLS = "starttls" // after STARTTLS, as on port 587
	Plain    TLS = "plain"    // none
)

// Mechanism is how the gateway logs in.
type Mechanism string

// The mechanisms.
const (
	NoLogin      Mechanism = "none"
	LoginPlain   Mechanism = "plain"
	LoginLogin   Mechanism = "login"
	LoginCRAM    Mechanism = "cram-md5"
	LoginXOAUTH2 Mechanism = "xoauth2"
)

// Token gives an access token for XOAUTH2: one that isn't about to expire. With fresh
// it gets a new one, since the server has refused the last.
type Token interface {
	// Token gives it. An error that wraps a *TokenError which was refused says that a
	// person has to do something.
	Token(ctx context.Context, fresh bool) (secret.Text, error)
}

// Config is one upstream.
type Config struct {
	Name       string
	Host       string // name or address; the certificate must be for it
	Port       uint16
	TLS        TLS
	CAFile     string // PEM of a company's authority; empty for the system's
	ClientCert string // PEM files of a client certificate; both or neither
	ClientKey  string
	Pin        string // SHA-256 of the server's public key, base64, with "sha256/" before it; empty for none
	Login      Mechanism
	User       string
	Password   func() (secret.Text, error) // read anew for each login, so that a changed file counts
	Token      Token                       // of XOAUTH2
	Helo       string                      // the gateway's own name in EHLO

	Connections int           // at most so many at once, at least 1
	PerMinute   int           // messages, 0 for no limit
	Idle        time.Duration // how long an idle connection is kept
	Timeouts    Timeouts
}

// Timeouts bound the phases of a conversation (RFC 5321 section 4.5.3.2).
type Timeouts struct {
	Connect  time.Duration // name, TCP and TLS
	Greeting time.Duration
	Command  time.Duration // EHLO, AUTH, MAIL, RCPT, QUIT
	Data     time.Duration // the answer to DATA
	Block    time.Duration // one write of text
	Final    time.Duration // the answer to the final dot
}

// DefaultTimeouts are those of the standard, but for the greeting's, which a server of
// today gives sooner.
func DefaultTimeouts() Timeouts {
	return Timeouts{
		Connect: 30 * time.Second, Greeting: 2 * time.Minute, Command: 5 * time.Minute,
		Data: 2 * time.Minute, Block: 3 * time.Minute, Final: 10 * time.Minute,
	}
}

// Message is what is to be sent.
type Message struct {
	From     mailaddr.Address // zero for <>
	To       []mailaddr.Address
	Size     int64
	EightBit bool // its body has 8-bit bytes
	UTF8     bool // its header has, or an address isn't ASCII
	// Open begins to read the content, whose lines end with CRLF. It is called when the
	// server has said 354, so at most once for a Send.
	Open func() (io.ReadCloser, error)
	// Recode, when not nil, makes 7-bit text of a content for a server that takes no
	// 8-bit text.
	Recode func(io.Reader) io.Reader
}

// Step is where in a conversation something happened.
type Step string

// The steps.
const (
	StepConnect  Step = "connect"
	StepGreeting Step = "greeting"
	StepHello    Step = "EHLO"
	StepTLS      Step = "TLS"
	StepLogin    Step = "login"
	StepReset    Step = "RSET" // after a refused message, before the next
	StepMail     Step = "MAIL"
	StepRcpt     Step = "RCPT"
	StepData     Step = "DATA"
	StepText     Step = "text"
	StepFinal    Step = "final dot"
)

// Error is why a message, or all of it that was left, didn't go.
type Error struct {
	Upstream string
	Step     Step
	Reply    reply.Reply // the server's; zero where it said nothing
	Err      error       // of the network, of TLS, of a secret; nil where Reply says it
	// Message tells that the fault is the message's: another upstream would be asked in
	// vain. Else it is the upstream's or the way's to it.
	Message bool
	// Permanent tells that trying again later is in vain, as with 5yz.
	Permanent bool
	// Maybe tells that the connection was lost after the final dot: the server may have
	// the message.
	Maybe bool
	// Login tells that the server refused the login: nothing goes until a person mends
	// it.
	Login bool
}

// Verdict is what became of one recipient.
type Verdict struct {
	To    mailaddr.Address
	Reply reply.Reply // 2yz: taken; else refused, for now (4yz) or for good (5yz)
}

// Result is what became of a Send.
type Result struct {
	// Verdicts has one for each recipient, in their order, where the server said
	// something of each; after an Error it has those that were settled before. Where
	// all were refused there are both: all verdicts, and an Error with the first one's
	// reply, which is permanent where all of them are. What of the recipients has no
	// verdict shares the Error's.
	Verdicts []Verdict
	Final    reply.Reply // to the final dot, or what ended it
	Events   []conv.Event
	TLS      string // version and suite, in words; empty without
}

// Sender sends messages to one upstream. It is safe for use by several goroutines.
type Sender interface {
	// Name is the upstream's.
	Name() string
	// Send sends one message. The error, if there is one, is an *Error, and what
	// Result has is true all the same. It waits while all connections are in use or the
	// minute's limit is reached, as long as the context allows.
	Send(ctx context.Context, m Message) (Result, error)
	// UTF8 tells whether the server takes SMTPUTF8; known is false before the first
	// connection.
	UTF8() (yes, known bool)
	// Close says QUIT on idle connections and ends those in use.
	Close() error
}

// Package mailer is the module's SMTP client as a state machine: greeting to
// QUIT, one RCPT for each recipient, one timeout over all. It owns no socket and
// no clock. A [link.Network] gives it links, [Mailer.Step] is called when something may
// have happened, and says when it wants to be called again at the latest.
//
// It speaks what the ECOM100 speaks: plain SMTP with HELO, no TLS and no login.
//
// Source: seeds/000 sections 6, 9, 10 and appendix; RFC 5321. What the seed
// leaves open is listed in docs/compatibility.md.
package mailer

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/link"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// State is the step that a conversation is in; the trace shows its number, and
// a timeout's status code is 10 and it.
type State int

// The states (seeds/000 section 10, facts/plc.md section 1.3).
const (
	Idle       State = iota
	Connecting       // until the connection stands
	Greeting         // greeting and HELO
	MailFrom
	RcptTo
	Data
	Subject // the head of the message is being written
	Body    // its body is being written
	End     // the final dot is out
)

// Status codes that the mailer gives (seeds/000 appendix). A server's own reply
// code, 100-999, is the status too.
const (
	StatusSuccess      = 0
	StatusTimeout      = 10 // and the state
	StatusWriteError   = 20 // closed, reset, or a write failed
	StatusNoRecipient  = 21 // neither To nor Cc
	StatusInvalidState = 22 // a reply that doesn't fit the state
	StatusInvalidData  = 23 // a malformed reply, or text that can't be sent
	StatusInvalidSetup = 24 // settings
	StatusTooMuch      = 25 // more recipients or text than the bounds
)

// Bounds of one mail.
const (
	MaxRecipients = 100      // To and Cc together
	MaxSubject    = 512      // bytes
	MaxBody       = 64 << 10 // bytes
)

const (
	retryAfter = time.Second     // between two tries to connect
	quitWithin = 5 * time.Second // for the reply to QUIT
)

// Job is one mail to send.
type Job struct {
	Server  netip.AddrPort
	Helo    string        // argument of HELO: the module's own IP address
	Timeout time.Duration // of the whole transaction
	Message Message
	// Fault, when not 0, is the status of a job in which the caller found a fault:
	// it ends at once, and the trace shows it as any other.
	Fault int
}

// Result is how a job ended.
type Result struct {
	Conversation string // id of the conversation
	Status       int    // 0 success, else a status code
	State        State  // in which it ended
	// Reply is the last reply of the server, or the first refusal of a recipient.
	Reply    reply.Reply
	Accepted []mailaddr.Address // recipients whose mail the server has
	Refused  []mailaddr.Address // recipients that the server refused
	// Fault is what went wrong without a reply: why the connection ended or didn't
	// come about, or what the server sent that is no reply; nil where the server
	// closed the connection in order.
	Fault error
}

// Cause is what the server or the network said when a job failed: the server's
// words, or else the fault; empty after a success and after silence.
func (r Result) Cause() string {
	switch {
	case r.Status == StatusSuccess:
		return ""
	case r.Reply.Code != 0 && (r.Status == r.Reply.Code || r.Status == StatusInvalidState):
		return r.Reply.String()
	case r.Fault != nil:
		return root(r.Fault).Error()
	}
	return ""
}

// root is the innermost error of the network's: without addresses of our own.
func root(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		return op.Err
	}
	return err
}

// phase is what the mailer is doing.
type phase uint8

const (
	ready    phase = iota
	running        // a job is under way
	quitting       // the job is over; the reply to QUIT is awaited
)

// Mailer sends one mail at a time.
type Mailer struct {
	network link.Network
	sink    conv.Sink
	newID   func() string

	phase   phase
	job     Job
	state   State
	greeted bool
	link    link.Link
	replies smtpwire.ReplyParser
	data    smtpwire.DataEncoder
	head    []byte // of the message, once composed
	out     []byte

	recipients      []mailaddr.Address
	next            int // recipient whose RCPT is out
	writes, written int
	deadline        time.Time
	retryAt         time.Time
	quitBy          time.Time
	now             time.Time

	result Result
}

// New makes a mailer. The sink gets the conversation's events; newID names
// conversations, by UUIDv7 in a running service.
func New(network link.Network, sink conv.Sink, newID func() string) *Mailer {
	return &Mailer{network: network, sink: sink, newID: newID}
}

// Busy tells whether a job is under way.
func (m *Mailer) Busy() bool { return m.phase == running }

// Result is how the last job ended.
func (m *Mailer) Result() Result { return m.result }

// Start begins a job; its timeout starts now. A farewell that is still under way
// from the job before is cut short. It must not be called while Busy.
func (m *Mailer) Start(now time.Time, job Job) {
	m.drop()
	m.now, m.job, m.phase = now, job, running
	m.deadline = now.Add(job.Timeout)
	m.recipients = job.Message.Recipients()
	m.next, m.head = -1, nil
	m.result = Result{Conversation: m.newID()}
	m.enter(Connecting)
	status := job.fault()
	if status == StatusSuccess {
		m.dial() // and the trace is written while that is under way
	}
	for _, r := range m.recipients {
		m.note("Recipient: " + r.String())
	}
	m.note("Subject: " + printable(job.Message.Subject))
	m.note("Body: " + printable(job.Message.Body))
	if status != StatusSuccess {
		m.finish(status)
	}
}

// Close drops whatever is under way, as a loss of power does, and tells whether
// that was a mail. In state End the server may have it all the same.
func (m *Mailer) Close(now time.Time) (cut bool, state State) {
	cut, state = m.phase == running, m.state
	if cut {
		m.now = now
		m.result.Status = StatusWriteError
		m.emit(conv.Event{Side: conv.Self, Kind: conv.Ended, State: int(m.state), Text: "stopped", Code: StatusWriteError})
	}
	m.drop()
	m.phase = ready
	return cut, state
}

// fault is the status of a job that can't even begin, or success.
func (j Job) fault() int {
	recipients := len(j.Message.Recipients())
	switch {
	case j.Fault != 0:
		return j.Fault
	case !j.Server.Addr().Is4() || j.Server.Addr().IsUnspecified() || j.Server.Port() == 0,
		j.Timeout <= 0, j.Message.From.IsZero():
		return StatusInvalidSetup
	case recipients == 0:
		return StatusNoRecipient
	case recipients > MaxRecipients, len(j.Message.Subject) > MaxSubject, len(j.Message.Body) > MaxBody:
		return StatusTooMuch
	case !j.Message.sendable():
		return StatusInvalidData
	}
	return StatusSuccess
}

func (m *Mailer) dial() {
	m.retryAt = time.Time{}
	m.replies = smtpwire.ReplyParser{}
	m.data = smtpwire.DataEncoder{}
	m.writes, m.written, m.greeted = 0, 0, false
	m.link = m.network.Dial(m.job.Server)
}

// drop closes the link, if there is one.
func (m *Mailer) drop() {
	if m.link != nil {
		m.link.Close()
		m.link = nil
	}
}

func (m *Mailer) enter(s State) { m.state, m.result.State = s, s }

// Step takes in what has happened, and returns when it wants to be called again
// at the latest; the zero time is never.
func (m *Mailer) Step(now time.Time) time.Time {
	m.now = now
	for m.link != nil {
		e, ok := m.link.Next()
		if !ok {
			break
		}
		m.event(e)
	}
	switch m.phase {
	case running:
		if !now.Before(m.deadline) {
			m.finish(StatusTimeout + int(m.state))
			return m.quitBy
		}
		if m.link == nil && !now.Before(m.retryAt) {
			m.dial()
			return m.Step(now)
		}
		if m.link == nil && m.retryAt.Before(m.deadline) {
			return m.retryAt
		}
		return m.deadline
	case quitting:
		if !now.Before(m.quitBy) {
			m.drop()
			m.phase = ready
			return time.Time{}
		}
		return m.quitBy
	}
	return time.Time{}
}

// event takes in one event of the link.
func (m *Mailer) event(e link.Event) {
	switch {
	case e.Kind == link.Closed:
		if m.phase == running {
			m.result.Fault = e.Err
		}
		m.closed()
	case m.phase == quitting:
		m.farewell(e)
	case e.Kind == link.Connected:
		m.result.Fault = nil
		m.enter(Greeting)
		m.emit(conv.Event{Side: conv.Client, Kind: conv.Opened, Text: m.job.Server.String()})
		m.sending("HELO msg")
	case e.Kind == link.Received:
		m.received(e.Data)
	case e.Kind == link.Written:
		m.written++
		m.wrote()
	}
}

// closed takes in that the link is gone: before the connection stood that means
// another try, later it is a write error.
func (m *Mailer) closed() {
	m.drop()
	switch {
	case m.phase == quitting:
		m.phase = ready
	case m.state == Connecting:
		m.retryAt = m.now.Add(retryAfter)
	default:
		m.finish(StatusWriteError)
	}
}

// farewell waits for the reply to QUIT; the result stands already.
func (m *Mailer) farewell(e link.Event) {
	if e.Kind != link.Received {
		return
	}
	m.replies.Feed(e.Data)
	if r, ok, err := m.replies.Next(); ok || err != nil {
		if ok {
			m.emit(conv.Event{Side: conv.Server, Kind: conv.Quiet, State: int(m.state), Text: r.String(), Code: r.Code})
		}
		m.drop()
		m.phase = ready
	}
}

// finish ends the job with a status, and says QUIT where the conversation is in
// step: never into a message that is being written or may be awaited.
func (m *Mailer) finish(status int) {
	m.result.Status = status
	m.emit(conv.Event{Side: conv.Self, Kind: conv.Ended, State: int(m.state), Code: status})
	m.phase = quitting
	m.quitBy = m.now.Add(quitWithin)
	silent := m.state == Connecting || m.state == Greeting && !m.greeted && status == StatusTimeout+int(Greeting) ||
		m.state == Data && status == StatusTimeout+int(Data) || m.state == Subject || m.state == Body
	if m.link == nil || silent {
		m.drop()
		m.phase, m.quitBy = ready, time.Time{}
		return
	}
	m.emit(conv.Event{Side: conv.Client, Kind: conv.Quiet, State: int(m.state), Text: "QUIT"})
	m.link.Write([]byte("QUIT\r\n"), false)
}

func (m *Mailer) emit(e conv.Event) {
	if m.sink == nil {
		return
	}
	e.Conversation, e.Time = m.result.Conversation, m.now
	m.sink(e)
}

func (m *Mailer) note(text string) { m.emit(conv.Event{Side: conv.Self, Kind: conv.Note, Text: text}) }

func (m *Mailer) sending(what string) {
	m.emit(conv.Event{Side: conv.Client, Kind: conv.Sending, State: int(m.state), Text: what})
}

// String is the state's name, for messages.
func (s State) String() string {
	names := [...]string{"idle", "connect", "greeting and HELO", "MAIL FROM", "RCPT TO", "DATA", "subject", "body", "end of message"}
	if s < 0 || int(s) >= len(names) {
		return fmt.Sprintf("state %d", int(s))
	}
	return names[s]
}

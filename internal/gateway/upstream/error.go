package upstream

import (
	"errors"
	"fmt"

	"github.com/rungmail/rungmail/internal/smtpwire"
)

// What an [Error] can wrap, besides errors of the network and of TLS.
var (
	// ErrClosed: the pool was closed.
	ErrClosed = errors.New("the upstream is closed: the service stops, or its set-up has changed")
	// ErrOutOfStep: the server answered what doesn't fit the question, or talked out of
	// turn. Nothing more that it says on this connection is believed.
	ErrOutOfStep = errors.New("the server is out of step")
	// ErrNoTLS: TLS is required, and the server doesn't offer it.
	ErrNoTLS = errors.New("the server offers no STARTTLS, so nothing was sent to it: see that the port is right and that no firewall takes STARTTLS out of the answer to EHLO")
	// ErrNoLogin: the server doesn't offer the login that is set up.
	ErrNoLogin = errors.New("the server doesn't offer the login that is set up")
	// ErrPin: the certificate is good, but its key isn't the one that is pinned.
	ErrPin = errors.New("the server's key isn't the one that is pinned: if the server has a new key, change the pin")
)

// maxText bounds what an error's text may hold, in bytes: a certificate names as many
// hosts as it likes.
const maxText = 1000

// Error says where and what, on one printable line.
func (e *Error) Error() string {
	what := "no answer"
	switch {
	case e.Reply.Code != 0:
		what = e.Reply.String()
	case e.Err != nil:
		what = e.Err.Error()
	}
	return fmt.Sprintf("%s: %s: %s", e.Upstream, e.Step, printable(what))
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// printable is text of a peer for people, and not too much of it.
func printable(s string) string {
	if len(s) > maxText {
		s = s[:maxText] + "..."
	}
	return smtpwire.Printable(s)
}

// Taken tells whether the server has taken the recipient.
func (v Verdict) Taken() bool { return v.Reply.Class() == 2 }

// Refused tells whether the server has refused the recipient for good; one that is
// neither taken nor refused is to be tried again.
func (v Verdict) Refused() bool { return v.Reply.Class() == 5 }

// Package device is who may send through the gateway: the devices of the plant file,
// found by the address that they connect from, with what each may be, whom it may
// write to, and which of its habits are forgiven.
//
// Deny by default: an address that no device has is a stranger's. Leniency is granted
// to a device by name, never to a network.
package device

import (
	"net/netip"
	"time"

	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/secret"
)

// Device is one device that may send.
type Device struct {
	Name      string
	Title     string
	Owner     string // who answers for it
	Place     string // where it stands
	Addresses []netip.Prefix

	From  mailaddr.Address // what envelope and header say instead of what it says; zero leaves both
	MayBe []Pattern        // senders that it may be; empty for any
	MayTo []Pattern        // recipients that it may write to; empty for any

	PerMinute     int           // messages; 0 for no limit
	MaxSize       int64         // of a message, in bytes; 0 is the listener's
	MaxRecipients int           // of a message; 0 is the listener's
	Login         *Login        // nil where it needn't log in
	OldTLS        bool          // TLS 1.0 and 1.1, and their suites
	Quirks        Quirks        // habits that are forgiven
	VerdictWait   time.Duration // how long it can wait for the upstream's verdict; negative is the gateway's
	Route         string        // the route that its mail takes; empty for the rules'
}

// Login is what a device logs in with.
type Login struct {
	User     string
	Password func() (secret.Text, error)
}

// Quirks are habits of a device that the standard forbids.
type Quirks struct {
	BareLF     bool // lines that end with LF alone
	AnyHelo    bool // an empty or odd HELO name
	NoBrackets bool // addresses without angle brackets
	EightBit   bool // 8-bit bytes in headers
	NoQuit     bool // hangs up without QUIT, which counts as an orderly end
}

// Pattern is whom a rule means: one address, or all of a domain.
type Pattern struct {
	Local  string // empty for all of the domain
	Domain string // in lower case, as mailaddr.Address.DomainKey has it; with a dot before it, all below it
}

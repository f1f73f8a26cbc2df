// Package settings is what a module keeps without power: its e-mail set-up and
// its own set-up, with their fields and bounds, in files.
//
// Of the e-mail set-up the module has two copies: ROM, which is the file, and the
// working copy, which is what mails use. The working copy is taken from ROM at
// power-up, changed by ECEMSUP and brought back by ECEMRDS; nothing but a set-up
// page or tool writes ROM.
//
// Source: seeds/000 section 6; bounds as docs/compatibility.md lists them.
package settings

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// Defaults and bounds.
const (
	DefaultPort    = 25
	DefaultTimeout = 60 * time.Second
	MinTimeout     = time.Second
	MaxTimeout     = time.Hour
	MaxName        = backplane.MaxName // characters of the sender's name
	MaxCc          = 50                // addresses
	MaxZone        = 14 * 60           // minutes east or west of UTC
)

// Email is the e-mail set-up of a module.
type Email struct {
	Server  netip.Addr // IPv4; unset or 0.0.0.0 never connects
	Port    uint16     // 1-65535
	Name    string     // of the sender; optional
	Sender  mailaddr.Address
	Cc      []mailaddr.Address // of every mail; optional
	Timeout time.Duration      // of a whole transaction: 1 s to 1 h, in whole seconds
	Zone    Zone               // of the Date header; optional, and only on later firmware
}

// Zone is the Time Zone Offset of the Date header (facts/plc.md section 1.3).
type Zone struct {
	Known   bool // else the header has UTC and -0000, the zone unknown
	Minutes int  // east of UTC, -840 to 840
}

// String is the zone as a header writes it: "+0100", "-0000" where it isn't known.
func (z Zone) String() string {
	if !z.Known {
		return "-0000"
	}
	sign, m := "+", z.Minutes
	if m < 0 {
		sign, m = "-", -m
	}
	return fmt.Sprintf("%s%02d%02d", sign, m/60, m%60)
}

// Default is the set-up of a module that nobody has set up.
func Default() Email {
	return Email{Server: netip.IPv4Unspecified(), Port: DefaultPort, Timeout: DefaultTimeout}
}

// ErrInvalid is what every fault of a set-up wraps.
var ErrInvalid = errors.New("invalid set-up")

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// Validate reports values that are out of bounds. A server or sender that isn't
// set is no fault of the set-up; mails then end in error 24.
func (e Email) Validate() error {
	if e.Server.IsValid() && !e.Server.Is4() {
		return invalid("the server %s is not an IPv4 address", e.Server)
	}
	if e.Port == 0 {
		return invalid("a port is 1 to 65535; %d is the usual one", DefaultPort)
	}
	if err := validName(e.Name); err != nil {
		return err
	}
	if len(e.Cc) > MaxCc {
		return invalid("%d addresses in Cc are over the limit of %d", len(e.Cc), MaxCc)
	}
	if slices.ContainsFunc(e.Cc, mailaddr.Address.IsZero) {
		return invalid("an address in Cc is empty: take it out")
	}
	for _, a := range append([]mailaddr.Address{e.Sender}, e.Cc...) {
		if !a.IsASCII() {
			return invalid("the module can't use the address %s: it must be ASCII", a)
		}
	}
	if e.Timeout < MinTimeout || e.Timeout > MaxTimeout || e.Timeout%time.Second != 0 {
		return invalid("the timeout is 1 to 3600 seconds; 60 is the usual one")
	}
	if e.Zone.Minutes < -MaxZone || e.Zone.Minutes > MaxZone || !e.Zone.Known && e.Zone.Minutes != 0 {
		return invalid("a time zone is at most 14 hours from UTC")
	}
	return nil
}

func validName(name string) error {
	if utf8.RuneCountInString(name) > MaxName || !utf8.ValidString(name) {
		return invalid("the sender name is over %d characters, or not text", MaxName)
	}
	if strings.ContainsFunc(name, unicode.IsControl) {
		return invalid("the sender name has a line end or another control character in it")
	}
	return nil
}

// Complete tells whether mails can be sent with this set-up.
func (e Email) Complete() bool {
	return e.Server.Is4() && !e.Server.IsUnspecified() && !e.Sender.IsZero()
}

// Equal tells whether two set-ups are the same.
func (e Email) Equal(o Email) bool {
	return given(e.Server) == given(o.Server) && e.Port == o.Port && e.Name == o.Name && e.Sender == o.Sender &&
		e.Timeout == o.Timeout && e.Zone == o.Zone && slices.Equal(e.Cc, o.Cc)
}

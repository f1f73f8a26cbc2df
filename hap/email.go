package hap

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Email is a module's e-mail set-up, for SetupEmail and SetupEmailInUse. The
// maker's own form was never published; this one is ours.
type Email struct {
	Server  netip.Addr // IPv4; invalid or 0.0.0.0 where it isn't set
	Port    uint16
	Timeout time.Duration // of a whole mail: whole seconds, 1 s to 3600 s
	Zone    *int          // of dates, minutes east of UTC, -840 to 840; nil where unset
	Name    string        // of the sender
	Sender  string        // the address
	Cc      []string      // addresses, without blanks around them and without commas
}

// The bounds of a time zone and of a timeout.
const (
	maxZone    = 14 * 60
	maxTimeout = time.Hour
)

const (
	emailVersion = 1
	emailFixed   = 12 // bytes before the texts
	ccSeparator  = ", "
)

// Append appends the set-up, at most 512 bytes. It fails with ErrTooLarge when
// the texts don't fit, and with ErrValue on a field out of range.
func (e Email) Append(dst []byte) ([]byte, error) {
	if err := e.validate(ErrValue); err != nil {
		return dst, err
	}
	start, zone := len(dst), 0
	if e.Zone != nil {
		zone = *e.Zone
	}
	dst, err := AppendAddr(append(dst, emailVersion), e.Server)
	if err != nil {
		return dst[:start], err
	}
	dst = binary.LittleEndian.AppendUint16(dst, e.Port)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(e.Timeout/time.Second))
	dst = append(dst, flag(e.Zone != nil))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(zone))
	texts := [...]string{e.Name, e.Sender, strings.Join(e.Cc, ccSeparator)}
	if n := emailFixed + 2*len(texts) + len(texts[0]) + len(texts[1]) + len(texts[2]); n > MaxSetup {
		return dst[:start], fmt.Errorf("%w: the e-mail set-up has %d bytes, HAP carries %d: shorten the Cc list, or set it on the module's web page", ErrTooLarge, n, MaxSetup)
	}
	for _, text := range texts {
		dst = append(binary.LittleEndian.AppendUint16(dst, uint16(len(text))), text...)
	}
	return dst, nil
}

// ParseEmail reads a set-up. What stands behind it is padding.
func ParseEmail(data []byte) (Email, error) {
	switch {
	case len(data) < emailFixed:
		return Email{}, fmt.Errorf("%w: %d bytes of e-mail set-up", ErrMalformed, len(data))
	case data[0] != emailVersion:
		return Email{}, fmt.Errorf("%w: e-mail set-up in form %d, this program knows %d", ErrMalformed, data[0], emailVersion)
	}
	e := Email{
		Server:  netip.AddrFrom4([4]byte(data[1:5])),
		Port:    binary.LittleEndian.Uint16(data[5:]),
		Timeout: time.Duration(binary.LittleEndian.Uint16(data[7:])) * time.Second,
	}
	if data[9] != 0 {
		zone := int(int16(binary.LittleEndian.Uint16(data[10:])))
		e.Zone = &zone
	}
	rest, cc := data[emailFixed:], ""
	for _, text := range [...]*string{&e.Name, &e.Sender, &cc} {
		var ok bool
		if *text, rest, ok = cutText(rest); !ok {
			return Email{}, fmt.Errorf("%w: the e-mail set-up ends early", ErrMalformed)
		}
	}
	if cc != "" {
		for a := range strings.SplitSeq(cc, ",") {
			e.Cc = append(e.Cc, strings.TrimSpace(a))
		}
	}
	if err := e.validate(ErrMalformed); err != nil {
		return Email{}, err
	}
	return e, nil
}

// cutText takes a text with its length from the front of b.
func cutText(b []byte) (text string, rest []byte, ok bool) {
	if len(b) < 2 {
		return "", nil, false
	}
	n := int(binary.LittleEndian.Uint16(b))
	if n > len(b)-2 {
		return "", nil, false
	}
	return string(b[2 : 2+n]), b[2+n:], true
}

// validate reports a field out of range, wrapping as.
func (e Email) validate(as error) error {
	switch {
	case e.Timeout < time.Second || e.Timeout > maxTimeout || e.Timeout%time.Second != 0:
		return fmt.Errorf("%w: the e-mail timeout is %s: use whole seconds from 1s to %s", as, e.Timeout, maxTimeout)
	case e.Zone != nil && (*e.Zone < -maxZone || *e.Zone > maxZone):
		return fmt.Errorf("%w: the time zone is %d minutes: use -%d to %d", as, *e.Zone, maxZone, maxZone)
	case slices.ContainsFunc(append([]string{e.Name, e.Sender}, e.Cc...), unprintable):
		return fmt.Errorf("%w: the e-mail set-up has a text with control characters, or that isn't UTF-8", as)
	}
	for _, a := range e.Cc {
		if a == "" || a != strings.TrimSpace(a) || strings.Contains(a, ",") {
			return fmt.Errorf("%w: %q can't stand in a Cc list: no commas, and no blanks around it", as, a)
		}
	}
	return nil
}

func unprintable(s string) bool { return !utf8.ValidString(s) || strings.ContainsFunc(s, control) }

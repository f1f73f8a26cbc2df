package settings

import (
	"net/netip"
	"strconv"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// Apply is the set-up with the fields of a set-up command in their places. A
// field that the command hasn't stays as it is. On an error nothing has changed.
func (e Email) Apply(c backplane.Command) (Email, error) {
	for _, f := range c.Fields {
		if err := e.set(f.ID, string(f.Data)); err != nil {
			return Email{}, err
		}
	}
	if err := e.Validate(); err != nil {
		return Email{}, err
	}
	return e, nil
}

// set puts one field in its place, from the text that ladder writes.
func (e *Email) set(id backplane.FieldID, text string) (err error) {
	switch id {
	case backplane.FieldServer:
		if e.Server, err = netip.ParseAddr(text); err != nil {
			return invalid("%q is not an address", text)
		}
	case backplane.FieldName:
		e.Name, err = charmap.Windows1252.NewDecoder().String(text)
	case backplane.FieldSender:
		if e.Sender, err = mailaddr.Parse(text); err != nil {
			return invalid("sender: %s", err)
		}
	case backplane.FieldPort:
		n, bad := strconv.ParseUint(text, 10, 16)
		if bad != nil {
			return invalid("%q is not a port", text)
		}
		e.Port = uint16(n)
	case backplane.FieldTimeout:
		n, bad := strconv.ParseUint(text, 10, 16)
		if bad != nil {
			return invalid("%q is not a number of seconds", text)
		}
		e.Timeout = time.Duration(n) * time.Second
	case backplane.FieldCc:
		if e.Cc, err = mailaddr.ParseList(text); err != nil {
			return invalid("cc: %s", err)
		}
	default:
		return invalid("field %d is not part of it", id)
	}
	return err
}

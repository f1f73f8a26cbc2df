package device

import (
	"fmt"

	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// Judge says whether a device may do what it asks, by its MayBe and MayTo. A nil reply
// is yes. The zero Judge is ready.
type Judge struct{}

// Sender judges the sender that a device names in MAIL, before its From replaces it.
// The null sender, the zero Address, is anyone's: it gives no name that wasn't
// granted.
func (Judge) Sender(d *Device, from mailaddr.Address) *reply.Reply {
	if from.IsZero() || matchesAny(d.MayBe, from) {
		return nil
	}
	return refuse(reply.MailboxNameNotAllowed,
		"%s may not send as %s: the plant file's may_be says whom it may be", d.Name, from)
}

// Recipient judges one recipient of a device.
func (Judge) Recipient(d *Device, _, to mailaddr.Address) *reply.Reply {
	if matchesAny(d.MayTo, to) {
		return nil
	}
	return refuse(reply.MailboxUnavailable,
		"%s may not write to %s: the plant file's may_to says whom it may write to", d.Name, to)
}

// matchesAny is true of an empty list, which is no rule.
func matchesAny(rules []Pattern, a mailaddr.Address) bool {
	for _, p := range rules {
		if p.Matches(a) {
			return true
		}
	}
	return len(rules) == 0
}

// refuse is a refusal by policy (RFC 3463, X.7.1: delivery not authorised).
func refuse(code reply.Code, format string, args ...any) *reply.Reply {
	return &reply.Reply{Code: int(code), Enhanced: "5.7.1", Lines: []string{fmt.Sprintf(format, args...)}}
}

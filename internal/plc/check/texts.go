package check

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// email judges the texts of an ECEMAIL box and adds up its byte budget.
func (c *checker) email(n *ladder.Node) {
	used := 0
	if f, ok := n.Field(isa.LabelTo); ok {
		c.addresses(f)
		used += len(f.Value)
	}
	if f, ok := n.Field(isa.LabelSubject); ok {
		text, err := vprint.ParseSubject(f.Value)
		if err != nil {
			c.textError(f, err)
		}
		if bytes.ContainsAny(text.Literal(), "\r\n\x00") {
			c.errorf("line-break", f.ValuePos, "the subject is one line of the mail's head: take CR, LF and NUL out of it")
		}
		used += text.Longest(c.print)
	}
	if f, ok := n.Field(isa.LabelBody); ok {
		text, err := vprint.Parse(f.Value)
		if err != nil {
			c.textError(f, err)
		}
		if text.Variable() {
			c.warnf("variable-text", f.ValuePos, "the length of text with %% V... is known only when it is sent, so it counts 0 here: over the budget the box ends in error %d and sends nothing", 23)
		}
		c.reads(f, text)
		used += text.Longest(c.print)
	}
	c.result.Mails = append(c.result.Mails, Mail{Line: n.Pos.Line, Used: used, Limit: backplane.MaxText})
	if over := used - backplane.MaxText; over > 0 {
		c.errorf("budget", n.Pos, "To, Subject and Body are %d bytes at their longest, %d over the limit of %d: shorten them, or move addresses to the module's Cc", used, over, backplane.MaxText)
	}
}

// textError reports PRINT text that doesn't parse, at the place in the line.
func (c *checker) textError(f *ladder.Field, err error) {
	var text *vprint.Error
	if errors.As(err, &text) {
		at := f.ValuePos
		at.Col += utf8.RuneCountInString(f.Value[:min(text.Offset, len(f.Value))])
		c.errorf("quoting", at, "%s: %s", f.Spec.Label, text.Reason)
		return
	}
	c.errorf("quoting", f.ValuePos, "%s: %s", f.Spec.Label, err)
}

// reads reports memory that PRINT text reads and the CPU doesn't have.
func (c *checker) reads(f *ladder.Field, text vprint.Text) {
	for _, ref := range text.Reads() {
		for i := range max(1, ref.Words) {
			addr := ref.Addr
			addr.Num += uint16(i)
			if err := c.layout.Check(addr); err != nil {
				c.errorf("no-such-address", f.ValuePos, "%s: %s", f.Spec.Label, err)
				break
			}
		}
	}
}

// addresses judges a list of e-mail addresses.
func (c *checker) addresses(f *ladder.Field) []mailaddr.Address {
	if strings.ContainsAny(f.Value, "\r\n\x00") {
		c.errorf("line-break", f.ValuePos, "%s is one line of the mail's head: take CR, LF and NUL out of it", f.Spec.Label)
		return nil
	}
	list, err := mailaddr.ParseList(f.Value)
	if err != nil {
		c.addressError(f, err)
		return nil
	}
	for _, a := range list {
		if !a.IsASCII() {
			c.errorf("address", f.ValuePos, "%s: the module can't write to %s: an address must be ASCII", f.Spec.Label, a)
		}
	}
	return list
}

func (c *checker) addressError(f *ladder.Field, err error) {
	at := f.ValuePos
	var bad *mailaddr.ParseError
	if errors.As(err, &bad) {
		at.Col += utf8.RuneCountInString(f.Value[:min(max(bad.Offset, 0), len(f.Value))])
	}
	c.errorf("address", at, "%s: %s", f.Spec.Label, err)
}

// setup judges an ECEMSUP box: each value, and their bytes together.
func (c *checker) setup(n *ladder.Node) {
	used, fields := 0, 0
	for i := range n.Fields {
		f := &n.Fields[i]
		switch f.Spec.Kind {
		case isa.FieldServer, isa.FieldName, isa.FieldSender, isa.FieldPort, isa.FieldTimeout, isa.FieldRecipient:
			fields++
			text, err := vprint.Windows1252(f.Value)
			if err != nil {
				c.textError(f, err)
			}
			used += len(text)
			c.setting(f)
		}
	}
	if fields == 0 {
		c.errorf("setup-empty", n.Pos, "%s changes nothing: give it at least one of SMTP Server IP, Sender Name, Sender EMail, Port Number, Timeout, Cc", n.Name)
	}
	if over := used - backplane.MaxText; over > 0 {
		c.errorf("setup-budget", n.Pos, "the settings are %d bytes, %d over the limit of %d: use two %s boxes", used, over, backplane.MaxText, n.Name)
	}
}

// setting judges one value of ECEMSUP.
func (c *checker) setting(f *ladder.Field) {
	switch f.Spec.Kind {
	case isa.FieldServer:
		if addr, err := netip.ParseAddr(f.Value); err != nil || !addr.Is4() {
			c.errorf("server", f.ValuePos, "the server %q is not an IPv4 address: the module looks up no names, so write one such as 192.168.0.1", f.Value)
		}
	case isa.FieldName:
		if strings.ContainsAny(f.Value, "\r\n\x00") {
			c.errorf("line-break", f.ValuePos, "the sender name is one line of the mail's head: take CR, LF and NUL out of it")
		}
	case isa.FieldSender:
		if addr, err := mailaddr.Parse(f.Value); err != nil {
			c.addressError(f, err)
		} else if !addr.IsASCII() {
			c.errorf("address", f.ValuePos, "%s: the sender's address must be ASCII", f.Spec.Label)
		}
	case isa.FieldPort:
		if f.Number < 1 {
			c.errorf("port", f.ValuePos, "a port is 1 to 65535; 25 is the usual one")
		}
	case isa.FieldTimeout:
		if f.Number < 1 || f.Number > 3600 {
			c.errorf("timeout", f.ValuePos, "the timeout is 1 to 3600 seconds; 60 is the usual one")
		}
	case isa.FieldRecipient:
		c.addresses(f)
	}
}

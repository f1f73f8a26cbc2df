package check

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// email judges the texts of an ECEMAIL box and adds up its byte budget
// (seeds/000 section 8).
func (c *checker) email(n *ladder.Node) {
	used := c.to(n) + c.subject(n) + c.body(n)
	c.result.Mails = append(c.result.Mails, Mail{Line: n.Pos.Line, Used: used, Limit: backplane.MaxText})
	if over := used - backplane.MaxText; over > 0 {
		c.errorf("budget", n.Pos, "To, Subject and Body are %d bytes at their longest, %d over the limit of %d: shorten them, or move addresses to the module's Cc", used, over, backplane.MaxText)
	}
}

func (c *checker) to(n *ladder.Node) (used int) {
	f, ok := n.Field(isa.LabelTo)
	if !ok {
		return 0
	}
	c.recipients(f)
	return len(f.Value)
}

func (c *checker) subject(n *ladder.Node) (used int) {
	f, ok := n.Field(isa.LabelSubject)
	if !ok {
		return 0
	}
	text, err := vprint.ParseSubject(f.Value)
	if err != nil {
		c.textError("quoting", f, err)
		return 0
	}
	c.oneLine(f)
	return text.Longest(c.print)
}

func (c *checker) body(n *ladder.Node) (used int) {
	f, ok := n.Field(isa.LabelBody)
	if !ok {
		return 0
	}
	text, err := vprint.Parse(f.Value)
	if err != nil {
		c.textError("quoting", f, err)
		return 0
	}
	c.reads(f, text)
	c.clock(f)
	return text.Longest(c.print)
}

// clock warns of a date or a time on a CPU that may have no clock. (An
// assumption: facts/plc.md section 2 says only that some CPUs have one. The DL05's
// is in its memory cartridge, D0-01MC, which is an option.)
func (c *checker) clock(f *ladder.Field) {
	if _, clocks := elements(f.Value); len(clocks) > 0 && c.program.Controller.Bit == isa.DL05 {
		c.warnf("no-clock", within(f, clocks[0]), "a DL05 has a clock only in its memory cartridge: without one, leave date and time out")
	}
}

// reads judges the memory that PRINT text reads.
func (c *checker) reads(f *ladder.Field, text vprint.Text) {
	told, places := false, refPlaces(f)
	for i, ref := range text.Reads() {
		if ref.Variable && !told {
			c.warnf("variable-text", places[i], "the length of this text is known only when it is sent, so it counts 0 here: if To, Subject and Body are over %d bytes then, the box ends in error 23 and sends nothing", backplane.MaxText)
			told = true
		}
		for word := range max(1, ref.Words) {
			addr := ref.Addr
			addr.Num += uint16(word)
			if err := c.layout.Check(addr); err != nil {
				c.errorf("no-such-address", places[i], "%s: %s", f.Spec.Label, err)
				break
			}
		}
	}
}

// textError reports a text that doesn't parse, at the place in the line.
func (c *checker) textError(rule string, f *ladder.Field, err error) {
	offset, reason := 0, err.Error()
	if text := new(vprint.Error); errors.As(err, &text) {
		offset, reason = text.Offset, text.Reason
	}
	c.errorf(rule, within(f, offset), "%s: %s", f.Spec.Label, reason)
}

// recipients judges a list of e-mail addresses.
func (c *checker) recipients(f *ladder.Field) {
	if !c.oneLine(f) {
		return
	}
	_, err := mailaddr.ParseList(f.Value)
	c.address7Bit(f, err)
}

// address7Bit reports why a field holds no addresses, if err says so, or that
// one isn't ASCII: the module has no SMTPUTF8.
func (c *checker) address7Bit(f *ladder.Field, err error) {
	if err == nil {
		if at := strings.IndexFunc(f.Value, func(r rune) bool { return r >= utf8.RuneSelf }); at >= 0 {
			c.errorf("address", within(f, at), "%s: the module can't write to an address that isn't ASCII: use another one", f.Spec.Label)
		}
		return
	}
	offset, which, reason := 0, f.Spec.Label, err.Error()
	if bad := new(mailaddr.ParseError); errors.As(err, &bad) {
		offset, reason = bad.Offset, bad.Reason
		if bad.Element > 0 {
			which += ", address " + strconv.Itoa(bad.Element)
		}
	}
	c.errorf("address", within(f, offset), "%s: %s", which, reason)
}

// oneLine refuses what would break a line of the mail's head: CR, LF and NUL, and
// in a subject the escapes for them; no other line of the head has escapes.
func (c *checker) oneLine(f *ladder.Field) bool {
	at, escapes := strings.IndexAny(f.Value, "\r\n\x00"), ""
	if f.Spec.Kind == isa.FieldSubject {
		at, escapes = lineBreak(f.Value), ", and escapes such as $N"
	}
	if at < 0 {
		return true
	}
	c.errorf("line-break", within(f, at), "%s is one line of the mail's head: take CR, LF and NUL out of it%s", f.Spec.Label, escapes)
	return false
}

// setup judges the settings that a box sends as text: each value, and their bytes
// together.
func (c *checker) setup(n *ladder.Node) {
	used, fields := 0, 0
	for i := range n.Fields {
		if f := &n.Fields[i]; c.setting(f) {
			used += utf8.RuneCountInString(f.Value) // sent in Windows-1252
			fields++
		}
	}
	if fields == 0 && n.Box.Mnemonic == isa.SetupBox {
		c.warnf("setup-empty", n.Pos, "%s changes nothing: give it one or more of SMTP Server IP, Sender Name, Sender EMail, Port Number, Timeout and Cc", n.Name)
	}
	if over := used - backplane.MaxText; over > 0 {
		hint := "shorten them"
		if fields > 1 {
			hint = "use two " + n.Name + " boxes, each with some of them"
		}
		c.errorf("setup-budget", n.Pos, "the settings are %d bytes, %d over the limit of %d: %s", used, over, backplane.MaxText, hint)
	}
}

// setting judges one value that is sent as text, and tells whether the field is
// one.
func (c *checker) setting(f *ladder.Field) bool {
	switch f.Spec.Kind {
	case isa.FieldServer:
		c.server(f)
	case isa.FieldName:
		if !c.oneLine(f) {
			break
		}
		if _, err := vprint.Windows1252(f.Value); err != nil {
			c.textError("characters", f, err)
		}
		if n := utf8.RuneCountInString(f.Value); n > backplane.MaxName {
			c.errorf("name-length", f.ValuePos, "Sender Name has %d characters and a module takes %d: shorten it", n, backplane.MaxName)
		}
	case isa.FieldText:
		c.moduleText(f)
	case isa.FieldSender:
		if c.oneLine(f) {
			_, err := mailaddr.Parse(f.Value)
			c.address7Bit(f, err)
		}
	case isa.FieldPort:
		c.number(f, "port", 65535, "25 is the usual port")
	case isa.FieldTimeout:
		c.number(f, "timeout", 3600, "60 seconds are usual")
	case isa.FieldRecipient:
		c.recipients(f)
	default:
		return false
	}
	return true
}

// number judges a port or a timeout; its digits are sent as they are written.
func (c *checker) number(f *ladder.Field, rule string, limit int, hint string) {
	if f.Number < 1 || f.Number > limit || f.Value != strconv.Itoa(f.Number) {
		c.errorf(rule, f.ValuePos, "%s must be a plain number from 1 to %d and is %s: %s", f.Spec.Label, limit, f.Value, hint)
	}
}

// server judges a server's address: the module has no DNS.
func (c *checker) server(f *ladder.Field) {
	addr, err := netip.ParseAddr(f.Value)
	switch {
	case err != nil || !addr.Is4():
		c.errorf("server", f.ValuePos, "the server %q is no IPv4 address, and the module looks up no names: write one such as 192.168.0.1", f.Value)
	case !isHost(addr):
		c.errorf("server", f.ValuePos, "no server can have the address %s: write one such as 192.168.0.1", addr)
	}
}

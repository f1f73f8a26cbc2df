package gateway

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// noticeDevice is the device of the gateway's own notices.
const noticeDevice = "gateway"

// isNotice tells a notice from a device's message: nobody has connected to bring it.
func isNotice(r outbox.Record) bool { return r.Device == noticeDevice && !r.Peer.IsValid() }

// noticesPerHour bounds the notices about failed mail: a flood of failures makes no
// flood of mail.
const noticesPerHour = 20

// Notices writes to the operator of messages that failed after their devices had been
// told otherwise. Notices about notices are never written. It is safe for use by
// several goroutines at once, once its fields are set.
type Notices struct {
	Gateway  *Gateway
	Operator mailaddr.Address

	mu    sync.Mutex
	count int
	since time.Time
}

// Failed writes one notice.
func (n *Notices) Failed(ctx context.Context, r outbox.Record) {
	g := n.Gateway
	now := g.Now()
	if n.Operator.IsZero() || isNotice(r) || !n.mayWrite(now) {
		return
	}
	if err := n.send(ctx, r, now); err != nil {
		g.Log.Error("the operator couldn't be told of a failed message", "message", string(r.ID), "error", err.Error())
	}
}

// mayWrite counts a notice, and tells whether it is one too many for this hour.
func (n *Notices) mayWrite(now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if age := now.Sub(n.since); age >= time.Hour || age < 0 {
		n.since, n.count = now, 0
	}
	n.count++
	return n.count <= noticesPerHour
}

// send puts a notice into the outbox.
func (n *Notices) send(ctx context.Context, r outbox.Record, now time.Time) error {
	g := n.Gateway
	content, err := g.Store.NewContent()
	if err != nil {
		return err
	}
	id := outbox.ID(g.NewID())
	text := n.text(id, r, now)
	if _, err := content.Write(text); err != nil {
		content.Discard()
		return err
	}
	notice := outbox.Record{
		ID: id, Received: now, Device: noticeDevice, Helo: g.Name, To: []outbox.Recipient{{Address: plain(n.Operator), Fate: outbox.Waiting}},
		UTF8: !plain(n.Operator).IsASCII(), Subject: subject(r), MessageID: "<" + string(id) + "@" + g.Name + ">", Size: content.Size(), Sum: content.Sum(), Answer: outbox.AnsweredQueued,
		State: outbox.Queued, Next: now, Expires: now.Add(g.Expire), Changed: now,
	}
	rev, err := g.Store.Put(ctx, notice, content, outbox.Lease{})
	if err != nil {
		content.Discard()
		return err
	}
	g.Delivery.Submit(outbox.Claimed{Record: notice, Rev: rev}, nil)
	return nil
}

// named is an address as a header of ASCII names it.
func named(a mailaddr.Address) string {
	if a = plain(a); a.IsASCII() {
		return a.String()
	}
	return "undisclosed-recipients:;"
}

func subject(r outbox.Record) string { return "Mail from " + r.Device + " failed" }

// text is the notice: ASCII, with CRLF, and nothing of a peer's that isn't printable.
func (n *Notices) text(id outbox.ID, r outbox.Record, now time.Time) []byte {
	var w bytes.Buffer
	line := func(format string, args ...any) { w.WriteString(ascii(fmt.Sprintf(format, args...)) + "\r\n") }
	line("Date: %s", now.UTC().Format("Mon, 02 Jan 2006 15:04:05 +0000"))
	line("From: \"Rungmail gateway\" <postmaster@%s>", n.Gateway.Name)
	line("To: %s", named(n.Operator))
	line("Subject: %s", subject(r))
	line("Message-ID: <%s@%s>", id, n.Gateway.Name)
	line("Auto-Submitted: auto-generated")
	line("MIME-Version: 1.0")
	line("Content-Type: text/plain; charset=us-ascii")
	line("")
	line("A message from the device %s, received at %s, was not delivered to all its recipients.", r.Device, r.Received.UTC().Format(time.RFC3339))
	line("The device had been told that it is queued.")
	line("")
	for _, to := range r.To[:min(len(r.To), maxNamed)] {
		line("  %s: %s", to.Address, to.Fate)
		if to.Reply.Code != 0 {
			explain(line, to, now)
		}
	}
	if more := len(r.To) - maxNamed; more > 0 {
		line("  and %d more", more)
	}
	line("")
	line("More: rungmail queue show %s", r.ID)
	return w.Bytes()
}

// explain adds what an upstream said of a recipient, and what to do.
func explain(line func(string, ...any), to outbox.Recipient, now time.Time) {
	line("    %s said: %s", to.By, to.Reply)
	x := reply.Explainer{Now: now}.Reply(to.Reply)
	line("    %s. %s", x.Title, x.Meaning)
	for _, f := range x.Fixes {
		line("    - (%s) %s", f.Owner, f.Text)
	}
}

// maxNamed bounds the recipients that a notice names.
const maxNamed = 20

// maxNotice is the longest line of a notice.
const maxNotice = 900

// ascii is text that may stand in a notice.
func ascii(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7E {
			return '?'
		}
		return r
	}, s)
	return s[:min(len(s), maxNotice)]
}

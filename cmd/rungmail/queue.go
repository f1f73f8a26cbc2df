package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rungmail/rungmail/internal/app"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// queueCmd is what looks after the gateway's mail.
type queueCmd struct {
	List    queueListCmd    `cmd:"" help:"List messages, the newest first."`
	Show    queueShowCmd    `cmd:"" help:"Show what became of a message, with every attempt."`
	Retry   queueRetryCmd   `cmd:"" help:"Have messages tried now."`
	Hold    queueHoldCmd    `cmd:"" help:"Keep messages from being tried."`
	Release queueReleaseCmd `cmd:"" help:"Let messages go that are held."`
	Drop    queueDropCmd    `cmd:"" help:"Take messages out."`
	Stats   queueStatsCmd   `cmd:"" help:"Count today's messages, and show upstreams, alarms and strangers."`
}

// mailService is how a command finds the service whose mail it is about.
type mailService struct {
	Plant string `help:"The plant file that the service runs (plant.toml unless named)." default:"plant.toml" placeholder:"PLANT"`
	State string `name:"state-folder" help:"The state folder of the service, where it isn't the one that the plant file names." placeholder:"FOLDER"`
	JSON  bool   `help:"Print one JSON object."`
}

// ask asks the running service.
func (m mailService) ask(ctx context.Context, method, what string, body, into any) error {
	return service{Plant: m.Plant, State: m.State}.exchange(ctx, method, what, body, into)
}

type queueListCmd struct {
	Device      string `help:"Only of this device." placeholder:"NAME"`
	State       string `help:"Only queued, held, done, dropped or expired ones." enum:"queued,held,done,dropped,expired," default:"" placeholder:"STATE"`
	Text        string `help:"Only those with this in sender, recipients or subject." placeholder:"TEXT"`
	Limit       int    `help:"At most so many." default:"50"`
	Before      int64  `help:"Those behind a list's last line, by what its JSON calls next." placeholder:"N"`
	mailService `embed:""`
}

// Help is the example of --help.
func (queueListCmd) Help() string {
	return "Exit status: 0 listed, 3 no service runs.\n\nExample: rungmail queue list --state queued"
}

// Run lists messages.
func (c queueListCmd) Run(ctx context.Context, s streams) error {
	q := url.Values{"limit": {strconv.Itoa(c.Limit)}}
	if c.Before > 0 {
		q.Set("before", strconv.FormatInt(c.Before, 10))
	}
	for key, value := range map[string]string{"device": c.Device, "state": c.State, "text": c.Text} {
		if value != "" {
			q.Set(key, value)
		}
	}
	var got app.QueueList
	if err := c.ask(ctx, http.MethodGet, "queue?"+q.Encode(), nil, &got); err != nil {
		return err
	}
	if c.JSON {
		return s.json(got)
	}
	for _, m := range got.Messages {
		s.printf("%s  %s  %-16s %-8s %s\n", m.ID, m.Received.Local().Format(time.DateTime), m.Device, m.State, smtpwire.Printable(m.Subject))
	}
	if len(got.Messages) == 0 {
		s.printf("no messages\n")
	}
	return nil
}

type queueShowCmd struct {
	ID          string `arg:"" help:"The message's id, as the device heard it behind \"queued as\"." placeholder:"ID"`
	mailService `embed:""`
}

// Help is the example of --help.
func (queueShowCmd) Help() string {
	return "Exit status: 0 shown, 1 no such message, 3 no service runs.\n\nExample: rungmail queue show 01996a3e-7d3c-7c11-b21c-0d2f64f7a001"
}

// Run shows a message.
func (c queueShowCmd) Run(ctx context.Context, s streams) error {
	var r outbox.Record
	if err := c.ask(ctx, http.MethodGet, "queue/"+url.PathEscape(c.ID), nil, &r); err != nil {
		return err
	}
	if c.JSON {
		return s.json(r)
	}
	printRecord(s, r)
	return nil
}

// printRecord shows a message's way.
func printRecord(s streams, r outbox.Record) {
	clean := smtpwire.Printable
	s.printf("message   %s\n", r.ID)
	s.printf("received  %s from %s at %s, HELO %s\n", r.Received.Local().Format(time.DateTime), r.Device, r.Peer, clean(r.Helo))
	s.printf("from      <%s>\nsubject   %s\nsize      %d bytes\n", clean(r.From.String()), clean(r.Subject), r.Size)
	s.printf("state     %s", r.State)
	if r.Why != "" {
		s.printf(": %s", clean(r.Why))
	}
	if r.State == outbox.Queued {
		s.printf(", next try %s", r.Next.Local().Format(time.DateTime))
	}
	s.printf("\nanswered  %s\n", orNone(string(r.Answer)))
	for _, repair := range r.Repairs {
		s.printf("repaired  %s\n", clean(repair))
	}
	for _, to := range r.To {
		s.printf("to        %s: %s\n", clean(to.Address.String()), to.Fate)
		if to.Reply.Code != 0 {
			s.printf("          %s said: %s\n", to.By, clean(to.Reply.String()))
		}
	}
	for i, a := range r.Attempts {
		printAttempt(s, i+1, a)
	}
}

func printAttempt(s streams, n int, a outbox.Attempt) {
	s.printf("\nattempt %d  %s by %s: %s\n", n, a.Began.Local().Format(time.DateTime), orNone(a.Upstream), smtpwire.Printable(a.Result))
	for _, e := range a.Events {
		s.printf("  %s %-6s %s\n", e.Time.Local().Format("15:04:05.000"), e.Side, smtpwire.Printable(e.Text))
	}
	if a.Reply.Code >= 400 {
		x := reply.Explainer{Now: time.Now()}.Reply(a.Reply)
		s.printf("  %s. %s\n", x.Title, x.Meaning)
		for _, f := range x.Fixes {
			s.printf("    - (%s) %s\n", f.Owner, f.Text)
		}
	}
}

func orNone(text string) string {
	if text == "" {
		return "nobody knows"
	}
	return text
}

// messages is which messages an order is for.
type messages struct {
	IDs         []string `arg:"" name:"id" optional:"" help:"Ids of messages." placeholder:"ID"`
	mailService `embed:""`
}

// give gives an order.
func (m messages) give(ctx context.Context, s streams, do, why string, all bool) error {
	if len(m.IDs) == 0 && !all {
		return usage("no message named: write its id, as rungmail queue list shows it")
	}
	o := app.QueueOrder{Do: do, Why: why, All: all}
	for _, id := range m.IDs {
		o.IDs = append(o.IDs, outbox.ID(id))
	}
	var got app.QueueAnswer
	if err := m.ask(ctx, http.MethodPost, "queue", o, &got); err != nil {
		return err
	}
	if m.JSON {
		if err := s.json(got); err != nil {
			return err
		}
	} else {
		for _, id := range got.Changed {
			s.printf("%s: %s\n", id, do)
		}
		for id, why := range got.Refused {
			_, _ = fmt.Fprintf(s.err, "%s: %s\n", id, why)
		}
	}
	if len(got.Refused) > 0 {
		return no("")
	}
	return nil
}

type queueRetryCmd struct {
	All      bool `help:"All that wait."`
	messages `embed:""`
}

// Help is the example of --help.
func (queueRetryCmd) Help() string {
	return "A message that failed is tried again for those who don't have it, while its content is kept.\nExit status: 0 done, 1 refused, 3 no service runs.\n\nExample: rungmail queue retry --all"
}

// Run has messages tried.
func (c queueRetryCmd) Run(ctx context.Context, s streams) error {
	return c.give(ctx, s, "retry", "", c.All)
}

type queueHoldCmd struct {
	All      bool   `help:"All that wait."`
	Why      string `help:"Why, for those who look later." placeholder:"TEXT"`
	messages `embed:""`
}

// Help is the example of --help.
func (queueHoldCmd) Help() string {
	return "Exit status: 0 done, 1 refused, 3 no service runs.\n\nExample: rungmail queue hold --all --why \"new mail server tonight\""
}

// Run holds messages.
func (c queueHoldCmd) Run(ctx context.Context, s streams) error {
	return c.give(ctx, s, "hold", c.Why, c.All)
}

type queueReleaseCmd struct {
	All      bool `help:"All that are held."`
	messages `embed:""`
}

// Help is the example of --help.
func (queueReleaseCmd) Help() string {
	return "Exit status: 0 done, 1 refused, 3 no service runs.\n\nExample: rungmail queue release --all"
}

// Run releases messages.
func (c queueReleaseCmd) Run(ctx context.Context, s streams) error {
	return c.give(ctx, s, "release", "", c.All)
}

type queueDropCmd struct {
	Why      string `help:"Why, for those who look later." required:"" placeholder:"TEXT"`
	messages `embed:""`
}

// Help is the example of --help.
func (queueDropCmd) Help() string {
	return "Nobody who doesn't have the message yet gets it. Its record stays.\nExit status: 0 done, 1 refused, 3 no service runs.\n\nExample: rungmail queue drop 01996a3e-7d3c-7c11-b21c-0d2f64f7a001 --why \"a test\""
}

// Run drops messages.
func (c queueDropCmd) Run(ctx context.Context, s streams) error {
	return c.give(ctx, s, "drop", c.Why, false)
}

type queueStatsCmd struct {
	mailService `embed:""`
}

// Help is the example of --help.
func (queueStatsCmd) Help() string {
	return "Exit status: 0 shown, 3 no service runs.\n\nExample: rungmail queue stats"
}

// Run shows the gateway.
func (c queueStatsCmd) Run(ctx context.Context, s streams) error {
	var got app.QueueStats
	if err := c.ask(ctx, http.MethodGet, "queue/stats", nil, &got); err != nil {
		return err
	}
	if c.JSON {
		return s.json(got)
	}
	g, day := got.Gateway, got.Day
	s.printf("in the last 24 hours %d messages; recipients: %d delivered, %d waiting, %d refused, %d maybe delivered, %d given up\n",
		day.Messages, day.Fates[outbox.Delivered], day.Fates[outbox.Waiting], day.Fates[outbox.Refused], day.Fates[outbox.Maybe], day.Fates[outbox.GivenUp])
	s.printf("%d wait, %d of them held; %d taken since the start, %d with the upstream's verdict, %d queued first\n", g.Live, g.Held, g.Taken, g.Verdicts, g.Late)
	for _, u := range g.Upstreams {
		state := "well"
		if !u.Well {
			state = "not well: " + smtpwire.Printable(u.Why)
		}
		s.printf("upstream %s: %s\n", u.Name, state)
	}
	for _, a := range g.Alarms {
		s.printf("alarm since %s: %s %s\n", a.Since.Local().Format(time.DateTime), a.Text, a.Fix)
	}
	for _, k := range g.Knocks {
		s.printf("stranger %s greets as %s, %d times, last %s: to let it in, give a [[gateway.device]] its address\n", k.Address, smtpwire.Printable(k.Helo), k.Count, k.Last.Local().Format(time.DateTime))
	}
	return nil
}

type backupCmd struct {
	Folder      string `arg:"" help:"Where to: a folder that isn't there yet." placeholder:"FOLDER"`
	mailService `embed:""`
}

// Help is the example of --help.
func (backupCmd) Help() string {
	return "Copies the outbox of the running service, whole and flushed. docs/operations.md says how to restore it.\nExit status: 0 copied, 1 refused, 3 no service runs.\n\nExample: rungmail backup /var/backups/rungmail"
}

// Run has the service copy its outbox.
func (c backupCmd) Run(ctx context.Context, s streams) error {
	folder, err := filepath.Abs(c.Folder)
	if err != nil {
		return err
	}
	var got map[string]string
	if err := c.ask(ctx, http.MethodPost, "backup?"+url.Values{"dir": {folder}}.Encode(), nil, &got); err != nil {
		return err
	}
	if c.JSON {
		return s.json(got)
	}
	s.printf("copied to %s\n", folder)
	return nil
}

// bodyOf is a request's body.
func bodyOf(v any) (*bytes.Reader, error) {
	if v == nil {
		return bytes.NewReader(nil), nil
	}
	text, err := json.Marshal(v)
	return bytes.NewReader(text), err
}

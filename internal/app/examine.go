package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/mail"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/message"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/upstream"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/plant"
	"github.com/rungmail/rungmail/internal/secret"
	"github.com/rungmail/rungmail/reply"
)

// Upstreams are the upstreams of a plant file, or the one of a name, for an
// examination that needs no running service. Whoever gets them must close them.
func Upstreams(file *plant.File, name string) ([]*upstream.Pool, error) {
	var list []*upstream.Pool
	for _, u := range file.Gateway.Upstreams {
		if name != "" && u.Name != name {
			continue
		}
		log := slog.New(slog.DiscardHandler)
		pool, err := upstream.New(upstreamConfig(file.Gateway, u, log), upstream.Options{Now: time.Now, Log: log, NewID: newID})
		if err != nil {
			return list, fmt.Errorf("upstream %s: %w", u.Name, err)
		}
		list = append(list, pool)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no upstream is named %q", name)
	}
	return list, nil
}

// DiskFinding says whether the state folder can be written.
func DiskFinding(file *plant.File) upstream.Finding {
	f := upstream.Finding{Name: "disk", OK: true, Text: file.State}
	err := (durable.OS{}).MkdirAll(file.State)
	probe := filepath.Join(file.State, "doctor.tmp")
	if err == nil {
		err = durable.WriteFile(durable.OS{}, probe, []byte("x"))
	}
	if err == nil {
		err = os.Remove(probe)
	}
	if err != nil {
		f.OK, f.Text, f.Why = false, err.Error(), "The outbox couldn't be written."
		f.Fix, f.Whose = "See to the owner and mode of "+file.State+", and to the room on its disk.", reply.IT
	}
	return f
}

// DeviceLogin is how a person signs in for an upstream, and where the token that comes
// of it is kept.
func DeviceLogin(file *plant.File, name string) (*upstream.DeviceCode, func(secret.Text) error, error) {
	if file.Gateway == nil {
		return nil, nil, errors.New("the plant file has no [gateway]")
	}
	for _, u := range file.Gateway.Upstreams {
		if u.Name != name {
			continue
		}
		if u.DeviceURL == "" || u.RefreshTokenFile == "" {
			return nil, nil, fmt.Errorf("upstream %s needs device_url and refresh_token_file for this", name)
		}
		device := &upstream.DeviceCode{DeviceURL: u.DeviceURL, TokenURL: u.TokenURL, ClientID: u.ClientID, Scope: u.Scope}
		return device, saveToken(u.RefreshTokenFile), nil
	}
	return nil, nil, fmt.Errorf("no upstream is named %q", name)
}

// saveToken keeps a refresh token where only its owner can read it.
func saveToken(path string) func(secret.Text) error {
	return func(t secret.Text) error {
		if err := (durable.OS{}).MkdirAll(filepath.Dir(path)); err != nil {
			return err
		}
		return durable.WriteFile(durable.OS{}, path, []byte(t.Reveal()+"\n"))
	}
}

// CheckedMessage is a message whose fate is asked for.
type CheckedMessage struct {
	Address string // that the device connects from
	Sender  string // of the envelope; empty for the message's From
	To      string // with commas between; empty for the message's To and Cc
	Text    []byte
}

// MessageCheck is what would happen to a message. Its JSON only ever gains fields.
type MessageCheck struct {
	Taken    bool              `json:"taken"`
	Device   string            `json:"device"` // empty for a stranger
	Sender   string            `json:"sender"` // as the envelope would go out
	Refusal  string            `json:"refusal"`
	Routes   map[string]string `json:"routes"` // of each recipient; empty where it is refused
	Refused  map[string]string `json:"refused"`
	Repairs  []string          `json:"repairs"`
	Subject  string            `json:"subject"`
	EightBit bool              `json:"eight_bit"`
}

// Lines is the check for people.
func (c MessageCheck) Lines() []string {
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if c.Device == "" {
		say("a stranger: %s", c.Refusal)
		return lines
	}
	say("device %s, envelope sender <%s>, subject %q", c.Device, c.Sender, c.Subject)
	for _, r := range c.Repairs {
		say("repair: %s", r)
	}
	if c.Refusal != "" {
		say("refused: %s", c.Refusal)
	}
	for _, to := range slices.Sorted(maps.Keys(c.Routes)) {
		say("to <%s>: by route %s", to, c.Routes[to])
	}
	for _, to := range slices.Sorted(maps.Keys(c.Refused)) {
		say("to <%s>: refused: %s", to, c.Refused[to])
	}
	return lines
}

// CheckMessage says what the gateway would do with a message, and does nothing. It
// fails where what is asked makes no sense.
func CheckMessage(file *plant.File, m CheckedMessage) (MessageCheck, error) {
	c := MessageCheck{Routes: map[string]string{}, Refused: map[string]string{}, Repairs: []string{}}
	if file.Gateway == nil {
		return c, errors.New("the plant file has no [gateway]")
	}
	at, err := netip.ParseAddr(m.Address)
	if err != nil {
		return c, fmt.Errorf("%q is no address", m.Address)
	}
	devices, err := gatewayDevices(file.Gateway)
	if err != nil {
		return c, err
	}
	d, ok := devices.Find(at)
	if !ok {
		c.Refusal = "554 5.7.1 " + at.String() + " may not send here: no [[gateway.device]] has its address"
		return c, nil
	}
	c.Device = d.Name
	from, to, err := envelope(m)
	if err != nil {
		return c, err
	}
	c.judgeContent(d, from, m.Text)
	return c, c.judgeEnvelope(file.Gateway, d, from, to)
}

// envelope is the sender and the recipients, from the message's header where they
// aren't given.
func envelope(m CheckedMessage) (from mailaddr.Address, to []mailaddr.Address, err error) {
	if parsed, bad := mail.ReadMessage(bytes.NewReader(m.Text)); bad == nil {
		if m.Sender == "" {
			m.Sender = first(parsed.Header.AddressList("From"))
		}
		if m.To == "" {
			m.To = strings.Join(append(all(parsed.Header.AddressList("To")), all(parsed.Header.AddressList("Cc"))...), ",")
		}
	}
	if m.Sender != "" {
		if from, err = mailaddr.Parse(m.Sender); err != nil {
			return from, nil, fmt.Errorf("the sender: %w", err)
		}
	}
	to, err = mailaddr.ParseList(m.To)
	if err == nil && len(to) == 0 {
		err = errors.New("no recipient: give --to")
	}
	return from, to, err
}

func all(list []*mail.Address, err error) []string {
	if err != nil {
		return nil
	}
	var out []string
	for _, a := range list {
		out = append(out, a.Address)
	}
	return out
}

func first(list []*mail.Address, err error) string {
	if some := all(list, err); len(some) > 0 {
		return some[0]
	}
	return ""
}

// judgeContent says what would be repaired.
func (c *MessageCheck) judgeContent(d *device.Device, from mailaddr.Address, text []byte) {
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	header, body, _ := bytes.Cut(text, []byte("\r\n\r\n"))
	w := message.NewWriter(io.Discard, append(header, "\r\n\r\n"...), message.Options{
		Now: time.Now(), ID: newID(), Host: "localhost", From: from, HeaderFrom: d.From, EightBitQuirk: d.Quirks.EightBit,
	})
	_, _ = w.Write(body) // what it writes to takes everything
	_ = w.Close()
	info := w.Info()
	c.Subject, c.EightBit = info.Subject, w.Body().EightBit
	c.Repairs = append(c.Repairs, info.Repairs...)
	if r := info.Refusal(); r != nil {
		c.Refusal = r.String()
	}
	if limit := d.MaxSize; limit > 0 && int64(len(text)) > limit {
		c.Refusal = fmt.Sprintf("552 5.3.4 %d bytes are over the device's limit of %d", len(text), limit)
	}
}

// judgeEnvelope says who may write to whom, and by which route it goes.
func (c *MessageCheck) judgeEnvelope(p *plant.Gateway, d *device.Device, from mailaddr.Address, to []mailaddr.Address) error {
	routes, err := gatewayRoutes(p)
	if err != nil {
		return err
	}
	sender := from
	if !d.From.IsZero() && !from.IsZero() {
		sender = d.From
	}
	c.Sender = sender.String()
	if r := (device.Judge{}).Sender(d, from); r != nil && c.Refusal == "" {
		c.Refusal = r.String()
	}
	for _, one := range to {
		if r := (device.Judge{}).Recipient(d, from, one); r != nil {
			c.Refused[one.String()] = r.String()
			continue
		}
		for _, route := range routes {
			if route.Fits(&outbox.Record{Device: d.Name, From: sender}, one) {
				c.Routes[one.String()] = route.Name
				break
			}
		}
		if c.Routes[one.String()] == "" {
			c.Refused[one.String()] = "no [[gateway.route]] fits it: it would wait until one does"
		}
	}
	c.Taken = c.Refusal == "" && len(c.Routes) > 0
	return nil
}

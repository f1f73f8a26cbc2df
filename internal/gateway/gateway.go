// Package gateway is the mail gateway as a whole: what intake takes is mended, made
// durable in the outbox and handed to delivery; the device hears the upstream's
// verdict where that comes in time, and else that its mail is queued.
//
// The parts are packages below it and don't know each other. This one holds their
// promises together: durable before 250; one answer for each message; what the device
// wasn't told is told to people.
//
// Source: DESIGN.md, "The gateway"; docs/gateway.md is the user's side.
package gateway

import (
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/delivery"
	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/intake"
	"github.com/rungmail/rungmail/internal/gateway/message"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// Config is what a gateway is made of.
type Config struct {
	Name        string // its host name
	Store       outbox.Store
	Delivery    *delivery.Engine
	VerdictWait time.Duration // 0 for not at all
	Expire      time.Duration // how long delivery is tried
	Waiters     int           // devices that may wait for a verdict at once
	Alarms      *alarm.Book
	Now         func() time.Time
	NewID       func() string
	Log         *slog.Logger
}

// Gateway joins intake, outbox and delivery. It is safe for use by several goroutines.
type Gateway struct {
	Config
	devices atomic.Pointer[device.Registry]
	limiter device.Limiter
	shared  *device.Shared
	twins   *twins
	waiting atomic.Int64
	full    atomic.Bool // the disk was, when it was last asked
	knocks  *knocks
	hands   sync.Mutex // of people: one change at a time
	Counts  Counts
}

// Counts are what has happened since the start.
type Counts struct {
	Taken    atomic.Uint64 // messages that are durable
	Joined   atomic.Uint64 // resends of one that wasn't answered
	Verdicts atomic.Uint64 // devices that heard the upstream's verdict in time
	Late     atomic.Uint64 // that heard that the mail is queued
	Knocks   atomic.Uint64 // strangers that greeted
}

// New joins the parts. Unanswered are the messages of the last minutes that nobody
// knows the device's answer of.
func New(config Config, devices *device.Registry, unanswered []outbox.Record) *Gateway {
	g := &Gateway{Config: config, shared: device.NewShared(), twins: newTwins(), knocks: newKnocks()}
	g.devices.Store(devices)
	for _, r := range unanswered {
		at := r.Received
		if r.Changed.After(at) {
			at = r.Changed
		}
		g.twins.add(r.Twin, r.ID, at)
	}
	return g
}

// SetDevices takes other devices, as a reload brings them.
func (g *Gateway) SetDevices(devices *device.Registry) { g.devices.Store(devices) }

// Devices are those that may send.
func (g *Gateway) Devices() *device.Registry { return g.devices.Load() }

// Intake is the configuration of an intake that brings its mail here.
func (g *Gateway) Intake(limits intake.Limits, sink conv.Sink) intake.Config {
	return intake.Config{
		Name: g.Name, Judge: judge{gateway: g}, Begin: g.begin, Take: g.take, Knock: g.knock, Hello: g.hello,
		Find: func(a netip.Addr) (*device.Device, bool) { return g.Devices().Find(a) },
		Rate: g.limiter.Take, Limits: limits, Log: g.Log, Sink: sink, NewID: g.NewID,
	}
}

// judge is device.Judge, and what only the upstreams can say.
type judge struct {
	device.Judge
	gateway *Gateway
}

// Recipient refuses what the device may not write to, and an address beyond ASCII that
// no upstream takes and that has no other spelling (RFC 6531 section 3.2).
func (j judge) Recipient(d *device.Device, from, to mailaddr.Address) *reply.Reply {
	if r := j.Judge.Recipient(d, from, to); r != nil {
		return r
	}
	if _, ok := message.ASCII(to); ok || j.gateway.Delivery.UTF8(outbox.Record{Device: d.Name, From: sender(d, from)}, to) {
		return nil
	}
	return &reply.Reply{
		Code: int(reply.MailboxNameNotAllowed), Enhanced: "5.6.7",
		Lines: []string{"the mail server behind the gateway takes no address beyond ASCII (SMTPUTF8)"},
	}
}

// sender is the envelope's sender: the device's own address where the plant file gives
// it one. The null sender stays.
func sender(d *device.Device, from mailaddr.Address) mailaddr.Address {
	if !d.From.IsZero() && !from.IsZero() {
		return d.From
	}
	return from
}

// knock notes a stranger. Of one that goes on knocking the log hears ever more seldom.
func (g *Gateway) knock(at netip.Addr, helo string) {
	g.Counts.Knocks.Add(1)
	if n := g.knocks.add(at, helo, g.Now()); n&(n-1) == 0 {
		g.Log.Warn("a stranger knocks: no [[gateway.device]] has its address", "address", at.String(), "helo", helo, "knocks", n)
	}
	g.hello(at, helo)
}

// hello notes the names that greet from an address.
func (g *Gateway) hello(at netip.Addr, helo string) {
	if finding := g.shared.Greeted(at, helo, g.Now()); finding != "" {
		g.Alarms.Raise(alarm.Alarm{
			Kind: alarm.Shared, About: at.String(), Text: finding, Since: g.Now(),
			Fix: "(IT) Let the devices keep their addresses on the way to the gateway.",
		})
	}
}

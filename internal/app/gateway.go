package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/gateway"
	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/delivery"
	"github.com/rungmail/rungmail/internal/gateway/intake"
	"github.com/rungmail/rungmail/internal/gateway/message"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/index"
	"github.com/rungmail/rungmail/internal/gateway/outbox/sqlite"
	"github.com/rungmail/rungmail/internal/gateway/upstream"
	"github.com/rungmail/rungmail/internal/plant"
)

// gate is the running gateway with all that belongs to it.
type gate struct {
	*gateway.Gateway
	plant     *plant.Gateway
	store     *sqlite.Store
	index     *index.Index
	indexing  sync.Mutex
	engine    *delivery.Engine
	senders   []upstream.Sender
	book      *alarm.Book
	courier   *alarm.Courier
	log       *slog.Logger
	server    *intake.Server
	listeners []string // where it answers
	hub       conv.Hub // the conversations of devices
}

// Rounds of what goes on by itself.
const (
	indexEvery     = 2 * time.Second
	retentionEvery = 10 * time.Minute
	indexBatch     = 500
)

// joinedFor is how far back messages without an answer are looked for at the start.
const joinedFor = 10 * time.Minute

// openGateway opens the outbox and joins the parts; nothing runs yet.
func (a *App) openGateway(p *plant.Gateway) (_ *gate, err error) {
	g := &gate{plant: p, log: a.options.Log.With("part", "gateway")}
	g.courier = alarm.NewCourier(p.AlarmFile, p.Webhook, g.log)
	g.book = alarm.NewBook(g.courier.Tell)
	devices, err := gatewayDevices(p)
	if err != nil {
		return nil, err
	}
	if g.senders, err = gatewayUpstreams(p, g.log); err != nil {
		return nil, err
	}
	routes, err := gatewayRoutes(p)
	if err != nil {
		return nil, err
	}
	var found sqlite.Found
	if g.store, found, err = sqlite.Open(filepath.Join(a.state, "outbox"), sqlite.Options{Now: time.Now, Log: g.log}); err != nil {
		return nil, fmt.Errorf("the outbox: %w", err)
	}
	a.cleanUp(func(context.Context) error { return g.store.Close() })
	g.log.Info("outbox opened", "live", found.Live, "freed", found.Freed, "leftover", found.Leftover, "missing", found.Missing, "migrated_from", found.Migrated)
	if g.index, err = index.Open(filepath.Join(a.state, "outbox", "index.db")); err != nil {
		return nil, fmt.Errorf("the index of the outbox: %w", err)
	}
	a.cleanUp(func(context.Context) error { return g.index.Close() })
	return g, g.join(devices, routes)
}

// join puts store, delivery and intake together.
func (g *gate) join(devices *deviceRegistry, routes []delivery.Route) error {
	ctx := context.Background()
	unanswered, err := g.store.Unanswered(ctx, time.Now().Add(-joinedFor))
	if err != nil {
		return err
	}
	notices := &gateway.Notices{}
	workers := 0
	for _, u := range g.plant.Upstreams {
		workers += u.Connections
	}
	g.engine, err = delivery.New(delivery.Config{
		Store: g.store, Upstreams: g.senders, Routes: routes, Workers: 2 * workers, Owner: newID(), Lease: delivery.DefaultLease,
		Backoff: delivery.DefaultBackoff(), Now: time.Now, Rand: rand.Float64, Alarms: g.book, Log: g.log, Recode: message.To7Bit,
		Built: built(), Failed: notices.Failed,
	}, nil)
	if err == nil {
		err = g.eachLive(ctx, g.engine.Found)
	}
	if err != nil {
		return err
	}
	g.Gateway = gateway.New(gateway.Config{
		Name: gatewayName(g.plant), Store: g.store, Delivery: g.engine, VerdictWait: g.plant.VerdictWait, Expire: g.plant.Expire,
		Waiters: max(1, g.plant.MaxConnections/2), Alarms: g.book, Now: time.Now, NewID: newID, Log: g.log,
	}, devices, unanswered)
	notices.Gateway = g.Gateway
	if g.plant.Operator != "" {
		return notices.Operator.UnmarshalText([]byte(g.plant.Operator))
	}
	return nil
}

// eachLive goes through the messages that wait, page by page: a million at once would
// fill the memory.
func (g *gate) eachLive(ctx context.Context, f func(outbox.Record)) error {
	after := outbox.ID("")
	for {
		some, err := g.store.Live(ctx, after, indexBatch)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, one := range some {
			f(one.Record)
			after = one.Record.ID
		}
	}
}

// built is when the program's source was committed; zero where it doesn't say.
func built() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			at, err := time.Parse(time.RFC3339, s.Value)
			if err == nil {
				return at
			}
		}
	}
	return time.Time{}
}

// gatewayName is the gateway's own host name.
func gatewayName(p *plant.Gateway) string {
	if p.Hostname != "" {
		return p.Hostname
	}
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "localhost"
}

// startGateway lets everything run, listens last, and notes how to end it in reverse:
// accepting and sessions, then delivery, then the upstreams, then the store.
func (a *App) startGateway(g *gate) error {
	ctx, stop := context.WithCancel(context.Background())
	grace, giveUp := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, s := range g.senders {
		a.cleanUp(func(context.Context) error { return s.Close() })
	}
	a.cleanUp(func(bounded context.Context) error {
		stop()
		release := context.AfterFunc(bounded, giveUp)
		defer release()
		timer := time.AfterFunc(a.options.Finish, giveUp)
		defer timer.Stop()
		wg.Wait()
		giveUp()
		if bounded.Err() != nil {
			return nil // without the note the next start looks at more
		}
		return g.told(bounded, a.state)
	})
	if err := g.recover(ctx, a.state); err != nil {
		return err
	}
	wg.Go(func() { g.courier.Run(grace) })
	wg.Go(func() { g.engine.Run(ctx, grace); giveUp() })
	wg.Go(func() { g.follow(ctx) })
	wg.Go(func() { g.retain(ctx) })
	return a.listenGateway(g)
}

// listenGateway opens the listeners.
func (a *App) listenGateway(g *gate) error {
	limits := intake.Limits{MaxSize: int64(g.plant.MaxSize), MaxConnections: g.plant.MaxConnections, PerAddress: g.plant.PerAddress}
	server, err := intake.New(g.Intake(limits, g.hub.Publish))
	if err != nil {
		return err
	}
	g.server = server
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	a.cleanUp(func(context.Context) error { stop(); wg.Wait(); return nil })
	for _, l := range g.plant.Listeners {
		one, err := a.gatewayListener(l)
		if err != nil {
			return err
		}
		at := one.Addr().String()
		g.listeners = append(g.listeners, at)
		g.log.Info("gateway listens", "address", at, "tls", l.TLS)
		wg.Go(func() {
			if err := server.Serve(ctx, one); err != nil && ctx.Err() == nil {
				g.log.Error("a listener ended", "address", at, "error", err.Error())
			}
		})
	}
	return nil
}

// gatewayListener opens one listener.
func (a *App) gatewayListener(l plant.Listener) (intake.Listener, error) {
	conn, err := a.sockets.listen(context.Background(), l.Address.String())
	if err != nil {
		return intake.Listener{}, fmt.Errorf("the gateway's listener: %w", err)
	}
	one := intake.Listener{Listener: conn, TLS: intake.TLS(l.TLS)}
	if l.TLS != "off" {
		pair, err := loadPair(l.Cert, l.Key)
		if err != nil {
			return one, errors.Join(err, conn.Close())
		}
		// the intake chooses the version by the device
		one.Certificates = &tls.Config{Certificates: []tls.Certificate{*pair}}
	}
	return one, nil
}

// follow keeps the index up to date with the store, at some distance: what changes
// several times meanwhile is indexed once, and who searches brings it up first.
func (g *gate) follow(ctx context.Context) {
	tick := time.NewTicker(indexEvery)
	defer tick.Stop()
	for {
		if err := g.indexAll(ctx); err != nil && ctx.Err() == nil {
			g.log.Error("the index can't follow the outbox", "error", err.Error())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// indexAll brings the index up to the store.
func (g *gate) indexAll(ctx context.Context) error {
	g.indexing.Lock()
	defer g.indexing.Unlock()
	for {
		after, err := g.index.Cursor(ctx)
		if err != nil {
			return err
		}
		changes, next, err := g.store.Changes(ctx, after, indexBatch)
		if err != nil || len(changes) == 0 {
			return err
		}
		if err := g.index.Apply(ctx, changes, next); err != nil {
			return err
		}
	}
}

// retain removes what has been kept long enough.
func (g *gate) retain(ctx context.Context) {
	tick := time.NewTicker(retentionEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := g.Retention(ctx, g.store.Ended, g.plant.Keep, g.plant.KeepFailed); err != nil && ctx.Err() == nil {
				g.log.Error("retention", "error", err.Error())
			}
		case <-ctx.Done():
			return
		}
	}
}

package app

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rungmail/rungmail/internal/ecom/hapserver"
	"github.com/rungmail/rungmail/internal/ecom/modbus"
	"github.com/rungmail/rungmail/internal/ecom/pages"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/internal/plant"
)

// Bounds of the pages' server.
const (
	maxBrowsers   = 64 // connections of one module's pages
	maxBrowser    = 16 // of these from one address
	pageReadTime  = 10 * time.Second
	pageWriteTime = 30 * time.Second
	pageIdleTime  = time.Minute
	maxHeader     = 16 << 10
)

// traceQueue is how many events wait for the viewers of one module.
const traceQueue = 256

// servers are the goroutines of all modules' servers, and what ends them.
type servers struct {
	app     *App
	ctx     context.Context
	wg      sync.WaitGroup
	members []hapserver.Member // of discovery by broadcast
	views   *pages.Views
	afar    bool // one of them is met from other machines
}

// openServers opens every module's servers. When it returns nil all of them
// answer; Stop closes them.
func (a *App) openServers() error {
	ctx, cancel := context.WithCancel(context.Background())
	s := &servers{app: a, ctx: ctx, views: pages.Parse()}
	a.cleanUp(func(context.Context) error { cancel(); s.wg.Wait(); return nil })
	for _, r := range a.runners {
		for _, e := range r.ecoms {
			for _, name := range hapLast(e.plant.Servers.On) {
				if err := s.open(e, name); err != nil {
					return fmt.Errorf("%s: %s: %w", e.place(), name, err)
				}
				a.options.Log.Info("module answers", "rack", r.name, "slot", e.plant.Slot, "server", name, "address", e.addresses[name])
			}
		}
	}
	s.discovery()
	return nil
}

// hapLast is the servers with HAP behind the others, whose ports it tells.
func hapLast(names []string) []string {
	return slices.SortedStableFunc(slices.Values(names), func(a, b string) int {
		return cmp.Compare(place(a), place(b))
	})
}

func place(name string) int {
	if name == plant.HAP {
		return 1
	}
	return 0
}

// open opens one server of a module.
func (s *servers) open(e *ecom, name string) error {
	at := netip.AddrPortFrom(e.plant.Bind, uint16(e.plant.Servers.Port(name)))
	switch name {
	case plant.HTTP:
		return s.openPages(e, at)
	case plant.HAP:
		return s.openHAP(e, at)
	case plant.Trace:
		return s.openTrace(e, at)
	default:
		return s.openModbus(e, at)
	}
}

// run runs a server and logs an end that nobody asked for.
func (s *servers) run(e *ecom, name string, serve func() error) {
	s.wg.Go(func() {
		if err := serve(); err != nil && s.ctx.Err() == nil {
			s.app.options.Log.Error("server ended", "module", e.place(), "server", name, "error", err.Error())
		}
	})
}

func (s *servers) listenTCP(at netip.AddrPort) (net.Listener, error) {
	return s.app.sockets.listen(s.ctx, at.String())
}

func (s *servers) listenUDP(at netip.AddrPort) (*net.UDPConn, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, fmt.Errorf("%w: give another port, or 0 for any free one", err)
	}
	if err := noBroadcast(conn); err != nil {
		return nil, errors.Join(fmt.Errorf("keeping answers from being broadcast: %w", err), conn.Close())
	}
	return conn, nil
}

func (s *servers) openPages(e *ecom, at netip.AddrPort) error {
	config, err := e.pages(s.views, s.app.options.Log.With("rack", e.runner.name, "slot", e.plant.Slot))
	if err != nil {
		return err
	}
	secure, err := certificate(e.plant.Servers)
	if err != nil {
		return err
	}
	listener, err := s.listenTCP(at)
	if err != nil {
		return err
	}
	e.addresses[plant.HTTP] = listener.Addr().String()
	listener = gateAt(listener, e.allow, maxBrowsers, maxBrowser)
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	server := &http.Server{
		Handler: asks(e.allow, pages.New(config)), ReadHeaderTimeout: pageReadTime, ReadTimeout: pageReadTime, WriteTimeout: pageWriteTime,
		IdleTimeout: pageIdleTime, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug), // what a browser did wrong is no matter of the log
	}
	s.run(e, plant.HTTP, func() error {
		stop := context.AfterFunc(s.ctx, func() { _ = server.Close() })
		defer stop()
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return nil
}

func (s *servers) openHAP(e *ecom, at netip.AddrPort) error {
	password, err := plcPassword(e.runner.plant)
	if err != nil {
		return err
	}
	conn, err := s.listenUDP(at)
	if err != nil {
		return err
	}
	e.addresses[plant.HAP] = conn.LocalAddr().String()
	if e.plant.Bind.IsUnspecified() {
		if err := shareAddress(conn); err != nil { // with the sockets that hear broadcasts
			return errors.Join(err, conn.Close())
		}
	}
	e.hap = hapserver.New(s.hapConfig(e, password))
	s.afar = s.afar || !e.plant.Bind.IsLoopback()
	s.members = append(s.members, hapserver.Member{Server: e.hap, Conn: conn})
	s.run(e, plant.HAP, func() error { return hapserver.Serve(s.ctx, conn, e.hap) })
	return nil
}

func (s *servers) openTrace(e *ecom, at netip.AddrPort) error {
	conn, err := s.listenUDP(at)
	if err != nil {
		return err
	}
	e.addresses[plant.Trace] = conn.LocalAddr().String()
	events := e.hub.Subscribe(traceQueue)
	s.run(e, plant.Trace, func() error {
		defer events.Close()
		return trace.Serve(s.ctx, conn, trace.Config{
			Allow: func(a netip.Addr) bool { read, _ := e.allow(a); return read }, Events: events,
			ReplyPort: uint16(e.plant.Servers.TraceReplyPort), Now: time.Now,
			Watching: func(n int) { e.viewers.Store(int64(n)) },
		})
	})
	return nil
}

func (s *servers) openModbus(e *ecom, at netip.AddrPort) error {
	ups, err := settings.CountPowerUp(s.app.options.Disk, romFolder(s.app.state, e.runner.plant, e.plant))
	if err != nil { // a count is no reason to send no mail
		s.app.options.Log.Warn("the module's reboots can't be counted", "module", e.place(), "error", err.Error())
	}
	listener, err := s.listenTCP(at)
	if err != nil {
		return err
	}
	e.addresses[plant.Modbus] = listener.Addr().String()
	server := modbus.New(e.runner.rack, e.modbusIdentity(ups))
	s.run(e, plant.Modbus, func() error {
		return modbus.Serve(s.ctx, listener, server, modbus.Config{Allow: e.allow, Fault: e.faulty("Modbus")})
	})
	return nil
}

// discovery opens what hears broadcasts for all modules. Where that isn't possible,
// modules are still found by their addresses.
func (s *servers) discovery() {
	if len(s.members) == 0 {
		return
	}
	conns, err := listenBroadcast(!s.afar)
	if err != nil {
		s.app.options.Log.Warn("modules can't be found by broadcast, only by their addresses", "error", err.Error())
	}
	for _, conn := range conns {
		s.wg.Go(func() {
			if err := hapserver.ServeBroadcast(s.ctx, conn, s.members); err != nil && s.ctx.Err() == nil {
				s.app.options.Log.Error("discovery ended", "error", err.Error())
			}
		})
	}
}

package app

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/hapserver"
	"github.com/rungmail/rungmail/internal/ecom/modbus"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/pages"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/firmware"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/plant"
	"github.com/rungmail/rungmail/internal/secret"
	"github.com/rungmail/rungmail/reply"
)

// booter is the version of the booter that every virtual module says it has
// (seeds/000 section 6).
const booter = "4.0.165"

// ecom is one running module as its servers see it.
type ecom struct {
	plant  plant.Module
	runner *runner
	store  *settings.Store
	hub    conv.Hub // its conversations alone

	hap       *hapserver.Server // nil where it has none
	addresses map[string]string // where its servers answer, by their names
	viewers   atomic.Int64      // of its trace
	rights    atomic.Pointer[rights]
}

// rights are who may ask, and who may change things too.
type rights struct{ allow, write []netip.Prefix }

// grant takes the rights of a plant file, which a reload may change.
func (e *ecom) grant(s plant.Servers) { e.rights.Store(&rights{s.Allow, s.WriteAllow}) }

var (
	_ pages.Module     = (*ecom)(nil)
	_ hapserver.Module = (*ecom)(nil)
)

// newECOM opens what a module keeps.
func (a *App) newECOM(r *runner, m plant.Module) (*ecom, error) {
	initial, err := Email(m.Email)
	if err != nil {
		return nil, err
	}
	store, err := settings.OpenStore(a.options.Disk, romFolder(a.state, r.plant, m), initial, Factory(m))
	if err != nil {
		return nil, err
	}
	e := &ecom{plant: m, runner: r, store: store, addresses: map[string]string{}}
	e.grant(m.Servers)
	return e, nil
}

// with calls f with the module, between two steps of its rack.
func (e *ecom) with(f func(*module.Module)) { e.runner.rack.Module(e.plant.Slot, f) }

// Working is the e-mail set-up in use.
func (e *ecom) Working() (w settings.Email) {
	e.with(func(m *module.Module) { w = m.Working() })
	return w
}

// SetWorking changes the set-up in use.
func (e *ecom) SetWorking(w settings.Email) (err error) {
	e.with(func(m *module.Module) { err = m.SetWorking(w) })
	return err
}

// Restore takes the set-up in use from ROM.
func (e *ecom) Restore() { e.with((*module.Module).Restore) }

// SendTest begins to send a test mail.
func (e *ecom) SendTest(to []mailaddr.Address, subject, body string) (err error) {
	e.with(func(m *module.Module) { err = m.SendTest(time.Now(), to, subject, body) })
	e.runner.event() // it has something to do now
	return err
}

// Test is the latest test mail.
func (e *ecom) Test() (t module.Test) {
	e.with(func(m *module.Module) { t = m.Test() })
	return t
}

// allow says what an address may do.
func (e *ecom) allow(a netip.Addr) (read, write bool) {
	r := e.rights.Load()
	read = within(r.allow, a)
	return read, read && within(r.write, a)
}

func within(list []netip.Prefix, a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// place names the module in messages.
func (e *ecom) place() string {
	return fmt.Sprintf("rack %s: module slot %d", e.runner.name, e.plant.Slot)
}

// pages is the configuration of the web pages.
func (e *ecom) pages(views *pages.Views, log *slog.Logger) (pages.Config, error) {
	m := e.plant
	c := pages.Config{
		Identity: pages.Identity{Type: m.Type, Firmware: m.Firmware, Booter: booter, MAC: m.MAC, DIP: DIP(m)},
		Store:    e.store, Module: e, Hosts: m.Servers.Hosts, Now: time.Now, Location: time.Local, Views: views, Log: log,
		MayWrite:  func(a netip.Addr) bool { _, write := e.allow(a); return write },
		Explainer: reply.Explainer{},
	}
	if m.Servers.PasswordFile == "" {
		return c, nil
	}
	password, err := secret.ReadFile(m.Servers.PasswordFile)
	c.Password = password
	return c, err
}

// certificate is the pages' own for TLS; nil where they have none.
func certificate(s plant.Servers) (*tls.Config, error) {
	if s.Cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(s.Cert, s.Key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}, nil
}

// port is where a server of the module answers; 0 where it has none.
func (e *ecom) port(name string) uint16 {
	at, err := netip.ParseAddrPort(e.addresses[name])
	if err != nil {
		return 0
	}
	return at.Port()
}

// hapConfig is the configuration of a module's HAP server.
func (s *servers) hapConfig(e *ecom, password hap.Password) hapserver.Config {
	m, log := e.plant, s.app.options.Log.With("rack", e.runner.name, "slot", e.plant.Slot)
	return hapserver.Config{
		Type: m.Type, Firmware: m.Firmware, Booter: booter, MAC: hap.MAC(m.MAC), DIP: DIP(m),
		Store: e.store, Module: e, Memory: e.runner.rack, Password: password, Allow: e.allow, TracePort: e.port(plant.Trace), WebPort: e.port(plant.HTTP),
		Flash: func(work func()) { s.wg.Go(work) },
		Changed: func(t hap.SetupType, from netip.Addr, err error) {
			if err != nil {
				log.Warn("set-up not written over HAP", "what", t.String(), "from", from.String(), "error", err.Error())
				return
			}
			log.Info("set-up written over HAP", "what", t.String(), "from", from.String())
		},
		Fault: e.faulty("HAP"),
	}
}

// faulty logs a fault of ours in one of the module's servers.
func (e *ecom) faulty(server string) func(any) {
	log := e.runner.slog.With("module", e.place())
	return func(fault any) {
		log.Error("a fault of ours", "server", server, "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
	}
}

// plcPassword is the controller's password; the zero one where it has none.
func plcPassword(r *plant.Rack) (hap.Password, error) {
	if r.PasswordFile == "" {
		return hap.Password{}, nil
	}
	text, err := secret.ReadFile(r.PasswordFile)
	if err != nil {
		return hap.Password{}, err
	}
	p, err := hap.ParsePassword(text.Reveal())
	if err != nil {
		return p, fmt.Errorf("%s: %w", r.PasswordFile, err)
	}
	return p, nil
}

// modbusIdentity is what the module's own registers say.
func (e *ecom) modbusIdentity(powerUps uint32) modbus.Identity {
	m := e.plant
	version := func(text string) modbus.Version {
		major, minor, build := firmware.Numbers(text)
		return modbus.Version{Major: uint16(major), Minor: uint16(minor), Build: uint16(build)}
	}
	d := hapserver.Device(m.Type, hap.MAC(m.MAC), DIP(m))
	return modbus.Identity{
		OS: version(m.Firmware), Booter: version(booter), Family: uint16(d.Family), ModuleType: uint16(d.Type), MAC: m.MAC,
		RAM: d.RAM, Flash: d.Flash, DIP: DIP(m), RunRelay: d.RunRelay, Speed: uint16(d.Speed), Reboots: powerUps,
	}
}

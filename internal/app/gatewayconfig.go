package app

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/gateway/delivery"
	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/upstream"
	"github.com/rungmail/rungmail/internal/plant"
	"github.com/rungmail/rungmail/internal/secret"
)

type deviceRegistry = device.Registry

// errNoCredentials is that of a secret that systemd gives, where it didn't start us.
var errNoCredentials = errors.New("no credentials of systemd are here")

// secretFrom is where a secret of the plant file comes from, read anew each time.
func secretFrom(source string) func() (secret.Text, error) {
	return func() (secret.Text, error) {
		if name, ok := strings.CutPrefix(source, "env:"); ok {
			text := os.Getenv(name)
			if text == "" {
				return secret.Text{}, fmt.Errorf("the environment has no %s", name)
			}
			return secret.New(text), nil
		}
		if name, ok := strings.CutPrefix(source, "credential:"); ok {
			folder := os.Getenv("CREDENTIALS_DIRECTORY")
			if folder == "" {
				return secret.Text{}, fmt.Errorf("%w: start it as a service with LoadCredential=%s", errNoCredentials, name)
			}
			return secret.ReadFile(filepath.Join(folder, name))
		}
		return secret.ReadFile(source)
	}
}

// gatewayDevices are the devices of the plant file.
func gatewayDevices(p *plant.Gateway) (*device.Registry, error) {
	var list []device.Device
	for _, d := range p.Devices {
		one := device.Device{
			Name: d.Name, Title: d.Title, Owner: d.Owner, Place: d.Place, Addresses: d.Addresses, PerMinute: d.PerMinute,
			MaxSize: int64(d.MaxSize), MaxRecipients: d.MaxRecipients, OldTLS: d.OldTLS, Quirks: quirks(d.Quirks), VerdictWait: -1, Route: d.Route,
		}
		if d.VerdictWait != nil {
			one.VerdictWait = *d.VerdictWait
		}
		var err error
		if one.MayBe, err = patterns(d.MayBe); err == nil {
			one.MayTo, err = patterns(d.MayTo)
		}
		if err == nil && d.From != "" {
			err = one.From.UnmarshalText([]byte(d.From))
		}
		if err != nil {
			return nil, fmt.Errorf("gateway.device %s: %w", d.Name, err)
		}
		if d.User != "" {
			one.Login = &device.Login{User: d.User, Password: secretFrom(d.PasswordFile)}
		}
		list = append(list, one)
	}
	return device.NewRegistry(list)
}

func quirks(names []string) (q device.Quirks) {
	for _, name := range names {
		switch name {
		case "bare-lf":
			q.BareLF = true
		case "any-helo":
			q.AnyHelo = true
		case "no-brackets":
			q.NoBrackets = true
		case "eight-bit":
			q.EightBit = true
		case "no-quit":
			q.NoQuit = true
		}
	}
	return q
}

func patterns(texts []string) ([]device.Pattern, error) {
	var list []device.Pattern
	for _, text := range texts {
		p, err := device.ParsePattern(text)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// gatewayRoutes are the routes of the plant file, those of devices that name one
// first.
func gatewayRoutes(p *plant.Gateway) ([]delivery.Route, error) {
	var list []delivery.Route
	for _, r := range p.Routes {
		one := delivery.Route{Name: r.Name, Devices: r.Devices, Upstreams: r.Upstreams, Hold: r.Hold}
		var err error
		if one.Senders, err = patterns(r.Senders); err == nil {
			one.Recipients, err = patterns(r.Recipients)
		}
		if err != nil {
			return nil, fmt.Errorf("gateway.route %s: %w", r.Name, err)
		}
		list = append(list, one)
	}
	var named []delivery.Route
	for _, d := range p.Devices {
		for _, r := range list {
			if r.Name == d.Route {
				named = append(named, delivery.Route{Name: r.Name, Devices: []string{d.Name}, Upstreams: r.Upstreams, Hold: r.Hold})
			}
		}
	}
	return append(named, list...), nil
}

// gatewayUpstreams are the upstreams of the plant file.
func gatewayUpstreams(p *plant.Gateway, log *slog.Logger) ([]upstream.Sender, error) {
	var list []upstream.Sender
	for _, u := range p.Upstreams {
		pool, err := upstream.New(upstreamConfig(p, u, log), upstream.Options{Now: time.Now, Log: log, NewID: newID})
		if err != nil {
			return nil, fmt.Errorf("gateway.upstream %s: %w", u.Name, err)
		}
		list = append(list, pool)
	}
	return list, nil
}

// upstreamConfig is one upstream of the plant file.
func upstreamConfig(p *plant.Gateway, u plant.Upstream, log *slog.Logger) upstream.Config {
	c := upstream.Config{
		Name: u.Name, Host: u.Host, Port: uint16(u.Port), TLS: upstream.TLS(u.TLS), CAFile: u.CAFile, ClientCert: u.ClientCert, ClientKey: u.ClientKey,
		Pin: u.Pin, Login: upstream.Mechanism(u.Login), User: u.User, Helo: gatewayName(p), Connections: u.Connections, PerMinute: u.PerMinute,
		Idle: 30 * time.Second, Timeouts: upstream.DefaultTimeouts(),
	}
	if u.PasswordFile != "" {
		c.Password = secretFrom(u.PasswordFile)
	}
	if c.Login == upstream.LoginXOAUTH2 {
		c.Token = upstreamToken(u, func(err error) {
			log.Warn("an upstream's login works, but not after a restart", "upstream", u.Name, "error", err.Error())
		})
	}
	return c
}

// upstreamToken is where an upstream's access tokens come from.
func upstreamToken(u plant.Upstream, warn func(error)) upstream.Token {
	var clientSecret func() (secret.Text, error)
	if u.ClientSecretFile != "" {
		clientSecret = secretFrom(u.ClientSecretFile)
	}
	if u.RefreshTokenFile == "" {
		return &upstream.ClientCredentials{TokenURL: u.TokenURL, ClientID: u.ClientID, Secret: clientSecret, Scope: u.Scope}
	}
	return &upstream.RefreshToken{
		Name: u.Name, TokenURL: u.TokenURL, ClientID: u.ClientID, Secret: clientSecret, Refresh: secretFrom(u.RefreshTokenFile), Warn: warn,
		Save: saveToken(u.RefreshTokenFile),
	}
}

// loadPair loads a certificate and its key.
func loadPair(cert, key string) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	return &pair, nil
}

// judgeGateway looks at what the plant file alone can't judge of the gateway.
func judgeGateway(file *plant.File) (problems Problems) {
	p := file.Gateway
	if p == nil {
		return nil
	}
	place := file.Path + ": gateway"
	fault := func(what string, err error) {
		if err != nil {
			// Who checks a plant file by hand hasn't what the service has.
			problems = append(problems, Problem{Place: place + what, Text: err.Error(), Warning: errors.Is(err, errNoCredentials)})
		}
	}
	devices, err := gatewayDevices(p)
	fault("", err)
	_, err = gatewayRoutes(p)
	fault("", err)
	for _, l := range p.Listeners {
		if l.TLS != "off" {
			_, err := loadPair(l.Cert, l.Key)
			fault(": listener "+l.Address.String(), err)
		}
	}
	for _, d := range p.Devices {
		if d.User != "" {
			_, err := secretFrom(d.PasswordFile)()
			fault(": device "+d.Name, err)
		}
	}
	for _, u := range p.Upstreams {
		for _, err := range judgeUpstream(u) {
			fault(": upstream "+u.Name, err)
		}
	}
	if devices != nil {
		problems = append(problems, judgeVerdictWait(file, devices, place)...)
	}
	return problems
}

// judgeUpstream looks at the files of an upstream.
func judgeUpstream(u plant.Upstream) (errs []error) {
	if u.PasswordFile != "" {
		_, err := secretFrom(u.PasswordFile)()
		errs = append(errs, err)
	}
	if u.ClientSecretFile != "" {
		_, err := secretFrom(u.ClientSecretFile)()
		errs = append(errs, err)
	}
	if u.ClientCert != "" {
		_, err := loadPair(u.ClientCert, u.ClientKey)
		errs = append(errs, err)
	}
	if u.CAFile != "" {
		_, err := os.ReadFile(u.CAFile)
		errs = append(errs, err)
	}
	return errs
}

// judgeVerdictWait refuses a wait for the verdict that a module of the same file
// wouldn't survive: its timeout covers the whole conversation.
func judgeVerdictWait(file *plant.File, devices *deviceRegistry, place string) (problems Problems) {
	for i := range file.Racks {
		r := &file.Racks[i]
		for _, m := range r.Modules {
			e, _, err := kept(file, r, m)
			if err != nil {
				continue // said where the module is judged
			}
			if !sendsTo(e, file.Gateway) {
				continue
			}
			wait := file.Gateway.VerdictWait
			if d, ok := devices.Find(m.Bind); ok && d.VerdictWait >= 0 {
				wait = d.VerdictWait
			}
			if wait >= e.Timeout {
				problems = append(problems, Problem{Place: place + ": verdict_wait", Text: fmt.Sprintf("%s is not below the timeout of the module in slot %d of rack %s, %s, which covers the whole conversation: make it shorter", wait, m.Slot, r.Name, e.Timeout)})
			}
		}
	}
	return problems
}

// sendsTo tells whether a module's mail goes to one of the gateway's listeners.
func sendsTo(e settings.Email, p *plant.Gateway) bool {
	for _, l := range p.Listeners {
		at := l.Address.Addr()
		if e.Port == l.Address.Port() && (at == e.Server || at.IsUnspecified() && e.Server.IsLoopback()) {
			return true
		}
	}
	return false
}

package upstream

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/secret"
)

// DeviceCode is signing in on another machine (RFC 8628): the gateway shows a code, a
// person types it into a page of the provider, and the gateway gets a refresh token.
type DeviceCode struct {
	DeviceURL string // https, both
	TokenURL  string
	ClientID  string
	Secret    func() (secret.Text, error) // nil where the app has none
	Scope     string                      // with offline_access, or there is no refresh token
	Web       Web
}

// Invitation is what a person needs to sign in.
type Invitation struct {
	Page    string // to open in a browser
	Code    string // to type there
	Expires time.Time

	device   secret.Text
	interval time.Duration
}

// Bounds of how often Wait asks, and of how long a code may be good.
const (
	defaultInterval = 5 * time.Second // RFC 8628 section 3.2
	maxInterval     = time.Minute
	maxInvitation   = time.Hour
)

// Begin asks for a code.
func (d *DeviceCode) Begin(ctx context.Context) (Invitation, error) {
	form := url.Values{"client_id": {d.ClientID}, "scope": {d.Scope}}
	if err := addSecret(form, d.Secret); err != nil {
		return Invitation{}, err
	}
	a, err := d.Web.post(ctx, d.DeviceURL, form)
	if err != nil {
		return Invitation{}, err
	}
	page := a.Page
	if page == "" {
		page = a.PageOld
	}
	if a.Device == "" || a.User == "" || !strings.HasPrefix(page, "http") {
		return Invitation{}, errNoCode
	}
	good := min(time.Duration(min(number(a.Expires), int64(maxInvitation/time.Second)))*time.Second, maxInvitation)
	if good <= 0 {
		good = 15 * time.Minute
	}
	interval := time.Duration(min(number(a.Interval), int64(maxInterval/time.Second))) * time.Second
	if interval <= 0 {
		interval = defaultInterval
	}
	return Invitation{
		Page: printable(page), Code: printable(a.User), Expires: d.Web.now().Add(good),
		device: secret.New(a.Device), interval: interval,
	}, nil
}

// Wait waits until the person has signed in, and gives the refresh token. It fails
// with a [*TokenError] where that was declined or took too long.
func (d *DeviceCode) Wait(ctx context.Context, i Invitation) (secret.Text, error) {
	form := url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "client_id": {d.ClientID}, "device_code": {i.device.Reveal()},
	}
	if err := addSecret(form, d.Secret); err != nil {
		return secret.Text{}, err
	}
	for d.Web.now().Before(i.Expires) {
		if err := pause(ctx, i.interval); err != nil {
			return secret.Text{}, err
		}
		g, err := d.Web.ask(ctx, d.TokenURL, form)
		if err == nil && g.refresh.Reveal() == "" {
			err = errors.New("token server: there is no refresh token: add offline_access to the scope")
		}
		if err == nil {
			return g.refresh, nil
		}
		refusal, ok := errors.AsType[*TokenError](err)
		if !ok || refusal.Refused() {
			return secret.Text{}, err
		}
		if refusal.Code == "slow_down" { // section 3.5
			i.interval = min(i.interval+defaultInterval, maxInterval)
		}
	}
	return secret.Text{}, &TokenError{Code: "expired_token"}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

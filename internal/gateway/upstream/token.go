package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rungmail/rungmail/internal/secret"
)

// Web is how a token server is reached. The zero Web is the real one.
type Web struct {
	Client *http.Client     // with a time limit; redirects aren't followed in any case
	Now    func() time.Time // the system's clock if nil
}

// How long tokens are used.
const (
	tokenMargin   = 5 * time.Minute  // a new one is fetched so long before its end,
	tokenLast     = 30 * time.Second // and where that fails, the old one is used until so long before
	tokenLifetime = time.Hour        // where the server doesn't say
)

// cache holds one access token, and lets one fetch run at a time. The zero cache is
// empty.
type cache struct {
	once sync.Once
	gate chan struct{} // holds one value while somebody has it

	token   secret.Text
	renew   time.Time // from when on a new one is wanted
	end     time.Time
	fetched atomic.Int64 // how many there have been
}

// get gives the token, or fetches one. A caller that wants a fresh one and waited while
// somebody else fetched one has that.
func (c *cache) get(ctx context.Context, fresh bool, now func() time.Time, fetch func(context.Context) (grant, error)) (secret.Text, error) {
	c.once.Do(func() { c.gate = make(chan struct{}, 1) })
	before := c.fetched.Load()
	select {
	case c.gate <- struct{}{}:
		defer func() { <-c.gate }()
	case <-ctx.Done():
		return secret.Text{}, context.Cause(ctx)
	}
	count := c.fetched.Load()
	if (!fresh || count > before) && count > 0 && now().Before(c.renew) {
		return c.token, nil
	}
	g, err := fetch(ctx)
	if err != nil {
		if !fresh && count > 0 && now().Before(c.end.Add(-tokenLast)) {
			return c.token, nil // still good: the next one may ask again
		}
		return secret.Text{}, err
	}
	lifetime := g.lifetime()
	c.token, c.end = g.access, now().Add(lifetime)
	c.renew = c.end.Add(-min(tokenMargin, lifetime/2))
	c.fetched.Add(1)
	return c.token, nil
}

// ClientCredentials gets tokens for the service itself (RFC 6749 section 4.4), as an
// app of Microsoft 365 has them with a client secret.
type ClientCredentials struct {
	TokenURL string // https
	ClientID string
	Secret   func() (secret.Text, error) // read anew for each token
	Scope    string                      // such as https://outlook.office365.com/.default
	Web      Web

	cache cache
}

var _ Token = (*ClientCredentials)(nil)

// Token gives a token that is good for some minutes more. Its errors say what an
// administrator has to do; a refusal is a [*TokenError].
func (c *ClientCredentials) Token(ctx context.Context, fresh bool) (secret.Text, error) {
	return c.cache.get(ctx, fresh, c.Web.now, c.fetch)
}

func (c *ClientCredentials) fetch(ctx context.Context) (grant, error) {
	if c.Secret == nil {
		return grant{}, errors.New("client secret: there is none: set its file, or a refresh token's")
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "scope": {c.Scope}}
	if err := addSecret(form, c.Secret); err != nil {
		return grant{}, err
	}
	return c.Web.ask(ctx, c.TokenURL, form)
}

// RefreshToken gets tokens for a person or a mailbox that has signed in once (RFC 6749
// section 6), with the refresh token that came of it.
type RefreshToken struct {
	Name     string // of the upstream, for advice
	TokenURL string // https
	ClientID string
	Secret   func() (secret.Text, error)        // nil where the app has none
	Refresh  func() (secret.Text, error)        // the token that is kept; read anew for each
	Save     func(newRefresh secret.Text) error // keeps a new one, which replaces the old; nil for while we run
	// Warn takes the error of a Save, which costs no mail now: the new token is used,
	// and saved again with the next. It may be nil.
	Warn func(error)
	Web  Web

	cache   cache
	unsaved secret.Text // newer than what is kept
}

var _ Token = (*RefreshToken)(nil)

// Token gives a token that is good for some minutes more. Its errors say what an
// administrator has to do; a refusal is a [*TokenError].
func (r *RefreshToken) Token(ctx context.Context, fresh bool) (secret.Text, error) {
	return r.cache.get(ctx, fresh, r.Web.now, r.fetch)
}

// fetch is only ever run once at a time.
func (r *RefreshToken) fetch(ctx context.Context) (grant, error) {
	old := r.unsaved
	if old.Reveal() == "" {
		var err error
		if old, err = r.Refresh(); err != nil {
			return grant{}, fmt.Errorf("refresh token: %w; sign in with rungmail login %s", err, r.Name)
		}
	}
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {r.ClientID}, "refresh_token": {old.Reveal()}}
	if err := addSecret(form, r.Secret); err != nil {
		return grant{}, err
	}
	g, err := r.Web.ask(ctx, r.TokenURL, form)
	if err != nil {
		if e, ok := errors.AsType[*TokenError](err); ok {
			e.Name = r.Name
			r.unsaved = secret.Text{} // perhaps a person has signed in since
		}
		return grant{}, err
	}
	r.keep(old, g.refresh)
	return g, nil
}

// keep saves the refresh token that is to be used next.
func (r *RefreshToken) keep(old, latest secret.Text) {
	if latest.Reveal() == "" {
		latest = old
	}
	if latest.Reveal() == old.Reveal() && r.unsaved.Reveal() == "" {
		return
	}
	r.unsaved = latest
	if r.Save == nil {
		return
	}
	err := r.Save(latest)
	if err == nil {
		r.unsaved = secret.Text{}
	} else if r.Warn != nil {
		r.Warn(fmt.Errorf("the new refresh token couldn't be kept: %w", err))
	}
}

// addSecret adds the app's secret to a form, where it has one.
func addSecret(form url.Values, read func() (secret.Text, error)) error {
	if read == nil {
		return nil
	}
	key, err := read()
	if err != nil {
		return fmt.Errorf("client secret: %w", err)
	}
	form.Set("client_secret", key.Reveal())
	return nil
}

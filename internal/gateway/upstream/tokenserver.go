package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/secret"
)

// maxAnswer bounds what a token server may answer, in bytes.
const maxAnswer = 64 << 10

// tokenTime is how long a token server may take.
const tokenTime = 30 * time.Second

// grant is what a token server gives (RFC 6749 section 5.1).
type grant struct {
	access, refresh secret.Text
	seconds         int64
}

// lifetime is how long the access token is good.
func (g grant) lifetime() time.Duration {
	const most = 24 * 60 * 60
	if g.seconds <= 0 {
		return tokenLifetime
	}
	return time.Duration(min(g.seconds, most)) * time.Second
}

// answer is a token server's JSON: a grant, an error (section 5.2), or a device code
// (RFC 8628 section 3.2).
type answer struct {
	Access  string      `json:"access_token"`
	Refresh string      `json:"refresh_token"`
	Expires json.Number `json:"expires_in"`

	Error string `json:"error"`
	Text  string `json:"error_description"`

	Device   string      `json:"device_code"`
	User     string      `json:"user_code"`
	Page     string      `json:"verification_uri"`
	PageOld  string      `json:"verification_url"`
	Interval json.Number `json:"interval"`
}

func (w Web) now() time.Time {
	if w.Now != nil {
		return w.Now()
	}
	return time.Now()
}

// ask asks for a grant.
func (w Web) ask(ctx context.Context, address string, form url.Values) (grant, error) {
	a, err := w.post(ctx, address, form)
	if err != nil {
		return grant{}, err
	}
	if a.Access == "" {
		return grant{}, fmt.Errorf("token server: the answer of %s has no access token: check the address", address)
	}
	return grant{secret.New(a.Access), secret.New(a.Refresh), number(a.Expires)}, nil
}

// post sends a form with secrets, and reads the answer.
func (w Web) post(ctx context.Context, address string, form url.Values) (answer, error) {
	if err := checkURL(address); err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, tokenTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, fmt.Errorf("token server: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	res, err := w.client().Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("token server: %w", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("token server: %w", err)
	}
	return readAnswer(res, text)
}

// client never carries a form with secrets on to another address.
func (w Web) client() *http.Client {
	var c http.Client
	if w.Client != nil {
		c = *w.Client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// checkURL lets secrets out over TLS only, or to this machine.
func checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("token server: %w", err)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme == "https" || u.Scheme == "http" && ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("token server: %q must begin with https://", address)
}

func readAnswer(res *http.Response, text []byte) (answer, error) {
	var a answer
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")) // JSON shows by itself
	if err := json.Unmarshal(text, &a); err != nil {
		return answer{}, &TokenError{Status: res.StatusCode, Text: "no JSON, but " + kind}
	}
	if a.Error != "" || res.StatusCode/100 != 2 {
		return answer{}, &TokenError{Status: res.StatusCode, Code: a.Error, Text: a.Text}
	}
	return a, nil
}

func number(n json.Number) int64 {
	v, err := n.Int64()
	if err != nil {
		return 0
	}
	return v
}

// TokenError is a token server's answer without a token.
type TokenError struct {
	Name   string // of the upstream; may be empty
	Status int    // of HTTP
	Code   string // such as invalid_grant (RFC 6749 section 5.2, RFC 8628 section 3.5)
	Text   string // in the server's words
}

// Refused tells that asking again is in vain until a person has mended something.
func (e *TokenError) Refused() bool {
	switch e.Code {
	case "", "temporarily_unavailable", "server_error", "authorization_pending", "slow_down":
		return false
	}
	return e.Status/100 == 4 && e.Status != http.StatusTooManyRequests
}

// advice is what to do, by words in the answer; the first that is there counts. The
// numbers are Microsoft's.
var advice = []struct{ word, text string }{
	{"AADSTS7000222", "the client secret has expired: make a new one for the app, and put it into its file"},
	{"AADSTS7000215", "the client secret is wrong: use the secret's value, not its id"},
	{"AADSTS700016", "the tenant doesn't know the app: check client id and tenant"},
	{"AADSTS90002", "there is no such tenant: check the token address"},
	{"AADSTS65001", "nobody has consented to what the app wants: an administrator of the tenant must"},
	{"AADSTS53003", "a conditional access policy forbids it: an administrator of the tenant must allow the app"},
	{"AADSTS50076", "a second factor is wanted: sign in again with rungmail login NAME"},
	{"AADSTS700082", "the sign-in is too old, since it wasn't used: sign in again with rungmail login NAME"},
	{"AADSTS50173", "the password was changed since: sign in again with rungmail login NAME"},
	{"invalid_client", "the client secret is wrong or has expired: check it at the provider"},
	{"invalid_grant", "the sign-in is no longer good: sign in again with rungmail login NAME"},
	{"unauthorized_client", "the app may not do this: check its kind and its permissions at the provider"},
	{"invalid_scope", "the provider doesn't know the scope: check it"},
	{"access_denied", "the sign-in was declined"},
	{"expired_token", "nobody has signed in in time: begin again"},
}

// Error says what the server said, and what to do.
func (e *TokenError) Error() string {
	text := fmt.Sprintf("token server: HTTP status %d", e.Status)
	if e.Code != "" {
		text = "token server: " + printable(e.Code)
	}
	for _, a := range advice {
		if e.Code == a.word || strings.Contains(e.Text, a.word+":") {
			name := e.Name
			if name == "" {
				name = "NAME"
			}
			text += ": " + strings.ReplaceAll(a.text, "NAME", name)
			break
		}
	}
	if e.Text != "" {
		text += " (" + printable(e.Text) + ")"
	}
	return text
}

// errNoCode is of a device code's server that gave none.
var errNoCode = errors.New("token server: the answer has no code: check the address for device codes")

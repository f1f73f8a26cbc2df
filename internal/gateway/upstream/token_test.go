package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungmail/rungmail/internal/secret"
	"github.com/rungmail/rungmail/internal/smtpwire"
)

// issuer is a token server. Each token is one more than the last.
type issuer struct {
	answer func(n int, form url.Values) (status int, body string) // nil: tokens for an hour
	before func(r *http.Request)

	mu    sync.Mutex
	forms []url.Values
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if i.before != nil {
		i.before(r)
	}
	_ = r.ParseForm()
	i.mu.Lock()
	i.forms = append(i.forms, r.PostForm)
	n := len(i.forms)
	i.mu.Unlock()
	status, body := 200, fmt.Sprintf(`{"token_type":"Bearer","expires_in":3600,"access_token":"access-%d"}`, n)
	if i.answer != nil {
		status, body = i.answer(n, r.PostForm)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func (i *issuer) asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.forms)
}

func (i *issuer) start(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(i)
	t.Cleanup(s.Close)
	return s.URL
}

// clock is a time that a test sets.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(1_800_000_000+c.at.Load(), 0) }
func (c *clock) pass(d time.Duration) { c.at.Add(int64(d / time.Second)) }
func wants(t *testing.T, k Token, fresh bool, want string) {
	t.Helper()
	got, err := k.Token(t.Context(), fresh)
	if err != nil || got.Reveal() != want {
		t.Errorf("got %q, %v; want %q", got.Reveal(), err, want)
	}
}

// TestATokenIsKeptUntilFiveMinutesBeforeItsEnd.
func TestATokenIsKeptUntilFiveMinutesBeforeItsEnd(t *testing.T) {
	t.Parallel()
	i, c := &issuer{}, &clock{}
	k := &ClientCredentials{TokenURL: i.start(t), ClientID: "app", Secret: password("s3cret"), Scope: "mail/.default", Web: Web{Now: c.now}}
	wants(t, k, false, "access-1")
	c.pass(54 * time.Minute)
	wants(t, k, false, "access-1")
	c.pass(time.Minute)
	wants(t, k, false, "access-2")
	wants(t, k, true, "access-3")
	want := "client_id=app&client_secret=s3cret&grant_type=client_credentials&scope=mail%2F.default"
	if got := i.forms[0].Encode(); got != want {
		t.Errorf("it asked %s; want %s", got, want)
	}
}

func TestATokenWithoutASecret(t *testing.T) {
	t.Parallel()
	if _, err := (&ClientCredentials{TokenURL: "https://login.example.com/"}).Token(t.Context(), false); err == nil {
		t.Error("no error")
	}
	i := &issuer{answer: func(n int, form url.Values) (int, string) {
		return 200, fmt.Sprintf(`{"access_token":"for %s","refresh_token":"refresh-%d"}`, form.Get("refresh_token"), n)
	}}
	k := &RefreshToken{TokenURL: i.start(t), Refresh: password("kept")} // nowhere to save to
	wants(t, k, true, "for kept")
	wants(t, k, true, "for refresh-1")
}

// TestATokenServerThatIsDown costs no mail while the old token is good.
func TestATokenServerThatIsDown(t *testing.T) {
	t.Parallel()
	c := &clock{}
	i := &issuer{answer: func(n int, _ url.Values) (int, string) {
		if n > 1 {
			return 503, "<html>down</html>"
		}
		return 200, `{"access_token":"first","expires_in":"3600"}`
	}}
	k := &ClientCredentials{TokenURL: i.start(t), Secret: password("x"), Web: Web{Now: c.now}}
	wants(t, k, false, "first")
	c.pass(58 * time.Minute)
	wants(t, k, false, "first")
	c.pass(2 * time.Minute)
	_, err := k.Token(t.Context(), false)
	e, ok := errors.AsType[*TokenError](err)
	if !ok || e.Refused() || e.Status != 503 {
		t.Errorf("got %v", err)
	}
}

// TestOneFetchAtATime: twenty connections that begin together, or that were refused
// together, cost one token.
func TestOneFetchAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{before: func(*http.Request) { <-time.After(time.Second) }}
		k := &ClientCredentials{
			TokenURL: "https://login.example.com/token", Secret: password("x"),
			Web: Web{Client: &http.Client{Transport: roundTrip{i}}},
		}
		for round, fresh := range []bool{false, true} {
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() { wants(t, k, fresh, fmt.Sprint("access-", round+1)) })
			}
			wg.Wait()
			if got := i.asked(); got != round+1 {
				t.Errorf("fresh %v: %d fetches", fresh, got)
			}
		}
	})
}

// TestWaitingForATokenEndsWithTheContext, for who fetches and for who waits.
func TestWaitingForATokenEndsWithTheContext(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	i := &issuer{before: func(r *http.Request) {
		_ = r.ParseForm()
		select {
		case <-hold:
		case <-r.Context().Done():
		}
	}}
	k := &ClientCredentials{TokenURL: i.start(t), Secret: password("x")}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := k.Token(ctx, false); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
	}
	wg.Wait()
	close(hold)
	if _, err := k.Token(t.Context(), false); err != nil {
		t.Error(err)
	}
}

// TestRefusalsSayWhatToDo.
func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		status  int
		body    string
		want    []string
		refused bool
	}{
		{401, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}`, []string{"invalid_client", "the secret's value", "AADSTS7000215"}, true},
		{401, `{"error":"invalid_client","error_description":"AADSTS7000222: expired\r\nTrace \u001b[2J"}`, []string{"has expired", "AADSTS7000222"}, true},
		{401, `{"error":"invalid_client"}`, []string{"wrong or has expired"}, true},
		{400, `{"error":"invalid_grant","error_description":"AADSTS70008: The refresh token has expired."}`, []string{"rungmail login office", "AADSTS70008"}, true},
		{400, `{"error":"invalid_grant"}`, []string{"sign in again with rungmail login office"}, true},
		{400, `{"error":"unauthorized_client","error_description":"AADSTS700016: Application not found"}`, []string{"check client id and tenant"}, true},
		{400, `{"error":"unauthorized_client"}`, []string{"may not do this"}, true},
		{400, `{"error":"temporarily_unavailable"}`, nil, false},
		{429, `{"error":"slow_down"}`, nil, false},
		{500, `{"error":"server_error"}`, nil, false},
		{200, `<html>sign in to the guest network</html>`, []string{"no JSON"}, false},
		{302, ``, []string{"no JSON"}, false},
		{200, `{"token_type":"Bearer"}`, []string{"no access token"}, false},
		{200, `{"access_token":` + strings.Repeat(" ", 1<<20) + `"x"}`, []string{"no JSON"}, false},
	} {
		i := &issuer{answer: func(int, url.Values) (int, string) { return r.status, r.body }}
		k := &RefreshToken{Name: "office", TokenURL: i.start(t), Refresh: password("old")}
		_, err := k.Token(t.Context(), false)
		if err == nil {
			t.Fatalf("%.80s: no error", r.body)
		}
		for _, want := range r.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%.80s: got %q; want %q", r.body, err, want)
			}
		}
		if smtpwire.Printable(err.Error()) != err.Error() {
			t.Errorf("got %q", err)
		}
		if e, ok := errors.AsType[*TokenError](err); ok && e.Refused() != r.refused || !ok && r.refused {
			t.Errorf("%.80s: refused is %v", r.body, !r.refused)
		}
	}
}

// TestARefreshTokenThatChanges is kept, and the one that couldn't be kept is used and
// kept with the next.
func TestARefreshTokenThatChanges(t *testing.T) {
	t.Parallel()
	i := &issuer{answer: func(n int, _ url.Values) (int, string) {
		return 200, fmt.Sprintf(`{"access_token":"access-%d","expires_in":3600,"refresh_token":"refresh-%d"}`, n, n)
	}}
	kept, full, warned := secret.New("refresh-0"), true, 0
	k := &RefreshToken{
		Name: "office", TokenURL: i.start(t), ClientID: "app",
		Refresh: func() (secret.Text, error) { return kept, nil },
		Save: func(s secret.Text) error {
			if full {
				return errTest
			}
			kept = s
			return nil
		},
		Warn: func(err error) {
			warned++
			if !errors.Is(err, errTest) {
				t.Errorf("warned of %v", err)
			}
		},
	}
	wants(t, k, true, "access-1")
	full = false
	wants(t, k, true, "access-2")
	wants(t, k, true, "access-3")
	var used []string
	for _, f := range i.forms {
		used = append(used, f.Get("refresh_token"))
	}
	if got := fmt.Sprint(used); got != "[refresh-0 refresh-1 refresh-2]" || kept.Reveal() != "refresh-3" || warned != 1 {
		t.Errorf("used %s, kept %s, warned %d times", got, kept.Reveal(), warned)
	}
}

// TestSecretsGoOverTLSOnly, and to no other address.
func TestSecretsGoOverTLSOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://login.example.com/token", "ftp://127.0.0.1/", "login.example.com", "http://localhost.example.com/", ":"} {
		k := &ClientCredentials{TokenURL: address, Secret: password("s3cret")}
		if _, err := k.Token(t.Context(), false); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v", address, err)
		}
	}
	other := &issuer{}
	at := other.start(t)
	s := httptest.NewServer(http.RedirectHandler(at, http.StatusTemporaryRedirect))
	t.Cleanup(s.Close)
	k := &ClientCredentials{TokenURL: s.URL, Secret: password("s3cret")}
	if _, err := k.Token(t.Context(), false); err == nil || other.asked() != 0 {
		t.Errorf("got %v, and the other was asked %d times", err, other.asked())
	}
}

// TestARevokedTokenIsReplaced, the whole way: token server, SMTP, and the fresh try.
func TestARevokedTokenIsReplaced(t *testing.T) {
	t.Parallel()
	i, revoked := &issuer{}, b64("user=plant\x01auth=Bearer access-1\x01\x01")
	h := &host{offers: "AUTH_XOAUTH2"}
	h.then = func(_ *host, verb, line string) (string, bool) {
		return "535 5.7.8 revoked\r\n", verb == "AUTH" && strings.HasSuffix(line, revoked)
	}
	c := config()
	c.Login, c.User = LoginXOAUTH2, "plant"
	c.Token = &ClientCredentials{TokenURL: i.start(t), Secret: password("x")}
	if _, err := h.pool(t, c).Send(t.Context(), note(t)); err != nil || i.asked() != 2 {
		t.Errorf("got %v after %d tokens", err, i.asked())
	}
	gone := &issuer{answer: func(int, url.Values) (int, string) { return 400, `{"error":"invalid_grant"}` }}
	c.Token = &RefreshToken{Name: "office", TokenURL: gone.start(t), Refresh: password("x")}
	_, err := h.pool(t, c).Send(t.Context(), note(t))
	if e := fault(t, err); !e.Login || e.Message || e.Step != StepLogin {
		t.Errorf("got %+v", e)
	}
}

// roundTrip is a token server without a socket.
type roundTrip struct{ http.Handler }

func (r roundTrip) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w.Result(), nil
}

// TestADeviceCode: the gateway asks as often as it may until the person has signed in.
func TestADeviceCode(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		end  string // after some waiting
		want string
		took time.Duration
	}{
		{`{"access_token":"a","refresh_token":"refresh"}`, "", 25 * time.Second},
		{`{"access_token":"a"}`, "offline_access", 25 * time.Second},
		{`{"error":"access_denied"}`, "declined", 25 * time.Second},
		{`{"error":"expired_token"}`, "begin again", 25 * time.Second},
		{`{"error":"authorization_pending"}`, "begin again", 905 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			i := &issuer{answer: func(n int, form url.Values) (int, string) {
				switch {
				case n == 1:
					return 200, `{"device_code":"dev","user_code":"ABCD-EFGH","verification_uri":"https://login.example.com/device","expires_in":900,"interval":5}`
				case form.Get("device_code") != "dev":
					return 400, `{"error":"invalid_grant"}`
				case n == 2:
					return 400, `{"error":"authorization_pending"}`
				case n == 3:
					return 400, `{"error":"slow_down"}`
				case strings.Contains(r.end, "error"):
					return 400, r.end
				}
				return 200, r.end
			}}
			d := &DeviceCode{
				DeviceURL: "https://login.example.com/code", TokenURL: "https://login.example.com/token", ClientID: "app",
				Scope: "mail offline_access", Web: Web{Client: &http.Client{Transport: roundTrip{i}}},
			}
			inv, err := d.Begin(t.Context())
			if err != nil || inv.Code != "ABCD-EFGH" || inv.Page != "https://login.example.com/device" {
				t.Fatalf("got %+v, %v", inv, err)
			}
			began := time.Now()
			got, err := d.Wait(t.Context(), inv)
			if r.want == "" && (err != nil || got.Reveal() != "refresh") || r.want != "" && (err == nil || !strings.Contains(err.Error(), r.want)) {
				t.Errorf("got %q, %v; want %q", got.Reveal(), err, r.want)
			}
			if took := time.Since(began); took < r.took-5*time.Second || took > r.took+5*time.Second {
				t.Errorf("%s: it took %v; want some %v", r.end, took, r.took)
			}
		})
	}
}

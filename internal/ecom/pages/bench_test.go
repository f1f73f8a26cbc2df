package pages_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/catcher"
	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/pages"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// bench is a module with its pages: a real one, on the catcher's network and a
// clock in the test's hands.
type bench struct {
	t       testing.TB
	config  pages.Config
	disk    *disk
	network *catcher.Network
	handler http.Handler

	mu  sync.Mutex
	now time.Time
	m   *module.Module
	got []catcher.Received
}

// disk is a disk in memory that fails when told.
type disk struct {
	durable.Memory
	mu  sync.Mutex
	err error
}

func (d *disk) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

func (d *disk) Create(path string) (durable.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return nil, d.err
	}
	return d.Memory.Create(path)
}

func addr(s string) mailaddr.Address {
	a, err := mailaddr.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

// blank is the module of seeds/000 section 6 before anybody has set up its e-mail.
func blank() (settings.Email, settings.Setup) {
	setup := settings.At(netip.MustParseAddr("192.168.12.86"), netip.MustParseAddr("255.255.0.0"))
	setup.Name, setup.Description, setup.Gateway = "Barry", "Rutles Drummer", netip.MustParseAddr("192.168.0.1")
	return settings.Default(), setup
}

// ready is that module with its e-mail set up.
func ready() (settings.Email, settings.Setup) {
	_, setup := blank()
	return settings.Email{
		Server: netip.MustParseAddr("192.168.0.1"), Port: 25, Name: "Machine A-42F", Sender: addr("plc@example.com"),
		Cc: []mailaddr.Address{addr("supervisor@example.com"), addr("joe@example.com")}, Timeout: 90 * time.Second,
	}, setup
}

// newBench is the pages of a module; change may change their configuration.
func newBench(t testing.TB, email settings.Email, setup settings.Setup, change func(*pages.Config), script ...string) *bench {
	t.Helper()
	b := &bench{t: t, disk: &disk{}, now: time.Date(2026, 3, 1, 10, 48, 30, 0, time.UTC)}
	b.network = &catcher.Network{Host: "mail.example.com", Took: func(r catcher.Received) { b.got = append(b.got, r) }}
	for _, s := range script {
		f, err := catcher.ParseFailure(s)
		if err != nil {
			t.Fatal(err)
		}
		b.network.Script = append(b.network.Script, f)
	}
	store, err := settings.OpenStore(b.disk, "slot-1", email, setup)
	if err != nil {
		t.Fatal(err)
	}
	conversations := 0
	b.m = module.New(module.Config{DIP: 1 << 7, Store: store, Network: b.network, NewID: func() string {
		conversations++
		return fmt.Sprint("c", conversations)
	}})
	b.config = pages.Config{
		Identity: pages.Identity{Type: "H2-ECOM100", Firmware: "4.0.1031", MAC: [6]byte{0x00, 0xE0, 0x62, 0x20, 0x41, 0x86}, DIP: 1 << 7},
		Store:    store, Module: b, Now: b.clock,
	}
	if change != nil {
		change(&b.config)
	}
	b.handler = pages.New(b.config)
	return b
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func (b *bench) Working() settings.Email {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.m.Working()
}

func (b *bench) Restore() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.m.Restore()
}

func (b *bench) SendTest(to []mailaddr.Address, subject, body string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.m.SendTest(b.now, to, subject, body)
}

func (b *bench) Test() module.Test {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.m.Step(b.now)
	return b.m.Test()
}

var _ pages.Module = (*bench)(nil)

// mails is what the mail server got.
func (b *bench) mails() []catcher.Received {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]catcher.Received(nil), b.got...)
}

// answer is what came back.
type answer struct {
	*httptest.ResponseRecorder
	body string
}

// ask sends a request to the pages; change may change it.
func (b *bench) ask(method, target, body string, change ...func(*http.Request)) answer {
	b.t.Helper()
	r := httptest.NewRequest(method, "http://192.168.12.86"+target, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:1234"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return answer{w, w.Body.String()}
}

func (b *bench) get(target string) answer {
	b.t.Helper()
	return b.ask(http.MethodGet, target, "")
}

// post sends a form; the pairs are names and values.
func (b *bench) post(target string, pairs ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.ask(http.MethodPost, target, form.Encode())
}

// shows reports what isn't on a page, or is though it has "!" before it.
func (a answer) shows(t testing.TB, status int, texts ...string) {
	t.Helper()
	if a.Code != status {
		t.Errorf("status %d, want %d: %s", a.Code, status, a.words())
	}
	for _, text := range texts {
		if not, ok := strings.CutPrefix(text, "!"); ok {
			if strings.Contains(a.words(), not) {
				t.Errorf("%q is on the page: %s", not, a.words())
			}
		} else if !strings.Contains(a.words(), text) {
			t.Errorf("%q is not on the page: %s", text, a.words())
		}
	}
}

// has is shows for the page's source.
func (a answer) has(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%q is not in %s", text, a.body)
		}
	}
}

// goes reports another redirect than the one that is wanted.
func (a answer) goes(t testing.TB, to string) {
	t.Helper()
	if got := a.Header().Get("Location"); a.Code != http.StatusSeeOther || got != to {
		t.Fatalf("status %d to %q, want 303 to %q: %s", a.Code, got, to, a.words())
	}
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	blanks = regexp.MustCompile(`\s+`)
)

// words is the text of a page, still escaped, with single blanks.
func (a answer) words() string {
	return strings.TrimSpace(blanks.ReplaceAllString(tags.ReplaceAllString(a.body, " "), " "))
}

// beside is the error that stands beside a field.
func (a answer) beside(id string) string {
	m := regexp.MustCompile(`(?s)id="` + id + `-error"><b>Error:</b> (.*?)</p>`).FindStringSubmatch(a.body)
	if m == nil {
		return ""
	}
	return m[1]
}

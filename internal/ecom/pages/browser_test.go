package pages_test

import (
	"context"
	"flag"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/rungmail/rungmail/internal/ecom/pages"
)

var update = flag.Bool("update", false, "write the screenshots in docs/img")

const chromium = "/usr/bin/chromium"

// TestInABrowser is what people do, in one Chromium.
func TestInABrowser(t *testing.T) {
	browser := startBrowser(t)
	for name, story := range map[string]func(person){
		"EMail Setup is sent, used and reset":       emailStory,
		"faults stand beside their fields":          faultStory,
		"the same without scripts":                  scriptlessStory,
		"by a name, where browsers say less":        plainNameStory,
		"Reset after a refused Send":                resetStory,
		"two tabs":                                  tabsStory,
		"a narrow window keeps columns together":    columnsStory,
		"a phone scrolls down only":                 phoneStory,
		"the keyboard does it all":                  keyboardStory,
		"a test mail and its explanation":           testMailStory,
		"a hostile server's words stay words":       hostileStory,
		"only looking is said, and the buttons off": lookingStory,
	} {
		t.Run(name, func(t *testing.T) {
			tab, done := chromedp.NewContext(browser)
			defer done()
			tab, cancel := context.WithTimeout(tab, 30*time.Second)
			defer cancel()
			story(person{t, tab})
		})
	}
	if *update {
		t.Run("screenshots", func(t *testing.T) {
			tab, done := chromedp.NewContext(browser)
			defer done()
			screenshots(person{t, tab})
		})
	}
}

// startBrowser starts a Chromium with nothing in it. It is gone when the test ends.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	if _, err := os.Stat(chromium); err != nil && os.Getenv("CI") != "true" {
		t.Skip("there is no Chromium here")
	}
	options := append([]chromedp.ExecAllocatorOption(nil),
		chromedp.ExecPath(chromium), chromedp.UserDataDir(t.TempDir()), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("host-resolver-rules", "MAP press-4.plant.example 127.0.0.1"), chromedp.Flag("hide-scrollbars", true),
		chromedp.WSURLReadTimeout(60*time.Second),
	)
	whole, gone := context.WithTimeout(context.Background(), 4*time.Minute)
	all, free := chromedp.NewExecAllocator(whole, options...)
	browser, stop := chromedp.NewContext(all)
	t.Cleanup(func() {
		if err := chromedp.Cancel(browser); err != nil { // closes it and waits for its process
			t.Error(err)
		}
		stop()
		free()
		gone()
	})
	if err := chromedp.Do(browser, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return browser
}

// open is a module's pages on a socket, and their address.
func open(t testing.TB, b *bench) string {
	t.Helper()
	server := httptest.NewServer(b.handler)
	t.Cleanup(server.Close)
	return server.URL
}

// person is who sits before a tab of the browser.
type person struct {
	*testing.T
	tab context.Context
}

// step is something that a person does.
type step = chromedp.Action[chromedp.Void]

func (p person) run(steps ...step) {
	p.Helper()
	if err := chromedp.Do(p.tab, steps...); err != nil {
		p.Fatal(err)
	}
}

// see is what a person looks for.
func see[T any](p person, what chromedp.Action[T]) T {
	p.Helper()
	got, err := chromedp.Run(p.tab, what)
	if err != nil {
		p.Fatal(err)
	}
	return got
}

// fill writes into a field as a person does.
func fill(id, text string) step {
	field := chromedp.CSS("#" + id)
	return chromedp.Steps(chromedp.Focus(field), chromedp.KeyEvent("a", chromedp.KeyModifiers(kb.ModifierCtrl)), chromedp.KeyEvent(kb.Backspace), chromedp.KeyEvent(text))
}

// press clicks and waits for the page that comes of it.
func (p person) press(what chromedp.CSS) {
	p.Helper()
	if _, err := chromedp.RunResponse(p.tab, chromedp.Click(what)); err != nil {
		p.Fatal(err)
	}
}

const send = "#email button[type=submit]"

// reads reports words that aren't on the page as a person reads it.
func (p person) reads(want ...string) {
	p.Helper()
	got := blanks.ReplaceAllString(see(p, chromedp.Text(chromedp.CSS("body"))), " ")
	for _, w := range want {
		if !strings.Contains(got, w) {
			p.Errorf("nobody can read %q in: %s", w, got)
		}
	}
}

// value is what stands in a field.
func (p person) value(id string) string {
	p.Helper()
	return see(p, chromedp.Value(chromedp.CSS("#"+id)))
}

func emailStory(p person) {
	email, setup := blank()
	b := newBench(p, email, setup, nil)
	at := open(p, b)
	p.run(chromedp.Navigate(at + "/"))
	p.press(`a[href="/setupsmtp.html#email-server"]`)
	p.run(fill("email-server", "192.168.0.1"), fill("email-name", "Machine A-42F"), fill("email-sender", "PLC@acme.com"),
		fill("email-cc", "supervisor@acme.com, joe@acme.com"), fill("email-timeout", "90"))
	p.press(send)
	p.reads("Written to ROM. The values in use have not changed", "Sender Name Machine A-42F -- undefined -- differs", "Port (default=25) 25 25 same")
	if rom := b.config.Store.Email(); rom.Name != "Machine A-42F" || len(rom.Cc) != 2 || rom.Timeout != 90*time.Second {
		p.Errorf("ROM has %+v", rom)
	}
	if use := b.Working(); !use.Equal(email) {
		p.Errorf("the values in use are %+v", use)
	}
	p.press("#usenow button")
	p.reads("The values in use are now those in ROM.")
	if use := b.Working(); !use.Equal(b.config.Store.Email()) {
		p.Errorf("the values in use are %+v", use)
	}
	p.run(fill("email-name", "something else"), chromedp.Click(chromedp.CSS("#email button[type=reset]")))
	if got := p.value("email-name"); got != "Machine A-42F" {
		p.Errorf("Reset leaves %q", got)
	}
	p.press("#email a.button")
	p.reads("Sender Name: Machine A-42F", "Firmware Updates: Hosteng.com")
}

func faultStory(p person) {
	email, setup := ready()
	b := newBench(p, email, setup, nil)
	p.run(chromedp.Navigate(open(p, b)+"/setupsmtp.html"), fill("email-server", "mail.example.com"), fill("email-name", "Press 4"), fill("email-cc", "a@b, c d"))
	p.press(send)
	p.reads("Nothing was written", "Error: Write an IPv4 address")
	beside := see(p, chromedp.Text(chromedp.CSS("#email-cc-error")))
	focused := see(p, chromedp.Evaluate[string]("document.activeElement.className"))
	if !strings.Contains(beside, `"c d": `) || focused != "faults" {
		p.Errorf("beside Cc stands %q; the focus is on %q", beside, focused)
	}
	if got := p.value("email-name"); got != "Press 4" {
		p.Errorf("the sender name is %q", got)
	}
	if !b.config.Store.Email().Equal(email) {
		p.Error("ROM has changed")
	}
	p.run(fill("email-server", "10.0.0.1"), fill("email-cc", "a@b.example"))
	p.press(send)
	if rom := b.config.Store.Email(); rom.Name != "Press 4" || rom.Server.String() != "10.0.0.1" {
		p.Errorf("ROM has %+v", rom)
	}
}

// resetStory: a browser's own Reset would bring back what was refused.
func resetStory(p person) {
	email, setup := ready()
	b := newBench(p, email, setup, nil)
	p.run(chromedp.Navigate(open(p, b)+"/setupsmtp.html"), fill("email-server", "mail.example.com"), fill("email-name", "Press 4"))
	p.press(send)
	p.press(`#email a.button[href="/setupsmtp.html"]`)
	if server, name := p.value("email-server"), p.value("email-name"); server != "192.168.0.1" || name != email.Name {
		p.Errorf("Reset leaves %q and %q", server, name)
	}
}

// tabsStory: ROM changes while a page is open.
func tabsStory(p person) {
	email, setup := ready()
	b := newBench(p, email, setup, nil)
	p.run(chromedp.Navigate(open(p, b)+"/setupsmtp.html"), fill("email-name", "Press 4"))
	b.post("/setupsmtp.html", "timeout", "120")
	p.press(send)
	p.reads("ROM has changed since this page was opened; Send again to overwrite it.", "Timeout (default=60 sec) 120 90 differs")
	if got := p.value("email-name"); got != "Press 4" {
		p.Errorf("what was typed is now %q", got)
	}
	p.press(send)
	p.reads("Written to ROM.")
	if rom := b.config.Store.Email(); rom.Name != "Press 4" || rom.Timeout != 90*time.Second {
		p.Errorf("ROM has %+v", rom)
	}
}

// columnsStory: no field of a peer stands alone in a line.
func columnsStory(p person) {
	email, setup := ready()
	at := open(p, newBench(p, email, setup, nil))
	for _, width := range []int64{360, 500, 620, 660, 800} {
		p.run(chromedp.EmulateViewport(width, 740), chromedp.Navigate(at+"/peers.html"))
		alone := see(p, chromedp.Evaluate[bool](`['port', 'unit'].map(x => document.getElementById('peers-peer1-' + x).getBoundingClientRect().top).reduce((a, b) => a != b)`))
		over := see(p, chromedp.Evaluate[int]("document.documentElement.scrollWidth")) - int(width)
		if alone || over > 0 {
			p.Errorf("at %d pixels: Unit alone: %v; %d pixels too wide", width, alone, over)
		}
	}
}

func scriptlessStory(p person) {
	if _, err := chromedp.Call(p.tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		p.Fatal(err)
	}
	emailStory(p)
}

// plainNameStory: on plain HTTP, by a name that isn't localhost, a browser sends no
// Sec-Fetch-Site, and Origin must do.
func plainNameStory(p person) {
	email, setup := ready()
	b := newBench(p, email, setup, func(c *pages.Config) { c.Hosts = []string{"press-4.plant.example"} })
	at := strings.Replace(open(p, b), "127.0.0.1", "press-4.plant.example", 1)
	p.run(chromedp.Navigate(at+"/setupname.html"), fill("name-name", "Ringo"))
	p.press("#name button[type=submit]")
	p.reads("Written to ROM, and in use from now on.")
	if got := b.config.Store.Setup().Name; got != "Ringo" {
		p.Errorf("the name is %q", got)
	}
}

func phoneStory(p person) {
	email, setup := ready()
	setup.Name = strings.Repeat("LongName", 20)
	b := newBench(p, email, setup, func(c *pages.Config) { c.Identity.Firmware = "4.0.2148" })
	at := open(p, b)
	b.post("/setupsmtp.html", "name", strings.Repeat("Long", 16))
	b.post("/testmail.html")
	p.run(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	for _, path := range []string{"/", "/setupsmtp.html", "/testmail.html", "/setupip.html", "/setupname.html", "/peers.html?from=8"} {
		p.run(chromedp.Navigate(at + path))
		if over := see(p, chromedp.Evaluate[int]("document.documentElement.scrollWidth - 360")); over > 0 {
			p.Errorf("%s is %d pixels too wide", path, over)
		}
	}
}

func keyboardStory(p person) {
	email, setup := ready()
	b := newBench(p, email, setup, nil)
	p.run(chromedp.Navigate(open(p, b) + "/setupsmtp.html"))
	focused := ""
	for i := range 30 {
		p.run(chromedp.KeyEvent(kb.Tab))
		if first := see(p, chromedp.Evaluate[string]("document.activeElement.className")); i == 0 && first != "skip" {
			p.Errorf("Tab goes to %q first", first)
		}
		focused = see(p, chromedp.Evaluate[string]("document.activeElement.id || document.activeElement.textContent"))
		if focused == "email-name" {
			p.run(chromedp.KeyEvent("Ringo")) // the field's text is selected by Tab
		}
		if focused == "Send" {
			break
		}
	}
	if focused != "Send" {
		p.Fatalf("Tab doesn't reach Send; it ends at %q", focused)
	}
	enter := func() {
		p.Helper()
		if _, err := chromedp.RunResponse(p.tab, chromedp.KeyEvent(kb.Enter)); err != nil {
			p.Fatal(err)
		}
	}
	enter()
	if got := b.config.Store.Email().Name; got != "Ringo" {
		p.Errorf("Enter on Send leaves %q", got)
	}
	p.run(fill("email-timeout", "120"))
	enter()
	if got := b.config.Store.Email().Timeout; got != 2*time.Minute {
		p.Errorf("Enter in a field leaves %s", got)
	}
}

func testMailStory(p person) {
	email, setup := ready()
	b := newBench(p, email, setup, nil, "mail=stall")
	p.run(chromedp.Navigate(open(p, b)+"/setupsmtp.html"), fill("testmail-to", "mark@example.com"))
	p.press("#testmail button")
	p.reads("Under way Since", "Sending MAIL FROM")
	b.pass(90 * time.Second)
	p.run(chromedp.WaitVisible(chromedp.CSS("#testmail"))) // the page looks again by itself
	p.reads("Error Code 13 (KD)", "What to do", "Recipient: mark@example.com")
}

func hostileStory(p person) {
	email, setup := ready()
	b := newBench(p, email, setup, nil, "mail="+hostileReply)
	dialogs := make(chan string, 10)
	err := chromedp.Listen(p.tab, func(event any) {
		if d, ok := event.(*page.EventJavascriptDialogOpening); ok {
			dialogs <- d.Message
		}
	})
	if err != nil {
		p.Fatal(err)
	}
	b.post("/testmail.html")
	p.run(chromedp.Navigate(open(p, b) + "/testmail.html"))
	count := see(p, chromedp.Evaluate[int]("document.querySelectorAll('script, img').length"))
	p.reads("550 <script>alert(1)</script><img src=x")
	if count != 0 || len(dialogs) != 0 {
		p.Errorf("%d elements were injected, %d dialogs opened", count, len(dialogs))
	}
}

func lookingStory(p person) {
	email, setup := ready()
	b := newBench(p, email, setup, func(c *pages.Config) { c.MayWrite = func(netip.Addr) bool { return false } })
	p.run(chromedp.Navigate(open(p, b) + "/setupsmtp.html"))
	on := see(p, chromedp.Evaluate[int]("document.querySelectorAll('button:enabled').length"))
	p.reads("write_allow in the plant file")
	if on != 0 {
		p.Errorf("%d buttons are on", on)
	}
}

// screenshots writes the pictures of the documentation.
func screenshots(p person) {
	email, setup := blank()
	b := newBench(p, email, setup, nil, "rcpt=550 5.7.1 <joe@example.com>... Relaying denied")
	at := open(p, b)
	shot := func(name string, width, height int64) {
		p.Helper()
		p.run(chromedp.EmulateViewport(width, height))
		picture := see(p, chromedp.CaptureScreenshot())
		if len(picture) > 125_000 {
			p.Errorf("%s has %d bytes", name, len(picture))
		}
		if err := os.WriteFile(filepath.Join("..", "..", "..", "docs", "img", name), picture, 0o644); err != nil {
			p.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join("..", "..", "..", "docs", "img"), 0o755); err != nil {
		p.Fatal(err)
	}
	p.run(chromedp.Navigate(at + "/"))
	shot("module.png", 800, 880)
	fields := chromedp.Steps(
		fill("email-server", "192.168.0.1"), fill("email-name", "Machine A-42F"), fill("email-sender", "plc@example.com"),
		fill("email-cc", "supervisor@example.com, joe@example.com"), fill("email-timeout", "90"),
	)
	p.run(chromedp.Navigate(at+"/setupsmtp.html"), fields, fill("email-server", "mail.example.com"), fill("email-cc", "supervisor@example.com; joe"))
	p.press(send)
	shot("email-setup-error.png", 800, 860)
	p.run(chromedp.Navigate(at+"/setupsmtp.html"), fields)
	p.press(send)
	shot("email-setup.png", 800, 1060)
	p.run(chromedp.Navigate(at + "/setupsmtp.html"))
	shot("email-setup-phone.png", 360, 740)
	p.press("#usenow button")
	p.press("#testmail button")
	shot("test-mail.png", 800, 860)
}

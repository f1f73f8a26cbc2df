package viewer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// timedOut is the second trace of seeds/000 section 10.
const timedOut = `Wed Mar 01 11:35:05 2006 192.168.12.86: EMail Trace On
Wed Mar 01 11:35:10 2006 192.168.12.86: Recipient: franji1@yahoo.com
Wed Mar 01 11:35:10 2006 192.168.12.86: Subject: Shift Report
Wed Mar 01 11:35:10 2006 192.168.12.86: Body: Widgets made = 24471
`

// pretend is a source that waits for ever.
type pretend struct {
	sent   []string
	closed int
}

func (*pretend) Name() string {
	return "Monitoring UDP port: 29298 (0x7272). Command Device: 192.168.12.86"
}

func (p *pretend) Next(ctx context.Context) ([]Entry, error) { <-ctx.Done(); return nil, ctx.Err() }

func (p *pretend) Send(command string) error                             { p.sent = append(p.sent, command); return nil }
func (p *pretend) Close() error                                          { p.closed++; return nil }
func (p *pretend) lines(text ...string) linesMsg                         { return linesMsg{from: p, entries: entries(text...)} }
func (p *pretend) watch(context.Context, string, Device) (Source, error) { return p, nil }
func (p *pretend) none(context.Context, string, Device) (Source, error) {
	return nil, errors.New("no such host")
}

func (p *pretend) devices(n int) func(context.Context) ([]Device, error) {
	return func(context.Context) ([]Device, error) {
		var list []Device
		for i := range n {
			at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), 29298)
			list = append(list, Device{Address: at, Name: fmt.Sprintf("Barry %d", i+1), Type: "H0-ECOM100"})
		}
		return list, nil
	}
}

func entries(text ...string) []Entry {
	var list []Entry
	for _, t := range text {
		list = append(list, Parse(t))
	}
	return list
}

// screen drives a model as bubbletea does.
type screen struct {
	*testing.T
	*Model
	pretend *pretend
	clock   time.Time
}

func start(t *testing.T, change func(*Config)) *screen {
	t.Helper()
	s := &screen{T: t, pretend: &pretend{}, clock: time.Date(2006, 3, 1, 10, 48, 26, 0, time.UTC)}
	c := Config{Source: s.pretend, Now: func() time.Time { return s.clock }}
	if change != nil {
		change(&c)
	}
	s.Model = New(context.Background(), c)
	s.Init()
	return s
}

// gets hands over a message and does at once what the model wants done.
func (s *screen) gets(msg tea.Msg) (quit bool) {
	s.Helper()
	_, cmd := s.Update(msg)
	switch msg.(type) {
	case linesMsg, tickMsg: // what these want waits
		return false
	}
	if cmd == nil {
		return false
	}
	switch answer := cmd().(type) {
	case tea.QuitMsg:
		return true
	case tea.BatchMsg: // the wait for lines, and the end of the trace before
		_, _ = s.Update(answer[1]())
	case nil:
	default:
		return s.gets(answer)
	}
	return false
}

// keys presses keys: names in angle brackets, and letters.
func (s *screen) keys(keys ...string) (quit bool) {
	s.Helper()
	codes := map[string]rune{
		"up": tea.KeyUp, "down": tea.KeyDown, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd,
		"enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape, "backspace": tea.KeyBackspace,
	}
	for _, k := range keys {
		if code, named := codes[k]; named {
			quit = s.gets(tea.KeyPressMsg{Code: code})
			continue
		}
		for _, r := range k {
			quit = s.gets(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
	}
	return quit
}

// text is the screen without styles.
func (s *screen) text() string { return ansi.Strip(s.View().Content) }

func (s *screen) shows(want ...string) {
	s.Helper()
	for _, w := range want {
		if !strings.Contains(s.text(), w) {
			s.Errorf("the screen doesn't show %q:\n%s", w, s.text())
		}
	}
}

func (s *screen) hides(not ...string) {
	s.Helper()
	for _, w := range not {
		if strings.Contains(s.text(), w) {
			s.Errorf("the screen shows %q:\n%s", w, s.text())
		}
	}
}

// fits holds the screen to its size.
func (s *screen) fits() {
	s.Helper()
	rows := strings.Split(s.text(), "\n")
	if len(rows) != s.height {
		s.Errorf("%d rows in a window of %d", len(rows), s.height)
	}
	for _, row := range rows {
		if ansi.StringWidth(row) > s.width {
			s.Errorf("%q is wider than %d", row, s.width)
		}
	}
}

func numbered(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("line %d.", i+1)
	}
	return list
}

func TestTheScreenExplainsTheSelectedLine(t *testing.T) {
	s := start(t, nil)
	s.gets(s.pretend.lines("Sending HELO msg", "State: 0x2 Received data: 220 hosteng.com", "State: 0x4 Received data: 550 5.1.1 no such user"))
	s.shows("Monitoring UDP port: 29298 (0x7272). Command Device: 192.168.12.86", "command> ", "3 lines, following",
		"> State: 0x4 Received data: 550", "what line 3 says", "550 5.1.1", "rows: Enter)", "q quit")
	s.fits()
	s.keys("up", "up")
	s.shows("> Sending HELO msg", "what line 1 says", "connection to the mail server stands")
	s.hides("following")
	s.keys("end")
	s.shows("following", "what line 3 says")
	s.keys("enter")
	s.shows("What to do:")
	s.fits()
}

func TestTheScreenFollowsTheTrace(t *testing.T) {
	s := start(t, nil)
	s.gets(s.pretend.lines(numbered(100)...))
	s.shows("> line 100.", "line 91.")
	s.keys("pgup", "pgup")
	s.hides("line 100.")
	s.gets(s.pretend.lines("line 101."))
	s.hides("line 101.", "following")
	s.keys("home")
	s.shows("> line 1.")
	s.keys("pgdown", "down", "up")
	s.keys("end")
	s.shows("> line 101.", "following")
	s.fits()
}

func TestAnySizeOfWindow(t *testing.T) {
	s := start(t, nil)
	s.gets(s.pretend.lines("Recipient: \u4f60\u597d\u4f60\u597d@example.com", "State: 0x4 Received data: 550 5.1.1 "+strings.Repeat("word ", 100)))
	for _, size := range [][2]int{{80, 24}, {200, 60}, {40, 12}, {20, 9}, {10, 6}, {5, 3}, {1, 1}, {80, 24}} {
		s.gets(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		s.fits()
		for _, k := range []string{"enter", "d", "esc", "?", "esc", "enter"} {
			s.keys(k)
			s.fits()
		}
	}
}

func TestTypingACommandSendsIt(t *testing.T) {
	s := start(t, nil)
	s.gets(s.pretend.lines("one", "two"))
	s.keys("up", "emailtrace")
	s.shows("command> emailtrace", "watch ADDRESS")
	if c := s.View().Cursor; c == nil || c.X != len("command> emailtrace") || c.Y != 1 {
		t.Errorf("the cursor is at %+v", c)
	}
	s.keys("enter", "tab", "EMailTrace  offx", "backspace", "enter", ":", "up", "enter", "tab", "nonsense", "esc")
	if got := strings.Join(s.pretend.sent, ", "); got != "emailtrace, emailtrace off, emailtrace off" {
		t.Errorf("sent: %s", got)
	}
	s.keys(":", "nonsense", "enter")
	s.shows("nonsense is no command")
	s.gets(s.pretend.lines("a line"))
	s.shows("> a line") // where the answer will be
	s.keys(":", "clear", "enter")
	s.shows("0 lines")
	s.hides("a line")
}

func TestHelpAndTheWaysOut(t *testing.T) {
	s := start(t, nil)
	s.keys(":", "help", "enter")
	s.shows("searches, n and N", "save FILE")
	s.keys("q")
	s.hides("searches, n and N")
	for _, way := range [][]string{{"q"}, {":", "quit", "enter"}} {
		if !s.keys(way...) {
			t.Errorf("%q doesn't quit", way)
		}
	}
	for _, before := range []string{"/", ":", "?", "d"} {
		s.keys("esc", before)
		if !s.gets(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}) {
			t.Errorf("Ctrl-C behind %s doesn't quit", before)
		}
	}
	if err := s.Close(); err != nil || s.pretend.closed != 1 {
		t.Errorf("the trace was ended %d times, %v", s.pretend.closed, err)
	}
}

func TestSearching(t *testing.T) {
	s := start(t, nil)
	s.gets(s.pretend.lines("Subject: Shift Report", "Sending DATA", "Subject: other", "Success!"))
	s.keys("/", "SUBJ")
	s.shows("/SUBJ_")
	s.keys("enter")
	s.shows(">*Subject: Shift Report", " *Subject: other", "search: subj")
	s.keys("n")
	s.shows(">*Subject: other")
	s.keys("N", "N")
	s.shows(">*Subject: other")
	s.keys("/", "zebra", "enter")
	s.shows("no line has zebra")
	s.keys("esc")
	s.hides("search:")
}

func TestPauseHoldsWhatComes(t *testing.T) {
	s := start(t, nil)
	s.gets(s.pretend.lines("one"))
	s.keys(" ")
	s.gets(s.pretend.lines("two", "three"))
	s.shows("PAUSED, 2 new", "1 lines")
	s.hides("two", "three")
	s.keys("p")
	s.shows("3 lines", "three", "following")
	s.hides("PAUSED")
}

func TestSavingTellsTheName(t *testing.T) {
	var got []string
	s := start(t, func(c *Config) {
		c.Save = func(name string, now time.Time, lines []string) (string, error) {
			got = append(got, name+": "+strings.Join(lines, "|"))
			if name == "bad" {
				return name, errors.New("no room")
			}
			return "x.log", nil
		}
	})
	s.gets(s.pretend.lines("one"))
	s.keys("p")
	s.gets(s.pretend.lines("two"))
	s.keys("s")
	s.shows("2 lines saved to x.log")
	s.keys(":", "save some file", "enter", ":", "save bad", "enter")
	s.shows("no room")
	if want := ": one|two, some file: one|two, bad: one|two"; strings.Join(got, ", ") != want {
		t.Errorf("saved %q, want %s", got, want)
	}
}

func TestAPastedTraceIsExplained(t *testing.T) {
	s := start(t, nil)
	s.gets(tea.PasteMsg{Content: strings.ReplaceAll(timedOut, "\n", "\r")})
	s.shows("4 lines pasted", "> Wed Mar 01 11:35:10 2006 192.168.12.86: Body: Widgets made = 24471", "The text of the mail")
	s.clock = s.clock.Add(silentFor)
	s.gets(tickMsg{})
	s.shows("no connection to the mail server has come about", "Error Code 11")
	s.keys(":")
	s.gets(tea.PasteMsg{Content: "emailtrace"})
	s.shows("command> emailtrace")
}

func TestAMailThatNeverConnectedIsExplainedAtTheNextOne(t *testing.T) {
	s := start(t, nil)
	s.gets(s.pretend.lines("Recipient: a@b", "Recipient: c@d", "Subject: x", "Body: y", "Recipient: a@b"))
	s.keys("up")
	s.shows("what line 4 says", "no connection to the mail server")
	s.keys("up", "up", "up")
	s.shows("what line 1 says", "A mail begins")
}

func TestTheDeviceList(t *testing.T) {
	other := &pretend{}
	s := start(t, func(c *Config) { c.Discover, c.Watch = other.devices(30), other.watch })
	s.keys("d")
	s.shows("Select Device", "> 10.0.0.1", "H0-ECOM100   Barry 1", "Enter watch")
	s.keys("end", "up", "home", "down")
	s.shows("> 10.0.0.2")
	s.fits()
	s.keys("home")
	s.shows("> 10.0.0.1:29298", "10.0.0.19:29298", "(11 more below)")
	s.hides("10.0.0.20:", "explanation")
	s.keys("end")
	s.shows("> 10.0.0.30:29298", "(11 more above)")
	s.hides("more below")
	s.keys("home", "down")
	s.keys("enter")
	if s.source != other || s.pretend.closed != 1 {
		t.Errorf("the trace before was ended %d times", s.pretend.closed)
	}
	s.gets(s.pretend.lines("of the module before"))
	s.hides("of the module before")
	s.keys(":", "watch 10.0.0.9", "enter")
	s.Watch = other.none
	s.keys(":", "watch nowhere", "enter")
	s.shows("no such host")
}

func TestWithoutAModuleTheListOpens(t *testing.T) {
	s := start(t, func(c *Config) { c.Source, c.Discover = nil, (&pretend{}).devices(0) })
	s.shows("Monitoring no module yet", "Select Device", "Looking for modules")
	s.gets(s.discoverNow())
	s.shows("No module has answered")
	s.keys("esc", "emailtrace", "enter")
	s.shows("no module is being watched")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func (s *screen) discoverNow() tea.Msg {
	list, err := s.Discover(context.Background())
	return devicesMsg{list, err}
}

func TestWithoutASearch(t *testing.T) {
	s := start(t, func(c *Config) { c.Source = nil })
	s.shows("There is no search for modules yet")
}

func TestASilentModuleIsToldAndWaitedFor(t *testing.T) {
	s := start(t, nil)
	_, cmd := s.Update(linesMsg{from: s.pretend, err: ErrSilent})
	if cmd == nil {
		t.Error("nobody waits for its lines any more")
	}
	s.shows("no answer: check the address", "firewall")
	_, cmd = s.Update(linesMsg{from: s.pretend, err: io.EOF})
	if cmd != nil {
		t.Error("the end is waited for")
	}
	s.shows("that was all", "ended")
}

func TestTheLogIsBounded(t *testing.T) {
	s := start(t, nil)
	s.gets(s.pretend.lines(numbered(MaxEntries)...))
	s.keys("home", "down", "down")
	s.gets(s.pretend.lines("one more", "and another"))
	s.shows("10000 lines (2 older ones gone)", "> line 3.", "what line 3 says")
	s.gets(s.pretend.lines(numbered(10)...))
	s.shows("> line 13.")
	s.keys("end")
	s.shows("> line 10.")
	if s.log.Len() != MaxEntries || s.log.Dropped() != 12 {
		t.Errorf("%d lines, %d gone", s.log.Len(), s.log.Dropped())
	}
}

func TestNothingUnprintableIsShown(t *testing.T) {
	s := start(t, func(c *Config) {
		c.Discover = func(context.Context) ([]Device, error) {
			return []Device{{Name: "\x1b]0;name\x07", Type: "\x9b2J"}}, errors.New("\x1b[2J")
		}
	})
	s.gets(s.pretend.lines("Subject: \x1b[31mred", "550 \x1b[2J"))
	s.gets(tea.PasteMsg{Content: "\x1b[2J\n\x07\n"})
	for _, k := range []string{"esc", "d"} {
		s.keys(k)
		if got := strings.NewReplacer(bold, "", reverse, "", plain, "").Replace(s.View().Content); strings.ContainsAny(got, "\x1b\x07\u009b") {
			t.Errorf("the screen has %q", got)
		}
	}
}

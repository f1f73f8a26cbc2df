package viewer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

const (
	silentFor      = 10 * time.Second // after which a trace that stands still is explained
	discoverWithin = 10 * time.Second
	maxDevices     = 1000
)

// Device is a module that was found on the network.
type Device struct {
	Address netip.AddrPort // of its trace
	Name    string         // as its owner called it; may be empty
	Type    string         // such as H0-ECOM100; may be empty
	MAC     string         // its Ethernet address, which stands for a name that it hasn't
	IP      netip.Addr     // what it says of itself; the zero Addr where it doesn't
	// Unsure is a module that doesn't say the port of its trace, where another module
	// of the list may have the usual one at this address.
	Unsure bool
}

// Config is what the screen can do beyond itself. A nil function says so when it
// is asked for.
type Config struct {
	Source   Source                                                                  // what is watched first; nil opens the device list
	Watch    func(ctx context.Context, address string, found Device) (Source, error) // found is zero where the address was typed
	Discover func(ctx context.Context) ([]Device, error)
	Save     func(name string, now time.Time, lines []string) (string, error)
	Now      func() time.Time
}

// focus is what the keys go to.
type focus uint8

const (
	onLog focus = iota
	onCommand
	onSearch
	onDevices
	onHelp
)

// Model is the screen, as bubbletea runs it.
type Model struct {
	Config
	ctx context.Context // of what the screen has others do

	width, height int
	focus         focus
	now           time.Time
	status        string

	source Source
	ended  bool      // no more lines will come of it
	lastAt time.Time // when the last line came

	log      Log
	held     Log // what came while paused
	paused   bool
	follow   bool
	selected int
	top      int  // the first line on the screen
	large    bool // the explanation

	input, last string // the command line or the search, and the last command
	query       string // in lower case

	devices   []Device
	device    int
	searching bool
}

var _ tea.Model = (*Model)(nil)

// New makes a screen; ctx bounds what it has others do. Whoever runs it closes it.
func New(ctx context.Context, c Config) *Model {
	m := &Model{Config: c, ctx: ctx, width: 80, height: 24, now: c.Now(), source: c.Source, follow: true}
	m.lastAt = m.now
	return m
}

// Close ends the trace that is being watched.
func (m *Model) Close() error {
	if m.source == nil {
		return nil
	}
	return m.source.Close()
}

// What comes of what the screen had others do.
type (
	linesMsg struct {
		from    Source
		entries []Entry
		err     error
	}
	openedMsg struct {
		source Source
		err    error
	}
	devicesMsg struct {
		list []Device
		err  error
	}
	doneMsg struct { // something to tell
		text string
		err  error
	}
	tickMsg struct{}
)

// Init starts the trace, or the search for devices.
func (m *Model) Init() tea.Cmd {
	if m.source == nil {
		return tea.Batch(m.discover(), tick())
	}
	return tea.Batch(m.next(), tick())
}

func tick() tea.Cmd { return tea.Tick(time.Second, func(time.Time) tea.Msg { return tickMsg{} }) }

// next waits for the source's next lines.
func (m *Model) next() tea.Cmd {
	ctx, from := m.ctx, m.source
	return func() tea.Msg {
		entries, err := from.Next(ctx)
		return linesMsg{from, entries, err}
	}
}

// Update takes in a message.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.now = m.Now()
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = max(1, msg.Width), max(1, msg.Height)
	case tea.KeyPressMsg:
		return m, m.key(msg)
	case tea.PasteMsg:
		m.paste(msg.Content)
	case linesMsg:
		return m, m.lines(msg)
	case openedMsg:
		return m, m.opened(msg)
	case devicesMsg:
		m.found(msg)
	case doneMsg:
		m.tell(msg)
	case tickMsg:
		return m, tick()
	}
	return m, nil
}

// lines takes in lines of the source that is being watched.
func (m *Model) lines(msg linesMsg) tea.Cmd {
	if msg.from != m.source {
		return nil
	}
	m.add(msg.entries)
	if len(msg.entries) > 0 && m.status == ErrSilent.Error() {
		m.status = ""
	}
	switch {
	case msg.err == nil:
		return m.next()
	case errors.Is(msg.err, ErrSilent), errors.Is(msg.err, ErrFull):
		m.status = msg.err.Error()
		return m.next()
	case errors.Is(msg.err, io.EOF):
		m.ended, m.status = true, "that was all; q quits"
	case m.ctx.Err() == nil:
		m.ended, m.status = true, msg.err.Error()
	}
	return nil
}

// add puts lines into the log, or aside while paused.
func (m *Model) add(entries []Entry) {
	for _, e := range entries {
		m.lastAt = m.now
		if m.paused {
			m.held.Add(e)
			continue
		}
		if m.log.Add(e) && !m.follow {
			m.selected, m.top = max(0, m.selected-1), max(0, m.top-1)
		}
	}
	if m.follow {
		m.selected = max(0, m.log.Len()-1)
	}
}

// paste takes in what was pasted: into the line that is being typed, or else, and
// where it is several lines, into the log.
func (m *Model) paste(text string) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	if (m.focus == onCommand || m.focus == onSearch) && !strings.Contains(text, "\n") {
		m.typed(text)
		return
	}
	var split splitter
	entries := append(split.feed([]byte(text)), split.rest()...)
	m.focus = onLog
	m.add(entries)
	m.status = fmt.Sprintf("%d lines pasted", len(entries))
}

// typed puts text into the line that is being typed.
func (m *Model) typed(text string) {
	if len(m.input)+len(text) <= maxInput {
		m.input += smtpwire.Printable(text)
	}
}

// maxInput bounds a line that is being typed, in bytes.
const maxInput = 2048

// pause stops the log or lets in what has come since.
func (m *Model) pause() {
	m.paused = !m.paused
	if m.paused {
		return
	}
	held := m.held
	m.held = Log{}
	last := m.lastAt
	for i := range held.Len() {
		m.add([]Entry{held.At(i)})
	}
	m.lastAt = last
}

// watch changes to another module.
func (m *Model) watch(address string, found Device) tea.Cmd {
	m.focus = onLog
	if m.Watch == nil {
		m.status = "no other module can be watched here"
		return nil
	}
	m.status = "turning the trace of " + address + " on"
	ctx, watch := m.ctx, m.Watch
	return func() tea.Msg {
		source, err := watch(ctx, address, found)
		return openedMsg{source, err}
	}
}

// opened takes in the module that was changed to, and ends the one before.
func (m *Model) opened(msg openedMsg) tea.Cmd {
	if msg.err != nil {
		m.status = msg.err.Error()
		return nil
	}
	before := m.source
	m.source, m.ended, m.status, m.lastAt = msg.source, false, "", m.now
	return tea.Batch(m.next(), func() tea.Msg {
		if before == nil {
			return nil
		}
		return doneMsg{"", before.Close()}
	})
}

// discover opens the device list and looks for devices.
func (m *Model) discover() tea.Cmd {
	m.focus = onDevices
	if m.Discover == nil || m.searching {
		return nil
	}
	m.searching = true
	ctx, discover := m.ctx, m.Discover
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, discoverWithin)
		defer cancel()
		list, err := discover(ctx)
		return devicesMsg{list, err}
	}
}

func (m *Model) found(msg devicesMsg) {
	m.searching = false
	m.devices = msg.list[:min(len(msg.list), maxDevices)]
	m.device = min(m.device, max(0, len(m.devices)-1))
	if msg.err != nil {
		m.status = "looking for modules: " + msg.err.Error()
	}
}

// save writes the log, with what is held.
func (m *Model) save(name string) tea.Cmd {
	if m.Save == nil {
		m.status = "nothing can be saved here"
		return nil
	}
	lines, now, save := append(m.log.Lines(), m.held.Lines()...), m.now, m.Save
	return func() tea.Msg {
		name, err := save(name, now, lines)
		return doneMsg{fmt.Sprintf("%d lines saved to %s", len(lines), name), err}
	}
}

// send sends a command to the module, and follows the log to see its answer.
func (m *Model) send(command string) tea.Cmd {
	source := m.source
	if source == nil {
		m.status = "no module is being watched: choose one with d, or type watch ADDRESS"
		return nil
	}
	m.move("end")
	return func() tea.Msg { return doneMsg{"", source.Send(command)} }
}

func (m *Model) tell(msg doneMsg) {
	switch {
	case msg.err != nil:
		m.status = msg.err.Error()
	case msg.text != "":
		m.status = msg.text
	}
}

// explanation is what the pane says of the selected line.
func (m *Model) explanation() []string {
	if m.log.Len() == 0 {
		return nil
	}
	x := reply.Explainer{Now: m.now}
	e := m.log.At(m.selected)
	if m.stalled(e) {
		if lines := Stalled(x, e); lines != nil {
			return lines
		}
	}
	return m.log.Explain(x, m.selected)
}

// stalled tells whether nothing came behind the selected line that belongs to it.
func (m *Model) stalled(e Entry) bool {
	if next, ok := m.log.after(m.selected); ok {
		return begins(next.Text, e.Text)
	}
	isLast := m.selected == m.log.Len()-1 && m.held.Len() == 0
	return isLast && (m.ended || m.now.Sub(m.lastAt) >= silentFor)
}

package viewer

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/rungmail/rungmail/internal/ecom/trace"
)

// key takes in a key, by what has the focus.
func (m *Model) key(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "ctrl+c":
		return tea.Quit
	case "ctrl+z":
		return tea.Suspend
	}
	m.status = ""
	switch m.focus {
	case onCommand, onSearch:
		return m.typing(k)
	case onDevices:
		return m.devicesKey(k)
	case onHelp:
		m.focus = onLog
		return nil
	}
	return m.logKey(k)
}

// logKey takes in a key on the log. A letter that means nothing here begins a
// command, so that one can just type emailtrace.
func (m *Model) logKey(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "q":
		return tea.Quit
	case "d":
		return m.discover()
	case "s":
		return m.save("")
	case "space", "p":
		m.pause()
	case "n":
		m.find(+1)
	case "N":
		m.find(-1)
	case "/":
		m.focus, m.input = onSearch, ""
	case "tab", ":":
		m.focus, m.input = onCommand, ""
	case "?":
		m.focus = onHelp
	case "enter":
		m.large = !m.large
	case "esc":
		m.query, m.large = "", false
	default:
		if !m.move(k.String()) && k.Text != "" {
			m.focus, m.input = onCommand, ""
			m.typed(k.Text)
		}
	}
	return nil
}

// move moves the selection and tells whether the key does that. At the last line
// the log is followed.
func (m *Model) move(key string) bool {
	page := max(1, m.layout().log-1)
	last := max(0, m.log.Len()-1)
	switch key {
	case "up":
		m.selected--
	case "down":
		m.selected++
	case "pgup":
		m.selected -= page
	case "pgdown":
		m.selected += page
	case "home":
		m.selected = 0
	case "end":
		m.selected = last
	default:
		return false
	}
	m.selected = min(max(0, m.selected), last)
	m.follow = m.selected == last && key != "up" && key != "pgup" && key != "home"
	return true
}

// typing takes in a key on the command line or the search.
func (m *Model) typing(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc", "tab":
		m.focus, m.input = onLog, ""
	case "backspace":
		_, size := utf8.DecodeLastRuneInString(m.input)
		m.input = m.input[:len(m.input)-size]
	case "ctrl+u":
		m.input = ""
	case "up":
		if m.focus == onCommand && m.last != "" {
			m.input = m.last
		}
	case "enter":
		return m.entered()
	default:
		m.typed(k.Text)
	}
	return nil
}

// entered does what was typed.
func (m *Model) entered() tea.Cmd {
	typed, was := strings.TrimSpace(m.input), m.focus
	m.focus, m.input = onLog, ""
	if was == onSearch {
		m.query = strings.ToLower(typed)
		m.find(+1)
		return nil
	}
	if typed == "" {
		return nil
	}
	if e := Parse(typed); isTrace(e) { // a terminal without bracketed paste types what is pasted
		m.add([]Entry{e})
		m.status = "that was a line of a trace: it went into the log"
		return nil
	}
	m.last = typed
	return m.command(typed)
}

// command does a command.
func (m *Model) command(typed string) tea.Cmd {
	name, argument, _ := strings.Cut(typed, " ")
	argument = strings.TrimSpace(argument)
	switch whole := strings.ToLower(strings.Join(strings.Fields(typed), " ")); {
	case whole == trace.Toggle, whole == trace.TurnOn, whole == trace.TurnOff:
		return m.send(whole)
	case whole == "clear":
		m.log, m.held, m.selected, m.top, m.follow = Log{}, Log{}, 0, 0, true
	case strings.EqualFold(name, "save"):
		return m.save(argument)
	case strings.EqualFold(name, "watch") && argument != "":
		return m.watch(argument, Device{})
	case whole == "help":
		m.focus = onHelp
	case whole == "quit", whole == "exit":
		return tea.Quit
	default:
		m.status = typed + " is no command: type emailtrace, clear, save FILE, watch ADDRESS, help or quit"
	}
	return nil
}

// find selects the next line that has what is searched for, forward or back, and
// goes round at the end.
func (m *Model) find(step int) {
	n := m.log.Len()
	if m.query == "" || n == 0 {
		m.status = "nothing to search for: type / and a text"
		return
	}
	for i := 1; i <= n; i++ {
		if at := ((m.selected+i*step)%n + n) % n; m.matches(at) {
			m.selected, m.follow = at, false
			return
		}
	}
	m.status = "no line has " + m.query
}

func (m *Model) matches(i int) bool {
	return m.query != "" && strings.Contains(strings.ToLower(m.log.At(i).String()), m.query)
}

// devicesKey takes in a key on the device list.
func (m *Model) devicesKey(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "q":
		return tea.Quit
	case "esc":
		m.focus = onLog
	case "d", "r":
		return m.discover()
	case "tab", ":":
		m.focus, m.input = onCommand, ""
	case "up":
		m.device = max(0, m.device-1)
	case "down":
		m.device = min(max(0, len(m.devices)-1), m.device+1)
	case "home":
		m.device = 0
	case "end":
		m.device = max(0, len(m.devices)-1)
	case "enter":
		if m.device < len(m.devices) {
			return m.watch(m.devices[m.device].Address.String(), m.devices[m.device])
		}
	default:
		if k.Text != "" {
			m.focus, m.input = onCommand, ""
			m.typed(k.Text)
		}
	}
	return nil
}

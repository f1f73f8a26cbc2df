package viewer

import (
	"cmp"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/rungmail/rungmail/internal/smtpwire"
)

// Styles add to what signs say already: nothing is told by colour or weight alone.
const (
	bold    = "\x1b[1m"
	reverse = "\x1b[7m"
	plain   = "\x1b[m"
)

const prompt = "command> "

// layout is how many rows the log and the explanation have.
type layout struct{ log, pane int }

// layout shares the rows out that title, command line, two rules and the status
// line leave; a window that is very low has no explanation.
func (m *Model) layout() layout {
	free := m.height - 5
	switch {
	case free < 4:
		return layout{log: max(1, m.height-4)}
	case m.large:
		return layout{log: 3, pane: free - 3}
	}
	pane := min(12, max(1, free*2/5+1))
	return layout{log: free - pane, pane: pane}
}

// whole is the rows of log and explanation with the rule between them.
func (l layout) whole() int {
	if l.pane == 0 {
		return l.log
	}
	return l.log + 1 + l.pane
}

// View draws the screen.
func (m *Model) View() tea.View {
	l := m.layout()
	rows := []string{m.styled(bold, m.name()), m.plain(m.commandLine()), m.rule(m.above())}
	switch m.focus {
	case onDevices:
		rows = append(rows, m.deviceRows(l.whole())...)
	case onHelp:
		rows = append(rows, m.textRows(helpText, l.whole())...)
	default:
		rows = append(rows, m.logRows(l.log)...)
	}
	if l.pane > 0 && m.focus != onHelp && m.focus != onDevices {
		rows = append(rows, m.rule(m.below()))
		rows = append(rows, m.textRows(m.paneText(), l.pane)...)
	}
	for len(rows) < m.height-1 {
		rows = append(rows, "")
	}
	rows = append(rows[:max(0, m.height-1)], m.plain(m.bottom()))
	v := tea.NewView(strings.Join(rows, "\n"))
	v.AltScreen = true
	v.WindowTitle = "rungmail viewer"
	if m.focus == onCommand {
		v.Cursor = tea.NewCursor(min(m.width-1, ansi.StringWidth(prompt+m.input)), 1)
	}
	return v
}

func (m *Model) name() string {
	if m.source == nil {
		return "Monitoring no module yet"
	}
	return m.source.Name()
}

func (m *Model) commandLine() string {
	if m.focus == onCommand {
		return prompt + m.input
	}
	return prompt
}

// above is the head of the log.
func (m *Model) above() string {
	switch m.focus {
	case onDevices:
		return "Select Device"
	case onHelp:
		return "help; any key goes back"
	}
	head := fmt.Sprintf("trace: %d lines", m.log.Len())
	if n := m.log.Dropped(); n > 0 {
		head += fmt.Sprintf(" (%d older ones gone)", n)
	}
	switch {
	case m.paused:
		head += fmt.Sprintf(", PAUSED, %d new", m.held.Len()+m.held.Dropped())
	case m.ended:
		head += ", ended"
	case m.follow:
		head += ", following"
	}
	if m.query != "" {
		head += ", search: " + m.query + " (*)"
	}
	return head
}

// below is the head of the explanation.
func (m *Model) below() string {
	if m.log.Len() == 0 {
		return "explanation"
	}
	return fmt.Sprintf("what line %d says", m.selected+1+m.log.Dropped())
}

// bottom is the status, or the keys.
func (m *Model) bottom() string {
	switch {
	case m.focus == onSearch:
		return "/" + m.input + "_"
	case m.status != "" && !m.spelledOut():
		return m.status
	case m.focus == onDevices:
		return "Up Down choose  Enter watch  r search again  Esc back  : command  q quit"
	case m.focus == onCommand:
		return "emailtrace  clear  save FILE  watch ADDRESS  help  quit    Esc back"
	}
	return "q quit  : command  d devices  / search  p pause  s save  Enter larger  ? help"
}

// spelledOut tells whether the status is too long for its row and stands in full
// above it.
func (m *Model) spelledOut() bool {
	return ansi.StringWidth(m.status) > m.width && m.focus != onHelp && m.layout().pane > 0
}

// logRows is the part of the log with the selected line in it.
func (m *Model) logRows(rows int) []string {
	if m.log.Len() == 0 {
		return m.textRows([]string{"No lines yet. They come with the next mail of the module; or paste a trace here."}, rows)
	}
	m.top = min(m.top, m.selected)
	m.top = max(m.top, m.selected-rows+1)
	m.top = max(0, min(m.top, m.log.Len()-rows))
	var out []string
	for i := m.top; i < m.log.Len() && len(out) < rows; i++ {
		line := m.mark(i) + m.log.At(i).String()
		if i == m.selected {
			out = append(out, m.styled(reverse, ">"+line))
		} else {
			out = append(out, m.plain(" "+line))
		}
	}
	return pad(out, rows)
}

func (m *Model) mark(i int) string {
	if m.matches(i) {
		return "*"
	}
	return " "
}

// deviceRows is the device list, or what stands for it, above a status that is too
// long for its row.
func (m *Model) deviceRows(rows int) []string {
	var note []string
	if m.spelledOut() {
		note = m.wrap([]string{m.status})
		note = note[:min(len(note), rows/2)]
	}
	rows -= len(note)
	switch {
	case m.searching:
		return append(m.textRows([]string{"Looking for modules on the network ..."}, rows), note...)
	case m.Discover == nil:
		return append(m.textRows([]string{"There is no search for modules yet. Type watch and the module's address, such as watch 192.168.12.86; its own web page or NetEdit tells it."}, rows), note...)
	case len(m.devices) == 0:
		return append(m.textRows([]string{"No module has answered. It may be in another network, which a search doesn't reach: type watch and its address, such as watch 192.168.12.86."}, rows), note...)
	}
	return append(m.listRows(rows), note...)
}

// listRows is the part of the device list with the chosen one in it. A list that is
// longer says so in the last row.
func (m *Model) listRows(rows int) []string {
	shown := rows
	if len(m.devices) > rows {
		shown = max(1, rows-1)
	}
	first := max(0, m.device-shown+1)
	var out []string
	for i := first; i < len(m.devices) && len(out) < shown; i++ {
		if line := deviceLine(m.devices[i]); i == m.device {
			out = append(out, m.styled(reverse, "> "+line))
		} else {
			out = append(out, m.plain("  "+line))
		}
	}
	if more := len(m.devices) - first - shown; more > 0 {
		out = append(out, m.plain(fmt.Sprintf("(%d more below)", more)))
	} else if first > 0 {
		out = append(out, m.plain(fmt.Sprintf("(%d more above)", first)))
	}
	return pad(out, rows)
}

func deviceLine(d Device) string {
	name := cmp.Or(d.Name, d.MAC)
	if d.Unsure {
		name += "  (shares its address; which port is its trace's isn't known)"
	}
	return strings.TrimSpace(fmt.Sprintf("%-21s %-12s %s", d.Address, d.Type, name))
}

// paneText is what the selected line means; before that the whole of the line, and
// of the status, where it is too long for its row.
func (m *Model) paneText() []string {
	var lines []string
	if m.spelledOut() {
		lines = append(lines, m.status)
	}
	if m.log.Len() == 0 {
		return lines
	}
	lines = append(lines, m.explanation()...)
	if line := m.log.At(m.selected); ansi.StringWidth(line.String())+2 > m.width {
		lines = append([]string{line.Text}, lines...)
	}
	return lines
}

// textRows wraps text into rows. What doesn't fit is told in the last one.
func (m *Model) textRows(text []string, rows int) []string {
	out := m.wrap(text)
	if len(out) > rows && rows > 0 {
		out = append(out[:rows-1], m.plain(fmt.Sprintf("(%d more rows: Enter)", len(out)-rows+1)))
	}
	return pad(out, rows)
}

// wrap breaks text into as many rows as it takes.
func (m *Model) wrap(text []string) []string {
	var out []string
	for _, line := range text {
		words := strings.TrimLeft(line, " ")
		indent := line[:len(line)-len(words)]
		wrapped := ansi.Wrap(smtpwire.Printable(words), max(1, m.width-len(indent)-1), "")
		for part := range strings.SplitSeq(wrapped, "\n") {
			out = append(out, m.plain(indent+part))
		}
	}
	return out
}

func (m *Model) rule(head string) string {
	return m.plain("-- " + head + " " + strings.Repeat("-", m.width))
}

// plain cuts text to the screen's width.
func (m *Model) plain(text string) string {
	return ansi.Truncate(smtpwire.Printable(text), m.width, "")
}

func (m *Model) styled(style, text string) string { return style + m.plain(text) + plain }

// pad fills up to so many rows.
func pad(rows []string, n int) []string {
	for len(rows) < n {
		rows = append(rows, "")
	}
	return rows[:n]
}

var helpText = []string{
	"Keys: Up Down PgUp PgDn Home choose a line, End follows the log. Enter makes the explanation larger.",
	"  p or the space bar pauses, / searches, n and N go on and back, s saves the log to a new file.",
	"  d lists the modules on the network, q quits. Pasted lines are put into the log and explained.",
	"Commands, behind : or Tab:",
	"  emailtrace      turns the module's trace on, or off; so do emailtrace on and off",
	"  clear           empties the log",
	"  save FILE       saves the log to a file that isn't there yet",
	"  watch ADDRESS   watches another module",
	"  help, quit",
	"A > stands before the selected line, a * before one that has what is searched for.",
}

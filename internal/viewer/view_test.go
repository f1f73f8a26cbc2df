package viewer

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// TestTheListSaysWhichModulesCantBeToldApart and has the Ethernet address for one
// without a name.
func TestTheListSaysWhichModulesCantBeToldApart(t *testing.T) {
	at := netip.MustParseAddrPort("10.0.0.1:29298")
	chosen := Device{}
	s := start(t, func(c *Config) {
		c.Discover = func(context.Context) ([]Device, error) {
			return []Device{{Address: at, Name: "Barry", Unsure: true}, {Address: at, Name: "Stig", Unsure: true}, {Address: netip.AddrPortFrom(at.Addr(), 29299), MAC: "00:E0:62:20:41:86"}}, nil
		}
		c.Watch = func(_ context.Context, _ string, d Device) (Source, error) {
			chosen = d
			return nil, errors.New("none")
		}
	})
	s.gets(tea.WindowSizeMsg{Width: 120, Height: 24})
	s.keys("d")
	s.shows("Barry  (shares its address", "Stig  (shares its address", "10.0.0.1:29299 ", " 00:E0:62:20:41:86\n")
	s.keys("end", "enter")
	if chosen.MAC != "00:E0:62:20:41:86" {
		t.Errorf("%+v was to be watched", chosen)
	}
}

// TestAPasteThatArrivesAsKeys: a terminal without bracketed paste types it.
func TestAPasteThatArrivesAsKeys(t *testing.T) {
	s := start(t, nil)
	for line := range strings.Lines(timedOut) {
		s.keys(strings.TrimSpace(line), "enter")
	}
	s.shows("trace: 4 lines", "> Wed Mar 01 11:35:10 2006 192.168.12.86: Body: Widgets made = 24471", "The text of the mail")
	s.keys("State: 0x4 Received data: 550 "+strings.Repeat("x", 1400), "enter", "Sending DATA", "enter", "Success!", "enter")
	s.shows("trace: 7 lines")
	if got := len(s.log.At(4).Text); got != 1430 {
		t.Errorf("a long line has %d bytes", got)
	}
	s.keys("emailtrace", "enter", ":", "nonsense", "enter")
	s.shows("trace: 7 lines", "nonsense is no command")
	if got := strings.Join(s.pretend.sent, ", "); got != "emailtrace" {
		t.Errorf("sent: %s", got)
	}
}

func TestAnErrorPointsAtItsReply(t *testing.T) {
	s := start(t, nil)
	s.gets(s.pretend.lines("Recipient: a@b", "State: 0x4 Received data: 550 5.7.1 relaying denied", "Error: 550"))
	s.shows("what line 3 says", "see line 2", "550 5.7.1")
}

func TestALongStatusStandsThereOnce(t *testing.T) {
	s := start(t, func(c *Config) { c.Discover = (&pretend{}).devices(30) })
	_, _ = s.Update(linesMsg{from: s.pretend, err: ErrSilent})
	for _, size := range [][2]int{{80, 24}, {80, 5}, {300, 24}} {
		s.gets(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		for _, focus := range []focus{onLog, onCommand, onDevices, onHelp} {
			s.focus = focus
			if n := strings.Count(s.text(), "no answer"); n != 1 {
				t.Errorf("%v: it stands there %d times:\n%s", size, n, s.text())
			}
			s.fits()
		}
	}
	s.focus = onLog
	s.gets(s.pretend.lines("EMail Trace On"))
	s.hides("no answer")
}

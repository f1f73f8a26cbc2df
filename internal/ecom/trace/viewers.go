package trace

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Port is the UDP port of a module's trace, 0x7272 (seeds/000 section 10).
const Port = 29298

// The bounds of a table of viewers.
const (
	MaxViewers = 8
	ViewFor    = 12 * time.Hour // without a word from it, a viewer is gone after that

	// A viewer that has kept silent for so long makes room where there is no other
	// place: one that said on says it again and again, one that toggled never does.
	silentOn      = 2 * time.Minute
	silentToggled = time.Hour
)

// What a viewer asks. The original knows the first only, which toggles; on and
// off are ours and may come again and again.
const (
	Toggle  = "emailtrace"
	TurnOn  = "emailtrace on"
	TurnOff = "emailtrace off"
)

// What a viewer is answered, word for word the original's. The answer to a viewer
// that finds no place begins with Off, says why, and is ours.
const (
	On  = "EMail Trace On"
	Off = "EMail Trace Off"
)

// maxCommand bounds a command in bytes; what is longer is none.
const maxCommand = 64

// Viewers is the table of those who watch a module's trace. It owns no socket and
// no clock. The zero value is ready.
type Viewers struct {
	// ReplyPort, unless 0, is the port at a viewer's address that gets answers and
	// lines, whatever port it asked from: some viewers listen on 29298 only.
	ReplyPort uint16

	list []viewer // in the order in which they came
}

type viewer struct {
	at      netip.AddrPort // where its lines go, which is what it is known by
	heard   time.Time      // its last word
	toggled bool           // as an original does
}

// spare tells whether a viewer makes room for another.
func (w viewer) spare(now time.Time) bool {
	if w.toggled {
		return now.Sub(w.heard) >= silentToggled
	}
	return now.Sub(w.heard) >= silentOn
}

// Datagram is a text on its way to a viewer.
type Datagram struct {
	To   netip.AddrPort
	Text string
}

// Ask takes in what a datagram asks, and gives the answer; false where there is
// none. No answer is longer than 41 bytes, and what isn't a command gets none.
func (v *Viewers) Ask(now time.Time, from netip.AddrPort, datagram []byte) (Datagram, bool) {
	asked := command(datagram)
	if asked == "" || !unicast(from) {
		return Datagram{}, false
	}
	v.expire(now)
	at := netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	if v.ReplyPort != 0 {
		at = netip.AddrPortFrom(at.Addr(), v.ReplyPort)
	}
	i := slices.IndexFunc(v.list, func(w viewer) bool { return w.at == at })
	switch {
	case i >= 0 && asked == TurnOn:
		v.list[i].heard, v.list[i].toggled = now, false
	case i >= 0:
		v.list = slices.Delete(v.list, i, i+1)
		return Datagram{at, Off}, true
	case asked == TurnOff:
		return Datagram{at, Off}, true
	case !v.room(now):
		return Datagram{at, fmt.Sprintf("%s: %d viewers are on already", Off, MaxViewers)}, true
	default:
		v.list = append(v.list, viewer{at, now, asked == Toggle})
	}
	return Datagram{at, On}, true
}

// room makes room for one more viewer, at the cost of who may be gone; false where
// all are there.
func (v *Viewers) room(now time.Time) bool {
	if len(v.list) < MaxViewers {
		return true
	}
	i := slices.IndexFunc(v.list, func(w viewer) bool { return w.spare(now) })
	if i < 0 {
		return false
	}
	v.list = slices.Delete(v.list, i, i+1)
	return true
}

// At is where the lines go, in the order in which the viewers came.
func (v *Viewers) At(now time.Time) []netip.AddrPort {
	v.expire(now)
	list := make([]netip.AddrPort, 0, len(v.list))
	for _, w := range v.list {
		list = append(list, w.at)
	}
	return list
}

// Count is the number of viewers.
func (v *Viewers) Count(now time.Time) int {
	v.expire(now)
	return len(v.list)
}

// Gone takes a viewer out, as when its port was reported unreachable.
func (v *Viewers) Gone(at netip.AddrPort) {
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	v.list = slices.DeleteFunc(v.list, func(w viewer) bool { return w.at == at })
}

func (v *Viewers) expire(now time.Time) {
	v.list = slices.DeleteFunc(v.list, func(w viewer) bool { return now.Sub(w.heard) >= ViewFor })
}

// command reads a datagram as one of the commands; "" for anything else. Case and
// the blanks, NULs and line ends around it don't count.
func command(datagram []byte) string {
	if len(datagram) > maxCommand {
		return ""
	}
	words := strings.Fields(strings.ToLower(strings.Trim(string(datagram), "\x00\r\n\t ")))
	switch asked := strings.Join(words, " "); asked {
	case Toggle, TurnOn, TurnOff:
		return asked
	}
	return ""
}

// unicast tells whether one host can be answered there: a source that is many, or
// none, is a forged one.
func unicast(from netip.AddrPort) bool {
	a := from.Addr().Unmap()
	everyone := netip.AddrFrom4([4]byte{255, 255, 255, 255})
	return a.IsValid() && from.Port() != 0 && !a.IsUnspecified() && !a.IsMulticast() && a != everyone
}

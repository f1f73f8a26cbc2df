package trace

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// table is a table with a clock.
type table struct {
	*testing.T
	Viewers
	now time.Time
}

func newTable(t *testing.T) *table {
	t.Helper()
	return &table{T: t, now: time.Date(2006, 3, 1, 10, 48, 26, 0, time.UTC)}
}

// asks has somebody ask, and wants an answer; "" is none.
func (t *table) asks(from, what, want string) {
	t.Helper()
	d, ok := t.Ask(t.now, netip.MustParseAddrPort(from), []byte(what))
	if d.Text != want || ok != (want != "") {
		t.Errorf("%s asks %q and hears %q, %v; want %q", from, what, d.Text, ok, want)
	}
}

// watching wants those who watch.
func (t *table) watching(want ...string) {
	t.Helper()
	got := []string{}
	for _, at := range t.At(t.now) {
		got = append(got, at.String())
	}
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		t.Errorf("who watches (-want +got):\n%s", diff)
	}
}

func TestTheCommandTogglesForItsAskerOnly(t *testing.T) {
	v := newTable(t)
	v.asks("192.168.0.5:1025", "emailtrace", On)
	v.asks("192.168.0.5:1026", "emailtrace", On)
	v.asks("192.168.0.5:1025", "emailtrace", Off)
	v.watching("192.168.0.5:1026")
	v.asks("192.168.0.5:1025", "emailtrace", On)
	v.watching("192.168.0.5:1026", "192.168.0.5:1025")
}

func TestOnAndOffMayComeAgainAndAgain(t *testing.T) {
	v := newTable(t)
	for range 3 {
		v.asks("10.0.0.1:9", "emailtrace on", On)
		v.watching("10.0.0.1:9")
	}
	for range 3 {
		v.asks("10.0.0.1:9", "emailtrace off", Off)
		v.watching()
	}
}

func TestHowTheCommandIsWritten(t *testing.T) {
	v := newTable(t)
	for _, on := range []string{"EMailTrace", " emailtrace\r\n", "emailtrace\x00\x00", "EMAILTRACE ON\n", "emailtrace  on\x00"} {
		v.asks("10.0.0.1:9", on, On)
		v.asks("10.0.0.1:9", "emailtrace off", Off)
	}
	for _, none := range []string{"", "\x00", "emailtrac", "emailtrace on please", "email trace", "help", On, Off, "emailtrace\x00on", string(make([]byte, 65))} {
		v.asks("10.0.0.1:9", none, "")
	}
	v.watching()
}

func TestANinthViewerHearsWhy(t *testing.T) {
	v := newTable(t)
	for i := range MaxViewers {
		v.asks(fmt.Sprintf("10.0.0.1:%d", 1000+i), "emailtrace on", On)
	}
	v.asks("10.0.0.2:1", "emailtrace", "EMail Trace Off: 8 viewers are on already")
	v.asks("10.0.0.1:1003", "emailtrace", Off)
	v.asks("10.0.0.2:1", "emailtrace", On)
}

// Lines take no viewer out that went without a word while no mail was sent, so the
// places that such ones hold are given on.
func TestAViewerThatKeepsSilentMakesRoom(t *testing.T) {
	v := newTable(t)
	v.asks("10.0.0.1:1", "emailtrace", On)
	for i := range MaxViewers - 1 {
		v.asks(fmt.Sprintf("10.0.0.2:%d", 1+i), "emailtrace on", On)
	}
	v.now = v.now.Add(silentOn - 1)
	v.asks("10.0.0.3:1", "emailtrace on", "EMail Trace Off: 8 viewers are on already")
	v.now = v.now.Add(1)
	v.asks("10.0.0.3:1", "emailtrace on", On)
	v.watching("10.0.0.1:1", "10.0.0.2:2", "10.0.0.2:3", "10.0.0.2:4", "10.0.0.2:5", "10.0.0.2:6", "10.0.0.2:7", "10.0.0.3:1")
	v.now = v.now.Add(time.Hour)
	v.asks("10.0.0.3:2", "emailtrace", On)
	v.watching("10.0.0.2:2", "10.0.0.2:3", "10.0.0.2:4", "10.0.0.2:5", "10.0.0.2:6", "10.0.0.2:7", "10.0.0.3:1", "10.0.0.3:2")
}

func TestAViewerStaysTwelveHours(t *testing.T) {
	v := newTable(t)
	v.asks("10.0.0.1:1", "emailtrace", On)
	v.asks("10.0.0.2:1", "emailtrace on", On)
	v.now = v.now.Add(time.Hour)
	v.asks("10.0.0.2:1", "emailtrace on", On) // and is there for twelve more
	v.now = v.now.Add(11*time.Hour - 1)
	v.watching("10.0.0.1:1", "10.0.0.2:1")
	v.now = v.now.Add(1)
	v.watching("10.0.0.2:1")
	v.asks("10.0.0.1:1", "emailtrace", On)
}

func TestAForgedSourceHearsNothing(t *testing.T) {
	v := newTable(t)
	for _, from := range []string{"255.255.255.255:29298", "224.0.0.1:29298", "0.0.0.0:29298", "10.0.0.1:0", "[ff02::1]:29298", "[::]:1", "[::ffff:224.0.0.1]:5"} {
		v.asks(from, "emailtrace", "")
	}
	if _, ok := v.Ask(v.now, netip.AddrPort{}, []byte(Toggle)); ok {
		t.Error("no address is answered")
	}
	v.watching()
}

func TestTheReplyPortIsWhereAllGoes(t *testing.T) {
	v := newTable(t)
	v.ReplyPort = Port
	v.asks("[::ffff:10.0.0.1]:1025", "emailtrace", On)
	v.watching("10.0.0.1:29298")
	v.asks("10.0.0.1:4000", "emailtrace", Off) // the same viewer, from another port
	v.watching()
}

func TestAViewerThatIsGone(t *testing.T) {
	v := newTable(t)
	v.asks("10.0.0.1:1", "emailtrace", On)
	v.asks("10.0.0.2:1", "emailtrace", On)
	v.Gone(netip.MustParseAddrPort("[::ffff:10.0.0.1]:1"))
	v.Gone(netip.MustParseAddrPort("10.0.0.9:1"))
	v.watching("10.0.0.2:1")
}

// FuzzAsk: no datagram crashes the table, fills it or is answered at length.
func FuzzAsk(f *testing.F) {
	for _, seed := range []string{"emailtrace", "EMAILTRACE ON\r\n", "\x00emailtrace off\x00", "", "\xff\xfe", "emailtrace \x00 on"} {
		f.Add([]byte(seed), uint32(0x0a000001), uint16(9))
	}
	f.Fuzz(func(t *testing.T, datagram []byte, host uint32, port uint16) {
		var v Viewers
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{byte(host >> 24), byte(host >> 16), byte(host >> 8), byte(host)}), port)
		now := time.Unix(0, 0)
		for range 10 {
			d, ok := v.Ask(now, from, datagram)
			if ok != (d.Text != "") || len(d.Text) > 41 || ok && d.To != from {
				t.Fatalf("%q from %s is answered %+v, %v", datagram, from, d, ok)
			}
		}
		if len(v.At(now)) > 1 {
			t.Fatalf("one asker is %d viewers", len(v.At(now)))
		}
	})
}

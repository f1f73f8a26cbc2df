package intake

import (
	"bytes"
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/secret"
	"github.com/rungmail/rungmail/reply"
)

// The addresses of the plant.
const (
	plc      = "192.168.12.86"
	stranger = "192.168.12.99"
)

func epoch() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }

// house is what stands behind an intake: it keeps what it is given, and says what the
// test wants it to.
type house struct {
	mu      sync.Mutex
	devices map[string]*device.Device
	mails   []taken
	bodies  []*memory
	knocks  []string
	hellos  []string
	events  []conv.Event
	begin   error // of Begin
	write   error // of Write
	room    error // of Room
	limiter device.Limiter
	answer  func(context.Context, Mail) Answer
	noKeep  bool // for benchmarks
	taken   int
}

type taken struct {
	Mail
	body string
}

// memory is a body.
type memory struct {
	bytes.Buffer
	house     *house
	discarded bool
}

func (m *memory) Write(p []byte) (int, error) {
	if m.house.write != nil {
		return 0, m.house.write
	}
	return m.Buffer.Write(p)
}

func (m *memory) Discard() { m.discarded = true }

func newHouse() *house {
	return &house{devices: map[string]*device.Device{
		plc:         {Name: "line-4-plc"},
		"127.0.0.1": {Name: "bench"},
	}}
}

// plc is the device of the stories.
func (h *house) plc() *device.Device { return h.devices[plc] }

func (h *house) config() Config {
	return Config{
		Name:  "gw.example.net",
		Judge: device.Judge{},
		Rate:  h.limiter.Take,
		Find: func(a netip.Addr) (*device.Device, bool) {
			h.mu.Lock()
			defer h.mu.Unlock()
			d, ok := h.devices[a.String()]
			return d, ok
		},
		Room:       func() error { return h.room },
		Begin:      h.beginBody,
		Take:       h.take,
		Postmaster: address("boss@example.com"),
		Knock:      func(a netip.Addr, helo string) { h.note(&h.knocks, a.String()+" "+helo) },
		Hello:      func(a netip.Addr, helo string) { h.note(&h.hellos, a.String()+" "+helo) },
	}
}

// traced is the configuration with a sink.
func (h *house) traced() Config {
	c := h.config()
	c.NewID = func() string { return "conversation" }
	c.Sink = func(e conv.Event) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.events = append(h.events, e)
	}
	return c
}

func (h *house) note(list *[]string, s string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*list = append(*list, s)
}

func (h *house) beginBody(Mail) (Body, error) {
	if h.begin != nil {
		return nil, h.begin
	}
	b := &memory{house: h}
	if !h.noKeep {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.bodies = append(h.bodies, b)
	}
	return b, nil
}

func (h *house) take(ctx context.Context, m Mail, b Body) Answer {
	h.mu.Lock()
	h.taken++
	if !h.noKeep {
		h.mails = append(h.mails, taken{m, b.(*memory).String()})
	}
	h.mu.Unlock()
	if h.answer != nil {
		return h.answer(ctx, m)
	}
	return Answer{Reply: say(reply.OK, "2.0.0", "queued as 1")}
}

func (h *house) got() []taken {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]taken(nil), h.mails...)
}

// leftover is how many bodies were neither taken nor discarded.
func (h *house) leftover() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := len(h.bodies) - len(h.mails)
	for _, b := range h.bodies {
		if b.discarded {
			n--
		}
	}
	return n
}

func address(s string) mailaddr.Address {
	a, err := mailaddr.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

func hunter2() *device.Login {
	return &device.Login{User: "line4", Password: func() (secret.Text, error) { return secret.New("hunter2"), nil }}
}

// talk is a conversation with a session, without sockets.
type talk struct {
	t       testing.TB
	house   *house
	session *Session
	said    string // since the client's latest bytes
	next    Next
	piece   int // the bytes of a write, at most; 0 is all
	now     time.Time
}

func (h *house) talk(t testing.TB, config Config, peer string, mode TLS) *talk {
	t.Helper()
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	k := &talk{t: t, house: h, session: s.newSession(netip.MustParseAddr(peer), mode, ""), now: epoch()}
	k.do(k.session.Begin(k.now))
	return k
}

// story is a conversation of the PLC.
func story(t testing.TB) (*talk, *house) {
	t.Helper()
	h := newHouse()
	return h.talk(t, h.config(), plc, Off), h
}

// do does what the session wants, and goes on while that isn't reading.
func (k *talk) do(d Do) {
	for {
		k.said += string(d.Out)
		switch k.next = d.Next; d.Next {
		case Take:
			m, b := k.session.Handover()
			a := k.house.take(context.Background(), m, b)
			d = k.session.Answer(a.Reply, k.now)
			if a.Wrote != nil {
				a.Wrote(nil)
			}
		case Handshake:
			d = k.session.Secured("TLS 1.3 TEST", k.now)
		default:
			return
		}
	}
}

// send sends bytes.
func (k *talk) send(bytes string) *talk {
	k.said = ""
	for len(bytes) > 0 && k.next != Close {
		n := len(bytes)
		if k.piece > 0 {
			n = min(n, k.piece)
		}
		k.do(k.session.Feed([]byte(bytes[:n]), k.now))
		bytes = bytes[n:]
	}
	return k
}

// say sends lines in one write, and wants replies that begin so.
func (k *talk) say(lines string, want ...string) *talk {
	k.t.Helper()
	k.send(crlf(lines) + "\r\n")
	k.want(lines, want...)
	return k
}

func (k *talk) want(what string, want ...string) {
	k.t.Helper()
	got := strings.Split(strings.TrimSuffix(k.said, "\r\n"), "\r\n")
	if k.said == "" {
		got = nil
	}
	same := len(got) == len(want)
	for i := 0; same && i < len(got); i++ {
		same = strings.HasPrefix(got[i], want[i])
	}
	if !same {
		k.t.Errorf("to %.200q: got %q, want %q", what, got, want)
	}
}

// over wants the session to be over, and why.
func (k *talk) over(want End) {
	k.t.Helper()
	if k.next != Close || k.session.end != want {
		k.t.Errorf("next is %d, end %q, want %q", k.next, k.session.end, want)
	}
}

func (k *talk) goesOn() {
	k.t.Helper()
	if k.next != Read {
		k.t.Errorf("next is %d, end %q", k.next, k.session.end)
	}
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// text brings the conversation to where text is due.
func (k *talk) text() *talk {
	k.t.Helper()
	return k.say("HELO plc", "250 ").say("MAIL FROM:<plc@example.com>\nRCPT TO:<mark@example.com>\nDATA", "250 ", "250 ", "354 ")
}

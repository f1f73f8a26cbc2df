package strangers

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/internal/link"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/rack"
)

// patience is how long a test waits for anything that takes no time.
const patience = 20 * time.Second

// The module's own address, which is its HELO too, and its sender.
const (
	moduleIP = "192.168.12.86"
	mailFrom = "plc@example.com"
)

// program is one ECEMAIL on a rung of its own: C10 fires it, C0 is Success, C1 is
// Error, V1401 the Error Code.
const program = `PLC 06
ECOM100
    ECOM#: K0
    Slot: K1
    Status: V400
    Workspace: V401
    Msg Buffer: V402 - V502

STR C10
ECEMAIL
    ECOM#: K0
    Workspace: V1400
    Success: C0
    Error: C1
    Error Code: V1401
    To: %s
    Subject: %s
    Body: %s

END
`

// order is one mail and the set-up that it is sent with. Subject and body are
// written as in the editor.
type order struct {
	server            netip.AddrPort
	name              string        // of the sender; "" is Machine A-42F
	timeout           time.Duration // 0 is a minute
	to, subject, body string
	cc                string
}

// outputs is what the box says in V-memory.
type outputs struct {
	Success, Error bool
	Code           int
}

// ended is the outputs of a box that ended in a decimal code; 0 is Success.
func ended(code int) outputs { return outputs{code == 0, code != 0, code} }

// chain is all that lies between a rung and a socket.
type chain struct {
	t     testing.TB
	rack  *rack.Rack
	links *links
	wake  chan struct{}
	lines []string // of the trace
}

// newChain powers a rack up that runs the order's program.
func newChain(t testing.TB, o order) *chain {
	t.Helper()
	c := &chain{t: t, wake: make(chan struct{}, 1)}
	c.links = &links{TCP: link.TCP{Wake: c.kick}, open: map[link.Link]bool{}}
	c.rack = o.powerUp(t, rack.Config{Scan: time.Millisecond}, module.Config{Network: c.links, Sink: c.note})
	t.Cleanup(func() {
		c.links.close()
		if t.Failed() {
			t.Logf("the trace:\n%s", strings.Join(c.lines, "\n"))
		}
	})
	return c
}

// powerUp is a rack that runs the order's program, with the module in slot 1. What
// the test wants of either stands in the configurations already.
func (o order) powerUp(t testing.TB, config rack.Config, m module.Config) *rack.Rack {
	t.Helper()
	store, err := settings.OpenStore(&durable.Memory{}, "slot-1", o.email(t), settings.At(netip.MustParseAddr(moduleIP), netip.MustParseAddr("255.255.0.0")))
	if err != nil {
		t.Fatal(err)
	}
	m.DIP, m.Store = 1<<7, store
	m.NewID = func() string { return "c" }
	config.CPU, config.Modules = "DL06", map[int]module.Config{1: m}
	r, err := rack.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Load(o.program(t)); err != nil {
		t.Fatal(err)
	}
	return r
}

// email is the module's set-up.
func (o order) email(t testing.TB) settings.Email {
	t.Helper()
	e := settings.Default()
	e.Server, e.Port, e.Name = o.server.Addr(), o.server.Port(), o.name
	if e.Name == "" {
		e.Name = "Machine A-42F"
	}
	if o.timeout != 0 {
		e.Timeout = o.timeout
	}
	var err error
	if e.Sender, err = mailaddr.Parse(mailFrom); err != nil {
		t.Fatal(err)
	}
	if e.Cc, err = mailaddr.ParseList(o.cc); err != nil {
		t.Fatal(err)
	}
	return e
}

// program is the program as the checker lets it pass.
func (o order) program(t testing.TB) *check.Program {
	t.Helper()
	tree, err := ladder.Parse("stranger.rll", fmt.Appendf(nil, program, o.to, o.subject, o.body))
	if err != nil {
		t.Fatal(err)
	}
	r := check.Check(tree, nil)
	if r.Program == nil {
		t.Fatalf("the checker refuses: %v", r.Errors)
	}
	return r.Program
}

func (c *chain) kick() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *chain) note(e conv.Event) {
	line, shown := trace.Line(e)
	if !shown {
		line = fmt.Sprintf("(%s: %s)", e.Side, e.Text)
	}
	c.lines = append(c.lines, line)
}

// until steps the rack by the clock on the wall.
func (c *chain) until(what string, done func() bool) {
	c.t.Helper()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for giveUp := time.Now().Add(patience); !done(); {
		if time.Now().After(giveUp) {
			c.t.Fatalf("no %s in %v; the box says %+v", what, patience, c.outputs())
		}
		timer.Reset(time.Until(c.rack.Step(time.Now())))
		select {
		case <-timer.C:
		case <-c.wake:
		}
	}
}

// scan runs so many scans.
func (c *chain) scan(n uint64) {
	c.t.Helper()
	want := c.rack.Scans() + n
	c.until("scan", func() bool { return c.rack.Scans() >= want })
}

// fire gives the rung a leading edge, waits for the end of the box and then for
// the end of the farewell.
func (c *chain) fire() outputs {
	c.t.Helper()
	c.write("C10", 0)
	c.scan(2)
	c.write("C10", 1)
	c.scan(2)
	c.until("end of the box", func() bool { o := c.outputs(); return o.Success || o.Error })
	c.until("farewell", func() bool { return len(c.links.open) == 0 })
	return c.outputs()
}

// send is fire on a new chain.
func send(t testing.TB, o order) (*chain, outputs) {
	t.Helper()
	c := newChain(t, o)
	return c, c.fire()
}

// expect sends one mail and judges the box.
func expect(t *testing.T, o order, code int) *chain {
	t.Helper()
	c, got := send(t, o)
	if want := ended(code); got != want {
		t.Errorf("the box says %+v, want %+v", got, want)
	}
	return c
}

// last is what the module knows of its latest mail.
func (c *chain) last() (r mailer.Result) {
	c.rack.Module(1, func(m *module.Module) { r, _ = m.Last() })
	return r
}

func (c *chain) outputs() outputs { return said(c.t, c.rack) }

// said is what the box of a rack says.
func said(t testing.TB, r *rack.Rack) outputs {
	return outputs{get(t, r, "C0") == 1, get(t, r, "C1") == 1, int(get(t, r, "V1401"))}
}

func (c *chain) write(name string, v uint16) { set(c.t, c.rack, name, v) }

// get reads one address of a rack.
func get(t testing.TB, r *rack.Rack, name string) uint16 {
	t.Helper()
	a, err := memory.ParseAddr(name)
	if err != nil {
		t.Fatal(err)
	}
	v, err := r.Read(a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// set writes one address of a rack.
func set(t testing.TB, r *rack.Rack, name string, v uint16) {
	t.Helper()
	a, err := memory.ParseAddr(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Write(a, v); err != nil {
		t.Fatal(err)
	}
}

// links is TCP, and a list of what isn't closed yet.
type links struct {
	link.TCP
	open map[link.Link]bool
}

// watched is a link that leaves the list when it is closed.
type watched struct {
	link.Link
	list *links
}

// Dial begins to connect.
func (l *links) Dial(server netip.AddrPort) link.Link {
	w := &watched{l.TCP.Dial(server), l}
	l.open[w] = true
	return w
}

// Close ends the connection.
func (w *watched) Close() {
	delete(w.list.open, w)
	w.Link.Close()
}

func (l *links) close() {
	for w := range l.open {
		w.Close()
	}
}

package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/delivery"
	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/intake"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/memory"
	"github.com/rungmail/rungmail/internal/gateway/upstream"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// office is a scripted upstream: says is what it says of every recipient, and where it
// is empty every message waits for answer.
type office struct {
	mu     sync.Mutex
	says   string
	texts  []string
	froms  []string
	asked  []*question
	noUTF8 bool
}

// question is a message that waits for what the upstream says.
type question struct {
	text   string
	answer chan string
}

func (o *office) Name() string            { return "office" }
func (o *office) Close() error            { return nil }
func (o *office) UTF8() (yes, known bool) { return !o.noUTF8, o.noUTF8 }

func (o *office) say(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.says = text
}

func (o *office) Send(ctx context.Context, m upstream.Message) (upstream.Result, error) {
	content, err := m.Open()
	if err != nil {
		return upstream.Result{}, &upstream.Error{Upstream: "office", Step: upstream.StepText, Err: err, Message: true}
	}
	text, err := io.ReadAll(content)
	if err != nil {
		return upstream.Result{}, err
	}
	o.mu.Lock()
	says := o.says
	q := &question{text: string(text), answer: make(chan string, 1)}
	if says == "" {
		o.asked = append(o.asked, q)
	}
	o.mu.Unlock()
	if says == "" {
		select {
		case says = <-q.answer:
		case <-ctx.Done():
			says = "stopped"
		}
		o.mu.Lock()
		o.asked = slices.DeleteFunc(o.asked, func(one *question) bool { return one == q })
		o.mu.Unlock()
	}
	return o.answer(m, q.text, says)
}

// answer is what comes of a message: "maybe", "down", "stopped" or a reply.
func (o *office) answer(m upstream.Message, text, says string) (upstream.Result, error) {
	fault := &upstream.Error{Upstream: "office", Step: upstream.StepFinal, Err: errors.New(says)}
	switch says {
	case "maybe":
		fault.Maybe = true
		return upstream.Result{}, fault
	case "down", "stopped":
		return upstream.Result{}, fault
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	var result upstream.Result
	lines := strings.Split(says, "|")
	for i, to := range m.To {
		r := code(lines[min(i, len(lines)-1)])
		result.Verdicts = append(result.Verdicts, upstream.Verdict{To: to, Reply: r})
	}
	if !slices.ContainsFunc(result.Verdicts, upstream.Verdict.Taken) {
		r := result.Verdicts[0].Reply
		return result, &upstream.Error{Upstream: "office", Step: upstream.StepRcpt, Reply: r, Message: true, Permanent: r.Class() == 5}
	}
	o.texts, o.froms = append(o.texts, text), append(o.froms, m.From.String())
	return result, nil
}

func code(text string) reply.Reply {
	r := reply.Reply{Lines: []string{text[4:]}}
	_, _ = fmt.Sscanf(text, "%d", &r.Code)
	return r
}

// plant is a gateway with all that belongs to it. It lives in a synctest bubble.
type plant struct {
	testing.TB
	*Gateway
	office *office
	store  *memory.Store
	device *device.Device
	stop   context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	fault  map[memory.Call]error
	calls  []memory.Call
	alarms []alarm.Alarm
	ids    int
}

// inPlant tells a story in a plant of its own.
func inPlant(t *testing.T, story func(*plant)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(t)
		defer func() { p.end() }()
		story(p)
	})
}

func newPlant(t testing.TB) *plant {
	p := &plant{TB: t, office: &office{says: "250 ok"}, fault: map[memory.Call]error{}, device: &device.Device{Name: "line-4", VerdictWait: -1}}
	p.store = memory.New(memory.Options{Fail: func(c memory.Call, _ outbox.ID) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.calls = append(p.calls, c)
		return p.fault[c]
	}})
	p.start()
	return p
}

// start starts the service on what the store has.
func (p *plant) start() {
	one := p.store
	book := alarm.NewBook(func(a alarm.Alarm) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.store == one {
			p.alarms = append(p.alarms, a)
		}
	})
	log := slog.New(slog.DiscardHandler)
	notices := &Notices{Operator: address("boss@example.com")}
	engine, err := delivery.New(delivery.Config{
		Store: p.store, Upstreams: []upstream.Sender{p.office}, Routes: []delivery.Route{{Name: "all", Upstreams: []string{"office"}}},
		Workers: 8, Owner: "me", Now: time.Now, Rand: func() float64 { return 0.5 }, Alarms: book, Log: log, Failed: notices.Failed,
	}, p.store.Live())
	if err != nil {
		p.Fatal(err)
	}
	registry, err := device.NewRegistry(nil)
	if err != nil {
		p.Fatal(err)
	}
	p.Gateway = New(Config{
		Name: "gw.example", Store: p.store, Delivery: engine, VerdictWait: 10 * time.Second, Expire: 24 * time.Hour, Waiters: 10,
		Alarms: book, Now: time.Now, NewID: p.newID, Log: log,
	}, registry, p.store.Unanswered())
	notices.Gateway = p.Gateway
	ctx, stop := context.WithCancel(context.Background())
	p.stop, p.done = stop, make(chan struct{})
	go func(done chan struct{}) {
		defer close(done)
		engine.Run(ctx, ctx)
	}(p.done)
}

func (p *plant) newID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ids++
	return fmt.Sprintf("m%04d", p.ids)
}

func (p *plant) end() {
	p.stop()
	<-p.done
}

// breaks has a call of the store fail from now on; nil mends it.
func (p *plant) breaks(c memory.Call, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault[c] = err
}

func address(text string) mailaddr.Address {
	a, err := mailaddr.Parse(text)
	if err != nil {
		panic(err)
	}
	return a
}

// mail is a message of the plant's device.
func (p *plant) mail(subject string) intake.Mail {
	return intake.Mail{
		Device: p.device, Peer: netip.MustParseAddr("192.0.2.4"), Helo: "plc", From: address("plc@example.com"), To: []mailaddr.Address{address("ann@example.com")},
		Header: []byte("From: plc@example.com\r\nTo: ann@example.com\r\nSubject: " + subject + "\r\nDate: " + time.Now().Format(time.RFC1123Z) + "\r\n\r\n"),
	}
}

// send brings a message as intake does, and returns what the device is to hear.
func (p *plant) send(ctx context.Context, m intake.Mail) intake.Answer {
	p.Helper()
	b, err := p.begin(m)
	if err != nil {
		p.Fatal(err)
	}
	if _, err := io.WriteString(b, "text\r\n"); err != nil {
		p.Fatal(err)
	}
	a := p.take(ctx, m, b)
	if a.Wrote == nil {
		a.Wrote = func(error) {}
	}
	return a
}

// sends brings a message whose answer reaches the device, and returns it.
func (p *plant) sends(m intake.Mail) string {
	p.Helper()
	a := p.send(context.Background(), m)
	a.Wrote(nil)
	return a.Reply.String()
}

// get is a record as the store has it, once all is at rest.
func (p *plant) get(id outbox.ID) outbox.Record {
	p.Helper()
	synctest.Wait()
	r, _, err := p.store.Get(context.Background(), id)
	if err != nil {
		p.Fatal(err)
	}
	return r
}

// kinds are the alarms so far, with "over" for one that ended.
func (p *plant) kinds() []string {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for _, a := range p.alarms {
		text := string(a.Kind)
		if a.Over {
			text += " over"
		}
		list = append(list, text)
	}
	return list
}

func (p *plant) alarmed(want ...string) {
	p.Helper()
	if got := p.kinds(); !slices.Equal(got, want) {
		p.Errorf("alarms %v, want %v", got, want)
	}
}

// hears compares what a device hears.
func (p *plant) hears(got, want string) {
	p.Helper()
	if got != want {
		p.Errorf("the device hears %q, want %q", got, want)
	}
}

var errReset = errors.New("connection reset")

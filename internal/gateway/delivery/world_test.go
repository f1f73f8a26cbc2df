package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/memory"
	"github.com/rungmail/rungmail/internal/gateway/upstream"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// sender is a scripted upstream: what it does with each message is told by do, which
// gets the number of the try, from 1.
type sender struct {
	name string
	do   func(try int, m upstream.Message) (upstream.Result, error)
	// hold, unless nil, keeps every message waiting until it is closed or the context
	// ends.
	hold chan struct{}

	mu    sync.Mutex
	tries []try
	utf8  struct{ yes, known bool }
}

type try struct {
	to   []string
	text string
	at   time.Time
}

func (s *sender) Name() string            { return s.name }
func (s *sender) Close() error            { return nil }
func (s *sender) UTF8() (yes, known bool) { return s.utf8.yes, s.utf8.known }
func (s *sender) set(do func(int, upstream.Message) (upstream.Result, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.do = do
}

func (s *sender) Send(ctx context.Context, m upstream.Message) (upstream.Result, error) {
	if s.hold != nil {
		select {
		case <-s.hold:
		case <-ctx.Done():
			return upstream.Result{}, &upstream.Error{Upstream: s.name, Step: upstream.StepConnect, Err: ctx.Err()}
		}
	}
	var text []byte
	if content, err := m.Open(); err != nil {
		return upstream.Result{}, &upstream.Error{Upstream: s.name, Step: upstream.StepText, Err: fmt.Errorf("reading: %w", err), Message: true}
	} else if text, err = io.ReadAll(content); err != nil {
		return upstream.Result{}, err
	}
	one := try{text: string(text), at: time.Now()}
	for _, to := range m.To {
		one.to = append(one.to, to.String())
	}
	s.mu.Lock()
	s.tries = append(s.tries, one)
	n, do := len(s.tries), s.do
	s.mu.Unlock()
	return do(n, m)
}

// asked is how often it was asked to send.
func (s *sender) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tries)
}

// asks are the recipients of each try.
func (s *sender) asks() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, one := range s.tries {
		list = append(list, strings.Join(one.to, " "))
	}
	return list
}

func code(text string) reply.Reply {
	r := reply.Reply{Lines: []string{text[4:]}}
	_, _ = fmt.Sscanf(text, "%d", &r.Code)
	if word, _, _ := strings.Cut(r.Lines[0], " "); strings.Count(word, ".") == 2 {
		r.Enhanced = word
	}
	return r
}

// takes takes every message.
func takes(_ int, m upstream.Message) (upstream.Result, error) { return says("250 ok")(0, m) }

// says gives each recipient one of the replies, the last one to all that are left. It
// is an error of RCPT where nobody is taken, as the real one's is.
func says(replies ...string) func(int, upstream.Message) (upstream.Result, error) {
	return func(_ int, m upstream.Message) (upstream.Result, error) {
		var result upstream.Result
		taken, permanent := 0, true
		for i, to := range m.To {
			r := code(replies[min(i, len(replies)-1)])
			result.Verdicts = append(result.Verdicts, upstream.Verdict{To: to, Reply: r})
			permanent = permanent && r.Class() == 5
			if r.Class() == 2 {
				taken, result.Final = taken+1, r
			}
		}
		if taken == 0 {
			return result, &upstream.Error{Upstream: "fake", Step: upstream.StepRcpt, Reply: result.Verdicts[0].Reply, Message: true, Permanent: permanent}
		}
		return result, nil
	}
}

// fails gives an error.
func fails(e upstream.Error) func(int, upstream.Message) (upstream.Result, error) {
	return func(int, upstream.Message) (upstream.Result, error) { return upstream.Result{}, &e }
}

var (
	down         = upstream.Error{Upstream: "office", Step: upstream.StepConnect, Err: errors.New("connection refused")}
	loginTrouble = upstream.Error{Upstream: "office", Step: upstream.StepLogin, Reply: code("535 5.7.8 no"), Login: true, Permanent: true}
)

// world is an engine with a store and two upstreams. It lives in a synctest bubble.
type world struct {
	*testing.T
	*Engine
	store          *memory.Store
	office, backup *sender
	stop, giveUp   context.CancelFunc
	done           chan struct{}
	ids            int

	mu     sync.Mutex
	fault  map[memory.Call]error
	alarms []alarm.Alarm
	failed []outbox.Record
}

// inWorld tells a story in a world of its own, and ends it. Change may change the
// engine's configuration.
func inWorld(t *testing.T, change func(*Config), story func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, change)
		w.run()
		defer w.end()
		story(w)
	})
}

func newWorld(t *testing.T, change func(*Config)) *world {
	w := &world{T: t, office: &sender{name: "office", do: takes}, backup: &sender{name: "backup", do: takes}, fault: map[memory.Call]error{}}
	w.store = memory.New(memory.Options{Fail: func(c memory.Call, _ outbox.ID) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.fault[c]
	}})
	config := Config{
		Store: w.store, Upstreams: []upstream.Sender{w.office, w.backup}, Workers: 4, Owner: "me",
		Routes: []Route{{Name: "all", Upstreams: []string{"office", "backup"}}},
		Now:    time.Now, Rand: func() float64 { return 0.5 }, Log: slog.New(slog.DiscardHandler),
		Alarms: alarm.NewBook(func(a alarm.Alarm) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.alarms = append(w.alarms, a)
		}),
		Failed: func(_ context.Context, r outbox.Record) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.failed = append(w.failed, r)
		},
	}
	if change != nil {
		change(&config)
	}
	var err error
	if w.Engine, err = New(config, nil); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) run() {
	ctx, stop := context.WithCancel(context.Background())
	grace, giveUp := context.WithCancel(context.Background())
	w.stop, w.giveUp, w.done = stop, giveUp, make(chan struct{})
	go func() {
		defer close(w.done)
		w.Engine.Run(ctx, grace)
	}()
}

func (w *world) end() {
	w.stop()
	w.giveUp()
	<-w.done
}

// breaks has a call of the store fail from now on; nil mends it.
func (w *world) breaks(c memory.Call, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault[c] = err
}

func mustParse(text string) mailaddr.Address {
	a, err := mailaddr.Parse(text)
	if err != nil {
		panic(err)
	}
	return a
}

// record is a message of the device line-4 that is due now.
func (w *world) record(to ...string) outbox.Record {
	w.ids++
	now := time.Now()
	r := outbox.Record{
		ID: outbox.ID(fmt.Sprintf("%04d", w.ids)), Received: now, Device: "line-4", From: mustParse("plc@example.com"),
		State: outbox.Queued, Next: now, Expires: now.Add(5 * 24 * time.Hour),
	}
	for _, one := range to {
		r.To = append(r.To, outbox.Recipient{Address: mustParse(one), Fate: outbox.Waiting})
	}
	return r
}

// put stores a message.
func (w *world) put(r outbox.Record, l outbox.Lease) outbox.Claimed {
	w.Helper()
	c, err := w.store.NewContent()
	if err != nil {
		w.Fatal(err)
	}
	if _, err := io.WriteString(c, "Subject: x\r\n\r\ntext of "+string(r.ID)+"\r\n"); err != nil {
		w.Fatal(err)
	}
	rev, err := w.store.Put(w.Context(), r, c, l)
	if err != nil {
		w.Fatal(err)
	}
	return outbox.Claimed{Record: r, Rev: rev}
}

// queue puts a message that nobody waits for.
func (w *world) queue(to ...string) outbox.ID {
	w.Helper()
	c := w.put(w.record(to...), outbox.Lease{})
	w.Submit(c, nil)
	return c.Record.ID
}

// send puts a message that somebody waits for.
func (w *world) send(to ...string) (outbox.ID, *Wait) {
	w.Helper()
	c, wait := w.put(w.record(to...), w.Owner()), NewWait()
	if !w.Submit(c, wait) {
		w.Fatal("no worker was free")
	}
	return c.Record.ID, wait
}

// get is a record as the store has it.
func (w *world) get(id outbox.ID) outbox.Record {
	w.Helper()
	r, _, err := w.store.Get(context.Background(), id)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// is compares a message's state and fates, once all is at rest.
func (w *world) is(id outbox.ID, state outbox.State, fates ...outbox.Fate) outbox.Record {
	w.Helper()
	synctest.Wait()
	r := w.get(id)
	var got []outbox.Fate
	for _, to := range r.To {
		got = append(got, to.Fate)
	}
	if r.State != state || !slices.Equal(got, fates) {
		w.Errorf("got %s %v, want %s %v; it says %q", r.State, got, state, fates, last(r))
	}
	return r
}

func last(r outbox.Record) string {
	if len(r.Attempts) == 0 {
		return ""
	}
	return r.Attempts[len(r.Attempts)-1].Result
}

// kinds are the alarms so far, with "over" for one that ended.
func (w *world) kinds() []string {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []string
	for _, a := range w.alarms {
		text := string(a.Kind)
		if a.Over {
			text += " over"
		}
		list = append(list, text)
	}
	return list
}

// alarmed compares the alarms so far.
func (w *world) alarmed(want ...string) {
	w.Helper()
	if got := w.kinds(); !slices.Equal(got, want) {
		w.Errorf("alarms %v, want %v", got, want)
	}
}

// verdict is what a wait has come to.
func (w *world) verdict(wait *Wait) string {
	synctest.Wait()
	select {
	case <-wait.Done():
	default:
		return "none"
	}
	if v := wait.Verdict(); v.Refused {
		return v.Reply.String()
	}
	return "queued"
}

// older compares how many messages count as older mail.
func (w *world) older(want int) {
	w.Helper()
	synctest.Wait()
	if got := w.Older("all"); got != want {
		w.Errorf("%d messages are older mail, want %d", got, want)
	}
}

package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/gateway/intake"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/memory"
)

// chronicle is a plant to which everything happens, in any order.
type chronicle struct {
	*rapid.T
	*plant
	tries   []*turn
	mails   []intake.Mail // different ones
	crashes int
}

// turn is one try of a device to send one of the mails.
type turn struct {
	mail   int
	began  time.Time
	cancel context.CancelFunc
	came   chan intake.Answer
	answer *intake.Answer
	over   bool
	heard  string // by the device
}

// TestNoMessageIsLostAndNoneIsDoublyAnswered drives messages, verdicts, patience, lost
// connections, lost replies, resends, a failing store and crashes in every order. In
// the end:
//
//   - what was answered 250 was delivered, or people know better;
//   - a refusal was heard by its device, or people were told;
//   - a resend of what wasn't answered made no second message;
//   - nothing went out twice without a crash in between.
func TestNoMessageIsLostAndNoneIsDoublyAnswered(t *testing.T) {
	for range 5 { // times rapid's hundred
		rapid.Check(t, func(rt *rapid.T) {
			rapid.SyncTest(rt, func(rt *rapid.T) { // a bubble for each, from the same time on
				c := &chronicle{T: rt, plant: newPlant(t)}
				defer c.close()
				c.office.say("")
				c.run()
				c.settle()
				c.judge()
			})
		})
	}
}

// run has everything happen.
func (c *chronicle) run() {
	all := c.T
	with := func(f func()) func(*rapid.T) {
		return func(t *rapid.T) {
			c.T = t
			f()
			synctest.Wait()
		}
	}
	all.Repeat(map[string]func(*rapid.T){
		"send": with(c.sendNew), "resend": with(c.resend), "decide": with(c.decide), "patience ends": with(c.patience),
		"time passes": with(c.pass), "the device is gone": with(c.gone), "a reply is written": with(c.reply),
		"the disk": with(c.disk), "crash": with(c.fail),
	})
	c.T = all
}

func (c *chronicle) close() {
	for _, one := range c.tries {
		one.cancel()
	}
	c.end()
	synctest.Wait()
}

func (c *chronicle) sendNew() {
	c.mails = append(c.mails, c.mail(fmt.Sprintf("mail %d;", len(c.mails))))
	c.try(len(c.mails) - 1)
}

// try begins a try, whose answer comes later.
func (c *chronicle) try(mail int) {
	ctx, cancel := context.WithCancel(context.Background())
	one := &turn{mail: mail, began: time.Now(), cancel: cancel, came: make(chan intake.Answer, 1)}
	c.tries = append(c.tries, one)
	b, err := c.begin(c.mails[mail])
	if err != nil {
		one.over = true
		return
	}
	gateway := c.Gateway
	go func() { one.came <- gateway.take(ctx, c.mails[mail], b) }()
}

// resend has a device try again that has heard nothing, or that it should.
func (c *chronicle) resend() {
	mail := rapid.IntRange(0, max(0, len(c.mails)-1)).Draw(c.T, "mail")
	var first, last *turn
	for _, one := range c.tries {
		if one.mail == mail {
			if last = one; first == nil {
				first = one
			}
		}
	}
	if last == nil || !last.over || last.heard != "" && last.heard[0] != '4' || time.Since(first.began) > 9*time.Minute {
		c.Skip("no reason to")
	}
	c.try(mail)
}

// decide has the upstream say something of a message.
func (c *chronicle) decide() {
	c.office.mu.Lock()
	asked := slices.Clone(c.office.asked)
	c.office.mu.Unlock()
	if len(asked) == 0 {
		c.Skip("nothing waits for it")
	}
	q := asked[rapid.IntRange(0, len(asked)-1).Draw(c.T, "question")]
	q.answer <- rapid.SampledFrom([]string{"250 ok", "550 5.1.1 nobody", "450 later", "maybe", "down"}).Draw(c.T, "says")
}

func (c *chronicle) patience() { time.Sleep(10 * time.Second) }
func (c *chronicle) pass()     { time.Sleep(100 * time.Second) }

// pick draws a try that fits.
func (c *chronicle) pick(fits func(*turn) bool) *turn {
	var list []*turn
	for _, one := range c.tries {
		select {
		case a := <-one.came:
			one.answer = &a
		default:
		}
		if !one.over && fits(one) {
			list = append(list, one)
		}
	}
	if len(list) == 0 {
		c.Skip("there is none")
	}
	return list[rapid.IntRange(0, len(list)-1).Draw(c.T, "try")]
}

func (c *chronicle) gone() {
	c.pick(func(one *turn) bool { return one.answer == nil }).cancel()
}

func (c *chronicle) reply() {
	one := c.pick(func(one *turn) bool { return one.answer != nil })
	c.write(one, rapid.Bool().Draw(c.T, "lost"))
}

// write writes a reply, which gets lost or not.
func (c *chronicle) write(one *turn, lost bool) {
	one.over = true
	var err error
	if lost {
		err = errReset
	} else {
		one.heard = one.answer.Reply.String()
	}
	if one.answer.Wrote != nil {
		one.answer.Wrote(err)
	}
}

// disk makes the disk full or fail, or gives it room again.
func (c *chronicle) disk() {
	call := rapid.SampledFrom([]memory.Call{memory.Put, memory.Outcome, memory.Answered, memory.Update}).Draw(c.T, "call")
	c.breaks(call, rapid.SampledFrom([]error{nil, nil, outbox.ErrFull, errors.New("input/output error")}).Draw(c.T, "fault"))
}

// fail is a power failure and another start.
func (c *chronicle) fail() {
	if rapid.IntRange(0, 5).Draw(c.T, "it holds") > 0 {
		c.Skip("it holds")
	}
	c.powerFails()
}

func (c *chronicle) powerFails() {
	for _, one := range c.tries {
		one.over = true
		one.cancel()
	}
	c.crashes++
	c.crash()
	if _, err := c.Recover(context.Background(), 0); err != nil {
		c.T.Fatal(err)
	}
}

// settle lets everything come to its end: all is well from now on.
func (c *chronicle) settle() {
	c.office.say("250 ok")
	c.office.mu.Lock()
	asked := slices.Clone(c.office.asked)
	c.office.mu.Unlock()
	for _, q := range asked {
		q.answer <- "250 ok"
	}
	c.plant.mu.Lock()
	clear(c.fault)
	c.plant.mu.Unlock()
	time.Sleep(10 * time.Second)
	synctest.Wait()
	for _, one := range c.tries {
		if one.over {
			continue
		}
		if one.answer == nil {
			a := <-one.came
			one.answer = &a
		}
		c.write(one, false)
	}
	if _, _, err := c.store.Due(context.Background()); err != nil { // it has failed
		c.powerFails()
	}
	time.Sleep(3 * time.Hour)
	synctest.Wait()
}

// judge compares what devices heard and people were told with what is true.
func (c *chronicle) judge() {
	changes, _, err := c.store.Changes(context.Background(), 0, 1<<20)
	if err != nil {
		c.T.Fatal(err)
	}
	records := map[outbox.ID]outbox.Record{}
	made := map[string]int{}
	for _, change := range changes {
		r := change.Record
		if records[r.ID] = r; r.Device == noticeDevice {
			continue
		}
		if made[r.Subject]++; made[r.Subject] > 1 {
			c.T.Fatalf("%s is there %d times", r.Subject, made[r.Subject])
		}
		c.judgeRecord(r)
	}
	for _, one := range c.tries {
		id, queued := strings.CutPrefix(one.heard, "250 queued as ")
		if r, ok := records[outbox.ID(id)]; queued && (!ok || r.To[0].Fate != outbox.Delivered && !c.told(r.ID)) {
			c.T.Fatalf("a device heard %q, and the truth is %v", one.heard, r.To)
		}
	}
}

// judgeRecord compares one message with what was heard of it.
func (c *chronicle) judgeRecord(r outbox.Record) {
	if r.State.Live() {
		c.T.Fatalf("%s is still %s", r.Subject, r.State)
	}
	heard := false
	for _, one := range c.tries {
		if strings.HasPrefix(one.heard, "5") && strings.Contains(string(c.mails[one.mail].Header), r.Subject) {
			heard = true
		}
	}
	fate := r.To[0].Fate
	if heard && fate != outbox.Refused {
		c.T.Fatalf("a device heard that %s was refused, and it was %s", r.Subject, fate)
	}
	if fate != outbox.Delivered && !heard && !c.told(r.ID) {
		c.T.Fatalf("%s was %s, and nobody knows", r.Subject, fate)
	}
	sent := 0
	for _, text := range c.office.texts {
		if strings.Contains(text, r.Subject) {
			sent++
		}
	}
	if fate == outbox.Delivered && sent == 0 || sent > 1+c.crashes {
		c.T.Fatalf("%s was %s, and sent %d times with %d crashes", r.Subject, fate, sent, c.crashes)
	}
}

// told tells whether people were told of a message.
func (c *chronicle) told(id outbox.ID) bool {
	c.plant.mu.Lock()
	defer c.plant.mu.Unlock()
	for _, a := range c.alarms {
		if a.Message == string(id) {
			return true
		}
	}
	return false
}

package gateway

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/delivery"
	"github.com/rungmail/rungmail/internal/gateway/intake"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/memory"
	"github.com/rungmail/rungmail/internal/gateway/ticket"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

func TestADeviceHearsTheUpstreamsVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		says, want string
		answer     outbox.Answer
		late       uint64 // counted as queued first, not as a verdict
	}{
		"taken":    {"250 ok", "250 queued as m0001", outbox.AnsweredQueued, 0},
		"refused":  {"550 5.1.1 nobody", "550 5.1.1 nobody", outbox.AnsweredCode, 0},
		"put off":  {"450 later", "250 queued as m0001", outbox.AnsweredQueued, 1},
		"nobody":   {"maybe", "250 queued as m0001", outbox.AnsweredQueued, 1},
		"not mail": {"down", "250 queued as m0001", outbox.AnsweredQueued, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inPlant(t, func(p *plant) {
				p.office.say(c.says)
				p.hears(p.sends(p.mail("x")), c.want)
				if r := p.get("m0001"); r.Answer != c.answer || r.Code.String() != c.want {
					t.Errorf("noted is %q, %v", r.Answer, r.Code)
				}
				if verdicts, late := p.Counts.Verdicts.Load(), p.Counts.Late.Load(); verdicts != 1-c.late || late != c.late {
					t.Errorf("counted are %d verdicts and %d queued first, want %d of the latter", verdicts, late, c.late)
				}
			})
		})
	}
}

// TestTheOrderOfAnAnswer: the result is durable, then the reply is written, then the
// content goes.
func TestTheOrderOfAnAnswer(t *testing.T) {
	for name, says := range map[string]string{"taken": "250 ok", "refused": "550 no"} {
		t.Run(name, func(t *testing.T) {
			inPlant(t, func(p *plant) {
				p.office.say(says)
				a := p.send(p.Context(), p.mail("x"))
				synctest.Wait()
				if r := p.get("m0001"); r.State != outbox.Done {
					t.Errorf("answered while it was %s", r.State)
				}
				if _, err := p.store.Content(p.Context(), "m0001"); err != nil {
					t.Errorf("the content went before the reply was written: %v", err)
				}
				a.Wrote(nil)
				synctest.Wait()
				if _, err := p.store.Content(p.Context(), "m0001"); !errors.Is(err, outbox.ErrNotFound) {
					t.Errorf("the content is still there: %v", err)
				}
				p.get("m0001") // and the record is
			})
		})
	}
}

// TestAMessageCostsFewCalls of the store: each costs time that a device waits.
func TestAMessageCostsFewCalls(t *testing.T) {
	inPlant(t, func(p *plant) {
		synctest.Wait()
		p.calls = nil
		p.sends(p.mail("x"))
		synctest.Wait()
		want := []memory.Call{memory.NewContent, memory.Put, memory.Content, memory.Outcome, memory.Answered, memory.Purge}
		if !slices.Equal(p.calls, want) {
			t.Errorf("got %v, want %v", p.calls, want)
		}
	})
}

func TestTooLateAVerdictIsAnAlarm(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.office.say("")
		began := time.Now()
		p.hears(p.sends(p.mail("x")), "250 queued as m0001")
		if waited := time.Since(began); waited != 10*time.Second {
			t.Errorf("it waited %v", waited)
		}
		p.hears(p.sends(p.mail("y")), "250 queued as m0002")
		if waited := time.Since(began); waited != 10*time.Second {
			t.Error("one waits behind older mail")
		}
		p.office.say("250 ok")
		p.office.asked[0].answer <- "550 5.1.1 nobody"
		p.alarmed("refused")
	})
}

func TestADevicesOwnPatienceCounts(t *testing.T) {
	for name, wait := range map[string]time.Duration{"none": 0, "more": 25 * time.Second} {
		t.Run(name, func(t *testing.T) {
			inPlant(t, func(p *plant) {
				p.office.say("")
				p.device.VerdictWait = wait
				began := time.Now()
				p.sends(p.mail("x"))
				if waited := time.Since(began); waited != wait {
					t.Errorf("it waited %v, want %v", waited, wait)
				}
			})
		})
	}
}

func TestADeviceThatIsGoneIsntWaitedFor(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.office.say("")
		ctx, cancel := context.WithTimeout(p.Context(), time.Second)
		defer cancel()
		began := time.Now()
		p.send(ctx, p.mail("x")).Wrote(errReset)
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("it waited %v", waited)
		}
		if r := p.get("m0001"); r.Answer != outbox.NotAnswered {
			t.Errorf("noted is %q", r.Answer)
		}
	})
}

func TestNoMoreDevicesWaitThanMay(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.Waiters = 3
		p.office.say("")
		var wg sync.WaitGroup
		began, most := time.Now(), time.Duration(0)
		var mu sync.Mutex
		atOnce := 0
		for range 5 {
			wg.Go(func() {
				p.sends(p.mail("x"))
				mu.Lock()
				defer mu.Unlock()
				if waited := time.Since(began); waited == 0 {
					atOnce++
				} else {
					most = max(most, waited)
				}
			})
		}
		wg.Wait()
		if atOnce != 2 || most != 10*time.Second {
			t.Errorf("%d heard at once, the others after %v", atOnce, most)
		}
		if n := p.waiting.Load(); n != 0 {
			t.Errorf("%d still count as waiting", n)
		}
	})
}

func TestWhatCantBeStored(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		want   string
		alarms []string
	}{
		"the disk is full":     {outbox.ErrFull, "452 the gateway's disk is full: try again later", []string{"disk-full"}},
		"the disk has failed":  {errors.New("input/output error"), "451 the gateway can't store mail now: try again later", []string{"store-failed"}},
		"the device went away": {context.Canceled, "451 the gateway can't store mail now: try again later", nil},
	} {
		t.Run(name, func(t *testing.T) {
			inPlant(t, func(p *plant) {
				p.breaks(memory.Put, c.err)
				p.hears(p.sends(p.mail("x")), c.want)
				p.alarmed(c.alarms...)
				if p.Counts.Taken.Load() != 0 || p.waiting.Load() != 0 {
					t.Error("it counts as taken, or as waiting")
				}
				if len(p.office.texts) != 0 {
					t.Error("what wasn't stored was sent")
				}
			})
		})
	}
}

func TestADiskWithRoomAgainEndsTheAlarm(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.breaks(memory.NewContent, outbox.ErrFull)
		if _, err := p.begin(p.mail("x")); !errors.Is(err, outbox.ErrFull) {
			t.Errorf("got %v", err)
		}
		p.breaks(memory.NewContent, nil)
		p.hears(p.sends(p.mail("x")), "250 queued as m0001")
		p.alarmed("disk-full", "disk-full over")
	})
}

func TestABodyOfSomeoneElsesIsRefused(t *testing.T) {
	inPlant(t, func(p *plant) {
		if a := p.take(p.Context(), p.mail("x"), nil); a.Reply.Code != 451 {
			t.Errorf("got %v", a.Reply)
		}
	})
}

func TestAResendJoinsWhatWasntAnswered(t *testing.T) {
	for name, c := range map[string]struct{ says, want string }{
		"that was delivered": {"250 ok", "250 queued as m0001"},
		"that was refused":   {"550 5.1.1 nobody", "550 5.1.1 nobody"},
		"that still waits":   {"450 later", "250 queued as m0001"},
	} {
		t.Run(name, func(t *testing.T) {
			inPlant(t, func(p *plant) {
				p.office.say(c.says)
				for range 3 { // and the reply is lost each time
					a := p.send(p.Context(), p.mail("x"))
					p.hears(a.Reply.String(), c.want)
					a.Wrote(errReset)
					time.Sleep(30 * time.Second)
				}
				p.hears(p.sends(p.mail("x")), c.want)
				if n := p.Counts.Joined.Load(); n != 3 || p.Counts.Taken.Load() != 1 {
					t.Errorf("%d joined, %d taken", n, p.Counts.Taken.Load())
				}
				p.office.say("250 ok")
				p.sends(p.mail("x"))
				if n := p.Counts.Taken.Load(); n != 2 {
					t.Errorf("a new message like an answered one was swallowed: %d taken", n)
				}
			})
		})
	}
}

func TestOnlyAResendJoins(t *testing.T) {
	for name, change := range map[string]func(*plant, *intake.Mail){
		"not another text":      func(_ *plant, m *intake.Mail) { m.Header = []byte("Subject: z\r\n\r\n") },
		"not another recipient": func(_ *plant, m *intake.Mail) { m.To = []mailaddr.Address{address("bob@example.com")} },
		"not another sender":    func(_ *plant, m *intake.Mail) { m.From = address("b@example.com") },
		"not another device's": func(p *plant, m *intake.Mail) {
			d := *p.device
			d.Name = "line-5"
			m.Device = &d
		},
		"not after ten minutes": func(*plant, *intake.Mail) { time.Sleep(joinWithin + time.Second) },
		"not what people took out": func(p *plant, _ *intake.Mail) {
			if err := p.Drop(context.Background(), "m0001", "no"); err != nil {
				p.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inPlant(t, func(p *plant) {
				p.office.say("450 later")
				p.send(p.Context(), p.mail("x")).Wrote(errReset)
				m := p.mail("x")
				change(p, &m)
				p.sends(m)
				if n := p.Counts.Taken.Load(); n != 2 {
					t.Errorf("%d were taken, want 2", n)
				}
			})
		})
	}
}

// TestTwoThatAreTheSameAtOnceAreTwo: a message that is being answered isn't one that
// wasn't.
func TestTwoThatAreTheSameAtOnceAreTwo(t *testing.T) {
	inPlant(t, func(p *plant) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { p.sends(p.mail("x")) })
		}
		wg.Wait()
		synctest.Wait()
		if n := len(p.office.texts); n != 8 {
			t.Errorf("%d of 8 arrived", n)
		}
	})
}

// TestARefusalThatTheDeviceDidntHearIsAnAlarm: the reply couldn't be written.
func TestARefusalThatTheDeviceDidntHearIsAnAlarm(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.office.say("550 5.1.1 nobody")
		p.send(p.Context(), p.mail("x")).Wrote(errReset)
		p.alarmed("refused")
		if _, err := p.store.Content(p.Context(), "m0001"); err != nil {
			t.Errorf("its content is gone: %v", err)
		}
	})
}

func TestSomeRefused(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.office.say("250 ok|550 5.1.1 nobody")
		m := p.mail("x")
		m.To = append(m.To, address("bob@example.com"))
		p.hears(p.sends(m), "250 queued as m0001")
		p.alarmed("part-refused")
		synctest.Wait()
		if n := len(p.office.texts); n != 2 {
			t.Errorf("%d messages went out, want the message and a notice", n)
		}
		if notice := p.office.texts[1]; !strings.Contains(notice, "To: boss@example.com") || !strings.Contains(notice, "550 5.1.1 nobody") {
			t.Errorf("the notice is\n%s", notice)
		}
	})
}

func TestAfterACrash(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.office.say("550 5.1.1 nobody")
		p.send(p.Context(), p.mail("heard by nobody"))
		p.office.say("250 ok")
		p.sends(p.mail("fine"))
		p.crash()
		if _, err := p.Recover(p.Context(), 0); err != nil {
			t.Fatal(err)
		}
		p.alarmed("refused")
		p.hears(p.sends(p.mail("heard by nobody")), "550 5.1.1 nobody")
		if p.Counts.Joined.Load() != 1 {
			t.Error("a resend after the crash didn't join")
		}
	})
}

// crash is a power failure and another start.
func (p *plant) crash() {
	next := p.store.Crash()
	p.mu.Lock()
	p.store = next // from now on nobody hears the old service
	clear(p.fault)
	p.mu.Unlock()
	p.end()
	p.start()
}

// TestAVerdictThatIsThereCounts, also where the device's patience ends at that moment.
func TestAVerdictThatIsThereCounts(t *testing.T) {
	inPlant(t, func(p *plant) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		for range 100 {
			w := delivery.NewWait()
			w.Resolve(ticket.Verdict{Refused: true, Reply: code("550 no")})
			p.hears(p.await(ctx, p.device, outbox.Record{ID: "m"}, w).Reply.String(), "550 no")
		}
	})
}

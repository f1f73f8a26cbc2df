package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/intake"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

func TestADevicesOwnSenderStandsInEnvelopeAndHeader(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.device.From = address("line4@plant.example")
		p.sends(p.mail("x"))
		synctest.Wait()
		if got := p.office.froms[0]; got != "line4@plant.example" {
			t.Errorf("the envelope says %s", got)
		}
		if text := p.office.texts[0]; !strings.Contains(text, "From: line4@plant.example\r\n") || strings.Contains(text, "From: plc@example.com") {
			t.Errorf("the header says\n%s", text)
		}
	})
}

func TestTheNullSenderStays(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.device.From = address("line4@plant.example")
		m := p.mail("x")
		m.From = mailaddr.Address{}
		p.sends(m)
		if r := p.get("m0001"); !r.From.IsZero() {
			t.Errorf("the envelope says %s", r.From)
		}
	})
}

func TestRepairsAreNotedAndTheOriginalIsKept(t *testing.T) {
	inPlant(t, func(p *plant) {
		m := p.mail("x")
		m.Header = []byte("Subject: no date\r\n\r\n")
		p.sends(m)
		r := p.get("m0001")
		if len(r.Repairs) == 0 || string(r.Original) != string(m.Header) {
			t.Errorf("repairs %q, original %q", r.Repairs, r.Original)
		}
		text := p.office.texts[0]
		for _, want := range []string{"Received: ", "Date: ", "Message-ID: ", "From: ", "Subject: no date\r\n", "\r\n\r\ntext\r\n"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
	})
}

func TestTheRecordSaysWhatCame(t *testing.T) {
	inPlant(t, func(p *plant) {
		m := p.mail("Schicht 3")
		m.To = append(m.To, address("bob@m\u00fcnchen.example"), m.To[0])
		b, err := p.begin(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Write([]byte("gr\xc3\xbc\xc3\x9fe\r\n")); err != nil {
			t.Fatal(err)
		}
		p.take(p.Context(), m, b).Wrote(nil)
		r := p.get("m0001")
		type short struct {
			Device, Peer, Helo, From, To, Subject string
			EightBit, UTF8                        bool
		}
		to := r.To[0].Address.String() + " " + r.To[1].Address.String()
		got := short{r.Device, r.Peer.String(), r.Helo, r.From.String(), to, r.Subject, r.EightBit, r.UTF8}
		want := short{"line-4", "192.0.2.4", "plc", "plc@example.com", "ann@example.com bob@xn--mnchen-3ya.example", "Schicht 3", true, false}
		if diff := cmp.Diff(want, got); diff != "" || len(r.To) != 2 {
			t.Errorf("%d recipients (-want +got):\n%s", len(r.To), diff)
		}
		if r.Expires.Sub(r.Received) != 24*time.Hour || r.Size == 0 || r.Sum == [32]byte{} {
			t.Errorf("%+v", r)
		}
	})
}

func TestAMessageThatGoesInCirclesIsRefused(t *testing.T) {
	inPlant(t, func(p *plant) {
		m := p.mail("x")
		m.Header = []byte(strings.Repeat("Received: from a by b\r\n", 51) + "\r\n")
		_, err := p.begin(m)
		var refusal *intake.Refusal
		if !errors.As(err, &refusal) || refusal.Reply.Enhanced != "5.4.6" {
			t.Errorf("got %v", err)
		}
	})
}

func TestAnAddressThatNoUpstreamTakesIsRefusedAtRCPT(t *testing.T) {
	for name, c := range map[string]struct {
		to   string
		not  bool // the upstream has said that it takes none
		want int
	}{
		"ASCII":                   {"ann@example.com", true, 0},
		"an international domain": {"ann@m\u00fcnchen.example", true, 0},
		"nobody was asked":        {"j\u00f6rg@example.com", false, 0},
		"no upstream takes it":    {"j\u00f6rg@example.com", true, 553},
		"the device may not":      {"ann@elsewhere.example", true, 550},
	} {
		t.Run(name, func(t *testing.T) {
			inPlant(t, func(p *plant) {
				p.office.noUTF8 = c.not
				d := &device.Device{Name: "line-4", MayTo: []device.Pattern{{Domain: "example.com"}, {Domain: "m\u00fcnchen.example"}}}
				judge := p.Intake(intake.Limits{}, nil).Judge
				got := judge.Recipient(d, address("plc@example.com"), address(c.to))
				if (got == nil) != (c.want == 0) || got != nil && got.Code != c.want {
					t.Errorf("got %v, want %d", got, c.want)
				}
			})
		})
	}
}

func TestKnocksAreBoundedAndTheLatestStay(t *testing.T) {
	inPlant(t, func(p *plant) {
		first := netip.MustParseAddr("192.0.2.1")
		for range 3 {
			p.knock(first, "plc")
			time.Sleep(time.Second)
		}
		at := netip.MustParseAddr("10.0.0.0")
		for range maxKnocks + 50 {
			at = at.Next()
			p.knock(at, "scan")
			time.Sleep(time.Second)
		}
		list := p.Knocks()
		if len(list) != maxKnocks || list[0].Address != at || list[0].Helo != "scan" || list[0].Count != 1 {
			t.Errorf("%d strangers, the latest %+v", len(list), list[0])
		}
		if n := p.Counts.Knocks.Load(); n != maxKnocks+53 {
			t.Errorf("%d knocks", n)
		}
	})
}

func TestManyNamesFromOneAddressAreAnAlarm(t *testing.T) {
	inPlant(t, func(p *plant) {
		for i := range 20 {
			p.hello(netip.MustParseAddr("172.17.0.1"), fmt.Sprintf("plc-%d", i))
		}
		p.alarmed("shared-address")
	})
}

func TestAPersonsWordCounts(t *testing.T) {
	inPlant(t, func(p *plant) {
		ctx := p.Context()
		p.office.say("450 later")
		p.sends(p.mail("x"))
		if err := p.Hold(ctx, "m0001", "wait"); err != nil {
			t.Fatal(err)
		}
		p.office.say("250 ok")
		time.Sleep(3 * time.Hour)
		if r := p.get("m0001"); r.State != outbox.Held || r.Why != "wait" || r.Tries != 1 {
			t.Fatalf("a held message was %s after %d tries", r.State, r.Tries)
		}
		if err := p.Release(ctx, "m0001"); err != nil {
			t.Fatal(err)
		}
		if r := p.get("m0001"); r.State != outbox.Done {
			t.Errorf("a released message is %s", r.State)
		}
		if err := p.Release(ctx, "m0001"); err == nil {
			t.Error("what isn't held was released")
		}
		for _, err := range []error{p.Hold(ctx, "m0001", ""), p.Drop(ctx, "m0001", ""), p.Retry(ctx, "m0001")} {
			if !errors.Is(err, ErrEnded) {
				t.Errorf("of a message that was delivered: %v", err)
			}
		}
		p.older(0)
	})
}

// older compares how many messages nobody waits for.
func (p *plant) older(want int) {
	p.Helper()
	synctest.Wait()
	if got := p.Delivery.Older("all"); got != want {
		p.Errorf("%d messages are older mail, want %d", got, want)
	}
}

func TestADroppedMessageIsntSent(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.office.say("450 later")
		p.sends(p.mail("x"))
		p.older(1)
		if err := p.Drop(p.Context(), "m0001", "a test"); err != nil {
			t.Fatal(err)
		}
		p.office.say("250 ok")
		time.Sleep(3 * time.Hour)
		if r := p.get("m0001"); r.State != outbox.Dropped || r.To[0].Fate != outbox.GivenUp || len(p.office.texts) != 0 {
			t.Errorf("it is %s, %s", r.State, r.To[0].Fate)
		}
		p.older(0)
		p.alarmed()
		if err := p.Retry(p.Context(), "m0001"); err != nil {
			t.Fatal(err)
		}
		if r := p.get("m0001"); r.State != outbox.Done || r.To[0].Fate != outbox.Delivered {
			t.Errorf("tried again it is %s, %s", r.State, r.To[0].Fate)
		}
		p.older(0)
	})
}

func TestARefusedMessageCanBeTriedAgainWhileItsContentIsKept(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.device.VerdictWait = 0
		p.office.say("550 no")
		p.sends(p.mail("x"))
		synctest.Wait()
		p.office.say("250 ok")
		if err := p.Retry(p.Context(), "m0001"); err != nil {
			t.Fatal(err)
		}
		if r := p.get("m0001"); r.State != outbox.Done || r.To[0].Fate != outbox.Delivered {
			t.Errorf("tried again it is %s, %s", r.State, r.To[0].Fate)
		}
		p.device.VerdictWait = -1
		p.office.say("550 no")
		p.sends(p.mail("heard"))
		synctest.Wait()
		var err error
		for i := range 5 {
			if r, _, getErr := p.store.Get(p.Context(), outbox.ID(fmt.Sprintf("m%04d", i))); getErr == nil && r.Subject == "heard" {
				err = p.Retry(p.Context(), r.ID)
			}
		}
		if !errors.Is(err, ErrEnded) || !strings.Contains(err.Error(), "no longer kept") {
			t.Errorf("a message whose content is gone: %v", err)
		}
		p.older(0)
	})
}

func TestRetentionTakesContentsFirstAndRecordsThen(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.device.VerdictWait = 0
		p.office.say("550 no")
		p.sends(p.mail("x"))
		p.get("m0001")
		ended := func(_ context.Context, before time.Time, _ int) ([]outbox.ID, error) {
			if r, _, err := p.store.Get(p.Context(), "m0001"); err == nil && r.Changed.Before(before) {
				return []outbox.ID{"m0001"}, nil
			}
			return nil, nil
		}
		for _, c := range []struct {
			after           time.Duration
			content, record bool
		}{{time.Hour, true, true}, {2 * 24 * time.Hour, false, true}, {9 * 24 * time.Hour, false, false}} {
			time.Sleep(c.after)
			if err := p.Retention(p.Context(), ended, 10*24*time.Hour, 24*time.Hour); err != nil {
				t.Fatal(err)
			}
			_, contentErr := p.store.Content(p.Context(), "m0001")
			_, _, recordErr := p.store.Get(p.Context(), "m0001")
			if (contentErr == nil) != c.content || (recordErr == nil) != c.record {
				t.Errorf("%v later: content %v, record %v", c.after, contentErr, recordErr)
			}
		}
	})
}

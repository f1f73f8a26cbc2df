package gateway

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/memory"
)

// failure is a message of which something failed.
func failure(id string, said string) outbox.Record {
	return outbox.Record{
		ID: outbox.ID(id), Device: "line-4", Peer: netip.MustParseAddr("192.0.2.4"), State: outbox.Done,
		To: []outbox.Recipient{{Address: address("ann@example.com"), Fate: outbox.Refused, By: "office", Reply: code(said)}},
	}
}

func TestNoticesAreBounded(t *testing.T) {
	inPlant(t, func(p *plant) {
		n := &Notices{Gateway: p.Gateway, Operator: address("boss@example.com")}
		write := func(times int) int {
			for i := range times {
				n.Failed(p.Context(), failure(fmt.Sprint(i), "550 no"))
			}
			synctest.Wait()
			return len(p.office.texts)
		}
		if got := write(100); got != noticesPerHour {
			t.Errorf("%d notices in an hour", got)
		}
		time.Sleep(time.Hour)
		if got := write(1); got != noticesPerHour+1 {
			t.Errorf("%d notices after an hour", got)
		}
	})
}

func TestNoNoticeIsWrittenAboutANotice(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.office.say("550 5.1.1 nobody")
		p.device.VerdictWait = 0
		p.sends(p.mail("x"))
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := p.ids; n != 2 {
			t.Errorf("%d messages came of one", n)
		}
		p.alarmed("refused", "refused") // the notice's failure is an alarm all the same
	})
}

func TestADeviceThatIsNamedAsNoticesAreIsADevice(t *testing.T) {
	r := failure("x", "550 no")
	r.Device = noticeDevice
	if isNotice(r) {
		t.Error("its failures would go untold")
	}
}

func TestNobodyIsWrittenToWithoutAnOperator(t *testing.T) {
	inPlant(t, func(p *plant) {
		(&Notices{Gateway: p.Gateway}).Failed(p.Context(), failure("x", "550 no"))
		if p.ids != 0 {
			t.Error("a notice was written")
		}
	})
}

func TestANoticeIsHarmlessText(t *testing.T) {
	n := &Notices{Gateway: &Gateway{Config: Config{Name: "gw.example"}}, Operator: address("j\u00f6rg@m\u00fcnchen.example")}
	r := failure("x", "550 5.1.1 no\r\nBcc: eve@example.com\r\n\r\n\x1b[31m\u202e"+strings.Repeat("x", 5000))
	for range 500 {
		r.To = append(r.To, r.To[0])
	}
	text := string(n.text("n1", r, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
	head, _, _ := strings.Cut(text, "\r\n\r\n")
	if strings.Contains(head, "Bcc") || !strings.Contains(head, "To: undisclosed-recipients:;") || !strings.Contains(head, "Auto-Submitted: auto-generated") {
		t.Errorf("the header is\n%s", head)
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 998 || strings.HasPrefix(line, "Bcc") || strings.ContainsFunc(line, func(c rune) bool { return c < ' ' || c > '~' }) {
			t.Errorf("a line is %.200q", line)
		}
	}
	if !strings.Contains(text, "and 481 more") {
		t.Error("it names all recipients")
	}
}

func TestANoticeThatCantBeStoredIsLetGo(t *testing.T) {
	inPlant(t, func(p *plant) {
		p.breaks(memory.Put, outbox.ErrFull)
		(&Notices{Gateway: p.Gateway, Operator: address("boss@example.com")}).Failed(context.Background(), failure("x", "550 no"))
		p.older(0)
	})
}

package outbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

func address(t *testing.T, text string) mailaddr.Address {
	t.Helper()
	a, err := mailaddr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAStateAfterAnAttempt walks through what an attempt may find: its lease may have
// been lost long ago.
func TestAStateAfterAnAttempt(t *testing.T) {
	ann, bob := address(t, "ann@example.com"), address(t, "bob@example.com")
	to := func(a, b outbox.Fate) []outbox.Recipient {
		return []outbox.Recipient{{Address: ann, Fate: a}, {Address: bob, Fate: b}}
	}
	for name, c := range map[string]struct {
		had    outbox.State
		to     []outbox.Recipient
		said   outbox.State
		fates  []outbox.Recipient
		want   outbox.State
		wantTo []outbox.Recipient
	}{
		"the usual end":        {outbox.Queued, to(outbox.Waiting, outbox.Waiting), outbox.Done, to(outbox.Delivered, outbox.Refused), outbox.Done, to(outbox.Delivered, outbox.Refused)},
		"one is left":          {outbox.Queued, to(outbox.Waiting, outbox.Waiting), outbox.Queued, to(outbox.Delivered, outbox.Waiting), outbox.Queued, to(outbox.Delivered, outbox.Waiting)},
		"held meanwhile":       {outbox.Held, to(outbox.Waiting, outbox.Waiting), outbox.Queued, to(outbox.Delivered, outbox.Waiting), outbox.Held, to(outbox.Delivered, outbox.Waiting)},
		"held, and delivered":  {outbox.Held, to(outbox.Waiting, outbox.Waiting), outbox.Done, to(outbox.Delivered, outbox.Delivered), outbox.Done, to(outbox.Delivered, outbox.Delivered)},
		"dropped meanwhile":    {outbox.Dropped, to(outbox.GivenUp, outbox.GivenUp), outbox.Done, to(outbox.Delivered, outbox.Delivered), outbox.Dropped, to(outbox.GivenUp, outbox.GivenUp)},
		"the others' ends":     {outbox.Queued, to(outbox.Delivered, outbox.Waiting), outbox.Queued, to(outbox.Waiting, outbox.Delivered), outbox.Done, to(outbox.Delivered, outbox.Delivered)},
		"done, but one waits":  {outbox.Queued, to(outbox.Waiting, outbox.Waiting), outbox.Done, to(outbox.Delivered, outbox.Waiting), outbox.Queued, to(outbox.Delivered, outbox.Waiting)},
		"it tried only one":    {outbox.Queued, to(outbox.Waiting, outbox.Waiting), outbox.Queued, to(outbox.Delivered, "")[:1], outbox.Queued, to(outbox.Delivered, outbox.Waiting)},
		"too old":              {outbox.Queued, to(outbox.Waiting, outbox.Waiting), outbox.Expired, to(outbox.GivenUp, outbox.GivenUp), outbox.Expired, to(outbox.GivenUp, outbox.GivenUp)},
		"a rule holds it back": {outbox.Queued, to(outbox.Waiting, outbox.Waiting), outbox.Held, nil, outbox.Held, to(outbox.Waiting, outbox.Waiting)},
	} {
		t.Run(name, func(t *testing.T) {
			had := to("", "")
			copy(had, c.to)
			r := outbox.Record{State: c.had, To: had}
			r.Take(outbox.Attempt{State: c.said, Recipients: c.fates}, time.Unix(9, 0))
			if r.State != c.want || r.Tries != 1 || !r.Changed.Equal(time.Unix(9, 0)) {
				t.Errorf("it is %q after %d tries, want %q", r.State, r.Tries, c.want)
			}
			if diff := cmp.Diff(c.wantTo, r.To, cmp.Comparer(func(a, b mailaddr.Address) bool { return a == b })); diff != "" {
				t.Errorf("the recipients (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.to, had, cmp.Comparer(func(a, b mailaddr.Address) bool { return a == b })); diff != "" {
				t.Errorf("a slice that others share was changed:\n%s", diff)
			}
		})
	}
}

func TestOnlyTheFirstAndTheLatestAttemptsStay(t *testing.T) {
	r := outbox.Record{State: outbox.Queued, To: []outbox.Recipient{{Fate: outbox.Waiting}}}
	for i := range outbox.MaxAttempts + 30 {
		r.Take(outbox.Attempt{Result: fmt.Sprint(i), State: outbox.Queued}, time.Time{})
	}
	if got := len(r.Attempts); got != outbox.MaxAttempts {
		t.Fatalf("%d attempts are kept", got)
	}
	if first, second, last := r.Attempts[0].Result, r.Attempts[1].Result, r.Attempts[outbox.MaxAttempts-1].Result; first != "0" || second != "31" || last != "49" {
		t.Errorf("kept are %s, %s to %s", first, second, last)
	}
	if r.Tries != outbox.MaxAttempts+30 {
		t.Errorf("%d tries", r.Tries)
	}
}

func TestALongConversationIsCutInItsMiddle(t *testing.T) {
	events := make([]conv.Event, outbox.MaxEvents+5)
	for i := range events {
		events[i].State = i
	}
	var r outbox.Record
	r.Take(outbox.Attempt{Events: events}, time.Time{})
	got := r.Attempts[0].Events
	if len(got) != outbox.MaxEvents || got[0].State != 0 || got[199].State != 199 || got[200].State != 205 || got[399].State != 404 {
		t.Errorf("%d events are kept, from %d to %d", len(got), got[0].State, got[len(got)-1].State)
	}
}

package ticket

import (
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/reply"
)

// TestExactlyOneSideWins: in whatever order the two sides act, and however often.
func TestExactlyOneSideWins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := New()
		resolved, expired := 0, 0
		var told Verdict
		for i, act := range rapid.SliceOfN(rapid.Bool(), 1, 6).Draw(t, "acts") {
			if act {
				v := Verdict{Refused: true, Reply: reply.Reply{Code: 500 + i}}
				if k.Resolve(v) {
					resolved, told = resolved+1, v
				}
			} else if k.Expire() {
				expired++
			}
		}
		if resolved+expired != 1 {
			t.Fatalf("%d resolved it and %d let it expire", resolved, expired)
		}
		select {
		case <-k.Done():
			if resolved != 1 || k.Verdict().Reply.Code != told.Reply.Code {
				t.Fatalf("done with %+v, told %+v", k.Verdict(), told)
			}
		default:
			if resolved == 1 {
				t.Fatal("resolved, and nobody hears it")
			}
		}
	})
}

func TestTwoSidesAtOnce(t *testing.T) {
	for range 1000 {
		k := New()
		var resolved, expired bool
		var wg sync.WaitGroup
		wg.Go(func() { resolved = k.Resolve(Verdict{}) })
		wg.Go(func() { expired = k.Expire() })
		wg.Wait()
		if resolved == expired {
			t.Fatalf("resolved %v, expired %v", resolved, expired)
		}
	}
}

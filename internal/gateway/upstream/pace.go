package upstream

import (
	"context"
	"sync"
	"time"
)

// pace keeps to a number of messages a minute: never more in any minute, and never
// more than a tenth of them at once. It is a token bucket, kept as the time at which
// it would be full. Without a number there is no limit.
type pace struct {
	each  time.Duration // one message more
	burst int           // messages at once
	now   func() time.Time

	mu   sync.Mutex
	full time.Time
}

func newPace(perMinute int, now func() time.Time) *pace {
	if perMinute <= 0 {
		return &pace{now: now}
	}
	burst := max(1, perMinute/10)
	return &pace{each: time.Minute/time.Duration(perMinute-burst+1) + 1, burst: burst, now: now}
}

// take takes a message's turn, or says how long to wait before asking again.
func (p *pace) take(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.each == 0 {
		return 0
	}
	full := p.full
	if full.Before(now) {
		full = now
	}
	if wait := full.Sub(now) - time.Duration(p.burst-1)*p.each; wait > 0 {
		return wait
	}
	p.full = full.Add(p.each)
	return 0
}

// wait waits for a message's turn.
func (p *pace) wait(ctx, life context.Context) error {
	for {
		wait := p.take(p.now())
		if wait == 0 {
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-life.Done():
			timer.Stop()
			return ErrClosed
		}
	}
}

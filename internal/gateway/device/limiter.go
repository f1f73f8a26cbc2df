package device

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/rungmail/rungmail/reply"
)

// maxBuckets bounds what a Limiter remembers. Only devices of the plant file get a
// bucket, but names of files long gone would stay.
const maxBuckets = 8192

// Limiter holds devices to their PerMinute, with a bucket of one minute's messages
// each: a burst of all of them may come at once. The zero Limiter is ready. It is safe
// for use by several goroutines at once.
type Limiter struct {
	mu      sync.Mutex
	buckets map[string]bucket
}

// bucket is what a device had left, and when.
type bucket struct {
	tokens float64
	at     time.Time
}

// Take counts one message of a device. It gives nil, or a temporary refusal that says
// when to come again; a message that is refused isn't counted.
func (l *Limiter) Take(d *Device, now time.Time) *reply.Reply {
	if d.PerMinute <= 0 {
		return nil
	}
	wait := l.take(d, now)
	if wait == 0 {
		return nil
	}
	return &reply.Reply{
		Code: int(reply.LocalError), Enhanced: "4.7.1",
		Lines: []string{fmt.Sprintf("%s may send %d messages a minute: try again in %.0f s", d.Name, d.PerMinute, math.Ceil(wait.Seconds()))},
	}
}

// take gives how long to wait, 0 where there was a token.
func (l *Limiter) take(d *Device, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	size := float64(d.PerMinute)
	b, ok := l.buckets[d.Name]
	if !ok {
		l.makeRoom(now)
		b = bucket{tokens: size, at: now}
	}
	// A clock that went back gives nothing, and takes nothing away.
	if passed := now.Sub(b.at); passed > 0 {
		b.tokens += passed.Minutes() * size
	}
	b.tokens, b.at = min(b.tokens, size), now
	var wait time.Duration
	if b.tokens < 1 {
		wait = max(1, time.Duration((1-b.tokens)/size*float64(time.Minute)))
	} else {
		b.tokens--
	}
	l.buckets[d.Name] = b
	return wait
}

// makeRoom drops the buckets that a minute has filled again, which are worth nothing,
// or all of them.
func (l *Limiter) makeRoom(now time.Time) {
	if l.buckets == nil {
		l.buckets = make(map[string]bucket)
	}
	if len(l.buckets) < maxBuckets {
		return
	}
	for name, b := range l.buckets {
		if now.Sub(b.at) >= time.Minute {
			delete(l.buckets, name)
		}
	}
	if len(l.buckets) >= maxBuckets {
		clear(l.buckets)
	}
}

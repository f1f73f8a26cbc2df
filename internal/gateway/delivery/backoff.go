package delivery

import "time"

// Backoff is how long a message waits from try to try.
type Backoff struct {
	First time.Duration // after the first try
	Most  time.Duration // at the longest; each wait is twice the one before
}

// DefaultBackoff suits a plant: soon after a short trouble, not often in a long one.
func DefaultBackoff() Backoff { return Backoff{First: time.Minute, Most: 30 * time.Minute} }

// after is the wait after so many tries, a fifth more or less by chance, so that what
// failed together isn't tried together.
func (b Backoff) after(tries int, chance float64) time.Duration {
	wait := b.First
	for range max(0, tries-1) {
		if wait >= b.Most {
			break
		}
		wait *= 2
	}
	return jitter(min(wait, b.Most), chance)
}

// jitter is a fifth more or less.
func jitter(d time.Duration, chance float64) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*chance))
}

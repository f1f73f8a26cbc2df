package device

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// Bounds of a Shared.
const (
	// SharedNames is how many names may greet from one address before it is taken for
	// that of several devices: a device that was renamed, and one that greets by name or
	// by number, have two.
	SharedNames = 5
	// SharedWithin is the time in which they must greet.
	SharedWithin = time.Hour

	maxShared = 1024 // addresses remembered
)

// Shared detects an address behind which several devices stand. Where a container's
// network or a router gives all of them its own address, a rule for one of them is a
// rule for all, strangers included. It only tells; it refuses nobody. It is safe for
// use by several goroutines at once.
type Shared struct {
	mu    sync.Mutex
	seed  maphash.Seed
	peers map[netip.Addr]*greeters
}

// greeters are the names that greeted from one address in the hour since the first.
type greeters struct {
	since time.Time
	names [SharedNames + 1]uint64 // their hashes
	n     int
}

// NewShared makes a Shared that has seen nobody.
func NewShared() *Shared {
	return &Shared{seed: maphash.MakeSeed(), peers: make(map[netip.Addr]*greeters)}
}

// Greeted notes a HELO or EHLO from an address, a device's or a stranger's. When more
// than SharedNames names have greeted from it within SharedWithin it gives a finding
// in words, once for that time; else "".
func (s *Shared) Greeted(from netip.Addr, name string, now time.Time) string {
	from = from.Unmap()
	hash := maphash.String(s.seed, lowerASCII(name))
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.peers[from]
	if g == nil {
		s.makeRoom(now)
		g = &greeters{since: now}
		s.peers[from] = g
	}
	if past(g, now) {
		*g = greeters{since: now}
	}
	if !g.add(hash) || g.n != len(g.names) {
		return ""
	}
	return fmt.Sprintf("%s different names greet from %s: a container's network, a router or a proxy hides the devices' addresses; "+
		"run with the host's network, or let the devices connect directly", inWords(g.n), from)
}

// add notes a name, and tells whether it is new.
func (g *greeters) add(hash uint64) bool {
	for _, known := range g.names[:g.n] {
		if known == hash {
			return false
		}
	}
	if g.n == len(g.names) {
		return false
	}
	g.names[g.n] = hash
	g.n++
	return true
}

// makeRoom drops the addresses whose time is over, or else the one seen first.
func (s *Shared) makeRoom(now time.Time) {
	if len(s.peers) < maxShared {
		return
	}
	var oldest netip.Addr
	var since time.Time
	for a, g := range s.peers {
		if past(g, now) {
			delete(s.peers, a)
		} else if since.IsZero() || g.since.Before(since) {
			oldest, since = a, g.since
		}
	}
	if len(s.peers) >= maxShared {
		delete(s.peers, oldest)
	}
}

// past tells whether the time of what was seen is over; a clock that went back ends it
// too.
func past(g *greeters, now time.Time) bool {
	age := now.Sub(g.since)
	return age < 0 || age >= SharedWithin
}

// inWords is a small number as a sentence begins.
func inWords(n int) string {
	words := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}
	if n < len(words) {
		return words[n]
	}
	return fmt.Sprint(n)
}

// lowerASCII is a name in lower case, as host names compare.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = lower(c)
	}
	return string(b)
}

package gateway

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Knock is a stranger that greeted.
type Knock struct {
	Address netip.Addr `json:"address"`
	Helo    string     `json:"helo"` // the latest
	First   time.Time  `json:"first"`
	Last    time.Time  `json:"last"`
	Count   uint64     `json:"count"`
}

// maxKnocks bounds the strangers that are remembered.
const maxKnocks = 1000

// knocks remembers strangers, so that people can let them in.
type knocks struct {
	mu   sync.Mutex
	list map[netip.Addr]*Knock
}

func newKnocks() *knocks { return &knocks{list: map[netip.Addr]*Knock{}} }

// add notes a knock, and returns how often the stranger has knocked.
func (k *knocks) add(at netip.Addr, helo string, now time.Time) uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	one := k.list[at]
	if one == nil {
		k.makeRoom()
		one = &Knock{Address: at, First: now}
		k.list[at] = one
	}
	one.Helo, one.Last = helo, now
	one.Count++
	return one.Count
}

// makeRoom forgets who hasn't knocked for the longest time.
func (k *knocks) makeRoom() {
	if len(k.list) < maxKnocks {
		return
	}
	var oldest *Knock
	for _, one := range k.list {
		if oldest == nil || one.Last.Before(oldest.Last) {
			oldest = one
		}
	}
	delete(k.list, oldest.Address)
}

// Knocks lists the strangers, the latest first.
func (g *Gateway) Knocks() []Knock {
	g.knocks.mu.Lock()
	defer g.knocks.mu.Unlock()
	var list []Knock
	for _, one := range g.knocks.list {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(a, b Knock) int { return cmp.Or(b.Last.Compare(a.Last), a.Address.Compare(b.Address)) })
	return list
}

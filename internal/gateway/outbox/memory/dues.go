package memory

import (
	"cmp"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// due is when a message may be claimed, as of one of its changes.
type due struct {
	at  time.Time
	id  outbox.ID
	seq uint64
}

// dues is a heap of them, the first on top.
type dues []due

func (d dues) Len() int { return len(d) }

func (d dues) Less(i, j int) bool {
	return cmp.Or(d[i].at.Compare(d[j].at), cmp.Compare(d[i].id, d[j].id)) < 0
}

func (d dues) Swap(i, j int) { d[i], d[j] = d[j], d[i] }

// Push is container/heap's.
func (d *dues) Push(x any) {
	if one, ok := x.(due); ok {
		*d = append(*d, one)
	}
}

// Pop is container/heap's.
func (d *dues) Pop() any {
	last := len(*d) - 1
	one := (*d)[last]
	*d = (*d)[:last]
	return one
}

// Package alarm tells people that mail is in trouble, by other ways than mail: a log,
// a file, a webhook. One trouble is one alarm, until it is over; that it is over is
// told too.
//
// The package keeps what is on and decides what is news; [Book] owns no socket, file
// or clock. Senders carry the news out.
package alarm

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Kind says what kind of trouble it is.
type Kind string

// The kinds.
const (
	LoginRefused Kind = "login-refused" // an upstream refuses the gateway's login
	UpstreamDown Kind = "upstream-down" // an upstream can't be reached, or refuses service
	Refused      Kind = "refused"       // a message that was answered 250 was refused for good
	PartRefused  Kind = "part-refused"  // some of a message's recipients were refused
	Maybe        Kind = "maybe"         // nobody knows whether a message was delivered
	Expired      Kind = "expired"       // a message was given up
	StoreFailed  Kind = "store-failed"  // nothing is taken any more
	DiskFull     Kind = "disk-full"
	Clock        Kind = "clock"   // the machine's clock is before the program was built
	Damaged      Kind = "damaged" // a content's checksum is wrong
	Shared       Kind = "shared-address"
)

// Alarm is one trouble.
type Alarm struct {
	Kind    Kind      `json:"kind"`
	About   string    `json:"about"` // an upstream, a message, a device; with Kind its name
	Text    string    `json:"text"`  // what is wrong, in a sentence
	Fix     string    `json:"fix"`   // what to do, and whose it is
	Since   time.Time `json:"since"`
	Over    bool      `json:"over"`
	Message string    `json:"message,omitempty"` // id of the message, where it is about one
}

// lasts tells whether a trouble stays on until it is cleared; others are told once.
func (k Kind) lasts() bool {
	switch k {
	case Refused, PartRefused, Maybe, Expired, Damaged:
		return false
	}
	return true
}

// maxOn bounds the troubles that are on at once.
const maxOn = 1000

// Book is the troubles that are on. It is safe for use by several goroutines.
type Book struct {
	tell func(Alarm)
	mu   sync.Mutex
	on   map[key]Alarm
}

type key struct {
	kind  Kind
	about string
}

// NewBook is an empty book; tell is told the news. It must not block.
func NewBook(tell func(Alarm)) *Book { return &Book{tell: tell, on: map[key]Alarm{}} }

// Raise notes a trouble, and tells it unless it is on already.
func (b *Book) Raise(a Alarm) {
	if a.Kind.lasts() && !b.note(a) {
		return
	}
	b.tell(a)
}

// note puts a trouble into the book; false where it stands there, or the book is full.
func (b *Book) note(a Alarm) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := key{a.Kind, a.About}
	if _, on := b.on[k]; on || len(b.on) >= maxOn {
		return false
	}
	b.on[k] = a
	return true
}

// Clear ends a trouble, and tells that if it was on.
func (b *Book) Clear(kind Kind, about string) {
	b.mu.Lock()
	k := key{kind, about}
	a, on := b.on[k]
	delete(b.on, k)
	b.mu.Unlock()
	if on {
		a.Over = true
		b.tell(a)
	}
}

// On lists the troubles that are on, the oldest first.
func (b *Book) On() []Alarm {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]Alarm, 0, len(b.on))
	for _, a := range b.on {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b Alarm) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.About, b.About))
	})
	return list
}

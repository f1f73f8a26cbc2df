// Package conv is the one trace of conversations: what happened between two
// parties, event by event. Whoever holds a conversation writes events; the
// viewer's datagrams, delivery attempts and pages are renderings of them.
//
// Secrets are masked where an event is made, never later. A subscriber that
// doesn't keep up loses events and is told how many; it never slows a mail.
package conv

import (
	"sync"
	"time"
)

// Side says who acted.
type Side string

// The sides of a conversation.
const (
	Self   Side = "self"   // the party that keeps the trace, for itself
	Client Side = "client" // the party that connected
	Server Side = "server" // the party that was connected to
)

// Kind says what happened.
type Kind string

// The kinds of events.
const (
	Opened   Kind = "opened"   // a connection stands; Text is the peer's address
	Note     Kind = "note"     // a remark, such as the recipient of a mail
	Sending  Kind = "sending"  // a step of the conversation begins; Text names it
	Received Kind = "received" // one line of a reply; Code is its number
	Quiet    Kind = "quiet"    // what is recorded but not shown by a viewer
	Ended    Kind = "ended"    // the conversation is over; Code is the result
)

// Event is one thing that happened in a conversation.
type Event struct {
	Conversation string    // id of the conversation, a UUIDv7
	Time         time.Time // when it happened
	Side         Side
	Kind         Kind
	State        int    // state of the party's own state machine, where it has one
	Text         string // printable text, without line ends
	Code         int    // of Received the reply code, of Ended the result; else 0
}

// Sink takes events. It must not block.
type Sink func(Event)

// Hub hands each event to every subscriber. The zero value is ready; it is safe
// for use by several goroutines.
type Hub struct {
	mu   sync.Mutex
	subs map[*Subscription]struct{}
}

// Subscription is a bounded queue of events.
type Subscription struct {
	hub    *Hub
	events chan Event
	lost   uint64
}

// Publish hands an event to every subscriber that has room for it.
func (h *Hub) Publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		select {
		case s.events <- e:
		default:
			s.lost++
		}
	}
}

// Subscribe begins a subscription that holds at most n events, n at least 1.
func (h *Hub) Subscribe(n int) *Subscription {
	s := &Subscription{hub: h, events: make(chan Event, max(1, n))}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs == nil {
		h.subs = map[*Subscription]struct{}{}
	}
	h.subs[s] = struct{}{}
	return s
}

// Events is where the subscriber reads; it is closed by Close.
func (s *Subscription) Events() <-chan Event { return s.events }

// Lost is the number of events that found no room.
func (s *Subscription) Lost() uint64 {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return s.lost
}

// Close ends the subscription; it may be called again.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if _, ok := s.hub.subs[s]; ok {
		delete(s.hub.subs, s)
		close(s.events)
	}
}

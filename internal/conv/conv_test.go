package conv

import (
	"sync"
	"testing"
)

func TestASubscriberGetsEventsInOrder(t *testing.T) {
	var h Hub
	s := h.Subscribe(3)
	for i := range 3 {
		h.Publish(Event{Code: i})
	}
	s.Close()
	n := 0
	for e := range s.Events() {
		if e.Code != n {
			t.Errorf("event %d came as number %d", e.Code, n)
		}
		n++
	}
	if n != 3 || s.Lost() != 0 {
		t.Errorf("%d events came, %d were lost", n, s.Lost())
	}
}

func TestASlowSubscriberLosesAndCounts(t *testing.T) {
	var h Hub
	slow, quick := h.Subscribe(1), h.Subscribe(10)
	for range 10 {
		h.Publish(Event{})
	}
	if slow.Lost() != 9 || quick.Lost() != 0 || len(quick.Events()) != 10 {
		t.Errorf("slow lost %d, quick lost %d and holds %d", slow.Lost(), quick.Lost(), len(quick.Events()))
	}
	slow.Close()
	slow.Close()
	h.Publish(Event{})
}

func TestManyAtOnce(t *testing.T) {
	var h Hub
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s := h.Subscribe(4)
			defer s.Close()
			for range 100 {
				h.Publish(Event{})
			}
		})
	}
	wg.Wait()
}

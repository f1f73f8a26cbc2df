package device

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestAMinutesMessagesAndNoMore(t *testing.T) {
	var l Limiter
	d := &Device{Name: "plc", PerMinute: 3}
	for i := range 3 {
		if r := l.Take(d, noon); r != nil {
			t.Fatalf("message %d: got %v", i+1, r)
		}
	}
	r := l.Take(d, noon)
	if r == nil {
		t.Fatal("the fourth message is taken")
	}
	if want := "451 plc may send 3 messages a minute: try again in 20 s"; r.String() != want || r.Enhanced != "4.7.1" {
		t.Errorf("got %q, %s; want %q", r, r.Enhanced, want)
	}
	if l.Take(d, noon.Add(19*time.Second)) == nil {
		t.Error("taken too early")
	}
	if r := l.Take(d, noon.Add(20*time.Second)); r != nil {
		t.Errorf("after the time it said: got %v", r)
	}
	if l.Take(&Device{Name: "free"}, noon) != nil {
		t.Error("a device without a limit is limited")
	}
	if l.Take(&Device{Name: "other", PerMinute: 1}, noon) != nil {
		t.Error("devices share a bucket")
	}
}

func TestAPauseSavesUpOneMinute(t *testing.T) {
	var l Limiter
	d := &Device{Name: "plc", PerMinute: 3}
	l.Take(d, noon)
	taken := 0
	for range 10 {
		if l.Take(d, noon.Add(time.Hour)) == nil {
			taken++
		}
	}
	if taken != 3 {
		t.Errorf("got %d messages at once after an hour; want 3", taken)
	}
}

func TestAClockThatGoesBackGivesNothing(t *testing.T) {
	var l Limiter
	d := &Device{Name: "plc", PerMinute: 1}
	l.Take(d, noon)
	if l.Take(d, noon.Add(-time.Hour)) == nil {
		t.Error("taken before the clock went on")
	}
	if r := l.Take(d, noon.Add(-time.Hour+time.Minute)); r != nil {
		t.Errorf("a minute later: got %v", r)
	}
}

// In no time are more taken than a bucket and what flowed in.
func TestNoMoreThanTheRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l Limiter
		d := &Device{Name: "plc", PerMinute: rapid.IntRange(1, 600).Draw(t, "per minute")}
		now, taken := noon, 0
		for range rapid.IntRange(1, 200).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "step")))
			if l.Take(d, now) == nil {
				taken++
			}
		}
		most := float64(d.PerMinute) * (1 + now.Sub(noon).Minutes())
		if float64(taken) > most+0.001 {
			t.Fatalf("got %d; want at most %f", taken, most)
		}
	})
}

func TestTheLimiterIsBounded(t *testing.T) {
	var l Limiter
	for i := range 3 * maxBuckets {
		l.Take(&Device{Name: fmt.Sprint(i), PerMinute: 1}, noon)
	}
	if len(l.buckets) > maxBuckets {
		t.Errorf("got %d buckets; want at most %d", len(l.buckets), maxBuckets)
	}
}

func TestManyNamesBehindOneAddress(t *testing.T) {
	s := NewShared()
	from := netip.MustParseAddr("172.17.0.1")
	for i := range SharedNames {
		for _, name := range []string{"plc-%d", "PLC-%d"} {
			if got := s.Greeted(from, fmt.Sprintf(name, i), noon); got != "" {
				t.Fatalf("name %d: got %q", i, got)
			}
		}
	}
	if got := s.Greeted(netip.MustParseAddr("172.17.0.2"), "plc-9", noon); got != "" {
		t.Errorf("another address: got %q", got)
	}
	got := s.Greeted(netip.MustParseAddr("::ffff:172.17.0.1"), "plc-9", noon)
	if want := "six different names greet from 172.17.0.1: a container's network"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q; want %q", got, want)
	}
	if got := s.Greeted(from, "plc-10", noon); got != "" {
		t.Errorf("said again: %q", got)
	}
}

func TestNamesOfAnotherHourDontCount(t *testing.T) {
	s := NewShared()
	from := netip.MustParseAddr("172.17.0.1")
	for i := range 4 * SharedNames {
		if got := s.Greeted(from, fmt.Sprint(i), noon.Add(time.Duration(i)*SharedWithin/SharedNames)); got != "" {
			t.Fatalf("name %d: got %q", i, got)
		}
	}
}

func TestSharedIsBounded(t *testing.T) {
	s := NewShared()
	a := netip.MustParseAddr("2001:db8::1")
	for i := range 2 * maxShared {
		s.Greeted(a, "x", noon.Add(time.Duration(i)*time.Second))
		a = a.Next()
	}
	if len(s.peers) > maxShared {
		t.Errorf("got %d addresses; want at most %d", len(s.peers), maxShared)
	}
}

package alarm

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestOneTroubleIsOneAlarmUntilItIsOver(t *testing.T) {
	var told []Alarm
	b := NewBook(func(a Alarm) { told = append(told, a) })
	down := Alarm{Kind: UpstreamDown, About: "office", Text: "it is down"}
	for range 3 {
		b.Raise(down)
	}
	b.Raise(Alarm{Kind: UpstreamDown, About: "backup"})
	if len(told) != 2 || len(b.On()) != 2 {
		t.Fatalf("told %d, on %d", len(told), len(b.On()))
	}
	b.Clear(UpstreamDown, "office")
	b.Clear(UpstreamDown, "office")
	if len(told) != 3 || !told[2].Over || told[2].Text != down.Text || len(b.On()) != 1 {
		t.Errorf("told %+v", told)
	}
	if b.Raise(down); len(told) != 4 {
		t.Error("the same trouble, a second time, isn't told")
	}
}

func TestWhatDoesntLastIsToldEachTime(t *testing.T) {
	told := 0
	b := NewBook(func(Alarm) { told++ })
	for range 3 {
		b.Raise(Alarm{Kind: Refused, About: "a message"})
	}
	if told != 3 || len(b.On()) != 0 {
		t.Errorf("told %d, on %d", told, len(b.On()))
	}
}

func TestTheBookIsBounded(t *testing.T) {
	b := NewBook(func(Alarm) {})
	for i := range 2 * maxOn {
		b.Raise(Alarm{Kind: Shared, About: strings.Repeat("x", i)})
	}
	if len(b.On()) != maxOn {
		t.Errorf("%d are on", len(b.On()))
	}
}

// carried runs a courier until all has been carried.
func carried(t *testing.T, c *Courier, alarms ...Alarm) {
	t.Helper()
	for _, a := range alarms {
		c.Tell(a)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); c.Run(ctx) }()
	for end := time.Now().Add(20 * time.Second); len(c.queue) > 0 && time.Now().Before(end); <-time.After(time.Millisecond) {
	}
	cancel()
	<-done
}

func TestTheFileHasALineEach(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alarms.jsonl")
	c := NewCourier(path, "", slog.New(slog.DiscardHandler))
	carried(t, c, Alarm{Kind: Maybe, About: "one", Text: "a\nb"}, Alarm{Kind: Maybe, About: "two"})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var first Alarm
	if len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &first) != nil || first.Text != "a\nb" {
		t.Errorf("%s", text)
	}
}

func TestTheWebhookIsTriedAgain(t *testing.T) {
	var asked atomic.Int32
	got := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		got <- string(body)
	}))
	defer server.Close()
	c := NewCourier("", server.URL, slog.New(slog.DiscardHandler))
	c.Tell(Alarm{Kind: LoginRefused, About: "office"})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go c.Run(ctx)
	select {
	case body := <-got:
		if !strings.Contains(body, `"kind":"login-refused"`) {
			t.Error(body)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it isn't tried again")
	}
}

func TestAFullCourierLosesAndCounts(t *testing.T) {
	c := NewCourier("", "", slog.New(slog.DiscardHandler))
	for range waiting + 3 {
		c.Tell(Alarm{})
	}
	if c.Lost() != 3 {
		t.Errorf("lost %d", c.Lost())
	}
}

package index_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/index"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, path string) *index.Index {
	t.Helper()
	x, err := index.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func fresh(t testing.TB) *index.Index { return open(t, filepath.Join(t.TempDir(), "index.db")) }

func address(t testing.TB, text string) mailaddr.Address {
	t.Helper()
	a, err := mailaddr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// change is a message that was received some minutes after noon.
func change(t testing.TB, id string, minutes int, edit func(*outbox.Record)) outbox.Change {
	t.Helper()
	r := outbox.Record{
		ID: outbox.ID(id), Received: noon.Add(time.Duration(minutes) * time.Minute), Device: "line-4", From: address(t, "plc@example.com"),
		To: []outbox.Recipient{{Address: address(t, "ann@example.com"), Fate: outbox.Waiting}}, Subject: "Widget Report " + id, State: outbox.Queued,
	}
	if edit != nil {
		edit(&r)
	}
	return outbox.Change{ID: r.ID, Rev: 1, Record: r}
}

func apply(t testing.TB, x *index.Index, to outbox.Cursor, changes ...outbox.Change) {
	t.Helper()
	if err := x.Apply(t.Context(), changes, to); err != nil {
		t.Fatal(err)
	}
}

// finds checks which messages a search lists, in their order.
func finds(t testing.TB, x *index.Index, q index.Query, want ...string) {
	t.Helper()
	rows, _, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows {
		got = append(got, string(row.ID))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%+v (-want +got):\n%s", q, diff)
	}
}

func refused(r *outbox.Record) {
	r.State, r.Why, r.Tries, r.Device = outbox.Done, "", 1, "printer"
	no := reply.Reply{Code: 550, Lines: []string{"no such user"}}
	r.To[0].Fate, r.To[0].Reply = outbox.Refused, no
	r.Attempts = []outbox.Attempt{{Upstream: "office", Reply: no}}
}

func TestAMessageIsFoundByWhatItHas(t *testing.T) {
	x := fresh(t)
	apply(t, x, 7,
		change(t, "a1", 0, nil),
		change(t, "b2", 1, refused),
		change(t, "c3", 2, func(r *outbox.Record) { r.State, r.Subject = outbox.Held, "\u00dcberlauf an Pumpe 7" }),
		change(t, "d4", 3, func(r *outbox.Record) {
			r.To = append(r.To, outbox.Recipient{Address: address(t, `"b o b"@example.org`), Fate: outbox.Maybe})
		}),
	)
	for _, c := range []struct {
		q    index.Query
		want []string
	}{
		{index.Query{}, []string{"d4", "c3", "b2", "a1"}},
		{index.Query{Device: "printer"}, []string{"b2"}},
		{index.Query{State: outbox.Queued}, []string{"d4", "a1"}},
		{index.Query{State: outbox.Held}, []string{"c3"}},
		{index.Query{Fate: outbox.Refused}, []string{"b2"}},
		{index.Query{Fate: outbox.Maybe}, []string{"d4"}},
		{index.Query{Fate: outbox.Waiting}, []string{"d4", "c3", "a1"}},
		{index.Query{Fate: outbox.Delivered}, nil},
		{index.Query{Upstream: "office"}, []string{"b2"}},
		{index.Query{From: noon.Add(time.Minute)}, []string{"d4", "c3", "b2"}},
		{index.Query{To: noon.Add(time.Minute)}, []string{"a1"}},
		{index.Query{From: noon.Add(time.Minute), To: noon.Add(2 * time.Minute)}, []string{"b2"}},
		{index.Query{Text: "widg"}, []string{"d4", "b2", "a1"}},
		{index.Query{Text: "WIDGET printer"}, []string{"b2"}},
		{index.Query{Text: "\u00fcberl"}, []string{"c3"}},
		{index.Query{Text: "uberlauf"}, []string{"c3"}},
		{index.Query{Text: "example.org"}, []string{"d4"}},
		{index.Query{Text: "c3"}, []string{"c3"}},
		{index.Query{Text: "widget", Device: "line-4", To: noon.Add(time.Minute)}, []string{"a1"}},
		{index.Query{Text: "nothing"}, nil},
		{index.Query{Text: "..."}, nil},
	} {
		finds(t, x, c.q, c.want...)
	}
	if _, _, err := x.Search(t.Context(), index.Query{Fate: "num = num OR waiting"}); !errors.Is(err, index.ErrFate) {
		t.Errorf("a fate that isn't one: %v", err)
	}
}

func TestARowSaysWhatTheListShows(t *testing.T) {
	x := fresh(t)
	apply(t, x, 1, change(t, "b2", 1, func(r *outbox.Record) {
		refused(r)
		r.To = append(r.To, outbox.Recipient{Address: address(t, `"b \" o b"@example.org`), Fate: outbox.Delivered})
		r.Why, r.Size, r.Answer, r.Next = "why", 1234, outbox.AnsweredQueued, noon
	}))
	rows, next, err := x.Search(t.Context(), index.Query{})
	want := []index.Row{{
		ID: "b2", Received: noon.Add(time.Minute), Device: "printer", From: "plc@example.com", To: []string{"ann@example.com", `"b \" o b"@example.org`},
		Recipients: 2, Subject: "Widget Report b2", Size: 1234, State: outbox.Done, Why: "why", Answer: outbox.AnsweredQueued, Upstream: "office", Code: 550,
		Tries: 1, Next: noon, Fates: map[outbox.Fate]int{outbox.Refused: 1, outbox.Delivered: 1},
	}}
	if diff := cmp.Diff(want, rows); diff != "" || next != 0 || err != nil {
		t.Errorf("next %d, %v (-want +got):\n%s", next, err, diff)
	}
}

func TestPagesMissNothingAndRepeatNothing(t *testing.T) {
	x := fresh(t)
	var want []string
	for i := range 25 { // all in the same moment
		apply(t, x, outbox.Cursor(i), change(t, fmt.Sprintf("m%02d", i), 0, nil))
		want = append([]string{fmt.Sprintf("m%02d", i)}, want...)
	}
	for _, text := range []string{"", "widget"} {
		var got []string
		q := index.Query{Text: text, Limit: 5}
		for pages := 1; ; pages++ {
			rows, next, err := x.Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				got = append(got, string(row.ID))
			}
			if q.Before = next; next == 0 {
				if pages != 5 {
					t.Errorf("%d pages", pages)
				}
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestChangesComeAtLeastOnce(t *testing.T) {
	x := fresh(t)
	old := change(t, "a1", 0, nil)
	done := change(t, "a1", 0, refused)
	done.Rev = 5
	apply(t, x, 5, old, done)
	apply(t, x, 5, old) // again: it is no news
	finds(t, x, index.Query{State: outbox.Done}, "a1")
	purged := outbox.Change{ID: "a1", Rev: 6, Purged: true}
	apply(t, x, 6, purged, purged)
	finds(t, x, index.Query{})
	finds(t, x, index.Query{Text: "widget"})
}

func TestTheCursorIsKeptWithTheChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x := open(t, path)
	apply(t, x, 41, change(t, "a1", 0, nil))
	broken := change(t, "b2", 1, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.Apply(ctx, []outbox.Change{broken}, 42); err == nil {
		t.Error("a cancelled call has worked")
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open(t, path)
	if got, err := x.Cursor(t.Context()); got != 41 || err != nil {
		t.Errorf("the cursor is %d, %v", got, err)
	}
	finds(t, x, index.Query{}, "a1")
}

func TestAnIndexThatCantBeUsedIsThrownAway(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"no database": func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("not a database", 1000)), 0o600)
		},
		"cut short": func(path string) error { return os.Truncate(path, 4096) },
		"missing":   os.Remove,
		"another version": func(path string) error {
			head, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			head[63] = 99 // user_version, big-endian at 60
			return os.WriteFile(path, head, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "index.db")
			x := open(t, path)
			apply(t, x, 9, change(t, "a1", 0, nil))
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			if err := spoil(path); err != nil {
				t.Fatal(err)
			}
			x = open(t, path)
			if got, err := x.Cursor(t.Context()); got != 0 || err != nil {
				t.Errorf("the cursor is %d, %v", got, err)
			}
			apply(t, x, 9, change(t, "a1", 0, nil))
			finds(t, x, index.Query{Text: "widget"}, "a1")
			if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 && runtime.GOOS != "windows" {
				t.Errorf("its mode is %v, %v", info.Mode(), err)
			}
		})
	}
}

func TestADayIsCounted(t *testing.T) {
	x := fresh(t)
	apply(t, x, 1,
		change(t, "yesterday", -24*60, refused),
		change(t, "a1", 0, nil), change(t, "b2", 1, refused), change(t, "c3", 2, refused),
		change(t, "tomorrow", 24*60, refused),
	)
	got, err := x.Stats(t.Context(), noon)
	want := index.Stats{
		Messages: 3, Devices: map[string]int{"line-4": 1, "printer": 2}, Codes: map[int]int{550: 2},
		Fates: map[outbox.Fate]int{outbox.Waiting: 1, outbox.Refused: 2},
		Heard: map[string]time.Time{"line-4": noon, "printer": noon.Add(24 * time.Hour)},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	apply(t, x, 2, outbox.Change{ID: "tomorrow", Rev: 9, Purged: true})
	if got, err := x.Stats(t.Context(), noon); !got.Heard["printer"].Equal(noon.Add(24*time.Hour)) || err != nil {
		t.Errorf("a message that was purged was heard all the same: %v, %v", got.Heard, err)
	}
}

// FuzzSearch looks for any text at all: none is an operator, and none an error.
func FuzzSearch(f *testing.F) {
	x := fresh(f)
	apply(f, x, 1, change(f, "a1", 0, nil))
	for _, seed := range []string{"widget", `"`, `" OR "`, "a* NOT b", "NEAR(a b)", "text:widget", "^widget", "\xff\x00", "\u0308\u00df\u1e9e\u0130", strings.Repeat("a ", 1000), "\u00bd \u2167"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, _, err := x.Search(context.Background(), index.Query{Text: text}); err != nil {
			t.Fatal(err)
		}
	})
}

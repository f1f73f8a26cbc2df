package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/rungmail/rungmail/internal/gateway"
	"github.com/rungmail/rungmail/internal/gateway/alarm"
	"github.com/rungmail/rungmail/internal/gateway/delivery"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/index"
)

// GatewayStatus is the gateway as it is now. Its JSON only ever gains fields.
type GatewayStatus struct {
	Listeners []string          `json:"listeners"`
	Upstreams []delivery.Health `json:"upstreams"`
	Live      int               `json:"live"` // messages that are queued or held
	Held      int               `json:"held"`
	Taken     uint64            `json:"taken"`    // since the start
	Joined    uint64            `json:"joined"`   // resends that joined a first one
	Verdicts  uint64            `json:"verdicts"` // devices that heard the upstream's verdict
	Late      uint64            `json:"late"`     // that heard that the mail is queued
	Knocks    []gateway.Knock   `json:"knocks"`   // strangers, the latest first
	Alarms    []alarm.Alarm     `json:"alarms"`   // that are on
}

// status is the gateway as it is now.
func (g *gate) status() *GatewayStatus {
	stats := g.store.Stats()
	s := &GatewayStatus{
		Listeners: g.listeners, Upstreams: g.engine.Health(), Live: stats.Live, Held: stats.Held, Taken: g.Counts.Taken.Load(), Joined: g.Counts.Joined.Load(),
		Verdicts: g.Counts.Verdicts.Load(), Late: g.Counts.Late.Load(), Knocks: g.Knocks(), Alarms: g.book.On(),
	}
	if s.Knocks == nil {
		s.Knocks = []gateway.Knock{}
	}
	return s
}

// QueueList is a page of messages, the newest first.
type QueueList struct {
	Messages []QueueRow `json:"messages"`
	Next     int64      `json:"next"` // where the next page begins; 0 where there is none
}

// QueueRow is a message in a list.
type QueueRow struct {
	ID         outbox.ID           `json:"id"`
	Received   time.Time           `json:"received"`
	Device     string              `json:"device"`
	From       string              `json:"from"`
	To         []string            `json:"to"`         // the first ones
	Recipients int                 `json:"recipients"` // how many there are
	Subject    string              `json:"subject"`
	Size       int64               `json:"size"`
	State      outbox.State        `json:"state"`
	Why        string              `json:"why"`
	Answer     outbox.Answer       `json:"answer"`
	Upstream   string              `json:"upstream"` // that was tried last
	Code       int                 `json:"code"`     // that it gave
	Tries      int                 `json:"tries"`
	Next       time.Time           `json:"next"`
	Fates      map[outbox.Fate]int `json:"fates"` // recipients by fate
}

// QueueDay is the messages of one day.
type QueueDay struct {
	Messages int                  `json:"messages"`
	Devices  map[string]int       `json:"devices"`
	Codes    map[int]int          `json:"codes"` // by the latest reply's code
	Fates    map[outbox.Fate]int  `json:"fates"` // recipients by fate
	Heard    map[string]time.Time `json:"heard"` // the latest message of each device
}

// QueueStats is the day and the gateway.
type QueueStats struct {
	Day     QueueDay      `json:"day"`
	Gateway GatewayStatus `json:"gateway"`
}

// QueueAnswer is what came of a change of messages.
type QueueAnswer struct {
	Changed []outbox.ID       `json:"changed"`
	Refused map[string]string `json:"refused"` // why, by id
}

// QueueOrder is what to do with messages.
type QueueOrder struct {
	Do  string      `json:"do"` // retry, hold, release or drop
	IDs []outbox.ID `json:"ids"`
	All bool        `json:"all"` // every message that is live, with retry, hold and release
	Why string      `json:"why"`
}

// gatewayHandler is the part of the control API that is about mail.
func (a *App) gatewayHandler(mux *http.ServeMux) {
	with := func(f func(g *gate, w http.ResponseWriter, r *http.Request)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if a.gate == nil {
				answer(w, http.StatusNotFound, map[string]string{"error": "the plant file has no [gateway]"})
				return
			}
			f(a.gate, w, r)
		}
	}
	mux.HandleFunc("GET /v1/gateway", with(func(g *gate, w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, g.status()) }))
	mux.HandleFunc("GET /v1/queue", with((*gate).list))
	mux.HandleFunc("GET /v1/queue/stats", with((*gate).queueStats))
	mux.HandleFunc("GET /v1/queue/{id}", with((*gate).show))
	mux.HandleFunc("POST /v1/queue", with((*gate).order))
	mux.HandleFunc("POST /v1/backup", with((*gate).backup))
}

// failedWith answers an error.
func failedWith(w http.ResponseWriter, err error) {
	code := http.StatusInternalServerError
	if errors.Is(err, outbox.ErrNotFound) {
		code = http.StatusNotFound
	}
	answer(w, code, map[string]string{"error": err.Error()})
}

// list searches messages.
func (g *gate) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 || limit > 1000 {
		limit = 50
	}
	if err := g.indexAll(r.Context()); err != nil { // so that what was just taken is there
		failedWith(w, err)
		return
	}
	before, _ := strconv.ParseInt(q.Get("before"), 10, 64) // none begins at the newest
	rows, next, err := g.index.Search(r.Context(), index.Query{
		Text: q.Get("text"), Device: q.Get("device"), State: outbox.State(q.Get("state")), Before: index.Place(before), Limit: limit,
	})
	if err != nil {
		failedWith(w, err)
		return
	}
	list := QueueList{Messages: []QueueRow{}, Next: int64(next)}
	for _, row := range rows {
		list.Messages = append(list.Messages, QueueRow(row))
	}
	answer(w, http.StatusOK, list)
}

// show is one message's record.
func (g *gate) show(w http.ResponseWriter, r *http.Request) {
	record, _, err := g.store.Get(r.Context(), outbox.ID(r.PathValue("id")))
	if err != nil {
		failedWith(w, err)
		return
	}
	answer(w, http.StatusOK, record)
}

// queueStats counts the messages of a day.
func (g *gate) queueStats(w http.ResponseWriter, r *http.Request) {
	if err := g.indexAll(r.Context()); err != nil {
		failedWith(w, err)
		return
	}
	stats, err := g.index.Stats(r.Context(), time.Now().Add(-24*time.Hour))
	if err != nil {
		failedWith(w, err)
		return
	}
	answer(w, http.StatusOK, QueueStats{Day: QueueDay(stats), Gateway: *g.status()})
}

// maxOrder bounds the body of an order.
const maxOrder = 1 << 20

// order changes messages by a person's hand.
func (g *gate) order(w http.ResponseWriter, r *http.Request) {
	var o QueueOrder
	if err := json.NewDecoder(io.LimitReader(r.Body, maxOrder)).Decode(&o); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	do, ok := g.hand(o)
	if !ok {
		answer(w, http.StatusBadRequest, map[string]string{"error": "do is retry, hold, release or drop"})
		return
	}
	if o.All {
		err := g.eachLive(r.Context(), func(r outbox.Record) { o.IDs = append(o.IDs, r.ID) })
		if err != nil {
			failedWith(w, err)
			return
		}
	}
	result := QueueAnswer{Changed: []outbox.ID{}, Refused: map[string]string{}}
	for _, id := range o.IDs {
		if err := do(r.Context(), id); err != nil {
			result.Refused[string(id)] = err.Error()
			continue
		}
		result.Changed = append(result.Changed, id)
		g.log.Info("queue", "do", o.Do, "message", string(id), "why", o.Why)
	}
	answer(w, http.StatusOK, result)
}

// hand is what an order does with one message.
func (g *gate) hand(o QueueOrder) (func(context.Context, outbox.ID) error, bool) {
	switch o.Do {
	case "retry":
		return g.Retry, true
	case "hold":
		return func(ctx context.Context, id outbox.ID) error { return g.Hold(ctx, id, o.Why) }, true
	case "release":
		return g.Release, true
	case "drop":
		return func(ctx context.Context, id outbox.ID) error { return g.Drop(ctx, id, o.Why) }, !o.All
	}
	return nil, false
}

// backup copies the outbox while it runs.
func (g *gate) backup(w http.ResponseWriter, r *http.Request) {
	dir := r.URL.Query().Get("dir")
	if dir == "" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "no folder is named"})
		return
	}
	if err := g.store.Backup(r.Context(), dir); err != nil {
		failedWith(w, err)
		return
	}
	g.log.Info("backup", "folder", dir)
	answer(w, http.StatusOK, map[string]string{"folder": dir})
}

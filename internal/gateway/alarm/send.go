package alarm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// Courier carries alarms to the log, a file and a webhook, on a goroutine of its own.
type Courier struct {
	File    string // appended to, a JSON object a line; empty for none
	Webhook string // posted to; empty for none
	Log     *slog.Logger
	Client  *http.Client

	queue chan Alarm
	lost  atomic.Uint64
}

// waiting is how many alarms may wait for the courier.
const waiting = 256

// Bounds of a webhook.
const (
	hookTries = 3
	hookPause = 2 * time.Second
	hookTime  = 10 * time.Second
)

// NewCourier is a courier that hasn't begun.
func NewCourier(file, webhook string, log *slog.Logger) *Courier {
	return &Courier{File: file, Webhook: webhook, Log: log, Client: &http.Client{Timeout: hookTime}, queue: make(chan Alarm, waiting)}
}

// Tell takes an alarm to carry. It never blocks: what finds no room is counted.
func (c *Courier) Tell(a Alarm) {
	select {
	case c.queue <- a:
	default:
		c.lost.Add(1)
	}
}

// Lost is the number of alarms that found no room.
func (c *Courier) Lost() uint64 { return c.lost.Load() }

// Run carries alarms until the context ends, and those that wait then.
func (c *Courier) Run(ctx context.Context) {
	for {
		select {
		case a := <-c.queue:
			c.carry(ctx, a)
			continue
		default:
		}
		select {
		case a := <-c.queue:
			c.carry(ctx, a)
		case <-ctx.Done():
			return
		}
	}
}

func (c *Courier) carry(ctx context.Context, a Alarm) {
	level, text := slog.LevelError, "alarm"
	if a.Over {
		level, text = slog.LevelInfo, "alarm is over"
	}
	c.Log.Log(ctx, level, text, "kind", string(a.Kind), "about", a.About, "text", a.Text, "fix", a.Fix)
	line, err := json.Marshal(a)
	if err != nil {
		return
	}
	if err := c.write(line); err != nil {
		c.Log.Error("the alarm file can't be written", "error", err.Error())
	}
	if err := c.post(ctx, line); err != nil {
		c.Log.Error("the alarm webhook can't be reached", "error", err.Error())
	}
}

// write appends a line to the file.
func (c *Courier) write(line []byte) (err error) {
	if c.File == "" {
		return nil
	}
	f, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(append(line, '\n')); err != nil {
		return err
	}
	return f.Sync()
}

// post posts to the webhook, some times if need be.
func (c *Courier) post(ctx context.Context, body []byte) error {
	if c.Webhook == "" {
		return nil
	}
	var err error
	for try := range hookTries {
		if try > 0 && !pause(ctx, hookPause) {
			return err
		}
		if err = c.once(ctx, body); err == nil {
			return nil
		}
	}
	return err
}

func (c *Courier) once(ctx context.Context, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Webhook, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := c.Client.Do(r)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("it answered %s", res.Status)
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

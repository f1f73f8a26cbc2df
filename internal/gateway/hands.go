package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// ErrEnded is what a change of a message gives that has come to its end.
var ErrEnded = errors.New("the message has come to its end")

// Retry has a message tried now, whatever it waits for; one that is held is let go.
// One that has failed is tried again for the recipients that didn't get it, while its
// content is kept.
func (g *Gateway) Retry(ctx context.Context, id outbox.ID) error {
	before, r, err := g.change(ctx, id, func(r *outbox.Record) error {
		if !r.State.Live() {
			if err := g.revive(ctx, r); err != nil {
				return err
			}
		}
		r.State, r.Why, r.Next = outbox.Queued, "", g.Now()
		if !g.Now().Before(r.Expires) {
			r.Expires = g.Now().Add(g.Expire)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !before.State.Live() {
		g.Delivery.Submit(outbox.Claimed{Record: r}, nil) // it counts again
	}
	g.Delivery.Release("")
	return nil
}

// revive lets the recipients that don't have a message wait for it again, while its
// content is kept.
func (g *Gateway) revive(ctx context.Context, r *outbox.Record) error {
	waits := false
	for i := range r.To {
		if r.To[i].Fate != outbox.Delivered {
			r.To[i].Fate, waits = outbox.Waiting, true
		}
	}
	if !waits {
		return fmt.Errorf("%w: every recipient has it", ErrEnded)
	}
	content, err := g.Store.Content(ctx, r.ID)
	if errors.Is(err, outbox.ErrNotFound) {
		return fmt.Errorf("%w: its content is no longer kept; have the device send it again", ErrEnded)
	}
	if err != nil {
		return err
	}
	return content.Close()
}

// Hold keeps a message from being tried.
func (g *Gateway) Hold(ctx context.Context, id outbox.ID, why string) error {
	_, _, err := g.change(ctx, id, func(r *outbox.Record) error {
		if !r.State.Live() {
			return ErrEnded
		}
		r.State, r.Why = outbox.Held, why
		return nil
	})
	return err
}

// Release lets a message go that was held.
func (g *Gateway) Release(ctx context.Context, id outbox.ID) error {
	_, _, err := g.change(ctx, id, func(r *outbox.Record) error {
		if r.State != outbox.Held {
			return errors.New("it isn't held")
		}
		r.State, r.Why, r.Next = outbox.Queued, "", g.Now()
		return nil
	})
	if err == nil {
		g.Delivery.Kick()
	}
	return err
}

// Drop takes a message out: nobody who doesn't have it yet gets it.
func (g *Gateway) Drop(ctx context.Context, id outbox.ID, why string) error {
	before, _, err := g.change(ctx, id, func(r *outbox.Record) error {
		if !r.State.Live() {
			return ErrEnded
		}
		r.State, r.Why = outbox.Dropped, why
		for i := range r.To {
			if r.To[i].Fate == outbox.Waiting {
				r.To[i].Fate = outbox.GivenUp
			}
		}
		return nil
	})
	if err == nil {
		g.Delivery.Gone(before)
	}
	return err
}

// changeTries is how often a change is tried anew when delivery has just changed the
// record too.
const changeTries = 10

// change changes a record, and returns it as it was and as it is. People's changes are
// made one after the other.
func (g *Gateway) change(ctx context.Context, id outbox.ID, f func(*outbox.Record) error) (before, after outbox.Record, err error) {
	g.hands.Lock()
	defer g.hands.Unlock()
	for try := 0; ; try++ {
		before, rev, err := g.Store.Get(ctx, id)
		if err != nil {
			return before, before, err
		}
		after := before
		after.To = slices.Clone(before.To)
		if err := f(&after); err != nil {
			return before, after, err
		}
		after.Changed = g.Now()
		_, err = g.Store.Update(ctx, id, rev, after)
		if !errors.Is(err, outbox.ErrConflict) || try == changeTries {
			return before, after, err
		}
	}
}

// Retention removes what has been kept long enough: the contents of failed messages
// after keepFailed, whole records after keep. Ended lists what has ended before a time.
func (g *Gateway) Retention(ctx context.Context, ended func(ctx context.Context, before time.Time, n int) ([]outbox.ID, error), keep, keepFailed time.Duration) error {
	now := g.Now()
	for _, what := range []struct {
		before time.Time
		whole  bool
	}{{now.Add(-keep), true}, {now.Add(-keepFailed), false}} {
		ids, err := ended(ctx, what.before, retentionBatch)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := g.Store.Purge(ctx, id, what.whole); err != nil && !errors.Is(err, outbox.ErrNotFound) {
				return err
			}
		}
	}
	return nil
}

// retentionBatch is how many messages one round of retention looks at.
const retentionBatch = 1000

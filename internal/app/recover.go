package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// recoverMargin is how many changes before the index's place a crash may have kept
// from being told of: the index follows within a moment, and alarms come at once.
const recoverMargin = 1000

// recover raises what a crash kept from being raised. A service that ended in order
// left a note up to where all is told.
func (g *gate) recover(ctx context.Context, state string) error {
	from, err := g.toldUpTo(state)
	if errors.Is(err, os.ErrNotExist) {
		if from, err = g.index.Cursor(ctx); err == nil {
			from -= min(from, recoverMargin)
		}
	}
	if err != nil {
		return err
	}
	_, err = g.Recover(ctx, from)
	return err
}

func toldFile(state string) string { return filepath.Join(state, "outbox", "told") }

// toldUpTo reads the note of the last end and removes it, for it holds for one start.
func (g *gate) toldUpTo(state string) (outbox.Cursor, error) {
	text, err := os.ReadFile(toldFile(state))
	if err != nil {
		return 0, err
	}
	if err := os.Remove(toldFile(state)); err != nil {
		return 0, err
	}
	at, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0, os.ErrNotExist // half a note is none
	}
	return outbox.Cursor(at), nil
}

// told leaves the note: delivery has ended, and every alarm is raised.
func (g *gate) told(ctx context.Context, state string) error {
	if err := g.indexAll(ctx); err != nil {
		return err
	}
	at, err := g.index.Cursor(ctx)
	if err != nil {
		return err
	}
	return durable.WriteFile(durable.OS{}, toldFile(state), strconv.AppendUint(nil, uint64(at), 10))
}

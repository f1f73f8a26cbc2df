package main

import (
	"context"
	"fmt"
	"time"

	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/remote"
)

type plcWatchCmd struct {
	Addresses []string      `arg:"" help:"What to watch, as rungmail plc read takes it." placeholder:"ADDRESS"`
	Every     time.Duration `help:"How often to look (500ms unless set)." default:"500ms" placeholder:"TIME"`
	For       time.Duration `help:"End after this time; until Ctrl-C unless set." placeholder:"30s"`
	Hex       bool          `help:"Print words as K constants, in hex digits."`
	via       `embed:""`
}

// Help is the example of --help.
func (plcWatchCmd) Help() string {
	return "Prints all of it first, and then what has changed, each with the time. While the controller doesn't answer it says so once and tries on.\nExit status: 0 ended by Ctrl-C or --for, 1 refused, 2 wrong usage, 3 no answer at the beginning.\n\nExample: rungmail plc watch C0 C1 V1401 --via modbus://127.0.0.1:5020"
}

// Run watches.
func (c plcWatchCmd) Run(ctx context.Context, s streams) error {
	list, err := parseAddresses(c.Addresses)
	if err != nil {
		return err
	}
	if c.Every < 10*time.Millisecond {
		return usage("--every is 10ms at the least")
	}
	if c.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	w := watcher{cmd: c, list: list, streams: s}
	defer w.close()
	if err := w.look(ctx); err != nil {
		return readFault(err)
	}
	for wait(ctx, c.Every) == nil {
		w.lookAgain(ctx)
	}
	return nil
}

// watcher is a watch under way.
type watcher struct {
	streams
	cmd    plcWatchCmd
	list   []memory.Addr
	memory *remote.Memory
	before []uint16
	lost   bool
}

func (w *watcher) close() {
	if w.memory != nil {
		_ = w.memory.Close()
		w.memory = nil
	}
}

// look reads and prints what has changed.
func (w *watcher) look(ctx context.Context) error {
	var err error
	if w.memory == nil {
		if w.memory, err = w.cmd.open(ctx); err != nil {
			w.memory = nil
			return err
		}
	}
	values, err := w.memory.Read(ctx, w.list)
	if err != nil {
		return err
	}
	now := time.Now()
	if w.lost { // said before what has changed meanwhile
		w.lost = false
		w.notice(now, "it answers again")
	}
	for i, a := range w.list {
		if len(w.before) == len(values) && w.before[i] == values[i] {
			continue
		}
		if err := w.tell(now, a, values[i]); err != nil {
			return err
		}
	}
	w.before = values
	return nil
}

// watchTime is how a watch shows the time of day.
const watchTime = "15:04:05.000"

func (w *watcher) tell(now time.Time, a memory.Addr, v uint16) error {
	if w.cmd.JSON {
		return w.jsonLine(map[string]any{"time": now.UTC().Format(time.RFC3339Nano), "address": a.String(), "value": v})
	}
	w.printf("%s %s\n", now.Format(watchTime), shown(a, v, w.cmd.Hex))
	return nil
}

// notice says what became of the connection, beside the values.
func (w *watcher) notice(now time.Time, text string) {
	_, _ = fmt.Fprintf(w.err, "%s %s\n", now.Format(watchTime), text)
}

// lookAgain goes on when the controller is gone, and says so once.
func (w *watcher) lookAgain(ctx context.Context) {
	err := w.look(ctx)
	if err == nil || ctx.Err() != nil {
		return
	}
	w.close()
	if !w.lost {
		w.notice(time.Now(), err.Error()+"; trying on")
	}
	w.lost = true
}

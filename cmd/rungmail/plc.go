package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/modbuswire"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/remote"
	"github.com/rungmail/rungmail/internal/secret"
)

// plcCmd is what works on the memory of a controller.
type plcCmd struct {
	Read  plcReadCmd  `cmd:"" help:"Read words and bits."`
	Write plcWriteCmd `cmd:"" help:"Write words and bits."`
	Watch plcWatchCmd `cmd:"" help:"Print words and bits whenever they change."`
}

// via is how a controller is reached.
type via struct {
	Via          string        `help:"The controller: hap://HOST[:PORT], or modbus://HOST[:PORT][?unit=N]." default:"hap://127.0.0.1" placeholder:"PLACE"`
	PasswordFile string        `help:"File with the controller's password, where it has one; over hap only." placeholder:"FILE"`
	Timeout      time.Duration `help:"How long to wait for each answer." default:"1s"`
	JSON         bool          `help:"Print one JSON object a line."`
}

// open opens the way to the controller's memory.
func (v via) open(ctx context.Context) (*remote.Memory, error) {
	o := remote.Options{Timeout: v.Timeout}
	if v.PasswordFile != "" {
		text, err := secret.ReadFile(v.PasswordFile)
		if err != nil {
			return nil, exit{exitCouldnt, "the password: " + err.Error()}
		}
		if o.Password, err = hap.ParsePassword(text.Reveal()); err != nil {
			return nil, exit{exitCouldnt, v.PasswordFile + ": " + err.Error()}
		}
	}
	m, err := remote.Open(ctx, v.Via, o)
	return m, memoryFault(err)
}

// memoryFault gives an error of either protocol its exit status.
func memoryFault(err error) error {
	var exception modbuswire.Exception
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exception), errors.Is(err, remote.ErrBitOfWord):
		return no("%s", err)
	case errors.Is(err, remote.ErrScheme):
		return exit{exitUsage, err.Error()}
	}
	return deviceFault(err)
}

type plcReadCmd struct {
	Addresses []string `arg:"" help:"V2000, C17, X0, T3, TA3, B2000.5 and the like, or a range of words such as V2000-V2007." placeholder:"ADDRESS"`
	Hex       bool     `help:"Print words as K constants, in hex digits."`
	via       `embed:""`
}

// Help is the example of --help.
func (plcReadCmd) Help() string {
	return "Addresses are octal, values decimal.\nExit status: 0 read, 1 refused, 3 no answer.\n\nExample: rungmail plc read V3000 V3001 C0 --via hap://127.0.0.1"
}

// Run reads.
func (c plcReadCmd) Run(ctx context.Context, s streams) error {
	list, err := parseAddresses(c.Addresses)
	if err != nil {
		return err
	}
	m, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = m.Close() }()
	values, err := m.Read(ctx, list)
	if err != nil {
		return memoryFault(err)
	}
	return c.via.print(s, list, values, c.Hex)
}

// print prints addresses with their values.
func (v via) print(s streams, list []memory.Addr, values []uint16, hex bool) error {
	if v.JSON {
		object := map[string]uint16{}
		for i, a := range list {
			object[a.String()] = values[i]
		}
		return s.jsonLine(object)
	}
	for i, a := range list {
		if hex && !a.IsBit() {
			s.printf("%s=K%X\n", a, values[i])
		} else {
			s.printf("%s=%d\n", a, values[i])
		}
	}
	return nil
}

// maxAddresses bounds what one command reads.
const maxAddresses = 4096

// parseAddresses reads addresses and ranges.
func parseAddresses(texts []string) ([]memory.Addr, error) {
	var list []memory.Addr
	for _, text := range strings.FieldsFunc(strings.Join(texts, ","), func(r rune) bool { return r == ',' }) {
		first, last, ranged := strings.Cut(text, "-")
		from, err := memory.ParseAddr(strings.TrimSpace(first))
		if err != nil {
			return nil, usage("%s", err)
		}
		to := from
		if ranged {
			if to, err = memory.ParseAddr(strings.TrimSpace(last)); err != nil {
				return nil, usage("%s", err)
			}
		}
		if to.Area != from.Area || to.Num < from.Num || to.Area == memory.B && ranged || len(list)+int(to.Num-from.Num) >= maxAddresses {
			return nil, usage("%q is no range: both ends are of one kind, the lower first, and at most %d addresses are read at once", text, maxAddresses)
		}
		for n := from.Num; ; n++ {
			list = append(list, memory.Addr{Area: from.Area, Num: n, N: from.N})
			if n == to.Num {
				break
			}
		}
	}
	return list, nil
}

type plcWriteCmd struct {
	Settings []string `arg:"" help:"V2000=5, V2000=K1234 (hex digits), C17=1 and the like." placeholder:"ADDRESS=VALUE"`
	Pulse    bool     `help:"Turn the bits off again, after longer than any scan: for one that triggers something."`
	via      `embed:""`
}

// Help is the example of --help.
func (plcWriteCmd) Help() string {
	return "Values are decimal, or hex digits after K. They are written one after the other.\nExit status: 0 written, 1 refused, 3 no answer.\n\nExample: rungmail plc write V3000=2 C10=1 --via hap://127.0.0.1"
}

// setting is an address and what it is to be.
type setting struct {
	addr  memory.Addr
	value uint16
}

// Run writes.
func (c plcWriteCmd) Run(ctx context.Context, s streams) error {
	settings, err := parseSettings(c.Settings)
	if err != nil {
		return err
	}
	m, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = m.Close() }()
	if err := writeAll(ctx, m, settings); err != nil {
		return memoryFault(err)
	}
	if c.Pulse {
		if err := wait(ctx, pulseLength); err != nil {
			return err
		}
		if err := writeAll(ctx, m, bitsOff(settings)); err != nil {
			return memoryFault(err)
		}
	}
	list := make([]memory.Addr, len(settings))
	for i := range settings {
		list[i] = settings[i].addr
	}
	values, err := m.Read(ctx, list)
	if err != nil {
		return memoryFault(err)
	}
	return c.via.print(s, list, values, false)
}

// bitsOff is the bits among settings, each off.
func bitsOff(settings []setting) []setting {
	var off []setting
	for _, one := range settings {
		if one.addr.IsBit() {
			off = append(off, setting{addr: one.addr})
		}
	}
	return off
}

// pulseLength is longer than any scan that a plant file allows.
const pulseLength = 1100 * time.Millisecond

func writeAll(ctx context.Context, m *remote.Memory, settings []setting) error {
	for _, one := range settings {
		if err := m.Write(ctx, one.addr, one.value); err != nil {
			return err
		}
	}
	return nil
}

// parseSettings reads ADDRESS=VALUE.
func parseSettings(texts []string) ([]setting, error) {
	var list []setting
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		addr, err := memory.ParseAddr(strings.TrimSpace(name))
		if err != nil || !ok {
			return nil, usage("%q is nothing to write: write it as V2000=5 or C17=1", text)
		}
		base, digits := 10, strings.TrimSpace(value)
		if rest, isK := strings.CutPrefix(strings.ToUpper(digits), "K"); isK {
			base, digits = 16, rest
		}
		n, err := strconv.ParseUint(digits, base, 16)
		if err != nil || addr.IsBit() && n > 1 {
			return nil, usage("%q: a word is 0 to 65535, or K0 to KFFFF, and a bit 0 or 1", text)
		}
		list = append(list, setting{addr, uint16(n)})
	}
	return list, nil
}

type plcWatchCmd struct {
	Addresses []string      `arg:"" help:"What to watch, as rungmail plc read takes it." placeholder:"ADDRESS"`
	Every     time.Duration `help:"How often to look." default:"500ms"`
	For       time.Duration `help:"End after this time; until Ctrl-C unless set." placeholder:"30s"`
	Hex       bool          `help:"Print words as K constants, in hex digits."`
	via       `embed:""`
}

// Help is the example of --help.
func (plcWatchCmd) Help() string {
	return "Prints all of it first, and then what has changed, each with the time. While the controller doesn't answer it says so once and tries on.\nExit status: 0 ended by Ctrl-C or --for, 1 refused, 3 no answer at the beginning.\n\nExample: rungmail plc watch C0 C1 V1401 --via modbus://127.0.0.1:5020"
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
		return memoryFault(err)
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
	now := time.Now().Format("15:04:05.000")
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

func (w *watcher) tell(now string, a memory.Addr, v uint16) error {
	switch {
	case w.cmd.JSON:
		return w.jsonLine(map[string]any{"time": now, "address": a.String(), "value": v})
	case w.cmd.Hex && !a.IsBit():
		w.printf("%s %s=K%X\n", now, a, v)
	default:
		w.printf("%s %s=%d\n", now, a, v)
	}
	return nil
}

// lookAgain goes on when the controller is gone, and says so once.
func (w *watcher) lookAgain(ctx context.Context) {
	err := w.look(ctx)
	switch {
	case err == nil && w.lost:
		w.lost = false
		_, _ = fmt.Fprintln(w.err, "it answers again")
	case err != nil && ctx.Err() == nil:
		w.close()
		if !w.lost {
			_, _ = fmt.Fprintf(w.err, "%s; trying on\n", err)
		}
		w.lost = true
	}
}

// wait waits for a time; it fails when the context ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

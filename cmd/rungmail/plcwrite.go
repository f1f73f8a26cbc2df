package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/remote"
)

type plcWriteCmd struct {
	Settings []string `arg:"" help:"V2000=5, V2000=K1234 (hex digits), C17=1 and the like." placeholder:"ADDRESS=VALUE"`
	Pulse    bool     `help:"Turn the bits off again, after longer than any scan: for one that triggers something."`
	via      `embed:""`
}

// Help is the example of --help.
func (plcWriteCmd) Help() string {
	return "Values are decimal, or hex digits after K. They are written one after the other.\nExit status: 0 written, 1 refused, 2 wrong usage, 3 no answer.\n\nExample: rungmail plc write V3000=2 C10=1 --pulse --via hap://127.0.0.1"
}

// setting is an address and what it is to be.
type setting struct {
	addr  memory.Addr
	value uint16
}

func (s setting) String() string { return shown(s.addr, s.value, false) }

// Times of a pulse.
const (
	pulseLength = 1100 * time.Millisecond // longer than any scan that a plant file allows
	offWithin   = 10 * time.Second        // bounds turning the bits off, also after Ctrl-C
)

// Run writes.
func (c plcWriteCmd) Run(ctx context.Context, s streams) error {
	settings, err := parseSettings(c.Settings)
	if err != nil {
		return err
	}
	if err := c.judge(settings); err != nil {
		return err
	}
	m, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = m.Close() }()
	write := writeAll
	if c.Pulse {
		write = c.pulse
	}
	if err := write(ctx, m, settings); err != nil {
		return err
	}
	return c.show(ctx, s, m, settings)
}

// judge finds what can't be written before anything is.
func (c plcWriteCmd) judge(settings []setting) error {
	place, err := c.place()
	if err != nil {
		return err
	}
	bits := 0
	for _, one := range settings {
		if err := place.CanWrite(one.addr); err != nil {
			return no("%s; nothing was written", err)
		}
		if one.addr.IsBit() && one.value == 0 && c.Pulse {
			return usage("--pulse turns bits on and then off: %s isn't for it", one)
		}
		if one.addr.IsBit() {
			bits++
		}
	}
	if c.Pulse && bits == 0 {
		return usage("--pulse needs a bit to turn on and off again, such as C10=1")
	}
	return nil
}

// show reads back what was written, and prints it.
func (c plcWriteCmd) show(ctx context.Context, s streams, m *remote.Memory, settings []setting) error {
	list := make([]memory.Addr, len(settings))
	for i := range settings {
		list[i] = settings[i].addr
	}
	values, err := m.Read(ctx, list)
	if err != nil {
		return readFault(err)
	}
	if c.JSON {
		return s.memoryJSON(list, values)
	}
	for i, a := range list {
		switch {
		case !c.Pulse || !a.IsBit():
			s.printf("%s\n", shown(a, values[i], false))
		case values[i] == 0:
			s.printf("%s=1, then 0\n", a)
		default:
			s.printf("%s=1, then 0, and 1 again: something else writes it too\n", a)
		}
	}
	return nil
}

// writeAll writes one setting after the other. Where one fails, the error says which
// were written before it.
func writeAll(ctx context.Context, m *remote.Memory, settings []setting) error {
	for i, one := range settings {
		if err := m.Write(ctx, one.addr, one.value); err != nil {
			return unwritten(err, settings[:i])
		}
	}
	return nil
}

// unwritten is the error of a write with what was written before it.
func unwritten(err error, before []setting) error {
	e := asExit(memoryFault(err, "this computer's address isn't in its write_allow, or the controller is locked: then give its password with --password-file"))
	if e.code != exitNo { // the question or the answer was lost
		e.text += "; whether this one was written isn't known"
	}
	switch {
	case len(before) > 0:
		e.text += "; written before it: " + settingsText(before)
	case e.code == exitNo:
		e.text += "; nothing was written"
	}
	return e
}

func settingsText(list []setting) string {
	texts := make([]string, len(list))
	for i, one := range list {
		texts[i] = one.String()
	}
	return strings.Join(texts, ", ")
}

// asExit is an error with its exit status.
func asExit(err error) exit {
	var e exit
	if errors.As(err, &e) {
		return e
	}
	return exit{exitCouldnt, err.Error()}
}

// pulse writes, waits, and turns the bits off: whatever comes between, they don't
// stay on.
func (c plcWriteCmd) pulse(ctx context.Context, m *remote.Memory, settings []setting) error {
	if err := c.alreadyOn(ctx, m, settings); err != nil {
		return err
	}
	on, err := turnOn(ctx, m, settings)
	if err == nil || ctx.Err() != nil {
		err = nil
		if wait(ctx, pulseLength) != nil {
			err = no("stopped early: the program may not have seen it")
		}
	}
	if off := c.off(ctx, m, on); off != nil {
		return exit{exitCouldnt, strings.TrimPrefix(textOf(err)+"; ", "; ") + off.Error()}
	}
	return err
}

// turnOn writes settings until one fails, and gives the bits that are on then, or may
// be: without an answer one may be on all the same.
func turnOn(ctx context.Context, m *remote.Memory, settings []setting) (on []setting, err error) {
	for i, one := range settings {
		if err := m.Write(ctx, one.addr, one.value); err != nil {
			err = unwritten(err, settings[:i])
			if one.addr.IsBit() && asExit(err).code != exitNo {
				on = append(on, setting{addr: one.addr})
			}
			return on, err
		}
		if one.addr.IsBit() {
			on = append(on, setting{addr: one.addr})
		}
	}
	return on, nil
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// alreadyOn turns bits off that are on before their pulse.
func (c plcWriteCmd) alreadyOn(ctx context.Context, m *remote.Memory, settings []setting) error {
	var bits []memory.Addr
	for _, one := range settings {
		if one.addr.IsBit() {
			bits = append(bits, one.addr)
		}
	}
	values, err := m.Read(ctx, bits)
	if err != nil {
		return readFault(err)
	}
	var on []setting
	var names []string
	for i, v := range values {
		if v != 0 {
			on, names = append(on, setting{addr: bits[i]}), append(names, bits[i].String())
		}
	}
	switch {
	case len(on) == 0:
		return nil
	case len(on) > 1:
		err = no("%s were on already, so there was no leading edge: they are off now, pulse them again", strings.Join(names, ", "))
	default:
		err = no("%s was on already, so there was no leading edge: it is off now, pulse it again", names[0])
	}
	if off := writeAll(ctx, m, on); off != nil {
		return off
	}
	return err
}

// off turns bits off, with a time of its own and, where the connection has gone,
// with one of its own.
func (c plcWriteCmd) off(ctx context.Context, m *remote.Memory, bits []setting) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), offWithin)
	defer cancel()
	failed, err := writeEach(ctx, m, bits)
	if err != nil {
		if again, unopened := c.open(ctx); unopened == nil {
			defer func() { _ = again.Close() }()
			failed, err = writeEach(ctx, again, bits)
		}
	}
	if err != nil {
		return fmt.Errorf("turning off failed too, so see to it that these don't stay on: %s: %w", settingsText(failed), err)
	}
	return nil
}

// writeEach writes all that it can, and gives what it couldn't.
func writeEach(ctx context.Context, m *remote.Memory, settings []setting) (failed []setting, err error) {
	for _, one := range settings {
		if fault := m.Write(ctx, one.addr, one.value); fault != nil {
			failed, err = append(failed, one), errors.Join(err, fault)
		}
	}
	return failed, err
}

// parseSettings reads ADDRESS=VALUE.
func parseSettings(texts []string) ([]setting, error) {
	var list []setting
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, usage("%q is nothing to write: write it as V2000=5 or C17=1", text)
		}
		addr, err := memory.ParseAddr(strings.TrimSpace(name))
		if err != nil {
			return nil, usage("%s", err)
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

package main

import (
	"context"
	"errors"
	"fmt"
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
	Via          string        `help:"The controller: hap://HOST[:PORT], or modbus://HOST[:PORT][?unit=N] (hap://127.0.0.1 unless set)." default:"hap://127.0.0.1" placeholder:"PLACE"`
	PasswordFile string        `help:"File with the controller's password, where it has one; over hap only." placeholder:"FILE"`
	Timeout      time.Duration `help:"How long to wait for each answer (1s unless set)." default:"1s" placeholder:"TIME"`
	JSON         bool          `help:"Print one JSON object a line."`
}

// place judges how the controller is to be reached.
func (v via) place() (remote.Place, error) {
	p, err := remote.ParsePlace(v.Via)
	switch {
	case err != nil:
		return p, usage("--via %s", err)
	case p.Modbus() && v.PasswordFile != "":
		return p, usage("--password-file is for hap://: over modbus:// a controller asks for no password")
	}
	return p, nil
}

// open opens the way to the controller's memory.
func (v via) open(ctx context.Context) (*remote.Memory, error) {
	place, err := v.place()
	if err != nil {
		return nil, err
	}
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
	m, err := place.Open(ctx, o)
	return m, readFault(err)
}

// readFault gives an error of reading memory its exit status.
func readFault(err error) error {
	return memoryFault(err, "the controller is locked: give its password with --password-file")
}

// memoryFault gives an error of either protocol its exit status; protected is what
// error 126 means.
func memoryFault(err error, protected string) error {
	var exception modbuswire.Exception
	if errors.As(err, &exception) {
		return no("%s", err)
	}
	return deviceFault(err, protected)
}

type plcReadCmd struct {
	Addresses []string `arg:"" help:"V2000, C17, X0, T3, TA3, B2000.5 and the like, or a range of words such as V2000-V2007." placeholder:"ADDRESS"`
	Hex       bool     `help:"Print words as K constants, in hex digits."`
	via       `embed:""`
}

// Help is the example of --help.
func (plcReadCmd) Help() string {
	return "Addresses are octal, values decimal.\nExit status: 0 read, 1 refused, 2 wrong usage, 3 no answer.\n\nExample: rungmail plc read V3000 V3001 C0 --via hap://127.0.0.1"
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
		return readFault(err)
	}
	if c.JSON {
		return s.memoryJSON(list, values)
	}
	for i, a := range list {
		s.printf("%s\n", shown(a, values[i], c.Hex))
	}
	return nil
}

// shown is an address with its value, as ADDRESS=VALUE takes it again.
func shown(a memory.Addr, v uint16, hex bool) string {
	if hex && !a.IsBit() {
		return fmt.Sprintf("%s=K%X", a, v)
	}
	return fmt.Sprintf("%s=%d", a, v)
}

// memoryJSON prints addresses with their values as one object.
func (s streams) memoryJSON(list []memory.Addr, values []uint16) error {
	object := map[string]uint16{}
	for i, a := range list {
		object[a.String()] = values[i]
	}
	return s.jsonLine(object)
}

// maxAddresses bounds what one command reads.
const maxAddresses = 4096

// parseAddresses reads addresses and ranges.
func parseAddresses(texts []string) ([]memory.Addr, error) {
	var list []memory.Addr
	for _, text := range texts {
		pieces := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
		if len(pieces) == 0 {
			return nil, usage("%q names no address: write one such as V2000, C17 or V2000-V2007", text)
		}
		for _, piece := range pieces {
			from, to, err := parseRange(piece)
			if err != nil {
				return nil, err
			}
			if len(list)+int(to.Num-from.Num) >= maxAddresses {
				return nil, usage("%q is too much: at most %d addresses are read at once", piece, maxAddresses)
			}
			for n := from.Num; ; n++ {
				list = append(list, memory.Addr{Area: from.Area, Num: n, N: from.N})
				if n == to.Num {
					break
				}
			}
		}
	}
	return list, nil
}

// parseRange reads an address, or a range's two ends.
func parseRange(text string) (from, to memory.Addr, err error) {
	first, last, ranged := strings.Cut(text, "-")
	if from, err = memory.ParseAddr(first); err == nil && ranged {
		to, err = memory.ParseAddr(last)
	}
	switch {
	case err != nil:
		return from, to, usage("%s", err)
	case !ranged:
		return from, from, nil
	case to.Area != from.Area || to.Num < from.Num || to.Area == memory.B:
		return from, to, usage("%q is no range: both ends are of one kind, the lower first", text)
	}
	return from, to, nil
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

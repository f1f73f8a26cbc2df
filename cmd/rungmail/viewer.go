package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/internal/viewer"
	"github.com/rungmail/rungmail/reply"
)

type viewerCmd struct {
	Address string        `arg:"" optional:"" help:"The module, HOST or HOST:PORT; - reads a trace from standard input."`
	File    string        `help:"Follow a log file as it grows." placeholder:"PATH"`
	Port    uint16        `help:"The local UDP port, for a module that sends to 29298 only (any free one unless set)." placeholder:"29298"`
	Plain   bool          `help:"Print the lines, as without a terminal."`
	Explain bool          `help:"With --plain, say below each reply what it means."`
	For     time.Duration `help:"End after so long." placeholder:"30s"`
}

// Help is the example of --help.
func (viewerCmd) Help() string {
	return `Turns the module's e-mail trace on and off again at the end. Without an address it lists the modules on the network.
Exit status: 0 watched to the end, 3 the module never answered or has no place for another viewer.

Example: rungmail viewer 192.168.12.86`
}

// Run watches a trace.
func (c viewerCmd) Run(ctx context.Context, s streams) error {
	screen := !c.Plain && isTerminal(s.out)
	switch {
	case c.Address != "" && c.File != "":
		return usage("an address and --file are two traces: name one")
	case c.Address == "" && c.File == "" && !screen:
		return usage("no module named: write its address, such as rungmail viewer 192.168.12.86, or - to read a trace")
	case c.Address == "-" && isTerminal(s.in):
		return usage("nothing is piped in: write rungmail viewer - < FILE, or start rungmail viewer and paste the trace")
	case c.For < 0:
		return usage("--for is a time such as 30s: %s isn't", c.For)
	}
	source, err := c.source(ctx, s)
	if err != nil {
		return err
	}
	if c.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	if screen {
		return c.screen(ctx, s, source)
	}
	defer func() { _ = source.Close() }() // the trace that can't be turned off ends by itself
	return c.print(ctx, s, source)
}

// source is what is watched first; nil where that is still to be chosen.
func (c viewerCmd) source(ctx context.Context, s streams) (viewer.Source, error) {
	switch {
	case c.File != "":
		return viewer.Follow(c.File)
	case c.Address == "-":
		return viewer.NewStream("standard input", s.in), nil
	case c.Address == "":
		return nil, nil
	}
	return c.watch(ctx, c.Address, viewer.Device{})
}

// watch watches the module at HOST or HOST:PORT, which found is if it came from the
// device list.
func (c viewerCmd) watch(ctx context.Context, address string, found viewer.Device) (viewer.Source, error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(address, strconv.Itoa(trace.Port))
	}
	at, err := resolve(ctx, address)
	if err != nil {
		return nil, err
	}
	known := viewer.Known{IP: found.IP, Name: found.Name}
	switch {
	case found.Unsure:
		known = viewer.Known{}
	case found == viewer.Device{}:
		known = identify(ctx, netip.AddrPortFrom(at.Addr(), hap.Port), at.Port())
	}
	return viewer.Watch(ctx, at, c.Port, known)
}

// screen is the viewer on a terminal.
func (c viewerCmd) screen(ctx context.Context, s streams, source viewer.Source) error {
	m := viewer.New(ctx, viewer.Config{
		Source: source, Watch: c.watch, Discover: search, Save: viewer.Save, Now: time.Now,
	})
	_, err := tea.NewProgram(m, tea.WithContext(ctx), tea.WithOutput(s.out), tea.WithoutSignalHandler()).Run()
	_ = m.Close() // the trace that can't be turned off ends by itself
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the terminal: %w", err)
	}
	return nil
}

// print prints each line as it comes.
func (c viewerCmd) print(ctx context.Context, s streams, source viewer.Source) error {
	var log viewer.Log
	var last viewer.Entry
	for {
		entries, err := source.Next(ctx)
		for _, e := range entries {
			last = e
			log.Add(e)
			s.printf("%s\n", e)
			if viewer.Refused(e) {
				c.below(s, log.ExplainBelow(reply.Explainer{Now: time.Now()}, log.Len()-1))
			}
		}
		switch {
		case err == nil:
		case ctx.Err() != nil, errors.Is(err, io.EOF):
			c.below(s, viewer.Stalled(reply.Explainer{Now: time.Now()}, last))
			return nil //nolint:nilerr // the end isn't a failure
		case errors.Is(err, viewer.ErrSilent), errors.Is(err, viewer.ErrFull):
			return exit{exitCouldnt, c.Address + ": " + err.Error()}
		default:
			return err
		}
	}
}

// below prints an explanation below a line.
func (c viewerCmd) below(s streams, explanation []string) {
	if !c.Explain {
		return
	}
	for _, line := range explanation {
		s.printf("    %s\n", smtpwire.Printable(line))
	}
}

// isTerminal tells whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(f.Fd())
}

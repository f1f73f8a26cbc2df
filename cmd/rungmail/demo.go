package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"github.com/rungmail/rungmail/examples"
	"github.com/rungmail/rungmail/internal/catcher"
	"github.com/rungmail/rungmail/internal/link"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/trial"
	"github.com/rungmail/rungmail/reply"
)

type demoCmd struct{}

// Help is the example of --help.
func (demoCmd) Help() string {
	return "A soft DL06 runs the Widget Report, its virtual ECOM100 sends the mail over TCP to a catcher on this machine, and you see the trace, the mail and the bits. It ends by itself.\n\nExample: rungmail demo"
}

// figures are what the demo's machine has counted: a shift and its widgets.
var figures = []trial.Setting{
	{Addr: memory.Addr{Area: memory.V, Num: 0o3000}, Value: 2},
	{Addr: memory.Addr{Area: memory.V, Num: 0o3001}, Value: 57555},
}

// Run runs the demo.
func (demoCmd) Run(ctx context.Context, s streams) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("no port for the mail catcher: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	mails := make(chan catcher.Received, 1)
	served := make(chan struct{})
	go func() {
		defer close(served)
		catcher.Serve(ctx, listener, "catcher.example.com", func(r catcher.Received) { mails <- r })
	}()
	defer func() { stop(); <-served }()
	config, tree, err := demoTrial(listener.Addr())
	if err != nil {
		return err
	}
	s.printf("A soft DL06 runs the Widget Report; its ECOM100 sends to a mail catcher at %s.\n", listener.Addr())
	s.printf("V3000=2 (the shift), V3001=57555 (widgets), and now C10 goes on.\n\ntrace\n")
	config.Line = func(line string) { s.printf("  %s\n", line) }
	t, err := trial.Run(ctx, config)
	if err != nil {
		return no("%s", err)
	}
	return demoResult(s, t, tree, mails)
}

// demoTrial is the Widget Report with a module that is set up for the catcher.
func demoTrial(server net.Addr) (trial.Config, *ladder.Program, error) {
	text, err := examples.Files.ReadFile(examples.WidgetReport)
	if err != nil {
		return trial.Config{}, nil, err
	}
	tree, err := ladder.Parse(examples.WidgetReport, text)
	if err != nil {
		return trial.Config{}, nil, err
	}
	result := check.Check(tree, nil)
	if result.Program == nil {
		return trial.Config{}, nil, fmt.Errorf("%s fails the checker", examples.WidgetReport)
	}
	at, err := netip.ParseAddrPort(server.String())
	if err != nil {
		return trial.Config{}, nil, err
	}
	module := trial.DefaultModule(1)
	module.Email.Server, module.Email.Port, module.Email.Name = at.Addr(), at.Port(), "Machine A-42F"
	clock := trial.NewWall()
	return trial.Config{
		Program: result.Program, CPU: tree.Controller.Name, Clock: clock, Network: link.TCP{Wake: clock.Wake},
		Modules: []trial.Module{module},
		Set:     figures, Pulse: []memory.Addr{{Area: memory.C, Num: 0o10}},
	}, tree, nil
}

// demoResult shows the mail, the bits and what they mean.
func demoResult(s streams, t *trial.Trial, tree *ladder.Program, mails chan catcher.Received) error {
	s.printf("\n")
	select {
	case m := <-mails:
		printMail(s, m)
	default:
		s.printf("the catcher got no mail\n")
	}
	s.printf("\n")
	for i := range tree.Nodes {
		if n := &tree.Nodes[i]; n.Kind == ladder.Box && n.Box.Mnemonic == isa.EmailBox {
			printOutputs(s, t, n)
		}
	}
	last, ended := t.Last(isa.EmailBox)
	printDiagnosis(s, reply.Diagnose(ended && last.Code == 0, ended && last.Code != 0, last.Code))
	if !ended || last.Code != 0 {
		return no("")
	}
	s.printf("\nNext: rungmail try examples/widget-report.rll --fail rcpt='550 5.1.1 no such user'\n")
	return nil
}

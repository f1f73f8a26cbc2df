package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/rungmail/rungmail/examples"
	"github.com/rungmail/rungmail/internal/app"
	"github.com/rungmail/rungmail/internal/catcher"
	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/internal/plant"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/remote"
	"github.com/rungmail/rungmail/reply"
)

type demoCmd struct {
	Once bool `help:"End after the mail, on a terminal too."`
}

// Help is the example of --help.
func (demoCmd) Help() string {
	return "A soft DL06 runs the Widget Report, its virtual ECOM100 sends the mail over TCP to a catcher on this machine, and you see the trace, the mail and the bits. On a terminal it stays until Ctrl-C, so that you can browse to the module; otherwise, with --once or with CI=true, it ends by itself.\n\nExample: rungmail demo"
}

// demoIP is what the demo's module says of itself, as in the source's example.
const demoIP = "192.168.12.86"

// demoTime bounds how long the demo's mail may take.
const demoTime = 30 * time.Second

// Run runs the demo.
func (c demoCmd) Run(ctx context.Context, s streams) (err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("no port for the mail catcher: %w", err)
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	mails, served := make(chan catcher.Received, 16), make(chan struct{})
	go func() {
		defer close(served)
		catcher.Serve(serving, listener, "catcher.example.com", func(r catcher.Received) {
			select {
			case mails <- r:
			default:
			}
		})
	}()
	defer func() { stop(); <-served }()
	d, err := newDemo(listener.Addr())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	s.printf("A soft DL06 runs the Widget Report; its ECOM100 sends to a mail catcher at %s.\n", listener.Addr())
	m, err := remote.Open(ctx, "hap://"+d.at[plant.HAP], remote.Options{Timeout: time.Second})
	if err != nil {
		return err
	}
	defer func() { _ = m.Close() }()
	if err := d.first(ctx, s, m, mails); err != nil {
		return err
	}
	if !c.Once && os.Getenv("CI") != "true" && isTerminal(s.out) {
		d.stay(ctx, s, m, mails)
		return nil
	}
	s.printf("\nNext: %s try examples/widget-report.rll --fail rcpt='550 5.1.1 no such user'\n", self())
	return nil
}

// demo is a service with one rack, in a folder of its own.
type demo struct {
	app    *app.App
	folder string
	at     map[string]string // where the module's servers answer
	events *conv.Subscription

	counted uint64 // the ladder's mails that have been shown
}

// newDemo starts the service.
func newDemo(server net.Addr) (_ *demo, err error) {
	d := &demo{}
	if d.folder, err = os.MkdirTemp("", "rungmail-demo-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	at, err := netip.ParseAddrPort(server.String())
	if err != nil {
		return nil, err
	}
	program, err := examples.Files.ReadFile(examples.WidgetReport)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(d.folder, examples.WidgetReport), program, 0o600); err != nil {
		return nil, err
	}
	file, err := plant.Parse(filepath.Join(d.folder, "plant.toml"), fmt.Appendf(nil, demoPlant, examples.WidgetReport, demoIP, at.Addr(), at.Port()))
	if err != nil {
		return nil, err
	}
	if d.app, err = app.New(file, app.Options{Version: version}); err != nil {
		return nil, err
	}
	d.events = d.app.Hub().Subscribe(256)
	if err := d.app.Start(); err != nil {
		return nil, err
	}
	d.at = d.app.Status().Racks[0].Modules[0].Servers
	return d, nil
}

const demoPlant = `[[rack]]
name = "demo"
cpu = "DL06"
program = %q
  [[rack.module]]
  slot = 1
  type = "H0-ECOM100"
  servers = ["http", "hap", "trace", "modbus"]
  http = 0
  hap = 0
  trace = 0
  modbus = 0
  name = "Barry"
  description = "Rutles Drummer"
  ip = %q
  subnet = "255.255.0.0"
    [rack.module.email]
    server = %q
    port = %d
    sender_name = "Machine A-42F"
    sender_address = "plc@example.com"
`

// close ends the service and takes its folder away.
func (d *demo) close() error {
	var err error
	if d.events != nil {
		d.events.Close()
	}
	if d.app != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		err = d.app.Stop(ctx)
	}
	return errors.Join(err, os.RemoveAll(d.folder))
}

// first has the rung send a mail, by the module's own protocols, and shows it.
func (d *demo) first(ctx context.Context, s streams, m *remote.Memory, mails chan catcher.Received) error {
	ctx, cancel := context.WithTimeout(ctx, demoTime)
	defer cancel()
	s.printf("V3000=2 (the shift), V3001=57555 (widgets), and now C10 goes on.\n")
	settings, err := parseSettings([]string{"V3000=2", "V3001=57555", "C10=1"})
	if err != nil {
		return err
	}
	if err := writeAll(ctx, m, settings); err != nil {
		return err
	}
	err = d.mail(ctx, s, m, mails)
	if off := m.Write(ctx, settings[2].addr, 0); err == nil && off != nil { // so that it can come on again
		return off
	}
	return err
}

// mail shows the next mail: its trace, the mail itself, and what became of it.
func (d *demo) mail(ctx context.Context, s streams, m *remote.Memory, mails chan catcher.Received) error {
	if !d.trace(ctx, s) {
		return no("the box never ended: %s", context.Cause(ctx))
	}
	s.printf("\n")
	select {
	case got := <-mails:
		printMail(s, got)
	default:
		s.printf("the catcher got no mail\n")
	}
	one := d.app.Status().Racks[0].Modules[0]
	ladders := one.Sent + one.Failed
	if ladders == d.counted {
		s.printf("\nIt was a test mail: the ladder's box has no part in it.\n")
		return nil
	}
	d.counted = ladders
	return d.outputs(ctx, s, m)
}

// trace prints the next conversation until its end, and tells whether it got there.
func (d *demo) trace(ctx context.Context, s streams) bool {
	begun := false
	for {
		select {
		case e := <-d.events.Events():
			line, ok := trace.Line(e)
			if ok && !begun {
				begun = true
				s.printf("\ntrace\n")
			}
			if ok {
				s.printf("  %s\n", trace.Stamped(e.Time, demoIP, line))
			}
			if e.Kind == conv.Ended {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

// demoOutputs are the outputs of the Widget Report's ECEMAIL box: Success, Error,
// Error Code.
func demoOutputs() []memory.Addr {
	return []memory.Addr{{Area: memory.C, Num: 0}, {Area: memory.C, Num: 1}, {Area: memory.V, Num: 0o1401}}
}

// outputs waits until the box has ended, and shows what it says.
func (d *demo) outputs(ctx context.Context, s streams, m *remote.Memory) error {
	list := demoOutputs()
	values, err := m.Read(ctx, list)
	for err == nil && values[0] == values[1] {
		if err = wait(ctx, time.Millisecond); err == nil {
			values, err = m.Read(ctx, list)
		}
	}
	if err == nil { // once more: the bits may have come on between their request and that of the code
		values, err = m.Read(ctx, list)
	}
	if err != nil {
		return no("the box never ended: %s", err)
	}
	s.printf("\nECEMAIL:  Success %s=%d  Error %s=%d  Error Code %s=%d\n", list[0], values[0], list[1], values[1], list[2], values[2])
	printDiagnosis(s, reply.Diagnose(values[0] == 1, values[1] == 1, int(values[2])))
	if values[0] != 1 {
		return no("")
	}
	return nil
}

// stay says what to do while the demo stays, and shows each further mail.
func (d *demo) stay(ctx context.Context, s streams, m *remote.Memory, mails chan catcher.Received) {
	s.printf("\nIt runs on until Ctrl-C, and its module is met as one of metal is. In a browser, or in another terminal:\n")
	s.printf("  its pages          http://%s/\n", d.at[plant.HTTP])
	s.printf("  its trace          %s viewer %s\n", self(), d.at[plant.Trace])
	s.printf("  another mail       %s plc write C10=1 --pulse --via hap://%s\n", self(), d.at[plant.HAP])
	s.printf("  what became of it  %s plc read C0 C1 V1401 --via modbus://%s\n", self(), d.at[plant.Modbus])
	s.printf("  all that it is     %s device show %s\n", self(), d.at[plant.HAP])
	for ctx.Err() == nil {
		if err := d.mail(ctx, s, m, mails); err != nil && ctx.Err() == nil {
			s.warn(err)
		}
	}
}

// Package app wires a plant file into a running service: racks with their
// modules and programs, and the control socket that commands reach it by. Tests
// and the binary use the same object.
//
// New judges the plant, takes the state folder and builds; Start begins; Stop
// ends in the reverse order and may be called again.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/plant"
)

// Options is what a service needs beside its plant file.
type Options struct {
	Version string
	Log     *slog.Logger
	Disk    durable.Disk // durable.OS{} unless set
	// Finish bounds how long a stopping rack waits for a mail that is under way;
	// 5 seconds unless set.
	Finish time.Duration
	// Sockets are TCP listeners that are open already; each serves who answers at its
	// address, and the App closes them all.
	Sockets []net.Listener
}

// App is one service.
type App struct {
	options Options
	plant   string // path of the plant file
	state   string // the state folder
	started time.Time
	hub     conv.Hub
	sockets sockets

	mu      sync.Mutex // guards what Reload changes
	file    *plant.File
	runners []*runner
	gate    *gate  // the gateway; nil where there is none
	metrics string // where metrics are served; empty for nowhere

	undo []func(context.Context) error // what Stop does, last first
}

// New takes the state folder, builds the racks of a plant file and loads their
// programs. It fails when a program fails the checker, with [Problems], and when
// another service has the folder. Whoever gets an App must Stop it.
func New(file *plant.File, options Options) (_ *App, err error) {
	if options.Disk == nil {
		options.Disk = durable.OS{}
	}
	if options.Finish == 0 {
		options.Finish = 5 * time.Second
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	problems, programs := Judge(file)
	if errs := problems.Errors(); len(errs) > 0 {
		return nil, errs
	}
	lock, err := lockState(file.State)
	if err != nil {
		return nil, err
	}
	a := &App{options: options, plant: file.Path, state: file.State, file: file, sockets: sockets{ready: options.Sockets}}
	a.warn(problems)
	a.cleanUp(func(context.Context) error { return lock.Close() })
	a.cleanUp(func(context.Context) error { _, err := a.sockets.close(); return err })
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Stop(context.Background()))
		}
	}()
	for i := range file.Racks {
		r, err := a.newRunner(&file.Racks[i], programs[file.Racks[i].Name])
		if err != nil {
			return nil, fmt.Errorf("rack %s: %w", file.Racks[i].Name, err)
		}
		a.runners = append(a.runners, r)
	}
	if file.Gateway != nil {
		if a.gate, err = a.openGateway(file.Gateway); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// warn logs what a person should know.
func (a *App) warn(problems Problems) {
	for _, w := range problems.Warnings() {
		a.options.Log.Warn("warning", "text", w.String())
	}
}

// newID names conversations.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// Hub is where the conversations of all modules are heard.
func (a *App) Hub() *conv.Hub { return &a.hub }

// Start runs the racks and opens the control socket. When it returns nil
// everything answers; the service ends by Stop alone. After an error it is
// stopped already.
func (a *App) Start() (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Stop(context.Background()))
		}
	}()
	a.started = time.Now()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	a.cleanUp(func(context.Context) error { cancel(); wg.Wait(); return nil })
	for _, r := range a.runners {
		wg.Go(func() { r.run(ctx, a.options) })
		wg.Go(func() { r.log(ctx, a.options.Log) })
	}
	if err := a.openServers(); err != nil {
		return err
	}
	if a.gate != nil {
		if err := a.startGateway(a.gate); err != nil {
			return err
		}
		if a.gate.plant.Metrics != "" {
			if err := a.serveMetrics(a.gate.plant.Metrics); err != nil {
				return err
			}
		}
	}
	left, err := a.sockets.close()
	for _, at := range left {
		a.options.Log.Warn("a socket was opened for the service, and nothing in the plant file answers there", "address", at)
	}
	if err != nil {
		return err
	}
	server, err := a.serveControl()
	if err != nil {
		return err
	}
	a.cleanUp(server.stop)
	if err := a.writeAddresses(server.address); err != nil {
		return err
	}
	a.cleanUp(func(context.Context) error { return removed(os.Remove(a.addressFile())) })
	return nil
}

// cleanUp notes what Stop is to undo.
func (a *App) cleanUp(f func(context.Context) error) { a.undo = append(a.undo, f) }

// Stop ends the service, or gives up one that never started; it may be called
// again. The context bounds how long it waits for commands that are being
// answered.
func (a *App) Stop(ctx context.Context) error {
	var errs []error
	for len(a.undo) > 0 {
		last := a.undo[len(a.undo)-1]
		a.undo = a.undo[:len(a.undo)-1]
		errs = append(errs, last(ctx))
	}
	return errors.Join(errs...)
}

func (a *App) addressFile() string { return filepath.Join(a.state, "addresses.json") }

func removed(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

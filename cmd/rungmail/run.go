package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/rungmail/rungmail/internal/app"
)

// stopWithin bounds how long a stopping service waits for commands that are being
// answered; a mail under way has its own bound.
const stopWithin = 10 * time.Second

type runCmd struct {
	Plant string `arg:"" default:"plant.toml" help:"The plant file (plant.toml unless set)." placeholder:"PLANT"`
}

// Help is the example of --help.
func (runCmd) Help() string {
	return "Runs until SIGTERM or Ctrl-C; prints ready when everything answers. SIGHUP, or rungmail reload, reads the plant file again.\n\nExample: rungmail run examples/plant.toml"
}

// Run runs the service.
func (c runCmd) Run(ctx context.Context, s streams) error {
	reloads := make(chan os.Signal, 1) // from the first moment on: SIGHUP must not kill
	signal.Notify(reloads, syscall.SIGHUP)
	defer signal.Stop(reloads)
	file, err := readPlant(c.Plant)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(s.err, nil))
	if !isTerminal(s.err) {
		log = slog.New(slog.NewJSONHandler(s.err, nil))
	}
	a, err := app.New(file, app.Options{Version: version, Log: log, Sockets: systemdSockets()})
	var problems app.Problems
	if errors.As(err, &problems) {
		return no("the plant can't run\n%s", problems)
	}
	if err == nil {
		err = a.Start()
	}
	if err != nil {
		return exit{exitCouldnt, err.Error()}
	}
	s.printf("ready\n")
	tellSystemd(log, daemon.SdNotifyReady)
	for ctx.Err() == nil {
		select {
		case <-reloads:
			reloadBySignal(a, log)
		case <-ctx.Done():
		}
	}
	log.Info("stopping")
	tellSystemd(log, daemon.SdNotifyStopping)
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	return a.Stop(bounded)
}

// systemdSockets are the TCP listeners that systemd has opened for the service.
func systemdSockets() (list []net.Listener) {
	files := activation.Files(true)
	for _, f := range files {
		if l, err := net.FileListener(f); err == nil && l.Addr().Network() == "tcp" {
			list = append(list, l)
		}
		_ = f.Close()
	}
	return list
}

// tellSystemd tells systemd how far the service is, where it asks.
func tellSystemd(log *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("systemd can't be told", "state", state, "error", err.Error())
	}
}

func reloadBySignal(a *app.App, log *slog.Logger) {
	taken, err := a.Reload()
	if err != nil {
		log.Warn("reload refused; everything runs on as before", "error", err.Error())
		return
	}
	for _, c := range taken.Changes {
		log.Info("reload", "change", c.String())
	}
	log.Info("reloaded", "changes", len(taken.Changes))
}

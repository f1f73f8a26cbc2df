package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/rungmail/rungmail/examples"
	"github.com/rungmail/rungmail/internal/app"
	"github.com/rungmail/rungmail/internal/plant"
)

// stopWithin bounds how long a stopping service waits for commands that are being
// answered; a mail under way has its own bound.
const stopWithin = 10 * time.Second

type runCmd struct {
	Plant string `arg:"" default:"plant.toml" help:"The plant file." placeholder:"PLANT"`
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
	if !terminal(s.err) {
		log = slog.New(slog.NewJSONHandler(s.err, nil))
	}
	a, err := app.New(file, app.Options{Version: version, Log: log})
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
	for ctx.Err() == nil {
		select {
		case <-reloads:
			reloadBySignal(a, log)
		case <-ctx.Done():
		}
	}
	log.Info("stopping")
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	return a.Stop(bounded)
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

// terminal tells whether a person reads along.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

type reloadCmd struct {
	Plant string `arg:"" default:"plant.toml" help:"The plant file that the service runs." placeholder:"PLANT"`
	State string `help:"The state folder of the service, where it isn't the one that the plant file names." placeholder:"FOLDER"`
	JSON  bool   `help:"Print one JSON object."`
}

// Help is the example of --help.
func (reloadCmd) Help() string {
	return "The whole file and every program are checked first; where anything is wrong nothing changes.\nExit status: 0 taken, 1 refused, 3 no service runs.\n\nExample: rungmail reload examples/plant.toml"
}

// Run has the service reload.
func (c reloadCmd) Run(ctx context.Context, s streams) error {
	var r app.ReloadAnswer
	if err := control(ctx, c.Plant, c.State, http.MethodPost, "reload", &r); err != nil {
		return err
	}
	if c.JSON {
		if err := s.json(r); err != nil {
			return err
		}
	} else {
		for _, change := range r.Changes {
			s.printf("%s\n", change)
		}
		for _, w := range r.Warnings {
			s.printf("%s\n", w)
		}
		if r.Taken {
			s.printf("taken, with %d changes\n", len(r.Changes))
		}
	}
	if !r.Taken {
		for _, p := range r.Problems {
			_, _ = fmt.Fprintln(s.err, p)
		}
		return no("refused: everything runs on as before")
	}
	return nil
}

type statusCmd struct {
	Plant string `arg:"" default:"plant.toml" help:"The plant file that the service runs." placeholder:"PLANT"`
	State string `help:"The state folder of the service, where it isn't the one that the plant file names." placeholder:"FOLDER"`
	JSON  bool   `help:"Print one JSON object."`
}

// Help is the example of --help.
func (statusCmd) Help() string {
	return "Exit status: 0 answered, 3 no service runs.\n\nExample: rungmail status examples/plant.toml --json"
}

// Run shows the status.
func (c statusCmd) Run(ctx context.Context, s streams) error {
	var st app.Status
	if err := control(ctx, c.Plant, c.State, http.MethodGet, "status", &st); err != nil {
		return err
	}
	if c.JSON {
		return s.json(st)
	}
	s.printf("rungmail %s, running %s since %s\n", st.Version, st.Plant, st.Started.Local().Format(time.DateTime))
	for _, r := range st.Racks {
		printRack(s, r)
	}
	return nil
}

func printRack(s streams, r app.RackStatus) {
	s.printf("%s (%s): %s, %s, %d scans, program %s\n", r.Name, r.Title, r.CPU, r.Mode, r.Scans, r.Program)
	if m := r.LastMail; m != nil {
		s.printf("  last mail: line %d, %s, code %d: %s\n", m.Line, m.Ended.Local().Format(time.DateTime), m.Code, m.Meaning)
		if m.Why != "" {
			s.printf("    %s\n", m.Why)
		}
	} else {
		s.printf("  last mail: none yet\n")
	}
	for _, m := range r.Modules {
		state := "set up"
		if !m.Complete {
			state = "not set up: mails end in error 24"
		}
		if !m.DIP7 {
			state = "DIP switch 7 is off: mails end in error 1001"
		}
		s.printf("  slot %d: %s %s (%s), server %s, sender %s, %s; %d sent, %d failed\n", m.Slot, m.Type, m.Firmware, m.IP, m.Server, m.Sender, state, m.Sent, m.Failed)
		if !m.AsROM {
			s.printf("    the set-up in use isn't what ROM holds\n")
		}
	}
}

// control asks the running service: the one on a state folder, or on that of a
// plant file.
func control(ctx context.Context, plantFile, state, method, what string, into any) error {
	if state == "" {
		state = plant.StateFolder(plantFile)
	}
	client := app.Dial(state)
	req, err := http.NewRequestWithContext(ctx, method, "http://rungmail/v1/"+what, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		var wrapped interface{ Unwrap() error }
		if errors.As(err, &wrapped) {
			err = wrapped.Unwrap()
		}
		return exit{exitCouldnt, err.Error()}
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(io.LimitReader(res.Body, 16<<20)).Decode(into); err != nil {
		return exit{exitCouldnt, "the service answered " + res.Status + ": " + err.Error()}
	}
	return nil
}

type plantCmd struct {
	Init  plantInitCmd  `cmd:"" help:"Write a commented plant file to begin with, and its program."`
	Check plantCheckCmd `cmd:"" help:"Judge a plant file and its programs."`
}

type plantInitCmd struct {
	Plant string `arg:"" default:"plant.toml" help:"The file to write; one that is there is left alone." placeholder:"PLANT"`
}

// Help is the example of --help.
func (plantInitCmd) Help() string { return "Example: rungmail plant init plant.toml" }

// Run writes the file and the program that it names, each only where there is
// none.
func (c plantInitCmd) Run(s streams) error {
	err := writeNew(c.Plant, []byte(plant.Template()))
	if errors.Is(err, fs.ErrExist) {
		return no("%s is there already: name another file, or move it away", c.Plant)
	} else if err != nil {
		return err
	}
	s.printf("wrote %s\n", c.Plant)
	program := filepath.Join(filepath.Dir(c.Plant), "line4.rll")
	text, err := examples.Files.ReadFile(examples.WidgetReport)
	if err != nil {
		return err
	}
	switch err := writeNew(program, text); {
	case errors.Is(err, fs.ErrExist):
		s.printf("left %s as it is\n", program)
	case err != nil:
		return err
	default:
		s.printf("wrote %s\n", program)
	}
	s.printf("next: rungmail plant check %s, then rungmail run %s\n", c.Plant, c.Plant)
	return nil
}

// writeNew writes a file that isn't there yet.
func writeNew(path string, text []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // for people to read
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.Write(text)
	return err
}

type plantCheckCmd struct {
	Plant string `arg:"" default:"plant.toml" help:"The plant file." placeholder:"PLANT"`
}

// Help is the example of --help.
func (plantCheckCmd) Help() string {
	return "Exit status: 0 it can run, 1 it can't.\n\nExample: rungmail plant check examples/plant.toml"
}

// Run judges the file.
func (c plantCheckCmd) Run(s streams) error {
	file, err := readPlant(c.Plant)
	if err != nil {
		return err
	}
	problems, _ := app.Judge(file)
	for _, p := range problems {
		s.printf("%s\n", p)
	}
	s.printf("%s: %d racks, %d errors, %d warnings\n", c.Plant, len(file.Racks), len(problems.Errors()), len(problems.Warnings()))
	if len(problems.Errors()) > 0 {
		return no("")
	}
	return nil
}

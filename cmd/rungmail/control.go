package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/rungmail/rungmail/internal/app"
	"github.com/rungmail/rungmail/internal/plant"
)

// service is how a command finds the running service, and how it answers.
type service struct {
	Plant string `arg:"" default:"plant.toml" help:"The plant file that the service runs (plant.toml unless set)." placeholder:"PLANT"`
	State string `help:"The state folder of the service, where it isn't the one that the plant file names." placeholder:"FOLDER"`
	JSON  bool   `help:"Print one JSON object."`
}

type reloadCmd struct {
	service `embed:""`
}

// Help is the example of --help.
func (reloadCmd) Help() string {
	return "The whole file and every program are checked first; where anything is wrong nothing changes.\nExit status: 0 taken, 1 refused, 3 no service runs.\n\nExample: rungmail reload examples/plant.toml"
}

// Run has the service reload.
func (c reloadCmd) Run(ctx context.Context, s streams) error {
	var r app.ReloadAnswer
	if err := c.ask(ctx, http.MethodPost, "reload", &r); err != nil {
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
			s.printf("taken, with %s\n", count(len(r.Changes), "change"))
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
	service `embed:""`
}

// Help is the example of --help.
func (statusCmd) Help() string {
	return "Exit status: 0 answered, 3 no service runs.\n\nExample: rungmail status examples/plant.toml --json"
}

// Run shows the status.
func (c statusCmd) Run(ctx context.Context, s streams) error {
	var st app.Status
	if err := c.ask(ctx, http.MethodGet, "status", &st); err != nil {
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
	if r.Busy {
		s.printf("  a mail is under way, or another box: its Error Code is 1\n")
	}
	for _, m := range r.Modules {
		state := "set up"
		if !m.Reachable {
			state = "no IP address or no mask: it never connects, and mails end in error 11"
		}
		if !m.Complete {
			state = "not set up: mails end in error 24"
		}
		if !m.DIP7 {
			state = "DIP switch 7 is off: mails end in error 1001"
		}
		s.printf("  slot %d: %s %s (%s), server %s, sender %s, %s; %d sent, %d failed\n", m.Slot, m.Type, m.Firmware, m.IP, m.Server, m.Sender, state, m.Sent, m.Failed)
		printServers(s, m)
		if !m.AsROM {
			s.printf("    the set-up in use isn't what ROM holds\n")
		}
	}
}

// printServers tells where a module is met.
func printServers(s streams, m app.ModuleStatus) {
	for _, name := range slices.Sorted(maps.Keys(m.Servers)) {
		s.printf("    %s at %s\n", name, m.Servers[name])
	}
	if m.Viewers > 0 {
		s.printf("    %d watching its trace\n", m.Viewers)
	}
	if m.Blinking {
		s.printf("    its error light blinks: somebody looks for it\n")
	}
}

// ask asks the running service: the one on a state folder, or on that of a plant
// file.
func (c service) ask(ctx context.Context, method, what string, into any) error {
	return c.exchange(ctx, method, what, nil, into)
}

// exchange asks with a body, which may be nil. What the service refuses is no.
func (c service) exchange(ctx context.Context, method, what string, body, into any) error {
	state := c.State
	if state == "" {
		state = plant.StateFolder(c.Plant)
	}
	client := app.Dial(state)
	text, err := bodyOf(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://rungmail/v1/"+what, text)
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
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusConflict {
		var refusal struct{ Error string }
		if json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&refusal) == nil && refusal.Error != "" {
			return no("%s", refusal.Error)
		}
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 16<<20)).Decode(into); err != nil {
		return exit{exitCouldnt, "the service answered " + res.Status + ": " + err.Error()}
	}
	return nil
}

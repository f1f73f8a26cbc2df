package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rungmail/rungmail/examples"
	"github.com/rungmail/rungmail/internal/app"
	"github.com/rungmail/rungmail/internal/plant"
)

type plantCmd struct {
	Init  plantInitCmd  `cmd:"" help:"Write a commented plant file to begin with, and its program."`
	Check plantCheckCmd `cmd:"" help:"Judge a plant file and its programs."`
}

type plantInitCmd struct {
	Plant string `arg:"" default:"plant.toml" help:"The file to write; one that is there is left alone (plant.toml unless set)." placeholder:"PLANT"`
}

// Help is the example of --help.
func (plantInitCmd) Help() string { return "Example: rungmail plant init plant.toml" }

// Run writes the file and the program that it names, each only where there is
// none.
func (c plantInitCmd) Run(s streams) error {
	err := writeNew(c.Plant, []byte(withMAC(plant.Template())))
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
	s.printf("next: %[1]s plant check %[2]s, then %[1]s run %[2]s\n", self(), c.Plant)
	return nil
}

// withMAC gives the template's module an Ethernet address of its own: two plants that
// begin with it may share a network.
func withMAC(template string) string {
	const sample = `  # mac = "00:E0:62:20:41:86"   # an example; the default follows from rack and slot`
	var tail [3]byte
	_, _ = rand.Read(tail[:]) // it never fails
	return strings.Replace(template, sample, fmt.Sprintf(`  mac = "00:E0:62:%02X:%02X:%02X"     # made by chance for this file`, tail[0], tail[1], tail[2]), 1)
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
	Plant string `arg:"" default:"plant.toml" help:"The plant file (plant.toml unless set)." placeholder:"PLANT"`
	JSON  bool   `help:"Print one JSON object."`
}

// plantReport is the JSON of plant check; it only ever gains fields.
type plantReport struct {
	Racks    int      `json:"racks"`
	Errors   []string `json:"errors"`
	Warnings []string `json:"warnings"`
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
	if c.JSON {
		report := plantReport{Racks: len(file.Racks), Errors: problems.Errors().Texts(), Warnings: problems.Warnings().Texts()}
		if err := s.json(report); err != nil {
			return err
		}
		if len(report.Errors) > 0 {
			return no("")
		}
		return nil
	}
	for _, p := range problems {
		s.printf("%s\n", p)
	}
	s.printf("%s: %s, %s, %s\n", c.Plant, count(len(file.Racks), "rack"), count(len(problems.Errors()), "error"), count(len(problems.Warnings()), "warning"))
	if len(problems.Errors()) > 0 {
		return no("")
	}
	return nil
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/rungmail/rungmail/internal/plant"
	"github.com/rungmail/rungmail/internal/plc/ladder"
)

// readProgram reads and parses a program. The tree is there too when the text
// has faults, which are then the second result.
func readProgram(path string) (*ladder.Program, ladder.Errors, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, exit{exitCouldnt, "can't read the program: " + err.Error()}
	}
	tree, err := ladder.Parse(path, text)
	var faults ladder.Errors
	errors.As(err, &faults)
	return tree, faults, nil
}

// readPlant reads a plant file.
func readPlant(path string) (*plant.File, error) {
	file, err := plant.Load(path)
	var faults plant.Errors
	switch {
	case errors.As(err, &faults):
		return nil, exit{exitNo, "the plant file has faults\n" + faults.Error()}
	case err != nil:
		return nil, exit{exitCouldnt, err.Error()}
	}
	return file, nil
}

// rackFor picks the rack of a plant file that a program is meant for: the one
// that names it, else the only one.
func rackFor(file *plant.File, program string) (*plant.Rack, error) {
	want, _ := filepath.Abs(program)
	for i := range file.Racks {
		if has, _ := filepath.Abs(file.Racks[i].Program); has == want && file.Racks[i].Program != "" {
			return &file.Racks[i], nil
		}
	}
	if len(file.Racks) == 1 {
		return &file.Racks[0], nil
	}
	return nil, usage("%s has %d racks and none of them names %s: set program = %q in the one that is meant", file.Path, len(file.Racks), program, program)
}

// json writes JSON for people and programs.
func (s streams) json(v any) error { return s.encode(v, "  ") }

// jsonLine writes JSON on one line.
func (s streams) jsonLine(v any) error { return s.encode(v, "") }

func (s streams) encode(v any, indent string) error {
	var w bytes.Buffer
	e := json.NewEncoder(&w)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := s.out.Write(w.Bytes())
	return err
}

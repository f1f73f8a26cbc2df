package main

import (
	"strconv"
	"strings"

	"github.com/rungmail/rungmail/internal/app"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/ladder"
)

type checkCmd struct {
	Program string `arg:"" help:"The ladder program, PROGRAM.rll."`
	Plant   string `help:"The plant file of the rack that it is for: then firmware, slots, DIP switches and settings count too." placeholder:"FILE"`
	JSON    bool   `help:"Print one JSON object."`
}

// Help is the example of --help.
func (checkCmd) Help() string {
	return "What fails here can't be downloaded. Exit status: 0 it may run, 1 it may not.\n\nExample: rungmail check examples/widget-report.rll --plant examples/plant.toml"
}

// checkReport is the JSON of check; it only ever gains fields.
type checkReport struct {
	CPU      string         `json:"cpu"`
	Errors   []checkFinding `json:"errors"`
	Warnings []checkFinding `json:"warnings"`
	Mails    []checkMail    `json:"mails"`
}

type checkFinding struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Rule   string `json:"rule"`
	Text   string `json:"text"`
}

type checkMail struct {
	Line  int `json:"line"`
	Used  int `json:"used"`
	Limit int `json:"limit"`
}

// Run checks the program.
func (c checkCmd) Run(s streams) error {
	tree, faults, err := readProgram(c.Program)
	if err != nil {
		return err
	}
	var target *check.Target
	if c.Plant != "" {
		if target, err = c.target(); err != nil {
			return err
		}
	}
	var result check.Result
	if len(faults) > 0 {
		for _, f := range faults {
			result.Errors = append(result.Errors, check.Finding{Pos: f.Pos, Rule: "syntax", Text: f.Text})
		}
	} else {
		result = check.Check(tree, target)
	}
	if c.JSON {
		if err := s.json(c.report(tree, result)); err != nil {
			return err
		}
	} else {
		c.print(s, tree, result)
	}
	if len(result.Errors) > 0 {
		return no("")
	}
	return nil
}

func (c checkCmd) target() (*check.Target, error) {
	file, err := readPlant(c.Plant)
	if err != nil {
		return nil, err
	}
	rack, err := rackFor(file, c.Program)
	if err != nil {
		return nil, err
	}
	return app.Target(file, rack), nil
}

func (c checkCmd) print(s streams, tree *ladder.Program, r check.Result) {
	for _, p := range app.Findings(c.Program, r) {
		s.printf("%s\n", p)
	}
	cpu := tree.Controller.Name
	if cpu == "" {
		cpu = "no controller"
	}
	s.printf("%s: %s, %s, %s, %s, %s\n", c.Program, cpu, count(r.Rungs, "rung"), count(r.Boxes, "box"), count(len(r.Errors), "error"), count(len(r.Warnings), "warning"))
	for _, m := range r.Mails {
		s.printf("%s:%d: ECEMAIL uses %d of %d bytes at the longest\n", c.Program, m.Line, m.Used, m.Limit)
	}
}

func (c checkCmd) report(tree *ladder.Program, r check.Result) checkReport {
	findings := func(list []check.Finding) []checkFinding {
		out := []checkFinding{}
		for _, f := range list {
			out = append(out, checkFinding{c.Program, f.Pos.Line, f.Pos.Col, f.Rule, f.Text})
		}
		return out
	}
	report := checkReport{CPU: tree.Controller.Name, Errors: findings(r.Errors), Warnings: findings(r.Warnings), Mails: []checkMail{}}
	for _, m := range r.Mails {
		report.Mails = append(report.Mails, checkMail{m.Line, m.Used, m.Limit})
	}
	return report
}

// count is a number with its noun.
func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "x"):
		return strconv.Itoa(n) + " " + noun + "es"
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

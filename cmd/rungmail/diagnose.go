package main

import (
	"time"

	"github.com/rungmail/rungmail/reply"
)

type diagnoseCmd struct {
	Success int  `required:"" enum:"0,1" help:"The Success bit, 0 or 1." placeholder:"0|1"`
	Error   int  `required:"" enum:"0,1" help:"The Error bit, 0 or 1." placeholder:"0|1"`
	Code    int  `required:"" help:"The Error Code word, in decimal." placeholder:"N"`
	JSON    bool `help:"Print one JSON object."`
}

// Help is the example of --help.
func (diagnoseCmd) Help() string {
	return "The Error Code word is binary: K18 in ladder is 24 here.\n\nExample: rungmail diagnose --success 0 --error 1 --code 550"
}

// Run tells what the outputs mean.
func (c diagnoseCmd) Run(s streams) error {
	if c.Code < 0 || c.Code > 65535 {
		return usage("--code is a word, 0 to 65535: %d isn't", c.Code)
	}
	d := reply.Diagnose(c.Success == 1, c.Error == 1, c.Code)
	x := reply.Explainer{Now: time.Now()}.Ecom(c.Code)
	if c.JSON {
		return s.json(struct {
			reply.Diagnosis
			Explanation reply.Explanation `json:"explanation"`
		}{d, x})
	}
	printOutcome(s, d, x, "")
	return nil
}

func printDiagnosis(s streams, d reply.Diagnosis) {
	s.printf("%s\n  %s\n  what to do: %s\n", d.Title, d.Meaning, d.Advice)
}

package main

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

type explainCmd struct {
	Text   []string `arg:"" optional:"" help:"A code, a reply, or a line of a log or an error message; - reads lines from standard input."`
	Ecom   bool     `xor:"kind" help:"Read a bare number as the Error Code word of an ECEMAIL box, in decimal."`
	Device string   `xor:"kind" help:"Read a bare number or message as one on a device's panel." placeholder:"MAKER"`
	List   bool     `xor:"kind" help:"List what is known: all, or basic, enhanced, ecom, device, provider or network."`
	JSON   bool     `help:"Print one JSON object for each answer."`
}

// Help is the example of --help.
func (explainCmd) Help() string {
	return "From 200 to 599 a bare number is a mail server's code; any other is an ECOM100, a Winsock or a device code, in that order. A line with dashes in it goes behind --.\nExit status: 0 explained, 1 nothing known in it, or in a line of the input.\n\nExample: rungmail explain 550 5.7.1 \"relaying denied\""
}

// Run explains.
func (c explainCmd) Run(s streams) error {
	explainer := reply.Explainer{Now: time.Now()}
	switch {
	case c.List:
		return c.list(s)
	case len(c.Text) == 1 && c.Text[0] == "-":
		return c.lines(s, explainer)
	case len(c.Text) == 0:
		return usage("nothing to explain: write a code or a line, such as rungmail explain 550 5.1.1, or - to read lines")
	}
	x, err := c.one(explainer, strings.Join(c.Text, " "))
	if err != nil {
		return err
	}
	if err := c.print(s, x); err != nil {
		return err
	}
	if x.Rule == "none" {
		return no("")
	}
	return nil
}

// one explains one line, by the kind that the flags name.
func (c explainCmd) one(e reply.Explainer, text string) (reply.Explanation, error) {
	switch {
	case c.Ecom:
		n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 16)
		if err != nil {
			return reply.Explanation{}, usage("--ecom reads an Error Code word, 0 to 65535 in decimal: %q isn't", text)
		}
		return e.Ecom(int(n)), nil
	case c.Device != "":
		x, err := e.Device(c.Device, text)
		if err != nil {
			return x, no("%s", err)
		}
		return x, nil
	}
	return e.Explain(text), nil
}

// maxInput is how much of a line of the input is read; the rest says no more.
const maxInput = 64 << 10

// lines answers each line of the input with a line, or an object; the exit status
// is 1 where any line stays unknown.
func (c explainCmd) lines(s streams, e reply.Explainer) error {
	in := bufio.NewReaderSize(s.in, maxInput)
	unknown := false
	for {
		line, more, err := in.ReadLine()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return exit{exitCouldnt, "reading standard input: " + err.Error()}
		}
		text := string(line)
		for more && err == nil { // the rest of a line that is too long
			_, more, err = in.ReadLine()
		}
		known, err := c.answer(s, e, text)
		if err != nil {
			return err
		}
		unknown = unknown || !known
	}
	if unknown {
		return no("")
	}
	return nil
}

// answer answers one line of the input, and tells whether anything was known.
func (c explainCmd) answer(s streams, e reply.Explainer, text string) (known bool, err error) {
	x, err := c.one(e, text)
	var bad exit
	switch {
	case errors.As(err, &bad) && c.JSON:
		return false, s.jsonLine(map[string]string{"error": bad.text})
	case errors.As(err, &bad):
		s.printf("%s\n", smtpwire.Printable(bad.text))
		return false, nil
	case c.JSON:
		return x.Rule != "none", s.jsonLine(x)
	}
	s.printf("%s [%s, %s]: %s %s\n", x.Title, x.Rule, x.Confidence, x.Meaning, firstFix(x))
	return x.Rule != "none", nil
}

func firstFix(x reply.Explanation) string {
	if len(x.Fixes) == 0 {
		return ""
	}
	return "(" + string(x.Fixes[0].Owner) + ") " + x.Fixes[0].Text
}

func (c explainCmd) print(s streams, x reply.Explanation) error {
	if c.JSON {
		return s.json(x)
	}
	printExplanation(s, x)
	return nil
}

// printExplanation shows an explanation to a person.
func printExplanation(s streams, x reply.Explanation) {
	var head []string
	if x.Code != 0 {
		head = append(head, strconv.Itoa(x.Code))
	}
	if x.Enhanced != "" {
		head = append(head, x.Enhanced)
	}
	s.printf("%s\n", strings.TrimSpace(strings.Join(head, " ")+"  "+x.Title))
	s.printf("  %s\n", x.Meaning)
	if x.Contradiction != "" {
		s.printf("  %s\n", x.Contradiction)
	}
	s.printf("  causes, the likeliest first\n")
	for _, cause := range x.Causes {
		s.printf("    - %s\n", cause)
	}
	s.printf("  what to do\n")
	for _, f := range x.Fixes {
		s.printf("    - (%s) %s\n", f.Owner, f.Text)
	}
	general := ""
	if x.General {
		general = ", general: only the digits spoke"
	}
	s.printf("  try again: %s. class: %s. sure: %s, by rule %s%s\n", x.Retry, x.Class, x.Confidence, x.Rule, general)
	if len(x.Elsewhere) > 0 {
		s.printf("  elsewhere: %s\n", strings.Join(x.Elsewhere, "; "))
	}
	if len(x.SeeAlso) > 0 {
		s.printf("  see also: %s\n", strings.Join(x.SeeAlso, ", "))
	}
	if len(x.Sources) > 0 {
		s.printf("  sources: %s\n", strings.Join(x.Sources, "; "))
	}
}

// list prints what is known.
func (c explainCmd) list(s streams) error {
	kind := strings.Join(c.Text, " ")
	entries, err := reply.List(kind)
	if err != nil {
		return usage("%s", err)
	}
	if c.JSON {
		return s.json(entries)
	}
	for _, e := range entries {
		s.printf("%-28s %-12s %s\n", e.Rule, e.Retry, e.Title)
	}
	return nil
}

// explainOutcome explains how a mail ended: by the server's own words where the
// code is the server's, else by the code.
func explainOutcome(code int, met mailer.Result) reply.Explanation {
	e := reply.Explainer{Now: time.Now()}
	if met.Reply.Code == code && code != 0 {
		return e.Reply(met.Reply)
	}
	return e.Ecom(code)
}

// printOutcome shows a diagnosis, and behind an error what explains it.
func printOutcome(s streams, d reply.Diagnosis, x reply.Explanation, cause string) {
	if d.Row != 4 {
		printDiagnosis(s, d)
		return
	}
	s.printf("%s\n", d.Title)
	if cause != "" {
		s.printf("it said: %s\n", cause)
	}
	printExplanation(s, x)
}

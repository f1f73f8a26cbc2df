package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rungmail/rungmail/internal/catcher"
	"github.com/rungmail/rungmail/internal/plc/ibox"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/internal/trial"
	"github.com/rungmail/rungmail/reply"
)

// tryReport is the JSON of try; it only ever gains fields.
type tryReport struct {
	Outcome   tryOutcome        `json:"outcome"`
	Trace     []string          `json:"trace"`
	Mail      *string           `json:"mail"` // as received by the catcher; null when it got none
	Memory    map[string]uint16 `json:"memory"`
	Diagnosis reply.Diagnosis   `json:"diagnosis"`
	// Explanation is of the code, with the server's words where there are any.
	Explanation reply.Explanation `json:"explanation"`
	Notes       []string          `json:"notes"`
	Errors      []string          `json:"errors"` // why the program wasn't tried
	// Boxes is each box that ended, in the order in which they first did.
	Boxes []tryBox `json:"boxes"`
}

// tryBox is how a box ended, the last time where it did more than once.
type tryBox struct {
	Box     string `json:"box"` // "ECIPSUP"
	Line    int    `json:"line"`
	Success bool   `json:"success"`
	Error   bool   `json:"error"`
	Code    int    `json:"code"`
	Meaning string `json:"meaning"`
}

// boxes is each box that ended.
func boxes(ended []ibox.Outcome) []tryBox {
	list := []tryBox{}
	for _, o := range ended {
		one := tryBox{o.Box, o.Line, o.Code == ibox.CodeSuccess, o.Code != ibox.CodeSuccess, o.Code, reply.Status(o.Code)}
		if i := slices.IndexFunc(list, func(b tryBox) bool { return b.Line == o.Line }); i >= 0 {
			list[i] = one
		} else {
			list = append(list, one)
		}
	}
	return list
}

type tryOutcome struct {
	Success bool   `json:"success"`
	Error   bool   `json:"error"`
	Code    int    `json:"code"`
	Cause   string `json:"cause"` // what the server or the network said; empty after a success
}

// report prints what came of it.
func (c tryCmd) report(s streams, a *attempt, t *trial.Trial) error {
	if a.catcher != nil {
		for _, f := range a.catcher.Unused() {
			a.notes = append(a.notes, fmt.Sprintf("--fail %s never came into play", f))
		}
	}
	r := tryReport{Trace: t.Trace(), Memory: map[string]uint16{}, Notes: append([]string{}, a.notes...), Errors: []string{}}
	if r.Trace == nil {
		r.Trace = []string{}
	}
	r.Boxes = boxes(t.Ended())
	r.judge(a, t)
	if len(a.mails) > 0 {
		text := string(a.mails[len(a.mails)-1].Data)
		r.Mail = &text
	}
	for _, addr := range a.show {
		v, err := t.Read(addr)
		if err != nil {
			return usage("--show: %s", err)
		}
		r.Memory[addr.String()] = v
	}
	if c.JSON {
		if err := s.json(r); err != nil {
			return err
		}
	} else {
		c.print(s, a, t, r)
	}
	if !r.Outcome.Success {
		return no("")
	}
	return nil
}

// judge tells what came of it by the last ECEMAIL, or by the last box of a program that
// has none.
func (r *tryReport) judge(a *attempt, t *trial.Trial) {
	if last, ended := t.Last(isa.EmailBox); ended {
		r.Outcome = outputs(t, a.tree, last.Line)
		met := t.LastResult(last.Slot)
		r.Outcome.Cause = met.Cause()
		r.Explanation = explainOutcome(r.Outcome.Code, met)
		r.Diagnosis = reply.Diagnose(r.Outcome.Success, r.Outcome.Error, r.Outcome.Code).With(r.Outcome.Code, r.Explanation)
		return
	}
	r.Explanation = reply.Explanation{Causes: []string{}, Fixes: []reply.Fix{}, Sources: []string{}, SeeAlso: []string{}, Elsewhere: []string{}}
	if ended := t.Ended(); len(ended) > 0 && !hasMail(a.tree) {
		code := ended[len(ended)-1].Code
		r.Outcome = tryOutcome{Success: code == ibox.CodeSuccess, Error: code != ibox.CodeSuccess, Code: code}
	}
}

// outputs is what the ECEMAIL in a line left in memory.
func outputs(t *trial.Trial, tree *ladder.Program, line int) tryOutcome {
	var o tryOutcome
	for i := range tree.Nodes {
		if n := &tree.Nodes[i]; n.Kind == ladder.Box && n.Pos.Line == line {
			o = tryOutcome{
				Success: read(t, n, isa.LabelSuccess) == 1, Error: read(t, n, isa.LabelError) == 1,
				Code: int(read(t, n, isa.LabelErrorCode)),
			}
		}
	}
	return o
}

// read is an output of a box. The checker has seen that the CPU has it.
func read(t *trial.Trial, n *ladder.Node, label string) uint16 {
	f, _ := n.Field(label)
	v, err := t.Read(f.Addr)
	if err != nil {
		panic(err)
	}
	return v
}

func (c tryCmd) print(s streams, a *attempt, t *trial.Trial, r tryReport) {
	for _, m := range a.mails {
		printMail(s, m)
	}
	last, ended := t.Last(isa.EmailBox)
	for i := range a.tree.Nodes {
		n := &a.tree.Nodes[i]
		if n.Kind != ladder.Box || n.Box.Config {
			continue
		}
		at := slices.IndexFunc(r.Boxes, func(b tryBox) bool { return b.Line == n.Pos.Line })
		if at < 0 && n.Box.Mnemonic != isa.EmailBox {
			continue
		}
		printOutputs(s, t, n)
		if at >= 0 && r.Boxes[at].Error && r.Boxes[at].Line != last.Line { // that one is diagnosed below
			s.printf("  %d: %s\n", r.Boxes[at].Code, r.Boxes[at].Meaning)
		}
	}
	switch {
	case ended:
	case hasMail(a.tree):
		s.printf("no ECEMAIL has ended: see that the bit that was pulsed drives one\n")
	case len(r.Boxes) == 0:
		s.printf("no box has ended: name what drives one, such as --pulse C10, or let it run with --for 90s\n")
	}
	for _, n := range a.notes[a.told:] {
		s.printf("note: %s\n", n)
	}
	if ended {
		s.printf("diagnosis: ")
		printOutcome(s, r.Diagnosis, r.Explanation, r.Outcome.Cause)
	}
	for _, addr := range a.show {
		s.printf("%s=%d\n", addr, r.Memory[addr.String()])
	}
}

// printMail shows a mail as it was received.
func printMail(s streams, m catcher.Received) {
	s.printf("mail as received, from <%s> to <%s>\n", m.From, strings.Join(m.To, ">, <"))
	for line := range strings.Lines(string(m.Data)) {
		s.printf("  | %s\n", smtpwire.Printable(strings.TrimRight(line, "\r\n")))
	}
}

// printOutputs shows a box's outputs.
func printOutputs(s streams, t *trial.Trial, n *ladder.Node) {
	s.printf("%s in line %d:", n.Box.Mnemonic, n.Pos.Line)
	for _, label := range []string{isa.LabelSuccess, isa.LabelError, isa.LabelErrorCode} {
		if f, has := n.Field(label); has { // boxes that read need no Error Code
			s.printf("  %s %s=%d", label, f.Addr, read(t, n, label))
		}
	}
	s.printf("\n")
}

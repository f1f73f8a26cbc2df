package check_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/ladder"
)

// breach is a program that breaks one rule, and a near miss that breaks none.
type breach struct {
	name string
	rule string
	text string // mark stands before the place of the finding
	says string // pieces of the message, in their order, with … between
	near string

	rack, nearRack *check.Target
	edit           func(*ladder.Program) // what no text can say
}

const mark = "▸"

// breaches is every breach of every table of these tests.
func breaches() []breach {
	var all []breach
	for _, table := range [][]breach{
		rackBreaches(), structureBreaches(), instructionBreaches(), boxBreaches(), ownerBreaches(), touchBreaches(),
		compareBreaches(), powerBreaches(), addressBreaches(), printBreaches(), setupBreaches(), settingsBreaches(), moduleBreaches(),
	} {
		all = append(all, table...)
	}
	return all
}

func runBreaches(t *testing.T, table []breach) {
	for _, b := range table {
		t.Run(b.rule+"/"+b.name, func(t *testing.T) {
			b.refused(t)
			if b.near != "" {
				nearRack := b.nearRack
				if nearRack == nil {
					nearRack = b.rack
				}
				none(t, judge(t, b.near, nearRack))
			}
		})
	}
}

// refused asserts that the finding is made, once, with nothing beside it.
func (b breach) refused(t *testing.T) {
	t.Helper()
	text, at := unmark(t, b.text)
	tree := parse(t, text)
	if b.edit != nil {
		b.edit(tree)
	}
	r := check.Check(tree, b.rack)
	all := append(append([]check.Finding(nil), r.Errors...), r.Warnings...)
	if len(all) != 1 {
		t.Fatalf("got %d findings, want 1 of %s at %v:%s", len(all), b.rule, at, list(r))
	}
	got := all[0]
	if got.Rule != b.rule || got.Pos != at {
		t.Errorf("got %s at %v, want %s at %v:%s", got.Rule, got.Pos, b.rule, at, list(r))
	}
	if !speaks(got.Text, b.says) {
		t.Errorf("got  %s\nwant %s", got.Text, b.says)
	}
	if refuses := len(r.Errors) > 0; (r.Program == nil) != refuses {
		t.Errorf("%d errors and program %v", len(r.Errors), r.Program)
	}
}

// none asserts that the checker has nothing to say.
func none(t *testing.T, r check.Result) {
	t.Helper()
	if len(r.Errors)+len(r.Warnings) > 0 || r.Program == nil {
		t.Errorf("got findings, want none:%s", list(r))
	}
}

func parse(t testing.TB, text string) *ladder.Program {
	t.Helper()
	tree, err := ladder.Parse("p.rll", []byte(text))
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	return tree
}

func judge(t testing.TB, text string, rack *check.Target) check.Result {
	t.Helper()
	return check.Check(parse(t, text), rack)
}

// unmark takes the mark out of a text and tells where it stood.
func unmark(t *testing.T, text string) (string, ladder.Pos) {
	t.Helper()
	before, after, ok := strings.Cut(text, mark)
	if !ok || strings.Contains(after, mark) {
		t.Fatalf("the text needs one %s:\n%s", mark, text)
	}
	lines := strings.Split(before, "\n")
	return before + after, ladder.Pos{Line: len(lines), Col: utf8.RuneCountInString(lines[len(lines)-1]) + 1}
}

// speaks tells whether a message has the pieces in their order.
func speaks(text, pieces string) bool {
	for piece := range strings.SplitSeq(pieces, "…") {
		i := strings.Index(text, piece)
		if i < 0 {
			return false
		}
		text = text[i+len(piece):]
	}
	return true
}

func list(r check.Result) string {
	var w strings.Builder
	for _, f := range r.Errors {
		fmt.Fprintf(&w, "\n%d:%d: error: %s [%s]", f.Pos.Line, f.Pos.Col, f.Text, f.Rule)
	}
	for _, f := range r.Warnings {
		fmt.Fprintf(&w, "\n%d:%d: warning: %s [%s]", f.Pos.Line, f.Pos.Col, f.Text, f.Rule)
	}
	return w.String()
}

// program is a program for a DL06 in which every part is right; [on] moves it to
// another CPU. Its addresses are user memory on all of them.
func program(parts ...string) string {
	return "PLC 06\n" + strings.Join(parts, "\n") + "\nEND\n"
}

func on(plc, text string) string { return strings.Replace(text, "PLC 06", "PLC "+plc, 1) }

// mails is a program with one mail whose fields are changed.
func mails(fields ...string) string { return program(config(), "STR C10", email(fields...)) }

// configs is a program with an ECOM100 whose fields are changed.
func configs(fields ...string) string { return program(config(fields...), "STR C10", email()) }

// setups is a program with an ECEMSUP whose fields are changed.
func setups(fields ...string) string { return program(config(), "STRN SP0", setup(fields...)) }

// rungs is a program with lines behind its mail.
func rungs(lines ...string) string {
	return program(append([]string{config(), "STR C10", email()}, lines...)...)
}

func config(fields ...string) string {
	return box("ECOM100", fields, "ECOM#: K0", "Slot: K1", "Status: V1410", "Workspace: V1411", "Msg Buffer: V1500 - V1600")
}

func email(fields ...string) string {
	return box("ECEMAIL", fields, "ECOM#: K0", "Workspace: V1400", "Success: C0", "Error: C1", "Error Code: V1401",
		"To: mark@example.com", "Subject: Widget Report", `Body: "Shift # " V3000`)
}

func setup(fields ...string) string {
	return box("ECEMSUP", fields, "ECOM#: K0", "Workspace: V1402", "Success: C2", "Error: C3", "Error Code: V1403",
		"SMTP Server IP: 192.168.0.1", "Sender EMail: plc@example.com")
}

func restore(fields ...string) string {
	return box("ECEMRDS", fields, "ECOM#: K0", "Workspace: V1404", "Success: C4", "Error: C5", "Error Code: V1405")
}

// second is an ECEMAIL with memory of its own beside [email].
func second(fields ...string) string {
	return email(append([]string{"Workspace: V1420", "Success: C20", "Error: C21", "Error Code: V1421"}, fields...)...)
}

// box is a box with fields, some of which are changed, added or, with a minus
// sign before the label, left out.
func box(mnemonic string, changes []string, fields ...string) string {
	for _, change := range changes {
		name := strings.TrimPrefix(label(change), "-")
		i := 0
		for i < len(fields) && label(fields[i]) != name {
			i++
		}
		switch {
		case i == len(fields):
			fields = append(fields, change)
		case strings.HasPrefix(change, "-"):
			fields = append(fields[:i:i], fields[i+1:]...)
		default:
			fields[i] = change
		}
	}
	return mnemonic + "\n    " + strings.Join(fields, "\n    ")
}

func label(field string) string {
	name, _, _ := strings.Cut(field, ":")
	return name
}

// rack is a rack with one module, in slot 1, that has all a mail needs.
func rack(cpu, firmware, module, moduleFirmware string, changes ...func(*check.Target)) *check.Target {
	target := &check.Target{CPU: cpu, Firmware: firmware, Modules: []check.Module{{
		Slot: 1, Type: module, Firmware: moduleFirmware, DIP7: true,
		IP: netip.MustParseAddr("192.168.12.86"), Subnet: netip.MustParseAddr("255.255.0.0"), Gateway: netip.IPv4Unspecified(),
		Server: netip.MustParseAddr("192.168.0.1"), Sender: "plc@example.com", Timeout: time.Minute,
	}}}
	for _, change := range changes {
		change(target)
	}
	return target
}

func dl06(changes ...func(*check.Target)) *check.Target {
	return rack("DL06", "2.10", "H0-ECOM100", "4.0.119", changes...)
}

// module changes the module of a rack.
func module(change func(*check.Module)) func(*check.Target) {
	return func(target *check.Target) { change(&target.Modules[0]) }
}

package check_test

import (
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/plc/check"
)

// other is a second ECOM100 beside [config].
func other(fields ...string) string {
	return config(append([]string{"ECOM#: K1", "Slot: K2", "Status: V1412", "Workspace: V1413", "Msg Buffer: V1700 - V2000"}, fields...)...)
}

func boxBreaches() []breach {
	return []breach{
		{
			name: "after a rung", rule: "config-not-first", text: program("STR X0", "OUT Y0", mark+config(), "STR C10", email()),
			says: "ECOM100 comes after STR in line 2: configuration boxes go first", near: program("// top", "NOP", config(), "NOP", "// more", other(), "STR C10", email()),
		},
		{name: "with a contact", rule: "config-not-first", text: program("STR SP1", mark+config(), "STR C10", email()), says: "without contacts"},
		{name: "after a mail", rule: "config-not-first", text: program(config(), "STR C10", email(), mark+other()), says: "ECOM100 comes after STR", near: program(config(), other(), "STR C10", email())},
		{name: "256", rule: "ecom-range", text: program(config("ECOM#: " + mark + "K256")), says: "ECOM# K256 is out of range: write K0 to K255", near: program(config("ECOM#: K255"))},
		{name: "of a mail", rule: "ecom-range", text: mails("ECOM#: " + mark + "K300"), says: "K300 is out of range", near: program(config("ECOM#: K255"), "STR C10", email("ECOM#: K255"))},
		{
			name: "the same number", rule: "ecom-twice", text: program(config(), other("ECOM#: "+mark+"K0"), "STR C10", email()),
			says: "ECOM# K0 is defined in line 2 already", near: program(config(), other(), "STR C10", email()),
		},
		{name: "another number", rule: "ecom-undefined", text: mails("ECOM#: " + mark + "K1"), says: "no ECOM100 box has ECOM# K1: add one at the top", near: program(config(), other(), "STR C10", email("ECOM#: K1"))},
		{name: "set-up", rule: "ecom-undefined", text: setups("ECOM#: " + mark + "K7"), says: "K7", near: setups()},
		{name: "restore", rule: "ecom-undefined", text: program(config(), "STR C11", restore("ECOM#: "+mark+"K7")), says: "K7", near: program(config(), "STR C11", restore())},
		{name: "no ECOM100 at all", rule: "ecom-undefined", text: program("STR C10", email("ECOM#: "+mark+"K0")), says: "K0"},
		{
			name: "one module, two boxes", rule: "slot-twice", text: program(config(), other("Slot: "+mark+"K1"), "STR C10", email()),
			says: "slot K1 has an ECOM100 box in line 2 already", near: program(config(), other("Slot: K4"), "STR C10", email()),
		},
		{name: "64 words", rule: "buffer-size", text: configs("Msg Buffer: " + mark + "V1500 - V1577"), says: "64 words and must have 65: write V1500 - V1600", near: configs("Msg Buffer: V1500 - V1600")},
		{name: "66 words", rule: "buffer-size", text: configs("Msg Buffer: " + mark + "V1500 - V1601"), says: "66 words", near: configs("-Msg Buffer", "Message Buffer: V1500")},
		{name: "one word", rule: "buffer-size", text: configs("Msg Buffer: " + mark + "V1500 - V1500"), says: "1 word and"},
		{name: "downwards", rule: "buffer-size", text: configs("Msg Buffer: " + mark + "V1600 - V1500"), says: "ends at V1500, before it begins: write V1600 - V1700"},
		{name: "not in words", rule: "not-user-memory", text: configs("Msg Buffer: " + mark + "C1500"), says: "Msg Buffer must be 65 words of user V-memory: C1500"},
		{name: "some bits", rule: "not-user-memory", text: configs("Msg Buffer: " + mark + "C1500 - C1501"), says: "C1500 - C1501 is not"},
		{name: "half in words", rule: "not-user-memory", text: configs("Msg Buffer: " + mark + "V1500 - C1600"), says: "V1500 - C1600"},
		{name: "into system memory", rule: "not-user-memory", text: configs("Msg Buffer: " + mark + "V7500 - V7600"), says: "V7600 is system memory on a DL06", near: configs("Msg Buffer: V7477 - V7577")},
	}
}

func TestBoxes(t *testing.T) { runBreaches(t, boxBreaches()) }

func TestAnOlderNameIsCalledByItsName(t *testing.T) {
	breach{rule: "ecom-undefined", text: strings.Replace(setups("ECOM#: "+mark+"K3"), "ECEMSUP", "EMLCFG", 1), says: "K3"}.refused(t)
	breach{rule: "setup-empty", text: program(config(), "STR C1", mark+strings.Replace(setup("-SMTP Server IP", "-Sender EMail"), "ECEMSUP", "EMLCFG", 1)), says: "EMLCFG changes nothing"}.refused(t)
}

// TestEveryDoubleDefinitionIsReported: a box that is copied whole has one fault in
// each of its lines.
func TestABoxThatIsCopied(t *testing.T) {
	r := judge(t, program(config(), "STR C10", email(), "STR C11", email()), nil)
	got := map[string]int{}
	for _, f := range r.Errors {
		got[f.Rule]++
	}
	if len(r.Errors) != 4 || got["shared"] != 4 {
		t.Errorf("want Workspace, Success, Error and Error Code shared; got%s", list(r))
	}
	r = judge(t, program(config(), config(), "STR C10", email()), nil)
	if want := "ecom-twice slot-twice shared shared shared"; strings.Join(rulesOf(r), " ") != want {
		t.Errorf("want %s; got%s", want, list(r))
	}
}

func rulesOf(r check.Result) []string {
	var ids []string
	for _, f := range append(append([]check.Finding(nil), r.Errors...), r.Warnings...) {
		ids = append(ids, f.Rule)
	}
	return ids
}

package check_test

import (
	"strings"
	"testing"
)

func ownerBreaches() []breach {
	return []breach{
		{name: "system word", rule: "not-user-memory", text: configs("Status: " + mark + "V7600"), says: "Status must be a word of user V-memory: V7600 is system memory on a DL06", near: configs("Status: V7577")},
		{name: "timer's current value", rule: "not-user-memory", text: mails("Workspace: " + mark + "V200"), says: "Workspace…V200 is a current value", near: mails("Workspace: V400")},
		{name: "TA", rule: "not-user-memory", text: mails("Workspace: " + mark + "TA5"), says: "TA5 is a current value"},
		{name: "counter's current value", rule: "not-user-memory", text: on("260", mails("Error Code: "+mark+"V1377")), says: "Error Code…V1377 is a current value on a DL260", near: on("260", mails("Error Code: V1407"))},
		{name: "relays", rule: "not-user-memory", text: mails("Error Code: " + mark + "V40600"), says: "V40600 is a relay"},
		{name: "no memory", rule: "not-user-memory", text: on("05", mails("Error Code: "+mark+"V10000")), says: "V10000 is no memory on a DL05", near: mails("Error Code: V10000")},
		{name: "bit for a word", rule: "not-user-memory", text: mails("Error Code: " + mark + "C5"), says: "C5 is a bit"},
		{name: "bit of word for a word", rule: "not-user-memory", text: mails("Error Code: " + mark + "B2000.1"), says: "B2000.1 is a bit"},
		{name: "B bit of relays", rule: "not-user-memory", text: mails("Success: " + mark + "B40600.7"), says: "Success must be a bit of user V-memory: V40600 is a relay", near: mails("Success: B2000.7")},
		{name: "input", rule: "bit-kind", text: mails("Success: " + mark + "X0"), says: "Success must be a C, Y, GX, GY or B bit: X0 is not", near: mails("Success: Y0")},
		{name: "stage", rule: "bit-kind", text: mails("Error: " + mark + "S0"), says: "Error…S0", near: mails("Success: GX0", "Error: GY0")},
		{name: "timer", rule: "bit-kind", text: mails("Error: " + mark + "T0"), says: "T0", near: mails("Success: GX3777", "Error: GY3777")},
		{name: "word", rule: "bit-kind", text: mails("Error: " + mark + "V2000"), says: "V2000", near: mails("Error: V2000.0")},
		{name: "no such bit", rule: "no-such-address", text: mails("Error: " + mark + "C2000"), says: "Error: C2000: a DL06", near: on("260", mails("Error: C2000"))},
		{name: "GX of a DL250-1", rule: "no-such-address", text: on("250-1", mails("Success: "+mark+"GX0")), says: "Success: GX0: a DL250-1", near: on("450", mails("Success: GX0"))},

		{name: "Success and Error", rule: "shared", text: mails("Error: " + mark + "C0"), says: "C0 is Error of ECEMAIL in line 9 and Success of ECEMAIL in line 9: each needs memory of its own", near: mails("Error: C7")},
		{name: "Workspace and Error Code", rule: "shared", text: mails("Error Code: " + mark + "V1400"), says: "V1400 is Error Code…and Workspace"},
		{name: "Error Code of two boxes", rule: "shared", text: program(config(), "STR C10", email(), "STR C11", second("Error Code: "+mark+"V1401")), says: "V1401 is Error Code of ECEMAIL in line 19 and Error Code of ECEMAIL in line 9", near: program(config(), "STR C10", email(), "STR C11", second())},
		{name: "Status and Error Code", rule: "shared", text: mails("Error Code: " + mark + "V1410"), says: "Error Code of ECEMAIL…Status of ECOM100"},
		{name: "buffer over a Status", rule: "shared", text: configs("Status: V1577", "Msg Buffer: "+mark+"V1500 - V1600"), says: "V1577 is part of Msg Buffer of ECOM100 in line 2 and Status of ECOM100 in line 2", near: configs("Status: V1601")},
		{name: "buffer over a buffer", rule: "shared", text: program(config(), other("Msg Buffer: "+mark+"V1600 - V1700"), "STR C10", email()), says: "V1600 is part of Msg Buffer…and part of Msg Buffer", near: program(config(), other("Msg Buffer: V1601"), "STR C10", email())},
		{name: "word in a buffer", rule: "shared", text: mails("Workspace: " + mark + "V1550"), says: "V1550 is Workspace…part of Msg Buffer"},
		{name: "bit in a word", rule: "shared", text: mails("Success: " + mark + "B1400.15"), says: "B1400.15, Success of ECEMAIL in line 9, is a bit of V1400, Workspace of ECEMAIL in line 9", near: mails("Success: B1402.15", "Error: B1402.14")},
		{name: "word over a bit", rule: "shared", text: mails("Success: B1401.0", "Error Code: "+mark+"V1401"), says: "V1401, Error Code of ECEMAIL in line 9, holds B1401.0, Success"},
		{name: "bit of two boxes", rule: "shared", text: program(config(), "STR C10", email("Success: B2000.3"), "STR C11", second("Error: "+mark+"V2000.3")), says: "B2000.3 is Error…and Success", near: program(config(), "STR C10", email("Success: B2000.3"), "STR C11", second("Error: B2000.4"))},
	}
}

func TestWhatABoxCallsItsOwn(t *testing.T) { runBreaches(t, ownerBreaches()) }

// TestWhatABoxCantHaveItDoesntShare: memory that is refused is refused once.
func TestWhatABoxCantHaveItDoesntShare(t *testing.T) {
	for _, r := range []struct{ fields, want string }{
		{"Success: X0|Error: X0", "bit-kind bit-kind"},
		{"Success: C2000|Error: C2000", "no-such-address no-such-address"},
		{"Success: B7600.1|Error: B7600.1", "not-user-memory not-user-memory"},
		{"Workspace: V7600|Error Code: V7600", "not-user-memory not-user-memory"},
		{"Workspace: C5|Success: C5", "not-user-memory"},
	} {
		if got := judge(t, mails(strings.Split(r.fields, "|")...), nil); strings.Join(rulesOf(got), " ") != r.want {
			t.Errorf("%s: want %s; got%s", r.fields, r.want, list(got))
		}
	}
}

// bits is a program whose mail has these bits, with a rung behind it.
func bits(success, fault, output string) string {
	return program(config(), "STR C10", email("Success: "+success, "Error: "+fault), "STR X0", output)
}

func touchBreaches() []breach {
	out := func(output string) string { return rungs("STR X0", output) }
	return []breach{
		{name: "coil", rule: "written-elsewhere", text: out("OUT " + mark + "C0"), says: "OUT C0 writes C0, which is Success of ECEMAIL in line 9: nothing else may write it", near: out("OUT C2")},
		{name: "coil of several rungs", rule: "written-elsewhere", text: out("OROUT " + mark + "C1"), says: "OROUT C1 writes C1, which is Error", near: out("OROUT C2")},
		{name: "one-shot", rule: "written-elsewhere", text: out("PD " + mark + "C1"), says: "PD C1", near: out("PD C2")},
		{name: "set", rule: "written-elsewhere", text: out("SET " + mark + "C0"), says: "SET C0 writes", near: out("SET C2")},
		{name: "reset", rule: "written-elsewhere", text: out("RST " + mark + "C0"), says: "RST C0 writes", near: out("RST C2")},
		{name: "range of both", rule: "written-elsewhere", text: out("SET " + mark + "C0 C17"), says: "SET C0 C17 writes C0, which is Success", near: out("SET C2 C17")},
		{name: "range over a bit", rule: "written-elsewhere", text: bits("C105", "C1", "RST "+mark+"C70 C131"), says: "RST C70 C131 writes C105", near: bits("C105", "C132", "RST C106 C131")},
		{name: "range up to a bit", rule: "written-elsewhere", text: bits("C105", "C1", "SET "+mark+"C77 C105"), says: "writes C105", near: bits("C105", "C1", "SET C77 C104")},
		{name: "relays as a word", rule: "written-elsewhere", text: out("OUT " + mark + "V40600"), says: "OUT V40600 writes C0, which is Success", near: out("OUT V40601")},
		{name: "relays as two words", rule: "written-elsewhere", text: bits("C20", "C21", "OUTD "+mark+"V40600"), says: "OUTD V40600 writes C20", near: bits("C20", "C21", "OUT V40600")},
		{name: "outputs as a word", rule: "written-elsewhere", text: bits("Y17", "C1", "OUT "+mark+"V40500"), says: "Y17", near: bits("Y20", "C1", "OUT V40500")},
		{name: "GX as a word", rule: "written-elsewhere", text: bits("GX0", "GY20", "OUT "+mark+"V40201"), says: "GY20", near: bits("GX0", "GY0", "OUT V40201")},
		{name: "bit through its word", rule: "written-elsewhere", text: bits("B2000.5", "C1", "OUT "+mark+"V2000"), says: "OUT V2000 writes B2000.5, which is Success", near: bits("B2000.5", "C1", "OUT V2001")},
		{name: "bit through a second word", rule: "written-elsewhere", text: bits("B2000.5", "C1", "OUTD "+mark+"V1777"), says: "OUTD V1777 writes B2000.5", near: bits("B2000.5", "C1", "OUTD V1776")},
		{name: "bit of word", rule: "written-elsewhere", text: bits("B2000.5", "C1", "SETB "+mark+"B2000.5"), says: "SETB B2000.5", near: bits("B2000.5", "C1", "SETB B2000.6")},
		{name: "bit of a word", rule: "written-elsewhere", text: out("RSTB " + mark + "B1401.0"), says: "RSTB B1401.0 writes V1401, which is Error Code", near: out("RSTB B1402.0")},
		{name: "word", rule: "written-elsewhere", text: out("OUT " + mark + "V1401"), says: "OUT V1401 writes V1401, which is Error Code of ECEMAIL in line 9", near: out("OUT V1402")},
		{name: "two words", rule: "written-elsewhere", text: out("OUTD " + mark + "V1400"), says: "OUTD V1400 writes V1400, which is Workspace", near: out("OUTD V1402")},
		{name: "count up", rule: "written-elsewhere", text: out("INC " + mark + "V1410"), says: "INC V1410 writes V1410, which is Status of ECOM100 in line 2", near: out("LD V1410")},
		{name: "read and written", rule: "written-elsewhere", text: out("DECB " + mark + "V1411"), says: "DECB V1411 writes V1411, which is Workspace of ECOM100", near: out("DECB V1412")},
		{name: "last of the buffer", rule: "written-elsewhere", text: out("OUT " + mark + "V1600"), says: "V1600, which is part of Msg Buffer of ECOM100", near: out("OUT V1601")},
		{name: "first of the buffer", rule: "written-elsewhere", text: out("OUTD " + mark + "V1477"), says: "writes V1500", near: out("OUTD V1476")},
		{name: "before the box", rule: "written-elsewhere", text: program(config(), "STR X0", "OUT "+mark+"C0", "STR C10", email()), says: "ECEMAIL in line 11", near: program(config(), "STR X0", "OUT C2", "STR C10", email())},

		{name: "by a load", rule: "workspace-read", text: out("LD " + mark + "V1400"), says: "LD V1400 reads V1400, which is Workspace of ECEMAIL in line 9", near: out("LD V1401")},
		{name: "of an ECOM100", rule: "workspace-read", text: rungs("STRE "+mark+"V1411 K0", "OUT Y0"), says: "STRE V1411 reads V1411, which is Workspace of ECOM100", near: rungs("STRE V1410 K0", "OUT Y0")},
		{name: "by a bit", rule: "workspace-read", text: rungs("STRB "+mark+"B1400.3", "OUT Y0"), says: "STRB B1400.3 reads V1400", near: rungs("STRB B1401.3", "OUT Y0")},
		{name: "in a comparison", rule: "workspace-read", text: rungs("STRE V2000 "+mark+"V1400", "OUT Y0"), says: "STRE V1400", near: rungs("STR C0", "ANDN C1", "OUT Y0")},
		{name: "a buffer", rule: "workspace-read", text: out("LDD " + mark + "V1477"), says: "LDD V1477 reads V1500, which is part of Msg Buffer", near: out("LDD V1476")},
		{name: "by a text", rule: "workspace-read", text: mails(`Body: "ü V1400 " ` + mark + `V1400`), says: "the body reads V1400", near: mails(`Body: "code " V1401 " status " V1410`)},
		{name: "a buffer by a text", rule: "workspace-read", text: mails("Body: V3000 " + mark + "V1477 % 4"), says: "the body reads V1500, which is part of Msg Buffer", near: mails("Body: V3000 V1476 % 4")},
		{name: "preset", rule: "workspace-read", text: out("TMR T0 " + mark + "V1400"), says: "TMR V1400", near: out("TMR T0 V2000")},
	}
}

func TestWhatAProgramTouches(t *testing.T) { runBreaches(t, touchBreaches()) }

package check_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/cpu"
	"github.com/rungmail/rungmail/internal/plc/ibox"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// drives is conditions of a mail, and whether it can ever be sent: never has what
// the warning says of it.
var drives = []struct{ rung, never string }{
	{"STR SP1", "ECEMAIL is driven by SP1 alone, which is always on: it needs a leading edge after the first scan, so it never runs; for one edge a RUN use STRN SP0"},
	{"STR SP1\nAND C100", ""},
	{"STR C100\nAND SP1", ""},
	{"STR SP1\nAND SP1", "driven by a rung that is always on"},
	{"STR SP2\nOR SP2", "never comes on"},
	{"STR SP1\nAND SP0", "in the first scan at most"},
	{"STR SP1\nOR C100", "driven by a rung that is always on"},
	{"STRN SP1", "STRN SP1 alone, which never comes on"},
	{"STR SP1\nNOT", "never comes on"},
	{"STRPD SP1", "STRPD SP1 alone, which never comes on"},
	{"STRND SP1", "never comes on"},
	{"STR SP2", "SP2 alone, which never comes on"},
	{"STRN SP2", "STRN SP2 alone, which is always on"},
	{"STR C100\nAND SP2", "never comes on"},
	{"STR C100\nOR SP2", ""},
	{"STR SP0", "SP0 alone, which is on in the first scan at most"},
	{"STRN SP0", ""},
	{"STRND SP0", ""},
	{"STRPD SP0", "STRPD SP0 alone, which never comes on"},
	{"STR SP0\nNOT", ""},
	{"STR SP0\nAND C100", "in the first scan at most"},
	{"STR SP0\nOR C100", ""},
	{"STR SP0\nORN SP0", "always on"},
	{"STR SP0\nANDN SP0", "never comes on"},
	{"STRN SP0\nNOT", "in the first scan at most"},
	{"STRN SP0\nAND C100", ""},
	{"STR C100\nNOT", ""},
	{"STRPD C100", ""},
	{"STRND C100", ""},
	{"STR SP3", ""},
	{"STR SP4", ""},
	{"STR V3000 K1", ""},
	{"STRE V3000 K1", ""},
	{"STR SP1\nSTR C100\nANDSTR", ""},
	{"STR SP1\nSTR C100\nORSTR", "always on"},
	{"STR SP2\nSTR C100\nANDSTR", "never comes on"},
	{"STR C100\nSTR SP1\nANDSTR", ""},
	{"STR SP1\nOUT Y0", "a rung that is always on"},
	{"STR C100\nOUT Y0", ""},
	{"STR SP1\nOUT Y0\nAND C100", ""},
	{"STR C100\nSTR SP1\nCNT CT0 K5", "always on"},
	{"STR SP1\nSTR C100\nCNT CT0 K5", ""},
}

func powerBreaches() []breach {
	return []breach{{
		name: "always on", rule: "never-fires", text: program(config(), "STR SP1", mark+email()),
		says: "ECEMAIL is driven by SP1 alone, which is always on", near: program(config(), "STR SP1", "AND C0", email("Success: C7")),
	}}
}

func TestBoxesThatNeverGetAnEdge(t *testing.T) {
	runBreaches(t, powerBreaches())
	for _, d := range drives {
		t.Run(d.rung, func(t *testing.T) {
			if d.never == "" {
				none(t, judge(t, program(config(), d.rung, email()), nil))
				return
			}
			breach{rule: "never-fires", text: program(config(), d.rung, mark+email()), says: d.never}.refused(t)
		})
	}
	for _, b := range []string{setup(), restore()} {
		breach{rule: "never-fires", text: program(config(), "STR SP1", mark+b), says: "driven by SP1 alone"}.refused(t)
	}
}

func TestEachBoxOfARungIsWarnedOf(t *testing.T) {
	r := judge(t, program(config(), "STR SP1", email(), second()), nil)
	if got := rulesOf(r); len(got) != 2 || got[0] != "never-fires" || got[1] != "never-fires" {
		t.Errorf("got%s", list(r))
	}
}

// TestTheWarningIsTrueOfTheCPU runs each condition with contacts that come and go.
func TestTheWarningIsTrueOfTheCPU(t *testing.T) {
	for _, d := range drives {
		t.Run(d.rung, func(t *testing.T) {
			r := judge(t, program(config(), d.rung, email()), nil)
			if got, want := fires(t, r.Program), d.never == ""; got != want {
				t.Errorf("the box fires: %v, want %v", got, want)
			}
		})
	}
}

// fires runs a program for a while, and tells whether any box of it ended.
func fires(t *testing.T, p *check.Program) bool {
	t.Helper()
	ended := false
	var base backplane.Base
	c, err := cpu.New(p.Tree().Controller.Name, &base, vprint.Options{}, func(ibox.Outcome) { ended = true })
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Load(p); err != nil {
		t.Fatal(err)
	}
	now, dice := time.Unix(0, 0), rand.New(rand.NewPCG(1, 2))
	for range 400 {
		c.Scan(now)
		base.Service(now)
		now = now.Add(110 * time.Millisecond)
		c.Memory.SetBit(memory.Addr{Area: memory.C, Num: 0o100}.Bit(), dice.IntN(2) == 0)
		c.Memory.SetWord(0o3000, uint16(dice.IntN(3)))
	}
	return ended
}

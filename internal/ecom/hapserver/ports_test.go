package hapserver_test

import (
	"bytes"
	"testing"

	"github.com/rungmail/rungmail/hap"
)

// TestTheModuleTellsItsOtherPorts: several modules at one address are told apart so.
func TestTheModuleTellsItsOtherPorts(t *testing.T) {
	b := newBench(t)
	if got, code := b.reads(hap.SetupTracePort); code != 0 || !bytes.Equal(got, []byte{0, 0, 0, 0}) {
		t.Errorf("a module with neither trace nor pages reads % x, error %d", got, code)
	}
	b.config.TracePort, b.config.WebPort = 29299, 8081
	b.power()
	if got, code := b.reads(hap.SetupTracePort); code != 0 || !bytes.Equal(got, []byte{0x73, 0x72, 0x91, 0x1F}) {
		t.Errorf("it reads % x, error %d", got, code)
	}
	b.refuses(hap.SetupTracePort, []byte{1, 0, 0, 0}, hap.ErrProtection)
}

// TestGoldenPorts is the whole frame.
func TestGoldenPorts(t *testing.T) {
	b := newBench(t)
	b.config.TracePort, b.config.WebPort = 29298, 80
	b.power()
	ask := b.frame(hap.Request{Function: hap.FuncReadSetup, Type: hap.SetupTracePort})
	got := b.frames(ask)
	if want := frame(t, ask[3], unhex(t, "0000"+"72725000")); len(got) != 1 || got[0] != want {
		t.Errorf("got  %q\nwant %s", got, want)
	}
}

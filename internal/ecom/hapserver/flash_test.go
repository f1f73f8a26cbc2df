package hapserver_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/rungmail/rungmail/hap"
)

// naming is a request that names the module.
func naming(t tb, text string) hap.Request {
	t.Helper()
	data, err := hap.AppendText(nil, text, hap.SetupName.Size())
	if err != nil {
		t.Fatal(err)
	}
	return hap.Request{Function: hap.FuncWriteSetup, Type: hap.SetupName, Data: data}
}

// TestADiskThatHangsHoldsUpNoOtherRequest: the second answer to a write comes when
// the disk has it; until then the module is found, and a second write finds it busy.
func TestADiskThatHangsHoldsUpNoOtherRequest(t *testing.T) {
	b := newBench(t)
	var work func()
	b.config.Flash = func(f func()) { work = f }
	b.server = nil
	b.power()
	var answers [][]byte
	datagram := b.frame(naming(t, "Stig"))
	b.server.Handle(b.now, b.from, datagram, false, func(answer []byte) error {
		answers = append(answers, bytes.Clone(answer))
		return nil
	})
	clear(datagram) // its room is used again
	if len(answers) != 1 || work == nil {
		t.Fatalf("%d answers before the disk has it", len(answers))
	}
	b.one(b.ask(hap.Request{Function: hap.FuncPollAll}))
	if got := b.acked(b.ask(naming(t, "Dirk")), hap.FuncWriteSetup); !bytes.Equal(got, []byte{byte(hap.ErrModuleBusy), 0}) {
		t.Errorf("a second write meanwhile: %x", got)
	}
	work()
	if f, err := hap.ParseFrame(answers[len(answers)-1]); len(answers) != 2 || err != nil || !bytes.Equal(f.Body, []byte{0, 0}) || f.ID != 1 {
		t.Errorf("answers %x", answers)
	}
	if got := b.store.Setup().Name; got != "Stig" {
		t.Errorf("the module is called %q", got)
	}
	b.config.Flash = nil
	b.power()
	b.acked(b.ask(naming(t, "Dirk")), hap.FuncWriteSetup)
	if got := b.store.Setup().Name; got != "Dirk" {
		t.Errorf("later it is called %q", got)
	}
}

func TestChangesAreTold(t *testing.T) {
	b := newBench(t)
	var told []string
	b.config.Changed = func(t hap.SetupType, from netip.Addr, err error) {
		text := t.String() + " by " + from.String()
		if err != nil {
			text += ": " + err.Error()
		}
		told = append(told, text)
	}
	b.power()
	b.ask(naming(t, "Stig"))
	b.write = false
	b.ask(naming(t, "Dirk"))
	b.ask(hap.Request{Function: hap.FuncReadSetup, Type: hap.SetupName})
	b.write = true
	b.ask(hap.Request{Function: hap.FuncWriteSetup, Type: 0x1234, Data: []byte{1}})
	if len(told) != 1 || told[0] != "name by 192.168.12.9" { // what may not be fills no log
		t.Errorf("%q", told)
	}
}

func TestAFaultOfOursIsTold(t *testing.T) {
	b := newBench(t)
	var told any
	b.config.Fault = func(r any) { told = r }
	b.config.Allow = func(netip.Addr) (bool, bool) { return true, true }
	b.power()
	b.config.Memory = nil
	b.config.Changed = func(hap.SetupType, netip.Addr, error) { panic("broken") }
	b.power()
	b.ask(naming(t, "Stig"))
	if told != "broken" {
		t.Errorf("told %v", told)
	}
}

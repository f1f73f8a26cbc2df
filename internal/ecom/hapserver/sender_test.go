package hapserver_test

import (
	"net/netip"
	"testing"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/hapserver"
)

// TestABroadcastIsAnsweredWhereItLooksForModules and nowhere else.
func TestABroadcastIsAnsweredWhereItLooksForModules(t *testing.T) {
	for n := range 256 {
		b := newBench(t)
		f := hap.Function(n)
		got := b.handle(b.frame(plain(f)), true)
		switch f {
		case hap.FuncPollAll, hap.FuncQuerySetup, hap.FuncAddressedBroadcast:
			b.one(got)
		default:
			b.silent(got)
		}
	}
}

func TestABroadcastThatMakesNoSenseIsMetWithSilence(t *testing.T) {
	b := newBench(t)
	for _, body := range []string{"0900200004000000", "15", "0b00", "1500e0622041861500e06220418605", ""} {
		b.silent(b.handle(b.framed(unhex(t, body)), true))
	}
}

// TestAnAddressedBroadcastIsForOne: it may ask for anything, and anyone but that one
// is silent.
func TestAnAddressedBroadcastIsForOne(t *testing.T) {
	b := newBench(t)
	to := func(m hap.MAC, r hap.Request) []byte {
		t.Helper()
		addressed, err := r.To(m)
		if err != nil {
			t.Fatal(err)
		}
		return b.frame(addressed)
	}
	other := mac
	other[5]++
	write := hap.Request{Function: hap.FuncWriteSetup, Type: hap.SetupIP, Data: addr("10.0.0.7")}
	for _, broadcast := range []bool{true, false} {
		b.unchanged(func() { b.silent(b.handle(to(other, write), broadcast)) })
		b.one(b.handle(to(mac, ask(hap.FuncVersion)), broadcast))
		_ = b.refused(b.handle(to(mac, ask(hap.FuncNever)), broadcast), hap.FuncNever)
		b.acked(b.handle(to(mac, ccm(hap.CCMV, 0o2000, 2)), broadcast), hap.FuncCCM)
		if b.acked(b.handle(to(mac, write), broadcast), hap.FuncWriteSetup); b.store.Setup().IP != ip("10.0.0.7") {
			t.Errorf("the address is %s", b.store.Setup().IP)
		}
		b.write = false
		b.unchanged(func() { b.acked(b.handle(to(mac, write), broadcast), hap.FuncWriteSetup) })
		b.write = true
		b.fine(b.deletes(hap.SetupIP))
	}
}

func TestWhoIsNotAllowedHearsNothing(t *testing.T) {
	b := newBench(t)
	var asked []netip.Addr
	b.config.Allow = func(a netip.Addr) (bool, bool) {
		asked = append(asked, a)
		return false, true // a right to write is none without one to read
	}
	b.power()
	b.as(netip.MustParseAddrPort("[::ffff:10.9.9.9]:7"))
	b.unchanged(func() {
		for n := range 256 {
			b.silent(b.handle(b.frame(plain(hap.Function(n))), n%2 == 0))
		}
		b.silent(b.handle([]byte("junk"), false))
		bad := b.frame(ask(hap.FuncPollAll))
		bad[5]++
		b.silent(b.handle(bad, false))
	})
	if got := b.server.Stats(); got != (hap.Stats{Discarded: 258}) {
		t.Errorf("%+v", got)
	}
	if len(asked) != 258 || asked[0] != ip("10.9.9.9") {
		t.Errorf("%d times it was asked, for %s", len(asked), asked[0])
	}
}

// TestTheSenderIsLookedAtEachTime: who may ask is changed while the service runs.
func TestTheSenderIsLookedAtEachTime(t *testing.T) {
	b := newBench(t)
	b.one(b.ask(ask(hap.FuncPollAll)))
	b.read = false
	b.silent(b.ask(ask(hap.FuncPollAll)))
	b.read = true
	b.one(b.ask(ask(hap.FuncPollAll)))
}

// TestAFaultOfOursEndsNothing but the one request, and is counted.
func TestAFaultOfOursEndsNothing(t *testing.T) {
	b := newBench(t)
	b.cpu.bad = true
	for _, r := range []hap.Request{ccm(hap.CCMV, 0o2000, 2), kSequence(hap.KSequence{Op: hap.KWrite, Address: 0o2000}), plain(hap.FuncReadMemory)} {
		if got := b.ask(r); len(got) > 1 {
			t.Errorf("%s is answered %x", r.Function, got)
		}
	}
	b.cpu.bad = false
	b.got(hap.CCMV, 0o2000, 2)
	if got := b.stats(false); got != (hap.Stats{Missed: 3}) {
		t.Errorf("%+v", got)
	}
	b.config.Module = nil // as if it were not there
	b.server = hapserver.New(b.config)
	b.silent(b.ask(hap.Request{Function: hap.FuncReadSetup, Type: hap.SetupEmailInUse}))
	if code := b.writes(hap.SetupName, text("Stig")); code != 0 {
		t.Errorf("after it, error %d", code)
	}
}

// TestModulesDoNotAnswerEachOthersAnswers: with a forged sender one datagram could
// else have two of them talk for ever.
func TestModulesDoNotAnswerEachOthersAnswers(t *testing.T) {
	for _, kind := range []string{"H0-ECOM100", "H2-ECOM100", "H4-ECOM100"} {
		for n := range 256 {
			one, other := newBench(t), newBench(t)
			one.config.Type, other.config.Type = kind, kind
			one.power()
			other.power()
			said := one.handle(one.frame(plain(hap.Function(n))), false)
			rounds := 0
			for ; len(said) > 0 && rounds < 10; rounds++ {
				var next [][]byte
				for _, body := range said {
					next = append(next, other.handle(other.framed(body), false)...)
				}
				said, one, other = next, other, one
			}
			if rounds > 4 {
				t.Errorf("%s, %s: after %d rounds they say %x", kind, hap.Function(n), rounds, said)
			}
		}
	}
}

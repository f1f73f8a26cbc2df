package hapserver_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/rungmail/rungmail/hap"
)

// unchanged runs a story at whose end store, working copy and disk are as before.
func (b *bench) unchanged(story func()) {
	b.t.Helper()
	setup, email, working, files := b.store.Setup(), b.store.Email(), b.module.Working(), b.files()
	story()
	if b.store.Setup() != setup || !b.store.Email().Equal(email) || !b.module.Working().Equal(working) {
		b.t.Errorf("it is now %+v, %+v, in use %+v", b.store.Setup(), b.store.Email(), b.module.Working())
	}
	if got := b.files(); got != files {
		b.t.Errorf("the disk has now %s", got)
	}
}

// refuses writes and deletes a piece of set-up data, which changes nothing.
func (b *bench) refuses(kind hap.SetupType, data []byte, want hap.Error) {
	b.t.Helper()
	b.unchanged(func() {
		if got := b.writes(kind, data); got != want {
			b.t.Errorf("writing %s is error %d, want %d", kind, got, want)
		}
		if got := b.deletes(kind); got != want {
			b.t.Errorf("deleting %s is error %d, want %d", kind, got, want)
		}
	})
}

func TestTheTypeOfAModuleIsNobodysToChange(t *testing.T) {
	newBench(t).refuses(hap.SetupTypeString, text("H4-ECOM100")[:32], hap.ErrProtection)
}

func TestSetUpDataThatAModuleHasNot(t *testing.T) {
	b := newBench(t)
	for _, kind := range []hap.SetupType{hap.SetupBase, hap.SetupKey, hap.SetupReset, 0, 0xFFFF} {
		b.refuses(kind, make([]byte, 4), hap.ErrNotFound)
	}
	b.config.Firmware = "4.0.118" // before e-mail
	b.power().refuses(hap.SetupEmail, must(hapEmail().Append(nil)), hap.ErrNotFound)
	b.refuses(hap.SetupEmailInUse, must(hapEmail().Append(nil)), hap.ErrNotFound)
}

func TestAnIDThatTheSwitchesSay(t *testing.T) {
	for bit := range 6 {
		b := newBench(t)
		b.config.DIP = 0x80 | 1<<bit
		b.power().refuses(hap.SetupNode, []byte{5, 0, 0, 0}, hap.ErrProtection)
	}
}

func TestWhoMayOnlyReadChangesNothing(t *testing.T) {
	b := newBench(t)
	b.write = false
	for _, r := range sets() {
		b.refuses(r.kind, r.put, hap.ErrProtection)
	}
	in := hapEmail()
	in.Port = 2525
	b.refuses(hap.SetupEmail, must(in.Append(nil)), hap.ErrProtection)
	b.refuses(hap.SetupEmailInUse, must(in.Append(nil)), hap.ErrProtection)
	b.refuses(hap.SetupBlink, []byte{60, 0}, hap.ErrProtection)
	if b.server.Blinking(b.now) {
		t.Error("the light blinks")
	}
}

func TestValuesThatAModuleCannotHave(t *testing.T) {
	b := newBench(t)
	transfers := func(ack, response, retries byte, high byte) []byte {
		return []byte{ack, 0, response, 0, retries, high}
	}
	for what, r := range map[string]struct {
		kind hap.SetupType
		data []byte
	}{
		"half an address":          {hap.SetupIP, []byte{10, 0, 0}},
		"everybody's address":      {hap.SetupIP, addr("255.255.255.255")},
		"a group's address":        {hap.SetupIP, addr("224.0.0.1")},
		"a mask with a hole":       {hap.SetupSubnet, addr("255.0.255.0")},
		"half a mask":              {hap.SetupSubnet, nil},
		"a group for a gateway":    {hap.SetupGateway, addr("239.1.1.1")},
		"an ID over 65535":         {hap.SetupNode, []byte{0, 0, 1, 0}},
		"half an ID":               {hap.SetupNode, []byte{1, 0}},
		"a name without an end":    {hap.SetupName, bytes.Repeat([]byte("x"), 256)},
		"a text of 512":            {hap.SetupDescription, bytes.Repeat([]byte("x"), 512)},
		"half of the transfers":    {hap.SetupTransfers, make([]byte, 5)},
		"no time for an ACK":       {hap.SetupTransfers, transfers(0, 1, 1, 0)},
		"no time for a response":   {hap.SetupTransfers, transfers(1, 0, 1, 0)},
		"256 retries":              {hap.SetupTransfers, transfers(1, 1, 0, 1)},
		"half an IP set-up":        {hap.SetupIPSetup, make([]byte, 83)},
		"an address that is none":  {hap.SetupIPSetup, append([]byte{4, 0, 0, 0}, text("barry.example")[:80]...)},
		"an IP set-up's bad mask":  {hap.SetupIPSetup, must(hap.IPSetup{Subnet: ip("0.0.0.255")}.Append(nil))},
		"a peer without protocol":  {hap.SetupPeers0, append([]byte{10, 0, 0, 1, 3}, make([]byte, 507)...)},
		"a peer without address":   {hap.SetupPeers32, append([]byte{0, 0, 0, 0, 1}, make([]byte, 507)...)},
		"a Modbus peer on port 0":  {hap.SetupPeers64, append([]byte{10, 0, 0, 1, 2}, make([]byte, 507)...)},
		"half a blink":             {hap.SetupBlink, []byte{1}},
		"no e-mail set-up":         {hap.SetupEmail, nil},
		"one of another form":      {hap.SetupEmail, make([]byte, 512)},
		"no e-mail set-up in use":  {hap.SetupEmailInUse, nil},
		"an e-mail set-up cut off": {hap.SetupEmailInUse, must(hapEmail().Append(nil))[:40]},
	} {
		t.Run(what, func(t *testing.T) {
			b.unchanged(func() {
				if got := b.writes(r.kind, r.data); got != hap.ErrInvalidData {
					t.Errorf("error %d, want %d", got, hap.ErrInvalidData)
				}
			})
		})
	}
}

func TestAnEmailSetUpOutOfBounds(t *testing.T) {
	b := newBench(t)
	for what, change := range map[string]func(*hap.Email){
		"no port":            func(e *hap.Email) { e.Port = 0 },
		"a sender":           func(e *hap.Email) { e.Sender = "nobody" },
		"a foreign sender":   func(e *hap.Email) { e.Sender = "pl\u00e7@example.com" },
		"a Cc":               func(e *hap.Email) { e.Cc = []string{"joe"} },
		"too many":           func(e *hap.Email) { e.Cc = slices.Repeat([]string{"j@x.y"}, 51) },
		"a name of 65":       func(e *hap.Email) { e.Name = strings.Repeat("x", 65) },
		"a line in a sender": func(e *hap.Email) { e.Sender = "plc@example.com> SIZE=1" },
	} {
		e := hapEmail()
		change(&e)
		for _, kind := range []hap.SetupType{hap.SetupEmail, hap.SetupEmailInUse} {
			b.unchanged(func() {
				if got := b.writes(kind, must(e.Append(nil))); got != hap.ErrInvalidData {
					t.Errorf("%s to %s: error %d, want %d", what, kind, got, hap.ErrInvalidData)
				}
			})
		}
	}
}

// TestADiskThatFailsIsAFlashThatWasNotProgrammed, error 115.
func TestADiskThatFailsIsAFlashThatWasNotProgrammed(t *testing.T) {
	b := newBench(t)
	b.disk = broken{b.disk}
	b.power()
	for _, r := range sets() {
		b.refuses(r.kind, r.put, 115)
	}
	b.refuses(hap.SetupEmail, must(hapEmail().Append(nil)), 115)
	if code := b.writes(hap.SetupEmailInUse, must(hapEmail().Append(nil))); code != 0 {
		t.Errorf("the working copy needs no disk, error %d", code)
	}
}

// TestHalfARequestIsRefused, and counted.
func TestHalfARequestIsRefused(t *testing.T) {
	b := newBench(t)
	for body, f := range map[string]hap.Function{
		"0900200004000000":               hap.FuncQuerySetup,
		"0b0010":                         hap.FuncReadSetup,
		"0c00":                           hap.FuncWriteSetup,
		"0d0010":                         hap.FuncDeleteSetup,
		"0e00":                           hap.FuncEthernetStats,
		"15":                             hap.FuncAddressedBroadcast,
		"1900011e020104":                 hap.FuncCCM,
		"1900021e02010431":               hap.FuncCCM, // another code
		"1900012002010431ab":             hap.FuncCCM, // a write of two bytes with one
		"1a0008000140":                   hap.FuncKSequence,
		"25000002020000":                 hap.FuncReadMemory,
		"1500e0622041860b0016":           hap.FuncReadSetup,          // the one in an addressed broadcast
		"1500e0622041861500e06220418605": hap.FuncAddressedBroadcast, // one in another
	} {
		data := unhex(t, body)
		if got := b.refused(b.handle(b.framed(data), false), f); got != hap.ErrRequest {
			t.Errorf("%s: error %d, want %d", body, got, hap.ErrRequest)
		}
	}
	if got := b.server.Stats(); got != (hap.Stats{Discarded: 13}) {
		t.Errorf("%+v", got)
	}
}

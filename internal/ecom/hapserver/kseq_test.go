package hapserver_test

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/rungmail/rungmail/hap"
)

func kSequence(k hap.KSequence) hap.Request {
	return hap.Request{Function: hap.FuncKSequence, KSeq: k}
}

// telegram sends one, and is the controller's answer.
func (b *bench) telegram(k hap.KSequence) (hap.KReply, hap.Error) {
	b.t.Helper()
	data, code := b.response(kSequence(k))
	if code != 0 {
		return hap.KReply{}, code
	}
	reply, err := hap.ParseKReply(data)
	if err != nil || reply.Op != k.Op || reply.Address != k.Address || len(data) != hap.MaxKTelegram {
		b.t.Fatalf("%s: %+v, %v, %d bytes", k.Op, reply, err, len(data))
	}
	return reply, 0
}

// locked asks whether the controller is.
func (b *bench) locked() bool {
	b.t.Helper()
	reply, code := b.telegram(hap.KSequence{Op: hap.KStatus})
	if code != 0 {
		b.t.Fatal(code)
	}
	return reply.Locked
}

// opens tells whether a login succeeds.
func (b *bench) opens(p hap.Password) bool {
	b.t.Helper()
	reply, code := b.telegram(hap.KSequence{Op: hap.KLogin, Password: p})
	if code != 0 {
		b.t.Fatal(code)
	}
	return !reply.Locked
}

func (b *bench) later(d time.Duration) { b.now = b.now.Add(d) }

// as lets someone else ask.
func (b *bench) as(from netip.AddrPort) { b.from = from }

// lockedBench is a bench whose controller has a password.
func lockedBench(t tb, text string) (*bench, hap.Password) {
	t.Helper()
	b, p := newBench(t), password(t, text)
	b.config.Password = p
	return b.power(), p
}

func TestTelegramsReadAndWriteWords(t *testing.T) {
	b := newBench(t)
	if _, code := b.telegram(hap.KSequence{Op: hap.KWrite, Address: 0o2000, Value: 0x1234}); code != 0 {
		t.Fatal(code)
	}
	b.isWords(0o1777, 0, 0x1234, 0)
	b.cpu.words[0o2001] = 0x5678
	got, code := b.telegram(hap.KSequence{Op: hap.KRead, Address: 0o2000, Count: 3})
	if code != 0 || !bytes.Equal(got.Data, []byte{0x34, 0x12, 0x78}) {
		t.Errorf("%x, error %d", got.Data, code)
	}
	if got, code := b.telegram(hap.KSequence{Op: hap.KRead, Address: 0o2000, Count: hap.MaxKRead}); code != 0 || len(got.Data) != hap.MaxKRead {
		t.Errorf("the longest read is %d bytes, error %d", len(got.Data), code)
	}
}

// TestTelegramsSetAndResetBits: C0 is 0xF000, S0 0xF800, T0 0xFC00.
func TestTelegramsSetAndResetBits(t *testing.T) {
	b := newBench(t)
	for address, at := range map[uint16]struct {
		word uint16
		bit  int
	}{0xF000: {0o40600, 0}, 0xF01F: {0o40601, 15}, 0xF800: {0o41000, 0}, 0xFC03: {0o41100, 3}, 0xE801: {0o40400, 1}} {
		b.cpu.words[at.word] = 0
		if _, code := b.telegram(hap.KSequence{Op: hap.KSet, Address: address}); code != 0 {
			t.Fatal(address, code)
		}
		b.isWords(at.word, 1<<at.bit)
		b.cpu.words[at.word] = 0xFFFF
		if _, code := b.telegram(hap.KSequence{Op: hap.KReset, Address: address}); code != 0 {
			t.Fatal(address, code)
		}
		b.isWords(at.word, 0xFFFF&^(1<<at.bit))
	}
}

func TestTelegramsToMemoryThatIsNotThere(t *testing.T) {
	b := newBench(t)
	before := b.cpu.words
	for _, k := range []hap.KSequence{
		{Op: hap.KRead, Address: 0o17777, Count: 4},
		{Op: hap.KRead, Address: 0xFFFF, Count: 2},
		{Op: hap.KWrite, Address: 0o20000, Value: 1},
		{Op: hap.KWrite, Address: 0o7600, Value: 1}, // the controller's own
		{Op: hap.KWrite, Address: 0o41200, Value: 1},
		{Op: hap.KSet, Address: 0},
		{Op: hap.KSet, Address: 0xD7FF},   // below the first bit
		{Op: hap.KReset, Address: 0xF400}, // a DL06 has C0 to C1777
	} {
		if _, code := b.telegram(k); code != hap.ErrRange {
			t.Errorf("%s at %#x: error %d, want %d", k.Op, k.Address, code, hap.ErrRange)
		}
	}
	if b.cpu.words != before {
		t.Error("something was written")
	}
}

// TestATelegramWithAWrongSumIsRefused, and so is one that isn't known.
func TestATelegramWithAWrongSumIsRefused(t *testing.T) {
	b := newBench(t)
	for what, body := range map[string]string{
		"a wrong sum":       "1a000a000146010400011234174d",
		"an unknown one":    "1a00080001410104000217" + "46",
		"without an end":    "1a0008000140010400021847",
		"no telegram":       "1a0008000040010400021747",
		"a read of nothing": "1a0008000140010400001745",
		"longer than said":  "1a00ff000140010400021747",
	} {
		if got := b.refused(b.handle(b.framed(unhex(t, body)), false), hap.FuncKSequence); got != hap.ErrRequest {
			t.Errorf("%s: error %d, want %d", what, got, hap.ErrRequest)
		}
	}
	b.isWords(0o2000, 0)
	b.handle(b.framed(unhex(t, "1a000a0001460104000112341764")), false)
	b.isWords(0o2000, 0x1234) // with its sum it is taken
}

func TestWithoutAPasswordNothingIsLocked(t *testing.T) {
	b := newBench(t)
	if b.locked() || !b.opens(password(t, "12345678")) {
		t.Error("a controller without a password is locked")
	}
}

func TestAPasswordOfDigitsLocksMemory(t *testing.T) {
	b, p := lockedBench(t, "12345678")
	before := b.cpu.words
	all := []hap.Request{
		ccm(hap.CCMV, 0o2000, 2), ccmWrite(hap.CCMV, 0o2000, []byte{1, 2}), ccm(hap.CCMInputs, hap.InputX, 1), ccmWrite(hap.CCMOutputs, hap.OutputY, []byte{1}),
		kSequence(hap.KSequence{Op: hap.KRead, Address: 0o2000, Count: 2}), kSequence(hap.KSequence{Op: hap.KWrite, Address: 0o2000, Value: 1}),
		kSequence(hap.KSequence{Op: hap.KSet, Address: 0xF000}), kSequence(hap.KSequence{Op: hap.KReset, Address: 0xF000}),
	}
	for _, r := range all {
		if _, code := b.response(r); code != hap.ErrProtection {
			t.Errorf("%s %s: error %d, want %d", r.Function, r.KSeq.Op, code, hap.ErrProtection)
		}
	}
	read := plain(hap.FuncReadMemory)
	if got := b.one(b.ask(read)); !bytes.Equal(got, []byte{byte(hap.ErrProtection), 0}) {
		t.Errorf("reading memory is answered %x", got)
	}
	if b.cpu.words != before || !b.locked() {
		t.Error("something was written, or it isn't locked")
	}
	if !b.opens(p) || b.locked() {
		t.Fatal("the password doesn't open it")
	}
	for _, r := range all {
		if _, code := b.response(r); code != 0 {
			t.Errorf("opened: %s %s is error %d", r.Function, r.KSeq.Op, code)
		}
	}
	if got := b.one(b.ask(read)); len(got) != 4 {
		t.Errorf("opened: reading memory is answered %x", got)
	}
}

// TestAPasswordWithAnALocksNoMemory: operator panels go on.
func TestAPasswordWithAnALocksNoMemory(t *testing.T) {
	b, p := lockedBench(t, "A1234567")
	if !b.locked() {
		t.Error("its program isn't locked")
	}
	if code := b.puts(hap.CCMV, 0o2000, []byte{1, 2}); code != 0 {
		t.Errorf("memory is locked: error %d", code)
	}
	if _, code := b.telegram(hap.KSequence{Op: hap.KRead, Address: 0o2000, Count: 2}); code != 0 {
		t.Errorf("memory is locked: error %d", code)
	}
	if !b.opens(p) || b.locked() {
		t.Error("the password doesn't open it")
	}
}

func TestALoginHoldsForWhoMadeIt(t *testing.T) {
	b, p := lockedBench(t, "12345678")
	b.opens(p)
	for _, other := range []string{"192.168.12.9:50001", "192.168.12.10:50000"} {
		b.as(netip.MustParseAddrPort(other))
		if !b.locked() {
			t.Errorf("it is open for %s too", other)
		}
	}
	b.as(netip.MustParseAddrPort("[::ffff:192.168.12.9]:50000")) // the same, as a socket for both families has it
	if b.locked() {
		t.Error("it is locked for whom it was opened")
	}
}

func TestAWrongPasswordOpensNothing(t *testing.T) {
	b, _ := lockedBench(t, "12345678")
	for _, wrong := range []string{"12345679", "00000000", "A2345678"} {
		if b.later(time.Second); b.opens(password(t, wrong)) || !b.locked() {
			t.Errorf("%s opens it", wrong)
		}
	}
}

// TestAWrongLoginHasItsAddressWait, so that eight digits aren't tried out soon; a
// right one has nobody wait, nor does another's wrong one.
func TestAWrongLoginHasItsAddressWait(t *testing.T) {
	b, p := lockedBench(t, "12345678")
	if b.opens(password(t, "12345679")) {
		t.Fatal("a wrong one opens it")
	}
	b.later(time.Second - time.Millisecond)
	if b.opens(p) {
		t.Error("a second login within a second is looked at")
	}
	b.as(netip.MustParseAddrPort("192.168.12.77:1"))
	for range 2 {
		if !b.opens(p) {
			t.Error("another's wrong login has this one wait")
		}
	}
	b.as(netip.MustParseAddrPort("192.168.12.78:1"))
	b.opens(password(t, "12345679"))
	b.later(time.Second)
	if !b.opens(p) {
		t.Error("after a second none is looked at")
	}
}

func TestALoginEndsTenMinutesAfterTheLastRequest(t *testing.T) {
	b, p := lockedBench(t, "12345678")
	b.opens(p)
	for range 3 {
		b.later(10 * time.Minute)
		b.got(hap.CCMV, 0o2000, 2) // each request counts
	}
	b.later(10*time.Minute + time.Millisecond)
	if _, code := b.response(ccm(hap.CCMV, 0o2000, 2)); code != hap.ErrProtection || !b.locked() {
		t.Errorf("it is still open, error %d", code)
	}
}

// crowd logs in so many, from one port after the other, a second apart.
func crowd(b *bench, p hap.Password, n int) []netip.AddrPort {
	b.t.Helper()
	var all []netip.AddrPort
	for i := range n {
		b.later(time.Second)
		b.as(netip.AddrPortFrom(ip("192.168.12.9"), uint16(1000+i)))
		if !b.opens(p) {
			b.t.Fatalf("login %d fails", i)
		}
		all = append(all, b.from)
	}
	return all
}

func (b *bench) isOpenFor(all []netip.AddrPort, want ...bool) {
	b.t.Helper()
	for i, from := range all {
		b.as(from)
		if open := !b.locked(); open != want[i] {
			b.t.Errorf("for %s it is open: %v, want %v", from, open, want[i])
		}
	}
}

func TestTheOldestOfSixteenLoginsGoes(t *testing.T) {
	b, p := lockedBench(t, "12345678")
	all := crowd(b, p, 17)
	b.isOpenFor(all[:3], false, true, true)
	b.isOpenFor(all[15:], true, true)
}

// TestLoggingInAgainPutsNobodyOut of sixteen.
func TestLoggingInAgainPutsNobodyOut(t *testing.T) {
	b, p := lockedBench(t, "12345678")
	all := crowd(b, p, 16)
	b.later(time.Second)
	if !b.opens(p) {
		t.Fatal("logging in again fails")
	}
	b.isOpenFor(all[:2], true, true)
}

func TestLoginsThatAreOverMakeRoom(t *testing.T) {
	b, p := lockedBench(t, "12345678")
	crowd(b, p, 16)
	b.later(9 * time.Minute)
	b.isOpenFor([]netip.AddrPort{netip.MustParseAddrPort("192.168.12.9:1000")}, true) // it is used, the others aren't
	b.later(2 * time.Minute)
	all := crowd(b, p, 2)
	b.isOpenFor(append(all, netip.MustParseAddrPort("192.168.12.9:1000")), true, true, true)
}

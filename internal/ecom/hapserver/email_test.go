package hapserver_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// hapEmail is the e-mail set-up of mails.
func hapEmail() hap.Email {
	return hap.Email{
		Server: ip("192.168.0.1"), Port: 25, Timeout: time.Minute, Name: "Machine A-42F", Sender: "plc@example.com",
		Cc: []string{"supervisor@example.com", "joe@example.com"},
	}
}

// another is one that differs in every field.
func another() hap.Email {
	zone := -300
	return hap.Email{
		Server: ip("10.0.0.9"), Port: 2525, Timeout: 90 * time.Second, Zone: &zone, Name: "Zoë", Sender: `"line 4"@example.net`,
		Cc: []string{"eve@example.net"},
	}
}

func (b *bench) email(kind hap.SetupType) hap.Email {
	b.t.Helper()
	data, code := b.reads(kind)
	e, err := hap.ParseEmail(data)
	if code != 0 || err != nil {
		b.t.Fatalf("%s: error %d, %v", kind, code, err)
	}
	return e
}

func (b *bench) isEmail(kind hap.SetupType, want hap.Email) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.email(kind), sameAddr); diff != "" {
		b.t.Errorf("%s: %s", kind, diff)
	}
}

// TestROMAndWhatIsInUseAreTwo (seeds/000 section 6).
func TestROMAndWhatIsInUseAreTwo(t *testing.T) {
	b := newBench(t)
	b.isEmail(hap.SetupEmail, hapEmail())
	b.isEmail(hap.SetupEmailInUse, hapEmail())
	b.fine(b.writes(hap.SetupEmail, must(another().Append(nil))))
	b.isEmail(hap.SetupEmail, another())
	b.isEmail(hap.SetupEmailInUse, hapEmail())
	b.power()
	b.isEmail(hap.SetupEmail, another())
	b.isEmail(hap.SetupEmailInUse, another())
}

func TestWhatIsInUseIsForgottenWithThePower(t *testing.T) {
	b := newBench(t)
	b.fine(b.writes(hap.SetupEmailInUse, must(another().Append(nil))))
	b.isEmail(hap.SetupEmailInUse, another())
	b.isEmail(hap.SetupEmail, hapEmail())
	if got := b.module.Working(); got.Sender != address(`"line 4"@example.net`) || got.Zone != (settings.Zone{Known: true, Minutes: -300}) {
		t.Errorf("mails use %+v", got)
	}
	b.power()
	b.isEmail(hap.SetupEmailInUse, hapEmail())
}

func TestDeletingWhatIsInUseTakesROMsAgain(t *testing.T) {
	b := newBench(t)
	b.fine(b.writes(hap.SetupEmailInUse, must(another().Append(nil))))
	b.fine(b.deletes(hap.SetupEmailInUse))
	b.isEmail(hap.SetupEmailInUse, hapEmail())
	b.isEmail(hap.SetupEmail, hapEmail())
}

func TestDeletingROMsSetUpLeavesANewModules(t *testing.T) {
	b := newBench(t)
	if code := b.deletes(hap.SetupEmail); code != 0 || !b.store.Email().Equal(settings.Default()) {
		t.Errorf("error %d, %+v", code, b.store.Email())
	}
	b.isEmail(hap.SetupEmail, hap.Email{Server: ip("0.0.0.0"), Port: 25, Timeout: time.Minute})
	b.isEmail(hap.SetupEmailInUse, hapEmail())
}

// TestFirmwareWithoutATimeZoneKeepsNone (before 4.0.2128).
func TestFirmwareWithoutATimeZoneKeepsNone(t *testing.T) {
	b := newBench(t)
	b.config.Firmware = "4.0.2127"
	b.power()
	want := another()
	for _, kind := range []hap.SetupType{hap.SetupEmail, hap.SetupEmailInUse} {
		b.fine(b.writes(kind, must(another().Append(nil))))
		want.Zone = nil
		b.isEmail(kind, want)
	}
}

// TestASetUpThatDoesNotFitIsNotCut: the page can hold more than the protocol.
func TestASetUpThatDoesNotFitIsNotCut(t *testing.T) {
	b := newBench(t)
	e := mails()
	e.Cc = slices.Repeat([]mailaddr.Address{address(strings.Repeat("x", 60) + "@example.com")}, 10)
	if err := b.store.WriteEmail(e); err != nil {
		t.Fatal(err)
	}
	if data, code := b.reads(hap.SetupEmail); code != hap.ErrTooLarge {
		t.Errorf("%d bytes, error %d", len(data), code)
	}
}

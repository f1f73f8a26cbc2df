package viewer

import (
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/ecom/trace"
)

// dialogue is an opening with a clock and what it sends.
type dialogue struct {
	*testing.T
	opening
	now time.Time
}

func open(t *testing.T) *dialogue {
	t.Helper()
	d := &dialogue{T: t, now: time.Unix(0, 0)}
	d.sends(d.start(d.now), trace.TurnOn)
	return d
}

func (d *dialogue) sends(got, want string) {
	d.Helper()
	if got != want {
		d.Errorf("it sends %q, want %q", got, want)
	}
}

func (d *dialogue) hears(line, want string) {
	d.Helper()
	got, _, _ := d.heard(d.now, line)
	d.sends(got, want)
}

func (d *dialogue) waits(long time.Duration, want string) (silent bool) {
	d.Helper()
	d.now = d.now.Add(long)
	got, silent := d.tick(d.now)
	d.sends(got, want)
	return silent
}

func TestOurModuleIsTurnedOnAndOff(t *testing.T) {
	d := open(t)
	d.hears(trace.On, "")
	d.waits(time.Minute, "")
	d.sends(d.farewell(), trace.TurnOff)
}

func TestAnOriginalIsToggled(t *testing.T) {
	d := open(t)
	d.waits(time.Second-1, "")
	d.waits(1, trace.Toggle)
	d.hears(trace.On, "")
	d.sends(d.farewell(), trace.Toggle)
}

func TestAnOriginalThatIsOnAlreadyIsToggledTwice(t *testing.T) {
	d := open(t)
	d.waits(time.Second, trace.Toggle)
	d.hears(trace.Off, trace.Toggle)
	d.hears(trace.On, "")
	d.sends(d.farewell(), trace.Toggle)
}

func TestAnOriginalNeverEndsInALoop(t *testing.T) {
	d := open(t)
	d.waits(time.Second, trace.Toggle)
	d.hears(trace.Off, trace.Toggle)
	d.hears(trace.Off, "") // another viewer toggled in between
	d.sends(d.farewell(), "")
}

func TestASilentModule(t *testing.T) {
	d := open(t)
	d.waits(time.Second, trace.Toggle)
	if !d.waits(time.Second, "") {
		t.Error("two seconds without an answer are no silence")
	}
	if d.waits(time.Hour, "") {
		t.Error("silence is told twice")
	}
	d.sends(d.farewell(), trace.TurnOff) // it may have heard all the same
}

func TestALineIsAnAnswerToo(t *testing.T) {
	d := open(t)
	d.hears("Success!", "")
	d.waits(time.Second, "")
	d.sends(d.farewell(), trace.TurnOff)
}

func TestOurModuleIsRemindedBeforeItForgets(t *testing.T) {
	d := open(t)
	d.hears(trace.On, "")
	for range 3 {
		d.waits(time.Hour, trace.TurnOn)
		if _, show, _ := d.heard(d.now, trace.On); show {
			t.Error("an answer that nobody asked for is shown")
		}
	}
	if _, show, _ := d.heard(d.now, trace.On); !show {
		t.Error("an answer that was asked for isn't shown")
	}
}

func TestAFullModule(t *testing.T) {
	d := open(t)
	if send, show, full := d.heard(d.now, "EMail Trace Off: 8 viewers are on already"); send != "" || !show || !full {
		t.Errorf("%q, %v, %v", send, show, full)
	}
	d.waits(time.Hour, "")
	d.sends(d.farewell(), "")
}

func TestWhatAPersonTogglesStays(t *testing.T) {
	d := open(t)
	d.hears(trace.On, "")
	d.byHand()
	d.hears(trace.Off, "")
	d.waits(2*time.Hour, "")
	d.sends(d.farewell(), "")
}

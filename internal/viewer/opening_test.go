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
	d.sends(d.heard(d.now, line).send, want)
}

func (d *dialogue) waits(long time.Duration, want string) (silent bool) {
	d.Helper()
	d.now = d.now.Add(long)
	out := d.tick(d.now)
	d.sends(out.send, want)
	return out.silent
}

func TestOurModuleIsTurnedOnAndOff(t *testing.T) {
	d := open(t)
	d.hears(trace.On, "")
	d.waits(renewEvery-1, "")
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
	if d.waits(time.Hour, trace.TurnOn) {
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

// says takes in a line and wants what the viewer says to it, and whether it is for
// the log.
func (d *dialogue) says(line, want string, show bool) {
	d.Helper()
	if out := d.heard(d.now, line); out.say != want || out.show != show {
		d.Errorf("%q: %+v, want %q and show %v", line, out, want, show)
	}
}

// TestOurModuleIsAskedAgainAndAgain: one that was restarted has forgotten its
// viewers.
func TestOurModuleIsAskedAgainAndAgain(t *testing.T) {
	d := open(t)
	d.hears(trace.On, "")
	for range 100 {
		d.waits(15*time.Second, trace.TurnOn)
		d.says(trace.On, "", false) // nobody asked for it
	}
	d.says(trace.On, "", true)
	d.sends(d.farewell(), trace.TurnOff)
}

func TestThreeSilencesAreTold(t *testing.T) {
	d := open(t)
	d.hears(trace.On, "")
	for range 3 {
		d.now = d.now.Add(15 * time.Second)
		if out := d.tick(d.now); out != (outcome{send: trace.TurnOn}) {
			t.Fatalf("%+v", out)
		}
	}
	d.now = d.now.Add(15 * time.Second)
	if out := d.tick(d.now); out != (outcome{send: trace.TurnOn, say: Lost}) {
		t.Errorf("behind three silences: %+v", out)
	}
	for range 100 {
		d.now = d.now.Add(retryEvery)
		if out := d.tick(d.now); out != (outcome{send: trace.TurnOn}) {
			t.Fatalf("it is told twice, or not asked: %+v", out)
		}
	}
	d.says(trace.On, Back, false)
	d.waits(renewEvery-1, "")
	d.waits(1, trace.TurnOn)
	d.says(trace.On, "", false)
}

func TestALineBreaksTheSilence(t *testing.T) {
	d := open(t)
	d.hears(trace.On, "")
	for range 10 {
		for range 3 {
			d.waits(renewEvery, trace.TurnOn)
		}
		d.says("Success!", "", true)
	}
}

func TestARefusalIsToldAtOnce(t *testing.T) {
	d := open(t)
	d.hears(trace.On, "")
	if out := d.refused(d.now); out != (outcome{}) {
		t.Errorf("nothing was asked, and yet %+v", out)
	}
	for range 2 {
		d.waits(renewEvery, trace.TurnOn)
		if out := d.refused(d.now); out != (outcome{say: Lost}) {
			t.Errorf("%+v", out)
		}
		d.waits(retryEvery, trace.TurnOn)
		if out := d.refused(d.now); out != (outcome{}) {
			t.Errorf("it is told twice: %+v", out)
		}
		d.says(trace.On, Back, false)
	}
}

func TestAnOriginalIsNotAskedAgain(t *testing.T) {
	d := open(t)
	d.waits(time.Second, trace.Toggle)
	d.hears(trace.On, "")
	d.waits(24*time.Hour, "")
	if out := d.refused(d.now); out != (outcome{}) {
		t.Errorf("%+v", out)
	}
}

// TestAModuleThatTakesAllForTheToggle answers as ours at first, and is found out.
func TestAModuleThatTakesAllForTheToggle(t *testing.T) {
	d := open(t)
	d.hears(trace.On, "")
	d.waits(renewEvery, trace.TurnOn)
	d.hears(trace.Off, trace.Toggle)
	d.hears(trace.On, "")
	d.waits(24*time.Hour, "")
	d.sends(d.farewell(), trace.Toggle)
}

// TestAModuleThatComesLate: a viewer that was there before it is heard all the same.
func TestAModuleThatComesLate(t *testing.T) {
	d := open(t)
	d.waits(time.Second, trace.Toggle)
	d.waits(time.Second, "")
	d.waits(renewEvery, trace.TurnOn)
	d.waits(renewEvery, trace.TurnOn)
	d.says(trace.On, "", true)
	d.waits(renewEvery, trace.TurnOn)
	d.says(trace.On, "", false)
	d.sends(d.farewell(), trace.TurnOff)
}

func TestByHandOurModuleStaysOurs(t *testing.T) {
	d := open(t)
	d.hears(trace.On, "")
	d.byHand()
	d.hears(trace.Off, "")
	d.byHand()
	d.hears(trace.On, "")
	d.waits(renewEvery, trace.TurnOn)
}

func TestAFullModule(t *testing.T) {
	d := open(t)
	if out := d.heard(d.now, "EMail Trace Off: 8 viewers are on already"); out != (outcome{show: true, full: true}) {
		t.Errorf("%+v", out)
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

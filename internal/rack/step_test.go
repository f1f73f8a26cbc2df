package rack_test

import (
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/ecom/module"
)

// step is one call of Step at a time after the start.
type step struct {
	at, wake time.Duration // wake: what Step returns
	scans    uint64        // in all, after it
}

func steps(t *testing.T, b *bench, list []step) {
	t.Helper()
	start := b.now
	for _, s := range list {
		wake := b.rack.Step(start.Add(s.at)).Sub(start)
		if wake != s.wake || b.rack.Scans() != s.scans {
			t.Errorf("called at %v: %d scans, and again at %v; want %d and %v", s.at, b.rack.Scans(), wake, s.scans, s.wake)
		}
	}
}

const ms = time.Millisecond

func TestScansKeepTheirTime(t *testing.T) {
	steps(t, newBench(t).power("PLC 06\nEND\n"), []step{
		{0, 10 * ms, 1},
		{3 * ms, 10 * ms, 1}, // a call before its time is welcome, and no scan
		{10 * ms, 20 * ms, 2},
		{13 * ms, 20 * ms, 2},
		{22 * ms, 30 * ms, 3}, // a little late: the next one is on time again
		{30 * ms, 40 * ms, 4},
	})
}

func TestLateScansDontPileUp(t *testing.T) {
	steps(t, newBench(t).power("PLC 06\nEND\n"), []step{
		{0, 10 * ms, 1},
		{1000 * ms, 1010 * ms, 2},
		{1001 * ms, 1010 * ms, 2},
		{1010 * ms, 1020 * ms, 3},
		{time.Hour, time.Hour + 10*ms, 4},
		{time.Hour + 10*ms, time.Hour + 20*ms, 5},
	})
}

func TestAFreeRunningScan(t *testing.T) {
	b := newBench(t)
	b.config.Scan = 0
	steps(t, b.power("PLC 06\nEND\n"), []step{{0, 0, 1}, {0, 0, 2}, {5 * ms, 5 * ms, 3}, {time.Hour, time.Hour, 4}})
}

func TestSetScan(t *testing.T) {
	b := newBench(t).power("PLC 06\nEND\n")
	steps(t, b, []step{{0, 10 * ms, 1}})
	b.rack.SetScan(50 * ms)
	steps(t, b, []step{{2 * ms, 52 * ms, 2}, {52 * ms, 102 * ms, 3}})
	b.rack.SetScan(5 * ms) // it doesn't wait for the long one to pass
	steps(t, b, []step{{60 * ms, 65 * ms, 4}})
}

// TestAModuleIsCalledBetweenScans: with a slow scan, a mail's timeout is due long
// before the next one.
func TestAModuleIsCalledBetweenScans(t *testing.T) {
	b := newBench(t, "greeting=stall")
	e := setup()
	e.Timeout = 3 * time.Second
	b.config.Modules = map[int]module.Config{1: b.ecom100(e)}
	b.config.Scan = 10 * time.Second
	b.power(without(widget(t), "    Timeout:")).run(time.Minute)
	b.set("C10", 1)
	start := b.now
	begun := false
	for !begun {
		wake := b.rack.Step(b.now)
		b.rack.Module(1, func(m *module.Module) { begun = m.Busy() })
		if begun {
			if got := wake.Sub(b.now); got != 3*time.Second {
				t.Errorf("the mail's timeout is in 3 s, and it wants to be called in %v", got)
			}
			b.rack.Step(wake)
		}
		b.now = wake
	}
	var failed uint64
	b.rack.Module(1, func(m *module.Module) { _, failed = m.Counts() })
	if failed != 1 {
		t.Errorf("%v after the edge the mail hasn't timed out", b.now.Sub(start))
	}
	b.want("V1401=1") // the ladder hears of it in a scan
	b.run(time.Minute).want("C1=1 V1401=12")
}

func TestAClockThatIsSetBackOnlyWaits(t *testing.T) {
	b := newBench(t).power("PLC 06\nEND\n")
	steps(t, b, []step{{0, 10 * ms, 1}, {-5 * ms, 10 * ms, 1}, {10 * ms, 20 * ms, 2}})
}

func BenchmarkStep(b *testing.B) {
	bench := newBench(b).power(widget(b)).run(time.Second)
	b.ReportAllocs()
	for b.Loop() {
		bench.now = bench.rack.Step(bench.now)
	}
}

//go:build linux

package strangers

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The plant of the benchmark: racks of a DL450 with a module in each of eight
// slots, all of whose servers are on.
const (
	idleRacks = 125
	idleSlots = 8
	idleFor   = 2 * time.Second // that the processor's time is counted over
)

// BenchmarkIdleModules runs 1,000 modules that nobody asks for anything, each with
// its four servers, in racks that scan every 10 ms, and reports what one of them
// costs: memory, and the processor's time a second.
func BenchmarkIdleModules(b *testing.B) {
	var text strings.Builder
	for r := range idleRacks {
		fmt.Fprintf(&text, "[[rack]]\nname = \"r%d\"\ncpu = \"DL450\"\nprogram = \"idle.rll\"\n", r)
		for slot := range idleSlots {
			fmt.Fprintf(&text, "  [[rack.module]]\n  slot = %d\n  type = \"H4-ECOM100\"\n  servers = [\"http\", \"hap\", \"trace\", \"modbus\"]\n  http = 0\n  hap = 0\n  trace = 0\n  modbus = 0\n", slot)
		}
	}
	for b.Loop() {
		dir := b.TempDir()
		for name, text := range map[string]string{"plant.toml": text.String(), "idle.rll": "PLC 450\nSTR C0\nOUT C1\nEND\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				b.Fatal(err)
			}
		}
		before := heap()
		a := startApp(b, filepath.Join(dir, "plant.toml"))
		const modules = idleRacks * idleSlots
		b.ReportMetric(float64(heap()-before)/modules/1024, "KiB/module")
		b.ReportMetric(float64(runtime.NumGoroutine())/modules, "goroutines/module")
		from := processor(b)
		<-time.After(idleFor)
		b.ReportMetric(float64(processor(b)-from)/float64(idleFor)/modules*1e6, "cpu-us/s/module")
		if a.Status().Racks[idleRacks-1].Scans == 0 {
			b.Fatal("the last rack doesn't scan")
		}
		if err := a.Stop(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// heap is what is in use, stacks included.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// processor is the time that this process has had of the processors.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Package rack is a CPU and the modules in its slots. One call of [Rack.Step] runs
// whatever is due: a scan, the backplane, the modules. It has no goroutine and no
// clock, so that a test lives an hour in a second and a service drives the same
// rack with timers.
//
// One mutex guards the rack. A step holds it, and anyone else holds it for one
// copy of at most 256 bytes, so that every access falls between two scans.
package rack

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/ecom/mailer"
	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/cpu"
	"github.com/rungmail/rungmail/internal/plc/ibox"
	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// Config is what a rack is.
type Config struct {
	CPU     string        // "DL06"
	Scan    time.Duration // from the start of one scan to the next; 0 runs freely
	Print   vprint.Options
	Modules map[int]module.Config // by slot
	// Ended is told of every box that ends, inside the step; it may be nil and must
	// not call back.
	Ended func(ibox.Outcome)
}

// Rack is one rack. It is safe for use by several goroutines at once.
type Rack struct {
	mu      sync.Mutex
	cpu     *cpu.CPU
	base    backplane.Base
	modules [backplane.Slots]*module.Module
	scan    time.Duration
	next    time.Time // when the next scan is due
}

var _ backplane.Host = (*Rack)(nil)

// New powers a rack up, without a program.
func New(config Config) (*Rack, error) {
	r := &Rack{scan: config.Scan}
	c, err := cpu.New(config.CPU, &r.base, config.Print, config.Ended)
	if err != nil {
		return nil, err
	}
	r.cpu = c
	for _, slot := range slices.Sorted(maps.Keys(config.Modules)) {
		if slot < 0 || slot >= backplane.Slots {
			return nil, fmt.Errorf("slot %d: a base has slots 0 to %d", slot, backplane.Slots-1)
		}
		r.modules[slot] = module.New(config.Modules[slot])
		r.base.Plug(slot, r.modules[slot])
	}
	return r, nil
}

// Load downloads a program between two scans; on an error the one that was there
// runs on.
func (r *Rack) Load(p *check.Program) error {
	swap, err := r.Prepare(p)
	if err != nil {
		return err
	}
	swap()
	return nil
}

// Prepare compiles a program, which holds up no scan; swap then downloads it
// between two scans and can't fail.
func (r *Rack) Prepare(p *check.Program) (swap func(), err error) {
	prepared, err := r.cpu.Prepare(p)
	if err != nil {
		return nil, err
	}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.cpu.Swap(prepared)
	}, nil
}

// SetScan changes the time from scan to scan.
func (r *Rack) SetScan(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.scan, r.next = d, time.Time{}
}

// Step runs what is due now and returns when it wants to be called again at the
// latest. A call before that is welcome whenever a link has an event.
func (r *Rack) Step(now time.Time) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.modulesStep(now) // first, so that a scan finds what has just come to an end
	if !now.Before(r.next) {
		r.cpu.Scan(now)
		r.base.Service(now)
		r.next = r.next.Add(r.scan)
		if r.next.Before(now) { // the first scan, or one that came late
			r.next = now.Add(r.scan)
		}
	}
	if at := r.modulesStep(now); !at.IsZero() && at.Before(r.next) {
		return at
	}
	return r.next
}

// modulesStep lets the modules go on, and returns when the first of them wants to
// be called again; the zero time is never.
func (r *Rack) modulesStep(now time.Time) (wake time.Time) {
	for _, m := range r.modules {
		if m == nil {
			continue
		}
		if at := m.Step(now); !at.IsZero() && (wake.IsZero() || at.Before(wake)) {
			wake = at
		}
	}
	return wake
}

// Finish lets mails that are under way go on without any further scan, so that no
// new one begins, and tells whether there are any; it returns when it wants to be
// called again.
func (r *Rack) Finish(now time.Time) (wake time.Time, busy bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.modules {
		if m == nil {
			continue
		}
		if at := m.Step(now); m.Busy() && (!busy || at.Before(wake)) {
			wake = at
		}
		busy = busy || m.Busy()
	}
	return wake, busy
}

// Cut is a mail that the end of a rack cut off.
type Cut struct {
	Slot  int
	State mailer.State // in mailer.End the server may have it
}

// Close drops what is under way, and says which mails that were.
func (r *Rack) Close(now time.Time) []Cut {
	r.mu.Lock()
	defer r.mu.Unlock()
	var cuts []Cut
	for slot, m := range r.modules {
		if m == nil {
			continue
		}
		if cut, state := m.Close(now); cut {
			cuts = append(cuts, Cut{slot, state})
		}
	}
	return cuts
}

// Read reads one address.
func (r *Rack) Read(a memory.Addr) (uint16, error) {
	if err := r.cpu.Layout.Check(a); err != nil { // a layout never changes, so no lock
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cpu.Memory.Read(a), nil
}

// Write writes one address; it fails where the CPU has none or keeps it to
// itself.
func (r *Rack) Write(a memory.Addr, v uint16) error {
	if err := r.cpu.Layout.CheckWrite(a); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cpu.Memory.Write(a, v)
	return nil
}

// ReadMemory fills dst, at most 256 bytes, from a V-memory word on.
func (r *Rack) ReadMemory(word uint16, dst []byte) error {
	if err := span(word, len(dst), r.cpu.Layout.Check); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cpu.Memory.Bytes(dst, memory.Word(word))
	return nil
}

// WriteMemory writes src, at most 256 bytes, from a V-memory word on. An odd last
// byte is the low one of its word, whose high one stays.
func (r *Rack) WriteMemory(word uint16, src []byte) error {
	if err := span(word, len(src), r.cpu.Layout.CheckWrite); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	last := memory.Word(word) + memory.Word(len(src)/2)
	high := r.cpu.Memory.Word(last) &^ 0xFF
	r.cpu.Memory.SetBytes(memory.Word(word), src)
	if len(src)%2 == 1 {
		r.cpu.Memory.SetWord(last, high|r.cpu.Memory.Word(last))
	}
	return nil
}

// WriteBits writes n bits, packed low bit first and at most 256 bytes of them, from
// a bit of a word on.
func (r *Rack) WriteBits(word uint16, bit uint8, n int, src []byte) error {
	if n < 0 || n > 8*min(len(src), backplane.MaxCopy) || bit > 15 {
		return fmt.Errorf("%d bits from bit %d on don't fit %d bytes, or are over the limit of %d", n, bit, len(src), backplane.MaxCopy)
	}
	if err := words(word, (int(bit)+n+15)/16, r.cpu.Layout.CheckWrite); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range n {
		at := int(bit) + i
		r.cpu.Memory.SetMask(memory.Word(word)+memory.Word(at/16), 1<<(at%16), src[i/8]>>(i%8)&1 != 0)
	}
	return nil
}

// span judges a run of words.
func span(word uint16, bytes int, check func(memory.Addr) error) error {
	if bytes > backplane.MaxCopy {
		return fmt.Errorf("%d bytes at once are over the limit of %d", bytes, backplane.MaxCopy)
	}
	return words(word, (bytes+1)/2, check)
}

// words judges n words, none of them beyond the last address.
func words(word uint16, n int, check func(memory.Addr) error) error {
	for i := range n {
		if err := check(memory.Addr{Area: memory.V, Num: word + uint16(i)}); err != nil {
			return err
		}
	}
	return nil
}

// Mode is the CPU's mode.
func (r *Rack) Mode() backplane.Mode {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cpu.Mode()
}

// Idle tells whether no box has a request under way.
func (r *Rack) Idle() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cpu.Idle()
}

// Last is how the latest request of a kind of box ended.
func (r *Rack) Last(mnemonic string) (ibox.Outcome, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cpu.Last(mnemonic)
}

// Scans is the number of scans since RUN.
func (r *Rack) Scans() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cpu.Scans()
}

// Module calls f with the module in a slot, between two steps; false where the
// slot is empty.
func (r *Rack) Module(slot int, f func(*module.Module)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slot < 0 || slot >= backplane.Slots || r.modules[slot] == nil {
		return false
	}
	f(r.modules[slot])
	return true
}

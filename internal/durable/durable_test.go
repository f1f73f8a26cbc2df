package durable_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/internal/durable"
)

var errDisk = errors.New("input/output error")

// inode is a file without its name: what was written, and what of it a power
// failure leaves.
type inode struct{ data, flushed []byte }

// disk is a disk of names and inodes, both of which a power failure can take
// unless they were flushed. It fails at the operations that it is told.
type disk struct {
	names, flushed map[string]*inode
	ops            []string
	fail           func(op string, n int) bool // n counts operations from 0
}

func newDisk(files map[string]string) *disk {
	d := &disk{names: map[string]*inode{}}
	for name, text := range files {
		d.names[name] = &inode{[]byte(text), []byte(text)}
	}
	d.flushed = maps.Clone(d.names)
	return d
}

func (d *disk) do(op string) error {
	d.ops = append(d.ops, op)
	if d.fail != nil && d.fail(op, len(d.ops)-1) {
		return errDisk
	}
	return nil
}

// op is an operation on a path, as the record shows it.
func op(verb string, paths ...string) string {
	return verb + " " + strings.ReplaceAll(strings.Join(paths, " "), string(filepath.Separator), "/")
}

type file struct {
	*inode
	disk *disk
}

func (f file) Write(p []byte) (int, error) {
	if err := f.disk.do("write"); err != nil {
		f.data = append(f.data, p[:len(p)/2]...)
		return len(p) / 2, err
	}
	f.data = append(f.data, p...)
	return len(p), nil
}

func (f file) Sync() error {
	if err := f.disk.do("flush"); err != nil {
		return err
	}
	f.flushed = slices.Clone(f.data)
	return nil
}

func (f file) Close() error { return f.disk.do("close") }

func (d *disk) Create(path string) (durable.File, error) {
	if err := d.do(op("create", path)); err != nil {
		return nil, err
	}
	d.names[path] = &inode{}
	return file{d.names[path], d}, nil
}

func (d *disk) Rename(from, to string) error {
	if err := d.do(op("rename", from, to)); err != nil {
		return err
	}
	d.names[to] = d.names[from]
	delete(d.names, from)
	return nil
}

func (d *disk) Remove(path string) error {
	if err := d.do(op("remove", path)); err != nil {
		return err
	}
	if d.names[path] == nil {
		return &fs.PathError{Op: "remove", Path: path, Err: fs.ErrNotExist}
	}
	delete(d.names, path)
	return nil
}

func (d *disk) SyncDir(path string) error {
	if err := d.do(op("flush folder", path)); err != nil {
		return err
	}
	d.flushed = maps.Clone(d.names)
	return nil
}

func (d *disk) ReadFile(path string) ([]byte, error) {
	if d.names[path] == nil {
		return nil, fs.ErrNotExist
	}
	return d.names[path].data, nil
}

func (d *disk) MkdirAll(path string) error { return d.do(op("mkdir", path)) }

var target = filepath.Join("state", "rom.json")

// afterPowerFailure is all that could stand in the file after a power failure
// now: names may have reached the disk on their own, contents only if flushed.
func (d *disk) afterPowerFailure() []string {
	var all []string
	for _, i := range []*inode{d.flushed[target], d.names[target]} {
		text := "no file"
		if i != nil {
			text = string(i.flushed)
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestTheOrderOfOperations(t *testing.T) {
	d := newDisk(nil)
	if err := durable.WriteFile(d, target, []byte("new")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"create state/rom.json.new", "write", "flush", "close", "rename state/rom.json.new state/rom.json", "flush folder state",
	}
	if diff := cmp.Diff(want, d.ops); diff != "" {
		t.Error(diff)
	}
	if got := d.afterPowerFailure(); !slices.Equal(got, []string{"new"}) {
		t.Errorf("after a yes and a power failure: %q", got)
	}
}

// TestEveryOperationFailsInTurn: whatever fails, the old contents or the new stand
// whole, the error comes back, and what failed isn't tried again.
func TestEveryOperationFailsInTurn(t *testing.T) {
	for n, name := range []string{"create", "write", "flush", "close", "rename", "flush folder"} {
		t.Run(name, func(t *testing.T) {
			d := newDisk(map[string]string{target: "old"})
			d.fail = func(_ string, i int) bool { return i == n }
			err := durable.WriteFile(d, target, []byte("new"))
			if !errors.Is(err, errDisk) || !strings.Contains(err.Error(), "rom.json") {
				t.Errorf("it says %v", err)
			}
			want := "old"
			if name == "flush folder" {
				want = "new" // or old after a power failure: it says so
			}
			if got, err := d.ReadFile(target); string(got) != want || err != nil {
				t.Errorf("the file holds %q, %v; want %q", got, err, want)
			}
			if len(d.names) != 1 {
				t.Errorf("files left: %v", slices.Sorted(maps.Keys(d.names)))
			}
			if again := slices.Compact(slices.Sorted(slices.Values(d.ops))); len(again) != len(d.ops) {
				t.Errorf("something was tried twice: %v", d.ops)
			}
		})
	}
}

// TestAPowerFailureAtAnyMoment stops after each operation.
func TestAPowerFailureAtAnyMoment(t *testing.T) {
	for n := range 7 {
		d := newDisk(map[string]string{target: "old"})
		var after []string
		d.fail = func(_ string, i int) bool {
			if i == n {
				after = d.afterPowerFailure()
			}
			return i >= n // nothing happens any more
		}
		_ = durable.WriteFile(d, target, []byte("new"))
		for _, text := range after {
			if text != "old" && text != "new" {
				t.Errorf("before operation %d, %s: the file would hold %q", n, d.ops[n], text)
			}
		}
	}
}

func TestAFileThatCantBeRemovedIsReportedToo(t *testing.T) {
	d := newDisk(map[string]string{target: "old"})
	d.fail = func(op string, _ int) bool { return op == "write" || strings.HasPrefix(op, "remove") }
	err := durable.WriteFile(d, target, []byte("new"))
	if err == nil || strings.Count(err.Error(), errDisk.Error()) != 2 {
		t.Errorf("it says %v", err)
	}
}

func TestMemory(t *testing.T) {
	d := &durable.Memory{}
	if err := d.MkdirAll("state"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.ReadFile(target); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for _, text := range []string{"one", "two", ""} {
		if err := durable.WriteFile(d, target, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := d.ReadFile(target)
		if string(got) != text || err != nil {
			t.Errorf("%q reads back as %q, %v", text, got, err)
		}
	}
	if err := d.Remove(target); err != nil {
		t.Error(err)
	}
	if err := d.Remove(target); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed twice: %v", err)
	}
	if err := d.Rename(target, "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("renaming nothing: %v", err)
	}
}

func TestTheMachinesDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "line-4")
	path := filepath.Join(dir, "rom.json")
	disk := durable.OS{}
	for range 2 { // again where all is there
		if err := disk.MkdirAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := disk.ReadFile(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for _, text := range []string{"a longer first text", "second"} {
		if err := durable.WriteFile(disk, path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := disk.ReadFile(path); string(got) != text || err != nil {
			t.Errorf("%q reads back as %q, %v", text, got, err)
		}
	}
	if files, err := os.ReadDir(dir); len(files) != 1 || err != nil {
		t.Errorf("the folder holds %v, %v", files, err)
	}
	mode(t, path, 0o600)
	mode(t, dir, fs.ModeDir|0o700)
	mode(t, filepath.Dir(dir), fs.ModeDir|0o700)
}

func mode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return // it has other rights
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != want {
		t.Errorf("%s has mode %v, want %v", filepath.Base(path), info.Mode(), want)
	}
}

// TestAFileLeftBehindDoesntGiveItsModeAway: a crash, or a stranger, may have left
// a .new that all can read.
func TestAFileLeftBehindDoesntGiveItsModeAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rom.json")
	if err := os.WriteFile(path+".new", []byte("something longer than the new text"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := durable.WriteFile(durable.OS{}, path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	mode(t, path, 0o600)
	if got, err := os.ReadFile(path); string(got) != "new" || err != nil {
		t.Errorf("it holds %q, %v", got, err)
	}
}

func TestTheMachinesDiskComplains(t *testing.T) {
	dir := t.TempDir()
	disk := durable.OS{}
	if err := durable.WriteFile(disk, filepath.Join(dir, "no such folder", "rom.json"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	taken := filepath.Join(dir, "taken")
	if err := durable.WriteFile(disk, taken, nil); err != nil {
		t.Fatal(err)
	}
	if err := disk.MkdirAll(taken); err == nil {
		t.Error("a file in the place of the folder: no error")
	}
	if err := disk.MkdirAll(filepath.Join(taken, "deeper")); err == nil {
		t.Error("a file in the place of the folder above: no error")
	}
	if err := disk.MkdirAll("bad\x00name"); err == nil {
		t.Error("a bad name: no error")
	}
	if runtime.GOOS != "windows" {
		if err := disk.SyncDir(filepath.Join(dir, "gone")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("flushing no folder: %v", err)
		}
	}
}

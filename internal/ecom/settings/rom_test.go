package settings_test

import (
	"errors"
	"io/fs"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

const path = "state/line-4/slot-1.json"

// written is a disk whose ROM file holds this text.
func written(t testing.TB, text string) *durable.Memory {
	t.Helper()
	d := &durable.Memory{}
	if err := durable.WriteFile(d, path, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return d
}

func contents(d durable.Disk) string {
	text, err := d.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestTheFormOfTheFile: these names are a promise to those who read and back up
// the file.
func TestTheFormOfTheFile(t *testing.T) {
	d := &durable.Memory{}
	if _, err := settings.OpenROM(d, path).Load(good()); err != nil {
		t.Fatal(err)
	}
	want := `{
  "version": 1,
  "server": "192.168.0.1",
  "port": 25,
  "sender_name": "Machine A-42F",
  "sender_address": "PLC@acme.com",
  "cc": [
    "supervisor@acme.com",
    "joe@yahoo.com"
  ],
  "timeout_seconds": 90
}
`
	if diff := cmp.Diff(want, contents(d)); diff != "" {
		t.Error(diff)
	}
}

func TestAnEmptySetUpIsWrittenWithoutNulls(t *testing.T) {
	d := &durable.Memory{}
	if _, err := settings.OpenROM(d, path).Load(settings.Email{Port: 25, Timeout: time.Minute}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"server": "0.0.0.0"`, `"sender_address": ""`, `"cc": []`} {
		if !strings.Contains(contents(d), want) {
			t.Errorf("no %s in %s", want, contents(d))
		}
	}
}

func drawAddress(t *rapid.T) mailaddr.Address {
	local := rapid.OneOf(rapid.StringMatching(`[a-zA-Z0-9+_-]{1,12}`), rapid.StringMatching(`"[ a-z,@<>\[\]]{1,8}"`)).Draw(t, "local")
	domain := rapid.SampledFrom([]string{"example.com", "EXAMPLE.com", "[192.0.2.1]", "[IPv6:2001:db8::1]", "x"}).Draw(t, "domain")
	return addr(local + "@" + domain)
}

// drawEmail is any valid set-up.
func drawEmail(t *rapid.T) settings.Email {
	e := settings.Email{
		Server:  netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "server"))),
		Port:    rapid.Uint16Min(1).Draw(t, "port"),
		Name:    rapid.StringOfN(rapid.RuneFrom([]rune(`aé€\"</>&'`+"\u2028\ufffd 用")), 0, 20, settings.MaxName).Draw(t, "name"),
		Cc:      rapid.SliceOfN(rapid.Custom(drawAddress), 0, settings.MaxCc).Draw(t, "cc"),
		Timeout: time.Duration(rapid.IntRange(1, 3600).Draw(t, "timeout")) * time.Second,
	}
	if rapid.Bool().Draw(t, "has a sender") {
		e.Sender = drawAddress(t)
	}
	return e
}

func TestEverySetUpReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &durable.Memory{}
		want, other := drawEmail(t), drawEmail(t)
		rom := settings.OpenROM(d, path)
		first, err := rom.Load(want)
		if err != nil || !first.Equal(want) {
			t.Fatalf("the first Load gives %+v, %v; want %+v", first, err, want)
		}
		// Once there is a file, what the plant file says is ignored.
		if got, err := settings.OpenROM(d, path).Load(other); err != nil || !got.Equal(want) {
			t.Fatalf("the second Load gives %+v, %v; want %+v", got, err, want)
		}
		if err := rom.Save(other); err != nil {
			t.Fatal(err)
		}
		if got, err := settings.OpenROM(d, path).Load(want); err != nil || !got.Equal(other) {
			t.Fatalf("after Save Load gives %+v, %v; want %+v", got, err, other)
		}
	})
}

func TestSaveRefusesWhatIsOutOfBounds(t *testing.T) {
	d := &durable.Memory{}
	rom := settings.OpenROM(d, path)
	bad := good()
	bad.Port = 0
	if _, err := rom.Load(bad); !errors.Is(err, settings.ErrInvalid) {
		t.Errorf("Load says %v", err)
	}
	if got := contents(d); got != fs.ErrNotExist.Error() {
		t.Errorf("a file was written: %s", got)
	}
	if err := rom.Save(good()); err != nil {
		t.Fatal(err)
	}
	before := contents(d)
	if err := rom.Save(bad); !errors.Is(err, settings.ErrInvalid) || contents(d) != before {
		t.Errorf("Save says %v; the file: %s", err, contents(d))
	}
}

func file(fields string) string {
	return `{"version": 1, "port": 25, "timeout_seconds": 60` + fields + `}`
}

func TestAFileThatIsRefusedIsLeftAlone(t *testing.T) {
	const mend = "mend the file, or remove it"
	for _, r := range []struct{ text, want, advice string }{
		{"", "JSON", mend},
		{"{", "JSON", mend},
		{"\x00\x00\x00\x00", "invalid character", mend},
		{file("")[:30], "JSON", mend},
		{file("") + "x", "after top-level value", mend},
		{file("") + file(""), "after top-level value", mend}, // half an older, longer file behind it
		{"null", "no version", mend},
		{"{}", "no version", mend},
		{`{"port": 25, "timeout_seconds": 60}`, "no version", mend},
		{strings.Replace(file(""), "1", "0", 1), "no version", mend},
		{strings.Replace(file(""), "1", "-1", 1), "no version", mend},
		{strings.Replace(file(""), "1", `"1"`, 1), "version", mend},
		{strings.Replace(file(""), "25", "0", 1), "1 to 65535", mend},
		{strings.Replace(file(""), "25", "65536", 1), "port", mend},
		{strings.Replace(file(""), "60", "0", 1), "1 to 3600", mend},
		{strings.Replace(file(""), "60", "3601", 1), "timeout_seconds", mend},
		{strings.Replace(file(""), "60", "-1", 1), "timeout_seconds", mend},
		{strings.Replace(file(""), "60", "9223372036854775807", 1), "timeout_seconds", mend},
		{file(`, "server": "::1"`), "not an IPv4", mend},
		{file(`, "server": "mail"`), "unable to parse IP", mend},
		{file(`, "sender_address": "nobody"`), "mail address", mend},
		{file(`, "sender_name": "a\nb"`), "line end", mend},
		{file(`, "cc": "a@example.com"`), "cc", mend},
		{file(`, "cc": ["a@example.com", 7]`), "cc", mend},
		{file(`, "cc": ["a@example.com", ""]`), "an address in Cc is empty", mend},
		{`{"version": 2}`, "newer Rungmail (version 2, this one knows 1)", "run that one"},
		{`{"version": 99, "port": "smtp", "cc": {"a": 1}}`, "newer Rungmail (version 99", "run that one"},
	} {
		d := written(t, r.text)
		got, err := settings.OpenROM(d, path).Load(good())
		if !errors.Is(err, settings.ErrInvalid) {
			t.Errorf("%s: %+v, %v", r.text, got, err)
			continue
		}
		for _, want := range []string{path, r.want, r.advice} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q doesn't say %q", r.text, err, want)
			}
		}
		if contents(d) != r.text || !got.Equal(settings.Email{}) {
			t.Errorf("%s: the file is now %s, and %+v came back", r.text, contents(d), got)
		}
	}
}

// TestAFileOfALaterVersionsFields reads what it knows: JSON only ever gains
// fields.
func TestAFileOfALaterVersionsFields(t *testing.T) {
	d := written(t, file(`, "time_zone": "+01:00", "sender_address": "plc@example.com"`))
	got, err := settings.OpenROM(d, path).Load(settings.Default())
	if err != nil || got.Sender != addr("plc@example.com") || got.Port != 25 || got.Timeout != time.Minute {
		t.Errorf("%+v, %v", got, err)
	}
}

var errDisk = errors.New("input/output error")

// faulty is a disk in memory on which one operation fails.
type faulty struct {
	durable.Memory
	fail string
}

func (f *faulty) err(op string) error {
	if f.fail == op {
		return errDisk
	}
	return nil
}

type faultyFile struct {
	durable.File
	disk *faulty
}

func (f faultyFile) Sync() error { return errors.Join(f.disk.err("flush"), f.File.Sync()) }

func (f *faulty) Create(path string) (durable.File, error) {
	file, err := f.Memory.Create(path)
	return faultyFile{file, f}, errors.Join(f.err("create"), err)
}

func (f *faulty) Rename(from, to string) error {
	if err := f.err("rename"); err != nil {
		return err
	}
	return f.Memory.Rename(from, to)
}

func (f *faulty) ReadFile(path string) ([]byte, error) {
	if err := f.err("read"); err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return f.Memory.ReadFile(path)
}
func (f *faulty) MkdirAll(string) error { return f.err("mkdir") }
func (f *faulty) SyncDir(string) error  { return f.err("flush folder") }

func TestDiskFailures(t *testing.T) {
	for _, op := range []string{"mkdir", "create", "flush", "rename", "flush folder"} {
		d := &faulty{fail: op}
		rom := settings.OpenROM(d, path)
		if got, err := rom.Load(good()); !errors.Is(err, errDisk) || !got.Equal(settings.Email{}) {
			t.Errorf("%s fails: the first Load gives %+v, %v", op, got, err)
		}
		d = &faulty{}
		rom = settings.OpenROM(d, path)
		if err := rom.Save(good()); err != nil {
			t.Fatal(err)
		}
		before := contents(d)
		d.fail = op
		if err := rom.Save(settings.Default()); !errors.Is(err, errDisk) {
			t.Errorf("%s fails: Save says %v", op, err)
		}
		if op != "flush folder" && contents(d) != before {
			t.Errorf("%s fails: the file is now %s", op, contents(d))
		}
	}
}

func TestAFileThatCantBeReadIsLeftAlone(t *testing.T) {
	d := &faulty{}
	rom := settings.OpenROM(d, path)
	if err := rom.Save(good()); err != nil {
		t.Fatal(err)
	}
	before := contents(d)
	d.fail = "read"
	got, err := rom.Load(settings.Default())
	if !errors.Is(err, errDisk) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "see to the file's owner and mode") {
		t.Errorf("%+v, %v", got, err)
	}
	d.fail = ""
	if contents(d) != before {
		t.Errorf("the file is now %s", contents(d))
	}
}

func TestOnTheMachinesDisk(t *testing.T) {
	rom := settings.OpenROM(durable.OS{}, filepath.Join(t.TempDir(), "state", "line-4", "slot-1.json"))
	for _, initial := range []settings.Email{good(), settings.Default()} {
		if got, err := rom.Load(initial); err != nil || !got.Equal(good()) {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(file("")))
	f.Add([]byte(file(`, "server": "192.168.0.1", "sender_name": "\ud800", "cc": ["a@b", ""], "timeout_seconds": 1`)))
	f.Add([]byte(`{"version":1e0,"Port":1,"timeout_seconds":3600,"sender_address":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d := written(t, string(text))
		e, err := settings.OpenROM(d, path).Load(good())
		if contents(d) != string(text) {
			t.Fatalf("Load changed the file to %s", contents(d))
		}
		if err != nil {
			if !errors.Is(err, settings.ErrInvalid) || !strings.Contains(err.Error(), path) {
				t.Fatal(err)
			}
			return
		}
		if err := e.Validate(); err != nil {
			t.Fatalf("what was read is out of bounds: %v", err)
		}
		again := &durable.Memory{}
		if err := settings.OpenROM(again, path).Save(e); err != nil {
			t.Fatal(err)
		}
		if !e.Server.IsValid() {
			e.Server = netip.IPv4Unspecified()
		}
		if got, err := settings.OpenROM(again, path).Load(good()); err != nil || !got.Equal(e) {
			t.Fatalf("%s reads as %+v, and then as %+v, %v", text, e, got, err)
		}
	})
}

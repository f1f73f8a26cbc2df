package plant

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

func topFields() []field[File] {
	return []field[File]{
		{name: "state", read: readState},
		{name: "rack", read: readRacks},
		{name: "gateway", read: readMailGateway},
		later[File]("console", "the operator's pages"),
	}
}

// file reads the whole tree.
func (d *decoder) file(root *node) *File {
	f := &File{Path: d.path, State: filepath.Join(d.dir, "state")}
	walk(d, topFields(), root, f)
	return f
}

func readState(d *decoder, f *File, e entry) {
	state, ok := d.filePath(e)
	if ok && state == "" {
		d.fail(e.value.at, `state: an empty path: name a folder, such as "state"`)
	}
	f.State = state
}

// tables returns the tables of a list that is written with header.
func (d *decoder) tables(e entry, header string) []*node {
	if e.value.kind != kindArray {
		d.fail(e.value.at, "%s: want a list of tables, found %s: write each under a header %s",
			e.name, e.value.kind, header)
		return nil
	}
	var list []*node
	for _, item := range e.value.items {
		if item.kind != kindTable {
			d.fail(item.at, "%s: want a table, found %s: write each under a header %s", e.name, item.kind, header)
			continue
		}
		list = append(list, item)
	}
	return list
}

func readRacks(d *decoder, f *File, e entry) {
	names := make(map[string]position)
	macs, ports := make(map[MAC]macUse), make(map[string]portUse)
	for _, table := range d.tables(e, "[[rack]]") {
		r := d.rack(table, macs)
		d.uniquePorts(&r, table, ports)
		if first, taken := names[r.Name]; taken && r.Name != "" {
			d.fail(table.get("name").at, "name: rack %q stands twice, first in line %d: give each its own name",
				r.Name, first.line)
		} else {
			names[r.Name] = table.at
		}
		f.Racks = append(f.Racks, r)
	}
}

// rackDraft is a rack while it is read: its modules wait until its cpu is known.
type rackDraft struct {
	Rack
	modules entry
}

func rackFields() []field[rackDraft] {
	return []field[rackDraft]{
		{name: "name", read: readRackName},
		{name: "title", read: func(d *decoder, r *rackDraft, e entry) { r.Title, _ = d.printable(e, 255) }},
		{name: "cpu", read: readCPU},
		{name: "firmware", read: func(d *decoder, r *rackDraft, e entry) { r.Firmware = d.firmware(e) }},
		{name: "program", read: func(d *decoder, r *rackDraft, e entry) { r.Program, _ = d.filePath(e) }},
		{name: "scan", read: readScan},
		{name: "number_width", read: func(d *decoder, r *rackDraft, e entry) { r.NumberWidth, _ = d.integer(e, 5, 6) }},
		{name: "memory", read: readMemory},
		{name: "password_file", read: func(d *decoder, r *rackDraft, e entry) { r.PasswordFile, _ = d.filePath(e) }},
		{name: "module", read: func(_ *decoder, r *rackDraft, e entry) { r.modules = e }},
	}
}

// rack reads one [[rack]]. In macs stands every Ethernet address so far.
func (d *decoder) rack(table *node, macs map[MAC]macUse) Rack {
	draft := rackDraft{Rack: Rack{Scan: 10 * time.Millisecond, NumberWidth: 5}}
	walk(d, rackFields(), table, &draft)
	d.require(table, "[[rack]]", "name", `a name such as "line-4"`)
	d.require(table, "[[rack]]", "cpu", "one of "+strings.Join(cpus(), ", "))
	r := draft.Rack
	if r.Title == "" {
		r.Title = r.Name
	}
	if b, ok := baseOf(r.CPU); ok && r.Firmware == "" {
		r.Firmware = b.firmware
	}
	if draft.modules.value != nil {
		d.modules(&r, draft.modules, macs)
	}
	return r
}

// require reports a key that has no default and isn't there, at the header.
func (d *decoder) require(table *node, header, key, want string) {
	if table.get(key) == nil {
		d.fail(table.at, "%s has no %s: give it %s", header, key, want)
	}
}

func readRackName(d *decoder, r *rackDraft, e entry) {
	s, ok := d.text(e, `a name in quotes, such as "line-4"`)
	if !ok {
		return
	}
	if !regexp.MustCompile(`^[a-z0-9-]{1,32}$`).MatchString(s) {
		d.fail(e.value.at, "name: %s isn't a name: use 1 to 32 of a-z, 0-9 and hyphen; free text goes into title", quote(s))
		return
	}
	r.Name = s
}

func readCPU(d *decoder, r *rackDraft, e entry) {
	if s, ok := d.oneOf(e, cpus()); ok {
		r.CPU = s
	}
}

// oneOf reads a string that is one of a list. It offers the whole list and no
// near miss: one digit off is another controller.
func (d *decoder) oneOf(e entry, list []string) (string, bool) {
	s, ok := d.text(e, "one of "+strings.Join(list, ", ")+" in quotes")
	if !ok {
		return "", false
	}
	if slices.Contains(list, s) {
		return s, true
	}
	d.fail(e.value.at, "%s: %s isn't known: want one of %s", e.name, quote(s), strings.Join(list, ", "))
	return "", false
}

func readScan(d *decoder, r *rackDraft, e entry) {
	r.Scan, _ = d.duration(e, span{time.Millisecond, time.Second, "1ms to 1s", "10ms"})
}

// readMemory takes "soft" alone: a real controller's memory is a later part.
func readMemory(d *decoder, _ *rackDraft, e entry) {
	s, ok := d.text(e, `"soft"`)
	switch {
	case !ok || s == "soft":
	case strings.HasPrefix(s, "modbus://") || strings.HasPrefix(s, "hap://"):
		d.fail(e.value.at, `memory: %s is known, but this version has no such part yet (real controllers): write "soft"`,
			quote(s))
	default:
		d.fail(e.value.at, `memory: %s isn't known: write "soft"`, quote(s))
	}
}

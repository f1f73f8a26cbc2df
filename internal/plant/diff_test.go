package plant

import (
	"path/filepath"
	"strings"
	"testing"
)

// edited is the sample with one text replaced by another.
func edited(t *testing.T, from, to string) *File {
	t.Helper()
	if !strings.Contains(sample, from) {
		t.Fatalf("the sample has no %q", from)
	}
	return mustParse(t, strings.Replace(sample, from, to, 1))
}

func TestDiffOfTheSameFileIsEmpty(t *testing.T) {
	check(t, Diff(mustParse(t, sample), mustParse(t, "# a comment\n"+sample)), []Change(nil))
}

func TestDiffSaysWhatNeedsARestart(t *testing.T) {
	const slot = "rack line-4: module slot 1"
	in := func(name string) string { return filepath.Join("plant", name) }
	rows := []struct {
		from, to string
		want     Change
	}{
		{`program = "line4.rll"`, `program = "new.rll"`, Change{"rack line-4: program", in("line4.rll"), in("new.rll"), false}},
		{`scan = "10ms"`, "number_width = 6", Change{"rack line-4: number_width", "5", "6", true}},
		{`scan = "10ms"`, `scan = "20ms"`, Change{"rack line-4: scan", "10ms", "20ms", false}},
		{`state = "state"`, `state = "s"`, Change{"state", in("state"), in("s"), true}},
		{`cpu = "DL06"`, `cpu = "DL05"`, Change{"rack line-4: cpu", "DL06", "DL05", true}},
		{`firmware = "2.10"`, `firmware = "2.20"`, Change{"rack line-4: firmware", "2.10", "2.20", true}},
		{`name = "line-4"`, "name = \"line-4\"\ntitle = \"T\"", Change{"rack line-4: title", "line-4", "T", true}},
		{`firmware = "4.0.2148"`, `firmware = "4.0.119"`, Change{slot + ": firmware", "4.0.2148", "4.0.119", true}},
		{`dip = [7]`, `dip = [0, 7]`, Change{slot + ": dip", "[7]", "[0 7]", true}},
		{`bind = "127.0.0.1"`, `bind = "127.0.0.2"`, Change{slot + ": bind", "127.0.0.1", "127.0.0.2", true}},
		{`http = 8081`, `http = 8082`, Change{slot + ": http", "8081", "8082", true}},
		{`servers = ["http", "hap", "trace", "modbus"]`, `servers = ["hap"]`, Change{slot + ": servers", "http, hap, trace, modbus", "hap", true}},
		{"\n  allow = [\"127.0.0.0/8\"]", "\n  allow = [\"127.0.0.0/8\", \"10.0.0.0/8\"]", Change{slot + ": allow", "[127.0.0.0/8]", "[127.0.0.0/8 10.0.0.0/8]", false}},
		{`  modbus = 5020`, "  modbus = 5020\n  hosts = ['E.example']", Change{slot + ": hosts", "", "e.example", true}},
		{`name = "Barry"`, `name = "Ron"`, Change{slot + ": name", "Barry", "Ron", true}},
		{`"Rutles Drummer"`, `""`, Change{slot + ": description", "Rutles Drummer", "", true}},
		{`20:41:86`, `20:41:87`, Change{slot + ": mac", "00:E0:62:20:41:86", "00:E0:62:20:41:87", true}},
		{`ip = "192.168.12.86"`, `ip = "192.168.12.87"`, Change{slot + ": ip", "192.168.12.86", "192.168.12.87", true}},
		{`"255.255.0.0"`, `"255.254.0.0"`, Change{slot + ": subnet", "255.255.0.0", "255.254.0.0", true}},
		{`"192.168.0.1"`, `"0.0.0.0"`, Change{slot + ": gateway", "192.168.0.1", "0.0.0.0", true}},
		{`server = "127.0.0.1"`, `server = "10.0.0.1"`, Change{slot + ": email server", "127.0.0.1", "10.0.0.1", true}},
		{`port = 2525`, `port = 25`, Change{slot + ": email port", "2525", "25", true}},
		{`"Machine A-42F"`, `"M"`, Change{slot + ": email sender_name", "Machine A-42F", "M", true}},
		{`"plc@example.com"`, `""`, Change{slot + ": email sender_address", "plc@example.com", "", true}},
		{`cc = ["supervisor@example.com"]`, `cc = ["a@b", "c@d"]`, Change{slot + ": email cc", "supervisor@example.com", "a@b, c@d", true}},
		{`timeout = 60`, `timeout = 90`, Change{slot + ": email timeout", "1m0s", "1m30s", true}},
	}
	for _, row := range rows {
		check(t, Diff(mustParse(t, sample), edited(t, row.from, row.to)), []Change{row.want})
	}
}

func TestDiffOfRacksAndModules(t *testing.T) {
	two := sample + "[[rack]]\nname = \"line-5\"\ncpu = \"DL450\"\n"
	check(t, Diff(mustParse(t, sample), mustParse(t, two)),
		[]Change{{Path: "rack line-5", New: "DL450 without modules", Restart: true}})
	check(t, Diff(mustParse(t, two), mustParse(t, sample)),
		[]Change{{Path: "rack line-5", Old: "DL450 without modules", Restart: true}})
	check(t, Diff(mustParse(t, sample), mustParse(t, "")), []Change{
		{Path: "rack line-4", Old: "DL06 with 1 module", Restart: true},
	})

	more := sample + "[[rack.module]]\nslot = 2\ntype = \"H0-ECOM100\"\n"
	check(t, Diff(mustParse(t, sample), mustParse(t, more)),
		[]Change{{Path: "rack line-4: module slot 2", New: "H0-ECOM100", Restart: true}})
	check(t, Diff(mustParse(t, more), mustParse(t, sample)),
		[]Change{{Path: "rack line-4: module slot 2", Old: "H0-ECOM100", Restart: true}})
	check(t, Diff(mustParse(t, ""), mustParse(t, more)),
		[]Change{{Path: "rack line-4", New: "DL06 with 2 modules", Restart: true}})
}

func TestDiffDoesNotMindTheOrder(t *testing.T) {
	a := "[[rack]]\nname = \"a\"\ncpu = \"DL05\"\n"
	b := "[[rack]]\nname = \"b\"\ncpu = \"DL06\"\n"
	check(t, Diff(mustParse(t, a+b), mustParse(t, b+a)), []Change(nil))
}

func TestDiffListsSeveralInOrder(t *testing.T) {
	after := strings.NewReplacer(`"10ms"`, `"5ms"`, "port = 2525", "port = 26", `= "state"`, `= "s"`).Replace(sample)
	var got []string
	for _, c := range Diff(mustParse(t, sample), mustParse(t, after)) {
		got = append(got, c.Path)
	}
	check(t, got, []string{"state", "rack line-4: scan", "rack line-4: module slot 1: email port"})
}

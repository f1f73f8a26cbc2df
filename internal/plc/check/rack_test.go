package check_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/plc/check"
)

// controllers is what section 1-3 of seeds/000 says of each CPU, written out by
// hand, with a firmware that is just too old.
var controllers = []struct {
	cpu, plc, firmware, tooOld string
	slots                      string
	module, moduleFirmware     string
	moduleTooOld               string
}{
	{"DL05", "05", "5.10", "5.9", "1", "H0-ECOM100", "4.0.119", "4.0.118"},
	{"DL06", "06", "2.10", "2.9", "1 2 3 4", "H0-ECOM100", "4.0.119", "4.0.118"},
	{"DL250-1", "250-1", "4.60", "4.59", "1 2 3 4 5 6 7", "H2-ECOM100", "4.0.1031", "4.0.1030"},
	{"DL260", "260", "2.40", "2.39", "1 2 3 4 5 6 7", "H2-ECOM100", "4.0.1031", "4.0.1030"},
	{"DL450", "450", "3.30", "3.29", "0 1 2 3 4 5 6 7", "H4-ECOM100", "4.0.1031", "4.0.1030"},
}

func rackBreaches() []breach {
	dl450 := rack("DL450", "3.30", "H4-ECOM100", "4.0.1031", module(func(m *check.Module) { m.Slot = 0 }))
	return []breach{
		{
			name: "DL240", rule: "cpu-no-iboxes", text: mark + on("240", mails()), near: on("260", mails()),
			says: "a DL240 has no IBoxes, so it can't send e-mail…DL05, DL06, DL250-1, DL260 or DL450",
		},
		{name: "old DL250", rule: "cpu-no-iboxes", text: mark + on("250", mails()), says: "a DL250 has no IBoxes", near: on("250-1", mails())},
		{
			name: "DL240 in the rack", rule: "cpu-no-iboxes", text: mark + on("260", mails("Success: X0")), says: "the rack's DL240 has no IBoxes",
			rack: rack("DL240", "0.0", "H2-ECOM100", "4.0.1031"), near: on("260", mails()), nearRack: rack("DL260", "2.40", "H2-ECOM100", "4.0.1031"),
		},
		{
			name: "old DL250 in the rack", rule: "cpu-no-iboxes", text: mark + on("250-1", mails()), says: "the rack's DL250 has no IBoxes",
			rack: rack("DL250", "0.0", "H2-ECOM100", "4.0.1031"), near: on("250-1", mails()), nearRack: rack("DL250-1", "4.60", "H2-ECOM100", "4.0.1031"),
		},
		{
			name: "other CPU", rule: "cpu-differs", text: "// for line 4\n\n" + mark + mails("Success: X0"), rack: rack("DL260", "2.40", "H2-ECOM100", "4.0.1031"),
			says: `for a DL06 and the rack's cpu is "DL260": change the PLC line or the plant file`, near: mails(), nearRack: dl06(),
		},
		{name: "unheard-of CPU", rule: "cpu-differs", text: mark + mails(), rack: rack("DL999", "1.0", "H2-ECOM100", "4.0.1031"), says: `"DL999"`},
		{name: "letter case", rule: "cpu-differs", text: mark + mails(), rack: rack("dl260", "1.0", "", ""), says: `"dl260"`, near: mails(), nearRack: rack("dl06", "2.10", "h0-ecom100", "4.0.119")},
		{
			name: "no version", rule: "cpu-firmware", text: mark + mails(), rack: rack("DL06", "new", "H0-ECOM100", "4.0.119"),
			says: `the cpu's firmware: "new" is not a version`, near: mails(), nearRack: dl06(),
		},
		{
			name: "no version", rule: "module-firmware", text: configs("Slot: " + mark + "K1"), rack: rack("DL06", "2.10", "H0-ECOM100", ""),
			says: `the firmware of the module in slot K1: "" is not a version`, near: configs(), nearRack: dl06(),
		},
		{
			name: "a big base's", rule: "module-type", text: configs("Slot: " + mark + "K1"), rack: rack("DL06", "2.10", "H2-ECOM100", "4.0.1031"),
			says: "the module in slot K1 is an H2-ECOM100, which doesn't fit the base of a DL06: use an H0-ECOM100", near: configs(), nearRack: dl06(),
		},
		{
			name: "empty slot", rule: "module-missing", text: configs("Slot: " + mark + "K2"), rack: dl06(),
			says: "no module in slot K2…1001", near: configs("Slot: K1"),
		},
		{name: "empty rack", rule: "module-missing", text: configs("Slot: " + mark + "K1"), rack: dl06(func(target *check.Target) { target.Modules = nil }), says: "slot K1", near: configs(), nearRack: dl06()},
		{name: "last slot", rule: "module-missing", text: configs("Slot: " + mark + "K4"), rack: dl06(), says: "slot K4"},
		{
			name: "off", rule: "dip-7", text: configs("Slot: " + mark + "K1"), rack: dl06(module(func(m *check.Module) { m.DIP7 = false })),
			says: "DIP switch 7 of the module in slot K1 is off…1001", near: configs(), nearRack: dl06(),
		},
		{
			name: "K0 on 205", rule: "slot", text: on("260", configs("Slot: "+mark+"K0")),
			says: "the first slot of a 205 base, K0, can't hold an ECOM100: use K1 to K7", near: on("450", configs("Slot: K0")),
		},
		{name: "K0 on 06", rule: "slot", text: configs("Slot: " + mark + "K0"), says: "K0 is no slot of a DL06, whose slots begin at K1: use K1 to K4", near: configs("Slot: K4")},
		{name: "K2 on 05", rule: "slot", text: on("05", configs("Slot: "+mark+"K2")), says: "K2 is no slot of a DL05, which has one: use K1", near: on("05", configs())},
		{name: "K8 on 450", rule: "slot", text: on("450", configs("Slot: "+mark+"K8")), says: "K8 is no slot of a DL450: use K0 to K7", near: on("450", configs("Slot: K7"))},
		{name: "no slot, no module", rule: "slot", text: configs("Slot: " + mark + "K5"), rack: dl06(), says: "K5 is no slot", near: on("450", configs("Slot: K0")), nearRack: dl450},
	}
}

func TestRack(t *testing.T) { runBreaches(t, rackBreaches()) }

func TestFirmwareOfEachCPU(t *testing.T) {
	for _, c := range controllers {
		text := on(c.plc, mails())
		for _, version := range []string{c.firmware, c.firmware + ".0", "v" + c.firmware, c.firmware + "0", "10.0"} {
			t.Run(c.cpu+" "+version, func(t *testing.T) {
				none(t, judge(t, text, rack(c.cpu, version, c.module, c.moduleFirmware)))
			})
		}
		for _, version := range []string{c.tooOld, "0.0", "1.99"} {
			breach{
				rule: "cpu-firmware", text: mark + text, rack: rack(c.cpu, version, c.module, c.moduleFirmware),
				says: fmt.Sprintf("a %s has IBoxes from firmware %s on and this one has %s: upgrade the CPU", c.cpu, c.firmware, version),
			}.refused(t)
		}
	}
}

func TestFirmwareOfEachModule(t *testing.T) {
	for _, c := range controllers {
		text := on(c.plc, configs("Slot: "+mark+"K1"))
		for _, version := range []string{c.moduleFirmware, "4.0.2148", "4.1.0", "5.0.146"} {
			t.Run(c.cpu+" "+version, func(t *testing.T) {
				none(t, judge(t, strings.Replace(text, mark, "", 1), rack(c.cpu, c.firmware, c.module, version)))
			})
		}
		for _, version := range []string{c.moduleTooOld, "4.0.99", "3.9999", "4.0"} {
			breach{
				rule: "module-firmware", text: text, rack: rack(c.cpu, c.firmware, c.module, version),
				says: fmt.Sprintf("slot K1 has firmware %s, which can't send e-mail: load %s or later into an %s", version, c.moduleFirmware, c.module),
			}.refused(t)
		}
	}
}

// TestOneFirmwareThatIsNewForH0AndOldForH2 holds the two floors apart.
func TestOneFirmwareThatIsNewForH0AndOldForH2(t *testing.T) {
	const version = "4.0.500"
	none(t, judge(t, mails(), rack("DL06", "2.10", "H0-ECOM100", version)))
	if r := judge(t, on("260", mails()), rack("DL260", "2.40", "H2-ECOM100", version)); len(r.Errors) != 1 || r.Errors[0].Rule != "module-firmware" {
		t.Errorf("got%s", list(r))
	}
}

func TestTypeOfModuleInEachBase(t *testing.T) {
	for _, c := range controllers {
		for _, module := range []string{"H0-ECOM100", "H2-ECOM100", "H4-ECOM100"} {
			r := judge(t, on(c.plc, mails()), rack(c.cpu, c.firmware, module, "5.0.1050"))
			want := 1
			if module == c.module {
				want = 0
			}
			if len(r.Errors) != want || want == 1 && r.Errors[0].Rule != "module-type" {
				t.Errorf("%s in a %s:%s", module, c.cpu, list(r))
			}
		}
	}
}

func TestSlotsOfEachCPU(t *testing.T) {
	for _, c := range controllers {
		for slot := range 10 {
			name := "K" + strconv.Itoa(slot)
			text := on(c.plc, configs("Slot: "+mark+name))
			if slices.Contains(strings.Fields(c.slots), strconv.Itoa(slot)) {
				none(t, judge(t, strings.Replace(text, mark, "", 1), nil))
				continue
			}
			breach{rule: "slot", text: text, says: name}.refused(t)
		}
	}
}

func TestEachECOM100IsHeldAgainstItsOwnModule(t *testing.T) {
	two := program(config(), config("ECOM#: K1", "Slot: "+mark+"K3", "Status: V1412", "Workspace: V1413", "Msg Buffer: V1700"), "STR C10", email())
	target := dl06(func(target *check.Target) {
		other := target.Modules[0]
		other.Slot, other.Firmware = 3, "4.0.1"
		target.Modules = append(target.Modules, other)
	})
	breach{rule: "module-firmware", text: two, rack: target, says: "slot K3 has firmware 4.0.1"}.refused(t)
}

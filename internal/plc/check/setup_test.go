package check_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/isa"
)

// moduleBox is a box that reads or writes a module's set-up.
func moduleBox(mnemonic string, fields ...string) string {
	return box(mnemonic, fields, "ECOM#: K0", "Workspace: V1440", "Success: C40", "Error: C41", "Error Code: V1441")
}

// modules is a program with one of them, once a RUN.
func modules(mnemonic string, fields ...string) string {
	return program(config(), "STRN SP0", moduleBox(mnemonic, fields...))
}

// ipSetup is an ECIPSUP whose fields are changed.
func ipSetup(fields ...string) string {
	return modules("ECIPSUP", append([]string{"IP Address: 192.168.12.86", "Subnet Mask: 255.255.0.0", "Gateway Address: 192.168.0.1"}, fields...)...)
}

func gatewayOf(address string) string { return modules("ECWRGWA", "Gateway Address: "+address) }

func moduleBreaches() []breach {
	return append(append(filledBreaches(), valueBreaches()...), wearBreaches()...)
}

func filledBreaches() []breach {
	ip := func(where string) string { return modules("ECRDIP", "IP Address: "+where) }
	name := func(where, chars string) string {
		return modules("ECRDNAM", "Module Name: "+where, "Num Chars: "+chars)
	}
	dhcp := func(bit string) string { return modules("ECDHCPQ", "DHCP Enabled: "+bit) }
	return []breach{
		{name: "filled: system words", rule: "not-user-memory", text: ip(mark + "V7600"), says: "IP Address must be 4 words of user V-memory: V7600 is system memory on a DL06", near: ip("V7574")},
		{name: "filled: the fourth word", rule: "not-user-memory", text: ip(mark + "V7575"), says: "4 words…V7600 is system memory", near: ip("V2000 - V2003")},
		{name: "filled: a bit", rule: "not-user-memory", text: ip(mark + "C20"), says: "C20 is a bit"},
		{name: "filled: a current value", rule: "not-user-memory", text: modules("ECRDMID", "Module ID: "+mark+"TA0"), says: "Module ID must be 1 word of user V-memory: TA0", near: modules("ECRDMID", "Module ID: V2000")},
		{name: "filled: the last of 64 words", rule: "not-user-memory", text: name(mark+"V7501", "K128"), says: "Module Name must be 64 words…V7600", near: name("V7500", "K128")},
		{name: "filled: a B bit of relays", rule: "not-user-memory", text: dhcp(mark + "B40600.1"), says: "DHCP Enabled must be a bit of user V-memory", near: dhcp("B2000.1")},
		{name: "filled: an input", rule: "bit-kind", text: dhcp(mark + "X1"), says: "DHCP Enabled must be a C, Y, GX, GY or B bit: X1 is not", near: dhcp("Y1")},
		{name: "filled: no such bit", rule: "no-such-address", text: dhcp(mark + "C7777"), says: "DHCP Enabled: C7777: a DL06"},
		{name: "three of four", rule: "range-size", text: ip(mark + "V2000 - V2002"), says: "ECRDIP fills 4 words, and V2000 - V2002 are not as many: write V2000 - V2003", near: ip("V2000 - V2003")},
		{name: "one too many", rule: "range-size", text: name(mark+"V2000 - V2004", "K7"), says: "ECRDNAM fills 4 words…write V2000 - V2003", near: name("V2000 - V2003", "K7")},
		{name: "backwards", rule: "range-size", text: ip(mark + "V2003 - V2000"), says: "write V2003 - V2006"},
		{name: "a range of one", rule: "range-size", text: ip(mark + "V2000 - V2000"), says: "write V2000 - V2003", near: modules("ECRDMID", "Module ID: V2000 - V2000")},
		{name: "filled: its own workspace", rule: "written-elsewhere", text: ip(mark + "V1435"), says: "the IP Address of ECRDIP writes V1440, which is Workspace of ECRDIP in line 9: nothing else may write it", near: ip("V1434")},
		{name: "filled: an ECOM100's status", rule: "written-elsewhere", text: ip(mark + "V1405"), says: "writes V1410, which is Status of ECOM100", near: ip("V1404")},
		{name: "filled: a buffer", rule: "written-elsewhere", text: name(mark+"V1476", "K5"), says: "the Module Name of ECRDNAM writes V1500, which is part of Msg Buffer", near: name("V1476", "K4")},
		{name: "filled: a Success bit", rule: "written-elsewhere", text: dhcp(mark + "C40"), says: "the DHCP Enabled of ECDHCPQ writes C40, which is Success of ECDHCPQ", near: dhcp("C42")},
		{
			name: "filled: another box's bit", rule: "written-elsewhere", text: program(config(), "STR C10", email("Success: B2003.7"), "STR C11", moduleBox("ECRDIP", "IP Address: "+mark+"V2000")),
			says: "writes B2003.7, which is Success of ECEMAIL", near: program(config(), "STR C10", email("Success: B2004.7"), "STR C11", moduleBox("ECRDIP", "IP Address: V2000")),
		},
	}
}

func valueBreaches() []breach {
	const budget = 103
	id := func(k string) string { return modules("ECWRMID", "Module ID: "+k) }
	name := func(text string) string { return modules("ECWRNAM", "Module Name: "+text) }
	long := strings.Repeat("x", budget)
	ip := func(a string) string { return modules("ECWRIP", "IP Address: "+a) }
	mask := func(a string) string { return modules("ECWRSNM", "Subnet Mask: "+a) }
	switches := dl06(module(func(m *check.Module) { m.IDSwitches = true }))
	return []breach{
		{name: "65536", rule: "box-constant", text: id(mark + "K65536"), says: "Module ID K65536 is out of range: write K0 to K65535, in decimal", near: id("K65535")},
		{name: "K0", rule: "box-constant", text: modules("ECRDNAM", "Module Name: V2000", "Num Chars: "+mark+"K0"), says: "Num Chars K0 is out of range: write K1 to K128", near: modules("ECRDNAM", "Module Name: V2000", "Num Chars: K1")},
		{name: "K129", rule: "box-constant", text: modules("ECRDDES", "Module Desc: V2000", "Num Chars: "+mark+"K129"), says: "K129", near: modules("ECRDDES", "Module Desc: V2000", "Num Chars: K128")},

		{name: "none", rule: "module-address", text: ip(mark + "0.0.0.0"), says: "IP Address: nothing can have the address 0.0.0.0: write one such as 192.168.0.10", near: ip("0.0.0.1")},
		{name: "everybody", rule: "module-address", text: ip(mark + "255.255.255.255"), says: "nothing can have", near: ip("255.255.255.254")},
		{name: "a group", rule: "module-address", text: ip(mark + "239.1.2.3"), says: "nothing can have", near: ip("223.255.255.254")},
		{name: "a name", rule: "module-address", text: ip(mark + "line4"), says: `IP Address: "line4" is no IPv4 address`, near: ip("10.0.0.1")},
		{name: "IPv6", rule: "module-address", text: gatewayOf(mark + "fe80::1"), says: "Gateway Address: \"fe80::1\" is no IPv4 address: write one such as 192.168.0.1, or 0.0.0.0 for none", near: gatewayOf("0.0.0.0")},
		{name: "a group's gateway", rule: "module-address", text: ipSetup("Gateway Address: " + mark + "224.0.0.1"), says: "Gateway Address: nothing can have the address 224.0.0.1", near: ipSetup("-Gateway Address")},
		{name: "holes", rule: "subnet-mask", text: mask(mark + "255.0.255.0"), says: `"255.0.255.0" is no subnet mask: write ones and then zeros`, near: mask("255.255.255.128")},
		{name: "no mask", rule: "subnet-mask", text: ipSetup("Subnet Mask: " + mark + "0.0.0.0"), says: "no subnet mask", near: ipSetup()},
		{name: "holes, and a gateway", rule: "subnet-mask", text: ipSetup("Subnet Mask: "+mark+"255.0.255.0", "Gateway Address: 10.0.0.1"), says: "no subnet mask"},
		{name: "a length", rule: "subnet-mask", text: mask(mark + "/24"), says: `"/24" is no subnet mask`, near: mask("128.0.0.0")},
		{name: "elsewhere", rule: "gateway-outside", text: ipSetup("Gateway Address: " + mark + "192.169.0.1"), says: "the gateway 192.169.0.1 is outside the network of 192.168.12.86 with subnet 255.255.0.0", near: ipSetup("Gateway Address: 192.168.255.1")},
		{name: "a small network", rule: "gateway-outside", text: ipSetup("Subnet Mask: 255.255.255.0", "Gateway Address: "+mark+"192.168.0.1"), says: "outside", near: ipSetup("Subnet Mask: 255.255.255.0", "Gateway Address: 0.0.0.0")},

		{name: "a tab", rule: "module-text", text: name("Pump" + mark + "\t3"), says: "Module Name has a tab or another control character in it: write a blank", near: name("Pump 3")},
		{name: "of a description", rule: "module-text", text: modules("ECWRDES", "Module Desc: é"+mark+"\u0081"), says: "Module Desc", near: modules("ECWRDES", "Module Desc: é €")},
		{name: "a module's, Cyrillic", rule: "characters", text: name("Pump " + mark + "Л"), says: "Module Name: 'Л' (U+041B) is not in Windows-1252", near: name("")},
		{name: "a long name", rule: "setup-budget", text: program(config(), "STRN SP0", mark+moduleBox("ECWRNAM", "Module Name: é"+long)), says: "the settings are 104 bytes, 1 over the limit of 103: shorten them", near: name("é" + long[1:])},

		{name: "on", rule: "id-switches", text: id(mark + "K7"), rack: switches, says: "DIP switches 0 to 5 of the module in slot K1 say its ID: ECWRMID will end in error 22 until they are off", near: id("K7"), nearRack: dl06()},
	}
}

func wearBreaches() []breach {
	driven := func(by string) string {
		return program(config(), by, moduleBox("ECWRNAM", "Module Name: Pump"))
	}
	warned := func(by string) string {
		return program(config(), by, mark+moduleBox("ECWRNAM", "Module Name: Pump"))
	}
	return []breach{
		{name: "a second", rule: "flash-wear", text: warned("STR SP4"), says: "ECWRNAM writes the module's ROM whenever SP4 gives it an edge, and flash wears out: for one write a RUN use STRN SP0", near: driven("STRN SP0")},
		{name: "every other scan", rule: "flash-wear", text: warned("STRN SP7"), says: "SP7", near: driven("STR C10")},
		{name: "a minute, as an edge", rule: "flash-wear", text: warned("STRPD SP3"), says: "SP3", near: driven("STRPD C10")},
		{name: "while a relay is on", rule: "flash-wear", text: warned("STR C10\nAND SP3"), says: "SP3", near: driven("STRPD C10\nAND SP3")},
		{name: "behind a coil", rule: "flash-wear", text: warned("STR SP3\nOUT Y0"), says: "SP3", near: driven("STR SP3\nSTR C10\nORSTR")},
		{name: "a box that only reads", rule: "flash-wear", text: warned("STR SP5"), says: "SP5", near: program(config(), "STR SP5", moduleBox("ECRDIP", "IP Address: V2000"))},
		{name: "a switch", rule: "flash-wear", text: program(config(), "STR SP6", mark+moduleBox("ECDHCPE")), says: "ECDHCPE", near: program(config(), "STR C10", moduleBox("ECDHCPE"), "STR SP4", restore())},
	}
}

func TestModuleSetups(t *testing.T) { runBreaches(t, moduleBreaches()) }

// TestEveryModuleBoxIsFine has each box of the table with a value of each kind.
func TestEveryModuleBoxIsFine(t *testing.T) {
	values := map[isa.FieldKind]string{
		isa.FieldConstant: "K16", isa.FieldIP: "192.168.0.10", isa.FieldMask: "255.255.255.0", isa.FieldGateway: "192.168.0.1",
		isa.FieldText: "Pump 3", isa.FieldOctets: "V2000", isa.FieldResult: "V2000", isa.FieldChars: "V2000", isa.FieldResultBit: "C50",
	}
	checked := 0
	for _, b := range isa.Boxes() {
		var fields []string
		for _, f := range b.Fields {
			if value := values[f.Kind]; value != "" {
				fields = append(fields, f.Label+": "+value)
			}
			if f.Kind.Reads() {
				fields = append(fields, "-Error Code") // which a box that reads may lack
			}
		}
		if b.IB >= 717 {
			checked++
			none(t, judge(t, modules(b.Mnemonic, fields...), dl06()))
		}
	}
	if checked != 16 {
		t.Errorf("%d boxes of the module's set-up", checked)
	}
}

// TestTheAddressThatTheProgramSets: where a box sets the module's address, what the
// rack says of it says nothing of gateways and missing addresses.
func TestTheAddressThatTheProgramSets(t *testing.T) {
	none(t, judge(t, ipSetup(), dl06(module(func(m *check.Module) { m.IP = netip.IPv4Unspecified() }))))
	far := dl06(module(func(m *check.Module) { m.Server = netip.MustParseAddr("10.1.2.3") }))
	none(t, judge(t, gatewayOf("192.168.0.1"), far))
	breach{rule: "no-gateway", text: program(mark+config(), "STRN SP0", moduleBox("ECRDIP", "IP Address: V2000")), rack: far, says: "10.1.2.3"}.refused(t)
}

// TestSeveralBoxesMayFillTheSameWords, and instructions may write them: they are
// nobody's own.
func TestSeveralBoxesMayFillTheSameWords(t *testing.T) {
	other := moduleBox("ECRDGWA", "Workspace: V1442", "Success: C42", "Error: C43", "Error Code: V1443", "Gateway Address: V2000")
	none(t, judge(t, program(config(), "STR C10", moduleBox("ECRDIP", "IP Address: V2000"), "STR C11", other, "LD K0", "OUT V2003"), nil))
}

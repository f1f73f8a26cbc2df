package plant

import (
	"strings"
	"testing"
)

// faults returns what Parse says of text, without the file name.
func faults(t *testing.T, text string) []string {
	t.Helper()
	f, err := Parse("plant.toml", []byte(text))
	if err == nil {
		t.Fatalf("taken without a fault: %+v\n%s", f, text)
	}
	return strings.Split(strings.ReplaceAll(err.Error(), "plant.toml:", ""), "\n")
}

// row is a text with one fault and what is said of it.
type row struct{ text, want string }

func checkRows(t *testing.T, rows []row, whole func(string) string) {
	t.Helper()
	for _, r := range rows {
		got := faults(t, whole(r.text))
		if len(got) != 1 || got[0] != r.want {
			t.Errorf("%s\n got %s\nwant %s", r.text, strings.Join(got, "\n     "), r.want)
		}
	}
}

func TestFaultsOfTheFile(t *testing.T) {
	checkRows(t, []row{
		{"state = \"a", `1:10: not TOML: unterminated basic string`},
		{"state =", `1:7: not TOML: expected value, not end of input`},
		{"\n  state = 'x' 'y'", `2:15: not TOML: expected newline but got U+0027 '''`},
		{"state = 'a'\nstate = 'b'", `2:1: not TOML: key state is already defined`},
		{"title = 'é' 'é'", `1:13: not TOML: expected newline but got U+0027 '''`},
		{"# é\n[x\n", `2:3: not TOML: expected ']' to close table name`},
		{"state = 99999999999999999999", `1:9: not TOML: decimal number is too large to fit in a 64-bit signed integer`},
		{"\"a\\nb\" = 1\n\"a\\nb\" = 2", `2:1: not TOML: key a?b is already defined`},
		{"# ok\nstate = \"\xe9\"", `2:10: not UTF-8: byte 0xE9; save the file in UTF-8`},
		{strings.Repeat("#", MaxFile+1), `1:1: the file is larger than 1 MiB: is it really a plant file?`},
		{"state = 1", `1:9: state: want a path in quotes, found an integer`},
		{"state = ''", `1:9: state: an empty path: name a folder, such as "state"`},
		{`state = "a\u0000b"`, `1:9: state: control character U+0000: take it out`},
		{"[[gateway]]", `1:1: gateway: want one table under a header [gateway], found a list`},
		{"console.listen = ':80'", `1:1: key "console" is known, but this version has no such part yet (the operator's pages): take it out`},
		{"rack = 3", `1:8: rack: want a list of tables, found an integer: write each under a header [[rack]]`},
		{"  [rack]\nname = 'a'", `1:3: rack: want a list of tables, found a table: write each under a header [[rack]]`},
		{"[[rack.module]]\nslot = 1", `1:1: rack: want a list of tables, found a table: write each under a header [[rack]]`},
		{"rack = [true]", `1:9: rack: want a table, found a boolean: write each under a header [[rack]]`},
		{"rack = [[]]", `1:8: rack: want a table, found a list: write each under a header [[rack]]`},
	}, func(s string) string { return s })
}

func TestUnknownKeys(t *testing.T) {
	checkRows(t, []row{
		{"sate = 'x'", `1:1: unknown key "sate": did you mean "state"?`},
		{"[racks]", `1:2: unknown key "racks": did you mean "rack"?`},
		{"colour = 'red'", `1:1: unknown key "colour": take it out, or make it one of state, rack, gateway`},
		{"scan = '10ms'", `1:1: unknown key "scan" here: it belongs in [[rack]]`},
		{"firmware = '2.10'", `1:1: unknown key "firmware" here: it belongs in [[rack]] or [[rack.module]]`},
		{minimal + "[rack.module.email]\n  prot = 25", `8:3: unknown key "prot": did you mean "port"?`},
		{minimal + "[rack.module.email]\npost = 25", `8:1: unknown key "post": did you mean "port"?`},
		{minimal + "[rack.module.email]\nprat = 25", `8:1: unknown key "prat": take it out, or make it one of server, port, sender_name, sender_address, cc, timeout`},
		{minimal + "[rack.module.email]\nsender-name = 'x'", `8:1: unknown key "sender-name": did you mean "sender_name"?`},
		{minimal + "[rack.module.email]\nip = '1.2.3.4'", `8:1: unknown key "ip" here: it belongs in [[rack.module]]`},
		{minimal + "[rack.module.emial]\nport = 25", `7:14: unknown key "emial": did you mean "email"?`},
		{minimal + "\"a\\nb\" = 1", `7:1: unknown key "a\nb": take it out, or make it one of slot, type, firmware, dip, bind, servers, http, hap, trace, trace_reply_port, modbus, allow, write_allow, hosts, password_file, cert, key, name, description, mac, ip, subnet, gateway, email`},
	}, func(s string) string { return s })
}

func TestFaultsOfARack(t *testing.T) {
	checkRows(t, []row{
		{"name = 'a'", `1:1: [[rack]] has no cpu: give it one of DL05, DL06, DL240, DL250, DL250-1, DL260, DL450`},
		{"cpu = 'DL06'", `1:1: [[rack]] has no name: give it a name such as "line-4"`},
		{"name = 4\ncpu = 'DL06'", `2:8: name: want a name in quotes, such as "line-4", found an integer`},
		{"name = 'Line 4'\ncpu = 'DL06'", `2:8: name: "Line 4" isn't a name: use 1 to 32 of a-z, 0-9 and hyphen; free text goes into title`},
		{"name = 'abcdefghijklmnopqrstuvwxyz0123456'\ncpu = 'DL06'", `2:8: name: "abcdefghijklmnopqrstuvwxyz0123456" isn't a name: use 1 to 32 of a-z, 0-9 and hyphen; free text goes into title`},
		{"name = 'a'\ncpu = 'DL60'", `3:7: cpu: "DL60" isn't known: want one of DL05, DL06, DL240, DL250, DL250-1, DL260, DL450`},
		{"name = 'a'\ncpu = 'S7-1200'", `3:7: cpu: "S7-1200" isn't known: want one of DL05, DL06, DL240, DL250, DL250-1, DL260, DL450`},
		{"name = 'a'\ncpu = 6", `3:7: cpu: want one of DL05, DL06, DL240, DL250, DL250-1, DL260, DL450 in quotes, found an integer`},
		{"name = 'a'\ncpu = 'DL06'\n[[rack]]\ncpu = 'DL05'\nname = 'a'", `6:8: name: rack "a" stands twice, first in line 1: give each its own name`},
	}, func(s string) string { return "[[rack]]\n" + s })
	checkRows(t, []row{
		{"firmware = 2.10", `4:12: firmware: a version is a string, not a number: put it in quotes, "2.10"`},
		{"firmware = '2'", `4:12: firmware: "2" isn't a version: want two to four dotted numbers, such as "2.10"`},
		{"firmware = 'v2.10'", `4:12: firmware: "v2.10" isn't a version: want two to four dotted numbers, such as "2.10"`},
		{"firmware = true", `4:12: firmware: want dotted numbers in quotes, such as "2.10", found a boolean`},
		{"scan = 10", `4:8: scan: the bare number 10 has no unit: write a string with one, such as "10ms"`},
		{"scan = 0.5", `4:8: scan: the bare number 0.5 has no unit: write a string with one, such as "10ms"`},
		{"scan = '10'", `4:8: scan: "10" isn't a duration: write a number and its unit (ms, s, m), such as "10ms"`},
		{"scan = '999us'", `4:8: scan: "999us" is out of range: want 1ms to 1s`},
		{"scan = '1001ms'", `4:8: scan: "1001ms" is out of range: want 1ms to 1s`},
		{"scan = 10:00:00", `4:8: scan: want a duration in quotes, such as "10ms", found a date or time`},
		{"program = 4", `4:11: program: want a path in quotes, found an integer`},
		{"title = \"a\\u0007\"", `4:9: title: control character U+0007: take it out`},
		{"title = 'a\u200b'", `4:9: title: character U+200B can't be printed: take it out`},
		{"memory = 'modbus://192.168.12.86:502'", `4:10: memory: "modbus://192.168.12.86:502" is known, but this version has no such part yet (real controllers): write "soft"`},
		{"memory = 'sofft'", `4:10: memory: "sofft" isn't known: write "soft"`},
		{"memory = 1", `4:10: memory: want "soft", found an integer`},
		{"number_width = 7", `4:16: number_width: 7 is out of range: want 5 to 6`},
		{"module = {slot = 1}", `4:10: module: want a list of tables, found a table: write each under a header [[rack.module]]`},
	}, func(s string) string { return "[[rack]]\nname = 'a'\ncpu = 'DL06'\n" + s })
}

func TestFaultsOfSlotAndType(t *testing.T) {
	place := func(s string) string {
		cpu, rest, _ := strings.Cut(s, " ")
		return "[[rack]]\nname = 'a'\ncpu = '" + cpu + "'\n  [[rack.module]]\n" + rest
	}
	const h0, h2, h4 = "\ntype = 'H0-ECOM100'", "\ntype = 'H2-ECOM100'", "\ntype = 'H4-ECOM100'"
	checkRows(t, []row{
		{"DL06 slot = 1", `4:3: [[rack.module]] has no type: give it one of H0-ECOM100, H2-ECOM100, H4-ECOM100`},
		{"DL06 type = 'H0-ECOM100'", `4:3: [[rack.module]] has no slot: give it the number of its place in the base`},
		{"DL06 slot = '1'" + h0, `5:8: slot: want an integer from 0 to 7, found a string: take the quotes off`},
		{"DL06 slot = 1.0" + h0, `5:8: slot: want an integer from 0 to 7, found a number with a point`},
		{"DL06 slot = -1" + h0, `5:8: slot: -1 is out of range: want 0 to 7`},
		{"DL450 slot = 8" + h4, `5:8: slot: 8 is out of range: want 0 to 7`},
		{"DL05 slot = 2" + h0, `5:8: slot: slot 2 can't hold an ECOM100: a DL05 has one slot, 1`},
		{"DL06 slot = 0" + h0, `5:8: slot: slot 0 can't hold an ECOM100: on DL06 an ECOM100 goes into slots 1 to 4`},
		{"DL06 slot = 5" + h0, `5:8: slot: slot 5 can't hold an ECOM100: on DL06 an ECOM100 goes into slots 1 to 4`},
		{"DL240 slot = 0" + h2, `5:8: slot: slot 0 can't hold an ECOM100: the first slot, K0, is invalid on 205: use slots 1 to 7`},
		{"DL260 slot = 0" + h2, `5:8: slot: slot 0 can't hold an ECOM100: the first slot, K0, is invalid on 205: use slots 1 to 7`},
		{"DL06 slot = 1" + h2, `6:8: type: an H2-ECOM100 doesn't fit a rack with a DL06: that takes an H0-ECOM100`},
		{"DL250-1 slot = 1" + h4, `6:8: type: an H4-ECOM100 doesn't fit a rack with a DL250-1: that takes an H2-ECOM100`},
		{"DL450 slot = 0" + h0, `6:8: type: an H0-ECOM100 doesn't fit a rack with a DL450: that takes an H4-ECOM100`},
		{"DL06 slot = 1\ntype = 'h0-ecom100'", `6:8: type: "h0-ecom100" isn't known: want one of H0-ECOM100, H2-ECOM100, H4-ECOM100`},
		{"DL06 slot = 1\ntype = 'H0-ECOM'", `6:8: type: "H0-ECOM" isn't known: want one of H0-ECOM100, H2-ECOM100, H4-ECOM100`},
		{"DL06 slot = 1" + h0 + "\n[[rack.module]]\nslot = 1" + h0, `8:8: slot: slot 1 is taken by the module of line 4`},
		// The cpu's own fault is the only one: nothing is known of its base.
		{"DL999 slot = 0" + h4, `3:7: cpu: "DL999" isn't known: want one of DL05, DL06, DL240, DL250, DL250-1, DL260, DL450`},
	}, place)
}

func TestSlotsThatAreRight(t *testing.T) {
	for text, module := range map[string]string{
		"DL05 1": "H0", "DL06 4": "H0", "DL240 1": "H2", "DL250 7": "H2", "DL260 7": "H2", "DL450 0": "H4", "DL450 7": "H4",
	} {
		cpu, slot, _ := strings.Cut(text, " ")
		mustParse(t, "[[rack]]\nname='a'\ncpu='"+cpu+"'\n[[rack.module]]\nslot="+slot+"\ntype='"+module+"-ECOM100'\n")
	}
}

func TestFaultsOfAModule(t *testing.T) {
	long := strings.Repeat("x", 256)
	checkRows(t, []row{
		{"firmware = 4.0", `7:12: firmware: a version is a string, not a number: put it in quotes, "4.0"`},
		{"dip = 7", `7:7: dip: want a list of switches that are on, such as [7], found an integer`},
		{"dip = [8]", `7:8: dip: 8 is out of range: want 0 to 7`},
		{"dip = [7, 1,\n 7]", `8:2: dip: switch 7 stands twice: once is enough`},
		{"dip = ['7']", `7:8: dip: want an integer from 0 to 7, found a string: take the quotes off`},
		{"bind = 'localhost'", `7:8: bind: "localhost" isn't an IP address: write one such as "127.0.0.1", without a port`},
		{"bind = '127.0.0.1:80'", `7:8: bind: "127.0.0.1:80" isn't an IP address: write one such as "127.0.0.1", without a port`},
		{"bind = 1", `7:8: bind: want an IP address in quotes, such as "127.0.0.1", found an integer`},
		{"bind = \"fe80::1%a\\n\"", `7:8: bind: control character U+000A: take it out`},
		{"name = \"a\\tb\"", `7:8: name: control character U+0009: take it out`},
		{"name = '" + long + "'", `7:8: name: 256 bytes are too long: at most 255 fit`},
		{"description = '" + long + "'", `7:15: description: 256 bytes are too long: at most 255 fit`},
		{"description = []", `7:15: description: want a string in quotes, found a list`},
		{"mac = '00:E0:62:20:41'", `7:7: mac: "00:E0:62:20:41" isn't an Ethernet address: want six hex octets, such as "00:E0:62:20:41:86"`},
		{"mac = '00:E0:62:20:41:8G'", `7:7: mac: "00:E0:62:20:41:8G" isn't an Ethernet address: want six hex octets, such as "00:E0:62:20:41:86"`},
		{"mac = '01:00:5E:00:00:01'", `7:7: mac: 01:00:5E:00:00:01 is no single module's address: write the one on a label, or leave mac out`},
		{"mac = '00:00:00:00:00:00'", `7:7: mac: 00:00:00:00:00:00 is no single module's address: write the one on a label, or leave mac out`},
		{"mac = 1", `7:7: mac: want six hex octets in quotes, such as "00:E0:62:20:41:86", found an integer`},
		{
			"mac = '00:E0:62:00:00:01'\n[[rack.module]]\nslot = 1\ntype = 'H0-ECOM100'\nmac = '00:e0:62:00:00:01'",
			`11:7: mac: 00:E0:62:00:00:01 is the address of the module of line 4 too: give each its own`,
		},
		{"ip = '192.168.12'", `7:6: ip: "192.168.12" isn't an IPv4 address: the module needs one of its own, such as 192.168.12.86`},
		{"ip = '::1'", `7:6: ip: "::1" is IPv6, which the module doesn't speak: give an IPv4 address`},
		{"subnet = '255.0.255.0'", `7:10: subnet: 255.0.255.0 isn't a mask: want ones and then zeros, such as 255.255.255.0`},
		{"subnet = '/24'", `7:10: subnet: "/24" isn't an IPv4 address: want a mask such as 255.255.255.0`},
		{"gateway = 'router'", `7:11: gateway: "router" isn't an IPv4 address: give the router's, or 0.0.0.0 for none`},
		{
			"gateway = '192.168.0.1'\nip = '192.168.12.86'",
			`7:11: gateway: 192.168.0.1 isn't in the subnet of ip 192.168.12.86 with mask 255.255.255.0: correct one of the three`,
		},
		{"email = 1", `7:9: email: want one table under a header [rack.module.email], found an integer`},
		{"[[rack.module.email]]\nport = 25", `7:1: email: want one table under a header [rack.module.email], found a list`},
	}, func(s string) string { return minimal + s })
}

func TestFaultsOfEmail(t *testing.T) {
	checkRows(t, []row{
		{"server = 'mail.example.com'", `8:10: server: "mail.example.com" isn't an IPv4 address: the module has no DNS: give the IPv4 address`},
		{"server = '2001:db8::1'", `8:10: server: "2001:db8::1" is IPv6, which the module doesn't speak: give an IPv4 address`},
		{"server = '127.0.0.1:25'", `8:10: server: "127.0.0.1:25" isn't an IPv4 address: the module has no DNS: give the IPv4 address`},
		{"port = 0", `8:8: port: 0 is out of range: want 1 to 65535`},
		{"port = 65536", `8:8: port: 65536 is out of range: want 1 to 65535`},
		{"port = '25'", `8:8: port: want an integer from 1 to 65535, found a string: take the quotes off`},
		{"sender_name = \"a\\r\\nRCPT TO\"", `8:15: sender_name: control character U+000D: take it out`},
		{"sender_name = '" + strings.Repeat("x", 65) + "'", `8:15: sender_name: 65 characters are too many: at most 64 fit`},
		{"sender_address = 'plc'", `8:18: sender_address: "plc" isn't a mail address: want one such as "plc@example.com"`},
		{"sender_address = 'a@b@c'", `8:18: sender_address: "a@b@c" isn't a mail address: want one such as "plc@example.com"`},
		{"sender_address = \"a\\n@b\"", `8:18: sender_address: control character U+000A: take it out`},
		{"sender_address = 1", `8:18: sender_address: want a string in quotes, found an integer`},
		{"sender_address = 'a@" + strings.Repeat("b", 253) + "'", `8:18: sender_address: 255 bytes are too long: at most 254 fit`},
		{"cc = 'a@b'", `8:6: cc: want a list of addresses, such as ["joe@example.com"], found a string`},
		{"cc = ['a@b', '']", `8:14: cc: "" isn't a mail address: want one such as "plc@example.com"`},
		{"cc = ['a@b,c']", `8:7: cc: "a@b,c" isn't a mail address: want one such as "plc@example.com"`},
		{"cc = ['a@b', 3]", `8:14: cc: want a string in quotes, found an integer`},
		{"timeout = 0", `8:11: timeout: 0 is out of range: want 1 to 3600`},
		{"timeout = 3601", `8:11: timeout: 3601 is out of range: want 1 to 3600`},
		{"timeout = 1.5", `8:11: timeout: 1.5 isn't whole: write whole seconds such as 60, or a string such as "90s"`},
		{"timeout = '1.5s'", `8:11: timeout: "1.5s" isn't whole seconds, which is how the module counts: write one such as "90s"`},
		{"timeout = '2h'", `8:11: timeout: "2h" is out of range: want 1s to 3600s`},
		{"timeout = '60'", `8:11: timeout: "60" isn't a duration: write a number and its unit (ms, s, m), such as "90s"`},
		{"timeout = true", `8:11: timeout: want a duration in quotes, such as "90s", found a boolean`},
	}, func(s string) string { return minimal + "[rack.module.email]\n" + s })
}

func TestAllFaultsComeAtOnceInFileOrder(t *testing.T) {
	check(t, faults(t, `
sate = "x"
[console]
listen = "x"
[[rack]]
cpu = "DL07"
scan = 5
  [[rack.module]]
  gateway = "10.0.0.1"
  slot = 9
    [rack.module.email]
    port = 0
    timeout = "soon"
`), []string{
		`2:1: unknown key "sate": did you mean "state"?`,
		`3:2: key "console" is known, but this version has no such part yet (the operator's pages): take it out`,
		`5:1: [[rack]] has no name: give it a name such as "line-4"`,
		`6:7: cpu: "DL07" isn't known: want one of DL05, DL06, DL240, DL250, DL250-1, DL260, DL450`,
		`7:8: scan: the bare number 5 has no unit: write a string with one, such as "10ms"`,
		`8:3: [[rack.module]] has no type: give it one of H0-ECOM100, H2-ECOM100, H4-ECOM100`,
		`9:13: gateway: 10.0.0.1 isn't in the subnet of ip 127.0.0.1 with mask 255.255.255.0: correct one of the three`,
		`10:10: slot: 9 is out of range: want 0 to 7`,
		`12:12: port: 0 is out of range: want 1 to 65535`,
		`13:15: timeout: "soon" isn't a duration: write a number and its unit (ms, s, m), such as "90s"`,
	})
}

func TestALongValueIsCutInItsMessage(t *testing.T) {
	got := faults(t, strings.Repeat("k", 10000)+" = 1")
	if len(got) != 1 || len(got[0]) > 200 {
		t.Errorf("got %d bytes", len(got[0]))
	}
}

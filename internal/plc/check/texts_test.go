package check_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/plc/check"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// value changes a field of the last box to what no program text can hold.
func value(label, v string) func(*ladder.Program) {
	return func(p *ladder.Program) {
		for i := range p.Nodes {
			if f, ok := p.Nodes[i].Field(label); ok {
				f.Value = v
			}
		}
	}
}

func addressBreaches() []breach {
	return []breach{
		{name: "no @", rule: "address", text: mails("To: mark" + mark), says: "To, address 1: no @", near: mails("To: us$nick@example.com, $0d@example.com")},
		{name: "second of a list", rule: "address", text: mails("To: a@example.com, b@exam" + mark + "_ple.com, c@example.com"), says: "To, address 2: '_' can't stand in a domain", near: mails(`To: a@example.com ,"b, c"@example.com`)},
		{name: "behind letters of two bytes", rule: "address", text: mails("To: größe@münchen.example, b@" + mark + "@c"), says: "To, address 2"},
		{name: "comma too many", rule: "address", text: mails("To: mark@example.com," + mark), says: "To, address 2: no address here"},
		{name: "semicolon", rule: "address", text: mails("To: mark@example.com" + mark + ";joe@example.com"), says: "';'", near: mails("To: mark@example.com,joe@example.com")},
		{name: "display name", rule: "address", text: mails("To: Mark" + mark + " <mark@example.com>"), says: "To, address 1"},
		{name: "not ASCII", rule: "address", text: mails("To: mark@example.com, joe@m" + mark + "ünchen.example"), says: "To: the module can't write to an address that isn't ASCII"},
		{name: "not ASCII from the beginning", rule: "address", text: mails("To: " + mark + "ü@example.com"), says: "ASCII"},
		{name: "Cc that is no empty one", rule: "address", text: program(config(), "STRN SP0", setup("Cc: boss"+mark), "STR C10", email("-To")), says: "Cc, address 1"},
		{name: "Cc", rule: "address", text: setups("Cc: boss" + mark), says: "Cc, address 1: no @", near: setups("Cc: boss@example.com, joe@example.com")},
		{name: "sender", rule: "address", text: setups("Sender EMail: plc@a.example" + mark + ",plc@b.example"), says: "Sender EMail: ','", near: setups("Sender EMail: plc@a.example")},
		{name: "no sender", rule: "address", text: setups("Sender EMail:" + mark), says: "Sender EMail: empty"},
		{name: "sender not ASCII", rule: "address", text: setups("Sender EMail: plc@" + mark + "ö.example"), says: "Sender EMail…ASCII"},

		{name: "CR and LF in the subject", rule: "line-break", text: mails("Subject: Größe" + mark + "$NBcc: eve@example.com"), says: "Subject is one line of the mail's head: take CR, LF and NUL out of it", near: mails("Subject: Größe $$N")},
		{name: "LF in the subject", rule: "line-break", text: mails("Subject: a" + mark + "$l"), says: "Subject", near: mails("Subject: a$T$P")},
		{name: "CR in the subject", rule: "line-break", text: mails("Subject: $$$$" + mark + "$R"), says: "Subject", near: mails("Subject: $$$$R")},
		{name: "CR in hex", rule: "line-break", text: mails("Subject: " + mark + "$0d"), says: "Subject", near: mails("Subject: $0E$B0")},
		{name: "LF in hex", rule: "line-break", text: mails("Subject: $41" + mark + "$0A$0A"), says: "Subject", near: mails("Subject: $A0")},
		{name: "NUL in the subject", rule: "line-break", text: mails("Subject: end" + mark + "$00"), says: "Subject", near: mails("Subject: $$00")},
		{name: "CR in To", rule: "line-break", text: mails("To: " + mark + "x"), edit: value("To", "\rmark@example.com"), says: "To is one line", near: mails("To: us$nick@example.com, $0d@example.com")},
		{name: "LF in Cc", rule: "line-break", text: setups("Cc: x@y" + mark), edit: value("Cc", "a@b\n"), says: "Cc is one line", near: setups("Cc: us$nick@example.com")},
		{name: "NUL in the name", rule: "line-break", text: setups("Sender Name: xyz" + mark), edit: value("Sender Name", "abc\x00"), says: "Sender Name is one line", near: setups("Sender Name: US$Net")},
		{name: "a long name", rule: "name-length", text: setups("Sender Name: " + mark + strings.Repeat("é", 65)), says: "65 characters and a module takes 64", near: setups("Sender Name: " + strings.Repeat("é", 64))},
	}
}

func TestAddressesAndHeaderLines(t *testing.T) { runBreaches(t, addressBreaches()) }

func printBreaches() []breach {
	return []breach{
		{name: "quotes around a subject", rule: "quoting", text: mails("Subject: " + mark + `"Widget Report"`), says: "Subject: a subject has no quotes around it", near: mails(`Subject: $"Widget$" Report`)},
		{name: "dollar sign in a subject", rule: "quoting", text: mails("Subject: Café: 5 " + mark + "$ off"), says: "Subject: this $ begins no escape: write $$", near: mails("Subject: Café: 5 $$ off")},
		{name: "no closing quote", rule: "quoting", text: mails("Body: V3000 " + mark + `"widgets`), says: "Body: this text has no closing quote", near: mails(`Body: V3000 "widgets"`)},
		{name: "no quotes", rule: "quoting", text: mails("Body: " + mark + "Shift V3000"), says: "Body: …text goes in double quotes"},
		{name: "behind letters of two bytes", rule: "quoting", text: mails(`Body: "Größe: " V3000 "Stück – fünf" ` + mark + "V8"), says: `"V8" is not an address`, near: mails(`Body: "Größe: " V3000 "Stück – fünf" V7`)},
		{name: "no format", rule: "quoting", text: mails(`Body: "é" V3000:` + mark + "Q"), says: `"Q" is no format of a number`, near: mails(`Body: "é" V3000:DB`)},
		{name: "not in Windows-1252", rule: "quoting", text: mails(`Body: "é` + mark + `Ж"`), says: "Body: 'Ж' (U+0416) is not in Windows-1252", near: mails(`Body: "€"`)},

		{name: "word", rule: "no-such-address", text: mails(`Body: "Größe V20000" ` + mark + "V20000"), says: "Body: V20000: a DL06 has no such address", near: mails(`Body: "Größe V20000" V17777`)},
		{name: "second word", rule: "no-such-address", text: mails("Body: V3000:D " + mark + "V17777:D"), says: "Body: V20000", near: mails("Body: V3000:D V17776:D")},
		{name: "end of a text", rule: "no-such-address", text: mails("Body: " + mark + "V17777 % 3"), says: "V20000", near: mails("Body: V17777 % 2")},
		{name: "bit", rule: "no-such-address", text: mails("Body: C1777:ONOFF " + mark + "C2000:BOOL"), says: "C2000", near: mails("Body: C1777:ONOFF")},
		{name: "all of them", rule: "no-such-address", text: on("05", mails("Body: "+mark+"GX0 C777")), says: "GX0", near: on("05", mails("Body: X0 C777"))},

		{name: "V2010", rule: "variable-text", text: mails(`Body: "Name: " ` + mark + "V2000 % V2010"), says: "known only when it is sent, so it counts 0 here: if To, Subject and Body are over 103 bytes then…error 23 and sends nothing", near: mails(`Body: "Name: " V2000 % 16`)},
		{name: "once a body", rule: "variable-text", text: mails("Body: V3000 % 4 " + mark + "V2000 % V2010 V2020 % V2030"), says: "counts 0"},
		{name: "date on a DL05", rule: "no-clock", text: on("05", mails(`Body: V3000 "_" `+mark+`_Date:us _Time:24`)), says: "a DL05 has a clock only in its memory cartridge", near: mails(`Body: V3000 "_" _Date:us _Time:24`)},
		{name: "text about a date", rule: "no-clock", text: on("05", mails("Body: "+mark+"_time:12")), says: "clock", near: on("05", mails(`Body: "_Date:us"`))},

		{name: "one byte", rule: "budget", text: program(config(), "STR C10", mark+email(filled(104)...)), says: "To, Subject and Body are 104 bytes at their longest, 1 over the limit of 103", near: program(config(), "STR C10", email(filled(103)...))},
		{name: "ten bytes", rule: "budget", text: program(config(), "STR C10", mark+email(filled(113)...)), says: "113 bytes at their longest, 10 over"},
		{name: "a long list", rule: "budget", text: program(config(), "STR C10", mark+email("To: "+addresses(120), "-Subject", "-Body")), says: "120 bytes…17 over", near: program(config(), "STR C10", email("To: "+addresses(103), "-Subject", "-Body"))},
		{name: "wider numbers", rule: "budget", text: program(config(), "STR C10", mark+email(filled(103)...)), says: "104 bytes…1 over", rack: dl06(wide), near: program(config(), "STR C10", email(filled(102)...))},
	}
}

func TestPrintTexts(t *testing.T) { runBreaches(t, printBreaches()) }

func wide(target *check.Target) { target.Print = vprint.Options{NumberWidth: 6} }

// filled is the texts of a mail of n bytes, with one number among them.
func filled(n int) []string {
	const to, subject, number = "mark@example.com", "Widget Report", 5
	return []string{"To: " + to, "Subject: " + subject, fmt.Sprintf(`Body: V3000 "%s"`, strings.Repeat("x", n-len(to)-len(subject)-number))}
}

// addresses is a list of addresses that is n bytes long.
func addresses(n int) string {
	const one = "a@example.com, "
	list := strings.Repeat(one, n/len(one)-1)
	return list + strings.Repeat("b", n-len(list)-len("@example.com")) + "@example.com"
}

// TestBudgetCountsEveryElementAtItsLongest fills a mail up to the limit with text,
// beside one element of each kind.
func TestBudgetCountsEveryElementAtItsLongest(t *testing.T) {
	for _, e := range []struct {
		element      string
		longest, six int // with number_width 5 and 6
	}{
		{"V3000", 5, 6},
		{"V3000:S", 5, 6},
		{"TA0", 5, 6},
		{"V3000:B", 4, 4},
		{"V3000:BC0", 4, 4},
		{"V3000:D", 10, 11},
		{"V3000:DB", 8, 8},
		{"V3000:R", 13, 13},
		{"V3000:E", 13, 13},
		{"V3000 % 16", 16, 16},
		{"V3000 % V3010", 0, 0},
		{"C0", 1, 1},
		{"V3000.7:BOOL", 5, 5},
		{"X0:ONOFF", 3, 3},
		{"_Date:us", 8, 8},
		{"_Time:12", 7, 7},
		{"_Time:24", 5, 5},
		{`"$N$$$"$0Dé"`, 6, 6},
		{`""`, 0, 0},
	} {
		for _, used := range []int{103, 104} {
			for _, six := range []bool{false, true} {
				longest, target := e.longest, dl06()
				if six {
					longest, target = e.six, dl06(wide)
				}
				body := fmt.Sprintf(`Body: %s "%s"`, e.element, strings.Repeat("x", used-longest))
				r := judge(t, mails("-To", "-Subject", body), target)
				if len(r.Mails) != 1 || r.Mails[0] != (check.Mail{Line: 9, Used: used, Limit: 103}) {
					t.Errorf("%s, wide %v: got %+v, want %d used", e.element, six, r.Mails, used)
				}
				if got := strings.Contains(list(r), "104 bytes at their longest, 1 over the limit of 103"); got != (used == 104) {
					t.Errorf("%s, wide %v, %d bytes:%s", e.element, six, used, list(r))
				}
			}
		}
	}
}

func TestSubjectCountsWhatIsSent(t *testing.T) {
	r := judge(t, mails("-To", "-Body", "Subject: é$$$41$T"), nil)
	if r.Mails[0].Used != 4 {
		t.Errorf("got %d bytes, want 4", r.Mails[0].Used)
	}
}

func TestOneFaultInTheTextIsOneFinding(t *testing.T) {
	// text that doesn't parse is no shorter mail, nor a subject with a break in it
	breach{rule: "quoting", text: mails("Subject: " + mark + "$Q$N"), says: "this $ begins no escape"}.refused(t)
}

func setupBreaches() []breach {
	// 11 of the server, 15 of the sender, 2 of the port, 2 of the timeout: 73 left
	setting := func(name int) []string {
		return []string{"Port Number: 25", "Timeout: 90", "Sender EMail: line.a@packing.example.com", "Sender Name: " + strings.Repeat("é", name-11)}
	}
	return []breach{
		{name: "one byte", rule: "setup-budget", text: program(config(), "STRN SP0", mark+setup(setting(74)...)), says: "the settings are 104 bytes, 1 over the limit of 103: use two ECEMSUP boxes", near: setups(setting(73)...)},
		{name: "a long Cc", rule: "setup-budget", text: program(config(), "STRN SP0", mark+setup("Cc: "+addresses(100))), says: "126 bytes, 23 over", near: setups("Cc: " + addresses(77))},
		{name: "name", rule: "server", text: setups("SMTP Server IP: " + mark + "mail.example.com"), says: `the server "mail.example.com" is no IPv4 address, and the module looks up no names`, near: setups("SMTP Server IP: 10.0.0.1")},
		{name: "IPv6", rule: "server", text: setups("SMTP Server IP: " + mark + "2001:db8::1"), says: "no IPv4 address"},
		{name: "mapped", rule: "server", text: setups("SMTP Server IP: " + mark + "::ffff:10.0.0.1"), says: "no IPv4 address"},
		{name: "zeros before it", rule: "server", text: setups("SMTP Server IP: " + mark + "192.168.000.001"), says: "no IPv4 address"},
		{name: "none", rule: "server", text: setups("SMTP Server IP: " + mark + "0.0.0.0"), says: "no server can have the address 0.0.0.0"},
		{name: "everybody", rule: "server", text: setups("SMTP Server IP: " + mark + "255.255.255.255"), says: "no server can have"},
		{name: "multicast", rule: "server", text: setups("SMTP Server IP: " + mark + "224.0.0.1"), says: "no server can have"},
		{name: "0", rule: "port", text: setups("Port Number: " + mark + "0"), says: "Port Number must be a plain number from 1 to 65535 and is 0: 25 is the usual port", near: setups("Port Number: 1")},
		{name: "as a constant", rule: "port", text: setups("Port Number: " + mark + "K25"), says: "plain number…and is K25", near: setups("Port Number: 65535")},
		{name: "0", rule: "timeout", text: setups("Timeout: " + mark + "0"), says: "Timeout must be a plain number from 1 to 3600 and is 0: 60 seconds are usual", near: setups("Timeout: 1")},
		{name: "3601", rule: "timeout", text: setups("Timeout: " + mark + "3601"), says: "and is 3601", near: setups("Timeout: 3600")},
		{name: "nothing set", rule: "setup-empty", text: program(config(), "STRN SP0", mark+setup("-SMTP Server IP", "-Sender EMail")), says: "ECEMSUP changes nothing", near: setups("-SMTP Server IP", "-Sender EMail", "Cc:")},
		{name: "Cyrillic", rule: "characters", text: setups("Sender Name: Füller " + mark + "Линия"), says: "Sender Name: 'Л' (U+041B) is not in Windows-1252", near: setups("Sender Name: Füller €")},
	}
}

func TestSetups(t *testing.T) { runBreaches(t, setupBreaches()) }

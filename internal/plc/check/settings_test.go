package check_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/plc/check"
)

func settingsBreaches() []breach {
	without := func(change func(*check.Module)) *check.Target { return dl06(module(change)) }
	marked := func(fields ...string) string { return program(config(), "STR C10", mark+email(fields...)) }
	after := func(set, mail string) string { return program(config(), "STRN SP0", set, "STR C10", mail) }
	timeout := func(s int) *check.Target {
		return without(func(m *check.Module) { m.Timeout = time.Duration(s) * time.Second })
	}
	noServer := func(m *check.Module) { m.Server = netip.IPv4Unspecified() }
	noSender := func(m *check.Module) { m.Sender = "" }
	far := func(m *check.Module) { m.Server = netip.MustParseAddr("10.1.2.3") }
	cc := func(m *check.Module) { m.Cc = []string{"boss@example.com"} }
	return []breach{
		{name: "server", rule: "settings-missing", text: marked(), rack: without(noServer), says: "the module has no server address and no ECEMSUP sets it…error 24", near: after(setup("-Sender EMail"), email())},
		{name: "sender", rule: "settings-missing", text: marked(), rack: without(noSender), says: "the module has no sender address and", near: after(setup("-SMTP Server IP"), email())},
		{
			name: "both", rule: "settings-missing", text: marked(), says: "no server address and no sender address",
			rack: without(func(m *check.Module) { noServer(m); noSender(m) }), near: mails(), nearRack: dl06(),
		},
		{name: "not asked for", rule: "settings-missing", text: marked(), rack: without(func(m *check.Module) { m.Server = netip.Addr{} }), says: "server address", near: setups()},

		{name: "nobody", rule: "no-recipient", text: mails("To:" + mark), says: "To is empty and no ECEMSUP sets a Cc: unless the module has one…error 21", near: after(setup("Cc: boss@example.com"), email("-To"))},
		{name: "no To", rule: "no-recipient", text: marked("-To"), says: "no ECEMSUP sets a Cc", near: after(setup("Cc: boss@example.com"), email("-To"))},
		{name: "nobody in the rack", rule: "no-recipient", text: mails("To:" + mark), rack: dl06(), says: "To is empty and so is the module's Cc: the box will end in error 21", near: mails("-To"), nearRack: without(cc)},
		{name: "Cc is emptied", rule: "no-recipient", text: after(setup("Cc:"), mark+email("-To")), rack: without(cc), says: "error 21", near: program(config(), "STRN SP0", setup("Cc:"), "STR C10", email("-To"), "STR C11", restore())},

		{name: "one recipient", rule: "short-timeout", text: marked(), rack: timeout(14), says: "a timeout of 14 s is short for 1 recipient, since it covers the whole conversation: use 15 s or more", near: mails(), nearRack: timeout(15)},
		{name: "three recipients", rule: "short-timeout", text: marked("To: a@b.example,c@d.example,e@f.example"), rack: timeout(24), says: "24 s is short for 3 recipients…use 25 s", near: mails("To: a@b.example,c@d.example,e@f.example"), nearRack: timeout(25)},
		{
			name: "with the module's Cc", rule: "short-timeout", text: marked(), says: "19 s is short for 2 recipients…use 20 s",
			rack: without(func(m *check.Module) { cc(m); m.Timeout = 19 * time.Second }), near: mails(), nearRack: timeout(19),
		},
		{name: "set by the program", rule: "short-timeout", text: after(setup("Timeout: 29", "Cc: a@b.example,c@d.example,e@f.example"), mark+email()), says: "29 s is short for 4 recipients", near: after(setup("Timeout: 30", "Cc: a@b.example,c@d.example,e@f.example"), email())},
		{name: "the shorter of two", rule: "short-timeout", text: program(config(), "STRN SP0", setup("Timeout: 90"), "STR C11", setup("Workspace: V1430", "Success: C30", "Error: C31", "Error Code: V1431", "Timeout: 5"), "STR C10", mark+email()), says: "5 s is short"},
		{name: "not known of the rack", rule: "short-timeout", text: program(config(), "STRN SP0", setup("Timeout: 5"), "STR C11", restore(), "STR C10", mark+email()), rack: timeout(0), says: "5 s is short", near: mails()},
		{name: "restored", rule: "short-timeout", text: program(config(), "STRN SP0", setup("Timeout: 90"), "STR C11", restore(), "STR C10", mark+email()), rack: timeout(5), says: "5 s is short", near: after(setup("Timeout: 90"), email())},

		{name: "in the rack", rule: "no-gateway", text: program(mark+config(), "STR C10", email()), rack: without(far), says: "the server 10.1.2.3 is outside the network of the module in slot K1, 192.168.12.86 with subnet 255.255.0.0, and that has no gateway", near: mails(), nearRack: dl06()},
		{
			name: "in the program", rule: "no-gateway", text: setups("SMTP Server IP: " + mark + "192.169.0.1"), rack: dl06(), says: "the server 192.169.0.1 is outside",
			near: setups("SMTP Server IP: 192.168.255.254"),
		},
		{
			name: "small network", rule: "no-gateway", text: setups("SMTP Server IP: " + mark + "192.168.12.88"), says: "subnet 255.255.255.248",
			rack: without(func(m *check.Module) { m.Subnet = netip.MustParseAddr("255.255.255.248"); m.Server = m.IP }), near: setups("SMTP Server IP: 192.168.12.81"),
		},
		{
			name: "with a gateway", rule: "no-gateway", text: program(mark+config(), "STR C10", email()), rack: without(far), says: "no gateway", near: mails(),
			nearRack: without(func(m *check.Module) { far(m); m.Gateway = netip.MustParseAddr("192.168.0.254") }),
		},
		{name: "replaced by the program", rule: "no-gateway", text: program(mark+config(), "STRN SP0", setup(), "STR C11", restore(), "STR C10", email()), rack: without(far), says: "10.1.2.3", near: after(setup(), email())},
		{
			name: "no address yet", rule: "no-address", text: configs("Slot: " + mark + "K1"), rack: without(func(m *check.Module) { m.IP = netip.IPv4Unspecified() }),
			says: "the module in slot K1 has no IP address…error 11", near: configs(), nearRack: dl06(),
		},
	}
}

func TestSettings(t *testing.T) { runBreaches(t, settingsBreaches()) }

// TestWithoutARackOnlyTheProgramIsJudged: of what a module may well have, nothing
// is said.
func TestWithoutARackOnlyTheProgramIsJudged(t *testing.T) {
	none(t, judge(t, mails(), nil))
	none(t, judge(t, setups("SMTP Server IP: 203.0.113.9"), nil))
}

func TestSettingsAreOfTheirOwnModule(t *testing.T) {
	text := program(config(), other(), "STRN SP0", setup("ECOM#: K1", "Timeout: 5", "Cc: a@b.example"), "STR C10", email(), "STR C11", second("To:"+mark))
	breach{rule: "no-recipient", text: text, says: "no ECEMSUP sets a Cc"}.refused(t)
}

func TestEveryMailIsWarnedOf(t *testing.T) {
	text := program(config(), "STR C10", email(), "STR C11", second("To: a@b.example,c@d.example"))
	r := judge(t, text, dl06(module(func(m *check.Module) { m.Timeout = 5 * time.Second })))
	var got string
	for _, w := range r.Warnings {
		got += fmt.Sprintln(w.Pos.Line, w.Rule)
	}
	if want := "9 short-timeout\n19 short-timeout\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

package plant

import (
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of the texts in [rack.module.email].
const (
	maxSenderName = 64  // characters
	maxAddress    = 254 // bytes; RFC 5321, 4.5.3.1.3: a path of 256 less its brackets
)

// defaultEmail is the EMail Setup of a module that nobody has set up.
func defaultEmail() Email {
	return Email{Server: netip.IPv4Unspecified(), Port: 25, Timeout: time.Minute}
}

func emailFields() []field[Email] {
	return []field[Email]{
		{name: "server", read: readServer},
		{name: "port", read: func(d *decoder, m *Email, e entry) { m.Port, _ = d.integer(e, 1, 65535) }},
		{name: "sender_name", read: readSenderName},
		{name: "sender_address", read: readSenderAddress},
		{name: "cc", read: readCc},
		{name: "timeout", read: readTimeout},
	}
}

func readEmail(d *decoder, m *Module, e entry) {
	if e.value.kind != kindTable {
		d.wrongType(e, "one table under a header [rack.module.email]")
		return
	}
	walk(d, emailFields(), e.value, &m.Email)
}

func readServer(d *decoder, m *Email, e entry) {
	m.Server, _ = d.ipv4(e, "the module has no DNS: give the IPv4 address")
}

// readSenderAddress takes an empty one too: not set.
func readSenderAddress(d *decoder, m *Email, e entry) {
	if e.value.kind == kindString && e.value.text == "" {
		return
	}
	m.SenderAddress, _ = d.address(e)
}

// readCc reads the addresses that get every mail.
func readCc(d *decoder, m *Email, e entry) {
	if e.value.kind != kindArray {
		d.wrongType(e, `a list of addresses, such as ["joe@example.com"]`)
		return
	}
	for _, item := range e.value.items {
		if address, ok := d.address(entry{name: "cc", value: item}); ok {
			m.Cc = append(m.Cc, address)
		}
	}
}

// address reads a mail address that looks like one: the module judges it
// more closely when it uses it.
func (d *decoder) address(e entry) (string, bool) {
	s, ok := d.printable(e, maxAddress)
	if !ok {
		return "", false
	}
	local, domain, _ := strings.Cut(s, "@")
	if strings.Count(s, "@") != 1 || local == "" || domain == "" || strings.ContainsAny(s, " ,;") {
		d.fail(e.value.at, "%s: %s isn't a mail address: want one such as \"plc@example.com\"", e.name, quote(s))
		return "", false
	}
	return s, true
}

// readTimeout takes whole seconds, as a duration or, alone in the file, as a
// bare number: the module's own page counts in seconds.
func readTimeout(d *decoder, m *Email, e entry) {
	if e.value.kind == kindInteger {
		seconds, _ := d.integer(e, 1, 3600)
		m.Timeout = time.Duration(seconds) * time.Second
		return
	}
	if e.value.kind == kindFloat {
		d.fail(e.value.at, `timeout: %s isn't whole: write whole seconds such as 60, or a string such as "90s"`, cut(e.value.text))
		return
	}
	timeout, ok := d.duration(e, span{time.Second, time.Hour, "1s to 3600s", "90s"})
	if ok && timeout%time.Second != 0 {
		d.fail(e.value.at, `timeout: %s isn't whole seconds, which is how the module counts: write one such as "90s"`,
			quote(e.value.text))
		return
	}
	m.Timeout = timeout
}

func readSenderName(d *decoder, m *Email, e entry) {
	s, ok := d.printable(e, 4*maxSenderName)
	if n := utf8.RuneCountInString(s); ok && n > maxSenderName {
		d.fail(e.value.at, "sender_name: %d characters are too many: at most %d fit", n, maxSenderName)
		return
	}
	m.SenderName = s
}

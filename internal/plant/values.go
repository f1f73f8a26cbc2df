package plant

import (
	"encoding/hex"
	"net/netip"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The readers below take one value each. On a fault they report it where the
// value stands and return the zero value and, where there is one, false.

// wrongType says what was wanted and what is there.
func (d *decoder) wrongType(e entry, want string) {
	d.fail(e.value.at, "%s: want %s, found %s", e.name, want, e.value.kind)
}

// text reads a string; want says what is expected, such as `a string, such as
// "10ms"`.
func (d *decoder) text(e entry, want string) (string, bool) {
	if e.value.kind != kindString {
		d.wrongType(e, want)
		return "", false
	}
	return e.value.text, true
}

// printable reads a string without control characters of at most longest bytes.
func (d *decoder) printable(e entry, longest int) (string, bool) {
	s, ok := d.text(e, "a string in quotes")
	if !ok {
		return "", false
	}
	if !d.isPrintable(e, s) {
		return "", false
	}
	if len(s) > longest {
		d.fail(e.value.at, "%s: %d bytes are too long: at most %d fit", e.name, len(s), longest)
		return "", false
	}
	return s, true
}

func (d *decoder) isPrintable(e entry, s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) {
			d.fail(e.value.at, "%s: control character %U: take it out", e.name, r)
			return false
		}
		if !unicode.IsPrint(r) {
			d.fail(e.value.at, "%s: character %U can't be printed: take it out", e.name, r)
			return false
		}
	}
	return true
}

// filePath reads a path and resolves it against the plant file's folder.
func (d *decoder) filePath(e entry) (string, bool) {
	s, ok := d.text(e, "a path in quotes")
	if !ok || !d.isPrintable(e, s) {
		return "", false
	}
	if s == "" {
		return "", true
	}
	s = filepath.FromSlash(s)
	if filepath.IsAbs(s) {
		return filepath.Clean(s), true
	}
	return filepath.Join(d.dir, s), true
}

// integer reads a whole number from low to high.
func (d *decoder) integer(e entry, low, high int64) (int, bool) {
	if e.value.kind != kindInteger {
		hint := ""
		if e.value.kind == kindString {
			hint = ": take the quotes off"
		}
		d.fail(e.value.at, "%s: want an integer from %d to %d, found %s%s", e.name, low, high, e.value.kind, hint)
		return 0, false
	}
	n, err := strconv.ParseInt(e.value.text, 0, 64)
	if err != nil || n < low || n > high {
		d.fail(e.value.at, "%s: %s is out of range: want %d to %d", e.name, cut(e.value.text), low, high)
		return 0, false
	}
	return int(n), true
}

// span is what a duration may be, and how messages say it.
type span struct {
	low, high time.Duration
	words     string // "1ms to 1s"
	example   string // "10ms"
}

// duration reads a string such as "10ms". A bare number is refused: it doesn't
// say its unit.
func (d *decoder) duration(e entry, s span) (time.Duration, bool) {
	if e.value.kind == kindInteger || e.value.kind == kindFloat {
		d.fail(e.value.at, "%s: the bare number %s has no unit: write a string with one, such as %q",
			e.name, cut(e.value.text), s.example)
		return 0, false
	}
	text, ok := d.text(e, "a duration in quotes, such as "+strconv.Quote(s.example))
	if !ok {
		return 0, false
	}
	value, err := time.ParseDuration(text)
	if err != nil {
		d.fail(e.value.at, "%s: %s isn't a duration: write a number and its unit (ms, s, m), such as %q",
			e.name, quote(text), s.example)
		return 0, false
	}
	if value < s.low || value > s.high {
		d.fail(e.value.at, "%s: %s is out of range: want %s", e.name, quote(text), s.words)
		return 0, false
	}
	return value, true
}

// firmware reads dotted numbers; it returns an empty string on a fault.
// Unquoted, 2.10 would be the number 2.1.
func (d *decoder) firmware(e entry) string {
	if e.value.kind == kindFloat || e.value.kind == kindInteger {
		d.fail(e.value.at, "%s: a version is a string, not a number: put it in quotes, %s", e.name, quote(e.value.text))
		return ""
	}
	s, ok := d.text(e, `dotted numbers in quotes, such as "2.10"`)
	if !ok {
		return ""
	}
	if !regexp.MustCompile(`^\d{1,5}(\.\d{1,5}){1,3}$`).MatchString(s) {
		d.fail(e.value.at, `%s: %s isn't a version: want two to four dotted numbers, such as "2.10"`, e.name, quote(s))
		return ""
	}
	return s
}

// addr reads an IP address of either family.
func (d *decoder) addr(e entry) (netip.Addr, bool) {
	s, ok := d.text(e, `an IP address in quotes, such as "127.0.0.1"`)
	if !ok || !d.isPrintable(e, s) { // an IPv6 zone may hold anything
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		d.fail(e.value.at, `%s: %s isn't an IP address: write one such as "127.0.0.1", without a port`, e.name, quote(s))
		return netip.Addr{}, false
	}
	return a.Unmap(), true
}

// ipv4 reads four octets; otherwise is the advice for anything else.
func (d *decoder) ipv4(e entry, otherwise string) (netip.Addr, bool) {
	s, ok := d.text(e, `an IPv4 address in quotes, such as "192.168.0.1"`)
	if !ok {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		d.fail(e.value.at, "%s: %s isn't an IPv4 address: %s", e.name, quote(s), otherwise)
		return netip.Addr{}, false
	}
	if !a.Is4() {
		d.fail(e.value.at, "%s: %s is IPv6, which the module doesn't speak: give an IPv4 address", e.name, quote(s))
		return netip.Addr{}, false
	}
	return a, true
}

// mac reads six hex octets with colons or hyphens between them.
func (d *decoder) mac(e entry) (MAC, bool) {
	s, ok := d.text(e, `six hex octets in quotes, such as "00:E0:62:20:41:86"`)
	if !ok {
		return MAC{}, false
	}
	if !regexp.MustCompile(`^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$`).MatchString(s) {
		d.fail(e.value.at, `%s: %s isn't an Ethernet address: want six hex octets, such as "00:E0:62:20:41:86"`,
			e.name, quote(s))
		return MAC{}, false
	}
	octets, err := hex.DecodeString(strings.NewReplacer(":", "", "-", "").Replace(s))
	if err != nil {
		d.fail(e.value.at, "%s: %v", e.name, err)
		return MAC{}, false
	}
	// The lowest bit of the first octet marks a group of stations (IEEE 802).
	if address := MAC(octets); address == (MAC{}) || address[0]&1 != 0 {
		d.fail(e.value.at, "%s: %s is no single module's address: write the one on a label, or leave mac out",
			e.name, address)
		return MAC{}, false
	}
	return MAC(octets), true
}

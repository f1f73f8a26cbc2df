package plant

import (
	"encoding/base64"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// addrPort reads an address with a port.
func (d *decoder) addrPort(e entry) (netip.AddrPort, bool) {
	s, ok := d.text(e, `an address and port in quotes, such as "127.0.0.1:2525"`)
	if !ok {
		return netip.AddrPort{}, false
	}
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		d.fail(e.value.at, "%s: %s isn't an address with a port: write one such as \"127.0.0.1:2525\", or \"0.0.0.0:25\" for all of this computer's", e.name, quote(s))
		return netip.AddrPort{}, false
	}
	return a, true
}

// hostname reads a host's name or address.
func (d *decoder) hostname(e entry) string {
	s, ok := d.printable(e, 253)
	if !ok {
		return ""
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return s
	}
	if !regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-.]*[A-Za-z0-9])?$`).MatchString(s) {
		d.fail(e.value.at, "%s: %s isn't a host: write a name such as \"smtp.example.com\", without a port", e.name, quote(s))
		return ""
	}
	return s
}

// url reads an http or https address.
func (d *decoder) url(e entry) string {
	s, ok := d.printable(e, 2048)
	if !ok {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		d.fail(e.value.at, "%s: %s isn't a web address: write one such as \"https://example.com/hook\"", e.name, quote(s))
		return ""
	}
	if u.Scheme == "http" && strings.HasSuffix(e.name, "_url") && u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost" {
		d.fail(e.value.at, "%s: a secret would cross the network in clear text: use https", e.name)
		return ""
	}
	return s
}

// secretPath reads where a secret comes from: a file, or env:NAME, or credential:NAME
// of systemd.
func (d *decoder) secretPath(e entry) string {
	s, ok := d.text(e, `a path in quotes, "env:NAME" or "credential:NAME"`)
	if !ok {
		return ""
	}
	for _, prefix := range []string{"env:", "credential:"} {
		if name, is := strings.CutPrefix(s, prefix); is {
			if !regexp.MustCompile(`^[A-Za-z0-9_.-]{1,128}$`).MatchString(name) {
				d.fail(e.value.at, "%s: %s names nothing: write %sNAME", e.name, quote(s), prefix)
				return ""
			}
			return s
		}
	}
	path, _ := d.filePath(e)
	return path
}

// pin reads the hash of a public key.
func (d *decoder) pin(e entry) string {
	s, ok := d.text(e, `a hash in quotes, such as "sha256/..."`)
	if !ok {
		return ""
	}
	hash, is := strings.CutPrefix(s, "sha256/")
	if raw, err := base64.StdEncoding.DecodeString(hash); !is || err != nil || len(raw) != 32 {
		d.fail(e.value.at, "pin: %s isn't one: write \"sha256/\" and the base64 of the SHA-256 of the server's public key; rungmail doctor prints it", quote(s))
		return ""
	}
	return s
}

// truth reads true or false.
func (d *decoder) truth(e entry) bool {
	if e.value.kind != kindBool {
		d.wrongType(e, "true or false")
		return false
	}
	return e.value.text == "true"
}

// texts reads a list, each of its items by read.
func (d *decoder) texts(e entry, read func(entry) (string, bool)) []string {
	if e.value.kind != kindArray {
		d.wrongType(e, "a list of strings")
		return nil
	}
	list := []string{}
	for _, item := range e.value.items {
		if s, ok := read(entry{name: e.name, value: item}); ok {
			list = append(list, s)
		}
	}
	return list
}

func (d *decoder) labels(e entry) []string {
	return d.texts(e, func(item entry) (string, bool) { s := d.label(item); return s, s != "" })
}

// patterns reads whom a rule means: addresses, domains, or all below a domain.
func (d *decoder) patterns(e entry) []string {
	return d.texts(e, func(item entry) (string, bool) {
		s, ok := d.printable(item, maxAddress)
		if ok && !regexp.MustCompile(`^([^@\s,;]+@)?\.?[A-Za-z0-9]([A-Za-z0-9-.]*[A-Za-z0-9])?$`).MatchString(s) {
			d.fail(item.value.at, "%s: %s means nobody: write an address, a domain such as \"example.com\", or \".example.com\" for all below it", e.name, quote(s))
			return "", false
		}
		return s, ok
	})
}

package settings_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

func addr(s string) mailaddr.Address {
	a, err := mailaddr.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

func many(n int) []mailaddr.Address {
	list := make([]mailaddr.Address, n)
	for i := range list {
		list[i] = addr(fmt.Sprintf("u%d@example.com", i))
	}
	return list
}

// good is the set-up of seeds/000 section 6.
func good() settings.Email {
	return settings.Email{
		Server: netip.MustParseAddr("192.168.0.1"), Port: 25, Name: "Machine A-42F", Sender: addr("PLC@acme.com"),
		Cc: []mailaddr.Address{addr("supervisor@acme.com"), addr("joe@yahoo.com")}, Timeout: 90 * time.Second,
	}
}

func TestBounds(t *testing.T) {
	for _, r := range []struct {
		name   string
		change func(*settings.Email)
		want   string // of the error; empty for none
	}{
		{"as it stands", func(*settings.Email) {}, ""},
		{"server unset", func(e *settings.Email) { e.Server = netip.Addr{} }, ""},
		{"server 0.0.0.0", func(e *settings.Email) { e.Server = netip.IPv4Unspecified() }, ""},
		{"server of IPv6", func(e *settings.Email) { e.Server = netip.MustParseAddr("2001:db8::1") }, "2001:db8::1 is not an IPv4"},
		{"server of both", func(e *settings.Email) { e.Server = netip.MustParseAddr("::ffff:192.168.0.1") }, "not an IPv4"},
		{"port 0", func(e *settings.Email) { e.Port = 0 }, "1 to 65535"},
		{"port 1", func(e *settings.Email) { e.Port = 1 }, ""},
		{"port 65535", func(e *settings.Email) { e.Port = 65535 }, ""},
		{"no name", func(e *settings.Email) { e.Name = "" }, ""},
		{"longest name", func(e *settings.Email) { e.Name = strings.Repeat("x", settings.MaxName) }, ""},
		{"too long a name", func(e *settings.Email) { e.Name = strings.Repeat("x", settings.MaxName+1) }, "over 64 characters"},
		{"a name beyond ASCII", func(e *settings.Email) { e.Name = "Förderband 3" }, ""},
		{"a name that isn't text", func(e *settings.Email) { e.Name = "F\xf6rderband" }, "not text"},
		{"a line end in the name", func(e *settings.Email) { e.Name = "a\r\nBcc: x@example.com" }, "line end"},
		{"a NUL in the name", func(e *settings.Email) { e.Name = "a\x00" }, "control character"},
		{"a C1 control in the name", func(e *settings.Email) { e.Name = "a\u0085b" }, "control character"},
		{"no sender", func(e *settings.Email) { e.Sender = mailaddr.Address{} }, ""},
		{"a sender beyond ASCII", func(e *settings.Email) { e.Sender = addr("bjørn@example.com") }, "must be ASCII"},
		{"no Cc", func(e *settings.Email) { e.Cc = nil }, ""},
		{"most Cc", func(e *settings.Email) { e.Cc = many(settings.MaxCc) }, ""},
		{"too many Cc", func(e *settings.Email) { e.Cc = many(settings.MaxCc + 1) }, "51 addresses in Cc are over the limit of 50"},
		{"an empty Cc", func(e *settings.Email) { e.Cc = append(e.Cc, mailaddr.Address{}) }, "an address in Cc is empty"},
		{"a Cc beyond ASCII", func(e *settings.Email) { e.Cc = append(e.Cc, addr("a@bücher.example")) }, "must be ASCII"},
		{"no timeout", func(e *settings.Email) { e.Timeout = 0 }, "1 to 3600 seconds"},
		{"under a second", func(e *settings.Email) { e.Timeout = time.Second - 1 }, "1 to 3600 seconds"},
		{"a second", func(e *settings.Email) { e.Timeout = time.Second }, ""},
		{"an hour", func(e *settings.Email) { e.Timeout = time.Hour }, ""},
		{"over an hour", func(e *settings.Email) { e.Timeout = time.Hour + time.Second }, "1 to 3600 seconds"},
		{"a part of a second", func(e *settings.Email) { e.Timeout = 1500 * time.Millisecond }, "1 to 3600 seconds"},
		{"a negative timeout", func(e *settings.Email) { e.Timeout = -time.Second }, "1 to 3600 seconds"},
	} {
		e := good()
		r.change(&e)
		err := e.Validate()
		switch {
		case r.want == "" && err != nil:
			t.Errorf("%s: %v", r.name, err)
		case r.want != "" && (!errors.Is(err, settings.ErrInvalid) || !strings.Contains(err.Error(), r.want)):
			t.Errorf("%s: %v, want %q", r.name, err, r.want)
		}
	}
}

func TestTheDefault(t *testing.T) {
	e := settings.Default()
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
	if e.Complete() || e.Port != 25 || e.Timeout != time.Minute {
		t.Errorf("%+v", e)
	}
}

func TestComplete(t *testing.T) {
	for name, change := range map[string]func(*settings.Email){
		"no server":      func(e *settings.Email) { e.Server = netip.Addr{} },
		"server 0.0.0.0": func(e *settings.Email) { e.Server = netip.IPv4Unspecified() },
		"no sender":      func(e *settings.Email) { e.Sender = mailaddr.Address{} },
	} {
		e := good()
		if !e.Complete() {
			t.Fatal("the seed's set-up isn't complete")
		}
		if change(&e); e.Complete() {
			t.Errorf("%s: complete", name)
		}
	}
}

func TestEqual(t *testing.T) {
	for name, change := range map[string]func(*settings.Email){
		"server": func(e *settings.Email) { e.Server = netip.IPv4Unspecified() }, "port": func(e *settings.Email) { e.Port++ },
		"name": func(e *settings.Email) { e.Name = "" }, "sender": func(e *settings.Email) { e.Sender = addr("x@acme.com") },
		"timeout": func(e *settings.Email) { e.Timeout++ }, "cc": func(e *settings.Email) { e.Cc = e.Cc[:1] },
		"cc's order": func(e *settings.Email) { e.Cc[0], e.Cc[1] = e.Cc[1], e.Cc[0] },
	} {
		e := good()
		if !e.Equal(good()) {
			t.Fatal("a set-up isn't itself")
		}
		if change(&e); e.Equal(good()) {
			t.Errorf("another %s makes no difference", name)
		}
	}
}

func command(fields ...any) backplane.Command {
	c := backplane.Command{Op: backplane.SetupEmail}
	for i := 0; i < len(fields); i += 2 {
		c.Fields = append(c.Fields, backplane.Field{ID: fields[i].(backplane.FieldID), Data: []byte(fields[i+1].(string))})
	}
	return c
}

var same = cmp.Comparer(func(a, b settings.Email) bool { return a.Equal(b) })

// TestApply puts each field in its place, and leaves the others alone.
func TestApply(t *testing.T) {
	for _, r := range []struct {
		id     backplane.FieldID
		text   string
		change func(*settings.Email)
	}{
		{backplane.FieldServer, "10.0.0.7", func(e *settings.Email) { e.Server = netip.MustParseAddr("10.0.0.7") }},
		{backplane.FieldServer, "0.0.0.0", func(e *settings.Email) { e.Server = netip.IPv4Unspecified() }},
		{backplane.FieldName, "Press 7", func(e *settings.Email) { e.Name = "Press 7" }},
		{backplane.FieldName, "F\xf6rderband \x80", func(e *settings.Email) { e.Name = "Förderband €" }},
		{backplane.FieldName, "a\x81b", func(e *settings.Email) { e.Name = "a\ufffdb" }}, // no character of Windows-1252
		{backplane.FieldName, "", func(e *settings.Email) { e.Name = "" }},
		{backplane.FieldSender, "press@example.com", func(e *settings.Email) { e.Sender = addr("press@example.com") }},
		{backplane.FieldPort, "2525", func(e *settings.Email) { e.Port = 2525 }},
		{backplane.FieldPort, "65535", func(e *settings.Email) { e.Port = 65535 }},
		{backplane.FieldTimeout, "1", func(e *settings.Email) { e.Timeout = time.Second }},
		{backplane.FieldTimeout, "3600", func(e *settings.Email) { e.Timeout = time.Hour }},
		{backplane.FieldCc, "a@example.com , b@example.com", func(e *settings.Email) {
			e.Cc = []mailaddr.Address{addr("a@example.com"), addr("b@example.com")}
		}},
		{backplane.FieldCc, "", func(e *settings.Email) { e.Cc = nil }},
	} {
		want := good()
		r.change(&want)
		got, err := good().Apply(command(r.id, r.text))
		if err != nil {
			t.Errorf("field %d, %q: %v", r.id, r.text, err)
		}
		if diff := cmp.Diff(want, got, same); diff != "" {
			t.Errorf("field %d, %q: %s", r.id, r.text, diff)
		}
	}
	if got, err := good().Apply(command()); err != nil || !got.Equal(good()) {
		t.Errorf("no field at all: %+v, %v", got, err)
	}
	got, err := good().Apply(command(backplane.FieldPort, "26", backplane.FieldTimeout, "5"))
	if err != nil || got.Port != 26 || got.Timeout != 5*time.Second || got.Name != good().Name {
		t.Errorf("two fields: %+v, %v", got, err)
	}
}

func TestApplyOfBadFieldsChangesNothing(t *testing.T) {
	for _, r := range []struct {
		id         backplane.FieldID
		text, want string
	}{
		{backplane.FieldServer, "", "not an address"},
		{backplane.FieldServer, "mail.example.com", "not an address"},
		{backplane.FieldServer, "192.168.0.256", "not an address"},
		{backplane.FieldServer, "192.168.000.001", "not an address"},
		{backplane.FieldServer, " 192.168.0.1", "not an address"},
		{backplane.FieldServer, "::1", "not an IPv4"},
		{backplane.FieldName, strings.Repeat("x", 65), "over 64 characters"},
		{backplane.FieldName, "a\r\nb", "line end"},
		{backplane.FieldSender, "", "sender: "},
		{backplane.FieldSender, "Machine <plc@example.com>", "sender: "},
		{backplane.FieldSender, "plc@example.com\r\nRCPT TO:<x@example.com>", "sender: "},
		{backplane.FieldSender, "bj\xc3\xb8rn@example.com", "ASCII"},
		{backplane.FieldPort, "", "not a port"},
		{backplane.FieldPort, "0", "1 to 65535"},
		{backplane.FieldPort, "65536", "not a port"},
		{backplane.FieldPort, "-1", "not a port"},
		{backplane.FieldPort, "+25", "not a port"},
		{backplane.FieldPort, "0x19", "not a port"},
		{backplane.FieldTimeout, "0", "1 to 3600"},
		{backplane.FieldTimeout, "3601", "1 to 3600"},
		{backplane.FieldTimeout, "99999", "not a number of seconds"},
		{backplane.FieldTimeout, "90s", "not a number of seconds"},
		{backplane.FieldCc, "a@example.com,", "cc: "},
		{backplane.FieldCc, "a@example.com;b@example.com", "cc: "},
		{backplane.FieldTo, "a@example.com", "not part of it"},
		{backplane.FieldBody, "", "not part of it"},
		{backplane.FieldID(0), "", "not part of it"},
	} {
		e := good()
		got, err := e.Apply(command(backplane.FieldCc, "first@example.com", r.id, r.text))
		if !errors.Is(err, settings.ErrInvalid) || !strings.Contains(err.Error(), r.want) {
			t.Errorf("field %d, %q: %v, want %q", r.id, r.text, err, r.want)
		}
		if !got.Equal(settings.Email{}) || !e.Equal(good()) {
			t.Errorf("field %d, %q: %+v came back, the old one is %+v", r.id, r.text, got, e)
		}
	}
}

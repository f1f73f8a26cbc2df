package pages_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/ecom/pages"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// TestTheMainPageOfTheSource has every row of the screenshot in seeds/000 section
// 6, word for word.
func TestTheMainPageOfTheSource(t *testing.T) {
	email, setup := blank()
	b := newBench(t, email, setup, nil)
	a := b.get("/")
	a.shows(t, http.StatusOK,
		"H2-ECOM100 - Rungmail",
		"compatible module by Rungmail",
		"Module ID: 128 (0x80) Set By Dip Switches",
		"Module Name: Barry",
		"Module Description: Rutles Drummer",
		"Ethernet Address: 00 E0 62 20 41 86",
		"IP Setup: Address: 192.168.12.86 Subnet: 255.255.0.0 Gateway: 192.168.0.1",
		"Booter Version: 4.0.165",
		"OS Version: 4.0.1031",
		"EMail Setup: Server Address: 0.0.0.0 Sender Name: -- undefined -- Sender Address: -- undefined -- Cc: -- undefined -- Port: 25 Timeout: 60 seconds",
		"Peer to Peer: [1-7] [8-15] [16-23] [24-31] [32-39] [40-47] [48-55] [56-63] [64-71] [72-79] [80-87]",
		"CPU Rev: 1.0.1",
		"PWB/PLD Rev: 2A / 1A",
		"Firmware Updates: Hosteng.com",
		"!Time Zone Offset", "!differ",
	)
	a.has(t, `lang="en"`, `name="viewport"`, `rel="noreferrer"`, `<a href="/setupid.html">`, `<a href="/setupsmtp.html#email-server">0.0.0.0</a>`, `<a href="/peers.html?from=80">`)
}

func TestTheMainPageByIdentity(t *testing.T) {
	for _, r := range []struct {
		name     string
		identity pages.Identity
		set      uint32
		want     []string
	}{
		{"an ID by software", pages.Identity{Type: "H0-ECOM100", Firmware: "4.0.2148", DIP: 1 << 7}, 5, []string{"Module ID: 5 (0x05) Set By Software", "H0-ECOM100 - Rungmail"}},
		{"switches come first", pages.Identity{Type: "H0-ECOM100", Firmware: "4.0.2148", DIP: 1<<7 | 3}, 5, []string{"3 (0x03) Set By Dip Switches"}},
		{"with a time zone", pages.Identity{Type: "H0-ECOM100", Firmware: "4.0.2128"}, 0, []string{"Time Zone Offset: -- undefined --"}},
		{"before the time zone", pages.Identity{Type: "H0-ECOM100", Firmware: "4.0.2127"}, 0, []string{"!Time Zone", "EMail Setup:"}},
		{"before e-mail", pages.Identity{Type: "H2-ECOM100", Firmware: "4.0.1030"}, 0, []string{"!EMail", "!Test mail"}},
		{"another booter", pages.Identity{Type: "H2-ECOM100", Firmware: "4.0.1031", Booter: "5.0.54"}, 0, []string{"Booter Version: 5.0.54"}},
	} {
		t.Run(r.name, func(t *testing.T) {
			email, setup := blank()
			setup.ID = r.set
			b := newBench(t, email, setup, func(c *pages.Config) { c.Identity = r.identity })
			b.get("/").shows(t, http.StatusOK, r.want...)
		})
	}
}

func TestFirmwareBeforeEMailHasNoneOfItsPages(t *testing.T) {
	email, setup := blank()
	b := newBench(t, email, setup, func(c *pages.Config) { c.Identity.Firmware = "4.0.1030" })
	for _, page := range []string{"/setupsmtp.html", "/usenow.html", "/testmail.html"} {
		b.get(page).shows(t, http.StatusNotFound, "There is no such page")
		b.post(page).shows(t, http.StatusNotFound)
	}
}

// TestEveryPageInEveryState: each is one whole page, small, with a label for every
// input, and nothing on it runs or is fetched from elsewhere.
func TestEveryPageInEveryState(t *testing.T) {
	email, setup := ready()
	for range settings.MaxCc - len(email.Cc) {
		email.Cc = append(email.Cc, addr("a.rather.long.name.of.somebody@maintenance.example.com"))
	}
	for _, lock := range []bool{false, true} {
		b := newBench(t, email, setup, func(c *pages.Config) {
			c.MayWrite = func(netip.Addr) bool { return !lock }
			c.Identity.Firmware, c.Password = "4.0.2148", right("secret")
		})
		for _, page := range []string{"/", "/setupsmtp.html", "/testmail.html", "/setupid.html", "/setupname.html", "/setupdescription.html", "/setupip.html", "/peers.html?from=1", "/peers.html?from=80", "/nowhere"} {
			a := b.get(page)
			if len(a.body) > 30<<10 {
				t.Errorf("%s has %d bytes", page, len(a.body))
			}
			a.has(t, `<main id="content" tabindex="-1">`, "<h1>", "</html>", `aria-label="Pages"`)
			for _, bad := range []string{"<script", " style=", " onclick", "javascript:", "<img"} {
				if strings.Contains(a.body, bad) {
					t.Errorf("%s has %q", page, bad)
				}
			}
			wholeForms(t, page, a.body)
			if lock && strings.Contains(a.body, "<form") {
				a.shows(t, http.StatusOK, "write_allow in the plant file")
				for _, part := range strings.Split(a.body, "<button ")[1:] {
					if button, _, _ := strings.Cut(part, "</button>"); !strings.Contains(button, " disabled aria-describedby=") {
						t.Errorf("%s: a button is on: %s", page, button)
					}
				}
			}
		}
	}
}

// wholeForms reports inputs without a label, and ids that are there twice or not at
// all.
func wholeForms(t *testing.T, page, body string) {
	t.Helper()
	ids := map[string]int{}
	for _, part := range strings.Split(body, ` id="`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		ids[id]++
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: the id %q is there %d times", page, id, n)
		}
	}
	for _, tag := range []string{"<input ", "<textarea ", "<select "} {
		for _, part := range strings.Split(body, tag)[1:] {
			if strings.HasPrefix(part, `type="hidden"`) {
				continue
			}
			_, rest, _ := strings.Cut(part, `id="`)
			id, _, _ := strings.Cut(rest, `"`)
			if !strings.Contains(body, `<label for="`+id+`"`) {
				t.Errorf("%s: %q has no label", page, id)
			}
		}
	}
	for _, part := range strings.Split(body, `aria-describedby="`)[1:] {
		list, _, _ := strings.Cut(part, `"`)
		for _, id := range strings.Fields(list) {
			if ids[id] != 1 {
				t.Errorf("%s: %q describes a field and isn't there", page, id)
			}
		}
	}
}

func TestWhatAnybodyWroteIsInert(t *testing.T) {
	const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>'`
	email, setup := ready()
	setup.Name, setup.Description, email.Name = hostile, hostile, hostile
	email.Cc = []mailaddr.Address{addr(`"><script>alert(3)</script>"@example.com`)}
	b := newBench(t, email, setup, func(c *pages.Config) { c.Identity.Type = hostile; c.Identity.Firmware = "4.0.2148" })
	for _, page := range []string{"/", "/setupsmtp.html", "/setupname.html", "/setupdescription.html", "/testmail.html", "/x" + "?note=<script>"} {
		body := b.get(page).body
		for _, bad := range []string{"<script", "<img"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s has %q: %s", page, bad, body)
			}
		}
	}
	a := b.post("/setupsmtp.html", "server", hostile, "sender", hostile, "cc", hostile, "port", hostile, "timeout", hostile, "zone", hostile)
	if a.Code != http.StatusUnprocessableEntity || strings.Contains(a.body, "<script") {
		t.Errorf("%d: %s", a.Code, a.body)
	}
}

// TestTheMainPageWarnsOfAnUnsetEMailSetup, which the source outlines in red.
func TestTheMainPageWarnsOfAnUnsetEMailSetup(t *testing.T) {
	email, setup := blank()
	b := newBench(t, email, setup, nil)
	const warning = "Warning. Missing from the values in use: a server address, a sender address."
	b.get("/").shows(t, http.StatusOK, warning)
	b = newBench(t, email, setup, func(c *pages.Config) { c.Identity.Firmware = "4.0.1030" }) // has no e-mail
	b.get("/").shows(t, http.StatusOK, "!Missing")
	email, setup = ready()
	newBench(t, email, setup, nil).get("/").shows(t, http.StatusOK, "!Warning")
}

func TestEveryPageSaysWhichModuleItIs(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	for page, title := range map[string]string{"/": "", "/setupsmtp.html": "EMail Setup - ", "/peers.html": "Peer to Peer 1-7 - ", "/nowhere": "Error: There is no such page - "} {
		b.get(page).has(t, "<title>"+title+"Barry, 192.168.12.86 - H2-ECOM100 - Rungmail</title>", "<strong>Barry, 192.168.12.86</strong>")
	}
	setup.Name = strings.Repeat("\u00e9", 41)
	newBench(t, email, setup, nil).get("/").has(t, "<strong>"+strings.Repeat("\u00e9", 40)+"..., 192.168.12.86</strong>")
	setup.Name = ""
	newBench(t, email, setup, nil).get("/").has(t, "<strong>192.168.12.86</strong>")
}

func TestTitlesOfRefusedPagesBeginWithError(t *testing.T) {
	email, setup := ready()
	b := newBench(t, email, setup, nil)
	for _, a := range []answer{b.get("/nowhere"), b.post("/setupname.html", "name", "a\nb"), b.post("/testmail.html", "to", "x"), b.post("/")} {
		a.has(t, "<title>Error: ")
	}
	b.get("/setupname.html").has(t, "<title>Module Name - ")
}

func TestASkipLinkComesFirst(t *testing.T) {
	email, setup := ready()
	a := newBench(t, email, setup, nil).get("/")
	skip := strings.Index(a.body, `<a class="skip" href="#content">`)
	if skip < 0 || skip > strings.Index(a.body, "<nav") || !strings.Contains(a.body, `<main id="content"`) {
		t.Errorf("no skip link before the navigation: %s", a.body)
	}
}

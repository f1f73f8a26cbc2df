package plant

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Gateway is the mail gateway.
type Gateway struct {
	Hostname       string        // its own name, in greetings and Received lines; empty for the computer's
	VerdictWait    time.Duration // how long a device may be kept waiting for the upstream's verdict; 0 for not at all
	Operator       string        // who hears of failed mail; empty for nobody
	Expire         time.Duration // how long delivery is tried
	Keep           time.Duration // how long records are kept
	KeepFailed     time.Duration // how long the content of what failed is kept
	MaxSize        int           // of a message, in bytes
	MaxConnections int
	PerAddress     int    // connections at once
	AlarmFile      string // alarms are appended to it, a line each; empty for none
	Webhook        string // alarms are posted to it as JSON; empty for none
	Metrics        string // address of metrics and health; empty for none
	Listeners      []Listener
	Devices        []Device
	Upstreams      []Upstream
	Routes         []Route
}

// Listener is where devices connect.
type Listener struct {
	Address   netip.AddrPort
	TLS       string // off, starttls or implicit
	Cert, Key string // PEM files
}

// Device is one device that may send.
type Device struct {
	Name, Title, Owner, Place string
	Addresses                 []netip.Prefix
	From                      string   // what envelope and header say instead of what it says
	MayBe, MayTo              []string // patterns of addresses
	PerMinute                 int      // messages, 0 for no limit
	MaxSize                   int      // bytes, 0 for the gateway's
	MaxRecipients             int      // 0 for the gateway's
	User, PasswordFile        string
	OldTLS                    bool
	Quirks                    []string
	VerdictWait               *time.Duration // nil for the gateway's
	Route                     string
}

// Upstream is a server that takes the gateway's mail.
type Upstream struct {
	Name, Host            string
	Port                  int
	TLS, Login            string
	User, PasswordFile    string
	CAFile                string
	ClientCert, ClientKey string
	Pin                   string
	Connections           int
	PerMinute             int // messages, 0 for no limit
	TokenURL, DeviceURL   string
	ClientID, Scope       string
	ClientSecretFile      string
	RefreshTokenFile      string
}

// Route says by which upstreams mail goes.
type Route struct {
	Name                string
	Devices             []string
	Senders, Recipients []string
	Upstreams           []string
	Hold                bool
}

func quirkNames() []string {
	return []string{"bare-lf", "any-helo", "no-brackets", "eight-bit", "no-quit"}
}

func defaultGateway() Gateway {
	return Gateway{
		VerdictWait: 10 * time.Second, Expire: 5 * 24 * time.Hour, Keep: 90 * 24 * time.Hour, KeepFailed: 14 * 24 * time.Hour,
		MaxSize: 25 << 20, MaxConnections: 200, PerAddress: 20,
	}
}

func gatewayFields() []field[Gateway] {
	day := 24 * time.Hour
	lifetimes := span{time.Minute, 365 * day, `"1m" to "8760h"`, "120h"}
	return []field[Gateway]{
		{name: "hostname", read: func(d *decoder, g *Gateway, e entry) { g.Hostname = d.hostname(e) }},
		{name: "verdict_wait", read: func(d *decoder, g *Gateway, e entry) { g.VerdictWait, _ = d.duration(e, verdictSpan()) }},
		{name: "operator", read: func(d *decoder, g *Gateway, e entry) { g.Operator, _ = d.address(e) }},
		{name: "expire", read: func(d *decoder, g *Gateway, e entry) { g.Expire, _ = d.duration(e, lifetimes) }},
		{name: "keep", read: func(d *decoder, g *Gateway, e entry) { g.Keep, _ = d.duration(e, lifetimes) }},
		{name: "keep_failed", read: func(d *decoder, g *Gateway, e entry) { g.KeepFailed, _ = d.duration(e, lifetimes) }},
		{name: "max_size", read: func(d *decoder, g *Gateway, e entry) { g.MaxSize, _ = d.integer(e, 1<<10, 1<<30) }},
		{name: "max_connections", read: func(d *decoder, g *Gateway, e entry) { g.MaxConnections, _ = d.integer(e, 1, 10000) }},
		{name: "per_address", read: func(d *decoder, g *Gateway, e entry) { g.PerAddress, _ = d.integer(e, 1, 10000) }},
		{name: "alarm_file", read: func(d *decoder, g *Gateway, e entry) { g.AlarmFile, _ = d.filePath(e) }},
		{name: "webhook", read: func(d *decoder, g *Gateway, e entry) { g.Webhook = d.url(e) }},
		{name: "metrics", read: func(d *decoder, g *Gateway, e entry) {
			if a, ok := d.addrPort(e); ok {
				g.Metrics = a.String()
			}
		}},
		{name: "listener", read: readListeners},
		{name: "device", read: readDevices},
		{name: "upstream", read: readUpstreams},
		{name: "route", read: readRoutes},
	}
}

func verdictSpan() span { return span{0, 5 * time.Minute, `"0s" to "5m"`, "10s"} }

func readMailGateway(d *decoder, f *File, e entry) {
	if e.value.kind != kindTable {
		d.wrongType(e, "one table under a header [gateway]")
		return
	}
	g := defaultGateway()
	walk(d, gatewayFields(), e.value, &g)
	d.judgeGateway(&g, e.value)
	f.Gateway = &g
}

func listenerFields() []field[Listener] {
	return []field[Listener]{
		{name: "address", read: func(d *decoder, l *Listener, e entry) { l.Address, _ = d.addrPort(e) }},
		{name: "tls", read: func(d *decoder, l *Listener, e entry) { l.TLS, _ = d.oneOf(e, []string{"off", "starttls", "implicit"}) }},
		{name: "cert", read: func(d *decoder, l *Listener, e entry) { l.Cert, _ = d.filePath(e) }},
		{name: "key", read: func(d *decoder, l *Listener, e entry) { l.Key, _ = d.filePath(e) }},
	}
}

func readListeners(d *decoder, g *Gateway, e entry) {
	seen := map[netip.AddrPort]int{}
	for _, table := range d.tables(e, "[[gateway.listener]]") {
		l := Listener{TLS: "off"}
		walk(d, listenerFields(), table, &l)
		d.require(table, "[[gateway.listener]]", "address", `an address and port such as "192.168.12.1:25"`)
		if (l.Cert == "" || l.Key == "") && l.TLS != "off" && l.TLS != "" {
			d.fail(table.at, "[[gateway.listener]] with tls = %q needs cert and key", l.TLS)
		}
		if line, taken := seen[l.Address]; taken && l.Address.IsValid() && l.Address.Port() != 0 {
			d.fail(table.at, "address: %s is the listener's of line %d already", l.Address, line)
		}
		seen[l.Address] = table.at.line
		g.Listeners = append(g.Listeners, l)
	}
}

func deviceFields() []field[Device] {
	return []field[Device]{
		{name: "name", read: func(d *decoder, v *Device, e entry) { v.Name = d.label(e) }},
		{name: "title", read: func(d *decoder, v *Device, e entry) { v.Title, _ = d.printable(e, 255) }},
		{name: "owner", read: func(d *decoder, v *Device, e entry) { v.Owner, _ = d.printable(e, 255) }},
		{name: "place", read: func(d *decoder, v *Device, e entry) { v.Place, _ = d.printable(e, 255) }},
		{name: "addresses", read: func(d *decoder, v *Device, e entry) { v.Addresses = d.prefixes(e) }},
		{name: "from", read: func(d *decoder, v *Device, e entry) { v.From, _ = d.address(e) }},
		{name: "may_be", read: func(d *decoder, v *Device, e entry) { v.MayBe = d.patterns(e) }},
		{name: "may_to", read: func(d *decoder, v *Device, e entry) { v.MayTo = d.patterns(e) }},
		{name: "per_minute", read: func(d *decoder, v *Device, e entry) { v.PerMinute, _ = d.integer(e, 1, 60000) }},
		{name: "max_size", read: func(d *decoder, v *Device, e entry) { v.MaxSize, _ = d.integer(e, 1<<10, 1<<30) }},
		{name: "max_recipients", read: func(d *decoder, v *Device, e entry) { v.MaxRecipients, _ = d.integer(e, 1, 1000) }},
		{name: "user", read: func(d *decoder, v *Device, e entry) { v.User, _ = d.printable(e, 255) }},
		{name: "password_file", read: func(d *decoder, v *Device, e entry) { v.PasswordFile = d.secretPath(e) }},
		{name: "old_tls", read: func(d *decoder, v *Device, e entry) { v.OldTLS = d.truth(e) }},
		{name: "quirks", read: readQuirks},
		{name: "verdict_wait", read: func(d *decoder, v *Device, e entry) {
			if wait, ok := d.duration(e, verdictSpan()); ok {
				v.VerdictWait = &wait
			}
		}},
		{name: "route", read: func(d *decoder, v *Device, e entry) { v.Route = d.label(e) }},
	}
}

func readQuirks(d *decoder, v *Device, e entry) {
	v.Quirks = d.texts(e, func(item entry) (string, bool) { return d.oneOf(item, quirkNames()) })
}

func readDevices(d *decoder, g *Gateway, e entry) {
	for _, table := range d.tables(e, "[[gateway.device]]") {
		var v Device
		walk(d, deviceFields(), table, &v)
		d.require(table, "[[gateway.device]]", "name", `a name such as "line-4-plc"`)
		d.require(table, "[[gateway.device]]", "addresses", `where it sends from, such as ["192.168.12.86"]`)
		if table.get("addresses") != nil && len(v.Addresses) == 0 {
			d.fail(table.get("addresses").at, "addresses: a device without an address can't send: give it one")
		}
		if (v.User == "") != (v.PasswordFile == "") {
			d.fail(table.at, "user and password_file belong together: give both, or neither")
		}
		d.unique(table, v.Name, "device", namesOf(g.Devices, func(o Device) string { return o.Name }))
		g.Devices = append(g.Devices, v)
	}
}

func upstreamFields() []field[Upstream] {
	return []field[Upstream]{
		{name: "name", read: func(d *decoder, u *Upstream, e entry) { u.Name = d.label(e) }},
		{name: "host", read: func(d *decoder, u *Upstream, e entry) { u.Host = d.hostname(e) }},
		{name: "port", read: func(d *decoder, u *Upstream, e entry) { u.Port, _ = d.integer(e, 1, 65535) }},
		{name: "tls", read: func(d *decoder, u *Upstream, e entry) {
			u.TLS, _ = d.oneOf(e, []string{"starttls", "implicit", "plain"})
		}},
		{name: "login", read: func(d *decoder, u *Upstream, e entry) {
			u.Login, _ = d.oneOf(e, []string{"none", "plain", "login", "cram-md5", "xoauth2"})
		}},
		{name: "user", read: func(d *decoder, u *Upstream, e entry) { u.User, _ = d.printable(e, 255) }},
		{name: "password_file", read: func(d *decoder, u *Upstream, e entry) { u.PasswordFile = d.secretPath(e) }},
		{name: "ca_file", read: func(d *decoder, u *Upstream, e entry) { u.CAFile, _ = d.filePath(e) }},
		{name: "client_cert", read: func(d *decoder, u *Upstream, e entry) { u.ClientCert, _ = d.filePath(e) }},
		{name: "client_key", read: func(d *decoder, u *Upstream, e entry) { u.ClientKey, _ = d.filePath(e) }},
		{name: "pin", read: func(d *decoder, u *Upstream, e entry) { u.Pin = d.pin(e) }},
		{name: "connections", read: func(d *decoder, u *Upstream, e entry) { u.Connections, _ = d.integer(e, 1, 100) }},
		{name: "per_minute", read: func(d *decoder, u *Upstream, e entry) { u.PerMinute, _ = d.integer(e, 1, 60000) }},
		{name: "token_url", read: func(d *decoder, u *Upstream, e entry) { u.TokenURL = d.url(e) }},
		{name: "device_url", read: func(d *decoder, u *Upstream, e entry) { u.DeviceURL = d.url(e) }},
		{name: "client_id", read: func(d *decoder, u *Upstream, e entry) { u.ClientID, _ = d.printable(e, 255) }},
		{name: "scope", read: func(d *decoder, u *Upstream, e entry) { u.Scope, _ = d.printable(e, 1024) }},
		{name: "client_secret_file", read: func(d *decoder, u *Upstream, e entry) { u.ClientSecretFile = d.secretPath(e) }},
		{name: "refresh_token_file", read: func(d *decoder, u *Upstream, e entry) { u.RefreshTokenFile, _ = d.filePath(e) }},
	}
}

func readUpstreams(d *decoder, g *Gateway, e entry) {
	for _, table := range d.tables(e, "[[gateway.upstream]]") {
		u := Upstream{TLS: "starttls", Login: "none", Connections: 3}
		walk(d, upstreamFields(), table, &u)
		d.require(table, "[[gateway.upstream]]", "name", `a name such as "office"`)
		d.require(table, "[[gateway.upstream]]", "host", `a host such as "smtp.example.com"`)
		if u.Port == 0 {
			u.Port = map[string]int{"implicit": 465, "plain": 25}[u.TLS]
			if u.Port == 0 {
				u.Port = 587
			}
		}
		d.judgeUpstream(u, table)
		d.unique(table, u.Name, "upstream", namesOf(g.Upstreams, func(o Upstream) string { return o.Name }))
		g.Upstreams = append(g.Upstreams, u)
	}
}

// judgeUpstream holds an upstream's keys against each other.
func (d *decoder) judgeUpstream(u Upstream, table *node) {
	need := func(key, why string) {
		if table.get(key) == nil {
			d.fail(table.at, "[[gateway.upstream]] has no %s: %s", key, why)
		}
	}
	switch u.Login {
	case "plain", "login", "cram-md5":
		need("user", "login = \""+u.Login+"\" needs one")
		need("password_file", "login = \""+u.Login+"\" needs one")
	case "xoauth2":
		need("user", "the mailbox that the token is for")
		need("token_url", "where tokens come from")
		need("client_id", "the application's id at the provider")
		if u.ClientSecretFile == "" && u.RefreshTokenFile == "" {
			d.fail(table.at, "[[gateway.upstream]] with xoauth2 needs client_secret_file, or refresh_token_file and rungmail login %s", u.Name)
		}
	}
	if (u.ClientCert == "") != (u.ClientKey == "") {
		d.fail(table.at, "client_cert and client_key belong together: give both, or neither")
	}
	if u.TLS == "plain" && (u.CAFile != "" || u.Pin != "" || u.ClientCert != "") {
		d.fail(table.at, "ca_file, pin and client_cert are for TLS, and tls is \"plain\": take them out, or secure the connection")
	}
}

func routeFields() []field[Route] {
	return []field[Route]{
		{name: "name", read: func(d *decoder, r *Route, e entry) { r.Name = d.label(e) }},
		{name: "devices", read: func(d *decoder, r *Route, e entry) { r.Devices = d.labels(e) }},
		{name: "senders", read: func(d *decoder, r *Route, e entry) { r.Senders = d.patterns(e) }},
		{name: "recipients", read: func(d *decoder, r *Route, e entry) { r.Recipients = d.patterns(e) }},
		{name: "upstreams", read: func(d *decoder, r *Route, e entry) { r.Upstreams = d.labels(e) }},
		{name: "hold", read: func(d *decoder, r *Route, e entry) { r.Hold = d.truth(e) }},
	}
}

func readRoutes(d *decoder, g *Gateway, e entry) {
	for _, table := range d.tables(e, "[[gateway.route]]") {
		var r Route
		walk(d, routeFields(), table, &r)
		d.require(table, "[[gateway.route]]", "name", `a name such as "office"`)
		d.require(table, "[[gateway.route]]", "upstreams", `names of upstreams, such as ["office"]`)
		d.unique(table, r.Name, "route", namesOf(g.Routes, func(o Route) string { return o.Name }))
		g.Routes = append(g.Routes, r)
	}
}

// namesOf is the names of a list.
func namesOf[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = name(one)
	}
	return out
}

// unique refuses a name that stands twice.
func (d *decoder) unique(table *node, name, what string, before []string) {
	if name != "" && slices.Contains(before, name) {
		d.fail(table.get("name").at, "name: %s %q stands twice: give each its own name", what, name)
	}
}

// judgeGateway holds names against what they name.
func (d *decoder) judgeGateway(g *Gateway, table *node) {
	if len(g.Listeners) == 0 {
		d.fail(table.at, `[gateway] has no [[gateway.listener]]: say where devices connect, such as address = "127.0.0.1:2525"`)
	}
	if len(g.Upstreams) == 0 {
		d.fail(table.at, "[gateway] has no [[gateway.upstream]]: say where mail goes")
	}
	upstreams := namesOf(g.Upstreams, func(u Upstream) string { return u.Name })
	devices := namesOf(g.Devices, func(v Device) string { return v.Name })
	if len(g.Routes) == 0 {
		g.Routes = []Route{{Name: "all", Upstreams: upstreams}}
	}
	routes := namesOf(g.Routes, func(r Route) string { return r.Name })
	d.known(table, "route", "upstreams", upstreams)
	d.known(table, "route", "devices", devices)
	d.known(table, "device", "route", routes)
}

// known refuses names in the tables of a list that nothing has.
func (d *decoder) known(table *node, list, key string, names []string) {
	tables := table.get(list)
	if tables == nil {
		return
	}
	for _, one := range tables.items {
		v := one.get(key)
		if v == nil {
			continue
		}
		values := v.items
		if v.kind == kindString {
			values = []*node{v}
		}
		for _, item := range values {
			if item.kind == kindString && !slices.Contains(names, item.text) {
				d.fail(item.at, "%s: nothing is named %s: want one of %s", key, quote(item.text), strings.Join(names, ", "))
			}
		}
	}
}

// label reads a name that becomes a path or a metric's label.
func (d *decoder) label(e entry) string {
	s, ok := d.text(e, `a name in quotes, such as "line-4"`)
	if ok && !regexp.MustCompile(`^[a-z0-9-]{1,32}$`).MatchString(s) {
		d.fail(e.value.at, "%s: %s isn't a name: use 1 to 32 of a-z, 0-9 and hyphen", e.name, quote(s))
		return ""
	}
	return s
}

package plant

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Change is one difference between the running plant file and a new one.
type Change struct {
	Path    string // "rack line-4: module slot 1: ip"
	Old     string // empty for what is added
	New     string // empty for what is removed
	Restart bool   // a reload can't take it live
}

// Diff lists what differs from before to after: the state folder first, then
// racks and modules in the order of before, then those added in the order of
// after. A reload can take a rack's program and scan live; all else needs a
// restart. Racks are matched by name and modules by slot, so their order is no
// change.
func Diff(before, after *File) []Change {
	var c changes
	c.compare("state", before.State, after.State)
	for i := range before.Racks {
		r := &before.Racks[i]
		path := "rack " + r.Name
		j := slices.IndexFunc(after.Racks, func(n Rack) bool { return n.Name == r.Name })
		if j < 0 {
			c.compare(path, r.summary(), "")
			continue
		}
		c.rack(path, r, &after.Racks[j])
	}
	for i := range after.Racks {
		r := &after.Racks[i]
		if !slices.ContainsFunc(before.Racks, func(o Rack) bool { return o.Name == r.Name }) {
			c.compare("rack "+r.Name, "", r.summary())
		}
	}
	c.gateway(before.Gateway, after.Gateway)
	return c
}

// changes collects differences.
type changes []Change

// compare adds a change that needs a restart, if there is one.
func (c *changes) compare(path, before, after string) {
	if before != after {
		*c = append(*c, Change{Path: path, Old: before, New: after, Restart: true})
	}
}

// live adds a change that a reload can take, if there is one.
func (c *changes) live(path, before, after string) {
	if before != after {
		*c = append(*c, Change{Path: path, Old: before, New: after})
	}
}

func (c *changes) rack(path string, before, after *Rack) {
	c.compare(path+": title", before.Title, after.Title)
	c.compare(path+": cpu", before.CPU, after.CPU)
	c.compare(path+": firmware", before.Firmware, after.Firmware)
	program, scan := c.live, c.live
	if before.CPU != after.CPU { // another controller, and with it all that it runs
		program, scan = c.compare, c.compare
	} else if after.Program == "" {
		program = c.compare // a running program ends with the service
	}
	program(path+": program", before.Program, after.Program)
	scan(path+": scan", before.Scan.String(), after.Scan.String())
	c.compare(path+": number_width", strconv.Itoa(before.NumberWidth), strconv.Itoa(after.NumberWidth))
	c.compare(path+": password_file", before.PasswordFile, after.PasswordFile)
	for _, m := range before.Modules {
		slot := path + ": module slot " + strconv.Itoa(m.Slot)
		i := slices.IndexFunc(after.Modules, func(n Module) bool { return n.Slot == m.Slot })
		if i < 0 {
			c.compare(slot, m.Type, "")
			continue
		}
		c.module(slot, m, after.Modules[i])
	}
	for _, m := range after.Modules {
		if !slices.ContainsFunc(before.Modules, func(o Module) bool { return o.Slot == m.Slot }) {
			c.compare(path+": module slot "+strconv.Itoa(m.Slot), "", m.Type)
		}
	}
}

func (c *changes) module(path string, before, after Module) {
	c.compare(path+": type", before.Type, after.Type)
	c.compare(path+": firmware", before.Firmware, after.Firmware)
	c.compare(path+": dip", fmt.Sprint(before.DIP), fmt.Sprint(after.DIP))
	c.compare(path+": bind", before.Bind.String(), after.Bind.String())
	c.compare(path+": name", before.Name, after.Name)
	c.compare(path+": description", before.Description, after.Description)
	c.compare(path+": mac", before.MAC.String(), after.MAC.String())
	c.compare(path+": ip", before.IP.String(), after.IP.String())
	c.compare(path+": subnet", before.Subnet.String(), after.Subnet.String())
	c.compare(path+": gateway", before.Gateway.String(), after.Gateway.String())
	c.servers(path, before.Servers, after.Servers)
	c.email(path+": email", before.Email, after.Email)
}

// servers are opened once, so all of it but who may ask needs a restart.
func (c *changes) servers(path string, before, after Servers) {
	c.compare(path+": servers", strings.Join(before.On, ", "), strings.Join(after.On, ", "))
	for _, name := range serverNames() {
		c.compare(path+": "+name, strconv.Itoa(before.Port(name)), strconv.Itoa(after.Port(name)))
	}
	c.compare(path+": trace_reply_port", strconv.Itoa(before.TraceReplyPort), strconv.Itoa(after.TraceReplyPort))
	c.live(path+": allow", fmt.Sprint(before.Allow), fmt.Sprint(after.Allow))
	c.live(path+": write_allow", fmt.Sprint(before.WriteAllow), fmt.Sprint(after.WriteAllow))
	c.compare(path+": hosts", strings.Join(before.Hosts, ", "), strings.Join(after.Hosts, ", "))
	c.compare(path+": password_file", before.PasswordFile, after.PasswordFile)
	c.compare(path+": cert", before.Cert, after.Cert)
	c.compare(path+": key", before.Key, after.Key)
}

// email needs a restart, and even then counts only while there is no ROM file.
func (c *changes) email(path string, before, after Email) {
	c.compare(path+" server", before.Server.String(), after.Server.String())
	c.compare(path+" port", strconv.Itoa(before.Port), strconv.Itoa(after.Port))
	c.compare(path+" sender_name", before.SenderName, after.SenderName)
	c.compare(path+" sender_address", before.SenderAddress, after.SenderAddress)
	c.compare(path+" cc", strings.Join(before.Cc, ", "), strings.Join(after.Cc, ", "))
	c.compare(path+" timeout", before.Timeout.String(), after.Timeout.String())
}

// summary says in few words what a rack is.
func (r *Rack) summary() string {
	switch len(r.Modules) {
	case 0:
		return r.CPU + " without modules"
	case 1:
		return r.CPU + " with 1 module"
	default:
		return fmt.Sprintf("%s with %d modules", r.CPU, len(r.Modules))
	}
}

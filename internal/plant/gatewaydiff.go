package plant

import (
	"fmt"
	"slices"
)

// gateway lists what differs in the gateway. Its devices are taken live; all else
// needs a restart.
func (c *changes) gateway(before, after *Gateway) {
	switch {
	case before == nil && after == nil:
		return
	case before == nil:
		c.compare("gateway", "", "a gateway")
		return
	case after == nil:
		c.compare("gateway", "a gateway", "")
		return
	}
	a, b := *before, *after
	a.Devices, b.Devices = nil, nil
	a.Listeners, b.Listeners, a.Upstreams, b.Upstreams, a.Routes, b.Routes = nil, nil, nil, nil, nil, nil
	c.compare("gateway: its own keys", fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b))
	c.compare("gateway: listeners", fmt.Sprintf("%+v", before.Listeners), fmt.Sprintf("%+v", after.Listeners))
	named(before.Devices, after.Devices, func(d Device) string { return d.Name }, deviceText, c.live, "gateway: device ")
	named(before.Upstreams, after.Upstreams, func(u Upstream) string { return u.Name }, text[Upstream], c.compare, "gateway: upstream ")
	named(before.Routes, after.Routes, func(r Route) string { return r.Name }, text[Route], c.compare, "gateway: route ")
	if namesDiffer(before, after) {
		c.compare("gateway: order of routes", fmt.Sprint(routeNames(before)), fmt.Sprint(routeNames(after)))
	}
}

func routeNames(g *Gateway) []string {
	return namesOf(g.Routes, func(r Route) string { return r.Name })
}

// namesDiffer tells whether the same routes stand in another order.
func namesDiffer(a, b *Gateway) bool {
	x, y := routeNames(a), routeNames(b)
	if slices.Equal(x, y) {
		return false
	}
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

func text[T any](one T) string { return fmt.Sprintf("%+v", one) }

// deviceText is a device in words; its own wait for a verdict is a pointer.
func deviceText(d Device) string {
	wait := "the gateway's"
	if d.VerdictWait != nil {
		wait = d.VerdictWait.String()
	}
	d.VerdictWait = nil
	return fmt.Sprintf("%+v, verdict_wait %s", d, wait)
}

// named compares two lists by their names.
func named[T any](before, after []T, name func(T) string, say func(T) string, differ func(path, before, after string), path string) {
	for _, old := range before {
		i := slices.IndexFunc(after, func(one T) bool { return name(one) == name(old) })
		if i < 0 {
			differ(path+name(old), say(old), "")
			continue
		}
		differ(path+name(old), say(old), say(after[i]))
	}
	for _, one := range after {
		if !slices.ContainsFunc(before, func(old T) bool { return name(old) == name(one) }) {
			differ(path+name(one), "", say(one))
		}
	}
}

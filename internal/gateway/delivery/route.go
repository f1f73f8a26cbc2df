package delivery

import (
	"slices"

	"github.com/rungmail/rungmail/internal/gateway/device"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

// Route says by which upstreams mail goes. A rule that is empty fits everything.
type Route struct {
	Name       string
	Devices    []string         // names of devices
	Senders    []device.Pattern // of the envelope
	Recipients []device.Pattern
	Upstreams  []string // in the order in which they are tried
	Hold       bool     // nothing goes until a reload says otherwise
}

// Fits tells whether a route is meant for a recipient of a message.
func (r *Route) Fits(m *outbox.Record, to mailaddr.Address) bool {
	return (len(r.Devices) == 0 || slices.Contains(r.Devices, m.Device)) &&
		(len(r.Senders) == 0 || fitsAny(r.Senders, m.From)) &&
		(len(r.Recipients) == 0 || fitsAny(r.Recipients, to))
}

func fitsAny(patterns []device.Pattern, a mailaddr.Address) bool {
	return slices.ContainsFunc(patterns, func(p device.Pattern) bool { return p.Matches(a) })
}

// route is the first route that fits; nil where none does.
func route(routes []Route, m *outbox.Record, to mailaddr.Address) *Route {
	for i := range routes {
		if routes[i].Fits(m, to) {
			return &routes[i]
		}
	}
	return nil
}

// leg is the recipients of a message that go by one route.
type leg struct {
	route *Route
	to    []mailaddr.Address
}

// legs sorts the recipients that still wait by their routes; stranded are those that
// no route fits.
func (e *Engine) legs(m *outbox.Record) (list []leg, stranded []mailaddr.Address) {
	for i := range m.To {
		if m.To[i].Fate != outbox.Waiting {
			continue
		}
		to := m.To[i].Address
		route := route(e.config.Routes, m, to)
		if route == nil {
			stranded = append(stranded, to)
			continue
		}
		i := slices.IndexFunc(list, func(l leg) bool { return l.route.Name == route.Name })
		if i < 0 {
			i, list = len(list), append(list, leg{route: route})
		}
		list[i].to = append(list[i].to, to)
	}
	return list, stranded
}

package app

import (
	"time"

	"github.com/rungmail/rungmail/internal/ecom/module"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// Status is what a service says of itself. Its JSON only ever gains fields.
type Status struct {
	Version string         `json:"version"`
	Plant   string         `json:"plant"`
	Started time.Time      `json:"started"`
	Racks   []RackStatus   `json:"racks"`
	Gateway *GatewayStatus `json:"gateway"` // null where there is none
}

// RackStatus is one rack.
type RackStatus struct {
	Name     string         `json:"name"`
	Title    string         `json:"title"`
	CPU      string         `json:"cpu"`
	Mode     string         `json:"mode"`
	Program  string         `json:"program"`
	Scan     string         `json:"scan"`      // from one scan to the next
	Scans    uint64         `json:"scans"`     // since RUN
	LastMail *MailStatus    `json:"last_mail"` // null before the first
	Busy     bool           `json:"busy"`      // a box is at work: its Error Code is 1
	Modules  []ModuleStatus `json:"modules"`
}

// MailStatus is how an ECEMAIL box ended.
type MailStatus struct {
	Line    int       `json:"line"`
	Code    int       `json:"code"`
	Meaning string    `json:"meaning"`
	Ended   time.Time `json:"ended"`
	Why     string    `json:"why"` // what the server or the network said; empty after a success
}

// ModuleStatus is one ECOM100.
type ModuleStatus struct {
	Slot     int      `json:"slot"`
	Type     string   `json:"type"`
	Firmware string   `json:"firmware"`
	Name     string   `json:"name"`
	IP       string   `json:"ip"`
	DIP7     bool     `json:"dip7"`
	Server   string   `json:"server"`
	Sender   string   `json:"sender_address"`
	Cc       []string `json:"cc"`
	Timeout  int      `json:"timeout_seconds"`
	Complete bool     `json:"complete"`    // mails can be sent with this set-up
	AsROM    bool     `json:"same_as_rom"` // the working copy is what ROM holds
	// Reachable tells that the module has an address and a mask: without, it never
	// connects.
	Reachable bool   `json:"reachable"`
	Sent      uint64 `json:"sent"`
	Failed    uint64 `json:"failed"`
	// Servers is where the module is met, by the names of its servers.
	Servers  map[string]string `json:"servers"`
	Blinking bool              `json:"blinking"` // somebody looks for it
	Viewers  int               `json:"viewers"`  // of its trace
}

// Status is the service as it is now.
func (a *App) Status() Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := Status{Version: a.options.Version, Plant: a.plant, Started: a.started.UTC(), Racks: []RackStatus{}}
	for _, r := range a.runners {
		s.Racks = append(s.Racks, r.status())
	}
	if a.gate != nil {
		s.Gateway = a.gate.status()
	}
	return s
}

func (r *runner) status() RackStatus {
	s := RackStatus{
		Name: r.plant.Name, Title: r.plant.Title, CPU: r.plant.CPU, Mode: string(r.rack.Mode()), Program: r.plant.Program, Scan: r.plant.Scan.String(),
		Scans: r.rack.Scans(), Busy: !r.rack.Idle(), Modules: []ModuleStatus{},
	}
	if o, ok := r.lastMail(); ok {
		s.LastMail = &MailStatus{Line: o.Line, Code: o.Code, Meaning: reply.Status(o.Code), Ended: o.Ended.UTC(), Why: r.why(o)}
	}
	for _, m := range r.plant.Modules {
		one := ModuleStatus{Slot: m.Slot, Type: m.Type, Firmware: m.Firmware, Name: m.Name, IP: m.IP.String(), DIP7: m.DIP7()}
		r.rack.Module(m.Slot, one.fill)
		for _, e := range r.ecoms {
			if e.plant.Slot == m.Slot {
				one.Servers = e.addresses
				one.Viewers = int(e.viewers.Load())
				one.Blinking = e.hap != nil && e.hap.Blinking(time.Now())
			}
		}
		s.Modules = append(s.Modules, one)
	}
	return s
}

// fill takes what the running module says.
func (s *ModuleStatus) fill(m *module.Module) {
	w := m.Working()
	s.Server, s.Sender, s.Timeout = w.Server.String()+":"+uitoa(w.Port), w.Sender.String(), int(w.Timeout.Seconds())
	s.Cc = texts(w.Cc)
	s.Complete = w.Complete()
	s.Reachable = m.Store().Setup().Reachable()
	s.AsROM = w.Equal(m.Store().Email())
	own := m.Store().Setup()
	s.Name, s.IP = own.Name, own.IP.String()
	s.Sent, s.Failed = m.Counts()
}

func texts(list []mailaddr.Address) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.String()
	}
	return out
}

package isa

import (
	"strings"

	"github.com/rungmail/rungmail/internal/firmware"
)

// CPUs is a set of controllers.
type CPUs uint8

// The controllers that run programs here.
const (
	DL05 CPUs = 1 << iota
	DL06
	DL250
	DL260
	DL450

	AllCPUs = DL05 | DL06 | DL250 | DL260 | DL450
)

// Controller is what the tables need to know of one CPU.
type Controller struct {
	Name       string // as the plant file names it: "DL06"
	PLC        string // as a program's first line names it: "06"
	Bit        CPUs   // 0 when no program runs here
	Firmware   string // the first that has IBoxes; "" when none has (seeds/000 section 1)
	FirstSlot  int    // slots that may hold an ECOM100, first and last
	LastSlot   int
	ModuleType string // the ECOM100 that fits the base
}

// ModuleFirmware is the first firmware of that module that sends e-mail.
func (c Controller) ModuleFirmware() string { return firmware.EmailSince(c.ModuleType) }

var controllers = []Controller{
	{"DL05", "05", DL05, "5.10", 1, 1, "H0-ECOM100"},
	{"DL06", "06", DL06, "2.10", 1, 4, "H0-ECOM100"},
	{"DL240", "240", 0, "", 1, 7, "H2-ECOM100"},
	{"DL250", "250", 0, "", 1, 7, "H2-ECOM100"},
	{"DL250-1", "250-1", DL250, "4.60", 1, 7, "H2-ECOM100"},
	{"DL260", "260", DL260, "2.40", 1, 7, "H2-ECOM100"},
	{"DL450", "450", DL450, "3.30", 0, 7, "H4-ECOM100"},
}

// Controllers lists the CPUs that are known, those too that only tell why they
// can't send mail.
func Controllers() []Controller { return append([]Controller(nil), controllers...) }

// ByName finds a controller by its name, "DL06".
func ByName(name string) (Controller, bool) {
	for _, c := range controllers {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return Controller{}, false
}

// ByPLC finds a controller by what a program's PLC line says, "06".
func ByPLC(name string) (Controller, bool) {
	for _, c := range controllers {
		if strings.EqualFold(c.PLC, name) {
			return c, true
		}
	}
	return Controller{}, false
}

// Package firmware orders the versions of controllers and modules, and says what
// an ECOM100 can do from which of its versions on.
//
// Sources: seeds/000 sections 1 and 2; the vendor's firmware history, as
// facts/plc.md section 6 collects it.
package firmware

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// The first versions of an ECOM100 that can do something.
const (
	emailH0   = "4.0.119"  // e-mail, on an H0-ECOM100
	emailH2H4 = "4.0.1031" // e-mail, on the others
	zone      = "4.0.2128" // Time Zone Offset, from December 2014
	shortCCM  = "4.0.2120" // CCM requests of over 128 bytes are refused, from January 2014
)

// EmailSince is the first firmware of a module's type that sends e-mail (seeds/000
// section 2).
func EmailSince(module string) string {
	if module == "H0-ECOM100" {
		return emailH0
	}
	return emailH2H4
}

// HasEmail tells whether a module sends e-mail.
func HasEmail(module, version string) bool { return from(version, EmailSince(module)) }

// HasZone tells whether a module's EMail Setup has a Time Zone Offset.
func HasZone(version string) bool { return from(version, zone) }

// MaxCCM is the most bytes that a module moves in one CCM request.
func MaxCCM(version string) int {
	if from(version, shortCCM) {
		return 128
	}
	return 256
}

// from tells whether a version is another one or later.
func from(version, first string) bool {
	order, err := Compare(version, first)
	return err == nil && order >= 0
}

// Numbers are the first three numbers of a version; what isn't there is 0.
func Numbers(version string) (major, minor, build int) {
	list, err := numbers(version)
	if err != nil {
		return 0, 0, 0
	}
	return int(number(list, 0)), int(number(list, 1)), int(number(list, 2))
}

// Compare orders two dotted versions number by number, so that 4.0.119 comes
// before 4.0.1031 and 2.9 before 2.10. A missing number counts as 0.
func Compare(a, b string) (int, error) {
	as, err := numbers(a)
	if err != nil {
		return 0, err
	}
	bs, err := numbers(b)
	if err != nil {
		return 0, err
	}
	for i := range max(len(as), len(bs)) {
		if c := cmp.Compare(number(as, i), number(bs, i)); c != 0 {
			return c, nil
		}
	}
	return 0, nil
}

func number(list []uint64, i int) uint64 {
	if i < len(list) {
		return list[i]
	}
	return 0
}

func numbers(s string) ([]uint64, error) {
	var list []uint64
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.ToLower(s), "v"), ".") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%q is not a version: write numbers with dots, such as 4.0.1031", s)
		}
		list = append(list, n)
	}
	return list, nil
}

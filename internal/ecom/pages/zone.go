package pages

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rungmail/rungmail/internal/ecom/settings"
)

// errZone is what is no Time Zone Offset.
var errZone = fmt.Errorf("write the hours and minutes from UTC, such as +01:00 or -0500, at most %d hours, or nothing where it is unknown", settings.MaxZone/60)

// parseZone reads a Time Zone Offset: a sign, hours, and minutes with or without a
// colon before them. Nothing at all, and -0000, are an unknown zone (RFC 5322
// section 3.3).
func parseZone(text string) (settings.Zone, error) {
	if text == "" {
		return settings.Zone{}, nil
	}
	sign, digits := text[0], text[1:]
	if sign != '+' && sign != '-' {
		return settings.Zone{}, errZone
	}
	hours, minutes, colon := strings.Cut(digits, ":")
	if !colon {
		cut := max(len(digits)-2, 0)
		if len(digits) <= 2 {
			cut = len(digits)
		}
		hours, minutes = digits[:cut], digits[cut:]
	}
	h, err := twoDigits(hours)
	m, bad := 0, error(nil)
	if minutes != "" || colon {
		m, bad = twoDigits(minutes)
	}
	if err != nil || bad != nil || m > 59 || colon && len(minutes) != 2 || h*60+m > settings.MaxZone {
		return settings.Zone{}, errZone
	}
	east := h*60 + m
	if sign == '-' && east == 0 {
		return settings.Zone{}, nil
	}
	if sign == '-' {
		east = -east
	}
	return settings.Zone{Known: true, Minutes: east}, nil
}

// twoDigits reads one or two digits.
func twoDigits(text string) (int, error) {
	if len(text) < 1 || len(text) > 2 || strings.Trim(text, "0123456789") != "" {
		return 0, errors.New("not one or two digits")
	}
	return strconv.Atoi(text)
}

// zoneText is a zone as parseZone reads it.
func zoneText(z settings.Zone) string {
	if !z.Known {
		return ""
	}
	text := z.String()
	return text[:3] + ":" + text[3:]
}

package check_test

import (
	"strings"
	"testing"
)

// compared is a program that compares the Error Code word, V1401.
func compared(contact string) string { return rungs(contact, "OUT Y0") }

func compareBreaches() []breach {
	return []breach{
		{name: "24", rule: "code-compare", text: compared("STRE V1401 " + mark + "K24"), says: "K24 is 36: Error Code V1401 is binary, so for code 24 write K18", near: compared("STRE V1401 K18")},
		{name: "in series", rule: "code-compare", text: rungs("STR X0", "ANDNE V1401 "+mark+"K550", "OUT Y0"), says: "K550 is 1360…for code 550 write K226", near: rungs("STR X0", "ANDNE V1401 K226", "OUT Y0")},
		{name: "in parallel", rule: "code-compare", text: rungs("STR X0", "ORE V1401 "+mark+"K421", "OUT Y0"), says: "for code 421 write K1A5", near: rungs("STR X0", "ORE V1401 K1A5", "OUT Y0")},
		{name: "bounds", rule: "code-compare", text: compared("STR V1401 " + mark + "K100"), says: "for code 100 write K64", near: compared("STR V1401 K64")},
		{name: "Status", rule: "code-compare", text: compared("STRN V1410 " + mark + "K1001"), says: "Status V1410 is binary, so for code 1001 write K3E9", near: compared("STRN V1410 K3E9")},
		{name: "zeros before it", rule: "code-compare", text: compared("STRE V1401 " + mark + "K0024"), says: "K0024 is 36", near: compared("STRE V1401 K0018")},
		{name: "success", rule: "code-compare", text: compared("STRE V1401 " + mark + "K250"), says: "K250 never matches: for success, 250, Error Code V1401 is 0, so compare with K0", near: compared("STRE V1401 K0")},
		{name: "another box's word", rule: "code-compare", text: program(config(), "STRN SP0", setup(), "STRE V1403 "+mark+"K24", "OUT Y0"), says: "V1403", near: program(config(), "STRN SP0", setup(), "STRE V1413 K24", "OUT Y0")},
	}
}

func TestComparisons(t *testing.T) { runBreaches(t, compareBreaches()) }

func TestConstantsThatAreCodesAsTheyStand(t *testing.T) {
	// 0, busy, 10 to 25 in hex, the bounds of the kinds, 4yz and 5yz
	for _, k := range strings.Fields("K0 K1 K2 K9 KA KF K14 K18 K19 K63 K64 K190 K1A5 K1C2 K1F3 K1F4 K226 K22A K258 K3E8 K3E9 K7CF K7D0 K2001 KFFFF") {
		none(t, judge(t, compared("STRE V1401 "+k), nil))
	}
	for _, k := range strings.Fields("K10 K11 K12 K13 K20 K21 K22 K23 K24 K25 K354 K421 K450 K454 K500 K550 K554 K599 K999 K1000 K1001 K1999 K2000") {
		breach{rule: "code-compare", text: compared("STRE V1401 " + mark + k), says: "code " + k[1:] + "…write K"}.refused(t)
	}
}

func TestTwoWordsAreComparedAsTheyLike(t *testing.T) {
	none(t, judge(t, compared("STRE V1401 V2000"), nil))
	none(t, judge(t, compared("STRE V2000 K24"), nil))
}

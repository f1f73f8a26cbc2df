package reply

import (
	"strconv"
	"strings"
)

// vendorPairs are pairs of codes that one maker's servers use in a sense of their
// own although the enhanced code is registered.
var vendorPairs = map[string]string{
	"535 5.7.3": "m365/auth-unsuccessful", "554 5.2.2": "m365/sent-items-full", "432 4.3.2": "m365/concurrent-connections",
}

// vendorRange is a run of enhanced codes, of one class, that no registry has and
// one maker's servers give.
type vendorRange struct {
	class       int
	first, last int // of the third number; the second is 7
	rule        string
}

// vendorRanges are Microsoft's (facts/replies.md section 1.7).
var vendorRanges = []vendorRange{
	{5, 57, 57, "m365/not-logged-in"},
	{5, 60, 60, "m365/send-as-denied"},
	{5, 64, 64, "m365/connector-mismatch"},
	{5, 68, 68, "m365/direct-send-blocked"},
	{5, 124, 124, "m365/group-members-only"},
	{5, 133, 133, "exchange/group-internal-only"},
	{5, 134, 136, "exchange/mailbox-internal-only"},
	{5, 139, 139, "m365/login-refused"},
	{4, 320, 325, "m365/remote-tls"},
	{5, 320, 325, "m365/remote-tls"},
	{5, 501, 502, "m365/account-blocked-spam"},
	{5, 503, 503, "m365/banned-sender"},
	{5, 511, 511, "m365/banned-sender"},
	{5, 606, 649, "m365/banned-ip"},
	{4, 650, 650, "m365/ip-rate-limited"},
	{4, 500, 699, "m365/throttled"},
	{5, 700, 750, "m365/tenant-blocked"},
	{4, 850, 899, "m365/throttled"},
}

// vendorRule is the rule for a maker's own codes, known without any words.
func vendorRule(l line) *textRule {
	t := tables()
	if id, ok := vendorPairs[strconv.Itoa(l.code)+" "+l.enhanced]; ok {
		return t.rules[id]
	}
	detail, ok := strings.CutPrefix(l.enhanced[1:], ".7.")
	n, err := strconv.Atoi(detail)
	if !ok || err != nil {
		return nil
	}
	for _, r := range vendorRanges {
		if r.class == l.enhancedClass() && r.first <= n && n <= r.last {
			return t.rules[r.rule]
		}
	}
	return nil
}

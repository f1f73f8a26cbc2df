package reply

import (
	"fmt"
	"slices"
	"strings"
)

// Listed is one entry of the knowledge base, in short.
type Listed struct {
	Rule  string `json:"rule"`
	Title string `json:"title"`
	Retry Retry  `json:"retry"`
}

// Kinds of entries that List takes.
var kinds = []string{"basic", "enhanced", "ecom", "device", "provider", "network"}

// List is the entries of a kind: basic, enhanced, ecom, device, provider or
// network; empty or "all" is every one.
func List(kind string) ([]Listed, error) {
	if kind == "" || kind == "all" {
		kind = ""
	} else if !slices.Contains(kinds, kind) {
		return nil, fmt.Errorf("no kind of codes is called %q: write %s, or all", kind, strings.Join(kinds, ", "))
	}
	var out []Listed
	for _, k := range kinds {
		if kind != "" && k != kind {
			continue
		}
		for _, e := range entriesOf(k) {
			out = append(out, Listed{e.id, e.title, e.retry})
		}
	}
	return out, nil
}

// entriesOf is the entries of one kind, in their own order.
func entriesOf(kind string) []*entry {
	var list []*entry
	switch kind {
	case "basic":
		for i := range basicEntries {
			list = append(list, &basicEntries[i].entry)
		}
	case "enhanced":
		for i := range enhancedEntries {
			list = append(list, &enhancedEntries[i].entry)
		}
	case "ecom":
		for i := range ecomEntries {
			list = append(list, &ecomEntries[i].entry)
		}
		for i := range ecomClasses {
			list = append(list, &ecomClasses[i].entry)
		}
	case "device":
		for i := range deviceCodes {
			list = append(list, &deviceCodes[i].entry)
		}
	case "network":
		return rulesOf(wireRules)
	case "provider":
		for _, rules := range [][]textRule{microsoftRules, googleRules, otherRules, genericRules} {
			list = append(list, rulesOf(rules)...)
		}
	}
	return list
}

func rulesOf(rules []textRule) []*entry {
	list := make([]*entry, len(rules))
	for i := range rules {
		list[i] = &rules[i].entry
	}
	return list
}

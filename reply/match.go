package reply

import (
	"strings"
	"sync"
)

// match is the first rule that fits a line.
func match(rules []textRule, l line) *textRule {
	for i := range rules {
		if rules[i].fits(l) {
			return &rules[i]
		}
	}
	return nil
}

func (r *textRule) fits(l line) bool {
	return r.codesFit(l) && r.wordsFit(l.text)
}

func (r *textRule) codesFit(l line) bool {
	if len(r.codes) > 0 && l.code != 0 && !contains(r.codes, l.code) {
		return false
	}
	if len(r.enhanced) == 0 || l.enhanced == "" {
		return true
	}
	for _, want := range r.enhanced {
		if want == l.enhanced || want[0] == '*' && want[1:] == l.enhanced[1:] {
			return true
		}
	}
	return false
}

func contains(list []int, n int) bool {
	for _, v := range list {
		if v == n {
			return true
		}
	}
	return false
}

func (r *textRule) wordsFit(text string) bool {
	for _, part := range r.all {
		if !strings.Contains(text, part) {
			return false
		}
	}
	fits := len(r.any) == 0
	for _, part := range r.any {
		if fits = fits || strings.Contains(text, part); fits {
			break
		}
	}
	for _, part := range r.none {
		if !fits || strings.Contains(text, part) {
			return false
		}
	}
	return fits
}

// deviceByWords is the panel message whose words are all in a line.
func deviceByWords(l line) *deviceCode {
	for i := range deviceCodes {
		if deviceCodes[i].says(l) {
			return &deviceCodes[i]
		}
	}
	return nil
}

// says tells whether the words of a panel message are all in a line.
func (d *deviceCode) says(l line) bool {
	for _, w := range d.words {
		if !strings.Contains(l.text, w) {
			return false
		}
	}
	return len(d.words) > 0
}

// index is the tables by their codes.
type index struct {
	basic    map[int]*basicEntry
	enhanced map[string]*enhancedEntry
	ecom     map[int]*ecomEntry
	winsock  map[int]*textRule
}

// tables is made once, of data that never changes.
var tables = sync.OnceValue(func() index {
	t := index{map[int]*basicEntry{}, map[string]*enhancedEntry{}, map[int]*ecomEntry{}, map[int]*textRule{}}
	for i := range basicEntries {
		t.basic[basicEntries[i].code] = &basicEntries[i]
	}
	for i := range enhancedEntries {
		t.enhanced[enhancedEntries[i].key] = &enhancedEntries[i]
	}
	for i := range ecomEntries {
		t.ecom[ecomEntries[i].code] = &ecomEntries[i]
	}
	for _, w := range winsock {
		for i := range wireRules {
			if wireRules[i].id == w.rule {
				t.winsock[w.code] = &wireRules[i]
			}
		}
	}
	return t
})

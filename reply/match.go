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
	return r.codesFit(l) && r.wordsFit(l)
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

func (r *textRule) wordsFit(l line) bool {
	for _, part := range r.all {
		if !r.in(l, part) {
			return false
		}
	}
	fits := len(r.any) == 0
	for _, part := range r.any {
		if fits = fits || r.in(l, part); fits {
			break
		}
	}
	for _, part := range r.none {
		if !fits || r.in(l, part) {
			return false
		}
	}
	return fits
}

// in tells whether a part is in a line: in its words, or for a rule about
// addresses in all of it.
func (r *textRule) in(l line, part string) bool {
	if r.addresses {
		return strings.Contains(l.text, part)
	}
	return l.has(part)
}

// grams is a set of the runs of three bytes in a text, some of which share a
// place: a part of which one is missing isn't in the text, which spares looking.
type grams [128]uint64

func gramsOf(text string) *grams {
	var g grams
	for i := 0; i+3 <= len(text); i++ {
		h := gram(text[i:])
		g[h/64] |= 1 << (h % 64)
	}
	return &g
}

func gram(s string) uint32 {
	return (uint32(s[0])*961 + uint32(s[1])*31 + uint32(s[2])) % 8192
}

func (g *grams) has(s string) bool {
	h := gram(s)
	return g[h/64]&(1<<(h%64)) != 0
}

// has tells whether the text has a part.
func (l line) has(part string) bool {
	if n := len(part); l.grams != nil && n >= 3 && !(l.grams.has(part) && l.grams.has(part[n-3:])) {
		return false
	}
	return strings.Contains(l.words, part)
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
		if !l.has(w) {
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
	rules    map[string]*textRule // providers' rules by id
}

// tables is made once, of data that never changes.
var tables = sync.OnceValue(func() index {
	t := index{map[int]*basicEntry{}, map[string]*enhancedEntry{}, map[int]*ecomEntry{}, map[int]*textRule{}, map[string]*textRule{}}
	for i := range basicEntries {
		t.basic[basicEntries[i].code] = &basicEntries[i]
	}
	for i := range enhancedEntries {
		t.enhanced[enhancedEntries[i].key] = &enhancedEntries[i]
	}
	for i := range ecomEntries {
		t.ecom[ecomEntries[i].code] = &ecomEntries[i]
	}
	for _, rules := range [][]textRule{microsoftRules, googleRules, otherRules, genericRules} {
		for i := range rules {
			t.rules[rules[i].id] = &rules[i]
		}
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

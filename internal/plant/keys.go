package plant

import (
	"slices"
	"strings"
)

// field is one key of a table: its name and what reads it into a T. The lists
// of fields are the whole knowledge of which keys exist.
type field[T any] struct {
	name  string
	read  func(d *decoder, out *T, e entry)
	later bool // it belongs to a part that this version doesn't have
}

// later makes a field of a later version; what is the part that is missing.
func later[T any](name, what string) field[T] {
	read := func(d *decoder, _ *T, e entry) {
		d.fail(e.at, "key %q is known, but this version has no such part yet (%s): take it out", e.name, what)
	}
	return field[T]{name: name, read: read, later: true}
}

// walk reads every key of a table, and refuses those that have no field.
func walk[T any](d *decoder, fields []field[T], table *node, out *T) {
	for _, e := range table.keys {
		i := slices.IndexFunc(fields, func(f field[T]) bool { return f.name == e.name })
		if i < 0 {
			d.unknown(e, names(fields))
			continue
		}
		fields[i].read(d, out, e)
	}
}

// names lists the keys of a table that this version takes.
func names[T any](fields []field[T]) []string {
	var list []string
	for _, f := range fields {
		if !f.later {
			list = append(list, f.name)
		}
	}
	return list
}

// section is one kind of table as users write it, with the keys it takes.
type section struct {
	header string
	keys   []string
}

// sections lists every kind of table of the file.
func sections() []section {
	return []section{
		{"the top of the file", names(topFields())},
		{"[[rack]]", names(rackFields())},
		{"[[rack.module]]", names(moduleFields())},
		{"[rack.module.email]", names(emailFields())},
		{"[gateway]", names(gatewayFields())},
		{"[[gateway.listener]]", names(listenerFields())},
		{"[[gateway.device]]", names(deviceFields())},
		{"[[gateway.upstream]]", names(upstreamFields())},
		{"[[gateway.route]]", names(routeFields())},
	}
}

// unknown refuses a key, and says where it belongs or what it may have meant.
func (d *decoder) unknown(e entry, known []string) {
	var places []string
	for _, s := range sections() {
		if slices.Contains(s.keys, e.name) {
			places = append(places, s.header)
		}
	}
	if len(places) > 0 {
		d.fail(e.at, "unknown key %q here: it belongs in %s", e.name, strings.Join(places, " or "))
		return
	}
	if name, ok := near(e.name, known); ok {
		d.fail(e.at, "unknown key %s: did you mean %q?", quote(e.name), name)
		return
	}
	d.fail(e.at, "unknown key %s: take it out, or make it one of %s", quote(e.name), strings.Join(known, ", "))
}

// near finds the candidate that a misspelt word most likely meant: at most
// two letters wrong, missing, extra or swapped, and one in short words. Case,
// hyphens and underscores don't count.
func near(word string, candidates []string) (string, bool) {
	plain := func(s string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
	}
	word = plain(word)
	best, least := "", 3
	for _, candidate := range candidates {
		c := plain(candidate)
		allowed := 1
		if len(c) > 4 {
			allowed = 2
		}
		if len(word) > len(c)+allowed || len(c) > len(word)+allowed {
			continue
		}
		if n := distance(word, c); n <= allowed && n < least {
			best, least = candidate, n
		}
	}
	return best, least < 3
}

// distance counts the single letters to change, add, drop or swap with their
// neighbour to turn a into b.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			n := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				n = min(n, rows[i-2][j-2]+1)
			}
			rows[i][j] = n
		}
	}
	return rows[len(a)][len(b)]
}

package viewer

import (
	"fmt"
	"strings"

	"github.com/rungmail/rungmail/internal/ecom/trace"
	"github.com/rungmail/rungmail/reply"
)

// MaxEntries is how many lines a log keeps; the oldest go first.
const MaxEntries = 10_000

// Log is the newest lines of a trace, MaxEntries at most. The zero value is empty.
type Log struct {
	ring    []Entry
	first   int // the oldest entry's place in a full ring
	dropped int // how many were there before it
}

// Add puts an entry behind the others and tells whether the oldest went for it.
func (l *Log) Add(e Entry) (dropped bool) {
	if len(l.ring) < MaxEntries {
		l.ring = append(l.ring, e)
		return false
	}
	l.ring[l.first] = e
	l.first = (l.first + 1) % MaxEntries
	l.dropped++
	return true
}

// Len is the number of entries.
func (l *Log) Len() int { return len(l.ring) }

// Dropped is how many entries have gone.
func (l *Log) Dropped() int { return l.dropped }

// At is the entry at i, 0 for the oldest.
func (l *Log) At(i int) Entry { return l.ring[(l.first+i)%len(l.ring)] }

// Lines is each entry as a line, the oldest first.
func (l *Log) Lines() []string {
	lines := make([]string, l.Len())
	for i := range lines {
		lines[i] = l.At(i).String()
	}
	return lines
}

// Explain says in a few lines what the entry at i means, with those before it: an
// error is explained by the reply that it came of.
func (l *Log) Explain(x reply.Explainer, i int) []string {
	code, cause, words, ok := l.cause(i)
	if !ok {
		return Explain(x, l.At(i))
	}
	return append([]string{failed(code, fmt.Sprintf("see line %d", cause+1+l.dropped))}, describe(x.Explain(words))...)
}

// ExplainBelow is Explain for those who have read what the replies before i mean: an
// error only names its reply.
func (l *Log) ExplainBelow(x reply.Explainer, i int) []string {
	code, _, _, ok := l.cause(i)
	if !ok {
		return Explain(x, l.At(i))
	}
	return []string{failed(code, "see above")}
}

// cause is the last reply with the code of the error at i, in the same mail: where
// it stands and what it says.
func (l *Log) cause(i int) (code, at int, words string, ok bool) {
	e := l.At(i)
	if code, ok = failure(e.Text); !ok {
		return 0, 0, "", false
	}
	for at = i - 1; at >= max(0, i-nearby); at-- {
		before := l.At(at)
		if before.Module != e.Module {
			continue
		}
		if _, words, ok = received(before.Text); ok && strings.HasPrefix(words, fmt.Sprintf("%03d", code)) {
			return code, at, words, true
		}
		if _, isError := failure(before.Text); isError || before.Text == success || strings.HasPrefix(before.Text, "Recipient:") || strings.HasPrefix(before.Text, trace.On) {
			break
		}
	}
	return 0, 0, "", false
}

// nearby is how far lines that belong together are looked for.
const nearby = 200

// after is the next entry of the same module behind i; false where there is none
// nearby.
func (l *Log) after(i int) (Entry, bool) {
	e := l.At(i)
	for j := i + 1; j < l.Len() && j <= i+nearby; j++ {
		if next := l.At(j); next.Module == e.Module {
			return next, true
		}
	}
	return Entry{}, false
}

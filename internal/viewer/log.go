package viewer

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

// after is the next entry of the same module behind i; false where there is none
// nearby.
func (l *Log) after(i int) (Entry, bool) {
	const nearby = 200
	e := l.At(i)
	for j := i + 1; j < l.Len() && j <= i+nearby; j++ {
		if next := l.At(j); next.Module == e.Module {
			return next, true
		}
	}
	return Entry{}, false
}

package index

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// Place is a place in a list, from newest to oldest; 0 is its beginning.
type Place int64

// Query says which messages to list. What is zero doesn't count.
type Query struct {
	Text     string // words of subject, addresses, device or id, by their beginnings; all must be there
	Device   string
	State    outbox.State
	Fate     outbox.Fate // of at least one recipient
	Upstream string      // that was tried last
	From, To time.Time   // when it was received: from, and before
	Before   Place       // from an earlier page
	Limit    int         // 1 to MaxLimit; 0 is 50
}

// MaxLimit is the longest page.
const MaxLimit = 1000

// Row is a message in a list.
type Row struct {
	ID         outbox.ID
	Received   time.Time // to the microsecond; messages of the same one are put a few apart
	Device     string
	From       string
	To         []string // the first 20
	Recipients int      // how many there are
	Subject    string
	Size       int64
	State      outbox.State
	Why        string
	Answer     outbox.Answer
	Upstream   string // that was tried last
	Code       int    // that it gave, or what the device heard before the first try
	Tries      int
	Next       time.Time
	Fates      map[outbox.Fate]int // recipients by fate, without those that none has
}

// ErrFate says that there is no such fate.
var ErrFate = errors.New("no such fate")

// Search lists messages from newest to oldest, and where the next page begins; 0 where
// there is none.
func (x *Index) Search(ctx context.Context, q Query) (rows []Row, next Place, err error) {
	text, args, err := q.sql()
	if err != nil {
		return nil, 0, err
	}
	found, err := x.read.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, 0, fmt.Errorf("searching messages: %w", err)
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	limit := q.limit()
	for found.Next() {
		if len(rows) == limit {
			return rows, next, nil
		}
		row, num, err := read(found.Scan)
		if err != nil {
			return nil, 0, err
		}
		rows, next = append(rows, row), Place(num)
	}
	return rows, 0, found.Err()
}

func (q Query) limit() int {
	if q.Limit <= 0 {
		return 50
	}
	return min(q.Limit, MaxLimit)
}

// sql is the query with one row more than asked for, which tells of a next page.
func (q Query) sql() (string, []any, error) {
	where, args := []string{"1"}, []any{}
	and := func(text string, arg any) { where, args = append(where, text), append(args, arg) }
	if q.Device != "" {
		and("device = ?", q.Device)
	}
	if q.State != "" {
		and("state = ?", string(q.State))
	}
	if q.Upstream != "" {
		and("upstream = ?", q.Upstream)
	}
	if q.Fate != "" {
		column, ok := fateColumn(q.Fate)
		if !ok {
			return "", nil, fmt.Errorf("%w: %q", ErrFate, q.Fate)
		}
		where = append(where, column+" > 0")
	}
	number := "num"
	from := "messages"
	if words := match(q.Text); words != "" {
		// the words' order is the list's, so that a page of a common word is quick
		number, from = "words.rowid", "words CROSS JOIN messages ON messages.num = words.rowid"
		and("words MATCH ?", words)
	} else if q.Text != "" {
		where = append(where, "0") // nothing that could be found
	}
	for _, bound := range []struct {
		at   int64
		text string
	}{{micros(q.From), " >= ?"}, {micros(q.To), " < ?"}, {int64(q.Before), " < ?"}} {
		if bound.at != 0 {
			and(number+bound.text, bound.at)
		}
	}
	text := "SELECT " + columns + " FROM " + from + " WHERE " + strings.Join(where, " AND ") + " ORDER BY " + number + " DESC LIMIT ?"
	return text, append(args, q.limit()+1), nil
}

func fateColumn(f outbox.Fate) (string, bool) {
	column, ok := map[outbox.Fate]string{
		outbox.Waiting: "waiting", outbox.Delivered: "delivered", outbox.Refused: "refused", outbox.Maybe: "maybe", outbox.GivenUp: "given_up",
	}[f]
	return column, ok
}

// maxWords bounds a search.
const maxWords = 16

// match is a text as FTS5 takes it: each word quoted, so that none is an operator, and
// each the beginning of one that is there.
func match(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	for i, word := range words {
		words[i] = `"` + word + `"*`
	}
	return strings.Join(words[:min(len(words), maxWords)], " ")
}

const columns = `num, id, device, sender, recipients, count, subject, size, state, why, answer, upstream, code, tries, next,
	waiting, delivered, refused, maybe, given_up`

func read(scan func(...any) error) (r Row, num int64, err error) {
	var to string
	var next int64
	var waiting, delivered, refused, maybe, givenUp int
	err = scan(&num, (*string)(&r.ID), &r.Device, &r.From, &to, &r.Recipients, &r.Subject, &r.Size, (*string)(&r.State), &r.Why, (*string)(&r.Answer),
		&r.Upstream, &r.Code, &r.Tries, &next, &waiting, &delivered, &refused, &maybe, &givenUp)
	r.Received, r.Next, r.To = moment(num), moment(next), split(to)
	r.Fates = map[outbox.Fate]int{outbox.Waiting: waiting, outbox.Delivered: delivered, outbox.Refused: refused, outbox.Maybe: maybe, outbox.GivenUp: givenUp}
	for fate, n := range r.Fates {
		if n == 0 {
			delete(r.Fates, fate)
		}
	}
	return r, num, err
}

// split parts addresses, whose quoted local parts may have blanks.
func split(to string) (all []string) {
	quoted, begin := false, 0
	for i := 0; i < len(to); i++ {
		switch {
		case to[i] == '\\' && quoted:
			i++
		case to[i] == '"':
			quoted = !quoted
		case to[i] == ' ' && !quoted:
			all, begin = append(all, to[begin:i]), i+1
		}
	}
	if begin < len(to) {
		all = append(all, to[begin:])
	}
	return all
}

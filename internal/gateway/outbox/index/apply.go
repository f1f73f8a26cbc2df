package index

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// Apply takes changes in, and the cursor that they came to, all or nothing. Changes
// that it has had already do no harm.
func (x *Index) Apply(ctx context.Context, changes []outbox.Change, to outbox.Cursor) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	b := batch{ctx: ctx, tx: tx}
	for _, c := range changes {
		if err := b.apply(c); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	if err := b.exec("UPDATE cursor SET at = ?", int64(to)); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// batch is one transaction, whose statements are prepared once.
type batch struct {
	ctx      context.Context
	tx       *sql.Tx
	prepared map[string]*sql.Stmt
}

func (b *batch) stmt(text string) (*sql.Stmt, error) {
	if s := b.prepared[text]; s != nil {
		return s, nil
	}
	s, err := b.tx.PrepareContext(b.ctx, text)
	if err != nil {
		return nil, err
	}
	if b.prepared == nil {
		b.prepared = map[string]*sql.Stmt{}
	}
	b.prepared[text] = s
	return s, nil
}

func (b *batch) exec(text string, args ...any) error {
	s, err := b.stmt(text) //nolint:sqlclosecheck // the transaction's end closes it
	if err == nil {
		_, err = s.ExecContext(context.Background(), args...)
	}
	return err
}

// number gives one number, or 0 where there is none.
func (b *batch) number(text string, args ...any) (n int64, err error) {
	s, err := b.stmt(text) //nolint:sqlclosecheck // the transaction's end closes it
	if err != nil {
		return 0, err
	}
	err = s.QueryRowContext(context.Background(), args...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

func (b *batch) apply(c outbox.Change) error {
	num, err := b.number("SELECT num FROM messages WHERE id = ?", string(c.ID))
	switch {
	case err != nil:
		return err
	case c.Purged && num == 0:
		return nil
	case c.Purged:
		return errors.Join(b.exec("DELETE FROM messages WHERE num = ?", num), b.exec("DELETE FROM words WHERE rowid = ?", num))
	case num != 0:
		return b.update(num, c)
	}
	return b.insert(c)
}

// insert adds a message, with what never changes of it.
func (b *batch) insert(c outbox.Change) error {
	r := c.Record
	num, err := b.free(max(1, r.Received.UnixMicro()))
	if err != nil {
		return err
	}
	const text = `INSERT INTO messages (num, id, rev, device, sender, recipients, count, subject, size, state, why, answer, upstream, code, tries, next, waiting, delivered, refused, maybe, given_up)
		VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, '', '', '', '', 0, 0, 0, 0, 0, 0, 0, 0)`
	to := recipients(r)
	if err := b.exec(text, num, string(c.ID), r.Device, r.From.String(), to, len(r.To), r.Subject, r.Size); err != nil {
		return err
	}
	words := strings.Join([]string{string(c.ID), r.Device, r.From.String(), to, r.Subject, r.MessageID}, " ")
	if err := b.exec("INSERT INTO words (rowid, text) VALUES (?, ?)", num, words); err != nil {
		return err
	}
	if err := b.exec("INSERT INTO devices VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET heard = max(heard, excluded.heard)", r.Device, micros(r.Received)); err != nil {
		return err
	}
	return b.update(num, c)
}

// free is the first number from one on that no message has.
func (b *batch) free(num int64) (int64, error) {
	const text = `SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM messages WHERE num = ?1) THEN ?1
		ELSE (SELECT m.num + 1 FROM messages m WHERE m.num >= ?1 AND NOT EXISTS (SELECT 1 FROM messages n WHERE n.num = m.num + 1) ORDER BY m.num LIMIT 1) END`
	return b.number(text, num)
}

// update writes what may have changed. A change that came before another is no news.
func (b *batch) update(num int64, c outbox.Change) error {
	r := c.Record
	fates := map[outbox.Fate]int{}
	for _, to := range r.To {
		fates[to.Fate]++
	}
	upstream, code := latest(r)
	const text = `UPDATE messages SET rev = ?1, state = ?2, why = ?3, answer = ?4, upstream = ?5, code = ?6, tries = ?7, next = ?8,
		waiting = ?9, delivered = ?10, refused = ?11, maybe = ?12, given_up = ?13 WHERE num = ?14 AND rev < ?1`
	return b.exec(text, int64(c.Rev), string(r.State), r.Why, string(r.Answer), upstream, code, r.Tries, micros(r.Next),
		fates[outbox.Waiting], fates[outbox.Delivered], fates[outbox.Refused], fates[outbox.Maybe], fates[outbox.GivenUp], num)
}

// latest is what the latest attempt came to; before the first, what the device heard.
func latest(r outbox.Record) (upstream string, code int) {
	if len(r.Attempts) == 0 {
		return "", r.Code.Code
	}
	a := r.Attempts[len(r.Attempts)-1]
	return a.Upstream, a.Reply.Code
}

// maxRecipients bounds how many of a message can be found and are shown.
const maxRecipients = 20

func recipients(r outbox.Record) string {
	var all []string
	for _, to := range r.To[:min(len(r.To), maxRecipients)] {
		all = append(all, to.Address.String())
	}
	return strings.Join(all, " ")
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

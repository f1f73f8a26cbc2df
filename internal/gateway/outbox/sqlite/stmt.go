package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// stmt is a prepared statement. What runs it has no context: the driver would start a
// goroutine to watch one, and each statement here takes microseconds.
type stmt struct{ *sql.Stmt }

func (s stmt) run(args ...any) error {
	_, err := s.ExecContext(context.Background(), args...)
	return err
}

func (s stmt) row(args ...any) *sql.Row {
	return s.QueryRowContext(context.Background(), args...)
}

// each calls f for each row. It reads all rows first where f must not hold them open.
func (s stmt) each(f func(scan func(...any) error) error, args ...any) (err error) {
	rows, err := s.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

type preparer interface {
	PrepareContext(context.Context, string) (*sql.Stmt, error)
}

// prepare prepares a group of statements.
func prepare(on preparer, texts map[*stmt]string) error {
	for into, text := range texts {
		s, err := on.PrepareContext(context.Background(), text)
		if err != nil {
			return err
		}
		into.Stmt = s
	}
	return nil
}

func closeAll(all ...stmt) error {
	var errs []error
	for _, s := range all {
		if s.Stmt != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

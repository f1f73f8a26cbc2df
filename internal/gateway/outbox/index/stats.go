package index

import (
	"context"
	"errors"
	"time"

	"github.com/rungmail/rungmail/internal/gateway/outbox"
)

// Stats counts one day, and says when each device was last heard of.
type Stats struct {
	Messages int                  // received that day
	Devices  map[string]int       // of those, by device
	Codes    map[int]int          // by the latest reply's code; without those that had none
	Fates    map[outbox.Fate]int  // recipients of those messages, by fate
	Heard    map[string]time.Time // the latest message of each device, of any day
}

// Stats counts the messages that were received in the 24 hours from day on. Those that
// retention has taken aren't counted any more.
func (x *Index) Stats(ctx context.Context, day time.Time) (Stats, error) {
	s := Stats{Devices: map[string]int{}, Codes: map[int]int{}, Fates: map[outbox.Fate]int{}, Heard: map[string]time.Time{}}
	const counts = `SELECT device, code, count(*), sum(waiting), sum(delivered), sum(refused), sum(maybe), sum(given_up)
		FROM messages WHERE num >= ? AND num < ? GROUP BY device, code`
	err := x.each(ctx, func(scan func(...any) error) error {
		var device string
		var code, n int
		var fates [5]int
		if err := scan(&device, &code, &n, &fates[0], &fates[1], &fates[2], &fates[3], &fates[4]); err != nil {
			return err
		}
		s.Messages += n
		s.Devices[device] += n
		if code != 0 {
			s.Codes[code] += n
		}
		for i, fate := range []outbox.Fate{outbox.Waiting, outbox.Delivered, outbox.Refused, outbox.Maybe, outbox.GivenUp} {
			if fates[i] > 0 {
				s.Fates[fate] += fates[i]
			}
		}
		return nil
	}, counts, micros(day), micros(day.Add(24*time.Hour)))
	if err != nil {
		return s, err
	}
	return s, x.each(ctx, func(scan func(...any) error) error {
		var device string
		var heard int64
		err := scan(&device, &heard)
		s.Heard[device] = moment(heard)
		return err
	}, "SELECT name, heard FROM devices")
}

func (x *Index) each(ctx context.Context, f func(scan func(...any) error) error, text string, args ...any) (err error) {
	rows, err := x.read.QueryContext(ctx, text, args...)
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

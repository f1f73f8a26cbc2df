package viewer

import (
	"context"
	"errors"
)

// Source is where the lines of a trace come from.
type Source interface {
	// Name is what the source is, for a title.
	Name() string
	// Next waits for lines. ErrSilent and ErrFull are told once, and lines may come
	// behind them; io.EOF is the end, as any other error is. It is called by one
	// goroutine at a time.
	Next(ctx context.Context) ([]Entry, error)
	// Send sends a command to the module; a source that has none answers with an
	// error.
	Send(command string) error
	// Close ends the trace and lets go of what the source holds. It may be called
	// while Next waits, and again.
	Close() error
}

var (
	// ErrSilent is a module that hasn't answered.
	ErrSilent = errors.New(`no answer: check the address, that the module is on and has the trace (servers = ["trace"] in the plant file), that it allows this computer (allow), and that no firewall holds back UDP 29298`)
	// ErrFull is a module that has as many viewers as it takes.
	ErrFull = errors.New("the module has no place for another viewer: end one of the others")
	// ErrNoModule is a command to a source that isn't a module.
	ErrNoModule = errors.New("no module is being watched here, so there is nobody to send a command to")
)

package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// pieceSize is how much text is read at a time, in bytes; a write is somewhat more.
const pieceSize = 32 << 10

// piece is the buffers of a text under way. Sessions share them, since an idle one
// needs none.
type piece struct{ plain, coded []byte }

func newPiece() any {
	return &piece{plain: make([]byte, pieceSize), coded: make([]byte, 0, pieceSize+pieceSize/8)}
}

// text sends the text and hears what becomes of it. Nothing but a whole text is ended
// with a dot: where it can't be read, the connection ends instead.
func (t *transaction) text(ctx context.Context) error {
	if t.parser.Buffered() > 0 {
		return t.early(ctx, t.outOfTurn(StepText))
	}
	content, err := t.m.Open()
	if err != nil {
		t.broken = true
		return t.unreadable(err)
	}
	defer content.Close()
	var src io.Reader = content
	if t.recode {
		src = t.m.Recode(content)
	}
	if err := t.copy(ctx, src); err != nil {
		t.broken = true
		return err
	}
	r, err := t.read(ctx, StepFinal, t.pool.conf.Timeouts.Final)
	return t.final(StepFinal, r, err)
}

// copy sends a text and its dot. The dot is in the last write, so that a write that
// fails hasn't ended the message.
func (t *transaction) copy(ctx context.Context, src io.Reader) error {
	p, _ := t.pool.pieces.Get().(*piece)
	defer t.pool.pieces.Put(p)
	var enc smtpwire.DataEncoder
	var size int64
	for last := false; !last; {
		n, err := io.ReadFull(src, p.plain)
		last = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return t.unreadable(err)
		}
		size += int64(n)
		p.coded = enc.Append(p.coded[:0], p.plain[:n])
		if last {
			p.coded = enc.Close(p.coded)
		}
		if err := t.write(ctx, StepText, t.pool.conf.Timeouts.Block, p.coded); err != nil {
			return t.early(ctx, err)
		}
	}
	t.trace.sending(amount(size))
	return nil
}

// unreadable is the error of a text of our own that can't be read. No other upstream
// could have it either, but it may be read later.
func (t *transaction) unreadable(err error) error {
	return &Error{Upstream: t.pool.conf.Name, Step: StepText, Err: fmt.Errorf("the message can't be read: %w", err), Message: true}
}

// earlyTime is how long words are waited for that a server may have said before it
// stopped to listen.
const earlyTime = time.Second

// early looks for a refusal that came before the end of the text: it says more than
// the write that failed after it.
func (t *transaction) early(ctx context.Context, lost error) error {
	t.broken = true
	if ctx.Err() != nil {
		return lost
	}
	r, err := t.read(ctx, StepText, earlyTime)
	if err != nil || r.Class() != 4 && r.Class() != 5 {
		return lost
	}
	return t.final(StepText, r, nil)
}

// final judges the answer to the text. Where there is none after the dot, or none
// that can be understood, the server may have the message.
func (t *transaction) final(step Step, r reply.Reply, err error) error {
	if err == nil {
		t.res.Final = r
		if r.Class() == 2 && step == StepFinal {
			return nil
		}
		err = t.refused(step, r)
	}
	if e, ok := errors.AsType[*Error](err); ok && step == StepFinal && e.Reply.Code == 0 {
		e.Maybe = true
	}
	return err
}

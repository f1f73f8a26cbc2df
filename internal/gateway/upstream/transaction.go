package upstream

import (
	"context"
	"strings"

	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// transaction is one message on a session (RFC 5321 section 3.3).
type transaction struct {
	*session
	m      Message
	res    *Result
	recode bool
	said   []reply.Reply // of each recipient; zero before the server has spoken
	due    []question    // sent, and not yet answered
	mail   reply.Reply   // to MAIL, where it isn't 2yz
	data   reply.Reply   // to DATA; zero while it wasn't asked
	heard  bool          // the server has answered anything
}

// question is a command that waits for its answer.
type question struct {
	step Step
	to   int // which recipient, of RCPT
}

// maxDue bounds the commands that are sent ahead of their answers, so that the
// answers find room while we still write (RFC 2920 section 3.1).
const maxDue = 50

// send sends one message. stale tells that the connection was gone before the server
// said a word about this message.
func (s *session) send(ctx context.Context, m Message, res *Result) (stale bool, err error) {
	done := s.watch(ctx)
	defer done()
	s.used++
	res.TLS = s.tls
	t := &transaction{session: s, m: m, res: res, said: make([]reply.Reply, len(m.To))}
	if err := t.plan(); err != nil {
		return false, err
	}
	err = t.envelope(ctx)
	if err == nil {
		err = t.text(ctx)
	}
	t.verdicts(err)
	s.rset = err != nil
	if s.parser.Buffered() > 0 {
		s.broken = true
	}
	return s.lost && !t.heard, err
}

// plan sees whether the server can take the message as it is. A recipient that it
// can't take is refused here, and costs the others nothing.
func (t *transaction) plan() error {
	if !t.offers.utf8 {
		if !t.m.From.IsASCII() {
			return t.cannot(553, "5.6.7", "the sender's address needs SMTPUTF8, which the server doesn't offer")
		}
		for i, to := range t.m.To {
			if !to.IsASCII() {
				t.said[i] = ours(553, "5.6.7", "the address needs SMTPUTF8, which the server doesn't offer")
			}
		}
		if len(t.m.To) > 0 && t.left() == 0 {
			t.verdicts(nil)
			return &Error{Upstream: t.pool.conf.Name, Step: StepRcpt, Reply: t.said[0], Message: true, Permanent: true}
		}
	}
	t.recode = t.m.EightBit && !t.offers.eightBit || t.m.UTF8 && !t.offers.utf8
	if t.recode && t.m.Recode == nil {
		return t.cannot(554, "5.6.3", "the message has 8-bit text, which the server doesn't take and which can't be re-encoded")
	}
	return nil
}

// left is how many recipients nobody has spoken of yet.
func (t *transaction) left() int {
	n := 0
	for _, r := range t.said {
		if r.Code == 0 {
			n++
		}
	}
	return n
}

// cannot is the refusal of a message that was not even tried.
func (t *transaction) cannot(code int, enhanced, why string) error {
	return &Error{
		Upstream: t.pool.conf.Name, Step: StepMail, Reply: ours(code, enhanced, why), Message: true, Permanent: true,
	}
}

// ours is a reply that we give in the server's stead.
func ours(code int, enhanced, text string) reply.Reply {
	return reply.Reply{Code: code, Enhanced: enhanced, Lines: []string{enhanced + " " + text}}
}

// envelope says MAIL, RCPT and DATA, and returns nil where the server waits for the
// text and someone is to get it.
func (t *transaction) envelope(ctx context.Context) error {
	if err := t.ahead(ctx); err != nil {
		return err
	}
	if t.data.Code == 0 && t.mail.Code == 0 && t.taken() > 0 {
		if err := t.put(ctx, question{step: StepData}, "DATA", ""); err != nil {
			return err
		}
		if err := t.settle(ctx); err != nil {
			return err
		}
	}
	if err := t.judge(); err != nil {
		if t.data.Class() == 3 {
			t.nothing(ctx)
		}
		return err
	}
	return nil
}

// ahead says MAIL and RCPT, and DATA too where that needn't wait for the answers.
func (t *transaction) ahead(ctx context.Context) error {
	if t.rset {
		if err := t.put(ctx, question{step: StepReset}, "RSET", ""); err != nil {
			return err
		}
	}
	if err := t.put(ctx, question{step: StepMail}, "MAIL", t.mailArg()); err != nil {
		return err
	}
	for i, to := range t.m.To {
		if t.said[i].Code != 0 {
			continue
		}
		if t.mail.Code != 0 {
			return nil
		}
		if err := t.put(ctx, question{StepRcpt, i}, "RCPT", "TO:<"+to.String()+">"); err != nil {
			return err
		}
	}
	if t.offers.pipelining && t.mail.Code == 0 && (t.taken() > 0 || len(t.due) > 0) {
		if err := t.put(ctx, question{step: StepData}, "DATA", ""); err != nil {
			return err
		}
	}
	return t.settle(ctx)
}

func (t *transaction) mailArg() string {
	utf8 := t.offers.utf8 && (t.m.UTF8 || !t.m.From.IsASCII() || beyondASCII(t.m.To))
	size := t.m.Size
	if t.recode {
		size = 0 // it grows, and nobody knows by how much
	}
	return "FROM:<" + t.m.From.String() + ">" + t.offers.mailParams(size, t.m.EightBit && !t.recode, utf8)
}

func beyondASCII(to []mailaddr.Address) bool {
	for _, a := range to {
		if !a.IsASCII() {
			return true
		}
	}
	return false
}

// put asks a question; the answer is waited for at once, or together with others.
func (t *transaction) put(ctx context.Context, q question, verb, arg string) error {
	if err := t.queue(verb, arg); err != nil {
		t.broken = true
		return t.fail(q.step, err)
	}
	t.due = append(t.due, q)
	if t.offers.pipelining && len(t.due) < maxDue {
		return nil
	}
	return t.settle(ctx)
}

// settle sends what is queued and hears all answers that are due.
func (t *transaction) settle(ctx context.Context) error {
	if len(t.due) == 0 {
		return nil
	}
	if err := t.flush(ctx, t.due[0].step, t.pool.conf.Timeouts.Command); err != nil {
		return err
	}
	for _, q := range t.due {
		d := t.pool.conf.Timeouts.Command
		if q.step == StepData {
			d = t.pool.conf.Timeouts.Data
		}
		r, err := t.read(ctx, q.step, d)
		if err != nil {
			return err
		}
		if err := t.hear(q, r); err != nil {
			return err
		}
	}
	t.due = t.due[:0]
	return nil
}

// hear takes one answer. An error is one after which the connection is of no use.
func (t *transaction) hear(q question, r reply.Reply) error {
	class := r.Class()
	fits := class == 2 && q.step != StepData || r.Code == int(reply.StartMailInput) && q.step == StepData
	alive := r.Code != int(reply.ServiceNotAvailable) && r.Code != int(reply.AuthRequired)
	if !fits && (class != 4 && class != 5 || !alive) {
		return t.refused(q.step, r)
	}
	t.heard = true
	switch q.step { //nolint:exhaustive // the others aren't of a transaction
	case StepReset:
		if !fits {
			t.broken = true
			return t.refused(q.step, r)
		}
	case StepMail:
		if !fits {
			t.mail = r
		}
	case StepRcpt:
		if t.mail.Code == 0 { // else it is only told that MAIL was refused
			t.said[q.to] = t.ofMany(r)
		}
	case StepData:
		t.data = r
	}
	return nil
}

// ofMany makes what it means of a refusal that came since there are too many
// recipients: try the rest again, in a message of their own (RFC 5321 section
// 4.5.3.1.10). Many servers say 552 for it, which elsewhere is final.
func (t *transaction) ofMany(r reply.Reply) reply.Reply {
	if r.Code != int(reply.StorageExceeded) || t.taken() == 0 {
		return r
	}
	if r.Enhanced != "" && r.Enhanced != "5.5.3" && !strings.Contains(strings.ToLower(r.Text()), "too many recipients") {
		return r // such as 5.2.2: the mailbox is full
	}
	return ours(452, "4.5.3", "too many recipients in one message; the server said: "+r.String())
}

// taken is how many recipients the server has taken so far.
func (t *transaction) taken() int {
	n := 0
	for _, r := range t.said {
		if r.Class() == 2 {
			n++
		}
	}
	return n
}

// judge says whether the text is to be sent.
func (t *transaction) judge() error {
	switch {
	case t.mail.Code != 0:
		return t.refused(StepMail, t.mail)
	case t.taken() == 0 && len(t.said) > 0:
		return t.nobody()
	case t.data.Class() != 3:
		return t.refused(StepData, t.data)
	}
	return nil
}

// nobody is the error where every recipient was refused: the first one's words, and
// for good only where all of them are.
func (t *transaction) nobody() error {
	e := &Error{Upstream: t.pool.conf.Name, Step: StepRcpt, Reply: t.said[0], Message: true, Permanent: true}
	for _, r := range t.said {
		e.Permanent = e.Permanent && r.Class() == 5
	}
	return e
}

// nothing ends a text that nobody is to get, since DATA was sent ahead: a dot alone,
// which the server should refuse (RFC 2920 section 3.1).
func (t *transaction) nothing(ctx context.Context) {
	t.trace.sending("(a dot alone)")
	d := t.pool.conf.Timeouts.Command
	if t.write(ctx, StepData, d, []byte(".\r\n")) != nil {
		return
	}
	if r, err := t.read(ctx, StepData, d); err == nil && (r.Class() == 2 || r.Class() == 3 || r.Code == int(reply.ServiceNotAvailable)) {
		t.broken = true
	}
}

// verdicts tells what was settled for each recipient.
func (t *transaction) verdicts(err error) {
	for i, r := range t.said {
		if r.Class() == 2 {
			if err != nil {
				continue // it was to have the text, which didn't go
			}
			r = t.res.Final
		}
		if r.Code != 0 {
			t.res.Verdicts = append(t.res.Verdicts, Verdict{To: t.m.To[i], Reply: r})
		}
	}
}

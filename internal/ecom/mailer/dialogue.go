package mailer

import (
	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/smtpwire"
	"github.com/rungmail/rungmail/reply"
)

// received takes in bytes of the server. A reply that stood behind another one
// was sent before it could be asked for.
func (m *Mailer) received(data []byte) {
	m.replies.Feed(data)
	for early := false; m.phase == running; early = true {
		r, ok, err := m.replies.Next()
		if err != nil {
			m.malformed(err)
			return
		}
		if !ok {
			return
		}
		m.reply(r, early)
	}
}

// malformed ends the job over what is no SMTP reply; the trace shows the line.
func (m *Mailer) malformed(err error) {
	if bad := m.replies.Bad(); bad != "" {
		m.emit(conv.Event{Side: conv.Server, Kind: conv.Received, State: int(m.state), Text: bad})
	}
	m.result.Reply, m.result.Fault = reply.Reply{}, err
	m.finish(StatusInvalidData)
}

// reply takes in one whole reply. A refusal counts in every state, whenever it
// comes; any other reply must be the one that the state waits for.
func (m *Mailer) reply(r reply.Reply, early bool) {
	m.show(r)
	switch class := r.Class(); {
	case class == 4 || class == 5:
		m.refusal(r)
	case early || class != m.awaited():
		m.result.Reply = r
		m.finish(StatusInvalidState)
	default:
		if len(m.result.Refused) == 0 {
			m.result.Reply = r
		}
		m.proceed()
	}
}

// show puts a reply into the trace, a line for each of its lines.
func (m *Mailer) show(r reply.Reply) {
	for _, line := range r.Raw() {
		m.emit(conv.Event{Side: conv.Server, Kind: conv.Received, State: int(m.state), Text: line, Code: r.Code})
	}
}

// awaited is the class of reply that fits the state; 0 where none does.
func (m *Mailer) awaited() int {
	switch m.state {
	case Data:
		return 3
	case Subject, Body:
		return 0
	default:
		return 2
	}
}

// refusal takes in a 4yz or 5yz. Where one recipient is refused the others still
// get their mail; everything else ends the job. 421 ends it always, since the
// server is about to close.
func (m *Mailer) refusal(r reply.Reply) {
	if m.state != RcptTo || r.Code == 421 {
		m.result.Reply = r
		m.finish(r.Code)
		return
	}
	if len(m.result.Refused) == 0 {
		m.result.Reply = r
	}
	m.result.Refused = append(m.result.Refused, m.recipients[m.next])
	m.nextRecipient()
}

// proceed goes on to the next step after a reply that fits.
func (m *Mailer) proceed() {
	switch m.state {
	case Greeting:
		if !m.greeted {
			m.greeted = true
			m.note("Received Greeting.")
			m.command("HELO", m.job.Helo)
			return
		}
		m.enter(MailFrom)
		m.sending("MAIL FROM")
		m.command("MAIL", "FROM:<"+m.job.Message.From.String()+">")
	case MailFrom:
		m.enter(RcptTo)
		m.nextRecipient()
	case RcptTo:
		m.result.Accepted = append(m.result.Accepted, m.recipients[m.next])
		m.nextRecipient()
	case Data:
		m.enter(Subject)
		m.sending("SUBJECT")
		m.compose()
		m.write(m.data.Append(m.out[:0], m.head))
	case End:
		m.finish(m.verdict())
	}
}

// nextRecipient says RCPT for the next recipient, or goes on to DATA; where all
// were refused there is nothing to go on with.
func (m *Mailer) nextRecipient() {
	m.next++
	switch {
	case m.next < len(m.recipients):
		m.sending("RCPT TO")
		m.command("RCPT", "TO:<"+m.recipients[m.next].String()+">")
	case len(m.result.Accepted) == 0:
		m.finish(m.verdict())
	default:
		m.enter(Data)
		m.sending("DATA")
		m.command("DATA", "")
	}
}

// verdict is the status of a conversation that went through: success, unless a
// recipient was refused, since the controller must not be told that all is well.
func (m *Mailer) verdict() int {
	if len(m.result.Refused) > 0 {
		return m.result.Reply.Code
	}
	return StatusSuccess
}

// wrote goes on with the message when all that was written is on its way.
func (m *Mailer) wrote() {
	if m.written < m.writes {
		return
	}
	switch m.state {
	case Data:
		m.compose() // while the server thinks
	case Subject:
		m.enter(Body)
		m.sending("BODY")
		m.write(m.data.Append(m.out[:0], m.job.Message.text()))
	case Body:
		m.enter(End)
		m.sending("END")
		m.write(m.data.Close(m.out[:0]))
	}
}

// compose writes the head of the message, once.
func (m *Mailer) compose() {
	if m.head == nil {
		m.head = m.job.Message.head(m.now)
	}
}

// command sends one command line.
func (m *Mailer) command(verb, arg string) {
	line, err := smtpwire.AppendCommand(m.out[:0], verb, arg)
	if err != nil {
		m.finish(StatusInvalidData)
		return
	}
	m.write(line)
}

// write sends bytes; in the head and the body of a message more follows at once.
func (m *Mailer) write(p []byte) {
	m.out = p
	m.writes++
	m.link.Write(p, m.state == Subject || m.state == Body)
}

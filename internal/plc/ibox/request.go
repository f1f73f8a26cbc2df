package ibox

import (
	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// request makes the command frame of a box. It keeps its buffers, so that a scan
// allocates nothing.
type request struct {
	op     backplane.Op
	parts  []part
	fields []backplane.Field
	text   []byte
	out    []byte
}

// part is one field: fixed text, or text to format.
type part struct {
	id    backplane.FieldID
	fixed []byte
	text  *vprint.Text
}

func newRequest(n *ladder.Node) (r request, err error) {
	r = request{text: make([]byte, 0, 1024), out: make([]byte, 0, backplane.MaxFrame)}
	switch {
	case n.Box.Mnemonic == isa.EmailBox:
		r.op = backplane.SendEmail
		err = r.email(n)
	case n.Box.Mnemonic == isa.RestoreBox:
		r.op = backplane.RestoreEmail
	case n.Box.Mnemonic == isa.SetupBox:
		r.op = backplane.SetupEmail
		err = r.settings(n)
	case n.Box.ROM:
		r.op = backplane.WriteSetup
		err = r.settings(n)
	default:
		r.op = backplane.ReadSetup
		r.read(n)
	}
	r.fields = make([]backplane.Field, len(r.parts))
	return r, err
}

// email compiles the three texts of an ECEMAIL box.
func (r *request) email(n *ladder.Node) error {
	to, _ := n.Value(isa.LabelTo)
	subject, _ := n.Value(isa.LabelSubject)
	body, _ := n.Value(isa.LabelBody)
	subjectText, err := vprint.ParseSubject(subject)
	if err != nil {
		return err
	}
	bodyText, err := vprint.Parse(body)
	if err != nil {
		return err
	}
	r.parts = []part{
		{id: backplane.FieldTo, fixed: []byte(to)},
		{id: backplane.FieldSubject, text: &subjectText},
		{id: backplane.FieldBody, text: &bodyText},
	}
	return nil
}

// frame formats the request with the memory as it is now; one that reads asks for
// its field from a byte on. It fails when the text is over the budget.
func (r *request) frame(env *Env, tag uint16, from int) ([]byte, error) {
	if r.op == backplane.ReadSetup {
		r.parts[0].fixed[0] = byte(from)
	}
	r.text = r.text[:0]
	for i, p := range r.parts {
		data := p.fixed
		if p.text != nil {
			from := len(r.text)
			r.text = p.text.Append(r.text, env.Memory, env.Now, env.Print)
			data = r.text[from:]
		}
		r.fields[i] = backplane.Field{ID: p.id, Data: data}
	}
	var err error
	r.out, err = backplane.AppendCommand(r.out[:0], backplane.Command{Op: r.op, Tag: tag, Fields: r.fields})
	return r.out, err
}

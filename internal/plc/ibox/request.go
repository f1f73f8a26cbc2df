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

// setupFields ties the labels of ECEMSUP to the fields of its command.
var setupFields = []struct {
	label string
	id    backplane.FieldID
}{
	{isa.LabelServer, backplane.FieldServer},
	{isa.LabelName, backplane.FieldName},
	{isa.LabelSender, backplane.FieldSender},
	{isa.LabelPort, backplane.FieldPort},
	{isa.LabelTimeout, backplane.FieldTimeout},
	{isa.LabelCc, backplane.FieldCc},
}

func newRequest(n *ladder.Node) (request, error) {
	r := request{text: make([]byte, 0, 1024), out: make([]byte, 0, backplane.MaxFrame)}
	switch n.Box.Mnemonic {
	case isa.EmailBox:
		r.op = backplane.SendEmail
		if err := r.email(n); err != nil {
			return r, err
		}
	case isa.SetupBox:
		r.op = backplane.SetupEmail
		for _, f := range setupFields {
			if field, ok := n.Field(f.label); ok {
				text, err := vprint.Windows1252(field.Value)
				if err != nil {
					return r, err
				}
				r.parts = append(r.parts, part{id: f.id, fixed: text})
			}
		}
	case isa.RestoreBox:
		r.op = backplane.RestoreEmail
	}
	r.fields = make([]backplane.Field, len(r.parts))
	return r, nil
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

// frame formats the request with the memory as it is now. It fails when the text
// is over the budget.
func (r *request) frame(env *Env, tag uint16) ([]byte, error) {
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

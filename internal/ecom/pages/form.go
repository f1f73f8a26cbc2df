package pages

import (
	"net/http"
	"net/url"
	"strings"
)

// kind is how a field is shown.
type kind string

// The kinds of fields.
const (
	line   kind = "text"
	area   kind = "area"
	choice kind = "choice"
	tick   kind = "check"
	secret kind = "password"
)

// field is one field of a form, and what stands in it.
type field struct {
	Name     string
	Label    string
	Help     string
	Kind     kind
	Numeric  bool // for the keyboard of a phone
	Required bool
	Options  []string // of a choice: value and text are one
	Value    string   // of a tick "on" or empty
	Error    string

	Form   string // the form's ID, which the ids of its fields begin with
	Locked bool
}

// ID is the field's id on its page.
func (f field) ID() string { return f.Form + "-" + f.Name }

// DescribedBy is the ids of the texts that belong to the field.
func (f field) DescribedBy() string {
	var ids []string
	if f.Error != "" {
		ids = append(ids, f.ID()+"-error")
	}
	if f.Help != "" {
		ids = append(ids, f.ID()+"-help")
	}
	return strings.Join(ids, " ")
}

// form is one form as a page shows it.
type form struct {
	ID     string
	Action string
	Submit string // the button's text
	Groups []group
	Intro  []string
	Back   string // where the button leads; empty for none
	Reset  bool
	// Refused is a form with what a person typed: Reset then brings back what
	// there was before by asking for the page again.
	Refused bool
	Made    string // the fingerprint of what the form was made from; empty for none
	Locked  string // why nothing can be changed now
	Fault   string // of the form as a whole
}

// group is fields that belong together.
type group struct {
	Legend string // empty for none
	Fields []field
}

// each calls do for each field, which it may change.
func (f *form) each(do func(*field)) {
	for i := range f.Groups {
		for j := range f.Groups[i].Fields {
			do(&f.Groups[i].Fields[j])
		}
	}
}

// typed puts what a person typed into the fields. A field that wasn't sent stays
// as it is, but a tick that wasn't is off.
func (f *form) typed(values url.Values) {
	f.each(func(x *field) {
		switch {
		case x.Kind == tick:
			x.Value = ""
			if values.Has(x.Name) {
				x.Value = "on"
			}
		case values.Has(x.Name) && x.Kind != secret:
			x.Value = strings.TrimSpace(values.Get(x.Name))
		}
	})
}

// fault is one line of the summary of what is wrong.
type fault struct{ ID, Label, Text string }

// faults is what is wrong with a form.
func (f *form) faults() []fault {
	var list []fault
	if f.Fault != "" {
		list = append(list, fault{Text: f.Fault})
	}
	for _, g := range f.Groups {
		for _, x := range g.Fields {
			label := x.Label
			if g.Legend != "" {
				label = g.Legend + ", " + label
			}
			if x.Error != "" {
				list = append(list, fault{x.ID(), label, x.Error})
			}
		}
	}
	return list
}

// finish makes a form ready to be shown: with a field for the password where there
// is one, and locked for who may not write.
func (p *pages) finish(f *form, r *http.Request) {
	if p.Password != nil {
		f.Groups = append(f.Groups, group{Fields: []field{{
			Name: "password", Label: "Password", Kind: secret, Required: true, Help: "The module asks for it with each change.",
		}}})
	}
	if f.Locked == "" && !p.mayWrite(r) {
		f.Locked = notYours
	}
	f.each(func(x *field) { x.Form, x.Locked = f.ID, f.Locked != "" })
}

// unlock judges the password of a form that was sent, and says what is wrong with
// it beside its field.
func (p *pages) unlock(f *form, r *http.Request) {
	if p.Password == nil {
		return
	}
	wrong, last := p.tries.fault(p.Now(), p.Password, r.PostForm.Get("password"))
	if wrong == wrongPassword {
		p.Log.Warn("wrong password", "page", r.URL.Path, "from", from(r))
	}
	if last {
		p.Log.Warn("too many wrong passwords: none is judged for up to a minute", "from", from(r))
	}
	f.each(func(x *field) {
		if x.Kind == secret {
			x.Error = wrong
		}
	})
}

// status is the HTTP status of a form that was refused.
func (f *form) status() int {
	status := http.StatusUnprocessableEntity
	f.each(func(x *field) {
		if x.Error == waitPassword {
			status = http.StatusTooManyRequests
		}
	})
	return status
}

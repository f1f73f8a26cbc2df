package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/rungmail/rungmail/internal/ecom/settings"
)

// setting is a field of a form and its place in a T, which is a set-up.
type setting[T any] struct {
	field
	get func(T) string
	put func(*T, string) error // what is wrong, in words for a person
}

// row is settings that belong together.
type row[T any] struct {
	legend   string
	settings []setting[T]
}

// editor is a page on which a T is edited.
type editor[T any] struct {
	title string
	form  form // without its fields
	rows  []row[T]
	read  func() T
	write func(func(*T) error) error
	warn  func(T) []string // may be nil
	// done is the note after a write.
	done func() string
	// show shows the page.
	show func(w http.ResponseWriter, r *http.Request, status int, f form, v view)
}

// filled is the editor's form with what is in ROM.
func (e *editor[T]) filled(r *http.Request, p *pages) form {
	now, f := e.read(), e.form
	for _, x := range e.rows {
		g := group{Legend: x.legend}
		for _, s := range x.settings {
			s.Value = s.get(now)
			g.Fields = append(g.Fields, s.field)
		}
		f.Groups = append(f.Groups, g)
	}
	p.finish(&f, r)
	return f
}

// put puts values into a set-up; fault gets what is wrong with a field, and the
// first fault comes back.
func (e *editor[T]) put(t *T, values map[string]string, fault func(name string, err error)) error {
	var first error
	for _, x := range e.rows {
		for _, s := range x.settings {
			if err := s.put(t, values[s.Name]); err != nil {
				fault(s.Name, err)
				if first == nil {
					first = err
				}
			}
		}
	}
	return first
}

// get shows the form as ROM has it.
func (e *editor[T]) get(p *pages, w http.ResponseWriter, r *http.Request) {
	e.answer(w, r, http.StatusOK, e.filled(r, p), view{Note: note(r)})
}

// post writes what was typed to ROM, or shows it again with what is wrong.
func (e *editor[T]) post(p *pages, w http.ResponseWriter, r *http.Request) {
	if !p.takesForm(w, r) {
		return
	}
	f := e.filled(r, p)
	if f.Locked != "" {
		e.answer(w, r, http.StatusConflict, f, view{})
		return
	}
	f.typed(r.PostForm)
	values := map[string]string{}
	f.each(func(x *field) { values[x.Name] = x.Value })
	trial := e.read()
	_ = e.put(&trial, values, func(name string, err error) { // each fault is shown
		f.each(func(x *field) {
			if x.Name == name {
				x.Error = sentence(err)
			}
		})
	})
	p.unlock(&f, r)
	if len(f.faults()) > 0 {
		e.answer(w, r, f.status(), f, view{})
		return
	}
	if err := e.write(func(t *T) error { return e.put(t, values, func(string, error) {}) }); err != nil {
		p.Log.Error("ROM not written", "page", r.URL.Path, "from", r.RemoteAddr, "error", err)
		f.Fault = unwritten(err)
		e.answer(w, r, http.StatusInternalServerError, f, view{})
		return
	}
	p.Log.Info("ROM written", "page", r.URL.Path, "from", r.RemoteAddr)
	http.Redirect(w, r, with(e.form.Action, "note", e.done()), http.StatusSeeOther)
}

func (e *editor[T]) answer(w http.ResponseWriter, r *http.Request, status int, f form, v view) {
	v.Title, v.Faults = e.title, f.faults()
	if e.warn != nil {
		v.Warnings = e.warn(e.read())
	}
	e.show(w, r, status, f, v)
}

// with is an address with one more thing in its query.
func with(address, name, value string) string {
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + name + "=" + url.QueryEscape(value)
}

// unwritten is what to do about ROM that couldn't be written. Paths of the machine
// are for its log only.
func unwritten(err error) string {
	if errors.Is(err, settings.ErrInvalid) {
		return sentence(err)
	}
	cause := "the log of the server says why"
	if no := syscall.Errno(0); errors.As(err, &no) {
		cause = no.Error()
	}
	return "ROM could not be written: " + cause + ". What you typed is still in the form. See to the disk of the server (its space, and the owner and mode of the state folder), then send again."
}

// sentence is an error as a sentence, without what says only that it is one.
func sentence(err error) string {
	text := err.Error()
	if _, after, ok := strings.Cut(text, settings.ErrInvalid.Error()+": "); ok {
		text = after
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[size:], ".") + "."
}

// checked is a put of a field whose bounds the set-up knows itself: what it refuses
// is taken back.
func checked[T interface{ Validate() error }](set func(*T, string) error) func(*T, string) error {
	return func(t *T, text string) error {
		before := *t
		err := set(t, text)
		if err == nil {
			err = (*t).Validate()
		}
		if err != nil {
			*t = before
		}
		return err
	}
}

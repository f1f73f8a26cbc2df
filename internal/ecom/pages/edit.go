package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
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

// maxMade bounds a fingerprint that a browser sends, in bytes: a longer one is none
// of ours.
const maxMade = 64

// editor is a page on which a T is edited.
type editor[T any] struct {
	title string
	form  form // without its fields
	rows  []row[T]
	read  func() T
	write func(func(*T) error) error
	warn  func(T) []notice // may be nil
	// done is the name of the note after a write.
	done func() string
	// show shows the page.
	show func(w http.ResponseWriter, r *http.Request, status int, f form, v view)
}

// filled is the editor's form with what is in ROM.
func (e *editor[T]) filled(r *http.Request, p *pages) form {
	now, f := e.read(), e.form
	f.Made = e.fingerprint(now)
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

// fingerprint tells one state of what the form shows from another.
func (e *editor[T]) fingerprint(t T) string {
	hash := sha256.New()
	for _, x := range e.rows {
		for _, s := range x.settings {
			fmt.Fprintf(hash, "%s=%q\n", s.Name, s.get(t))
		}
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}

// errChanged is a write over what a person hasn't seen.
var errChanged = errors.New("ROM has changed since this page was opened; Send again to overwrite it")

// change puts values into a set-up that still is as made says; an empty made asks
// for nothing, since scripts send none. Whoever presses Send twice writes the same
// twice, and that is no change.
func (e *editor[T]) change(t *T, made string, values map[string]string) error {
	before := e.fingerprint(*t)
	if err := e.put(t, values, func(string, error) {}); err != nil {
		return err
	}
	if made != "" && made != before && e.fingerprint(*t) != before {
		return errChanged
	}
	return nil
}

// changed is the names of the fields that differ between two set-ups, for the log.
func (e *editor[T]) changed(before, after T) string {
	var names []string
	for _, x := range e.rows {
		for _, s := range x.settings {
			if s.get(before) != s.get(after) {
				names = append(names, s.Name)
			}
		}
	}
	return strings.Join(names, ",")
}

// get shows the form as ROM has it.
func (e *editor[T]) get(p *pages, w http.ResponseWriter, r *http.Request) {
	e.answer(w, r, http.StatusOK, e.filled(r, p), view{Note: p.note(r)})
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
	f.Refused = true // unless it is taken
	f.Made = short(r.PostForm.Get("made"), maxMade)
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
	e.save(p, w, r, f, values)
}

// save writes values to ROM, and says how that went.
func (e *editor[T]) save(p *pages, w http.ResponseWriter, r *http.Request, f form, values map[string]string) {
	var changed string
	err := e.write(func(t *T) error {
		before := *t
		err := e.change(t, f.Made, values)
		changed = e.changed(before, *t)
		return err
	})
	switch {
	case errors.Is(err, errChanged):
		p.Log.Info("ROM not written: it has changed since the page was opened", "page", r.URL.Path, "from", from(r))
		f.Fault, f.Made = sentence(err), e.fingerprint(e.read())
		e.answer(w, r, http.StatusConflict, f, view{})
		return
	case err != nil:
		p.Log.Error("ROM not written", "page", r.URL.Path, "from", from(r), "error", err)
		f.Fault = unwritten(err)
		e.answer(w, r, http.StatusInternalServerError, f, view{})
		return
	}
	p.Log.Info("ROM written", "page", r.URL.Path, "from", from(r), "changed", changed)
	http.Redirect(w, r, with(e.form.Action, "note", e.done()), http.StatusSeeOther)
}

func (e *editor[T]) answer(w http.ResponseWriter, r *http.Request, status int, f form, v view) {
	v.Title, v.Nothing, v.Faults = e.title, "Nothing was written", f.faults()
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

// sentence is an error as a sentence, without what says only that it is one; of
// several lines each is one.
func sentence(err error) string {
	text := err.Error()
	if _, after, ok := strings.Cut(text, settings.ErrInvalid.Error()+": "); ok {
		text = after
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		first, size := utf8.DecodeRuneInString(l)
		lines[i] = string(unicode.ToUpper(first)) + strings.TrimSuffix(l[size:], ".") + "."
	}
	return strings.Join(lines, "\n")
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

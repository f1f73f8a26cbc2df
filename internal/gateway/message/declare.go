package message

import (
	"mime"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// entity is what a header declares of its body (RFC 2045).
type entity struct {
	typed    bool              // there is a Content-Type
	clear    bool              // and its parameters can be read
	media    string            // in lower case; "text/plain" where there is none or a bad one
	params   map[string]string // of the Content-Type
	encoding string            // Content-Transfer-Encoding in lower case; "" for none
}

// declared reads a header's declarations, the first of each. A Content-Type is read as
// it is once it is ASCII, so that mending it changes nothing of what it says.
func declared(fields []Field, c *charmap.Charmap) entity {
	e := entity{media: "text/plain"}
	for _, f := range fields {
		switch {
		case f.Is("Content-Type") && !e.typed:
			e.typed = true
			e.contentType(bounded(asciiValue("Content-Type", unfold(f.value()), c)))
		case f.Is("Content-Transfer-Encoding") && e.encoding == "":
			e.encoding = strings.ToLower(string(unfold(f.value())))
		}
	}
	return e
}

// contentType reads a Content-Type. Bad parameters don't cost the type.
func (e *entity) contentType(value string) {
	media, params, err := mime.ParseMediaType(value)
	if err != nil {
		media, _, _ = strings.Cut(value, ";")
		media = strings.ToLower(strings.TrimSpace(media))
	}
	e.clear, e.params = err == nil, params
	if strings.Contains(media, "/") {
		e.media = media
	}
}

// maxParsed bounds the values that are parsed, in bytes: no honest one is longer, and
// not every parser of the library takes time in proportion.
const maxParsed = 4 << 10

// bounded is a value to be parsed; what is over the bound isn't looked at.
func bounded(value []byte) string { return string(value[:min(len(value), maxParsed)]) }

// text tells whether a body is text as far as the header says.
func (e entity) text() bool { return strings.HasPrefix(e.media, "text/") }

// multipart tells whether a body is several parts.
func (e entity) multipart() bool { return strings.HasPrefix(e.media, "multipart/") }

// identity tells whether a body stands there as it is. Words that no standard knows
// ("8 bit", "utf-8") are a device's way to say so.
func (e entity) identity() bool {
	return e.encoding != "quoted-printable" && e.encoding != "base64" && !strings.HasPrefix(e.encoding, "x-")
}

// fitting is the encoding that suits a body.
func (e entity) fitting() string {
	if e.text() && e.encoding != "binary" || strings.HasPrefix(e.media, "message/") {
		return "quoted-printable"
	}
	return "base64"
}

// silent tells whether the header doesn't say what 8-bit text is.
func (e entity) silent() bool {
	name := e.params["charset"]
	return e.text() && (e.clear || !e.typed) && (name == "" || strings.EqualFold(name, "us-ascii")) && e.identity()
}

// declaration passes a Content-Type or Content-Transfer-Encoding on, corrected where
// the body isn't what it says.
func (m *mender) declaration(f Field) {
	lies := m.o.BodyCharset != "" && m.mime.identity()
	switch {
	case f.Is("Content-Transfer-Encoding"):
		m.has.encoding = true
		if lies && (m.mime.encoding == "7bit" || m.mime.encoding == "") {
			m.note("Content-Transfer-Encoding: 8bit instead of 7bit")
			m.out = appendField(m.out, "Content-Transfer-Encoding", []byte("8bit"))
			return
		}
	case lies && m.mime.silent() && m.mime.typed:
		params := make(map[string]string, len(m.mime.params)+1)
		for k, v := range m.mime.params {
			params[k] = v
		}
		params["charset"] = m.o.BodyCharset
		if value := mime.FormatMediaType(m.mime.media, params); value != "" {
			m.note("Content-Type: charset added")
			m.write("Content-Type", []byte(value))
			return
		}
	}
	m.pass(f)
}

// declare adds what is missing of MIME's fields.
func (m *mender) declare() {
	lies := m.o.BodyCharset != "" && m.mime.identity()
	if !m.has.version && (m.mime.typed || m.has.encoding || lies) {
		m.add("MIME-Version", "1.0")
	}
	if lies && !m.mime.typed {
		m.add("Content-Type", "text/plain; charset="+m.o.BodyCharset)
	}
	if lies && !m.has.encoding {
		m.add("Content-Transfer-Encoding", "8bit")
	}
}

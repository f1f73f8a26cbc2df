// Package reply holds what is known about SMTP replies and ECOM100 status
// codes: what a code says, what it means for the mail, and what to do next.
//
// Most callers need two things: [Reply], one reply as a server sent it, and
// [Diagnose], which reads the three outputs of an ECEMAIL box. The package
// depends on the standard library only and opens no file and no socket.
package reply

import (
	"fmt"
	"strings"
)

// Reply is one SMTP reply, of one or more lines (RFC 5321 section 4.2).
type Reply struct {
	// Code is the three-digit reply code, 100-999.
	Code int
	// Enhanced is the enhanced status code that the first line begins with
	// (RFC 3463), such as "5.7.1"; empty when there is none or when its class
	// isn't the reply's own.
	Enhanced string
	// Lines is the text of each line after the code and its separator, the
	// enhanced code included, without line end. A parsed reply has at least one.
	Lines []string
}

// Class is the first digit of the code: 2 done, 3 go on, 4 try later, 5 no.
func (r Reply) Class() int { return r.Code / 100 }

// Text is the reply's lines joined by a blank, without the code.
func (r Reply) Text() string { return strings.Join(r.Lines, " ") }

// String is the reply as one line, for logs and messages: "550 no such user".
func (r Reply) String() string {
	if r.Text() == "" {
		return fmt.Sprintf("%03d", r.Code)
	}
	return fmt.Sprintf("%03d %s", r.Code, r.Text())
}

// Raw is each line as it stood on the wire: "250-first", "250 last".
func (r Reply) Raw() []string {
	raw := make([]string, len(r.Lines))
	code := fmt.Sprintf("%03d", r.Code)
	for i, text := range r.Lines {
		sep := "-"
		if i == len(r.Lines)-1 {
			sep = " "
		}
		raw[i] = code + sep + text
	}
	return raw
}
